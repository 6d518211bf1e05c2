/* SPDX-License-Identifier: ISC */
/*
 * test_summary.c - what people and TAP's readers see of results, and nothing of what a peer would like their terminal to do.
 */
#include <stdlib.h>
#include <string.h>

#include "interop/conform/summary.h"
#include "tests/support/unit.h"

static const struct conform_case cases[] = {
    {.id = "doc/1/a", .title = "A", .section = "DOC section 1", .expected = "an answer"},
    {.id = "doc/1/b", .title = "B", .section = "DOC section 1", .expected = "silence"},
    {.id = "doc/1.1/c", .title = "C", .section = "DOC section 1.1", .expected = "both"},
};

static struct summary summary;
static char *text;
static size_t length;

static struct conform_result result_of(size_t of, enum conform_verdict verdict,
				       const char *observed)
{
	struct conform_result result;

	conform_not_run(&cases[of], verdict, observed, 0, &result);
	return result;
}

static void add(size_t of, enum conform_verdict verdict, const char *observed)
{
	const struct conform_result result = result_of(of, verdict, observed);

	ck_assert(summary_add(&summary, &result));
}

static const char *printed(void)
{
	FILE *out;

	free(text);
	out = open_memstream(&text, &length);
	summary_print(&summary, out);
	fclose(out);
	return text;
}

static const char *tap(const struct conform_result *result)
{
	FILE *out;

	free(text);
	out = open_memstream(&text, &length);
	summary_tap(result, 3, out);
	fclose(out);
	return text;
}

START_TEST(test_what_is_not_good)
{
	static const enum conform_verdict bad[] = {CONFORM_FAIL, CONFORM_XPASS,
						   CONFORM_INCONCLUSIVE};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		add(0, CONFORM_PASS, "as expected");
		ck_assert(summary_is_good(&summary));
		add(1, bad[i], "x");
		ck_assert(!summary_is_good(&summary));
		summary_free(&summary);
	}
	for (int verdict = 0; verdict < CONFORM_VERDICTS; verdict++)
		if (verdict != CONFORM_FAIL && verdict != CONFORM_XPASS &&
		    verdict != CONFORM_INCONCLUSIVE)
			add(0, (enum conform_verdict)verdict, "x");
	ck_assert(summary_is_good(&summary));
	summary_free(&summary);
}
END_TEST

START_TEST(test_no_escape_reaches_the_terminal)
{
	struct conform_result result = result_of(0, CONFORM_FAIL, "\033[2Jgone\n\xff \"quoted\\");

	ck_assert(summary_add(&summary, &result));
	ck_assert_ptr_null(strchr(printed(), '\033'));
	ck_assert_ptr_nonnull(strstr(text, "observed: ?[2Jgone?? \"quoted\\\n"));
	ck_assert_ptr_null(strchr(tap(&result), '\033'));
	ck_assert_ptr_nonnull(strstr(text, "observed: \"?[2Jgone?? \\\"quoted\\\\\"\n"));
	summary_free(&summary);
}
END_TEST

START_TEST(test_the_table)
{
	add(0, CONFORM_PASS, "as expected");
	add(2, CONFORM_FAIL, "nothing");
	add(1, CONFORM_SKIP, "not here");
	ck_assert_ptr_nonnull(strstr(printed(), "doc/1 "));
	ck_assert_ptr_nonnull(strstr(text, "1 PASS, 1 SKIP\n"));
	ck_assert_ptr_nonnull(strstr(text, "doc/1.1 "));
	ck_assert_ptr_nonnull(strstr(text, "FAIL doc/1.1/c (MUST)\n  C\n  expected: both\n  "
					   "observed: nothing\n"));
	ck_assert_ptr_null(strstr(text, "not here"));
	ck_assert_ptr_nonnull(strstr(text, "3 cases: 1 PASS, 1 FAIL, 1 SKIP\n"));
	summary_free(&summary);
	ck_assert_str_eq(printed(), "\n0 cases: \n");
}
END_TEST

START_TEST(test_counts_that_do_not_fit)
{
	char little[12];

	add(0, CONFORM_PASS, "x");
	add(1, CONFORM_FAIL, "x");
	ck_assert_str_eq(summary_counts(&summary, little, sizeof(little)), "1 PASS, 1 F");
	summary_free(&summary);
}
END_TEST

START_TEST(test_tap)
{
	struct conform_result result = result_of(0, CONFORM_PASS, "as expected");

	ck_assert_str_eq(tap(&result), "ok 3 - doc/1/a\n");
	result = result_of(0, CONFORM_SKIP, "not here");
	ck_assert_str_eq(tap(&result), "ok 3 - doc/1/a # SKIP not here\n");
	result = result_of(0, CONFORM_FAIL, "nothing");
	ck_assert_ptr_nonnull(strstr(tap(&result), "not ok 3 - doc/1/a\n  ---\n"));
	ck_assert_ptr_nonnull(strstr(text, "expected: \"an answer\"\n"));
	ck_assert_ptr_nonnull(strstr(text, "  ...\n"));
	result.verdict = CONFORM_XFAIL;
	result.reason = "known";
	ck_assert_ptr_nonnull(strstr(tap(&result), "not ok 3 - doc/1/a # TODO known\n"));
	result.verdict = CONFORM_INCONCLUSIVE;
	ck_assert_int_eq(strncmp(tap(&result), "not ok", 6), 0);
	result.verdict = CONFORM_INFO_VALUE;
	snprintf(result.value, sizeof(result.value), "blue");
	ck_assert_ptr_nonnull(strstr(tap(&result), "ok 3"));
	ck_assert_ptr_nonnull(strstr(text, "value: \"blue\""));
}
END_TEST

START_TEST(test_many)
{
	for (int i = 0; i < 300; i++)
		add((size_t)i % 3, CONFORM_PASS, "x");
	ck_assert_uint_eq(summary.results, 300);
	ck_assert_uint_eq(summary.count[CONFORM_PASS], 300);
	summary_free(&summary);
}
END_TEST

UNIT_MAIN("summary", test_what_is_not_good, test_no_escape_reaches_the_terminal, test_the_table,
	  test_counts_that_do_not_fit, test_tap, test_many)
