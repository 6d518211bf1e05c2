/* SPDX-License-Identifier: ISC */
#include "crypto/random.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert(crypto_stream_chacha20_KEYBYTES == RANDOM_SEED_LENGTH, "the seed is ChaCha20's key");

static void fill_from_system(struct random_source *source, uint8_t *out, size_t length)
{
	(void)source;
	randombytes_buf(out, length);
}

/*
 * The keystream of ChaCha20 under the seed, with the number of the fill as nonce.  So a fill depends on how many went
 * before it and not on how long they were: a nonce that grows by some octets does not shift everything behind it.
 */
static void fill_from_seed(struct random_source *source, uint8_t *out, size_t length)
{
	uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];

	for (size_t i = 0; i < sizeof(nonce); i++)
		nonce[i] = (uint8_t)(source->drawn >> 8 * i);
	source->drawn++;
	crypto_stream_chacha20(out, length, nonce, source->seed);
}

void random_system(struct random_source *source)
{
	*source = (struct random_source){.fill = fill_from_system};
}

void random_seeded(struct random_source *source, const uint8_t seed[RANDOM_SEED_LENGTH])
{
	*source = (struct random_source){.fill = fill_from_seed};
	memcpy(source->seed, seed, RANDOM_SEED_LENGTH);
}

void random_octets(struct random_source *source, uint8_t *out, size_t length)
{
	source->fill(source, out, length);
}

/* Put together octet by octet, so that a seed gives the same numbers whatever the machine's byte order. */
uint64_t random_u64(struct random_source *source)
{
	uint8_t octets[8];
	uint64_t number = 0;

	random_octets(source, octets, sizeof(octets));
	for (size_t i = 0; i < sizeof(octets); i++)
		number = number << 8 | octets[i];
	return number;
}

uint32_t random_u32(struct random_source *source)
{
	uint8_t octets[4];
	uint32_t number = 0;

	random_octets(source, octets, sizeof(octets));
	for (size_t i = 0; i < sizeof(octets); i++)
		number = number << 8 | octets[i];
	return number;
}

/*
 * 2^32 is no multiple of most bounds, so a plain remainder would favour the small numbers.  The numbers of the last,
 * incomplete round are drawn again; there are 2^32 mod bound of them, fewer than half of all.
 */
uint32_t random_below(struct random_source *source, uint32_t bound)
{
	uint32_t incomplete, number;

	if (bound <= 1)
		return 0;
	incomplete = (UINT32_MAX - bound + 1) % bound;
	do
		number = random_u32(source);
	while (number > UINT32_MAX - incomplete);
	return number % bound;
}
