/* SPDX-License-Identifier: ISC */
#include "ike/sa_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "ike/sa_keys.h"

#define SMALLEST_INDEX 256 /* slots; always a power of two, at least twice the SAs in use */
#define CACHE_LINE     64  /* octets; a wrong guess costs time, nothing else */
#define SLOT_EMPTY     0u  /* other slots hold an SA's number */

struct sa_table {
	uint8_t key[TABLE_HASH_KEY_LENGTH];
	uint32_t limit, count, seldoms; /* seldoms: so many have something beside them */
	struct ike_sa
	    *sa; /* number n is sa[n - 1]; memory is taken as numbers are first given out */
	struct ike_sa_seldom *seldom; /* of the same numbers */
	uint32_t given;               /* numbers up to this one have been given out */
	uint32_t free; /* one that was given back, linked by next_of_party; 0: none */
	uint32_t *slot;
	uint32_t slots;
};

struct sa_table *sa_table_new(uint32_t limit, const uint8_t key[TABLE_HASH_KEY_LENGTH])
{
	struct sa_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	memcpy(table->key, key, sizeof(table->key));
	table->limit = limit;
	table->sa = secret_room_new(limit * sizeof(*table->sa), SECRET_ROOM_DENSE);
	table->seldom = secret_room_new(limit * sizeof(*table->seldom), SECRET_ROOM_SPARSE);
	table->slots = SMALLEST_INDEX;
	table->slot = secret_room_new(table->slots * sizeof(*table->slot), SECRET_ROOM_DENSE);
	if (table->sa == NULL || table->seldom == NULL || table->slot == NULL) {
		sa_table_free(table);
		return NULL;
	}
	return table;
}

void sa_table_free(struct sa_table *table)
{
	if (table == NULL)
		return;
	secret_room_free(table->sa, table->limit * sizeof(*table->sa));
	secret_room_free(table->seldom, table->limit * sizeof(*table->seldom));
	secret_room_free(table->slot, table->slots * sizeof(*table->slot));
	secret_wipe(table, sizeof(*table));
	free(table);
}

/* Of a number that is one. */
static struct ike_sa *sa_of(const struct sa_table *table, uint32_t number)
{
	return &table->sa[number - 1];
}

struct ike_sa *sa_table_at(const struct sa_table *table, uint32_t number)
{
	return number == 0 ? NULL : sa_of(table, number);
}

static uint32_t number_of(const struct sa_table *table, const struct ike_sa *sa)
{
	return (uint32_t)(sa - table->sa) + 1;
}

uint32_t sa_table_number(const struct sa_table *table, const struct ike_sa *sa)
{
	return sa == NULL ? 0 : number_of(table, sa);
}

const struct ike_sa_seldom *sa_table_seldom(const struct sa_table *table, const struct ike_sa *sa)
{
	static const struct ike_sa_seldom nothing;

	return sa->seldom ? &table->seldom[sa - table->sa] : &nothing;
}

struct ike_sa_seldom *sa_table_write_seldom(struct sa_table *table, struct ike_sa *sa)
{
	table->seldoms += !sa->seldom;
	sa->seldom = true;
	return &table->seldom[sa - table->sa];
}

static uint32_t home_slot(const struct sa_table *table, const uint8_t *cky_i, const uint8_t *cky_r)
{
	uint8_t cookies[2 * IKE_COOKIE_LENGTH];

	memcpy(cookies, cky_i, IKE_COOKIE_LENGTH);
	memcpy(cookies + IKE_COOKIE_LENGTH, cky_r, IKE_COOKIE_LENGTH);
	return (uint32_t)table_hash(table->key, octets_of(cookies, sizeof(cookies))) &
	       (table->slots - 1);
}

/* The slot that holds these cookies, or the empty one where they would go. */
static uint32_t find_slot(const struct sa_table *table, const uint8_t *cky_i, const uint8_t *cky_r)
{
	uint32_t at = home_slot(table, cky_i, cky_r);

	while (table->slot[at] != SLOT_EMPTY) {
		const struct ike_sa *sa = sa_of(table, table->slot[at]);

		if (memcmp(sa->cky_i, cky_i, IKE_COOKIE_LENGTH) == 0 &&
		    memcmp(sa->cky_r, cky_r, IKE_COOKIE_LENGTH) == 0)
			break;
		at = (at + 1) & (table->slots - 1);
	}
	return at;
}

/* Empties a slot and moves back what had been pushed past it, so that no search stops too early. */
static void vacate_slot(struct sa_table *table, uint32_t hole)
{
	uint32_t mask = table->slots - 1, at = hole;

	for (;;) {
		const struct ike_sa *sa;
		uint32_t home;

		table->slot[hole] = SLOT_EMPTY;
		do {
			at = (at + 1) & mask;
			if (table->slot[at] == SLOT_EMPTY)
				return;
			sa = sa_of(table, table->slot[at]);
			home = home_slot(table, sa->cky_i, sa->cky_r);
			/* it may stay when its home lies behind the hole, on the way to where it is */
		} while (((at - home) & mask) < ((at - hole) & mask));
		table->slot[hole] = table->slot[at];
		hole = at;
	}
}

static bool grow_index(struct sa_table *table)
{
	uint32_t *old = table->slot, old_slots = table->slots;
	uint32_t *slot = secret_room_new((size_t)old_slots * 2 * sizeof(*slot), SECRET_ROOM_DENSE);

	if (slot == NULL)
		return false;
	table->slot = slot;
	table->slots = old_slots * 2;
	for (uint32_t i = 0; i < old_slots; i++) {
		const struct ike_sa *sa;

		if (old[i] == SLOT_EMPTY)
			continue;
		sa = sa_of(table, old[i]);
		slot[find_slot(table, sa->cky_i, sa->cky_r)] = old[i];
	}
	secret_room_free(old, old_slots * sizeof(*old));
	return true;
}

/* One that was used before, if there is any, so that no more memory is touched than needed. */
static uint32_t take_number(struct sa_table *table)
{
	uint32_t number = table->free;

	if (number == 0)
		return ++table->given;
	table->free = sa_of(table, number)->next_of_party;
	return number;
}

struct ike_sa *sa_table_add(struct sa_table *table, const uint8_t *cky_i, const uint8_t *cky_r)
{
	uint32_t at, number;
	struct ike_sa *sa;

	if (table->count == table->limit)
		return NULL;
	if ((table->count + 1) * 2 > table->slots && !grow_index(table))
		return NULL;
	at = find_slot(table, cky_i, cky_r);
	assert(table->slot[at] == SLOT_EMPTY);
	number = take_number(table);
	sa = sa_of(table, number);
	sa->next_of_party = 0;
	memcpy(sa->cky_i, cky_i, IKE_COOKIE_LENGTH);
	memcpy(sa->cky_r, cky_r, IKE_COOKIE_LENGTH);
	sa->state = IKE_SA_NEGOTIATING;
	table->slot[at] = number;
	table->count++;
	return sa;
}

struct ike_sa *sa_table_find(const struct sa_table *table, const uint8_t *cky_i,
			     const uint8_t *cky_r)
{
	uint32_t held = table->slot[find_slot(table, cky_i, cky_r)];

	return held == SLOT_EMPTY ? NULL : sa_of(table, held);
}

static void fetch(const void *memory, size_t length)
{
	for (size_t at = 0; at < length; at += CACHE_LINE)
		__builtin_prefetch((const uint8_t *)memory + at);
}

void sa_table_foresee(const struct sa_table *table, const uint8_t *const cookies[], size_t count)
{
	uint32_t home[SA_TABLE_FORESEEN];
	const struct ike_sa *sa;

	assert(count <= SA_TABLE_FORESEEN);
	for (size_t i = 0; i < count; i++) {
		home[i] = home_slot(table, cookies[i], cookies[i] + IKE_COOKIE_LENGTH);
		fetch(&table->slot[home[i]], sizeof(table->slot[0]));
	}
	for (size_t i = 0; i < count; i++)
		if ((sa = sa_table_at(table, table->slot[home[i]])) != NULL)
			fetch(sa, sizeof(*sa));
	for (size_t i = 0; i < count; i++)
		if ((sa = sa_table_at(table, table->slot[home[i]])) != NULL && sa->keys != NULL)
			fetch(sa->keys, sa_keys(sa).length);
}

void sa_table_set_cky_r(struct sa_table *table, struct ike_sa *sa, const uint8_t *cky_r)
{
	uint32_t at = find_slot(table, sa->cky_i, sa->cky_r), number = table->slot[at];

	assert(number == number_of(table, sa));
	vacate_slot(table, at);
	memcpy(sa->cky_r, cky_r, IKE_COOKIE_LENGTH);
	at = find_slot(table, sa->cky_i, sa->cky_r);
	assert(table->slot[at] == SLOT_EMPTY);
	table->slot[at] = number;
}

void sa_table_remove(struct sa_table *table, struct ike_sa *sa)
{
	uint32_t at = find_slot(table, sa->cky_i, sa->cky_r), number = table->slot[at];

	assert(number == number_of(table, sa));
	vacate_slot(table, at);
	if (sa->seldom) {
		memset(&table->seldom[number - 1], 0, sizeof(*table->seldom));
		table->seldoms--;
	}
	memset(sa, 0, sizeof(*sa));
	sa->next_of_party = table->free;
	table->free = number;
	table->count--;
}

uint32_t sa_table_limit(const struct sa_table *table)
{
	return table->limit;
}

uint32_t sa_table_count(const struct sa_table *table)
{
	return table->count;
}

size_t sa_table_octets(const struct sa_table *table)
{
	return table->count * sizeof(*table->sa) + table->seldoms * sizeof(*table->seldom) +
	       table->slots * sizeof(*table->slot);
}

struct ike_sa *sa_table_next(const struct sa_table *table, uint32_t *cursor)
{
	while (*cursor < table->given) {
		struct ike_sa *sa = sa_of(table, ++*cursor);

		if (sa->state != IKE_SA_FREE)
			return sa;
	}
	return NULL;
}
