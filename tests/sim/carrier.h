/* SPDX-License-Identifier: ISC */
/*
 * carrier.h - what moves a node's packets: its esp_plane, the pings through its tunnels, the hosts behind it, and what of all that its
 * core is told, as interop/node/tunnels.c and echoes.c do it.
 */
#ifndef TESTS_SIM_CARRIER_H
#define TESTS_SIM_CARRIER_H

#include "interop/esp/esp_words.h"
#include "interop/esp/pinger.h"
#include "tests/sim/packets.h"

#define CARRIER_SOCKET 16 /* packets that wait while nobody reads */

struct carrier {
	struct esp_plane *plane; /* NULL: this node moves no packets, or is down */
	struct pinger *pinger;   /* NULL: nothing is pinged */
	struct esp_words words;
	ike_time highest; /* ever shown by the node's clock since it is up */
	ike_time next;    /* the network's time of what is to be sent next */
	unsigned waiting;
	struct flight socket[CARRIER_SOCKET];
};

void carrier_boot(struct sim *sim, struct node *node);
void carrier_remember(struct sim *sim, struct node *node); /* those who were met before the boot */
void carrier_free(struct sim *sim, struct node *node);
/* Each change of the core's, once the store has followed it, and each event. */
void carrier_follow(struct sim *sim, struct node *node, const struct ike_ipsec_change *change);
void carrier_event(struct sim *sim, struct node *node, const struct ike_event *event);
void carrier_receive(struct sim *sim, struct node *node,
		     struct flight *flight); /* takes the flight's data */
void carrier_resume(struct sim *sim, struct node *node);
/* What is due now: something to send, pings, and what the core is to be told. */
void carrier_work(struct sim *sim, struct node *node);
ike_time carrier_due(const struct sim *sim,
		     const struct node *node); /* the network's time of its next work */
/* Something through that pair, which must arrive. */
void carrier_send_through(struct sim *sim, struct node *node, const struct ike_ipsec_sa *pair);
/* ---- between carrier.c and carrier_words.c -------------------------------------------------------------------------- */

#define CARRIER_PAIRS 64 /* most of a node */

/* Through that pair, or, for 0, through whichever it fits; `too_small`: there is no room for what is added. */
void carrier_seal(struct sim *sim, struct node *node, uint32_t number, const struct packet *like,
		  bool too_small);
/* The core hears of everything that there is to tell; of that one. */
void carrier_tell(struct sim *sim, struct node *node);
void carrier_say(struct sim *sim, struct node *node, const struct ike_command *command);

/* Whether a pair of the store's is one for the plane. */
bool carrier_carries(const struct node *node, const struct ike_ipsec_sa *pair);
ike_time carrier_now(const struct sim *sim, struct node *node); /* what its plane is told */
/* The store's pair; NULL: none. */
const struct ike_ipsec_sa *carrier_pair(const struct node *node, uint32_t number);

#endif
