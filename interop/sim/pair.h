/* SPDX-License-Identifier: ISC */
/*
 * pair.h - two peers and what happens between them, from event to event in virtual time.
 */
#ifndef INTEROP_SIM_PAIR_H
#define INTEROP_SIM_PAIR_H

#include "interop/sim/machine.h"

enum pair_end { PAIR_WATCHER, PAIR_WATCHED, PAIR_ENDS };

enum traffic {
	TRAFFIC_NONE,
	TRAFFIC_OUT,  /* only from the watcher to the watched */
	TRAFFIC_BOTH, /* each way, independently */
};

/* All that a pair does not choose. */
struct pair_settings {
	struct network_settings network;
	enum traffic traffic;
	ike_time traffic_interval; /* between two packets of one direction, on average */
	bool mutual;               /* the watched watches the watcher as well */
	uint64_t seed;
};

struct pair_counts {
	uint64_t false_deaths;
	uint64_t
	    messages[PAIR_ENDS]; /* sent by each end, lost ones included; traffic is not counted */
	uint64_t steps;          /* of machines */
};

struct pair {
	const struct pair_settings *settings;
	const struct machine_rules *rules;
	struct network network;
	struct flight flight;
	struct machine machine[PAIR_ENDS];
	ike_time wake[PAIR_ENDS];
	struct dice dice;
	struct dice traffic[PAIR_ENDS];
	ike_time sends[PAIR_ENDS]; /* when the tunnel has something to send next, or IKE_NEVER */
	bool really_dead;          /* the watched */
	ike_time noticed;          /* when the watcher declared it, or IKE_NEVER */
	struct pair_counts counts;
};

/* Both are up at the moment 0.  `peer` numbers the pairs of a simulation: each has luck of its own. */
void pair_begin(struct pair *pair, const struct pair_settings *settings,
		const struct machine_rules *rules, uint64_t peer);
/* Nobody dies.  A death that is declared is false, and a new SA is made that very moment. */
void pair_live(struct pair *pair, ike_time until);
/* The watched dies at `when`, silently; returns after how long the watcher declares it dead. */
ike_time pair_die(struct pair *pair, ike_time when);
void pair_end(struct pair *pair);

#endif
