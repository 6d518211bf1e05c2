/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <poll.h>
#include <signal.h>

#include "interop/bench/bench_node.h"
#include "interop/bench/callers.h"

#define COUNT  4
#define ROUNDS 2000 /* looks, at most, */
#define LOOK   10   /* ms between two: a handshake may have to wait for a processor */

static void look(struct callers *callers, struct callers_status *status)
{
	(void)poll(NULL, 0, LOOK);
	ck_assert(callers_status(callers, status));
}

static struct bench_node *open_node(void)
{
	struct bench_node_settings settings = {
	    .seed = 1, .sas = 1, .port = 500, .callers = COUNT, .unconfined = true};
	struct bench_node *node;
	struct fault fault;

	keepalive_settings_default(&settings.keepalive);
	settings.keepalive.mode = KEEPALIVE_OFF;
	node = bench_node_start(&settings, &fault);
	ck_assert_msg(node != NULL, "%s", fault.text);
	return node;
}

START_TEST(test_they_have_gone)
{
	const struct ike_address nowhere = {
	    .octets = {127, 0, 0, 1}, .port = 1, .family = IKE_FAMILY_IPV4};
	struct callers_status status;
	struct fault fault;
	struct callers *callers = callers_start(1, &nowhere, &fault);

	ck_assert_msg(callers != NULL, "%s", fault.text);
	ck_assert_int_eq(kill(callers_pid(callers), SIGKILL), 0);
	ck_assert(!callers_status(callers, &status));
	ck_assert(!callers_call(callers, true));
	callers_stop(callers);
	callers_stop(NULL);
}
END_TEST

/* Nobody calls before it is told to; then each over and over again, and nothing stays at the node once they leave off. */
START_TEST(test_without_a_pause)
{
	struct bench_node *node = open_node();
	const struct ike_address gateway = bench_node_address(node);
	struct callers_status status = {.established = 0};
	struct bench_node_status of_node;
	struct fault fault;
	struct callers *callers = callers_start(COUNT, &gateway, &fault);
	uint64_t then;

	ck_assert_msg(callers != NULL, "%s", fault.text);
	ck_assert(callers_status(callers, &status));
	ck_assert_uint_eq(status.established, 0);
	ck_assert_uint_eq(status.busy, 0);
	ck_assert(callers_call(callers, true));
	for (unsigned i = 0; i < ROUNDS && status.established < 3 * COUNT; i++)
		look(callers, &status);
	ck_assert_uint_ge(status.established, 3 * COUNT);
	ck_assert_uint_eq(status.failed, 0);
	ck_assert_uint_eq(status.busy, COUNT);

	ck_assert(callers_call(callers, false));
	for (unsigned i = 0; i < ROUNDS && status.busy > 0; i++)
		look(callers, &status);
	ck_assert_uint_eq(status.busy, 0);
	then = status.established;
	for (unsigned i = 0; i < ROUNDS; i++) {
		ck_assert(bench_node_status(node, false, &of_node));
		if (of_node.established == 1)
			break;
	}
	ck_assert_uint_eq(of_node.established, 1); /* the fleet's */
	ck_assert_uint_eq(of_node.handshakes, then);
	callers_stop(callers);
	bench_node_stop(node);
}
END_TEST

UNIT_MAIN("callers", test_they_have_gone, test_without_a_pause)
