/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#include "interop/node/clock.h"
#include "interop/node/trouble.h"
#include "tests/support/scratch.h"

static struct trouble trouble = {.what = "sending"};
static struct event_log event_log = {.json = true};

static void begin(void)
{
	event_log.out = fopen(scratch_path("log"), "w");
}

/* How often this stands in the log so far. */
static unsigned told(const char *words)
{
	unsigned count = 0;

	event_log_flush(&event_log);
	for (const char *at = scratch_read(scratch_path("log")); (at = strstr(at, words)) != NULL;
	     at++)
		count++;
	return count;
}

START_TEST(test_over_without_any)
{
	begin();
	trouble_over(&trouble, &event_log);
	ck_assert_uint_eq(told("event"), 0);
}
END_TEST

START_TEST(test_told_once)
{
	begin();
	for (unsigned i = 0; i < 1000; i++)
		trouble_met(&trouble, &event_log, "no way to %s", "192.0.2.1");
	ck_assert_uint_eq(told("\"event\":\"trouble\""), 1);
	ck_assert_uint_eq(told("\"text\":\"no way to 192.0.2.1\""), 1);
	ck_assert_uint_eq(trouble.count, 1000);
}
END_TEST

START_TEST(test_told_again_while_it_lasts)
{
	begin();
	trouble_met(&trouble, &event_log, "first");
	trouble.told = clock_now() - TROUBLE_EVERY;
	trouble_met(&trouble, &event_log, "again");
	ck_assert_uint_eq(told("\"count\":2,\"text\":\"again\""), 1);
}
END_TEST

START_TEST(test_over)
{
	begin();
	trouble_met(&trouble, &event_log, "x");
	trouble_met(&trouble, &event_log, "x");
	trouble_over(&trouble, &event_log);
	trouble_over(&trouble, &event_log);
	ck_assert_uint_eq(told("\"event\":\"relief\""), 1);
	ck_assert_uint_eq(told("\"count\":2,\"text\":\"sending works again\""), 1);
}
END_TEST

/* One that comes and goes many times a second is told at most so often, and then its relief is not told either. */
START_TEST(test_coming_and_going)
{
	begin();
	for (unsigned i = 0; i < 100; i++) {
		trouble_met(&trouble, &event_log, "x");
		trouble_over(&trouble, &event_log);
	}
	ck_assert_uint_eq(told("\"event\":\"trouble\""), 1);
	ck_assert_uint_eq(told("\"event\":\"relief\""), 1);
}
END_TEST

/* Where nobody reads events, people do. */
START_TEST(test_nobody_listens)
{
	ck_assert_ptr_nonnull(freopen(scratch_path("log"), "w", stderr));
	event_log.out = NULL;
	trouble_met(&trouble, &event_log, "no way");
	fflush(stderr);
	ck_assert_ptr_nonnull(strstr(scratch_read(scratch_path("log")), "ruthere: no way"));
}
END_TEST

UNIT_MAIN("trouble", test_over_without_any, test_told_once, test_told_again_while_it_lasts,
	  test_over, test_coming_and_going, test_nobody_listens)
