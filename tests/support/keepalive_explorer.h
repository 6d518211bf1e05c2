/* SPDX-License-Identifier: ISC */
/*
 * keepalive_explorer.h - makes every sequence of moves up to a length, but every move in every situation only once.
 */
#ifndef TESTS_SUPPORT_KEEPALIVE_EXPLORER_H
#define TESTS_SUPPORT_KEEPALIVE_EXPLORER_H

#include <stddef.h>

#include "tests/support/keepalive_moves.h"

/* A set of situations, in the order in which they were met. */
struct situations {
	struct situation_key *keys;
	uint64_t *table; /* half of the hash, then index + 1; 0: free */
	size_t count, room;
};

void situations_begin(struct situations *set);
void situations_end(struct situations *set);
/* Returns whether it is new. */
bool situations_add(struct situations *set, const struct situation_key *key);
bool situations_has(const struct situations *set, const struct situation_key *key);

/* Called for every step that the machine makes; `context` is the caller's. */
typedef void (*explorer_look)(void *context, const struct seen *seen);

/*
 * From all that `set` holds, and adds all that is reached within `depth` moves.  Breadth first, so that each situation is met
 * with the most moves still to go that it can be met with.  Returns the number of steps made.
 */
uint64_t explorer_run(struct situations *set, const struct keepalive_plan *plan, unsigned depth,
		      explorer_look look, void *context);

/*
 * The same without any memory: every sequence is really made, from one beginning, in situations as they come.  Fails the test
 * where a step disagrees with that of the situation which stands for it.
 */
uint64_t explorer_run_plainly(struct situations *set, const struct situation *from,
			      const struct keepalive_plan *plan, unsigned depth, explorer_look look,
			      void *context);

#endif
