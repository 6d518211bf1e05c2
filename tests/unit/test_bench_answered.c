/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include "interop/bench/bench.h"

/* What it finds depends on the machine; that every answer is looked at and nothing is lost does not. */
START_TEST(test_small)
{
	static const char *const names[] = {"300 SAs", "2 SAs", "floor: cryptography",
					    "floor: system calls", "floor"};
	struct bench_settings settings = {.rounds = 2,
					  .sas = {2, 300},
					  .sizes = 2,
					  .seed = 1,
					  .exchanges = 400,
					  .unconfined = true};
	struct figures *figures = figures_new();
	struct figures_summary summary;
	struct fault fault;
	json_t *json;

	ck_assert_msg(bench_answered(&settings, figures, &fault), "%s", fault.text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_msg(figures_quantity(figures, "answered", names[i], &summary), "%s",
			      names[i]);
		ck_assert_uint_eq(summary.rounds, 2);
		ck_assert(summary.least >= 0);
	}
	ck_assert(figures_ratio_of(figures, "answered", "300 SAs / floor", &summary));
	ck_assert_int_eq(summary.goal, FIGURES_AT_MOST);
	ck_assert_double_eq(summary.bound, 1.3);
	ck_assert(figures_ratio_of(figures, "answered", "300 SAs / 2 SAs", &summary));
	ck_assert_uint_eq(summary.rounds, 2);
	json = figures_json(figures);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "notes")), 0); /* nothing lost */
	json_decref(json);
	figures_free(figures);
}
END_TEST

UNIT_MAIN("bench_answered", test_small)
