/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ike/address.h"
#include "interop/bench/floor.h"
#include "interop/bench/prober.h"

#define PROBES 1000

static struct probe probe[PROBES];
static uint64_t kept;

static void make_probes(void)
{
	for (uint32_t i = 0; i < PROBES; i++) {
		probe[i] = (struct probe){.member = i, .from = fleet_address(i, 0), .length = 92};
		memset(probe[i].message, (int)i, probe[i].length);
	}
}

static struct prober *new_prober(void)
{
	const struct ike_address any = {.family = IKE_FAMILY_IPV4};
	struct fault fault;
	struct prober *prober = prober_new(&any, &fault);

	ck_assert_msg(prober != NULL, "%s", fault.text);
	return prober;
}

static void keep(void *context, const uint8_t *data, size_t length)
{
	ck_assert_ptr_eq(context, &kept);
	ck_assert_uint_eq(length, 92);
	ck_assert_uint_eq(data[0], data[91]);
	kept++;
}

START_TEST(test_no_such_address)
{
	struct ike_address nowhere;
	struct fault fault = {.text = ""};

	ck_assert(ike_address_from_text("192.0.2.77", &nowhere));
	ck_assert_ptr_null(prober_new(&nowhere, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "no socket"));
	prober_free(NULL);
}
END_TEST

/* Somebody who hears everything and says nothing. */
START_TEST(test_nobody_answers)
{
	struct prober *prober = new_prober(), *mute = new_prober();
	struct prober_settings settings = {.window = 10, .patience = 1};
	struct prober_result result;
	struct fault fault;

	make_probes();
	ck_assert(ike_address_from_text("127.0.0.1", &settings.to));
	settings.to.port = prober_port(mute);
	ck_assert(prober_run(prober, &settings, probe, 25, &result, &fault));
	ck_assert_uint_eq(result.sent, 25);
	ck_assert_uint_eq(result.answered, 0);
	ck_assert_uint_eq(result.lost, 25);
	prober_free(prober);
	prober_free(mute);
}
END_TEST

/* No child of ours, be it that it has just ended: it cannot be held. */
START_TEST(test_nobody_to_hold)
{
	struct prober *prober = new_prober();
	struct prober_settings settings = {.window = 10, .patience = 1};
	struct prober_result result;
	struct fault fault = {.text = ""};
	pid_t pid = fork();
	siginfo_t ended;

	if (pid == 0)
		_exit(0);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT), 0);
	settings.hold = pid;
	make_probes();
	ck_assert(ike_address_from_text("127.0.0.1", &settings.to));
	settings.to.port = prober_port(prober);
	ck_assert(!prober_run(prober, &settings, probe, 25, &result, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "has gone"));
	ck_assert_uint_eq(result.sent, 0);
	ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), pid); /* still ours to wait for */
	prober_free(prober);
}
END_TEST

/* A child that is held and let go, and says nothing. */
START_TEST(test_mute_child)
{
	struct prober *prober = new_prober(), *mute = new_prober();
	struct prober_settings settings = {.window = 10, .patience = 1};
	struct prober_result result;
	struct fault fault;
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	settings.hold = pid;
	make_probes();
	ck_assert(ike_address_from_text("127.0.0.1", &settings.to));
	settings.to.port = prober_port(mute);
	ck_assert_msg(prober_run(prober, &settings, probe, 25, &result, &fault), "%s", fault.text);
	ck_assert_uint_eq(result.sent, 25);
	ck_assert_uint_eq(result.lost, 25);
	kill(pid, SIGKILL);
	prober_free(prober);
	prober_free(mute);
}
END_TEST

/* Something of another kind counts as strange, and what was lying there before is thrown away. */
START_TEST(test_strange_datagrams)
{
	struct prober *prober = new_prober(), *other = new_prober();
	struct prober_settings settings = {.window = 2, .patience = 1};
	struct prober_result result;
	struct fault fault;
	struct pollfd ready = {prober_descriptor(prober), POLLIN, 0};

	make_probes();
	probe[0].length = probe[1].length = 15;
	ck_assert(ike_address_from_text("127.0.0.1", &settings.to));
	settings.to.port = prober_port(prober);
	ck_assert(prober_run(other, &settings, probe, 2, &result, &fault));
	ck_assert_int_eq(poll(&ready, 1, 1000), 1);
	prober_drain(prober);
	ck_assert_int_eq(poll(&ready, 1, 0), 0);
	/* to itself: short ones are no answers */
	ck_assert(prober_run(prober, &settings, probe, 2, &result, &fault));
	ck_assert_uint_eq(result.strange, 2);
	ck_assert_uint_eq(result.answered, 0);
	prober_free(prober);
	prober_free(other);
}
END_TEST

/* In bursts, whose last is not a whole one, and with a window: the same in the end. */
START_TEST(test_all_answered)
{
	struct prober *prober = new_prober();
	struct fault fault;
	struct echo *echo = echo_start(&fault);
	struct prober_settings settings = {
	    .window = 64, .patience = 5000, .sample = 10, .keep = keep, .context = &kept};
	struct prober_result result;

	ck_assert_msg(echo != NULL, "%s", fault.text);
	settings.to = echo_address(echo);
	make_probes();
	for (int held = 0; held < 2; held++) {
		kept = 0;
		settings.hold = held ? echo_pid(echo) : 0;
		ck_assert_msg(prober_run(prober, &settings, probe, PROBES, &result, &fault), "%s",
			      fault.text);
		ck_assert_uint_eq(result.sent, PROBES);
		ck_assert_uint_eq(result.answered, PROBES);
		ck_assert_uint_eq(result.lost + result.strange + result.dropped, 0);
		ck_assert_uint_eq(kept, PROBES / 10);
	}
	echo_stop(echo);
	prober_free(prober);
}
END_TEST

/* Answers the first of them only when it has two, which is after it was given up: it is not lost then, and the count goes up. */
static void answer_late(int descriptor)
{
	struct sockaddr_storage name[2];
	socklen_t length[2];
	uint8_t data[2][256];
	ssize_t got[2];

	for (;;) {
		for (int i = 0; i < 2; i++) {
			length[i] = sizeof(name[i]);
			got[i] = recvfrom(descriptor, data[i], sizeof(data[i]), 0,
					  (struct sockaddr *)&name[i], &length[i]);
		}
		for (int i = 0; i < 2; i++)
			if (got[i] < 0 || sendto(descriptor, data[i], (size_t)got[i], 0,
						 (struct sockaddr *)&name[i], length[i]) < 0)
				_exit(1);
	}
}

START_TEST(test_late_answers)
{
	struct prober *prober = new_prober(), *late = new_prober();
	struct prober_settings settings = {.window = 1, .patience = 50, .sample = 1};
	struct prober_result result;
	struct fault fault;
	pid_t pid;

	ck_assert(ike_address_from_text("127.0.0.1", &settings.to));
	settings.to.port = prober_port(late);
	ck_assert_int_eq(fcntl(prober_descriptor(late), F_SETFL, 0), 0);
	pid = fork();
	if (pid == 0)
		answer_late(prober_descriptor(late));
	make_probes();
	ck_assert_msg(prober_run(prober, &settings, probe, 5, &result, &fault), "%s", fault.text);
	ck_assert_uint_eq(result.sent, 5);
	ck_assert_uint_eq(result.answered, 4);
	ck_assert_uint_eq(result.lost, 1);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	prober_free(prober);
	prober_free(late);
}
END_TEST

UNIT_MAIN("prober", test_no_such_address, test_nobody_answers, test_nobody_to_hold, test_mute_child,
	  test_late_answers, test_strange_datagrams, test_all_answered)
