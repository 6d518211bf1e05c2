/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "crypto/random.h"

static const uint8_t seed[RANDOM_SEED_LENGTH] = {1, 2, 3};

/* A source that answers with the 32-bit numbers of a list, and fails the test when the list is used up. */
struct listed_source {
	struct random_source source;
	const uint32_t *numbers;
	size_t count;
};

static void fill_from_list(struct random_source *source, uint8_t *out, size_t length)
{
	struct listed_source *list = (struct listed_source *)source;

	ck_assert_uint_eq(length, 4);
	ck_assert_uint_gt(list->count, 0);
	for (size_t i = 0; i < 4; i++)
		out[i] = (uint8_t)(*list->numbers >> (24 - 8 * i));
	list->numbers++;
	list->count--;
}

START_TEST(test_bound_of_nothing_draws_nothing)
{
	struct listed_source list = {.source.fill = fill_from_list};

	ck_assert_uint_eq(random_below(&list.source, 0), 0);
	ck_assert_uint_eq(random_below(&list.source, 1), 0);
}
END_TEST

/* 2^32 = 3 * 0x55555555 + 1: the last number of all, and only that, would make 0 more likely than 1 and 2. */
START_TEST(test_incomplete_round_is_drawn_again)
{
	static const uint32_t numbers[] = {UINT32_MAX, UINT32_MAX, UINT32_MAX - 1};
	struct listed_source list = {{.fill = fill_from_list}, numbers, 3};

	ck_assert_uint_eq(random_below(&list.source, 3), (UINT32_MAX - 1) % 3);
	ck_assert_uint_eq(list.count, 0);
}
END_TEST

START_TEST(test_bound_that_divides_refuses_nothing)
{
	static const uint32_t numbers[] = {UINT32_MAX, UINT32_MAX};
	struct listed_source list = {{.fill = fill_from_list}, numbers, 2};

	ck_assert_uint_eq(random_below(&list.source, 2), 1);
	ck_assert_uint_eq(random_below(&list.source, 0x80000000), 0x7fffffff);
}
END_TEST

/* 2^32 = 0x80000001 + 0x7fffffff: nearly half of all are drawn again. */
START_TEST(test_greatest_refusal)
{
	static const uint32_t numbers[] = {0x80000001, 0x80000000, 0xffffffff, 5};
	struct listed_source list = {{.fill = fill_from_list}, numbers, 4};

	ck_assert_uint_eq(random_below(&list.source, 0x80000001), 0x80000000);
	ck_assert_uint_eq(random_below(&list.source, 0x80000001), 5);
	ck_assert_uint_eq(list.count, 0);
}
END_TEST

START_TEST(test_every_number_below_the_bound_comes)
{
	struct random_source source;
	unsigned int seen[7] = {0};

	random_seeded(&source, seed);
	for (int i = 0; i < 7000; i++) {
		uint32_t number = random_below(&source, 7);

		ck_assert_uint_lt(number, 7);
		seen[number]++;
	}
	for (int i = 0; i < 7; i++)
		ck_assert_msg(seen[i] > 850 && seen[i] < 1150, "%d came %u times", i, seen[i]);
}
END_TEST

START_TEST(test_other_seed_other_octets)
{
	struct random_source a, b;
	uint8_t other[RANDOM_SEED_LENGTH], from_a[32], from_b[32];

	memcpy(other, seed, sizeof(other));
	other[31] ^= 1;
	random_seeded(&a, seed);
	random_seeded(&b, other);
	random_octets(&a, from_a, sizeof(from_a));
	random_octets(&b, from_b, sizeof(from_b));
	ck_assert_mem_ne(from_a, from_b, sizeof(from_a));
}
END_TEST

START_TEST(test_fills_of_one_seed_differ)
{
	struct random_source source;
	uint8_t first[32], second[32];

	random_seeded(&source, seed);
	random_octets(&source, first, sizeof(first));
	random_octets(&source, second, sizeof(second));
	ck_assert_mem_ne(first, second, sizeof(first));
	ck_assert_uint_eq(source.drawn, 2);
}
END_TEST

START_TEST(test_equal_seeds_equal_octets)
{
	struct random_source a, b;
	uint8_t from_a[100], from_b[100];

	random_seeded(&a, seed);
	random_seeded(&b, seed);
	for (size_t length = 0; length <= sizeof(from_a); length++) {
		memset(from_a, 0xaa, sizeof(from_a));
		memset(from_b, 0xaa, sizeof(from_b));
		random_octets(&a, from_a, length);
		random_octets(&b, from_b, length);
		ck_assert_mem_eq(from_a, from_b, sizeof(from_a));
	}
	ck_assert_uint_eq(random_u32(&a), random_u32(&b));
	ck_assert_uint_eq(random_u64(&a), random_u64(&b));
	ck_assert_uint_eq(random_below(&a, 1000), random_below(&b, 1000));
}
END_TEST

/* What every stored vector and replay stands on: the keystream of ChaCha20 for a key and nonce of zeros. */
START_TEST(test_the_seeded_stream_is_chacha20)
{
	static const uint8_t zeros[RANDOM_SEED_LENGTH];
	struct random_source source;
	uint8_t octets[32];

	random_seeded(&source, zeros);
	random_octets(&source, octets, sizeof(octets));
	unit_assert_hex(octets_of(octets, sizeof(octets)),
			"76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7");
	random_seeded(&source, zeros);
	ck_assert_uint_eq(random_u32(&source), 0x76b8e0ad);
	random_seeded(&source, zeros);
	ck_assert_uint_eq(random_u64(&source), 0x76b8e0ada0f13d90);
}
END_TEST

START_TEST(test_a_fill_does_not_depend_on_the_length_of_earlier_ones)
{
	struct random_source a, b;
	uint8_t from_a[64], from_b[64];

	random_seeded(&a, seed);
	random_seeded(&b, seed);
	random_octets(&a, from_a, 8);
	random_octets(&b, from_b, 64);
	random_octets(&a, from_a, 32);
	random_octets(&b, from_b, 32);
	ck_assert_mem_eq(from_a, from_b, 32);
}
END_TEST

START_TEST(test_the_system_does_not_repeat_itself)
{
	struct random_source source;
	uint8_t first[32], second[32];

	random_system(&source);
	random_octets(&source, first, sizeof(first));
	random_octets(&source, second, sizeof(second));
	ck_assert_mem_ne(first, second, sizeof(first));
	ck_assert_uint_ne(random_u64(&source), random_u64(&source));
}
END_TEST

UNIT_MAIN("random", test_bound_of_nothing_draws_nothing, test_incomplete_round_is_drawn_again,
	  test_bound_that_divides_refuses_nothing, test_greatest_refusal,
	  test_every_number_below_the_bound_comes, test_other_seed_other_octets,
	  test_fills_of_one_seed_differ, test_equal_seeds_equal_octets,
	  test_the_seeded_stream_is_chacha20,
	  test_a_fill_does_not_depend_on_the_length_of_earlier_ones,
	  test_the_system_does_not_repeat_itself)
