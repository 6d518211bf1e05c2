/* SPDX-License-Identifier: ISC */
/*
 * test_phase_2.c - Quick Mode under attack: by somebody in between, who can change and repeat what is said, and by a peer that has
 * the keys and says what it should not.  Nothing comes up that was not agreed, and Phase 1 stays whatever happens.
 */
#include <string.h>

#include "tests/support/forge.h"
#include "tests/support/phase_2.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

/* ---- QM2 and QM3 that are not believed ------------------------------------------------------------------------------ */

/* A duo that has stopped before that message: it was lost, and its receiver waits for it. */
static struct duo *waiting_for(uint8_t seed, const char *proposals, enum ike_message_kind kind)
{
	struct duo *duo = duo_new(seed);

	phase_2_loses = (struct phase_2_loss){.kind = kind, .times = 1};
	duo->deliver = phase_2_lose;
	duo_tunnel(duo, proposals);
	duo_start(duo);
	duo_connect(duo, DUO_A);
	while (phase_2_loses.lost == 0)
		duo_run(duo, IKE_MILLISECOND);
	return duo;
}

static size_t pairs_of(struct duo *duo, enum duo_node node)
{
	struct ike_ipsec_sa sa;

	return duo_pairs(duo, node, &sa);
}

static void every_bit_flip(struct duo *duo, enum ike_message_kind kind, enum duo_node to)
{
	const struct duo_datagram *lost = phase_2_nth(duo, kind, 0);
	uint8_t flipped[IKE_DATAGRAM_MAX];
	struct ike_quick_mode *quick = phase_2_quick(duo, to);

	for (size_t bit = 0; bit < 8 * lost->length; bit++) {
		/* the commit bit, which is only impolite */
		if (bit / 8 == IKE_HEADER_FLAGS_AT && bit % 8 == 1)
			continue;
		memcpy(flipped, lost->data, lost->length);
		flipped[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		ck_assert_int_ne(duo_inject(duo, to, flipped, lost->length), IKE_ACCEPTED);
		quick->refused = 0; /* so that it goes on listening */
		ck_assert_uint_eq(pairs_of(duo, to), 0);
	}
	ck_assert_int_eq(duo_inject(duo, to, lost->data, lost->length), IKE_ACCEPTED);
	ck_assert_uint_eq(pairs_of(duo, to), 1);
	duo_free(duo);
}

START_TEST(cve_2019_10155_bit_flips_of_quick_mode_2)
{
	every_bit_flip(waiting_for(21, "aes128-sha1", IKE_QM2), IKE_QM2, DUO_A);
}
END_TEST

START_TEST(cve_2019_10155_bit_flips_of_quick_mode_3)
{
	every_bit_flip(waiting_for(22, "aes128-sha1", IKE_QM3), IKE_QM3, DUO_B);
}
END_TEST

/* After so many refused messages nobody is listened to any more; it times out, and is tried again. */
START_TEST(refusals_in_quick_mode_are_bounded)
{
	struct duo *duo = waiting_for(23, "aes128-sha1", IKE_QM2);
	const struct duo_datagram *lost = phase_2_nth(duo, IKE_QM2, 0);
	uint8_t wrong[IKE_DATAGRAM_MAX];

	memcpy(wrong, lost->data, lost->length);
	for (int i = 0; i < 100; i++) {
		enum ike_verdict verdict;

		wrong[40]++;
		verdict = duo_inject(duo, DUO_A, wrong, lost->length);
		ck_assert_int_eq(verdict == IKE_RATE_LIMITED, i >= 16);
	}
	ck_assert_uint_eq(pairs_of(duo, DUO_A), 0);
	duo_free(duo);
}
END_TEST

/* QM2 as this responder could have said it, with the keys of both sides. */
#define LIFE        "80010001 00020004 00000e10"
#define TRANSFORM   "0000(01 0c 0000 80040001" LIFE "80050002 80060080)"
#define PROPOSAL    "0000(01 03 04 01 c0ffee02" TRANSFORM ")"
#define SA(inside)  "0a00(00000001 00000001" inside ")"
#define ONE(inside) SA("0000(01 03 04 01 c0ffee02 0000(" inside "))")
#define NONCE_LAST  "0000(000102030405060708090a0b0c0d0e0f)"
#define NONCE_THEN  "0500(000102030405060708090a0b0c0d0e0f)"
#define IDCI        "0500(04 00 0000 0a010000 ffff0000)"
#define IDCR        "0000(04 00 0000 0a020000 ffff0000)"
#define REST        NONCE_THEN IDCI IDCR

static enum ike_verdict say_2(uint8_t seed, const char *payloads)
{
	struct duo *duo = waiting_for(seed, "aes128-sha1 3des-md5", IKE_QM2);
	enum ike_verdict verdict = phase_2_say_hex(duo, DUO_A, IKE_PAYLOAD_SA, payloads);

	ck_assert_uint_eq(pairs_of(duo, DUO_A), verdict == IKE_ACCEPTED);
	/* said under a HASH that holds, so it is the end of it, and the peer is told */
	if (verdict > IKE_BAD_DOI && verdict != IKE_BAD_HASH) {
		ck_assert_ptr_null(phase_2_quick(duo, DUO_A));
		ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_IPSEC_FAILED) == NULL, true);
		duo_run(duo, 100 * IKE_MILLISECOND);
		ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_IPSEC_FAILED)->verdict, verdict);
		ck_assert_uint_eq(duo_last(duo, DUO_B, IKE_EVENT_PEER_SAYS)->notify_type,
				  ike_verdict_notify(verdict));
	}
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
	return verdict;
}

static const struct {
	const char *payloads;
	enum ike_verdict verdict;
} answers[] = {
    {SA(PROPOSAL) REST, IKE_ACCEPTED},
    /* the other encoding of the same value, another order, the other transform */
    {ONE("01 0c 0000 80040001 80010001 80020e10 80050002 80060080") REST, IKE_ACCEPTED},
    {ONE("01 0c 0000 80060080 80050002" LIFE "80040001") REST, IKE_ACCEPTED},
    {ONE("02 03 0000 80040001" LIFE "80050001") REST, IKE_ACCEPTED},
    /* a shorter life, another mode, another key length, another hash, none of each */
    {ONE("01 0c 0000 80040001 80010001 00020004 00000e0f 80050002 80060080") REST,
     IKE_PROPOSAL_CHANGED},
    {ONE("01 0c 0000 80040002" LIFE "80050002 80060080") REST, IKE_PROPOSAL_CHANGED},
    {ONE("01 0c 0000 80040001" LIFE "80050002 80060100") REST, IKE_PROPOSAL_CHANGED},
    {ONE("01 0c 0000 80040001" LIFE "80050001 80060080") REST, IKE_PROPOSAL_CHANGED},
    {ONE("01 0c 0000" LIFE "80050002 80060080") REST, IKE_PROPOSAL_CHANGED},
    {ONE("01 0c 0000 80040001 80050002 80060080") REST, IKE_PROPOSAL_CHANGED},
    {ONE("01 0c 0000 80040001" LIFE "80060080") REST, IKE_PROPOSAL_CHANGED},
    {ONE("01 0c 0000 80040001" LIFE "80050002") REST, IKE_PROPOSAL_CHANGED},
    {ONE("01 0c 0000") REST, IKE_PROPOSAL_CHANGED},
    /* an attribute more: a group that was not offered, kilobytes, one without a meaning; one twice */
    {ONE("01 0c 0000 80040001" LIFE "80050002 80060080 8003000e") REST, IKE_PROPOSAL_CHANGED},
    {ONE("01 0c 0000 80040001" LIFE "80050002 80060080 80010002 80021000") REST,
     IKE_PROPOSAL_CHANGED},
    {ONE("01 0c 0000 80040001" LIFE "80050002 80060080 80770001") REST, IKE_PROPOSAL_CHANGED},
    {ONE("01 0c 0000 80040001 80040001" LIFE "80050002 80060080") REST, IKE_PROPOSAL_CHANGED},
    /* one cut off */
    {ONE("01 0c 0000 80040001" LIFE "80050002 8006") REST, IKE_BAD_ATTRIBUTE},
    {ONE("01 0c 0000 80040001" LIFE "80050002 00060080") REST, IKE_BAD_ATTRIBUTE},
    {ONE("01 0c") REST, IKE_PAYLOAD_TOO_SHORT},
    {ONE("01 0c 0001 80040001" LIFE "80050002 80060080") REST, IKE_RESERVED_NOT_ZERO},
    /* another transform; two of them; none; a second proposal; both together; AH in its place */
    {ONE("01 0b 0000 80040001" LIFE "80050002") REST, IKE_PROPOSAL_CHANGED},
    {SA("0000(01 03 04 02 c0ffee02 0300(01 0c 0000 80040001" LIFE "80050002 80060080)" TRANSFORM
	")") REST,
     IKE_BAD_PROPOSAL_SYNTAX},
    {SA("0000(01 03 04 02 c0ffee02" TRANSFORM ")") REST, IKE_BAD_PROPOSAL_SYNTAX},
    {SA("0000(01 03 04 00 c0ffee02)") REST, IKE_BAD_PROPOSAL_SYNTAX},
    {SA("0200(01 03 04 01 c0ffee02" TRANSFORM ") 0000(02 03 04 01 c0ffee03" TRANSFORM ")") REST,
     IKE_BAD_PROPOSAL_SYNTAX},
    {SA("0200(01 03 04 01 c0ffee02" TRANSFORM ") 0000(01 02 04 01 c0ffee03" TRANSFORM ")") REST,
     IKE_BAD_PROPOSAL_SYNTAX},
    {SA("0000(01 02 04 01 c0ffee02" TRANSFORM ")") REST, IKE_BAD_SPI},
    {SA("") REST, IKE_PAYLOAD_TRUNCATED},
    {"0a00(00000002 00000001" PROPOSAL ")" REST, IKE_BAD_DOI},
    {"0a00(00000001 00000002" PROPOSAL ")" REST, IKE_BAD_SITUATION},
    /* SPIs: reserved ones, of another size */
    {SA("0000(01 03 04 01 00000000" TRANSFORM ")") REST, IKE_BAD_SPI},
    {SA("0000(01 03 04 01 000000ff" TRANSFORM ")") REST, IKE_BAD_SPI},
    {SA("0000(01 03 04 01 00000100" TRANSFORM ")") REST, IKE_ACCEPTED},
    {SA("0000(01 03 00 01" TRANSFORM ")") REST, IKE_BAD_PROPOSAL_SYNTAX},
    {SA("0000(01 03 03 01 c0ffee" TRANSFORM ")") REST, IKE_BAD_PROPOSAL_SYNTAX},
    {SA("0000(01 03 05 01 c0ffee0203" TRANSFORM ")") REST, IKE_BAD_PROPOSAL_SYNTAX},
    {SA("0000(01 03 ff 01 c0ffee02" TRANSFORM ")") REST, IKE_BAD_PROPOSAL_SYNTAX},
    /* other traffic, and none said, which means the two hosts */
    {SA(PROPOSAL) NONCE_THEN "0500(04 00 0000 0a010000 ff000000)" IDCR, IKE_SELECTORS_CHANGED},
    {SA(PROPOSAL) NONCE_THEN "0500(04 00 0000 0a020000 ffff0000)"
			     "0000(04 00 0000 0a010000 ffff0000)",
     IKE_SELECTORS_CHANGED},
    {SA(PROPOSAL) NONCE_THEN "0500(04 11 0000 0a010000 ffff0000)" IDCR, IKE_SELECTORS_CHANGED},
    {SA(PROPOSAL) NONCE_LAST, IKE_SELECTORS_CHANGED},
    {SA(PROPOSAL) NONCE_THEN IDCR, IKE_PAYLOAD_MISSING},
    {SA(PROPOSAL) NONCE_THEN "0500(04 00 0000 0a010000 ff00ff00)" IDCR, IKE_BAD_IDENTITY},
    {SA(PROPOSAL) NONCE_THEN "0500(02 00 0000 61)" IDCR, IKE_BAD_IDENTITY},
    {SA(PROPOSAL) NONCE_THEN "0500(04 00)" IDCR, IKE_PAYLOAD_TOO_SHORT},
    /* a public value where no group was offered, a nonce of seven octets, of none */
    {SA(PROPOSAL) "0400(000102030405060708090a0b0c0d0e0f) 0500(01020304)" IDCI IDCR,
     IKE_PAYLOAD_UNEXPECTED},
    {SA(PROPOSAL) "0500(00010203040506)" IDCI IDCR, IKE_BAD_NONCE},
    {SA(PROPOSAL) "0500()" IDCI IDCR, IKE_BAD_NONCE},
};

START_TEST(cve_2024_3652_what_was_offered_changed)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		enum ike_verdict verdict = say_2((uint8_t)(30 + i), answers[i].payloads);

		ck_assert_msg(verdict == answers[i].verdict, "%zu: %s", i,
			      ike_verdict_name(verdict));
	}
}
END_TEST

/* What the row of QM2 asks for is not there: no HASH can make up for that, and the real one may still come. */
START_TEST(cve_2020_1763_missing_payloads_of_quick_mode)
{
	struct duo *duo = waiting_for(70, "aes128-sha1", IKE_QM2);
	const struct duo_datagram *lost = phase_2_nth(duo, IKE_QM2, 0);

	ck_assert_int_eq(phase_2_say_hex(duo, DUO_A, IKE_PAYLOAD_NONE, ""), IKE_PAYLOAD_MISSING);
	ck_assert_int_eq(phase_2_say_hex(duo, DUO_A, IKE_PAYLOAD_NONCE, NONCE_LAST),
			 IKE_PAYLOAD_MISSING);
	ck_assert_int_eq(
	    phase_2_say_hex(duo, DUO_A, IKE_PAYLOAD_SA, "0000(00000001 00000001" PROPOSAL ")"),
	    IKE_PAYLOAD_MISSING);
	ck_assert_int_eq(phase_2_say_hex(duo, DUO_A, IKE_PAYLOAD_SA,
					 "0100(00000001 00000001" PROPOSAL ")" SA(PROPOSAL) REST),
			 IKE_PAYLOAD_REPEATED);
	ck_assert_uint_eq(pairs_of(duo, DUO_A), 0);
	ck_assert_int_eq(duo_inject(duo, DUO_A, lost->data, lost->length), IKE_ACCEPTED);
	duo_free(duo);
}
END_TEST

/* HASH(1) is not HASH(3): each covers other octets; and HASH(3) covers no payload, so it may have none behind it. */
START_TEST(hashes_of_quick_mode_are_not_swapped)
{
	static const enum ike_message_kind claimed[] = {IKE_QM2, IKE_QM4};
	struct duo *duo = waiting_for(71, "aes128-sha1", IKE_QM3);
	struct ike_quick_mode *quick = phase_2_quick(duo, DUO_B);
	uint8_t message[2][IKE_DATAGRAM_MAX];
	size_t length[2];

	for (size_t i = 0; i < 2; i++) {
		/* made with the HASH of another message; B waits for QM3 */
		quick->expects = claimed[i];
		length[i] =
		    phase_2_make(duo, DUO_B, IKE_PAYLOAD_NONE, octets_of(NULL, 0), 0, message[i]);
		quick->expects = IKE_QM3;
		ck_assert_int_eq(duo_inject(duo, DUO_B, message[i], length[i]), IKE_BAD_HASH);
	}
	ck_assert_int_eq(phase_2_say_hex(duo, DUO_B, 0x83, "0000(01020304)"), IKE_BAD_HASH);
	ck_assert_int_eq(
	    phase_2_say_hex(duo, DUO_B, IKE_PAYLOAD_NOTIFY, "0000(00000001 03 00 6000 00000000)"),
	    IKE_PAYLOAD_UNEXPECTED);
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 0);
	ck_assert_int_eq(phase_2_say_hex(duo, DUO_B, IKE_PAYLOAD_NONE, ""), IKE_ACCEPTED);
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

/* Everything that was said, said again to either side, a little later and much later: no pair comes of it, no sign of life. */
START_TEST(p16_replay_of_quick_mode)
{
	struct duo *duo = phase_2_established(72, "aes128-sha1-x25519");
	size_t datagrams = duo->datagrams;

	for (int round = 0; round < 3; round++) {
		size_t ups = duo_count(duo, DUO_A, IKE_EVENT_IPSEC_ESTABLISHED) +
			     duo_count(duo, DUO_B, IKE_EVENT_IPSEC_ESTABLISHED);

		for (size_t i = 0; i < datagrams; i++) {
			const struct duo_datagram *old = &duo->datagram[i];

			if (phase_2_kind(duo, old) == IKE_MESSAGE_KINDS)
				continue;
			for (enum duo_node to = DUO_A; to < DUO_NODES; to++) {
				enum ike_verdict verdict =
				    duo_inject(duo, to, old->data, old->length);

				/* with room for it, an old QM1 is a question; but its answer is for nobody */
				ck_assert(verdict != IKE_ACCEPTED ||
					  (round > 0 && phase_2_kind(duo, old) == IKE_QM1));
			}
		}
		duo_run(duo, 40 * IKE_SECOND);
		ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_IPSEC_ESTABLISHED) +
				      duo_count(duo, DUO_B, IKE_EVENT_IPSEC_ESTABLISHED),
				  ups);
		/* push the message IDs out of the memory of the newest ones */
		for (uint32_t i = 0; i < 2 * IKE_RECENT_IDS + IKE_OTHER_IDS; i++) {
			struct forge forge;

			forge_from(&forge, duo, DUO_A);
			forge_notify(&forge, 30000);
			(void)forge_inject(&forge, duo, DUO_B);
		}
	}
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

/* Public values that give no secret. */
START_TEST(cve_2015_3240_public_values_in_quick_mode)
{
	static const char *const values[] = {"00", "01", "ff"};

	for (uint8_t i = 0; i < 3; i++) {
		struct duo *duo = waiting_for((uint8_t)(74 + i), "aes128-sha1-modp768", IKE_QM2);
		uint8_t payloads[512], ids[64];
		size_t length = phase_2_hex(
		    ONE("01 0c 0000 80030001 80040001" LIFE
			"80050002 80060080") "0400(000102030405060708090a0b0c0d0e0f) 0500 0064",
		    payloads, sizeof(payloads));
		size_t ids_length = phase_2_hex(IDCI IDCR, ids, sizeof(ids));

		memset(payloads + length, 0, 96);
		if (values[i][0] == 'f')
			memset(payloads + length, 0xff, 96); /* more than p */
		else
			payloads[length + 95] = (uint8_t)(values[i][1] - '0');
		length += 96;
		memcpy(payloads + length, ids, ids_length);
		ck_assert_int_eq(phase_2_say(duo, DUO_A, IKE_PAYLOAD_SA,
					     octets_of(payloads, length + ids_length), 0),
				 IKE_BAD_KEY_EXCHANGE);
		duo_run(duo, IKE_MILLISECOND);
		ck_assert_uint_eq(pairs_of(duo, DUO_A), 0);
		duo_free(duo);
	}
}
END_TEST

/* ---- anything at all under a HASH that holds ------------------------------------------------------------------------ */

static size_t mutate(struct random_source *random, const uint8_t *right, size_t length,
		     uint8_t *out)
{
	uint32_t times = 1 + random_below(random, 4);

	memcpy(out, right, length);
	for (uint32_t i = 0; i < times; i++) {
		uint32_t at = random_below(random, (uint32_t)length);

		switch (random_below(random, 4)) {
		case 0:
			out[at] = (uint8_t)random_u32(random);
			break;
		case 1:
			out[at] ^= (uint8_t)(1u << random_below(random, 8));
			break;
		case 2:
			out[at] = random_below(random, 2) == 0 ? 0 : 0xff;
			break;
		default:
			length = random_below(random, 16) == 0 ? at : length;
			break;
		}
		if (length == 0)
			return 0;
	}
	return length;
}

/* By the owner of one SA, as first messages: refused or answered, and nobody's pair is touched. */
START_TEST(cve_2024_3652_any_first_message)
{
	struct duo *duo = phase_2_established(131, "aes128-sha1 3des-md5");
	uint8_t right[512], raw[512], seed[RANDOM_SEED_LENGTH] = {9};
	size_t length, accepted = 0, rounds = SIEGE_SANITIZED ? 2000 : 10000;
	struct random_source random;

	random_seeded(&random, seed);
	length = phase_2_hex(SA("0200(01 03 04 02 c0ffee02 0300(01 0c 0000 80040001" LIFE
				"80050002 80060080)" TRANSFORM
				") 0000(02 02 04 01 c0ffee03" TRANSFORM ")") REST,
			     right, sizeof(right));
	for (size_t i = 0; i < rounds; i++) {
		struct forge forge;

		forge_from(&forge, duo, DUO_A);
		forge.exchange = IKE_EXCHANGE_QUICK_MODE;
		forge_raw(&forge, IKE_PAYLOAD_SA,
			  octets_of(raw, mutate(&random, right, length, raw)));
		accepted += forge_inject(&forge, duo, DUO_B) == IKE_ACCEPTED;
		while (phase_2_quick(duo, DUO_B) != NULL)
			quick_mode_free(duo->core[DUO_B], phase_2_quick(duo, DUO_B));
		if (i % 1000 == 0)
			(void)siege_drain(duo, DUO_B);
	}
	ck_assert_uint_gt(accepted, rounds / 100); /* nonces and SPIs may be anything */
	ck_assert_uint_lt(accepted, rounds);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

/* And as QM2: what comes up is one of the transforms that were offered, for the traffic that was asked for. */
START_TEST(cve_2024_3652_any_second_message)
{
	struct duo *duo = waiting_for(132, "aes128-sha1", IKE_QM2);
	uint8_t right[512], raw[512], seed[RANDOM_SEED_LENGTH] = {10};
	size_t length, accepted = 0, rounds = SIEGE_SANITIZED ? 500 : 3000;
	struct ike_command anew = {.kind = IKE_COMMAND_TUNNEL};
	struct random_source random;

	random_seeded(&random, seed);
	phase_2_loses = (struct phase_2_loss){.kind = IKE_QM2, .times = rounds};
	length = phase_2_hex(SA(PROPOSAL) REST, right, sizeof(right));
	for (size_t i = 0; i < rounds; i++) {
		size_t cut = mutate(&random, right, length, raw);
		struct ike_quick_mode *quick = phase_2_quick(duo, DUO_A);
		struct phase_2_changes changes;
		struct ike_ipsec_sa pair;

		if (quick == NULL || quick->expects != IKE_QM2) {
			(void)ike_command(duo->core[DUO_A], duo->now, &anew);
			(void)siege_drain(duo, DUO_A);
			siege_forget(duo);
			quick = phase_2_quick(duo, DUO_A);
		}
		ck_assert_ptr_nonnull(quick);
		quick->refused = 0;
		if (phase_2_say(duo, DUO_A, IKE_PAYLOAD_SA, octets_of(raw, cut), 0) != IKE_ACCEPTED)
			continue;
		accepted++;
		ck_assert_uint_ge(duo_pairs(duo, DUO_A, &pair), 1);
		ck_assert_uint_eq(pair.proposal.encryption, IKE_ESP_TRANSFORM_AES);
		ck_assert_uint_eq(pair.inside_remote.prefix.bits, 16);
		ck_assert_uint_ge(pair.spi_out, 256);
		pairs_delete(duo->core[DUO_A], phase_2_sa(duo, DUO_A)->party, IKE_NEVER,
			     IKE_WHY_CLOSED, false);
		phase_2_pull(duo, DUO_A, &changes);
		while (phase_2_quick(duo, DUO_A) != NULL)
			quick_mode_free(duo->core[DUO_A], phase_2_quick(duo, DUO_A));
	}
	ck_assert_uint_gt(accepted, rounds / 100);
	ck_assert_uint_lt(accepted, rounds);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("phase_2", cve_2019_10155_bit_flips_of_quick_mode_2,
	  cve_2019_10155_bit_flips_of_quick_mode_3, refusals_in_quick_mode_are_bounded,
	  cve_2024_3652_what_was_offered_changed, cve_2020_1763_missing_payloads_of_quick_mode,
	  hashes_of_quick_mode_are_not_swapped, p16_replay_of_quick_mode,
	  cve_2015_3240_public_values_in_quick_mode, cve_2024_3652_any_first_message,
	  cve_2024_3652_any_second_message)
