/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "interop/store/store_table.h"
#include "tests/support/pairs.h"

static struct store_table *table;

static struct store_pair make(uint32_t number)
{
	struct store_pair pair = {.sa = pair_of_sas(number)};

	store_selectors(&pair.sa, &pair.inside_local, &pair.inside_remote);
	return pair;
}

static struct store_pair *add(uint32_t number)
{
	const struct store_pair pair = make(number);
	struct store_pair *added = store_table_add(table, &pair);

	ck_assert_ptr_nonnull(added);
	return added;
}

START_TEST(test_empty)
{
	const struct store_pair pair = make(1);

	table = store_table_new();
	ck_assert_ptr_null(store_table_find(table, 1));
	ck_assert_ptr_null(store_table_newest(table, &pair, NULL));
	ck_assert_ptr_null(store_table_next(table, NULL));
	ck_assert_uint_eq(store_table_count(table), 0);
	store_table_free(table);
	store_table_free(NULL);
}
END_TEST

START_TEST(test_keys_are_not_kept)
{
	static const uint8_t none[IKE_IPSEC_KEYMAT_MAX];
	const struct store_pair *pair;

	table = store_table_new();
	pair = add(1);
	ck_assert_mem_eq(pair->sa.keymat_in, none, sizeof(none));
	ck_assert_mem_eq(pair->sa.keymat_out, none, sizeof(none));
	ck_assert_uint_eq(pair->sa.spi_in, 0x1001);
	store_table_free(table);
}
END_TEST

/* The numbers of 1 and 4097 share a chain; all of them share selectors. */
START_TEST(test_found)
{
	struct store_pair *one, *two, *other;

	table = store_table_new();
	one = add(1);
	two = add(4097);
	other = add(2);
	ck_assert_uint_eq(store_table_count(table), 3);
	ck_assert_ptr_eq(store_table_find(table, 1), one);
	ck_assert_ptr_eq(store_table_find(table, 4097), two);
	ck_assert_ptr_null(store_table_find(table, 8193));
	ck_assert_ptr_eq(store_table_newest(table, one, NULL), other);
	ck_assert_ptr_eq(store_table_newest(table, one, other), two);
	store_table_remove(table, two);
	ck_assert_ptr_null(store_table_find(table, 4097));
	ck_assert_ptr_eq(store_table_newest(table, one, other), one);
	store_table_remove(table, other);
	ck_assert_ptr_null(store_table_newest(table, one, one));
	ck_assert_uint_eq(store_table_count(table), 1);
	store_table_free(table);
}
END_TEST

START_TEST(test_walk)
{
	uint32_t sum = 0;
	size_t count = 0;

	table = store_table_new();
	for (uint32_t number = 1; number <= 10000; number++)
		(void)add(number);
	for (const struct store_pair *pair = store_table_next(table, NULL); pair != NULL;
	     pair = store_table_next(table, pair)) {
		sum += pair->sa.number;
		count++;
	}
	ck_assert_uint_eq(count, 10000);
	ck_assert_uint_eq(sum, 50005000);
	store_table_free(table);
}
END_TEST

START_TEST(test_other_selectors)
{
	static const struct {
		const char *prefix;
		uint8_t protocol;
		uint16_t port;
	} others[] = {{"10.1.0.0/17", 0, 0},
		      {"10.1.0.1/16", 0, 0},
		      {"10.1.0.0/16", 17, 0},
		      {"10.1.0.0/16", 0, 1}};
	const struct store_pair one = make(1);

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct store_pair other = make(2);

		set_selector(&other.sa.inside_local, others[i].prefix, others[i].protocol,
			     others[i].port);
		store_selectors(&other.sa, &other.inside_local, &other.inside_remote);
		ck_assert(!store_selectors_equal(&one, &other));
		other = make(2);
		set_selector(&other.sa.inside_remote, others[i].prefix, others[i].protocol,
			     others[i].port);
		store_selectors(&other.sa, &other.inside_local, &other.inside_remote);
		ck_assert(!store_selectors_equal(&one, &other));
	}
}
END_TEST

START_TEST(test_transport_mode_has_the_outer_addresses)
{
	struct ike_ipsec_sa sa = pair_of_sas(1);
	struct ike_selector local, remote;

	sa.transport = true;
	sa.local = address_of("[2001:db8::1]:4500");
	sa.remote = address_of("[2001:db8::2]:4500");
	set_selector(&sa.inside_local, "10.0.0.7/32", 17, 1701);
	store_selectors(&sa, &local, &remote);
	ck_assert_uint_eq(local.prefix.bits, 128);
	ck_assert_mem_eq(local.prefix.address.octets, sa.local.octets, 16);
	ck_assert_mem_eq(remote.prefix.address.octets, sa.remote.octets, 16);
	ck_assert_uint_eq(local.prefix.address.port, 0);
	ck_assert_uint_eq(local.protocol, 17);
	ck_assert_uint_eq(local.port, 1701);
}
END_TEST

UNIT_MAIN("store_table", test_empty, test_keys_are_not_kept, test_found, test_walk,
	  test_other_selectors, test_transport_mode_has_the_outer_addresses)
