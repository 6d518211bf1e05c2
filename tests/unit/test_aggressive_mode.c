/* SPDX-License-Identifier: ISC */
/*
 * test_aggressive_mode.c - Aggressive Mode: what must not establish an SA, what must not prevent one, and every suite.
 */
#include <stdio.h>
#include <string.h>

#include "ike/core.h"
#include "ike/identity.h"
#include "tests/support/signers.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

static void both(struct duo *duo)
{
	duo->peer[DUO_A].aggressive = duo->peer[DUO_B].aggressive = true;
}

static struct duo *aggressive_duo(uint8_t seed)
{
	struct duo *duo = duo_new(seed);

	both(duo);
	return duo;
}

static bool was_refused(const struct duo *duo, enum duo_node node, enum ike_verdict verdict)
{
	for (size_t i = 0; i < duo->events[node]; i++)
		if (duo->event[node][i].kind == IKE_EVENT_REFUSED &&
		    duo->event[node][i].verdict == verdict)
			return true;
	return false;
}

/* ---- suites -------------------------------------------------------------------------------------------------------- */

static void expect_up(struct duo *duo, uint16_t authentication)
{
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		const struct ike_event *event = duo_last(duo, node, IKE_EVENT_ESTABLISHED);

		ck_assert_uint_eq(duo_established(duo, node), 1);
		ck_assert(event->aggressive && event->supported);
		ck_assert_uint_eq(event->authentication, authentication);
	}
	duo_run(duo, 30 * IKE_SECOND);
	ck_assert_uint_ge(duo_count_reports(duo, DUO_A, IKE_REPORT_ALIVE), 1);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_REFUSED), 0);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_REFUSED), 0);
}

static void establish_with(const char *proposal)
{
	struct duo *duo = aggressive_duo(1);

	duo_propose(duo, DUO_A, proposal);
	duo_propose(duo, DUO_B, proposal);
	duo_start(duo);
	duo_establish(duo);
	expect_up(duo, IKE_AUTHENTICATION_PSK);
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
					     "modp3072", "modp4096", "ecp256",   "ecp384",
					     "ecp521",   "x25519"};

	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
		char proposal[64];

		snprintf(proposal, sizeof(proposal), "aes128-sha256-%s", groups[g]);
		establish_with(proposal);
	}
}
END_TEST

START_TEST(test_signatures)
{
	static const struct {
		uint16_t authentication;
		const char *proposal;
	} methods[] = {
	    {IKE_AUTHENTICATION_RSA_SIGNATURE, "3des-sha1-modp1024"},
	    {IKE_AUTHENTICATION_RSA_SIGNATURE, "aes256-sha256-x25519"},
	    {IKE_AUTHENTICATION_ECDSA_256, "aes128-sha256-ecp256"},
	    {IKE_AUTHENTICATION_ECDSA_384, "aes256-sha384-ecp384"},
	    {IKE_AUTHENTICATION_ECDSA_521, "aes256-sha512-ecp521"},
	};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		struct signers signers;
		struct duo *duo = signers_duo(&signers, 2, methods[i].authentication);

		both(duo);
		duo_propose(duo, DUO_A, methods[i].proposal);
		duo_propose(duo, DUO_B, methods[i].proposal);
		duo_start(duo);
		duo_establish(duo);
		expect_up(duo, methods[i].authentication);
		signers_free(&signers, duo);
	}
}
END_TEST

/* The group is that of the first proposal, and offered is all that goes with it. */
START_TEST(test_offers_are_of_one_group)
{
	struct duo *duo = aggressive_duo(3);
	struct ike_message message;
	struct ike_offer offers[8];
	size_t count;

	ck_assert(ike_proposal_parse("aes256-sha256-x25519", &duo->peer[DUO_A].proposal[0]));
	ck_assert(ike_proposal_parse("aes256-sha256-modp2048", &duo->peer[DUO_A].proposal[1]));
	ck_assert(ike_proposal_parse("aes128-sha1-x25519", &duo->peer[DUO_A].proposal[2]));
	duo->peer[DUO_A].proposals = 3;
	duo_start(duo);
	duo_establish(duo); /* by the third, the only one that B takes */
	tap_read(tap_plain(tap_nth(duo, IKE_AM1, 0)), &message);
	ck_assert_int_eq(ike_offers_parse(tap_body(&message, IKE_PAYLOAD_SA), offers, 8, &count),
			 IKE_ACCEPTED);
	ck_assert_uint_eq(count, 2);
	ck_assert_uint_eq(offers[1].proposal.group, IKE_GROUP_CURVE25519);
	duo_free(duo);
}
END_TEST

/* ---- who must stay out --------------------------------------------------------------------------------------------- */

START_TEST(test_only_for_whom_it_is_configured)
{
	struct duo *duo = aggressive_duo(4);
	struct ike_status status;

	duo->peer[DUO_B].aggressive = false;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 10 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	ck_assert(was_refused(duo, DUO_B, IKE_BAD_EXCHANGE_TYPE));
	ike_status(duo->core[DUO_B], &status);
	ck_assert_uint_eq(status.sas, 0);
	ck_assert_uint_lt(duo->sent_octets[DUO_B], duo->sent_octets[DUO_A]);
	duo_free(duo);
}
END_TEST

/* The initiator sees it first, in HASH_R, and is not established; the responder hears nothing more. */
START_TEST(test_wrong_secret)
{
	struct duo *duo = aggressive_duo(5);

	duo_secret(duo, DUO_B, "another secret than A has");
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 60 * IKE_SECOND);
	ck_assert(was_refused(duo, DUO_A, IKE_AUTHENTICATION_FAILED));
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_ESTABLISHED), 0);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_ESTABLISHED), 0);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_FAILED)->why, IKE_WHY_REFUSED);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_FAILED)->verdict,
			 IKE_AUTHENTICATION_FAILED);
	ck_assert_int_eq(duo_last(duo, DUO_B, IKE_EVENT_FAILED)->why, IKE_WHY_NO_ANSWER);
	duo_free(duo);
}
END_TEST

START_TEST(test_wrong_identities)
{
	for (enum duo_node strict = DUO_A; strict < DUO_NODES; strict++) {
		struct duo *duo = aggressive_duo(6);

		ck_assert(ike_identity_from_text("fqdn:somebody.else",
						 &duo->peer[strict].remote_identity));
		duo_start(duo);
		duo_connect(duo, DUO_A);
		duo_run(duo, 20 * IKE_SECOND);
		ck_assert(was_refused(duo, strict, IKE_WRONG_IDENTITY));
		ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
		ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
		duo_free(duo);
	}
}
END_TEST

/* An SA that was begun by one exchange hears nothing of the other. */
static bool as_main_mode(struct duo *duo, struct duo_datagram *datagram)
{
	(void)duo;
	if (datagram->to == DUO_A && datagram->data[18] == IKE_EXCHANGE_AGGRESSIVE)
		datagram->data[18] = IKE_EXCHANGE_MAIN_MODE;
	return true;
}

START_TEST(test_the_other_exchange)
{
	struct duo *duo = aggressive_duo(7);

	duo->deliver = as_main_mode;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 20 * IKE_SECOND);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_ESTABLISHED), 0);
	ck_assert(was_refused(duo, DUO_A, IKE_OUT_OF_STATE));
	duo_free(duo);
}
END_TEST

/* ---- damage, loss and repeats -------------------------------------------------------------------------------------- */

struct mishap {
	unsigned message, seen; /* the how-manieth datagram of all, from 1 */
	bool twice, lose;
	size_t at; /* an octet that is changed, where it is neither */
};

static bool one_mishap(struct duo *duo, struct duo_datagram *datagram)
{
	struct mishap *mishap = duo->context;

	if (++mishap->seen != mishap->message)
		return true;
	if (mishap->lose)
		return false;
	if (mishap->twice)
		(void)duo_inject(duo, datagram->to, datagram->data, datagram->length);
	else if (mishap->at < datagram->length)
		datagram->data[mishap->at] ^= 0x41;
	return true;
}

static void run_with(struct duo *duo, struct mishap mishap, ike_time duration)
{
	duo->deliver = one_mishap;
	duo->context = &mishap;
	duo->keepalive[DUO_A].recovery.attempt_timeout = 60 * IKE_SECOND;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, duration);
	ck_assert_msg(duo_established(duo, DUO_A) == 1 && duo_established(duo, DUO_B) == 1,
		      "message %u, octet %zu%s%s", mishap.message, mishap.at,
		      mishap.twice ? ", twice" : "", mishap.lose ? ", lost" : "");
	duo->deliver = NULL;
}

static void each_message_once(bool signatures, bool lose)
{
	for (unsigned message = 1; message <= 4; message++) {
		struct mishap mishap = {.message = message, .lose = lose, .twice = !lose};
		struct signers signers = {0};
		struct duo *duo = signatures
				      ? signers_duo(&signers, 8, IKE_AUTHENTICATION_RSA_SIGNATURE)
				      : duo_new(8);

		both(duo);
		run_with(duo, mishap, 8 * IKE_SECOND);
		ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_ESTABLISHED), 1);
		ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_ESTABLISHED), 1);
		signers_free(&signers, duo);
	}
}

START_TEST(test_each_message_lost_once)
{
	each_message_once(false, true);
	each_message_once(true, true);
}
END_TEST

START_TEST(test_each_message_twice)
{
	each_message_once(false, false);
	each_message_once(true, false);
}
END_TEST

/* As in Main Mode: the original comes again, and nothing has been spoilt. */
START_TEST(test_damaged_message_does_not_end_the_handshake)
{
	for (unsigned message = 1; message <= 3; message++) {
		for (size_t at = 0; at < 480; at += 7) {
			struct mishap mishap = {.message = message, .at = at};
			struct duo *duo = aggressive_duo((uint8_t)(message * 31 + at));

			run_with(duo, mishap, 100 * IKE_SECOND);
			duo_free(duo);
		}
	}
}
END_TEST

START_TEST(test_damaged_signed_message_does_not_end_the_handshake)
{
	for (unsigned message = 1; message <= 3; message++) {
		for (size_t at = 3; at < 1800; at += 83) {
			struct mishap mishap = {.message = message, .at = at};
			struct signers signers;
			struct duo *duo = signers_duo(&signers, (uint8_t)(message * 31 + at),
						      IKE_AUTHENTICATION_ECDSA_256);

			both(duo);
			run_with(duo, mishap, 100 * IKE_SECOND);
			signers_free(&signers, duo);
		}
	}
}
END_TEST

static bool lose_third(struct duo *duo, struct duo_datagram *datagram)
{
	(void)duo;
	return datagram->to == DUO_A || datagram->data[18] != IKE_EXCHANGE_AGGRESSIVE ||
	       (datagram->data[19] & IKE_FLAG_ENCRYPTION) == 0;
}

/* AM3 is said again until something is heard under the SA, and not for ever. */
START_TEST(test_third_message_is_repeated_until_something_is_heard)
{
	struct duo *duo = aggressive_duo(9);

	duo->deliver = lose_third;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 4 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	ck_assert_uint_ge(tap_count(duo, IKE_AM3), 2);
	duo->deliver = NULL;
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	ck_assert_uint_eq(duo->core[DUO_A]->handshakes, 0);
	duo_free(duo);
	duo = aggressive_duo(10);
	duo->deliver = lose_third;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 18 * IKE_SECOND);
	ck_assert_uint_le(tap_count(duo, IKE_AM3), 5);
	duo_free(duo);
}
END_TEST

/* What overtakes AM3 waits for it: INITIAL-CONTACT comes right behind. */
static bool hold_third(struct duo *duo, struct duo_datagram *datagram)
{
	bool *held = duo->context;

	if (!lose_third(duo, datagram) && !*held) {
		*held = true;
		datagram->at += IKE_SECOND / 2;
	}
	return true;
}

/* R54 */
START_TEST(test_overtaken_third_message)
{
	struct duo *duo = aggressive_duo(11);
	bool held = false;

	duo->deliver = hold_third;
	duo->context = &held;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert(held);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT), 1);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_REFUSED), 0);
	duo_free(duo);
}
END_TEST

/* ---- renewal, and both at once ------------------------------------------------------------------------------------- */

START_TEST(test_renewal_is_aggressive_too)
{
	struct duo *duo = aggressive_duo(12);
	struct ike_sa_status sa;

	duo->peer[DUO_A].lifetime = 60;
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 70 * IKE_SECOND);
	ck_assert_uint_ge(tap_count(duo, IKE_AM1), 2);
	ck_assert_uint_eq(tap_count(duo, IKE_MM1), 0);
	ck_assert_uint_eq(duo_in_use(duo, DUO_A, &sa), 1);
	ck_assert_uint_eq(duo_in_use(duo, DUO_B, &sa), 1);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_FAILED), 0);
	duo_free(duo);
}
END_TEST

START_TEST(test_simultaneous_initiation_converges)
{
	struct ike_sa_status a, b;
	struct duo *duo = aggressive_duo(13);

	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_connect(duo, DUO_B);
	duo_run(duo, 30 * IKE_SECOND);
	ck_assert_uint_eq(duo_in_use(duo, DUO_A, &a), 1);
	ck_assert_uint_eq(duo_in_use(duo, DUO_B, &b), 1);
	ck_assert_mem_eq(a.cky_i, b.cky_i, IKE_COOKIE_LENGTH);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("aggressive_mode", test_every_cipher_with_every_hash, test_every_group, test_signatures,
	  test_offers_are_of_one_group, test_only_for_whom_it_is_configured, test_wrong_secret,
	  test_wrong_identities, test_the_other_exchange, test_each_message_lost_once,
	  test_each_message_twice, test_damaged_message_does_not_end_the_handshake,
	  test_damaged_signed_message_does_not_end_the_handshake,
	  test_third_message_is_repeated_until_something_is_heard, test_overtaken_third_message,
	  test_renewal_is_aggressive_too, test_simultaneous_initiation_converges)
