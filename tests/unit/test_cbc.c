/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/cbc.h"

#define AES_IV "000102030405060708090a0b0c0d0e0f"

/* The four blocks that NIST SP 800-38A appendix F encrypts throughout. */
#define PLAIN                                                                                      \
	"6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51"                        \
	"30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710"

static struct crypto *new_crypto(void)
{
	struct crypto *crypto = crypto_new();

	ck_assert_ptr_nonnull(crypto);
	return crypto;
}

/* Both ways, and the IV untouched. */
static void assert_cbc(enum cipher_algorithm algorithm, const char *key_hex, const char *iv_hex,
		       const char *plain_hex, const char *cipher_hex)
{
	struct crypto *crypto = new_crypto();
	uint8_t key[CIPHER_MAX_KEY], iv[CIPHER_MAX_BLOCK], data[64];
	size_t length = unit_hex(plain_hex, data, sizeof(data));

	ck_assert_uint_eq(unit_hex(key_hex, key, sizeof(key)), cipher_key_length(algorithm));
	ck_assert_uint_eq(unit_hex(iv_hex, iv, sizeof(iv)), cipher_block_length(algorithm));
	cbc_encrypt(crypto, algorithm, key, iv, data, length);
	unit_assert_hex(octets_of(data, length), cipher_hex);
	unit_assert_hex(octets_of(iv, cipher_block_length(algorithm)), iv_hex);
	cbc_decrypt(crypto, algorithm, key, iv, data, length);
	unit_assert_hex(octets_of(data, length), plain_hex);
	unit_assert_hex(octets_of(iv, cipher_block_length(algorithm)), iv_hex);
	crypto_free(crypto);
}

/* Whether encrypting that many octets ends the process by an assertion; its message is not shown. */
static bool aborts(size_t length)
{
	int status;
	pid_t child = fork();

	ck_assert_int_ne(child, -1);
	if (child == 0) {
		uint8_t key[CIPHER_MAX_KEY] = {0}, iv[CIPHER_MAX_BLOCK] = {0}, data[64] = {0};

		if (freopen("/dev/null", "w", stderr) != NULL)
			cbc_encrypt(new_crypto(), CIPHER_AES_128, key, iv, data, length);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

START_TEST(test_anything_but_whole_blocks_is_an_assertion)
{
	ck_assert(aborts(0));
	ck_assert(aborts(1));
	ck_assert(aborts(15));
	ck_assert(aborts(17));
	ck_assert(!aborts(16));
}
END_TEST

START_TEST(test_wrong_key_or_iv_does_not_decrypt)
{
	struct crypto *crypto = new_crypto();

	for (int i = 0; i < CIPHER_ALGORITHMS; i++) {
		const enum cipher_algorithm algorithm = (enum cipher_algorithm)i;
		uint8_t key[CIPHER_MAX_KEY], iv[CIPHER_MAX_BLOCK] = {0}, plain[64], data[64],
					     sent[64];

		/* 3DES skips the lowest bit of each octet, so another bit is turned. */
		for (size_t j = 0; j < sizeof(key); j++)
			key[j] = (uint8_t)(0x10 + 2 * j);
		memset(plain, 0x5a, sizeof(plain));
		memcpy(sent, plain, sizeof(sent));
		cbc_encrypt(crypto, algorithm, key, iv, sent, sizeof(sent));

		key[cipher_key_length(algorithm) - 1] ^= 0x80;
		memcpy(data, sent, sizeof(data));
		cbc_decrypt(crypto, algorithm, key, iv, data, sizeof(data));
		ck_assert_mem_ne(data, plain, cipher_block_length(algorithm));
		key[cipher_key_length(algorithm) - 1] ^= 0x80;

		iv[0] ^= 1; /* CBC: the same bit of the first block changes, and nothing else */
		memcpy(data, sent, sizeof(data));
		cbc_decrypt(crypto, algorithm, key, iv, data, sizeof(data));
		ck_assert_uint_eq(data[0], 0x5b);
		for (size_t j = 1; j < sizeof(data); j++)
			ck_assert_uint_eq(data[j], 0x5a);
	}
	crypto_free(crypto);
}
END_TEST

START_TEST(test_lengths)
{
	ck_assert_uint_eq(cipher_key_length(CIPHER_3DES), 24);
	ck_assert_uint_eq(cipher_key_length(CIPHER_AES_128), 16);
	ck_assert_uint_eq(cipher_key_length(CIPHER_AES_192), 24);
	ck_assert_uint_eq(cipher_key_length(CIPHER_AES_256), CIPHER_MAX_KEY);
	ck_assert_uint_eq(cipher_block_length(CIPHER_3DES), 8);
	ck_assert_uint_eq(cipher_block_length(CIPHER_AES_128), 16);
	ck_assert_uint_eq(cipher_block_length(CIPHER_AES_192), 16);
	ck_assert_uint_eq(cipher_block_length(CIPHER_AES_256), CIPHER_MAX_BLOCK);
}
END_TEST

/* NIST SP 800-38A appendix F.2.1 to F.2.6. */
START_TEST(test_aes_128)
{
	assert_cbc(CIPHER_AES_128, "2b7e151628aed2a6abf7158809cf4f3c", AES_IV, PLAIN,
		   "7649abac8119b246cee98e9b12e9197d 5086cb9b507219ee95db113a917678b2"
		   "73bed6b8e3c1743b7116e69e22229516 3ff1caa1681fac09120eca307586e1a7");
}
END_TEST

START_TEST(test_aes_192)
{
	assert_cbc(CIPHER_AES_192, "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", AES_IV,
		   PLAIN,
		   "4f021db243bc633d7178183a9fa071e8 b4d9ada9ad7dedf4e5e738763f69145a"
		   "571b242012fb7ae07fa9baac3df102e0 08b0e27988598881d920a9e64f5615cd");
}
END_TEST

START_TEST(test_aes_256)
{
	assert_cbc(CIPHER_AES_256,
		   "603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4", AES_IV,
		   PLAIN,
		   "f58c4c04d6e5f1ba779eabfb5f7bfbd6 9cfc4e967edb808d679f777bc6702c7d"
		   "39f23369a9d9bacfa530e26304231461 b2eb05e2c39be9fcda6c19078c6a9d1b");
}
END_TEST

/* NIST's example of TDES-CBC with the keys of SP 800-67 appendix B. */
START_TEST(test_3des)
{
	assert_cbc(CIPHER_3DES, "0123456789abcdef23456789abcdef01456789abcdef0123",
		   "f69f2445df4f9b17",
		   "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
		   "2079c3d53aa763e193b79e2569ab5262516570481f25b50f73c0bda85c8e0da7");
}
END_TEST

START_TEST(test_directions_may_alternate_on_one_context)
{
	struct crypto *crypto = new_crypto();
	uint8_t key[CIPHER_MAX_KEY] = {1}, iv[CIPHER_MAX_BLOCK] = {2}, data[32] = {3}, first[32];

	for (int i = 0; i < CIPHER_ALGORITHMS; i++) {
		const enum cipher_algorithm algorithm = (enum cipher_algorithm)i;

		memcpy(first, data, sizeof(first));
		for (int j = 0; j < 10; j++)
			cbc_encrypt(crypto, algorithm, key, iv, data, sizeof(data));
		for (int j = 0; j < 10; j++)
			cbc_decrypt(crypto, algorithm, key, iv, data, sizeof(data));
		ck_assert_mem_eq(data, first, sizeof(data));
	}
	crypto_free(crypto);
}
END_TEST

UNIT_MAIN("cbc", test_anything_but_whole_blocks_is_an_assertion,
	  test_wrong_key_or_iv_does_not_decrypt, test_lengths, test_aes_128, test_aes_192,
	  test_aes_256, test_3des, test_directions_may_alternate_on_one_context)
