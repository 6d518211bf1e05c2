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

/* What a party has only once it has tunnels, or IPsec SAs. */
struct ike_party_phase_2 {
	struct ike_pair
	    *first_pair; /* the newest first, linked by next_of_party; they may outlive the SAs */
	uint32_t pairs, tunnels;
	struct ike_tunnel tunnel[]; /* as in the peer's settings */
};

struct ike_party {
	struct ike_party *next; /* in the same bucket */
	struct ike_party_phase_2 *phase_2;
	uint32_t first_sa; /* number of the newest, linked by next_of_party */
	uint32_t peer;     /* index into settings.peer */
	uint16_t remote_length : 15;
	/*
	 * The local identity is the usual one of this peer (party.c), and `data` is the remote identity alone.  Else that is
	 * preceded by the local one, and this by two octets with its length.
	 */
	uint16_t usual : 1;
	uint8_t remote_type;
	uint8_t local_type; /* of one that is not the usual one */
	uint8_t data[];
};

_Static_assert(IKE_IDENTITY_MAX < 1 << 15, "remote_length has 15 bits");

struct party_table;
struct sa_table; /* sa_table.h */

/* For SAs of that table (NULL: there was no memory for it), with so many configured peers.  NULL: no memory. */
struct party_table *party_table_new(const uint8_t key[TABLE_HASH_KEY_LENGTH], struct sa_table *sas,
				    size_t peers) IKE_MUST_USE;
void party_table_free(struct party_table *table); /* NULL is allowed */
/* Of all parties, what they have for Phase 2 left out, and of the index. */
size_t party_table_octets(const struct party_table *table);

/* NULL: nothing is held with that party. */
struct ike_party *party_find(const struct party_table *table, uint32_t peer,
			     const struct ike_identity *local, const struct ike_identity *remote);
/*
 * A number that stands for a party, also while nothing is held with it: the same whenever it comes back, and nobody else's but by
 * a chance of 2^-64.  0 is nobody's.
 */
uint64_t party_mark(const struct party_table *table, const struct ike_party *party);
struct ike_party *party_of_mark(const struct party_table *table, uint64_t mark);
/* Makes the SA one of that party's, its `peer` being set, which has so many tunnels.  False: no memory, or an identity is none. */
bool party_join(struct party_table *table, struct ike_sa *sa, const struct ike_identity *local,
		const struct ike_identity *remote, size_t tunnels) IKE_MUST_USE;
/*
 * Takes it out; a party without SAs and pairs is forgotten, and then its tunnels' timers must not be armed.  An SA that is in no
 * party is allowed.
 */
void party_leave(struct party_table *table, struct ike_sa *sa);

/* Whether another SA than this one, which is in a party, is in the same. */
bool party_has_other_sas(const struct party_table *table, const struct ike_sa *sa);

/*
 * The same for pairs.  There must be room for them, which a party with tunnels has from the beginning, and another makes when
 * its first Quick Mode begins; false: no memory.
 */
bool party_make_room_for_pairs(struct ike_party *party) IKE_MUST_USE;
void party_join_pair(struct ike_party *party, struct ike_pair *pair);
void party_leave_pair(struct party_table *table, struct ike_pair *pair);
struct ike_pair *party_first_pair(const struct ike_party *party); /* NULL: it has none */
uint32_t party_pairs(const struct ike_party *party);
uint32_t party_tunnels(const struct ike_party *party); /* how many */

void party_local_identity(const struct party_table *table, const struct ike_party *party,
			  struct ike_identity *identity);
void party_remote_identity(const struct ike_party *party, struct ike_identity *identity);

#endif
