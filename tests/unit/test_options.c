/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interop/options.h"
#include "tests/support/scratch.h"

#define WORDS_MOST 160

static const struct options_verb verb = {.name = "ping",
					 .operands = "GATEWAY",
					 .purpose = "Pings.",
					 .examples = "  ruthere ping gw\n",
					 .least = 1,
					 .most = 1};

static struct {
	bool flag;
	const char *text;
	char *secret;
	struct options_list list;
	uint32_t number;
	ike_time duration;
} got;

static const struct options_row rows[] = {
    {'f', "flag", OPTIONS_FLAG, &got.flag, NULL, "a flag", 0},
    {0, "text", OPTIONS_TEXT, &got.text, "TEXT", "some text", 0},
    {0, "secret", OPTIONS_SECRET, &got.secret, "SECRET", "a secret", 0},
    {'l', "list", OPTIONS_LIST, &got.list, "ITEM", "a list", 0},
    {'n', "number", OPTIONS_NUMBER, &got.number, "N", "a number", 100},
    {'d', "duration", OPTIONS_DURATION, &got.duration, "TIME", "a duration", 0},
};

static char words[1024];
static char *argv[WORDS_MOST];
static int argc;

/* stdout and stderr go to files, so that what is said can be looked at. */
static enum options_result parse(const char *line)
{
	snprintf(words, sizeof(words), "%s", line);
	argc = 0;
	for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	ck_assert_ptr_nonnull(freopen(scratch_path("out"), "w", stdout));
	ck_assert_ptr_nonnull(freopen(scratch_path("err"), "w", stderr));
	return options_parse(&verb, rows, sizeof(rows) / sizeof(rows[0]), argc, argv);
}

static bool said(const char *where, const char *what)
{
	char *text;
	bool found;

	fflush(NULL);
	text = scratch_read(scratch_path(where));
	found = strstr(text, what) != NULL;
	return found;
}

START_TEST(test_wrong)
{
	static const char *const wrong[][2] = {
	    {"ping", "GATEWAY is missing"},
	    {"ping gw another", "\"another\""},
	    {"ping gw --colour", "--colour"},
	    {"ping gw -x", "-x"},
	    {"ping gw --text", "argument is missing"},
	    {"ping gw -n", "argument is missing"},
	    {"ping gw -n 101", "--number"},
	    {"ping gw --number x", "--number"},
	    {"ping gw -d 5x", "--duration"},
	    {"ping gw -d -5", "--duration"},
	    {"ping gw --flag=yes", "--flag=yes"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(parse(wrong[i][0]) == OPTIONS_BAD, "%s", wrong[i][0]);
		ck_assert_msg(said("err", wrong[i][1]), "%s", wrong[i][0]);
		ck_assert(said("err", "ruthere ping --help"));
	}
	ck_assert_int_eq(OPTIONS_EXIT(OPTIONS_BAD), 2);
}
END_TEST

START_TEST(test_too_many_of_a_list)
{
	char line[16 + 6 * (OPTIONS_LIST_MAX + 1)];
	int length = snprintf(line, sizeof(line), "ping gw");

	for (int i = 0; i <= OPTIONS_LIST_MAX; i++)
		length += snprintf(line + length, sizeof(line) - (size_t)length, " -l x");
	ck_assert_int_eq(parse(line), OPTIONS_BAD);
	ck_assert(said("err", "more than"));
}
END_TEST

START_TEST(test_help)
{
	ck_assert_int_eq(parse("ping --help"), OPTIONS_DONE);
	ck_assert(said("out", "usage: ruthere ping [options] GATEWAY"));
	ck_assert(said("out", "-d, --duration TIME"));
	ck_assert(said("out", "      --text TEXT"));
	ck_assert(said("out", "  ruthere ping gw\n"));
	ck_assert_int_eq(parse("ping -h"), OPTIONS_DONE);
	ck_assert_int_eq(OPTIONS_EXIT(OPTIONS_DONE), 0);
}
END_TEST

START_TEST(test_secret_is_blanked)
{
	ck_assert_int_eq(parse("ping gw --secret swordfish"), OPTIONS_RUN);
	ck_assert_str_eq(got.secret, "swordfish");
	for (int i = 0; i < argc; i++)
		ck_assert_ptr_null(strstr(argv[i], "swordfish"));
	free(got.secret);
}
END_TEST

START_TEST(test_all_of_it)
{
	ck_assert_int_eq(parse("ping -f --text a -l one gw --list=two -n 100 -d 0.5"), OPTIONS_RUN);
	ck_assert(got.flag);
	ck_assert_str_eq(got.text, "a");
	ck_assert_uint_eq(got.list.count, 2);
	ck_assert_str_eq(got.list.item[1], "two");
	ck_assert_uint_eq(got.number, 100);
	ck_assert_uint_eq(got.duration, IKE_SECOND / 2);
	ck_assert_str_eq(argv[optind], "gw");
	ck_assert_int_eq(parse("ping gw -d 200ms"), OPTIONS_RUN);
	ck_assert_uint_eq(got.duration, IKE_SECOND / 5);
}
END_TEST

UNIT_MAIN("options", test_wrong, test_too_many_of_a_list, test_help, test_secret_is_blanked,
	  test_all_of_it)
