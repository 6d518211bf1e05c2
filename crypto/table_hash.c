/* SPDX-License-Identifier: ISC */
#include "crypto/table_hash.h"

#include <assert.h>
#include <sodium.h>

static_assert(crypto_shorthash_siphash24_KEYBYTES == TABLE_HASH_KEY_LENGTH, "SipHash's key");

/* The octets are read as SipHash's authors write them, least significant first: the same number on every machine. */
uint64_t table_hash(const uint8_t key[TABLE_HASH_KEY_LENGTH], struct octets input)
{
	uint8_t octets[crypto_shorthash_siphash24_BYTES];
	uint64_t hash = 0;

	crypto_shorthash_siphash24(octets, input.data, input.length, key);
	for (size_t i = sizeof(octets); i-- > 0;)
		hash = hash << 8 | octets[i];
	return hash;
}
