/* SPDX-License-Identifier: ISC */
/*
 * watch.h - watching the device ask by itself: whether what it is told counts as an answer, and how it gives us up.  For scripts that
 * have one of these in common.
 */
#ifndef INTEROP_CONFORM_WATCH_H
#define INTEROP_CONFORM_WATCH_H

#include "interop/conform/trial.h"

#define WATCH_QUESTIONS 64 /* that are remembered of one death */

/*
 * An SA under which the device has reason to ask: with a pair of IPsec SAs where the tester was told of one that works, because
 * some ask only whom they have such a pair with.
 */
struct trial_sa *watch_call(struct trial *trial, const struct trial_call *how);

/* Whether that is a first message of Phase 1. */
bool watch_is_call(const struct seen *seen);

/* The next R-U-THERE under the SA, for at most so long.  NULL: none; that decides nothing. */
const struct seen *watch_question(struct trial *trial, struct trial_sa *sa, ike_time at_most);

/*
 * Sends what may or may not be taken for an answer to `question`.  `answer` is the right one that our core gave to the question before
 * all this (NULL: it gave none).
 */
typedef void watch_answer(struct trial *trial, struct trial_sa *sa, const struct seen *question,
			  const struct seen *answer);

enum watch_taken {
	WATCH_TAKEN,
	WATCH_NOT_TAKEN,
	WATCH_UNKNOWN, /* the trial is decided */
};

/*
 * A new SA, one question answered rightly, and then all of them in the way of `answer`.  It was not taken if the device asks
 * the same number again, or much sooner than after a right answer, or gives us up.  Where its questions do not tell, this
 * takes as long as a death, and where it was taken as long as two: that we would have been given up has to be seen.  `seen` becomes the question that it was seen from, or NULL.
 */
enum watch_taken watch_whether_taken(struct trial *trial, watch_answer *answer,
				     const struct seen **seen);

/* How the device gave us up. */
struct watch_death {
	ike_time began;                               /* our silence */
	size_t questions;                             /* that were not answered */
	const struct seen *question[WATCH_QUESTIONS]; /* the first of them */
	const struct seen *farewell; /* its Delete under the SA; NULL: none was seen */
	const struct seen
	    *call;     /* its first message of a new Phase 1, after the last question; NULL */
	ike_time over; /* of the farewell or the call; if neither came, of the last question */
};

/*
 * We fall silent, until the device says Delete, or calls, or asks no more, or settings.death is over.  UNSUPPORTED if it does not
 * ask at all.  False: the trial is decided.
 */
bool watch_death(struct trial *trial, struct trial_sa *sa, struct watch_death *death);

/* The longest time between two of its questions; 0 where there is one only. */
ike_time watch_longest_gap(const struct watch_death *death);

/* The device's first message under the SA, of Phase 1 or after it, that has INITIAL-CONTACT in it; NULL: none came so far. */
const struct seen *watch_initial_contact(const struct trial *trial, struct trial_sa *sa);

/* To the nearest second, for values that are to be compared from run to run. */
unsigned watch_seconds(ike_time duration);

#endif
