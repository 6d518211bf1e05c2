/* SPDX-License-Identifier: ISC */
/*
 * The table in README.md cannot rot: every test that it names exists where it says, every test of this folder is in it, and no
 * row of the two lists that it answers is missing.
 */
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

#define TABLE      "tests/abuse/README.md"
#define TEXT_MAX   (256 * 1024)
#define NAME_MAX_  128
#define LEAST_ROWS 100

static char readme[TEXT_MAX], source[TEXT_MAX];

static void load(const char *path, char *text)
{
	FILE *file = fopen(path, "r");
	size_t length;

	ck_assert_msg(file != NULL, "%s cannot be read (run from the top of the tree)", path);
	length = fread(text, 1, TEXT_MAX - 1, file);
	ck_assert_msg(length > 0 && feof(file), "%s is empty or too long", path);
	text[length] = '\0';
	(void)fclose(file);
}

/* The n-th cell of a table's line, counted from 0, without its blanks and backquotes.  False: there is none. */
static bool cell(const char *line, int n, char *out)
{
	size_t length = 0;

	for (int i = 0; i <= n; i++) {
		line = strchr(line, '|');
		if (line == NULL)
			return false;
		line++;
	}
	while (*line == ' ')
		line++;
	while (*line != '|' && *line != '\0' && *line != '\n' && length + 1 < NAME_MAX_) {
		if (*line != '`')
			out[length++] = *line;
		line++;
	}
	while (length > 0 && out[length - 1] == ' ')
		length--;
	out[length] = '\0';
	return *line == '|';
}

static bool defines(const char *path, const char *test)
{
	char text[NAME_MAX_ + 20];

	load(path, source);
	snprintf(text, sizeof(text), "START_TEST(%s)", test);
	return strstr(source, text) != NULL;
}

START_TEST(every_test_in_the_table_exists)
{
	char file[NAME_MAX_], path[NAME_MAX_ + 8], test[NAME_MAX_];
	size_t rows = 0;

	load(TABLE, readme);
	for (char *line = strtok(readme, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		if (!cell(line, 1, test) || !cell(line, 2, file) || strstr(file, ".c") == NULL)
			continue;
		snprintf(path, sizeof(path), "tests/%s", file);
		ck_assert_msg(defines(path, test), "%s: %s is not in %s", TABLE, test, path);
		rows++;
	}
	ck_assert_uint_ge(rows, LEAST_ROWS);
}
END_TEST

static bool is_in_table(const char *test)
{
	char quoted[NAME_MAX_ + 8];

	snprintf(quoted, sizeof(quoted), "| `%s` |", test);
	return strstr(readme, quoted) != NULL;
}

START_TEST(every_test_of_this_folder_is_in_the_table)
{
	glob_t found;
	size_t tests = 0;

	load(TABLE, readme);
	ck_assert_int_eq(glob("tests/abuse/test_*.c", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *at = source, *mark = "\nSTART_TEST(";

		load(found.gl_pathv[i], source);
		while ((at = strstr(at, mark)) != NULL) {
			char test[NAME_MAX_];
			size_t length;

			at += strlen(mark);
			length = strcspn(at, ")");
			ck_assert_uint_lt(length, sizeof(test));
			memcpy(test, at, length);
			test[length] = '\0';
			ck_assert_msg(is_in_table(test), "%s: %s is not in %s", found.gl_pathv[i],
				      test, TABLE);
			tests++;
		}
	}
	globfree(&found);
	ck_assert_uint_gt(tests, 0);
}
END_TEST

START_TEST(no_row_is_missing)
{
	static const char *const rows[] = {
	    "CVE-2002-1623",  "CVE-2004-0164",  "CVE-2004-0218",  "CVE-2005-3666",
	    "CVE-2006-3906",  "CVE-2009-0790",  "CVE-2013-4564",  "CVE-2015-3240",
	    "CVE-2016-1287",  "CVE-2016-5361",  "CVE-2016-10396", "CVE-2018-0131",
	    "CVE-2018-5389",  "CVE-2018-16151", "CVE-2019-10155", "CVE-2020-1763",
	    "CVE-2022-23094", "CVE-2023-30570", "CVE-2023-38711", "CVE-2023-38712",
	    "CVE-2024-3652",  "CVE-2026-14957", "racoon",         "replay",
	    "forged",         "number guess",   "W1-W13",
	};
	char row[24];

	load(TABLE, readme);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(strstr(readme, rows[i]) != NULL, "%s: no row %s", TABLE, rows[i]);
	for (int i = 1; i <= 20; i++) {
		snprintf(row, sizeof(row), "\n| P%d ", i);
		ck_assert_msg(strstr(readme, row) != NULL, "%s: no row P%d", TABLE, i);
	}
}
END_TEST

UNIT_MAIN("index", every_test_in_the_table_exists, every_test_of_this_folder_is_in_the_table,
	  no_row_is_missing)
