/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ike/address.h"
#include "ike/ike.h"
#include "tests/support/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct ike_address address_of(const char *text)
{
	struct ike_address address;

	ck_assert_msg(ike_address_from_text(text, &address), "%s", text);
	return address;
}

START_TEST(test_what_is_no_address)
{
	static const char *const bad[] = {
	    "",
	    " ",
	    "gw.example",
	    "192.0.2",
	    "192.0.2.1.1",
	    "192.0.2.256",
	    "192.0.2.01 ",
	    "192.0.2.1:",
	    "192.0.2.1:0",
	    "192.0.2.1:65536",
	    "192.0.2.1:99999",
	    "192.0.2.1:500000",
	    "192.0.2.1:+500",
	    "192.0.2.1: 500",
	    "192.0.2.1:500x",
	    "[192.0.2.1]:500",
	    "[192.0.2.1]",
	    "[2001:db8::1",
	    "2001:db8::1]",
	    "[2001:db8::1]500",
	    "[2001:db8::1]:",
	    "[2001:db8::1]:0",
	    "2001:db8",
	    "2001:db8::1::2",
	    "fe80::1%eth0",
	    ":",
	    "[]",
	    "[]:500",
	    ":500",
	    "0x7f.1",
	    "1111:2222:3333:4444:5555:6666:7777:8888:9999:1111:2222:3333:4444",
	};
	struct ike_address address;

	for (size_t i = 0; i < COUNT(bad); i++) {
		memset(&address, 0xa5, sizeof(address));
		ck_assert_msg(!ike_address_from_text(bad[i], &address), "%s", bad[i]);
		ck_assert_uint_eq(address.family, 0xa5); /* left as it was */
	}
}
END_TEST

START_TEST(test_there_and_back)
{
	static const struct {
		const char *in, *out;
		uint8_t family;
		uint16_t port;
	} good[] = {
	    {"192.0.2.1", "192.0.2.1", IKE_FAMILY_IPV4, 0},
	    {"192.0.2.1:500", "192.0.2.1", IKE_FAMILY_IPV4, 500},
	    {"192.0.2.1:4500", "192.0.2.1:4500", IKE_FAMILY_IPV4, 4500},
	    {"255.255.255.255:65535", "255.255.255.255:65535", IKE_FAMILY_IPV4, 65535},
	    {"2001:db8::1", "2001:db8::1", IKE_FAMILY_IPV6, 0},
	    {"[2001:db8::1]", "2001:db8::1", IKE_FAMILY_IPV6, 0},
	    {"[2001:db8::1]:500", "2001:db8::1", IKE_FAMILY_IPV6, 500},
	    {"[2001:DB8:0:0::1]:4500", "[2001:db8::1]:4500", IKE_FAMILY_IPV6, 4500},
	    {"::", "::", IKE_FAMILY_IPV6, 0},
	};
	char text[IKE_ADDRESS_TEXT];

	for (size_t i = 0; i < COUNT(good); i++) {
		struct ike_address address = address_of(good[i].in);

		ck_assert_uint_eq(address.family, good[i].family);
		ck_assert_uint_eq(address.port, good[i].port);
		ck_assert_uint_eq(ike_address_text(&address, text, sizeof(text)),
				  strlen(good[i].out));
		ck_assert_str_eq(text, good[i].out);
	}
}
END_TEST

START_TEST(test_longest_text_fits)
{
	struct ike_address address = {.family = IKE_FAMILY_IPV6, .port = 65535};
	char text[IKE_ADDRESS_TEXT], short_text[8];

	memset(address.octets, 0xfe, sizeof(address.octets));
	ck_assert_uint_eq(ike_address_text(&address, text, sizeof(text)), 47);
	ck_assert_str_eq(text, "[fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe]:65535");
	ck_assert_uint_eq(ike_address_text(&address, short_text, sizeof(short_text)), 7);
	ck_assert_str_eq(short_text, "[fefe:f");
}
END_TEST

START_TEST(test_no_address_has_a_text_too)
{
	static const struct ike_address none, odd = {.family = 5};
	char text[IKE_ADDRESS_TEXT];

	(void)ike_address_text(&none, text, sizeof(text));
	ck_assert_str_eq(text, "any");
	(void)ike_address_text(&odd, text, sizeof(text));
	ck_assert_str_eq(text, "any");
}
END_TEST

START_TEST(test_unused_octets_are_zero)
{
	struct ike_address address = address_of("192.0.2.1:4500");

	unit_assert_hex(octets_of(address.octets, 16), "c0000201 00000000 00000000 00000000");
	ck_assert_uint_eq(address.zero, 0);
}
END_TEST

START_TEST(test_equality)
{
	struct ike_address a = address_of("192.0.2.1:500"), b = address_of("192.0.2.1:4500");
	struct ike_address c = address_of("192.0.2.2:500"), v6 = address_of("[c000:201::]:500");

	ck_assert(!ike_address_equal(&a, &b));
	ck_assert(ike_address_same_host(&a, &b));
	ck_assert(!ike_address_same_host(&a, &c));
	ck_assert(!ike_address_same_host(&a, &v6)); /* the same octets */
	ck_assert_mem_eq(a.octets, v6.octets, 16);
	b.port = 500;
	ck_assert(ike_address_equal(&a, &b));
}
END_TEST

START_TEST(test_bits_of_families)
{
	ck_assert_uint_eq(ike_family_bits(IKE_FAMILY_NONE), 0);
	ck_assert_uint_eq(ike_family_bits(5), 0);
	ck_assert_uint_eq(ike_family_bits(IKE_FAMILY_IPV4), 32);
	ck_assert_uint_eq(ike_family_bits(IKE_FAMILY_IPV6), 128);
}
END_TEST

static int match(const char *prefix_text, uint8_t bits, const char *text)
{
	struct ike_prefix prefix = {address_of(prefix_text), bits};
	struct ike_address address = address_of(text);

	return ike_prefix_match(&prefix, &address);
}

START_TEST(test_prefixes_that_do_not_match)
{
	ck_assert_int_eq(match("192.0.2.0", 24, "192.0.3.1"), -1);
	ck_assert_int_eq(match("192.0.2.128", 25, "192.0.2.127"), -1);
	ck_assert_int_eq(match("192.0.2.1", 32, "192.0.2.0"), -1);
	ck_assert_int_eq(match("192.0.2.0", 33, "192.0.2.0"), -1); /* more bits than there are */
	ck_assert_int_eq(match("192.0.2.0", 255, "192.0.2.0"), -1);
	ck_assert_int_eq(match("::", 129, "::"), -1);
	ck_assert_int_eq(match("2001:db8::", 32, "2001:db9::1"), -1);
	ck_assert_int_eq(match("0.0.0.0", 0, "::1"), -1); /* the other family */
	ck_assert_int_eq(match("c000:200::", 24, "192.0.2.0"), -1);
}
END_TEST

START_TEST(test_prefixes_that_match)
{
	static const struct ike_prefix any;
	struct ike_address address = address_of("2001:db8::1");

	ck_assert_int_eq(match("192.0.2.0", 24, "192.0.2.255:4500"), 24);
	ck_assert_int_eq(match("192.0.2.99", 24, "192.0.2.255"), 24); /* host bits do not count */
	ck_assert_int_eq(match("192.0.2.128", 25, "192.0.2.129"), 25);
	ck_assert_int_eq(match("192.0.2.1", 32, "192.0.2.1"), 32);
	ck_assert_int_eq(match("192.0.2.1", 0, "203.0.113.9"), 0);
	ck_assert_int_eq(match("2001:db8::", 33, "2001:db8:7fff::1"), 33);
	ck_assert_int_eq(match("2001:db8::1", 128, "2001:db8::1"), 128);
	ck_assert_int_eq(ike_prefix_match(&any, &address), 0);
}
END_TEST

UNIT_MAIN("address", test_what_is_no_address, test_there_and_back, test_longest_text_fits,
	  test_no_address_has_a_text_too, test_unused_octets_are_zero, test_equality,
	  test_bits_of_families, test_prefixes_that_do_not_match, test_prefixes_that_match)
