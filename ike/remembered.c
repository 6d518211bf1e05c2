/* SPDX-License-Identifier: ISC */
#include "ike/remembered.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "ike/address.h"
#include "ike/wire.h"

#define NOBODY UINT32_MAX

struct remembered_table {
	uint8_t key[TABLE_HASH_KEY_LENGTH];
	struct remembered *entry;
	uint32_t limit, count;
	uint32_t *bucket; /* its first entry, or NOBODY */
	uint32_t buckets; /* a power of two */
	uint32_t oldest, newest;
};

struct remembered_table *remembered_new(uint32_t limit, const uint8_t key[TABLE_HASH_KEY_LENGTH])
{
	struct remembered_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	memcpy(table->key, key, sizeof(table->key));
	table->limit = limit;
	table->buckets = 1;
	while (table->buckets < limit && table->buckets < UINT32_MAX / 2)
		table->buckets *= 2;
	table->oldest = table->newest = NOBODY;
	table->entry = calloc((size_t)limit + 1, sizeof(*table->entry));
	table->bucket = malloc(table->buckets * sizeof(*table->bucket));
	if (table->entry == NULL || table->bucket == NULL) {
		remembered_free(table);
		return NULL;
	}
	memset(table->bucket, 0xff, table->buckets * sizeof(*table->bucket));
	return table;
}

void remembered_free(struct remembered_table *table)
{
	if (table == NULL)
		return;
	free(table->entry);
	free(table->bucket);
	secret_wipe(table->key, sizeof(table->key));
	free(table);
}

/* Whoever may come from many addresses must not be able to aim at one bucket. */
static uint32_t *bucket_of(const struct remembered_table *table, const struct ike_address *address)
{
	uint8_t input[sizeof(address->octets) + 3];
	struct wire_writer writer;

	wire_write_to(&writer, input, sizeof(input));
	wire_write_octets(&writer, octets_of(address->octets, sizeof(address->octets)));
	wire_write_u8(&writer, address->family);
	wire_write_u16(&writer, address->port);
	return &table->bucket[table_hash(table->key, wire_written(&writer)) & (table->buckets - 1)];
}

/* ---- the order ----------------------------------------------------------------------------------------------------- */

static void take_out_of_order(struct remembered_table *table, const struct remembered *entry)
{
	if (entry->older != NOBODY)
		table->entry[entry->older].newer = entry->newer;
	else
		table->oldest = entry->newer;
	if (entry->newer != NOBODY)
		table->entry[entry->newer].older = entry->older;
	else
		table->newest = entry->older;
}

static void make_newest(struct remembered_table *table, uint32_t number)
{
	struct remembered *entry = &table->entry[number];

	entry->older = table->newest;
	entry->newer = NOBODY;
	if (table->newest != NOBODY)
		table->entry[table->newest].newer = number;
	else
		table->oldest = number;
	table->newest = number;
}

/* ---- entries ------------------------------------------------------------------------------------------------------- */

struct remembered *remembered_find(const struct remembered_table *table,
				   const struct ike_address *address)
{
	uint32_t number = *bucket_of(table, address);

	while (number != NOBODY && !ike_address_equal(&table->entry[number].address, address))
		number = table->entry[number].next;
	return number == NOBODY ? NULL : &table->entry[number];
}

/* `from` one place to another: entries lie side by side, so the last one fills the hole. */
static void move(struct remembered_table *table, uint32_t from, uint32_t to)
{
	struct remembered *entry = &table->entry[to];
	uint32_t *link = bucket_of(table, &table->entry[from].address);

	*entry = table->entry[from];
	while (*link != from)
		link = &table->entry[*link].next;
	*link = to;
	if (entry->older != NOBODY)
		table->entry[entry->older].newer = to;
	else
		table->oldest = to;
	if (entry->newer != NOBODY)
		table->entry[entry->newer].older = to;
	else
		table->newest = to;
}

static void forget(struct remembered_table *table, uint32_t number)
{
	uint32_t *link = bucket_of(table, &table->entry[number].address);

	while (*link != number)
		link = &table->entry[*link].next;
	*link = table->entry[number].next;
	take_out_of_order(table, &table->entry[number]);
	table->count--;
	if (number != table->count)
		move(table, table->count, number);
	memset(&table->entry[table->count], 0, sizeof(*table->entry));
}

static struct remembered *add(struct remembered_table *table, uint32_t peer,
			      const struct ike_address *address)
{
	uint32_t number = table->count++, *bucket = bucket_of(table, address);
	struct remembered *entry = &table->entry[number];

	*entry = (struct remembered){.address = *address, .peer = peer, .next = *bucket};
	*bucket = number;
	make_newest(table, number);
	return entry;
}

struct remembered *remembered_note(struct remembered_table *table, uint32_t peer,
				   const struct ike_address *address)
{
	struct remembered *entry = remembered_find(table, address);

	if (entry != NULL && entry->peer == peer) {
		take_out_of_order(table, entry);
		make_newest(table, (uint32_t)(entry - table->entry));
		return entry;
	}
	if (entry != NULL)
		forget(table, (uint32_t)(entry - table->entry));
	if (table->limit == 0)
		return NULL;
	if (table->count == table->limit)
		forget(table, table->oldest);
	return add(table, peer, address);
}

void remembered_forget(struct remembered_table *table, const struct ike_address *address)
{
	const struct remembered *entry = remembered_find(table, address);

	if (entry != NULL)
		forget(table, (uint32_t)(entry - table->entry));
}

void remembered_forget_peer(struct remembered_table *table, uint32_t peer)
{
	/* from the end, so that what fills a hole has been looked at */
	for (uint32_t number = table->count; number-- > 0;)
		if (table->entry[number].peer == peer)
			forget(table, number);
}

void remembered_forget_all(struct remembered_table *table)
{
	while (table->count > 0)
		forget(table, table->count - 1);
}

uint32_t remembered_count(const struct remembered_table *table)
{
	return table->count;
}
