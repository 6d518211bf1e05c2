/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "interop/config/config_text.h"
#include "tests/support/scratch.h"

#define ROOM 64

static struct fault fault;

static bool prepare(const char *text, char room[ROOM])
{
	snprintf(room, ROOM, "%s", text);
	return config_text_prepare("x.conf", room, &fault);
}

START_TEST(test_unbalanced)
{
	static const struct {
		const char *text, *complaint;
	} wrong[] = {
	    {"a {\n", "x.conf:1:"},
	    {"\n\na {\nb {\n}\n", "x.conf:3:"},
	    {"}", "x.conf:1:"},
	    {"a { }\n}\n", "x.conf:2:"},
	    {"a = \"b\nc", "x.conf:1:"},
	    {"# fine\na = 'b\n", "x.conf:2:"},
	    {"a = {1, # }\n", "x.conf:1:"},
	    {"\na = \"${HOME}\"", "x.conf:2: ${"},
	    {"a = \"x\n${\" b\n}\"", "x.conf:2: ${"},
	    {"a = ${HOME}", "x.conf:1: ${"},
	    {"{a = 1 }\n}\n${", "x.conf:2: a closing"},
	    {"{{{{{{{{{", "x.conf:1:"},
	};
	char room[ROOM];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(!prepare(wrong[i].text, room), "%s", wrong[i].text);
		ck_assert_msg(strncmp(fault.text, wrong[i].complaint, strlen(wrong[i].complaint)) ==
				  0,
			      "%s", fault.text);
	}
}
END_TEST

START_TEST(test_unreadable)
{
	bool others;

	ck_assert_ptr_null(config_text_read(scratch_path("none"), &others, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "No such file"));
	ck_assert_ptr_null(config_text_read(scratch_directory(), &others, &fault));
	ck_assert_ptr_null(config_text_read(scratch_file("open", 0600, "a {"), &others, &fault));
}
END_TEST

START_TEST(test_comments_become_blanks)
{
	static const char *const pairs[][2] = {
	    {"a # b\nc", "a    \nc"},
	    {"a // b\nc", "a     \nc"},
	    {"a /* b\n } */ c", "a     \n      c"},
	    {"{\"x\", # {\n\"y\"}", "{\"x\",    \n\"y\"}"},
	    {"a = \"# no // comment /* here */\"", "a = \"# no // comment /* here */\""},
	    {"a = '# \"'", "a = '# \"'"},
	    {"a = \"\\\" # still\"", "a = \"\\\" # still\""},
	    {"a = http://b", "a = http://b"},
	    {"a = \"b\"// c\nd", "a = \"b\"    \nd"},
	    {"a +// b\nc", "a +    \nc"},
	    {"a*// b\nc", "a*    \nc"},
	    {"a = 'b\\' # c'", "a = 'b\\' # c'"},
	    {"a = 'b\\\\' # c", "a = 'b\\\\'    "},
	    {"a = 'b'/* c\n*/d", "a = 'b'    \n  d"},
	    {"a = '${b}' # c", "a = '${b}'    "},
	    {"a = \"\\${b} $ c$\"", "a = \"\\${b} $ c$\""},
	    {"", ""},
	};
	char room[ROOM];

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		ck_assert_msg(prepare(pairs[i][0], room), "%s", fault.text);
		ck_assert_str_eq(room, pairs[i][1]);
	}
}
END_TEST

START_TEST(test_read)
{
	bool others;
	char *text = config_text_read(scratch_file("a", 0644, "a # b\n"), &others, &fault);

	ck_assert_str_eq(text, "a    \n");
	ck_assert(others);
	config_text_free(text);
	text = config_text_read(scratch_file("b", 0600, "b"), &others, &fault);
	ck_assert_str_eq(text, "b");
	ck_assert(!others);
	config_text_free(text);
}
END_TEST

UNIT_MAIN("config_text", test_unbalanced, test_unreadable, test_comments_become_blanks, test_read)
