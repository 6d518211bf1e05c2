/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#include "interop/verb.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"

static int run(verb *which, const char *words)
{
	char line[512];

	snprintf(line, sizeof(line), "%s --socket %s", words, scratch_path("s"));
	return command_run(which, line);
}

START_TEST(test_usage)
{
	ck_assert_int_eq(command_run(verb_status, "status now"), 2);
	ck_assert_int_eq(command_run(verb_connect, "connect"), 2);
	ck_assert_ptr_nonnull(strstr(command_err(), "PEER is missing"));
	ck_assert_int_eq(command_run(verb_close, "close a b"), 2);
	ck_assert_int_eq(command_run(verb_close, "close --help"), 0);
	ck_assert_int_eq(command_run(verb_close, "close gw --tunnel net"), 2); /* not by halves */
}
END_TEST

START_TEST(test_nobody_runs)
{
	ck_assert_int_eq(run(verb_status, "status"), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "is \"ruthere serve\" running?"));
}
END_TEST

START_TEST(test_a_running_one)
{
	char config[512], line[256];
	pid_t pid;

	snprintf(config, sizeof(config),
		 "node { listen = {\"127.0.0.1\"} port = 0 control = \"%s\" }\n"
		 "peer \"gw\" { gateways = {\"127.0.0.1:1\"} secret = \"0123456789abcdef\" }\n",
		 scratch_path("s"));
	snprintf(line, sizeof(line), "serve -c %s", scratch_file("x.conf", 0600, config));
	pid = command_start(verb_serve, line);
	command_wait_for(scratch_path("s"));
	ck_assert_int_eq(run(verb_status, "status"), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "peer gw: "));
	ck_assert_int_eq(run(verb_status, "status --json"), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "\"ok\": true"));
	ck_assert_int_eq(run(verb_connect, "connect gw"), 0);
	ck_assert_int_eq(run(verb_connect, "connect gw --tunnel net"), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "peer \"gw\" has no tunnel \"net\""));
	ck_assert_int_eq(run(verb_close, "close gw"), 0);
	ck_assert_int_eq(run(verb_close, "close nobody"), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "no peer \"nobody\""));
	ck_assert_int_eq(command_end(pid), 0);
	ck_assert_int_eq(run(verb_status, "status"), 1);
}
END_TEST

UNIT_MAIN("verb_control", test_usage, test_nobody_runs, test_a_running_one)
