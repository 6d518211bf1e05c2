/* SPDX-License-Identifier: ISC */
/*
 * scene.h - what the scripts of several tables begin with, and questions that decide nothing: short for a few words of trial.h.
 *
 * Like those they do nothing once the trial is decided.
 */
#ifndef INTEROP_CONFORM_SCENE_H
#define INTEROP_CONFORM_SCENE_H

#include "interop/conform/trial.h"

/* Longer than any device that limits its answers to one a second needs between two of them. */
#define SCENE_PACE (1200 * IKE_MILLISECOND)

/* An identity that is not the settings'. */
#define SCENE_ANOTHER "fqdn:another.conform.example"

/* Asks with that number, or with the next one; whether the ACK came within patience.  Decides nothing. */
bool scene_is_answered(struct trial *trial, struct trial_sa *sa, uint32_t number);
bool scene_is_alive(struct trial *trial, struct trial_sa *sa);

/*
 * Two SAs of the same identity, the newer without INITIAL-CONTACT, and both answer.  UNSUPPORTED where the device gives up the older
 * one by itself: then nobody can tell what else would have removed it.
 */
struct scene_pair {
	struct trial_sa *older, *newer;
};
struct scene_pair scene_call_twice(struct trial *trial);

/* An SA of another identity than the settings'; SKIP if the device does not take it. */
struct trial_sa *scene_call_as_another(struct trial *trial);

/* The device takes a new call and answers under it; otherwise FAIL, with `after` in the sentence: "two Deletes in one message". */
void scene_expect_survival(struct trial *trial, const char *after);

/* The last datagram of ours under that SA that has such a payload; NULL: none.  `sa` may be NULL. */
const struct seen *scene_last_sent(const struct trial *trial, const struct trial_sa *sa,
				   uint8_t payload);

/*
 * For struct want.like: an Informational that something other than a valid question has brought.  No ACK is one, because a second copy of
 * that may still be on its way; nor its own R-U-THERE, nor what may follow a new Phase 1: RESPONDER-LIFETIME, REPLAY-STATUS,
 * INITIAL-CONTACT.
 */
bool scene_is_reaction(const struct seen *seen, const void *context);

#endif
