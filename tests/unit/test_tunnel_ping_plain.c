/* SPDX-License-Identifier: ISC */
/*
 * test_tunnel_ping_plain.c - keepalive/tunnel_ping.c against interop/sim/plain_ping.c, which was written apart from it and before:
 * without jitter, blind to traffic, and with IKE silent, the two send and die in the same moments, whatever is lost.
 *
 * Only the first wait differs (a second there, an interval here), so the plain one starts earlier by that.  And replies come before
 * the next request: what each makes of a late one is its own business.
 */
#include "interop/sim/plain_ping.h"
#include "keepalive/tunnel_ping.h"
#include "tests/support/keepalive_world.h"
#include "tests/support/unit.h"

#define S       IKE_SECOND
#define LIVES   2000
#define LONGEST 400 /* requests in a life */

static struct tunnel_ping ours;
static struct plain_ping theirs;
static struct tunnel_ping_plan plan;
static struct plain_ping_numbers numbers;
static ike_time wake;

static void both_start(ike_time now)
{
	struct machine_input start = {
	    .what = MACHINE_START, .watches = true, .now = now + S - plan.interval};
	struct tunnel_ping_input up = {.kind = TUNNEL_PING_UP, .now = now};
	struct tunnel_ping_actions actions;
	struct machine_deeds deeds = {.sends = 0};

	ours = (struct tunnel_ping){.state = TUNNEL_PING_DOWN};
	tunnel_ping_step(&ours, &plan, &up, &actions);
	plain_ping_step(&theirs, &numbers, &start, &deeds);
	ck_assert_uint_eq(actions.wake, deeds.wake);
	wake = actions.wake;
}

/* False: both are dead. */
static bool both_wake(void)
{
	struct machine_input theirs_in = {.what = MACHINE_TIME, .now = wake};
	struct tunnel_ping_input ours_in = {.kind = TUNNEL_PING_TIME, .now = wake};
	struct tunnel_ping_actions actions;
	struct machine_deeds deeds = {.sends = 0};

	tunnel_ping_step(&ours, &plan, &ours_in, &actions);
	plain_ping_step(&theirs, &numbers, &theirs_in, &deeds);
	ck_assert_int_eq(actions.dead, deeds.dead);
	ck_assert_uint_eq(actions.send, deeds.sends);
	ck_assert_uint_eq(actions.wake, deeds.wake);
	wake = actions.wake;
	return !actions.dead;
}

static void both_hear(ike_time after)
{
	struct machine_input theirs_in = {.what = MACHINE_HEARD,
					  .kind = FLIGHT_ANSWER,
					  .number = theirs.number,
					  .now = ours.asked_last + after};
	struct tunnel_ping_input ours_in = {
	    .kind = TUNNEL_PING_REPLY, .number = ours.next - 1, .now = ours.asked_last + after};
	struct tunnel_ping_actions actions;
	struct machine_deeds deeds = {.sends = 0};

	tunnel_ping_step(&ours, &plan, &ours_in, &actions);
	plain_ping_step(&theirs, &numbers, &theirs_in, &deeds);
	ck_assert(actions.alive);
	ck_assert_uint_eq(actions.wake, deeds.wake);
}

START_TEST(the_same_moments)
{
	struct world dice = {.seed = 1999};
	unsigned deaths = 0, survived = 0;

	for (unsigned life = 0; life < LIVES; life++) {
		uint32_t lost = world_random(&dice) % 100;
		unsigned requests = 0;

		plan.interval = S + world_random(&dice) % (20 * S);
		plan.misses = 1 + world_random(&dice) % 6;
		numbers =
		    (struct plain_ping_numbers){.interval = plan.interval, .misses = plan.misses};
		both_start(1000 * S);
		while (requests++ < LONGEST && both_wake()) {
			if (world_random(&dice) % 100 >= lost)
				both_hear(world_random(&dice) % plan.interval);
		}
		if (ours.state == TUNNEL_PING_DEAD)
			deaths++;
		else
			survived++;
	}
	ck_assert_uint_gt(deaths, LIVES / 4);
	ck_assert_uint_gt(survived, LIVES / 20);
}
END_TEST

UNIT_MAIN("tunnel_ping against plain_ping", the_same_moments)
