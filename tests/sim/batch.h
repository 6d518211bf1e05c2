/* SPDX-License-Identifier: ISC */
/*
 * batch.h - many seeds, each run twice and compared, in processes of their own.
 */
#ifndef TESTS_SIM_BATCH_H
#define TESTS_SIM_BATCH_H

#include "tests/sim/sim.h"

#define BATCH_FAILURES 200                     /* told in detail */
#define BATCH_CRASHED  "every verb comes back" /* the invariant that a crash breaks */

struct batch_failure {
	uint64_t seed;
	struct failure failure;
};

struct batch_result {
	uint64_t passed, failed;
	struct tally tally;
	struct coverage coverage;
	unsigned failures;
	struct batch_failure failure[BATCH_FAILURES];
};

/* One seed, twice and compared; false: `failure` says why.  The evidence, if any, is of the first run. */
bool batch_seed(uint64_t seed, struct evidence *evidence, struct coverage *coverage,
		struct tally *tally, struct failure *failure);

/* Seeds from .. to (both), on so many processes at a time.  False: they could not be started. */
bool batch_run(uint64_t from, uint64_t to, unsigned jobs, struct batch_result *result);

#endif
