/* SPDX-License-Identifier: ISC */
/*
 * profile.h - what is known of an implementation: where it deviates, and why that is so.
 *
 *	name = "lab router"   version = "7"   worry = 3s   death = 20s
 *	deviation "rfc3706/6.2/first-number-random" { verdict = FAIL  reason = "..." }
 *	deviation "rfc3706/6.2/lower-number" { verdict = INFO  value = "answered"  reason = "..." }
 *
 * A known FAIL (or INCONCLUSIVE: the device goes down) becomes XFAIL, and XPASS where it is not found any more: the profile is
 * out of date then.  LENIENT and UNSUPPORTED stay what they are, and become XPASS where the case passes; so does INFO with
 * another value.  What else is found stays as it is: nothing new is ever excused.
 */
#ifndef INTEROP_CONFORM_PROFILE_H
#define INTEROP_CONFORM_PROFILE_H

#include "interop/conform/result.h"

struct profile_deviation {
	const struct conform_case *of;
	enum conform_verdict verdict;
	char *value, *reason; /* owned; value NULL: any */
};

struct profile {
	char *name, *version;            /* owned; NULL: not said */
	ike_time patience, worry, death; /* 0: not said */
	struct profile_deviation *deviation;
	size_t deviations;
};

/* NULL: see fault, with file and line. */
struct profile *profile_load(const char *path, struct fault *fault) IKE_MUST_USE;
void profile_free(struct profile *profile); /* NULL is allowed */

/* Holds a result against it.  Afterwards result->reason points into the profile, if that knows the case. */
void profile_apply(const struct profile *profile, struct conform_result *result);

#endif
