/* SPDX-License-Identifier: ISC */
#include "keepalive/message.h"

#include <stdio.h>
#include <string.h>

#include "ike/registry.h"
#include "tests/support/unit.h"

#define CKY_I "1011121314151617"
#define CKY_R "a0a1a2a3a4a5a6a7"
#define ASK   "00000001 01 10 8d28" /* DOI, protocol, SPI size, type */

static struct keepalive_message message;

static enum ike_verdict parse_as(const char *hex, uint16_t type,
				 enum keepalive_strictness strictness)
{
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH], body[512];
	struct octets octets = octets_of(body, unit_hex(hex, body, sizeof(body)));

	unit_hex(CKY_I, cky_i, sizeof(cky_i));
	unit_hex(CKY_R, cky_r, sizeof(cky_r));
	memset(&message, 0xee, sizeof(message));
	return keepalive_message_parse(octets, type, cky_i, cky_r, strictness, &message);
}

static void refused(const char *hex, enum keepalive_strictness strictness, enum ike_verdict why)
{
	struct keepalive_message untouched;

	memset(&untouched, 0xee, sizeof(untouched));
	ck_assert_int_eq(parse_as(hex, IKE_NOTIFY_R_U_THERE, strictness), why);
	ck_assert_mem_eq(&message, &untouched, sizeof(message));
}

static void accepted(const char *hex, enum keepalive_strictness strictness,
		     enum keepalive_quirk quirk)
{
	ck_assert_int_eq(parse_as(hex, IKE_NOTIFY_R_U_THERE, strictness), IKE_ACCEPTED);
	ck_assert_int_eq(message.type, IKE_NOTIFY_R_U_THERE);
	ck_assert_uint_eq(message.number, 0x12345678);
	ck_assert_int_eq(message.quirk, quirk);
}

static void malformed(const char *hex)
{
	refused(hex, KEEPALIVE_STRICT, IKE_KEEPALIVE_MALFORMED);
	refused(hex, KEEPALIVE_INTEROP, IKE_KEEPALIVE_MALFORMED);
}

/* R56 */
START_TEST(wrong_in_any_mode)
{
	malformed("");
	malformed("00");
	malformed("00000001 01 10 8d");
	malformed(ASK);
	malformed("00000002 01 10 8d28" CKY_I CKY_R "12345678"); /* DOI */
	malformed("00000001 03 10 8d28" CKY_I CKY_R "12345678"); /* R9: protocol ESP */
	malformed("00000001 00 10 8d28" CKY_I CKY_R "12345678");
	malformed("00000001 01 10 8d29" CKY_I CKY_R "12345678"); /* the header said R-U-THERE */
	malformed("00000001 01 10 6002" CKY_I CKY_R "12345678");
}
END_TEST

/* R44: exactly four octets of data. */
START_TEST(wrong_length_of_data)
{
	malformed(ASK CKY_I CKY_R);
	malformed(ASK CKY_I CKY_R "123456");
	malformed(ASK CKY_I CKY_R "12345678 00");
	malformed(ASK CKY_I CKY_R "12345678 12345678");
}
END_TEST

/* An SPI size that runs past the payload (CVE-2009-0790 and its kin), or that means nothing (R62). */
START_TEST(wrong_spi_size)
{
	char hex[128];

	for (unsigned size = 0; size < 256; size++) {
		if (size == 16)
			continue;
		snprintf(hex, sizeof(hex), "00000001 01 %02x 8d28" CKY_I CKY_R "12345678", size);
		malformed(hex);
	}
	malformed("00000001 01 04 8d28"
		  "01020304"
		  "12345678");
	malformed("00000001 01 18 8d28" CKY_I CKY_R CKY_I "12345678");
}
END_TEST

/* R31. */
START_TEST(wrong_cookies)
{
	static const char other[] = ASK CKY_I "a0a1a2a3a4a5a6a8"
					      "12345678";
	static const char swapped[] = ASK CKY_R CKY_I "12345678";

	refused(other, KEEPALIVE_STRICT, IKE_KEEPALIVE_WRONG_COOKIES);
	refused(swapped, KEEPALIVE_STRICT, IKE_KEEPALIVE_WRONG_COOKIES);
	accepted(other, KEEPALIVE_INTEROP, KEEPALIVE_OTHER_COOKIES);
	accepted(ASK CKY_I CKY_I "12345678", KEEPALIVE_INTEROP, KEEPALIVE_OTHER_COOKIES);
	accepted(swapped, KEEPALIVE_INTEROP, KEEPALIVE_SWAPPED_COOKIES);
}
END_TEST

/* R8 and R10 are SHOULDs (R55, R57). */
START_TEST(legal_but_unusual)
{
	static const char none[] = "00000001 01 00 8d28 12345678";
	static const char one[] = "00000001 01 08 8d28" CKY_I "12345678";
	static const char doi[] = "00000000 01 10 8d28" CKY_I CKY_R "12345678";

	refused(none, KEEPALIVE_STRICT, IKE_KEEPALIVE_MALFORMED);
	refused(one, KEEPALIVE_STRICT, IKE_KEEPALIVE_MALFORMED);
	refused(doi, KEEPALIVE_STRICT, IKE_KEEPALIVE_MALFORMED);
	accepted(none, KEEPALIVE_INTEROP, KEEPALIVE_SHORT_SPI);
	accepted(one, KEEPALIVE_INTEROP, KEEPALIVE_SHORT_SPI);
	accepted(doi, KEEPALIVE_INTEROP, KEEPALIVE_NO_QUIRK);
}
END_TEST

/* R7: DOI (R8), protocol (R9), SPI size (R10), types (R11, R14), cookies (R12), number (R13, R15), as in psk-aes128-sha1. */
START_TEST(built_as_the_rfc_has_it)
{
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH], body[KEEPALIVE_BODY_LENGTH];

	unit_hex(CKY_I, cky_i, sizeof(cky_i));
	unit_hex(CKY_R, cky_r, sizeof(cky_r));
	keepalive_message_build(IKE_NOTIFY_R_U_THERE, cky_i, cky_r, 0x12345678, body);
	unit_assert_hex(octets_of(body, sizeof(body)),
			"00000001 0110 8d28 1011121314151617 a0a1a2a3a4a5a6a7 12345678");
	keepalive_message_build(IKE_NOTIFY_R_U_THERE_ACK, cky_i, cky_r, 0x12345678, body);
	unit_assert_hex(octets_of(body, sizeof(body)),
			"00000001 0110 8d29 1011121314151617 a0a1a2a3a4a5a6a7 12345678");
}
END_TEST

START_TEST(read_as_it_was_built)
{
	accepted(ASK CKY_I CKY_R "12345678", KEEPALIVE_STRICT, KEEPALIVE_NO_QUIRK);
	accepted(ASK CKY_I CKY_R "12345678", KEEPALIVE_INTEROP, KEEPALIVE_NO_QUIRK);
	ck_assert_int_eq(parse_as("00000001 01 10 8d29" CKY_I CKY_R "ffffffff",
				  IKE_NOTIFY_R_U_THERE_ACK, KEEPALIVE_STRICT),
			 IKE_ACCEPTED);
	ck_assert_int_eq(message.type, IKE_NOTIFY_R_U_THERE_ACK);
	ck_assert_uint_eq(message.number, UINT32_MAX);
}
END_TEST

UNIT_MAIN("message", wrong_in_any_mode, wrong_length_of_data, wrong_spi_size, wrong_cookies,
	  legal_but_unusual, built_as_the_rfc_has_it, read_as_it_was_built)
