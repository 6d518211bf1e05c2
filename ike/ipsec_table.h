/* SPDX-License-Identifier: ISC */
/*
 * ipsec_table.h - where the pairs of IPsec SAs live, and how they are found.
 *
 * A pair has its place, its number and the SPI that we receive with from the moment its Quick Mode begins, so that a limit is
 * reached before anything has been promised to the peer.  Pairs come from slabs that are locked and kept out of core dumps; they
 * never move.
 */
#ifndef IKE_IPSEC_TABLE_H
#define IKE_IPSEC_TABLE_H

#include "ike/ike.h"
#include "ike/timer_wheel.h"

struct ike_party; /* party.h */

enum ike_pair_state {
	IKE_PAIR_FREE,
	IKE_PAIR_NEGOTIATING, /* belongs to a Quick Mode, and to nobody else yet */
	IKE_PAIR_UP,          /* belongs to a party */
	IKE_PAIR_GONE,        /* only its last words have not been pulled yet */
};

struct ike_pair {
	struct ike_ipsec_sa sa; /* what others see of it */
	struct ike_party *party;
	struct ike_pair *next_of_party, *previous_of_party;
	struct timer timer;  /* armed for the earlier of its renewal and its end */
	ike_time created_at; /* its Quick Mode began */
	uint32_t gateway;    /* of the Phase 1 SA that it was made under, or IKE_NONE */
	uint32_t place;      /* in the table */
	uint32_t lifetime;   /* seconds, as agreed */
	uint8_t state;       /* enum ike_pair_state */
	bool waits_for_sa;   /* it is to be renewed, and there is no Phase 1 SA to do it under */
	bool nat_there;      /* as the Phase 1 SA that it was made under has found */

	/* what whoever pulls changes has not been told yet (ipsec_change.c) */
	struct ike_pair *next_change;
	bool queued, added, changed, removed;
};

struct ipsec_table;

/* At most `limit` pairs, those that are gone but not told included.  NULL: no memory. */
struct ipsec_table *ipsec_table_new(uint32_t limit) IKE_MUST_USE;
void ipsec_table_free(struct ipsec_table *table); /* wipes every pair; NULL is allowed */

/*
 * A zeroed pair that is NEGOTIATING, with a number and a random sa.spi_in that no other pair has.  NULL at the limit or without
 * memory.
 */
struct ike_pair *ipsec_table_add(struct ipsec_table *table,
				 struct random_source *random) IKE_MUST_USE;
void ipsec_table_remove(struct ipsec_table *table, struct ike_pair *pair); /* wipes it */

struct ike_pair *ipsec_table_find_spi(const struct ipsec_table *table, uint32_t spi_in);
struct ike_pair *ipsec_table_find_number(const struct ipsec_table *table, uint32_t number);
uint32_t ipsec_table_count(const struct ipsec_table *table); /* of all states */
/* Walks all pairs that are not free, in the order of their places: start with *cursor = 0; NULL at the end. */
struct ike_pair *ipsec_table_next(const struct ipsec_table *table, uint32_t *cursor);

#endif
