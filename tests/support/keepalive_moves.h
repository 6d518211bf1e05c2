/* SPDX-License-Identifier: ISC */
/*
 * keepalive_moves.h - everything that can happen to one keepalive machine, as a table of moves; and its situations in a
 * form in which those that have the same future are equal.
 */
#ifndef TESTS_SUPPORT_KEEPALIVE_MOVES_H
#define TESTS_SUPPORT_KEEPALIVE_MOVES_H

#include "keepalive/keepalive.h"

struct situation {
	struct keepalive_peer peer;
	ike_time now;
	bool
	    punctual; /* since life was last proved, no deadline has been served late (only looked at by the checks) */
};

/* One step of the machine, with all that a check may want to know of it. */
struct seen {
	const struct keepalive_plan *plan;
	struct keepalive_peer before, after;
	struct keepalive_input input;
	struct keepalive_actions actions;
	bool punctual; /* the situation's, before the step */
};

/* Random input is a choice: each move is made with both, and so with jitter at its least and at its most. */
#define MOVE_CHANCES 2

unsigned moves_count(void);
const char *moves_name(unsigned move);
bool moves_ends_the_sa(unsigned move);

/*
 * Makes the move.  Returns whether the machine made a step, which is then in `seen`; where only the clock went on, it did not.
 */
bool moves_make(unsigned move, unsigned chance, const struct keepalive_plan *plan,
		struct situation *situation, struct seen *seen);

/* ---- what two situations have in common ---------------------------------------------------------------------------- */

/* Times are before or after the present, in microseconds; 0 where nothing will ever be read.  See keepalive_moves.c. */
struct situation_key {
	uint32_t last_heard, asked_since, hinted, answered_at; /* ago */
	int32_t wake;                                          /* from now */
	uint32_t next;                                         /* 0 where it does not matter */
	uint32_t asked, open;
	uint16_t jumped;
	uint8_t have_last, repeats;
	uint8_t state, supported, superseded, wanted, punctual, excused, unused[2];
};

struct situation_key moves_key(const struct situation *situation,
			       const struct keepalive_plan *plan);
/* The situation that stands for all with this key. */
struct situation moves_representative(const struct situation_key *key);

/*
 * Makes the move in `situation` and in the one that stands for it.  Returns whether both say the same, and lead to the same.
 */
bool moves_agree(unsigned move, unsigned chance, const struct keepalive_plan *plan,
		 const struct situation *situation);

#endif
