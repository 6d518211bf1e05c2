/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "interop/report/report_verdict.h"

START_TEST(test_names_letters_ranks)
{
	unsigned ranks = 0;
	char letters[CONFORM_VERDICTS + 1] = "";

	for (unsigned i = 0; i < CONFORM_VERDICTS; i++) {
		json_t *of = json_pack("{s:s}", "verdict", report_verdicts[i]);

		ck_assert_uint_eq(report_verdict(of), i);
		json_decref(of);
		ck_assert_ptr_null(strchr(letters, report_letter(i)));
		letters[i] = report_letter(i);
		ranks |= 1u << report_rank(i);
	}
	ck_assert_uint_eq(ranks, (1u << CONFORM_VERDICTS) - 1);
	ck_assert_ptr_null(report_verdicts[CONFORM_VERDICTS]);
	ck_assert_str_eq(letters, "PLFU?SIX!");
}
END_TEST

START_TEST(test_what_is_worse)
{
	static const enum conform_verdict order[] = {
	    CONFORM_FAIL,  CONFORM_XPASS,       CONFORM_INCONCLUSIVE,
	    CONFORM_XFAIL, CONFORM_UNSUPPORTED, CONFORM_LENIENT,
	    CONFORM_PASS,  CONFORM_INFO_VALUE,  CONFORM_SKIP};

	for (unsigned i = 0; i < CONFORM_VERDICTS; i++)
		ck_assert_uint_eq(report_rank(order[i]), i);
}
END_TEST

UNIT_MAIN("report_verdict", test_names_letters_ranks, test_what_is_worse)
