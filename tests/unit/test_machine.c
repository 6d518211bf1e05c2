/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/sim/heartbeat.h"
#include "interop/sim/plain_ping.h"
#include "tests/support/keepalive_world.h"
#include "tests/support/unit.h"

static struct machine machine;
static struct machine_rules rules;
static struct machine_deeds deeds;

static void step(struct machine_input input)
{
	memset(&deeds, 0xee, sizeof(deeds));
	machine_step(&machine, &rules, &input, &deeds);
}

static void start(bool watches, ike_time now)
{
	step((struct machine_input){
	    .what = MACHINE_START, .watches = watches, .watched = !watches, .now = now});
}

static void use_keepalive(enum keepalive_mode mode)
{
	rules = (struct machine_rules){.plan = world_simple_plan(mode)};
}

START_TEST(who_does_not_watch_never_asks)
{
	use_keepalive(KEEPALIVE_PERIODIC);
	start(false, IKE_SECOND);
	ck_assert_uint_eq(deeds.wake, IKE_NEVER);
	ck_assert_uint_eq(deeds.sends, 0);
	step((struct machine_input){
	    .what = MACHINE_HEARD, .kind = FLIGHT_QUESTION, .number = 77, .now = 2 * IKE_SECOND});
	ck_assert_uint_eq(deeds.sends, 1);
	ck_assert_uint_eq(deeds.send[0].kind, FLIGHT_ANSWER);
	ck_assert_uint_eq(deeds.send[0].number, 77);
	/* the real rules of numbers: at once, once more is not answered */
	step((struct machine_input){.what = MACHINE_HEARD,
				    .kind = FLIGHT_QUESTION,
				    .number = 77,
				    .now = 2 * IKE_SECOND + 1});
	ck_assert_uint_eq(deeds.sends, 0);
}
END_TEST

/* Every deadline served, and nothing heard: asked at least five times, and dead after 20 s exactly. */
START_TEST(it_is_keepalive_step_that_decides)
{
	unsigned asked = 0;
	ike_time now = 0;

	use_keepalive(KEEPALIVE_PERIODIC);
	start(true, 0);
	while (!deeds.dead) {
		ck_assert_uint_ne(deeds.wake, IKE_NEVER);
		now = deeds.wake;
		step((struct machine_input){.what = MACHINE_TIME, .now = now});
		asked += deeds.sends;
	}
	ck_assert_uint_eq(now, 20 * IKE_SECOND);
	ck_assert_uint_eq(asked, 5);
	ck_assert_uint_eq(deeds.wake, IKE_NEVER);
	start(true, now); /* a new SA, though this one was declared dead */
	ck_assert_uint_le(deeds.wake, now + 10 * IKE_SECOND);
}
END_TEST

START_TEST(a_new_sa_forgets_the_old_one)
{
	use_keepalive(KEEPALIVE_PERIODIC);
	start(true, 0);
	step((struct machine_input){.what = MACHINE_TIME, .now = deeds.wake});
	ck_assert_uint_eq(deeds.sends, 1);
	start(true, 15 * IKE_SECOND);
	ck_assert(machine.keepalive.asked == 0);
	ck_assert_uint_eq(machine.keepalive.last_heard, 15 * IKE_SECOND);
	/* the ACK to the old question proves nothing */
	step((struct machine_input){.what = MACHINE_HEARD,
				    .kind = FLIGHT_ANSWER,
				    .number = deeds.send[0].number,
				    .now = 16 * IKE_SECOND});
	ck_assert_uint_eq(machine.keepalive.last_heard, 15 * IKE_SECOND);
}
END_TEST

START_TEST(traffic_is_life)
{
	use_keepalive(KEEPALIVE_PERIODIC);
	start(true, 0);
	step((struct machine_input){
	    .what = MACHINE_HEARD, .kind = FLIGHT_TRAFFIC, .now = 8 * IKE_SECOND});
	ck_assert_uint_eq(machine.keepalive.last_heard, 8 * IKE_SECOND);
}
END_TEST

START_TEST(on_demand_asks_when_there_is_something_to_send)
{
	use_keepalive(KEEPALIVE_ON_DEMAND);
	start(true, 0);
	step((struct machine_input){.what = MACHINE_TIME, .now = 10 * IKE_SECOND});
	ck_assert_uint_eq(deeds.sends, 0);
	step((struct machine_input){.what = MACHINE_WANT, .now = 30 * IKE_SECOND});
	ck_assert_uint_eq(deeds.sends, 1);
	ck_assert_uint_eq(deeds.send[0].kind, FLIGHT_QUESTION);
}
END_TEST

START_TEST(the_others_by_their_kind)
{
	rules = (struct machine_rules){
	    .kind = MACHINE_HEARTBEAT,
	    .heartbeat = {.interval = 20 * IKE_SECOND, .losses = 3, .window = 5 * IKE_SECOND}};
	start(true, 0);
	ck_assert_uint_eq(deeds.wake, 65 * IKE_SECOND);
	ck_assert_uint_eq(machine_bound(&rules), 65 * IKE_SECOND);
	ck_assert(machine_false_deaths_a_year(&rules, 0.2) ==
		  heartbeat_false_deaths_a_year(&rules.heartbeat, 0.2));
	rules = (struct machine_rules){.kind = MACHINE_PING,
				       .ping = {.interval = 10 * IKE_SECOND, .misses = 3}};
	start(true, 0);
	ck_assert_uint_eq(deeds.wake, 10 * IKE_SECOND);
	ck_assert_uint_eq(machine_bound(&rules), 40 * IKE_SECOND);
	ck_assert(machine_false_deaths_a_year(&rules, 0.2) ==
		  plain_ping_false_deaths_a_year(&rules.ping, 0.2));
	use_keepalive(KEEPALIVE_PERIODIC);
	ck_assert_uint_eq(machine_bound(&rules), 20 * IKE_SECOND);
	ck_assert(machine_false_deaths_a_year(&rules, 0.2) ==
		  keepalive_false_deaths_a_year(&rules.plan, 0.2));
}
END_TEST

UNIT_MAIN("machine", who_does_not_watch_never_asks, it_is_keepalive_step_that_decides,
	  a_new_sa_forgets_the_old_one, traffic_is_life,
	  on_demand_asks_when_there_is_something_to_send, the_others_by_their_kind)
