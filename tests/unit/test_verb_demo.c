/* SPDX-License-Identifier: ISC */
/*
 * test_verb_demo.c - what can go wrong with the demo.  That it goes right is what "make demo" shows, in its own time.
 */
#include "tests/support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interop/verb.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"

START_TEST(test_usage)
{
	ck_assert_int_eq(command_run(verb_demo, "demo --fast"), 2);
	ck_assert_int_eq(command_run(verb_demo, "demo now"), 2);
	ck_assert_int_eq(command_run(verb_demo, "demo --help"), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "examples:"));
}
END_TEST

START_TEST(test_no_place)
{
	char line[256];

	snprintf(line, sizeof(line), "demo --capture %s", scratch_path("no/place"));
	ck_assert_int_eq(command_run(verb_demo, line), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "no/place"));
}
END_TEST

/* The nodes of this test end at once: see main. */
START_TEST(test_nodes_that_end)
{
	char line[256];

	snprintf(line, sizeof(line), "demo --json --capture %s", scratch_path("demo"));
	ck_assert_int_eq(command_run(verb_demo, line), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "node b1 ended by itself"));
	ck_assert_ptr_nonnull(strstr(command_out(), "\"event\":\"demo\",\"ok\":false"));
}
END_TEST

/* The demo starts its nodes from the program that it is part of, which is this one. */
int main(int argc, char **argv)
{
	const TTest *const tests[] = {test_usage, test_no_place, test_nodes_that_end};

	if (argc > 1 && strcmp(argv[1], "serve") == 0)
		return 1;
	return unit_run("verb_demo", tests, sizeof(tests) / sizeof(tests[0]));
}
