/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#include "interop/verb.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"

#define SECRET "0123456789abcdef"

static uint16_t port;

/* Somebody to ask. */
static pid_t serve(void)
{
	char config[512], line[256];
	pid_t pid;

	port = command_free_port();
	snprintf(config, sizeof(config),
		 "node { identity = \"fqdn:target.example\" listen = {\"127.0.0.1\"} port = %u "
		 "control = \"%s\" }\n"
		 "peer \"any\" { secret = \"" SECRET "\" proposals = {\"aes128-sha1-modp1024\"}\n"
		 "  keepalive { mode = off } }\n",
		 port, scratch_path("s"));
	snprintf(line, sizeof(line), "serve -c %s", scratch_file("x.conf", 0600, config));
	pid = command_start(verb_serve, line);
	command_wait_for(scratch_path("s"));
	return pid;
}

static int ping(const char *words)
{
	char line[512];

	snprintf(line, sizeof(line), "ping 127.0.0.1 --local-port 0 --port %u %s", port, words);
	return command_run(verb_ping, line);
}

START_TEST(test_usage)
{
	static const char *const wrong[] = {
	    "ping",
	    "ping 127.0.0.1",
	    "ping 127.0.0.1 --secret a --secret-file b",
	    "ping 127.0.0.1 --secret-file /nonexistent/psk",
	    "ping 127.0.0.1 --secret 0xzz",
	    "ping no-such-name.invalid --secret " SECRET,
	    "ping 127.0.0.1 --secret " SECRET " --proposal rot13",
	    "ping 127.0.0.1 --secret " SECRET " --identity fqdn:",
	    "ping 127.0.0.1 --secret " SECRET " --port 70000",
	    "ping 127.0.0.1 --secret " SECRET " -i soon",
	    "ping 127.0.0.1 --secret " SECRET " -W 1ms",
	    "ping 127.0.0.1 --secret " SECRET " --authentication dss",
	    "ping 127.0.0.1 --secret " SECRET " --authentication rsa",
	    "ping 127.0.0.1 --secret " SECRET " --exchange quick",
	    "ping 127.0.0.1 --secret " SECRET " --exchange aggressive",
	    "ping 127.0.0.1 --secret " SECRET " --key x",
	    "ping 127.0.0.1 --key x --certificate x --authorities x",
	    "ping 127.0.0.1 --authentication rsa",
	    "ping 127.0.0.1 --authentication rsa --certificate x --authorities x",
	    "ping 127.0.0.1 --authentication ecdsa --key x --certificate x",
	    "ping 127.0.0.1 --authentication rsa --key /nonexistent/k --certificate x "
	    "--authorities x",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(command_run(verb_ping, wrong[i]) == 2, "%s", wrong[i]);
	ck_assert_int_eq(command_run(verb_ping, "ping --help"), 0);
}
END_TEST

/* A name that says what is asked for, and what it costs. */
START_TEST(test_aggressive_mode_with_a_secret)
{
	ck_assert_int_eq(
	    command_run(verb_ping, "ping 127.0.0.1 --secret " SECRET " --exchange aggressive"), 2);
	ck_assert_ptr_nonnull(strstr(command_err(), "CVE-2002-1623"));
	ck_assert_ptr_nonnull(strstr(command_err(), "aggressive-psk"));
	ck_assert_int_eq(
	    command_run(verb_ping, "ping 127.0.0.1 --secret " SECRET " --exchange aggressive-psk"),
	    2);
	ck_assert_ptr_nonnull(strstr(command_err(), "--identity"));
	ck_assert_int_eq(command_run(verb_ping, "ping 127.0.0.1 --authentication rsa"), 2);
	ck_assert_ptr_nonnull(strstr(command_err(), "key is missing"));
}
END_TEST

START_TEST(test_no_answer)
{
	port = command_free_port();
	ck_assert_int_eq(ping("--secret " SECRET " -c 1 -W 200ms"), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "no answer from 127.0.0.1"));
}
END_TEST

START_TEST(test_no_common_proposal)
{
	pid_t pid = serve();

	ck_assert_int_eq(ping("--secret " SECRET " -c 1 -W 500ms"), 1);
	ck_assert_ptr_nonnull(strstr(command_out(), "says NO-PROPOSAL-CHOSEN (unauthenticated)"));
	ck_assert_ptr_nonnull(strstr(command_err(), "--proposal"));
	ck_assert_int_eq(command_end(pid), 0);
}
END_TEST

START_TEST(test_wrong_secret)
{
	pid_t pid = serve();

	ck_assert_int_eq(ping("--secret wrong --proposal aes128-sha1-modp1024 -c 1 -W 500ms"), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "secrets differ"));
	ck_assert_int_eq(command_end(pid), 0);
}
END_TEST

START_TEST(test_wrong_identity)
{
	pid_t pid = serve();

	ck_assert_int_eq(ping("--secret " SECRET " --proposal aes128-sha1-modp1024 -c 1 -W 500ms "
			      "--peer-identity fqdn:another.example"),
			 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "not who it should be"));
	ck_assert_int_eq(command_end(pid), 0);
}
END_TEST

START_TEST(test_answers)
{
	pid_t pid = serve();

	ck_assert_int_eq(ping("--secret " SECRET " --proposal aes128-sha1-modp1024 -c 3 -i 1ms "
			      "--peer-identity fqdn:target.example"),
			 0);
	ck_assert_ptr_nonnull(
	    strstr(command_out(), "aes128-sha1-modp1024, identity fqdn:target.example"));
	ck_assert_ptr_nonnull(strstr(command_out(), "R-U-THERE-ACK from 127.0.0.1:"));
	ck_assert_ptr_nonnull(strstr(command_out(), "3 sent, 3 answered, 0% lost"));
	ck_assert_int_eq(command_end(pid), 0);
	ck_assert_ptr_nonnull(
	    strstr(scratch_read(scratch_path("started.out")), "deleted: the peer deleted it"));
}
END_TEST

START_TEST(test_json)
{
	pid_t pid = serve();

	scratch_file("psk", 0600, SECRET "\n");
	{
		char words[256];

		snprintf(words, sizeof(words),
			 "--secret-file %s --proposal aes128-sha1-modp1024 -c 1 --json --messages "
			 "--capture %s",
			 scratch_path("psk"), scratch_path("capture"));
		ck_assert_int_eq(ping(words), 0);
	}
	ck_assert_ptr_nonnull(strstr(command_out(), "\"event\":\"alive\""));
	ck_assert_ptr_nonnull(strstr(command_out(), "N(R-U-THERE-ACK seq="));
	ck_assert_ptr_nonnull(
	    strstr(command_out(), "\"event\":\"statistics\",\"sent\":1,\"answered\":1"));
	ck_assert_uint_eq(
	    strcspn(scratch_read(scratch_path("capture/ikev1_decryption_table")), ","), 16);
	ck_assert_int_eq(command_end(pid), 0);
}
END_TEST

UNIT_MAIN("verb_ping", test_usage, test_aggressive_mode_with_a_secret, test_no_answer,
	  test_no_common_proposal, test_wrong_secret, test_wrong_identity, test_answers, test_json)
