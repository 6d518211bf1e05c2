/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <string.h>

#include "interop/sim/method.h"
#include "interop/sim/poisson.h"
#include "interop/sim/study.h"
#include "tests/support/keepalive_world.h"
#include "tests/support/unit.h"

#define DAY (86400 * IKE_SECOND)

static struct study_settings settings;
static struct study_result result;

static void set(double loss)
{
	settings = (struct study_settings){
	    .pair = {.network = {.loss = loss,
				 .delay = 50 * IKE_MILLISECOND,
				 .jitter = 10 * IKE_MILLISECOND},
		     .traffic_interval = 5 * IKE_SECOND,
		     .seed = 3706},
	    .peers = 50,
	    .time = 2 * DAY,
	    .jobs = 1,
	};
}

static void run(const struct machine_rules *rules)
{
	struct fault fault;

	memset(&result, 0xee, sizeof(result));
	ck_assert(study_run(&settings, rules, &result, &fault));
}

/* Whether this rate, of a year, is one that the count speaks for. */
static bool is_likely(double rate)
{
	struct poisson_interval interval = poisson_confidence(result.counts.false_deaths);

	return interval.low <= rate * result.years && rate * result.years <= interval.high;
}

/* Seeds are fixed: these cannot fail by chance, and would with a formula that is 4 % off. */
static void is_as_often_wrong_as_expected(double expected)
{
	ck_assert_uint_gt(result.counts.false_deaths, 1500);
	ck_assert_msg(is_likely(expected), "%llu in %.4f years are not %.1f a year",
		      (unsigned long long)result.counts.false_deaths, result.years, expected);
	ck_assert(!is_likely(expected * 1.08));
	ck_assert(!is_likely(expected / 1.08));
}

START_TEST(a_formula_of_another_loss_is_refused)
{
	struct machine_rules rules = {.kind = MACHINE_PING,
				      .ping = {.interval = 10 * IKE_SECOND, .misses = 3}};

	set(0.2);
	run(&rules);
	ck_assert(!is_likely(machine_false_deaths_a_year(&rules, 0.19)));
	ck_assert(!is_likely(machine_false_deaths_a_year(&rules, 0.21)));
}
END_TEST

START_TEST(heartbeats_by_their_formula)
{
	struct machine_rules rules = {
	    .kind = MACHINE_HEARTBEAT,
	    .heartbeat = {.interval = 20 * IKE_SECOND, .losses = 3, .window = 5 * IKE_SECOND}};

	set(0.25);
	run(&rules);
	is_as_often_wrong_as_expected(machine_false_deaths_a_year(&rules, 0.25));
}
END_TEST

START_TEST(ping_by_its_formula)
{
	struct machine_rules rules = {.kind = MACHINE_PING,
				      .ping = {.interval = 10 * IKE_SECOND, .misses = 4}};

	set(0.2);
	run(&rules);
	is_as_often_wrong_as_expected(machine_false_deaths_a_year(&rules, 0.2));
}
END_TEST

/*
 * worry 10 s, retry 2 s, 5 misses: five questions fit, never six.  Unlike the bound of plan.c, this counts how long a round takes:
 * the k-th question is answered with p q^(k-1), after 0.95 (worry + (k-1) retry) on average and a round trip.
 */
static double expected_of_five(double loss)
{
	double q = 1 - (1 - loss) * (1 - loss), mean = pow(q, 5) * 20;

	for (int k = 1; k <= 5; k++)
		mean += (1 - q) * pow(q, k - 1) * (0.95 * (10 + (k - 1) * 2) + 0.1);
	return MACHINE_YEAR * pow(q, 5) / mean;
}

START_TEST(keepalive_by_its_formula)
{
	struct machine_rules rules = {.plan = world_simple_plan(KEEPALIVE_PERIODIC)};

	set(0.25);
	run(&rules);
	is_as_often_wrong_as_expected(expected_of_five(0.25));
	ck_assert_double_lt(expected_of_five(0.25),
			    keepalive_false_deaths_a_year(&rules.plan, 0.25));
	ck_assert_double_gt(expected_of_five(0.25),
			    0.8 * keepalive_false_deaths_a_year(&rules.plan, 0.25));
}
END_TEST

/* "At most so many": true of every derived plan, whatever it has to make do with; and not by so much that it says nothing. */
START_TEST(derived_plans_keep_their_promise)
{
	static const struct {
		unsigned detect, loss_per_mille;
		double false_deaths;
	} wanted[] = {
	    {20, 200, 2000}, {20, 400, 20000}, {10, 300, 20000}, {60, 300, 5000}, {6, 200, 20000}};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct machine_rules rules = {0};
		struct keepalive_settings keepalive;
		double loss = wanted[i].loss_per_mille / 1e3, promised, seen;
		char text[256];

		keepalive_settings_default(&keepalive);
		keepalive.detect = wanted[i].detect * IKE_SECOND;
		keepalive.loss_per_mille = wanted[i].loss_per_mille;
		keepalive.false_deaths_a_year = wanted[i].false_deaths;
		ck_assert_int_eq(keepalive_plan(&keepalive, &rules.plan, text, sizeof(text)),
				 KEEPALIVE_PLAN_OK);
		set(loss);
		run(&rules);
		promised = keepalive_false_deaths_a_year(&rules.plan, loss);
		seen = (double)result.counts.false_deaths / result.years;
		ck_assert_double_le(promised, wanted[i].false_deaths);
		ck_assert_double_le(poisson_confidence(result.counts.false_deaths).low,
				    promised * result.years);
		ck_assert_double_ge(seen, promised / 10);
	}
}
END_TEST

START_TEST(what_is_added_up)
{
	struct machine_rules rules = {
	    .kind = MACHINE_HEARTBEAT,
	    .heartbeat = {.interval = 20 * IKE_SECOND, .losses = 3, .window = 5 * IKE_SECOND}};

	set(0);
	settings.peers = 7;
	settings.time = DAY / 2;
	run(&rules);
	ck_assert_double_eq_tol(result.hours, 84, 1e-9);
	ck_assert_double_eq_tol(result.years, 3.5 / 365.25, 1e-12);
	ck_assert_uint_eq(result.counts.messages[PAIR_WATCHED], 7 * 2160);
	ck_assert_uint_eq(result.counts.false_deaths, 0);
	ck_assert_uint_eq(result.detection.most, 0); /* nobody died */
	settings.pair.mutual = true;                 /* two are watched in each pair */
	run(&rules);
	ck_assert_double_eq_tol(result.years, 7 / 365.25, 1e-12);
	ck_assert_double_eq_tol(result.hours, 84, 1e-9);
}
END_TEST

START_TEST(messages_of_both)
{
	const struct study_result some = {
	    .counts.messages = {[PAIR_WATCHER] = 70, [PAIR_WATCHED] = 50}, .hours = 24};

	ck_assert(study_messages_an_hour(&some) == 5);
}
END_TEST

START_TEST(times_of_detection)
{
	struct machine_rules rules = {.plan = world_simple_plan(KEEPALIVE_PERIODIC)};

	set(0.1);
	settings.peers = 0;
	settings.deaths = 500;
	run(&rules);
	ck_assert_uint_le(result.detection.most, 20060 * IKE_MILLISECOND);
	ck_assert_uint_le(result.detection.most_of, result.detection.most);
	ck_assert_uint_le(result.detection.median, result.detection.most_of);
	ck_assert_uint_le(result.detection.least, result.detection.median);
	/* half of an interval of 9.5 s, and then some, has usually gone by when a peer dies */
	ck_assert_double_eq_tol((double)result.detection.median / 1e6, 15, 0.5);
	ck_assert_uint_gt(result.detection.most_of, 19500 * IKE_MILLISECOND);
}
END_TEST

START_TEST(it_does_not_matter_who_does_the_work)
{
	struct machine_rules rules = {.plan = world_simple_plan(KEEPALIVE_PERIODIC)};
	struct study_result alone;

	set(0.3);
	settings.deaths = 100;
	run(&rules);
	alone = result;
	ck_assert_uint_gt(alone.counts.false_deaths, 0);
	for (uint32_t jobs = 1; jobs <= 7; jobs += 3) {
		settings.jobs = jobs;
		run(&rules);
		ck_assert_mem_eq(&result, &alone, sizeof(alone));
	}
	settings.pair.seed++;
	run(&rules);
	ck_assert_mem_ne(&result, &alone, sizeof(alone));
}
END_TEST

UNIT_MAIN("study", a_formula_of_another_loss_is_refused, heartbeats_by_their_formula,
	  ping_by_its_formula, keepalive_by_its_formula, derived_plans_keep_their_promise,
	  what_is_added_up, messages_of_both, times_of_detection,
	  it_does_not_matter_who_does_the_work)
