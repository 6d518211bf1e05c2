/* SPDX-License-Identifier: ISC */
/*
 * store_table.h - the pairs of IPsec SAs that a store has, found by their number and by what goes through them.
 *
 * Their keys are not in it: who moves packets takes them from the change, and nobody else needs them.
 */
#ifndef INTEROP_STORE_STORE_TABLE_H
#define INTEROP_STORE_STORE_TABLE_H

#include "ike/ike.h"

struct store_table;

struct store_pair {
	struct ike_ipsec_sa sa; /* as of the latest change; the keymats are zero */
	struct ike_selector inside_local,
	    inside_remote; /* what the kernel sees of its packets: store_selectors() */
	uint32_t
	    reqid;     /* what holds SAs and policies together in the kernel; 0: nothing is there */
	bool renewing; /* a newer pair was asked for, because so much has gone through this one */
	struct store_pair *next_number, *next_selectors; /* the table's own */
};

/* NULL: no memory. */
struct store_table *store_table_new(void);
void store_table_free(struct store_table *table); /* NULL is allowed */

/*
 * What a pair's packets look like inside of the tunnel.  In transport mode they travel between the outer addresses, and where
 * there is a NAT these are not those that the peers have agreed upon (RFC 3948 section 3.1.2).
 */
void store_selectors(const struct ike_ipsec_sa *sa, struct ike_selector *local,
		     struct ike_selector *remote);
bool store_selectors_equal(const struct store_pair *a, const struct store_pair *b);

/* A copy without keys becomes part of the table, as the newest of its selectors.  NULL: no memory. */
struct store_pair *store_table_add(struct store_table *table, const struct store_pair *pair);
void store_table_remove(struct store_table *table, struct store_pair *pair); /* and frees it */
struct store_pair *store_table_find(const struct store_table *table, uint32_t number);
/* The one that was added last of all with the same selectors, `besides` left out; NULL: none. */
struct store_pair *store_table_newest(const struct store_table *table,
				      const struct store_pair *selectors,
				      const struct store_pair *besides);
/* Walks them all, in no order: starts with NULL, ends with NULL. */
struct store_pair *store_table_next(const struct store_table *table, const struct store_pair *pair);
size_t store_table_count(const struct store_table *table);

#endif
