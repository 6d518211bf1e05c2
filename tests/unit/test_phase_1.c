/* SPDX-License-Identifier: ISC */
/*
 * test_phase_1.c - what is read in every Phase 1: first messages, offers, public values.
 */
#include <string.h>

#include "ike/header.h"
#include "tests/support/duo.h"
#include "tests/support/unit.h"

static bool was_refused(const struct duo *duo, enum duo_node node, enum ike_verdict verdict)
{
	for (size_t i = 0; i < duo->events[node]; i++)
		if (duo->event[node][i].kind == IKE_EVENT_REFUSED &&
		    duo->event[node][i].verdict == verdict)
			return true;
	return false;
}

START_TEST(test_no_common_proposal_shows_both_offers)
{
	struct duo *duo = duo_new(4);

	duo_propose(duo, DUO_A, "aes256-sha256-x25519");
	duo_propose(duo, DUO_B, "aes128-sha1-x25519");
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	ck_assert(was_refused(duo, DUO_B, IKE_NO_PROPOSAL_CHOSEN));
	ck_assert_ptr_nonnull(duo_last(duo, DUO_B, IKE_EVENT_OFFERS));
	ck_assert_ptr_nonnull(
	    strstr(duo_last(duo, DUO_B, IKE_EVENT_OFFERS)->text, "aes256-sha256-x25519"));
	ck_assert_ptr_nonnull(
	    strstr(duo_last(duo, DUO_B, IKE_EVENT_OFFERS)->text, "aes128-sha1-x25519"));
	/* the initiator is told why, in the clear, which ends nothing; when its time is over the report says so */
	ck_assert_uint_eq(duo_last(duo, DUO_A, IKE_EVENT_PEER_SAYS)->notify_type,
			  IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_FAILED), 0);
	duo_run(duo, 10 * IKE_SECOND);
	ck_assert_uint_eq(duo_last(duo, DUO_A, IKE_EVENT_FAILED)->notify_type,
			  IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
	duo_free(duo);
}
END_TEST

START_TEST(test_stranger_is_not_answered)
{
	struct duo *duo = duo_new(5);

	duo->peer[DUO_B].gateway[0].octets[3] = 99; /* B expects somebody else */
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert(was_refused(duo, DUO_B, IKE_NO_PEER));
	ck_assert_uint_eq(duo->sent[DUO_B], 0);
	duo_free(duo);
}
END_TEST

/* CVE-2015-3240: public values that are no public values. */
START_TEST(test_bad_public_values)
{
	struct duo *duo = duo_new(7);
	uint8_t message[IKE_DATAGRAM_MAX];
	size_t length = 0;

	duo_propose(duo, DUO_A, "aes128-sha1-modp2048");
	duo_propose(duo, DUO_B, "aes128-sha1-modp2048");
	duo->deliver = NULL;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	/* run until MM3 is on its way, and take it */
	while (length == 0) {
		duo_run(duo, IKE_MILLISECOND);
		for (size_t i = 0; i < duo->datagrams && length == 0; i++) {
			if (duo->datagram[i].data[16] != IKE_PAYLOAD_KE || duo->datagram[i].gone)
				continue;
			duo->datagram[i].gone = true;
			length = duo->datagram[i].length;
			memcpy(message, duo->datagram[i].data, length);
		}
	}
	for (int which = 0; which < 3; which++) {
		uint8_t bad[IKE_DATAGRAM_MAX];
		uint8_t *value = bad + IKE_HEADER_LENGTH + 4;

		memcpy(bad, message, length);
		memset(value, which == 2 ? 0xff : 0, 256); /* 0, 1, and more than p */
		value[255] = which == 0 ? 0 : 1;
		ck_assert_int_eq(duo_inject(duo, DUO_B, bad, length), IKE_BAD_KEY_EXCHANGE);
	}
	ck_assert_int_eq(duo_inject(duo, DUO_B, message, length), IKE_ACCEPTED);
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_first_message_is_repeated_by_the_same_cookie)
{
	struct duo *duo = duo_new(8);
	uint8_t message[IKE_DATAGRAM_MAX];
	size_t length;
	struct ike_status status;

	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 2 * IKE_SECOND);
	length = duo->datagram[0].length;
	memcpy(message, duo->datagram[0].data, length);
	for (int i = 0; i < 50; i++)
		ck_assert_int_ne(duo_inject(duo, DUO_B, message, length), IKE_ACCEPTED);
	ike_status(duo->core[DUO_B], &status);
	ck_assert_uint_eq(status.sas, 1);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("phase_1", test_no_common_proposal_shows_both_offers, test_stranger_is_not_answered,
	  test_bad_public_values, test_first_message_is_repeated_by_the_same_cookie)
