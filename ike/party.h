/* SPDX-License-Identifier: ISC */
/*
 * party.h - everything that is held with one authenticated party.
 *
 * A party is a pair of identities, ours and theirs, and the configured peer whose secret has proved them.  INITIAL-CONTACT,
 * Delete, renewal and the choice between two SAs that were begun at the same time all act within one party and never outside
 * (RFC 2407 section 4.6.3.3 leaves "the sending system" open; an authenticated identity is the only thing about it that is
 * known).  With a pre-shared key the secret is chosen by the address, so whoever knows one peer's secret could say another
 * peer's name: a name counts only together with the secret.
 */
#ifndef IKE_PARTY_H
#define IKE_PARTY_H

#include "crypto/table_hash.h"
#include "ike/ipsec_table.h"
#include "ike/sa.h"

struct ike_quick_mode; /* quick_mode.h */

/* One of the configured tunnels, as it stands with one party (tunnel.c). */
struct ike_tunnel {
	struct timer timer; /* of the next attempt; armed only while there is a Phase 1 SA */
	struct ike_party *party;
	struct ike_quick_mode *quick; /* the Quick Mode that we have begun for it, or NULL */
	uint8_t index;                /* into the peer's tunnels */
	uint8_t failures;             /* in a row */
	uint8_t turn;                 /* which of the groups it offers is next */
	bool asked;                   /* the user wants it although the peer is to begin */
};

#define PARTY_PAIRS_MAX 256 /* of IPsec SAs: what one party may make of narrow tunnels */

struct ike_party {
	struct ike_party *next; /* in the same bucket */
	uint64_t hash;
	uint32_t peer;               /* index into settings.peer */
	struct ike_sa *first_sa;     /* the newest first, linked by next_of_party */
	struct ike_pair *first_pair; /* the same of IPsec SAs; they may outlive the SAs above */
	uint32_t pairs, tunnels;
	struct ike_tunnel *tunnel; /* `tunnels` of them, as in the peer's settings */
	uint16_t local_length, remote_length;
	uint8_t local_type, remote_type;
	uint8_t data[]; /* local_length, then remote_length octets */
};

struct party_table;

struct party_table *
party_table_new(const uint8_t key[TABLE_HASH_KEY_LENGTH]) IKE_MUST_USE; /* NULL: no memory */
void party_table_free(struct party_table *table);                       /* NULL is allowed */

/* NULL: nothing is held with that party. */
struct ike_party *party_find(const struct party_table *table, uint32_t peer,
			     const struct ike_identity *local, const struct ike_identity *remote);

/* Makes the SA one of that party's, its `peer` being set, which has so many tunnels.  False: no memory. */
bool party_join(struct party_table *table, struct ike_sa *sa, const struct ike_identity *local,
		const struct ike_identity *remote, size_t tunnels) IKE_MUST_USE;
/*
 * Takes it out; a party without SAs and pairs is forgotten, and then its tunnels' timers must not be armed.  An SA that is in no
 * party is allowed.
 */
void party_leave(struct party_table *table, struct ike_sa *sa);

/* The same for pairs. */
void party_join_pair(struct ike_party *party, struct ike_pair *pair);
void party_leave_pair(struct party_table *table, struct ike_pair *pair);

void party_local_identity(const struct ike_party *party, struct ike_identity *identity);
void party_remote_identity(const struct ike_party *party, struct ike_identity *identity);

#endif
