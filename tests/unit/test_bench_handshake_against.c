/* SPDX-License-Identifier: ISC */
/*
 * test_bench_handshake_against.c - handshakes with another process, for which a serve of our own stands in.
 */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#include "interop/bench/bench.h"
#include "interop/verb.h"
#include "tests/support/command.h"
#include "tests/support/stand_in.h"

#define COMMAND                                                                                    \
	"bench handshake --against 127.0.0.1:%u --pid %d --name other --rounds 2 --exchanges 10 "  \
	"--secret " STAND_IN_SECRET " --identity %s"

static const char *command(uint16_t port, pid_t pid, const char *identity, const char *more)
{
	static char line[1024];
	int length = snprintf(line, sizeof(line), COMMAND, port, (int)pid, identity);

	snprintf(line + length, sizeof(line) - (size_t)length, " %s", more);
	return line;
}

START_TEST(test_refused)
{
	uint16_t port;
	pid_t pid = stand_in_start(&port);

	ck_assert_int_eq(command_run(verb_bench, command(port, pid, "fqdn:b.example", "")), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "wants one --proposal"));
	ck_assert_int_eq(command_run(verb_bench, command(port, pid, "fqdn:b.example",
							 "--proposal aes128-sha1-modp2048 "
							 "--proposal aes128-sha256-x25519")),
			 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "wants one --proposal"));
	ck_assert_int_eq(
	    command_run(verb_bench, command(port, pid, "fqdn:b.example", "--proposal rot13")), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "rot13"));
	ck_assert_int_eq(command_run(verb_bench, command(port, pid, "ipv4:192.0.2.1",
							 "--proposal aes128-sha1-modp2048")),
			 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "--identity"));
	ck_assert_int_eq(command_end(pid), 0);
	ck_assert_int_eq(command_run(verb_bench, command(port, pid, "fqdn:b.example",
							 "--proposal aes128-sha1-modp2048")),
			 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "--pid"));
}
END_TEST

/* What it costs depends on the machine; that it is there, beside its floor, and that SAs go before the next ones come, does not. */
START_TEST(test_beside_the_floor)
{
	uint16_t port;
	pid_t pid = stand_in_start(&port);

	ck_assert_msg(command_run(verb_bench, command(port, pid, "fqdn:b.example",
						      "--proposal aes128-sha1-modp2048")) == 0,
		      "%s", command_err());
	ck_assert_ptr_nonnull(strstr(command_out(), "other, modp2048 "));
	ck_assert_ptr_nonnull(strstr(command_out(), "two bare operations, modp2048 "));
	ck_assert_ptr_nonnull(
	    strstr(command_out(), "other, modp2048 / two bare operations, modp2048 "));
	ck_assert_ptr_null(strstr(command_out(), "initiator"));
	ck_assert_msg(command_run(verb_bench, command(port, pid, "fqdn:b.example",
						      "--proposal aes128-sha256-x25519")) == 0,
		      "%s", command_err());
	ck_assert_ptr_nonnull(strstr(command_out(), "two bare operations, x25519 "));
	ck_assert_int_eq(command_end(pid), 0);
}
END_TEST

UNIT_MAIN("bench_handshake_against", test_refused, test_beside_the_floor)
