/* SPDX-License-Identifier: ISC */
#include "crypto/prf.h"

#include <string.h>

#include "crypto/backend_openssl.h"
#include "crypto/secret.h"

/* RFC 2104 section 2. */
#define INNER_PAD 0x36
#define OUTER_PAD 0x5c

/* All of it, also where a block is shorter: a loop whose end is known is done sixteen octets at a time. */
static void exclusive_or(uint8_t block[HASH_MAX_BLOCK], uint8_t with)
{
	for (size_t i = 0; i < HASH_MAX_BLOCK; i++)
		block[i] ^= with;
}

/*
 * HMAC(K, text) = H(K ^ opad | H(K ^ ipad | text)), RFC 2104 section 2.
 *
 * out is written last, when the key has been copied and the parts have been read: that is why it may be their memory.
 */
void prf_octets(struct crypto *crypto, enum hash_algorithm algorithm, struct octets key,
		const struct octets *parts, size_t count, uint8_t *out)
{
	const size_t block_length = hash_block_length(algorithm);
	uint8_t block[HASH_MAX_BLOCK] = {0}; /* the key, padded with zeros to a block */
	uint8_t inner[HASH_MAX_LENGTH];

	if (key.length > block_length)
		hash_octets(crypto, algorithm, &key, 1, block);
	else if (key.length > 0)
		memcpy(block, key.data, key.length);

	exclusive_or(block, INNER_PAD);
	digest_begin(crypto, algorithm);
	digest_add(crypto, algorithm, octets_of(block, block_length));
	for (size_t i = 0; i < count; i++)
		digest_add(crypto, algorithm, parts[i]);
	digest_end(crypto, algorithm, inner);

	exclusive_or(block, INNER_PAD ^ OUTER_PAD); /* takes one pad off and puts the other on */
	digest_begin(crypto, algorithm);
	digest_add(crypto, algorithm, octets_of(block, block_length));
	digest_add(crypto, algorithm, octets_of(inner, hash_length(algorithm)));
	digest_end(crypto, algorithm, out);

	secret_wipe(block, sizeof(block));
	secret_wipe(inner, sizeof(inner));
}
