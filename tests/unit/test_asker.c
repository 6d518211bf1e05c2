/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <signal.h>

#include "interop/bench/asker.h"
#include "interop/bench/bench_node.h"

#define SAS 3

static struct asker_result result;

static struct bench_node *open_node(const struct asker *asker, uint32_t seed)
{
	struct bench_node_settings settings = {
	    .seed = seed, .sas = SAS, .port = asker_port(asker), .unconfined = true};
	struct bench_node *node;
	struct fault fault;

	keepalive_settings_default(&settings.keepalive);
	settings.keepalive.mode = KEEPALIVE_OFF;
	node = bench_node_start(&settings, &fault);
	ck_assert_msg(node != NULL, "%s", fault.text);
	return node;
}

/* A node with other keys answers nothing, and that is not left out of the times. */
START_TEST(test_not_answered)
{
	struct fault fault;
	struct asker *asker = asker_new(1, SAS, &fault);
	struct bench_node *node;
	struct ike_address gateway;

	ck_assert_msg(asker != NULL, "%s", fault.text);
	node = open_node(asker, 2);
	gateway = bench_node_address(node);
	ck_assert(asker_ask(asker, &gateway, 2, 1000, &result, &fault));
	ck_assert_uint_eq(result.sent, 2);
	ck_assert_uint_eq(result.answered, 0);
	ck_assert_uint_eq(result.missing, 2);
	ck_assert_uint_eq(result.time.count, 2);
	ck_assert_uint_eq(result.time.most, 1000000);
	bench_node_stop(node);
	asker_free(asker);
	asker_free(NULL);
}
END_TEST

/* One member after the other, and each more than once, with numbers that rise. */
START_TEST(test_answered)
{
	struct bench_node_status status;
	struct fault fault;
	struct asker *asker = asker_new(1, SAS, &fault);
	struct bench_node *node = open_node(asker, 1);
	const struct ike_address gateway = bench_node_address(node);

	for (unsigned i = 1; i <= 2; i++) {
		ck_assert_msg(asker_ask(asker, &gateway, 10, 1000, &result, &fault), "%s",
			      fault.text);
		ck_assert_uint_eq(result.sent, 10);
		ck_assert_uint_eq(result.answered, 10);
		ck_assert_uint_eq(result.missing, 0);
		ck_assert_uint_eq(result.strange, 0);
		ck_assert_uint_eq(result.time.count, 10);
		ck_assert(bench_node_status(node, false, &status));
		ck_assert_uint_eq(status.answered, 10 * i);
		ck_assert_uint_eq(status.refused, 0);
	}
	bench_node_stop(node);
	asker_free(asker);
}
END_TEST

/* Whoever asks is late on purpose: the time that counts is that of the node, which is stopped for a while in the second run. */
START_TEST(test_the_time_of_arrival_counts)
{
	struct fault fault;
	struct asker *asker = asker_new(1, SAS, &fault);
	struct bench_node *node = open_node(asker, 1);
	const struct ike_address gateway = bench_node_address(node);

	/* two a second: the first answer is picked up after 500 ms */
	ck_assert_msg(asker_ask(asker, &gateway, 2, 2, &result, &fault), "%s", fault.text);
	ck_assert_uint_eq(result.answered, 2);
	ck_assert_uint_lt(result.time.most, 400000);
	ck_assert_int_eq(kill(bench_node_pid(node), SIGSTOP), 0);
	ck_assert(asker_ask(asker, &gateway, 1, 1000, &result, &fault));
	ck_assert_uint_eq(result.missing, 1);
	ck_assert_int_eq(kill(bench_node_pid(node), SIGCONT), 0);
	/* what comes too late is no answer to the next */
	ck_assert(asker_ask(asker, &gateway, 3, 1000, &result, &fault));
	ck_assert_uint_eq(result.answered, 3);
	ck_assert_uint_eq(result.missing, 0);
	bench_node_stop(node);
	asker_free(asker);
}
END_TEST

UNIT_MAIN("asker", test_not_answered, test_answered, test_the_time_of_arrival_counts)
