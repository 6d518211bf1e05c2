/* SPDX-License-Identifier: ISC */
/*
 * test_repeat.c - a command line told again: no secret in it, and nothing that a shell would take for something else.
 */
#include <stdlib.h>
#include <string.h>

#include "interop/conform/repeat.h"
#include "tests/support/unit.h"

static struct {
	const char *call, *output, *file;
	char *secret;
	struct options_list proposals, ids;
	uint32_t port, pace;
	ike_time worry, patience;
	bool json, strict;
} said;

static const struct options_row rows[] = {
    {0, "secret", OPTIONS_SECRET, &said.secret, "SECRET", "", 0},
    {0, "secret-file", OPTIONS_TEXT, &said.file, "FILE", "", 0},
    {0, "call", OPTIONS_TEXT, &said.call, "COMMAND", "", 0},
    {0, "proposal", OPTIONS_LIST, &said.proposals, "P", "", 0},
    {0, "port", OPTIONS_NUMBER, &said.port, "N", "", 65535},
    {0, "pace", OPTIONS_NUMBER, &said.pace, "N", "", 1000},
    {0, "worry", OPTIONS_DURATION, &said.worry, "TIME", "", 0},
    {0, "patience", OPTIONS_DURATION, &said.patience, "TIME", "", 0},
    {0, "strict", OPTIONS_FLAG, &said.strict, NULL, "", 0},
    {0, "case", OPTIONS_LIST, &said.ids, "ID", "", 0},
    {0, "output", OPTIONS_TEXT, &said.output, "DIR", "", 0},
    {0, "json", OPTIONS_FLAG, &said.json, NULL, "", 0},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void begin(void)
{
	memset(&said, 0, sizeof(said));
	said.port = UINT32_MAX;
	said.pace = 50;
}

static void is(const char *command)
{
	char *text = repeat_command(rows, ROWS, "192.0.2.1", "a/1/b");

	ck_assert_str_eq(text, command);
	free(text);
}

START_TEST(test_no_secret)
{
	char secret[] = "hunter2";
	json_t *options;

	begin();
	said.secret = secret;
	is("ruthere conform 192.0.2.1 --secret SECRET --pace 50 a/1/b");
	options = repeat_options(rows, ROWS);
	ck_assert_ptr_null(json_object_get(options, "secret"));
	json_decref(options);
}
END_TEST

START_TEST(test_quoting)
{
	char *text;

	begin();
	said.call = "it's; rm -rf $HOME\n";
	is("ruthere conform 192.0.2.1 --call 'it'\\''s; rm -rf $HOME?' --pace 50 a/1/b");
	said.call = "";
	is("ruthere conform 192.0.2.1 --call '' --pace 50 a/1/b");
	said.call = NULL;
	text = repeat_command(rows, ROWS, "a b", "c d");
	ck_assert_str_eq(text, "ruthere conform 'a b' --pace 50 'c d'");
	free(text);
}
END_TEST

START_TEST(test_what_is_about_the_run_is_left_out)
{
	begin();
	said.ids = (struct options_list){.item = {"x", "y"}, .count = 2};
	said.output = "out";
	said.json = true;
	is("ruthere conform 192.0.2.1 --pace 50 a/1/b");
}
END_TEST

START_TEST(test_all_kinds)
{
	json_t *options;

	begin();
	said.file = "gw.psk";
	said.proposals = (struct options_list){.item = {"aes128-sha1-modp2048", "p"}, .count = 2};
	said.port = 15500;
	said.pace = 0;
	said.worry = 3 * IKE_SECOND;
	said.patience = 1500 * IKE_MILLISECOND;
	said.strict = true;
	is("ruthere conform 192.0.2.1 --secret-file gw.psk --proposal aes128-sha1-modp2048 "
	   "--proposal p --port 15500 --pace 0 --worry 3s --patience 1500ms --strict a/1/b");
	options = repeat_options(rows, ROWS);
	ck_assert_str_eq(json_string_value(json_object_get(options, "proposal")),
			 "aes128-sha1-modp2048 p");
	ck_assert_str_eq(json_string_value(json_object_get(options, "strict")), "yes");
	ck_assert_str_eq(json_string_value(json_object_get(options, "worry")), "3s");
	ck_assert_ptr_null(json_object_get(options, "json"));
	json_decref(options);
}
END_TEST

START_TEST(test_octets_that_are_no_text)
{
	json_t *options;

	begin();
	said.file = "\xff\xfe";
	options = repeat_options(rows, ROWS);
	ck_assert_str_eq(json_string_value(json_object_get(options, "secret-file")), "(not UTF-8)");
	json_decref(options);
}
END_TEST

UNIT_MAIN("repeat", test_no_secret, test_quoting, test_what_is_about_the_run_is_left_out,
	  test_all_kinds, test_octets_that_are_no_text)
