/* SPDX-License-Identifier: ISC */
/*
 * packets.h - ESP packets on their way, in the order of their arrival, and the truth about every one that was ever sealed.
 *
 * They go the same ways as IKE's datagrams, with chance of their own: what befalls packets moves no datagram.
 */
#ifndef TESTS_SIM_PACKETS_H
#define TESTS_SIM_PACKETS_H

#include "ike/ike.h"
#include "interop/esp/esp_plane.h"
#include "tests/sim/flights.h"
#include "tests/sim/scenario.h"

#define PACKET_INNER_MOST 160 /* octets */

enum packet_kind {
	PACKET_DATA,
	PACKET_ECHO,  /* a request or a reply */
	PACKET_WRONG, /* an insider's, of which `expected` is to become */
};

/* One that a node has sealed. */
struct packet {
	enum packet_kind kind;
	unsigned by;
	uint32_t incarnation, spi, number; /* of the node; the ESP header's */
	bool encapsulated;
	struct ike_address from,
	    to;           /* as the network sees them; ports 0 where it is not encapsulated */
	unsigned at_whom; /* SIM_NODES: nobody is there */
	ike_time at;
	bool must_arrive; /* nothing excuses its loss */
	unsigned delivered;
	enum esp_verdict expected; /* WRONG */
	uint8_t inner[PACKET_INNER_MOST];
	size_t inner_length;
	uint8_t *data;
	size_t length;
};

struct packets {
	struct packet *packet;
	size_t packets, packets_room;
	struct flights flights;
	ike_time hole_until[SIM_NODES]
			   [SIM_NODES]; /* from, to: IKE comes through, and ESP does not */
};

struct sim;
struct node;

void packets_free(struct packets *packets);
/*
 * What a node has sealed, on its way; it may be lost, doubled, damaged, held back.  `like` says what is known of it: kind, inner
 * packet, must_arrive, expected.  Returns its index.
 */
uint32_t packets_send(struct sim *sim, struct node *node, const struct packet *like,
		      const struct ike_address *remote, bool encapsulated, const uint8_t *data,
		      size_t length);
/* One that is put on the network by somebody else: `flight` without order; its data is copied where it is altered or forged. */
void packets_inject(struct sim *sim, const struct flight *flight);
/* Past what translates addresses before its node. */
bool packets_reach(struct sim *sim, const struct flight *flight);
/* The last number that was sealed by that node under that SPI; 0: none. */
uint32_t packets_last_number(const struct packets *packets, unsigned by, uint32_t incarnation,
			     uint32_t spi);

#endif
