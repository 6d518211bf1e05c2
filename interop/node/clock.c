/* SPDX-License-Identifier: ISC */
#include "interop/node/clock.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SPAN_MOST                                                                                  \
	(24 * 3600 *                                                                               \
	 IKE_SECOND) /* a timer that fires early is re-armed; one that overflows never fires */

/*
 * Linux does not let this clock go back.  Should it do so all the same (a process that was moved to another machine), then
 * to wait until it has caught up would be to watch nobody for as long: time goes on from where it was.
 */
static uint64_t absorbed;

ike_time clock_now(void)
{
	static ike_time last;
	struct timespec now;
	int failed = clock_gettime(CLOCK_BOOTTIME, &now);
	ike_time time;

	assert(failed == 0); /* Linux has had it since 2.6.39 */
	time = (ike_time)now.tv_sec * IKE_SECOND + (ike_time)now.tv_nsec / 1000 + absorbed;
	if (time < last) {
		absorbed += last - time;
		time = last;
	}
	last = time;
	return time;
}

enum clock_change clock_look(struct clock_watch *watch, int64_t *by)
{
	struct clock_watch before = *watch;
	struct timeval wall;
	ike_time now;

	gettimeofday(&wall, NULL);
	now = clock_now(); /* before `absorbed` is looked at, which it changes */
	*watch = (struct clock_watch){
	    .wall_ahead = (int64_t)wall.tv_sec * (int64_t)IKE_SECOND + wall.tv_usec - (int64_t)now,
	    .absorbed = absorbed,
	    .begun = true,
	};
	if (!before.begun)
		return CLOCK_STEADY;
	*by = (int64_t)(before.absorbed - watch->absorbed);
	if (*by < -(int64_t)IKE_SECOND)
		return CLOCK_WENT_BACK;
	*by = watch->wall_ahead - before.wall_ahead;
	if (*by > (int64_t)IKE_SECOND || *by < -(int64_t)IKE_SECOND)
		return CLOCK_WALL_SET;
	return CLOCK_STEADY;
}

struct timeval clock_wall(ike_time then)
{
	struct timeval wall;
	ike_time now = clock_now();
	int64_t since, at;

	gettimeofday(&wall, NULL);
	since = now > then ? (int64_t)(now - then) : -(int64_t)(then - now);
	at = (int64_t)wall.tv_sec * (int64_t)IKE_SECOND + wall.tv_usec - since;
	return (struct timeval){.tv_sec = at / (int64_t)IKE_SECOND,
				.tv_usec = at % (int64_t)IKE_SECOND};
}

bool clock_calendar(int64_t *calendar)
{
	const int64_t now = clock_wall(0).tv_sec;

	if (now >= *calendar - 1 && now <= *calendar + 1)
		return false;
	*calendar = now;
	return true;
}

const char *clock_text(struct timeval wall, char text[CLOCK_TEXT])
{
	struct tm utc;
	size_t length;

	gmtime_r(&wall.tv_sec, &utc);
	length = strftime(text, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + length, CLOCK_TEXT - length, ".%06uZ", (unsigned)wall.tv_usec % 1000000u);
	return text;
}

double clock_of_text(const char *text)
{
	struct tm utc = {.tm_year = 0};
	const char *fraction = strptime(text, "%Y-%m-%dT%H:%M:%S", &utc);

	if (fraction == NULL || *fraction != '.')
		return 0;
	return (double)timegm(&utc) + strtod(fraction, NULL);
}

struct timeval clock_span(ike_time now, ike_time until)
{
	ike_time span = until > now ? until - now : 0;

	if (span > SPAN_MOST)
		span = SPAN_MOST;
	return (struct timeval){.tv_sec = (time_t)(span / IKE_SECOND),
				.tv_usec = (suseconds_t)(span % IKE_SECOND)};
}
