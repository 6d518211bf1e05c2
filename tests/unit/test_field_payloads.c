/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/decode/field.h"
#include "tests/support/unit.h"

static struct field_list list;

/* One payload in a message of that exchange, under the cookies 11.. and 22.. */
static void fill(uint8_t exchange, uint8_t type, const char *body)
{
	static uint8_t octets[1024];
	size_t length;

	memset(octets, 0x11, 8);
	memset(octets + 8, 0x22, 8);
	length = 32 + unit_hex(body, octets + 32, sizeof(octets) - 32);
	unit_hex("00 10 00 00 00000000 00000000 0000", octets + 16, 16);
	octets[16] = type;
	octets[18] = exchange;
	octets[23] = exchange > 5;
	octets[27] = (uint8_t)length;
	octets[28] = octets[29] = octets[30] = 0;
	octets[31] = (uint8_t)(length - 28);
	field_list_free(&list);
	ck_assert(field_list_fill(&list, octets_of(octets, length)));
}

static const struct field *find(const char *name)
{
	/* behind the header and the generic header */
	for (size_t i = 13; i < list.fields; i++)
		if (strcmp(list.field[i].name, name) == 0)
			return &list.field[i];
	ck_abort_msg("no field %s", name);
	return NULL;
}

static size_t wrongs(void)
{
	size_t count = 0;

	for (size_t i = 0; i < list.fields; i++)
		count += list.field[i].wrong;
	return count;
}

START_TEST(test_malformed)
{
	fill(5, 11, "00000001 01 10 8d28 01020304");
	ck_assert_str_eq(find("SPI")->value, "cut off: 4 of 16 octets are there");
	ck_assert_ptr_nonnull(strstr(find("verdict")->value, "NOTIFY_MALFORMED"));
	fill(5, 11, "00000001 01 11 8d28 1111111111111111222222222222222233 00000001");
	ck_assert_str_eq(find("SPI size")->value, "17: more than 16");
	fill(5, 11, "00000001 01 10 8d28 11111111111111112222222222222222 000001");
	ck_assert_ptr_nonnull(strstr(find("verdict")->value, "KEEPALIVE_MALFORMED"));
	fill(5, 11, "00000001 01 10 8d28 22222222222222221111111111111111 00000001");
	ck_assert_str_eq(find("SPI")->value,
			 "22222222222222221111111111111111: not the cookies of this SA");
	fill(5, 12, "00000001 03 04 0002 01020304 0506");
	ck_assert_ptr_nonnull(strstr(find("verdict")->value, "DELETE_MALFORMED"));
	fill(5, 12, "00000001 03 04 0001 01020304 0506");
	ck_assert_str_eq(find("octets")->value, "behind the last SPI");
	fill(2, 5, "01 00 0000 0102");
	ck_assert_ptr_nonnull(strstr(find("verdict")->value, "BAD_IDENTITY"));
	fill(2, 10, "01020304");
	ck_assert_ptr_nonnull(strstr(find("verdict")->value, "BAD_NONCE"));
	fill(2, 20, "01020304");
	ck_assert_ptr_nonnull(strstr(find("verdict")->value, "BAD_NAT_D"));
	fill(2, 132, "0001 00 01 0203");
	ck_assert_ptr_nonnull(strstr(find("verdict")->value, "FRAGMENT_BAD_NUMBER"));
	fill(6, 14, "01 01 0000 4089 0005 0102");
	ck_assert(find("RESERVED")->wrong);
	ck_assert(find("octets")->wrong);
}
END_TEST

START_TEST(test_keepalive)
{
	fill(5, 11, "00000001 01 10 8d28 11111111111111112222222222222222 00000411");
	ck_assert_uint_eq(wrongs(), 0);
	ck_assert_str_eq(find("DOI")->value, "IPSEC (1)");
	ck_assert_str_eq(find("protocol ID")->value, "ISAKMP (1)");
	ck_assert_str_eq(find("notify message type")->value, "R-U-THERE (36136)");
	ck_assert_str_eq(find("SPI")->value,
			 "11111111111111112222222222222222 (this SA's cookies)");
	ck_assert_str_eq(find("sequence number")->value, "1041");
}
END_TEST

START_TEST(test_others)
{
	fill(2, 5, "02 00 0000 67772e6578616d706c65");
	ck_assert_str_eq(find("identity")->value, "fqdn:gw.example");
	fill(32, 5, "04 00 0000 0a010000 ffff0000");
	ck_assert_str_eq(find("identity")->value, "10.1.0.0/16");
	fill(6, 14, "02 00 0007 0001 0004 0a010203 4089 0003 616263 c088 0000 408c 0004 41202201");
	ck_assert_uint_eq(wrongs(), 0);
	ck_assert_str_eq(find("type")->value, "ISAKMP_CFG_REPLY (2)");
	ck_assert_str_eq(find("INTERNAL_IP4_ADDRESS")->value, "10.1.2.3");
	ck_assert_str_eq(find("XAUTH-USER-NAME")->value, "\"abc\"");
	ck_assert_str_eq(find("XAUTH-TYPE")->value, "0");
	/* whatever a peer says stays on its line */
	ck_assert_str_eq(find("XAUTH-MESSAGE")->value, "\"A \\x22\\x01\"");
	fill(5, 11, "00000001 01 00 6000 800b 0001 000c 0004 00000e10");
	ck_assert_str_eq(find("life-duration")->value, "3600");
	fill(2, 21, "01 000000 c0000201");
	ck_assert_str_eq(find("address")->value, "c0000201 (192.0.2.1)");
	fill(2, 7, "04");
	ck_assert_str_eq(find("certificate authority")->value, "any");
	fill(5, 12, "00000001 01 10 0001 11111111111111112222222222222222");
	ck_assert_str_eq(find("SPI")->value,
			 "11111111111111112222222222222222 (this SA's cookies)");
	ck_assert_uint_eq(wrongs(), 0);
}
END_TEST

/* A long value is cut where it can be seen. */
START_TEST(test_long_values)
{
	char hex[601] = "";

	for (int i = 0; i < 200; i++)
		memcpy(hex + (ptrdiff_t)3 * i, "ab ", 4);
	fill(2, 4, hex);
	ck_assert_uint_eq(strlen(find("public value")->value), FIELD_VALUE - 1);
	ck_assert_str_eq(find("public value")->value + FIELD_VALUE - 4, "...");
	ck_assert_uint_eq(find("public value")->length, 200);
}
END_TEST

UNIT_MAIN("field_payloads", test_malformed, test_keepalive, test_others, test_long_values)
