/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ike/proposal.h"
#include "ike/text.h"
#include "tests/support/psk_suite.h"
#include "tests/support/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* An SA payload body; the lengths are filled in by body_of(). */
#define IPSEC    "00000001 00000001"
#define P(count) "00 00 0000 01 01 00 " count
#define LAST     "00 00 0000 01 01 0000"
#define MORE     "03 00 0000 01 01 0000"
#define AES_128  "80010007 80020002 80030001 80040002 800e0080 800b0001 000c000400015180"

static uint8_t memory[8192];
static struct ike_offer offers[IKE_OFFERS_MAX];
static size_t count;

/* One proposal, each transform a string without its length; NULL ends them. */
static struct octets body_of(const char *head, const char *proposal, const char *const *transforms)
{
	struct wire_writer writer;
	uint8_t part[512];
	size_t proposal_at;

	wire_write_to(&writer, memory, sizeof(memory));
	wire_write_octets(&writer, octets_of(part, unit_hex(head, part, sizeof(part))));
	proposal_at = writer.length;
	wire_write_octets(&writer, octets_of(part, unit_hex(proposal, part, sizeof(part))));
	for (; *transforms != NULL; transforms++) {
		size_t at = writer.length;

		wire_write_octets(&writer,
				  octets_of(part, unit_hex(*transforms, part, sizeof(part))));
		wire_patch_u16(&writer, at + 2, (uint16_t)(writer.length - at));
	}
	wire_patch_u16(&writer, proposal_at + 2, (uint16_t)(writer.length - proposal_at));
	ck_assert(!writer.failed);
	return wire_written(&writer);
}

static enum ike_verdict parse(const char *head, const char *proposal, const char *const *transforms)
{
	return ike_offers_parse(body_of(head, proposal, transforms), offers, IKE_OFFERS_MAX,
				&count);
}

/* One transform with these attributes. */
static const char *const *with_attributes(const char *attributes)
{
	static char transform[1024];
	static const char *const transforms[] = {transform, NULL};
	struct text text;

	text_to(&text, transform, sizeof(transform));
	text_add(&text, "%s%s", LAST, attributes);
	return transforms;
}

static enum ike_verdict parse_attributes(const char *attributes)
{
	return parse(IPSEC, P("01"), with_attributes(attributes));
}

START_TEST(test_bad_starts)
{
	static const char *const good[] = {LAST AES_128, NULL};
	uint8_t start[8];

	for (size_t length = 0; length < 8; length++) {
		unit_hex(IPSEC, start, sizeof(start));
		ck_assert_int_eq(ike_offers_parse(octets_of(start, length), offers, 1, &count),
				 IKE_PAYLOAD_TOO_SHORT);
	}
	ck_assert_int_eq(ike_offers_parse(octets_of(start, 8), offers, 1, &count),
			 IKE_PAYLOAD_TRUNCATED);
	ck_assert_int_eq(parse("00000000 00000001", P("01"), good), IKE_BAD_DOI);
	ck_assert_int_eq(parse("00000002 00000001", P("01"), good), IKE_BAD_DOI);
	ck_assert_int_eq(parse("01000001 00000001", P("01"), good), IKE_BAD_DOI);
	ck_assert_int_eq(parse("00000001 00000000", P("01"), good), IKE_BAD_SITUATION);
	ck_assert_int_eq(parse("00000001 00000003", P("01"), good), IKE_BAD_SITUATION);
	ck_assert_int_eq(parse(IPSEC, P("01"), good), IKE_ACCEPTED);
}
END_TEST

START_TEST(test_bad_proposals)
{
	static const char *const one[] = {LAST AES_128, NULL};
	static const char *const none[] = {NULL};
	static const char *const two[] = {MORE AES_128, LAST AES_128, NULL};
	static const char *const said_two[] = {MORE AES_128, NULL};
	static const char *const odd[] = {"02 00 0000 01 01 0000" AES_128, LAST AES_128, NULL};
	static const struct {
		const char *proposal;
		const char *const *transforms;
		enum ike_verdict verdict;
	} bad[] = {
	    {"02 00 0000 01 01 00 01", one, IKE_BAD_PROPOSAL_SYNTAX}, /* more than one in Phase 1 */
	    {"05 00 0000 01 01 00 01", one, IKE_BAD_PROPOSAL_SYNTAX},
	    {"00 01 0000 01 01 00 01", one, IKE_RESERVED_NOT_ZERO},
	    {"00 00 0000 01 03 00 01", one, IKE_BAD_PROPOSAL_SYNTAX}, /* for ESP */
	    {"00 00 0000 01 00 00 01", one, IKE_BAD_PROPOSAL_SYNTAX},
	    {"00 00 0000 01 01 11 01 0000000000000000000000000000000000", one,
	     IKE_BAD_PROPOSAL_SYNTAX},
	    {"00 00 0000 01 01 08 01 00000000", none, IKE_BAD_PROPOSAL_SYNTAX},
	    {"00 00 0000 01 01 00", none, IKE_PAYLOAD_TOO_SHORT},
	    {P("00"), none, IKE_BAD_PROPOSAL_SYNTAX},
	    {P("00"), one, IKE_BAD_PROPOSAL_SYNTAX},
	    {P("01"), none, IKE_PAYLOAD_TRUNCATED},
	    {P("02"), one, IKE_BAD_PROPOSAL_SYNTAX},
	    {P("ff"), one, IKE_BAD_PROPOSAL_SYNTAX},
	    {P("01"), two, IKE_BAD_PROPOSAL_SYNTAX},
	    {P("01"), said_two, IKE_BAD_PROPOSAL_SYNTAX},
	    {P("02"), said_two, IKE_PAYLOAD_TRUNCATED},
	    {P("02"), odd, IKE_BAD_PROPOSAL_SYNTAX},
	};

	struct octets body;

	for (size_t i = 0; i < COUNT(bad); i++) {
		count = 99;
		ck_assert_msg(parse(IPSEC, bad[i].proposal, bad[i].transforms) == bad[i].verdict,
			      "case %zu", i);
		ck_assert_uint_eq(count, 0);
	}
	ck_assert_int_eq(parse(IPSEC, P("02"), two), IKE_ACCEPTED);
	ck_assert_uint_eq(count, 2);
	body = body_of(IPSEC, P("01"), one);
	body.length++; /* an octet after the proposal */
	ck_assert_int_eq(ike_offers_parse(body, offers, IKE_OFFERS_MAX, &count),
			 IKE_BAD_PROPOSAL_SYNTAX);
}
END_TEST

START_TEST(test_bad_transforms)
{
	static const struct {
		const char *transform;
		enum ike_verdict verdict;
	} bad[] = {
	    {"00 00 0000", IKE_PAYLOAD_TOO_SHORT},
	    {"00 00 0000 01 01 00", IKE_PAYLOAD_TOO_SHORT},
	    {"00 ff 0000 01 01 0000" AES_128, IKE_RESERVED_NOT_ZERO},
	    {"00 00 0000 01 01 0001" AES_128, IKE_RESERVED_NOT_ZERO},
	    {LAST "80", IKE_BAD_ATTRIBUTE},
	    {LAST AES_128 "000c", IKE_BAD_ATTRIBUTE},
	    {LAST AES_128 "000c0004000151", IKE_BAD_ATTRIBUTE},
	    {LAST AES_128 "000cffff00015180", IKE_BAD_ATTRIBUTE},
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *const transforms[] = {bad[i].transform, NULL};

		ck_assert_msg(parse(IPSEC, P("01"), transforms) == bad[i].verdict, "case %zu", i);
	}
}
END_TEST

/* Well-formed, but nothing that could be chosen: kept, so that a person can be told what was offered. */
START_TEST(test_unusable_offers)
{
	static const char *const not_key_ike[] = {"00 00 0000 01 02 0000" AES_128, NULL};
	static const char *const unusable[] = {
	    "",
	    "80020002 80030001 80040002 800e0080", /* no cipher */
	    "80010007 80030001 80040002 800e0080", /* no hash */
	    "80010007 80020002 80040002 800e0080", /* no authentication */
	    "80010007 80020002 80030001 800e0080", /* no group */
	    "80010007 80020002 80030001 80040002", /* AES without a key length */
	    "80010007 80020002 80030001 80040002 800e0040",
	    "80010005 80020002 80030001 80040002 800e00c0", /* 3DES with one */
	    "80010001 80020002 80030001 80040002",          /* DES */
	    "80010007 80020003 80030001 80040002 800e0080", /* Tiger */
	    "80010007 80020002 80030001 80040003 800e0080", /* EC2N */
	    "80010000 80020002 80030001 80040002 800e0080",
	    "00010003010007 80020002 80030001 80040002 800e0080", /* 65543 is not 7 */
	    AES_128 "80050001",                                   /* group type */
	    AES_128 "800d0001",                                   /* PRF */
	    AES_128 "c0010001",                                   /* private */
	    AES_128 "80010007",                                   /* twice */
	    AES_128 "800b0001",                                   /* type without duration */
	    AES_128 "800c0e10",                                   /* duration without type */
	    AES_128 "800b0001 800c0e10",                          /* seconds twice */
	    AES_128 "800b0003 800c0e10",
	    AES_128 "800b0002 800b0002 800c0e10",
	    "80010007 80020002 80030001 80040002 800e0080 800b0001 800c0000",
	};

	for (size_t i = 0; i < COUNT(unusable); i++) {
		ck_assert_msg(parse_attributes(unusable[i]) == IKE_ACCEPTED, "%s", unusable[i]);
		ck_assert_uint_eq(count, 1);
		ck_assert_msg(!offers[0].usable, "%s", unusable[i]);
	}
	ck_assert_int_eq(parse(IPSEC, P("01"), not_key_ike), IKE_ACCEPTED);
	ck_assert(!offers[0].usable);
}
END_TEST

START_TEST(test_usable_offers)
{
	static const struct {
		const char *attributes;
		struct ike_proposal proposal;
		uint32_t lifetime, kilobytes;
	} usable[] = {
	    {AES_128, {7, 128, 2, 2}, 86400, 0},
	    {"80010005 80020001 80030001 80040002", {5, 0, 1, 2}, 0, 0},
	    /* any order */
	    {"800b0001 000c000400015180 800e0100 80040013 80030001 80020004 80010007",
	     {7, 256, 4, 19},
	     86400,
	     0},
	    /* the other encoding of everything */
	    {"000100020007 000200020002 000300020001 00040001 0e 000e00020080 000b00020001 "
	     "800c0e10",
	     {7, 128, 2, 14},
	     3600,
	     0},
	    /* both lifetimes */
	    {"80010005 80020002 80030001 80040005 800b0002 800c1000 800b0001 000c000400007080",
	     {5, 0, 2, 5},
	     28800,
	     4096},
	};

	for (size_t i = 0; i < COUNT(usable); i++) {
		ck_assert_int_eq(parse_attributes(usable[i].attributes), IKE_ACCEPTED);
		ck_assert_msg(offers[0].usable, "case %zu", i);
		ck_assert(ike_proposal_equal(&offers[0].proposal, &usable[i].proposal));
		ck_assert_uint_eq(offers[0].authentication, IKE_AUTHENTICATION_PSK);
		ck_assert_uint_eq(offers[0].lifetime, usable[i].lifetime);
		ck_assert_uint_eq(offers[0].kilobytes, usable[i].kilobytes);
	}
}
END_TEST

START_TEST(test_numbers_and_views)
{
	static const char *const transforms[] = {"03 00 0000 07 01 0000" AES_128,
						 "00 00 0000 09 01 0000" AES_128, NULL};

	ck_assert_int_eq(parse(IPSEC, "00 00 0000 05 01 08 02 a1a2a3a4a5a6a7a8", transforms),
			 IKE_ACCEPTED);
	ck_assert_uint_eq(count, 2);
	ck_assert_uint_eq(offers[1].proposal_number, 5);
	ck_assert_uint_eq(offers[0].transform_number, 7);
	ck_assert_uint_eq(offers[1].transform_number, 9);
	ck_assert_uint_eq(offers[0].spi_length, 8);
	unit_assert_hex(offers[1].transform, "00 00 0028 09 01 0000" AES_128);
	ck_assert(offers[0].usable);
}
END_TEST

START_TEST(test_more_offers_than_are_looked_at)
{
	const char *transforms[100];
	struct ike_offer few[2];

	for (size_t i = 0; i < 99; i++)
		transforms[i] = i < 98 ? MORE AES_128 : LAST AES_128;
	transforms[99] = NULL;
	ck_assert_int_eq(parse(IPSEC, P("63"), transforms), IKE_ACCEPTED);
	ck_assert_uint_eq(count, IKE_OFFERS_MAX);
	ck_assert_int_eq(ike_offers_parse(body_of(IPSEC, P("63"), transforms), few, 2, &count),
			 IKE_ACCEPTED);
	ck_assert_uint_eq(count, 2);
	/* those that are not kept are checked all the same */
	transforms[98] = LAST "8001";
	ck_assert_int_eq(parse(IPSEC, P("63"), transforms), IKE_BAD_ATTRIBUTE);
	ck_assert_uint_eq(count, 0);
}
END_TEST

/* ---- choosing ------------------------------------------------------------------------------------------------------ */

static const struct ike_proposal aes128_sha1_modp2048 = {7, 128, 2, 14};
static const struct ike_proposal aes256_sha256_ecp256 = {7, 256, 4, 19};
static const struct ike_proposal tdes_md5_modp1024 = {5, 0, 1, 2};

START_TEST(test_nothing_to_choose)
{
	struct ike_offer offer = {.proposal = aes128_sha1_modp2048,
				  .authentication = IKE_AUTHENTICATION_PSK,
				  .usable = true};
	const uint16_t psk = IKE_AUTHENTICATION_PSK;

	ck_assert_ptr_null(ike_offer_choose(&offer, 0, psk, &aes128_sha1_modp2048, 1));
	ck_assert_ptr_null(ike_offer_choose(&offer, 1, psk, &aes128_sha1_modp2048, 0));
	ck_assert_ptr_null(ike_offer_choose(&offer, 1, psk, &aes256_sha256_ecp256, 1));
	offer.usable = false;
	ck_assert_ptr_null(ike_offer_choose(&offer, 1, psk, &aes128_sha1_modp2048, 1));
	offer.usable = true;
	offer.authentication = IKE_AUTHENTICATION_RSA_SIGNATURE;
	ck_assert_ptr_null(ike_offer_choose(&offer, 1, psk, &aes128_sha1_modp2048, 1));
	offer.authentication = IKE_AUTHENTICATION_XAUTH_PSK;
	ck_assert_ptr_null(ike_offer_choose(&offer, 1, psk, &aes128_sha1_modp2048, 1));
	offer.authentication = IKE_AUTHENTICATION_PSK;
	ck_assert_ptr_eq(ike_offer_choose(&offer, 1, psk, &aes128_sha1_modp2048, 1), &offer);
}
END_TEST

START_TEST(test_the_initiators_order_decides)
{
	const struct ike_proposal acceptable[] = {tdes_md5_modp1024, aes256_sha256_ecp256};
	struct ike_offer three[3];

	memset(three, 0, sizeof(three));
	three[0].proposal = aes128_sha1_modp2048;
	three[1].proposal = aes256_sha256_ecp256;
	three[2].proposal = tdes_md5_modp1024;
	for (size_t i = 0; i < 3; i++) {
		three[i].usable = true;
		three[i].authentication = IKE_AUTHENTICATION_PSK;
	}
	ck_assert_ptr_eq(ike_offer_choose(three, 3, IKE_AUTHENTICATION_PSK, acceptable, 2),
			 &three[1]);
}
END_TEST

/* ---- writing ------------------------------------------------------------------------------------------------------- */

/* Octet for octet what another program computed. */
START_TEST(test_offers_are_those_of_the_worked_examples)
{
	static const struct ike_proposal proposals[PSK_SUITES] = {
	    {7, 128, 2, 2}, {7, 256, 2, 2}, {7, 256, 4, 2}, {5, 0, 1, 2}, {5, 0, 2, 2}};
	static struct psk_suite suites[PSK_SUITES];
	struct wire_writer writer;

	psk_suites_load(suites);
	for (size_t i = 0; i < PSK_SUITES; i++) {
		enum cipher_algorithm cipher;
		enum hash_algorithm hash;

		wire_write_to(&writer, memory, sizeof(memory));
		ike_offers_write(&writer, &proposals[i], 1, IKE_AUTHENTICATION_PSK, 86400);
		ck_assert(!writer.failed);
		ck_assert_uint_eq(writer.length, suites[i].sai_b.length);
		ck_assert_mem_eq(memory, suites[i].sai_b.data, writer.length);

		ck_assert_int_eq(ike_offers_parse(suites[i].sai_b, offers, 1, &count),
				 IKE_ACCEPTED);
		ck_assert(offers[0].usable);
		ck_assert(ike_proposal_equal(&offers[0].proposal, &proposals[i]));
		ck_assert_uint_eq(offers[0].lifetime, 86400);
		ck_assert(ike_proposal_cipher(&offers[0].proposal, &cipher));
		ck_assert_int_eq(cipher, suites[i].cipher);
		ck_assert(ike_proposal_hash(&offers[0].proposal, &hash));
		ck_assert_int_eq(hash, suites[i].hash);
	}
}
END_TEST

START_TEST(test_several_offers_in_order)
{
	const struct ike_proposal proposals[] = {aes256_sha256_ecp256, aes128_sha1_modp2048,
						 tdes_md5_modp1024};
	struct wire_writer writer;

	wire_write_to(&writer, memory, sizeof(memory));
	ike_offers_write(&writer, proposals, 3, IKE_AUTHENTICATION_PSK, 3600);
	ck_assert(!writer.failed);
	ck_assert_int_eq(ike_offers_parse(wire_written(&writer), offers, IKE_OFFERS_MAX, &count),
			 IKE_ACCEPTED);
	ck_assert_uint_eq(count, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert(offers[i].usable);
		ck_assert(ike_proposal_equal(&offers[i].proposal, &proposals[i]));
		ck_assert_uint_eq(offers[i].transform_number, i + 1);
		ck_assert_uint_eq(offers[i].lifetime, 3600);
	}
	wire_write_to(&writer, memory, 100);
	ike_offers_write(&writer, proposals, 3, IKE_AUTHENTICATION_PSK, 3600);
	ck_assert(writer.failed);
}
END_TEST

/* Attributes octet for octet, encoding and order included; the chain ends with it. */
START_TEST(test_choice_echoes_the_offer)
{
	static const char *const transforms[] = {
	    MORE AES_128,
	    "03 00 0000 02 01 0000 800b0001 800c0e10 000100020005 80020002 80030001 80040002",
	    LAST AES_128, NULL};
	uint8_t answer[256];
	struct wire_writer writer;

	ck_assert_int_eq(parse(IPSEC, "00 00 0000 04 01 08 03 a1a2a3a4a5a6a7a8", transforms),
			 IKE_ACCEPTED);
	wire_write_to(&writer, answer, sizeof(answer));
	ike_offer_write_choice(&writer, &offers[1]);
	ck_assert(!writer.failed);
	unit_assert_hex(wire_written(&writer), IPSEC
			"00 00 002a 04 01 00 01"
			"00 00 0022 02 01 0000 800b0001 800c0e10 000100020005 80020002 80030001"
			"80040002");
}
END_TEST

/* ---- checking the answer ------------------------------------------------------------------------------------------- */

static enum ike_verdict answer_with(const char *const *transforms, const char *proposal)
{
	const struct ike_proposal proposals[] = {{7, 128, 2, 2}, {5, 0, 1, 2}};
	struct ike_offer chosen = {.transform_number = 77}, before = chosen;
	enum ike_verdict verdict;
	struct wire_writer writer;
	uint8_t sai_b[256];

	wire_write_to(&writer, sai_b, sizeof(sai_b));
	ike_offers_write(&writer, proposals, 2, IKE_AUTHENTICATION_PSK, 86400);
	verdict =
	    ike_choice_check(wire_written(&writer), body_of(IPSEC, proposal, transforms), &chosen);
	if (verdict != IKE_ACCEPTED)
		ck_assert_mem_eq(&chosen, &before, sizeof(before));
	else
		ck_assert(chosen.usable && chosen.lifetime == 86400);
	return verdict;
}

static enum ike_verdict answer_attributes(const char *attributes)
{
	return answer_with(with_attributes(attributes), P("01"));
}

START_TEST(test_answers_that_are_no_choice)
{
	static const char *const two[] = {MORE AES_128, LAST AES_128, NULL};
	static const char *const three[] = {MORE AES_128, MORE AES_128, LAST AES_128, NULL};
	static const char *const none[] = {NULL};

	ck_assert_int_eq(answer_with(two, P("02")), IKE_BAD_PROPOSAL_SYNTAX);
	ck_assert_int_eq(answer_with(three, P("03")), IKE_BAD_PROPOSAL_SYNTAX);
	ck_assert_int_eq(answer_with(none, P("00")), IKE_BAD_PROPOSAL_SYNTAX);
	ck_assert_int_eq(answer_attributes("8001"), IKE_BAD_ATTRIBUTE);
}
END_TEST

START_TEST(test_changed_answers)
{
	static const char *const other_id[] = {"00 00 0000 01 02 0000" AES_128, NULL};
	static const char *const changed[] = {
	    /* another value: cipher, hash, authentication, group, key length, lifetime */
	    "80010005 80020002 80030001 80040002 800b0001 000c000400015180",
	    "80010007 80020001 80030001 80040002 800e0080 800b0001 000c000400015180",
	    "80010007 80020002 80030003 80040002 800e0080 800b0001 000c000400015180",
	    "80010007 80020002 80030001 80040001 800e0080 800b0001 000c000400015180",
	    "80010007 80020002 80030001 80040002 800e0100 800b0001 000c000400015180",
	    "80010007 80020002 80030001 80040002 800e0080 800b0001 000c00040001517f",
	    "80010007 80020002 80030001 80040002 800e0080 800b0002 000c000400015180",
	    /* taken away */
	    "80010007 80020002 80030001 80040002 800e0080",
	    "80010007 80020002 80030001 80040002 800b0001 000c000400015180",
	    "80020002 80030001 80040002 800e0080 800b0001 000c000400015180",
	    "",
	    /* added, known and unknown */
	    AES_128 "800b0002 800c1000",
	    AES_128 "800d0001",
	    AES_128 "c0010001",
	    AES_128 "80010007",
	};

	for (size_t i = 0; i < COUNT(changed); i++)
		ck_assert_msg(answer_attributes(changed[i]) == IKE_PROPOSAL_CHANGED, "case %zu", i);
	ck_assert_int_eq(answer_with(other_id, P("01")), IKE_PROPOSAL_CHANGED);
}
END_TEST

START_TEST(test_good_answers)
{
	static const char *const one[] = {LAST AES_128, NULL};

	ck_assert_int_eq(answer_attributes(AES_128), IKE_ACCEPTED);
	/* the second offer */
	ck_assert_int_eq(
	    answer_attributes("80010005 80020001 80030001 80040002 800b0001 000c000400015180"),
	    IKE_ACCEPTED);
	/* other order, other encoding, other width: the same values */
	ck_assert_int_eq(answer_attributes("800b0001 000c00080000000000015180 800e0080 80040002"
					   "000300020001 80020002 80010007"),
			 IKE_ACCEPTED);
	/* a responder may put its SPI there, and number as it likes */
	ck_assert_int_eq(answer_with(one, "00 00 0000 07 01 08 01 a0a1a2a3a4a5a6a7"), IKE_ACCEPTED);
}
END_TEST

UNIT_MAIN("proposal", test_bad_starts, test_bad_proposals, test_bad_transforms,
	  test_unusable_offers, test_usable_offers, test_numbers_and_views,
	  test_more_offers_than_are_looked_at, test_nothing_to_choose,
	  test_the_initiators_order_decides, test_offers_are_those_of_the_worked_examples,
	  test_several_offers_in_order, test_choice_echoes_the_offer,
	  test_answers_that_are_no_choice, test_changed_answers, test_good_answers)
