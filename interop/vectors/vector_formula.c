/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_formula.h"

#include <string.h>

#include "ike/protect.h"

static const struct {
	const char *name, *text;
} mistakes[] = {
    [VECTOR_NO_MISTAKE] = {"", ""},
#define MISTAKE(symbol, name, text) [VECTOR_##symbol] = {name, text},
#include "interop/vectors/mistakes.def"
};

const char *vector_mistake_name(enum vector_mistake mistake)
{
	return mistakes[mistake].name;
}

const char *vector_mistake_text(enum vector_mistake mistake)
{
	return mistakes[mistake].text;
}

enum vector_mistake vector_mistake_find(const char *name)
{
	enum vector_mistake mistake = VECTOR_NO_MISTAKE + 1;

	while (mistake < VECTOR_MISTAKES && strcmp(name, mistakes[mistake].name) != 0)
		mistake++;
	return mistake;
}

static size_t hash_block(enum hash_algorithm hash)
{
	return hash == HASH_SHA2_384 || hash == HASH_SHA2_512 ? 128 : 64; /* FIPS 180-4, RFC 1321 */
}

struct octets vector_shared(const struct vector_formulas *formulas, struct octets g_xy)
{
	while (formulas->mistake == VECTOR_LEADING_ZERO && g_xy.length > 1 && g_xy.data[0] == 0)
		g_xy = octets_of(g_xy.data + 1, g_xy.length - 1);
	return g_xy;
}

static struct octets prf_key(const struct vector_formulas *formulas, enum hash_algorithm hash,
			     struct octets key)
{
	if (formulas->mistake == VECTOR_PRF_KEY && key.length > hash_block(hash))
		key.length = hash_block(hash);
	return key;
}

static void base(const struct vector_formulas *formulas, struct skeyid *keys, struct octets psk,
		 struct octets ni_b, struct octets nr_b, struct octets g_xy)
{
	uint8_t nonces[512]; /* of 256 octets at most each (RFC 2409 section 5) */
	struct octets key;

	if (psk.data != NULL) {
		skeyid_psk(formulas->crypto, keys, prf_key(formulas, keys->hash, psk), ni_b, nr_b);
		return;
	}
	memcpy(nonces, ni_b.data, ni_b.length);
	memcpy(nonces + ni_b.length, nr_b.data, nr_b.length);
	key = prf_key(formulas, keys->hash, octets_of(nonces, ni_b.length + nr_b.length));
	prf_octets(formulas->crypto, keys->hash, key, &g_xy, 1, keys->skeyid);
}

/* RFC 2409 appendix B, block by block. */
static void expand(const struct vector_formulas *formulas, struct vector_keys *keys)
{
	struct skeyid *skeyid = &keys->skeyid;
	size_t block = hash_length(skeyid->hash), length = cipher_key_length(skeyid->cipher);
	uint8_t mistaken[3 * PRF_MAX_LENGTH];

	keys->k_blocks = block < length ? (length + block - 1) / block : 0;
	for (size_t i = 0; i < keys->k_blocks; i++) {
		static const uint8_t zero = 0;
		struct octets last =
		    i == 0 ? octets_of(&zero, 1) : octets_of(keys->k[i - 1], block);

		prf_octets(formulas->crypto, skeyid->hash, octets_of(skeyid->e, block), &last, 1,
			   keys->k[i]);
	}
	if (keys->k_blocks == 0 || formulas->mistake != VECTOR_KEY_EXPANSION)
		return;
	memcpy(mistaken, skeyid->e, block);
	for (size_t i = 0; i < keys->k_blocks; i++)
		memcpy(mistaken + (i + 1) * block, keys->k[i], block);
	memcpy(skeyid->key, mistaken, length);
}

void vector_skeyid(const struct vector_formulas *formulas, struct vector_keys *keys,
		   struct octets psk, struct octets ni_b, struct octets nr_b, struct octets g_xy,
		   const uint8_t *cky_i, const uint8_t *cky_r)
{
	g_xy = vector_shared(formulas, g_xy);
	base(formulas, &keys->skeyid, psk, ni_b, nr_b, g_xy);
	skeyid_derive(formulas->crypto, &keys->skeyid, g_xy, cky_i, cky_r);
	expand(formulas, keys);
}

void vector_message_iv(const struct vector_formulas *formulas, const struct vector_keys *keys,
		       uint32_t message_id, uint8_t iv[CIPHER_MAX_BLOCK])
{
	const struct skeyid *skeyid = &keys->skeyid;

	if (formulas->mistake == VECTOR_MESSAGE_IV)
		memcpy(iv, keys->last_block, cipher_block_length(skeyid->cipher));
	else
		protect_iv_message(formulas->crypto, skeyid->hash, skeyid->cipher, keys->last_block,
				   message_id, iv);
}

bool vector_initiator_first(const struct vector_formulas *formulas, bool hash_i)
{
	return hash_i || formulas->mistake == VECTOR_HASH_ORDER;
}

bool vector_hashes_padding(const struct vector_formulas *formulas)
{
	return formulas->mistake == VECTOR_PADDING;
}
