/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>
#include <unistd.h>

#include "interop/bench/bench.h"

/* It takes half a minute at least, all of it in real time: not for here.  Here: what is wrong is said before it begins. */
START_TEST(test_nowhere_to_write)
{
	const struct bench_settings settings = {.sas = {1},
						.sizes = 1,
						.seed = 1,
						.away = 1,
						.detect = 60,
						.plot = "/nonexistent/plot.svg"};
	struct figures *figures = figures_new();
	struct fault fault;

	ck_assert(!bench_death(&settings, figures, &fault));
	ck_assert_msg(strstr(fault.text, "/nonexistent/plot.svg") != NULL, "%s", fault.text);
	ck_assert_uint_eq(figures_rounds(figures, "death"), 0);
	figures_free(figures);
}
END_TEST

UNIT_MAIN("bench_death", test_nowhere_to_write)
