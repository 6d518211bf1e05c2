/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/sim/comparison.h"
#include "tests/support/unit.h"

static struct comparison comparison;
static struct fault fault;

static void set(void)
{
	comparison = (struct comparison){
	    .study = {.pair = {.network = {.loss = 0.2, .delay = 50000},
			       .traffic_interval = IKE_SECOND,
			       .seed = 1},
		      .peers = 3,
		      .time = 3600 * IKE_SECOND,
		      .deaths = 5,
		      .jobs = 1},
	    .wanted = {true, true, true, true},
	};
	method_settings_default(&comparison.method);
}

static size_t of_group(enum comparison_group group)
{
	size_t count = 0;

	for (size_t i = 0; i < comparison.rows; i++)
		count += comparison.row[i].group == group;
	return count;
}

START_TEST(numbers_that_cannot_be)
{
	set();
	comparison.method.loss_per_mille = 900;
	ck_assert(!comparison_plan(&comparison, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "derived"));
	set();
	comparison.method.ping.misses = 0;
	ck_assert(!comparison_plan(&comparison, &fault));
	comparison.wanted[METHOD_PING] = false; /* then nobody minds */
	ck_assert(comparison_plan(&comparison, &fault));
}
END_TEST

START_TEST(only_what_is_wanted)
{
	set();
	comparison.given_only = true;
	ck_assert(comparison_plan(&comparison, &fault));
	ck_assert_uint_eq(comparison.rows, METHOD_KINDS);
	memset(comparison.wanted, 0, sizeof(comparison.wanted));
	comparison.wanted[METHOD_HEARTBEAT] = true;
	comparison.given_only = false;
	ck_assert(comparison_plan(&comparison, &fault));
	ck_assert_uint_eq(comparison.rows, 4);
	for (size_t i = 0; i < comparison.rows; i++) {
		ck_assert_int_eq(comparison.row[i].method.kind, METHOD_HEARTBEAT);
		ck_assert_int_eq(comparison.row[i].group, i);
	}
}
END_TEST

/* Worry 10 s, retry 2 s and 5 misses are dead after 20 s already. */
START_TEST(nothing_is_shown_twice)
{
	set();
	ck_assert(comparison_plan(&comparison, &fault));
	ck_assert_uint_eq(of_group(COMPARISON_GIVEN), 4);
	ck_assert_uint_eq(of_group(COMPARISON_BOUND), 2);
	ck_assert_uint_eq(of_group(COMPARISON_FALSE_DEATHS), 3);
	ck_assert_uint_eq(of_group(COMPARISON_BOTH), 2);
	comparison.method.retry = 3 * IKE_SECOND;
	ck_assert(comparison_plan(&comparison, &fault));
	ck_assert_uint_eq(of_group(COMPARISON_BOUND), 3);
}
END_TEST

START_TEST(what_is_tuned_has_the_aim)
{
	set();
	ck_assert(comparison_plan(&comparison, &fault));
	for (size_t i = 0; i < comparison.rows; i++) {
		const struct comparison_row *row = &comparison.row[i];
		double deaths = machine_false_deaths_a_year(&row->method.rules, 0.2);
		ike_time bound = machine_bound(&row->method.rules);

		if (row->group == COMPARISON_BOUND || row->group == COMPARISON_BOTH)
			ck_assert(bound <= 20 * IKE_SECOND && bound + 100 >= 20 * IKE_SECOND);
		if (row->group == COMPARISON_FALSE_DEATHS || row->group == COMPARISON_BOTH)
			ck_assert_double_le(deaths, 1);
	}
}
END_TEST

START_TEST(every_row_is_run)
{
	set();
	ck_assert(comparison_plan(&comparison, &fault));
	ck_assert(comparison_run(&comparison, &fault));
	for (size_t i = 0; i < comparison.rows; i++) {
		ck_assert_uint_gt(comparison.row[i].result.counts.steps, 100);
		ck_assert_uint_gt(comparison.row[i].result.detection.most, 0);
	}
}
END_TEST

START_TEST(titles)
{
	char text[COMPARISON_TEXT];

	set();
	comparison_title(&comparison, COMPARISON_GIVEN, text);
	ck_assert_str_eq(text, "with the numbers given");
	comparison_title(&comparison, COMPARISON_BOUND, text);
	ck_assert_str_eq(text, "tuned to the same bound, 20 s");
	comparison_title(&comparison, COMPARISON_FALSE_DEATHS, text);
	ck_assert_str_eq(text, "tuned to at most 1 false death a year");
	comparison.method.false_deaths = 0.1;
	comparison_title(&comparison, COMPARISON_FALSE_DEATHS, text);
	ck_assert_str_eq(text, "tuned to at most 0.1 false deaths a year");
	comparison_title(&comparison, COMPARISON_BOTH, text);
	ck_assert_str_eq(text, "tuned to both");
}
END_TEST

UNIT_MAIN("comparison", numbers_that_cannot_be, only_what_is_wanted, nothing_is_shown_twice,
	  what_is_tuned_has_the_aim, every_row_is_run, titles)
