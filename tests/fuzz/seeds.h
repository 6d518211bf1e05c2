/* SPDX-License-Identifier: ISC */
/*
 * seeds.h - inputs to begin with, made of our own messages: a seed corpus that no one has to keep in step by hand.
 */
#ifndef TESTS_FUZZ_SEEDS_H
#define TESTS_FUZZ_SEEDS_H

#include "ike/wire.h"
#include "tests/fuzz/fuzz.h"

/* `name` is good as a file name; the input is the caller's only during the call. */
typedef void seed_taker(void *context, const char *name, struct octets input);

/* All seeds of the target of that name ("payloads"); returns how many, 0 for no such target. */
size_t seeds_make(const char *target, seed_taker *take, void *context);

/* ---- for those who make them ----------------------------------------------------------------------------------------- */

#define SEED_MOST 8192

struct sower {
	seed_taker *take;
	void *context;
	size_t seeds;
	struct wire_writer writer;
	uint8_t room[SEED_MOST];
};

/* Between the two, what is written to `writer` is the input. */
void sow_begin(struct sower *sower);
void sow(struct sower *sower, const char *name);
/* The first octet of an operation of the two core targets. */
void sow_operation(struct sower *sower, unsigned what, unsigned how);
void seeds_core_protected(struct sower *sower); /* seeds_protected.c */
void seeds_capture(struct sower *sower);        /* seeds_capture.c */
void seeds_esp(struct sower *sower);            /* seeds_esp.c */

#endif
