/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "crypto/hash.h"

static struct octets text(const char *string)
{
	return octets_of(string, strlen(string));
}

static void assert_hash(enum hash_algorithm algorithm, struct octets input, const char *hex)
{
	struct crypto *crypto = crypto_new();
	uint8_t out[HASH_MAX_LENGTH];

	ck_assert_ptr_nonnull(crypto);
	hash_octets(crypto, algorithm, &input, 1, out);
	unit_assert_hex(octets_of(out, hash_length(algorithm)), hex);
	crypto_free(crypto);
}

START_TEST(test_one_bit_changes_the_hash)
{
	struct crypto *crypto = crypto_new();

	ck_assert_ptr_nonnull(crypto);
	for (int i = 0; i < HASH_ALGORITHMS; i++) {
		uint8_t out[HASH_MAX_LENGTH], other[HASH_MAX_LENGTH];
		struct octets abc = text("abc"), abb = text("abb");

		hash_octets(crypto, (enum hash_algorithm)i, &abc, 1, out);
		hash_octets(crypto, (enum hash_algorithm)i, &abb, 1, other);
		ck_assert_mem_ne(out, other, hash_length((enum hash_algorithm)i));
	}
	crypto_free(crypto);
}
END_TEST

START_TEST(test_nothing_is_written_past_the_length)
{
	struct crypto *crypto = crypto_new();

	ck_assert_ptr_nonnull(crypto);
	for (int i = 0; i < HASH_ALGORITHMS; i++) {
		uint8_t out[HASH_MAX_LENGTH + 1];

		memset(out, 0xa5, sizeof(out));
		hash_octets(crypto, (enum hash_algorithm)i, NULL, 0, out);
		for (size_t j = hash_length((enum hash_algorithm)i); j < sizeof(out); j++)
			ck_assert_uint_eq(out[j], 0xa5);
	}
	crypto_free(crypto);
}
END_TEST

START_TEST(test_lengths)
{
	ck_assert_uint_eq(hash_length(HASH_MD5), 16);
	ck_assert_uint_eq(hash_length(HASH_SHA1), 20);
	ck_assert_uint_eq(hash_length(HASH_SHA2_256), 32);
	ck_assert_uint_eq(hash_length(HASH_SHA2_384), 48);
	ck_assert_uint_eq(hash_length(HASH_SHA2_512), HASH_MAX_LENGTH);
}
END_TEST

START_TEST(test_md5_of_nothing)
{
	assert_hash(HASH_MD5, octets_of(NULL, 0), "d41d8cd98f00b204e9800998ecf8427e");
}
END_TEST

/* RFC 1321 appendix A.5; FIPS 180 examples. */
START_TEST(test_abc)
{
	assert_hash(HASH_MD5, text("abc"), "900150983cd24fb0d6963f7d28e17f72");
	assert_hash(HASH_SHA1, text("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
	assert_hash(HASH_SHA2_256, text("abc"),
		    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_hash(HASH_SHA2_384, text("abc"),
		    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
		    "8086072ba1e7cc2358baeca134c825a7");
	assert_hash(HASH_SHA2_512, text("abc"),
		    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}
END_TEST

START_TEST(test_parts_are_one_input)
{
	const struct octets whole = text("message digest");
	const struct octets parts[] = {text("mess"), text(""), octets_of(NULL, 0),
				       text("age digest")};
	struct crypto *crypto = crypto_new();

	ck_assert_ptr_nonnull(crypto);
	for (int i = 0; i < HASH_ALGORITHMS; i++) {
		uint8_t one[HASH_MAX_LENGTH], many[HASH_MAX_LENGTH];

		hash_octets(crypto, (enum hash_algorithm)i, &whole, 1, one);
		hash_octets(crypto, (enum hash_algorithm)i, parts, 4, many);
		ck_assert_mem_eq(one, many, hash_length((enum hash_algorithm)i));
	}
	crypto_free(crypto);
}
END_TEST

UNIT_MAIN("hash", test_one_bit_changes_the_hash, test_nothing_is_written_past_the_length,
	  test_lengths, test_md5_of_nothing, test_abc, test_parts_are_one_input)
