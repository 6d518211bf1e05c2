/* SPDX-License-Identifier: ISC */
/*
 * flights.h - what is on its way, in the order of arrival: datagrams of IKE (network.h), or packets of ESP (packets.h).
 */
#ifndef TESTS_SIM_FLIGHTS_H
#define TESTS_SIM_FLIGHTS_H

#include "ike/ike.h"
#include "tests/sim/dice.h"
#include "tests/sim/nat.h"

#define FLIGHT_FORGED UINT32_MAX

struct flight {
	ike_time at;
	uint64_t order;
	uint32_t sent; /* index of what it is, or was made from; FLIGHT_FORGED */
	bool altered;
	bool padded;   /* altered by one block more behind the payloads, which says nothing */
	bool injected; /* by somebody who knows where the node is to be found now */
	struct destination to; /* a packet's port is said by `encapsulated` */
	bool encapsulated;     /* ESP in UDP */
	struct ike_address from;
	uint8_t *data; /* owned where altered or forged; else that of what was sent */
	size_t length;
};

/* All zeros is empty. */
struct flights {
	struct flight *flight; /* a heap by time */
	size_t count, room;
	uint64_t made;
};

void flights_free(struct flights *flights);
/* Without order: of two that arrive at once, the first is the one that was put first. */
void flights_put(struct flights *flights, struct flight flight);
/* One that somebody else puts there, who knows where its node is to be found now; `data` is copied where it is altered or forged. */
void flights_inject(struct flights *flights, struct flight flight, const uint8_t *data);
/* When the next one arrives, or IKE_NEVER. */
ike_time flights_next(const struct flights *flights);
struct flight flights_take(struct flights *flights);
void flights_drop(struct flight *flight); /* its data, where it is the flight's own */

/* How long one that is sent now will take; in bad time that is a matter of chance. */
ike_time flights_delay(const struct sim *sim, struct dice *dice);

#endif
