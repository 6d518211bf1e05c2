/* SPDX-License-Identifier: ISC */
/*
 * test_peer_index.c - which peers an address may belong to: against a search through all of them, and for many.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/address.h"
#include "ike/peer_index.h"
#include "tests/support/unit.h"

#define PEERS 60

static const uint8_t key[TABLE_HASH_KEY_LENGTH] = {7};
static struct ike_peer_settings peers[PEERS];
static struct peer_index *peer_index;
static uint64_t dice_state;

static uint32_t dice(uint32_t below)
{
	dice_state = dice_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((dice_state >> 32) * below >> 32);
}

static struct ike_address address(const char *text)
{
	struct ike_address parsed;

	ck_assert_msg(ike_address_from_text(text, &parsed), "%s", text);
	return parsed;
}

static void begin(size_t count)
{
	peer_index = peer_index_new(peers, count, key);
	ck_assert_ptr_nonnull(peer_index);
}

static size_t count_of(const struct ike_address *from)
{
	struct peer_walk walk;
	size_t count = 0;

	peer_walk_begin(&walk, from);
	while (peer_walk_next(&walk, peer_index))
		count++;
	return count;
}

START_TEST(test_no_peers)
{
	struct ike_address from = address("192.0.2.1");

	begin(0);
	ck_assert_uint_eq(count_of(&from), 0);
	peer_index_free(peer_index);
	peer_index_free(NULL);
}
END_TEST

START_TEST(test_nothing_fits)
{
	struct ike_address from = address("192.0.2.1"), from_6 = address("c000:201::");

	peers[0].gateway[peers[0].gateways++] = address("192.0.2.2");
	peers[1].from = (struct ike_prefix){.address = address("192.0.2.0"), .bits = 33};
	peers[2].from = (struct ike_prefix){.address = address("192.0.2.0"), .bits = 200};
	peers[3].from = (struct ike_prefix){.address = address("192.0.2.2"), .bits = 31};
	peers[4].from = (struct ike_prefix){.address = address("::"), .bits = 0};
	peers[5].from = (struct ike_prefix){.address = address("c000:201::"), .bits = 129};
	begin(6);
	ck_assert_uint_eq(count_of(&from), 0);
	ck_assert_uint_eq(count_of(&from_6), 1);
	peer_index_free(peer_index);
}
END_TEST

/* ---- against a search through all ---------------------------------------------------------------------------------- */

/* Few networks and hosts, so that much falls together. */
static struct ike_address any_address(void)
{
	struct ike_address made = {.family = dice(3) == 0 ? IKE_FAMILY_IPV6 : IKE_FAMILY_IPV4,
				   .port = (uint16_t)dice(3)};

	made.octets[0] = (uint8_t)(10 + dice(2));
	made.octets[1] = (uint8_t)(dice(2) << 7);
	made.octets[3] = (uint8_t)dice(4);
	if (made.family == IKE_FAMILY_IPV6)
		made.octets[15] = (uint8_t)dice(3);
	return made;
}

static void any_peer(struct ike_peer_settings *peer)
{
	memset(peer, 0, sizeof(*peer));
	if (dice(2) == 0) {
		peer->gateways = 1 + dice(3);
		for (size_t g = 0; g < peer->gateways; g++)
			peer->gateway[g] = any_address();
	} else if (dice(6) != 0) {
		peer->from.address = any_address();
		peer->from.bits =
		    (uint8_t)dice(peer->from.address.family == IKE_FAMILY_IPV4 ? 33 : 129);
	}
}

/* What fits so well, in the order of the settings: the walk must come to the same, in the same order. */
static void expect_all_of(struct peer_walk *walk, const struct ike_address *from, int fit)
{
	for (uint32_t i = 0; i < PEERS; i++) {
		const struct ike_peer_settings *peer = &peers[i];

		for (uint32_t g = 0; g < peer->gateways && fit == PEER_FIT_GATEWAY; g++) {
			if (!ike_address_same_host(&peer->gateway[g], from))
				continue;
			ck_assert(peer_walk_next(walk, peer_index));
			ck_assert_uint_eq(walk->peer, i);
			ck_assert_uint_eq(walk->gateway, g);
			ck_assert_int_eq(walk->fit, fit);
		}
		if (peer->gateways > 0 || ike_prefix_match(&peer->from, from) != fit)
			continue;
		ck_assert(peer_walk_next(walk, peer_index));
		ck_assert_uint_eq(walk->peer, i);
		ck_assert_uint_eq(walk->gateway, UINT32_MAX);
		ck_assert_int_eq(walk->fit, fit);
	}
}

static void expect_same(const struct ike_address *from)
{
	struct peer_walk walk;

	peer_walk_begin(&walk, from);
	for (int fit = PEER_FIT_GATEWAY; fit >= 0; fit--)
		expect_all_of(&walk, from, fit);
	ck_assert(!peer_walk_next(&walk, peer_index));
}

START_TEST(test_as_a_search_through_all)
{
	for (size_t i = 0; i < PEERS; i++)
		any_peer(&peers[i]);
	begin(PEERS);
	for (int round = 0; round < 5000; round++) {
		struct ike_address from = any_address();
		uint32_t peer = dice(PEERS);

		expect_same(&from);
		if (peers[peer].gateways == 0)
			continue;
		/* a gateway moves */
		from = any_address();
		peers[peer].gateway[0] = from;
		peer_index_move(peer_index, peer, 0, &from);
	}
	peer_index_free(peer_index);
}
END_TEST

/* ---- many ---------------------------------------------------------------------------------------------------------- */

/* Each has an address of its own, and is found without meeting the others: what the walk looks at is what fits. */
START_TEST(test_many)
{
	const uint32_t many = 20000;
	struct ike_peer_settings *all = calloc(many, sizeof(*all));

	ck_assert_ptr_nonnull(all);
	for (uint32_t i = 0; i < many; i++) {
		struct ike_address *own = i % 2 == 0 ? &all[i].gateway[0] : &all[i].from.address;

		*own = address("10.0.0.0");
		own->octets[1] = (uint8_t)(i >> 16);
		own->octets[2] = (uint8_t)(i >> 8);
		own->octets[3] = (uint8_t)i;
		all[i].gateways = i % 2 == 0;
		all[i].from.bits = 32;
	}
	peer_index = peer_index_new(all, many, key);
	ck_assert_ptr_nonnull(peer_index);
	for (uint32_t i = 0; i < many; i++) {
		struct ike_address from = i % 2 == 0 ? all[i].gateway[0] : all[i].from.address;
		struct peer_walk walk;

		peer_walk_begin(&walk, &from);
		ck_assert(peer_walk_next(&walk, peer_index));
		ck_assert_uint_eq(walk.peer, i);
		ck_assert(!peer_walk_next(&walk, peer_index));
	}
	peer_index_free(peer_index);
	free(all);
}
END_TEST

UNIT_MAIN("peer_index", test_no_peers, test_nothing_fits, test_as_a_search_through_all, test_many)
