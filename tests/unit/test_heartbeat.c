/* SPDX-License-Identifier: ISC */
#include <math.h>

#include "interop/sim/heartbeat.h"
#include "tests/support/unit.h"

/* Of the draft: dead after 65 s. */
static const struct heartbeat_numbers numbers = {
    .interval = 20 * IKE_SECOND, .window = 5 * IKE_SECOND, .losses = 3};

static struct heartbeat heartbeat;
static struct machine_deeds deeds;

static void step(struct machine_input input, double second)
{
	input.now = (ike_time)(second * 1e6);
	deeds = (struct machine_deeds){0};
	heartbeat_step(&heartbeat, &numbers, &input, &deeds);
}

static void start(bool watches, bool watched)
{
	step((struct machine_input){.what = MACHINE_START, .watches = watches, .watched = watched},
	     100);
}

static void time_comes(double second)
{
	step((struct machine_input){.what = MACHINE_TIME}, second);
}

static void hear(enum flight_kind kind, double second)
{
	step((struct machine_input){.what = MACHINE_HEARD, .kind = kind}, second);
}

START_TEST(only_a_heartbeat_is_life)
{
	static const enum flight_kind others[] = {FLIGHT_QUESTION, FLIGHT_ANSWER, FLIGHT_TRAFFIC};

	start(true, false);
	for (size_t i = 0; i < 3; i++) {
		hear(others[i], 150);
		ck_assert_uint_eq(deeds.wake, 165 * IKE_SECOND);
		ck_assert_uint_eq(deeds.sends, 0);
	}
	step((struct machine_input){.what = MACHINE_WANT}, 160);
	ck_assert_uint_eq(deeds.wake, 165 * IKE_SECOND);
	time_comes(165);
	ck_assert(deeds.dead);
}
END_TEST

START_TEST(nobody_dies_early_nor_twice)
{
	start(true, false);
	time_comes(164.999999);
	ck_assert(!deeds.dead);
	time_comes(165);
	ck_assert(deeds.dead);
	ck_assert_uint_eq(deeds.wake, IKE_NEVER);
	time_comes(400);
	ck_assert(!deeds.dead);
	hear(FLIGHT_BEAT, 401); /* too late: only a new SA revives */
	ck_assert_uint_eq(deeds.wake, IKE_NEVER);
}
END_TEST

START_TEST(who_is_only_watched_declares_nobody_dead)
{
	start(false, true);
	for (unsigned beat = 1; beat < 100; beat++) {
		ck_assert_uint_eq(deeds.wake, (100 + 20 * beat) * IKE_SECOND);
		time_comes(100 + 20 * beat);
		ck_assert(!deeds.dead);
		ck_assert_uint_eq(deeds.sends, 1);
		ck_assert_uint_eq(deeds.send[0].kind, FLIGHT_BEAT);
		ck_assert_uint_eq(deeds.send[0].number, beat - 1);
	}
}
END_TEST

START_TEST(three_losses_are_borne_a_fourth_is_not)
{
	start(true, false);
	hear(FLIGHT_BEAT, 120.05);
	ck_assert_uint_eq(deeds.wake, 185050000);
	hear(FLIGHT_BEAT, 184); /* after 140, 160 were lost, and 180 was 4 s late */
	ck_assert_uint_eq(deeds.wake, 249 * IKE_SECOND);
	time_comes(249);
	ck_assert(deeds.dead);
}
END_TEST

START_TEST(both_at_once)
{
	start(true, true);
	time_comes(120);
	ck_assert_uint_eq(deeds.sends, 1);
	time_comes(140);
	time_comes(160);
	ck_assert_uint_eq(deeds.wake, 165 * IKE_SECOND);
	time_comes(165);
	ck_assert(deeds.dead);
	ck_assert_uint_eq(deeds.sends, 0);
}
END_TEST

/* The mean time to a death, from its defining equations, state by state: k beats lost so far. */
static double mean_by_states(double interval, double timeout, double loss)
{
	int n = (int)floor(timeout / interval);
	double constant = timeout - n * interval, share = 0; /* E_k = constant + share E_0 */

	for (int k = n - 1; k >= 0; k--) { /* one more interval; then heard, or one more is lost */
		constant = interval + loss * constant;
		share = (1 - loss) + loss * share;
	}
	return constant / (1 - share);
}

START_TEST(the_formula)
{
	static const double losses[] = {0.01, 0.1, 0.2, 0.5, 0.9};
	struct heartbeat_numbers other = numbers;

	ck_assert(heartbeat_false_deaths_a_year(&numbers, 0) == 0);
	ck_assert_uint_eq(heartbeat_timeout(&numbers), 65 * IKE_SECOND);
	for (size_t i = 0; i < 5; i++)
		ck_assert_double_eq_tol(heartbeat_false_deaths_a_year(&numbers, losses[i]) *
					    mean_by_states(20, 65, losses[i]) / MACHINE_YEAR,
					1, 1e-6);
	other.window = 25 * IKE_SECOND; /* wide enough for a fourth */
	ck_assert_double_eq_tol(heartbeat_false_deaths_a_year(&other, 0.2) *
				    mean_by_states(20, 85, 0.2) / MACHINE_YEAR,
				1, 1e-6);
	ck_assert_double_lt(heartbeat_false_deaths_a_year(&other, 0.2),
			    heartbeat_false_deaths_a_year(&numbers, 0.2) / 4);
}
END_TEST

UNIT_MAIN("heartbeat", only_a_heartbeat_is_life, nobody_dies_early_nor_twice,
	  who_is_only_watched_declares_nobody_dead, three_losses_are_borne_a_fourth_is_not,
	  both_at_once, the_formula)
