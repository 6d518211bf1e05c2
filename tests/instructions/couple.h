/* SPDX-License-Identifier: ISC */
/*
 * couple.h - two cores with many SAs between them, without sockets: what they send each other is carried by hand.
 *
 * The first has a peer for each SA, calls it, and asks it whenever it has been silent; the second takes whoever calls.  A datagram
 * arrives as coming from the address that it was sent to: so each SA has an address of its own at both ends, and nothing has to be
 * translated.  Everything is seeded.
 */
#ifndef TESTS_INSTRUCTIONS_COUPLE_H
#define TESTS_INSTRUCTIONS_COUPLE_H

#include "ike/ike.h"
#include "keepalive/extension.h"

enum couple_node { COUPLE_ASKS, COUPLE_ANSWERS, COUPLE_NODES };

#define COUPLE_ROOM 2048 /* octets: more than any of their datagrams has */

struct couple_datagram {
	struct ike_address remote;
	size_t length;
	uint8_t data[COUPLE_ROOM * 2];
};

struct couple {
	ike_time now;
	size_t sas;
	struct ike_core *core[COUPLE_NODES];
	struct ike_settings settings[COUPLE_NODES];
	struct keepalive_peer_settings keepalive[COUPLE_NODES];
	struct secret *secret;
	struct ike_peer_settings *peer; /* `sas` of the first, then the one of the second */
};

/* Two cores without SAs; NULL: no memory, or settings that nobody takes. */
struct couple *couple_new(const char *proposal, size_t sas);
void couple_free(struct couple *couple); /* NULL is allowed */
/* All of the SAs come up, one after the other.  False: one did not. */
bool couple_establish(struct couple *couple);

/* One datagram that the node sends, if it has any to send; and one that it receives. */
bool couple_pull(struct couple *couple, enum couple_node node, struct couple_datagram *datagram);
enum ike_verdict couple_give(struct couple *couple, enum couple_node node,
			     struct couple_datagram *datagram);
/* Events are pulled and forgotten, as by somebody whom they do not interest. */
void couple_forget_events(struct couple *couple, enum couple_node node);

/* How often random octets have been asked for, by any core. */
size_t couple_draws(void);

#endif
