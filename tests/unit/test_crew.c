/* SPDX-License-Identifier: ISC */
/*
 * test_crew.c - whole nodes of three workers, as `serve` runs them.
 */
#include "interop/workers/crew.h"

#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/status/control.h"
#include "interop/verb.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"

static struct fault fault;
static char line[512];

static const char *serve(const char *listen, const char *more)
{
	char config[512];

	snprintf(config, sizeof(config),
		 "node { listen = {\"%s\"} port = 0 control = \"%s\" workers = 3 }\n"
		 "peer \"a\" { secret = \"0123456789abcdef\" }\n",
		 listen, scratch_path("s"));
	snprintf(line, sizeof(line), "serve -c %s --json %s", scratch_file("x.conf", 0600, config),
		 more);
	return line;
}

static json_t *ask(const char *request)
{
	json_t *question = json_loads(request, 0, NULL);
	json_t *answer = control_ask(scratch_path("s"), question, &fault);

	json_decref(question);
	ck_assert_msg(answer != NULL, "%s", fault.text);
	return answer;
}

static pid_t process_of(unsigned worker)
{
	json_t *status = ask("{\"verb\":\"status\"}");
	const json_t *one = json_array_get(json_object_get(status, "workers"), worker);
	pid_t pid = (pid_t)json_integer_value(json_object_get(one, "pid"));

	json_decref(status);
	return pid;
}

static pid_t start(const char *more)
{
	pid_t pid = command_start(verb_serve, serve("127.0.0.1", more));

	command_wait_for(scratch_path("s"));
	return pid;
}

static int end_of(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Of the lines of the log, all of them whole, how many tell of this event. */
static unsigned told(const char *event)
{
	char *text = scratch_read(scratch_path("started.out")), *rest = text, *one;
	unsigned count = 0;

	while ((one = strsep(&rest, "\n")) != NULL && *one != '\0') {
		json_t *value = json_loads(one, 0, NULL);

		ck_assert_msg(value != NULL, "%s", one);
		ck_assert(json_is_integer(json_object_get(value, "worker")));
		count += strcmp(json_string_value(json_object_get(value, "event")), event) == 0;
		json_decref(value);
	}
	return count;
}

static const char *said(void)
{
	return scratch_read(scratch_path("started.err"));
}

static bool is_there(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0;
}

/* ---- it cannot begin ----------------------------------------------------------------------------------------------- */

START_TEST(test_place_taken)
{
	ck_assert_int_eq(command_run(verb_serve, serve("192.0.2.1", "")), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "192.0.2.1"));
	ck_assert(!is_there(scratch_path("s")));
}
END_TEST

START_TEST(test_capture_cannot_be_made)
{
	ck_assert_int_eq(command_run(verb_serve, serve("127.0.0.1", "--capture /dev/null/capture")),
			 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "/dev/null/capture"));
}
END_TEST

/* What the first worker says is the reason, and is said once. */
START_TEST(test_worker_cannot_begin)
{
	char more[256];
	const char *first;

	snprintf(more, sizeof(more), "--capture %s", scratch_path("c"));
	ck_assert_int_eq(mkdir(scratch_path("c"), 0700), 0);
	(void)scratch_file("c/worker-0", 0600, "");
	ck_assert_int_eq(command_run(verb_serve, serve("127.0.0.1", more)), 1);
	first = strstr(command_err(), "worker-0/");
	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_null(strstr(first + 1, "worker-0/"));
	ck_assert_ptr_nonnull(strstr(command_err(), "worker 0 has not started"));
	ck_assert(!is_there(scratch_path("s")));
}
END_TEST

/* What is in a folder is of one run. */
START_TEST(test_capture_of_more_workers)
{
	char more[256];

	snprintf(more, sizeof(more), "--capture %s", scratch_path("d"));
	ck_assert_int_eq(mkdir(scratch_path("d"), 0700), 0);
	ck_assert_int_eq(mkdir(scratch_path("d/worker-3"), 0700), 0);
	ck_assert_int_eq(command_run(verb_serve, serve("127.0.0.1", more)), 1);
	ck_assert_ptr_nonnull(
	    strstr(command_err(), "d/worker-3 is there, of a run with more workers"));
	ck_assert(!is_there(scratch_path("d/worker-0")));
}
END_TEST

/* The workers, which run already, end without a word to anybody. */
START_TEST(test_control_socket_taken)
{
	(void)scratch_file("s", 0600, "a file");
	ck_assert_int_eq(command_run(verb_serve, serve("127.0.0.1", "")), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "something else is there"));
	ck_assert_ptr_nonnull(strstr(command_out(), "\"event\":\"stopped\""));
}
END_TEST

/* ---- it ends ------------------------------------------------------------------------------------------------------- */

START_TEST(test_one_crashes)
{
	pid_t pid = start("");

	ck_assert_int_eq(kill(process_of(1), SIGKILL), 0);
	ck_assert_int_eq(end_of(pid), 1);
	ck_assert_ptr_nonnull(strstr(said(), "ruthere serve: worker 1, process "));
	ck_assert_ptr_nonnull(strstr(said(), "signal 9"));
	ck_assert_uint_eq(told("worker-ended"), 1);
	ck_assert_uint_eq(told("stopped"), 2);
	ck_assert(!is_there(scratch_path("s")));
}
END_TEST

/* As a terminal or a service manager ends them: then all end, in order. */
START_TEST(test_one_is_told_to_end)
{
	pid_t pid = start("");

	ck_assert_int_eq(kill(process_of(2), SIGTERM), 0);
	ck_assert_int_eq(end_of(pid), 0);
	ck_assert_uint_eq(told("stopped"), 3);
	ck_assert_uint_eq(told("worker-ended"), 0);
}
END_TEST

/* Nobody is left behind. */
START_TEST(test_the_parent_crashes)
{
	pid_t pid = start("");

	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	for (unsigned turn = 0; turn < 1500; turn++) {
		if (told("stopped") == 3)
			return;
		(void)poll(NULL, 0, 10);
	}
	ck_abort_msg("the workers go on");
}
END_TEST

/* ---- it runs ------------------------------------------------------------------------------------------------------- */

START_TEST(test_begins_answers_and_ends)
{
	char more[256];
	pid_t pid;
	json_t *status, *answer;

	snprintf(more, sizeof(more), "--capture %s", scratch_path("capture"));
	pid = start(more);
	status = ask("{\"verb\":\"status\"}");
	ck_assert_int_eq(json_integer_value(json_object_get(status, "pid")), pid);
	ck_assert_uint_eq(json_array_size(json_object_get(status, "workers")), 3);
	ck_assert_uint_eq(json_array_size(json_object_get(status, "listen")), 1);
	json_decref(status);
	answer = ask("{\"verb\":\"close\",\"peer\":\"a\"}");
	ck_assert(json_is_true(json_object_get(answer, "ok")));
	json_decref(answer);
	answer = ask("{\"verb\":\"connect\",\"peer\":\"a\"}");
	ck_assert(json_is_false(json_object_get(answer, "ok"))); /* it has no gateway */
	json_decref(answer);
	ck_assert_int_eq(command_end(pid), 0);
	ck_assert_uint_eq(told("started"), 3);
	ck_assert_uint_eq(told("plan"), 1);
	ck_assert_uint_eq(told("stopped"), 3);
	ck_assert(is_there(scratch_path("capture/worker-2/wire.pcap")));
	ck_assert_ptr_nonnull(strstr(said(), "worker-*/ikev1_decryption_table"));
	ck_assert(!is_there(scratch_path("s")));
}
END_TEST

UNIT_MAIN("crew", test_place_taken, test_capture_cannot_be_made, test_worker_cannot_begin,
	  test_capture_of_more_workers, test_control_socket_taken, test_one_crashes,
	  test_one_is_told_to_end, test_the_parent_crashes, test_begins_answers_and_ends)
