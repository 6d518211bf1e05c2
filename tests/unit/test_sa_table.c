/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ike/sa_keys.h"
#include "ike/sa_table.h"
#include "tests/support/unit.h"

static const uint8_t key[TABLE_HASH_KEY_LENGTH] = {1, 2, 3};
static const uint8_t zero[IKE_COOKIE_LENGTH];

static void cookie_of(uint32_t number, uint8_t cookie[IKE_COOKIE_LENGTH])
{
	memset(cookie, 0, IKE_COOKIE_LENGTH);
	memcpy(cookie, &number, sizeof(number));
	cookie[7] = 1;
}

START_TEST(test_full_table_refuses)
{
	struct sa_table *table = sa_table_new(3, key);
	uint8_t cookie[IKE_COOKIE_LENGTH];

	for (uint32_t i = 0; i < 3; i++) {
		cookie_of(i, cookie);
		ck_assert_ptr_nonnull(sa_table_add(table, cookie, zero));
	}
	cookie_of(3, cookie);
	ck_assert_ptr_null(sa_table_add(table, cookie, zero));
	ck_assert_uint_eq(sa_table_count(table), 3);
	sa_table_free(table);
}
END_TEST

START_TEST(test_unknown_cookies_are_not_found)
{
	struct sa_table *table = sa_table_new(10, key);
	uint8_t cookie[IKE_COOKIE_LENGTH], another[IKE_COOKIE_LENGTH];

	cookie_of(1, cookie);
	cookie_of(2, another);
	ck_assert_ptr_null(sa_table_find(table, cookie, zero));
	ck_assert_ptr_nonnull(sa_table_add(table, cookie, another));
	ck_assert_ptr_null(sa_table_find(table, cookie, zero));
	ck_assert_ptr_null(sa_table_find(table, another, cookie)); /* roles matter */
	ck_assert_ptr_nonnull(sa_table_find(table, cookie, another));
	sa_table_free(table);
}
END_TEST

START_TEST(test_refiled_under_the_responders_cookie)
{
	struct sa_table *table = sa_table_new(10, key);
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	struct ike_sa *sa;

	cookie_of(1, cky_i);
	cookie_of(2, cky_r);
	sa = sa_table_add(table, cky_i, zero);
	sa_table_set_cky_r(table, sa, cky_r);
	ck_assert_ptr_null(sa_table_find(table, cky_i, zero));
	ck_assert_ptr_eq(sa_table_find(table, cky_i, cky_r), sa);
	sa_table_free(table);
}
END_TEST

START_TEST(test_removed_sa_is_wiped_and_reused)
{
	struct sa_table *table = sa_table_new(1, key);
	uint8_t cookie[IKE_COOKIE_LENGTH];
	struct ike_sa *sa;

	cookie_of(1, cookie);
	sa = sa_table_add(table, cookie, zero);
	memset(sa->extension, 0xaa, sizeof(sa->extension));
	sa_table_remove(table, sa);
	ck_assert_int_eq(sa->state, IKE_SA_FREE);
	for (size_t i = 0; i < sizeof(sa->extension); i++)
		ck_assert_uint_eq(sa->extension[i], 0);
	cookie_of(2, cookie);
	ck_assert_ptr_eq(sa_table_add(table, cookie, zero), sa);
	sa_table_free(table);
}
END_TEST

/* What few SAs have costs the others nothing, is gone with its SA, and is nobody else's. */
START_TEST(test_seldom)
{
	struct sa_table *table = sa_table_new(3, key);
	uint8_t cookie[IKE_COOKIE_LENGTH];
	struct ike_sa *a, *b;
	size_t octets;

	cookie_of(1, cookie);
	a = sa_table_add(table, cookie, zero);
	cookie_of(2, cookie);
	b = sa_table_add(table, cookie, zero);
	octets = sa_table_octets(table);
	ck_assert_uint_eq(sa_table_seldom(table, a)->reassembly, 0);
	ck_assert_uint_eq(sa_table_octets(table), octets);
	sa_table_write_seldom(table, a)->reassembly = 7;
	sa_table_write_seldom(table, a)->declined_type = 14;
	ck_assert_uint_eq(sa_table_octets(table), octets + sizeof(struct ike_sa_seldom));
	ck_assert_uint_eq(sa_table_seldom(table, a)->reassembly, 7);
	ck_assert_uint_eq(sa_table_seldom(table, b)->reassembly, 0);
	ck_assert_uint_eq(sa_table_write_seldom(table, b)->reassembly, 0);
	sa_table_remove(table, a);
	sa_table_remove(table, b);
	ck_assert_uint_eq(sa_table_octets(table), octets - 2 * sizeof(struct ike_sa));
	ck_assert_ptr_eq(sa_table_add(table, cookie, zero), b);
	ck_assert_uint_eq(sa_table_write_seldom(table, b)->declined_type, 0);
	cookie_of(1, cookie);
	ck_assert_ptr_eq(sa_table_add(table, cookie, zero), a);
	ck_assert_uint_eq(sa_table_write_seldom(table, a)->reassembly, 0);
	sa_table_free(table);
}
END_TEST

START_TEST(test_numbers)
{
	struct sa_table *table = sa_table_new(2, key);
	uint8_t cookie[IKE_COOKIE_LENGTH];
	struct ike_sa *a, *b;

	cookie_of(1, cookie);
	a = sa_table_add(table, cookie, zero);
	cookie_of(2, cookie);
	b = sa_table_add(table, cookie, zero);
	ck_assert_uint_eq(sa_table_number(table, NULL), 0);
	ck_assert_ptr_null(sa_table_at(table, 0));
	ck_assert_uint_ne(sa_table_number(table, a), 0);
	ck_assert_uint_ne(sa_table_number(table, a), sa_table_number(table, b));
	ck_assert_ptr_eq(sa_table_at(table, sa_table_number(table, a)), a);
	ck_assert_ptr_eq(sa_table_at(table, sa_table_number(table, b)), b);
	sa_table_free(table);
}
END_TEST

/* Thousands added and removed in a fixed irregular order: every one that is in is found, none that is out. */
/* Whatever is foreseen, known or not, with keys or without: nothing is changed by it. */
START_TEST(test_foresight_changes_nothing)
{
	struct sa_table *table = sa_table_new(100, key);
	uint8_t pair[SA_TABLE_FORESEEN][2 * IKE_COOKIE_LENGTH] = {{0}};
	const uint8_t *cookies[SA_TABLE_FORESEEN];
	struct blocks *store = blocks_new(SA_KEYS_MAX);
	uint8_t some[SA_KEYS_MAX] = {1};
	struct ike_sa *sa;

	ck_assert_ptr_nonnull(store);
	for (uint32_t i = 0; i < SA_TABLE_FORESEEN; i++) {
		cookie_of(i, pair[i]);
		cookies[i] = pair[i];
	}
	sa_table_foresee(table, cookies, 0);
	sa_table_foresee(table, cookies, SA_TABLE_FORESEEN);
	ck_assert_uint_eq(sa_table_count(table), 0);
	for (uint32_t i = 0; i < 20; i++) {
		sa = sa_table_add(table, pair[i], zero);
		ck_assert_ptr_nonnull(sa);
		ck_assert(i % 2 == 0 || sa_keys_set(store, sa, some, some, some));
	}
	sa_table_foresee(table, cookies, SA_TABLE_FORESEEN);
	ck_assert_uint_eq(sa_table_count(table), 20);
	for (uint32_t i = 0; i < SA_TABLE_FORESEEN; i++) {
		sa = sa_table_find(table, pair[i], zero);
		ck_assert_int_eq(sa != NULL, i < 20);
		if (sa != NULL)
			sa_keys_wipe(store, sa);
	}
	sa_table_free(table);
	blocks_free(store);
}
END_TEST

START_TEST(test_many_come_and_go)
{
	enum { MANY = 5000 };
	struct sa_table *table = sa_table_new(MANY, key);
	static struct ike_sa *held[MANY];
	uint8_t cookie[IKE_COOKIE_LENGTH];
	uint32_t random = 12345, walked = 0, expected = 0, cursor = 0;

	memset(held, 0, sizeof(held));
	for (uint32_t step = 0; step < 40000; step++) {
		uint32_t i;

		random = random * 1664525u + 1013904223u;
		i = (random >> 8) % MANY;
		cookie_of(i, cookie);
		if (held[i] == NULL) {
			ck_assert_ptr_null(sa_table_find(table, cookie, zero));
			held[i] = sa_table_add(table, cookie, zero);
			ck_assert_ptr_nonnull(held[i]);
		} else {
			ck_assert_ptr_eq(sa_table_find(table, cookie, zero), held[i]);
			sa_table_remove(table, held[i]);
			held[i] = NULL;
		}
	}
	for (uint32_t i = 0; i < MANY; i++) {
		cookie_of(i, cookie);
		ck_assert_ptr_eq(sa_table_find(table, cookie, zero), held[i]);
		expected += held[i] != NULL;
	}
	while (sa_table_next(table, &cursor) != NULL)
		walked++;
	ck_assert_uint_eq(walked, expected);
	ck_assert_uint_eq(sa_table_count(table), expected);
	sa_table_free(table);
}
END_TEST

UNIT_MAIN("sa_table", test_full_table_refuses, test_unknown_cookies_are_not_found,
	  test_refiled_under_the_responders_cookie, test_removed_sa_is_wiped_and_reused,
	  test_seldom, test_foresight_changes_nothing, test_numbers, test_many_come_and_go)
