/* SPDX-License-Identifier: ISC */
/*
 * scenario.h - what one seed draws: who there is, how they are set, and which faults exist and how strong (swarm testing:
 * a run with few faults goes where one with all of them never comes).
 */
#ifndef TESTS_SIM_SCENARIO_H
#define TESTS_SIM_SCENARIO_H

#include "ike/ike.h"
#include "keepalive/extension.h"
#include "tests/sim/dice.h"

#define SIM_NODES   6
#define SIM_PEERS   SIM_NODES /* per node */
#define SIM_LINKS   8
#define SIM_TUNNELS 3 /* per link */

enum scenario_kind {
	SCENARIO_CALL, /* one calls, the other only answers */
	SCENARIO_BOTH, /* two that call each other */
	SCENARIO_STAR, /* several call one gateway, each with a secret of its own */
	SCENARIO_CROWD, /* several call one gateway under one entry, known apart by their identities */
	SCENARIO_FAILOVER, /* one or two, each with a list of two gateways */
	SCENARIO_MESH,     /* three that all call each other */
	SCENARIO_KINDS
};

const char *scenario_kind_name(enum scenario_kind kind);

/* What some of the seeds have, scenario_features.c and scenario_tunnels.c. */
enum scenario_feature {
	FEATURE_AGGRESSIVE,
	FEATURE_SIGNATURES,
	FEATURE_FRAGMENTS,
	FEATURE_NAT_TRAVERSAL,
	FEATURE_TUNNELS,
	/* of these */
	FEATURE_ENCAPSULATE,
	FEATURE_TRANSLATED,
	FEATURE_ONE_OUTSIDE,
	FEATURE_TRANSPORT,
	FEATURE_PFS,
	FEATURE_NARROW,
	FEATURE_BOTH_BEGIN,
	FEATURE_MISMATCH,
	/* of what goes through tunnels, scenario_packets.c */
	FEATURE_PACKETS,
	FEATURE_PINGS,
	FEATURE_PACKET_LIMITS,
	FEATURE_PORTS,
	FEATURE_GCM,
	SCENARIO_FEATURES
};

const char *scenario_feature_name(enum scenario_feature feature);

/* How a node is set; the cores are made from it, again after every reboot. */
struct scenario_node {
	struct ike_settings settings;
	struct ike_peer_settings peer[SIM_PEERS];
	struct keepalive_peer_settings keepalive[SIM_PEERS];
	struct ike_address address; /* its own */
	bool behind_nat;            /* seen from elsewhere it may get another address */
	bool translated;            /* and has another one from the beginning, nat.h */
	struct ike_address outside; /* which is this one */
	ike_time clock;             /* of its own at the start, ahead of the network's */
	ike_time slow_tick;         /* 0; else it runs one timer at a time, so far apart */
	bool reads_first;   /* after a pause: the socket before the timers, or the reverse */
	bool wants_traffic; /* on demand: somebody has something to send every second */
};

/* Two nodes, or one and its list of gateways, that are to be connected in the end. */
struct scenario_link {
	unsigned caller, caller_peer;
	unsigned targets, target[2], target_peer[2];
	bool mutual; /* the target calls the caller as well */
	bool
	    possible; /* false: secrets, proposals or identities do not fit, and no SA may ever come up */
	unsigned tunnels;
	bool tunnel_possible[SIM_TUNNELS]; /* false: the ends differ in what they want */
};

/* Per mille of datagrams, or of seconds for what is not about a datagram; 0: the fault does not exist in this run. */
struct scenario_faults {
	unsigned loss, doubled, damaged, held;
	ike_time delay, jitter; /* each datagram takes delay .. delay + jitter */
	unsigned twins;         /* accepted datagrams delivered a second time at once */
	unsigned attacks;       /* attacker's moves per 1000 seconds */
	unsigned happenings;    /* reboots, partitions, ... in the whole of the bad time */
	uint32_t kinds;         /* which happenings exist: a bit per enum happening_kind */
};

/* What goes through tunnels. */
struct scenario_packets {
	ike_time
	    every; /* about how often a node has something to send; 0: no packets in this run */
	bool sends[SIM_NODES], pings[SIM_NODES];
	ike_time ping_interval;
	uint32_t ping_misses;
	uint64_t limit;      /* packets of a pair each way; 0: none */
	unsigned jumps;      /* per mille of packets before which numbers are left out */
	unsigned happenings; /* black holes, and packets of insiders */
};

struct scenario {
	uint64_t seed;
	enum scenario_kind kind;
	unsigned nodes, links;
	bool translators;  /* somebody may float to the other port */
	uint32_t features; /* a bit per enum scenario_feature */
	struct scenario_node node[SIM_NODES];
	struct scenario_link link[SIM_LINKS];
	struct scenario_faults faults;
	struct scenario_packets packets;
	ike_time bad_time;        /* how long the faults last */
	ike_time progress_within; /* after them; derived in scenario_bound.c */
};

void scenario_draw(struct scenario *scenario, uint64_t seed);
bool scenario_has(const struct scenario *scenario, enum scenario_feature feature);
/* The derivation of the time within which everything must be well again, see README.md. */
ike_time scenario_bound(const struct scenario *scenario);
/* Which node has this identity; SIM_NODES: none. */
unsigned scenario_node_of_identity(const struct ike_identity *identity);

#endif
