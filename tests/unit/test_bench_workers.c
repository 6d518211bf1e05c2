/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "interop/bench/bench.h"

/*
 * What it finds depends on the machine; that all is answered, by both workers, does not: what comes is checked by the benchmark, and
 * what does not come is a note.
 */
START_TEST(test_small)
{
	static const char *const names[] = {"1 worker: processor time", "2 workers: processor time",
					    "1 worker: answered",       "2 workers: answered",
					    "1 worker: asking",         "2 workers: asking"};
	struct bench_settings settings = {
	    .rounds = 2, .sas = {300}, .sizes = 1, .seed = 1, .exchanges = 600, .unconfined = true};
	struct figures *figures = figures_new();
	struct figures_summary summary;
	struct fault fault;
	json_t *json, *note;
	size_t i;

	ck_assert_msg(bench_workers(&settings, figures, &fault), "%s", fault.text);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_msg(figures_quantity(figures, "workers", names[i], &summary), "%s",
			      names[i]);
		ck_assert_uint_eq(summary.rounds, 2);
		ck_assert(summary.least > 0);
	}
	ck_assert(
	    figures_quantity(figures, "workers", "2 workers: share of the busiest", &summary));
	ck_assert(summary.least >= 50 && summary.most < 75);
	json = figures_json(figures);
	json_array_foreach(json_object_get(json, "notes"), i, note)
	{
		const char *text = json_string_value(json_object_get(note, "text"));

		ck_assert_msg(strstr(text, "not answered") == NULL, "%s", text);
	}
	json_decref(json);
	ck_assert(figures_ratio_of(figures, "workers", "answered, 2 workers / 1", &summary));
	ck_assert_uint_eq(summary.rounds, 2);
	figures_free(figures);
}
END_TEST

UNIT_MAIN("bench_workers", test_small)
