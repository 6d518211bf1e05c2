/* SPDX-License-Identifier: ISC */
/*
 * poisson.h - how much a count of rare events says about their rate.
 */
#ifndef INTEROP_SIM_POISSON_H
#define INTEROP_SIM_POISSON_H

#include <stdint.h>

struct poisson_interval {
	double low, high;
};

/*
 * The exact interval (Garwood, 1936) that holds the mean with 95 % confidence after `count` events were seen: each mean outside
 * it makes a count as odd as that, or odder, less likely than 2.5 %.  Where none was seen, `low` is 0 and all of the 5 % lie above:
 * `high` is then -ln 0.05, about 3.0.
 */
struct poisson_interval poisson_confidence(uint64_t count);

#endif
