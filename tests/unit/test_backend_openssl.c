/* SPDX-License-Identifier: ISC */
#include "tests/support/siege.h"
#include "tests/support/unit.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/dh.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/backend.h"
#include "crypto/cbc.h"
#include "crypto/dh.h"
#include "crypto/prf.h"
#include "tests/support/allocations.h"

static const uint8_t zeros[DH_MAX_LENGTH];

/* The same key every time. */
static struct dh_key *generate(struct crypto *crypto, enum dh_group group)
{
	static const uint8_t seed[RANDOM_SEED_LENGTH] = {1};
	struct random_source random;

	random_seeded(&random, seed);
	return dh_generate(crypto, group, &random);
}

/* One of each: a hash, a prf with a short key and with one that is hashed first, both directions of a cipher. */
static void use_everything_once(struct crypto *crypto, int turn, uint8_t *data, size_t length)
{
	const enum hash_algorithm hash = (enum hash_algorithm)(turn % HASH_ALGORITHMS);
	const enum cipher_algorithm cipher = (enum cipher_algorithm)(turn % CIPHER_ALGORITHMS);
	const struct octets parts[] = {octets_of(data, length), octets_of(data, 7)};
	uint8_t out[HASH_MAX_LENGTH], key[200];

	memset(key, turn, sizeof(key));
	hash_octets(crypto, hash, parts, 2, out);
	prf_octets(crypto, hash, octets_of(out, hash_length(hash)), parts, 2, out);
	prf_octets(crypto, hash, octets_of(key, sizeof(key)), parts, 2, key);
	cbc_encrypt(crypto, cipher, key, out, data, length);
	key[0] ^= out[0];
	cbc_decrypt(crypto, cipher, key, out, data, length);
}

/* OpenSSL's own start does not survive a refusal, so it goes first; what is ours does. */
START_TEST(test_no_memory)
{
	struct crypto *crypto = crypto_new();
	size_t granted = 0;

	ck_assert_ptr_nonnull(crypto);
	for (bool made = false; !made && allocations_counted(); granted++) {
		crypto_free(crypto);
		allocations_refuse_after(granted);
		crypto = crypto_new();
		allocations_refuse_after(ALLOCATIONS_NEVER);
		ERR_clear_error();
		made = crypto != NULL;
	}
	if (allocations_counted())
		ck_assert_uint_gt(granted, CIPHER_ALGORITHMS + DH_GROUPS);
	crypto_free(crypto);
	crypto_free(NULL);
}
END_TEST

/* However few allocations succeed, the answer is NULL or a whole key, never a crash. */
START_TEST(test_no_memory_for_a_key)
{
	struct crypto *crypto = crypto_new();

	ck_assert_ptr_nonnull(crypto);
	for (int i = 0; i < DH_GROUPS && allocations_counted(); i++) {
		struct dh_key *key = NULL, *whole = generate(crypto, (enum dh_group)i);
		size_t granted = 0;

		ck_assert_ptr_nonnull(whole);
		for (; key == NULL; granted++) {
			allocations_refuse_after(granted);
			key = generate(crypto, (enum dh_group)i);
			allocations_refuse_after(ALLOCATIONS_NEVER);
			ERR_clear_error();
		}
		ck_assert_uint_gt(granted, 1);
		ck_assert_mem_eq(dh_public(key).data, dh_public(whole).data,
				 dh_public(whole).length);
		dh_free(key);
		dh_free(whole);
	}
	dh_free(NULL);
	crypto_free(crypto);
}
END_TEST

START_TEST(test_no_memory_for_a_secret)
{
	struct crypto *crypto = crypto_new();

	ck_assert_ptr_nonnull(crypto);
	for (int i = 0; i < DH_GROUPS && allocations_counted(); i++) {
		struct dh_key *key = generate(crypto, (enum dh_group)i);
		uint8_t wanted[DH_MAX_LENGTH], out[DH_MAX_LENGTH];
		const size_t length = dh_secret_length((enum dh_group)i);
		bool done = false;

		ck_assert_ptr_nonnull(key);
		ck_assert(dh_secret(crypto, key, dh_public(key), wanted));
		for (size_t granted = 0; !done; granted++) {
			memset(out, 0xff, sizeof(out));
			allocations_refuse_after(granted);
			done = dh_secret(crypto, key, dh_public(key), out);
			allocations_refuse_after(ALLOCATIONS_NEVER);
			ERR_clear_error();
			ck_assert_mem_eq(out, done ? wanted : zeros, length);
		}
		dh_free(key);
	}
	crypto_free(crypto);
}
END_TEST

/* The counter itself: a test that counts nothing would pass for ever. */
START_TEST(test_allocations_are_counted)
{
	const size_t before = allocations_count();
	void *volatile memory;

	memory = malloc(10);
	memory = realloc(memory, 10000);
	free(memory);
	memory = calloc(3, 5);
	free(memory);
	ck_assert_uint_eq(allocations_count() - before, allocations_counted() ? 3 : 0);
	/* Inside the libraries too. */
	crypto_free(crypto_new());
	ck_assert(!allocations_counted() || allocations_count() - before > 100);
}
END_TEST

START_TEST(test_the_first_operations_allocate_nothing)
{
	struct crypto *crypto = crypto_new();
	uint8_t data[64] = {0};
	size_t before;

	ck_assert_ptr_nonnull(crypto);
	before = allocations_count();
	for (int turn = 0; turn < HASH_ALGORITHMS * CIPHER_ALGORITHMS; turn++)
		use_everything_once(crypto, turn, data, sizeof(data));
	ck_assert_uint_eq(allocations_count() - before, 0);
	crypto_free(crypto);
}
END_TEST

START_TEST(test_a_thousand_operations_allocate_nothing)
{
	struct crypto *crypto = crypto_new();
	uint8_t data[1024] = {0};
	size_t before;

	ck_assert_ptr_nonnull(crypto);
	before = allocations_count();
	for (int turn = 0; turn < 1000; turn++)
		use_everything_once(crypto, turn * 7 % 20, data, 64 + (size_t)turn % 60 * 16);
	ck_assert_uint_eq(allocations_count() - before, 0);
	crypto_free(crypto);
}
END_TEST

/* What an operation leaves in a context must not reach the next one, whatever was done between. */
START_TEST(test_operations_do_not_depend_on_earlier_ones)
{
	struct crypto *used = crypto_new();
	uint8_t data[64] = {0};

	ck_assert_ptr_nonnull(used);
	for (int turn = 0; turn < HASH_ALGORITHMS * CIPHER_ALGORITHMS; turn++) {
		struct crypto *fresh = crypto_new();
		uint8_t by_used[64] = {1}, by_fresh[64] = {1};

		ck_assert_ptr_nonnull(fresh);
		use_everything_once(used, turn + 1, data, sizeof(data));
		use_everything_once(used, turn, by_used, sizeof(by_used));
		use_everything_once(fresh, turn, by_fresh, sizeof(by_fresh));
		ck_assert_mem_eq(by_used, by_fresh, sizeof(by_used));
		crypto_free(fresh);
	}
	crypto_free(used);
}
END_TEST

/* OpenSSL's own key agreement over the same group, with a key pair of its own. */
static void assert_openssl_agrees(enum dh_group group, const char *name)
{
	struct crypto *crypto = crypto_new();
	struct dh_key *ours = generate(crypto, group);
	const size_t length = dh_secret_length(group);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
	EVP_PKEY *theirs = NULL, *peer = NULL;
	uint8_t public_value[DH_MAX_LENGTH], from_us[DH_MAX_LENGTH], from_them[DH_MAX_LENGTH];
	size_t written = sizeof(from_them);
	BIGNUM *number = NULL;

	ck_assert_ptr_nonnull(ours);
	ck_assert_int_eq(EVP_PKEY_keygen_init(context), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_group_name(context, name), 1);
	ck_assert_int_eq(EVP_PKEY_generate(context, &theirs), 1);
	EVP_PKEY_CTX_free(context);
	ck_assert_int_eq(EVP_PKEY_get_bn_param(theirs, OSSL_PKEY_PARAM_PUB_KEY, &number), 1);
	ck_assert_int_eq(BN_bn2binpad(number, public_value, (int)length), (int)length);
	BN_free(number);
	ck_assert(dh_secret(crypto, ours, octets_of(public_value, length), from_us));

	peer = EVP_PKEY_new();
	ck_assert_int_eq(EVP_PKEY_copy_parameters(peer, theirs), 1);
	ck_assert_int_eq(
	    EVP_PKEY_set1_encoded_public_key(peer, dh_public(ours).data, dh_public(ours).length),
	    1);
	context = EVP_PKEY_CTX_new_from_pkey(NULL, theirs, NULL);
	ck_assert_int_eq(EVP_PKEY_derive_init(context), 1);
	ck_assert_int_eq(EVP_PKEY_derive_set_peer(context, peer), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_dh_pad(context, 1), 1);
	ck_assert_int_eq(EVP_PKEY_derive(context, from_them, &written), 1);
	ck_assert_uint_eq(written, length);
	ck_assert_mem_eq(from_us, from_them, length);
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(peer);
	EVP_PKEY_free(theirs);
	dh_free(ours);
	crypto_free(crypto);
}

START_TEST(test_openssl_agrees)
{
	assert_openssl_agrees(DH_MODP_1536, "modp_1536");
	assert_openssl_agrees(DH_MODP_2048, "modp_2048");
	assert_openssl_agrees(DH_MODP_4096, "modp_4096");
}
END_TEST

/* Once OpenSSL has allocated anything, it is too late. */
START_TEST(test_guarded_too_late)
{
	struct crypto *crypto = crypto_new();

	ck_assert(!crypto_guard_memory());
	crypto_free(crypto);
}
END_TEST

/* Octets that are locked in this process. */
static unsigned long locked(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	unsigned long kib = 0;
	char line[256];

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "VmLck: %lu", &kib) == 1)
			break;
	fclose(file);
	return kib << 10;
}

/* Locks are not inherited: what a process forks has to lock what it uses. */
START_TEST(test_locked_after_a_fork)
{
	const unsigned long all = 4u << 20;
	struct rlimit limit;
	int status;
	pid_t pid;

	ck_assert(!crypto_lock_memory()); /* there is none yet */
	ck_assert(crypto_guard_memory());
	pid = fork();
	if (pid == 0) {
		unsigned long before = locked();

		if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur < all + (1u << 20) &&
		    geteuid() != 0)
			_exit(crypto_lock_memory() ? 1 : 0);
		/* the address sanitizer lets nobody lock anything */
		_exit(crypto_lock_memory() && (SIEGE_SANITIZED || locked() >= before + all) ? 0
											    : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
END_TEST

START_TEST(test_guarded)
{
	uint8_t data[64] = {0};
	struct crypto *crypto;
	char *text;
	void *large;

	ck_assert(crypto_guard_memory());
	crypto = crypto_new();
	ck_assert_ptr_nonnull(crypto);
	ck_assert_uint_gt(CRYPTO_secure_used(), 0);
	for (int turn = 0; turn < 60; turn++)
		use_everything_once(crypto, turn, data, sizeof(data));
	text = OPENSSL_strdup("fifteen octets.");
	ck_assert(CRYPTO_secure_allocated(text));
	text = OPENSSL_realloc(text, 10000); /* moves */
	ck_assert(CRYPTO_secure_allocated(text));
	ck_assert_str_eq(text, "fifteen octets.");
	text = OPENSSL_realloc(text, 16); /* stays */
	ck_assert_str_eq(text, "fifteen octets.");
	large = OPENSSL_malloc(64 << 20); /* more than there is of it */
	ck_assert_ptr_nonnull(large);
	ck_assert(!CRYPTO_secure_allocated(large));
	large = OPENSSL_realloc(large, 65 << 20);
	ck_assert_ptr_nonnull(large);
	OPENSSL_free(large);
	OPENSSL_free(text);
	OPENSSL_free(NULL);
	crypto_free(crypto);
}
END_TEST

UNIT_MAIN("backend_openssl", test_guarded_too_late, test_locked_after_a_fork, test_guarded,
	  test_no_memory, test_no_memory_for_a_key, test_no_memory_for_a_secret,
	  test_allocations_are_counted, test_the_first_operations_allocate_nothing,
	  test_a_thousand_operations_allocate_nothing,
	  test_operations_do_not_depend_on_earlier_ones, test_openssl_agrees)
