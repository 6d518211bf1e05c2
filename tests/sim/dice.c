/* SPDX-License-Identifier: ISC */
#include "tests/sim/dice.h"

#include <string.h>

/* splitmix64 (Steele, Lea, Flood 2014): a counter and a finalizer, good enough for anything that is not a secret. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

struct dice dice_of(uint64_t seed, uint64_t stream)
{
	return (struct dice){mix(seed * UINT64_C(0x9e3779b97f4a7c15) + mix(stream + 1))};
}

uint64_t dice_u64(struct dice *dice)
{
	dice->state += UINT64_C(0x9e3779b97f4a7c15);
	return mix(dice->state);
}

uint64_t dice_below(struct dice *dice, uint64_t bound)
{
	return bound == 0
		   ? 0
		   : dice_u64(dice) % bound; /* the bias is below 2^-30 for all bounds used here */
}

uint64_t dice_between(struct dice *dice, uint64_t least, uint64_t most)
{
	return least + dice_below(dice, most - least + 1);
}

bool dice_chance(struct dice *dice, unsigned per_mille)
{
	return dice_below(dice, 1000) < per_mille;
}

void fingerprint_u64(struct fingerprint *fingerprint, uint64_t value)
{
	fingerprint->value = mix(fingerprint->value ^ value) + UINT64_C(0x9e3779b97f4a7c15);
}

void fingerprint_octets(struct fingerprint *fingerprint, const void *octets, size_t length)
{
	const uint8_t *at = octets;
	uint64_t word;

	fingerprint_u64(fingerprint, length);
	for (; length >= sizeof(word); at += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		fingerprint_u64(fingerprint, word);
	}
	if (length > 0) {
		word = 0;
		memcpy(&word, at, length);
		fingerprint_u64(fingerprint, word);
	}
}
