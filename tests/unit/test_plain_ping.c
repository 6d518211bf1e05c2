/* SPDX-License-Identifier: ISC */
#include <math.h>

#include "interop/sim/plain_ping.h"
#include "tests/support/unit.h"

static const struct plain_ping_numbers numbers = {.interval = 10 * IKE_SECOND, .misses = 3};

static struct plain_ping ping;
static struct machine_deeds deeds;

static void step(struct machine_input input, double second)
{
	input.now = (ike_time)(second * 1e6);
	deeds = (struct machine_deeds){0};
	plain_ping_step(&ping, &numbers, &input, &deeds);
}

static void start(bool watches)
{
	step((struct machine_input){.what = MACHINE_START, .watches = watches}, 100);
}

/* The number that is asked with. */
static uint32_t ask(double second)
{
	step((struct machine_input){.what = MACHINE_TIME}, second);
	ck_assert(!deeds.dead);
	ck_assert_uint_eq(deeds.sends, 1);
	ck_assert_uint_eq(deeds.send[0].kind, FLIGHT_QUESTION);
	ck_assert_uint_eq(deeds.wake, (ike_time)((second + 10) * 1e6));
	return deeds.send[0].number;
}

static void hear(enum flight_kind kind, uint32_t number, double second)
{
	step((struct machine_input){.what = MACHINE_HEARD, .kind = kind, .number = number}, second);
}

static void die(double second)
{
	step((struct machine_input){.what = MACHINE_TIME}, second);
	ck_assert(deeds.dead);
	ck_assert_uint_eq(deeds.sends, 0);
	ck_assert_uint_eq(deeds.wake, IKE_NEVER);
}

START_TEST(only_a_reply_is_life)
{
	start(true);
	for (unsigned i = 1; i <= 3; i++) {
		uint32_t number = ask(100 + 10 * i);

		hear(FLIGHT_TRAFFIC, number, 101 + 10 * i);
		hear(FLIGHT_BEAT, number, 102 + 10 * i);
		hear(FLIGHT_QUESTION, number, 103 + 10 * i);
		step((struct machine_input){.what = MACHINE_WANT}, 104 + 10 * i);
		ck_assert_uint_eq(deeds.sends, 0);
	}
	die(140);
	step((struct machine_input){.what = MACHINE_TIME}, 200);
	ck_assert(!deeds.dead); /* not twice */
}
END_TEST

START_TEST(nothing_is_asked_before_its_time)
{
	start(true);
	step((struct machine_input){.what = MACHINE_TIME}, 109.999999);
	ck_assert_uint_eq(deeds.sends, 0);
	ck_assert_uint_eq(deeds.wake, 110 * IKE_SECOND);
}
END_TEST

START_TEST(who_does_not_watch_replies)
{
	start(false);
	ck_assert_uint_eq(deeds.wake, IKE_NEVER);
	hear(FLIGHT_QUESTION, 42, 110);
	ck_assert_uint_eq(deeds.sends, 1);
	ck_assert_uint_eq(deeds.send[0].kind, FLIGHT_ANSWER);
	ck_assert_uint_eq(deeds.send[0].number, 42);
	ck_assert_uint_eq(deeds.wake, IKE_NEVER);
}
END_TEST

START_TEST(a_reply_sets_the_count_to_zero)
{
	uint32_t number;

	start(true);
	ask(110);
	ask(120);
	number = ask(130);
	hear(FLIGHT_ANSWER, number, 130.1);
	ask(140); /* no miss before it */
	ask(150);
	ask(160);
	die(170);
}
END_TEST

/* It was life when it was sent; but the newest request is still a miss, if nothing comes for it. */
START_TEST(so_does_a_late_one)
{
	uint32_t number;

	start(true);
	number = ask(110);
	ask(120);
	ask(130);
	hear(FLIGHT_ANSWER, number, 135);
	ask(140); /* first miss: that of 130 */
	ask(150);
	die(160);
}
END_TEST

/* The mean number of requests to a death, state by state: k misses so far. */
static double mean_by_states(unsigned misses, double missed)
{
	double constant = 0, share = 0;

	for (unsigned k = misses; k-- > 0;) {
		constant = 1 + missed * constant;
		share = (1 - missed) + missed * share;
	}
	return constant / (1 - share);
}

START_TEST(the_formula)
{
	static const double losses[] = {0.01, 0.1, 0.2, 0.5, 0.9};

	ck_assert(plain_ping_false_deaths_a_year(&numbers, 0) == 0);
	ck_assert_uint_eq(plain_ping_bound(&numbers), 40 * IKE_SECOND);
	for (size_t i = 0; i < 5; i++) {
		double missed = 1 - (1 - losses[i]) * (1 - losses[i]);

		ck_assert_double_eq_tol(plain_ping_false_deaths_a_year(&numbers, losses[i]) * 10 *
					    (mean_by_states(3, missed) + 1) / MACHINE_YEAR,
					1, 1e-6);
	}
}
END_TEST

UNIT_MAIN("plain_ping", only_a_reply_is_life, nothing_is_asked_before_its_time,
	  who_does_not_watch_replies, a_reply_sets_the_count_to_zero, so_does_a_late_one,
	  the_formula)
