/* SPDX-License-Identifier: ISC */
/*
 * random.h - where random octets come from: an argument, never a global.
 *
 * The engine is handed a source when it is made.  With the system's source it is unpredictable; with a seeded one, equal
 * inputs give byte-equal outputs, which is what replay, the simulator and the test vectors stand on.
 */
#ifndef CRYPTO_RANDOM_H
#define CRYPTO_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#define RANDOM_SEED_LENGTH 32 /* octets */

struct random_source {
	void (*fill)(struct random_source *source, uint8_t *out, size_t length);
	uint8_t seed[RANDOM_SEED_LENGTH]; /* the seeded source's key; unused by the system's */
	uint64_t drawn;                   /* how many fills the seeded source has answered */
};

void random_system(struct random_source *source);
void random_seeded(struct random_source *source, const uint8_t seed[RANDOM_SEED_LENGTH]);

void random_octets(struct random_source *source, uint8_t *out, size_t length);
uint32_t random_u32(struct random_source *source);
uint64_t random_u64(struct random_source *source);
/* Even over [0, bound); 0 for a bound of 0 or 1. */
uint32_t random_below(struct random_source *source, uint32_t bound);

#endif
