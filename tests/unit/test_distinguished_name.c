/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "crypto/distinguished_name.h"

static size_t der_of(const char *text, uint8_t der[512])
{
	size_t length = 77;

	ck_assert_msg(distinguished_name_from_text(text, der, 512, &length), "%s", text);
	ck_assert_uint_gt(length, 0);
	return length;
}

/* ---- what is not one ---- */

START_TEST(test_octets_that_are_no_name)
{
	static const char *const cases[] = {
	    "",
	    "00",
	    "30",
	    "30 00",                                           /* a name without parts */
	    "30 80 00 00",                                     /* without an end */
	    "30 0d 31 0b 30 09 06 03 55 04 03 0c 02 67",       /* stops early */
	    "30 0d 31 0b 30 09 06 03 55 04 03 0c 02 67 77 00", /* goes on */
	    "31 0d 31 0b 30 09 06 03 55 04 03 0c 02 67 77",
	    "30 84 ff ff ff ff 31 0b",
	};
	uint8_t der[64], right[512];
	char text[32];
	size_t length;

	length = der_of("CN=gw", right);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const size_t octets = unit_hex(cases[i], der, sizeof(der));

		strcpy(text, "old");
		ck_assert_uint_eq(
		    distinguished_name_text(octets_of(der, octets), text, sizeof(text)), 0);
		ck_assert_str_eq(text, "");
		ck_assert(
		    !distinguished_name_equal(octets_of(der, octets), octets_of(der, octets)));
		ck_assert(
		    !distinguished_name_equal(octets_of(der, octets), octets_of(right, length)));
		ck_assert(
		    !distinguished_name_equal(octets_of(right, length), octets_of(der, octets)));
	}
}
END_TEST

START_TEST(test_texts_that_are_no_name)
{
	static const char *const cases[] = {
	    "",
	    " ",
	    "gw.example",
	    "CN",
	    "CN=",
	    "CN= ",
	    "=gw",
	    "CN=gw,",
	    "CN=gw, ",
	    "CN=gw,,O=lab",
	    "CN=gw+",
	    ",CN=gw",
	    "CN=gw\\",
	    "CN=g\\00w",     /* a name with a NUL ends in two places */
	    "XYZZY=gw",      /* no such type */
	    "C=Switzerland", /* two letters */
	    "C=",
	    "CN=\\ff\\fe",                                                          /* not UTF-8 */
	    "CN=0123456789012345678901234567890123456789012345678901234567890123x", /* 65 */
	};
	uint8_t der[512];
	char text[300];
	size_t length;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		length = 77;
		ck_assert_msg(!distinguished_name_from_text(cases[i], der, sizeof(der), &length),
			      "\"%s\"", cases[i]);
		ck_assert_uint_eq(length, 0);
	}
	/* a value and a type without end */
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert(!distinguished_name_from_text(text, der, sizeof(der), &length));
	memcpy(text, "O=", 2);
	ck_assert(!distinguished_name_from_text(text, der, sizeof(der), &length));
}
END_TEST

START_TEST(test_no_room_for_the_octets)
{
	uint8_t der[512], small[512];
	const size_t needed = der_of("CN=gw, O=lab", der);
	size_t length;

	for (size_t room = 0; room < needed; room++) {
		memset(small, 0xee, sizeof(small));
		ck_assert(!distinguished_name_from_text("CN=gw, O=lab", small, room, &length));
		ck_assert_uint_eq(small[0], 0xee);
		ck_assert_uint_eq(small[room], 0xee);
	}
	ck_assert(distinguished_name_from_text("CN=gw, O=lab", small, needed, &length));
	ck_assert_mem_eq(small, der, needed);
}
END_TEST

START_TEST(test_no_room_for_the_text)
{
	static const char whole[] = "CN=gw, O=lab";
	uint8_t der[512];
	const size_t length = der_of(whole, der);
	char text[32];

	for (size_t room = 0; room <= sizeof(whole); room++) {
		memset(text, '~', sizeof(text));
		ck_assert_uint_eq(distinguished_name_text(octets_of(der, length), text, room),
				  room == 0 ? 0 : room - 1);
		if (room > 0) {
			ck_assert(memcmp(text, whole, room - 1) == 0);
			ck_assert_int_eq(text[room - 1], '\0');
		}
		ck_assert_int_eq(text[room], '~');
	}
}
END_TEST

/* Whatever octets stand in a name, in whatever kind of string: nothing comes out that a terminal obeys. */
START_TEST(test_only_printable)
{
	static const uint8_t kinds[] = {0x0c, 0x13, 0x14, 0x16, 0x1c, 0x1e, 0x04, 0x02, 0x05, 0x17};
	uint8_t der[15];
	char text[512];

	unit_hex("30 0d 31 0b 30 09 06 03 55 04 03 0c 02 67 77", der, sizeof(der));
	for (size_t kind = 0; kind < sizeof(kinds); kind++)
		for (unsigned pair = 0; pair < 0x10000; pair += 3) {
			size_t length;

			der[11] = kinds[kind];
			der[13] = (uint8_t)(pair >> 8);
			der[14] = (uint8_t)pair;
			length = distinguished_name_text(octets_of(der, sizeof(der)), text,
							 sizeof(text));
			ck_assert_uint_eq(length, strlen(text));
			for (size_t i = 0; i < length; i++)
				ck_assert_msg(text[i] >= ' ' && text[i] <= '~', "%u: %s", pair,
					      text);
		}
}
END_TEST

START_TEST(test_different_names)
{
	static const char *const names[] = {
	    "CN=gw",        "CN=gw2",      "O=gw",          "CN=gw, O=lab",
	    "O=lab, CN=gw", "CN=gw+O=lab", "CN=gw, OU=lab", "CN=gw, O=lab, C=CH"};
	uint8_t a[512], b[512];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++) {
			const size_t length = der_of(names[i], a), other = der_of(names[j], b);

			ck_assert_int_eq(
			    distinguished_name_equal(octets_of(a, length), octets_of(b, other)),
			    i == j);
		}
}
END_TEST

/* ---- what is one ---- */

START_TEST(test_octets_of_a_name)
{
	uint8_t der[512];
	const size_t length = der_of("C=CH, CN=gw", der);

	unit_assert_hex(octets_of(der, length), "30 1a 31 0b 30 09 06 03 55 04 06 13 02 43 48"
						"31 0b 30 09 06 03 55 04 03 0c 02 67 77");
}
END_TEST

/* What is shown can be written into a configuration, and is the same name there. */
START_TEST(test_there_and_back)
{
	static const char *const cases[][2] = {
	    {"CN=gw.example, O=lab", "CN=gw.example, O=lab"},
	    {"C=CH,O=lab,OU=bench,CN=gw.example", "C=CH, O=lab, OU=bench, CN=gw.example"},
	    {"  CN = gw ,  O  =  our  lab  ", "CN=gw, O=our  lab"},
	    {"commonName=gw", "CN=gw"},
	    {"2.5.4.3=gw", "CN=gw"},
	    {"CN=gw+O=lab, C=CH", "CN=gw + O=lab, C=CH"},
	    {"CN=a\\,b\\+c\\\\d\\\"e", "CN=a\\,b\\+c\\\\d\\\"e"},
	    {"CN=\\ a\\ ", "CN=\\ a\\ "},
	    {"CN=\\#1", "CN=\\#1"},
	    {"CN=Z\xc3\xbcrich", "CN=Z\\C3\\BCrich"},
	    {"CN=Z\\c3\\bcrich", "CN=Z\\C3\\BCrich"},
	    {"CN=a\\0ab", "CN=a\\0Ab"},
	    {"emailAddress=op@gw.example, DC=example", "emailAddress=op@gw.example, DC=example"},
	};
	uint8_t der[512], again[512];
	char text[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t length = der_of(cases[i][0], der), other;

		ck_assert_uint_eq(
		    distinguished_name_text(octets_of(der, length), text, sizeof(text)),
		    strlen(cases[i][1]));
		ck_assert_str_eq(text, cases[i][1]);
		other = der_of(text, again);
		ck_assert_uint_eq(other, length);
		ck_assert_mem_eq(again, der, length);
		ck_assert(
		    distinguished_name_equal(octets_of(der, length), octets_of(again, other)));
	}
}
END_TEST

START_TEST(test_same_names)
{
	uint8_t a[512], b[512], printable[64];
	size_t length = der_of("CN=gw", a);
	size_t other = der_of("CN=  GW  ", b);

	ck_assert(distinguished_name_equal(octets_of(a, length), octets_of(b, other)));
	other =
	    unit_hex("30 0d 31 0b 30 09 06 03 55 04 03 13 02 47 77", printable, sizeof(printable));
	ck_assert(distinguished_name_equal(octets_of(a, length), octets_of(printable, other)));
}
END_TEST

UNIT_MAIN("distinguished_name", test_octets_that_are_no_name, test_texts_that_are_no_name,
	  test_no_room_for_the_octets, test_no_room_for_the_text, test_only_printable,
	  test_different_names, test_octets_of_a_name, test_there_and_back, test_same_names)
