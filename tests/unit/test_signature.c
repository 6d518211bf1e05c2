/* SPDX-License-Identifier: ISC */
/*
 * Blocks that lax readers of PKCS #1 v1.5 have taken for signatures (Bleichenbacher 2006, CVE-2018-16151, CVE-2018-16152), made
 * with the private key, so that only the form of the block is wrong; numbers out of range for ECDSA; then what is right.
 */
#include "tests/support/unit.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "crypto/credentials_openssl.h"
#include "tests/support/pki.h"

#define HASH_LENGTH 20 /* octets: SHA-1, where lax readers have the most room */

static const uint8_t hash_octets[64] = {0xc2, 0x0a, 1, 2, 3, 4, 5, 6, 7, 8, 9};
static const struct octets hash = {hash_octets, HASH_LENGTH};

/* DigestInfo of SHA-1, which IKEv1 does not have before the hash */
static const char digest_info[] = "30 21 30 09 06 05 2b 0e 03 02 1a 05 00 04 14";

static EVP_PKEY *key_of(enum pki_key which)
{
	BIO *reader = BIO_new_mem_buf(pki_key_pem(which), -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(reader, NULL, NULL, NULL);

	BIO_free(reader);
	ck_assert_ptr_nonnull(key);
	return key;
}

/* The private operation on a whole block. */
static size_t sign_block(EVP_PKEY *key, const uint8_t *block, uint8_t *signature)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	size_t length = SIGNATURE_MAX_LENGTH;

	ck_assert_int_eq(EVP_PKEY_sign_init(context), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING), 1);
	ck_assert_int_eq(
	    EVP_PKEY_sign(context, signature, &length, block, (size_t)EVP_PKEY_get_size(key)), 1);
	EVP_PKEY_CTX_free(context);
	return length;
}

static bool good(EVP_PKEY *key, const uint8_t *block)
{
	uint8_t signature[SIGNATURE_MAX_LENGTH];
	const size_t length = sign_block(key, block, signature);

	return signature_good(key, SIGNATURE_RSA, hash, octets_of(signature, length));
}

/* 00 01 ff ... ff 00 hash, as long as the modulus. */
static size_t right_block(EVP_PKEY *key, uint8_t *block)
{
	const size_t length = (size_t)EVP_PKEY_get_size(key);

	memset(block, 0xff, length);
	block[0] = 0;
	block[1] = 1;
	block[length - HASH_LENGTH - 1] = 0;
	memcpy(block + length - HASH_LENGTH, hash.data, HASH_LENGTH);
	return length;
}

/* 00 01, `padding` times ff, 00, `middle` (hex), the hash, and what is left is garbage. */
static void lax_block(EVP_PKEY *key, uint8_t *block, size_t padding, const char *middle)
{
	const size_t length = (size_t)EVP_PKEY_get_size(key);
	size_t at = 2 + padding;

	memset(block, 0x5a, length);
	block[0] = 0;
	block[1] = 1;
	memset(block + 2, 0xff, padding);
	block[at++] = 0;
	at += unit_hex(middle, block + at, length - at);
	memcpy(block + at, hash.data, HASH_LENGTH);
}

static const enum pki_key rsa_keys[] = {PKI_RSA_EXPONENT_3, PKI_RSA_1024, PKI_RSA};

#define RSA_KEYS (sizeof(rsa_keys) / sizeof(rsa_keys[0]))

START_TEST(test_garbage_behind_the_hash)
{
	uint8_t block[SIGNATURE_MAX_LENGTH];

	for (size_t i = 0; i < RSA_KEYS; i++) {
		EVP_PKEY *key = key_of(rsa_keys[i]);

		for (size_t padding = 0; padding < 64; padding++) {
			lax_block(key, block, padding, "");
			ck_assert(!good(key, block));
			lax_block(key, block, padding, digest_info);
			ck_assert(!good(key, block));
		}
		EVP_PKEY_free(key);
	}
}
END_TEST

START_TEST(test_digest_info_before_the_hash)
{
	uint8_t block[SIGNATURE_MAX_LENGTH], info[32];
	const size_t info_length = unit_hex(digest_info, info, sizeof(info));
	EVP_PKEY *key = key_of(PKI_RSA);
	const size_t length = right_block(key, block);

	block[length - HASH_LENGTH - 1] = 0xff;
	block[length - HASH_LENGTH - info_length - 1] = 0;
	memcpy(block + length - HASH_LENGTH - info_length, info, info_length);
	ck_assert(!good(key, block));
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_every_octet_of_the_block_counts)
{
	EVP_PKEY *key = key_of(PKI_RSA_1024);
	uint8_t block[SIGNATURE_MAX_LENGTH];
	const size_t length = right_block(key, block);

	/* the first one cannot be more: the number would be above the modulus */
	for (size_t i = 1; i < length; i++) {
		block[i] ^= 0x01;
		ck_assert_msg(!good(key, block), "octet %zu", i);
		block[i] ^= 0x81;
		ck_assert_msg(!good(key, block), "octet %zu", i);
		block[i] ^= 0x80;
	}
	block[1] = 2; /* the padding of encryption */
	ck_assert(!good(key, block));
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_separator_elsewhere)
{
	EVP_PKEY *key = key_of(PKI_RSA_1024);
	uint8_t block[SIGNATURE_MAX_LENGTH];
	const size_t length = right_block(key, block);

	for (size_t i = 2; i < length - HASH_LENGTH - 1; i++) {
		block[i] = 0;
		ck_assert(!good(key, block));
		block[i] = 0xff;
	}
	block[length - HASH_LENGTH - 1] = 0xff; /* and nowhere */
	ck_assert(!good(key, block));
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_hash_of_another_length)
{
	EVP_PKEY *key = key_of(PKI_RSA_1024);
	uint8_t signature[SIGNATURE_MAX_LENGTH];
	size_t length;

	for (size_t i = 1; i <= sizeof(hash_octets); i++) {
		length = signature_make(key, SIGNATURE_RSA, octets_of(hash_octets, i), signature);
		ck_assert_uint_eq(length, 128);
		ck_assert_int_eq(
		    signature_good(key, SIGNATURE_RSA, hash, octets_of(signature, length)),
		    i == HASH_LENGTH);
	}
	ck_assert_uint_eq(signature_make(key, SIGNATURE_RSA, octets_of(NULL, 0), signature), 0);
	ck_assert_uint_eq(signature_make(key, SIGNATURE_RSA, octets_of(hash_octets, 65), signature),
			  0);
	ck_assert(
	    !signature_good(key, SIGNATURE_RSA, octets_of(NULL, 0), octets_of(signature, length)));
	EVP_PKEY_free(key);
}
END_TEST

/* A number that needs an octet less is sent with a zero in front, and the library would take it without. */
START_TEST(test_length_that_is_not_the_modulus)
{
	EVP_PKEY *key = key_of(PKI_RSA_1024);
	uint8_t longer[SIGNATURE_MAX_LENGTH + 1] = {0}, *signature = longer + 1, some[4] = {0};
	size_t length = 0;

	for (unsigned i = 0; length == 0 || signature[0] != 0; i++) {
		ck_assert_uint_lt(i, 10000);
		some[0] = (uint8_t)i;
		some[1] = (uint8_t)(i >> 8);
		length =
		    signature_make(key, SIGNATURE_RSA, octets_of(some, sizeof(some)), signature);
		ck_assert_uint_eq(length, 128);
	}
	for (size_t i = 1; i < length; i++)
		ck_assert(!signature_good(key, SIGNATURE_RSA, octets_of(some, sizeof(some)),
					  octets_of(signature + i, length - i)));
	ck_assert(!signature_good(key, SIGNATURE_RSA, octets_of(some, sizeof(some)),
				  octets_of(longer, length + 1)));
	ck_assert(!signature_good(key, SIGNATURE_RSA, octets_of(some, sizeof(some)),
				  octets_of(signature, length + 1)));
	ck_assert(signature_good(key, SIGNATURE_RSA, octets_of(some, sizeof(some)),
				 octets_of(signature, length)));
	EVP_PKEY_free(key);
}
END_TEST

/* The modulus added to a signature: the same number to whoever does not compare first. */
START_TEST(test_number_above_the_modulus)
{
	EVP_PKEY *key = key_of(PKI_RSA_1024);
	BIGNUM *modulus = NULL, *number = NULL;
	uint8_t signature[SIGNATURE_MAX_LENGTH], some[4] = {0};
	size_t length = 0;

	ck_assert_int_eq(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus), 1);
	for (unsigned i = 0; number == NULL || BN_num_bits(number) > 1024; i++) {
		ck_assert_uint_lt(i, 256);
		some[0] = (uint8_t)i;
		length =
		    signature_make(key, SIGNATURE_RSA, octets_of(some, sizeof(some)), signature);
		BN_free(number);
		number = BN_bin2bn(signature, (int)length, NULL);
		ck_assert_int_eq(BN_add(number, number, modulus), 1);
	}
	ck_assert_int_eq(BN_bn2binpad(number, signature, (int)length), (int)length);
	ck_assert(!signature_good(key, SIGNATURE_RSA, octets_of(some, sizeof(some)),
				  octets_of(signature, length)));
	BN_free(number);
	BN_free(modulus);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_trivial_signatures)
{
	static const struct {
		enum pki_key key;
		enum signature_kind kind;
		size_t length;
	} cases[] = {
	    {PKI_RSA, SIGNATURE_RSA, 256},
	    {PKI_P256, SIGNATURE_ECDSA_256, 64},
	    {PKI_P384, SIGNATURE_ECDSA_384, 96},
	    {PKI_P521, SIGNATURE_ECDSA_521, 132},
	};
	uint8_t signature[SIGNATURE_MAX_LENGTH];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EVP_PKEY *key = key_of(cases[i].key);

		for (unsigned octet = 0; octet < 256; octet++) {
			memset(signature, (int)octet, sizeof(signature));
			ck_assert(!signature_good(key, cases[i].kind, hash,
						  octets_of(signature, cases[i].length)));
		}
		for (size_t length = 0; length <= sizeof(signature); length++) {
			memset(signature, 0, sizeof(signature));
			if (length > 0)
				signature[length - 1] = 1;
			ck_assert(!signature_good(key, cases[i].kind, hash,
						  octets_of(signature, length)));
		}
		EVP_PKEY_free(key);
	}
}
END_TEST

/* r and s are from 1 to the order less one, and each has its own half: nothing else is the same signature. */
START_TEST(test_ecdsa_numbers_out_of_range)
{
	static const char order[] = "ffffffff00000000ffffffffffffffff"
				    "bce6faada7179e84f3b9cac2fc632551";
	EVP_PKEY *key = key_of(PKI_P256);
	uint8_t signature[SIGNATURE_MAX_LENGTH], changed[64], n[32];
	const size_t length = signature_make(key, SIGNATURE_ECDSA_256, hash, signature);

	ck_assert_uint_eq(length, 64);
	ck_assert_uint_eq(unit_hex(order, n, sizeof(n)), 32);
	for (size_t half = 0; half < 64; half += 32) {
		memcpy(changed, signature, sizeof(changed));
		memset(changed + half, 0, 32);
		ck_assert(!signature_good(key, SIGNATURE_ECDSA_256, hash, octets_of(changed, 64)));
		memcpy(changed + half, n, 32);
		ck_assert(!signature_good(key, SIGNATURE_ECDSA_256, hash, octets_of(changed, 64)));
		memset(changed + half, 0xff, 32);
		ck_assert(!signature_good(key, SIGNATURE_ECDSA_256, hash, octets_of(changed, 64)));
	}
	for (size_t i = 0; i < 64; i++) {
		memcpy(changed, signature, sizeof(changed));
		changed[i] ^= 1;
		ck_assert(!signature_good(key, SIGNATURE_ECDSA_256, hash, octets_of(changed, 64)));
	}
	ck_assert(!signature_good(key, SIGNATURE_ECDSA_256, hash, octets_of(signature, 63)));
	ck_assert(!signature_good(key, SIGNATURE_ECDSA_256, hash, octets_of(signature, 65)));
	EVP_PKEY_free(key);
}
END_TEST

/* What TLS and IKEv2's certificates have: IKEv1 does not. */
START_TEST(test_ecdsa_in_der)
{
	EVP_PKEY *key = key_of(PKI_P256);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	uint8_t der[SIGNATURE_MAX_LENGTH];
	size_t length = sizeof(der);

	ck_assert_int_eq(EVP_PKEY_sign_init(context), 1);
	ck_assert_int_eq(EVP_PKEY_sign(context, der, &length, hash.data, hash.length), 1);
	ck_assert(!signature_good(key, SIGNATURE_ECDSA_256, hash, octets_of(der, length)));
	ck_assert(!signature_good(key, SIGNATURE_ECDSA_256, hash, octets_of(der, 64)));
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_keys_that_ike_cannot_use)
{
	static const enum pki_key unusable[] = {PKI_RSA_768, PKI_RSA_PSS, PKI_P224, PKI_ED25519};
	enum signature_kind kind;

	for (size_t i = 0; i < sizeof(unusable) / sizeof(unusable[0]); i++) {
		EVP_PKEY *key = key_of(unusable[i]);

		ck_assert(!signature_kind_of(key, &kind));
		EVP_PKEY_free(key);
	}
}
END_TEST

/* Every block is its own signature under the exponent 1; an even exponent belongs to no private key. */
START_TEST(test_exponents_that_prove_nothing)
{
	static const struct {
		unsigned long exponent;
		bool usable;
	} cases[] = {{1, false}, {2, false}, {3, true}, {65536, false}, {65537, true}};
	EVP_PKEY *key = key_of(PKI_RSA);
	enum signature_kind kind;
	BIGNUM *modulus = NULL;

	ck_assert_int_eq(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus), 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t number[256];
		EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
		EVP_PKEY *public = NULL;
		OSSL_PARAM parameters[3];

		ck_assert_int_eq(BN_bn2nativepad(modulus, number, sizeof(number)),
				 (int)sizeof(number));
		parameters[0] = OSSL_PARAM_construct_BN("n", number, sizeof(number));
		parameters[1] =
		    OSSL_PARAM_construct_ulong("e", (unsigned long *)(uintptr_t)&cases[i].exponent);
		parameters[2] = OSSL_PARAM_construct_end();
		ck_assert_int_eq(EVP_PKEY_fromdata_init(context), 1);
		ck_assert_int_eq(
		    EVP_PKEY_fromdata(context, &public, EVP_PKEY_PUBLIC_KEY, parameters), 1);
		ck_assert_int_eq(signature_kind_of(public, &kind), cases[i].usable);
		EVP_PKEY_free(public);
		EVP_PKEY_CTX_free(context);
	}
	BN_free(modulus);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_another_key_did_not_sign)
{
	static const enum pki_key pairs[][2] = {
	    {PKI_RSA, PKI_RSA_OTHER}, {PKI_RSA, PKI_RSA_EXPONENT_3}, {PKI_P256, PKI_P256_OTHER}};
	uint8_t signature[SIGNATURE_MAX_LENGTH];

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		EVP_PKEY *one = key_of(pairs[i][0]), *other = key_of(pairs[i][1]);
		enum signature_kind kind;
		size_t length;

		ck_assert(signature_kind_of(one, &kind));
		length = signature_make(one, kind, hash, signature);
		ck_assert_uint_gt(length, 0);
		ck_assert(!signature_good(other, kind, hash, octets_of(signature, length)));
		EVP_PKEY_free(one);
		EVP_PKEY_free(other);
	}
}
END_TEST

/* The block is what RFC 2409 section 5.1 says: looked at with the public key and without any padding. */
START_TEST(test_block_of_our_own)
{
	EVP_PKEY *key = key_of(PKI_RSA);
	uint8_t signature[SIGNATURE_MAX_LENGTH], opened[SIGNATURE_MAX_LENGTH];
	uint8_t wanted[SIGNATURE_MAX_LENGTH];
	size_t length = signature_make(key, SIGNATURE_RSA, hash, signature), open = sizeof(opened);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);

	ck_assert_uint_eq(length, 256);
	ck_assert_int_eq(EVP_PKEY_verify_recover_init(context), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING), 1);
	ck_assert_int_eq(EVP_PKEY_verify_recover(context, opened, &open, signature, length), 1);
	ck_assert_uint_eq(open, right_block(key, wanted));
	ck_assert_mem_eq(opened, wanted, open);
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(key);
}
END_TEST

/* RFC 4754 section 8.1: "abc" with a key of the RFC's. */
START_TEST(test_vector_of_ecdsa_256)
{
	static const char public[] =
	    "04 2442a5cc0ecd015fa3ca31dc8e2bbc70bf42d60cbca20085e0822cb04235e970"
	    "   6fc98bd7e50211a4a27102fa3549df79ebcb4bf246b80945cddfe7d509bbfd7d";
	static const char signed_abc[] =
	    "cb28e0999b9c7715fd0a80d8e47a77079716cbbf917dd72e97566ea1c066957c"
	    "86fa3bb4e26cad5bf90b7f81899256ce7594bb1ea0c89212748bff3b3d5b0315";
	static const char abc[] =
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	char curve[] = "P-256";
	uint8_t point[65], signature[64], digest[32];
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	OSSL_PARAM parameters[3];

	unit_hex(public, point, sizeof(point));
	unit_hex(signed_abc, signature, sizeof(signature));
	unit_hex(abc, digest, sizeof(digest));
	parameters[0] = OSSL_PARAM_construct_utf8_string("group", curve, 0);
	parameters[1] = OSSL_PARAM_construct_octet_string("pub", point, sizeof(point));
	parameters[2] = OSSL_PARAM_construct_end();
	ck_assert_int_eq(EVP_PKEY_fromdata_init(context), 1);
	ck_assert_int_eq(EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters), 1);
	ck_assert(signature_good(key, SIGNATURE_ECDSA_256, octets_of(digest, sizeof(digest)),
				 octets_of(signature, sizeof(signature))));
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(context);
}
END_TEST

START_TEST(test_what_is_signed_is_good)
{
	static const struct {
		enum pki_key key;
		enum signature_kind kind;
		size_t length;
	} cases[] = {
	    {PKI_RSA, SIGNATURE_RSA, 256},       {PKI_RSA_EXPONENT_3, SIGNATURE_RSA, 256},
	    {PKI_RSA_1024, SIGNATURE_RSA, 128},  {PKI_P256, SIGNATURE_ECDSA_256, 64},
	    {PKI_P384, SIGNATURE_ECDSA_384, 96}, {PKI_P521, SIGNATURE_ECDSA_521, 132},
	};
	uint8_t signature[SIGNATURE_MAX_LENGTH];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EVP_PKEY *key = key_of(cases[i].key);
		enum signature_kind kind;

		ck_assert(signature_kind_of(key, &kind));
		ck_assert_int_eq(kind, cases[i].kind);
		for (size_t length = 16; length <= 64; length += 4) {
			const struct octets some = octets_of(hash_octets, length);

			ck_assert_uint_eq(signature_make(key, kind, some, signature),
					  cases[i].length);
			ck_assert(
			    signature_good(key, kind, some, octets_of(signature, cases[i].length)));
		}
		EVP_PKEY_free(key);
	}
}
END_TEST

UNIT_MAIN("signature", test_garbage_behind_the_hash, test_digest_info_before_the_hash,
	  test_every_octet_of_the_block_counts, test_separator_elsewhere,
	  test_hash_of_another_length, test_length_that_is_not_the_modulus,
	  test_number_above_the_modulus, test_trivial_signatures, test_ecdsa_numbers_out_of_range,
	  test_ecdsa_in_der, test_keys_that_ike_cannot_use, test_exponents_that_prove_nothing,
	  test_another_key_did_not_sign, test_block_of_our_own, test_vector_of_ecdsa_256,
	  test_what_is_signed_is_good)
