/* SPDX-License-Identifier: ISC */
/*
 * bench_node.h - a node as `serve` runs it, in a process of its own, with a fleet of SAs put in and nothing told to anybody.
 *
 * Its loop, sockets, intake and sender are those of node/, confined as always.  The process that measures has a line to it, and
 * reads its processor time from outside.
 */
#ifndef INTEROP_BENCH_BENCH_NODE_H
#define INTEROP_BENCH_BENCH_NODE_H

#include <sys/types.h>

#include "interop/bench/fleet.h"
#include "interop/fault.h"
#include "interop/node/udp.h"
#include "keepalive/keepalive.h"

/* Whoever knows it may shake hands with a gateway, under any identity. */
#define BENCH_NODE_SECRET "0123456789abcdef of the fleet"

struct bench_node;

struct bench_node_settings {
	uint32_t seed, sas; /* of the fleet */
	bool members;       /* it is the fleet's members, all of them, and not their gateway */
	uint16_t port;      /* of the other side */
	uint16_t own_port;  /* 0: any */
	struct udp *udp; /* open already, NULL: it opens one; and with it which of several it is, */
	struct ike_worker worker; /* who has the members whose cookies lead to it */
	unsigned processor;       /* PROCESS_NODE, PROCESS_LOAD */
	uint32_t
	    callers; /* so many negotiations at a time it takes, all from one address; 0: as every node */
	struct keepalive_settings keepalive;
	ike_time
	    ramp; /* the SAs are put in evenly over this time; 0: before it is said to be ready */
	ike_time traffic; /* every so often there is something to send to all; 0: never */
	bool unconfined;  /* for valgrind and debuggers */
};

/* What there is in the child by now. */
struct bench_node_status {
	uint32_t established;
	uint64_t datagrams_in, datagrams_out;
	uint64_t handshakes; /* finished, by whoever calls */
	uint64_t refused;    /* messages that were not accepted, whatever the verdict */
	uint64_t unsent;     /* datagrams that the system did not take */
	uint64_t answered;   /* the peers' questions */
	uint64_t asked;      /* ours, and */
	uint64_t alive;      /* the answers to them */
	uint64_t dead;       /* peers that were declared dead: none should be */
	uint64_t wanted;     /* how often there was something to send to all */
	uint64_t missed; /* events that nobody pulled in time: what is counted by them is too few */
	/* of questions, from when the keepalive wanted them to after they were sent, microseconds; since the last 'z' */
	uint64_t late, late_half, late_999, late_most;
	uint64_t unpaired; /* questions of which that is not known, and those that never left */
};

/* Forks, and waits until all SAs are in, or with a ramp until the first are.  NULL: see fault. */
struct bench_node *bench_node_start(const struct bench_node_settings *settings,
				    struct fault *fault) IKE_MUST_USE;
void bench_node_stop(struct bench_node *node); /* NULL is allowed; nothing is sent */
pid_t bench_node_pid(const struct bench_node *node);
struct ike_address bench_node_address(const struct bench_node *node);
/* `reset`: lateness counts from nothing afterwards.  False: the child has gone. */
bool bench_node_status(struct bench_node *node, bool reset,
		       struct bench_node_status *status) IKE_MUST_USE;

#endif
