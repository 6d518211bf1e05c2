/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "interop/sim/plot.h"
#include "tests/support/markup.h"
#include "tests/support/sim_sample.h"
#include "tests/support/unit.h"

static struct comparison comparison;

static const char *drawn(void)
{
	FILE *out = sim_sample_open();
	const char *text;

	plot_comparison(&comparison, out);
	text = sim_sample_text(out);
	ck_assert_msg(markup_fault(text) == NULL, "%s", markup_fault(text));
	return text;
}

START_TEST(nobody_died_and_nothing_was_lost)
{
	const char *text;

	sim_sample_comparison(&comparison);
	comparison.study.deaths = 0;
	comparison.study.pair.network.loss =
	    0; /* then every formula is 0, which no logarithm knows */
	text = drawn();
	ck_assert_uint_eq(markup_count(text, "class=\"bar\""), comparison.rows);
}
END_TEST

START_TEST(no_row_at_all)
{
	sim_sample_comparison(&comparison);
	comparison.rows = 0;
	ck_assert_uint_eq(markup_count(drawn(), "class=\"bar\""), 0);
}
END_TEST

START_TEST(everything_is_there)
{
	const char *text;

	sim_sample_comparison(&comparison);
	text = drawn();
	ck_assert_uint_eq(markup_count(text, "<title"), 1 + comparison.rows);
	ck_assert_uint_eq(markup_count(text, "<desc"), 1);
	ck_assert_uint_eq(markup_count(text, "class=\"bar\""), comparison.rows);
	/* the bound of each is hollow, and so is the one of which no false death was seen */
	ck_assert_uint_eq(markup_count(text, " hollow\""), comparison.rows + 1);
	ck_assert_uint_eq(markup_count(text, " f0\"") + markup_count(text, " f1\"") +
			      markup_count(text, " f2\"") + markup_count(text, " f3\""),
			  comparison.rows - 1);
	ck_assert_uint_eq(markup_count(text, ">1 000</text>"),
			  1 + comparison.rows); /* with a tick */
	ck_assert_uint_eq(markup_count(text, ">tuned to both</text>"), 1);
	ck_assert_ptr_nonnull(strstr(text, ">20 % lost each way, independently;"));
	ck_assert_ptr_nonnull(strstr(text, ">per peer and year</text>"));
	ck_assert_ptr_nonnull(strstr(text, ">seconds</text>"));
}
END_TEST

START_TEST(within_the_picture)
{
	const char *text;

	sim_sample_comparison(&comparison);
	comparison.row[3].result.counts.messages[0] *= 1000;
	text = drawn();
	for (const char *at = strstr(text, " x=\""); at != NULL; at = strstr(at + 1, " x=\""))
		ck_assert_double_le(strtod(at + 4, NULL), 1000);
}
END_TEST

UNIT_MAIN("plot_comparison", nobody_died_and_nothing_was_lost, no_row_at_all, everything_is_there,
	  within_the_picture)
