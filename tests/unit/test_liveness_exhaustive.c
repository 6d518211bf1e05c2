/* SPDX-License-Identifier: ISC */
/*
 * test_liveness_exhaustive.c - liveness.c once more: everything that can happen, in every order, five deep, from four
 * beginnings and in every mode; and after each step what must always be true.
 */
#include "keepalive/keepalive.h"
#include "tests/support/keepalive_world.h"
#include "tests/support/unit.h"

#define DEPTH 5

enum move {
	HEARD,
	QUESTION,
	QUESTION_AGAIN,
	ANSWER,
	OLDER_ANSWER,
	WANT_TO_SEND,
	ASK_NOW,
	HINT,
	TIME,
	TIME_LATE,
	THREE_SECONDS,
	SUPERSEDED,
	MOVES
};

/* Check writes to a file for every assertion, even where it holds; there are millions here. */
#define MUST(what)                                                                                 \
	do {                                                                                       \
		if (!(what))                                                                       \
			ck_abort_msg("%s", #what);                                                 \
	} while (0)

static uint64_t steps, deaths;

static bool can_be_asked(const struct world *w)
{
	return w->peer.supported && !w->peer.superseded;
}

static bool is_open(const struct keepalive_peer *peer)
{
	return peer->state == KEEPALIVE_ASKING || peer->state == KEEPALIVE_SUSPECT;
}

/* What must be true of every step. */
static void check(const struct world *w, const struct keepalive_peer *before)
{
	const struct keepalive_actions *a = &w->actions;
	const struct keepalive_peer *peer = &w->peer;

	MUST(!a->send_r_u_there || can_be_asked(w));
	MUST(!(a->send_r_u_there && a->send_ack)); /* a question is not answered with one */
	MUST(peer->last_heard == (a->proves_life ? w->now : before->last_heard));
	MUST(a->wake == peer->wake);
	MUST(peer->state == KEEPALIVE_DEAD || is_open(peer) == (peer->asked > 0));
	MUST(!a->proves_life || !is_open(peer));
	if (a->send_r_u_there)
		MUST(a->r_u_there == before->sent.next); /* R35 */
	if (a->dead) {
		MUST(can_be_asked(w) && w->plan.mode != KEEPALIVE_OFF && !a->late);
		MUST(w->now - before->last_heard >= w->plan.detect);
		MUST(w->now - before->asked_since >= w->plan.detect - w->plan.worry);
		MUST(a->misses >= w->plan.misses);
		MUST(a->misses == before->asked && !a->send_r_u_there);
	}
	/* whoever is watched is never forgotten: there is a deadline, and it is not far */
	if (is_open(peer) || peer->state == KEEPALIVE_ALIVE)
		MUST(peer->wake <= w->now + w->plan.worry);
	else
		MUST(peer->wake == IKE_NEVER);
	/* a peer that lived a moment ago is not dead within the time promised, and none lingers beyond it */
	if (w->plan.mode == KEEPALIVE_PERIODIC && can_be_asked(w) && a->late)
		MUST(is_open(peer) || w->now - peer->last_heard < w->plan.worry);
}

static void one(struct world *w, enum keepalive_input_kind kind, uint32_t number)
{
	struct keepalive_peer before = w->peer;

	world_step(w, kind, number);
	check(w, &before);
	steps++;
}

/* Time goes on to `until`, and deadlines are served. */
static void pass(struct world *w, ike_time until)
{
	while (w->actions.wake <= until) {
		if (w->actions.wake > w->now)
			w->now = w->actions.wake;
		one(w, KEEPALIVE_TIME, 0);
		MUST(w->actions.wake > w->now);
	}
	w->now = until;
}

/* An ACK: whether it proved life must not be repeatable. */
static void answer(struct world *w, uint32_t number)
{
	struct world again;

	one(w, KEEPALIVE_ACK, number);
	again = *w;
	again.now++;
	one(&again, KEEPALIVE_ACK, number);
	MUST(!again.actions.alive && !again.actions.proves_life);
}

static void question(struct world *w, uint32_t number)
{
	struct world again;

	one(w, KEEPALIVE_R_U_THERE, number);
	MUST(w->peer.state != KEEPALIVE_DEAD);
	again = *w;
	again.now += 2 * IKE_SECOND;
	one(&again, KEEPALIVE_R_U_THERE, number);
	MUST(!again.actions.proves_life);
}

static void make(struct world *w, enum move move)
{
	switch (move) {
	case HEARD:
		one(w, KEEPALIVE_HEARD, 0);
		break;
	case QUESTION:
		question(w, w->peer.received.last + 1);
		break;
	case QUESTION_AGAIN:
		one(w, KEEPALIVE_R_U_THERE, w->peer.received.last);
		break;
	case ANSWER:
		answer(w, w->peer.sent.next - 1);
		break;
	case OLDER_ANSWER:
		answer(w, w->peer.sent.next - 2);
		break;
	case WANT_TO_SEND:
		one(w, KEEPALIVE_WANT_TO_SEND, 0);
		break;
	case ASK_NOW:
		one(w, KEEPALIVE_ASK_NOW, 0);
		break;
	case HINT:
		one(w, KEEPALIVE_HINT, 0);
		break;
	case TIME:
		if (w->actions.wake != IKE_NEVER)
			pass(w, w->actions.wake);
		break;
	case TIME_LATE:
		w->now += 60 * IKE_SECOND;
		one(w, KEEPALIVE_TIME, 0);
		break;
	case THREE_SECONDS:
		pass(w, w->now + 3 * IKE_SECOND);
		break;
	case SUPERSEDED:
		one(w, KEEPALIVE_SA_SUPERSEDED, 0);
		break;
	case MOVES:
		break;
	}
}

static void explore(const struct world *from, int depth)
{
	for (enum move move = HEARD; move < MOVES; move++) {
		struct world w = *from;

		make(&w, move);
		deaths += w.peer.state == KEEPALIVE_DEAD;
		if (depth > 1 && w.peer.state != KEEPALIVE_DEAD)
			explore(&w, depth - 1);
	}
}

/* R1 */
static void without_vendor_id(struct world *w)
{
	struct keepalive_input input = {.kind = KEEPALIVE_SA_UP, .now = w->now, .supported = false};

	world_step(w, KEEPALIVE_SA_DOWN, 0);
	keepalive_step(&w->peer, &w->plan, &input, &w->actions);
}

static void explore_mode(enum keepalive_mode mode)
{
	struct world w;

	for (int beginning = 0; beginning < 4; beginning++) {
		world_begin(&w, world_simple_plan(mode));
		if (beginning == 1)
			without_vendor_id(&w);
		if (beginning == 2)
			world_run(&w, w.now + 13 * IKE_SECOND);
		if (beginning == 3) { /* a round that is nearly over */
			world_step(&w, KEEPALIVE_ASK_NOW, 0);
			world_run(&w, w.now + 17 * IKE_SECOND);
		}
		explore(&w, DEPTH);
	}
	ck_assert_uint_gt(steps, 200000);
}

START_TEST(periodic)
{
	explore_mode(KEEPALIVE_PERIODIC);
	ck_assert_uint_gt(deaths, 500);
}
END_TEST

START_TEST(on_demand)
{
	explore_mode(KEEPALIVE_ON_DEMAND);
	ck_assert_uint_gt(deaths, 100);
}
END_TEST

START_TEST(off)
{
	explore_mode(KEEPALIVE_OFF);
	ck_assert_uint_eq(deaths, 0);
}
END_TEST

UNIT_MAIN("liveness, exhaustively", periodic, on_demand, off)
