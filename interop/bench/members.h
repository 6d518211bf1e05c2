/* SPDX-License-Identifier: ISC */
/*
 * members.h - a fleet's two ends, as `death` wants them: a gateway that has every member as a configured peer and calls it, and
 * all members as one engine in a process of its own, which answers at an address each in 127.0.0.0/8.
 */
#ifndef INTEROP_BENCH_MEMBERS_H
#define INTEROP_BENCH_MEMBERS_H

#include <sys/types.h>

#include "interop/bench/engine_loop.h"
#include "interop/bench/fleet.h"
#include "keepalive/extension.h"

#define MEMBERS_HALF_OPEN 4096u /* Phase 1 negotiations at a time, on either side */

/* What both ends are made of. */
struct members {
	uint32_t count;
	uint32_t detect; /* seconds */
	struct fleet *keys;
	struct secret *secret;
	struct ike_proposal proposal;
	struct ike_address gateway; /* once it is known */
	struct ike_address address; /* of the members, as far as they have it in common: the port */
	pid_t pid;                  /* of the members' process; 0: there is none */
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

/* Puts in the SA with that member, which the gateway has begun: at the gateway's end, or at the other. */
bool members_put_in(const struct members *members, struct ike_core *core, uint32_t index,
		    bool of_gateway, struct fault *fault) IKE_MUST_USE;

/*
 * Starts the members' process, with all SAs (`known`) or with none.  They listen at the port that they had before, if they had one;
 * the gateway must be known.
 */
bool members_start(struct members *members, bool known, struct fault *fault) IKE_MUST_USE;
void members_kill(struct members *members); /* at once: nothing is sent */

#endif
