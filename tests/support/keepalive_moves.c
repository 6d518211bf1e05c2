/* SPDX-License-Identifier: ISC */
/*
 * keepalive_moves.c - which situations have the same future.
 *
 * keepalive_step is pure, so equal situations have equal futures.  Situations that are not equal have the same future where
 * they differ only in this:
 *
 *  - The hour.  The machine adds to times and compares them, so all may be moved together.  IKE_NEVER stays.
 *  - The numbers.  What was received is only subtracted from, modulo 2^32.  What is sent is, too, but for the end of the
 *    numbers (R46): near to it, and only there, the number itself is part of the key.
 *  - What nobody reads: when the last round began, while none is open; the oldest open number, while none is; since when there is
 *    something to send, as long as there is.
 *  - What is only told: when the newest question was sent.  `round_trip` among the actions is the difference.
 *  - What is long ago: a hint from before its spacing; an answer from before the spacing of repeats; life from before the
 *    worry time (in a round: from the worry time before it began), since the round itself then decides when death is.
 *    `silence` among the actions is the difference.
 *  - After death and without an SA, everything: the next SA overwrites it.
 *
 * moves_agree puts each of these claims to the test, on every step for which it is called.
 */
#include "tests/support/keepalive_moves.h"

#include <assert.h>
#include <string.h>

#include "keepalive/sequence.h"

#define NOW          (100000 * IKE_SECOND) /* of a representative */
#define LAST         0x12345678            /* its last number received */
#define NEXT         0x40000000            /* its next number, far from the end */
#define NEAR_THE_END 0xff000000
#define HINT_SPACING (5 * IKE_SECOND)

/* ---- the moves ----------------------------------------------------------------------------------------------------- */

enum moment {
	AT_ONCE,
	WHEN_DUE,    /* at the deadline, or now where it has passed */
	A_BIT_LATER, /* so much later than the deadline that it is not yet late */
	TOO_EARLY,
	A_MINUTE_ON,
	ONLY_THE_CLOCK,
};

enum counted_from {
	NOTHING,
	RECEIVED,
	SENT
}; /* a move's number: from the last received, from the newest sent */

struct move {
	const char *name;
	enum keepalive_input_kind kind;
	enum moment moment;
	enum counted_from from;
	uint32_t number;
	bool without_vendor_id;
};

#define HALF     0x80000000
#define FARTHEST ((KEEPALIVE_JUMPS - 1) << 16)

static const struct move moves[] = {
    {"another SA", KEEPALIVE_SA_UP, AT_ONCE, NOTHING, 0, false},
    {"another SA, without vendor ID", KEEPALIVE_SA_UP, AT_ONCE, NOTHING, 0, true},
    {"the SA goes", KEEPALIVE_SA_DOWN, AT_ONCE, NOTHING, 0, false},
    {"superseded", KEEPALIVE_SA_SUPERSEDED, AT_ONCE, NOTHING, 0, false},
    {"heard", KEEPALIVE_HEARD, AT_ONCE, NOTHING, 0, false},
    {"question", KEEPALIVE_R_U_THERE, AT_ONCE, RECEIVED, 1, false},
    {"question at the window's end", KEEPALIVE_R_U_THERE, AT_ONCE, RECEIVED, KEEPALIVE_WINDOW,
     false},
    {"question repeated", KEEPALIVE_R_U_THERE, AT_ONCE, RECEIVED, 0, false},
    {"question from before", KEEPALIVE_R_U_THERE, AT_ONCE, RECEIVED, (uint32_t)-1, false},
    {"question far ahead", KEEPALIVE_R_U_THERE, AT_ONCE, RECEIVED, KEEPALIVE_WINDOW + 1, false},
    {"question as far ahead as may be", KEEPALIVE_R_U_THERE, AT_ONCE, RECEIVED, FARTHEST, false},
    {"question too far ahead", KEEPALIVE_R_U_THERE, AT_ONCE, RECEIVED, HALF - 1, false},
    {"question beyond half", KEEPALIVE_R_U_THERE, AT_ONCE, RECEIVED, HALF, false},
    {"answer", KEEPALIVE_ACK, AT_ONCE, SENT, 0, false},
    {"answer to the one before", KEEPALIVE_ACK, AT_ONCE, SENT, (uint32_t)-1, false},
    {"answer to the third last", KEEPALIVE_ACK, AT_ONCE, SENT, (uint32_t)-2, false},
    {"answer to none", KEEPALIVE_ACK, AT_ONCE, SENT, 1, false},
    {"something to send", KEEPALIVE_WANT_TO_SEND, AT_ONCE, NOTHING, 0, false},
    {"ask now", KEEPALIVE_ASK_NOW, AT_ONCE, NOTHING, 0, false},
    {"hint", KEEPALIVE_HINT, AT_ONCE, NOTHING, 0, false},
    {"deadline", KEEPALIVE_TIME, WHEN_DUE, NOTHING, 0, false},
    {"deadline, slowly", KEEPALIVE_TIME, A_BIT_LATER, NOTHING, 0, false},
    {"deadline, too early", KEEPALIVE_TIME, TOO_EARLY, NOTHING, 0, false},
    {"a minute asleep", KEEPALIVE_TIME, A_MINUTE_ON, NOTHING, 0, false},
    {"three seconds", KEEPALIVE_INPUTS, ONLY_THE_CLOCK, NOTHING, 0, false},
};

static const uint32_t chances[MOVE_CHANCES] = {UINT32_MAX, 0};

unsigned moves_count(void)
{
	return sizeof(moves) / sizeof(moves[0]);
}

const char *moves_name(unsigned move)
{
	return moves[move].name;
}

bool moves_ends_the_sa(unsigned move)
{
	return moves[move].kind == KEEPALIVE_SA_DOWN;
}

static ike_time later(ike_time a, ike_time b)
{
	return a > b ? a : b;
}

/* False where there is no such moment. */
static bool go_to(enum moment moment, const struct keepalive_plan *plan,
		  struct situation *situation)
{
	ike_time wake = situation->peer.state == KEEPALIVE_DOWN ? IKE_NEVER : situation->peer.wake;
	ike_time now = situation->now;

	switch (moment) {
	case AT_ONCE:
		break;
	case WHEN_DUE:
		if (wake == IKE_NEVER)
			return false;
		now = later(now, wake);
		break;
	case A_BIT_LATER:
		if (wake == IKE_NEVER || now > wake + later(plan->retry, IKE_SECOND))
			return false;
		now = wake + later(plan->retry, IKE_SECOND);
		break;
	case TOO_EARLY:
		if (wake != IKE_NEVER && now >= wake)
			return false;
		break;
	case A_MINUTE_ON:
		now += 60 * IKE_SECOND;
		break;
	case ONLY_THE_CLOCK:
		now += 3 * IKE_SECOND;
		break;
	}
	situation->now = now;
	return true;
}

/* A deadline that lies in the past has not been served in time, whatever comes next. */
static bool none_is_overdue(const struct situation *situation)
{
	return situation->peer.state == KEEPALIVE_DOWN || situation->now <= situation->peer.wake;
}

static bool is_punctual(const struct situation *situation, const struct seen *seen)
{
	bool new_sa =
	    seen->input.kind == KEEPALIVE_SA_UP &&
	    (seen->before.state == KEEPALIVE_DOWN || seen->before.state == KEEPALIVE_DEAD);

	if (!none_is_overdue(situation))
		return false;
	if (new_sa || seen->actions.proves_life)
		return true;
	return seen->punctual && seen->input.kind != KEEPALIVE_SA_UP &&
	       seen->input.kind != KEEPALIVE_SA_SUPERSEDED;
}

bool moves_make(unsigned move, unsigned chance, const struct keepalive_plan *plan,
		struct situation *situation, struct seen *seen)
{
	const struct move *m = &moves[move];

	if (!go_to(m->moment, plan, situation))
		return false;
	situation->punctual = situation->punctual && none_is_overdue(situation);
	if (m->kind == KEEPALIVE_INPUTS)
		return false;
	seen->plan = plan;
	seen->before = situation->peer;
	seen->punctual = situation->punctual;
	seen->input = (struct keepalive_input){
	    .kind = m->kind,
	    .now = situation->now,
	    .random = chances[chance],
	    .number = m->number,
	    .supported = !m->without_vendor_id,
	};
	if (m->from == RECEIVED)
		seen->input.number += situation->peer.received.last;
	if (m->from == SENT)
		seen->input.number += situation->peer.sent.next - 1;
	seen->actions = (struct keepalive_actions){0};
	keepalive_step(&situation->peer, plan, &seen->input, &seen->actions);
	seen->after = situation->peer;
	situation->punctual = is_punctual(situation, seen);
	return true;
}

/* ---- the key ------------------------------------------------------------------------------------------------------- */

static uint32_t ago(ike_time now, ike_time then)
{
	assert(then <= now && now - then < UINT32_MAX);
	return (uint32_t)(now - then);
}

static uint32_t ago_at_most(ike_time now, ike_time then, ike_time most)
{
	return now - then < most ? ago(now, then) : (uint32_t)most;
}

#define NO_WAKE INT32_MAX

static int32_t from_now(ike_time now, ike_time wake)
{
	if (wake == IKE_NEVER)
		return NO_WAKE;
	assert(wake < now + INT32_MAX && now < wake + INT32_MAX);
	return (int32_t)((int64_t)wake - (int64_t)now);
}

static void add_times(struct situation_key *key, const struct keepalive_peer *peer, ike_time now,
		      const struct keepalive_plan *plan)
{
	bool round = peer->state == KEEPALIVE_ASKING || peer->state == KEEPALIVE_SUSPECT;
	ike_time spacing = later(plan->retry, HINT_SPACING), round_age = 0;

	if (round) {
		key->asked_since = ago(now, peer->asked_since);
		round_age = key->asked_since;
	}
	key->last_heard = ago_at_most(now, peer->last_heard, round_age + plan->worry);
	key->hinted =
	    peer->hinted == IKE_NEVER ? (uint32_t)spacing : ago_at_most(now, peer->hinted, spacing);
	if (peer->received.have_last)
		key->answered_at =
		    ago_at_most(now, peer->received.answered_at, KEEPALIVE_REPEAT_SPACING);
	key->wake = from_now(now, peer->wake);
	key->wanted = peer->wanted;
}

struct situation_key moves_key(const struct situation *situation, const struct keepalive_plan *plan)
{
	const struct keepalive_peer *peer = &situation->peer;
	struct situation_key key;

	memset(&key, 0, sizeof(key));
	key.state = peer->state;
	key.wake = NO_WAKE;
	if (peer->state == KEEPALIVE_DOWN || peer->state == KEEPALIVE_DEAD)
		return key;
	add_times(&key, peer, situation->now, plan);
	key.next = peer->sent.next >= NEAR_THE_END ? peer->sent.next : 0;
	key.asked = peer->asked;
	key.open = peer->sent.open;
	key.jumped = peer->received.jumped;
	key.have_last = peer->received.have_last;
	key.repeats = peer->received.repeats;
	key.supported = peer->supported;
	key.superseded = peer->superseded;
	key.excused = peer->excused;
	key.punctual = situation->punctual;
	return key;
}

struct situation moves_representative(const struct situation_key *key)
{
	struct situation situation = {.now = NOW, .punctual = key->punctual};
	struct keepalive_peer *peer = &situation.peer;

	peer->last_heard = NOW - key->last_heard;
	peer->asked_since = NOW - key->asked_since;
	peer->asked_last = NOW - IKE_MILLISECOND;
	peer->hinted = NOW - key->hinted;
	peer->wanted = key->wanted;
	peer->wake = key->wake == NO_WAKE ? IKE_NEVER : (ike_time)((int64_t)NOW + key->wake);
	peer->received.answered_at = NOW - key->answered_at;
	peer->received.last = key->have_last ? LAST : 0;
	peer->received.jumped = key->jumped;
	peer->received.have_last = key->have_last;
	peer->received.repeats = key->repeats;
	peer->sent.next = key->next != 0 ? key->next : NEXT;
	peer->sent.open = key->open;
	peer->asked = key->asked;
	peer->state = key->state;
	peer->supported = key->supported;
	peer->superseded = key->superseded;
	peer->excused = key->excused;
	return situation;
}

/* ---- whether it is true -------------------------------------------------------------------------------------------- */

/* What was done, with the hour and the numbers taken out, and what is only told. */
static struct keepalive_actions relative_actions(const struct seen *seen)
{
	struct keepalive_actions a = seen->actions;

	a.r_u_there -= a.send_r_u_there ? seen->before.sent.next : 0;
	a.ack = a.send_ack ? a.ack - seen->input.number : 0;
	a.alive_number -= a.alive ? seen->input.number : 0;
	if (a.wake != IKE_NEVER)
		a.wake -= seen->input.now;
	return a;
}

static bool same_actions(const struct keepalive_actions *a, const struct keepalive_actions *b)
{
	return a->send_r_u_there == b->send_r_u_there && a->r_u_there == b->r_u_there &&
	       a->send_ack == b->send_ack && a->ack == b->ack && a->wake == b->wake &&
	       a->alive == b->alive && a->alive_number == b->alive_number &&
	       (a->round_trip == IKE_NEVER) == (b->round_trip == IKE_NEVER) &&
	       a->suspect == b->suspect && a->dead == b->dead && a->late == b->late &&
	       a->renew == b->renew && a->proves_life == b->proves_life && a->misses == b->misses &&
	       a->lateness == b->lateness && a->verdict == b->verdict;
}

bool moves_agree(unsigned move, unsigned chance, const struct keepalive_plan *plan,
		 const struct situation *situation)
{
	struct situation_key key = moves_key(situation, plan), one_key, other_key;
	struct situation one = *situation, other = moves_representative(&key);
	struct seen one_seen, other_seen;
	bool one_stepped = moves_make(move, chance, plan, &one, &one_seen);
	bool other_stepped = moves_make(move, chance, plan, &other, &other_seen);
	struct keepalive_actions one_did, other_did;

	one_key = moves_key(&one, plan);
	other_key = moves_key(&other, plan);
	if (one_stepped != other_stepped || memcmp(&one_key, &other_key, sizeof(one_key)) != 0)
		return false;
	if (!one_stepped)
		return true;
	one_did = relative_actions(&one_seen);
	other_did = relative_actions(&other_seen);
	return same_actions(&one_did, &other_did);
}
