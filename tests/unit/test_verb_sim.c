/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interop/verb.h"
#include "tests/support/command.h"
#include "tests/support/markup.h"
#include "tests/support/scratch.h"

#define SMALL " --peers 4 --time 2h --deaths 20"

START_TEST(test_usage)
{
	/* and what is said about it */
	static const char *const wrong[][2] = {
	    {"sim something", "one too many"},
	    {"sim --loss 20", "--loss"},
	    {"sim --loss 100%", "--loss"},
	    {"sim --loss 90%", "derived: detect 20.0 s is too short"},
	    {"sim --burst 1us", "--burst"},
	    {"sim --delay 11s", "--delay"},
	    {"sim --delay 1ms", "--jitter"},
	    {"sim --traffic some", "--traffic"},
	    {"sim --traffic both --traffic-interval 0", "--traffic-interval"},
	    {"sim --peers 0", "--peers"},
	    {"sim --time 1s", "--time"},
	    {"sim --jobs 0", "--jobs"},
	    {"sim --jobs 65", "--jobs"},
	    {"sim --seed -1", "--seed"},
	    {"sim --false-deaths 0", "--false-deaths"},
	    {"sim --false-deaths nan", "--false-deaths"},
	    {"sim --false-deaths inf", "--false-deaths"},
	    {"sim --false-deaths 1x", "--false-deaths"},
	    {"sim --on-demand", "--traffic out"},
	    {"sim --worry 0", "fixed"},
	    {"sim --misses 0", "--misses"},
	    {"sim --interval 1ms", "--interval"},
	    {"sim --losses 0", "--losses"},
	    {"sim --window 2d", "--window"},
	    {"sim --ping-interval 0", "--ping-interval"},
	    {"sim --ping-misses 101", "--ping-misses"},
	    {"sim --method heartbeat", "heartbeats"},
	    {"sim --method derived --method dpd", "--method"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(command_run(verb_sim, wrong[i][0]) == 2, "%s", wrong[i][0]);
		ck_assert_msg(strstr(command_err(), wrong[i][1]) != NULL, "%s: %s", wrong[i][0],
			      command_err());
		ck_assert_str_eq(command_out(), "");
	}
	ck_assert_int_eq(command_run(verb_sim, "sim --help"), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "\nexamples:\n  ruthere sim\n"));
}
END_TEST

START_TEST(test_a_picture_that_cannot_be_written)
{
	ck_assert_int_eq(command_run(verb_sim, "sim --svg /nonexistent/x.svg" SMALL), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "--svg: /nonexistent/x.svg: No such file"));
	ck_assert_str_eq(command_out(), "");
	ck_assert_int_eq(command_run(verb_sim, "sim --svg /dev/full" SMALL), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "--svg: /dev/full could not be written"));
}
END_TEST

/* All that is printed and drawn, by one command after the other. */
static char *everything(const char *options)
{
	static const char *const forms[] = {"", "--json", "--frontier", "--frontier --json"};
	char *all = strdup(""), line[512];

	for (size_t i = 0; i < 4; i++) {
		const char *picture = scratch_path("x.svg");
		char *longer;

		snprintf(line, sizeof(line), "sim %s %s --svg %s" SMALL, options, forms[i],
			 picture);
		ck_assert_msg(command_run(verb_sim, line) == 0, "%s: %s", line, command_err());
		ck_assert_int_ge(
		    asprintf(&longer, "%s%s%s", all, command_out(), scratch_read(picture)), 0);
		free(all);
		all = longer;
	}
	return all;
}

START_TEST(test_equal_seeds_give_equal_octets)
{
	char *once = everything("--traffic both --burst 2s");
	char *again = everything("--traffic both --burst 2s");
	char *jobs = everything("--traffic both --burst 2s --jobs 3");
	char *other = everything("--traffic both --burst 2s --seed 2");

	ck_assert_str_eq(once, again);
	ck_assert_str_eq(once, jobs);
	ck_assert_str_ne(once, other);
	free(once);
	free(again);
	free(jobs);
	free(other);
}
END_TEST

START_TEST(test_text)
{
	ck_assert_int_eq(command_run(verb_sim, "sim --loss 5% --detect 10s --seed 3706" SMALL), 0);
	ck_assert_ptr_nonnull(
	    strstr(command_out(), "network: 5 % lost each way, independently; delay 40 to 60 ms"));
	ck_assert_ptr_nonnull(
	    strstr(command_out(), "4 pairs for 2 hours each, and 20 real deaths"));
	ck_assert_ptr_nonnull(strstr(command_out(), "\nderived 5s, "));
	ck_assert_ptr_nonnull(strstr(command_out(), "- tuned to the same bound, 10 s\n"));
	ck_assert_ptr_nonnull(strstr(command_out(), "\nseed 3706\n"));
}
END_TEST

START_TEST(test_only_some)
{
	ck_assert_int_eq(
	    command_run(verb_sim, "sim --method ping --method fixed --given-only" SMALL), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "\nfixed "));
	ck_assert_ptr_nonnull(strstr(command_out(), "\nping "));
	ck_assert_ptr_null(strstr(command_out(), "derived "));
	ck_assert_ptr_null(strstr(command_out(), "heartbeats "));
	ck_assert_ptr_null(strstr(command_out(), "tuned"));
}
END_TEST

/* Every option has arrived where it belongs. */
START_TEST(test_numbers_given)
{
	json_error_t error;
	json_t *report, *methods;
	static const char *const texts[] = {"derived 8s, 0.778s x10", "fixed 7s, 1.5s x4",
					    "heartbeats 12s x2 +3s", "ping 6s x5"};

	ck_assert_int_eq(
	    command_run(verb_sim,
			"sim --json --given-only --loss 10% --false-deaths 0.5 --detect 16s "
			"--worry 7s --retry 1500ms --misses 4 --interval 12s --losses 2 --window "
			"3s --ping-interval 6s --ping-misses 5 --delay 30ms --jitter 5ms --mutual "
			"--traffic out --traffic-interval 9s" SMALL),
	    0);
	report = json_loads(command_out(), 0, &error);
	ck_assert_msg(report != NULL, "%s", error.text);
	methods = json_object_get(report, "methods");
	ck_assert_uint_eq(json_array_size(methods), 4);
	for (size_t i = 0; i < 4; i++)
		ck_assert_str_eq(
		    json_string_value(json_object_get(json_array_get(methods, i), "text")),
		    texts[i]);
	ck_assert(json_is_true(json_object_get(json_object_get(report, "network"), "mutual")));
	ck_assert(json_number_value(
		      json_object_get(json_object_get(report, "network"), "jitter_s")) == 0.005);
	json_decref(report);
}
END_TEST

START_TEST(test_pictures)
{
	static const char *const forms[] = {"", "--frontier"};

	for (size_t i = 0; i < 2; i++) {
		char line[512];
		const char *fault;

		snprintf(line, sizeof(line), "sim %s --svg %s" SMALL, forms[i],
			 scratch_path("picture.svg"));
		ck_assert_int_eq(command_run(verb_sim, line), 0);
		fault = markup_fault(scratch_read(scratch_path("picture.svg")));
		ck_assert_msg(fault == NULL, "%s", fault);
	}
}
END_TEST

UNIT_MAIN("verb_sim", test_usage, test_a_picture_that_cannot_be_written,
	  test_equal_seeds_give_equal_octets, test_text, test_only_some, test_numbers_given,
	  test_pictures)
