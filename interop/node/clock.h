/* SPDX-License-Identifier: ISC */
/*
 * clock.h - the time that is handed to the engine, and the wall clock for logs and captures.
 */
#ifndef INTEROP_CLOCK_H
#define INTEROP_CLOCK_H

#include <sys/time.h>

#include "ike/types.h"

/*
 * Microseconds of CLOCK_BOOTTIME, never fewer than before.  Unlike CLOCK_MONOTONIC it goes on while the machine is suspended: the lifetime of an SA
 * runs on at the peer meanwhile, and only a clock that shows the gap lets the keepalive see that it was late and grant the
 * peer a fresh round of probes.
 */
ike_time clock_now(void);

/* What has happened to the clocks since the last look. */
enum clock_change {
	CLOCK_STEADY,
	CLOCK_WALL_SET,  /* somebody has set the wall clock; stamps follow it, timers do not */
	CLOCK_WENT_BACK, /* CLOCK_BOOTTIME did; clock_now() went on from where it was */
};

struct clock_watch {
	int64_t wall_ahead; /* of clock_now(), microseconds */
	uint64_t absorbed;  /* how far back clock_now() has been set in all */
	bool begun;
};

/* `by` in microseconds, negative for back.  Less than a second is taken for the slow correction of a clock. */
enum clock_change clock_look(struct clock_watch *watch, int64_t *by);

/* The wall clock at the moment that clock_now() called `then`, given what both say now. */
struct timeval clock_wall(ike_time then);

/*
 * The calendar as the engine has it: seconds since 1970 when clock_now() is 0.  True where it is not within a second of what
 * `*calendar` has, which then follows: the wall clock was set, or has drifted.
 */
bool clock_calendar(int64_t *calendar);

/* "2026-11-24T02:10:00.123456Z": RFC 3339, UTC.  Terminated; returns text. */
#define CLOCK_TEXT 32
const char *clock_text(struct timeval wall, char text[CLOCK_TEXT]);

/* Back again, as seconds since 1970; 0 where it is not such a text. */
double clock_of_text(const char *text);

/* A span for timers: 0 where `until` has passed. */
struct timeval clock_span(ike_time now, ike_time until);

#endif
