/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ike/registry.h"
#include "ike/verdict.h"
#include "tests/support/unit.h"

START_TEST(test_only_accepted_has_no_section)
{
	ck_assert_int_eq(IKE_ACCEPTED, 0); /* counters and tables are zeroed with that in mind */
	ck_assert_str_eq(ike_verdict_section(IKE_ACCEPTED), "");
	for (unsigned i = 1; i < IKE_VERDICTS; i++)
		ck_assert_str_ne(ike_verdict_section(i), "");
}
END_TEST

START_TEST(test_every_verdict_says_what_is_wrong_in_one_line)
{
	for (unsigned i = 0; i < IKE_VERDICTS; i++) {
		const char *sentence = ike_verdict_sentence(i);
		size_t length = strlen(sentence);

		ck_assert_uint_gt(length, 7);
		ck_assert(sentence[length - 1] != '.');
		ck_assert_ptr_null(strchr(sentence, '\n'));
		for (unsigned j = 0; j < i; j++) {
			ck_assert_str_ne(sentence, ike_verdict_sentence(j));
			ck_assert_str_ne(ike_verdict_name(i), ike_verdict_name(j));
		}
	}
}
END_TEST

/* What is said to a peer is an error type that the RFC has (RFC 2408 section 3.14.1), or nothing. */
START_TEST(test_notifications_are_errors_with_a_name)
{
	for (unsigned i = 0; i < IKE_VERDICTS; i++) {
		uint16_t notify = ike_verdict_notify(i);

		if (notify == 0)
			continue;
		ck_assert_uint_lt(notify, IKE_NOTIFY_FIRST_STATUS);
		ck_assert_ptr_nonnull(ike_notify_name(notify));
	}
}
END_TEST

/* Nobody learns from an answer that a protected message was nearly right. */
START_TEST(test_silence_about_what_was_protected)
{
	ck_assert_uint_eq(ike_verdict_notify(IKE_ACCEPTED), 0);
	ck_assert_uint_eq(ike_verdict_notify(IKE_BAD_HASH), 0);
	ck_assert_uint_eq(ike_verdict_notify(IKE_REUSED_MESSAGE_ID), 0);
	ck_assert_uint_eq(ike_verdict_notify(IKE_KEEPALIVE_OLD_NUMBER), 0);
	ck_assert_uint_eq(ike_verdict_notify(IKE_RATE_LIMITED), 0);
}
END_TEST

START_TEST(test_entries)
{
	ck_assert_str_eq(ike_verdict_name(IKE_BAD_HASH), "BAD_HASH");
	ck_assert_str_eq(ike_verdict_section(IKE_BAD_HASH), "RFC 2409 section 5.7");
	ck_assert_str_eq(ike_verdict_sentence(IKE_TOO_SHORT), "shorter than an ISAKMP header");
	ck_assert_uint_eq(ike_verdict_notify(IKE_NO_PROPOSAL_CHOSEN),
			  IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
}
END_TEST

UNIT_MAIN("verdict", test_only_accepted_has_no_section,
	  test_every_verdict_says_what_is_wrong_in_one_line,
	  test_notifications_are_errors_with_a_name, test_silence_about_what_was_protected,
	  test_entries)
