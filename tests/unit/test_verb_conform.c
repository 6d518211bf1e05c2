/* SPDX-License-Identifier: ISC */
/*
 * test_verb_conform.c - ruthere conform as the shell would run it, against a `serve` on loopback.
 */
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "interop/report/report.h"
#include "interop/verb.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"

#define SECRET "0123456789abcdef"
#define CASE   "rfc3706/5.3/ack-echoes-number"

static uint16_t port;

static pid_t serve(void)
{
	char config[1024], line[256];
	pid_t pid;

	port = command_free_port();
	snprintf(config, sizeof(config),
		 "node { identity = \"fqdn:target.example\" listen = {\"127.0.0.1\"} port = %u "
		 "control = \"%s\" ipsec = keep }\n"
		 "peer \"any\" { from = any secret = \"" SECRET "\" "
		 "proposals = {\"aes128-sha1-modp1024\"}\n"
		 "  keepalive { mode = off } }\n",
		 port, scratch_path("s"));
	snprintf(line, sizeof(line), "serve -c %s", scratch_file("x.conf", 0600, config));
	pid = command_start(verb_serve, line);
	command_wait_for(scratch_path("s"));
	return pid;
}

static int conform(const char *words)
{
	char line[1000];

	snprintf(line, sizeof(line),
		 "conform 127.0.0.1 --local-port 0 --port %u --proposal aes128-sha1-modp1024 %s",
		 port, words);
	return command_run(verb_conform, line);
}

static bool out_has(const char *text)
{
	return strstr(command_out(), text) != NULL;
}

static bool err_has(const char *text)
{
	return strstr(command_err(), text) != NULL;
}

START_TEST(test_usage)
{
	static const char *const wrong[][2] = {
	    {"conform", "GATEWAY is missing"},
	    {"conform 127.0.0.1", "--secret-file"},
	    {"conform 127.0.0.1 --secret x --case rfc9999", "rfc9999"},
	    {"conform 127.0.0.1 --secret x no/such/case", "no/such/case"},
	    {"conform 127.0.0.1 --secret x --section 99", "99"},
	    {"conform 127.0.0.1 --secret x --level HARD", "HARD"},
	    {"conform 127.0.0.1 --secret x --role both", "both"},
	    {"conform 127.0.0.1 --secret x " CASE " --level MAY", "no case is all of that"},
	    {"conform 127.0.0.1 --secret x --again /nonexistent", "/nonexistent"},
	    {"conform 127.0.0.1 --secret x --profile /nonexistent", "/nonexistent"},
	    {"conform 127.0.0.1 --secret x --tunnel here", "OURS=THEIRS"},
	    {"conform 127.0.0.1 --secret x --esp aes128-sha1", "--tunnel"},
	    {"conform 127.0.0.1 --secret x --patience 1us", "patience"},
	    {"conform 127.0.0.1 --secret x --pace many", "pace"},
	    {"conform 127.0.0.1 --secret x --tap --json", "one of --tap and --json"},
	    {"conform 127.0.0.1 --secret x --secret-file y", "give one of"},
	    {"conform no-such-name.invalid --secret x", "no-such-name.invalid"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(command_run(verb_conform, wrong[i][0]) == 2, "%s", wrong[i][0]);
		ck_assert_msg(err_has(wrong[i][1]), "%s: %s", wrong[i][0], command_err());
	}
	ck_assert_int_eq(command_run(verb_conform, "conform --help"), 0);
}
END_TEST

START_TEST(test_a_device_that_is_not_there)
{
	port = command_free_port();
	ck_assert_int_eq(conform("--secret x --patience 50ms"), 1);
	ck_assert(err_has("no answer from 127.0.0.1"));
	ck_assert_str_eq(command_out(), "");
}
END_TEST

START_TEST(test_why_no_case_is_run)
{
	pid_t pid = serve();

	ck_assert_int_eq(conform("--secret wrong --patience 100ms"), 1);
	ck_assert(err_has("secrets differ"));
	ck_assert_int_eq(conform("--secret " SECRET " --exchange aggressive-psk --identity "
				 "fqdn:x --patience 100ms"),
			 1);
	ck_assert_int_eq(conform("--secret " SECRET " --output /nonexistent/out"), 1);
	ck_assert(err_has("/nonexistent/out"));
	ck_assert_int_eq(command_end(pid), 0);
}
END_TEST

START_TEST(test_list)
{
	json_t *all;

	ck_assert_int_eq(command_run(verb_conform, "conform --list"), 0);
	ck_assert(out_has(CASE));
	ck_assert_int_eq(command_run(verb_conform, "conform --list --level INFO"), 0);
	ck_assert(!out_has(CASE));
	ck_assert_int_eq(command_run(verb_conform, "conform --list --json --case " CASE), 0);
	all = json_loads(command_out(), 0, NULL);
	ck_assert_uint_eq(json_array_size(all), 1);
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(all, 0), "level")),
			 "MUST");
	json_decref(all);
}
END_TEST

/* What was skipped says what is missing, and is nobody's fault. */
START_TEST(test_table_and_tap)
{
	pid_t pid = serve();

	ck_assert_int_eq(conform("--secret " SECRET " " CASE), 0);
	ck_assert(out_has("rfc3706/5.3"));
	ck_assert(out_has("1 cases: 1 PASS\n"));
	ck_assert_int_eq(conform("--secret " SECRET " --tap --quick --role initiator"), 0);
	ck_assert(out_has("TAP version 13\n1.."));
	ck_assert(out_has("# SKIP needs a device that calls us: give --call COMMAND"));
	ck_assert_int_eq(command_end(pid), 0);
}
END_TEST

START_TEST(test_a_report_and_again)
{
	char words[600];
	struct fault fault;
	const json_t *of;
	json_t *report;
	pid_t pid = serve();

	scratch_file("psk", 0600, SECRET "\n");
	scratch_file("p.conf", 0600,
		     "name = thing\ndeviation \"" CASE "\" { verdict = FAIL reason = \"r\" }\n");
	snprintf(words, sizeof(words), "--secret-file %s --profile %s --output %s " CASE,
		 scratch_path("psk"), scratch_path("p.conf"), scratch_path("kept"));
	ck_assert_int_eq(conform(words), 1); /* it passes, and the profile says it does not */
	ck_assert_msg(out_has("XPASS " CASE), "%s %s", command_out(), command_err());
	report = report_load(scratch_path("kept/report.json"), &fault);
	ck_assert_msg(report != NULL, "%s", fault.text);
	of = json_array_get(json_object_get(report, "cases"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(of, "verdict")), "XPASS");
	ck_assert_ptr_nonnull(
	    strstr(json_string_value(json_object_get(of, "command")), "--secret-file"));
	ck_assert_ptr_null(strstr(scratch_read(scratch_path("kept/report.json")), SECRET));
	json_decref(report);
	ck_assert_int_eq(access(scratch_path("kept/" CASE "/wire.pcap"), F_OK), 0);
	ck_assert_int_eq(access(scratch_path("kept/report.html"), F_OK), 0);
	snprintf(words, sizeof(words), "--secret-file %s --again %s", scratch_path("psk"),
		 scratch_path("kept/report.json"));
	ck_assert_int_eq(conform(words), 0);
	ck_assert(out_has("1 cases: 1 PASS\n"));
	ck_assert_int_eq(command_end(pid), 0);
}
END_TEST

START_TEST(test_json)
{
	struct fault fault;
	json_t *report;
	pid_t pid = serve();

	ck_assert_int_eq(conform("--secret " SECRET " --json --name thing --version 2 " CASE), 0);
	report = json_loads(command_out(), 0, NULL);
	ck_assert_msg(report_check(report, "it", &fault), "%s", fault.text);
	ck_assert(!out_has(SECRET));
	ck_assert_str_eq(
	    json_string_value(json_object_get(json_object_get(report, "device"), "version")), "2");
	json_decref(report);
	ck_assert_int_eq(command_end(pid), 0);
}
END_TEST

/* What there is is written, and the device is not left with an SA. */
START_TEST(test_interruption)
{
	char line[800];
	struct fault fault;
	json_t *report;
	pid_t pid = serve(), tester;

	snprintf(line, sizeof(line),
		 "conform 127.0.0.1 --local-port 0 --port %u --proposal aes128-sha1-modp1024 "
		 "--secret " SECRET " --output %s --level MUST",
		 port, scratch_path("kept"));
	tester = command_start(verb_conform, line);
	command_wait_for(scratch_path("kept/rfc3706"));
	ck_assert_int_eq(command_end(tester), 1);
	ck_assert_ptr_nonnull(strstr(scratch_read(scratch_path("started.err")), "interrupted"));
	report = report_load(scratch_path("kept/report.json"), &fault);
	ck_assert_msg(report != NULL, "%s", fault.text);
	ck_assert_uint_gt(json_array_size(json_object_get(report, "cases")), 0);
	json_decref(report);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
}
END_TEST

UNIT_MAIN("verb_conform", test_usage, test_a_device_that_is_not_there, test_why_no_case_is_run,
	  test_list, test_table_and_tap, test_a_report_and_again, test_json, test_interruption)
