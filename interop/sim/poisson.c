/* SPDX-License-Identifier: ISC */
/*
 * poisson.c - the two means at which a count would just be too odd, found by halving.
 *
 * The probability of `count` or less (or more) is summed from `count` outwards, where the terms only get smaller.
 */
#include "interop/sim/poisson.h"

#include <math.h>

#define TAIL     0.025
#define TAIL_TOP 0.05 /* for a count of 0, which has but one side */
#define HALVINGS 100
#define SMALL    1e-17 /* of the sum: no further terms matter */

static double term(double count, double mean)
{
	return exp(count * log(mean) - mean - lgamma(count + 1));
}

/* P(X <= count), for a mean above count. */
static double at_most(double count, double mean)
{
	double one = term(count, mean), sum = one;

	for (double i = count; i > 0 && one > sum * SMALL; i--) {
		one *= i / mean;
		sum += one;
	}
	return sum;
}

/* P(X >= count), for a mean below count. */
static double at_least(double count, double mean)
{
	double one = term(count, mean), sum = one;

	for (double i = count + 1; one > sum * SMALL; i++) {
		one *= mean / i;
		sum += one;
	}
	return sum;
}

static double lowest(double count)
{
	double low = 0, high = count;

	for (int i = 0; i < HALVINGS; i++) {
		double middle = (low + high) / 2;

		if (at_least(count, middle) < TAIL)
			low = middle;
		else
			high = middle;
	}
	return high;
}

static double highest(double count)
{
	double low = count, high = count + 10 + 10 * sqrt(count); /* ten deviations above */

	for (int i = 0; i < HALVINGS; i++) {
		double middle = (low + high) / 2;

		if (at_most(count, middle) > TAIL)
			low = middle;
		else
			high = middle;
	}
	return low;
}

struct poisson_interval poisson_confidence(uint64_t count)
{
	if (count == 0)
		return (struct poisson_interval){0, -log(TAIL_TOP)};
	return (struct poisson_interval){lowest((double)count), highest((double)count)};
}
