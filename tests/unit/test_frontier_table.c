/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/sim/frontier_table.h"
#include "tests/support/markup.h"
#include "tests/support/sim_sample.h"
#include "tests/support/unit.h"

static struct comparison comparison;
static struct frontier frontier;

static const char *printed(void)
{
	FILE *out = sim_sample_open();

	frontier_table_print(&frontier, out);
	return sim_sample_text(out);
}

static void set(void)
{
	sim_sample_comparison(&comparison);
	sim_sample_frontier(&comparison, &frontier);
}

START_TEST(what_is_not_wanted_has_no_row)
{
	set();
	comparison.wanted[METHOD_PING] = false;
	ck_assert_uint_eq(markup_count(printed(), "\nping, "), 0);
	ck_assert_uint_eq(markup_count(printed(), "\nheartbeats, "), 6);
}
END_TEST

START_TEST(three_blocks_on_a_terminal)
{
	const char *text;

	set();
	text = printed();
	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
		ck_assert_uint_le(strcspn(line, "\n"), 100);
	for (unsigned series = 0; series < FRONTIER_SERIES; series++)
		ck_assert_uint_eq(markup_count(text, frontier_name(series)), 3);
	ck_assert_uint_eq(markup_count(text, "5 s     10 s     15 s     20 s     30 s     45 s     "
					     "60 s     90 s\n"),
			  3);
	ck_assert_ptr_nonnull(
	    strstr(text, "\nR-U-THERE, derived plan        0.734*   0.734    0.734 "));
	ck_assert_ptr_nonnull(
	    strstr(text, "\nR-U-THERE, derived plan         <1.5*    <1.5     <1.5 "));
	ck_assert_ptr_nonnull(
	    strstr(text, "\nR-U-THERE, fixed count            50       50       50 "));
	ck_assert_ptr_nonnull(
	    strstr(text, "\nping, fixed count               1000     1000     1000 "));
	ck_assert_ptr_nonnull(
	    strstr(text, "\nping, equal messages               -        -        - "));
}
END_TEST

START_TEST(an_eased_plan_is_said_to_be_one)
{
	set();
	ck_assert_uint_eq(markup_count(printed(), "\n*: too short for 1 a year; "), 1);
	frontier.cell[FRONTIER_DERIVED][0].eased = false;
	ck_assert_uint_eq(markup_count(printed(), "*"), 0);
}
END_TEST

UNIT_MAIN("frontier_table", what_is_not_wanted_has_no_row, three_blocks_on_a_terminal,
	  an_eased_plan_is_said_to_be_one)
