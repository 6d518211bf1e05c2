/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

#include "interop/bench/figures.h"

static char *print(const struct figures *figures)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	ck_assert_ptr_nonnull(out);
	figures_print(figures, out);
	fclose(out);
	return text;
}

static void expect(const char *text, const char *wanted)
{
	ck_assert_msg(strstr(text, wanted) != NULL, "no \"%s\" in:\n%s", wanted, text);
}

START_TEST(test_nothing)
{
	struct figures *figures = figures_new();
	char *text = print(figures);

	ck_assert_str_eq(text, "");
	free(text);
	figures_free(figures);
}
END_TEST

START_TEST(test_what_was_not_measured_is_there)
{
	struct figures *figures = figures_new();
	char *text;

	ck_assert(figures_ratio(figures, "r", "x", "a", "b", FIGURES_AT_MOST, 1.3));
	text = print(figures);
	expect(text, "not measured  goal: at most 1.3, not met\n");
	free(text);
	figures_free(figures);
}
END_TEST

START_TEST(test_rows)
{
	struct figures *figures = figures_new();
	char *text;

	ck_assert(figures_machine(figures, json_pack("{s:s, s:i, s:b, s:n}", "processor", "slow",
						     "processors", 2, "root", 1, "kernel")));
	ck_assert(figures_machine(figures, json_pack("{s:s, s:i, s:b, s:n}", "processor", "slow",
						     "processors", 2, "root", 1, "kernel")));
	ck_assert(figures_sample(figures, "one", "a", "us", 0, 13.5));
	ck_assert(figures_sample(figures, "one", "b", "us", 0, 10));
	ck_assert(figures_sample(figures, "two", "c", "octets", 0, 123456));
	ck_assert(figures_sample(figures, "two", "d", "share", 0, 0.00012));
	ck_assert(figures_ratio(figures, "one", "a to b", "a", "b", FIGURES_AT_MOST, 1));
	ck_assert(figures_ratio(figures, "one", "b to a", "b", "a", FIGURES_AT_MOST, 1));
	ck_assert(figures_note(figures, "one", "3 were lost"));
	ck_assert(figures_note(figures, "one", "3 were lost"));
	text = print(figures);
	ck_assert_ptr_eq(
	    strstr(text, "processor: slow; processors: 2; root: yes; kernel: unknown\n"), text);
	ck_assert_ptr_null(strstr(text + 1, "processor: slow")); /* the same machine is said once */
	expect(text, "\none  ");
	expect(text, "\ntwo  ");
	ck_assert(strstr(text, "\none  ") < strstr(text, "\ntwo  "));
	expect(text, "     13.50      13.50      13.50      1\n");
	expect(text, "    123456     123456     123456      1\n");
	expect(text, "  1.20e-04");
	expect(text, "goal: at most 1, missed by 35.0 %\n");
	expect(text, "goal: at most 1, met\n");
	expect(text, "  note: 3 were lost\n");
	ck_assert_ptr_null(strstr(strstr(text, "3 were") + 1, "3 were"));
	free(text);
	figures_free(figures);
}
END_TEST

UNIT_MAIN("figures_table", test_nothing, test_what_was_not_measured_is_there, test_rows)
