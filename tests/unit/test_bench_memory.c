/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include "interop/bench/bench.h"

/* What it finds depends on the machine; that it finds something does not. */
START_TEST(test_small)
{
	struct bench_settings settings = {.rounds = 2, .sas = {600, 2}, .sizes = 2, .seed = 1};
	struct figures *figures = figures_new();
	struct figures_summary summary;
	struct fault fault;

	ck_assert_msg(bench_memory(&settings, figures, &fault), "%s", fault.text);
	ck_assert(figures_quantity(figures, "memory", "RSS of an SA, 600 SAs", &summary));
	ck_assert_uint_eq(summary.rounds, 2);
	ck_assert_int_eq(summary.goal, FIGURES_AT_MOST);
	ck_assert_double_eq(summary.bound, 400);
	ck_assert(summary.median > 100); /* the keys alone are more than half of that */
	ck_assert(figures_quantity(figures, "memory", "RSS of the process, 1 SA", &summary));
	ck_assert_uint_eq(summary.rounds, 2);
	figures_free(figures);
}
END_TEST

UNIT_MAIN("bench_memory", test_small)
