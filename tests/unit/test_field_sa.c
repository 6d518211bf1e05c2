/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/decode/field.h"
#include "tests/support/unit.h"

static struct field_list list;

/* The SA payload's body, in a message of Main or Quick Mode. */
static void fill(uint8_t exchange, const char *body)
{
	static uint8_t octets[1024];
	size_t length;

	memset(octets, 0x11, 16);
	length = 32 + unit_hex(body, octets + 32, sizeof(octets) - 32);
	unit_hex("01 10 00 00 00000000 00000000 0000", octets + 16, 16);
	octets[18] = exchange;
	octets[23] = exchange == 32;
	octets[27] = (uint8_t)length;
	octets[28] = octets[29] = octets[30] = 0;
	octets[31] = (uint8_t)(length - 28);
	field_list_free(&list);
	ck_assert(field_list_fill(&list, octets_of(octets, length)));
}

static const struct field *find(const char *name, unsigned depth)
{
	for (size_t i = 0; i < list.fields; i++)
		if (list.field[i].depth == depth && strcmp(list.field[i].name, name) == 0)
			return &list.field[i];
	ck_abort_msg("no field %s", name);
	return NULL;
}

START_TEST(test_malformed)
{
	fill(2, "0000");
	ck_assert_str_eq(find("DOI", 1)->value, "cut off: 2 of 4 octets are there");
	ck_assert_ptr_nonnull(strstr(find("verdict", 1)->value, "PAYLOAD_TOO_SHORT"));
	fill(2, "00000002 00000003 00 00 0008 01 01 00 00");
	ck_assert_str_eq(find("DOI", 1)->value, "2: not IPSEC (1)");
	ck_assert_str_eq(find("situation", 1)->value, "3: not SIT_IDENTITY_ONLY (1)");
	fill(2, "00000001 00000001 00 00 0010 01 01 00 02 00 00 0008 01 01 0007");
	ck_assert_str_eq(find("number of transforms", 2)->value, "2: 1 are there");
	ck_assert_str_eq(find("RESERVED2", 3)->value, "7: must be zero");
	fill(2, "00000001 00000001 00 00 0014 01 01 00 01 00 00 000c 01 01 0000 000bffff");
	ck_assert_str_eq(find("octets", 3)->value,
			 "an attribute that is longer than what it stands in");
	ck_assert_ptr_nonnull(strstr(find("verdict", 1)->value, "BAD_ATTRIBUTE"));
	ck_assert_str_eq(find("verdict", 1)->section, "RFC 2408 section 3.3");
	fill(2, "00000001 00000001 00 00 000c 01 01 00 00 01020304");
	ck_assert(find("payload length", 3)->wrong);
	/* a payload of another type in the place of a proposal */
	fill(2, "00000001 00000001 05 00 0010 01 01 00 01 00 00 0008 01 01 0000 01020304");
	ck_assert_str_eq(find("octets", 1)->value, "a payload that does not belong here");
}
END_TEST

START_TEST(test_phase_1)
{
	fill(2, "00000001 00000001 00 00 0030 01 01 00 01 00 00 0028 01 01 0000"
		"8001 0007 800e 0080 8002 0002 8003 0001 8004 000e 800b 0001 000c 0004 00015180");
	for (size_t i = 0; i < list.fields; i++)
		ck_assert_msg(!list.field[i].wrong, "%s %s", list.field[i].name,
			      list.field[i].value);
	ck_assert_str_eq(find("encryption", 3)->value, "aes (7)");
	ck_assert_str_eq(find("key-length", 3)->value, "128");
	ck_assert_str_eq(find("group", 3)->value, "modp2048 (14)");
	ck_assert_str_eq(find("life-type", 3)->value, "seconds (1)");
	ck_assert_str_eq(find("life-duration", 3)->value, "86400");
	ck_assert_uint_eq(find("life-duration", 3)->length, 8);
	ck_assert_str_eq(find("P", 1)->section, "RFC 2408 section 3.5");
	ck_assert_str_eq(find("T", 2)->value, "40 octets");
	ck_assert_str_eq(find("transform ID", 3)->value, "KEY_IKE (1)");
}
END_TEST

START_TEST(test_quick_mode)
{
	fill(32, "00000001 00000001 00 00 0024 01 03 04 01 c0ffee01 00 00 0018 01 0c 0000"
		 "8004 0001 8005 0002 8006 0080 ffff 0001");
	ck_assert_str_eq(find("protocol", 2)->value, "ESP (3)");
	ck_assert_str_eq(find("SPI", 2)->value, "c0ffee01");
	ck_assert_str_eq(find("transform ID", 3)->value, "aes (12)");
	ck_assert_str_eq(find("encapsulation", 3)->value, "tunnel (1)");
	ck_assert_str_eq(find("authentication", 3)->value, "sha1 (2)");
	ck_assert_str_eq(find("attribute", 3)->value, "type 32767, 1");
}
END_TEST

UNIT_MAIN("field_sa", test_malformed, test_phase_1, test_quick_mode)
