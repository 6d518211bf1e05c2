/* SPDX-License-Identifier: ISC */
#include "interop/store/store_table.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "ike/address.h"

#define BUCKETS 4096

/* Chains of the pairs whose number, and of those whose selectors come to the same; the newest is first. */
struct store_table {
	struct store_pair *number[BUCKETS];
	struct store_pair *selectors[BUCKETS];
	size_t count;
};

struct store_table *store_table_new(void)
{
	return calloc(1, sizeof(struct store_table));
}

void store_table_free(struct store_table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct store_pair *pair = table->number[i], *next; pair != NULL; pair = next) {
			next = pair->next_number;
			free(pair);
		}
	}
	free(table);
}

/* ---- selectors ----------------------------------------------------------------------------------------------------- */

static void use_outer(struct ike_selector *selector, const struct ike_address *outer)
{
	selector->prefix.address = *outer;
	selector->prefix.bits = ike_family_bits(outer->family);
}

void store_selectors(const struct ike_ipsec_sa *sa, struct ike_selector *local,
		     struct ike_selector *remote)
{
	*local = sa->inside_local;
	*remote = sa->inside_remote;
	if (sa->transport) {
		use_outer(local, &sa->local);
		use_outer(remote, &sa->remote);
	}
	local->prefix.address.port = remote->prefix.address.port = 0;
}

static bool same_selector(const struct ike_selector *a, const struct ike_selector *b)
{
	return ike_address_equal(&a->prefix.address, &b->prefix.address) &&
	       a->prefix.bits == b->prefix.bits && a->protocol == b->protocol && a->port == b->port;
}

bool store_selectors_equal(const struct store_pair *a, const struct store_pair *b)
{
	return same_selector(&a->inside_local, &b->inside_local) &&
	       same_selector(&a->inside_remote, &b->inside_remote);
}

/* FNV-1a; a peer that chose its selectors so that they collide would only slow down its own renewals. */
static uint32_t mix(uint32_t hash, const void *memory, size_t length)
{
	const uint8_t *octets = memory;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ octets[i]) * 16777619u;
	return hash;
}

static uint32_t mix_selector(uint32_t hash, const struct ike_selector *selector)
{
	hash = mix(hash, selector->prefix.address.octets, sizeof(selector->prefix.address.octets));
	hash = mix(hash, &selector->prefix.bits, sizeof(selector->prefix.bits));
	hash = mix(hash, &selector->protocol, sizeof(selector->protocol));
	return mix(hash, &selector->port, sizeof(selector->port));
}

static size_t bucket_of_selectors(const struct store_pair *pair)
{
	uint32_t hash = mix_selector(2166136261u, &pair->inside_local);

	return mix_selector(hash, &pair->inside_remote) % BUCKETS;
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

struct store_pair *store_table_add(struct store_table *table, const struct store_pair *pair)
{
	struct store_pair *added = malloc(sizeof(*added));
	struct store_pair **number = &table->number[pair->sa.number % BUCKETS];
	struct store_pair **selectors = &table->selectors[bucket_of_selectors(pair)];

	if (added == NULL)
		return NULL;
	*added = *pair;
	secret_wipe(added->sa.keymat_in, sizeof(added->sa.keymat_in));
	secret_wipe(added->sa.keymat_out, sizeof(added->sa.keymat_out));
	added->next_number = *number;
	*number = added;
	added->next_selectors = *selectors;
	*selectors = added;
	table->count++;
	return added;
}

void store_table_remove(struct store_table *table, struct store_pair *pair)
{
	struct store_pair **at = &table->number[pair->sa.number % BUCKETS];

	while (*at != pair)
		at = &(*at)->next_number;
	*at = pair->next_number;
	at = &table->selectors[bucket_of_selectors(pair)];
	while (*at != pair)
		at = &(*at)->next_selectors;
	*at = pair->next_selectors;
	table->count--;
	free(pair);
}

struct store_pair *store_table_find(const struct store_table *table, uint32_t number)
{
	struct store_pair *pair = table->number[number % BUCKETS];

	while (pair != NULL && pair->sa.number != number)
		pair = pair->next_number;
	return pair;
}

struct store_pair *store_table_newest(const struct store_table *table,
				      const struct store_pair *selectors,
				      const struct store_pair *besides)
{
	struct store_pair *pair = table->selectors[bucket_of_selectors(selectors)];

	while (pair != NULL && (pair == besides || !store_selectors_equal(pair, selectors)))
		pair = pair->next_selectors;
	return pair;
}

struct store_pair *store_table_next(const struct store_table *table, const struct store_pair *pair)
{
	size_t bucket = 0;

	if (pair != NULL) {
		if (pair->next_number != NULL)
			return pair->next_number;
		bucket = pair->sa.number % BUCKETS + 1;
	}
	for (; bucket < BUCKETS; bucket++)
		if (table->number[bucket] != NULL)
			return table->number[bucket];
	return NULL;
}

size_t store_table_count(const struct store_table *table)
{
	return table->count;
}
