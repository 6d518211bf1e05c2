/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "interop/sim/frontier.h"
#include "tests/support/unit.h"

static struct comparison comparison;
static struct frontier frontier;
static struct fault fault;

static void set(double loss)
{
	comparison = (struct comparison){
	    .study = {.pair = {.network = {.loss = loss, .delay = 50000},
			       .traffic_interval = IKE_SECOND,
			       .seed = 1},
		      .peers = 5,
		      .time = 3600 * IKE_SECOND,
		      .jobs = 1},
	    .wanted = {true, true, true, true},
	};
	method_settings_default(&comparison.method);
	comparison.method.loss_per_mille = (uint32_t)(loss * 1000 + 0.5);
}

static double messages(const struct frontier_cell *cell)
{
	return (double)(cell->result.counts.messages[0] + cell->result.counts.messages[1]) /
	       cell->result.hours;
}

START_TEST(numbers_that_cannot_be)
{
	set(0.2);
	comparison.method.misses = 0;
	ck_assert(!frontier_run(&comparison, &frontier, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "fixed"));
}
END_TEST

START_TEST(what_is_not_wanted_is_not_there)
{
	set(0.2);
	comparison.wanted[METHOD_DERIVED] = comparison.wanted[METHOD_PING] = false;
	ck_assert(frontier_run(&comparison, &frontier, &fault));
	for (unsigned i = 0; i < FRONTIER_BOUNDS; i++) {
		ck_assert(!frontier.cell[FRONTIER_DERIVED][i].there);
		ck_assert(frontier.cell[FRONTIER_FIXED][i].there);
		ck_assert(frontier.cell[FRONTIER_HEARTBEAT][i].there);
		ck_assert(!frontier.cell[FRONTIER_PING][i].there);
		/* as many messages as what? */
		ck_assert(!frontier.cell[FRONTIER_HEARTBEAT_EQUAL][i].there);
		ck_assert(!frontier.cell[FRONTIER_PING_EQUAL][i].there);
	}
}
END_TEST

START_TEST(each_keeps_its_bound)
{
	set(0.2);
	ck_assert(frontier_run(&comparison, &frontier, &fault));
	for (unsigned series = 0; series < FRONTIER_SERIES; series++) {
		for (unsigned i = 0; i < FRONTIER_BOUNDS; i++) {
			const struct frontier_cell *cell = &frontier.cell[series][i];
			ike_time bound = frontier_bounds[i] * IKE_SECOND;

			ck_assert(cell->there);
			ck_assert_uint_le(machine_bound(&cell->method.rules), bound);
			ck_assert_uint_ge(machine_bound(&cell->method.rules) + 100, bound);
			ck_assert_uint_gt(cell->result.counts.steps, 0);
		}
	}
}
END_TEST

START_TEST(the_derived_plan_keeps_its_aim_where_it_can)
{
	set(0.2);
	ck_assert(frontier_run(&comparison, &frontier, &fault));
	for (unsigned i = 0; i < FRONTIER_BOUNDS; i++) {
		const struct frontier_cell *cell = &frontier.cell[FRONTIER_DERIVED][i];
		double deaths = machine_false_deaths_a_year(&cell->method.rules, 0.2);

		ck_assert_int_eq(cell->eased, frontier_bounds[i] == 5);
		if (cell->eased)
			ck_assert(deaths > 1 && deaths < 10);
		else
			ck_assert_double_le(deaths, 1);
	}
}
END_TEST

/* Nothing that a second apart could be would do at this loss. */
START_TEST(some_bounds_are_beyond_all_plans)
{
	set(0.999);
	ck_assert(frontier_run(&comparison, &frontier, &fault));
	ck_assert(frontier.cell[FRONTIER_DERIVED][0].eased);
}
END_TEST

START_TEST(equal_messages_are_equal)
{
	set(0.2);
	comparison.study.time *= 10;
	ck_assert(frontier_run(&comparison, &frontier, &fault));
	for (unsigned i = 1; i < FRONTIER_BOUNDS; i++) {
		double derived = messages(&frontier.cell[FRONTIER_DERIVED][i]);

		ck_assert_double_eq_tol(
		    messages(&frontier.cell[FRONTIER_HEARTBEAT_EQUAL][i]) / derived, 1, 0.03);
		/* a ping that is often restarted sends a little less */
		ck_assert_double_eq_tol(messages(&frontier.cell[FRONTIER_PING_EQUAL][i]) / derived,
					0.9, 0.1);
	}
}
END_TEST

START_TEST(names_and_keys)
{
	for (unsigned series = 0; series < FRONTIER_SERIES; series++) {
		ck_assert_ptr_null(strchr(frontier_key(series), ' '));
		ck_assert_uint_le(strlen(frontier_name(series)), 27);
		for (unsigned other = 0; other < series; other++) {
			ck_assert_str_ne(frontier_key(series), frontier_key(other));
			ck_assert_str_ne(frontier_name(series), frontier_name(other));
		}
	}
}
END_TEST

UNIT_MAIN("frontier", numbers_that_cannot_be, what_is_not_wanted_is_not_there, each_keeps_its_bound,
	  the_derived_plan_keeps_its_aim_where_it_can, some_bounds_are_beyond_all_plans,
	  equal_messages_are_equal, names_and_keys)
