/* SPDX-License-Identifier: ISC */
/*
 * ping_statistics.h - what was sent, what came back, and how long it took.
 */
#ifndef INTEROP_PING_STATISTICS_H
#define INTEROP_PING_STATISTICS_H

#include <jansson.h>
#include <stdio.h>

#include "ike/types.h"

#define PING_OPEN_MOST                                                                             \
	64 /* questions remembered; answers to older ones are counted without a time */

struct ping_statistics {
	uint32_t sent, answered;
	double least, most, sum, squares; /* milliseconds */
	struct {
		ike_time at;
		uint32_t number;
		bool open;
	} asked[PING_OPEN_MOST];
};

void ping_statistics_sent(struct ping_statistics *statistics, uint32_t number, ike_time at);
/* False: not asked, answered already, or too long ago; nothing is counted. */
bool ping_statistics_answered(struct ping_statistics *statistics, uint32_t number, ike_time at,
			      double *milliseconds);
/* Whether the newest question has been answered: then nothing more is to be waited for. */
bool ping_statistics_is_settled(const struct ping_statistics *statistics);
void ping_statistics_print(const struct ping_statistics *statistics, const char *gateway,
			   FILE *out);
/* sent, answered, loss, min_ms, avg_ms, max_ms, mdev_ms; the times null where nothing was answered */
void ping_statistics_add(const struct ping_statistics *statistics, json_t *line);

#endif
