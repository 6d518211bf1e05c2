/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "interop/bench/members.h"
#include "interop/node/clock.h"

static struct members members;
static struct keepalive_peer_settings keepalive;
static struct ike_peer_settings peer[3];
static struct ike_settings ike;
static uint32_t alive;

static void hear(void *context, const struct ike_event *event)
{
	(void)context;
	alive += event->kind == IKE_EVENT_REPORT && event->report.kind == IKE_REPORT_ALIVE;
}

static struct engine_loop *open_gateway(void)
{
	struct ike_address listen = {.octets = {127, 0, 0, 1}, .family = IKE_FAMILY_IPV4};
	struct engine_loop *loop;
	struct fault fault;

	ck_assert_msg(members_init(&members, 3, 60, 1, &fault), "%s", fault.text);
	ck_assert(members_plan(&members, KEEPALIVE_PERIODIC, &keepalive, &fault));
	members_settings(&members, &ike);
	for (uint32_t i = 0; i < 3; i++) {
		members_peer(&members, &keepalive, &peer[i]);
		peer[i].gateway[0] = fleet_address(i, 0);
		peer[i].gateways = 1;
	}
	ike.peer = peer;
	ike.peers = 3;
	loop = engine_loop_new(&ike, &listen, hear, NULL, &fault);
	ck_assert_msg(loop != NULL, "%s", fault.text);
	members.gateway = engine_loop_address(loop);
	return loop;
}

START_TEST(test_no_plan)
{
	struct fault fault;

	ck_assert(members_init(&members, 1, 0, 1, &fault));
	members.detect = 1000000;
	ck_assert(!members_plan(&members, KEEPALIVE_PERIODIC, &keepalive, &fault));
	members_free(&members);
	members_free(&(struct members){.count = 0});
}
END_TEST

/* What is put in at both ends are the same SAs: who is asked answers.  Killed and started without them, nobody does. */
START_TEST(test_both_ends)
{
	const struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW, .peer = 1};
	struct engine_loop *gateway = open_gateway();
	struct fault fault;

	ck_assert_msg(members_start(&members, true, &fault), "%s", fault.text);
	ck_assert_uint_ne(members.address.port, 0);
	for (uint32_t i = 0; i < 3; i++)
		ck_assert(members_put_in(&members, engine_loop_core(gateway), i, true, &fault));
	/* a member's place is taken */
	ck_assert(!members_put_in(&members, engine_loop_core(gateway), 0, true, &fault));
	ck_assert(ike_command(engine_loop_core(gateway), clock_now(), &ask));
	for (int i = 0; i < 500 && alive == 0; i++)
		engine_loop_run(gateway, clock_now() + 10 * IKE_MILLISECOND);
	ck_assert_uint_eq(alive, 1);

	members_kill(&members);
	ck_assert_int_eq(members.pid, 0);
	ck_assert_msg(members_start(&members, false, &fault), "%s", fault.text);
	ck_assert(ike_command(engine_loop_core(gateway), clock_now(), &ask));
	engine_loop_run(gateway, clock_now() + 100 * IKE_MILLISECOND);
	ck_assert_uint_eq(alive, 1);
	engine_loop_free(gateway);
	members_free(&members);
}
END_TEST

UNIT_MAIN("members", test_no_plan, test_both_ends)
