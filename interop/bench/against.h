/* SPDX-License-Identifier: ISC */
/*
 * against.h - another implementation in place of our node: a number of Phase 1 SAs with it, made by real handshakes, and their keys.
 *
 * Each SA has an identity of its own, "member12." before what --identity says, so that none takes the place of another; INITIAL-CONTACT
 * is never said.  Nobody here answers what the peer asks meanwhile, so it must not be told to ask by itself.
 */
#ifndef INTEROP_BENCH_AGAINST_H
#define INTEROP_BENCH_AGAINST_H

#include <sys/types.h>

#include "interop/bench/fleet.h"
#include "interop/one_peer.h"

struct against_settings {
	const char *gateway; /* ADDRESS[:PORT]; NULL: there is no such peer */
	struct one_peer peer;
	uint32_t pid;     /* the process that is measured */
	const char *name; /* in the table */
	uint32_t window;  /* unanswered questions at most */
	double goal;      /* so many times dearer than our node it should be; 0: whatever it is */
};

struct against;

/* From the socket `descriptor`, which nobody else uses meanwhile.  NULL: see fault. */
struct against *against_new(const struct against_settings *settings, uint32_t sas, int descriptor,
			    struct fault *fault) IKE_MUST_USE;
const struct fleet_keys *against_keys(const struct against *against, uint32_t member);
struct ike_address against_address(const struct against *against);
/* Deletes the SAs politely.  NULL is allowed. */
void against_free(struct against *against);

/* "member12.gw.example" out of "gw.example".  False: it would be too long, or is no name. */
bool against_identity(const struct ike_identity *whose, uint32_t member,
		      struct ike_identity *identity) IKE_MUST_USE;

#endif
