/* SPDX-License-Identifier: ISC */
/*
 * test_remembered.c - the table of addresses: bounded, the one heard of least lately goes, and it is always found what should be.
 */
#include <string.h>

#include "crypto/random.h"
#include "ike/address.h"
#include "ike/remembered.h"
#include "tests/support/unit.h"

static const uint8_t key[TABLE_HASH_KEY_LENGTH] = {1, 2, 3};

static struct ike_address address_number(uint32_t number)
{
	return (struct ike_address){
	    .family = IKE_FAMILY_IPV4,
	    .octets = {10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number},
	    .port = 500,
	};
}

static struct remembered *note(struct remembered_table *table, uint32_t peer, uint32_t number)
{
	struct ike_address address = address_number(number);

	return remembered_note(table, peer, &address);
}

static struct remembered *find(const struct remembered_table *table, uint32_t number)
{
	struct ike_address address = address_number(number);

	return remembered_find(table, &address);
}

START_TEST(test_room_for_none)
{
	struct remembered_table *table = remembered_new(0, key);

	ck_assert_ptr_nonnull(table);
	ck_assert_ptr_null(note(table, 0, 1));
	ck_assert_ptr_null(find(table, 1));
	remembered_forget_peer(table, 0);
	remembered_forget_all(table);
	ck_assert_uint_eq(remembered_count(table), 0);
	remembered_free(table);
	remembered_free(NULL);
}
END_TEST

START_TEST(test_what_is_not_there)
{
	struct remembered_table *table = remembered_new(4, key);
	struct ike_address address = address_number(1);

	ck_assert_ptr_nonnull(note(table, 7, 1));
	ck_assert_ptr_null(find(table, 2));
	/* an address is another one with another port, and with another family */
	address.port = 4500;
	ck_assert_ptr_null(remembered_find(table, &address));
	address = address_number(1);
	address.family = IKE_FAMILY_IPV6;
	ck_assert_ptr_null(remembered_find(table, &address));
	remembered_forget(table, &address);
	ck_assert_uint_eq(remembered_count(table), 1);
	remembered_forget_peer(table, 6);
	ck_assert_uint_eq(remembered_count(table), 1);
	remembered_free(table);
}
END_TEST

START_TEST(test_one)
{
	struct remembered_table *table = remembered_new(4, key);
	struct remembered *entry = note(table, 7, 1);

	ck_assert_ptr_eq(find(table, 1), entry);
	ck_assert_uint_eq(entry->peer, 7);
	ck_assert_uint_eq(entry->party, 0);
	ck_assert_uint_eq(entry->calls, 0);
	ck_assert_uint_eq(entry->call, 0);
	ck_assert(entry->quiet_until == 0);
	/* what is known of it stays as long as it is the same peer */
	entry->party = 5;
	ck_assert_ptr_eq(note(table, 7, 1), entry);
	ck_assert_uint_eq(entry->party, 5);
	ck_assert_uint_eq(note(table, 8, 1)->party, 0);
	ck_assert_uint_eq(find(table, 1)->peer, 8);
	ck_assert_uint_eq(remembered_count(table), 1);
	remembered_free(table);
}
END_TEST

START_TEST(test_the_oldest_goes)
{
	struct remembered_table *table = remembered_new(3, key);

	for (uint32_t number = 1; number <= 3; number++)
		ck_assert_ptr_nonnull(note(table, number, number));
	ck_assert_ptr_nonnull(note(table, 1, 1)); /* heard of again */
	ck_assert_ptr_nonnull(note(table, 4, 4));
	ck_assert_uint_eq(remembered_count(table), 3);
	ck_assert_ptr_null(find(table, 2));
	ck_assert_ptr_nonnull(find(table, 1));
	ck_assert_ptr_nonnull(note(table, 5, 5));
	ck_assert_ptr_null(find(table, 3));
	ck_assert_ptr_nonnull(note(table, 6, 6));
	ck_assert_ptr_null(find(table, 1));
	for (uint32_t number = 4; number <= 6; number++)
		ck_assert_uint_eq(find(table, number)->peer, number);
	remembered_free(table);
}
END_TEST

START_TEST(test_all_of_a_peer)
{
	struct remembered_table *table = remembered_new(100, key);

	for (uint32_t number = 0; number < 100; number++)
		ck_assert_ptr_nonnull(note(table, number % 3, number));
	remembered_forget_peer(table, 1);
	ck_assert_uint_eq(remembered_count(table), 67);
	for (uint32_t number = 0; number < 100; number++)
		ck_assert_int_eq(find(table, number) != NULL, number % 3 != 1);
	remembered_forget_all(table);
	ck_assert_uint_eq(remembered_count(table), 0);
	ck_assert_ptr_null(find(table, 0));
	remembered_free(table);
}
END_TEST

/* The same as a list that is searched from end to end. */
#define ROOM      37
#define ADDRESSES 90

struct list {
	uint32_t count;
	struct {
		uint32_t number, peer;
	} is[ROOM]; /* the oldest first */
};

static uint32_t place_in(const struct list *list, uint32_t number)
{
	uint32_t at = 0;

	while (at < list->count && list->is[at].number != number)
		at++;
	return at;
}

static void list_forget(struct list *list, uint32_t number)
{
	uint32_t at = place_in(list, number);

	if (at == list->count)
		return;
	list->count--;
	memmove(&list->is[at], &list->is[at + 1], (list->count - at) * sizeof(list->is[0]));
}

static void list_note(struct list *list, uint32_t peer, uint32_t number)
{
	list_forget(list, number);
	if (list->count == ROOM)
		list_forget(list, list->is[0].number);
	list->is[list->count].number = number;
	list->is[list->count++].peer = peer;
}

static void list_forget_peer(struct list *list, uint32_t peer)
{
	for (uint32_t number = 0; number < ADDRESSES; number++) {
		uint32_t at = place_in(list, number);

		if (at < list->count && list->is[at].peer == peer)
			list_forget(list, number);
	}
}

static void assert_same(const struct list *list, const struct remembered_table *table)
{
	ck_assert_uint_eq(remembered_count(table), list->count);
	for (uint32_t number = 0; number < ADDRESSES; number++) {
		const struct remembered *entry = find(table, number);
		uint32_t at = place_in(list, number);

		if ((entry != NULL) != (at < list->count) ||
		    (entry != NULL && entry->peer != list->is[at].peer))
			ck_abort_msg("address %u", number);
	}
}

START_TEST(test_like_a_list)
{
	struct remembered_table *table = remembered_new(ROOM, key);
	uint8_t seed[RANDOM_SEED_LENGTH] = {4};
	struct random_source random;
	struct list list = {0};

	random_seeded(&random, seed);
	for (int i = 0; i < 20000; i++) {
		uint32_t number = random_below(&random, ADDRESSES);
		uint32_t peer = random_below(&random, 5), what = random_below(&random, 100);
		struct ike_address address = address_number(number);

		if (what < 80) {
			list_note(&list, peer, number);
			ck_assert_ptr_eq(note(table, peer, number), find(table, number));
		} else if (what < 98) {
			list_forget(&list, number);
			remembered_forget(table, &address);
		} else {
			list_forget_peer(&list, peer);
			remembered_forget_peer(table, peer);
		}
		assert_same(&list, table);
	}
	remembered_free(table);
}
END_TEST

UNIT_MAIN("remembered", test_room_for_none, test_what_is_not_there, test_one, test_the_oldest_goes,
	  test_all_of_a_peer, test_like_a_list)
