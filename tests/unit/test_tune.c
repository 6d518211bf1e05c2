/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/sim/method.h"
#include "tests/support/unit.h"

static struct method given[METHOD_KINDS], tuned;

static void make(void)
{
	struct method_settings settings;
	struct fault fault;

	method_settings_default(&settings);
	for (unsigned kind = 0; kind < METHOD_KINDS; kind++)
		ck_assert(method_make(kind, &settings, &given[kind], &fault));
	memset(&tuned, 0xee, sizeof(tuned));
}

static double false_deaths(const struct method *method)
{
	return machine_false_deaths_a_year(&method->rules, 0.2);
}

static void is(const char *text)
{
	char got[METHOD_TEXT];

	method_describe(&tuned, got);
	ck_assert_str_eq(got, text);
}

START_TEST(beyond_reason)
{
	make();
	for (unsigned kind = METHOD_FIXED; kind < METHOD_KINDS; kind++) {
		struct method untouched = tuned;

		ck_assert(!method_with_bound(&given[kind], 100 * IKE_MILLISECOND, &tuned));
		ck_assert(!method_with_false_deaths(&given[kind], 0.99, 1e-9, &tuned));
		ck_assert(!method_with_both(&given[kind], 2 * IKE_SECOND, 0.6, 1e-9, &tuned));
		ck_assert(!method_with_cost(&given[kind], IKE_SECOND, 0.2, 1e9, &tuned));
		ck_assert(!method_with_cost(&given[kind], 20 * IKE_SECOND, 0.2, 1, &tuned));
		ck_assert_mem_eq(&tuned, &untouched, sizeof(tuned));
	}
	ck_assert(!method_with_cost(&given[METHOD_FIXED], 20 * IKE_SECOND, 0.2, 1000, &tuned));
}
END_TEST

START_TEST(to_a_bound)
{
	make();
	ck_assert(method_with_bound(&given[METHOD_FIXED], 30 * IKE_SECOND, &tuned));
	is("fixed 15s, 3s x5");
	ck_assert_uint_eq(tuned.rules.plan.last_wait, 3 * IKE_SECOND);
	ck_assert(method_with_bound(&given[METHOD_HEARTBEAT], 13 * IKE_SECOND, &tuned));
	is("heartbeats 4s x3 +1s");
	ck_assert(method_with_bound(&given[METHOD_PING], 20 * IKE_SECOND, &tuned));
	is("ping 5s x3");
}
END_TEST

/* Awkward divisions, and no window to take the rest: never more than the bound, nor less by more than a hair. */
START_TEST(to_any_bound)
{
	make();
	given[METHOD_HEARTBEAT].rules.heartbeat.window = 0;
	for (ike_time bound = 3 * IKE_SECOND; bound < 100 * IKE_SECOND; bound += 777778) {
		for (unsigned kind = METHOD_FIXED; kind < METHOD_KINDS; kind++) {
			ck_assert(method_with_bound(&given[kind], bound, &tuned));
			ck_assert_uint_le(machine_bound(&tuned.rules), bound);
			ck_assert_uint_ge(machine_bound(&tuned.rules) + 10, bound);
			ck_assert_uint_le(tuned.rules.heartbeat.window, 10);
		}
	}
}
END_TEST

START_TEST(to_false_deaths)
{
	make();
	for (unsigned kind = METHOD_FIXED; kind < METHOD_KINDS; kind++) {
		struct method less;

		ck_assert(method_with_false_deaths(&given[kind], 0.2, 1, &tuned));
		ck_assert_double_le(false_deaths(&tuned), 1);
		/* and one less would not have done */
		ck_assert(method_with_false_deaths(&given[kind], 0.2, false_deaths(&tuned) * 1.01,
						   &less));
		ck_assert_uint_eq(machine_bound(&less.rules), machine_bound(&tuned.rules));
	}
	is("ping 10s x15");
	ck_assert(method_with_false_deaths(&given[METHOD_FIXED], 0.2, 1, &tuned));
	is("fixed 10s, 2s x15");
	ck_assert_uint_eq(machine_bound(&tuned.rules), 40 * IKE_SECOND);
	ck_assert(method_with_false_deaths(&given[METHOD_HEARTBEAT], 0.2, 1, &tuned));
	is("heartbeats 20s x9 +5s");
	/* what is good enough stays */
	ck_assert(method_with_false_deaths(&given[METHOD_PING], 0.001, 1000, &tuned));
	is("ping 10s x3");
}
END_TEST

START_TEST(to_both)
{
	make();
	for (unsigned kind = METHOD_HEARTBEAT; kind < METHOD_KINDS; kind++) {
		ck_assert(method_with_both(&given[kind], 20 * IKE_SECOND, 0.2, 1, &tuned));
		ck_assert_double_le(false_deaths(&tuned), 1);
		ck_assert_double_gt(false_deaths(&tuned), 0.1);
		ck_assert_uint_le(machine_bound(&tuned.rules), 20 * IKE_SECOND);
		ck_assert_uint_ge(machine_bound(&tuned.rules) + 100, 20 * IKE_SECOND);
	}
	is("ping 1.11s x17");
	ck_assert(method_with_both(&given[METHOD_HEARTBEAT], 20 * IKE_SECOND, 0.2, 1, &tuned));
	is("heartbeats 1.78s x11 +0.44s");
}
END_TEST

START_TEST(to_a_cost)
{
	make();
	ck_assert(method_with_cost(&given[METHOD_HEARTBEAT], 20 * IKE_SECOND, 0.2, 900, &tuned));
	is("heartbeats 4s x5 +0s");
	ck_assert(method_with_cost(&given[METHOD_HEARTBEAT], 22 * IKE_SECOND, 0.2, 900, &tuned));
	is("heartbeats 4s x5 +2s");
	/* a request, and with 0.8 a reply */
	ck_assert(method_with_cost(&given[METHOD_PING], 20 * IKE_SECOND, 0.2, 1620, &tuned));
	is("ping 4s x4");
	ck_assert_uint_eq(machine_bound(&tuned.rules), 20 * IKE_SECOND);
}
END_TEST

UNIT_MAIN("tune", beyond_reason, to_a_bound, to_any_bound, to_false_deaths, to_both, to_a_cost)
