/* SPDX-License-Identifier: ISC */
/*
 * frontier.h - how few false deaths each method comes down to when a death must be noticed within 5, 10, ... 90 seconds.
 */
#ifndef INTEROP_SIM_FRONTIER_H
#define INTEROP_SIM_FRONTIER_H

#include "interop/sim/comparison.h"

enum frontier_series {
	FRONTIER_DERIVED,
	FRONTIER_FIXED, /* the counts given, the times by the bound; so the next two */
	FRONTIER_HEARTBEAT,
	FRONTIER_PING,
	FRONTIER_HEARTBEAT_EQUAL, /* as many messages as the derived plan; so the last */
	FRONTIER_PING_EQUAL,
	FRONTIER_SERIES
};

#define FRONTIER_BOUNDS 8

struct frontier_cell {
	bool there; /* such numbers exist */
	bool
	    eased; /* derived: the false deaths wanted do not fit into the bound; the fewest that do */
	struct method method;
	struct study_result result;
};

struct frontier {
	const struct comparison *comparison; /* the settings; its rows are not used */
	struct frontier_cell cell[FRONTIER_SERIES][FRONTIER_BOUNDS];
};

/* In seconds. */
extern const unsigned frontier_bounds[FRONTIER_BOUNDS];
/* "heartbeats, as many messages": for a table and a legend. */
const char *frontier_name(enum frontier_series series);
/* "heartbeats-equal-messages": for a script. */
const char *frontier_key(enum frontier_series series);
bool frontier_is_wanted(const struct comparison *comparison, enum frontier_series series);

bool frontier_run(const struct comparison *comparison, struct frontier *frontier,
		  struct fault *fault) IKE_MUST_USE;

#endif
