/* SPDX-License-Identifier: ISC */
/*
 * proposal_text.c - proposals between IANA's numbers, the primitives of crypto/, and names such as aes128-sha1-modp2048.
 */
#include "ike/proposal.h"

#include <string.h>

#include "ike/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- what crypto/ has ---------------------------------------------------------------------------------------------- */

/* A key length is given where a cipher has several, and must not be where it has one (RFC 2409 appendix A). */
static const struct {
	uint16_t encryption, key_bits;
	enum cipher_algorithm cipher;
} ciphers[] = {
    {IKE_ENCRYPTION_AES, 128, CIPHER_AES_128},
    {IKE_ENCRYPTION_AES, 192, CIPHER_AES_192},
    {IKE_ENCRYPTION_AES, 256, CIPHER_AES_256},
    {IKE_ENCRYPTION_3DES, 0, CIPHER_3DES},
};

static const struct {
	uint16_t number;
	enum hash_algorithm hash;
	bool sound;
} hashes[] = {
    {IKE_HASH_MD5, HASH_MD5, false},          {IKE_HASH_SHA1, HASH_SHA1, true},
    {IKE_HASH_SHA2_256, HASH_SHA2_256, true}, {IKE_HASH_SHA2_384, HASH_SHA2_384, true},
    {IKE_HASH_SHA2_512, HASH_SHA2_512, true},
};

static const struct {
	uint16_t number;
	enum dh_group group;
	bool sound;
} groups[] = {
    {IKE_GROUP_MODP_768, DH_MODP_768, false},   {IKE_GROUP_MODP_1024, DH_MODP_1024, false},
    {IKE_GROUP_MODP_1536, DH_MODP_1536, false}, {IKE_GROUP_MODP_2048, DH_MODP_2048, true},
    {IKE_GROUP_MODP_3072, DH_MODP_3072, true},  {IKE_GROUP_MODP_4096, DH_MODP_4096, true},
    {IKE_GROUP_MODP_6144, DH_MODP_6144, true},  {IKE_GROUP_MODP_8192, DH_MODP_8192, true},
    {IKE_GROUP_ECP_256, DH_ECP_256, true},      {IKE_GROUP_ECP_384, DH_ECP_384, true},
    {IKE_GROUP_ECP_521, DH_ECP_521, true},      {IKE_GROUP_CURVE25519, DH_CURVE25519, true},
};

static size_t cipher_index(const struct ike_proposal *proposal)
{
	size_t i = 0;

	while (i < COUNT(ciphers) && (ciphers[i].encryption != proposal->encryption ||
				      ciphers[i].key_bits != proposal->key_bits))
		i++;
	return i;
}

static size_t hash_index(const struct ike_proposal *proposal)
{
	size_t i = 0;

	while (i < COUNT(hashes) && hashes[i].number != proposal->hash)
		i++;
	return i;
}

static size_t group_index(const struct ike_proposal *proposal)
{
	size_t i = 0;

	while (i < COUNT(groups) && groups[i].number != proposal->group)
		i++;
	return i;
}

bool ike_proposal_cipher(const struct ike_proposal *proposal, enum cipher_algorithm *cipher)
{
	size_t i = cipher_index(proposal);

	if (i == COUNT(ciphers))
		return false;
	*cipher = ciphers[i].cipher;
	return true;
}

bool ike_proposal_hash(const struct ike_proposal *proposal, enum hash_algorithm *hash)
{
	size_t i = hash_index(proposal);

	if (i == COUNT(hashes))
		return false;
	*hash = hashes[i].hash;
	return true;
}

bool ike_proposal_group(const struct ike_proposal *proposal, enum dh_group *group)
{
	size_t i = group_index(proposal);

	if (i == COUNT(groups))
		return false;
	*group = groups[i].group;
	return true;
}

struct ike_proposal ike_proposal_of(enum cipher_algorithm cipher, enum hash_algorithm hash,
				    enum ike_group group)
{
	struct ike_proposal proposal = {.group = (uint16_t)group};

	for (size_t i = 0; i < COUNT(ciphers); i++) {
		if (ciphers[i].cipher != cipher)
			continue;
		proposal.encryption = ciphers[i].encryption;
		proposal.key_bits = ciphers[i].key_bits;
	}
	for (size_t i = 0; i < COUNT(hashes); i++)
		if (hashes[i].hash == hash)
			proposal.hash = hashes[i].number;
	return proposal;
}

bool ike_proposal_equal(const struct ike_proposal *a, const struct ike_proposal *b)
{
	return a->encryption == b->encryption && a->key_bits == b->key_bits && a->hash == b->hash &&
	       a->group == b->group;
}

bool ike_proposal_is_sound(const struct ike_proposal *proposal)
{
	size_t cipher = cipher_index(proposal), hash = hash_index(proposal);
	size_t group = group_index(proposal);

	return cipher < COUNT(ciphers) && ciphers[cipher].encryption == IKE_ENCRYPTION_AES &&
	       hash < COUNT(hashes) && hashes[hash].sound && group < COUNT(groups) &&
	       groups[group].sound;
}

/* ---- to text ------------------------------------------------------------------------------------------------------- */

size_t ike_proposal_text(const struct ike_proposal *proposal, char *text, size_t length)
{
	struct text out;

	text_to(&out, text, length);
	text_add_name(&out, ike_encryption_name(proposal->encryption), "cipher#",
		      proposal->encryption);
	if (proposal->key_bits != 0)
		text_add(&out, "%u", proposal->key_bits);
	text_add(&out, "-");
	text_add_name(&out, ike_hash_name(proposal->hash), "hash#", proposal->hash);
	text_add(&out, "-");
	text_add_name(&out, ike_group_name(proposal->group), "group#", proposal->group);
	return out.length;
}

size_t ike_offers_text(const struct ike_offer *offers, size_t count, char *text, size_t length)
{
	struct text out;

	text_to(&out, text, length);
	for (size_t i = 0; i < count; i++) {
		char proposal[64];

		(void)ike_proposal_text(&offers[i].proposal, proposal, sizeof(proposal));
		text_add(&out, "%s%s", i > 0 ? ", " : "", proposal);
		if (offers[i].authentication != IKE_AUTHENTICATION_PSK) {
			text_add(&out, " with ");
			text_add_name(&out, ike_authentication_name(offers[i].authentication),
				      "authentication#", offers[i].authentication);
		}
	}
	return out.length;
}

/* ---- from text ----------------------------------------------------------------------------------------------------- */

static bool is_word(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(text, word, length) == 0;
}

/* Three digits at most, no zero in front; nothing at all means AES of 128 bits or a cipher of one key length. */
static bool key_bits_from_text(const char *text, size_t length, uint16_t encryption,
			       uint16_t *key_bits)
{
	unsigned bits = 0;

	if (length > 3 || (length > 0 && text[0] == '0'))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		bits = bits * 10 + (unsigned)(text[i] - '0');
	}
	if (length == 0 && encryption == IKE_ENCRYPTION_AES)
		bits = 128;
	*key_bits = (uint16_t)bits;
	return true;
}

static bool cipher_from_text(const char *text, size_t length, struct ike_proposal *proposal)
{
	for (size_t i = 0; i < COUNT(ciphers); i++) {
		const char *name = ike_encryption_name(ciphers[i].encryption);
		size_t name_length = strlen(name);
		struct ike_proposal candidate = {.encryption = ciphers[i].encryption};

		if (length < name_length || memcmp(text, name, name_length) != 0 ||
		    !key_bits_from_text(text + name_length, length - name_length,
					candidate.encryption, &candidate.key_bits) ||
		    cipher_index(&candidate) == COUNT(ciphers))
			continue;
		proposal->encryption = candidate.encryption;
		proposal->key_bits = candidate.key_bits;
		return true;
	}
	return false;
}

static bool hash_from_text(const char *text, size_t length, struct ike_proposal *proposal)
{
	for (size_t i = 0; i < COUNT(hashes); i++) {
		if (is_word(text, length, ike_hash_name(hashes[i].number))) {
			proposal->hash = hashes[i].number;
			return true;
		}
	}
	return false;
}

static bool group_from_text(const char *text, size_t length, struct ike_proposal *proposal)
{
	for (size_t i = 0; i < COUNT(groups); i++) {
		if (is_word(text, length, ike_group_name(groups[i].number)) ||
		    (groups[i].number == IKE_GROUP_CURVE25519 &&
		     is_word(text, length, "curve25519"))) {
			proposal->group = groups[i].number;
			return true;
		}
	}
	return false;
}

bool ike_proposal_parse(const char *text, struct ike_proposal *proposal)
{
	size_t cipher = strcspn(text, "-"), hash;
	struct ike_proposal result = {0};
	const char *rest = text + cipher;

	if (*rest == '\0' || !cipher_from_text(text, cipher, &result))
		return false;
	rest++;
	hash = strcspn(rest, "-");
	if (rest[hash] == '\0' || !hash_from_text(rest, hash, &result))
		return false;
	rest += hash + 1;
	if (!group_from_text(rest, strlen(rest), &result))
		return false;
	*proposal = result;
	return true;
}
