/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "ike/ipsec_proposal.h"
#include "tests/support/phase_2.h"
#include "tests/support/unit.h"

#define HEAD "00000001 00000001"

static size_t hex(const char *text, uint8_t *out, size_t room)
{
	return phase_2_hex(text, out, room);
}

static enum ike_verdict parse(const char *text, struct ipsec_offer *offers, size_t max,
			      size_t *count)
{
	static uint8_t body[8192];

	return ipsec_offers_parse(octets_of(body, hex(text, body, sizeof(body))), offers, max,
				  count);
}

START_TEST(test_cut_off_anywhere)
{
	uint8_t body[256];
	size_t length =
	    hex(HEAD
		"0200(01 03 04 01 c0ffee01 0000(01 0c 0000 80040001 80010001 00020004 00000e10"
		"80050002 80060080)) 0000(02 03 04 01 c0ffee02 0000(01 03 0000 80040001 80050001))",
		body, sizeof(body));
	struct ipsec_offer offers[4];
	size_t count;

	ck_assert_int_eq(ipsec_offers_parse(octets_of(body, length), offers, 4, &count),
			 IKE_ACCEPTED);
	ck_assert_uint_eq(count, 2);
	for (size_t cut = 0; cut < length; cut++) {
		ck_assert_int_ne(ipsec_offers_parse(octets_of(body, cut), offers, 4, &count),
				 IKE_ACCEPTED);
		ck_assert_uint_eq(count, 0);
	}
	/* and an octet too many */
	body[length] = 0;
	ck_assert_int_ne(ipsec_offers_parse(octets_of(body, length + 1), offers, 4, &count),
			 IKE_ACCEPTED);
}
END_TEST

START_TEST(test_read)
{
	struct ipsec_offer offers[4];
	size_t count;

	ck_assert_int_eq(
	    parse(HEAD "0000(07 03 04 02 c0ffee01 0300(01 0c 0000 80030005 80040002 80010002"
		       "00020004 00100000 80010001 80020e10 80050005 80060100)"
		       "0000(02 0c 0000 80770001))",
		  offers, 4, &count),
	    IKE_ACCEPTED);
	ck_assert_uint_eq(count, 2);
	ck_assert(offers[0].usable);
	ck_assert_uint_eq(offers[0].proposal_number, 7);
	ck_assert_uint_eq(offers[0].spi, 0xc0ffee01);
	ck_assert_uint_eq(offers[0].proposal.encryption, 12);
	ck_assert_uint_eq(offers[0].proposal.key_bits, 256);
	ck_assert_uint_eq(offers[0].proposal.authentication, 5);
	ck_assert_uint_eq(offers[0].proposal.group, 5);
	ck_assert_uint_eq(offers[0].encapsulation, 2);
	ck_assert_uint_eq(offers[0].lifetime, 3600);
	ck_assert_uint_eq(offers[0].kilobytes, 0x100000);
	ck_assert(!offers[1].usable);
}
END_TEST

/* An SPI size whose SPI is not there, transforms in a proposal that says it has none, 255 of them announced. */
START_TEST(test_sizes_that_lie)
{
	static const char *const bad[] = {
	    "0000(01 03 04 01 c0ff)",
	    "0000(01 03 04 ff c0ffee01 0000(01 0c 0000 80040001))",
	    "0000(01 03 04 00 c0ffee01 0000(01 0c 0000 80040001))",
	    "0000(01 02 11 01 0000000000000000000000000000000000 0000(01 02 0000))",
	    "0000(01 02 10 01 00000000 0000(01 02 0000))",
	    "0500(01 03 04 01 c0ffee01 0000(01 0c 0000 80040001))",
	    "0000(01 03 04 01 c0ffee01 0500(01 0c 0000 80040001))",
	    "0000(01 03 04 01 c0ffee01 0300(01 0c 0000 80040001))",
	    "0200(01 03 04 01 c0ffee01 0000(01 0c 0000 80040001))",
	    "0000 0003",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ipsec_offer offers[4];
		char text[256];
		size_t count = 7;

		snprintf(text, sizeof(text), HEAD "%s", bad[i]);
		ck_assert_msg(parse(text, offers, 4, &count) != IKE_ACCEPTED, "%s", bad[i]);
		ck_assert_uint_eq(count, 0);
	}
}
END_TEST

/* More than there is room for: the first ones are kept, the faults of the others found all the same. */
START_TEST(test_more_than_room)
{
	struct ipsec_offer offers[3];
	char text[8192];
	size_t at, count;

	for (int bad = 0; bad < 2; bad++) {
		at = (size_t)snprintf(text, sizeof(text), HEAD "0000(01 03 04 64 c0ffee01");
		for (unsigned i = 1; i <= 100; i++)
			at += (size_t)snprintf(text + at, sizeof(text) - at,
					       "%s00(%02x 0c %04x 80040001 80050002 80060080)",
					       i < 100 ? "03" : "00", i, bad == 1 && i == 100);
		snprintf(text + at, sizeof(text) - at, ")");
		ck_assert_int_eq(parse(text, offers, 3, &count),
				 bad ? IKE_RESERVED_NOT_ZERO : IKE_ACCEPTED);
		ck_assert_uint_eq(count, bad ? 0 : 3);
	}
}
END_TEST

static const struct ike_ipsec_proposal mixed[] = {
    {12, 256, 5, 14}, {12, 128, 2, 14}, {3, 0, 1, 0}, {12, 128, 2, 0}};

static struct ipsec_offered offered(uint16_t group)
{
	return (struct ipsec_offered){.proposal = mixed,
				      .proposals = 4,
				      .group = group,
				      .encapsulation = IKE_ENCAPSULATION_TUNNEL,
				      .lifetime = 3600,
				      .kilobytes = group == 0 ? 0 : 1000,
				      .spi = 0x12345678};
}

/* One proposal, one group, a transform for each, and it reads back as what it was. */
START_TEST(test_offer)
{
	struct ipsec_offered with = offered(14), without = offered(0);
	struct ipsec_offer offers[8];
	uint8_t room[512];
	struct wire_writer writer;
	size_t count;

	wire_write_to(&writer, room, sizeof(room));
	ipsec_offers_write(&writer, &without);
	unit_assert_hex(wire_written(&writer),
			"00000001 00000001 00000048 01 03 04 02 12345678"
			"0300001c 01 03 0000 80040001 80010001 0002000400000e10 80050001"
			"00000020 02 0c 0000 80040001 80010001 0002000400000e10 80050002 80060080");
	wire_write_to(&writer, room, sizeof(room));
	ipsec_offers_write(&writer, &with);
	ck_assert_int_eq(ipsec_offers_parse(wire_written(&writer), offers, 8, &count),
			 IKE_ACCEPTED);
	ck_assert_uint_eq(count, 2);
	for (size_t i = 0; i < 2; i++) {
		ck_assert(offers[i].usable);
		ck_assert(ipsec_proposal_equal(&offers[i].proposal, &mixed[i]));
		ck_assert_uint_eq(offers[i].lifetime, 3600);
		ck_assert_uint_eq(offers[i].kilobytes, 1000);
		ck_assert_uint_eq(offers[i].spi, 0x12345678);
	}
	/* too little room is a failure, not a shorter offer */
	wire_write_to(&writer, room, 100);
	ipsec_offers_write(&writer, &with);
	ck_assert(writer.failed);
}
END_TEST

/* The answer to each transform that was offered is accepted by its initiator; what he did not offer is not. */
START_TEST(test_choice)
{
	struct ipsec_offered with = offered(14), without = offered(0);
	struct ipsec_offer offers[8], chosen;
	uint8_t room[512], answer_room[512];
	struct wire_writer writer, answer;
	size_t count;

	wire_write_to(&writer, room, sizeof(room));
	ipsec_offers_write(&writer, &with);
	ck_assert_int_eq(ipsec_offers_parse(wire_written(&writer), offers, 8, &count),
			 IKE_ACCEPTED);
	for (size_t i = 0; i < count; i++) {
		wire_write_to(&answer, answer_room, sizeof(answer_room));
		ipsec_offer_write_choice(&answer, &offers[i], 0xabcdef01);
		ck_assert_int_eq(ipsec_choice_check(&with, wire_written(&answer), &chosen),
				 IKE_ACCEPTED);
		ck_assert_uint_eq(chosen.spi, 0xabcdef01);
		ck_assert(ipsec_proposal_equal(&chosen.proposal, &mixed[i]));
		/* these have a group, which was not offered there */
		ck_assert_int_eq(ipsec_choice_check(&without, wire_written(&answer), &chosen),
				 IKE_PROPOSAL_CHANGED);
	}
}
END_TEST

/* RFC 4106: AES-GCM is offered with a key length and without an algorithm that authenticates; whoever names one wants something else. */
START_TEST(test_combined)
{
	static const struct ike_ipsec_proposal gcm = {20, 256, 0, 0};
	const struct ipsec_offered offered = {.proposal = &gcm,
					      .proposals = 1,
					      .encapsulation = IKE_ENCAPSULATION_TUNNEL,
					      .lifetime = 3600,
					      .spi = 0x12345678};
	struct ipsec_offer offers[4], chosen;
	uint8_t room[256];
	struct wire_writer writer;
	size_t count;

	ck_assert_int_eq(
	    parse(HEAD "0000(01 03 04 04 c0ffee01 0300(01 14 0000 80040001 80060100 80050002)"
		       "0300(02 14 0000 80040001) 0300(03 14 0000 80040001 800600a0)"
		       "0000(04 0c 0000 80040001 80060100))",
		  offers, 4, &count),
	    IKE_ACCEPTED);
	ck_assert_uint_eq(count, 4);
	for (size_t i = 0; i < count; i++)
		ck_assert(!offers[i].usable);
	wire_write_to(&writer, room, sizeof(room));
	ipsec_offers_write(&writer, &offered);
	unit_assert_hex(wire_written(&writer),
			"00000001 00000001 00000028 01 03 04 01 12345678"
			"0000001c 01 14 0000 80040001 80010001 0002000400000e10 80060100");
	ck_assert_int_eq(ipsec_offers_parse(wire_written(&writer), offers, 4, &count),
			 IKE_ACCEPTED);
	ck_assert_uint_eq(count, 1);
	ck_assert(offers[0].usable);
	ck_assert(ipsec_proposal_equal(&offers[0].proposal, &gcm));
	wire_write_to(&writer, room, sizeof(room));
	ipsec_offer_write_choice(&writer, &offers[0], 0xabcdef01);
	ck_assert_int_eq(ipsec_choice_check(&offered, wire_written(&writer), &chosen),
			 IKE_ACCEPTED);
	/* a key of another length is a change */
	ck_assert_int_eq(parse(HEAD "0000(01 03 04 01 c0ffee01 0000(01 14 0000 80040001 80010001"
				    "0002000400000e10 80060080))",
			       offers, 4, &count),
			 IKE_ACCEPTED);
	ck_assert(offers[0].usable);
	wire_write_to(&writer, room, sizeof(room));
	ipsec_offer_write_choice(&writer, &offers[0], 0xabcdef01);
	ck_assert_int_eq(ipsec_choice_check(&offered, wire_written(&writer), &chosen),
			 IKE_PROPOSAL_CHANGED);
}
END_TEST

START_TEST(test_lifetime)
{
	static const struct {
		const char *data;
		uint32_t seconds, kilobytes;
	} cases[] = {
	    {"", 0, 0},
	    {"80010001 80020e10", 3600, 0},
	    {"80010001 00020004 00000e10 80010002 00020004 00100000", 3600, 0x100000},
	    {"80010002 80020100", 0, 256},
	    {"80020e10", 0, 0},
	    {"80010001 00020005 0100000000", UINT32_MAX, 0},
	    {"80010001 80020e10 80010002 8002", 0, 0}, /* cut off: none of it counts */
	    {"80010007 80020e10", 0, 0},
	    {"80010001 80020000", 0, 0},
	};
	uint8_t room[64];
	struct wire_writer writer;
	uint32_t seconds, kilobytes;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ipsec_lifetime_read(octets_of(room, hex(cases[i].data, room, sizeof(room))),
				    &seconds, &kilobytes);
		ck_assert_uint_eq(seconds, cases[i].seconds);
		ck_assert_uint_eq(kilobytes, cases[i].kilobytes);
	}
	wire_write_to(&writer, room, sizeof(room));
	ipsec_lifetime_write(&writer, 3600);
	unit_assert_hex(wire_written(&writer), "80010001 00020004 00000e10");
}
END_TEST

UNIT_MAIN("ipsec_proposal", test_cut_off_anywhere, test_read, test_sizes_that_lie,
	  test_more_than_room, test_offer, test_choice, test_combined, test_lifetime)
