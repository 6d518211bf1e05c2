/* SPDX-License-Identifier: ISC */
/*
 * nat.h - a NAT before a node: it rewrites the source of what goes out, lets in only what goes to a mapping that lives,
 * forgets a mapping without traffic, and may give a node another one at any time.
 *
 * It does not look at who answers: whoever knows the outside of a mapping reaches the node.  A node has a mapping for each of its
 * two ports.
 */
#ifndef TESTS_SIM_NAT_H
#define TESTS_SIM_NAT_H

#include "ike/ike.h"
#include "tests/sim/dice.h"

#define SIM_NAT_T_PORT 4500
#define NAT_MEMORY     (60 * IKE_SECOND) /* a mapping without traffic lives for so long */

enum sim_port { PORT_IKE, PORT_NAT_T, SIM_PORTS };

struct mapping {
	struct ike_address seen_as; /* by the others; family NONE: there is none yet */
	ike_time lives_until;
};

struct nat {
	bool translates;            /* false: a node's own address, for ever */
	struct ike_address outside; /* where the mappings of a node that is translated begin */
	struct mapping mapping[SIM_PORTS];
};

struct sim;
struct node;

/* Where a socket of a node stands in the network. */
struct destination {
	unsigned node; /* SIM_NODES: nobody is there */
	enum sim_port port;
};

void nat_begin(struct node *node);
/* What others see as the source of a datagram from that port; makes or refreshes the mapping. */
struct ike_address nat_source(struct sim *sim, struct node *node, enum sim_port port);
/* Another port, or another address as well, for all that the node sends from now on. */
void nat_rebind(struct node *node, uint32_t value);
/* Whose socket has that address, as others see it. */
struct destination nat_destination(const struct sim *sim, const struct ike_address *address);
/* Something that was sent to that address comes in: false where there is no such mapping any more.  Refreshes it. */
bool nat_lets_in(struct sim *sim, const struct ike_address *address);
/* The address of a node's socket, as others see it; its own where nothing was sent from it yet. */
struct ike_address nat_seen_as(const struct node *node, enum sim_port port);
/* The address of a node's socket, as itself sees it. */
struct ike_address nat_inside(const struct node *node, enum sim_port port);

#endif
