/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "keepalive/keepalive.h"
#include "tests/support/unit.h"

static struct keepalive_plan plan;
static char text[300];

static enum keepalive_plan_fault make(struct keepalive_settings settings)
{
	memset(&plan, 0xee, sizeof(plan));
	memset(text, 'x', sizeof(text));
	return keepalive_plan(&settings, &plan, text, sizeof(text));
}

static struct keepalive_settings derived(ike_time detect, uint32_t loss_per_mille)
{
	struct keepalive_settings settings;

	keepalive_settings_default(&settings);
	settings.detect = detect;
	settings.loss_per_mille = loss_per_mille;
	return settings;
}

static struct keepalive_settings given(ike_time worry, ike_time retry, uint32_t misses)
{
	return (struct keepalive_settings){.worry = worry, .retry = retry, .misses = misses};
}

static void faulty(struct keepalive_settings settings, enum keepalive_plan_fault fault,
		   const char *mentions)
{
	struct keepalive_plan untouched;

	memset(&untouched, 0xee, sizeof(untouched));
	ck_assert_int_eq(make(settings), fault);
	ck_assert_mem_eq(&plan, &untouched, sizeof(plan));
	ck_assert_msg(strstr(text, mentions) != NULL, "'%s' does not mention '%s'", text, mentions);
}

/* What every plan promises, whatever led to it. */
static void sound(void)
{
	ck_assert_uint_gt(plan.worry, 0);
	ck_assert_uint_ge(plan.retry, 200 * IKE_MILLISECOND);
	ck_assert_uint_ge(plan.misses, 1);
	ck_assert_uint_ge(plan.last_wait, plan.retry);
	/* without jitter, the last probe goes out at the latest `last_wait` before death */
	ck_assert_uint_le(plan.worry + (plan.misses - 1) * plan.retry + plan.last_wait,
			  plan.detect);
	/* and nothing of the time is wasted but the rest of a division */
	ck_assert_uint_ge(plan.worry + (plan.misses - 1) * plan.retry + plan.last_wait +
			      plan.misses,
			  plan.detect);
}

/* R97 */
START_TEST(mixed_settings)
{
	struct keepalive_settings settings = given(10 * IKE_SECOND, 2 * IKE_SECOND, 5);

	settings.detect = 20 * IKE_SECOND;
	faulty(settings, KEEPALIVE_PLAN_MIXED, "not both");
	settings.detect = 0;
	settings.loss_per_mille = 1;
	faulty(settings, KEEPALIVE_PLAN_MIXED, "not both");
}
END_TEST

START_TEST(incomplete_settings)
{
	faulty(given(10 * IKE_SECOND, 0, 0), KEEPALIVE_PLAN_INCOMPLETE, "together");
	faulty(given(0, 2 * IKE_SECOND, 0), KEEPALIVE_PLAN_INCOMPLETE, "together");
	faulty(given(10 * IKE_SECOND, 2 * IKE_SECOND, 0), KEEPALIVE_PLAN_INCOMPLETE, "together");
	faulty(given(0, 2 * IKE_SECOND, 5), KEEPALIVE_PLAN_INCOMPLETE, "together");
}
END_TEST

START_TEST(settings_out_of_range)
{
	struct keepalive_settings settings = derived(20 * IKE_SECOND, 200);
	static const double wrong[] = {0, -1, NAN};

	faulty(derived(IKE_SECOND - 1, 0), KEEPALIVE_PLAN_DETECT, "detect");
	faulty(derived(86401 * IKE_SECOND, 0), KEEPALIVE_PLAN_DETECT, "detect");
	faulty(derived(20 * IKE_SECOND, 1000), KEEPALIVE_PLAN_LOSS, "loss");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		settings.false_deaths_a_year = wrong[i];
		faulty(settings, KEEPALIVE_PLAN_FALSE_DEATHS, "false-deaths");
	}
	faulty(given(IKE_MILLISECOND, IKE_SECOND, 3), KEEPALIVE_PLAN_RANGE, "worry");
	faulty(given(86401 * IKE_SECOND, IKE_SECOND, 3), KEEPALIVE_PLAN_RANGE, "worry");
	faulty(given(IKE_SECOND, 199 * IKE_MILLISECOND, 3), KEEPALIVE_PLAN_RANGE, "retry");
	faulty(given(IKE_SECOND, 3601 * IKE_SECOND, 3), KEEPALIVE_PLAN_RANGE, "retry");
	faulty(given(IKE_SECOND, IKE_SECOND, 101), KEEPALIVE_PLAN_RANGE, "misses");
}
END_TEST

/* The advice must be good: what it names fits, and a little less does not (R97). */
START_TEST(too_tight_says_what_would_do)
{
	double detect = 0, loss = 0;

	faulty(derived(3 * IKE_SECOND, 200), KEEPALIVE_PLAN_TOO_TIGHT, "3.0 s is too short");
	ck_assert_int_eq(sscanf(strstr(text, "needs;"),
				"needs; %lf s would do, and within 3.0 s a "
				"loss of %lf %%",
				&detect, &loss),
			 2);
	ck_assert_double_gt(detect, 3);
	ck_assert_double_lt(loss, 20);
	ck_assert_int_eq(make(derived((ike_time)lround(detect * 10) * 100000, 200)), 0);
	ck_assert_int_ne(make(derived((ike_time)lround(detect * 10 - 1) * 100000, 200)), 0);
	ck_assert_int_eq(make(derived(3 * IKE_SECOND, (uint32_t)lround(loss * 10))), 0);
	ck_assert_int_ne(make(derived(3 * IKE_SECOND, (uint32_t)lround(loss * 10) + 1)), 0);
}
END_TEST

START_TEST(too_tight_beyond_help)
{
	struct keepalive_settings settings = derived(86400 * IKE_SECOND, 999);

	settings.false_deaths_a_year = 1e-300;
	faulty(settings, KEEPALIVE_PLAN_TOO_TIGHT, "no time up to a day would do");
}
END_TEST

START_TEST(defaults)
{
	struct keepalive_settings settings;

	keepalive_settings_default(&settings);
	ck_assert_int_eq(make(settings), KEEPALIVE_PLAN_OK);
	ck_assert_str_eq(text, "");
	sound();
	ck_assert_int_eq(plan.mode, KEEPALIVE_PERIODIC);
	ck_assert_int_eq(plan.strictness, KEEPALIVE_INTEROP);
	ck_assert_uint_eq(plan.detect, 20 * IKE_SECOND);
	ck_assert_uint_eq(plan.worry, 10 * IKE_SECOND);
	ck_assert_uint_eq(plan.misses, 15);
	ck_assert_uint_eq(plan.last_wait, IKE_SECOND);
	ck_assert_double_lt(keepalive_false_deaths_a_year(&plan, 0.2), 1.0);
	ck_assert_double_gt(keepalive_false_deaths_a_year(&plan, 0.2), 0.3); /* not one too many */
}
END_TEST

START_TEST(nothing_given_is_the_default_time_without_loss)
{
	ck_assert_int_eq(make((struct keepalive_settings){.false_deaths_a_year = 1}), 0);
	sound();
	ck_assert_uint_eq(plan.detect, KEEPALIVE_DEFAULT_DETECT);
	ck_assert_uint_eq(plan.misses, 3);
}
END_TEST

/* R95 */
START_TEST(given_settings_are_taken_as_they_are)
{
	struct keepalive_settings settings = given(10 * IKE_SECOND, 2 * IKE_SECOND, 5);

	settings.mode = KEEPALIVE_ON_DEMAND;
	settings.strictness = KEEPALIVE_STRICT;
	ck_assert_int_eq(make(settings), KEEPALIVE_PLAN_OK);
	sound();
	ck_assert_int_eq(plan.mode, KEEPALIVE_ON_DEMAND);
	ck_assert_int_eq(plan.strictness, KEEPALIVE_STRICT);
	ck_assert_uint_eq(plan.worry, 10 * IKE_SECOND);
	ck_assert_uint_eq(plan.retry, 2 * IKE_SECOND);
	ck_assert_uint_eq(plan.misses, 5);
	ck_assert_uint_eq(plan.last_wait, 2 * IKE_SECOND);
	ck_assert_uint_eq(plan.detect, 20 * IKE_SECOND);
}
END_TEST

/* The example of plan.c: 8640 rounds a day, each failing with 0.36^5, are 52 false deaths; jitter makes that 55. */
START_TEST(five_probes_are_not_enough)
{
	double a_day;

	ck_assert_int_eq(make(given(10 * IKE_SECOND, 2 * IKE_SECOND, 5)), KEEPALIVE_PLAN_OK);
	a_day = keepalive_false_deaths_a_year(&plan, 0.2) / 365.25;
	ck_assert_double_eq_tol(a_day * 0.95, 8640 * pow(0.36, 5), 1e-6);
	ck_assert_double_eq_tol(a_day * 0.95, 52.2, 0.1);
	ck_assert_double_eq(keepalive_false_deaths_a_year(&plan, 0), 0);
}
END_TEST

/* Every detection time with every loss: either it fits and the promise holds, or the fault says so (R94). */
START_TEST(every_plan_keeps_its_promise)
{
	unsigned fitted = 0, refused = 0;

	for (ike_time detect = IKE_SECOND; detect <= 86400 * IKE_SECOND; detect += detect / 7) {
		for (uint32_t loss = 0; loss < 1000; loss += 37) {
			if (make(derived(detect, loss)) != KEEPALIVE_PLAN_OK) {
				refused++;
				continue;
			}
			fitted++;
			sound();
			ck_assert_uint_eq(plan.detect, detect);
			ck_assert_uint_ge(plan.worry, detect / 4);
			ck_assert_uint_le(plan.worry, detect / 2);
			ck_assert_uint_ge(plan.misses, 3);
			ck_assert_double_le(
			    keepalive_false_deaths_a_year(&plan, (double)loss / 1000), 1.0);
		}
	}
	ck_assert_uint_gt(fitted, 500);
	ck_assert_uint_gt(refused, 100);
}
END_TEST

START_TEST(worry_makes_room)
{
	ck_assert_int_eq(make(derived(6 * IKE_SECOND, 200)), KEEPALIVE_PLAN_OK);
	ck_assert_uint_lt(plan.worry, 2 * IKE_SECOND);
	sound();
}
END_TEST

/* R96 */
START_TEST(in_words)
{
	ck_assert_int_eq(make(derived(20 * IKE_SECOND, 200)), KEEPALIVE_PLAN_OK);
	keepalive_plan_describe(&plan, 200, text, sizeof(text));
	ck_assert_str_eq(text,
			 "asks after 10.0 s of silence, then every 0.64 s; dead after 20.0 s of "
			 "silence and 15 unanswered probes; at 20 % loss each way at most 0.8 "
			 "false deaths a year");
	plan.mode = KEEPALIVE_ON_DEMAND;
	keepalive_plan_describe(&plan, 5, text, sizeof(text));
	ck_assert_str_eq(text,
			 "asks after 10.0 s of silence when there is something to send, then "
			 "every 0.64 s; dead after 10.0 s of asking and 15 unanswered probes; "
			 "at 0.5 % loss each way at most 0.1 false deaths a year");
	plan.mode = KEEPALIVE_OFF;
	keepalive_plan_describe(&plan, 200, text, sizeof(text));
	ck_assert_str_eq(text, "never asks, only answers");
	keepalive_plan_describe(&plan, 200, text, 6);
	ck_assert_str_eq(text, "never");
}
END_TEST

UNIT_MAIN("plan", mixed_settings, incomplete_settings, settings_out_of_range,
	  too_tight_says_what_would_do, too_tight_beyond_help, defaults,
	  nothing_given_is_the_default_time_without_loss, given_settings_are_taken_as_they_are,
	  five_probes_are_not_enough, every_plan_keeps_its_promise, worry_makes_room, in_words)
