/* SPDX-License-Identifier: ISC */
#include "ike/sa_keys.h"

#include <string.h>

static size_t length_of(const struct ike_sa *sa)
{
	return cipher_key_length(sa->cipher) + 2 * hash_length(sa->hash) +
	       cipher_block_length(sa->cipher);
}

const uint8_t *sa_key(const struct ike_sa *sa)
{
	return sa->keys;
}

const uint8_t *sa_skeyid_a(const struct ike_sa *sa)
{
	return sa->keys + cipher_key_length(sa->cipher);
}

const uint8_t *sa_skeyid_d(const struct ike_sa *sa)
{
	return sa_skeyid_a(sa) + hash_length(sa->hash);
}

const uint8_t *sa_last_block(const struct ike_sa *sa)
{
	return sa_skeyid_d(sa) + hash_length(sa->hash);
}

struct octets sa_keys(const struct ike_sa *sa)
{
	return octets_of(sa->keys, sa->keys == NULL ? 0 : length_of(sa));
}

bool sa_keys_set(struct blocks *store, struct ike_sa *sa, const uint8_t *key,
		 const uint8_t *skeyid_a, const uint8_t *skeyid_d)
{
	size_t key_length = cipher_key_length(sa->cipher), hash = hash_length(sa->hash);

	sa_keys_wipe(store, sa);
	sa->keys = blocks_take(store, length_of(sa));
	if (sa->keys == NULL)
		return false;
	memcpy(sa->keys, key, key_length);
	memcpy(sa->keys + key_length, skeyid_a, hash);
	memcpy(sa->keys + key_length + hash, skeyid_d, hash);
	return true;
}

void sa_keys_set_last_block(struct ike_sa *sa, const uint8_t *block)
{
	size_t length = cipher_block_length(sa->cipher);

	memcpy(sa->keys + length_of(sa) - length, block, length);
}

void sa_keys_wipe(struct blocks *store, struct ike_sa *sa)
{
	blocks_give_back(store, sa->keys, length_of(sa));
	sa->keys = NULL;
}
