/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include "ike/skeyid.h"
#include "tests/support/psk_suite.h"

static struct psk_suite suites[PSK_SUITES];
static struct crypto *crypto;

static void begin(void)
{
	psk_suites_load(suites);
	crypto = crypto_new();
	ck_assert_ptr_nonnull(crypto);
}

static void assert_octets(const uint8_t *got, struct octets wanted)
{
	ck_assert_uint_gt(wanted.length, 0);
	ck_assert_mem_eq(got, wanted.data, wanted.length);
}

static struct skeyid keys_of(const struct psk_suite *suite)
{
	struct skeyid keys = {.hash = suite->hash, .cipher = suite->cipher};

	skeyid_psk(crypto, &keys, suite->psk, suite->ni, suite->nr);
	skeyid_derive(crypto, &keys, suite->g_xy, suite->cky_i.data, suite->cky_r.data);
	return keys;
}

/* One bit of any input changes every key. */
START_TEST(test_every_input_counts)
{
	struct psk_suite *suite = &suites[0];
	const struct octets *const inputs[] = {&suite->psk,  &suite->ni,    &suite->nr,
					       &suite->g_xy, &suite->cky_i, &suite->cky_r};
	struct skeyid right, wrong;

	begin();
	right = keys_of(suite);
	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		uint8_t *first = &suite->memory[inputs[i]->data - suite->memory];
		uint8_t *last = first + inputs[i]->length - 1;

		*last ^= 1;
		wrong = keys_of(suite);
		*last ^= 1;
		ck_assert_mem_ne(wrong.d, right.d, hash_length(suite->hash));
		ck_assert_mem_ne(wrong.a, right.a, hash_length(suite->hash));
		ck_assert_mem_ne(wrong.e, right.e, hash_length(suite->hash));
		ck_assert_mem_ne(wrong.key, right.key, cipher_key_length(suite->cipher));
	}
	crypto_free(crypto);
}
END_TEST

/* HASH_I does not pass as HASH_R: an attacker must not be able to hand it back. */
START_TEST(test_hash_reflected)
{
	const struct psk_suite *suite = &suites[0];
	struct skeyid keys;
	uint8_t hash_i[PRF_MAX_LENGTH], hash_r[PRF_MAX_LENGTH];

	begin();
	keys = keys_of(suite);
	skeyid_hash(crypto, &keys, suite->g_xi, suite->g_xr, suite->cky_i.data, suite->cky_r.data,
		    suite->sai_b, suite->idii_b, hash_i);
	skeyid_hash(crypto, &keys, suite->g_xr, suite->g_xi, suite->cky_r.data, suite->cky_i.data,
		    suite->sai_b, suite->idii_b, hash_r);
	ck_assert_mem_ne(hash_i, hash_r, hash_length(suite->hash));
	crypto_free(crypto);
}
END_TEST

START_TEST(test_keys_of_all_suites)
{
	begin();
	for (size_t i = 0; i < PSK_SUITES; i++) {
		const struct psk_suite *suite = &suites[i];
		struct skeyid keys = keys_of(suite);

		assert_octets(keys.skeyid, suite->skeyid);
		assert_octets(keys.d, suite->skeyid_d);
		assert_octets(keys.a, suite->skeyid_a);
		assert_octets(keys.e, suite->skeyid_e);
		ck_assert_uint_eq(suite->key.length, cipher_key_length(suite->cipher));
		assert_octets(keys.key, suite->key);
	}
	crypto_free(crypto);
}
END_TEST

START_TEST(test_hashes_of_all_suites)
{
	begin();
	for (size_t i = 0; i < PSK_SUITES; i++) {
		const struct psk_suite *suite = &suites[i];
		struct skeyid keys = keys_of(suite);
		uint8_t out[PRF_MAX_LENGTH];

		ck_assert_uint_eq(suite->hash_i.length, hash_length(suite->hash));
		skeyid_hash(crypto, &keys, suite->g_xi, suite->g_xr, suite->cky_i.data,
			    suite->cky_r.data, suite->sai_b, suite->idii_b, out);
		assert_octets(out, suite->hash_i);
		skeyid_hash(crypto, &keys, suite->g_xr, suite->g_xi, suite->cky_r.data,
			    suite->cky_i.data, suite->sai_b, suite->idir_b, out);
		assert_octets(out, suite->hash_r);
	}
	crypto_free(crypto);
}
END_TEST

/* Ka to its whole length, and cut at every length before it; beside it an octet that must stay as it was. */
START_TEST(test_expansion)
{
	size_t expanded = 0;

	begin();
	for (size_t i = 0; i < PSK_SUITES; i++) {
		const struct psk_suite *suite = &suites[i];

		for (size_t length = suite->skeyid_e.length + 1; length <= suite->ka.length;
		     length++) {
			uint8_t out[128] = {0};

			out[length] = 0xa5;
			skeyid_expand(crypto, suite->hash, suite->skeyid_e, out, length);
			ck_assert_mem_eq(out, suite->ka.data, length);
			ck_assert_uint_eq(out[length], 0xa5);
			expanded++;
		}
	}
	ck_assert_uint_gt(expanded, 0);
	crypto_free(crypto);
}
END_TEST

/* As long as the key is enough: then Ka is not made. */
START_TEST(test_expansion_not_needed)
{
	const struct psk_suite *suite = &suites[0];
	uint8_t out[PRF_MAX_LENGTH];

	begin();
	skeyid_expand(crypto, suite->hash, suite->skeyid_e, out, suite->skeyid_e.length);
	assert_octets(out, suite->skeyid_e);
	crypto_free(crypto);
}
END_TEST

/* prf(Ni_b | Nr_b, g^xy), computed by Python's hmac; with 512 octets of nonces too, which HMAC hashes first. */
START_TEST(test_skeyid_with_signatures)
{
	static const struct {
		enum hash_algorithm hash;
		bool long_nonces;
		const char *skeyid;
	} known[] = {
	    {HASH_MD5, false, "d8ce38822bc6f8bd2b29e3f7201d7b61"},
	    {HASH_SHA1, false, "3f37108ac291ad02c9e010a38df962c467f24ba3"},
	    {HASH_SHA2_256, false,
	     "80524ffb05e06b8105085ee065aedebe37b9afa90c34819f0232860744e13a1d"},
	    {HASH_SHA2_512, false,
	     "bbfb47b891ec566a286db41054b5df237afb9a22c5a4074ce99fd429cdad69cd"
	     "a6108071a5eb4521ec7fcf8d5d63237d6386afba00b167fb26d7a05e438c71d2"},
	    {HASH_SHA1, true, "32e03fb4f8665c9b79910403172db62574dfaeff"},
	    {HASH_SHA2_512, true,
	     "2f398903f4cbdef8e1349f0c6e251f36d2a23550c3acb0cf06192d1df5dfa284"
	     "6c0827bce7b425603f22faa8f515edf8dbefd070b73459f4dbc65837029ff876"},
	};
	uint8_t ni[256], nr[256], g_xy[32];

	begin();
	for (size_t i = 0; i < sizeof(g_xy); i++)
		g_xy[i] = (uint8_t)(0x80 + i);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct skeyid keys = {.hash = known[i].hash};
		bool longer = known[i].long_nonces;

		for (size_t j = 0; j < sizeof(ni); j++) {
			ni[j] = (uint8_t)(longer ? 1 : 0x10 + j);
			nr[j] = (uint8_t)(longer ? 2 : 0x40 + j);
		}
		skeyid_signatures(crypto, &keys, octets_of(ni, longer ? 256 : 16),
				  octets_of(nr, longer ? 256 : 32), octets_of(g_xy, sizeof(g_xy)));
		unit_assert_hex(octets_of(keys.skeyid, hash_length(keys.hash)), known[i].skeyid);
	}
	crypto_free(crypto);
}
END_TEST

UNIT_MAIN("skeyid", test_skeyid_with_signatures, test_every_input_counts, test_hash_reflected,
	  test_keys_of_all_suites, test_hashes_of_all_suites, test_expansion,
	  test_expansion_not_needed)
