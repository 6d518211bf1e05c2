/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ike/text.h"
#include "tests/support/unit.h"

START_TEST(test_no_room_at_all)
{
	struct text text;

	text_to(&text, NULL, 0);
	text_add(&text, "abc");
	text_add_hex(&text, octets_of("a", 1));
	text_add_escaped(&text, octets_of("a", 1));
	ck_assert_uint_eq(text.length, 0);
	ck_assert(text.cut);
}
END_TEST

START_TEST(test_cut_and_terminated_in_any_room)
{
	static const char whole[] = "name=6162a\\x00";

	for (size_t room = 1; room <= sizeof(whole) + 1; room++) {
		char memory[sizeof(whole) + 2];
		struct text text;

		memset(memory, 'x', sizeof(memory));
		text_to(&text, memory, room);
		text_add(&text, "%s=", "name");
		text_add_hex(&text, octets_of("ab", 2));
		text_add_escaped(&text, octets_of("a\0", 2));
		ck_assert_uint_eq(text.length, strlen(memory));
		ck_assert_uint_le(text.length, room - 1);
		ck_assert(memcmp(memory, whole, text.length) == 0);
		ck_assert(text.cut == (room < sizeof(whole)));
		ck_assert_int_eq(memory[room], 'x');
	}
}
END_TEST

START_TEST(test_nothing_after_a_cut)
{
	char memory[4];
	struct text text;

	text_to(&text, memory, sizeof(memory));
	text_add(&text, "abcdef");
	text_add(&text, "%s", "");
	text_add_hex(&text, octets_of("z", 1));
	ck_assert_str_eq(memory, "abc");
}
END_TEST

START_TEST(test_what_could_forge_a_line_is_escaped)
{
	static const char evil[] = "a b\n) [N(x)]\"'\\\x1b\x7f\xc3\xa4";
	char memory[128];
	struct text text;

	text_to(&text, memory, sizeof(memory));
	text_add_escaped(&text, octets_of(evil, sizeof(evil) - 1));
	ck_assert_str_eq(memory,
			 "a\\x20b\\x0a\\x29\\x20\\x5bN\\x28x\\x29\\x5d\\x22\\x27\\x5c\\x1b\\x7f"
			 "\\xc3\\xa4");
}
END_TEST

START_TEST(test_names_stand_for_themselves)
{
	static const char name[] = "Joe.Doe-1_2+3@gw.example,C=NL/%#*;:!?<>{}|~^`$&=";
	char memory[128];
	struct text text;

	text_to(&text, memory, sizeof(memory));
	text_add_escaped(&text, octets_of(name, sizeof(name) - 1));
	ck_assert_str_eq(memory, name);
}
END_TEST

START_TEST(test_hex_start)
{
	char memory[32];
	struct text text;

	text_to(&text, memory, sizeof(memory));
	text_add_hex_start(&text, octets_of("\x90\xcb\x80", 3), 3);
	text_add(&text, " ");
	text_add_hex_start(&text, octets_of("\x90\xcb\x80", 3), 2);
	ck_assert_str_eq(memory, "90cb80 90cb...");
}
END_TEST

START_TEST(test_names_and_numbers)
{
	char memory[32];
	struct text text;

	text_to(&text, memory, sizeof(memory));
	text_add_name(&text, "MAIN", "EXCHANGE#", 2);
	text_add_name(&text, NULL, " EXCHANGE#", 251);
	ck_assert_str_eq(memory, "MAIN EXCHANGE#251");
}
END_TEST

UNIT_MAIN("text", test_no_room_at_all, test_cut_and_terminated_in_any_room,
	  test_nothing_after_a_cut, test_what_could_forge_a_line_is_escaped,
	  test_names_stand_for_themselves, test_hex_start, test_names_and_numbers)
