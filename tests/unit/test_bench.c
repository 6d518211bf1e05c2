/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <sched.h>

#include "interop/bench/bench.h"
#include "interop/bench/process.h"

START_TEST(test_sizes)
{
	static const uint32_t own[] = {1, 2};
	struct bench_settings settings = {.sizes = 0};
	uint32_t sizes[BENCH_SIZES_MAX];

	ck_assert_uint_eq(bench_sizes(&settings, own, 2, sizes), 2);
	ck_assert_uint_eq(sizes[1], 2);
	settings.sizes = 1;
	settings.sas[0] = 77;
	ck_assert_uint_eq(bench_sizes(&settings, own, 2, sizes), 1);
	ck_assert_uint_eq(sizes[0], 77);
}
END_TEST

START_TEST(test_size_text)
{
	ck_assert_str_eq(bench_size_text(1), "1 SA");
	ck_assert_str_eq(bench_size_text(999), "999 SAs");
	ck_assert_str_eq(bench_size_text(1000), "1,000 SAs");
	ck_assert_str_eq(bench_size_text(100020), "100,020 SAs");
	ck_assert_str_eq(bench_size_text(1002003), "1,002,003 SAs");
}
END_TEST

static int processors;

static bool look(const struct bench_settings *settings, struct figures *figures,
		 struct fault *fault)
{
	cpu_set_t set;

	(void)settings;
	(void)figures;
	ck_assert_int_eq(sched_getaffinity(0, sizeof(set), &set), 0);
	processors = CPU_COUNT(&set);
	return processors != 0 && fault_say(fault, "as it was to be");
}

static size_t notes_of(const struct figures *figures)
{
	json_t *json = figures_json(figures);
	size_t count = json_array_size(json_object_get(json, "notes"));

	json_decref(json);
	return count;
}

/* Whatever the one before has done; and its fault comes through. */
START_TEST(test_each_begins_anywhere)
{
	const struct benchmark benchmark = {"look", "looks", look};
	const struct bench_settings settings = {.sizes = 0};
	struct figures *figures = figures_new();
	unsigned all = process_processors();
	struct fault fault;

	ck_assert(process_pin(PROCESS_LOAD));
	ck_assert(!bench_run(&benchmark, &settings, figures, &fault));
	ck_assert_str_eq(fault.text, "as it was to be");
	ck_assert_int_eq(processors, (int)all);
	ck_assert_uint_eq(notes_of(figures), all < 2 ? 1 : 0);
	figures_free(figures);
}
END_TEST

/* Who may use one processor only from the beginning is told so. */
START_TEST(test_one_processor)
{
	const struct benchmark benchmark = {"look", "looks", look};
	const struct bench_settings settings = {.sizes = 0};
	struct figures *figures = figures_new();
	struct fault fault;
	cpu_set_t set, one;
	int cpu = 0;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(set), &set), 0);
	while (!CPU_ISSET(cpu, &set))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(one), &one), 0);
	ck_assert(!bench_run(&benchmark, &settings, figures, &fault));
	ck_assert_int_eq(processors, 1);
	ck_assert_uint_eq(notes_of(figures), 1);
	figures_free(figures);
}
END_TEST

UNIT_MAIN("bench", test_each_begins_anywhere, test_one_processor, test_sizes, test_size_text)
