/* SPDX-License-Identifier: ISC */
/*
 * lateness.h - how late things were: counted by hundredths of a millisecond up to a second, in one table, however many they are.
 */
#ifndef INTEROP_BENCH_LATENESS_H
#define INTEROP_BENCH_LATENESS_H

#include <stdint.h>

#define LATENESS_STEP  10     /* microseconds */
#define LATENESS_STEPS 100000 /* up to a second; what is later is counted in the last of them */

struct lateness {
	uint64_t count;
	uint64_t most; /* microseconds, exact */
	uint32_t step[LATENESS_STEPS];
};

void lateness_reset(struct lateness *lateness);
void lateness_add(struct lateness *lateness, uint64_t microseconds);
/*
 * At least `share` (0 to 1) of them were not later than that: microseconds, rounded up to a step, and never more than the latest.  0:
 * there were none.
 */
uint64_t lateness_percentile(const struct lateness *lateness, double share);

#endif
