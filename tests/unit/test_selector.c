/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ike/selector.h"
#include "tests/support/unit.h"

static enum ike_verdict parse(const char *hex, struct ike_selector *selector)
{
	uint8_t body[64];

	return selector_parse(octets_of(body, unit_hex(hex, body, sizeof(body))), selector);
}

static const char *text_of(const struct ike_selector *selector)
{
	static char text[IKE_SELECTOR_TEXT];

	(void)ike_selector_text(selector, text, sizeof(text));
	return text;
}

static struct ike_selector parsed(const char *hex)
{
	struct ike_selector selector;

	ck_assert_int_eq(parse(hex, &selector), IKE_ACCEPTED);
	return selector;
}

#define V6 "20010db8000000000000000000000000"

START_TEST(test_malformed)
{
	static const struct {
		const char *hex;
		enum ike_verdict verdict;
	} bad[] = {
	    {"", IKE_PAYLOAD_TOO_SHORT},
	    {"01 00 00", IKE_PAYLOAD_TOO_SHORT},
	    {"01 00 0000", IKE_BAD_IDENTITY},
	    {"01 00 0000 0a0000", IKE_BAD_IDENTITY},
	    {"01 00 0000 0a00000100", IKE_BAD_IDENTITY},
	    {"04 00 0000 0a000000", IKE_BAD_IDENTITY},
	    {"04 00 0000 0a000000 ffff00", IKE_BAD_IDENTITY},
	    {"04 00 0000 0a000000 ffff00ff", IKE_BAD_IDENTITY}, /* holes in the mask */
	    {"04 00 0000 0a000000 00ffffff", IKE_BAD_IDENTITY},
	    {"04 00 0000 0a000000 ffff0000 00", IKE_BAD_IDENTITY},
	    {"05 00 0000 0a000001", IKE_BAD_IDENTITY},
	    {"06 00 0000 " V6, IKE_BAD_IDENTITY},
	    {"06 00 0000 " V6 "ffffffff00000000000000000000000f", IKE_BAD_IDENTITY},
	    {"07 00 0000 0a000000 0a0000fe", IKE_BAD_IDENTITY}, /* no prefix */
	    {"07 00 0000 0a000001 0a0000ff", IKE_BAD_IDENTITY},
	    {"07 00 0000 0a0000ff 0a000000", IKE_BAD_IDENTITY}, /* backwards */
	    {"02 00 0000 61", IKE_BAD_IDENTITY},                /* names select nothing */
	    {"0b 00 0000 61", IKE_BAD_IDENTITY},
	    {"00 00 0000 0a000001", IKE_BAD_IDENTITY},
	    {"ff 00 0000 0a000001", IKE_BAD_IDENTITY},
	    {"01 00 01f4 0a000001", IKE_BAD_IDENTITY}, /* a port of no protocol */
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ike_selector selector = {.port = 77};

		ck_assert_msg(parse(bad[i].hex, &selector) == bad[i].verdict, "%s", bad[i].hex);
		ck_assert_uint_eq(selector.port, 77);
	}
}
END_TEST

START_TEST(test_well_formed)
{
	static const struct {
		const char *hex, *text;
	} good[] = {
	    {"01 00 0000 0a000001", "10.0.0.1/32"},
	    {"01 11 06a5 c0000207", "192.0.2.7/32 udp/1701"},
	    {"01 06 0000 c0000207", "192.0.2.7/32 tcp"},
	    {"01 2f 0000 c0000207", "192.0.2.7/32 protocol#47"},
	    {"04 00 0000 0a010000 ffff0000", "10.1.0.0/16"},
	    {"04 00 0000 0a010203 ffff0000", "10.1.0.0/16"},
	    {"04 00 0000 00000000 00000000", "0.0.0.0/0"},
	    {"04 00 0000 0a010203 ffffffff", "10.1.2.3/32"},
	    {"04 01 0000 0a010203 fffffe00", "10.1.2.0/23 icmp"},
	    {"07 00 0000 0a010000 0a01ffff", "10.1.0.0/16"},
	    {"07 00 0000 00000000 ffffffff", "0.0.0.0/0"},
	    {"07 00 0000 0a010203 0a010203", "10.1.2.3/32"},
	    {"05 00 0000 " V6, "2001:db8::/128"},
	    {"06 00 0000 " V6 "ffffffff000000000000000000000000", "2001:db8::/32"},
	    {"08 00 0000 " V6 "20010db8ffffffffffffffffffffffff", "2001:db8::/32"},
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct ike_selector selector = parsed(good[i].hex);

		ck_assert_str_eq(text_of(&selector), good[i].text);
	}
}
END_TEST

/* What is written is the shortest form, and reads back the same. */
START_TEST(test_written)
{
	static const struct {
		const char *hex, *written;
	} forms[] = {
	    {"04 11 0035 0a010203 ffffffff", "01 11 0035 0a010203"},
	    {"07 00 0000 0a010000 0a01ffff", "04 00 0000 0a010000 ffff0000"},
	    {"04 00 0000 00000000 00000000", "04 00 0000 00000000 00000000"},
	    {"05 00 0000 " V6, "05 00 0000 " V6},
	    {"06 06 0050 " V6 "ffffffff800000000000000000000000",
	     "06 06 0050 " V6 "ffffffff800000000000000000000000"},
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct ike_selector selector = parsed(forms[i].hex), again;
		uint8_t room[SELECTOR_BODY_MAX];
		struct wire_writer writer;

		wire_write_to(&writer, room, sizeof(room));
		selector_write(&writer, &selector);
		ck_assert(!writer.failed);
		unit_assert_hex(wire_written(&writer), forms[i].written);
		ck_assert_int_eq(selector_parse(wire_written(&writer), &again), IKE_ACCEPTED);
		ck_assert(selector_equal(&selector, &again));
	}
}
END_TEST

START_TEST(test_inside)
{
	static const struct {
		const char *inner, *outer;
		bool inside;
	} cases[] = {
	    {"01 00 0000 0a010203", "04 00 0000 0a010000 ffff0000", true},
	    {"04 00 0000 0a010000 ffff0000", "04 00 0000 0a010000 ffff0000", true},
	    {"04 00 0000 0a000000 ff000000", "04 00 0000 0a010000 ffff0000", false},
	    {"01 00 0000 0a020203", "04 00 0000 0a010000 ffff0000", false},
	    {"01 00 0000 00000000", "04 00 0000 00000000 00000000", true},
	    {"05 00 0000 " V6, "04 00 0000 00000000 00000000", false},
	    {"01 11 0035 0a010203", "04 00 0000 0a010000 ffff0000", true},
	    {"01 11 0035 0a010203", "04 11 0000 0a010000 ffff0000", true},
	    {"01 11 0035 0a010203", "04 11 0036 0a010000 ffff0000", false},
	    {"01 11 0000 0a010203", "04 11 0035 0a010000 ffff0000", false},
	    {"01 00 0000 0a010203", "04 11 0000 0a010000 ffff0000", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ike_selector inner = parsed(cases[i].inner), outer = parsed(cases[i].outer);

		ck_assert_msg(selector_inside(&inner, &outer) == cases[i].inside, "%s in %s",
			      cases[i].inner, cases[i].outer);
	}
}
END_TEST

START_TEST(test_equal)
{
	struct ike_selector one = parsed("04 11 0035 0a010000 ffff0000"), other = one;

	ck_assert(selector_equal(&one, &other));
	other.port = 54;
	ck_assert(!selector_equal(&one, &other));
	other = one;
	other.protocol = 6;
	ck_assert(!selector_equal(&one, &other));
	other = one;
	other.prefix.bits = 17;
	ck_assert(!selector_equal(&one, &other));
	other = one;
	other.prefix.address.octets[1] ^= 1;
	ck_assert(!selector_equal(&one, &other));
}
END_TEST

/* The end's own address, with what else was said; and host bits that a configuration left in. */
START_TEST(test_resolve)
{
	const struct ike_address own = {
	    .octets = {192, 0, 2, 1}, .port = 4500, .family = IKE_FAMILY_IPV4};
	struct ike_selector configured = {.protocol = 17, .port = 1701}, resolved;

	ck_assert_str_eq(text_of(&configured), "own udp/1701");
	selector_resolve(&configured, &own, &resolved);
	ck_assert_str_eq(text_of(&resolved), "192.0.2.1/32 udp/1701");
	ck_assert_uint_eq(resolved.prefix.address.port, 0);
	configured = (struct ike_selector){
	    .prefix = {.address = {.octets = {10, 1, 2, 3}, .family = IKE_FAMILY_IPV4}, .bits = 8}};
	selector_resolve(&configured, &own, &resolved);
	ck_assert_str_eq(text_of(&resolved), "10.0.0.0/8");
	selector_of_host(&own, &resolved);
	ck_assert_str_eq(text_of(&resolved), "192.0.2.1/32");
}
END_TEST

UNIT_MAIN("selector", test_malformed, test_well_formed, test_written, test_inside, test_equal,
	  test_resolve)
