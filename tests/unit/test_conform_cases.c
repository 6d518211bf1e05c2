/* SPDX-License-Identifier: ISC */
/*
 * test_conform_cases.c - the whole suite against our own engine, in virtual time: nothing fails.
 */
#include <stdio.h>
#include <string.h>

#include "interop/conform/result.h"
#include "tests/support/conform_world.h"
#include "tests/support/unit.h"

START_TEST(test_nothing_fails)
{
	const struct conform_case *of;
	size_t bad = 0;

	for (size_t i = 0; (of = conform_case_at(i)) != NULL; i++) {
		struct conform_world *own = conform_world_new((uint8_t)i);
		struct conform_result result;
		bool well;

		conform_run(of, conform_world_world(own), conform_world_settings(own), &result,
			    &well);
		if (!well ||
		    (result.verdict != CONFORM_PASS && result.verdict != CONFORM_INFO_VALUE)) {
			printf("%s: %s%s: %s\n", of->id, conform_verdict_name(result.verdict),
			       well ? "" : ", not well afterwards", result.observed);
			bad++;
		}
		conform_result_free(&result);
		conform_world_free(own);
	}
	ck_assert_msg(bad == 0, "%zu cases do not pass: see above", bad);
}
END_TEST

UNIT_MAIN("conform_cases", test_nothing_fails)
