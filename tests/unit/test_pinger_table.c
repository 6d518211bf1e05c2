/* SPDX-License-Identifier: ISC */
#include "interop/esp/pinger_table.h"

#include <stdio.h>

#include "ike/address.h"
#include "tests/support/unit.h"

static const struct pinger_tunnel settings[] = {
    {.peer = 0, .tunnel = 0}, {.peer = 0, .tunnel = 1}, {.peer = 1, .tunnel = 0}};
static struct pinger_table *table;

static void begin(uint32_t pairs)
{
	uint8_t seed[RANDOM_SEED_LENGTH] = {1};
	struct random_source random;

	random_seeded(&random, seed);
	table = pinger_table_new(pairs, &random);
	ck_assert_ptr_nonnull(table);
}

static struct ike_ipsec_sa sa(uint32_t number, const char *remote, const char *inside)
{
	struct ike_ipsec_sa sa = {.number = number};

	ck_assert(ike_address_from_text(remote, &sa.remote));
	sa.remote.port = 4500;
	ck_assert(ike_address_from_text(inside, &sa.inside_remote.prefix.address));
	sa.inside_remote.prefix.bits = 32;
	return sa;
}

static struct pinged *add(const struct pinger_tunnel *of, uint32_t number, const char *remote,
			  const char *inside)
{
	struct ike_ipsec_sa made = sa(number, remote, inside);
	struct pinged_pair *pair;

	made.peer = of->peer;
	made.tunnel = of->tunnel;
	pair = pinger_table_add(table, of, &made);
	ck_assert_ptr_nonnull(pair);
	ck_assert_uint_eq(pair->number, number);
	ck_assert_ptr_eq(pinger_table_find(table, number), pair);
	return pair->tunnel;
}

static struct pinged *removed(uint32_t number)
{
	struct pinged *last = pinger_table_remove(table, pinger_table_find(table, number));

	ck_assert_ptr_null(pinger_table_find(table, number));
	return last;
}

START_TEST(the_limit_holds)
{
	struct ike_ipsec_sa made = sa(3, "192.0.2.1", "10.2.0.0");

	begin(2);
	ck_assert_ptr_null(pinger_table_find(table, 0));
	add(&settings[0], 1, "192.0.2.1", "10.2.0.0");
	add(&settings[0], 2, "192.0.2.2", "10.2.0.0");
	ck_assert_ptr_null(pinger_table_add(table, &settings[0], &made));
	ck_assert_ptr_null(pinger_table_find(table, 3));
	pinger_table_forget(table, removed(1));
	add(&settings[0], 3, "192.0.2.1", "10.2.0.0");
	pinger_table_free(table);
	pinger_table_free(NULL);
	begin(0);
	ck_assert_ptr_null(pinger_table_add(table, &settings[0], &made));
	pinger_table_free(table);
}
END_TEST

START_TEST(who_shares_a_state)
{
	struct pinged *first;

	begin(16);
	first = add(&settings[0], 1, "192.0.2.1", "10.2.0.0");
	ck_assert_ptr_eq(add(&settings[0], 2, "192.0.2.1", "10.2.0.0"), first);
	ck_assert_ptr_ne(add(&settings[0], 3, "192.0.2.1", "10.3.0.0"), first);
	ck_assert_ptr_ne(add(&settings[0], 4, "192.0.2.2", "10.2.0.0"), first);
	ck_assert_ptr_ne(add(&settings[1], 5, "192.0.2.1", "10.2.0.0"), first);
	ck_assert_ptr_ne(add(&settings[2], 6, "192.0.2.1", "10.2.0.0"), first);
	ck_assert_uint_eq(first->remote.port, 0);
	ck_assert_ptr_null(removed(2));
	ck_assert_ptr_eq(removed(1), first);
	pinger_table_forget(table, first);
	pinger_table_free(table);
}
END_TEST

START_TEST(which_pair_is_in_use)
{
	struct pinged *tunnel;

	begin(16);
	tunnel = add(&settings[0], 1, "192.0.2.1", "10.2.0.0");
	add(&settings[0], 2, "192.0.2.1", "10.2.0.0");
	add(&settings[0], 3, "192.0.2.1", "10.2.0.0");
	ck_assert_uint_eq(pinger_table_in_use(tunnel)->number, 3);
	pinger_table_find(table, 3)->superseded = true;
	ck_assert_uint_eq(pinger_table_in_use(tunnel)->number, 2);
	ck_assert_ptr_null(removed(2));
	ck_assert_uint_eq(pinger_table_in_use(tunnel)->number, 1);
	pinger_table_find(table, 1)->superseded = true;
	ck_assert_uint_eq(pinger_table_in_use(tunnel)->number, 3);
	pinger_table_free(table);
}
END_TEST

static unsigned count(uint32_t peer, const char *remote)
{
	struct pinged *tunnel = NULL;
	struct ike_address address;
	unsigned found = 0;

	if (remote != NULL)
		ck_assert(ike_address_from_text(remote, &address));
	address.port = 500; /* is not looked at */
	while ((tunnel = pinger_table_next(table, tunnel, peer,
					   remote != NULL ? &address : NULL)) != NULL) {
		ck_assert_uint_eq(tunnel->settings->peer, peer);
		found++;
	}
	return found;
}

START_TEST(all_of_a_party)
{
	struct ike_address moved;
	struct pinged *tunnel;
	uint32_t number = 0;

	begin(100);
	tunnel = add(&settings[0], ++number, "192.0.2.1", "10.2.0.0");
	for (unsigned i = 1; i <= 40; i++) {
		char remote[32];

		snprintf(remote, sizeof(remote), "198.51.100.%u", i);
		add(&settings[0], ++number, remote, "10.2.0.0");
	}
	add(&settings[1], ++number, "192.0.2.1", "10.2.0.0");
	add(&settings[2], ++number, "192.0.2.1", "10.2.0.0");
	ck_assert_uint_eq(count(0, "192.0.2.1"), 2);
	ck_assert_uint_eq(count(1, "192.0.2.1"), 1);
	ck_assert_uint_eq(count(2, "192.0.2.1"), 0);
	ck_assert_uint_eq(count(0, "198.51.100.17"), 1);
	ck_assert_uint_eq(count(0, NULL), 42);
	ck_assert_uint_eq(count(1, NULL), 1);
	ck_assert_uint_eq(count(2, NULL), 0);

	ck_assert(ike_address_from_text("203.0.113.9", &moved));
	moved.port = 4500;
	pinger_table_move(table, tunnel, &moved);
	ck_assert_uint_eq(count(0, "192.0.2.1"), 1);
	ck_assert_uint_eq(count(0, "203.0.113.9"), 1);
	ck_assert_ptr_eq(add(&settings[0], ++number, "203.0.113.9", "10.2.0.0"), tunnel);
	pinger_table_free(table);
}
END_TEST

/* Numbers of one bucket, in and out in any order. */
START_TEST(numbers_that_collide)
{
	begin(16);
	for (uint32_t i = 0; i < 4; i++)
		add(&settings[0], 5 + 16 * i, "192.0.2.1", "10.2.0.0");
	ck_assert_ptr_null(pinger_table_find(table, 5 + 16 * 4));
	ck_assert_ptr_null(removed(5 + 16));
	ck_assert_ptr_null(removed(5));
	ck_assert_ptr_null(removed(5 + 48));
	ck_assert_ptr_nonnull(pinger_table_find(table, 5 + 32));
	pinger_table_forget(table, removed(5 + 32));
	ck_assert_uint_eq(count(0, NULL), 0);
	pinger_table_free(table);
}
END_TEST

UNIT_MAIN("pinger_table", the_limit_holds, who_shares_a_state, which_pair_is_in_use, all_of_a_party,
	  numbers_that_collide)
