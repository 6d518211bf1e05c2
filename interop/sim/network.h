/* SPDX-License-Identifier: ISC */
/*
 * network.h - the path between two peers: which datagrams it loses, and how long the others take.
 *
 * What becomes of a datagram depends on the seed, the peer, the direction and the microsecond in which it is sent, and on
 * nothing else: not on who sends, nor on what was sent before.  So every method is tried on the very same network.
 */
#ifndef INTEROP_SIM_NETWORK_H
#define INTEROP_SIM_NETWORK_H

#include "interop/sim/dice.h"

enum network_direction {
	NETWORK_OUT,  /* from the watcher to the watched */
	NETWORK_BACK, /* from the watched to the watcher */
	NETWORK_DIRECTIONS
};

struct network_settings {
	double loss;     /* 0 to below 1, each way */
	ike_time delay;  /* each way */
	ike_time jitter; /* uniformly up to that much more or less; at most `delay` */
	ike_time burst;  /* how long a burst of loss lasts on average; 0: losses are independent */
};

struct network_way {
	struct dice loss;
	struct dice weather;
	ike_time turns; /* when the weather turns next */
	bool bad;       /* nothing comes through */
};

struct network {
	const struct network_settings *settings;
	uint32_t lost; /* of 2^32 */
	struct network_way way[NETWORK_DIRECTIONS];
};

void network_begin(struct network *network, const struct network_settings *settings, uint64_t seed,
		   uint64_t peer);
/* False: lost.  In each direction `now` never goes back. */
bool network_send(struct network *network, enum network_direction direction, ike_time now,
		  ike_time *arrives) IKE_MUST_USE;

#endif
