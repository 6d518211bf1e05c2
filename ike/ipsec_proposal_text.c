/* SPDX-License-Identifier: ISC */
/*
 * ipsec_proposal_text.c - ESP transforms between IANA's numbers, lengths of keys, and names such as aes128-sha1-modp2048.
 */
#include "ike/ipsec_proposal.h"

#include <string.h>

#include "ike/proposal.h"
#include "ike/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A key length is given where a cipher has several, and must not be where it has one (RFC 2407 section 4.5). */
static const struct {
	const char *name;
	uint16_t encryption, key_bits;
	uint8_t key_length; /* octets */
	bool sound;
	bool combined; /* it authenticates, too, and is negotiated without an HMAC */
} ciphers[] = {
    {"aes128", IKE_ESP_TRANSFORM_AES, 128, 16, true, false},
    {"aes192", IKE_ESP_TRANSFORM_AES, 192, 24, true, false},
    {"aes256", IKE_ESP_TRANSFORM_AES, 256, 32, true, false},
    {"3des", IKE_ESP_TRANSFORM_3DES, 0, 24, false, false},
    /* RFC 4106 sections 4 and 8.1: the key, and a salt of four octets behind it */
    {"aes128gcm16", IKE_ESP_TRANSFORM_AES_GCM_16, 128, 16 + 4, true, true},
    {"aes192gcm16", IKE_ESP_TRANSFORM_AES_GCM_16, 192, 24 + 4, true, true},
    {"aes256gcm16", IKE_ESP_TRANSFORM_AES_GCM_16, 256, 32 + 4, true, true},
    /* never printed: they are found second */
    {"aes", IKE_ESP_TRANSFORM_AES, 128, 16, true, false},
    {"aesgcm16", IKE_ESP_TRANSFORM_AES_GCM_16, 128, 16 + 4, true, true},
};

static const struct {
	uint16_t authentication;
	uint8_t key_length; /* octets: the hash's (RFC 2403, RFC 2404, RFC 4868) */
	bool sound;
} hashes[] = {
    {IKE_ESP_AUTHENTICATION_HMAC_MD5, 16, false},
    {IKE_ESP_AUTHENTICATION_HMAC_SHA1, 20, true},
    {IKE_ESP_AUTHENTICATION_HMAC_SHA2_256, 32, true},
};

static size_t cipher_index(const struct ike_ipsec_proposal *proposal)
{
	size_t i = 0;

	while (i < COUNT(ciphers) && (ciphers[i].encryption != proposal->encryption ||
				      ciphers[i].key_bits != proposal->key_bits))
		i++;
	return i;
}

static size_t hash_index(const struct ike_ipsec_proposal *proposal)
{
	size_t i = 0;

	while (i < COUNT(hashes) && hashes[i].authentication != proposal->authentication)
		i++;
	return i;
}

bool ipsec_proposal_key_lengths(const struct ike_ipsec_proposal *proposal, size_t *encryption,
				size_t *authentication)
{
	size_t cipher = cipher_index(proposal), hash = hash_index(proposal);

	if (cipher == COUNT(ciphers))
		return false;
	*encryption = ciphers[cipher].key_length;
	if (ciphers[cipher].combined) {
		*authentication = 0;
		return proposal->authentication == 0;
	}
	if (hash == COUNT(hashes))
		return false;
	*authentication = hashes[hash].key_length;
	return true;
}

bool ipsec_proposal_group(const struct ike_ipsec_proposal *proposal, enum dh_group *group)
{
	const struct ike_proposal phase_1 = {.group = proposal->group};

	return ike_proposal_group(&phase_1, group);
}

bool ipsec_proposal_equal(const struct ike_ipsec_proposal *a, const struct ike_ipsec_proposal *b)
{
	return a->encryption == b->encryption && a->key_bits == b->key_bits &&
	       a->authentication == b->authentication && a->group == b->group;
}

/* A group is judged as Phase 1 judges it, beside algorithms that are sound. */
static bool group_is_sound(uint16_t group)
{
	const struct ike_proposal phase_1 = {
	    .encryption = IKE_ENCRYPTION_AES,
	    .key_bits = 128,
	    .hash = IKE_HASH_SHA1,
	    .group = group,
	};

	return group == 0 || ike_proposal_is_sound(&phase_1);
}

bool ike_ipsec_proposal_is_sound(const struct ike_ipsec_proposal *proposal)
{
	size_t cipher = cipher_index(proposal), hash = hash_index(proposal);
	size_t encryption, authentication;

	return ipsec_proposal_key_lengths(proposal, &encryption, &authentication) &&
	       ciphers[cipher].sound && (ciphers[cipher].combined || hashes[hash].sound) &&
	       group_is_sound(proposal->group);
}

/* ---- to text ------------------------------------------------------------------------------------------------------- */

static bool is_combined(const struct ike_ipsec_proposal *proposal)
{
	return proposal->encryption == IKE_ESP_TRANSFORM_AES_GCM_16;
}

/* As in the table; what is in none as well as it can be said. */
static void add_cipher(struct text *out, const struct ike_ipsec_proposal *proposal)
{
	size_t cipher = cipher_index(proposal);

	if (cipher < COUNT(ciphers)) {
		text_add(out, "%s", ciphers[cipher].name);
		return;
	}
	text_add_name(out, ike_esp_transform_name(proposal->encryption), "cipher#",
		      proposal->encryption);
	if (proposal->key_bits != 0)
		text_add(out, "%s%u", is_combined(proposal) ? "#" : "", proposal->key_bits);
}

size_t ike_ipsec_proposal_text(const struct ike_ipsec_proposal *proposal, char *text, size_t length)
{
	struct text out;

	text_to(&out, text, length);
	add_cipher(&out, proposal);
	if (!is_combined(proposal) || proposal->authentication != 0) {
		text_add(&out, "-");
		text_add_name(&out, ike_esp_authentication_name(proposal->authentication), "hash#",
			      proposal->authentication);
	}
	if (proposal->group != 0) {
		text_add(&out, "-");
		text_add_name(&out, ike_group_name(proposal->group), "group#", proposal->group);
	}
	return out.length;
}

size_t ipsec_offers_text(const struct ipsec_offer *offers, size_t count, char *text, size_t length)
{
	struct text out;

	text_to(&out, text, length);
	for (size_t i = 0; i < count; i++) {
		char proposal[64];

		(void)ike_ipsec_proposal_text(&offers[i].proposal, proposal, sizeof(proposal));
		text_add(&out, "%s%s", i > 0 ? ", " : "", proposal);
		if (offers[i].encapsulation == 0)
			continue;
		text_add(&out, " ");
		text_add_name(&out, ike_encapsulation_name(offers[i].encapsulation),
			      "encapsulation#", offers[i].encapsulation);
	}
	return out.length;
}

/* ---- from text ----------------------------------------------------------------------------------------------------- */

static bool is_word(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(text, word, length) == 0;
}

static bool cipher_from_text(const char *text, size_t length, struct ike_ipsec_proposal *proposal)
{
	for (size_t i = 0; i < COUNT(ciphers); i++) {
		if (!is_word(text, length, ciphers[i].name))
			continue;
		proposal->encryption = ciphers[i].encryption;
		proposal->key_bits = ciphers[i].key_bits;
		return true;
	}
	return false;
}

static bool hash_from_text(const char *text, size_t length, struct ike_ipsec_proposal *proposal)
{
	for (size_t i = 0; i < COUNT(hashes); i++) {
		if (is_word(text, length, ike_esp_authentication_name(hashes[i].authentication))) {
			proposal->authentication = hashes[i].authentication;
			return true;
		}
	}
	return false;
}

/* The names of groups are those of Phase 1: read there, as the end of a proposal that is otherwise known. */
static bool group_from_text(const char *text, struct ike_ipsec_proposal *proposal)
{
	struct ike_proposal phase_1;
	char whole[64];
	struct text out;

	text_to(&out, whole, sizeof(whole));
	text_add(&out, "aes128-sha1-%s", text);
	if (out.cut || !ike_proposal_parse(whole, &phase_1))
		return false;
	proposal->group = phase_1.group;
	return true;
}

bool ike_ipsec_proposal_parse(const char *text, struct ike_ipsec_proposal *proposal)
{
	size_t cipher = strcspn(text, "-"), hash;
	struct ike_ipsec_proposal result = {0};
	const char *rest = text + cipher;

	if (!cipher_from_text(text, cipher, &result))
		return false;
	if (!is_combined(&result)) {
		if (*rest++ == '\0')
			return false;
		hash = strcspn(rest, "-");
		if (!hash_from_text(rest, hash, &result))
			return false;
		rest += hash;
	}
	if (*rest == '-' && !group_from_text(rest + 1, &result))
		return false;
	*proposal = result;
	return true;
}
