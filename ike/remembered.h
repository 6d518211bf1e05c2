/* SPDX-License-Identifier: ISC */
/*
 * remembered.h - where peers without gateways were when they were last here, so that one of them that still sends can be called
 * although nothing is held with it any more.
 *
 * An address is what a peer's packets come from: the host alone, or with the port where they come encapsulated.  Nobody gets
 * into the table but who has been established, or whom the user names; when it is full the one goes that has been heard of least
 * lately.
 */
#ifndef IKE_REMEMBERED_H
#define IKE_REMEMBERED_H

#include "crypto/table_hash.h"
#include "ike/types.h"

struct remembered {
	struct ike_address
	    address;    /* to be called at; port 500: what comes from there is not encapsulated */
	uint32_t peer;  /* index into settings.peer */
	uint64_t party; /* party_mark() of who was there; 0: not known */
	uint32_t
	    call; /* number of the SA that we have begun with it, from 1; it may be somebody else's by now */
	uint32_t calls;       /* in a row of which nothing has come */
	ike_time quiet_until; /* nothing is done about what comes from there before */
	/* the table's own */
	uint32_t next;         /* in its bucket */
	uint32_t older, newer; /* in the order in which they were noted */
};

struct remembered_table;

/* At most `limit` of them; 0: none.  NULL: no memory. */
struct remembered_table *remembered_new(uint32_t limit,
					const uint8_t key[TABLE_HASH_KEY_LENGTH]) IKE_MUST_USE;
void remembered_free(struct remembered_table *table); /* NULL is allowed */

/* NULL: nobody is remembered there. */
struct remembered *remembered_find(const struct remembered_table *table,
				   const struct ike_address *address);
/* That peer is there now; another one that was there is forgotten.  A new one is zero but for the two.  NULL: the limit is 0. */
struct remembered *remembered_note(struct remembered_table *table, uint32_t peer,
				   const struct ike_address *address);
void remembered_forget(struct remembered_table *table, const struct ike_address *address);
/* All of this peer. */
void remembered_forget_peer(struct remembered_table *table, uint32_t peer);
void remembered_forget_all(struct remembered_table *table);
uint32_t remembered_count(const struct remembered_table *table);

#endif
