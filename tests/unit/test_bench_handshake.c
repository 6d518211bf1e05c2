/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include "interop/bench/bench.h"

/* What it finds depends on the machine; that every side of every group is there, and beside its floor, does not. */
START_TEST(test_all_groups)
{
	static const char *const group[] = {"modp2048", "ecp256", "x25519"};
	const struct bench_settings settings = {.rounds = 1, .seed = 1};
	struct figures *figures = figures_new();
	struct figures_summary summary;
	struct fault fault;
	char name[FIGURES_NAME];

	ck_assert_msg(bench_handshake(&settings, figures, &fault), "%s", fault.text);
	for (size_t i = 0; i < sizeof(group) / sizeof(group[0]); i++) {
		snprintf(name, sizeof(name), "two bare operations, %s", group[i]);
		ck_assert_msg(figures_quantity(figures, "handshake", name, &summary), "%s", name);
		snprintf(name, sizeof(name), "initiator, %s", group[i]);
		ck_assert_msg(figures_ratio_of(figures, "handshake", name, &summary), "%s", name);
		ck_assert_msg(summary.median > 0, "%s: %f", name, summary.median);
		ck_assert_double_eq(summary.bound, 1.1);
		snprintf(name, sizeof(name), "responder, %s", group[i]);
		ck_assert_msg(figures_ratio_of(figures, "handshake", name, &summary), "%s", name);
		ck_assert_msg(summary.median > 0, "%s: %f", name, summary.median);
	}
	figures_free(figures);
}
END_TEST

UNIT_MAIN("bench_handshake", test_all_groups)
