/* SPDX-License-Identifier: ISC */
#include "ike/party.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/blocks.h"
#include "crypto/secret.h"
#include "ike/sa_table.h"

#define SMALLEST_TABLE                                                                             \
	64 /* buckets; doubled when there are more than PARTIES_EACH to each of them */
#define PARTIES_EACH 4
#define SMALL_PARTY                                                                                \
	96 /* octets: those with longer names are few, or somebody wants them to be many */

/*
 * With one peer we nearly always have the same name, and a million of its callers need not write it down a million times: the first
 * local identity under which something was held with a peer is the usual one from then on.
 */
struct usual_identity {
	uint8_t type;
	uint16_t length;
	uint8_t data[];
};

struct party_table {
	uint8_t key[TABLE_HASH_KEY_LENGTH];
	struct sa_table *sas;
	struct blocks *blocks; /* the parties */
	struct ike_party **bucket;
	uint32_t buckets, count;
	size_t peers;
	struct usual_identity **usual; /* by peer; NULL: none yet */
	/*
	 * The SA before this one in its party, by number: written only where there is one, so a million parties of one SA each take
	 * no memory for it.  Of a party's first SA it says nothing.
	 */
	uint32_t *previous;
	size_t previous_octets;
};

struct party_table *party_table_new(const uint8_t key[TABLE_HASH_KEY_LENGTH], struct sa_table *sas,
				    size_t peers)
{
	struct party_table *table = sas == NULL ? NULL : calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	memcpy(table->key, key, sizeof(table->key));
	table->sas = sas;
	table->buckets = SMALLEST_TABLE;
	table->bucket = calloc(table->buckets, sizeof(struct ike_party *));
	table->blocks = blocks_new(SMALL_PARTY);
	table->usual = calloc(peers + 1, sizeof(*table->usual));
	table->peers = table->usual == NULL ? 0 : peers;
	table->previous_octets = (sa_table_limit(sas) + (size_t)1) * sizeof(*table->previous);
	table->previous = secret_room_new(table->previous_octets, SECRET_ROOM_SPARSE);
	if (table->bucket == NULL || table->blocks == NULL || table->usual == NULL ||
	    table->previous == NULL) {
		party_table_free(table);
		return NULL;
	}
	return table;
}

/* ---- names --------------------------------------------------------------------------------------------------------- */

static struct octets local_of(const struct party_table *table, const struct ike_party *party,
			      uint8_t *type)
{
	uint16_t length;

	if (party->usual) {
		const struct usual_identity *usual = table->usual[party->peer];

		*type = usual->type;
		return octets_of(usual->data, usual->length);
	}
	*type = party->local_type;
	memcpy(&length, party->data, sizeof(length));
	return octets_of(party->data + sizeof(length), length);
}

/* How many octets of `data` come before the remote identity. */
static size_t local_room(const struct ike_party *party)
{
	uint16_t length;

	if (party->usual)
		return 0;
	memcpy(&length, party->data, sizeof(length));
	return sizeof(length) + length;
}

static struct octets remote_of(const struct ike_party *party)
{
	return octets_of(party->data + local_room(party), party->remote_length);
}

static size_t size_of(const struct ike_party *party)
{
	return offsetof(struct ike_party, data) + local_room(party) + party->remote_length;
}

static void fill(struct ike_identity *identity, uint8_t type, struct octets data)
{
	identity->type = type;
	identity->length = (uint16_t)data.length;
	memcpy(identity->data, data.data, data.length);
}

void party_local_identity(const struct party_table *table, const struct ike_party *party,
			  struct ike_identity *identity)
{
	uint8_t type;
	struct octets data = local_of(table, party, &type);

	fill(identity, type, data);
}

void party_remote_identity(const struct ike_party *party, struct ike_identity *identity)
{
	fill(identity, party->remote_type, remote_of(party));
}

static bool is_usual(const struct party_table *table, uint32_t peer,
		     const struct ike_identity *local)
{
	const struct usual_identity *usual = table->usual[peer];

	return usual != NULL && usual->type == local->type && usual->length == local->length &&
	       memcmp(usual->data, local->data, local->length) == 0;
}

/* Without memory it becomes the usual one another time, and the party writes its name down itself. */
static void note_usual(struct party_table *table, uint32_t peer, const struct ike_identity *local)
{
	struct usual_identity *usual;

	assert(peer < table->peers);
	if (table->usual[peer] != NULL)
		return;
	usual = malloc(sizeof(*usual) + local->length);
	if (usual == NULL)
		return;
	usual->type = local->type;
	usual->length = local->length;
	memcpy(usual->data, local->data, local->length);
	table->usual[peer] = usual;
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

static uint64_t hash_of(const struct party_table *table, uint32_t peer, uint8_t local_type,
			struct octets local, uint8_t remote_type, struct octets remote)
{
	uint8_t input[8 + 2 * IKE_IDENTITY_MAX];

	/* the lengths come first, so that no two pairs give the same input */
	input[0] = local_type;
	input[1] = remote_type;
	input[2] = (uint8_t)(local.length >> 8);
	input[3] = (uint8_t)local.length;
	memcpy(input + 4, &peer, sizeof(peer));
	memcpy(input + 8, local.data, local.length);
	memcpy(input + 8 + local.length, remote.data, remote.length);
	return table_hash(table->key, octets_of(input, 8u + local.length + remote.length));
}

static uint64_t hash_of_party(const struct party_table *table, const struct ike_party *party)
{
	uint8_t type;
	struct octets local = local_of(table, party, &type);

	return hash_of(table, party->peer, type, local, party->remote_type, remote_of(party));
}

static struct ike_party **bucket_of(const struct party_table *table, uint64_t hash)
{
	return &table->bucket[hash & (table->buckets - 1)];
}

static bool is_party(const struct party_table *table, const struct ike_party *party, uint32_t peer,
		     const struct ike_identity *local, const struct ike_identity *remote)
{
	struct octets ours, theirs = remote_of(party);
	uint8_t type;

	if (party->peer != peer || party->remote_type != remote->type ||
	    theirs.length != remote->length ||
	    memcmp(theirs.data, remote->data, remote->length) != 0)
		return false;
	ours = local_of(table, party, &type);
	return type == local->type && ours.length == local->length &&
	       memcmp(ours.data, local->data, local->length) == 0;
}

struct ike_party *party_find(const struct party_table *table, uint32_t peer,
			     const struct ike_identity *local, const struct ike_identity *remote)
{
	uint64_t hash = hash_of(table, peer, local->type, octets_of(local->data, local->length),
				remote->type, octets_of(remote->data, remote->length));
	struct ike_party *party = *bucket_of(table, hash);

	while (party != NULL && !is_party(table, party, peer, local, remote))
		party = party->next;
	return party;
}

uint64_t party_mark(const struct party_table *table, const struct ike_party *party)
{
	return hash_of_party(table, party);
}

struct ike_party *party_of_mark(const struct party_table *table, uint64_t mark)
{
	struct ike_party *party = mark == 0 ? NULL : *bucket_of(table, mark);

	while (party != NULL && hash_of_party(table, party) != mark)
		party = party->next;
	return party;
}

static void grow(struct party_table *table)
{
	struct ike_party **old = table->bucket;
	uint32_t old_buckets = table->buckets;
	struct ike_party **bucket = calloc((size_t)old_buckets * 2, sizeof(struct ike_party *));

	if (bucket == NULL)
		return; /* longer chains, nothing worse */
	table->bucket = bucket;
	table->buckets = old_buckets * 2;
	for (uint32_t i = 0; i < old_buckets; i++) {
		while (old[i] != NULL) {
			struct ike_party *party = old[i], **home;

			old[i] = party->next;
			home = bucket_of(table, hash_of_party(table, party));
			party->next = *home;
			*home = party;
		}
	}
	free(old);
}

static struct ike_party_phase_2 *phase_2_new(struct ike_party *party, size_t tunnels)
{
	struct ike_party_phase_2 *phase_2 =
	    calloc(1, sizeof(*phase_2) + tunnels * sizeof(phase_2->tunnel[0]));

	if (phase_2 == NULL)
		return NULL;
	phase_2->tunnels = (uint32_t)tunnels;
	for (size_t i = 0; i < tunnels; i++) {
		phase_2->tunnel[i].party = party;
		phase_2->tunnel[i].index = (uint8_t)i;
	}
	return phase_2;
}

static void free_party(struct party_table *table, struct ike_party *party)
{
	free(party->phase_2);
	blocks_give_back(table->blocks, party, size_of(party));
}

/* In no bucket yet. */
static struct ike_party *party_new(struct party_table *table, uint32_t peer,
				   const struct ike_identity *local,
				   const struct ike_identity *remote, size_t tunnels)
{
	struct ike_party *party;
	uint8_t *data;
	size_t before;

	note_usual(table, peer, local);
	before = is_usual(table, peer, local) ? 0 : sizeof(local->length) + local->length;
	party =
	    blocks_take(table->blocks, offsetof(struct ike_party, data) + before + remote->length);
	if (party == NULL)
		return NULL;
	party->peer = peer;
	data = party->data;
	party->usual = before == 0;
	if (!party->usual) {
		party->local_type = local->type;
		memcpy(data, &local->length, sizeof(local->length));
		memcpy(data + sizeof(local->length), local->data, local->length);
	}
	party->remote_type = remote->type;
	party->remote_length = remote->length;
	memcpy(data + before, remote->data, remote->length);
	if (tunnels > 0)
		party->phase_2 = phase_2_new(party, tunnels);
	if (tunnels > 0 && party->phase_2 == NULL) {
		free_party(table, party);
		return NULL;
	}
	return party;
}

static void file(struct party_table *table, struct ike_party *party)
{
	struct ike_party **home;

	if (++table->count > table->buckets * PARTIES_EACH)
		grow(table);
	home = bucket_of(table, hash_of_party(table, party));
	party->next = *home;
	*home = party;
}

/* If nothing holds it any more. */
static void forget(struct party_table *table, struct ike_party *party)
{
	struct ike_party **link;

	if (party->first_sa != 0 || party_first_pair(party) != NULL)
		return;
	link = bucket_of(table, hash_of_party(table, party));
	while (*link != party)
		link = &(*link)->next;
	*link = party->next;
	table->count--;
	free_party(table, party);
}

void party_table_free(struct party_table *table)
{
	if (table == NULL)
		return;
	for (uint32_t i = 0; table->bucket != NULL && i < table->buckets; i++) {
		while (table->bucket[i] != NULL) {
			struct ike_party *party = table->bucket[i];

			table->bucket[i] = party->next;
			free_party(table, party);
		}
	}
	free(table->bucket);
	blocks_free(table->blocks);
	for (size_t i = 0; i < table->peers; i++)
		free(table->usual[i]);
	free(table->usual);
	secret_room_free(table->previous, table->previous_octets);
	secret_wipe(table, sizeof(*table));
	free(table);
}

size_t party_table_octets(const struct party_table *table)
{
	return blocks_octets(table->blocks) + table->buckets * sizeof(struct ike_party *);
}

/* ---- SAs ----------------------------------------------------------------------------------------------------------- */

bool party_join(struct party_table *table, struct ike_sa *sa, const struct ike_identity *local,
		const struct ike_identity *remote, size_t tunnels)
{
	struct ike_party *party;
	uint32_t number;

	assert(sa->party == NULL);
	if (local->type == 0 || remote->type == 0)
		return false;
	party = party_find(table, sa->peer, local, remote);
	if (party == NULL) {
		party = party_new(table, sa->peer, local, remote, tunnels);
		if (party == NULL)
			return false;
		file(table, party);
	}
	number = sa_table_number(table->sas, sa);
	sa->party = party;
	sa->next_of_party = party->first_sa;
	if (party->first_sa != 0)
		table->previous[party->first_sa] = number;
	party->first_sa = number;
	return true;
}

void party_leave(struct party_table *table, struct ike_sa *sa)
{
	struct ike_party *party = sa->party;
	uint32_t number = sa_table_number(table->sas, sa), before;

	if (party == NULL)
		return;
	if (party->first_sa == number) {
		party->first_sa = sa->next_of_party;
	} else {
		before = table->previous[number];
		sa_table_at(table->sas, before)->next_of_party = sa->next_of_party;
		table->previous[sa->next_of_party] =
		    before; /* 0: there is none, and it says nothing */
	}
	sa->party = NULL;
	sa->next_of_party = 0;
	forget(table, party);
}

bool party_has_other_sas(const struct party_table *table, const struct ike_sa *sa)
{
	return sa->next_of_party != 0 || sa->party->first_sa != sa_table_number(table->sas, sa);
}

/* ---- pairs --------------------------------------------------------------------------------------------------------- */

struct ike_pair *party_first_pair(const struct ike_party *party)
{
	return party->phase_2 == NULL ? NULL : party->phase_2->first_pair;
}

uint32_t party_pairs(const struct ike_party *party)
{
	return party->phase_2 == NULL ? 0 : party->phase_2->pairs;
}

uint32_t party_tunnels(const struct ike_party *party)
{
	return party->phase_2 == NULL ? 0 : party->phase_2->tunnels;
}

bool party_make_room_for_pairs(struct ike_party *party)
{
	if (party->phase_2 == NULL)
		party->phase_2 = phase_2_new(party, 0);
	return party->phase_2 != NULL;
}

void party_join_pair(struct ike_party *party, struct ike_pair *pair)
{
	struct ike_pair *first = party_first_pair(party);

	assert(party->phase_2 != NULL);
	pair->party = party;
	pair->previous_of_party = NULL;
	pair->next_of_party = first;
	if (first != NULL)
		first->previous_of_party = pair;
	party->phase_2->first_pair = pair;
	party->phase_2->pairs++;
}

void party_leave_pair(struct party_table *table, struct ike_pair *pair)
{
	struct ike_party *party = pair->party;

	if (pair->previous_of_party != NULL)
		pair->previous_of_party->next_of_party = pair->next_of_party;
	else
		party->phase_2->first_pair = pair->next_of_party;
	if (pair->next_of_party != NULL)
		pair->next_of_party->previous_of_party = pair->previous_of_party;
	pair->party = NULL;
	pair->next_of_party = pair->previous_of_party = NULL;
	party->phase_2->pairs--;
	forget(table, party);
}
