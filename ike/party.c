/* SPDX-License-Identifier: ISC */
#include "ike/party.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"

#define SMALLEST_TABLE 64 /* buckets; doubled when parties outnumber them */

struct party_table {
	uint8_t key[TABLE_HASH_KEY_LENGTH];
	struct ike_party **bucket;
	uint32_t buckets, count;
};

struct party_table *party_table_new(const uint8_t key[TABLE_HASH_KEY_LENGTH])
{
	struct party_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	memcpy(table->key, key, sizeof(table->key));
	table->buckets = SMALLEST_TABLE;
	table->bucket = calloc(table->buckets, sizeof(*table->bucket));
	if (table->bucket == NULL) {
		free(table);
		return NULL;
	}
	return table;
}

void party_table_free(struct party_table *table)
{
	if (table == NULL)
		return;
	for (uint32_t i = 0; i < table->buckets; i++) {
		while (table->bucket[i] != NULL) {
			struct ike_party *party = table->bucket[i];

			table->bucket[i] = party->next;
			free(party->tunnel);
			free(party);
		}
	}
	free(table->bucket);
	secret_wipe(table, sizeof(*table));
	free(table);
}

static uint64_t hash_of(const struct party_table *table, uint32_t peer,
			const struct ike_identity *local, const struct ike_identity *remote)
{
	uint8_t input[8 + 2 * IKE_IDENTITY_MAX];

	/* the lengths come first, so that no two pairs give the same input */
	input[0] = local->type;
	input[1] = remote->type;
	input[2] = (uint8_t)(local->length >> 8);
	input[3] = (uint8_t)local->length;
	memcpy(input + 4, &peer, sizeof(peer));
	memcpy(input + 8, local->data, local->length);
	memcpy(input + 8 + local->length, remote->data, remote->length);
	return table_hash(table->key, octets_of(input, 8u + local->length + remote->length));
}

static bool is_party(const struct ike_party *party, uint32_t peer, const struct ike_identity *local,
		     const struct ike_identity *remote)
{
	return party->peer == peer && party->local_type == local->type &&
	       party->local_length == local->length && party->remote_type == remote->type &&
	       party->remote_length == remote->length &&
	       memcmp(party->data, local->data, local->length) == 0 &&
	       memcmp(party->data + local->length, remote->data, remote->length) == 0;
}

static void grow(struct party_table *table)
{
	uint32_t buckets = table->buckets * 2;
	struct ike_party **bucket = calloc(buckets, sizeof(*bucket));

	if (bucket == NULL)
		return; /* longer chains, nothing worse */
	for (uint32_t i = 0; i < table->buckets; i++) {
		while (table->bucket[i] != NULL) {
			struct ike_party *party = table->bucket[i];
			struct ike_party **home = &bucket[party->hash & (buckets - 1)];

			table->bucket[i] = party->next;
			party->next = *home;
			*home = party;
		}
	}
	free(table->bucket);
	table->bucket = bucket;
	table->buckets = buckets;
}

static bool add_tunnels(struct ike_party *party, size_t tunnels)
{
	if (tunnels == 0)
		return true;
	party->tunnel = calloc(tunnels, sizeof(*party->tunnel));
	if (party->tunnel == NULL)
		return false;
	party->tunnels = (uint32_t)tunnels;
	for (size_t i = 0; i < tunnels; i++) {
		party->tunnel[i].party = party;
		party->tunnel[i].index = (uint8_t)i;
	}
	return true;
}

static struct ike_party *party_new(struct party_table *table, uint64_t hash, uint32_t peer,
				   const struct ike_identity *local,
				   const struct ike_identity *remote, size_t tunnels)
{
	struct ike_party *party = calloc(1, sizeof(*party) + local->length + remote->length);
	struct ike_party **home;

	if (party == NULL || !add_tunnels(party, tunnels)) {
		free(party);
		return NULL;
	}
	party->hash = hash;
	party->peer = peer;
	party->local_type = local->type;
	party->local_length = local->length;
	party->remote_type = remote->type;
	party->remote_length = remote->length;
	memcpy(party->data, local->data, local->length);
	memcpy(party->data + local->length, remote->data, remote->length);
	if (++table->count > table->buckets)
		grow(table);
	home = &table->bucket[hash & (table->buckets - 1)];
	party->next = *home;
	*home = party;
	return party;
}

static struct ike_party *find(const struct party_table *table, uint64_t hash, uint32_t peer,
			      const struct ike_identity *local, const struct ike_identity *remote)
{
	struct ike_party *party = table->bucket[hash & (table->buckets - 1)];

	while (party != NULL && !(party->hash == hash && is_party(party, peer, local, remote)))
		party = party->next;
	return party;
}

struct ike_party *party_find(const struct party_table *table, uint32_t peer,
			     const struct ike_identity *local, const struct ike_identity *remote)
{
	return find(table, hash_of(table, peer, local, remote), peer, local, remote);
}

bool party_join(struct party_table *table, struct ike_sa *sa, const struct ike_identity *local,
		const struct ike_identity *remote, size_t tunnels)
{
	uint64_t hash = hash_of(table, sa->peer, local, remote);
	struct ike_party *party = find(table, hash, sa->peer, local, remote);

	assert(sa->party == NULL);
	if (party == NULL)
		party = party_new(table, hash, sa->peer, local, remote, tunnels);
	if (party == NULL)
		return false;
	sa->party = party;
	sa->previous_of_party = NULL;
	sa->next_of_party = party->first_sa;
	if (party->first_sa != NULL)
		party->first_sa->previous_of_party = sa;
	party->first_sa = sa;
	return true;
}

/* If nothing holds it any more. */
static void forget(struct party_table *table, struct ike_party *party)
{
	struct ike_party **link;

	if (party->first_sa != NULL || party->first_pair != NULL)
		return;
	link = &table->bucket[party->hash & (table->buckets - 1)];
	while (*link != party)
		link = &(*link)->next;
	*link = party->next;
	table->count--;
	free(party->tunnel);
	free(party);
}

void party_leave(struct party_table *table, struct ike_sa *sa)
{
	struct ike_party *party = sa->party;

	if (party == NULL)
		return;
	if (sa->previous_of_party != NULL)
		sa->previous_of_party->next_of_party = sa->next_of_party;
	else
		party->first_sa = sa->next_of_party;
	if (sa->next_of_party != NULL)
		sa->next_of_party->previous_of_party = sa->previous_of_party;
	sa->party = NULL;
	sa->next_of_party = sa->previous_of_party = NULL;
	forget(table, party);
}

void party_join_pair(struct ike_party *party, struct ike_pair *pair)
{
	pair->party = party;
	pair->previous_of_party = NULL;
	pair->next_of_party = party->first_pair;
	if (party->first_pair != NULL)
		party->first_pair->previous_of_party = pair;
	party->first_pair = pair;
	party->pairs++;
}

void party_leave_pair(struct party_table *table, struct ike_pair *pair)
{
	struct ike_party *party = pair->party;

	if (pair->previous_of_party != NULL)
		pair->previous_of_party->next_of_party = pair->next_of_party;
	else
		party->first_pair = pair->next_of_party;
	if (pair->next_of_party != NULL)
		pair->next_of_party->previous_of_party = pair->previous_of_party;
	pair->party = NULL;
	pair->next_of_party = pair->previous_of_party = NULL;
	party->pairs--;
	forget(table, party);
}

void party_local_identity(const struct ike_party *party, struct ike_identity *identity)
{
	identity->type = party->local_type;
	identity->length = party->local_length;
	memcpy(identity->data, party->data, party->local_length);
}

void party_remote_identity(const struct ike_party *party, struct ike_identity *identity)
{
	identity->type = party->remote_type;
	identity->length = party->remote_length;
	memcpy(identity->data, party->data + party->local_length, party->remote_length);
}
