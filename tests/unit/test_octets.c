/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include "crypto/octets.h"

START_TEST(test_unequal)
{
	ck_assert(!octets_equal(octets_of("abc", 3), octets_of("abd", 3)));
	ck_assert(!octets_equal(octets_of("abc", 3), octets_of("bbc", 3)));
	ck_assert(!octets_equal(octets_of("abc", 3), octets_of("abc", 2)));
	ck_assert(!octets_equal(octets_of("abc", 2), octets_of("abc", 3)));
	ck_assert(!octets_equal(octets_of("a\0b", 3), octets_of("a\0c", 3)));
	ck_assert(!octets_equal(octets_of("", 1), octets_of(NULL, 0)));
}
END_TEST

START_TEST(test_equal)
{
	const char copy[] = "abc";

	ck_assert(octets_equal(octets_of("abc", 3), octets_of(copy, 3)));
	ck_assert(octets_equal(octets_of("abd", 2), octets_of(copy, 2)));
	ck_assert(octets_equal(octets_of(NULL, 0), octets_of(NULL, 0)));
	ck_assert(octets_equal(octets_of(NULL, 0), octets_of(copy, 0)));
}
END_TEST

UNIT_MAIN("octets", test_unequal, test_equal)
