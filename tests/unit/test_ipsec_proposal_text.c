/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ike/ipsec_proposal.h"
#include "tests/support/unit.h"

START_TEST(test_not_parsed)
{
	static const char *const bad[] = {
	    "",
	    "-",
	    "aes128",
	    "aes128-",
	    "aes512-sha1",
	    "aes128sha1",
	    "aes128-sha",
	    "aes128-sha384",
	    "des-md5",
	    "null-sha1",
	    "aes128-sha1-",
	    "aes128-sha1-modp",
	    "aes128-sha1-modp2048-",
	    "aes128-sha1-modp2048 ",
	    " aes128-sha1",
	    "AES128-sha1",
	    "3des128-sha1",
	    "aes128--sha1",
	    "aes128-sha1-none",
	    "aes128-sha1-modp2048-modp2048",
	    "aes512gcm16",
	    "aes128gcm",
	    "aes128gcm8",
	    "aes128gcm16-",
	    "aes128gcm16-sha1",
	    "aes128gcm16-sha1-modp2048",
	    "aes128gcm16-modp2048-modp2048",
	    "3desgcm16",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ike_ipsec_proposal proposal = {.group = 77};

		ck_assert_msg(!ike_ipsec_proposal_parse(bad[i], &proposal), "%s", bad[i]);
		ck_assert_uint_eq(proposal.group, 77);
	}
}
END_TEST

START_TEST(test_both_ways)
{
	static const struct {
		const char *text;
		struct ike_ipsec_proposal proposal;
		size_t encryption, authentication;
		bool sound;
	} good[] = {
	    {"aes128-sha1", {12, 128, 2, 0}, 16, 20, true},
	    {"aes192-sha256-modp2048", {12, 192, 5, 14}, 24, 32, true},
	    {"aes256-sha256-x25519", {12, 256, 5, 31}, 32, 32, true},
	    {"3des-md5-modp1024", {3, 0, 1, 2}, 24, 16, false},
	    {"3des-sha1", {3, 0, 2, 0}, 24, 20, false},
	    {"aes128-md5", {12, 128, 1, 0}, 16, 16, false},
	    {"aes128-sha1-modp1024", {12, 128, 2, 2}, 16, 20, false},
	    {"aes128-sha1-ecp384", {12, 128, 2, 20}, 16, 20, true},
	    /* RFC 4106: with a salt, and without an HMAC */
	    {"aes128gcm16", {20, 128, 0, 0}, 20, 0, true},
	    {"aes192gcm16", {20, 192, 0, 0}, 28, 0, true},
	    {"aes256gcm16-modp2048", {20, 256, 0, 14}, 36, 0, true},
	    {"aes256gcm16-modp1024", {20, 256, 0, 2}, 36, 0, false},
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct ike_ipsec_proposal proposal;
		size_t encryption, authentication;
		char text[64];

		ck_assert_msg(ike_ipsec_proposal_parse(good[i].text, &proposal), "%s",
			      good[i].text);
		ck_assert(ipsec_proposal_equal(&proposal, &good[i].proposal));
		ck_assert_uint_eq(ike_ipsec_proposal_text(&proposal, text, sizeof(text)),
				  strlen(good[i].text));
		ck_assert_str_eq(text, good[i].text);
		ck_assert_int_eq(ike_ipsec_proposal_is_sound(&proposal), good[i].sound);
		ck_assert(ipsec_proposal_key_lengths(&proposal, &encryption, &authentication));
		ck_assert_uint_eq(encryption, good[i].encryption);
		ck_assert_uint_eq(authentication, good[i].authentication);
		/* what is used of KEYMAT has room */
		ck_assert_uint_le(encryption + authentication, IKE_IPSEC_KEYMAT_MAX);
	}
}
END_TEST

START_TEST(test_shorthand)
{
	struct ike_ipsec_proposal proposal;
	char text[64];

	ck_assert(ike_ipsec_proposal_parse("aes-sha1-curve25519", &proposal));
	(void)ike_ipsec_proposal_text(&proposal, text, sizeof(text));
	ck_assert_str_eq(text, "aes128-sha1-x25519");
	ck_assert(ike_ipsec_proposal_parse("aesgcm16-ecp256", &proposal));
	(void)ike_ipsec_proposal_text(&proposal, text, sizeof(text));
	ck_assert_str_eq(text, "aes128gcm16-ecp256");
}
END_TEST

/* What has no name is shown by its number, and can neither be offered nor accepted. */
START_TEST(test_unknown)
{
	struct ike_ipsec_proposal proposal = {.encryption = 99, .authentication = 98, .group = 97};
	size_t encryption, authentication;
	enum dh_group group;
	char text[64];

	(void)ike_ipsec_proposal_text(&proposal, text, sizeof(text));
	ck_assert_str_eq(text, "cipher#99-hash#98-group#97");
	ck_assert(!ipsec_proposal_key_lengths(&proposal, &encryption, &authentication));
	ck_assert(!ipsec_proposal_group(&proposal, &group));
	ck_assert(!ike_ipsec_proposal_is_sound(&proposal));
	proposal = (struct ike_ipsec_proposal){12, 128, 2, 0};
	ck_assert(!ipsec_proposal_group(&proposal, &group));
	proposal.key_bits = 0; /* AES wants a length, 3DES must not have one */
	ck_assert(!ipsec_proposal_key_lengths(&proposal, &encryption, &authentication));
	proposal = (struct ike_ipsec_proposal){3, 192, 2, 0};
	ck_assert(!ipsec_proposal_key_lengths(&proposal, &encryption, &authentication));
	/* AES-CBC wants an HMAC, AES-GCM must not have one, and each its lengths */
	proposal = (struct ike_ipsec_proposal){12, 128, 0, 0};
	ck_assert(!ipsec_proposal_key_lengths(&proposal, &encryption, &authentication));
	ck_assert(!ike_ipsec_proposal_is_sound(&proposal));
	proposal = (struct ike_ipsec_proposal){20, 128, 2, 0};
	ck_assert(!ipsec_proposal_key_lengths(&proposal, &encryption, &authentication));
	ck_assert(!ike_ipsec_proposal_is_sound(&proposal));
	(void)ike_ipsec_proposal_text(&proposal, text, sizeof(text));
	ck_assert_str_eq(text, "aes128gcm16-sha1");
	proposal = (struct ike_ipsec_proposal){20, 160, 0, 0};
	ck_assert(!ipsec_proposal_key_lengths(&proposal, &encryption, &authentication));
	(void)ike_ipsec_proposal_text(&proposal, text, sizeof(text));
	ck_assert_str_eq(text, "aesgcm16#160");
	proposal.key_bits = 0;
	ck_assert(!ipsec_proposal_key_lengths(&proposal, &encryption, &authentication));
}
END_TEST

START_TEST(test_offers)
{
	const struct ipsec_offer offers[] = {
	    {.proposal = {12, 128, 2, 14}, .encapsulation = 1},
	    {.proposal = {3, 0, 1, 0}, .encapsulation = 61444},
	    {.proposal = {12, 256, 5, 0}},
	};
	char text[128];

	(void)ipsec_offers_text(offers, 3, text, sizeof(text));
	ck_assert_str_eq(
	    text, "aes128-sha1-modp2048 tunnel, 3des-md5 udp-transport-draft, aes256-sha256");
}
END_TEST

UNIT_MAIN("ipsec_proposal_text", test_not_parsed, test_both_ways, test_shorthand, test_unknown,
	  test_offers)
