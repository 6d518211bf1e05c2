/* SPDX-License-Identifier: ISC */
/*
 * test_liveness_modes.c - liveness.c again: on demand, off, asked now, hinted at, run late; and a day on a lossy network.
 */
#include "keepalive/keepalive.h"
#include "tests/support/keepalive_world.h"
#include "tests/support/unit.h"

#define SECONDS(n) ((ike_time)((n)*1e6))

static struct world w;

static void begin(enum keepalive_mode mode)
{
	world_begin(&w, world_simple_plan(mode));
}

/* ---- on demand, off, at once, hints -------------------------------------------------------------------------------- */

/* R16, R23: an idle tunnel is not asked about until there is something to send. */
START_TEST(on_demand_an_idle_peer_is_left_alone)
{
	ike_time asked;

	begin(KEEPALIVE_ON_DEMAND);
	world_run(&w, w.now + SECONDS(100000));
	ck_assert_uint_eq(w.asked + w.deaths, 0);
	ck_assert_int_eq(w.peer.state, KEEPALIVE_IDLE);
	ck_assert_uint_eq(w.actions.wake, IKE_NEVER);
	asked = w.now;
	world_step(&w, KEEPALIVE_WANT_TO_SEND, 0);
	ck_assert(w.actions.send_r_u_there);
	world_step(&w, KEEPALIVE_WANT_TO_SEND, 0); /* R47 */
	ck_assert(!w.actions.send_r_u_there);
	world_run(&w, w.now + SECONDS(100));
	ck_assert_uint_eq(w.died_at - asked,
			  SECONDS(10)); /* the round's own time: detect - worry */
}
END_TEST

START_TEST(on_demand_life_sets_the_idle_time_anew)
{
	begin(KEEPALIVE_ON_DEMAND);
	world_run(&w, w.now + SECONDS(100));
	world_step(&w, KEEPALIVE_HEARD, 0);
	ck_assert_int_eq(w.peer.state, KEEPALIVE_ALIVE);
	world_step(&w, KEEPALIVE_HEARD, 0);
	world_run(&w, w.now + SECONDS(100));
	ck_assert_uint_eq(w.asked, 0);
	w.peer.state = KEEPALIVE_ALIVE; /* the timer has not come yet, the worry time has passed */
	world_step(&w, KEEPALIVE_WANT_TO_SEND, 0);
	ck_assert_uint_eq(w.asked, 1);
}
END_TEST

/* R24: sent, and nothing came back. */
START_TEST(on_demand_traffic_without_an_answer)
{
	ike_time heard;

	begin(KEEPALIVE_ON_DEMAND);
	heard = w.now;
	w.now += SECONDS(3);
	world_step(&w, KEEPALIVE_WANT_TO_SEND, 0);
	ck_assert(!w.actions.send_r_u_there); /* R18 */
	ck_assert(world_run_to_question(&w));
	ck_assert_uint_ge(w.now, heard + SECONDS(9));
	ck_assert_uint_le(w.now, heard + SECONDS(10));
	world_run(&w, w.now + SECONDS(100));
	ck_assert_uint_eq(w.died_at - heard, SECONDS(20));

	begin(KEEPALIVE_ON_DEMAND);
	world_step(&w, KEEPALIVE_WANT_TO_SEND, 0);
	w.now += SECONDS(3);
	world_step(&w, KEEPALIVE_HEARD, 0); /* something came back after all */
	world_run(&w, w.now + SECONDS(100));
	ck_assert_uint_eq(w.asked, 0);
}
END_TEST

/* R85 */
START_TEST(off_asks_only_when_told_to)
{
	begin(KEEPALIVE_OFF);
	world_step(&w, KEEPALIVE_WANT_TO_SEND, 0);
	world_step(&w, KEEPALIVE_HINT, 0);
	world_run(&w, w.now + SECONDS(100000));
	world_step(&w, KEEPALIVE_WANT_TO_SEND, 0);
	ck_assert_uint_eq(w.asked, 0);
	world_step(&w, KEEPALIVE_ASK_NOW, 0);
	ck_assert(w.actions.send_r_u_there);
	world_run(&w, w.now + SECONDS(100000));
	ck_assert_uint_eq(w.asked, 1);
	ck_assert_uint_eq(w.deaths + w.suspects, 0);
	world_step(&w, KEEPALIVE_ACK, w.last_asked);
	ck_assert(w.actions.alive);
	world_step(&w, KEEPALIVE_ASK_NOW, 0);
	w.now += SECONDS(0.2);
	world_step(&w, KEEPALIVE_ACK, w.last_asked);
	ck_assert(w.actions.alive && w.actions.proves_life);
	ck_assert_uint_eq(w.actions.round_trip, SECONDS(0.2));
	ck_assert_uint_eq(w.actions.wake, IKE_NEVER);
}
END_TEST

/* ping: however recently the peer was heard; the round it begins has the same end as any other (R84). */
START_TEST(ask_now)
{
	ike_time heard, wake;

	begin(KEEPALIVE_PERIODIC);
	heard = w.now;
	w.now += SECONDS(1);
	world_step(&w, KEEPALIVE_ASK_NOW, 0);
	ck_assert(w.actions.send_r_u_there);
	wake = w.actions.wake;
	w.now += SECONDS(0.1);
	world_step(&w, KEEPALIVE_ASK_NOW, 0);
	ck_assert(w.actions.send_r_u_there);
	ck_assert_uint_eq(w.actions.wake, wake);
	for (int i = 0; i < 20; i++)
		world_step(&w, KEEPALIVE_ASK_NOW, 0);
	world_run(&w, w.now + SECONDS(100));
	ck_assert_uint_eq(w.died_at, heard + SECONDS(20));
	ck_assert_uint_eq(w.suspects, 1);
}
END_TEST

/* Rule 9: a flood of forged hints costs one question in five seconds, and no death comes sooner (R91). */
START_TEST(hints)
{
	ike_time heard;

	begin(KEEPALIVE_PERIODIC);
	for (int i = 0; i < 1000; i++) {
		world_step(&w, KEEPALIVE_HINT, 0);
		if (w.actions.send_r_u_there)
			world_step(&w, KEEPALIVE_ACK, w.last_asked);
		world_run(&w, w.now + SECONDS(0.1));
	}
	ck_assert_uint_eq(w.asked, 20); /* 100 s */

	begin(KEEPALIVE_PERIODIC);
	heard = w.now;
	while (w.deaths == 0) {
		world_step(&w, KEEPALIVE_HINT, 0);
		world_run(&w, w.now + SECONDS(0.1));
	}
	ck_assert_uint_eq(w.died_at, heard + SECONDS(20));
}
END_TEST

/* ---- time ---------------------------------------------------------------------------------------------------------- */

START_TEST(time_before_time_changes_nothing)
{
	struct keepalive_peer before;

	begin(KEEPALIVE_PERIODIC);
	for (int i = 0; i < 3; i++) {
		before = w.peer;
		w.now = before.wake - 1;
		world_step(&w, KEEPALIVE_TIME, 0);
		ck_assert_mem_eq(&w.peer, &before, sizeof(before));
		ck_assert_uint_eq(w.actions.wake, before.wake);
		ck_assert(!w.actions.send_r_u_there);
		w.now++;
		world_step(&w, KEEPALIVE_TIME, 0);
	}
}
END_TEST

/* Rule 7.  We slept for an hour, in whatever state: nobody is dead for that, and one full round finds out (R88). */
START_TEST(late_is_not_dead)
{
	for (int questions = 0; questions < 6; questions++) {
		ike_time woke;

		begin(KEEPALIVE_PERIODIC);
		for (int i = 0; i < questions; i++)
			ck_assert(world_run_to_question(&w));
		w.now = w.actions.wake + SECONDS(3600);
		woke = w.now;
		if (questions % 2)
			world_step(&w, KEEPALIVE_ASK_NOW, 0); /* does not hide the lateness */
		w.asked = 0;
		world_step(&w, KEEPALIVE_TIME, 0);
		ck_assert(!w.actions.dead);
		ck_assert(w.actions.late);
		ck_assert_uint_eq(w.actions.lateness, SECONDS(3600));
		ck_assert(w.actions.send_r_u_there);
		world_run(&w, w.now + SECONDS(100));
		ck_assert_uint_eq(w.died_at, woke + SECONDS(10));
		ck_assert_uint_ge(w.asked, w.plan.misses);
		ck_assert_uint_eq(w.actions.misses, w.asked); /* of this round alone */
	}
}
END_TEST

/*
 * Whoever is late with everything, because too many peers have died at once, begins one round anew, not one after the other for
 * ever: what was asked so often, and had its wait, and was not answered, is dead.
 */
START_TEST(always_late)
{
	begin(KEEPALIVE_PERIODIC);
	for (int i = 0; i < 200 && w.deaths == 0; i++) {
		w.now = w.actions.wake + SECONDS(3);
		world_step(&w, KEEPALIVE_TIME, 0);
	}
	ck_assert_uint_eq(w.deaths, 1);
	ck_assert_uint_ge(w.actions.misses, w.plan.misses);
	ck_assert_uint_ge(w.died_at, w.peer.asked_last + w.plan.last_wait);
}
END_TEST

/* Once heard, and it is as before: the next sleep is forgiven again. */
START_TEST(late_once_a_silence)
{
	begin(KEEPALIVE_PERIODIC);
	for (int nap = 0; nap < 3; nap++) {
		for (int i = 0; i < 3; i++)
			ck_assert(world_run_to_question(&w));
		w.now = w.actions.wake + SECONDS(3600);
		world_step(&w, KEEPALIVE_TIME, 0);
		ck_assert(w.actions.late && !w.actions.dead);
		w.now = w.actions.wake + SECONDS(3600);
		world_step(&w, KEEPALIVE_TIME, 0);
		ck_assert(!w.actions.late && !w.actions.dead && w.actions.send_r_u_there);
		world_step(&w, KEEPALIVE_ACK, w.last_asked);
		ck_assert(w.actions.proves_life);
	}
}
END_TEST

/* A little late is normal, and the death is at the next chance after its time. */
START_TEST(a_little_late)
{
	begin(KEEPALIVE_PERIODIC);
	while (w.deaths == 0) {
		w.now = w.actions.wake + SECONDS(0.01);
		world_step(&w, KEEPALIVE_TIME, 0);
		ck_assert(!w.actions.late);
	}
	ck_assert_uint_eq(w.died_at, SECONDS(1000 + 20 + 0.01));
}
END_TEST

/*
 * Rules 5 and 6, with every timer late but none by so much that it would count: no death without its questions, and none before
 * the last of them had its wait (R86).
 */
START_TEST(slow_timers)
{
	for (uint32_t i = 0; i < 2000; i++) {
		uint32_t most = i % 2 ? 100 : 1 + i;

		world_begin(&w,
			    i % 2 ? world_default_plan() : world_simple_plan(KEEPALIVE_PERIODIC));
		w.seed = i;
		while (w.deaths == 0) {
			w.now = w.actions.wake + world_random(&w) % most * IKE_MILLISECOND;
			world_step(&w, KEEPALIVE_TIME, 0);
			if (w.actions.send_r_u_there && w.asked > w.plan.misses)
				ck_assert_uint_le(w.now + w.plan.last_wait, SECONDS(1020));
		}
		ck_assert_uint_ge(w.actions.misses, w.plan.misses);
		ck_assert_uint_ge(w.died_at, w.peer.asked_last + w.plan.last_wait);
		ck_assert_uint_ge(w.died_at, SECONDS(1020));
		ck_assert_uint_le(w.died_at, SECONDS(1020 + 12));
	}
}
END_TEST

/* Two seconds more than a retry late in the middle of a round, and the peer lives: what it answers is what counts. */
START_TEST(late_and_answered)
{
	begin(KEEPALIVE_PERIODIC);
	for (int i = 0; i < 5; i++)
		ck_assert(world_run_to_question(&w));
	w.now = w.actions.wake + SECONDS(4);
	world_step(&w, KEEPALIVE_TIME, 0);
	ck_assert(w.actions.late && w.actions.send_r_u_there && !w.actions.dead);
	w.now += SECONDS(0.1);
	world_step(&w, KEEPALIVE_ACK, w.last_asked);
	ck_assert(w.actions.proves_life);
	world_run(&w, w.now + SECONDS(19.9));
	ck_assert_uint_eq(w.deaths, 0);
}
END_TEST

/* ---- a day at 20 % loss, each way ---------------------------------------------------------------------------------- */

/* Returns how often a living peer was declared dead. */
static uint32_t lossy_day(struct keepalive_plan plan)
{
	const ike_time delay = SECONDS(0.04);
	const uint32_t lost = UINT32_MAX / 5;
	ike_time end, arrives = IKE_NEVER;
	uint32_t arriving = 0;

	world_begin(&w, plan);
	end = w.now + SECONDS(86400);
	while (w.now < end) {
		if (arrives <= w.actions.wake) {
			w.now = arrives;
			arrives = IKE_NEVER;
			world_step(&w, KEEPALIVE_ACK, arriving);
		} else {
			w.now = w.actions.wake;
			world_step(&w, KEEPALIVE_TIME, 0);
		}
		if (w.actions.send_r_u_there && world_random(&w) > lost &&
		    world_random(&w) > lost) {
			arrives = w.now + delay;
			arriving = w.actions.r_u_there;
		}
		if (w.actions.dead)
			world_step(&w, KEEPALIVE_SA_UP, 0);
	}
	return w.deaths;
}

START_TEST(a_lossy_day)
{
	ck_assert_uint_eq(lossy_day(world_default_plan()), 0);
	ck_assert_uint_gt(w.asked, 8000);
	ck_assert_uint_gt(w.suspects, 2000);
	ck_assert_uint_gt(lossy_day(world_simple_plan(KEEPALIVE_PERIODIC)), 10);
}
END_TEST

UNIT_MAIN("liveness, modes and time", on_demand_an_idle_peer_is_left_alone,
	  on_demand_life_sets_the_idle_time_anew, on_demand_traffic_without_an_answer,
	  off_asks_only_when_told_to, ask_now, hints, time_before_time_changes_nothing,
	  late_is_not_dead, always_late, late_once_a_silence, a_little_late, slow_timers,
	  late_and_answered, a_lossy_day)
