/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "crypto/prf.h"

static struct octets text(const char *string)
{
	return octets_of(string, strlen(string));
}

static struct octets repeated(uint8_t *memory, uint8_t octet, size_t length)
{
	memset(memory, octet, length);
	return octets_of(memory, length);
}

static void assert_prf(enum hash_algorithm algorithm, struct octets key, struct octets input,
		       const char *hex)
{
	struct crypto *crypto = crypto_new();
	uint8_t out[PRF_MAX_LENGTH];

	ck_assert_ptr_nonnull(crypto);
	prf_octets(crypto, algorithm, key, &input, 1, out);
	unit_assert_hex(octets_of(out, hash_length(algorithm)), hex);
	crypto_free(crypto);
}

START_TEST(test_one_bit_of_key_or_text_changes_the_prf)
{
	struct crypto *crypto = crypto_new();

	ck_assert_ptr_nonnull(crypto);
	for (int i = 0; i < HASH_ALGORITHMS; i++) {
		const enum hash_algorithm algorithm = (enum hash_algorithm)i;
		uint8_t out[PRF_MAX_LENGTH], other_key[PRF_MAX_LENGTH], other_text[PRF_MAX_LENGTH];
		struct octets first = text("what do ya want"), second = text("what do ya wanu");

		prf_octets(crypto, algorithm, text("Jefe"), &first, 1, out);
		prf_octets(crypto, algorithm, text("Jefd"), &first, 1, other_key);
		prf_octets(crypto, algorithm, text("Jefe"), &second, 1, other_text);
		ck_assert_mem_ne(out, other_key, hash_length(algorithm));
		ck_assert_mem_ne(out, other_text, hash_length(algorithm));
	}
	crypto_free(crypto);
}
END_TEST

START_TEST(test_nothing_is_written_past_the_length)
{
	struct crypto *crypto = crypto_new();

	ck_assert_ptr_nonnull(crypto);
	for (int i = 0; i < HASH_ALGORITHMS; i++) {
		uint8_t out[PRF_MAX_LENGTH + 1];

		memset(out, 0xa5, sizeof(out));
		prf_octets(crypto, (enum hash_algorithm)i, text("Jefe"), NULL, 0, out);
		for (size_t j = hash_length((enum hash_algorithm)i); j < sizeof(out); j++)
			ck_assert_uint_eq(out[j], 0xa5);
	}
	crypto_free(crypto);
}
END_TEST

/* The first key that is hashed is one octet longer than the block; a key of exactly a block is used as it is. */
START_TEST(test_key_is_hashed_only_beyond_the_block)
{
	static const struct {
		enum hash_algorithm algorithm;
		size_t block_length;
	} rows[] = {{HASH_MD5, 64},
		    {HASH_SHA1, 64},
		    {HASH_SHA2_256, 64},
		    {HASH_SHA2_384, 128},
		    {HASH_SHA2_512, 128}};
	struct crypto *crypto = crypto_new();
	const struct octets input = text("text");
	uint8_t memory[129];

	ck_assert_ptr_nonnull(crypto);
	for (size_t i = 0; i < 5; i++) {
		const enum hash_algorithm algorithm = rows[i].algorithm;
		const size_t length = hash_length(algorithm);
		uint8_t hashed[HASH_MAX_LENGTH], as_is[PRF_MAX_LENGTH], by_hash[PRF_MAX_LENGTH];

		for (size_t more = 0; more <= 1; more++) {
			struct octets key = repeated(memory, 0x77, rows[i].block_length + more);

			hash_octets(crypto, algorithm, &key, 1, hashed);
			prf_octets(crypto, algorithm, key, &input, 1, as_is);
			prf_octets(crypto, algorithm, octets_of(hashed, length), &input, 1,
				   by_hash);
			if (more == 0)
				ck_assert_mem_ne(as_is, by_hash, length);
			else
				ck_assert_mem_eq(as_is, by_hash, length);
		}
	}
	crypto_free(crypto);
}
END_TEST

/* RFC 2202 section 2, cases 1, 2, 3, 6 and 7. */
START_TEST(test_hmac_md5)
{
	uint8_t key[80], data[50];

	assert_prf(HASH_MD5, repeated(key, 0x0b, 16), text("Hi There"),
		   "9294727a3638bb1c13f48ef8158bfc9d");
	assert_prf(HASH_MD5, text("Jefe"), text("what do ya want for nothing?"),
		   "750c783e6ab0b503eaa86e310a5db738");
	assert_prf(HASH_MD5, repeated(key, 0xaa, 16), repeated(data, 0xdd, 50),
		   "56be34521d144c88dbb8c733f0e8b3f6");
	assert_prf(HASH_MD5, repeated(key, 0xaa, 80),
		   text("Test Using Larger Than Block-Size Key - Hash Key First"),
		   "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
	assert_prf(
	    HASH_MD5, repeated(key, 0xaa, 80),
	    text("Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data"),
	    "6f630fad67cda0ee1fb1f562db3aa53e");
}
END_TEST

/* RFC 2202 section 3, the same cases. */
START_TEST(test_hmac_sha1)
{
	uint8_t key[80], data[50];

	assert_prf(HASH_SHA1, repeated(key, 0x0b, 20), text("Hi There"),
		   "b617318655057264e28bc0b6fb378c8ef146be00");
	assert_prf(HASH_SHA1, text("Jefe"), text("what do ya want for nothing?"),
		   "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	assert_prf(HASH_SHA1, repeated(key, 0xaa, 20), repeated(data, 0xdd, 50),
		   "125d7342b9ac11cd91a39af48aa17b4f63f175d3");
	assert_prf(HASH_SHA1, repeated(key, 0xaa, 80),
		   text("Test Using Larger Than Block-Size Key - Hash Key First"),
		   "aa4ae5e15272d00e95705637ce8a3b55ed402112");
	assert_prf(
	    HASH_SHA1, repeated(key, 0xaa, 80),
	    text("Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data"),
	    "e8e99d0f45237d786d6bbaa7965c7808bbff1a91");
}
END_TEST

/* RFC 4231 sections 4.2, 4.3 and 4.7. */
START_TEST(test_hmac_sha2_256)
{
	uint8_t key[131];

	assert_prf(HASH_SHA2_256, repeated(key, 0x0b, 20), text("Hi There"),
		   "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	assert_prf(HASH_SHA2_256, text("Jefe"), text("what do ya want for nothing?"),
		   "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	assert_prf(HASH_SHA2_256, repeated(key, 0xaa, 131),
		   text("Test Using Larger Than Block-Size Key - Hash Key First"),
		   "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
END_TEST

START_TEST(test_hmac_sha2_384)
{
	uint8_t key[131];

	assert_prf(HASH_SHA2_384, repeated(key, 0x0b, 20), text("Hi There"),
		   "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
		   "faea9ea9076ede7f4af152e8b2fa9cb6");
	assert_prf(HASH_SHA2_384, text("Jefe"), text("what do ya want for nothing?"),
		   "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
		   "8e2240ca5e69e2c78b3239ecfab21649");
	assert_prf(HASH_SHA2_384, repeated(key, 0xaa, 131),
		   text("Test Using Larger Than Block-Size Key - Hash Key First"),
		   "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
		   "0c2ef6ab4030fe8296248df163f44952");
}
END_TEST

START_TEST(test_hmac_sha2_512)
{
	uint8_t key[131];

	assert_prf(HASH_SHA2_512, repeated(key, 0x0b, 20), text("Hi There"),
		   "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
		   "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854");
	assert_prf(HASH_SHA2_512, text("Jefe"), text("what do ya want for nothing?"),
		   "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
		   "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
	assert_prf(HASH_SHA2_512, repeated(key, 0xaa, 131),
		   text("Test Using Larger Than Block-Size Key - Hash Key First"),
		   "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
		   "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598");
}
END_TEST

START_TEST(test_empty_key_and_text)
{
	assert_prf(HASH_MD5, octets_of(NULL, 0), octets_of(NULL, 0),
		   "74e6f7298a9c2d168935f58c001bad88");
	assert_prf(HASH_SHA1, octets_of(NULL, 0), octets_of(NULL, 0),
		   "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
}
END_TEST

START_TEST(test_parts_are_one_text)
{
	const struct octets whole = text("what do ya want for nothing?");
	const struct octets parts[] = {text("what do ya "), octets_of(NULL, 0),
				       text("want for nothing?")};
	struct crypto *crypto = crypto_new();

	ck_assert_ptr_nonnull(crypto);
	for (int i = 0; i < HASH_ALGORITHMS; i++) {
		uint8_t one[PRF_MAX_LENGTH], many[PRF_MAX_LENGTH];

		prf_octets(crypto, (enum hash_algorithm)i, text("Jefe"), &whole, 1, one);
		prf_octets(crypto, (enum hash_algorithm)i, text("Jefe"), parts, 3, many);
		ck_assert_mem_eq(one, many, hash_length((enum hash_algorithm)i));
	}
	crypto_free(crypto);
}
END_TEST

/* As Kn = prf(SKEYID_e, Kn-1) is computed in place (RFC 2409 appendix B), and SKEYID_a over SKEYID_d. */
START_TEST(test_out_may_be_the_key_or_a_part)
{
	struct crypto *crypto = crypto_new();

	ck_assert_ptr_nonnull(crypto);
	for (int i = 0; i < HASH_ALGORITHMS; i++) {
		const enum hash_algorithm algorithm = (enum hash_algorithm)i;
		const size_t length = hash_length(algorithm);
		uint8_t key[PRF_MAX_LENGTH], part[PRF_MAX_LENGTH], wanted[PRF_MAX_LENGTH];
		const struct octets parts[] = {text("before"), octets_of(part, length),
					       text("behind")};

		memset(key, 1, sizeof(key));
		memset(part, 2, sizeof(part));
		prf_octets(crypto, algorithm, octets_of(key, length), parts, 3, wanted);
		prf_octets(crypto, algorithm, octets_of(key, length), parts, 3, part);
		ck_assert_mem_eq(part, wanted, length);
		memset(part, 2, sizeof(part));
		prf_octets(crypto, algorithm, octets_of(key, length), parts, 3, key);
		ck_assert_mem_eq(key, wanted, length);
	}
	crypto_free(crypto);
}
END_TEST

UNIT_MAIN("prf", test_one_bit_of_key_or_text_changes_the_prf,
	  test_nothing_is_written_past_the_length, test_key_is_hashed_only_beyond_the_block,
	  test_hmac_md5, test_hmac_sha1, test_hmac_sha2_256, test_hmac_sha2_384, test_hmac_sha2_512,
	  test_empty_key_and_text, test_parts_are_one_text, test_out_may_be_the_key_or_a_part)
