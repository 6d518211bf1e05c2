/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <math.h>
#include <string.h>

#include "interop/bench/figures.h"

static struct figures *new_figures(void)
{
	struct figures *figures = figures_new();

	ck_assert_ptr_nonnull(figures);
	return figures;
}

static void put(struct figures *figures, const char *name, unsigned round, double value)
{
	ck_assert(figures_sample(figures, "r", name, "us", round, value));
}

START_TEST(test_refused)
{
	struct figures *figures = new_figures();

	put(figures, "a", 0, 1);
	ck_assert(!figures_sample(figures, "r", "a", "us", 0, 1)); /* twice in a round */
	ck_assert(!figures_sample(figures, "r", "a", "ms", 1, 1));
	ck_assert(!figures_sample(figures, "r", "a", "", 1, 1));
	ck_assert(!figures_sample(figures, "r", "a", "us", 1, NAN));
	ck_assert(!figures_sample(figures, "r", "a", "us", 1, INFINITY));
	ck_assert(!figures_sample(figures, "r", "a", "us", FIGURES_ROUNDS, 1));
	ck_assert(!figures_ratio(figures, "r", "x", "a", "b", FIGURES_AT_MOST, 0));
	ck_assert(!figures_ratio(figures, "r", "x", "a", "b", FIGURES_AT_MOST, NAN));
	ck_assert(!figures_aim(figures, "r", "a", FIGURES_AT_LEAST, -1));
	ck_assert(!figures_aim(figures, "r", "a", FIGURES_AT_LEAST, 0));
	ck_assert(!figures_aim(figures, "r", "a", FIGURES_AT_MOST, -1));
	ck_assert(figures_ratio(figures, "r", "x", "a", "b", FIGURES_AT_MOST, 2));
	ck_assert(!figures_ratio(figures, "r", "x", "b", "a", FIGURES_AT_MOST, 2));
	ck_assert(!figures_ratio(figures, "r", "x", "a", "c", FIGURES_AT_MOST, 2));
	ck_assert_uint_eq(figures_rounds(figures, "r"), 1);
	ck_assert_uint_eq(figures_rounds(figures, "other"), 0);
	figures_free(figures);
	figures_free(NULL);
}
END_TEST

START_TEST(test_nothing_measured)
{
	struct figures *figures = new_figures();
	struct figures_summary summary;

	ck_assert(!figures_quantity(figures, "r", "a", &summary));
	ck_assert(!figures_ratio_of(figures, "r", "x", &summary));
	ck_assert(figures_met(figures));
	ck_assert(figures_ratio(figures, "r", "x", "a", "b", FIGURES_AT_MOST, 2));
	ck_assert(figures_ratio_of(figures, "r", "x", &summary));
	ck_assert_uint_eq(summary.rounds, 0);
	ck_assert(!summary.met);
	ck_assert(!figures_met(figures)); /* a goal for what was not measured is not met */
	figures_free(figures);
}
END_TEST

START_TEST(test_median_and_spread)
{
	struct figures *figures = new_figures();
	struct figures_summary summary;

	put(figures, "a", 0, 9);
	put(figures, "a", 1, 1);
	put(figures, "a", 3, 5); /* round 2 did not measure it */
	ck_assert(figures_quantity(figures, "r", "a", &summary));
	ck_assert_uint_eq(summary.rounds, 3);
	ck_assert_double_eq(summary.median, 5);
	ck_assert_double_eq(summary.least, 1);
	ck_assert_double_eq(summary.most, 9);
	put(figures, "a", 2, 7);
	ck_assert(figures_quantity(figures, "r", "a", &summary));
	ck_assert_double_eq(summary.median, 6);
	ck_assert_uint_eq(figures_rounds(figures, "r"), 4);
	ck_assert(!figures_quantity(figures, "other", "a", &summary));
	figures_free(figures);
}
END_TEST

/* Per round and then the median: not the ratio of the medians, which would be 20/10. */
START_TEST(test_ratio_is_of_the_same_round)
{
	static const double top[] = {10, 20, 90}, bottom[] = {10, 5, 30};
	struct figures *figures = new_figures();
	struct figures_summary summary;

	for (unsigned i = 0; i < 3; i++) {
		put(figures, "top", i, top[i]);
		put(figures, "bottom", i, bottom[i]);
	}
	put(figures, "top", 3, 1000); /* its counterpart is missing */
	put(figures, "bottom", 4, 1);
	put(figures, "top", 5, 1);
	put(figures, "bottom", 5, 0); /* no ratio to nothing */
	ck_assert(figures_ratio(figures, "r", "x", "top", "bottom", FIGURES_NO_GOAL, 0));
	ck_assert(figures_ratio_of(figures, "r", "x", &summary));
	ck_assert_uint_eq(summary.rounds, 3);
	ck_assert_double_eq(summary.least, 1);
	ck_assert_double_eq(summary.median, 3);
	ck_assert_double_eq(summary.most, 4);
	ck_assert(summary.met);
	figures_free(figures);
}
END_TEST

START_TEST(test_goals)
{
	struct figures *figures = new_figures();
	struct figures_summary summary;

	put(figures, "top", 0, 13);
	put(figures, "bottom", 0, 10);
	ck_assert(figures_ratio(figures, "r", "x", "top", "bottom", FIGURES_AT_MOST, 1.3));
	ck_assert(figures_ratio_of(figures, "r", "x", &summary));
	ck_assert(summary.met);
	ck_assert(figures_met(figures));
	ck_assert(figures_ratio(figures, "r", "x", "top", "bottom", FIGURES_AT_MOST, 1.0));
	ck_assert(figures_ratio_of(figures, "r", "x", &summary));
	ck_assert(!summary.met);
	ck_assert_double_eq_tol(summary.missed, 0.3, 1e-9);
	ck_assert(!figures_met(figures));
	ck_assert(figures_ratio(figures, "r", "x", "top", "bottom", FIGURES_AT_LEAST, 6));
	ck_assert(figures_ratio_of(figures, "r", "x", &summary));
	ck_assert(!summary.met);
	ck_assert(figures_ratio(figures, "r", "x", "top", "bottom", FIGURES_AT_LEAST, 1.3));
	ck_assert(figures_met(figures));
	ck_assert(figures_sample(figures, "r", "mistakes", "times", 0, 1));
	ck_assert(figures_sample(figures, "r", "none", "times", 0, 0));
	ck_assert(figures_aim(figures, "r", "mistakes", FIGURES_AT_MOST, 0));
	ck_assert(figures_aim(figures, "r", "none", FIGURES_AT_MOST, 0));
	ck_assert(figures_quantity(figures, "r", "none", &summary));
	ck_assert(summary.met);
	ck_assert(figures_quantity(figures, "r", "mistakes", &summary));
	ck_assert(!summary.met && isinf(summary.missed));
	ck_assert(figures_aim(figures, "r", "mistakes", FIGURES_AT_MOST, 1));
	ck_assert(figures_aim(figures, "r", "top", FIGURES_AT_MOST, 12));
	ck_assert(!figures_met(figures));
	ck_assert(figures_quantity(figures, "r", "top", &summary));
	ck_assert_double_eq_tol(summary.missed, 1.0 / 12, 1e-9);
	figures_free(figures);
}
END_TEST

START_TEST(test_a_long_name_is_cut_and_still_found)
{
	char name[2 * FIGURES_NAME];
	struct figures *figures = new_figures();
	struct figures_summary summary;

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	put(figures, name, 0, 1);
	put(figures, name, 1, 2);
	ck_assert(figures_quantity(figures, "r", name, &summary));
	ck_assert_uint_eq(summary.rounds, 2);
	figures_free(figures);
}
END_TEST

UNIT_MAIN("figures", test_refused, test_nothing_measured, test_median_and_spread,
	  test_ratio_is_of_the_same_round, test_goals, test_a_long_name_is_cut_and_still_found)
