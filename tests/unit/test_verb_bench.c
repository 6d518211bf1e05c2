/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "interop/verb.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"

#define SMALL "bench memory --sas 300 --rounds 1"

START_TEST(test_usage)
{
	/* and what is said about it */
	static const char *const wrong[][2] = {
	    {"bench nothing", "--list"},
	    {"bench --rounds 0", "--rounds"},
	    {"bench --rounds 1000", "--rounds"},
	    {"bench --sas 0", "--sas"},
	    {"bench --sas 1000,", "--sas"},
	    {"bench --sas ,", "--sas"},
	    {"bench --sas 10x", "--sas"},
	    {"bench --sas 1e6", "--sas"},
	    {"bench --sas 4000001", "--sas"},
	    {"bench --sas 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "--sas"},
	    {"bench --merge x.json memory", "--merge"},
	    {"bench --seed -1", "--seed"},
	    {"bench --against 192.0.2.1", "--pid"},
	    {"bench --against 192.0.2.1 --pid 1 --sas 1,2", "--sas"},
	    {"bench --against 192.0.2.1 --pid 1 --goal x", "--goal"},
	    {"bench --against 192.0.2.1 --pid 1 --goal 0", "--goal"},
	    {"bench --against 192.0.2.1 --pid 1 --goal 1x", "--goal"},
	    {"bench --against 192.0.2.1 --pid 1 --goal inf", "--goal"},
	    {"bench --interval 100ms", "--interval"},
	    {"bench --interval 2h", "--interval"},
	    {"bench --time 400ms", "--time"},
	    {"bench --time 2d", "--time"},
	    {"bench --window 0", "--window"},
	    {"bench --exchanges x", "--exchanges"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(command_run(verb_bench, wrong[i][0]) == 2, "%s", wrong[i][0]);
		ck_assert_msg(strstr(command_err(), wrong[i][1]) != NULL, "%s: %s", wrong[i][0],
			      command_err());
		ck_assert_str_eq(command_out(), "");
	}
	ck_assert_int_eq(command_run(verb_bench, "bench --help"), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "\nexamples:\n  ruthere bench --list\n"));
	ck_assert_int_eq(command_run(verb_bench, "bench --list"), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "memory  "));
}
END_TEST

START_TEST(test_files_that_cannot_be_had)
{
	char line[512];

	ck_assert_int_eq(command_run(verb_bench, "bench --merge /nonexistent/x.json"), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "/nonexistent/x.json"));
	snprintf(line, sizeof(line), "bench --merge %s", scratch_file("x.json", 0600, "{}"));
	ck_assert_int_eq(command_run(verb_bench, line), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "not what ruthere bench --json writes"));
	ck_assert_int_eq(command_run(verb_bench, SMALL " --json /nonexistent/x.json"), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "--json: /nonexistent/x.json"));
	ck_assert_int_eq(command_run(verb_bench, SMALL " --json /dev/full"), 1);
}
END_TEST

/* What there is by then is written, with a note of what it was broken off by. */
START_TEST(test_broken_off)
{
	const char *path = scratch_path("broken.json");
	char line[1024];
	const char *text;
	json_t *json;

	snprintf(line, sizeof(line), "bench death --sas 1 --plot /nonexistent/plot.svg --json %s",
		 path);
	ck_assert_int_eq(command_run(verb_bench, line), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "death: /nonexistent/plot.svg"));
	json = json_load_file(path, 0, NULL);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "machines")), 1);
	text = json_string_value(
	    json_object_get(json_array_get(json_object_get(json, "notes"), 0), "text"));
	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_nonnull(strstr(text, "broken off: death: /nonexistent/plot.svg"));
	json_decref(json);
	/* nor does that hide what was wrong first */
	ck_assert_int_eq(command_run(verb_bench, "bench death --sas 1 --plot /nonexistent/plot.svg "
						 "--json /nonexistent/x.json"),
			 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "death: /nonexistent/plot.svg"));
}
END_TEST

/* Measured, written, and merged with itself: one more round, and the same goal missed. */
START_TEST(test_written_and_merged)
{
	const char *path = scratch_path("figures.json");
	char line[1024];
	json_t *json;

	snprintf(line, sizeof(line), SMALL " --json %s", path);
	ck_assert_msg(command_run(verb_bench, line) == 0, "%s", command_err());
	ck_assert_ptr_nonnull(strstr(command_out(), "processor"));
	ck_assert_ptr_nonnull(strstr(command_out(), "RSS of an SA, 300 SAs"));
	ck_assert_ptr_nonnull(strstr(command_err(), "memory: round 1"));
	json = json_load_file(path, 0, NULL);
	ck_assert_str_eq(json_string_value(json_object_get(json, "format")), "ruthere-bench-1");
	json_decref(json);
	snprintf(line, sizeof(line), "bench --merge %s --merge %s", path, path);
	ck_assert_msg(command_run(verb_bench, line) == 0, "%s", command_err());
	ck_assert_ptr_nonnull(strstr(command_out(), "     2  goal: at most 400"));
	snprintf(line, sizeof(line), "bench --strict --merge %s",
		 scratch_file("missed.json", 0600,
			      "{\"format\": \"ruthere-bench-1\", \"quantities\": [{\"benchmark\": "
			      "\"r\", \"name\": \"a\", \"unit\": \"us\", \"samples\": [2], "
			      "\"goal\": {\"kind\": \"at-most\", \"bound\": 1}}]}"));
	ck_assert_int_eq(command_run(verb_bench, line), 1);
	ck_assert_ptr_nonnull(strstr(command_out(), "missed by 100.0 %"));
}
END_TEST

UNIT_MAIN("verb_bench", test_usage, test_files_that_cannot_be_had, test_broken_off,
	  test_written_and_merged)
