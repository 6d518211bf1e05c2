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
#include "ike/sa.h"

struct ike_party {
	struct ike_party *next; /* in the same bucket */
	uint64_t hash;
	uint32_t peer;           /* index into settings.peer */
	struct ike_sa *first_sa; /* the newest first, linked by next_of_party */
	uint16_t local_length, remote_length;
	uint8_t local_type, remote_type;
	uint8_t data[]; /* local_length, then remote_length octets */
};

struct party_table;

struct party_table *
party_table_new(const uint8_t key[TABLE_HASH_KEY_LENGTH]) IKE_MUST_USE; /* NULL: no memory */
void party_table_free(struct party_table *table);                       /* NULL is allowed */

/* Makes the SA one of that party's, its `peer` being set.  False: no memory. */
bool party_join(struct party_table *table, struct ike_sa *sa, const struct ike_identity *local,
		const struct ike_identity *remote) IKE_MUST_USE;
/* Takes it out; a party without SAs is forgotten.  An SA that is in no party is allowed. */
void party_leave(struct party_table *table, struct ike_sa *sa);

void party_remote_identity(const struct ike_party *party, struct ike_identity *identity);

#endif
