/* SPDX-License-Identifier: ISC */
/*
 * ip_pieces.h - fragments of IP datagrams put together (RFC 791 section 3.2, RFC 8200 section 4.5).  As much as a capture of IKE needs: a
 * few at once, the oldest forgotten first, of what overlaps the first octets that came.
 */
#ifndef INTEROP_DECODE_IP_PIECES_H
#define INTEROP_DECODE_IP_PIECES_H

#include "ike/types.h"

#define IP_PIECES_ROOM 65535 /* octets of a datagram's payload */

struct ip_piece {
	struct ike_address from, to; /* without ports */
	uint32_t id;
	uint8_t protocol; /* of what is in the datagram */
	size_t offset;    /* octets, a multiple of 8 */
	bool more;        /* it is not the last one */
	struct octets octets;
};

struct ip_pieces;

struct ip_pieces *ip_pieces_new(void) IKE_MUST_USE; /* NULL: no memory */
void ip_pieces_free(struct ip_pieces *pieces);      /* NULL is allowed */
/* True: the datagram is complete; `whole` is good until the next call, `count` of pieces made it. */
bool ip_pieces_add(struct ip_pieces *pieces, const struct ip_piece *piece, struct octets *whole,
		   unsigned *count) IKE_MUST_USE;

#endif
