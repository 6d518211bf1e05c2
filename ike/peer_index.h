/* SPDX-License-Identifier: ISC */
/*
 * peer_index.h - which configured peers an address may belong to, found without looking at all of them.
 *
 * Everything that a peer is configured for is a prefix: a gateway is one of full length, `from` is one of any.  Prefixes of
 * one length share a hash table, and a search looks once into the table of each length that occurs, so it costs the same
 * for a hundred thousand peers as for ten.  Only peers of the same prefix are looked at one after the other.
 */
#ifndef IKE_PEER_INDEX_H
#define IKE_PEER_INDEX_H

#include "crypto/table_hash.h"
#include "ike/ike.h"

/* How closely an address fits: the bits of the prefix that it lies in, or this. */
#define PEER_FIT_GATEWAY 129 /* more than any prefix has bits */

struct peer_index;

/* Of all gateways and prefixes in the settings.  NULL: no memory. */
struct peer_index *peer_index_new(const struct ike_peer_settings *peer, size_t peers,
				  const uint8_t key[TABLE_HASH_KEY_LENGTH]) IKE_MUST_USE;
void peer_index_free(struct peer_index *index); /* NULL is allowed */

/* That gateway of that peer is now at `address`; its port does not count. */
void peer_index_move(struct peer_index *index, uint32_t peer, uint32_t gateway,
		     const struct ike_address *address);

/*
 * Walks what the address fits: gateways first, then prefixes, the longest first; what fits equally well in the order of the
 * settings.  A peer that has the address as two of its gateways comes twice.
 */
struct peer_walk {
	uint32_t peer;
	uint32_t gateway; /* UINT32_MAX: it is the prefix that fits */
	int fit;
	/* where the walk is */
	const struct ike_address *address;
	int level;     /* the fit that is looked at */
	uint32_t next; /* in its bucket */
};
void peer_walk_begin(struct peer_walk *walk, const struct ike_address *address);
bool peer_walk_next(struct peer_walk *walk,
		    const struct peer_index *index); /* false: that was all */

#endif
