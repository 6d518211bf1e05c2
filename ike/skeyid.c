/* SPDX-License-Identifier: ISC */
#include "ike/skeyid.h"

#include <assert.h>
#include <string.h>

#include "crypto/secret.h"

#define NONCE_MOST 256u /* octets (RFC 2409 section 5) */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void skeyid_psk(struct crypto *crypto, struct skeyid *keys, struct octets psk, struct octets ni_b,
		struct octets nr_b)
{
	const struct octets parts[] = {ni_b, nr_b};

	prf_octets(crypto, keys->hash, psk, parts, COUNT(parts), keys->skeyid);
}

void skeyid_signatures(struct crypto *crypto, struct skeyid *keys, struct octets ni_b,
		       struct octets nr_b, struct octets g_xy)
{
	uint8_t nonces[2 * NONCE_MOST];

	assert(ni_b.length <= NONCE_MOST && nr_b.length <= NONCE_MOST);
	memcpy(nonces, ni_b.data, ni_b.length);
	memcpy(nonces + ni_b.length, nr_b.data, nr_b.length);
	prf_octets(crypto, keys->hash, octets_of(nonces, ni_b.length + nr_b.length), &g_xy, 1,
		   keys->skeyid);
}

/* prf(SKEYID, before | g^xy | CKY-I | CKY-R | number): the one form that all three of them have. */
static void derive_one(struct crypto *crypto, const struct skeyid *keys, struct octets before,
		       const struct octets *shared, uint8_t number, uint8_t *out)
{
	const struct octets parts[] = {before, shared[0], shared[1], shared[2],
				       octets_of(&number, 1)};
	struct octets skeyid = octets_of(keys->skeyid, hash_length(keys->hash));

	prf_octets(crypto, keys->hash, skeyid, parts, COUNT(parts), out);
}

void skeyid_derive(struct crypto *crypto, struct skeyid *keys, struct octets g_xy,
		   const uint8_t *cky_i, const uint8_t *cky_r)
{
	const struct octets shared[] = {g_xy, octets_of(cky_i, IKE_COOKIE_LENGTH),
					octets_of(cky_r, IKE_COOKIE_LENGTH)};
	size_t length = hash_length(keys->hash);

	derive_one(crypto, keys, octets_of(NULL, 0), shared, 0, keys->d);
	derive_one(crypto, keys, octets_of(keys->d, length), shared, 1, keys->a);
	derive_one(crypto, keys, octets_of(keys->a, length), shared, 2, keys->e);
	skeyid_expand(crypto, keys->hash, octets_of(keys->e, length), keys->key,
		      cipher_key_length(keys->cipher));
}

void skeyid_expand(struct crypto *crypto, enum hash_algorithm hash, struct octets skeyid_e,
		   uint8_t *key, size_t key_length)
{
	static const uint8_t zero = 0;
	uint8_t block[PRF_MAX_LENGTH]; /* K1, then K2, ... */
	struct octets last = octets_of(&zero, 1);
	size_t block_length = hash_length(hash), take;

	if (skeyid_e.length >= key_length) {
		memcpy(key, skeyid_e.data, key_length);
		return;
	}
	/* Ka = K1 | K2 | ...: SKEYID_e itself is the key of the prf, never a part of Ka. */
	for (size_t done = 0; done < key_length; done += take) {
		prf_octets(crypto, hash, skeyid_e, &last, 1, block);
		take = key_length - done < block_length ? key_length - done : block_length;
		memcpy(key + done, block, take);
		last = octets_of(block, block_length);
	}
	secret_wipe(block, sizeof(block));
}

void skeyid_hash_by(struct crypto *crypto, enum hash_algorithm hash, const struct skeyid *keys,
		    struct octets g_mine, struct octets g_other, const uint8_t *cky_mine,
		    const uint8_t *cky_other, struct octets sai_b, struct octets id_b, uint8_t *out)
{
	const struct octets parts[] = {g_mine,
				       g_other,
				       octets_of(cky_mine, IKE_COOKIE_LENGTH),
				       octets_of(cky_other, IKE_COOKIE_LENGTH),
				       sai_b,
				       id_b};
	struct octets skeyid = octets_of(keys->skeyid, hash_length(keys->hash));

	prf_octets(crypto, hash, skeyid, parts, COUNT(parts), out);
}

void skeyid_hash(struct crypto *crypto, const struct skeyid *keys, struct octets g_mine,
		 struct octets g_other, const uint8_t *cky_mine, const uint8_t *cky_other,
		 struct octets sai_b, struct octets id_b, uint8_t *out)
{
	skeyid_hash_by(crypto, keys->hash, keys, g_mine, g_other, cky_mine, cky_other, sai_b, id_b,
		       out);
}
