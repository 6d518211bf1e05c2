/* SPDX-License-Identifier: ISC */
/*
 * dice.h - the simulator's own chance.  Every use has a stream of its own, so that a new die here moves no die there.
 */
#ifndef TESTS_SIM_DICE_H
#define TESTS_SIM_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

/* Streams of one seed: the same (seed, stream) gives the same throws. */
struct dice dice_of(uint64_t seed, uint64_t stream);
uint64_t dice_u64(struct dice *dice);
uint64_t dice_below(struct dice *dice, uint64_t bound); /* 0 .. bound - 1; 0 for a bound of 0 */
uint64_t dice_between(struct dice *dice, uint64_t least, uint64_t most); /* both can come */
bool dice_chance(struct dice *dice, unsigned per_mille);

/* A running hash of whatever is put into it: the fingerprint of a run, of a state, of keys. */
struct fingerprint {
	uint64_t value;
};

void fingerprint_u64(struct fingerprint *fingerprint, uint64_t value);
void fingerprint_octets(struct fingerprint *fingerprint, const void *octets, size_t length);

#endif
