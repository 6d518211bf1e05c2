/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_formula.h"

#include <string.h>

#include "crypto/secret.h"
#include "ike/protect.h"
#include "tests/support/unit.h"

static struct vector_formulas formulas;
static struct vector_keys keys;
static const uint8_t cookie[2][IKE_COOKIE_LENGTH] = {"initiate", "responde"};

static struct octets text(const char *string)
{
	return octets_of((const uint8_t *)string, strlen(string));
}

static void derive(enum vector_mistake mistake, enum hash_algorithm hash,
		   enum cipher_algorithm cipher, const char *psk, struct octets g_xy)
{
	formulas.mistake = mistake;
	keys = (struct vector_keys){.skeyid = {.hash = hash, .cipher = cipher}};
	vector_skeyid(&formulas, &keys, psk != NULL ? text(psk) : octets_of(NULL, 0), text("Ni_b"),
		      text("Nr_b"), g_xy, cookie[0], cookie[1]);
}

static void start(void)
{
	ck_assert(secret_init());
	formulas.crypto = crypto_new();
	ck_assert_ptr_nonnull(formulas.crypto);
}

static void end(void)
{
	crypto_free(formulas.crypto);
}

START_TEST(test_names)
{
	ck_assert_int_eq(vector_mistake_find(""), VECTOR_MISTAKES);
	ck_assert_int_eq(vector_mistake_find("leading-zeros"), VECTOR_MISTAKES);
	for (enum vector_mistake m = VECTOR_NO_MISTAKE + 1; m < VECTOR_MISTAKES; m++) {
		ck_assert_int_eq(vector_mistake_find(vector_mistake_name(m)), m);
		ck_assert_uint_gt(strlen(vector_mistake_text(m)), 20);
	}
}
END_TEST

START_TEST(test_zeros_are_kept)
{
	static const uint8_t value[] = {0, 0, 7, 0};

	formulas.mistake = VECTOR_NO_MISTAKE;
	unit_assert_hex(vector_shared(&formulas, octets_of(value, 4)), "00000700");
	formulas.mistake = VECTOR_LEADING_ZERO;
	unit_assert_hex(vector_shared(&formulas, octets_of(value, 4)), "0700");
	unit_assert_hex(vector_shared(&formulas, octets_of(NULL, 0)), "");
}
END_TEST

/* The same as the engine's. */
static void assert_like_engine(const char *psk, struct octets g_xy)
{
	struct skeyid own = {.hash = keys.skeyid.hash, .cipher = keys.skeyid.cipher};

	if (psk != NULL)
		skeyid_psk(formulas.crypto, &own, text(psk), text("Ni_b"), text("Nr_b"));
	else
		skeyid_signatures(formulas.crypto, &own, text("Ni_b"), text("Nr_b"), g_xy);
	skeyid_derive(formulas.crypto, &own, g_xy, cookie[0], cookie[1]);
	ck_assert_mem_eq(own.skeyid, keys.skeyid.skeyid, hash_length(own.hash));
	ck_assert_mem_eq(own.d, keys.skeyid.d, hash_length(own.hash));
	ck_assert_mem_eq(own.a, keys.skeyid.a, hash_length(own.hash));
	ck_assert_mem_eq(own.e, keys.skeyid.e, hash_length(own.hash));
	ck_assert_mem_eq(own.key, keys.skeyid.key, cipher_key_length(own.cipher));
}

START_TEST(test_without_a_mistake)
{
	for (int hash = 0; hash < HASH_ALGORITHMS; hash++)
		for (int cipher = 0; cipher < CIPHER_ALGORITHMS; cipher++) {
			size_t length = cipher_key_length((enum cipher_algorithm)cipher),
			       block = hash_length((enum hash_algorithm)hash);

			derive(VECTOR_NO_MISTAKE, (enum hash_algorithm)hash,
			       (enum cipher_algorithm)cipher, "psk", text("g^xy"));
			assert_like_engine("psk", text("g^xy"));
			ck_assert_uint_eq(keys.k_blocks, block < length ? 2 : 0);
			if (block < length) {
				ck_assert_mem_eq(keys.skeyid.key, keys.k[0], block);
				ck_assert_mem_eq(keys.skeyid.key + block, keys.k[1],
						 length - block);
			}
			derive(VECTOR_NO_MISTAKE, (enum hash_algorithm)hash,
			       (enum cipher_algorithm)cipher, NULL, text("g^xy"));
			assert_like_engine(NULL, text("g^xy"));
		}
}
END_TEST

START_TEST(test_a_key_is_expanded_from_the_wrong_end)
{
	derive(VECTOR_KEY_EXPANSION, HASH_MD5, CIPHER_AES_256, "psk", text("g^xy"));
	ck_assert_mem_eq(keys.skeyid.key, keys.skeyid.e, 16);
	ck_assert_mem_eq(keys.skeyid.key + 16, keys.k[0], 16);
	derive(VECTOR_KEY_EXPANSION, HASH_MD5, CIPHER_AES_128, "psk", text("g^xy"));
	assert_like_engine("psk", text("g^xy"));
}
END_TEST

START_TEST(test_a_long_key_is_cut)
{
	static const char sixty_four[] =
	    "0123456789012345678901234567890123456789012345678901234567890123";
	static const char longer[] =
	    "0123456789012345678901234567890123456789012345678901234567890123+";
	uint8_t right[HASH_MAX_LENGTH];

	derive(VECTOR_NO_MISTAKE, HASH_SHA1, CIPHER_AES_128, sixty_four, text("g^xy"));
	memcpy(right, keys.skeyid.skeyid, 20);
	derive(VECTOR_PRF_KEY, HASH_SHA1, CIPHER_AES_128, sixty_four, text("g^xy"));
	ck_assert_mem_eq(right, keys.skeyid.skeyid, 20);
	derive(VECTOR_PRF_KEY, HASH_SHA1, CIPHER_AES_128, longer, text("g^xy"));
	ck_assert_mem_eq(right, keys.skeyid.skeyid, 20);
	derive(VECTOR_NO_MISTAKE, HASH_SHA1, CIPHER_AES_128, longer, text("g^xy"));
	ck_assert_mem_ne(right, keys.skeyid.skeyid, 20);
	/* the block of SHA2-512 is twice as long */
	derive(VECTOR_PRF_KEY, HASH_SHA2_512, CIPHER_AES_128, longer, text("g^xy"));
	assert_like_engine(longer, text("g^xy"));
}
END_TEST

START_TEST(test_the_iv_of_a_message)
{
	uint8_t iv[CIPHER_MAX_BLOCK], right[CIPHER_MAX_BLOCK];

	derive(VECTOR_NO_MISTAKE, HASH_SHA1, CIPHER_AES_128, "psk", text("g^xy"));
	memcpy(keys.last_block, "the last block..", 16);
	protect_iv_message(formulas.crypto, HASH_SHA1, CIPHER_AES_128, keys.last_block, 0x01020304,
			   right);
	vector_message_iv(&formulas, &keys, 0x01020304, iv);
	ck_assert_mem_eq(iv, right, 16);
	formulas.mistake = VECTOR_MESSAGE_IV;
	vector_message_iv(&formulas, &keys, 0x01020304, iv);
	ck_assert_mem_eq(iv, keys.last_block, 16);
}
END_TEST

START_TEST(test_what_is_hashed)
{
	formulas.mistake = VECTOR_NO_MISTAKE;
	ck_assert(vector_initiator_first(&formulas, true));
	ck_assert(!vector_initiator_first(&formulas, false));
	ck_assert(!vector_hashes_padding(&formulas));
	formulas.mistake = VECTOR_HASH_ORDER;
	ck_assert(vector_initiator_first(&formulas, false));
	ck_assert(!vector_hashes_padding(&formulas));
	formulas.mistake = VECTOR_PADDING;
	ck_assert(!vector_initiator_first(&formulas, false));
	ck_assert(vector_hashes_padding(&formulas));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vector_formula");
	TCase *tests = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, start, end);
	tcase_add_test(tests, test_names);
	tcase_add_test(tests, test_zeros_are_kept);
	tcase_add_test(tests, test_without_a_mistake);
	tcase_add_test(tests, test_a_key_is_expanded_from_the_wrong_end);
	tcase_add_test(tests, test_a_long_key_is_cut);
	tcase_add_test(tests, test_the_iv_of_a_message);
	tcase_add_test(tests, test_what_is_hashed);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
