/* SPDX-License-Identifier: ISC */
#include "interop/bench/lateness.h"

#include <math.h>
#include <string.h>

void lateness_reset(struct lateness *lateness)
{
	memset(lateness, 0, sizeof(*lateness));
}

void lateness_add(struct lateness *lateness, uint64_t microseconds)
{
	uint64_t step = microseconds / LATENESS_STEP;

	lateness->count++;
	if (microseconds > lateness->most)
		lateness->most = microseconds;
	lateness->step[step < LATENESS_STEPS ? step : LATENESS_STEPS - 1]++;
}

uint64_t lateness_percentile(const struct lateness *lateness, double share)
{
	uint64_t wanted = (uint64_t)ceil(share * (double)lateness->count), seen = 0, bound;
	uint32_t step = 0;

	if (lateness->count == 0)
		return 0;
	while (step < LATENESS_STEPS - 1 && (seen += lateness->step[step]) < wanted)
		step++;
	bound = (step + 1ull) * LATENESS_STEP;
	/* the last step has no bound but the latest of all */
	return step == LATENESS_STEPS - 1 || bound > lateness->most ? lateness->most : bound;
}
