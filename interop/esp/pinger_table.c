/* SPDX-License-Identifier: ISC */
#include "interop/esp/pinger_table.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/table_hash.h"
#include "ike/address.h"
#include "ike/selector.h"

#define SMALLEST_TABLE 16 /* buckets, a power of two */
#define LARGEST_TABLE  (1u << 16)

struct pinger_table {
	uint32_t count, limit; /* pairs */
	uint32_t buckets;
	struct pinged_pair **by_number;
	struct pinged **by_party; /* of configured peer and other end */
	uint8_t hash_key[TABLE_HASH_KEY_LENGTH];
};

struct pinger_table *pinger_table_new(uint32_t pairs, struct random_source *random)
{
	struct pinger_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->limit = pairs;
	table->buckets = SMALLEST_TABLE;
	while (table->buckets < pairs && table->buckets < LARGEST_TABLE)
		table->buckets *= 2;
	random_octets(random, table->hash_key, sizeof(table->hash_key));
	table->by_number = calloc(table->buckets, sizeof(struct pinged_pair *));
	table->by_party = calloc(table->buckets, sizeof(struct pinged *));
	if (table->by_number == NULL || table->by_party == NULL) {
		pinger_table_free(table);
		return NULL;
	}
	return table;
}

void pinger_table_free(struct pinger_table *table)
{
	if (table == NULL)
		return;
	for (uint32_t i = 0; i < table->buckets; i++) {
		while (table->by_number != NULL && table->by_number[i] != NULL) {
			struct pinged_pair *pair = table->by_number[i];

			table->by_number[i] = pair->next_of_bucket;
			free(pair);
		}
		while (table->by_party != NULL && table->by_party[i] != NULL) {
			struct pinged *tunnel = table->by_party[i];

			table->by_party[i] = tunnel->next_of_bucket;
			free(tunnel);
		}
	}
	free(table->by_number);
	free(table->by_party);
	free(table);
}

/* ---- buckets ------------------------------------------------------------------------------------------------------- */

/* The engine counts these; nobody outside can aim at a bucket. */
static struct pinged_pair **bucket_of_number(const struct pinger_table *table, uint32_t number)
{
	return &table->by_number[number & (table->buckets - 1)];
}

/* Where a call comes from can be chosen, so this one has a key. */
static uint32_t bucket_of_party(const struct pinger_table *table, uint32_t peer,
				const struct ike_address *remote)
{
	uint8_t key[sizeof(remote->octets) + sizeof(peer)];
	struct octets input = {key, sizeof(key)};

	memcpy(key, remote->octets, sizeof(remote->octets));
	memcpy(key + sizeof(remote->octets), &peer, sizeof(peer));
	return (uint32_t)table_hash(table->hash_key, input) & (table->buckets - 1);
}

static void file_tunnel(struct pinger_table *table, struct pinged *tunnel)
{
	uint32_t bucket = bucket_of_party(table, tunnel->settings->peer, &tunnel->remote);

	tunnel->next_of_bucket = table->by_party[bucket];
	table->by_party[bucket] = tunnel;
}

static void unfile_tunnel(struct pinger_table *table, struct pinged *tunnel)
{
	uint32_t bucket = bucket_of_party(table, tunnel->settings->peer, &tunnel->remote);
	struct pinged **link = &table->by_party[bucket];

	while (*link != tunnel)
		link = &(*link)->next_of_bucket;
	*link = tunnel->next_of_bucket;
}

/* ---- finding ------------------------------------------------------------------------------------------------------- */

struct pinged_pair *pinger_table_find(const struct pinger_table *table, uint32_t number)
{
	struct pinged_pair *pair = *bucket_of_number(table, number);

	while (pair != NULL && pair->number != number)
		pair = pair->next_of_bucket;
	return pair;
}

struct pinged *pinger_table_next(const struct pinger_table *table, const struct pinged *before,
				 uint32_t peer, const struct ike_address *remote)
{
	uint32_t bucket = 0, last = table->buckets - 1;
	struct pinged *tunnel;

	if (before != NULL)
		bucket = bucket_of_party(table, before->settings->peer, &before->remote);
	if (remote != NULL)
		bucket = last = bucket_of_party(table, peer, remote);
	tunnel = before != NULL ? before->next_of_bucket : table->by_party[bucket];
	for (;;) {
		for (; tunnel != NULL; tunnel = tunnel->next_of_bucket) {
			if (tunnel->settings->peer == peer &&
			    (remote == NULL || ike_address_same_host(&tunnel->remote, remote)))
				return tunnel;
		}
		if (bucket == last)
			return NULL;
		tunnel = table->by_party[++bucket];
	}
}

static struct pinged *find_tunnel(const struct pinger_table *table,
				  const struct pinger_tunnel *settings,
				  const struct ike_ipsec_sa *pair)
{
	struct pinged *tunnel = pinger_table_next(table, NULL, settings->peer, &pair->remote);

	for (; tunnel != NULL;
	     tunnel = pinger_table_next(table, tunnel, settings->peer, &pair->remote)) {
		if (tunnel->settings == settings &&
		    selector_equal(&tunnel->inside_local, &pair->inside_local) &&
		    selector_equal(&tunnel->inside_remote, &pair->inside_remote))
			return tunnel;
	}
	return NULL;
}

const struct pinged_pair *pinger_table_in_use(const struct pinged *tunnel)
{
	const struct pinged_pair *pair = tunnel->newest;

	while (pair != NULL && pair->superseded)
		pair = pair->older;
	return pair != NULL ? pair : tunnel->newest;
}

/* ---- coming, moving, going ----------------------------------------------------------------------------------------- */

static struct ike_address without_port(const struct ike_address *address)
{
	struct ike_address host = *address;

	host.port = 0;
	return host;
}

static struct pinged *add_tunnel(struct pinger_table *table, const struct pinger_tunnel *settings,
				 const struct ike_ipsec_sa *pair)
{
	struct pinged *tunnel = calloc(1, sizeof(*tunnel));

	if (tunnel == NULL)
		return NULL;
	tunnel->settings = settings;
	tunnel->remote = without_port(&pair->remote);
	tunnel->inside_local = pair->inside_local;
	tunnel->inside_remote = pair->inside_remote;
	file_tunnel(table, tunnel);
	return tunnel;
}

struct pinged_pair *pinger_table_add(struct pinger_table *table,
				     const struct pinger_tunnel *settings,
				     const struct ike_ipsec_sa *pair)
{
	struct pinged_pair **bucket = bucket_of_number(table, pair->number), *added;
	struct pinged *tunnel = find_tunnel(table, settings, pair);

	if (table->count >= table->limit)
		return NULL;
	added = calloc(1, sizeof(*added));
	if (added == NULL)
		return NULL;
	if (tunnel == NULL)
		tunnel = add_tunnel(table, settings, pair);
	if (tunnel == NULL) {
		free(added);
		return NULL;
	}
	*added = (struct pinged_pair){
	    .next_of_bucket = *bucket,
	    .older = tunnel->newest,
	    .tunnel = tunnel,
	    .number = pair->number,
	    .superseded = pair->superseded,
	};
	*bucket = tunnel->newest = added;
	table->count++;
	return added;
}

struct pinged *pinger_table_remove(struct pinger_table *table, struct pinged_pair *pair)
{
	struct pinged_pair **link = bucket_of_number(table, pair->number);
	struct pinged *tunnel = pair->tunnel;

	while (*link != pair)
		link = &(*link)->next_of_bucket;
	*link = pair->next_of_bucket;
	link = &tunnel->newest;
	while (*link != pair)
		link = &(*link)->older;
	*link = pair->older;
	free(pair);
	table->count--;
	return tunnel->newest == NULL ? tunnel : NULL;
}

void pinger_table_forget(struct pinger_table *table, struct pinged *tunnel)
{
	unfile_tunnel(table, tunnel);
	free(tunnel);
}

void pinger_table_move(struct pinger_table *table, struct pinged *tunnel,
		       const struct ike_address *remote)
{
	unfile_tunnel(table, tunnel);
	tunnel->remote = without_port(remote);
	file_tunnel(table, tunnel);
}
