/* SPDX-License-Identifier: ISC */
#include <math.h>

#include "interop/sim/poisson.h"
#include "tests/support/unit.h"

/* P(X <= count), summed the plain way. */
static double at_most(unsigned count, double mean)
{
	double term = exp(-mean), sum = term;

	for (unsigned i = 1; i <= count; i++) {
		term *= mean / i;
		sum += term;
	}
	return sum;
}

START_TEST(none_seen_is_not_zero)
{
	struct poisson_interval interval = poisson_confidence(0);

	ck_assert(interval.low == 0);
	ck_assert_double_eq_tol(interval.high, 2.995732, 1e-6);
}
END_TEST

/* The values of the printed tables (Garwood; Pearson and Hartley, table 40). */
START_TEST(known_values)
{
	static const struct {
		uint64_t count;
		double low, high;
	} known[] = {
	    {1, 0.0253, 5.572},    {2, 0.2422, 7.225},      {3, 0.6187, 8.767},
	    {5, 1.6235, 11.668},   {10, 4.7954, 18.390},    {20, 12.2165, 30.888},
	    {50, 37.1110, 65.919}, {100, 81.3639, 121.627},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct poisson_interval interval = poisson_confidence(known[i].count);

		ck_assert_double_eq_tol(interval.low, known[i].low, 1e-3);
		ck_assert_double_eq_tol(interval.high, known[i].high, 1e-3);
	}
}
END_TEST

START_TEST(the_tails_are_what_they_should_be)
{
	for (unsigned count = 1; count < 150; count++) {
		struct poisson_interval interval = poisson_confidence(count);

		ck_assert_double_eq_tol(at_most(count, interval.high), 0.025, 1e-9);
		ck_assert_double_eq_tol(1 - at_most(count - 1, interval.low), 0.025, 1e-9);
	}
}
END_TEST

/* Far out it is the normal distribution's. */
START_TEST(large_counts)
{
	static const double counts[] = {1e4, 1e6, 1e8};

	for (size_t i = 0; i < 3; i++) {
		struct poisson_interval interval = poisson_confidence((uint64_t)counts[i]);
		double deviation = sqrt(counts[i]);

		ck_assert_double_eq_tol((interval.high - counts[i]) / deviation, 1.96, 0.03);
		ck_assert_double_eq_tol((counts[i] - interval.low) / deviation, 1.96, 0.03);
	}
}
END_TEST

UNIT_MAIN("poisson", none_seen_is_not_zero, known_values, the_tails_are_what_they_should_be,
	  large_counts)
