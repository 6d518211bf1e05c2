/* SPDX-License-Identifier: ISC */
/*
 * network.h - datagrams on their way, in the order of their arrival, and the memory of an attacker who sees them all.
 */
#ifndef TESTS_SIM_NETWORK_H
#define TESTS_SIM_NETWORK_H

#include "ike/ike.h"
#include "tests/sim/flights.h"
#include "tests/sim/nat.h"
#include "tests/sim/scenario.h"

/* Where the octets of an arriving datagram really come from. */
enum provenance {
	GENUINE,   /* as sent, from whom it says, to whom it was sent, for the first time */
	REPLAYED,  /* the same once more */
	MISPLACED, /* as sent by somebody, but from another address, or to another node */
	ALTERED,   /* made from what was sent: damaged, cut, spliced */
	FORGED,    /* made by the attacker */
	PIECE,     /* a fragment, which is nothing by itself; whole.h says what it completes */
	PROVENANCES
};

const char *provenance_name(enum provenance provenance);

/* What a node once sent. */
struct sent {
	unsigned by;
	uint32_t incarnation;
	struct ike_address from, to; /* as the network sees them */
	enum sim_port from_port;
	struct destination at_whom; /* node SIM_NODES: nobody is there */
	ike_time at;
	size_t
	    covered; /* MM5, MM6: octets up to the end of ID and HASH, beyond which nothing is authenticated */
	bool delivered; /* to whom it was sent, unaltered */
	uint8_t *data;
	size_t length;
};

struct network {
	struct flights flights;
	struct sent *sent;
	size_t sents, sents_room;
	bool cut[SIM_NODES][SIM_NODES]; /* from, to */
};

void network_free(struct network *network);
/* A datagram that a node sends: it may be lost, doubled, damaged, held back. */
void network_send(struct sim *sim, struct node *node, const struct ike_datagram *datagram);
enum injection { INJECT_AS_SENT, INJECT_ALTERED, INJECT_PADDED };
/* One that is put on the network by somebody else; `data` is copied where it is altered. */
void network_inject(struct sim *sim, uint32_t sent, enum injection how,
		    const struct ike_address *from, struct destination to, const uint8_t *data,
		    size_t length, ike_time delay);
enum provenance network_provenance(const struct network *network, const struct flight *flight);
/* Whether it reaches its socket, past what translates addresses before it. */
bool network_reaches(struct sim *sim, const struct flight *flight);

#endif
