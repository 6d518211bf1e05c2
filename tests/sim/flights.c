/* SPDX-License-Identifier: ISC */
#include "tests/sim/flights.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define HELD_MOST (40 * IKE_SECOND) /* how long somebody on the path may sit on one */

static bool owns_data(const struct flight *flight)
{
	return flight->altered || flight->sent == FLIGHT_FORGED;
}

/* ---- the heap ------------------------------------------------------------------------------------------------------ */

static bool before(const struct flight *a, const struct flight *b)
{
	return a->at < b->at || (a->at == b->at && a->order < b->order);
}

void flights_put(struct flights *flights, struct flight flight)
{
	size_t at = flights->count++;

	if (flights->count > flights->room) {
		flights->room = flights->room * 2 + 64;
		flights->flight =
		    realloc(flights->flight, flights->room * sizeof(*flights->flight));
		assert(flights->flight != NULL);
	}
	flight.order = flights->made++;
	for (; at > 0 && before(&flight, &flights->flight[(at - 1) / 2]); at = (at - 1) / 2)
		flights->flight[at] = flights->flight[(at - 1) / 2];
	flights->flight[at] = flight;
}

ike_time flights_next(const struct flights *flights)
{
	return flights->count > 0 ? flights->flight[0].at : IKE_NEVER;
}

struct flight flights_take(struct flights *flights)
{
	struct flight first = flights->flight[0], last = flights->flight[--flights->count];
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= flights->count)
			break;
		if (child + 1 < flights->count &&
		    before(&flights->flight[child + 1], &flights->flight[child]))
			child++;
		if (!before(&flights->flight[child], &last))
			break;
		flights->flight[at] = flights->flight[child];
		at = child;
	}
	flights->flight[at] = last;
	return first;
}

void flights_inject(struct flights *flights, struct flight flight, const uint8_t *data)
{
	flight.injected = true;
	if (owns_data(&flight)) {
		flight.data = malloc(flight.length + 1);
		assert(flight.data != NULL);
		memcpy(flight.data, data, flight.length);
	}
	flights_put(flights, flight);
}

void flights_drop(struct flight *flight)
{
	if (owns_data(flight))
		free(flight->data);
	flight->data = NULL;
}

void flights_free(struct flights *flights)
{
	for (size_t i = 0; i < flights->count; i++)
		flights_drop(&flights->flight[i]);
	free(flights->flight);
}

/* ---- how long ------------------------------------------------------------------------------------------------------ */

ike_time flights_delay(const struct sim *sim, struct dice *dice)
{
	const struct scenario_faults *faults = &sim->scenario->faults;

	if (!sim->bad)
		return faults->delay;
	if (dice_chance(dice, faults->held))
		return dice_below(dice, HELD_MOST);
	return faults->delay + dice_below(dice, faults->jitter + 1);
}
