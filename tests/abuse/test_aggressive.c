/* SPDX-License-Identifier: ISC */
/*
 * Aggressive Mode under attack: whoever calls gets an answer to guess the secret from (CVE-2002-1623), after one message and with
 * the work of Diffie-Hellman on our side.  So it is only for whom it is configured, within the limits of all half-open SAs, and an
 * answer is hardly longer than what it answers.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/caller.h"
#include "tests/support/siege.h"
#include "tests/support/signers.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

static const uint8_t cky_i[IKE_COOKIE_LENGTH] = "acookie";

/* PSK, aes128-sha1, and that group. */
#define OFFER(group)                                                                               \
	"00000001 00000001 0000002c 01010001 00000024 01010000 80010007 80020002 80030001"         \
	" 8004" group " 800e0080 800b0001 800c7080"

#define SOME_POINT "0900000000000000000000000000000000000000000000000000000000000000"

/* AM1 with the group of 2048 bits where `ke` is NULL, and that public value; else with Curve25519 and `ke`. */
static void message_1(struct caller *caller, const uint8_t *cookie, const char *ke,
		      struct octets value, const char *id)
{
	caller_begin(caller, IKE_EXCHANGE_AGGRESSIVE, cookie, NULL);
	caller_payload_hex(caller, IKE_PAYLOAD_SA, ke != NULL ? OFFER("001f") : OFFER("000e"));
	if (ke != NULL)
		caller_payload_hex(caller, IKE_PAYLOAD_KE, ke);
	else
		caller_payload(caller, IKE_PAYLOAD_KE, value);
	caller_payload_hex(caller, IKE_PAYLOAD_NONCE, "00112233445566778899aabbccddeeff");
	caller_payload_hex(caller, IKE_PAYLOAD_ID, id);
}

#define A_EXAMPLE "02 00 0000 612e6578616d706c65"

/* Both established by Aggressive Mode, and quiet. */
static struct duo *aggressive_siege(uint8_t seed)
{
	struct duo *duo = duo_new(seed);

	duo->peer[DUO_A].aggressive = duo->peer[DUO_B].aggressive = true;
	ck_assert(ike_proposal_parse("aes128-sha1-modp2048", &duo->peer[DUO_B].proposal[1]));
	duo->peer[DUO_B].proposals = 2;
	siege_begin(duo);
	return duo;
}

/* From A's address; refused, nothing is kept of it, and what comes back is no longer. */
static void expect_refused(struct duo *duo, struct caller *caller, enum ike_verdict verdict)
{
	uint64_t before = siege_digest(duo, DUO_B, SIEGE_WHAT_MATTERS);
	uint32_t half_open = duo->core[DUO_B]->handshakes;
	struct ike_address a = duo->peer[DUO_B].gateway[0];
	size_t length = caller_finish(caller);
	enum ike_verdict got = siege_send(duo, DUO_B, &a, caller->data, length);

	ck_assert_msg(got == verdict, "%s and not %s", ike_verdict_name(got),
		      ike_verdict_name(verdict));
	ck_assert_uint_le(siege_drain(duo, DUO_B), length);
	ck_assert_uint_eq(duo->core[DUO_B]->handshakes, half_open);
	ck_assert_ptr_null(duo->core[DUO_B]->first_work);
	ck_assert(siege_digest(duo, DUO_B, SIEGE_WHAT_MATTERS) == before);
}

/* ---- public values, identities, shapes ----------------------------------------------------------------------------- */

/* CVE-2015-3240 in the first message: before anything is kept, and before there is a key pair. */
START_TEST(cve_2015_3240_degenerate_public_values_in_am1)
{
	struct duo *duo = aggressive_siege(1);
	static uint8_t value[256];
	struct caller caller;

	for (unsigned which = 0; which < 4; which++) {
		memset(value, which == 3 ? 0xff : 0, sizeof(value));
		value[255] = which == 3 ? 0xff : (uint8_t)which; /* 0, 1, 2, more than p */
		message_1(&caller, cky_i, NULL, octets_of(value, sizeof(value)), A_EXAMPLE);
		if (which != 2)
			expect_refused(duo, &caller, IKE_BAD_KEY_EXCHANGE);
	}
	/* p - 1 */
	memset(value, 0xff, sizeof(value));
	(void)unit_hex("ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74"
		       "020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437"
		       "4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
		       "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05"
		       "98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb"
		       "9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b"
		       "e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf695581718"
		       "3995497cea956ae515d2261898fa051015728e5a8aacaa68fffffffffffffffe",
		       value, sizeof(value));
	message_1(&caller, cky_i, NULL, octets_of(value, sizeof(value)), A_EXAMPLE);
	expect_refused(duo, &caller, IKE_BAD_KEY_EXCHANGE);
	/* of no group that is offered with it */
	for (size_t length = 0; length < 256; length += 51) {
		message_1(&caller, cky_i, NULL, octets_of(value, length), A_EXAMPLE);
		expect_refused(duo, &caller, IKE_NO_PROPOSAL_CHOSEN);
	}
	/* a point of small order shows when g^xy is computed, and ends it */
	message_1(&caller, cky_i,
		  "0100000000000000000000000000000000000000000000000000000000000000",
		  octets_of(NULL, 0), A_EXAMPLE);
	(void)caller_finish(&caller);
	ck_assert_int_eq(duo_inject(duo, DUO_B, caller.data, caller.length), IKE_ACCEPTED);
	ck_assert_uint_eq(duo->core[DUO_B]->handshakes, 1);
	duo_run(duo, IKE_MILLISECOND);
	ck_assert_uint_eq(siege_verdicts(duo, DUO_B, IKE_BAD_KEY_EXCHANGE), 5);
	ck_assert_uint_eq(duo->core[DUO_B]->handshakes, 0);
	duo_free(duo);
}
END_TEST

START_TEST(cve_2023_30570_identities_in_aggressive_mode)
{
	static const struct {
		const char *id;
		enum ike_verdict verdict;
	} bad[] = {
	    {"", IKE_PAYLOAD_TOO_SHORT},
	    {"00", IKE_PAYLOAD_TOO_SHORT},
	    {"0b 11 ffff", IKE_BAD_IDENTITY},
	    {"01 00 0000 c0", IKE_BAD_IDENTITY},
	    {"02 00 0000", IKE_BAD_IDENTITY},
	    {"ff ff ffff ff", IKE_BAD_IDENTITY},
	    {"04 00 0000 c0000200 ffffff00", IKE_BAD_IDENTITY},
	};
	struct duo *duo = aggressive_siege(2);
	struct caller caller;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		message_1(&caller, cky_i, SOME_POINT, octets_of(NULL, 0), bad[i].id);
		expect_refused(duo, &caller, bad[i].verdict);
	}
	duo_free(duo);
}
END_TEST

/* Every set of payloads with one missing, and with one twice. */
START_TEST(cve_2020_1763_missing_payloads_in_aggressive_mode)
{
	static const uint8_t types[] = {IKE_PAYLOAD_SA, IKE_PAYLOAD_KE, IKE_PAYLOAD_NONCE,
					IKE_PAYLOAD_ID};
	static const char *const bodies[] = {OFFER("001f"), SOME_POINT,
					     "00112233445566778899aabbccddeeff", A_EXAMPLE};
	struct duo *duo = aggressive_siege(3);
	struct caller caller;

	for (unsigned set = 0; set < 81; set++) {
		bool missing = false, twice = false;
		unsigned digits = set;

		caller_begin(&caller, IKE_EXCHANGE_AGGRESSIVE, cky_i, NULL);
		for (size_t i = 0; i < 4; i++, digits /= 3) {
			for (unsigned n = 0; n < digits % 3; n++)
				caller_payload_hex(&caller, types[i], bodies[i]);
			missing = missing || digits % 3 == 0;
			twice = twice || digits % 3 == 2;
		}
		if (!missing && !twice)
			continue;
		(void)caller_finish(&caller);
		if (missing != twice)
			expect_refused(duo, &caller,
				       missing ? IKE_PAYLOAD_MISSING : IKE_PAYLOAD_REPEATED);
		else
			ck_assert_int_ne(duo_inject(duo, DUO_B, caller.data, caller.length),
					 IKE_ACCEPTED);
		(void)siege_drain(duo, DUO_B);
	}
	duo_free(duo);
}
END_TEST

/* RFC 2407 section 4.6.3: a status notification must not ride there, and is not looked at; A's SA stays. */
START_TEST(p10_initial_contact_in_aggressive_messages)
{
	struct duo *duo = aggressive_siege(4);
	struct ike_address a = duo->peer[DUO_B].gateway[0];
	struct siege_held held;
	struct caller caller;
	size_t length;

	message_1(&caller, cky_i, SOME_POINT, octets_of(NULL, 0), A_EXAMPLE);
	caller_payload_hex(&caller, IKE_PAYLOAD_NOTIFY,
			   "00000001 01 10 6002 61636f6f6b6965000000000000000000");
	length = caller_finish(&caller);
	ck_assert_int_eq(siege_send(duo, DUO_B, &a, caller.data, length), IKE_ACCEPTED);
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT), 0);
	duo_free(duo);
	/* nor beside a proof that holds, in the clear where anybody could have added it */
	duo = duo_new(5);
	duo->peer[DUO_A].aggressive = duo->peer[DUO_B].aggressive = true;
	siege_hold(duo, IKE_AM3, &held);
	caller_begin(&caller, IKE_EXCHANGE_AGGRESSIVE, held.plain, held.plain + IKE_COOKIE_LENGTH);
	caller_payload(&caller, IKE_PAYLOAD_HASH,
		       octets_of(held.plain + IKE_HEADER_LENGTH + 4, 20));
	caller_payload_hex(&caller, IKE_PAYLOAD_NOTIFY,
			   "00000001 01 10 6002 00000000000000000000000000000000");
	length = caller_finish(&caller);
	ck_assert_int_eq(duo_inject(duo, DUO_B, caller.data, length), IKE_ACCEPTED);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT), 0);
	duo_free(duo);
}
END_TEST

/* ---- AM3 ----------------------------------------------------------------------------------------------------------- */

/* In the clear it is accepted as it is encrypted, with the right hash and with no other. */
START_TEST(third_message_in_the_clear)
{
	struct duo *duo = duo_new(6);
	struct siege_held held;
	uint8_t bad[100];

	duo->peer[DUO_A].aggressive = duo->peer[DUO_B].aggressive = true;
	siege_hold(duo, IKE_AM3, &held);
	ck_assert_uint_eq(held.plain_length, IKE_HEADER_LENGTH + 4 + 20);
	for (size_t i = 0; i < 20; i += 3) {
		memcpy(bad, held.plain, held.plain_length);
		bad[IKE_HEADER_LENGTH + 4 + i] ^= 1;
		ck_assert_int_eq(duo_inject(duo, DUO_B, bad, held.plain_length),
				 IKE_AUTHENTICATION_FAILED);
	}
	/* HASH_R, which B has said itself, is not HASH_I */
	for (size_t i = 0; i < duo->datagrams; i++) {
		const struct duo_datagram *second = &duo->datagram[i];
		struct ike_message message;

		if (second->to != DUO_A || second->data[18] != IKE_EXCHANGE_AGGRESSIVE)
			continue;
		tap_read(tap_plain(second), &message);
		memcpy(bad + IKE_HEADER_LENGTH + 4, tap_body(&message, IKE_PAYLOAD_HASH).data, 20);
		ck_assert_int_eq(duo_inject(duo, DUO_B, bad, held.plain_length),
				 IKE_AUTHENTICATION_FAILED);
	}
	ck_assert_int_eq(duo_inject(duo, DUO_B, held.plain, held.plain_length), IKE_ACCEPTED);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

/*
 * A peer that sends AM3 in the clear: later IVs start from the first one of Phase 1.  A is made to believe that its AM3 was not
 * encrypted.
 */
START_TEST(after_a_third_message_in_the_clear_both_hear_each_other)
{
	struct duo *duo = duo_new(7);
	struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW};
	struct siege_held held;
	struct ike_sa *a, *b;
	uint8_t iv[CIPHER_MAX_BLOCK];
	uint32_t cursor = 0;

	duo->peer[DUO_A].aggressive = duo->peer[DUO_B].aggressive = true;
	siege_hold(duo, IKE_AM3, &held);
	ck_assert_int_eq(duo_inject(duo, DUO_B, held.plain, held.plain_length), IKE_ACCEPTED);
	a = sa_table_next(duo->core[DUO_A]->sas, &cursor);
	cursor = 0;
	b = sa_table_next(duo->core[DUO_B]->sas, &cursor);
	ck_assert_mem_ne(sa_last_block(a), sa_last_block(b), 16);
	protect_iv_phase1(duo->core[DUO_A]->crypto, a->hash, a->cipher, dh_public(a->handshake->dh),
			  octets_of(a->handshake->peer_public, 32), iv);
	sa_keys_set_last_block(a, iv);
	ck_assert_mem_eq(sa_last_block(a), sa_last_block(b), 16);
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &ask));
	duo_run(duo, 100 * IKE_MILLISECOND);
	ck_assert_ptr_nonnull(duo_last_report(duo, DUO_A, IKE_REPORT_ALIVE));
	duo_free(duo);
}
END_TEST

/* ---- reflection ---------------------------------------------------------------------------------------------------- */

static bool mirror(struct duo *duo, struct duo_datagram *datagram)
{
	(void)duo;
	datagram->to = datagram->to == DUO_A ? DUO_B : DUO_A;
	datagram->data[IKE_COOKIE_LENGTH] = 0x77;
	return true;
}

/* Our own AM1 as its answer, and AM2 sent back to who made it. */
START_TEST(reflected_aggressive_messages)
{
	struct duo *duo = duo_new(8);
	struct siege_held held;

	duo->peer[DUO_A].aggressive = duo->peer[DUO_B].aggressive = true;
	duo->deliver = mirror;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 40 * IKE_SECOND);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_ESTABLISHED), 0);
	duo_free(duo);
	duo = duo_new(9);
	duo->peer[DUO_A].aggressive = duo->peer[DUO_B].aggressive = true;
	siege_hold(duo, IKE_AM2, &held);
	ck_assert_int_ne(duo_inject(duo, DUO_B, held.data, held.length), IKE_ACCEPTED);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	/* the real one is A's, who still takes it */
	ck_assert_int_eq(duo_inject(duo, DUO_A, held.data, held.length), IKE_ACCEPTED);
	duo->deliver = NULL;
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

/* ---- AM2 with a signature, which has to wait for g^xy -------------------------------------------------------------- */

/* Forged ones are read one at a time, sixteen in all, and AM1 goes on asking for the real one. */
START_TEST(forged_second_messages_with_signatures)
{
	struct signers signers;
	struct duo *duo = signers_duo(&signers, 10, IKE_AUTHENTICATION_RSA_SIGNATURE);
	struct siege_held held;
	uint8_t bad[IKE_DATAGRAM_MAX];

	duo->peer[DUO_A].aggressive = duo->peer[DUO_B].aggressive = true;
	siege_hold(duo, IKE_AM2, &held);
	memcpy(bad, held.data, held.length);
	bad[held.length - 40] ^= 1; /* somewhere in SIG or behind it */
	bad[held.length - 100] ^= 1;
	for (unsigned i = 0; i < 10; i++) {
		bad[IKE_COOKIE_LENGTH + 7] ^= (uint8_t)(i + 1);
		ck_assert_int_eq(duo_inject(duo, DUO_A, bad, held.length), IKE_ACCEPTED);
		/* while one waits, no other is looked at */
		ck_assert_int_eq(duo_inject(duo, DUO_A, held.data, held.length), IKE_OUT_OF_STATE);
		duo_run(duo, 0);
		ck_assert_uint_eq(siege_verdicts(duo, DUO_A, IKE_BAD_SIGNATURE), i + 1);
	}
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_KEYS), 0);
	ck_assert_int_eq(duo_inject(duo, DUO_A, held.data, held.length), IKE_ACCEPTED);
	duo->deliver = NULL;
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	signers_free(&signers, duo);
}
END_TEST

/* ---- floods -------------------------------------------------------------------------------------------------------- */

#define CALLERS 10000

static size_t flood_out;

static void count_answer(struct duo *duo, enum duo_node from, const struct ike_datagram *datagram)
{
	(void)duo;
	(void)from;
	flood_out += datagram->length;
}

/* Ten thousand AM1 from as many addresses: as many key pairs as half-open SAs are allowed, and the limits hold. */
START_TEST(cve_2002_1623_flood_of_first_messages)
{
	struct duo *duo = duo_new(11);
	size_t in = 0, accepted = 0;
	struct ike_status status;

	flood_out = 0;
	duo->peer[DUO_B].gateways = 0;
	duo->peer[DUO_A].aggressive = duo->peer[DUO_B].aggressive = true;
	duo->stray = count_answer;
	siege_begin(duo);
	for (uint32_t n = 1; n <= CALLERS; n++) {
		struct ike_address from = siege_address(n);
		uint8_t cookie[IKE_COOKIE_LENGTH] = {1, 2, 3, 4};
		struct caller caller;
		size_t length;

		memcpy(cookie + 4, &n, 4);
		message_1(&caller, cookie, SOME_POINT, octets_of(NULL, 0), A_EXAMPLE);
		length = caller_finish(&caller);
		in += length;
		accepted += siege_send(duo, DUO_B, &from, caller.data, length) == IKE_ACCEPTED;
		if (n % 100 == 0)
			(void)siege_run(duo, IKE_MILLISECOND);
	}
	ike_status(duo->core[DUO_B], &status);
	ck_assert_uint_le(accepted, status.limits.handshakes - status.limits.handshakes / 8);
	ck_assert_uint_ge(accepted, status.limits.handshakes / 2);
	(void)siege_run(duo, IKE_SECOND);
	/* nothing by timer either, and in all less than came */
	ck_assert_uint_lt(flood_out, in);
	(void)siege_run(duo, 31 * IKE_SECOND);
	ck_assert_uint_eq(duo->core[DUO_B]->handshakes, 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

START_TEST(cve_2002_1623_flood_from_one_source)
{
	struct duo *duo = aggressive_siege(12);
	struct ike_address from = duo->peer[DUO_B].gateway[0];
	size_t accepted = 0;

	for (uint32_t n = 1; n <= 1000; n++) {
		uint8_t cookie[IKE_COOKIE_LENGTH] = {1, 2, 3, 4};
		struct caller caller;

		memcpy(cookie + 4, &n, 4);
		message_1(&caller, cookie, SOME_POINT, octets_of(NULL, 0), A_EXAMPLE);
		accepted += siege_send(duo, DUO_B, &from, caller.data, caller_finish(&caller)) ==
			    IKE_ACCEPTED;
	}
	ck_assert_uint_le(accepted, duo->settings[DUO_B].limits.handshakes_per_source);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("aggressive", cve_2015_3240_degenerate_public_values_in_am1,
	  cve_2023_30570_identities_in_aggressive_mode,
	  cve_2020_1763_missing_payloads_in_aggressive_mode,
	  p10_initial_contact_in_aggressive_messages, third_message_in_the_clear,
	  after_a_third_message_in_the_clear_both_hear_each_other, reflected_aggressive_messages,
	  forged_second_messages_with_signatures, cve_2002_1623_flood_of_first_messages,
	  cve_2002_1623_flood_from_one_source)
