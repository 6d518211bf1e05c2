/* SPDX-License-Identifier: ISC */
/*
 * test_conform_cases.c - the whole suite against our own engine, in virtual time: nothing fails.
 */
#include <stdio.h>
#include <string.h>

#include "interop/conform/result.h"
#include "tests/support/conform_world.h"
#include "tests/support/unit.h"

/* It calls, and its first message is about to arrive. */
static void call_unasked(struct world *world)
{
	ike_time until = world->now(world) + CONFORM_WORLD_DELAY - 1;
	uint8_t data[IKE_DATAGRAM_MAX];
	struct ike_datagram datagram = {.data = data, .room = sizeof(data)};

	ck_assert(world->call_us(world));
	ck_assert(!world->receive(world, until, &datagram));
}

/* Whether the case passes, or has a value, in a world in which the device calls before it is told to, or does not. */
static bool passes(const struct conform_case *of, uint8_t seed, bool device_calls)
{
	struct conform_world *own = conform_world_new(seed);
	struct world *world = conform_world_world(own);
	struct conform_result result;
	bool well, good;

	if (device_calls)
		call_unasked(world);
	conform_run(of, world, conform_world_settings(own), &result, &well);
	good = well && (result.verdict == CONFORM_PASS || result.verdict == CONFORM_INFO_VALUE);
	if (!good)
		printf("%s: %s%s: %s\n", of->id, conform_verdict_name(result.verdict),
		       well ? "" : ", not well afterwards", result.observed);
	(void)fflush(stdout); /* a test that fails does not */
	conform_result_free(&result);
	conform_world_free(own);
	return good;
}

START_TEST(test_nothing_fails)
{
	const struct conform_case *of;
	size_t bad = 0;

	for (size_t i = 0; (of = conform_case_at(i)) != NULL; i++)
		bad += !passes(of, (uint8_t)i, false);
	ck_assert_msg(bad == 0, "%zu cases do not pass: see above", bad);
}
END_TEST

/* As some do half a second after the case before has deleted what they had. */
START_TEST(test_a_call_of_its_own_disturbs_no_case)
{
	const struct conform_case *of;
	size_t bad = 0;

	for (size_t i = 0; (of = conform_case_at(i)) != NULL; i++)
		bad += !passes(of, (uint8_t)i, true);
	ck_assert_msg(bad == 0, "%zu cases are disturbed: see above", bad);
}
END_TEST

UNIT_MAIN("conform_cases", test_nothing_fails, test_a_call_of_its_own_disturbs_no_case)
