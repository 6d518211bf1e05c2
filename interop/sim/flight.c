/* SPDX-License-Identifier: ISC */
/*
 * flight.c - a sorted row: what is sent later mostly arrives later, so that a new one nearly always belongs at the end.
 *
 * Of two that arrive in the same microsecond the one that was sent first comes first.
 */
#include "interop/sim/flight.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_AT_FIRST 64

/* Room for one more at the end: the row is moved to the front where half of it is free there, or else grows. */
static void make_room(struct flight *flight)
{
	if (flight->first + flight->count < flight->room)
		return;
	if (flight->first > flight->room / 2) {
		memmove(flight->under_way, flight->under_way + flight->first,
			flight->count * sizeof(*flight->under_way));
		flight->first = 0;
		return;
	}
	flight->room = flight->room > 0 ? 2 * flight->room : ROOM_AT_FIRST;
	flight->under_way = realloc(flight->under_way, flight->room * sizeof(*flight->under_way));
	if (flight->under_way == NULL)
		abort();
}

void flight_add(struct flight *flight, struct flight_datagram datagram)
{
	struct flight_datagram *at;

	make_room(flight);
	at = flight->under_way + flight->first + flight->count;
	for (size_t before = flight->count; before > 0; before--, at--) {
		if (at[-1].arrives <= datagram.arrives)
			break;
		*at = at[-1];
	}
	*at = datagram;
	flight->count++;
}

ike_time flight_next(const struct flight *flight)
{
	return flight->count > 0 ? flight->under_way[flight->first].arrives : IKE_NEVER;
}

struct flight_datagram flight_take(struct flight *flight)
{
	struct flight_datagram taken;

	assert(flight->count > 0);
	taken = flight->under_way[flight->first];
	flight->count--;
	flight->first = flight->count > 0 ? flight->first + 1 : 0;
	return taken;
}

void flight_clear(struct flight *flight)
{
	flight->first = flight->count = 0;
}

void flight_free(struct flight *flight)
{
	free(flight->under_way);
	*flight = (struct flight){0};
}
