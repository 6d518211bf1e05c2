/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "interop/node/clock.h"
#include "interop/demo_process.h"
#include "tests/support/scratch.h"

static struct fault fault;
static struct event_base *base;
static json_t *heard;
static unsigned ends;

static void on_event(void *context, json_t *line)
{
	(void)context;
	json_decref(heard);
	heard = json_incref(line);
	event_base_loopbreak(base);
}

static void on_exit_of(void *context, struct demo_process *process)
{
	(void)context;
	(void)process;
	ends++;
	event_base_loopbreak(base);
}

/* A program that stands in for ruthere. */
static struct demo_process process_of(const char *script)
{
	const struct timeval patience = {.tv_sec = 20};
	struct demo_process process = {.name = "a", .on_event = on_event, .on_exit = on_exit_of};

	process.program = scratch_file("program", 0700, script);
	base = event_base_new();
	event_base_loopexit(base, &patience); /* against hanging */
	return process;
}

static void start(struct demo_process *process)
{
	ck_assert_msg(demo_process_start(process, base, scratch_directory(), &fault), "%s",
		      fault.text);
}

START_TEST(test_never_started)
{
	struct demo_process process = process_of("");

	demo_process_kill(&process);
	ck_assert(demo_process_end(&process));
	event_base_free(base);
}
END_TEST

START_TEST(test_ends_by_itself)
{
	struct demo_process process = process_of("#!/bin/sh\nexit 3\n");

	start(&process);
	event_base_dispatch(base);
	ck_assert_uint_eq(ends, 1);
	ck_assert_int_eq(process.pid, 0);
	event_base_free(base);
}
END_TEST

START_TEST(test_no_program)
{
	struct demo_process process = process_of("");
	char *text;

	process.program = "/nonexistent/ruthere";
	start(&process);
	event_base_dispatch(base);
	ck_assert_uint_eq(ends, 1);
	text = scratch_read(scratch_path("a-1.log")); /* where it says so */
	ck_assert_ptr_nonnull(strstr(text, "No such file"));
	event_base_free(base);
}
END_TEST

START_TEST(test_lines_that_are_none_are_passed_over)
{
	struct demo_process process =
	    process_of("#!/bin/sh\necho nonsense\necho '[1]'\n"
		       "echo '{\"t\":1,\"event\":\"x\"}'\nexec sleep 60\n");

	start(&process);
	event_base_dispatch(base);
	ck_assert_str_eq(json_string_value(json_object_get(heard, "event")), "x");
	demo_process_kill(&process);
	event_base_free(base);
}
END_TEST

START_TEST(test_bad_exit_status)
{
	struct demo_process process =
	    process_of("#!/bin/sh\ntrap 'exit 7' TERM\necho '{\"event\":\"x\"}'\n"
		       "while :; do sleep 0.01; done\n");

	start(&process);
	event_base_dispatch(base);
	ck_assert(!demo_process_end(&process));
	event_base_free(base);
}
END_TEST

/* It is told what to do, and its clock becomes the demo's: its zero was 5.25 seconds after the demo's. */
START_TEST(test_a_life)
{
	struct demo_process process = process_of("#!/bin/sh\ntrap 'exit 0' TERM\n"
						 "echo "
						 "\"{\\\"t\\\":1.5,\\\"time\\\":\\\"2026-11-24T02:"
						 "10:06.750000Z\\\",\\\"event\\\":\\\"$*\\\"}\"\n"
						 "while :; do sleep 0.01; done\n");
	char expected[512];

	process.epoch = clock_of_text("2026-11-24T02:10:00.000000Z");
	start(&process);
	event_base_dispatch(base);
	ck_assert(json_real_value(json_object_get(heard, "t")) == 6.75);
	ck_assert_str_eq(json_string_value(json_object_get(heard, "node")), "a");
	snprintf(expected, sizeof(expected),
		 "serve --config %s/a.conf --capture %s/a-1 --json --messages", scratch_directory(),
		 scratch_directory());
	ck_assert_str_eq(json_string_value(json_object_get(heard, "event")), expected);
	ck_assert(demo_process_end(&process));
	ck_assert_uint_eq(ends, 0);
	start(&process); /* another life */
	ck_assert_uint_eq(process.life, 2);
	demo_process_kill(&process);
	ck_assert_uint_eq(ends, 0);
	event_base_free(base);
}
END_TEST

UNIT_MAIN("demo_process", test_never_started, test_ends_by_itself, test_no_program,
	  test_lines_that_are_none_are_passed_over, test_bad_exit_status, test_a_life)
