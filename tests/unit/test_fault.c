/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "interop/fault.h"

START_TEST(test_too_long_is_cut)
{
	struct fault fault;
	char longer[2 * FAULT_TEXT];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ck_assert(!fault_say(&fault, "%s", longer));
	ck_assert_uint_eq(strlen(fault.text), FAULT_TEXT - 1);
}
END_TEST

START_TEST(test_says)
{
	struct fault fault;

	ck_assert(!fault_say(&fault, "port %d", 500));
	ck_assert_str_eq(fault.text, "port 500");
}
END_TEST

UNIT_MAIN("fault", test_too_long_is_cut, test_says)
