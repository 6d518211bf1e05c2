/* SPDX-License-Identifier: ISC */
/*
 * machine.h - one end of a pair, whatever the method: what happens goes in, what is to be done comes out.
 *
 * The three kinds of machines are keepalive_step itself, which this only dresses up, the heartbeats of heartbeat.h and the
 * ping of plain_ping.h.  None of them knows the network, nor what the other end really does.
 */
#ifndef INTEROP_SIM_MACHINE_H
#define INTEROP_SIM_MACHINE_H

#include "interop/sim/flight.h"
#include "keepalive/keepalive.h"

/* ---- what goes in -------------------------------------------------------------------------------------------------- */

enum machine_input_kind {
	MACHINE_START, /* a new SA; all that was before is forgotten */
	MACHINE_TIME,  /* the deadline came */
	MACHINE_HEARD, /* a datagram: `kind` and `number` */
	MACHINE_WANT,  /* the tunnel has something to send */
};

struct machine_input {
	enum machine_input_kind what;
	enum flight_kind kind;
	uint32_t number;
	uint32_t random;
	ike_time now;
	bool watches; /* START: whether this end wants to know about the other */
	bool watched; /* START: and the other about it */
};

/* ---- what comes out ------------------------------------------------------------------------------------------------ */

#define MACHINE_SENDS_MOST 2

struct machine_deeds {
	ike_time wake; /* IKE_NEVER for none; always set */
	bool dead;     /* the other end is declared dead */
	uint8_t sends;
	struct {
		enum flight_kind kind;
		uint32_t number;
	} send[MACHINE_SENDS_MOST];
};

void machine_send(struct machine_deeds *deeds, enum flight_kind kind, uint32_t number);

/* ---- the machines -------------------------------------------------------------------------------------------------- */

struct heartbeat_numbers {
	ike_time interval; /* between two heartbeats */
	ike_time window;   /* how late one may be */
	uint32_t losses;   /* that are bearable */
};

struct heartbeat {
	ike_time beats; /* when the next one is sent, or IKE_NEVER */
	ike_time dies;  /* when the other end is dead, or IKE_NEVER */
	uint32_t number;
};

struct plain_ping_numbers {
	ike_time interval; /* between two requests */
	uint32_t misses;   /* in a row, that make a death */
};

struct plain_ping {
	ike_time asks; /* when the next request is sent, or IKE_NEVER */
	uint32_t number;
	uint32_t misses; /* in a row so far */
	bool open;       /* the newest request is unanswered */
};

enum machine_kind { MACHINE_KEEPALIVE, MACHINE_HEARTBEAT, MACHINE_PING };

/* The method, with its numbers. */
struct machine_rules {
	enum machine_kind kind;
	struct keepalive_plan plan;
	struct heartbeat_numbers heartbeat;
	struct plain_ping_numbers ping;
};

/* One end. */
struct machine {
	bool watches;
	union {
		struct keepalive_peer keepalive;
		struct heartbeat heartbeat;
		struct plain_ping ping;
	};
};

/* `deeds` is overwritten. */
void machine_step(struct machine *machine, const struct machine_rules *rules,
		  const struct machine_input *input, struct machine_deeds *deeds);

/* After how much silence, as the watcher hears it, a peer is dead at the latest. */
ike_time machine_bound(const struct machine_rules *rules);
/* Expected for independent losses, per watched peer and year; see each method's file. */
double machine_false_deaths_a_year(const struct machine_rules *rules, double loss);

#define MACHINE_YEAR (365.25 * 86400) /* seconds, as in keepalive/plan.c */

#endif
