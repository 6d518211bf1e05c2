/* SPDX-License-Identifier: ISC */
/*
 * What peers send us first, then agreement in every group, then the values of the RFCs.  test_backend_openssl.c holds the
 * MODP groups against OpenSSL's own key agreement, and starves all of them of memory.
 */
#include "tests/support/unit.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <string.h>

#include "crypto/dh.h"

#define MODP_GROUPS (DH_MODP_8192 + 1)

static const uint8_t zeros[DH_MAX_LENGTH];

/* A source that answers with prescribed octets: the private values of the RFCs. */
struct prescribed_source {
	struct random_source source;
	struct octets octets;
};

static void fill_as_prescribed(struct random_source *source, uint8_t *out, size_t length)
{
	struct prescribed_source *prescribed = (struct prescribed_source *)source;

	ck_assert_uint_ge(prescribed->octets.length, length);
	memcpy(out, prescribed->octets.data, length);
	prescribed->octets =
	    octets_of(prescribed->octets.data + length, prescribed->octets.length - length);
}

static struct crypto *new_crypto(void)
{
	struct crypto *crypto = crypto_new();

	ck_assert_ptr_nonnull(crypto);
	return crypto;
}

static struct dh_key *generate(struct crypto *crypto, enum dh_group group, uint16_t seed_number)
{
	uint8_t seed[RANDOM_SEED_LENGTH] = {(uint8_t)(seed_number >> 8), (uint8_t)seed_number};
	struct random_source random;
	struct dh_key *key;

	random_seeded(&random, seed);
	key = dh_generate(crypto, group, &random);
	ck_assert_ptr_nonnull(key);
	return key;
}

static struct dh_key *generate_from(struct crypto *crypto, enum dh_group group,
				    struct octets private_value)
{
	struct prescribed_source prescribed = {{.fill = fill_as_prescribed}, private_value};
	struct dh_key *key = dh_generate(crypto, group, &prescribed.source);

	ck_assert_ptr_nonnull(key);
	ck_assert_uint_eq(prescribed.octets.length, 0);
	return key;
}

/* Both functions refuse it, and what may have been in the buffer before is gone. */
static void assert_refused(struct crypto *crypto, const struct dh_key *key, enum dh_group group,
			   struct octets peer)
{
	uint8_t out[DH_MAX_LENGTH];

	memset(out, 0xff, sizeof(out));
	ck_assert(!dh_public_valid(crypto, group, peer));
	ck_assert(!dh_secret(crypto, key, peer, out));
	ck_assert_mem_eq(out, zeros, dh_secret_length(group));
	ck_assert_uint_eq(ERR_peek_error(), 0);
}

static BIGNUM *modp_prime(enum dh_group group)
{
	static BIGNUM *(*const primes[])(BIGNUM *) = {
	    BN_get_rfc2409_prime_768,  BN_get_rfc2409_prime_1024, BN_get_rfc3526_prime_1536,
	    BN_get_rfc3526_prime_2048, BN_get_rfc3526_prime_3072, BN_get_rfc3526_prime_4096,
	    BN_get_rfc3526_prime_6144, BN_get_rfc3526_prime_8192,
	};
	BIGNUM *prime = primes[group](NULL);

	ck_assert_ptr_nonnull(prime);
	return prime;
}

START_TEST(test_lengths_that_are_not_the_groups)
{
	struct crypto *crypto = new_crypto();
	uint8_t peer[DH_MAX_LENGTH + 1];

	for (int i = 0; i < DH_GROUPS; i++) {
		const enum dh_group group = (enum dh_group)i;
		struct dh_key *key = generate(crypto, group, 1);
		const size_t length = dh_public_length(group);

		memset(peer, 0, sizeof(peer));
		memcpy(peer + 1, dh_public(key).data,
		       length); /* a zero in front, which a number would bear */
		ck_assert(dh_public_valid(crypto, group, octets_of(peer + 1, length)));
		assert_refused(crypto, key, group, octets_of(peer, length + 1));
		assert_refused(crypto, key, group, octets_of(peer + 1, length - 1));
		assert_refused(crypto, key, group, octets_of(peer + 1, 1));
		assert_refused(crypto, key, group, octets_of(NULL, 0));
		dh_free(key);
	}
	crypto_free(crypto);
}
END_TEST

START_TEST(test_modp_values_outside_the_bounds)
{
	struct crypto *crypto = new_crypto();
	uint8_t peer[DH_MAX_LENGTH];

	for (int i = 0; i < MODP_GROUPS; i++) {
		const enum dh_group group = (enum dh_group)i;
		const int length = (int)dh_public_length(group);
		const struct octets octets = octets_of(peer, (size_t)length);
		struct dh_key *key = generate(crypto, group, 2);
		BIGNUM *prime = modp_prime(group);

		for (BN_ULONG low = 0; low <= 2; low++) {
			memset(peer, 0, sizeof(peer));
			peer[length - 1] = (uint8_t)low;
			if (low < 2)
				assert_refused(crypto, key, group, octets);
			else
				ck_assert(dh_public_valid(crypto, group, octets));
		}
		ck_assert_int_eq(BN_sub_word(prime, 2), 1); /* p - 2 and on to p + 1 */
		for (int above = -2; above <= 1; above++) {
			ck_assert_int_eq(BN_bn2binpad(prime, peer, length), length);
			if (above >= -1)
				assert_refused(crypto, key, group, octets);
			else
				ck_assert(dh_public_valid(crypto, group, octets));
			ck_assert_int_eq(BN_add_word(prime, 1), 1);
		}
		memset(peer, 0xff, sizeof(peer));
		assert_refused(crypto, key, group, octets);
		BN_free(prime);
		dh_free(key);
	}
	crypto_free(crypto);
}
END_TEST

START_TEST(test_points_off_the_curve)
{
	struct crypto *crypto = new_crypto();
	uint8_t peer[DH_MAX_LENGTH];

	for (int i = DH_ECP_256; i <= DH_ECP_521; i++) {
		const enum dh_group group = (enum dh_group)i;
		struct dh_key *key = generate(crypto, group, 3);
		const size_t length = dh_public_length(group);
		const struct octets octets = octets_of(peer, length);

		for (size_t j = 0; j < length; j++) {
			memcpy(peer, dh_public(key).data, length);
			peer[j] ^= 1;
			assert_refused(crypto, key, group, octets);
		}
		memset(peer, 0, sizeof(peer)); /* what some use for infinity */
		assert_refused(crypto, key, group, octets);
		memset(peer, 0xff, sizeof(peer)); /* coordinates beyond the prime */
		assert_refused(crypto, key, group, octets);
		memcpy(peer, dh_public(key).data, length / 2); /* x = y */
		memcpy(peer + length / 2, dh_public(key).data, length / 2);
		assert_refused(crypto, key, group, octets);
		dh_free(key);
	}
	crypto_free(crypto);
}
END_TEST

/* A point of one curve, sent for another of the same length of KE: 96 octets are MODP 768 and ECP 384. */
START_TEST(test_value_of_another_group)
{
	struct crypto *crypto = new_crypto();
	struct dh_key *modp = generate(crypto, DH_MODP_768, 4),
		      *ecp = generate(crypto, DH_ECP_384, 4);

	ck_assert_uint_eq(dh_public(modp).length, dh_public(ecp).length);
	assert_refused(crypto, ecp, DH_ECP_384, dh_public(modp));
	dh_free(modp);
	dh_free(ecp);
	crypto_free(crypto);
}
END_TEST

/* All the encodings of the points of order 1, 2, 4 and 8, those beyond the prime included; the top bit is ignored. */
START_TEST(test_curve25519_points_of_small_order)
{
	static const char *const points[] = {
	    "0000000000000000000000000000000000000000000000000000000000000000",
	    "0100000000000000000000000000000000000000000000000000000000000000",
	    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	struct crypto *crypto = new_crypto();
	struct dh_key *key = generate(crypto, DH_CURVE25519, 5);
	uint8_t peer[32], out[32];

	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		for (int top = 0; top <= 1; top++) {
			ck_assert_uint_eq(unit_hex(points[i], peer, sizeof(peer)), sizeof(peer));
			peer[31] |= (uint8_t)(top << 7);
			memset(out, 0xff, sizeof(out));
			ck_assert(!dh_secret(crypto, key, octets_of(peer, sizeof(peer)), out));
			ck_assert_mem_eq(out, zeros, sizeof(out));
		}
	}
	assert_refused(crypto, key, DH_CURVE25519, octets_of(zeros, sizeof(peer)));
	dh_free(key);
	crypto_free(crypto);
}
END_TEST

/* n and 0 are no scalars of ECP 256: both are drawn again; n - 1 is one. */
START_TEST(test_ecp_scalars_outside_the_bounds_are_drawn_again)
{
	struct crypto *crypto = new_crypto();
	uint8_t draws[96];
	size_t length = unit_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
				 "0000000000000000000000000000000000000000000000000000000000000000"
				 "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550",
				 draws, sizeof(draws));
	struct dh_key *key = generate_from(crypto, DH_ECP_256, octets_of(draws, length));

	ck_assert_uint_eq(dh_private(key).length, 32);
	ck_assert_mem_eq(dh_private(key).data, draws + 64, 32);
	/* (n - 1) * G = -G: the generator's own x. */
	unit_assert_hex(octets_of(dh_public(key).data, 32),
			"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
	dh_free(key);
	crypto_free(crypto);
}
END_TEST

START_TEST(test_lengths)
{
	static const struct {
		size_t public_length, secret_length, private_length;
	} wanted[DH_GROUPS] = {
	    {96, 96, 32},   {128, 128, 32}, {192, 192, 32}, {256, 256, 29},
	    {384, 384, 35}, {512, 512, 41}, {768, 768, 47}, {1024, 1024, 50},
	    {64, 32, 32},   {96, 48, 48},   {132, 66, 66},  {32, 32, 32},
	};
	struct crypto *crypto = new_crypto();

	for (int i = 0; i < DH_GROUPS; i++) {
		struct dh_key *key = generate(crypto, (enum dh_group)i, 8);

		ck_assert_uint_eq(dh_public_length((enum dh_group)i), wanted[i].public_length);
		ck_assert_uint_eq(dh_secret_length((enum dh_group)i), wanted[i].secret_length);
		ck_assert_uint_eq(dh_public(key).length, wanted[i].public_length);
		ck_assert_uint_eq(dh_private(key).length, wanted[i].private_length);
		dh_free(key);
	}
	crypto_free(crypto);
}
END_TEST

START_TEST(test_modp_private_values_have_one_length)
{
	struct crypto *crypto = new_crypto();

	for (int i = 0; i < MODP_GROUPS; i++) {
		struct dh_key *any = generate(crypto, (enum dh_group)i, 8), *least;
		const size_t length = dh_private(any).length;

		least = generate_from(crypto, (enum dh_group)i, octets_of(zeros, length));
		ck_assert_uint_eq(dh_private(least).data[0], 0x80);
		ck_assert_mem_eq(dh_private(least).data + 1, zeros, length - 1);
		dh_free(least);
		dh_free(any);
	}
	crypto_free(crypto);
}
END_TEST

START_TEST(test_both_sides_agree_in_every_group)
{
	struct crypto *crypto = new_crypto();

	for (int i = 0; i < DH_GROUPS; i++) {
		const enum dh_group group = (enum dh_group)i;
		struct dh_key *a = generate(crypto, group, 9), *b = generate(crypto, group, 10);
		uint8_t from_a[DH_MAX_LENGTH], from_b[DH_MAX_LENGTH], from_both_a[DH_MAX_LENGTH];

		ck_assert_mem_ne(dh_public(a).data, dh_public(b).data, dh_public_length(group));
		ck_assert(dh_public_valid(crypto, group, dh_public(a)));
		ck_assert(dh_secret(crypto, a, dh_public(b), from_a));
		ck_assert(dh_secret(crypto, b, dh_public(a), from_b));
		ck_assert(dh_secret(crypto, a, dh_public(a), from_both_a));
		ck_assert_mem_eq(from_a, from_b, dh_secret_length(group));
		ck_assert_mem_ne(from_a, from_both_a, dh_secret_length(group));
		dh_free(a);
		dh_free(b);
	}
	crypto_free(crypto);
}
END_TEST

START_TEST(test_equal_random_octets_make_equal_keys)
{
	struct crypto *crypto = new_crypto(), *another = new_crypto();

	for (int i = 0; i < DH_GROUPS; i++) {
		const enum dh_group group = (enum dh_group)i;
		struct dh_key *a = generate(crypto, group, 11), *b = generate(another, group, 11);

		ck_assert_mem_eq(dh_public(a).data, dh_public(b).data, dh_public_length(group));
		ck_assert_mem_eq(dh_private(a).data, dh_private(b).data, dh_private(a).length);
		dh_free(a);
		dh_free(b);
	}
	crypto_free(crypto);
	crypto_free(another);
}
END_TEST

/*
 * One secret in 256 begins with a zero octet.  Who drops it derives other keys than the peer, once a day and never in the
 * laboratory.
 */
START_TEST(test_secret_that_begins_with_zero)
{
	static const enum dh_group searched[] = {DH_MODP_768, DH_ECP_256};
	struct crypto *crypto = new_crypto();

	for (size_t i = 0; i < 2; i++) {
		const enum dh_group group = searched[i];
		const size_t length = dh_secret_length(group);
		struct dh_key *a = generate(crypto, group, 12), *b = NULL;
		uint8_t from_a[DH_MAX_LENGTH] = {1}, from_b[DH_MAX_LENGTH];

		for (uint16_t seed = 13; from_a[0] != 0; seed++) {
			ck_assert_uint_lt(seed, 5000);
			dh_free(b);
			b = generate(crypto, group, seed);
			ck_assert(dh_secret(crypto, a, dh_public(b), from_a));
		}
		memset(from_b, 0xff, sizeof(from_b));
		ck_assert(dh_secret(crypto, b, dh_public(a), from_b));
		ck_assert_uint_eq(from_b[0], 0);
		ck_assert_mem_ne(from_b, zeros, length);
		ck_assert_mem_eq(from_a, from_b, length);
		ck_assert_uint_eq(from_b[length], 0xff);
		dh_free(a);
		dh_free(b);
	}
	crypto_free(crypto);
}
END_TEST

START_TEST(test_public_value_that_begins_with_zero)
{
	struct crypto *crypto = new_crypto();
	struct dh_key *a = generate(crypto, DH_MODP_768, 12), *b = NULL;
	uint8_t from_a[DH_MAX_LENGTH], from_b[DH_MAX_LENGTH];

	for (uint16_t seed = 13; b == NULL || dh_public(b).data[0] != 0; seed++) {
		ck_assert_uint_lt(seed, 5000);
		dh_free(b);
		b = generate(crypto, DH_MODP_768, seed);
	}
	ck_assert_uint_eq(dh_public(b).length, 96);
	ck_assert(dh_secret(crypto, a, dh_public(b), from_a));
	ck_assert(dh_secret(crypto, b, dh_public(a), from_b));
	ck_assert_mem_eq(from_a, from_b, 96);
	dh_free(a);
	dh_free(b);
	crypto_free(crypto);
}
END_TEST

/* Public value of i, and secrets of i and r, as the RFC prints them; the other public value follows from both. */
static void assert_agreement(enum dh_group group, const char *i, const char *r, const char *gi,
			     const char *gir)
{
	struct crypto *crypto = new_crypto();
	uint8_t octets[66], secret[66];
	size_t length = unit_hex(i, octets, sizeof(octets));
	struct dh_key *initiator = generate_from(crypto, group, octets_of(octets, length)),
		      *responder;

	length = unit_hex(r, octets, sizeof(octets));
	responder = generate_from(crypto, group, octets_of(octets, length));
	unit_assert_hex(dh_public(initiator), gi);
	ck_assert(dh_secret(crypto, responder, dh_public(initiator), secret));
	unit_assert_hex(octets_of(secret, dh_secret_length(group)), gir);
	ck_assert(dh_secret(crypto, initiator, dh_public(responder), secret));
	unit_assert_hex(octets_of(secret, dh_secret_length(group)), gir);
	dh_free(initiator);
	dh_free(responder);
	crypto_free(crypto);
}

/* RFC 5903 section 8.1. */
START_TEST(test_ecp_256)
{
	assert_agreement(DH_ECP_256,
			 "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433",
			 "C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53",
			 "DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180"
			 "5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3",
			 "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE");
}
END_TEST

/* RFC 5903 section 8.2. */
START_TEST(test_ecp_384)
{
	assert_agreement(DH_ECP_384,
			 "099F3C7034D4A2C699884D73A375A67F7624EF7C6B3C0F160647B67414DCE655"
			 "E35B538041E649EE3FAEF896783AB194",
			 "41CB0779B4BDB85D47846725FBEC3C9430FAB46CC8DC5060855CC9BDA0AA2942"
			 "E0308312916B8ED2960E4BD55A7448FC",
			 "667842D7D180AC2CDE6F74F37551F55755C7645C20EF73E31634FE72B4C55EE6"
			 "DE3AC808ACB4BDB4C88732AEE95F41AA"
			 "9482ED1FC0EEB9CAFC4984625CCFC23F65032149E0E144ADA024181535A0F38E"
			 "EB9FCFF3C2C947DAE69B4C634573A81C",
			 "11187331C279962D93D604243FD592CB9D0A926F422E47187521287E7156C5C4"
			 "D603135569B9E9D09CF5D4A270F59746");
}
END_TEST

/* RFC 5903 section 8.3. */
START_TEST(test_ecp_521)
{
	assert_agreement(DH_ECP_521,
			 "0037ADE9319A89F4DABDB3EF411AACCCA5123C61ACAB57B5393DCE47608172A0"
			 "95AA85A30FE1C2952C6771D937BA9777F5957B2639BAB072462F68C27A57382D4A52",
			 "0145BA99A847AF43793FDD0E872E7CDFA16BE30FDC780F97BCCC3F078380201E"
			 "9C677D600B343757A3BDBF2A3163E4C2F869CCA7458AA4A4EFFC311F5CB151685EB9",
			 "0015417E84DBF28C0AD3C278713349DC7DF153C897A1891BD98BAB4357C9ECBE"
			 "E1E3BF42E00B8E380AEAE57C2D107564941885942AF5A7F4601723C4195D176CED3E"
			 "017CAE20B6641D2EEB695786D8C946146239D099E18E1D5A514C739D7CB4A10A"
			 "D8A788015AC405D7799DC75E7B7D5B6CF2261A6A7F1507438BF01BEB6CA3926F9582",
			 "01144C7D79AE6956BC8EDB8E7C787C4521CB086FA64407F97894E5E6B2D79B04"
			 "D1427E73CA4BAA240A34786859810C06B3C715A3A8CC3151F2BEE417996D19F3DDEA");
}
END_TEST

/* RFC 7748 section 6.1. */
START_TEST(test_curve25519)
{
	assert_agreement(DH_CURVE25519,
			 "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
			 "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
			 "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
			 "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}
END_TEST

UNIT_MAIN("dh", test_lengths_that_are_not_the_groups, test_modp_values_outside_the_bounds,
	  test_points_off_the_curve, test_value_of_another_group,
	  test_curve25519_points_of_small_order,
	  test_ecp_scalars_outside_the_bounds_are_drawn_again, test_lengths,
	  test_modp_private_values_have_one_length, test_both_sides_agree_in_every_group,
	  test_equal_random_octets_make_equal_keys, test_secret_that_begins_with_zero,
	  test_public_value_that_begins_with_zero, test_ecp_256, test_ecp_384, test_ecp_521,
	  test_curve25519)
