/* SPDX-License-Identifier: ISC */
/*
 * test_quick_mode.c - Quick Mode: what is not believed, what is declined under protection, and what is agreed.
 */
#include <stdio.h>
#include <string.h>

#include "ike/core.h"
#include "tests/support/duo.h"
#include "tests/support/forge.h"
#include "tests/support/phase_2.h"
#include "tests/support/recorder.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

static struct recorder b;

static struct duo *established(uint8_t seed)
{
	struct duo *duo = duo_new(seed);

	recorder_plug(&b, duo, DUO_B);
	duo->settings[DUO_B].limits.notifies_per_second = 0; /* what goes out is protected */
	duo_start(duo);
	duo_establish(duo);
	b.sas = 0;
	return duo;
}

/* B has said nothing, heard nothing, and lost nothing. */
static void expect_untouched(struct duo *duo)
{
	ck_assert_uint_eq(duo->core[DUO_B]->outputs, 0);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_HEARD), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
}

/* ---- not declined, because not believed ---------------------------------------------------------------------------- */

START_TEST(test_in_the_clear)
{
	struct duo *duo = established(1);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	ck_assert_int_eq(forge_inject_clear(&forge, duo, DUO_B), IKE_UNPROTECTED);
	expect_untouched(duo);
	duo_free(duo);
}
END_TEST

START_TEST(test_wrong_hash)
{
	struct duo *duo = established(2);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge.keys.skeyid_a[0] ^= 1;
	forge_quick_mode(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_BAD_HASH);
	expect_untouched(duo);
	duo_free(duo);
}
END_TEST

START_TEST(test_every_bit_flip)
{
	struct duo *duo = established(3);
	uint8_t message[512], flipped[512];
	struct forge forge;
	size_t length;

	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	length = forge_protected(&forge, message, sizeof(message));
	for (size_t bit = 0; bit < 8 * length; bit++) {
		memcpy(flipped, message, length);
		flipped[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		/* HASH(1) does not cover the header, and whoever sets the commit bit there only makes us patient */
		if (bit / 8 == IKE_HEADER_FLAGS_AT && bit % 8 == 1)
			continue;
		ck_assert_int_ne(duo_inject(duo, DUO_B, flipped, length), IKE_QUICK_MODE_DECLINED);
	}
	expect_untouched(duo);
	ck_assert_int_eq(duo_inject(duo, DUO_B, message, length), IKE_QUICK_MODE_DECLINED);
	duo_free(duo);
}
END_TEST

START_TEST(test_message_ids)
{
	struct duo *duo = established(4);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_QUICK_MODE_DECLINED);
	ck_assert_uint_eq(duo->core[DUO_B]->outputs, 1);
	/* the same once more, and another exchange under the same ID */
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_DUPLICATE);
	ck_assert_uint_eq(duo->core[DUO_B]->outputs, 2);
	forge.exchange = IKE_EXCHANGE_INFORMATIONAL;
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_REUSED_MESSAGE_ID);
	forge_from(&forge, duo, DUO_A);
	forge.message_id = 0;
	forge_quick_mode(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_BAD_MESSAGE_ID);
	ck_assert_uint_eq(duo->core[DUO_B]->outputs, 2);
	duo_free(duo);
}
END_TEST

START_TEST(test_without_an_sa)
{
	struct duo *duo = established(5);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	forge.cky_i[0] ^= 1;
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_UNKNOWN_COOKIES);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_HEARD), 0);
	duo_free(duo);
}
END_TEST

/* It overtook MM6: the keys of this SA are not proved yet. */
START_TEST(test_before_phase_1_is_done)
{
	struct duo *duo = duo_new(6);
	uint8_t message[IKE_HEADER_LENGTH + 32] = {0};

	duo_start(duo);
	duo_connect(duo, DUO_A);
	while (tap_count(duo, IKE_MM4) == 0)
		duo_run(duo, IKE_MILLISECOND);
	memcpy(message, tap_nth(duo, IKE_MM4, 0)->data, 2 * IKE_COOKIE_LENGTH);
	message[16] = IKE_PAYLOAD_HASH;
	message[17] = 0x10;
	message[18] = IKE_EXCHANGE_QUICK_MODE;
	message[IKE_HEADER_FLAGS_AT] = IKE_FLAG_ENCRYPTION;
	message[23] = 1;
	message[27] = sizeof(message);
	ck_assert_int_eq(duo_inject(duo, DUO_B, message, sizeof(message)), IKE_OUT_OF_STATE);
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_without_nonce)
{
	struct duo *duo = established(7);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	forge.bodies = 1;
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_PAYLOAD_MISSING);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_HEARD), 0);
	duo_free(duo);
}
END_TEST

/* The step ends the SA on what it heard: there is no SA any more to decline under. */
START_TEST(test_the_sa_ends_in_between)
{
	struct duo *duo = established(8);
	struct forge forge;

	recorder_action(&b.sa_answer[IKE_EXTENSION_HEARD], IKE_EXTENSION_DECLARE_DEAD);
	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	(void)forge_inject(&forge, duo, DUO_B);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	ck_assert_uint_eq(duo->core[DUO_B]->outputs, 1); /* its Delete */
	duo_free(duo);
}
END_TEST

/* ---- declined ------------------------------------------------------------------------------------------------------ */

START_TEST(test_declined_under_protection)
{
	struct duo *duo = established(9);
	struct ike_message message;
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_QUICK_MODE_DECLINED);
	duo_run(duo, IKE_SECOND);
	ck_assert_int_eq(tap_last(duo, DUO_A)->data[IKE_HEADER_FLAGS_AT], IKE_FLAG_ENCRYPTION);
	tap_read(tap_plain(tap_last(duo, DUO_A)), &message);
	ck_assert_int_eq(message.header.exchange, IKE_EXCHANGE_INFORMATIONAL);
	/* an exchange of its own (RFC 2409 section 5.7) */
	ck_assert_uint_ne(message.header.message_id, forge.message_id);
	ck_assert_uint_ne(message.header.message_id, 0);
	unit_assert_hex(tap_body(&message, IKE_PAYLOAD_NOTIFY), "00000001 01 00 000e");
	/* and it is believed */
	ck_assert_uint_eq(duo_last(duo, DUO_A, IKE_EVENT_PEER_SAYS)->notify_type,
			  IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
	ck_assert(duo_last(duo, DUO_A, IKE_EVENT_PEER_SAYS)->authenticated);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
}
END_TEST

/* Somebody who wants a tunnel is alive. */
START_TEST(test_it_is_a_sign_of_life)
{
	struct duo *duo = established(10);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_QUICK_MODE_DECLINED);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_HEARD), 1);
	duo_free(duo);
}
END_TEST

/* Asked once more in the same words, because the refusal was lost: it is given again, a few times. */
START_TEST(test_declined_again)
{
	struct duo *duo = established(20);
	uint8_t message[512];
	struct forge forge;
	size_t length;

	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	length = forge_protected(&forge, message, sizeof(message));
	ck_assert_int_eq(duo_inject(duo, DUO_B, message, length), IKE_QUICK_MODE_DECLINED);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(duo_inject(duo, DUO_B, message, length), IKE_DUPLICATE);
	ck_assert_uint_eq(duo->core[DUO_B]->outputs, 6);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_HEARD), 1);
	duo_free(duo);
}
END_TEST

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

START_TEST(test_every_bit_of_message_2)
{
	every_bit_flip(waiting_for(21, "aes128-sha1", IKE_QM2), IKE_QM2, DUO_A);
}
END_TEST

START_TEST(test_every_bit_of_message_3)
{
	every_bit_flip(waiting_for(22, "aes128-sha1", IKE_QM3), IKE_QM3, DUO_B);
}
END_TEST

/* After so many refused messages nobody is listened to any more; it times out, and is tried again. */
START_TEST(test_refusals_are_bounded)
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

START_TEST(test_message_2_changed)
{
	static const struct {
		const char *payloads;
		enum ike_verdict verdict;
	} cases[] = {
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
	    {ONE("01 0c 0000 80040001" LIFE "80050002 80060080 8003000e") REST,
	     IKE_PROPOSAL_CHANGED},
	    {ONE("01 0c 0000 80040001" LIFE "80050002 80060080 80010002 80021000") REST,
	     IKE_PROPOSAL_CHANGED},
	    {ONE("01 0c 0000 80040001" LIFE "80050002 80060080 80770001") REST,
	     IKE_PROPOSAL_CHANGED},
	    {ONE("01 0c 0000 80040001 80040001" LIFE "80050002 80060080") REST,
	     IKE_PROPOSAL_CHANGED},
	    /* one cut off */
	    {ONE("01 0c 0000 80040001" LIFE "80050002 8006") REST, IKE_BAD_ATTRIBUTE},
	    {ONE("01 0c 0000 80040001" LIFE "80050002 00060080") REST, IKE_BAD_ATTRIBUTE},
	    {ONE("01 0c") REST, IKE_PAYLOAD_TOO_SHORT},
	    {ONE("01 0c 0001 80040001" LIFE "80050002 80060080") REST, IKE_RESERVED_NOT_ZERO},
	    /* another transform; two of them; none; a second proposal; both together; AH in its place */
	    {ONE("01 0b 0000 80040001" LIFE "80050002") REST, IKE_PROPOSAL_CHANGED},
	    {SA("0000(01 03 04 02 c0ffee02 0300(01 0c 0000 80040001" LIFE
		"80050002 80060080)" TRANSFORM ")") REST,
	     IKE_BAD_PROPOSAL_SYNTAX},
	    {SA("0000(01 03 04 02 c0ffee02" TRANSFORM ")") REST, IKE_BAD_PROPOSAL_SYNTAX},
	    {SA("0000(01 03 04 00 c0ffee02)") REST, IKE_BAD_PROPOSAL_SYNTAX},
	    {SA("0200(01 03 04 01 c0ffee02" TRANSFORM ") 0000(02 03 04 01 c0ffee03" TRANSFORM ")")
		 REST,
	     IKE_BAD_PROPOSAL_SYNTAX},
	    {SA("0200(01 03 04 01 c0ffee02" TRANSFORM ") 0000(01 02 04 01 c0ffee03" TRANSFORM ")")
		 REST,
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
	    {SA(PROPOSAL) NONCE_THEN "0500(04 00 0000 0a010000 ff000000)" IDCR,
	     IKE_SELECTORS_CHANGED},
	    {SA(PROPOSAL) NONCE_THEN "0500(04 00 0000 0a020000 ffff0000)"
				     "0000(04 00 0000 0a010000 ffff0000)",
	     IKE_SELECTORS_CHANGED},
	    {SA(PROPOSAL) NONCE_THEN "0500(04 11 0000 0a010000 ffff0000)" IDCR,
	     IKE_SELECTORS_CHANGED},
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

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum ike_verdict verdict = say_2((uint8_t)(30 + i), cases[i].payloads);

		ck_assert_msg(verdict == cases[i].verdict, "%zu: %s", i, ike_verdict_name(verdict));
	}
}
END_TEST

/* What the row of QM2 asks for is not there: no HASH can make up for that, and the real one may still come. */
START_TEST(test_message_2_incomplete)
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

/* HASH(2) is not HASH(3), nor is HASH(1): each covers other octets. */
START_TEST(test_hashes_are_not_swapped)
{
	struct duo *duo = waiting_for(71, "aes128-sha1", IKE_QM3);
	struct ike_quick_mode *quick = phase_2_quick(duo, DUO_B);

	quick->expects = IKE_QM2; /* for the sake of its HASH */
	ck_assert_ptr_nonnull(quick);
	{
		struct ike_quick_mode kept = *quick;
		uint8_t message[IKE_DATAGRAM_MAX];
		struct forge forge;
		size_t length;

		quick->expects = IKE_QM3;
		forge_from(&forge, duo, DUO_B);
		forge.exchange = IKE_EXCHANGE_QUICK_MODE;
		forge.message_id = kept.message_id;
		/* HASH(1) over nothing, under the IV that is right */
		length = forge_protected(&forge, message, sizeof(message));
		ck_assert_int_ne(duo_inject(duo, DUO_B, message, length), IKE_ACCEPTED);
	}
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 0);
	/* HASH(3) that holds, but with something behind it that it does not cover */
	ck_assert_int_eq(phase_2_say_hex(duo, DUO_B, 0x83, "00000008 01020304"), IKE_BAD_HASH);
	ck_assert_int_eq(phase_2_say_hex(duo, DUO_B, IKE_PAYLOAD_NOTIFY,
					 "00000010 00000001 03 00 6000 00000000"),
			 IKE_PAYLOAD_UNEXPECTED);
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 0);
	ck_assert_int_eq(phase_2_say_hex(duo, DUO_B, IKE_PAYLOAD_NONE, ""), IKE_ACCEPTED);
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

/* Everything that was said, said again to either side, a little later and much later: no pair comes of it, no sign of life. */
START_TEST(test_replay)
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

/* ---- agreed --------------------------------------------------------------------------------------------------------- */

START_TEST(test_a_pair_comes_up)
{
	struct duo *duo = phase_2_established(11, "aes128-sha1");
	const struct ike_event *event = duo_last(duo, DUO_A, IKE_EVENT_IPSEC_ESTABLISHED);
	struct ike_ipsec_sa sa;

	ck_assert_str_eq(event->text, "aes128-sha1 tunnel, 10.1.0.0/16 to 10.2.0.0/16");
	ck_assert_uint_eq(duo_pairs(duo, DUO_A, &sa), 1);
	ck_assert_uint_eq(event->ipsec, sa.number);
	ck_assert_uint_eq(event->spi_in, sa.spi_in);
	ck_assert_uint_eq(event->spi_out, sa.spi_out);
	ck_assert(event->initiator && sa.initiator && !sa.encapsulated && !sa.transport);
	ck_assert_uint_eq(sa.remote.octets[3], 2);
	ck_assert_uint_eq(sa.remote.port, 0);
	ck_assert_uint_eq(phase_2_count(duo, IKE_QM1), 1);
	ck_assert_uint_eq(phase_2_count(duo, IKE_QM2), 1);
	ck_assert_uint_eq(phase_2_count(duo, IKE_QM3), 1);
	duo_free(duo);
}
END_TEST

/* All that may be agreed on: algorithms, groups, modes, and either side first. */
START_TEST(test_every_agreement)
{
	static const char *const ciphers[] = {"aes128", "aes192", "aes256", "3des"};
	static const char *const hashes[] = {"md5", "sha1", "sha256"};
	static const char *const groups[] = {"", "-modp1024", "-modp2048", "-ecp256", "-x25519"};
	uint8_t seed = 100;

	for (size_t i = 0; i < 4 * 3 * 5; i++) {
		struct duo *duo = duo_new(seed++);
		char text[64];
		size_t tunnel;
		struct ike_ipsec_sa sa;

		snprintf(text, sizeof(text), "%s-%s%s", ciphers[i % 4], hashes[i / 4 % 3],
			 groups[i / 12]);
		tunnel = duo_tunnel(duo, text);
		for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
			duo->peer[node].tunnel[tunnel].transport = i % 2 == 1;
		if (i % 3 == 0) { /* the responder of Phase 1 begins */
			duo->peer[DUO_A].tunnel[tunnel].wait = true;
			duo->peer[DUO_B].tunnel[tunnel].wait = false;
		}
		duo_start(duo);
		duo_establish(duo);
		duo_assert_pairs(duo, 1);
		ck_assert_uint_eq(duo_pairs(duo, DUO_A, &sa), 1);
		ck_assert_int_eq(sa.initiator, i % 3 != 0);
		ck_assert_int_eq(sa.transport, i % 2 == 1);
		ck_assert_ptr_null(duo_last(duo, DUO_A, IKE_EVENT_REFUSED));
		ck_assert_ptr_null(duo_last(duo, DUO_B, IKE_EVENT_REFUSED));
		duo_free(duo);
	}
}
END_TEST

/* With every prf of Phase 1, for KEYMAT is its. */
START_TEST(test_every_hash_of_phase_1)
{
	static const char *const phase_1[] = {"aes128-md5-x25519", "3des-sha1-x25519",
					      "aes256-sha256-x25519", "aes192-sha384-x25519",
					      "aes256-sha512-x25519"};

	for (uint8_t i = 0; i < 5; i++) {
		struct duo *duo = duo_new((uint8_t)(180 + i));

		duo_propose(duo, DUO_A, phase_1[i]);
		duo_propose(duo, DUO_B, phase_1[i]);
		duo_tunnel(duo, "aes256-sha256-x25519");
		duo_start(duo);
		duo_establish(duo);
		duo_assert_pairs(duo, 1);
		duo_free(duo);
	}
}
END_TEST

/* QM2 and QM3 prove that the peer is there now, whatever else has been said before. */
START_TEST(test_signs_of_life)
{
	static struct recorder a;
	struct duo *duo = duo_new(73);

	duo_tunnel(duo, "aes128-sha1");
	recorder_plug(&a, duo, DUO_A);
	recorder_plug(&b, duo, DUO_B);
	duo_start(duo);
	duo_establish(duo);
	duo_assert_pairs(duo, 1);
	ck_assert_uint_eq(recorder_sa_count(&a, IKE_EXTENSION_HEARD), 1); /* QM2 */
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_HEARD),
			  3); /* INITIAL-CONTACT, QM1, QM3 */
	duo_free(duo);
}
END_TEST

/* Public values that give no secret. */
START_TEST(test_public_values)
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

UNIT_MAIN("quick_mode", test_in_the_clear, test_wrong_hash, test_every_bit_flip, test_message_ids,
	  test_without_an_sa, test_before_phase_1_is_done, test_without_nonce,
	  test_the_sa_ends_in_between, test_declined_under_protection, test_it_is_a_sign_of_life,
	  test_declined_again, test_every_bit_of_message_2, test_every_bit_of_message_3,
	  test_refusals_are_bounded, test_message_2_changed, test_message_2_incomplete,
	  test_hashes_are_not_swapped, test_replay, test_a_pair_comes_up, test_every_agreement,
	  test_every_hash_of_phase_1, test_signs_of_life, test_public_values)
