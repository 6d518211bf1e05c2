/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include "crypto/table_hash.h"

static void count_up(uint8_t *out, size_t length)
{
	for (size_t i = 0; i < length; i++)
		out[i] = (uint8_t)i;
}

START_TEST(test_another_key_or_input_hashes_to_another_number)
{
	uint8_t key[TABLE_HASH_KEY_LENGTH], input[15];
	uint64_t hash;

	count_up(key, sizeof(key));
	count_up(input, sizeof(input));
	hash = table_hash(key, octets_of(input, sizeof(input)));
	ck_assert_uint_ne(table_hash(key, octets_of(input, sizeof(input) - 1)), hash);
	input[7] ^= 1;
	ck_assert_uint_ne(table_hash(key, octets_of(input, sizeof(input))), hash);
	input[7] ^= 1;
	key[15] ^= 0x80;
	ck_assert_uint_ne(table_hash(key, octets_of(input, sizeof(input))), hash);
}
END_TEST

/* The worked example of Aumasson and Bernstein, "SipHash: a fast short-input PRF", appendix A, and its empty input. */
START_TEST(test_vector_of_the_authors)
{
	uint8_t key[TABLE_HASH_KEY_LENGTH], input[15];

	count_up(key, sizeof(key));
	count_up(input, sizeof(input));
	ck_assert_uint_eq(table_hash(key, octets_of(input, sizeof(input))), 0xa129ca6149be45e5);
	ck_assert_uint_eq(table_hash(key, octets_of(NULL, 0)), 0x726fdb47dd0e0e31);
}
END_TEST

UNIT_MAIN("table_hash", test_another_key_or_input_hashes_to_another_number,
	  test_vector_of_the_authors)
