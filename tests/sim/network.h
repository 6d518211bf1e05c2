/* SPDX-License-Identifier: ISC */
/*
 * network.h - datagrams on their way, in the order of their arrival, and the memory of an attacker who sees them all.
 */
#ifndef TESTS_SIM_NETWORK_H
#define TESTS_SIM_NETWORK_H

#include "ike/ike.h"
#include "tests/sim/scenario.h"
#include "tests/sim/nat.h"

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

#define FLIGHT_FORGED UINT32_MAX

struct flight {
	ike_time at;
	uint64_t order;
	uint32_t sent; /* index of what it is, or was made from; FLIGHT_FORGED */
	bool altered,
	    padded; /* padded: altered by one block more behind the payloads, which says nothing */
	bool injected; /* by somebody who knows where the node is to be found now */
	struct destination to;
	struct ike_address from;
	uint8_t *data; /* owned where altered or forged; else the sent's */
	size_t length;
};

struct network {
	struct flight *flight; /* a heap by time */
	size_t flights, room;
	uint64_t made;
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
/* When the next one arrives, or IKE_NEVER. */
ike_time network_next(const struct network *network);
struct flight network_take(struct network *network);
void network_drop(struct flight *flight); /* its data, where it is the flight's own */
enum provenance network_provenance(const struct network *network, const struct flight *flight);
/* Whether it reaches its socket, past what translates addresses before it. */
bool network_reaches(struct sim *sim, const struct flight *flight);

#endif
