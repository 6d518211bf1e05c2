/* SPDX-License-Identifier: ISC */
/*
 * echo.h - ICMP echo requests and replies as whole inner packets: RFC 792 with the header of RFC 791, RFC 4443 section 4 with that
 * of RFC 8200.
 *
 * Its identifier and a mark in its data say that a request was ours, its number which one it was.  Both are random and of
 * one process, so that a user's ping(8) between the same addresses, or what was under way before a restart, is not taken for it.
 */
#ifndef INTEROP_ESP_ECHO_H
#define INTEROP_ESP_ECHO_H

#include "crypto/random.h"
#include "ike/types.h"

#define ECHO_MARK_LENGTH 8 /* octets */
#define ECHO_DATA_LENGTH (ECHO_MARK_LENGTH + 4)
#define ECHO_OCTETS_IPV4 (20 + 8 + ECHO_DATA_LENGTH)
#define ECHO_OCTETS_IPV6 (40 + 8 + ECHO_DATA_LENGTH)
#define ECHO_OCTETS_MOST ECHO_OCTETS_IPV6

struct echo_identity {
	uint16_t identifier;
	uint8_t mark[ECHO_MARK_LENGTH];
};

enum echo_kind { ECHO_REQUEST, ECHO_REPLY };

struct echo {
	enum echo_kind kind;
	struct ike_address from, to; /* as in the packet's header; ports are not looked at */
	uint32_t number;             /* its low half is the packet's sequence number, too */
};

void echo_identity_new(struct echo_identity *identity, struct random_source *random);

/* The packet's octets, or 0: the addresses are not of one family (IPv4 or IPv6), or `room` is too small. */
size_t echo_write(const struct echo_identity *identity, const struct echo *echo, uint8_t *packet,
		  size_t room) IKE_MUST_USE;

/*
 * Whether this inner packet is an echo of this identity, with nothing wrong about it: header, lengths, both checksums, identifier,
 * mark, and the number in both places.  Whatever the octets are, none outside of `length` is read.  Fragments and extension
 * headers are not understood: so small a packet needs none.  What follows the packet is not looked at (RFC 4303 section 2.7).
 * Whether the addresses are the right ones is the caller's to see.
 */
bool echo_read(const struct echo_identity *identity, const uint8_t *packet, size_t length,
	       struct echo *echo) IKE_MUST_USE;

#endif
