/* SPDX-License-Identifier: ISC */
/*
 * Phase 1 malformed in every way that a program can think of (PROTOS, 2005: most vendors fell to it), tiny and torn headers, missing
 * payloads, payloads of no length.  What must hold: it ends with a verdict; nobody who is established loses anything; what may have
 * begun is half-open and goes away; and no more octets go out than came in.
 */
#include <string.h>

#include "ike/core.h"
#include "ike/proposal.h"
#include "tests/support/caller.h"
#include "tests/support/corpus.h"
#include "tests/support/forge.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

static struct {
	uint64_t octets;
	uint8_t cky_r[IKE_COOKIE_LENGTH];
	bool has_2;
} answered;

static void note_answer(struct duo *duo, enum duo_node from, const struct ike_datagram *datagram)
{
	(void)duo;
	(void)from;
	answered.octets += datagram->length;
	if (datagram->data[16] == IKE_PAYLOAD_SA) {
		memcpy(answered.cky_r, datagram->data + IKE_COOKIE_LENGTH, IKE_COOKIE_LENGTH);
		answered.has_2 = true;
	}
}

/* B, which anybody may call, has an SA with A. */
static struct duo *target(uint8_t seed)
{
	struct duo *duo = duo_new(seed);

	duo->peer[DUO_B].gateways = 0;
	duo->stray = note_answer;
	siege_begin(duo);
	return duo;
}

static void cookie_of(size_t n, uint8_t cky_i[IKE_COOKIE_LENGTH])
{
	memset(cky_i, 0x6b, IKE_COOKIE_LENGTH);
	cky_i[5] = (uint8_t)(n >> 16);
	cky_i[6] = (uint8_t)(n >> 8);
	cky_i[7] = (uint8_t)n;
}

static size_t verdicts_but_accepted(const struct duo *duo)
{
	struct ike_status status;
	size_t count = 0;

	ike_status(duo->core[DUO_B], &status);
	for (int i = IKE_ACCEPTED + 1; i < IKE_VERDICTS; i++)
		count += status.verdict[i];
	return count;
}

/* Sends one from a stranger's address and holds B against what must hold. */
static void one(struct duo *duo, const struct corpus *corpus, const struct ike_address *from,
		const char *what)
{
	uint64_t before = siege_digest(duo, DUO_B, SIEGE_WHAT_MATTERS);
	enum ike_verdict verdict;

	answered.octets = 0;
	verdict = siege_send(duo, DUO_B, from, corpus->data, corpus->length);
	answered.octets = siege_drain(duo, DUO_B);
	if (siege_digest(duo, DUO_B, SIEGE_WHAT_MATTERS) != before)
		ck_abort_msg("%s, case %zu (%s at %zu): %s, and something has changed", what,
			     corpus->cases, corpus_sort(corpus), corpus->at,
			     ike_verdict_name(verdict));
	if (answered.octets > corpus->length)
		ck_abort_msg("%s, case %zu (%s at %zu): %zu octets answered with %llu", what,
			     corpus->cases, corpus_sort(corpus), corpus->at, corpus->length,
			     (unsigned long long)answered.octets);
}

/* Lets what is half-open go away, now and then. */
static void breathe(struct duo *duo, size_t n)
{
	if (n % 700 != 699)
		return;
	(void)siege_run(duo, 31 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
}

static void expect_alive(struct duo *duo)
{
	struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW};
	struct ike_status status;

	(void)siege_run(duo, 31 * IKE_SECOND);
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &ask));
	duo_run(duo, 50 * IKE_MILLISECOND);
	ck_assert_ptr_nonnull(duo_last_report(duo, DUO_A, IKE_REPORT_ALIVE));
	ike_status(duo->core[DUO_B], &status);
	ck_assert_uint_eq(status.established, 1);
	ck_assert_uint_eq(status.sas, 1);
	ck_assert_uint_eq(status.handshakes, 0);
}

/* Every case has a cookie and an address of its own, so that no limit hides it; those are then no part of the damage. */
static size_t corpus_of(struct duo *duo, const struct caller *good, const char *what)
{
	struct corpus corpus;

	corpus_begin(&corpus, octets_of(good->data, good->length));
	while (corpus_next(&corpus)) {
		struct ike_address from = siege_address((uint32_t)corpus.cases);

		if (corpus.at >= IKE_COOKIE_LENGTH || corpus.length < corpus.good_length)
			cookie_of(corpus.cases, corpus.data);
		one(duo, &corpus, &from, what);
		breathe(duo, corpus.cases);
	}
	return corpus.cases;
}

static void message_1(struct caller *caller, const char *const *proposals, size_t count)
{
	struct ike_proposal proposal[8];
	uint8_t room[1024], cky_i[IKE_COOKIE_LENGTH];
	struct wire_writer body;

	cookie_of(0, cky_i);
	for (size_t i = 0; i < count; i++)
		ck_assert(ike_proposal_parse(proposals[i], &proposal[i]));
	wire_write_to(&body, room, sizeof(room));
	ike_offers_write(&body, proposal, count, IKE_AUTHENTICATION_PSK, 86400);
	caller_begin(caller, IKE_EXCHANGE_MAIN_MODE, cky_i, NULL);
	caller_payload(caller, IKE_PAYLOAD_SA, wire_written(&body));
	caller_payload_hex(caller, IKE_PAYLOAD_VENDOR_ID, "afcad71368a1f1c96b8696fc77570100");
	caller_payload_hex(caller, IKE_PAYLOAD_NOTIFY, "00000001 01 00 6002");
	(void)caller_finish(caller);
}

START_TEST(protos_isakmp_corpus_of_first_messages)
{
	static const char *const proposals[] = {"aes128-sha1-x25519", "3des-md5-modp1024",
						"aes256-sha256-modp2048"};
	struct duo *duo = target(1);
	struct caller good;
	size_t cases;

	message_1(&good, proposals, 3);
	cases = corpus_of(duo, &good, "MM1");
	ck_assert_uint_gt(cases, 8000);
	ck_assert_uint_gt(verdicts_but_accepted(duo), cases / 2);
	expect_alive(duo);
	duo_free(duo);
}
END_TEST

/* The same as the first message of the exchanges that are not offered, and in the clear as notification and Delete. */
START_TEST(protos_isakmp_corpus_of_other_exchanges)
{
	static const uint8_t exchanges[] = {IKE_EXCHANGE_AGGRESSIVE, IKE_EXCHANGE_BASE,
					    IKE_EXCHANGE_INFORMATIONAL, IKE_EXCHANGE_QUICK_MODE};
	struct duo *duo = target(2);

	for (size_t i = 0; i < sizeof(exchanges); i++) {
		uint8_t cky_i[IKE_COOKIE_LENGTH];
		struct caller good;

		cookie_of(0, cky_i);
		caller_begin(&good, exchanges[i], cky_i,
			     exchanges[i] == IKE_EXCHANGE_QUICK_MODE ? cky_i : NULL);
		if (exchanges[i] != IKE_EXCHANGE_INFORMATIONAL) {
			caller_payload_hex(&good, IKE_PAYLOAD_SA,
					   "00000001 00000001 0000002c 01 01 00 01 00000024 01 01 "
					   "0000 80010007 80020002 80030001 80040002 800e0080");
			caller_payload_hex(&good, IKE_PAYLOAD_NONCE, "00112233445566778899");
			caller_payload_hex(&good, IKE_PAYLOAD_ID, "01 11 01f4 0a000001");
		} else {
			caller_payload_hex(&good, IKE_PAYLOAD_NOTIFY,
					   "00000001 01 10 0004 00112233445566778899aabbccddeeff");
			caller_payload_hex(&good, IKE_PAYLOAD_DELETE,
					   "00000001 01 10 0001 00112233445566778899aabbccddeeff");
		}
		(void)caller_finish(&good);
		ck_assert_uint_gt(corpus_of(duo, &good, "another exchange"), 3000);
		ck_assert_uint_eq(duo->core[DUO_B]->handshakes, 0);
	}
	expect_alive(duo);
	duo_free(duo);
}
END_TEST

/* A caller whose MM1 has been answered: an MM3 of his is expected. */
static bool call(struct duo *duo, size_t n, uint8_t cky_i[IKE_COOKIE_LENGTH])
{
	struct ike_address from = siege_address((uint32_t)n);
	struct caller first;

	cookie_of(n, cky_i);
	(void)caller_message_1(&first, cky_i, &duo->peer[DUO_B].proposal[0]);
	answered.has_2 = false;
	(void)siege_send(duo, DUO_B, &from, first.data, first.length);
	duo_run(duo, 0);
	siege_forget(duo);
	return answered.has_2;
}

START_TEST(protos_isakmp_corpus_of_third_messages)
{
	static const uint8_t value[32] = {9, 8, 7};
	uint8_t cky_i[IKE_COOKIE_LENGTH] = {1};
	struct duo *duo = target(3);
	struct corpus corpus;
	struct caller good;

	(void)caller_message_3(&good, cky_i, cky_i, octets_of(value, sizeof(value)));
	corpus_begin(&corpus, octets_of(good.data, good.length));
	while (corpus_next(&corpus)) {
		struct ike_address from = siege_address((uint32_t)corpus.cases);

		if (corpus.at >= 2 * IKE_COOKIE_LENGTH || corpus.length < corpus.good_length) {
			ck_assert(call(duo, corpus.cases, cky_i));
			memcpy(corpus.data, cky_i, IKE_COOKIE_LENGTH);
			memcpy(corpus.data + IKE_COOKIE_LENGTH, answered.cky_r, IKE_COOKIE_LENGTH);
		}
		one(duo, &corpus, &from, "MM3");
		duo_run(duo, 0); /* and Diffie-Hellman with it, where it was good enough */
		breathe(duo, corpus.cases);
	}
	ck_assert_uint_gt(corpus.cases, 3000);
	expect_alive(duo);
	duo_free(duo);
}
END_TEST

/* ---- answers, to the one who has called ---------------------------------------------------------------------------- */

/*
 * A is in the midst of a call to B, and hears what is no answer.  What is refused changes nothing; what is accepted, because only a
 * vendor ID or a nonce was changed in it, comes to nothing, and A calls again.  Under sanitizers every fourth case only.
 */
static void answers(enum ike_message_kind kind, size_t least, size_t *accepted)
{
	struct siege_held held;
	struct duo *duo = duo_new(9);
	struct corpus corpus;

	siege_hold(duo, kind, &held);
	corpus_begin(&corpus, octets_of(held.data, held.length));
	while (corpus_next(&corpus)) {
		uint64_t before = siege_digest(duo, DUO_A, SIEGE_BUT_REFUSALS);
		struct ike_address b = duo->peer[DUO_A].gateway[0];
		enum ike_verdict verdict = siege_send(duo, DUO_A, &b, corpus.data, corpus.length);
		size_t out = siege_drain(duo, DUO_A);

		if (out > corpus.length)
			ck_abort_msg("case %zu: %zu octets answered with %zu", corpus.cases,
				     corpus.length, out);
		if (verdict != IKE_ACCEPTED && verdict != IKE_HINT_ONLY &&
		    siege_digest(duo, DUO_A, SIEGE_BUT_REFUSALS) != before)
			ck_abort_msg("case %zu (%s at %zu): %s, and something has changed",
				     corpus.cases, corpus_sort(&corpus), corpus.at,
				     ike_verdict_name(verdict));
		siege_forgive(duo, DUO_A);
		if (verdict != IKE_ACCEPTED)
			continue;
		(*accepted)++;
		duo_free(duo);
		duo = duo_new(9); /* equal seeds, so that it comes as far by the same octets */
		siege_hold(duo, kind, &held);
	}
	ck_assert_uint_gt(corpus.cases, least);
	duo->deliver = NULL;
	(void)siege_run(duo, 60 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
}

START_TEST(protos_isakmp_corpus_of_answers)
{
	size_t accepted = 0;

	answers(IKE_MM2, 3000, &accepted);
	answers(IKE_MM4, 3000, &accepted);
	answers(IKE_MM6, 3000, &accepted);
	ck_assert_uint_gt(accepted, 0);
}
END_TEST

/* ---- tiny and torn ------------------------------------------------------------------------------------------------- */

/* With the cookies of an SA and of none; every length from 0 to 28 that a datagram can have, and every one it can claim. */
START_TEST(cve_2013_4564_tiny_lengths_and_versions)
{
	struct duo *duo = siege_new(4);
	struct ike_address a = duo->peer[DUO_B].gateway[0];
	uint64_t before = siege_digest(duo, DUO_B, SIEGE_EVERYTHING);
	struct caller caller;
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	for (int with_sa = 0; with_sa < 2; with_sa++) {
		forge.cky_i[0] ^= 1;
		for (size_t length = 0; length <= IKE_HEADER_LENGTH; length++) {
			for (unsigned claimed = 0; claimed <= IKE_HEADER_LENGTH + 1; claimed++) {
				caller_begin(&caller, IKE_EXCHANGE_INFORMATIONAL, forge.cky_i,
					     forge.cky_r);
				(void)caller_finish(&caller);
				caller_patch_u16(&caller, IKE_HEADER_LENGTH_AT + 2, claimed);
				ck_assert_int_ne(siege_send(duo, DUO_B, &a, caller.data, length),
						 IKE_ACCEPTED);
			}
		}
		for (unsigned version = 0; version < 256; version++) {
			enum ike_verdict verdict;

			if (version == 0x10)
				continue;
			caller_begin(&caller, IKE_EXCHANGE_INFORMATIONAL, forge.cky_i, forge.cky_r);
			caller_payload_hex(&caller, IKE_PAYLOAD_NOTIFY, "00000001 01 00 000e");
			(void)caller_finish(&caller);
			caller.data[17] = (uint8_t)version;
			verdict = siege_send(duo, DUO_B, &a, caller.data, caller.length);
			ck_assert_int_eq(verdict, version >> 4 == 1 ? IKE_BAD_MINOR_VERSION
								    : IKE_BAD_MAJOR_VERSION);
		}
	}
	ck_assert(siege_digest(duo, DUO_B, SIEGE_EVERYTHING) == before);
	duo_free(duo);
}
END_TEST

/* A generic header of 0 to 3 octets, at every payload of a first message: refused, not walked round and round. */
START_TEST(cve_2004_0218_zero_length_payloads)
{
	static const size_t at[] = {28, 40, 48, 88, 124, 128, 148, 160};
	static const char *const proposals[] = {"aes128-sha1-x25519", "3des-md5-modp1024"};
	struct duo *duo = target(5);
	size_t places = 0;

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		for (unsigned length = 0; length < 4; length++) {
			struct ike_address from = siege_address((uint32_t)(4 * i) + length);
			enum ike_verdict verdict;
			struct caller caller;

			message_1(&caller, proposals, 2);
			if (at[i] + 4 > caller.length ||
			    caller.data[at[i] + 2] << 8 >= (int)caller.length)
				continue;
			cookie_of(4 * i + length, caller.data);
			caller_patch_u16(&caller, at[i] + 2, length);
			verdict = siege_send(duo, DUO_B, &from, caller.data, caller.length);
			places +=
			    verdict == IKE_PAYLOAD_TOO_SHORT || verdict == IKE_BAD_PROPOSAL_SYNTAX;
			ck_assert_uint_le(duo->core[DUO_B]->handshakes, 8);
		}
	}
	ck_assert_uint_ge(places, 16);
	expect_alive(duo);
	duo_free(duo);
}
END_TEST

/* ---- missing payloads ---------------------------------------------------------------------------------------------- */

static const struct {
	uint8_t type;
	const char *body;
} payloads[] = {
    {IKE_PAYLOAD_SA, "00000001 00000001 0000002c 01 01 00 01 00000024 01 01 0000"
		     "80010007 80020002 80030001 80040002 800e0080 800b0001 800c7080"},
    {IKE_PAYLOAD_KE, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"},
    {IKE_PAYLOAD_ID, "01 00 0000 c0000201"},
    {IKE_PAYLOAD_HASH, "00112233445566778899aabbccddeeff00112233"},
    {IKE_PAYLOAD_NONCE, "00112233445566778899"},
    {IKE_PAYLOAD_NOTIFY, "00000001 01 00 000e"},
    {IKE_PAYLOAD_DELETE, "00000001 03 04 0001 11223344"},
    {IKE_PAYLOAD_VENDOR_ID, ""},
};

#define PAYLOADS (sizeof(payloads) / sizeof(payloads[0]))

/*
 * Every exchange with every subset of the payloads that there are, none of them and all of them included, to somebody who has an
 * SA, who has none, and who has a half-open one; flagged as encrypted as well.  Under sanitizers every fifth of them.
 */
START_TEST(cve_2020_1763_missing_payloads)
{
	static const uint8_t exchanges[] = {1, 2, 3, 4, 5, 6, 32, 33};
	struct duo *duo = target(6);
	struct corpus message = {.cases = 0};
	size_t sent = 0;
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	for (size_t i = 0; i < sizeof(exchanges) * (1u << PAYLOADS) * 6;
	     i += SIEGE_SANITIZED ? 5 : 1) {
		size_t set = i / 6 / sizeof(exchanges), state = i % 3;
		struct ike_address from = siege_address((uint32_t)i);
		uint8_t cky_i[IKE_COOKIE_LENGTH];
		struct caller caller;

		cookie_of(i, cky_i);
		if (state == 0)
			from = duo->peer[DUO_B].gateway[0];
		else if (state == 1)
			(void)call(duo, i, cky_i);
		caller_begin(&caller, exchanges[i / 6 % sizeof(exchanges)],
			     state == 0 ? forge.cky_i : cky_i,
			     state == 0   ? forge.cky_r
			     : state == 1 ? answered.cky_r
					  : NULL);
		for (size_t k = 0; k < PAYLOADS; k++)
			if ((set >> k & 1) != 0)
				caller_payload_hex(&caller, payloads[k].type, payloads[k].body);
		message.length = caller_finish(&caller);
		memcpy(message.data, caller.data, caller.length);
		message.data[IKE_HEADER_FLAGS_AT] = i / 3 % 2 == 0 ? 0 : IKE_FLAG_ENCRYPTION;
		message.cases = i;
		one(duo, &message, &from, "a set of payloads");
		breathe(duo, ++sent);
	}
	expect_alive(duo);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("protos", protos_isakmp_corpus_of_first_messages, protos_isakmp_corpus_of_other_exchanges,
	  protos_isakmp_corpus_of_third_messages, protos_isakmp_corpus_of_answers,
	  cve_2013_4564_tiny_lengths_and_versions, cve_2004_0218_zero_length_payloads,
	  cve_2020_1763_missing_payloads)
