/* SPDX-License-Identifier: ISC */
#include "interop/ping_statistics.h"

#include <math.h>

void ping_statistics_sent(struct ping_statistics *statistics, uint32_t number, ike_time at)
{
	size_t slot = statistics->sent % PING_OPEN_MOST;

	statistics->asked[slot].number = number;
	statistics->asked[slot].at = at;
	statistics->asked[slot].open = true;
	statistics->sent++;
}

static void count(struct ping_statistics *statistics, double milliseconds)
{
	if (statistics->answered == 0 || milliseconds < statistics->least)
		statistics->least = milliseconds;
	if (statistics->answered == 0 || milliseconds > statistics->most)
		statistics->most = milliseconds;
	statistics->sum += milliseconds;
	statistics->squares += milliseconds * milliseconds;
	statistics->answered++;
}

bool ping_statistics_answered(struct ping_statistics *statistics, uint32_t number, ike_time at,
			      double *milliseconds)
{
	for (size_t i = 0; i < PING_OPEN_MOST; i++) {
		if (!statistics->asked[i].open || statistics->asked[i].number != number)
			continue;
		statistics->asked[i].open = false;
		*milliseconds = (double)(at - statistics->asked[i].at) / 1e3;
		count(statistics, *milliseconds);
		return true;
	}
	return false;
}

bool ping_statistics_is_settled(const struct ping_statistics *statistics)
{
	return statistics->sent > 0 &&
	       !statistics->asked[(statistics->sent - 1) % PING_OPEN_MOST].open;
}

static double loss(const struct ping_statistics *statistics)
{
	return statistics->sent == 0 ? 0
				     : 1 - (double)statistics->answered / (double)statistics->sent;
}

static double average(const struct ping_statistics *statistics)
{
	return statistics->answered > 0 ? statistics->sum / statistics->answered : 0;
}

/* The standard deviation, under the name that ping(8) gives it; rounding must not make it a root of less than nothing. */
static double mdev(const struct ping_statistics *statistics)
{
	double mean = average(statistics);

	if (statistics->answered == 0)
		return 0;
	return sqrt(fmax(0, statistics->squares / statistics->answered - mean * mean));
}

void ping_statistics_print(const struct ping_statistics *statistics, const char *gateway, FILE *out)
{
	fprintf(out, "--- %s R-U-THERE statistics ---\n%u sent, %u answered, %.0f%% lost\n",
		gateway, statistics->sent, statistics->answered, 100 * loss(statistics));
	if (statistics->answered > 0)
		fprintf(out, "time min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms\n", statistics->least,
			average(statistics), statistics->most, mdev(statistics));
}

/* Rounded to microseconds, which is what was measured; null where nothing was. */
static json_t *milliseconds(bool any, double value)
{
	return any ? json_real(round(value * 1e3) / 1e3) : json_null();
}

void ping_statistics_add(const struct ping_statistics *statistics, json_t *line)
{
	bool any = statistics->answered > 0;

	json_object_set_new(line, "sent", json_integer(statistics->sent));
	json_object_set_new(line, "answered", json_integer(statistics->answered));
	json_object_set_new(line, "loss", json_real(loss(statistics)));
	json_object_set_new(line, "min_ms", milliseconds(any, statistics->least));
	json_object_set_new(line, "avg_ms", milliseconds(any, average(statistics)));
	json_object_set_new(line, "max_ms", milliseconds(any, statistics->most));
	json_object_set_new(line, "mdev_ms", milliseconds(any, mdev(statistics)));
}
