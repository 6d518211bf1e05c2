/* SPDX-License-Identifier: ISC */
#include "ike/peer_index.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "ike/address.h"

#define NOWHERE       UINT32_MAX
#define FITS          (PEER_FIT_GATEWAY + 1)
#define WHOLE_ADDRESS 128 /* bits; what an IPv4 address does not fill is zero */

/* One gateway of a peer, or the prefix that it may call from. */
struct place {
	struct ike_prefix prefix;
	struct ike_address network; /* what it is filed under */
	int fit;
	uint32_t peer, gateway;
	uint32_t next; /* in its bucket: places in the order of the settings */
};

struct peer_index {
	uint8_t key[TABLE_HASH_KEY_LENGTH];
	struct place *place;   /* a peer's are side by side, its gateways in order */
	uint32_t *first_place; /* of a peer */
	uint32_t *bucket;      /* its first place, or NOWHERE */
	uint32_t buckets;      /* a power of two */
	uint32_t of_fit[FITS]; /* how many places have that fit */
};

static uint32_t bucket_of(const struct peer_index *index, const struct ike_address *address,
			  int fit)
{
	uint8_t octets[sizeof(address->octets) + 2];

	memcpy(octets, address->octets, sizeof(address->octets));
	octets[sizeof(address->octets)] = address->family;
	octets[sizeof(address->octets) + 1] = (uint8_t)fit;
	return (uint32_t)table_hash(index->key, octets_of(octets, sizeof(octets))) &
	       (index->buckets - 1);
}

/* The network that the first `bits` bits make; that of no bits is the same for every family. */
static struct ike_address network_of(const struct ike_address *address, unsigned bits)
{
	struct ike_address network = {.family = bits > 0 ? address->family : IKE_FAMILY_NONE};
	size_t whole = bits / 8;

	memcpy(network.octets, address->octets, whole);
	if (bits % 8 != 0)
		network.octets[whole] = address->octets[whole] & (uint8_t)(0xff << (8 - bits % 8));
	return network;
}

static void put_in(struct peer_index *index, uint32_t number)
{
	struct place *place = &index->place[number];
	uint32_t *link = &index->bucket[bucket_of(index, &place->network, place->fit)];

	while (*link < number) /* NOWHERE is more than any */
		link = &index->place[*link].next;
	place->next = *link;
	*link = number;
	index->of_fit[place->fit]++;
}

static void take_out(struct peer_index *index, uint32_t number)
{
	struct place *place = &index->place[number];
	uint32_t *link = &index->bucket[bucket_of(index, &place->network, place->fit)];

	while (*link != number)
		link = &index->place[*link].next;
	*link = place->next;
	index->of_fit[place->fit]--;
}

/* A prefix of more bits than an address has is filed with those of all, and fits nothing (ike_prefix_match()). */
static void be(struct place *place, const struct ike_prefix *prefix, int fit)
{
	unsigned bits = prefix->bits < WHOLE_ADDRESS ? prefix->bits : WHOLE_ADDRESS;

	place->prefix = *prefix;
	place->network = network_of(&prefix->address, bits);
	place->fit = fit;
}

static void be_gateway(struct place *place, const struct ike_address *address)
{
	const struct ike_prefix whole = {.address = *address, .bits = WHOLE_ADDRESS};

	be(place, &whole, PEER_FIT_GATEWAY);
}

static bool allocate(struct peer_index *index, size_t places, size_t peers)
{
	index->buckets = 1;
	while (index->buckets < places)
		index->buckets *= 2;
	index->place = calloc(places + 1, sizeof(*index->place));
	index->first_place = calloc(peers + 1, sizeof(*index->first_place));
	index->bucket = malloc(index->buckets * sizeof(*index->bucket));
	if (index->place == NULL || index->first_place == NULL || index->bucket == NULL)
		return false;
	memset(index->bucket, 0xff, index->buckets * sizeof(*index->bucket));
	return true;
}

/* How a peer is configured: its gateways, or else where it may call from. */
static uint32_t fill(struct place *place, const struct ike_peer_settings *peer, uint32_t number)
{
	struct ike_prefix from = peer->from;

	for (uint32_t g = 0; g < peer->gateways; g++) {
		be_gateway(&place[g], &peer->gateway[g]);
		place[g].peer = number;
		place[g].gateway = g;
	}
	if (peer->gateways > 0)
		return (uint32_t)peer->gateways;
	if (from.address.family == IKE_FAMILY_NONE)
		from.bits = 0;
	be(place, &from, from.bits < WHOLE_ADDRESS ? from.bits : WHOLE_ADDRESS);
	place->peer = number;
	place->gateway = NOWHERE;
	return 1;
}

struct peer_index *peer_index_new(const struct ike_peer_settings *peer, size_t peers,
				  const uint8_t key[TABLE_HASH_KEY_LENGTH])
{
	struct peer_index *index = calloc(1, sizeof(*index));
	size_t places = 0;
	uint32_t number = 0;

	if (index == NULL)
		return NULL;
	for (size_t i = 0; i < peers; i++)
		places += peer[i].gateways > 0 ? peer[i].gateways : 1;
	memcpy(index->key, key, sizeof(index->key));
	if (!allocate(index, places, peers)) {
		peer_index_free(index);
		return NULL;
	}
	for (size_t i = 0; i < peers; i++) {
		index->first_place[i] = number;
		number += fill(&index->place[number], &peer[i], (uint32_t)i);
	}
	/* from the last to the first, so that each goes to the head of its bucket */
	while (number > 0)
		put_in(index, --number);
	return index;
}

void peer_index_free(struct peer_index *index)
{
	if (index == NULL)
		return;
	free(index->place);
	free(index->first_place);
	free(index->bucket);
	secret_wipe(index->key, sizeof(index->key));
	free(index);
}

void peer_index_move(struct peer_index *index, uint32_t peer, uint32_t gateway,
		     const struct ike_address *address)
{
	uint32_t number = index->first_place[peer] + gateway;

	take_out(index, number);
	be_gateway(&index->place[number], address);
	put_in(index, number);
}

/* ---- the walk ------------------------------------------------------------------------------------------------------ */

static bool holds(const struct place *place, const struct peer_walk *walk)
{
	if (place->fit != walk->level)
		return false; /* something else in the same bucket */
	if (place->fit == PEER_FIT_GATEWAY)
		return ike_address_same_host(&place->prefix.address, walk->address);
	return ike_prefix_match(&place->prefix, walk->address) == place->fit;
}

void peer_walk_begin(struct peer_walk *walk, const struct ike_address *address)
{
	*walk = (struct peer_walk){.address = address, .level = FITS, .next = NOWHERE};
}

bool peer_walk_next(struct peer_walk *walk, const struct peer_index *index)
{
	for (;;) {
		struct ike_address network;
		unsigned bits;

		while (walk->next != NOWHERE) {
			const struct place *place = &index->place[walk->next];

			walk->next = place->next;
			if (!holds(place, walk))
				continue;
			walk->peer = place->peer;
			walk->gateway = place->gateway;
			walk->fit = place->fit;
			return true;
		}
		do
			if (walk->level-- == 0)
				return false;
		while (index->of_fit[walk->level] == 0);
		bits = walk->level < WHOLE_ADDRESS ? (unsigned)walk->level : WHOLE_ADDRESS;
		network = network_of(walk->address, bits);
		walk->next = index->bucket[bucket_of(index, &network, walk->level)];
	}
}
