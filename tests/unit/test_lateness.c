/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include "interop/bench/lateness.h"

static struct lateness lateness;

START_TEST(test_none)
{
	lateness_reset(&lateness);
	ck_assert_uint_eq(lateness_percentile(&lateness, 0.5), 0);
	ck_assert_uint_eq(lateness.most, 0);
}
END_TEST

START_TEST(test_one)
{
	lateness_reset(&lateness);
	lateness_add(&lateness, 3);
	ck_assert_uint_eq(lateness_percentile(&lateness, 0), 3);
	ck_assert_uint_eq(lateness_percentile(&lateness, 0.5), 3);
	ck_assert_uint_eq(lateness_percentile(&lateness, 1), 3);
}
END_TEST

START_TEST(test_percentiles)
{
	lateness_reset(&lateness);
	for (unsigned i = 0; i < 998; i++)
		lateness_add(&lateness, 100);
	lateness_add(&lateness, 5000);
	lateness_add(&lateness, 70000);
	ck_assert_uint_eq(lateness.count, 1000);
	ck_assert_uint_eq(lateness_percentile(&lateness, 0.5), 110); /* rounded up to a step */
	ck_assert_uint_eq(lateness_percentile(&lateness, 0.998), 110);
	ck_assert_uint_eq(lateness_percentile(&lateness, 0.999), 5010);
	ck_assert_uint_eq(lateness_percentile(&lateness, 0.9991), 70000);
	ck_assert_uint_eq(lateness.most, 70000);
	lateness_reset(&lateness);
	ck_assert_uint_eq(lateness_percentile(&lateness, 0.999), 0);
}
END_TEST

/* Beyond the table there is only the latest of all. */
START_TEST(test_very_late)
{
	lateness_reset(&lateness);
	lateness_add(&lateness, 0);
	lateness_add(&lateness, 2000000);
	lateness_add(&lateness, 90000000);
	ck_assert_uint_eq(lateness_percentile(&lateness, 0.3), 10);
	ck_assert_uint_eq(lateness_percentile(&lateness, 0.5), 90000000);
	ck_assert_uint_eq(lateness.most, 90000000);
}
END_TEST

UNIT_MAIN("lateness", test_none, test_one, test_percentiles, test_very_late)
