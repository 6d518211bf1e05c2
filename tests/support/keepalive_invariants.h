/* SPDX-License-Identifier: ISC */
/*
 * keepalive_invariants.h - what must be true of every step that the keepalive makes, in the words of RFC 3706 (R1 to R47) and of
 * the rules at the top of keepalive/liveness.c.  Nothing is taken from the code: each is said anew.
 */
#ifndef TESTS_SUPPORT_KEEPALIVE_INVARIANTS_H
#define TESTS_SUPPORT_KEEPALIVE_INVARIANTS_H

#include <stddef.h>

#include "tests/support/keepalive_moves.h"

enum finding {
	DOES_NOT_APPLY, /* the step is none of which it speaks */
	HOLDS,
	BROKEN,
};

struct invariant {
	const char *what;
	enum finding (*check)(const struct seen *seen);
};

/* Both parts: the numbers, and who is asked when. */
extern const struct invariant invariants_of_numbers[];
extern const size_t invariants_of_numbers_count;
extern const struct invariant invariants_of_time[];
extern const size_t invariants_of_time_count;

#define INVARIANTS_MAX 64 /* of each part */

/* How many steps each has spoken of. */
struct invariant_counts {
	uint64_t numbers[INVARIANTS_MAX], time[INVARIANTS_MAX];
};

/* All of them, of one step; fails the test, and says which, where one is broken. */
void invariants_check(struct invariant_counts *counts, const struct seen *seen);
/* Fails the test where one has never spoken: what applies to nothing checks nothing. */
void invariants_must_all_apply(const struct invariant_counts *counts);

/* ---- what they have in common -------------------------------------------------------------------------------------- */

/* A macro, so that nothing is worked out for the many steps to which an invariant does not apply. */
#define IF_THEN(applies, holds) (!(applies) ? DOES_NOT_APPLY : (holds) ? HOLDS : BROKEN)

/* Member by member: there may be gaps between them. */
bool invariants_same_peer(const struct keepalive_peer *a, const struct keepalive_peer *b);

static inline bool had_sa(const struct seen *s)
{
	return s->before.state != KEEPALIVE_DOWN && s->before.state != KEEPALIVE_DEAD;
}

static inline bool is_round(const struct keepalive_peer *peer)
{
	return peer->state == KEEPALIVE_ASKING || peer->state == KEEPALIVE_SUSPECT;
}

/* Before the step; SA_UP and SA_SUPERSEDED change it. */
static inline bool could_be_asked(const struct seen *s)
{
	return had_sa(s) && s->before.supported && !s->before.superseded;
}

static inline bool was_watched(const struct seen *s)
{
	return could_be_asked(s) && s->plan->mode != KEEPALIVE_OFF;
}

/* A step with this input, while there is an SA. */
static inline bool is_with_sa(const struct seen *s, enum keepalive_input_kind kind)
{
	return had_sa(s) && s->input.kind == kind;
}

/* The time came for which a deadline was set. */
static inline bool is_due(const struct seen *s)
{
	return is_with_sa(s, KEEPALIVE_TIME) && s->input.now >= s->before.wake;
}

static inline bool begins_sa(const struct seen *s)
{
	return s->input.kind == KEEPALIVE_SA_UP && !had_sa(s);
}

static inline bool keeps_sa(const struct seen *s)
{
	return had_sa(s) && s->input.kind != KEEPALIVE_SA_DOWN;
}

#endif
