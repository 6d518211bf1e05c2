/* SPDX-License-Identifier: ISC */
/*
 * R-U-THERE and R-U-THERE-ACK of every form that was ever sent, and some that nobody sends: in the clear, without an SA, with the
 * wrong cookies, with any SPI size, with any length of data.
 */
#include <stdio.h>
#include <string.h>

#include "ike/core.h"
#include "ike/wire.h"
#include "tests/support/caller.h"
#include "tests/support/forge.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

static struct duo *new_pair(uint8_t seed, enum keepalive_strictness strictness)
{
	struct duo *duo = duo_new(seed);

	duo->keepalive[DUO_A].plan.strictness = duo->keepalive[DUO_B].plan.strictness = strictness;
	siege_begin(duo);
	duo->deliver = forge_lose_all;
	return duo;
}

/* The NOTIFY payload with its generic header: protocol ISAKMP, an SPI and data of those lengths, all there. */
static void forge_form(struct forge *forge, uint16_t type, size_t spi_length, size_t data_length,
		       uint32_t number)
{
	uint8_t room[FORGE_RAW_MAX], spi[256], data[FORGE_RAW_MAX] = {0};
	struct wire_writer writer;

	memset(spi, 0xee, sizeof(spi));
	memcpy(spi, forge->named_cky_i, IKE_COOKIE_LENGTH);
	memcpy(spi + IKE_COOKIE_LENGTH, forge->named_cky_r, IKE_COOKIE_LENGTH);
	wire_put_u32(data, number);
	wire_write_to(&writer, room, sizeof(room));
	wire_write_u16(&writer, 0);
	wire_write_u16(&writer, (uint16_t)(12 + spi_length + data_length));
	wire_write_u32(&writer, IKE_DOI_IPSEC);
	wire_write_u8(&writer, IKE_PROTOCOL_ISAKMP);
	wire_write_u8(&writer, (uint8_t)spi_length);
	wire_write_u16(&writer, type);
	wire_write_octets(&writer, octets_of(spi, spi_length));
	wire_write_octets(&writer, octets_of(data, data_length));
	ck_assert(!writer.failed);
	forge_raw(forge, IKE_PAYLOAD_NOTIFY, wire_written(&writer));
}

/* A's question, which is open because nothing is delivered. */
static uint32_t open_question(struct duo *duo)
{
	struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW};

	ck_assert(ike_command(duo->core[DUO_A], duo->now, &ask));
	duo_run(duo, 0);
	return duo_last_report(duo, DUO_A, IKE_REPORT_ASKED)->report.number;
}

/* ---- CVE-2009-0790: cookies that are not the SA's ------------------------------------------------------------------ */

static const uint16_t types[] = {IKE_NOTIFY_R_U_THERE, IKE_NOTIFY_R_U_THERE_ACK};
static const size_t spi_lengths[] = {0, 1, 4, 8, 15, 16};

/* One unencrypted packet was enough. */
static void in_the_clear(struct duo *duo, enum duo_node to, bool with_sa)
{
	uint64_t before = siege_digest(duo, to, SIEGE_EVERYTHING);
	struct forge forge;

	for (size_t type = 0; type < 2; type++) {
		for (size_t i = 0; i < sizeof(spi_lengths) / sizeof(spi_lengths[0]); i++) {
			for (int wrong = 0; wrong < 2; wrong++) {
				forge_from(&forge, duo, DUO_A);
				memset(forge.named_cky_i, wrong ? 0x11 : 0, IKE_COOKIE_LENGTH);
				if (!with_sa)
					forge.cky_i[3] ^= 0x40;
				forge_form(&forge, types[type], spi_lengths[i], 4, 1);
				ck_assert_int_eq(forge_inject_clear(&forge, duo, to),
						 IKE_UNPROTECTED);
			}
		}
	}
	ck_assert(siege_digest(duo, to, SIEGE_EVERYTHING) == before);
}

START_TEST(cve_2009_0790_dpd_in_the_clear)
{
	struct duo *duo = new_pair(1, KEEPALIVE_INTEROP);

	for (enum duo_node to = DUO_A; to < DUO_NODES; to++) {
		in_the_clear(duo, to, true);
		in_the_clear(duo, to, false);
	}
	duo_free(duo);
}
END_TEST

START_TEST(cve_2009_0790_dpd_without_an_sa)
{
	struct duo *duo = new_pair(2, KEEPALIVE_INTEROP);
	uint64_t before = siege_digest(duo, DUO_B, SIEGE_WHAT_MATTERS);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge.cky_r[0] ^= 1;
	for (size_t type = 0; type < 2; type++) {
		forge_form(&forge, types[type], 16, 4, 1);
		ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_UNKNOWN_COOKIES);
	}
	ck_assert(siege_digest(duo, DUO_B, SIEGE_WHAT_MATTERS) == before);
	/* and after the SA has gone */
	forge_from(&forge, duo, DUO_A);
	duo_reboot(duo, DUO_B);
	for (size_t type = 0; type < 2; type++) {
		forge_form(&forge, types[type], 16, 4, 1);
		ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_UNKNOWN_COOKIES);
	}
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	duo_free(duo);
}
END_TEST

/*
 * Under the SA's own HASH a wrong SPI is an oddity and no attack: interop answers, with the right cookies; strict refuses.  An ACK
 * to no question is refused whatever its SPI.
 */
static void mismatching(enum keepalive_strictness strictness, enum duo_node to)
{
	struct duo *duo = new_pair(3, strictness);
	uint64_t before = siege_digest(duo, to, SIEGE_WHAT_MATTERS);
	struct forge forge;

	for (unsigned wrong = 1; wrong < 4; wrong++) {
		enum ike_verdict verdict;
		size_t answered;

		forge_from(&forge, duo, to);
		if ((wrong & 1) != 0)
			memset(forge.named_cky_i, 0x11, IKE_COOKIE_LENGTH);
		if ((wrong & 2) != 0)
			memset(forge.named_cky_r, 0, IKE_COOKIE_LENGTH);
		forge_ack(&forge, 0x7ffffff0 + wrong);
		verdict = forge_inject(&forge, duo, to);
		ck_assert_int_eq(verdict, strictness == KEEPALIVE_STRICT
					      ? IKE_KEEPALIVE_WRONG_COOKIES
					      : IKE_KEEPALIVE_UNASKED_ACK);
		ck_assert(siege_digest(duo, to, SIEGE_WHAT_MATTERS) == before);
		forge.bodies = 0;
		forge.message_id ^= 0x10000000;
		forge_r_u_there(&forge, 0x100 + wrong);
		duo_run(duo, 0);
		answered = duo_count_reports(duo, to, IKE_REPORT_ANSWERED);
		verdict = forge_inject(&forge, duo, to);
		ck_assert_int_eq(verdict, strictness == KEEPALIVE_STRICT
					      ? IKE_KEEPALIVE_WRONG_COOKIES
					      : IKE_ACCEPTED);
		duo_run(duo, 0);
		ck_assert_uint_eq(duo_count_reports(duo, to, IKE_REPORT_ANSWERED) - answered,
				  strictness == KEEPALIVE_INTEROP);
		if (strictness == KEEPALIVE_INTEROP)
			before = siege_digest(duo, to, SIEGE_WHAT_MATTERS);
	}
	ck_assert_uint_eq(duo_established(duo, to), 1);
	duo_free(duo);
}

START_TEST(cve_2009_0790_dpd_with_mismatching_cookies)
{
	for (enum duo_node to = DUO_A; to < DUO_NODES; to++) {
		mismatching(KEEPALIVE_STRICT, to);
		mismatching(KEEPALIVE_INTEROP, to);
	}
}
END_TEST

/* ---- what deployed stacks send ------------------------------------------------------------------------------------- */

/* racoon takes an ACK with the cookies in either order, and so do we unless strict. */
START_TEST(p3_racoon_swapped_cookie_ack)
{
	for (enum keepalive_strictness strictness = KEEPALIVE_INTEROP;
	     strictness <= KEEPALIVE_STRICT; strictness++) {
		struct duo *duo = new_pair(4, strictness);
		uint32_t number = open_question(duo);
		struct forge forge;

		forge_from(&forge, duo, DUO_A);
		memcpy(forge.named_cky_i, forge.cky_r, IKE_COOKIE_LENGTH);
		memcpy(forge.named_cky_r, forge.cky_i, IKE_COOKIE_LENGTH);
		forge_ack(&forge, number);
		ck_assert_int_eq(forge_inject(&forge, duo, DUO_A), strictness == KEEPALIVE_STRICT
								       ? IKE_KEEPALIVE_WRONG_COOKIES
								       : IKE_ACCEPTED);
		duo_run(duo, 0);
		ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_ALIVE),
				  strictness == KEEPALIVE_INTEROP);
		duo_free(duo);
	}
}
END_TEST

static enum ike_verdict verdict_of_form(enum keepalive_strictness strictness, uint16_t type,
					size_t spi_length, size_t data_length)
{
	struct duo *duo = new_pair(5, strictness);
	uint32_t number = open_question(duo);
	enum ike_verdict verdict;
	struct forge forge;
	uint64_t before;

	forge_from(&forge, duo, DUO_A);
	forge_form(&forge, type, spi_length, data_length, number);
	before = siege_digest(duo, DUO_A, SIEGE_WHAT_MATTERS);
	verdict = forge_inject(&forge, duo, DUO_A);
	/* what is refused has no effect; one that is no notification at all is still an authenticated message */
	ck_assert(verdict == IKE_NOTIFY_MALFORMED ||
		  (verdict == IKE_ACCEPTED) ==
		      (siege_digest(duo, DUO_A, SIEGE_WHAT_MATTERS) != before));
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
	return verdict;
}

START_TEST(p7_spi_sizes)
{
	for (size_t type = 0; type < 2; type++) {
		for (size_t length = 0; length <= 255; length += length < 20 ? 1 : 47) {
			bool strict = length == 16, legal = strict || length == 0 || length == 8;
			enum ike_verdict refusal =
			    length > 16 ? IKE_NOTIFY_MALFORMED : IKE_KEEPALIVE_MALFORMED;

			ck_assert_int_eq(verdict_of_form(KEEPALIVE_STRICT, types[type], length, 4),
					 strict ? IKE_ACCEPTED : refusal);
			ck_assert_int_eq(verdict_of_form(KEEPALIVE_INTEROP, types[type], length, 4),
					 legal ? IKE_ACCEPTED : refusal);
		}
	}
}
END_TEST

/* An SPI size that reaches past the payload's end is not believed. */
START_TEST(p7_spi_size_beyond_the_payload)
{
	struct duo *duo = new_pair(6, KEEPALIVE_INTEROP);
	struct forge forge;
	char hex[100];

	for (unsigned size = 5; size <= 255; size++) {
		forge_from(&forge, duo, DUO_A);
		snprintf(hex, sizeof(hex), "0000 0010 00000001 01 %02x 8d28 00000001", size);
		forge_raw_hex(&forge, IKE_PAYLOAD_NOTIFY, hex);
		ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_NOTIFY_MALFORMED);
	}
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

START_TEST(p8_data_of_any_length)
{
	static const size_t lengths[] = {0, 1, 2, 3, 5, 8, 64, 1024, 3400};

	for (enum keepalive_strictness strictness = KEEPALIVE_INTEROP;
	     strictness <= KEEPALIVE_STRICT; strictness++) {
		for (size_t type = 0; type < 2; type++) {
			for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
				ck_assert_int_eq(
				    verdict_of_form(strictness, types[type], 16, lengths[i]),
				    IKE_KEEPALIVE_MALFORMED);
			ck_assert_int_eq(verdict_of_form(strictness, types[type], 16, 4),
					 IKE_ACCEPTED);
		}
	}
}
END_TEST

/* 65535 octets do not fit into any datagram that is accepted; a payload may say so all the same. */
START_TEST(p8_data_of_65535_octets)
{
	struct duo *duo = new_pair(7, KEEPALIVE_INTEROP);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_raw_hex(&forge, IKE_PAYLOAD_NOTIFY,
		      "0000 ffff 00000001 01 10 8d28 00112233445566778899aabbccddeeff 00000001");
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_PAYLOAD_TRUNCATED);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("dpd_forms", cve_2009_0790_dpd_in_the_clear, cve_2009_0790_dpd_without_an_sa,
	  cve_2009_0790_dpd_with_mismatching_cookies, p3_racoon_swapped_cookie_ack, p7_spi_sizes,
	  p7_spi_size_beyond_the_payload, p8_data_of_any_length, p8_data_of_65535_octets)
