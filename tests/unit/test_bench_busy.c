/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include "interop/bench/bench.h"

/* What it finds depends on the machine; that all is answered, and that there are handshakes, does not. */
START_TEST(test_small)
{
	static const char *const names[] = {
	    "without handshakes: median",   "without handshakes: 99th percentile",
	    "without handshakes: longest",  "without handshakes: the node",
	    "with handshakes: median",      "with handshakes: 99th percentile",
	    "with handshakes: longest",     "with handshakes: the node",
	    "with handshakes: the callers", "with handshakes: finished",
	    "without handshakes: answered", "with handshakes: answered"};
	struct bench_settings settings = {
	    .rounds = 2, .sas = {30}, .sizes = 1, .seed = 1, .exchanges = 40, .unconfined = true};
	struct figures *figures = figures_new();
	struct figures_summary summary;
	struct fault fault;

	ck_assert_msg(bench_busy(&settings, figures, &fault), "%s", fault.text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_msg(figures_quantity(figures, "busy", names[i], &summary), "%s",
			      names[i]);
		ck_assert_uint_eq(summary.rounds, 2);
		ck_assert_msg(summary.least > 0, "%s", names[i]);
	}
	ck_assert_double_eq(summary.least, 100); /* answered, the last of them */
	ck_assert_int_eq(summary.goal, FIGURES_AT_LEAST);
	ck_assert(figures_quantity(figures, "busy", "with handshakes: 99th percentile", &summary));
	ck_assert_int_eq(summary.goal, FIGURES_AT_MOST);
	ck_assert_double_eq(summary.bound, 10);
	ck_assert(figures_quantity(figures, "busy", "with handshakes: the node waiting", &summary));
	ck_assert_uint_eq(summary.rounds, 2);
	/* nobody calls in the first part of a round, the second's either */
	ck_assert(!figures_quantity(figures, "busy", "without handshakes: finished", &summary));
	figures_free(figures);
}
END_TEST

UNIT_MAIN("bench_busy", test_small)
