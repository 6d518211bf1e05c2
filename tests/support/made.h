/* SPDX-License-Identifier: ISC */
/*
 * made.h - sets of test vectors for tests: played and taken apart.  What cannot be made fails the test.
 */
#ifndef TESTS_SUPPORT_MADE_H
#define TESTS_SUPPORT_MADE_H

#include "interop/vectors/vector_make.h"

/* The set of that name; for vector_made_free(). */
void made_set(struct vector_made *made, const char *name, enum vector_mistake mistake);
/* The same for a set of the test's own.  Returns what is wrong, good until the next call; NULL: nothing. */
const char *made_fault(const struct vector_set *set);
/* A session without anything special, to be changed. */
struct vector_set made_sample(const char *name);
/* Its world, when only Phase 1 and a question each way have been played; for vector_world_free(). */
struct vector_world *made_world(const struct vector_set *set);
/* The n-th message of that name, from 0. */
const struct vector_message *made_message(const struct vector_made *made, const char *name,
					  size_t n);

#endif
