/* SPDX-License-Identifier: ISC */
#include "keepalive/tunnel_ping.h"

#include <string.h>

#include "tests/support/unit.h"

#define S    IKE_SECOND
#define MS   IKE_MILLISECOND
#define FULL UINT32_C(0xffffffff) /* the most jitter */

/* 10 s, 3 misses; no jitter where nothing else is said. */
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

static void heard(ike_time now)
{
	input((struct tunnel_ping_input){.kind = TUNNEL_PING_HEARD, .now = now});
}

static void reply(ike_time now, uint32_t number)
{
	input((struct tunnel_ping_input){.kind = TUNNEL_PING_REPLY, .now = now, .number = number});
}

static void time_is(ike_time now, bool ike_alive)
{
	input((struct tunnel_ping_input){
	    .kind = TUNNEL_PING_TIME, .now = now, .ike_alive = ike_alive});
}

/* The deadline comes, and a request goes out. */
static void asks_at(ike_time now)
{
	ck_assert_uint_eq(ping.wake, now);
	time_is(now, false);
	ck_assert(actions.send);
	ck_assert_uint_eq(actions.number, ping.next - 1);
}

static void fresh(bool only_when_silent)
{
	tunnel_ping_plan_default(&plan);
	plan.only_when_silent = only_when_silent;
	memset(&ping, 0, sizeof(ping));
	up(100 * S);
	ck_assert_uint_eq(actions.wake, 101 * S);
}

/* ---- what must not be ---------------------------------------------------------------------------------------------- */

START_TEST(without_a_pair_nothing_happens)
{
	tunnel_ping_plan_default(&plan);
	memset(&ping, 0, sizeof(ping));
	time_is(1000 * S, false);
	ck_assert(!actions.send && !actions.dead && actions.wake == IKE_NEVER);
	reply(1000 * S, 0);
	ck_assert(!actions.alive && !actions.unasked && actions.wake == IKE_NEVER);
	heard(1000 * S);
	ck_assert(!actions.recovered && actions.wake == IKE_NEVER);
	fresh(true);
	input((struct tunnel_ping_input){.kind = TUNNEL_PING_GONE, .now = 100 * S});
	ck_assert_uint_eq(actions.wake, IKE_NEVER);
	time_is(200 * S, false);
	ck_assert(!actions.send && actions.wake == IKE_NEVER);
}
END_TEST

START_TEST(nothing_is_sent_before_its_time)
{
	fresh(false);
	time_is(101 * S - 1, false);
	ck_assert(!actions.send);
	ck_assert_uint_eq(actions.wake, 101 * S);
	asks_at(101 * S);
	time_is(111 * S - 1, false);
	ck_assert(!actions.send && !actions.suspect);
	ck_assert_uint_eq(actions.wake, 111 * S);
}
END_TEST

START_TEST(a_reply_to_what_was_not_asked_proves_nothing)
{
	fresh(false);
	reply(100 * S, ping.next - 1);
	ck_assert(actions.unasked && !actions.alive);
	asks_at(101 * S);
	asks_at(111 * S);
	ck_assert(actions.suspect);
	reply(112 * S, ping.next);
	ck_assert(actions.unasked && !actions.alive && !actions.recovered);
	reply(112 * S, ping.next - 3);
	ck_assert(actions.unasked && !actions.alive && !actions.recovered);
	ck_assert_uint_eq(ping.state, TUNNEL_PING_SUSPECT);
	ck_assert_uint_eq(ping.open, 2);
}
END_TEST

/* Rule 1: somebody may have kept it. */
START_TEST(a_reply_that_was_held_back_proves_nothing)
{
	uint32_t held;

	fresh(false);
	asks_at(101 * S);
	held = ping.next - 1;
	asks_at(111 * S);
	reply(112 * S, ping.next - 1);
	ck_assert(actions.alive && !actions.stale && actions.recovered);
	asks_at(121 * S);
	asks_at(131 * S);
	reply(132 * S, held);
	ck_assert(actions.unasked && !actions.alive && !actions.recovered);
	ck_assert_uint_eq(ping.open, 2);
}
END_TEST

START_TEST(a_reply_counts_once)
{
	fresh(false);
	asks_at(101 * S);
	reply(102 * S, ping.next - 1);
	ck_assert(actions.alive);
	reply(103 * S, ping.next - 1);
	ck_assert(actions.unasked && !actions.alive);
	ck_assert_uint_eq(ping.last_heard, 102 * S);
}
END_TEST

/* ---- life ---------------------------------------------------------------------------------------------------------- */

START_TEST(a_reply_tells_the_round_trip)
{
	fresh(true);
	asks_at(101 * S);
	reply(101 * S + 30 * MS, ping.next - 1);
	ck_assert(actions.alive && !actions.stale && !actions.recovered);
	ck_assert_uint_eq(actions.round_trip, 30 * MS);
	ck_assert_uint_eq(actions.number, ping.next - 1);
	/* the timer finds it alive enough, and waits from the reply on */
	asks_at(111 * S);
}
END_TEST

START_TEST(a_late_reply_resets)
{
	fresh(false);
	asks_at(101 * S);
	asks_at(111 * S);
	ck_assert(actions.suspect);
	ck_assert_uint_eq(actions.misses, 1);
	asks_at(121 * S);
	ck_assert(!actions.suspect);
	reply(122 * S, ping.next - 3);
	ck_assert(actions.alive && !actions.stale && actions.recovered);
	ck_assert_uint_eq(actions.round_trip, IKE_NEVER);
	ck_assert_uint_eq(ping.open, 0);
	/* the timer was not moved, and three more must be missed */
	asks_at(131 * S);
	ck_assert(!actions.suspect);
	asks_at(141 * S);
	ck_assert(actions.suspect);
	asks_at(151 * S);
	ck_assert_uint_eq(ping.wake, 161 * S);
	time_is(161 * S, false);
	ck_assert(actions.dead);
	ck_assert_uint_eq(actions.silence, 39 * S);
}
END_TEST

START_TEST(traffic_takes_the_place_of_requests)
{
	fresh(true);
	asks_at(101 * S); /* the new pair is asked whatever is heard */
	heard(102 * S);
	time_is(111 * S, false); /* nine seconds: that is silence enough, with jitter */
	ck_assert(actions.send);
	heard(115 * S);
	heard(120 * S);
	time_is(121 * S, false);
	ck_assert(!actions.send && !actions.suspect); /* R154 */
	ck_assert_uint_eq(actions.wake, 130 * S);
	asks_at(130 * S);
	asks_at(140 * S);
	ck_assert(actions.suspect);
	heard(141 * S);
	ck_assert(actions.recovered);
	ck_assert_uint_eq(actions.silence, 21 * S);
	time_is(150 * S, false);
	ck_assert(actions.send && !actions.suspect);
}
END_TEST

START_TEST(traffic_first_then_the_reply_still_tells_the_round_trip)
{
	fresh(true);
	asks_at(101 * S);
	heard(102 * S);
	reply(103 * S, ping.next - 1);
	ck_assert(actions.alive && actions.stale);
	ck_assert_uint_eq(actions.round_trip, 2 * S);
	reply(104 * S, ping.next - 1);
	ck_assert(actions.unasked && !actions.alive);
}
END_TEST

START_TEST(a_plain_ping_does_not_look_at_traffic)
{
	fresh(false);
	asks_at(101 * S);
	asks_at(111 * S);
	heard(112 * S);
	ck_assert(!actions.recovered);
	asks_at(121 * S);
	heard(130 * S);
	time_is(131 * S, false);
	ck_assert(actions.dead);
	ck_assert_uint_eq(actions.misses, 3);
	ck_assert_uint_eq(actions.silence, 31 * S);
}
END_TEST

/* ---- verdicts ------------------------------------------------------------------------------------------------------ */

static void miss_three(void)
{
	asks_at(101 * S);
	asks_at(111 * S);
	asks_at(121 * S);
	ck_assert_uint_eq(ping.wake, 131 * S);
}

START_TEST(dead_where_ike_does_not_answer_either)
{
	fresh(true);
	miss_three();
	time_is(131 * S, false);
	ck_assert(actions.dead && !actions.black_hole && !actions.send);
	ck_assert_uint_eq(actions.misses, 3);
	ck_assert_uint_eq(actions.silence, 31 * S);
	ck_assert_uint_eq(actions.wake, IKE_NEVER);
	/* and nothing more until there is another pair */
	time_is(200 * S, false);
	ck_assert(!actions.send && !actions.dead);
	reply(200 * S, ping.next - 1);
	ck_assert(!actions.alive);
	up(200 * S);
	ck_assert_uint_eq(actions.wake, 201 * S);
	ck_assert_uint_eq(ping.state, TUNNEL_PING_ALIVE);
}
END_TEST

START_TEST(a_black_hole_is_negotiated_anew_once)
{
	fresh(true);
	miss_three();
	time_is(131 * S, true);
	ck_assert(actions.black_hole && !actions.dead && actions.send); /* R157 */
	ck_assert_uint_eq(actions.misses, 3);
	up(132 * S); /* it gets all of its time, from the end of the grace on */
	for (ike_time at = 133 * S; at <= 163 * S; at += 10 * S) {
		asks_at(at);
		ck_assert(!actions.suspect); /* it has been for long */
	}
	time_is(173 * S, true);
	ck_assert(actions.dead && !actions.black_hole);
	ck_assert_uint_eq(actions.misses, 4);
	ck_assert_uint_eq(actions.silence, 73 * S);
}
END_TEST

START_TEST(a_black_hole_that_cannot_be_negotiated_away_is_death_as_well)
{
	fresh(true);
	miss_three();
	time_is(131 * S, true);
	asks_at(141 * S);
	asks_at(151 * S);
	ck_assert_uint_eq(ping.wake, 161 * S);
	time_is(161 * S, true);
	ck_assert(actions.dead && !actions.black_hole); /* R141 */
}
END_TEST

START_TEST(pair_after_pair_does_not_put_death_off)
{
	fresh(true);
	miss_three();
	time_is(131 * S, true);
	up(132 * S);
	asks_at(133 * S);
	up(140 * S);
	asks_at(143 * S);
	up(150 * S);
	asks_at(153 * S);
	up(160 * S);
	asks_at(163 * S);
	time_is(173 * S, true);
	ck_assert(actions.dead);
}
END_TEST

START_TEST(a_new_pair_that_carries_is_life)
{
	fresh(true);
	miss_three();
	time_is(131 * S, true);
	up(132 * S);
	asks_at(133 * S);
	reply(133 * S + 1, ping.next - 1);
	ck_assert(actions.alive && actions.recovered);
	ck_assert(!ping.renegotiated && !ping.granted);
	/* and the next black hole is one again */
	ck_assert_uint_eq(ping.wake, 143 * S);
	for (ike_time at = 143 * S; at < 173 * S; at += 10 * S)
		asks_at(at);
	time_is(173 * S, true);
	ck_assert(actions.black_hole);
}
END_TEST

/* Rule 7 (R153). */
START_TEST(a_renewed_pair_proves_nothing)
{
	fresh(true);
	asks_at(101 * S);
	asks_at(111 * S);
	up(112 * S);
	ck_assert_uint_eq(actions.wake, 121 * S);
	ck_assert_uint_eq(ping.open, 2);
	asks_at(121 * S);
	time_is(131 * S, false);
	ck_assert(actions.dead);
}
END_TEST

START_TEST(a_renewed_pair_is_asked_within_a_second)
{
	fresh(true);
	asks_at(101 * S);
	reply(101 * S, ping.next - 1);
	up(105 * S);
	heard(105 * S + 500 * MS); /* may have come through the old one */
	asks_at(106 * S);
	reply(106 * S, ping.next - 1);
	ck_assert(actions.alive);
	up(115 * S + 500 * MS); /* what is due anyway is not put off */
	asks_at(116 * S);
}
END_TEST

START_TEST(one_miss_may_be_enough)
{
	fresh(true);
	plan.misses = 1;
	asks_at(101 * S);
	time_is(111 * S, false);
	ck_assert(actions.suspect && actions.dead);
	ck_assert_uint_eq(actions.misses, 1);
}
END_TEST

/* Jitter brings requests forward, so that one more goes out, and no verdict. */
START_TEST(jitter_makes_no_verdict_earlier)
{
	tunnel_ping_plan_default(&plan);
	plan.misses = 20;
	memset(&ping, 0, sizeof(ping));
	input((struct tunnel_ping_input){.kind = TUNNEL_PING_UP, .now = 100 * S, .random = FULL});
	ck_assert_uint_gt(actions.wake, 100 * S + 900 * MS);
	ck_assert_uint_lt(actions.wake, 101 * S);
	do {
		ike_time wake = ping.wake;

		input((struct tunnel_ping_input){
		    .kind = TUNNEL_PING_TIME, .now = wake, .random = FULL});
		if (!actions.dead) {
			ck_assert_uint_ge(actions.wake, wake + 9 * S);
			ck_assert_uint_lt(actions.wake, wake + 10 * S);
		}
	} while (!actions.dead);
	ck_assert_uint_ge(actions.silence, tunnel_ping_earliest(&plan));
	ck_assert_uint_le(actions.silence, tunnel_ping_latest(&plan));
	ck_assert_uint_eq(actions.misses, 23);
}
END_TEST

/* R155, to the microsecond: a request that is missed is not enough. */
START_TEST(no_verdict_before_its_time)
{
	for (int early = 0; early < 2; early++) {
		fresh(true);
		plan.misses = 1;
		ping.wake = 100 * S + 900 * MS; /* as jitter would have it */
		asks_at(100 * S + 900 * MS);
		ping.wake = 109 * S + 950 * MS;
		time_is(110 * S - (ike_time)early, false);
		ck_assert(actions.suspect);
		ck_assert_int_eq(actions.dead, !early);
		ck_assert_int_eq(actions.send, early);
	}
}
END_TEST

/* What the caller is asked about IKE is the time since then. */
START_TEST(the_oldest_open_request_is_remembered)
{
	fresh(true);
	miss_three();
	ck_assert_uint_eq(ping.asked_since, 101 * S);
	ck_assert_uint_eq(ping.asked_last, 121 * S);
	reply(122 * S, ping.next - 1);
	time_is(140 * S, false);
	ck_assert_uint_eq(ping.asked_since, 140 * S);
}
END_TEST

/* ---- lateness ------------------------------------------------------------------------------------------------------ */

START_TEST(whoever_was_late_asks_anew_once)
{
	fresh(true);
	asks_at(101 * S);
	asks_at(111 * S);
	time_is(131 * S + 1, false); /* wake was 121 s */
	ck_assert(actions.late && actions.send && !actions.dead);
	ck_assert_uint_eq(actions.lateness, 10 * S + 1);
	ck_assert_uint_eq(ping.open, 1);
	time_is(160 * S, false); /* late again: no more excuses */
	ck_assert(!actions.late && actions.send);
	time_is(170 * S, false);
	ck_assert(actions.send);
	time_is(180 * S, false);
	ck_assert(actions.dead);
}
END_TEST

START_TEST(life_excuses_anew)
{
	fresh(true);
	asks_at(101 * S);
	time_is(130 * S, false);
	ck_assert(actions.late && ping.excused);
	reply(131 * S, ping.next - 1);
	ck_assert(!ping.excused);
	asks_at(140 * S);
	time_is(170 * S, false);
	ck_assert(actions.late && actions.send && !actions.suspect);
}
END_TEST

START_TEST(a_little_late_is_not_late)
{
	fresh(true);
	plan.interval = 200 * MS;
	plan.misses = 1;
	up(100 * S);
	time_is(101 * S, false);
	ck_assert(actions.send && !actions.late);
	time_is(101 * S + 1200 * MS, false);
	ck_assert(actions.dead && !actions.late);
}
END_TEST

START_TEST(late_while_nothing_is_open_is_no_more_than_that)
{
	fresh(true);
	time_is(200 * S, false);
	ck_assert(actions.late && actions.send && !actions.suspect);
	ck_assert_uint_eq(actions.lateness, 99 * S);
	ck_assert(!ping.excused);
}
END_TEST

UNIT_MAIN("tunnel_ping", without_a_pair_nothing_happens, nothing_is_sent_before_its_time,
	  a_reply_to_what_was_not_asked_proves_nothing, a_reply_that_was_held_back_proves_nothing,
	  a_reply_counts_once, a_reply_tells_the_round_trip, a_late_reply_resets,
	  traffic_takes_the_place_of_requests,
	  traffic_first_then_the_reply_still_tells_the_round_trip,
	  a_plain_ping_does_not_look_at_traffic, dead_where_ike_does_not_answer_either,
	  a_black_hole_is_negotiated_anew_once,
	  a_black_hole_that_cannot_be_negotiated_away_is_death_as_well,
	  pair_after_pair_does_not_put_death_off, a_new_pair_that_carries_is_life,
	  a_renewed_pair_proves_nothing, a_renewed_pair_is_asked_within_a_second,
	  one_miss_may_be_enough, jitter_makes_no_verdict_earlier, no_verdict_before_its_time,
	  the_oldest_open_request_is_remembered, life_excuses_anew, whoever_was_late_asks_anew_once,
	  a_little_late_is_not_late, late_while_nothing_is_open_is_no_more_than_that)
