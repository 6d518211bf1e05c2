/* SPDX-License-Identifier: ISC */
/*
 * packets.h - from a capture file to UDP datagrams: pcap and pcapng, whatever links IKE is captured on, IPv4 and IPv6, fragments of
 * IP put together.
 *
 * Links: Ethernet with any number of VLAN tags, Linux cooked (both), BSD loopback (both), and IP without anything before it.
 */
#ifndef INTEROP_DECODE_PACKETS_H
#define INTEROP_DECODE_PACKETS_H

#include <stdio.h>
#include <sys/time.h>

#include "ike/types.h"
#include "interop/fault.h"

enum packet_what {
	PACKET_UDP,      /* a whole datagram; `payload` is what it carries */
	PACKET_ESP,      /* IP protocol 50: there is no IKE in it */
	PACKET_FRAGMENT, /* of an IP datagram that is not complete yet */
	PACKET_OTHER, /* another protocol, another link, cut off before there is anything to see */
};

struct packet {
	uint32_t number; /* in the file, from 1 */
	struct timeval time;
	enum packet_what what;
	struct ike_address from, to; /* UDP; without ports for ESP */
	struct octets payload;       /* good until the next packet */
	size_t missing;      /* octets of the payload that were not captured (snap length) */
	unsigned pieces;     /* fragments of IP that the datagram came in; 1: none */
	struct octets frame; /* the packet as it is in the file, as far as it was captured */
	size_t frame_length; /* octets of it on the wire */
	size_t ip_at;        /* where IP begins in the frame */
};

struct packets;

/* "-" is standard input.  NULL: see fault. */
struct packets *packets_open(const char *path, struct fault *fault) IKE_MUST_USE;
/* The stream becomes the packets' own, also on failure; `name` is for faults. */
struct packets *packets_of_stream(FILE *stream, const char *name, struct fault *fault) IKE_MUST_USE;
void packets_close(struct packets *packets); /* NULL is allowed */

int packets_link(const struct packets *packets); /* libpcap's DLT_ number */

/* False: the end, or (`*broken`) the file cannot be read any further, see fault. */
bool packets_next(struct packets *packets, struct packet *packet, bool *broken,
		  struct fault *fault) IKE_MUST_USE;

#endif
