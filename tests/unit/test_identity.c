/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ike/address.h"
#include "ike/identity.h"
#include "tests/support/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint8_t memory[IKE_IDENTITY_MAX + 64];

static struct octets octets_from(const char *hex)
{
	return octets_of(memory, unit_hex(hex, memory, sizeof(memory)));
}

START_TEST(test_refused_payloads)
{
	static const struct {
		const char *hex;
		enum ike_verdict verdict;
	} bad[] = {
	    {"", IKE_PAYLOAD_TOO_SHORT},
	    {"01 00 00", IKE_PAYLOAD_TOO_SHORT},
	    {"01 00 0000", IKE_BAD_IDENTITY},
	    {"01 00 0000 c00002", IKE_BAD_IDENTITY},
	    {"01 00 0000 c000020100", IKE_BAD_IDENTITY},
	    {"05 00 0000 c0000201", IKE_BAD_IDENTITY},
	    {"02 00 0000", IKE_BAD_IDENTITY},
	    {"0b 00 0000", IKE_BAD_IDENTITY},
	    {"02 00 0000 67770065", IKE_BAD_IDENTITY}, /* gw NUL e */
	    {"03 00 0000 6a406700", IKE_BAD_IDENTITY},
	    {"00 00 0000 c0000201", IKE_BAD_IDENTITY},
	    {"04 00 0000 c0000200 ffffff00",
	     IKE_BAD_IDENTITY}, /* subnets and ranges identify nobody */
	    {"07 00 0000 c0000200 c00002ff", IKE_BAD_IDENTITY},
	    {"0c 00 0000 c0000201", IKE_BAD_IDENTITY},
	    {"ff 00 0000 c0000201", IKE_BAD_IDENTITY},
	    {"01 11 0000 c0000201", IKE_BAD_IDENTITY},
	    {"01 00 01f4 c0000201", IKE_BAD_IDENTITY},
	    {"01 11 1194 c0000201", IKE_BAD_IDENTITY},
	    {"01 06 01f4 c0000201", IKE_BAD_IDENTITY},
	};
	struct ike_identity identity;

	for (size_t i = 0; i < COUNT(bad); i++) {
		memset(&identity, 0x5a, sizeof(identity));
		ck_assert_msg(ike_identity_parse(octets_from(bad[i].hex), &identity) ==
				  bad[i].verdict,
			      "%s", bad[i].hex);
		ck_assert_uint_eq(identity.type, 0x5a); /* left as it was */
	}
}
END_TEST

START_TEST(test_longest_name)
{
	struct ike_identity identity;

	memset(memory, 'a', sizeof(memory));
	memcpy(memory, "\x02\0\0", 4);
	ck_assert_int_eq(ike_identity_parse(octets_of(memory, 4 + IKE_IDENTITY_MAX), &identity),
			 IKE_ACCEPTED);
	ck_assert_uint_eq(identity.length, IKE_IDENTITY_MAX);
	ck_assert_int_eq(ike_identity_parse(octets_of(memory, 5 + IKE_IDENTITY_MAX), &identity),
			 IKE_BAD_IDENTITY);
}
END_TEST

START_TEST(test_payloads_there_and_back)
{
	static const struct {
		const char *in, *out, *text;
	} good[] = {
	    {"01 00 0000 c0000201", "01 00 0000 c0000201", "ipv4:192.0.2.1"},
	    {"01 11 01f4 c0000201", "01 00 0000 c0000201", "ipv4:192.0.2.1"},
	    {"05 00 0000 20010db8000000000000000000000001",
	     "05 00 0000 20010db8000000000000000000000001", "ipv6:2001:db8::1"},
	    {"02 00 0000 67772e65", "02 00 0000 67772e65", "fqdn:gw.e"},
	    {"03 00 0000 6a4067", "03 00 0000 6a4067", "user-fqdn:j@g"},
	    {"0b 00 0000 6c006162", "0b 00 0000 6c006162", "key-id:0x6c006162"},
	    {"09 00 0000 3000", "09 00 0000 3000", "der-dn:0x3000"},
	};

	for (size_t i = 0; i < COUNT(good); i++) {
		struct ike_identity identity, again;
		struct wire_writer writer;
		uint8_t out[64];
		char text[128];

		ck_assert_int_eq(ike_identity_parse(octets_from(good[i].in), &identity),
				 IKE_ACCEPTED);
		wire_write_to(&writer, out, sizeof(out));
		ike_identity_write(&writer, &identity);
		unit_assert_hex(wire_written(&writer), good[i].out);
		ck_assert_uint_eq(ike_identity_text(&identity, text, sizeof(text)), strlen(text));
		ck_assert_str_eq(text, good[i].text);
		/* what we print is what a configuration may say */
		ck_assert(ike_identity_from_text(text, &again));
		ck_assert(ike_identity_equal(&identity, &again));
	}
}
END_TEST

START_TEST(test_text_that_is_no_identity)
{
	static const char *const bad[] = {
	    "",
	    "fqdn:",
	    "user-fqdn:",
	    "ipv4:",
	    "key-id:",
	    "key-id:0x",
	    "key-id:0x6",
	    "key-id:0x6g",
	    "ipv4:gw.example",
	    "ipv4:2001:db8::1",
	    "ipv6:192.0.2.1",
	    "ipv4:192.0.2.1:500",
	    "192.0.2.1:500",
	    "[2001:db8::1]:500",
	    "ip:192.0.2.1",
	    "ipv4-subnet:192.0.2.0",
	    "fqdn:gw example",
	    "gw.example ",
	    "gw\texample",
	    "der-dn:gw.example",
	    "der-dn:NOTYPE=gw",
	    "der-dn:0x",
	    "FQDN:gw.example",
	};
	struct ike_identity identity;

	for (size_t i = 0; i < COUNT(bad); i++) {
		memset(&identity, 0x5a, sizeof(identity));
		ck_assert_msg(!ike_identity_from_text(bad[i], &identity), "%s", bad[i]);
		ck_assert_uint_eq(identity.type, 0x5a);
	}
}
END_TEST

START_TEST(test_text_that_is_one)
{
	static const struct {
		const char *text;
		uint8_t type;
		const char *data;
	} good[] = {
	    {"gw.example", IKE_ID_FQDN, "67772e6578616d706c65"},
	    {"fqdn:192.0.2.1", IKE_ID_FQDN, "3139322e302e322e31"},
	    {"joe@example", IKE_ID_USER_FQDN, "6a6f65406578616d706c65"},
	    {"user-fqdn:joe", IKE_ID_USER_FQDN, "6a6f65"},
	    {"192.0.2.1", IKE_ID_IPV4, "c0000201"},
	    {"ipv4:192.0.2.1", IKE_ID_IPV4, "c0000201"},
	    {"2001:db8::1", IKE_ID_IPV6, "20010db8000000000000000000000001"},
	    {"key-id:lab", IKE_ID_KEY_ID, "6c6162"},
	    {"key-id:0x6c61FF00", IKE_ID_KEY_ID, "6c61ff00"},
	};

	for (size_t i = 0; i < COUNT(good); i++) {
		struct ike_identity identity;

		ck_assert_msg(ike_identity_from_text(good[i].text, &identity), "%s", good[i].text);
		ck_assert_uint_eq(identity.type, good[i].type);
		unit_assert_hex(octets_of(identity.data, identity.length), good[i].data);
	}
}
END_TEST

START_TEST(test_too_long_a_text)
{
	char text[16 + 2 * IKE_IDENTITY_MAX + 3];
	struct ike_identity identity;

	memset(text, 'a', sizeof(text));
	text[IKE_IDENTITY_MAX] = '\0';
	ck_assert(ike_identity_from_text(text, &identity));
	text[IKE_IDENTITY_MAX] = 'a';
	text[IKE_IDENTITY_MAX + 1] = '\0';
	ck_assert(!ike_identity_from_text(text, &identity));

	memset(text, 'a', sizeof(text));
	memcpy(text, "key-id:0x", 9);
	text[9 + 2 * IKE_IDENTITY_MAX] = '\0';
	ck_assert(ike_identity_from_text(text, &identity));
	ck_assert_uint_eq(identity.length, IKE_IDENTITY_MAX);
	text[9 + 2 * IKE_IDENTITY_MAX] = 'a';
	text[9 + 2 * IKE_IDENTITY_MAX + 2] = '\0';
	ck_assert(!ike_identity_from_text(text, &identity));
}
END_TEST

START_TEST(test_equality)
{
	struct ike_identity a, b;

	ck_assert(ike_identity_from_text("fqdn:gw", &a));
	ck_assert(ike_identity_from_text("fqdn:gw.example", &b));
	ck_assert(!ike_identity_equal(&a, &b)); /* one begins like the other */
	ck_assert(!ike_identity_equal(&b, &a));
	ck_assert(ike_identity_from_text("key-id:gw", &b));
	ck_assert(!ike_identity_equal(&a, &b)); /* the same octets */
	ck_assert(ike_identity_from_text("gw", &b));
	ck_assert(ike_identity_equal(&a, &b));
}
END_TEST

START_TEST(test_identity_of_an_address)
{
	static const struct ike_address none;
	struct ike_address address;
	struct ike_identity identity;

	ike_identity_of_address(&none, &identity);
	ck_assert_uint_eq(identity.type, 0);
	ck_assert(ike_address_from_text("192.0.2.1:4500", &address));
	ike_identity_of_address(&address, &identity);
	ck_assert_uint_eq(identity.type, IKE_ID_IPV4);
	unit_assert_hex(octets_of(identity.data, identity.length), "c0000201");
	ck_assert(ike_address_from_text("2001:db8::1", &address));
	ike_identity_of_address(&address, &identity);
	ck_assert_uint_eq(identity.type, IKE_ID_IPV6);
	ck_assert_uint_eq(identity.length, 16);
}
END_TEST

START_TEST(test_odd_identities_have_a_text)
{
	static const struct ike_identity none;
	struct ike_identity evil = {.type = IKE_ID_FQDN, .length = 7, .data = "a)\n\x1b[1m"};
	struct ike_identity unknown = {.type = 77, .length = 2, .data = {0xab, 0xcd}};
	struct ike_identity cut_short = {.type = IKE_ID_IPV4, .length = 2, .data = {0xab, 0xcd}};
	char text[64];

	(void)ike_identity_text(&none, text, sizeof(text));
	ck_assert_str_eq(text, "none");
	(void)ike_identity_text(&evil, text, sizeof(text));
	ck_assert_str_eq(text, "fqdn:a\\x29\\x0a\\x1b\\x5b1m");
	(void)ike_identity_text(&unknown, text, sizeof(text));
	ck_assert_str_eq(text, "id-77:0xabcd");
	(void)ike_identity_text(&cut_short, text, sizeof(text));
	ck_assert_str_eq(text, "ipv4:0xabcd");
	ck_assert_uint_eq(ike_identity_text(&evil, text, 8), 7);
	ck_assert_str_eq(text, "fqdn:a\\");
}
END_TEST

UNIT_MAIN("identity", test_refused_payloads, test_longest_name, test_payloads_there_and_back,
	  test_text_that_is_no_identity, test_text_that_is_one, test_too_long_a_text, test_equality,
	  test_identity_of_an_address, test_odd_identities_have_a_text)
