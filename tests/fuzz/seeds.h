/* SPDX-License-Identifier: ISC */
/*
 * seeds.h - inputs to begin with, made of our own messages: a seed corpus that no one has to keep in step by hand.
 */
#ifndef TESTS_FUZZ_SEEDS_H
#define TESTS_FUZZ_SEEDS_H

#include "tests/fuzz/fuzz.h"

/* `name` is good as a file name; the input is the caller's only during the call. */
typedef void seed_taker(void *context, const char *name, struct octets input);

/* All seeds of the target of that name ("payloads"); returns how many, 0 for no such target. */
size_t seeds_make(const char *target, seed_taker *take, void *context);

#endif
