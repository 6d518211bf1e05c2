/* SPDX-License-Identifier: ISC */
#include "ike/ipsec_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "ike/ipsec_proposal.h"

#define SLAB_PAIRS     64  /* pairs per slab: ten pages */
#define SMALLEST_INDEX 128 /* slots; always a power of two, at least twice the pairs in use */
#define SLOT_EMPTY     0u  /* other slots hold a pair's place plus one */

/* Both keys are ours, one counted and one random, so nobody outside can aim at a slot: they need no hash. */
enum key { BY_SPI, BY_NUMBER, KEYS };

struct ipsec_table {
	uint32_t limit, count, last_number;
	struct ike_pair **slab;
	uint32_t slabs, slabs_most;
	uint32_t *free_place; /* a stack of places that are not in use */
	uint32_t free_count;
	uint32_t *slot[KEYS];
	uint32_t slots;
};

struct ipsec_table *ipsec_table_new(uint32_t limit)
{
	struct ipsec_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->limit = limit;
	table->slabs_most = (limit + SLAB_PAIRS - 1) / SLAB_PAIRS;
	table->slab = calloc(table->slabs_most + 1, sizeof(*table->slab));
	table->slots = SMALLEST_INDEX;
	for (enum key key = BY_SPI; key < KEYS; key++)
		table->slot[key] = calloc(table->slots, sizeof(*table->slot[key]));
	if (table->slab == NULL || table->slot[BY_SPI] == NULL || table->slot[BY_NUMBER] == NULL) {
		ipsec_table_free(table);
		return NULL;
	}
	return table;
}

void ipsec_table_free(struct ipsec_table *table)
{
	if (table == NULL)
		return;
	for (uint32_t i = 0; table->slab != NULL && i < table->slabs; i++)
		secret_slab_free(table->slab[i], SLAB_PAIRS * sizeof(struct ike_pair));
	free(table->slab);
	free(table->free_place);
	for (enum key key = BY_SPI; key < KEYS; key++)
		free(table->slot[key]);
	free(table);
}

static struct ike_pair *pair_at(const struct ipsec_table *table, uint32_t place)
{
	return &table->slab[place / SLAB_PAIRS][place % SLAB_PAIRS];
}

static uint32_t value_of(const struct ike_pair *pair, enum key key)
{
	return key == BY_SPI ? pair->sa.spi_in : pair->sa.number;
}

/* The slot that holds this value, or the empty one where it would go. */
static uint32_t find_slot(const struct ipsec_table *table, enum key key, uint32_t value)
{
	const uint32_t *slot = table->slot[key];
	uint32_t mask = table->slots - 1, at = value & mask;

	while (slot[at] != SLOT_EMPTY && value_of(pair_at(table, slot[at] - 1), key) != value)
		at = (at + 1) & mask;
	return at;
}

/* Empties a slot and moves back what had been pushed past it, so that no search stops too early. */
static void vacate_slot(struct ipsec_table *table, enum key key, uint32_t hole)
{
	uint32_t *slot = table->slot[key];
	uint32_t mask = table->slots - 1, at = hole;

	for (;;) {
		uint32_t home;

		slot[hole] = SLOT_EMPTY;
		do {
			at = (at + 1) & mask;
			if (slot[at] == SLOT_EMPTY)
				return;
			home = value_of(pair_at(table, slot[at] - 1), key) & mask;
			/* it may stay when its home lies behind the hole, on the way to where it is */
		} while (((at - home) & mask) < ((at - hole) & mask));
		slot[hole] = slot[at];
		hole = at;
	}
}

static bool grow_index(struct ipsec_table *table)
{
	uint32_t *old[KEYS] = {table->slot[BY_SPI], table->slot[BY_NUMBER]};
	uint32_t old_slots = table->slots, *fresh[KEYS];

	for (enum key key = BY_SPI; key < KEYS; key++)
		fresh[key] = calloc((size_t)old_slots * 2, sizeof(*fresh[key]));
	if (fresh[BY_SPI] == NULL || fresh[BY_NUMBER] == NULL) {
		free(fresh[BY_SPI]);
		free(fresh[BY_NUMBER]);
		return false;
	}
	table->slots = old_slots * 2;
	for (enum key key = BY_SPI; key < KEYS; key++) {
		table->slot[key] = fresh[key];
		for (uint32_t i = 0; i < old_slots; i++)
			if (old[key][i] != SLOT_EMPTY)
				fresh[key][find_slot(
				    table, key, value_of(pair_at(table, old[key][i] - 1), key))] =
				    old[key][i];
		free(old[key]);
	}
	return true;
}

static bool grow_slabs(struct ipsec_table *table)
{
	uint32_t first = table->slabs * SLAB_PAIRS, room = first + SLAB_PAIRS, *places;
	struct ike_pair *slab;

	if (table->slabs == table->slabs_most)
		return false;
	places = realloc(table->free_place, room * sizeof(*places));
	if (places == NULL)
		return false;
	table->free_place = places;
	slab = secret_slab_new(SLAB_PAIRS * sizeof(struct ike_pair));
	if (slab == NULL)
		return false;
	table->slab[table->slabs++] = slab;
	for (uint32_t i = 0; i < SLAB_PAIRS; i++)
		table->free_place[table->free_count++] = room - 1 - i;
	return true;
}

static uint32_t fresh_spi(const struct ipsec_table *table, struct random_source *random)
{
	uint32_t spi;

	do
		spi = random_u32(random);
	while (spi < IPSEC_SPI_LEAST || ipsec_table_find_spi(table, spi) != NULL);
	return spi;
}

static uint32_t fresh_number(struct ipsec_table *table)
{
	do
		table->last_number++;
	while (table->last_number == 0 ||
	       ipsec_table_find_number(table, table->last_number) != NULL);
	return table->last_number;
}

struct ike_pair *ipsec_table_add(struct ipsec_table *table, struct random_source *random)
{
	struct ike_pair *pair;
	uint32_t place, spi, number;

	if (table->count == table->limit)
		return NULL;
	if (table->free_count == 0 && !grow_slabs(table))
		return NULL;
	if ((table->count + 1) * 2 > table->slots && !grow_index(table))
		return NULL;
	spi = fresh_spi(table, random);
	number = fresh_number(table);
	place = table->free_place[--table->free_count];
	pair = pair_at(table, place);
	pair->place = place;
	pair->state = IKE_PAIR_NEGOTIATING;
	pair->sa.spi_in = spi;
	pair->sa.number = number;
	table->slot[BY_SPI][find_slot(table, BY_SPI, spi)] = place + 1;
	table->slot[BY_NUMBER][find_slot(table, BY_NUMBER, number)] = place + 1;
	table->count++;
	return pair;
}

void ipsec_table_remove(struct ipsec_table *table, struct ike_pair *pair)
{
	uint32_t place = pair->place;

	for (enum key key = BY_SPI; key < KEYS; key++) {
		uint32_t at = find_slot(table, key, value_of(pair, key));

		assert(table->slot[key][at] == place + 1);
		vacate_slot(table, key, at);
	}
	secret_wipe(pair, sizeof(*pair));
	table->free_place[table->free_count++] = place;
	table->count--;
}

static struct ike_pair *find(const struct ipsec_table *table, enum key key, uint32_t value)
{
	uint32_t held = table->slot[key][find_slot(table, key, value)];

	return held == SLOT_EMPTY ? NULL : pair_at(table, held - 1);
}

struct ike_pair *ipsec_table_find_spi(const struct ipsec_table *table, uint32_t spi_in)
{
	return find(table, BY_SPI, spi_in);
}

struct ike_pair *ipsec_table_find_number(const struct ipsec_table *table, uint32_t number)
{
	return find(table, BY_NUMBER, number);
}

uint32_t ipsec_table_count(const struct ipsec_table *table)
{
	return table->count;
}

struct ike_pair *ipsec_table_next(const struct ipsec_table *table, uint32_t *cursor)
{
	while (*cursor < table->slabs * SLAB_PAIRS) {
		struct ike_pair *pair = pair_at(table, (*cursor)++);

		if (pair->state != IKE_PAIR_FREE)
			return pair;
	}
	return NULL;
}
