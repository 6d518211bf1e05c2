/* SPDX-License-Identifier: ISC */
/*
 * flight.h - the datagrams that are under way, in the order in which they will arrive.
 */
#ifndef INTEROP_SIM_FLIGHT_H
#define INTEROP_SIM_FLIGHT_H

#include "interop/sim/network.h"

enum flight_kind {
	FLIGHT_QUESTION, /* R-U-THERE, or an echo request */
	FLIGHT_ANSWER,   /* its ACK, or the reply */
	FLIGHT_BEAT,     /* a heartbeat */
	FLIGHT_TRAFFIC,  /* what the tunnel is there for */
};

struct flight_datagram {
	ike_time arrives;
	uint32_t number;
	uint8_t kind;      /* enum flight_kind */
	uint8_t direction; /* enum network_direction */
};

struct flight {
	struct flight_datagram *under_way;
	size_t first, count, room;
};

/* All zero is empty. */
void flight_add(struct flight *flight, struct flight_datagram datagram);
/* IKE_NEVER where nothing is under way. */
ike_time flight_next(const struct flight *flight);
/* The one that arrives next; there is one. */
struct flight_datagram flight_take(struct flight *flight);
/* Nothing is under way any more. */
void flight_clear(struct flight *flight);
void flight_free(struct flight *flight);

#endif
