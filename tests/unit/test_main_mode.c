/* SPDX-License-Identifier: ISC */
/*
 * test_main_mode.c - reading Main Mode: what must not establish an SA, what must not prevent one, and every suite.
 */
#include <stdio.h>
#include <string.h>

#include "ike/header.h"
#include "ike/identity.h"
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

static bool was_refused(const struct duo *duo, enum duo_node node, enum ike_verdict verdict)
{
	for (size_t i = 0; i < duo->events[node]; i++)
		if (duo->event[node][i].kind == IKE_EVENT_REFUSED &&
		    duo->event[node][i].verdict == verdict)
			return true;
	return false;
}

/* ---- who must stay out --------------------------------------------------------------------------------------------- */

START_TEST(test_wrong_secret)
{
	struct duo *duo = duo_new(1);

	duo_secret(duo, DUO_B, "another secret than A has");
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 9 * IKE_SECOND);
	/* the responder sees noise where MM5 should be, and says so at once */
	ck_assert(was_refused(duo, DUO_B, IKE_UNREADABLE));
	/* the initiator hears of it, without believing it */
	ck_assert_ptr_nonnull(duo_last(duo, DUO_A, IKE_EVENT_PEER_SAYS));
	ck_assert(!duo_last(duo, DUO_A, IKE_EVENT_PEER_SAYS)->authenticated);
	duo_run(duo, 40 * IKE_SECOND);
	expect_failure(duo, DUO_B, IKE_WHY_REFUSED, IKE_UNREADABLE);
	duo_free(duo);
}
END_TEST

START_TEST(test_wrong_identity)
{
	struct duo *duo = duo_new(2);

	ck_assert(ike_identity_from_text("fqdn:somebody.else", &duo->peer[DUO_B].remote_identity));
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 2 * IKE_SECOND); /* known under a HASH that holds, so at once */
	expect_failure(duo, DUO_B, IKE_WHY_REFUSED, IKE_WRONG_IDENTITY);
	ck_assert_str_eq(duo_last(duo, DUO_B, IKE_EVENT_FAILED)->text, "fqdn:a.example");
	duo_free(duo);
}
END_TEST

START_TEST(test_initiator_refuses_a_wrong_responder)
{
	struct duo *duo = duo_new(3);

	ck_assert(ike_identity_from_text("fqdn:somebody.else", &duo->peer[DUO_A].remote_identity));
	duo->keepalive[DUO_A].recovery.attempt_timeout = 60 * IKE_SECOND;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 50 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	ck_assert(was_refused(duo, DUO_A, IKE_WRONG_IDENTITY));
	duo_free(duo);
}
END_TEST

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

/* Answers a node with its own messages, under a responder's cookie that equals the initiator's. */
static bool mirror(struct duo *duo, struct duo_datagram *datagram)
{
	(void)duo;
	datagram->to = datagram->to == DUO_A ? DUO_B : DUO_A;
	memcpy(datagram->data + IKE_COOKIE_LENGTH, datagram->data, IKE_COOKIE_LENGTH);
	return true;
}

/* With equal cookies and equal public values HASH_I would be HASH_R, and whoever has no secret could send us our own. */
START_TEST(test_nobody_is_established_with_himself)
{
	struct duo *duo = duo_new(33);

	duo->deliver = mirror;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 40 * IKE_SECOND);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_ESTABLISHED), 0);
	duo_free(duo);
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

/* ---- suites and identities ----------------------------------------------------------------------------------------- */

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

START_TEST(test_every_identity_type)
{
	static const char *const identities[] = {"ipv4:192.0.2.1", "ipv6:2001:db8::1",
						 "fqdn:gw.example", "user-fqdn:joe@example",
						 "key-id:0x6c6162"};

	for (size_t i = 0; i < sizeof(identities) / sizeof(identities[0]); i++) {
		struct duo *duo = duo_new((uint8_t)(60 + i));

		ck_assert(ike_identity_from_text(identities[i], &duo->peer[DUO_A].local_identity));
		ck_assert(ike_identity_from_text(identities[i], &duo->peer[DUO_B].remote_identity));
		duo_start(duo);
		duo_establish(duo);
		ck_assert_str_eq(duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->text, identities[i]);
		duo_free(duo);
	}
}
END_TEST

UNIT_MAIN("main_mode", test_wrong_secret, test_wrong_identity,
	  test_initiator_refuses_a_wrong_responder, test_no_common_proposal_shows_both_offers,
	  test_stranger_is_not_answered, test_peer_that_never_answers,
	  test_damaged_message_does_not_end_the_handshake, test_bad_public_values,
	  test_nobody_is_established_with_himself, test_each_message_lost_once,
	  test_each_message_twice, test_first_message_is_repeated_by_the_same_cookie,
	  test_every_cipher_with_every_hash, test_every_group, test_every_identity_type)
