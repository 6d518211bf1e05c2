/* SPDX-License-Identifier: ISC */
/*
 * frontier.c - each method at each bound.
 *
 * The derived plan first, because two series are to cost as much as it does: heartbeats and ping with as many messages an hour
 * as it was measured to need, and with as many losses or misses borne as then fit into the bound.
 */
#include "interop/sim/frontier.h"

#include <assert.h>

#define EASE      1.05 /* by so much more false deaths are tried at a time */
#define MOST_EASE 1e9  /* a year: then it is no keepalive any more */

const unsigned frontier_bounds[FRONTIER_BOUNDS] = {5, 10, 15, 20, 30, 45, 60, 90};

static const struct {
	const char *key, *name;
	enum method_kind kind;
	bool equal;
} series_of[FRONTIER_SERIES] = {
    [FRONTIER_DERIVED] = {"derived", "R-U-THERE, derived plan", METHOD_DERIVED, false},
    [FRONTIER_FIXED] = {"fixed", "R-U-THERE, fixed count", METHOD_FIXED, false},
    [FRONTIER_HEARTBEAT] = {"heartbeats", "heartbeats, fixed count", METHOD_HEARTBEAT, false},
    [FRONTIER_PING] = {"ping", "ping, fixed count", METHOD_PING, false},
    [FRONTIER_HEARTBEAT_EQUAL] = {"heartbeats-equal-messages", "heartbeats, equal messages",
				  METHOD_HEARTBEAT, true},
    [FRONTIER_PING_EQUAL] = {"ping-equal-messages", "ping, equal messages", METHOD_PING, true},
};

const char *frontier_name(enum frontier_series series)
{
	assert(series < FRONTIER_SERIES);
	return series_of[series].name;
}

const char *frontier_key(enum frontier_series series)
{
	assert(series < FRONTIER_SERIES);
	return series_of[series].key;
}

bool frontier_is_wanted(const struct comparison *comparison, enum frontier_series series)
{
	assert(series < FRONTIER_SERIES);
	return comparison->wanted[series_of[series].kind] &&
	       (!series_of[series].equal || comparison->wanted[METHOD_DERIVED]);
}

/* ---- the numbers of one cell --------------------------------------------------------------------------------------- */

static void make_derived(const struct comparison *comparison, ike_time bound,
			 struct frontier_cell *cell)
{
	struct method_settings settings = comparison->method;
	struct fault ignored;

	settings.detect = bound;
	while (settings.false_deaths < MOST_EASE) {
		if (method_make(METHOD_DERIVED, &settings, &cell->method, &ignored)) {
			cell->there = true;
			return;
		}
		settings.false_deaths *= EASE;
		cell->eased = true;
	}
}

/* `derived` has been run. */
static bool make_other(const struct comparison *comparison, enum frontier_series series,
		       ike_time bound, const struct frontier_cell *derived,
		       struct frontier_cell *cell, struct fault *fault)
{
	struct method given;

	if (!method_make(series_of[series].kind, &comparison->method, &given, fault))
		return false;
	if (!series_of[series].equal)
		cell->there = method_with_bound(&given, bound, &cell->method);
	else if (derived->there)
		cell->there =
		    method_with_cost(&given, bound, comparison->study.pair.network.loss,
				     study_messages_an_hour(&derived->result), &cell->method);
	return true;
}

/* ---- all cells ----------------------------------------------------------------------------------------------------- */

bool frontier_run(const struct comparison *comparison, struct frontier *frontier,
		  struct fault *fault)
{
	*frontier = (struct frontier){.comparison = comparison};
	for (unsigned series = 0; series < FRONTIER_SERIES; series++) {
		if (!frontier_is_wanted(comparison, series))
			continue;
		for (unsigned i = 0; i < FRONTIER_BOUNDS; i++) {
			ike_time bound = frontier_bounds[i] * IKE_SECOND;
			struct frontier_cell *cell = &frontier->cell[series][i];

			if (series == FRONTIER_DERIVED)
				make_derived(comparison, bound, cell);
			else if (!make_other(comparison, series, bound,
					     &frontier->cell[FRONTIER_DERIVED][i], cell, fault))
				return false;
			if (cell->there && !study_run(&comparison->study, &cell->method.rules,
						      &cell->result, fault))
				return false;
		}
	}
	return true;
}
