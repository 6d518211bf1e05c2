/* SPDX-License-Identifier: ISC */
#include "ike/sa_keys.h"

#include <string.h>

#include "tests/support/unit.h"

static struct skeyid some_keys(void)
{
	struct skeyid keys;

	memset(&keys, 0, sizeof(keys));
	memset(keys.key, 0x11, sizeof(keys.key));
	memset(keys.a, 0xaa, sizeof(keys.a));
	memset(keys.d, 0xdd, sizeof(keys.d));
	return keys;
}

START_TEST(test_none)
{
	struct blocks *store = blocks_new(SA_KEYS_MAX);
	struct ike_sa sa = {.hash = HASH_SHA1, .cipher = CIPHER_AES_128};

	ck_assert_uint_eq(sa_keys(&sa).length, 0);
	sa_keys_wipe(store, &sa);
	ck_assert_ptr_null(sa.keys);
	blocks_free(store);
}
END_TEST

START_TEST(test_wiped)
{
	struct blocks *store = blocks_new(SA_KEYS_MAX);
	struct ike_sa sa = {.hash = HASH_SHA2_512, .cipher = CIPHER_AES_256};
	struct skeyid keys = some_keys();
	const uint8_t *was;

	ck_assert(sa_keys_set(store, &sa, keys.key, keys.a, keys.d));
	was = sa.keys;
	sa_keys_wipe(store, &sa);
	ck_assert_ptr_null(sa.keys);
	ck_assert_uint_eq(blocks_octets(store), 0);
	for (size_t i = sizeof(void *); i < SA_KEYS_MAX; i++)
		ck_assert_uint_eq(was[i], 0);
	blocks_free(store);
}
END_TEST

/* Other algorithms, other lengths: the first keys leave nothing behind. */
START_TEST(test_set_anew)
{
	struct blocks *store = blocks_new(SA_KEYS_MAX);
	struct ike_sa sa = {.hash = HASH_SHA1, .cipher = CIPHER_AES_128};
	struct skeyid keys = some_keys();

	ck_assert(sa_keys_set(store, &sa, keys.key, keys.a, keys.d));
	ck_assert(sa_keys_set(store, &sa, keys.key, keys.a, keys.d));
	ck_assert_uint_eq(blocks_octets(store), 72);
	sa_keys_wipe(store, &sa);
	blocks_free(store);
}
END_TEST

/* Exactly as many octets as the algorithms have, each in its place; this is most of what an SA costs. */
START_TEST(test_every_suite)
{
	static const struct {
		enum cipher_algorithm cipher;
		enum hash_algorithm hash;
		size_t octets;
	} suites[] = {
	    {CIPHER_3DES, HASH_MD5, 64},          {CIPHER_3DES, HASH_SHA1, 72},
	    {CIPHER_AES_128, HASH_SHA1, 72},      {CIPHER_AES_128, HASH_SHA2_256, 96},
	    {CIPHER_AES_192, HASH_SHA2_384, 136}, {CIPHER_AES_256, HASH_SHA2_256, 112},
	    {CIPHER_AES_256, HASH_SHA2_512, 176},
	};
	struct skeyid keys = some_keys();

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		struct blocks *store = blocks_new(SA_KEYS_MAX);
		struct ike_sa sa = {.hash = suites[i].hash, .cipher = suites[i].cipher};
		uint8_t block[CIPHER_MAX_BLOCK];

		memset(block, 0xbb, sizeof(block));
		ck_assert(sa_keys_set(store, &sa, keys.key, keys.a, keys.d));
		sa_keys_set_last_block(&sa, block);
		ck_assert_uint_eq(sa_keys(&sa).length, suites[i].octets);
		ck_assert_uint_eq(blocks_octets(store), suites[i].octets);
		ck_assert_mem_eq(sa_key(&sa), keys.key, cipher_key_length(sa.cipher));
		ck_assert_mem_eq(sa_skeyid_a(&sa), keys.a, hash_length(sa.hash));
		ck_assert_mem_eq(sa_skeyid_d(&sa), keys.d, hash_length(sa.hash));
		ck_assert_mem_eq(sa_last_block(&sa), block, cipher_block_length(sa.cipher));
		ck_assert_ptr_eq(sa_last_block(&sa) + cipher_block_length(sa.cipher),
				 sa.keys + suites[i].octets);
		sa_keys_wipe(store, &sa);
		blocks_free(store);
	}
}
END_TEST

UNIT_MAIN("sa_keys", test_none, test_wiped, test_set_anew, test_every_suite)
