/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "interop/bench/figures.h"

#define HEAD "{\"format\": \"ruthere-bench-1\", "
#define GOOD "\"benchmark\": \"r\", \"name\": \"a\", \"unit\": \"us\""

static bool merge_text(struct figures *figures, const char *text)
{
	struct fault fault = {.text = ""};
	json_t *json = json_loads(text, 0, NULL);
	bool good;

	ck_assert_msg(json != NULL, "%s", text);
	good = figures_merge(figures, json, &fault);
	ck_assert(good || fault.text[0] != '\0');
	json_decref(json);
	return good;
}

START_TEST(test_malformed)
{
	static const char *const wrong[] = {
	    "{}",
	    "[]",
	    "{\"format\": 1}",
	    "{\"format\": \"ruthere-bench-2\"}",
	    HEAD "\"quantities\": [1]}",
	    HEAD "\"quantities\": [{}]}",
	    HEAD "\"quantities\": [{" GOOD "}]}",
	    HEAD "\"quantities\": [{" GOOD ", \"samples\": 1}]}",
	    HEAD "\"quantities\": [{" GOOD ", \"samples\": [\"1\"]}]}",
	    HEAD "\"quantities\": [{" GOOD ", \"samples\": [1], \"goal\": {}}]}",
	    HEAD "\"quantities\": [{" GOOD
		 ", \"samples\": [1], \"goal\": {\"kind\": \"about\", \"bound\": 1}}]}",
	    HEAD "\"quantities\": [{" GOOD
		 ", \"samples\": [1], \"goal\": {\"kind\": \"at-most\", \"bound\": -1}}]}",
	    HEAD "\"quantities\": [{\"benchmark\": \"r\\u001b[1m\", \"name\": \"a\", "
		 "\"unit\": \"us\", \"samples\": [1]}]}",
	    HEAD "\"quantities\": [{" GOOD ", \"samples\": [1]}, {" GOOD ", \"samples\": [1]}]}",
	    HEAD "\"ratios\": [{\"benchmark\": \"r\", \"name\": \"x\", \"of\": \"a\"}]}",
	    HEAD "\"notes\": [{\"benchmark\": \"r\"}]}",
	    HEAD "\"machines\": [1]}",
	    HEAD "\"machines\": [{\"kernel\": \"\\u001b[2J\"}]}",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct figures *figures = figures_new();

		ck_assert_msg(!merge_text(figures, wrong[i]), "%s", wrong[i]);
		figures_free(figures);
	}
}
END_TEST

START_TEST(test_another_unit)
{
	struct figures *figures = figures_new();

	ck_assert(figures_sample(figures, "r", "a", "ms", 0, 1));
	ck_assert(!merge_text(figures, HEAD "\"quantities\": [{" GOOD ", \"samples\": [1]}]}"));
	figures_free(figures);
}
END_TEST

START_TEST(test_another_ratio)
{
	struct figures *figures = figures_new();

	ck_assert(figures_ratio(figures, "r", "x", "a", "b", FIGURES_NO_GOAL, 0));
	ck_assert(!merge_text(figures, HEAD "\"ratios\": [{\"benchmark\": \"r\", \"name\": \"x\", "
					    "\"of\": \"b\", \"to\": \"a\"}]}"));
	figures_free(figures);
}
END_TEST

static struct figures *one_run(double ours, double theirs)
{
	struct figures *figures = figures_new();

	ck_assert(figures_sample(figures, "r", "ours", "us", 0, ours));
	ck_assert(figures_sample(figures, "r", "ours", "us", 2, ours));
	ck_assert(figures_sample(figures, "r", "theirs", "us", 2, theirs));
	ck_assert(figures_ratio(figures, "r", "x", "theirs", "ours", FIGURES_AT_LEAST, 6));
	ck_assert(figures_aim(figures, "r", "ours", FIGURES_AT_MOST, 12));
	ck_assert(figures_note(figures, "r", "%d lost", 3));
	ck_assert(figures_machine(figures, json_pack("{s:s}", "processor", "slow")));
	return figures;
}

static void merge_run(struct figures *into, double ours, double theirs)
{
	struct figures *run = one_run(ours, theirs);
	json_t *json = figures_json(run);
	struct fault fault;

	ck_assert_ptr_nonnull(json);
	ck_assert(figures_merge(into, json, &fault));
	json_decref(json);
	figures_free(run);
}

START_TEST(test_there_and_back)
{
	struct figures *back = figures_new(), *run = one_run(10, 80);
	json_t *before = figures_json(run), *after;

	merge_run(back, 10, 80);
	after = figures_json(back);
	ck_assert(json_equal(before, after));
	json_decref(before);
	json_decref(after);
	figures_free(run);
	figures_free(back);
}
END_TEST

/* Each run's ratio is its own: 8 and 4, and nothing made of both. */
START_TEST(test_rounds_of_two_runs_stay_apart)
{
	struct figures *figures = figures_new();
	struct figures_summary summary;
	json_t *json;

	merge_run(figures, 10, 80);
	merge_run(figures, 100, 400);
	ck_assert_uint_eq(figures_rounds(figures, "r"), 6);
	ck_assert(figures_ratio_of(figures, "r", "x", &summary));
	ck_assert_uint_eq(summary.rounds, 2);
	ck_assert_double_eq(summary.least, 4);
	ck_assert_double_eq(summary.most, 8);
	ck_assert(summary.met);
	ck_assert(figures_quantity(figures, "r", "ours", &summary));
	ck_assert_uint_eq(summary.rounds, 4);
	json = figures_json(figures);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "machines")), 2);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "notes")), 1);
	json_decref(json);
	figures_free(figures);
}
END_TEST

UNIT_MAIN("figures_json", test_malformed, test_another_unit, test_another_ratio,
	  test_there_and_back, test_rounds_of_two_runs_stay_apart)
