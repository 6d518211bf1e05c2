/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ike/proposal.h"
#include "tests/support/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(test_text_that_is_no_proposal)
{
	static const char *const bad[] = {
	    "",
	    "-",
	    "--",
	    "aes128",
	    "aes128-sha1",
	    "aes128-sha1-",
	    "-sha1-modp2048",
	    "aes128--modp2048",
	    "aes128-sha1-modp2048-",
	    "aes128-sha1-modp2048-x",
	    " aes128-sha1-modp2048",
	    "aes128-sha1-modp2048 ",
	    "aes64-sha1-modp2048",
	    "aes512-sha1-modp2048",
	    "aes0128-sha1-modp2048",
	    "aes1280-sha1-modp2048",
	    "aes+128-sha1-modp2048",
	    "aes-128-sha1-modp2048",
	    "3des192-sha1-modp2048",
	    "3des0-sha1-modp2048",
	    "des-sha1-modp2048",
	    "camellia128-sha1-modp2048",
	    "aes128-tiger-modp2048",
	    "aes128-sha-modp2048",
	    "aes128-sha11-modp2048",
	    "aes128-sha1-modp204",
	    "aes128-sha1-modp20488",
	    "aes128-sha1-14",
	    "AES128-SHA1-MODP2048",
	    "ae-sha1-modp2048",
	    "a",
	};
	struct ike_proposal proposal;

	for (size_t i = 0; i < COUNT(bad); i++) {
		memset(&proposal, 0x5a, sizeof(proposal));
		ck_assert_msg(!ike_proposal_parse(bad[i], &proposal), "%s", bad[i]);
		ck_assert_uint_eq(proposal.encryption, 0x5a5a);
	}
}
END_TEST

START_TEST(test_there_and_back)
{
	static const struct {
		const char *in;
		struct ike_proposal proposal;
		const char *out;
	} good[] = {
	    {"aes128-sha1-modp2048", {7, 128, 2, 14}, "aes128-sha1-modp2048"},
	    {"aes-sha1-modp2048", {7, 128, 2, 14}, "aes128-sha1-modp2048"},
	    {"aes192-sha384-modp8192", {7, 192, 5, 18}, "aes192-sha384-modp8192"},
	    {"aes256-sha256-ecp256", {7, 256, 4, 19}, "aes256-sha256-ecp256"},
	    {"aes256-sha512-x25519", {7, 256, 6, 31}, "aes256-sha512-x25519"},
	    {"aes256-sha512-curve25519", {7, 256, 6, 31}, "aes256-sha512-x25519"},
	    {"3des-md5-modp1024", {5, 0, 1, 2}, "3des-md5-modp1024"},
	};

	for (size_t i = 0; i < COUNT(good); i++) {
		struct ike_proposal proposal;
		char text[64];

		ck_assert_msg(ike_proposal_parse(good[i].in, &proposal), "%s", good[i].in);
		ck_assert(ike_proposal_equal(&proposal, &good[i].proposal));
		ck_assert_uint_eq(ike_proposal_text(&proposal, text, sizeof(text)),
				  strlen(good[i].out));
		ck_assert_str_eq(text, good[i].out);
	}
}
END_TEST

/* All that crypto/ has can be written down and read again. */
START_TEST(test_everything_there_and_back)
{
	static const struct ike_proposal ciphers[] = {
	    {.encryption = IKE_ENCRYPTION_3DES},
	    {.encryption = IKE_ENCRYPTION_AES, .key_bits = 128},
	    {.encryption = IKE_ENCRYPTION_AES, .key_bits = 192},
	    {.encryption = IKE_ENCRYPTION_AES, .key_bits = 256}};
	unsigned found = 0;

	for (size_t i = 0; i < COUNT(ciphers); i++) {
		for (uint16_t hash = 0; hash < 10; hash++) {
			for (uint16_t group = 0; group < 40; group++) {
				struct ike_proposal proposal = ciphers[i], again;
				enum cipher_algorithm cipher;
				enum hash_algorithm hash_algorithm;
				enum dh_group dh_group;
				char text[64];
				bool known;

				proposal.hash = hash;
				proposal.group = group;
				known = ike_proposal_cipher(&proposal, &cipher) &&
					ike_proposal_hash(&proposal, &hash_algorithm) &&
					ike_proposal_group(&proposal, &dh_group);
				(void)ike_proposal_text(&proposal, text, sizeof(text));
				if (known != ike_proposal_parse(text, &again))
					ck_abort_msg("%s", text);
				if (!known)
					continue;
				ck_assert(ike_proposal_equal(&proposal, &again));
				found++;
			}
		}
	}
	ck_assert_uint_eq(found, CIPHER_ALGORITHMS * HASH_ALGORITHMS * DH_GROUPS);
}
END_TEST

START_TEST(test_the_primitives)
{
	struct ike_proposal proposal;
	enum cipher_algorithm cipher;
	enum hash_algorithm hash;
	enum dh_group group;

	ck_assert(ike_proposal_parse("aes192-sha384-ecp521", &proposal));
	ck_assert(ike_proposal_cipher(&proposal, &cipher) && cipher == CIPHER_AES_192);
	ck_assert(ike_proposal_hash(&proposal, &hash) && hash == HASH_SHA2_384);
	ck_assert(ike_proposal_group(&proposal, &group) && group == DH_ECP_521);
	proposal.key_bits = 0;
	ck_assert(!ike_proposal_cipher(&proposal, &cipher));
	proposal.key_bits = 160;
	ck_assert(!ike_proposal_cipher(&proposal, &cipher));
}
END_TEST

START_TEST(test_soundness)
{
	static const char *const unsound[] = {"3des-sha1-modp2048", "aes128-md5-modp2048",
					      "aes128-sha1-modp1024", "aes128-sha1-modp1536",
					      "aes256-sha512-modp768"};
	static const char *const sound[] = {"aes128-sha1-modp2048", "aes192-sha256-modp8192",
					    "aes256-sha512-ecp521", "aes256-sha384-x25519",
					    "aes128-sha256-ecp256"};
	static const struct ike_proposal nothing, unknown = {7, 128, 2, 22}, odd = {7, 64, 2, 14};
	struct ike_proposal proposal;

	for (size_t i = 0; i < COUNT(unsound); i++) {
		ck_assert(ike_proposal_parse(unsound[i], &proposal));
		ck_assert_msg(!ike_proposal_is_sound(&proposal), "%s", unsound[i]);
	}
	ck_assert(!ike_proposal_is_sound(&nothing));
	ck_assert(!ike_proposal_is_sound(&unknown));
	ck_assert(!ike_proposal_is_sound(&odd));
	for (size_t i = 0; i < COUNT(sound); i++) {
		ck_assert(ike_proposal_parse(sound[i], &proposal));
		ck_assert_msg(ike_proposal_is_sound(&proposal), "%s", sound[i]);
	}
}
END_TEST

START_TEST(test_what_has_no_name_has_a_text)
{
	static const struct ike_proposal nothing, most = {65535, 65535, 65535, 65535};
	static const struct ike_proposal camellia = {8, 256, 3, 22};
	char text[64];

	(void)ike_proposal_text(&nothing, text, sizeof(text));
	ck_assert_str_eq(text, "cipher#0-hash#0-group#0");
	(void)ike_proposal_text(&most, text, sizeof(text));
	ck_assert_str_eq(text, "cipher#6553565535-hash#65535-group#65535");
	(void)ike_proposal_text(&camellia, text, sizeof(text));
	ck_assert_str_eq(text, "camellia256-tiger-group#22");
	ck_assert_uint_eq(ike_proposal_text(&camellia, text, 9), 8);
	ck_assert_str_eq(text, "camellia");
}
END_TEST

START_TEST(test_offers)
{
	struct ike_offer offers[3];
	char text[128];

	memset(offers, 0, sizeof(offers));
	offers[0].proposal = (struct ike_proposal){7, 256, 4, 14};
	offers[0].authentication = IKE_AUTHENTICATION_PSK;
	offers[1].proposal = (struct ike_proposal){5, 0, 1, 2};
	offers[1].authentication = IKE_AUTHENTICATION_RSA_SIGNATURE;
	offers[2].proposal = (struct ike_proposal){5, 0, 1, 2};
	offers[2].authentication = 65005;
	ck_assert_uint_eq(ike_offers_text(offers, 0, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "");
	ck_assert_uint_eq(ike_offers_text(offers, 3, text, sizeof(text)), strlen(text));
	ck_assert_str_eq(text, "aes256-sha256-modp2048, 3des-md5-modp1024 with rsa-signature, "
			       "3des-md5-modp1024 with authentication#65005");
}
END_TEST

UNIT_MAIN("proposal_text", test_text_that_is_no_proposal, test_there_and_back,
	  test_everything_there_and_back, test_the_primitives, test_soundness,
	  test_what_has_no_name_has_a_text, test_offers)
