/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "interop/node/clock.h"

START_TEST(test_text_that_is_none)
{
	ck_assert(clock_of_text("") == 0);
	ck_assert(clock_of_text("yesterday") == 0);
	ck_assert(clock_of_text("2026-11-24T02:10:00Z") == 0);
}
END_TEST

START_TEST(test_span_never_negative_nor_endless)
{
	struct timeval past = clock_span(5000000, 4000000);
	struct timeval never = clock_span(0, IKE_NEVER);

	ck_assert_int_eq(past.tv_sec, 0);
	ck_assert_int_eq(past.tv_usec, 0);
	ck_assert_int_gt(never.tv_sec, 3600);
	ck_assert_int_le(never.tv_sec, 86400);
}
END_TEST

START_TEST(test_span)
{
	struct timeval span = clock_span(1000000, 3500001);

	ck_assert_int_eq(span.tv_sec, 2);
	ck_assert_int_eq(span.tv_usec, 500001);
}
END_TEST

START_TEST(test_now_is_boottime)
{
	struct timespec before, after;
	ike_time now;

	ck_assert_int_eq(clock_gettime(CLOCK_BOOTTIME, &before), 0);
	now = clock_now();
	ck_assert_int_eq(clock_gettime(CLOCK_BOOTTIME, &after), 0);
	ck_assert_uint_ge(now,
			  (ike_time)before.tv_sec * IKE_SECOND + (ike_time)before.tv_nsec / 1000);
	ck_assert_uint_le(now,
			  (ike_time)after.tv_sec * IKE_SECOND + (ike_time)after.tv_nsec / 1000);
}
END_TEST

START_TEST(test_wall_of_then)
{
	ike_time now = clock_now();
	struct timeval earlier = clock_wall(now - 10 * IKE_SECOND), later = clock_wall(now);
	double apart = (double)(later.tv_sec - earlier.tv_sec) +
		       (double)(later.tv_usec - earlier.tv_usec) / 1e6;

	ck_assert(fabs(apart - 10) < 5); /* unless somebody sets the clock just now */
	ck_assert_int_lt(earlier.tv_usec, 1000000);
	ck_assert_int_ge(earlier.tv_usec, 0);
}
END_TEST

START_TEST(test_text_both_ways)
{
	char text[CLOCK_TEXT];
	const struct timeval wall = {.tv_sec = 1795486200, .tv_usec = 123456};

	ck_assert_str_eq(clock_text(wall, text), "2026-11-24T02:10:00.123456Z");
	ck_assert(fabs(clock_of_text(text) - 1795486200.123456) < 1e-6);
}
END_TEST

/* What is not shown here, because nobody may set these clocks for a test, tests/limits shows with clocks of its own. */
START_TEST(test_look)
{
	struct clock_watch watch = {.begun = false};
	int64_t by = 0;

	ck_assert_int_eq(clock_look(&watch, &by),
			 CLOCK_STEADY); /* the first look has nothing to compare with */
	ck_assert_int_eq(clock_look(&watch, &by), CLOCK_STEADY);
	watch.wall_ahead += 3600 * (int64_t)IKE_SECOND; /* as if it had been an hour ahead before */
	ck_assert_int_eq(clock_look(&watch, &by), CLOCK_WALL_SET);
	ck_assert_int_lt(by, -3599 * (int64_t)IKE_SECOND);
	ck_assert_int_gt(by, -3601 * (int64_t)IKE_SECOND);
	ck_assert_int_eq(clock_look(&watch, &by), CLOCK_STEADY); /* told once */
	watch.wall_ahead -= 2 * (int64_t)IKE_SECOND;
	ck_assert_int_eq(clock_look(&watch, &by), CLOCK_WALL_SET);
	ck_assert_int_gt(by, (int64_t)IKE_SECOND);
	watch.wall_ahead -= (int64_t)IKE_SECOND / 2;
	ck_assert_int_eq(clock_look(&watch, &by), CLOCK_STEADY);
}
END_TEST

START_TEST(test_calendar)
{
	const int64_t now = (int64_t)(clock_now() / IKE_SECOND);
	int64_t calendar = 0, before;

	ck_assert(clock_calendar(&calendar));
	ck_assert_int_le(llabs(calendar + now - (int64_t)time(NULL)), 2);
	ck_assert(!clock_calendar(&calendar)); /* told once */
	before = calendar;
	for (int64_t by = -3600; by <= 3600; by += 7200) {
		calendar = before + by; /* as if somebody had set it */
		ck_assert(clock_calendar(&calendar));
		ck_assert_int_le(llabs(calendar - before), 1);
	}
	calendar = before + 1;
	(void)clock_calendar(&calendar);
	ck_assert_int_le(llabs(calendar - before), 1);
}
END_TEST

START_TEST(test_never_fewer)
{
	ike_time before = clock_now();

	for (unsigned i = 0; i < 1000; i++) {
		ike_time now = clock_now();

		ck_assert_uint_ge(now, before);
		before = now;
	}
}
END_TEST

UNIT_MAIN("clock", test_text_that_is_none, test_span_never_negative_nor_endless, test_span,
	  test_now_is_boottime, test_wall_of_then, test_text_both_ways, test_look, test_calendar,
	  test_never_fewer)
