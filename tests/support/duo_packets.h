/* SPDX-License-Identifier: ISC */
/*
 * duo_packets.h - packets through the tunnel of a duo: a real esp_plane at either end, and what it sees told to the core.
 *
 * Every datagram that the two send is counted by its kind, ESP as well as IKE.
 */
#ifndef TESTS_SUPPORT_DUO_PACKETS_H
#define TESTS_SUPPORT_DUO_PACKETS_H

#include "interop/esp/esp_plane.h"
#include "interop/esp/esp_words.h"
#include "tests/support/duo.h"

enum wire_kind {
	WIRE_PHASE_1,
	WIRE_QUICK_MODE,
	WIRE_R_U_THERE,
	WIRE_R_U_THERE_ACK,
	WIRE_OTHER_INFORMATIONAL,
	WIRE_ESP,
	WIRE_KINDS
};

#define DUO_PACKET_OCTETS 200 /* most, sealed */
#define DUO_PACKETS       32  /* under way at a time, and remembered */

struct duo_packet {
	enum duo_node to;
	ike_time at; /* of arrival */
	bool gone;
	size_t length;
	uint8_t data[DUO_PACKET_OCTETS];
};

struct duo_packets {
	struct duo *duo;
	struct esp_plane *plane[DUO_NODES];
	struct esp_words words[DUO_NODES];
	ike_time every[DUO_NODES]; /* how often a node sends; 0: never */
	ike_time next[DUO_NODES];
	bool cut[DUO_NODES]; /* nothing reaches this node, neither ESP nor IKE */
	size_t made;
	struct duo_packet packet[DUO_PACKETS]; /* the newest, number n at n % DUO_PACKETS */
	/* by the node that has sent them, or that has taken them in */
	size_t wire[DUO_NODES][WIRE_KINDS];
	size_t sealed[DUO_NODES], opened[DUO_NODES], not_sealed[DUO_NODES], not_opened[DUO_NODES];
	ike_time asked_first[DUO_NODES], opened_last[DUO_NODES]; /* 0: never */
	ike_time died[DUO_NODES];       /* when this node has found its peer dead; 0: never */
	size_t deaths, phase_1s, pairs; /* of both, ever */
};

/* Of a duo with a tunnel (duo_tunnel) before duo_start, which this calls; it connects A to B and waits for the pair. */
void duo_packets_begin(struct duo_packets *packets, struct duo *duo);
void duo_packets_end(struct duo_packets *packets); /* the duo is freed as well */
/* As duo_run, with packets as often as `every` says. */
void duo_packets_run(struct duo_packets *packets, ike_time duration);
/* One packet, now.  False: it could not be sealed. */
bool duo_packets_send(struct duo_packets *packets, enum duo_node from);
/* What was counted is 0 again. */
void duo_packets_forget(struct duo_packets *packets);
/* An ESP packet from outside, as if it came from the other node; its octets are not changed. */
enum esp_verdict duo_packets_inject(struct duo_packets *packets, enum duo_node to,
				    const uint8_t *data, size_t length);
/* The newest one to that node. */
const struct duo_packet *duo_packets_last(const struct duo_packets *packets, enum duo_node to);

#endif
