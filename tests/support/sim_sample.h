/* SPDX-License-Identifier: ISC */
/*
 * sim_sample.h - a comparison and a frontier with results made by hand: what the tests of tables, reports and pictures show.
 */
#ifndef TESTS_SUPPORT_SIM_SAMPLE_H
#define TESTS_SUPPORT_SIM_SAMPLE_H

#include <stdio.h>

#include "interop/sim/frontier.h"

/*
 * All methods, 20 % loss, two peer-years.  The first row has seen no false death, the others 1, 10, 100 ...: so that nothing, little
 * and much are all there.  A pair exchanges 1000 messages an hour, three of ten of them from the watched.
 */
void sim_sample_comparison(struct comparison *comparison);
/* The same in each cell; at the least bound the derived plan is eased, and the last series is not there. */
void sim_sample_frontier(const struct comparison *comparison, struct frontier *frontier);

/* What was written to `out` by now; `out` is closed.  Good until the next. */
FILE *sim_sample_open(void);
const char *sim_sample_text(FILE *out);

#endif
