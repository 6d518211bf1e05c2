/* SPDX-License-Identifier: ISC */
/*
 * test_sender.c - a system that refuses to send: sendmmsg() is this file's own, and fails as the tests want it to.
 */
#include "tests/support/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "interop/node/clock.h"
#include "interop/config/config_values.h"
#include "interop/node/sender.h"
#include "tests/support/scratch.h"

static struct fault fault;
static struct config *config;
static struct udp *udp;
static struct ike_core *core;
static struct sender *sender;
static struct event_log event_log = {.json = true};
static struct encapsulation encapsulation;
static struct random_source chance;
static size_t socket_full;

static int failure; /* what sendmmsg() fails with; 0: not at all */
static unsigned calls, sent;

int sendmmsg(int descriptor, struct mmsghdr *messages, unsigned count, int flags)
{
	(void)descriptor;
	(void)messages;
	(void)flags;
	calls++;
	errno = failure;
	if (failure != 0)
		return -1;
	sent += count;
	return (int)count;
}

static void open_sender(void)
{
	struct config_peer *peer;

	config = config_new();
	peer = config_add_peer(config, "other");
	peer->secret = value_secret("0123456789abcdef", NULL, &fault);
	peer->extension.recovery.connect_at_start = false; /* no random wait */
	ck_assert(value_address("127.0.0.1:9", &peer->ike.gateway[peer->ike.gateways++], &fault));
	ck_assert(value_address("127.0.0.1", &config->listen[config->listens++], &fault));
	config->ike.limits.sas = 64;
	ck_assert(config_check_peer(config, peer, &fault) && config_finish(config, &fault));
	udp = udp_new(config->listen, config->listens, &fault);
	random_system(&chance);
	core = ike_core_new(&config->ike, &chance, clock_now());
	event_log.config = config;
	event_log.out = fopen(scratch_path("log"), "w");
	sender = sender_new(core, udp, &encapsulation, &event_log, NULL);
	ck_assert(udp != NULL && core != NULL && sender != NULL && event_log.out != NULL);
}

static void close_sender(void)
{
	sender_free(sender);
	ike_core_free(core);
	udp_free(udp);
	config_free(config);
	fclose(event_log.out);
}

/* Makes the core have something to send, and sends it. */
static bool send_one(void)
{
	const struct ike_command start = {.kind = IKE_COMMAND_START};
	const struct ike_command stop = {.kind = IKE_COMMAND_CLOSE};
	struct ike_status status = {.outputs = 0};

	(void)ike_command(core, clock_now(), &stop);
	ck_assert(ike_command(core, clock_now(), &start));
	for (unsigned turn = 0; status.outputs == 0; turn++) { /* whenever that will be */
		ck_assert_uint_lt(turn, 100);
		(void)ike_tick(core, ike_deadline(core), 16);
		ike_status(core, &status);
	}
	ck_assert_uint_eq(status.outputs, 1);
	return sender_send(sender, &socket_full);
}

static unsigned told(const char *words)
{
	unsigned count = 0;

	event_log_flush(&event_log);
	for (const char *at = scratch_read(scratch_path("log")); (at = strstr(at, words)) != NULL;
	     at++)
		count++;
	return count;
}

/* Each is lost as on a bad network: nothing waits, nothing spins. */
START_TEST(test_refused)
{
	static const int errors[] = {EPERM,        ENETUNREACH, EHOSTUNREACH, ENETDOWN,
				     ECONNREFUSED, EMSGSIZE,    ENOBUFS,      EINVAL};

	open_sender();
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		unsigned before = calls;

		failure = errors[i];
		ck_assert(send_one());
		ck_assert_uint_eq(calls, before + 1);
		ck_assert_uint_eq(udp_refused(udp), i + 1);
		ck_assert_uint_eq(told("\"event\":\"trouble\""),
				  i + 1); /* another error is another trouble */
		ck_assert_uint_eq(told(strerror(errors[i])), 1);
	}
	ck_assert_uint_eq(told("cannot send to 127.0.0.1:9: "), sizeof(errors) / sizeof(errors[0]));
	close_sender();
}
END_TEST

START_TEST(test_refused_and_over)
{
	open_sender();
	failure = EPERM;
	for (unsigned i = 0; i < 10; i++)
		ck_assert(send_one());
	ck_assert_uint_eq(told("\"event\":\"trouble\""), 1);
	ck_assert_uint_eq(told("\"event\":\"relief\""), 0);
	failure = 0;
	ck_assert(send_one());
	ck_assert_uint_eq(sent, 1);
	ck_assert_uint_eq(told("\"event\":\"relief\""), 1);
	ck_assert_uint_eq(told("\"count\":10,\"text\":\"sending works again\""), 1);
	close_sender();
}
END_TEST

/* What a full socket does not take is kept, and not tried again before there is room. */
START_TEST(test_full)
{
	open_sender();
	failure = EAGAIN;
	ck_assert(!send_one());
	ck_assert_uint_eq(socket_full, 0);
	ck_assert_uint_eq(calls, 1);
	ck_assert(!sender_send(sender, &socket_full));
	ck_assert_uint_eq(calls, 1);
	ck_assert_uint_eq(udp_refused(udp), 0);
	ck_assert_uint_eq(told("the socket's buffer is full"), 1);
	failure = 0;
	sender_has_room(sender);
	ck_assert(sender_send(sender, &socket_full));
	ck_assert_uint_eq(sent, 1);
	ck_assert_uint_eq(told("\"event\":\"relief\""), 1);
	close_sender();
}
END_TEST

/* The end does not wait for ever. */
START_TEST(test_finish)
{
	ike_time begun;

	open_sender();
	failure = EAGAIN;
	ck_assert(!send_one());
	begun = clock_now();
	sender_finish(sender);
	ck_assert_uint_lt(clock_now() - begun, 5 * IKE_SECOND);
	failure = 0;
	sender_has_room(sender);
	sender_finish(sender);
	ck_assert_uint_eq(sent, 1);
	close_sender();
}
END_TEST

UNIT_MAIN("sender", test_refused, test_refused_and_over, test_full, test_finish)
