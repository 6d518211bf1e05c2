/* SPDX-License-Identifier: ISC */
/*
 * test_main_mode.c - reading Main Mode: what must not establish an SA, what must not prevent one, and every suite.
 */
#include <stdio.h>
#include <string.h>

#include "ike/header.h"
#include "tests/support/duo.h"
#include "tests/support/unit.h"

static void expect_failure(struct duo *duo, enum duo_node node, enum ike_why why,
			   enum ike_verdict verdict)
{
	const struct ike_event *event = duo_last(duo, node, IKE_EVENT_FAILED);

	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	ck_assert_ptr_nonnull(event);
	ck_assert_int_eq(event->why, why);
	ck_assert_int_eq(event->verdict, verdict);
}

/* ---- who must stay out --------------------------------------------------------------------------------------------- */

static bool lose_everything(struct duo *duo, struct duo_datagram *datagram)
{
	(void)duo;
	(void)datagram;
	return false;
}

START_TEST(test_peer_that_never_answers)
{
	struct duo *duo = duo_new(6);

	duo->deliver = lose_everything;
	duo->keepalive[DUO_A].recovery.attempt_timeout = 120 * IKE_SECOND;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 45 * IKE_SECOND);
	expect_failure(duo, DUO_A, IKE_WHY_NO_ANSWER, IKE_ACCEPTED);
	ck_assert_uint_ge(duo->sent[DUO_A], 5);
	/* five tries, and as many of the next attempt as fit */
	ck_assert_uint_le(duo->sent[DUO_A], 10);
	duo_free(duo);
}
END_TEST

/* ---- messages that were tampered with ------------------------------------------------------------------------------ */

struct tamper {
	unsigned message; /* the how-manieth datagram of all, from 1 */
	unsigned seen;
	size_t at;
	uint8_t flip;
};

static bool tamper_with_one(struct duo *duo, struct duo_datagram *datagram)
{
	struct tamper *tamper = duo->context;

	if (++tamper->seen == tamper->message && tamper->at < datagram->length)
		datagram->data[tamper->at] ^= tamper->flip;
	return true;
}

/*
 * One damaged copy of any message of Phase 1, at any octet: the original comes again, and nothing has been spoilt.  What
 * neither HASH covers may be changed unnoticed (the responder's vendor ID), which costs nothing but the keepalive.
 */
START_TEST(test_damaged_message_does_not_end_the_handshake)
{
	for (unsigned message = 1; message <= 6; message++) {
		for (size_t at = 0; at < 200; at += 7) {
			struct duo *duo = duo_new((uint8_t)(message * 31 + at));
			struct tamper tamper = {.message = message, .at = at, .flip = 0x41};

			duo->deliver = tamper_with_one;
			duo->context = &tamper;
			duo->keepalive[DUO_A].recovery.attempt_timeout = 60 * IKE_SECOND;
			duo_start(duo);
			duo_connect(duo, DUO_A);
			duo_run(duo, 100 * IKE_SECOND);
			ck_assert_msg(duo_established(duo, DUO_A) == 1 &&
					  duo_established(duo, DUO_B) == 1,
				      "message %u damaged at octet %zu", message, at);
			duo_free(duo);
		}
	}
}
END_TEST

/* ---- what must not prevent one ------------------------------------------------------------------------------------- */

struct mishap {
	unsigned message;
	unsigned seen;
	bool twice;
};

static bool one_mishap(struct duo *duo, struct duo_datagram *datagram)
{
	struct mishap *mishap = duo->context;

	if (++mishap->seen != mishap->message)
		return true;
	if (!mishap->twice)
		return false;
	(void)duo_inject(duo, datagram->to, datagram->data, datagram->length);
	return true;
}

static void each_message_once(bool twice)
{
	for (unsigned message = 1; message <= 6; message++) {
		struct duo *duo = duo_new((uint8_t)(40 + message));
		struct mishap mishap = {.message = message, .twice = twice};

		duo->deliver = one_mishap;
		duo->context = &mishap;
		duo_start(duo);
		duo_connect(duo, DUO_A);
		duo_run(duo, 8 * IKE_SECOND);
		ck_assert_msg(duo_established(duo, DUO_A) == 1 && duo_established(duo, DUO_B) == 1,
			      "message %u %s", message, twice ? "twice" : "lost");
		ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_ESTABLISHED), 1);
		ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_ESTABLISHED), 1);
		duo_free(duo);
	}
}

START_TEST(test_each_message_lost_once)
{
	each_message_once(false);
}
END_TEST

START_TEST(test_each_message_twice)
{
	each_message_once(true);
}
END_TEST

/* ---- suites -------------------------------------------------------------------------------------------------------- */

static void establish_with(const char *proposal)
{
	struct duo *duo = duo_new(9);
	char text[64];

	duo_propose(duo, DUO_A, proposal);
	duo_propose(duo, DUO_B, proposal);
	duo_start(duo);
	duo_establish(duo);
	ike_proposal_text(&duo_last(duo, DUO_A, IKE_EVENT_ESTABLISHED)->proposal, text,
			  sizeof(text));
	ck_assert_str_eq(text, proposal);
	duo_run(duo, 30 * IKE_SECOND);
	ck_assert_uint_ge(duo_count_reports(duo, DUO_A, IKE_REPORT_ALIVE), 1);
	duo_free(duo);
}

START_TEST(test_every_cipher_with_every_hash)
{
	static const char *const ciphers[] = {"3des", "aes128", "aes192", "aes256"};
	static const char *const hashes[] = {"md5", "sha1", "sha256", "sha384", "sha512"};

	for (size_t c = 0; c < 4; c++) {
		for (size_t h = 0; h < 5; h++) {
			char proposal[64];

			snprintf(proposal, sizeof(proposal), "%s-%s-x25519", ciphers[c], hashes[h]);
			establish_with(proposal);
		}
	}
}
END_TEST

START_TEST(test_every_group)
{
	static const char *const groups[] = {"modp768",  "modp1024", "modp1536", "modp2048",
					     "modp3072", "modp4096", "modp6144", "modp8192",
					     "ecp256",   "ecp384",   "ecp521",   "x25519"};

	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
		char proposal[64];

		snprintf(proposal, sizeof(proposal), "aes128-sha256-%s", groups[g]);
		establish_with(proposal);
	}
}
END_TEST

UNIT_MAIN("main_mode", test_peer_that_never_answers,
	  test_damaged_message_does_not_end_the_handshake, test_each_message_lost_once,
	  test_each_message_twice, test_every_cipher_with_every_hash, test_every_group)
