/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/sim/plot.h"
#include "tests/support/markup.h"
#include "tests/support/sim_sample.h"
#include "tests/support/unit.h"

static struct comparison comparison;
static struct frontier frontier;

static void set(void)
{
	sim_sample_comparison(&comparison);
	sim_sample_frontier(&comparison, &frontier);
}

static const char *drawn(void)
{
	FILE *out = sim_sample_open();
	const char *text;

	plot_frontier(&frontier, out);
	text = sim_sample_text(out);
	ck_assert_msg(markup_fault(text) == NULL, "%s", markup_fault(text));
	return text;
}

/* Markers of this series that are no part of the legend. */
static size_t markers(const char *text, unsigned series)
{
	char class[32];

	snprintf(class, sizeof(class), "\"marker s%u ", series);
	return markup_count(text, class) - 1;
}

START_TEST(what_is_not_there_is_not_drawn)
{
	set();
	ck_assert_uint_eq(markers(drawn(), FRONTIER_PING_EQUAL), 0);
	ck_assert_uint_eq(markup_count(drawn(), "curve s5"), 1); /* that of the legend */
}
END_TEST

START_TEST(what_is_not_wanted_is_not_in_the_legend_either)
{
	set();
	comparison.wanted[METHOD_PING] = false;
	ck_assert_uint_eq(markup_count(drawn(), ">ping,"), 0);
	ck_assert_uint_eq(markup_count(drawn(), ">heartbeats,"), 2 + 1 + 2); /* titles, legend */
}
END_TEST

START_TEST(nothing_was_lost)
{
	set();
	comparison.study.pair.network.loss = 0;
	(void)drawn();
	for (unsigned series = 0; series < FRONTIER_SERIES; series++)
		for (unsigned i = 0; i < FRONTIER_BOUNDS; i++)
			frontier.cell[series][i].result.counts.false_deaths = 0;
	(void)drawn();
	frontier = (struct frontier){.comparison = &comparison};
	(void)drawn();
}
END_TEST

START_TEST(everything_is_there)
{
	const char *text;

	set();
	text = drawn();
	ck_assert_uint_eq(markup_count(text, "<desc"), 1);
	for (unsigned series = 0; series < 4; series++)
		ck_assert_uint_eq(markers(text, series), 2 * FRONTIER_BOUNDS);
	ck_assert_uint_eq(markers(text, FRONTIER_HEARTBEAT_EQUAL), FRONTIER_BOUNDS);
	/* the derived plan has seen no false death */
	ck_assert_uint_eq(markup_count(text, "s0 hollow"), FRONTIER_BOUNDS);
	ck_assert_uint_eq(markup_count(text, "hollow\""), FRONTIER_BOUNDS);
	ck_assert_ptr_nonnull(strstr(text, "false deaths per peer and year</text>"));
	ck_assert_ptr_nonnull(strstr(text, "messages per pair and hour</text>"));
	ck_assert_uint_eq(markup_count(text, "silence, s</text>"), 2);
	ck_assert_ptr_nonnull(strstr(text, ">20 % lost each way, independently;"));
}
END_TEST

UNIT_MAIN("plot_frontier", what_is_not_there_is_not_drawn,
	  what_is_not_wanted_is_not_in_the_legend_either, nothing_was_lost, everything_is_there)
