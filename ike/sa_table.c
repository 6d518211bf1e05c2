/* SPDX-License-Identifier: ISC */
#include "ike/sa_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"

#define SLAB_SAS       256 /* SAs per slab: about a hundred pages */
#define SMALLEST_INDEX 256 /* slots; always a power of two, at least twice the SAs in use */
#define SLOT_EMPTY     0u  /* other slots hold an SA's number plus one */

struct sa_table {
	uint8_t key[TABLE_HASH_KEY_LENGTH];
	uint32_t limit, count;
	struct ike_sa **slab;
	uint32_t slabs, slabs_most;
	uint32_t *free_number; /* a stack of numbers of SAs that are not in use */
	uint32_t free_count;
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
	table->slabs_most = (limit + SLAB_SAS - 1) / SLAB_SAS;
	table->slab = calloc(table->slabs_most + 1, sizeof(*table->slab));
	table->slots = SMALLEST_INDEX;
	table->slot = calloc(table->slots, sizeof(*table->slot));
	if (table->slab == NULL || table->slot == NULL) {
		sa_table_free(table);
		return NULL;
	}
	return table;
}

void sa_table_free(struct sa_table *table)
{
	if (table == NULL)
		return;
	for (uint32_t i = 0; table->slab != NULL && i < table->slabs; i++)
		secret_slab_free(table->slab[i], SLAB_SAS * sizeof(struct ike_sa));
	free(table->slab);
	free(table->free_number);
	free(table->slot);
	secret_wipe(table, sizeof(*table));
	free(table);
}

static struct ike_sa *sa_of_number(const struct sa_table *table, uint32_t number)
{
	return &table->slab[number / SLAB_SAS][number % SLAB_SAS];
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
		const struct ike_sa *sa = sa_of_number(table, table->slot[at] - 1);

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
			sa = sa_of_number(table, table->slot[at] - 1);
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
	uint32_t *slot = calloc((size_t)old_slots * 2, sizeof(*slot));

	if (slot == NULL)
		return false;
	table->slot = slot;
	table->slots = old_slots * 2;
	for (uint32_t i = 0; i < old_slots; i++) {
		const struct ike_sa *sa;

		if (old[i] == SLOT_EMPTY)
			continue;
		sa = sa_of_number(table, old[i] - 1);
		slot[find_slot(table, sa->cky_i, sa->cky_r)] = old[i];
	}
	free(old);
	return true;
}

static bool grow_slabs(struct sa_table *table)
{
	uint32_t first = table->slabs * SLAB_SAS, room = first + SLAB_SAS;
	uint32_t *numbers;
	struct ike_sa *slab;

	if (table->slabs == table->slabs_most)
		return false;
	numbers = realloc(table->free_number, room * sizeof(*numbers));
	if (numbers == NULL)
		return false;
	table->free_number = numbers;
	slab = secret_slab_new(SLAB_SAS * sizeof(struct ike_sa));
	if (slab == NULL)
		return false;
	table->slab[table->slabs++] = slab;
	for (uint32_t i = 0; i < SLAB_SAS; i++)
		table->free_number[table->free_count++] = room - 1 - i;
	return true;
}

struct ike_sa *sa_table_add(struct sa_table *table, const uint8_t *cky_i, const uint8_t *cky_r)
{
	uint32_t at, number;
	struct ike_sa *sa;

	if (table->count == table->limit)
		return NULL;
	if (table->free_count == 0 && !grow_slabs(table))
		return NULL;
	if ((table->count + 1) * 2 > table->slots && !grow_index(table))
		return NULL;
	at = find_slot(table, cky_i, cky_r);
	assert(table->slot[at] == SLOT_EMPTY);
	number = table->free_number[--table->free_count];
	sa = sa_of_number(table, number);
	memcpy(sa->cky_i, cky_i, IKE_COOKIE_LENGTH);
	memcpy(sa->cky_r, cky_r, IKE_COOKIE_LENGTH);
	sa->state = IKE_SA_NEGOTIATING;
	sa->number = number;
	table->slot[at] = number + 1;
	table->count++;
	return sa;
}

struct ike_sa *sa_table_find(const struct sa_table *table, const uint8_t *cky_i,
			     const uint8_t *cky_r)
{
	uint32_t held = table->slot[find_slot(table, cky_i, cky_r)];

	return held == SLOT_EMPTY ? NULL : sa_of_number(table, held - 1);
}

void sa_table_set_cky_r(struct sa_table *table, struct ike_sa *sa, const uint8_t *cky_r)
{
	uint32_t at = find_slot(table, sa->cky_i, sa->cky_r);

	assert(table->slot[at] == sa->number + 1);
	vacate_slot(table, at);
	memcpy(sa->cky_r, cky_r, IKE_COOKIE_LENGTH);
	at = find_slot(table, sa->cky_i, sa->cky_r);
	assert(table->slot[at] == SLOT_EMPTY);
	table->slot[at] = sa->number + 1;
}

void sa_table_remove(struct sa_table *table, struct ike_sa *sa)
{
	uint32_t at = find_slot(table, sa->cky_i, sa->cky_r), number = sa->number;

	assert(table->slot[at] == number + 1);
	vacate_slot(table, at);
	secret_wipe(sa, sizeof(*sa));
	table->free_number[table->free_count++] = number;
	table->count--;
}

uint32_t sa_table_count(const struct sa_table *table)
{
	return table->count;
}

struct ike_sa *sa_table_next(const struct sa_table *table, uint32_t *cursor)
{
	while (*cursor < table->slabs * SLAB_SAS) {
		struct ike_sa *sa = sa_of_number(table, (*cursor)++);

		if (sa->state != IKE_SA_FREE)
			return sa;
	}
	return NULL;
}
