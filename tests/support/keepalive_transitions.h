/* SPDX-License-Identifier: ISC */
/*
 * keepalive_transitions.h - the table of the machine's transitions as they are observed: state, input and condition give the next
 * state and the actions.
 */
#ifndef TESTS_SUPPORT_KEEPALIVE_TRANSITIONS_H
#define TESTS_SUPPORT_KEEPALIVE_TRANSITIONS_H

#include <stddef.h>

#include "tests/support/keepalive_moves.h"

/* Who is asked, as far as the machine makes a difference. */
enum watch {
	WATCH_PERIODIC,
	WATCH_ON_DEMAND,
	WATCH_OFF,     /* might be asked, but this side never does */
	WATCH_NOT_ASK, /* no vendor ID, or superseded */
	WATCHES
};

struct transition {
	enum keepalive_state from, to;
	enum keepalive_input_kind input;
	const char *condition; /* "" for any */
	unsigned watches;      /* 1 << enum watch */
	unsigned actions;      /* 1 << place in transitions_actions */
};

#define TRANSITIONS_MAX 512

struct transitions {
	struct transition rows[TRANSITIONS_MAX];
	size_t count;
};

/* The fields of struct keepalive_actions that are acts.  `renew` is left out: it goes with the first question of a round (R46). */
#define TRANSITIONS_ACTIONS 7
extern const char *const transitions_actions[TRANSITIONS_ACTIONS];
extern const char *const transitions_states[KEEPALIVE_STATES];
extern const char *const transitions_inputs[KEEPALIVE_INPUTS];

/*
 * Notes the transition that was seen.  Fails the test where another one has been seen of the same state, input and condition: the
 * conditions are then not all that the machine looks at.
 */
void transitions_note(struct transitions *table, const struct seen *seen);
/* Rows that differ in who is asked alone become one, and all are sorted. */
void transitions_finish(struct transitions *table);
/* "SUSPECT TIME dead -> DEAD: dead": one row without who is asked. */
void transitions_text(const struct transition *row, char *text, size_t length);

#endif
