/* SPDX-License-Identifier: ISC */
/*
 * test_bench_probing.c - who asks, who answers, and that nobody is missed; not how fast.
 */
#include "tests/support/unit.h"

#include <string.h>

#include "interop/bench/bench.h"

#define SAS 300

static struct figures *figures;

static void run(bool (*benchmark)(const struct bench_settings *settings, struct figures *figures,
				  struct fault *fault))
{
	const struct bench_settings settings = {.rounds = 2,
						.sas = {SAS},
						.sizes = 1,
						.seed = 1,
						.interval = IKE_SECOND / 5,
						.time = IKE_SECOND / 2,
						.unconfined = true};
	struct fault fault = {.text = ""};

	figures = figures_new();
	ck_assert_msg(benchmark(&settings, figures, &fault), "%s", fault.text);
}

static double median(const char *room, const char *name)
{
	struct figures_summary summary;

	ck_assert_msg(figures_quantity(figures, room, name, &summary), "%s: %s", room, name);
	ck_assert_uint_eq(summary.rounds, 2);
	return summary.median;
}

static bool is_there(const char *room, const char *name)
{
	struct figures_summary summary;

	return figures_quantity(figures, room, name, &summary);
}

static void expect_no_deaths(void)
{
	json_t *json = figures_json(figures), *notes = json_object_get(json, "notes"), *note;
	size_t i;

	ck_assert_uint_eq(json_array_size(notes), 2);
	json_array_foreach(notes, i, note)
	{
		const char *text = json_string_value(json_object_get(note, "text"));

		ck_assert_msg(strstr(text, ": 300 SAs;") != NULL, "%s", text);
		ck_assert_msg(strstr(text, " 0 messages refused") != NULL, "%s", text);
		ck_assert_msg(strstr(text, " 0 dead") != NULL, "%s", text);
	}
	json_decref(json);
}

START_TEST(test_the_gateway_asks)
{
	run(bench_probing);
	ck_assert(median("probing", "300 SAs, gateway: asks") > SAS);
	ck_assert(median("probing", "300 SAs, members: answers") > SAS);
	ck_assert_double_eq(median("probing", "300 SAs, members: asks"), 0);
	ck_assert(median("probing", "300 SAs, gateway: share of a core") > 0);
	ck_assert(is_there("probing", "300 SAs, gateway: asks late, 99.9 %"));
	ck_assert(!is_there("probing", "300 SAs, members: asks late, 99.9 %"));
	expect_no_deaths();
	figures_free(figures);
}
END_TEST

START_TEST(test_both_ask)
{
	run(bench_mutual);
	ck_assert(median("mutual", "300 SAs, gateway: asks") > 0);
	ck_assert(median("mutual", "300 SAs, members: asks") > 0);
	ck_assert(median("mutual", "300 SAs, gateway: answers") > 0);
	expect_no_deaths();
	figures_free(figures);
}
END_TEST

/* There is something to send all the time, and something is heard in time: not one question. */
START_TEST(test_nothing_is_asked_on_demand)
{
	struct figures_summary summary;

	run(bench_demand);
	ck_assert(figures_quantity(figures, "demand", "300 SAs, gateway: asks", &summary));
	ck_assert_double_eq(summary.most, 0);
	ck_assert(median("demand", "300 SAs, gateway: answers") > SAS);
	expect_no_deaths();
	figures_free(figures);
}
END_TEST

UNIT_MAIN("bench_probing", test_the_gateway_asks, test_both_ask, test_nothing_is_asked_on_demand)
