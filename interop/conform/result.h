/* SPDX-License-Identifier: ISC */
/*
 * result.h - running a case, and what came of it.
 */
#ifndef INTEROP_CONFORM_RESULT_H
#define INTEROP_CONFORM_RESULT_H

#include "interop/conform/trial.h"

#define RESULT_TEXT 400

struct conform_result {
	const struct conform_case *of;
	enum conform_verdict verdict;
	char value[64];                /* of INFO; empty otherwise */
	char observed[RESULT_TEXT];    /* what decided it, as a sentence */
	size_t deciding;               /* index into the trial's seen, or SIZE_MAX */
	enum conform_verdict found;    /* the verdict without the profile */
	enum conform_verdict promised; /* by the profile, if there is a reason */
	const char *reason;            /* the profile's; NULL: it says nothing about this case */
	ike_time began, took;
	struct trial *trial; /* owned: all that was seen, and the keys; NULL: it was not run */
};

/*
 * Runs one case.  Every SA that it made is deleted afterwards, and then a sanity conversation is held: Phase 1, one R-U-THERE, its ACK,
 * Delete.  Where that fails a verdict of PASS, LENIENT or INFO becomes INCONCLUSIVE, and *well is false; of a ROBUST case it becomes
 * FAIL, because new SAs are what that asks for.  A case that has put nothing on the wire cannot have hurt anybody: *well is true.
 */
void conform_run(const struct conform_case *of, struct world *world,
		 const struct trial_settings *settings, struct conform_result *result, bool *well);
/* A result for a case that is not run: SKIP, or INCONCLUSIVE. */
void conform_not_run(const struct conform_case *of, enum conform_verdict verdict, const char *why,
		     ike_time now, struct conform_result *result);
/* The sanity conversation alone.  False: see fault. */
bool conform_is_well(struct world *world, const struct trial_settings *settings,
		     struct fault *fault);
void conform_result_free(struct conform_result *result);

/* The SAs of a trial, for the key table; NULL behind the last. */
const struct trial_sa *trial_sa_at(const struct trial *trial, size_t index);

#endif
