/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#include "interop/verb.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"

static char line[512];

static const char *serve(const char *config, const char *more)
{
	snprintf(line, sizeof(line), "serve -c %s %s", scratch_file("x.conf", 0600, config), more);
	return line;
}

START_TEST(test_usage)
{
	ck_assert_int_eq(command_run(verb_serve, "serve"), 2);
	ck_assert_ptr_nonnull(strstr(command_err(), "--config FILE is missing"));
	ck_assert_int_eq(command_run(verb_serve, "serve --daemon"), 2);
	ck_assert_int_eq(command_run(verb_serve, "serve --help"), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "examples:"));
}
END_TEST

START_TEST(test_configuration_wrong)
{
	ck_assert_int_eq(command_run(verb_serve, "serve -c /nonexistent/conf"), 2);
	ck_assert_int_eq(command_run(verb_serve, serve("node {\n port = x\n}\n", "")), 2);
	ck_assert_ptr_nonnull(strstr(command_err(), "x.conf:2: port: "));
}
END_TEST

START_TEST(test_place_taken)
{
	ck_assert_int_eq(
	    command_run(verb_serve, serve("node { listen = {\"192.0.2.1\"} control = \"\" }\n"
					  "peer \"a\" { secret = \"0123456789abcdef\" }\n",
					  "")),
	    1);
	ck_assert_ptr_nonnull(strstr(command_err(), "192.0.2.1"));
}
END_TEST

START_TEST(test_check)
{
	ck_assert_int_eq(
	    command_run(verb_serve, serve("peer \"a\" { secret = \"short\" }\n", "--check")), 0);
	ck_assert_ptr_nonnull(strstr(command_err(), "CVE-2018-5389"));
	ck_assert_str_eq(command_out(), "");
	ck_assert_int_eq(
	    command_run(verb_serve, serve("peer \"a\" { secret = \"0123456789abcdef\"\n"
					  "tunnel \"net\" { local = \"10.1.0.1/32\" remote = "
					  "\"10.2.0.0/16\" ping = \"10.2.0.1\" } }\n",
					  "--check")),
	    0);
	ck_assert_ptr_nonnull(strstr(command_out(), "tunnel net, ping 10.2.0.1: "));
	ck_assert_ptr_nonnull(strstr(command_out(), "verdict after 3 misses"));
}
END_TEST

START_TEST(test_impairments)
{
	ck_assert_int_eq(command_run(verb_serve, "serve --impair list"), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "\nack-twice "));
	ck_assert_int_eq(command_run(verb_serve, "serve --impair ack-twise"), 2);
	ck_assert_ptr_nonnull(strstr(command_err(), "did you mean ack-twice?"));
	ck_assert_int_eq(
	    command_run(verb_serve, serve("peer \"a\" { secret = \"0123456789abcdef\" }\n",
					  "--check --impair ack-twice --impair mm2-twice")),
	    0);
	ck_assert_ptr_nonnull(
	    strstr(command_err(), "IMPAIRED ON PURPOSE: this node sends every answer twice"));
	ck_assert_ptr_nonnull(
	    strstr(command_err(), "IMPAIRED ON PURPOSE: this node sends its first answer twice"));
}
END_TEST

START_TEST(test_workers)
{
	const char *peer = "peer \"a\" { secret = \"0123456789abcdef\" }\n";

	ck_assert_int_eq(command_run(verb_serve, serve(peer, "--check --workers 0")), 2);
	ck_assert_ptr_nonnull(strstr(command_err(), "--workers: "));
	ck_assert_int_eq(
	    command_run(verb_serve, serve(peer, "--check --workers 2 --impair ack-twice")), 2);
	ck_assert_ptr_nonnull(strstr(command_err(), "--impair does not go with 2 workers"));
	ck_assert_int_eq(
	    command_run(verb_serve, serve("node { ipsec = keep }\n"
					  "peer \"a\" { secret = \"0123456789abcdef\" }\n",
					  "--check --workers 2")),
	    2);
	ck_assert_ptr_nonnull(strstr(command_err(), "workers share no IPsec SAs"));
	ck_assert_int_eq(command_run(verb_serve, serve(peer, "--check --workers 64")), 0);
}
END_TEST

START_TEST(test_begins_and_ends_in_order)
{
	char config[512], more[256];
	pid_t pid;

	snprintf(config, sizeof(config),
		 "node { listen = {\"127.0.0.1\"} port = 0 control = \"%s\" }\n"
		 "peer \"a\" { secret = \"0123456789abcdef\" }\n",
		 scratch_path("s"));
	snprintf(more, sizeof(more), "--json --capture %s", scratch_path("capture"));
	pid = command_start(verb_serve, serve(config, more));
	command_wait_for(scratch_path("s"));
	ck_assert_int_eq(command_end(pid), 0);
	ck_assert_ptr_nonnull(strstr(scratch_read(scratch_path("started.err")), "keys of all SAs"));
	ck_assert_ptr_nonnull(
	    strstr(scratch_read(scratch_path("started.out")), "\"event\":\"plan\",\"peer\":\"a\""));
	ck_assert_ptr_nonnull(
	    strstr(scratch_read(scratch_path("started.out")), "\"event\":\"stopped\""));
}
END_TEST

UNIT_MAIN("verb_serve", test_usage, test_configuration_wrong, test_place_taken, test_check,
	  test_impairments, test_workers, test_begins_and_ends_in_order)
