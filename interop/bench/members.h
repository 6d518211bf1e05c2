/* SPDX-License-Identifier: ISC */
/*
 * members.h - a fleet's two ends, as `death` wants them: a gateway that has every member as a configured peer and calls it, and
 * the members, as engines in processes of their own, which answer at an address each in 127.0.0.0/8.  An engine has at most 65,535
 * addresses of its own at a time, so there is one for every 50,000 of them.
 */
#ifndef INTEROP_BENCH_MEMBERS_H
#define INTEROP_BENCH_MEMBERS_H

#include <sys/types.h>

#include "interop/bench/engine_loop.h"
#include "interop/bench/fleet.h"
#include "keepalive/extension.h"

#define MEMBERS_A_PROCESS 50000u
#define MEMBERS_PROCESSES 20
#define MEMBERS_HALF_OPEN 4096u /* Phase 1 negotiations at a time, on either side */

/* What both ends are made of. */
struct members {
	uint32_t count;
	uint32_t detect; /* seconds */
	struct fleet *keys;
	struct secret *secret;
	struct ike_proposal proposal;
	struct ike_address gateway;       /* once it is known */
	uint16_t port[MEMBERS_PROCESSES]; /* where each process listens; 0: not yet */
	pid_t pid[MEMBERS_PROCESSES];     /* 0: there is none */
};

bool members_init(struct members *members, uint32_t count, uint32_t detect, uint32_t seed,
		  struct fault *fault) IKE_MUST_USE;
void members_free(
    struct members *members); /* ends their process; one that is all zero is allowed */

/* The gateway's settings: it asks. */
bool members_plan(const struct members *members, enum keepalive_mode mode,
		  struct keepalive_peer_settings *keepalive, struct fault *fault) IKE_MUST_USE;
void members_settings(const struct members *members, struct ike_settings *ike);
void members_peer(const struct members *members, const struct keepalive_peer_settings *keepalive,
		  struct ike_peer_settings *peer);

struct ike_address members_address(const struct members *members, uint32_t index);

/* Puts in the SA with that member, which the gateway has begun: at the gateway's end, or at the other. */
bool members_put_in(const struct members *members, struct ike_core *core, uint32_t index,
		    bool of_gateway, struct fault *fault) IKE_MUST_USE;

/*
 * Starts the members' processes, with all SAs (`known`) or with none.  They listen at the ports that they had before, if they had any;
 * the gateway must be known.
 */
bool members_start(struct members *members, bool known, struct fault *fault) IKE_MUST_USE;
void members_kill(struct members *members); /* at once: nothing is sent */

#endif
