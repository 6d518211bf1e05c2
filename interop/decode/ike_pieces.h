/* SPDX-License-Identifier: ISC */
/*
 * ike_pieces.h - IKE messages that came in fragments of IKE's own (payload 132; ike/fragment.h has the form), put together for whoever
 * reads a capture: without the engine's care about who may make us keep what, but bounded all the same.
 */
#ifndef INTEROP_DECODE_IKE_PIECES_H
#define INTEROP_DECODE_IKE_PIECES_H

#include "ike/fragment.h"

#define IKE_PIECES_ROOM 65535 /* octets of a message */

struct ike_pieces;

struct ike_pieces *ike_pieces_new(void) IKE_MUST_USE; /* NULL: no memory */
void ike_pieces_free(struct ike_pieces *pieces);      /* NULL is allowed */

/*
 * One fragment, under a header from an address.  ACCEPTED: it was kept; `whole` has octets if it was the last one missing, good until
 * the next call, and `count` fragments made it.  Anything else says what is wrong with it.
 */
enum ike_verdict ike_pieces_add(struct ike_pieces *pieces, const struct ike_header *header,
				const struct ike_address *from, const struct fragment *fragment,
				struct octets *whole, unsigned *count) IKE_MUST_USE;

#endif
