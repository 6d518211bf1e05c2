/* SPDX-License-Identifier: ISC */
#include "keepalive/tunnel_ping.h"

#include <string.h>

#include "tests/support/keepalive_world.h"
#include "tests/support/unit.h"

#define S  IKE_SECOND
#define MS IKE_MILLISECOND

static struct tunnel_ping_plan plan;

static enum tunnel_ping_fault check(ike_time interval, uint32_t misses, const char *mentions)
{
	struct tunnel_ping_plan given = {.interval = interval, .misses = misses};
	enum tunnel_ping_fault fault;
	char text[100];

	memset(text, 'x', sizeof(text));
	fault = tunnel_ping_plan_check(&given, text, sizeof(text));
	ck_assert_str_eq(text, mentions);
	return fault;
}

START_TEST(plans)
{
	const char *interval = "ping-interval must be 0.2 s to 1 hour";
	const char *misses = "ping-misses must be 1 to 100";

	ck_assert_int_eq(check(0, 3, interval), TUNNEL_PING_INTERVAL);
	ck_assert_int_eq(check(200 * MS - 1, 3, interval), TUNNEL_PING_INTERVAL);
	ck_assert_int_eq(check(3600 * S + 1, 3, interval), TUNNEL_PING_INTERVAL);
	ck_assert_int_eq(check(IKE_NEVER, 3, interval), TUNNEL_PING_INTERVAL);
	ck_assert_int_eq(check(10 * S, 0, misses), TUNNEL_PING_MISSES);
	ck_assert_int_eq(check(10 * S, 101, misses), TUNNEL_PING_MISSES);
	ck_assert_int_eq(check(200 * MS, 1, ""), TUNNEL_PING_OK);
	ck_assert_int_eq(check(3600 * S, 100, ""), TUNNEL_PING_OK);
}
END_TEST

/* R158 */
START_TEST(described)
{
	char text[TUNNEL_PING_TEXT];

	tunnel_ping_plan_default(&plan);
	ck_assert_uint_eq(tunnel_ping_earliest(&plan), 30 * S);
	ck_assert_uint_eq(tunnel_ping_latest(&plan), 40 * S);
	tunnel_ping_describe(&plan, 50, text, sizeof(text));
	ck_assert_str_eq(text,
			 "echo request after 10.0 s of silence, then every 10.0 s; verdict after 3 "
			 "misses in a row, 30.0 to 40.0 s of silence; at 5 % loss each way at most "
			 "2782 false ones a year");
	plan.only_when_silent = false;
	plan.interval = 500 * MS;
	plan.misses = 10;
	tunnel_ping_describe(&plan, 15, text, sizeof(text));
	ck_assert_str_eq(text, "echo request every 0.5 s; verdict after 10 misses in a row, 5.0 to "
			       "5.5 s of silence; at 1.5 % loss each way at most 0.1 false ones a "
			       "year");
}
END_TEST

/* The longest text fits. */
START_TEST(described_at_its_longest)
{
	struct tunnel_ping_plan longest = {3600 * S, 100, true};
	char text[TUNNEL_PING_TEXT];

	tunnel_ping_describe(&longest, 999, text, sizeof(text));
	ck_assert_uint_lt(strlen(text), sizeof(text) - 1);
	longest.interval = 200 * MS;
	longest.misses = 1;
	tunnel_ping_describe(&longest, 1000, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "false ones a year"));
}
END_TEST

/*
 * Requests until so many misses in a row, by another way: with k of them there, e(k) = 1 + miss e(k + 1) + (1 - miss) e(0), and
 * e(misses) = 0; each e(k) is carried as a + b e(0), from the last to the first.
 */
static double mean_requests(double miss, uint32_t misses)
{
	double a = 0, b = 0;

	for (uint32_t k = misses; k > 0; k--) {
		a = 1 + miss * a;
		b = miss * b + (1 - miss);
	}
	return a / (1 - b);
}

START_TEST(false_verdicts)
{
	const double losses[] = {0.01, 0.05, 0.2, 0.5, 0.9};

	tunnel_ping_plan_default(&plan);
	ck_assert(tunnel_ping_verdicts_a_year(&plan, 0) == 0);
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		double miss = 1 - (1 - losses[i]) * (1 - losses[i]);

		for (plan.misses = 1; plan.misses <= 4; plan.misses++) {
			double mean = 0.95 * (1 + 10 * mean_requests(miss, plan.misses));
			double rate = tunnel_ping_verdicts_a_year(&plan, losses[i]);

			ck_assert_double_eq_tol(rate * mean / (365.25 * 86400), 1, 1e-6);
		}
	}
	/* nothing ever arrives: one death after the other */
	plan.misses = 3;
	ck_assert_double_eq_tol(tunnel_ping_verdicts_a_year(&plan, 1), 365.25 * 86400 / (0.95 * 31),
				1e-6);
}
END_TEST

/* One life with jitter, from a pair that comes up to the verdict. */
static double lived(struct world *dice, double answered)
{
	struct tunnel_ping ping = {.state = TUNNEL_PING_DOWN};
	struct tunnel_ping_input input = {
	    .kind = TUNNEL_PING_UP, .now = 1000 * S, .random = world_random(dice)};
	struct tunnel_ping_actions actions;

	tunnel_ping_step(&ping, &plan, &input, &actions);
	for (;;) {
		input = (struct tunnel_ping_input){
		    .kind = TUNNEL_PING_TIME, .now = ping.wake, .random = world_random(dice)};
		tunnel_ping_step(&ping, &plan, &input, &actions);
		if (actions.dead)
			return (double)(input.now - 1000 * S) / (double)S;
		if (!actions.send || world_random(dice) >= answered * 4294967296.0)
			continue;
		input.kind = TUNNEL_PING_REPLY;
		input.number = actions.number;
		input.now += 20 * MS;
		tunnel_ping_step(&ping, &plan, &input, &actions);
	}
}

/*
 * What the formula says is what happens: nearly, for a plain ping with few misses (after its start it may have to wait for the time as
 * well), and any other gives a verdict less often.
 */
START_TEST(false_verdicts_happen_as_often_as_is_said)
{
	const double loss = 0.5;
	struct world dice = {.seed = 792};

	for (plan.misses = 1; plan.misses <= 16; plan.misses += 5) {
		for (int silent = 0; silent < 2; silent++) {
			unsigned lives = plan.misses < 10 ? 20000 : 2000;
			double said, sum = 0;

			plan.interval = 10 * S;
			plan.only_when_silent = silent != 0;
			for (unsigned i = 0; i < lives; i++)
				sum += lived(&dice, (1 - loss) * (1 - loss));
			said = 365.25 * 86400 / tunnel_ping_verdicts_a_year(&plan, loss);
			ck_assert_double_ge(sum / lives, said * 0.97);
			if (plan.misses < 10 && !silent)
				ck_assert_double_le(sum / lives, said * 1.06);
		}
	}
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(tunnel_ping_state_name(TUNNEL_PING_DOWN), "down");
	ck_assert_str_eq(tunnel_ping_state_name(TUNNEL_PING_DEAD), "dead");
}
END_TEST

UNIT_MAIN("tunnel_ping_plan", plans, described, described_at_its_longest, false_verdicts,
	  false_verdicts_happen_as_often_as_is_said, names)
