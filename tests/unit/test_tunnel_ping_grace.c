/* SPDX-License-Identifier: ISC */
/*
 * What is negotiated anew because of a black hole is given TUNNEL_PING_GRACE before requests that are missed count (rule 6 of
 * tunnel_ping.c).
 */
#include <string.h>

#include "keepalive/tunnel_ping.h"
#include "tests/support/unit.h"

#define S  IKE_SECOND
#define MS IKE_MILLISECOND

/* 10 s, 3 misses, only when silent; no jitter. */
static struct tunnel_ping_plan plan;
static struct tunnel_ping ping;
static struct tunnel_ping_actions actions;

static void input(struct tunnel_ping_input input)
{
	memset(&actions, 0xee, sizeof(actions));
	tunnel_ping_step(&ping, &plan, &input, &actions);
}

static void up(ike_time now)
{
	input((struct tunnel_ping_input){.kind = TUNNEL_PING_UP, .now = now});
}

static void reply(ike_time now, uint32_t number)
{
	input((struct tunnel_ping_input){.kind = TUNNEL_PING_REPLY, .now = now, .number = number});
}

/* IKE answers, always. */
static void time_is(ike_time now)
{
	input((struct tunnel_ping_input){.kind = TUNNEL_PING_TIME, .now = now, .ike_alive = true});
}

static void asks_at(ike_time now)
{
	ck_assert_uint_eq(ping.wake, now);
	time_is(now);
	ck_assert(actions.send);
}

static void fresh(void)
{
	tunnel_ping_plan_default(&plan);
	memset(&ping, 0, sizeof(ping));
	up(100 * S);
}

/* The new pair is there at 132 s: what is missed counts from 137 s. */
static void fall_into_a_hole(void)
{
	fresh();
	asks_at(101 * S);
	asks_at(111 * S);
	asks_at(121 * S);
	asks_at(131 * S);
	ck_assert(actions.black_hole);
	up(132 * S);
}

/* R161.  To the microsecond, however many were missed before. */
START_TEST(a_new_pair_has_its_grace)
{
	for (int early = 0; early < 2; early++) {
		fall_into_a_hole();
		for (ike_time at = 133 * S; at <= 163 * S; at += 10 * S)
			asks_at(at);
		ping.wake = 167 * S - (ike_time)early;
		time_is(ping.wake);
		ck_assert_int_eq(actions.dead, !early);
		ck_assert_int_eq(actions.send, early);
	}
}
END_TEST

/* What a hurried plan would have missed many times over while the other side waits for QM3. */
START_TEST(the_grace_does_not_depend_on_the_interval)
{
	unsigned requests = 0;

	fresh();
	plan.interval = 200 * MS;
	plan.misses = 2;
	asks_at(101 * S);
	asks_at(101 * S + 200 * MS);
	time_is(101 * S + 400 * MS);
	ck_assert(actions.black_hole);
	up(102 * S);
	do {
		time_is(ping.wake);
		requests += actions.send;
	} while (!actions.dead);
	ck_assert_uint_eq(requests, 26); /* the first at 102.2 s, the last at 107.2 */
	ck_assert_uint_eq(actions.misses, 26);
	ck_assert_uint_eq(actions.silence, 7 * S + 400 * MS);
}
END_TEST

START_TEST(a_reply_within_the_grace_is_life)
{
	fall_into_a_hole();
	asks_at(133 * S);
	reply(134 * S, ping.next - 1);
	ck_assert(actions.alive && !actions.stale && actions.recovered);
	/* and what follows is counted from there */
	asks_at(143 * S);
	asks_at(153 * S);
	asks_at(163 * S);
	time_is(173 * S);
	ck_assert(actions.black_hole);
}
END_TEST

/* Rule 8: the round that begins anew is none shorter. */
START_TEST(lateness_does_not_shorten_the_grace)
{
	fresh();
	plan.interval = S;
	plan.misses = 1;
	asks_at(101 * S);
	time_is(102 * S);
	ck_assert(actions.black_hole);
	up(102 * S + 100 * MS);
	time_is(104 * S + 200 * MS); /* wake was 103.1 s */
	ck_assert(actions.late && actions.send);
	for (unsigned i = 0; i < 3; i++) {
		time_is(ping.wake);
		ck_assert(actions.send);
	}
	ck_assert_uint_eq(ping.wake, 108 * S + 200 * MS);
	time_is(108 * S + 200 * MS);
	ck_assert(actions.dead);
}
END_TEST

UNIT_MAIN("tunnel_ping, grace", a_new_pair_has_its_grace, the_grace_does_not_depend_on_the_interval,
	  a_reply_within_the_grace_is_life, lateness_does_not_shorten_the_grace)
