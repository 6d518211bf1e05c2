/* SPDX-License-Identifier: ISC */
/*
 * sa_table.h - where the SAs live, and how they are found by their cookies.
 *
 * SAs lie one beside the other, in room for all that there may be, of which only what is used takes memory.  They never move, so
 * pointers to them stay good until sa_table_remove(), and a number of 32 bits, from 1, names one where a pointer would be too
 * long.  The index is open addressing over a keyed hash: nobody outside can aim at one slot.
 */
#ifndef IKE_SA_TABLE_H
#define IKE_SA_TABLE_H

#include "crypto/table_hash.h"
#include "ike/sa.h"

struct sa_table;

/* At most `limit` SAs.  NULL: no memory. */
struct sa_table *sa_table_new(uint32_t limit,
			      const uint8_t key[TABLE_HASH_KEY_LENGTH]) IKE_MUST_USE;
void sa_table_free(struct sa_table *table); /* NULL is allowed */

/* A zeroed SA under these cookies; NULL at the limit or without memory.  The cookies must not be in the table yet. */
struct ike_sa *sa_table_add(struct sa_table *table, const uint8_t *cky_i,
			    const uint8_t *cky_r) IKE_MUST_USE;
struct ike_sa *sa_table_find(const struct sa_table *table, const uint8_t *cky_i,
			     const uint8_t *cky_r);
/*
 * These pairs of cookies will be looked up next, each as it stands in a header: CKY-I, then CKY-R.  Among a million SAs a message
 * waits for memory three times: for the slot, the SA, its keys.  A whole batch can wait for all of its own together.  Changes nothing.
 */
#define SA_TABLE_FORESEEN 64
void sa_table_foresee(const struct sa_table *table, const uint8_t *const cookies[], size_t count);
/* The responder has chosen its cookie: files the SA under it. */
void sa_table_set_cky_r(struct sa_table *table, struct ike_sa *sa, const uint8_t *cky_r);
void sa_table_remove(struct sa_table *table, struct ike_sa *sa); /* zeroes it */

/* Number 0 is no SA, and NULL has number 0. */
struct ike_sa *sa_table_at(const struct sa_table *table, uint32_t number);
uint32_t sa_table_number(const struct sa_table *table, const struct ike_sa *sa);

/* To read: zeros where nothing was written yet.  To write: the SA's own from now on. */
const struct ike_sa_seldom *sa_table_seldom(const struct sa_table *table, const struct ike_sa *sa);
struct ike_sa_seldom *sa_table_write_seldom(struct sa_table *table, struct ike_sa *sa);

uint32_t sa_table_limit(const struct sa_table *table); /* and the largest number */
uint32_t sa_table_count(const struct sa_table *table);
/* Of the SAs in use and of the index.  What is kept beside an SA is counted once it is written to. */
size_t sa_table_octets(const struct sa_table *table);
/* Walks all SAs in use, in the order of their slots: start with *cursor = 0; NULL at the end. */
struct ike_sa *sa_table_next(const struct sa_table *table, uint32_t *cursor);

#endif
