/* SPDX-License-Identifier: ISC */
/*
 * liveness.c - when a peer is asked, and when it is dead: THE state machine.
 *
 * The rules:
 *
 *  1. Life is proved by an authenticated message that cannot be a recording: an ACK to an open question (R25), a fresh question
 *     of the peer's (R41), or whatever else the engine vouches for (R17).  It is noted as `last_heard`, and nothing else is.
 *  2. A question (R-U-THERE) is put only to a peer that sent the vendor ID (R1), on an SA that no newer one has superseded.
 *  3. Periodic: a round of questions begins when nothing was heard for the worry time, up to a tenth of it earlier so that
 *     many peers do not ask in step.  On demand: it begins only if there is also something to send, be it then (R23) or before,
 *     with nothing heard since (R24).  Off: never.  So nothing is asked while traffic flows (R16, R18).
 *  4. In a round, every `retry` (or up to a tenth earlier) that passes without proof of life brings another question, with a
 *     number of its own (R21, R35).  When the first one is overdue, the peer is suspect.  Proof of life ends the round.
 *  5. The peer is dead when at least `misses` questions of the round are unanswered and `detect` has passed since it was last
 *     heard.  A round that began later than it could have gets all of the time that a round has: detect - worry.
 *  6. The last question is given `last_wait`: none is put later than that before the death, unless there were too few.
 *  7. If this program was late, by more than a retry and more than a second, an open round starts anew: we slept, not the peer.
 *     Once until life is proved: whoever is late with everything, because too many have died at once, must come to an end.
 *  8. The user may ask at any time (2 permitting).  Where nothing is otherwise asked, that is one question and no verdict.
 *  9. A hint (somebody unknown says that the peer has lost its state) begins a round now, at most once in five seconds.  It
 *     brings no death forward.
 * 10. The peer's questions are answered in every mode, vendor ID or not, superseded or not, as long as there is an SA (R4, R43);
 *     an ACK is never answered (R45).
 *
 * One round is open per SA at most (R47).  Deadlines are lazy: proof of life stamps `last_heard`, and the timer that was set
 * for the earlier time finds, when it comes, that it must be set anew.
 *
 * An ACK ends only the round in which its number was asked.  One that comes after its round has ended is accepted, since
 * its number is open, and closes it; but life has been proved by then, and an ACK that somebody held back until now must not
 * prove it once more.
 */
#include "keepalive/keepalive.h"

#include <assert.h>

#include "keepalive/sequence.h"

#define LEAST_LATENESS     IKE_SECOND
#define LEAST_HINT_SPACING (5 * IKE_SECOND)

/* The four of keepalive_step, as one. */
struct step {
	struct keepalive_peer *peer;
	const struct keepalive_plan *plan;
	const struct keepalive_input *input;
	struct keepalive_actions *actions;
};

/* ---- what can be said of a peer ------------------------------------------------------------------------------------ */

static ike_time later(ike_time a, ike_time b)
{
	return a > b ? a : b;
}

/* `most`, or up to a tenth less: jitter never makes anything later than was promised, as in RFC 5880 (R82, R83). */
static ike_time jittered(ike_time most, uint32_t random)
{
	return most - (most / 10 * (random >> 16) >> 16);
}

static bool is_up(const struct keepalive_peer *peer)
{
	return peer->state != KEEPALIVE_DOWN && peer->state != KEEPALIVE_DEAD;
}

static bool round_is_open(const struct keepalive_peer *peer)
{
	return peer->state == KEEPALIVE_ASKING || peer->state == KEEPALIVE_SUSPECT;
}

/* Rule 2 (R1, R92). */
static bool may_be_asked(const struct keepalive_peer *peer)
{
	return peer->supported && !peer->superseded;
}

/* Whether this machine asks of itself, and may find the peer dead. */
static bool is_watched(const struct step *step)
{
	return may_be_asked(step->peer) && step->plan->mode != KEEPALIVE_OFF;
}

static ike_time silence(const struct step *step)
{
	return step->input->now - step->peer->last_heard;
}

/* Rule 5 (R22). */
static ike_time death_time(const struct step *step)
{
	const struct keepalive_plan *plan = step->plan;

	return later(step->peer->last_heard + plan->detect,
		     step->peer->asked_since + (plan->detect - plan->worry));
}

/* Whether a question at `when` would get less than `last_wait`, and enough have been put (rule 6, R86). */
static bool is_too_late_to_ask(const struct step *step, ike_time when)
{
	return step->peer->asked >= step->plan->misses &&
	       when + step->plan->last_wait > death_time(step);
}

/* ---- what can be done about it ------------------------------------------------------------------------------------- */

static void wait_for_worry(struct step *step, ike_time from)
{
	step->peer->wake = from + jittered(step->plan->worry, step->input->random);
}

/* No round is open, or it has just been ended. */
static void settle(struct step *step)
{
	step->peer->asked = 0;
	step->peer->state = KEEPALIVE_IDLE;
	step->peer->wake = IKE_NEVER;
	if (is_watched(step)) {
		step->peer->state = KEEPALIVE_ALIVE;
		wait_for_worry(step, step->peer->last_heard);
	}
}

/* Rule 1 (R25).  While the peer is alive anyway, the deadline may stay as it is: it is early, and is checked when it comes. */
static void life_is_proved(struct step *step)
{
	step->actions->proves_life = true;
	step->peer->last_heard = step->input->now;
	step->peer->wanted = false;
	step->peer->excused = false;
	if (step->peer->state != KEEPALIVE_ALIVE)
		settle(step);
}

/* R19, R27: the number is remembered as open until it is answered. */
static void ask(struct step *step)
{
	step->actions->send_r_u_there = true;
	step->actions->r_u_there = sequence_take(&step->peer->sent);
	step->peer->asked++;
	step->peer->asked_last = step->input->now;
}

/* R21.  Until the next question, or until death when there is no time for another. */
static void wait_for_answer(struct step *step)
{
	ike_time next = step->input->now + jittered(step->plan->retry, step->input->random);
	ike_time death = death_time(step);

	/* Where timers were slow, the last question comes shortly before the death time or after it: it has its wait nonetheless. */
	if (is_too_late_to_ask(step, next))
		next = step->actions->send_r_u_there
			   ? later(death, step->input->now + step->plan->last_wait)
			   : death;
	step->peer->wake = next;
}

/* Only where none is open (R47). */
static void begin_round(struct step *step)
{
	step->actions->renew = sequence_exhausted(&step->peer->sent); /* R46 */
	step->peer->asked = 0;
	step->peer->asked_since = step->input->now;
	step->peer->state = KEEPALIVE_ASKING;
	ask(step);
	wait_for_answer(step);
}

/* R22.  What follows - Delete, recovery - is not this machine's. */
static void die(struct step *step)
{
	step->actions->dead = true;
	step->actions->misses = step->peer->asked;
	step->peer->state = KEEPALIVE_DEAD;
	step->peer->wake = IKE_NEVER;
}

/* ---- the SA -------------------------------------------------------------------------------------------------------- */

/*
 * A superseded SA is in use again, because the newer one is gone.  Its numbers go on where they were (R63): to begin anew under
 * the same keys would make every recording fresh.  How long the peer was silent meanwhile is looked at at once.
 */
static void sa_up_again(struct step *step)
{
	step->peer->superseded = false;
	settle(step);
	if (step->peer->wake < step->input->now)
		step->peer->wake = step->input->now;
}

/* R33: the first number is random; a new SA knows nothing of the one before (R36).  Phase 1 itself has just proved life (R79). */
static void sa_up(struct step *step)
{
	if (is_up(step->peer)) {
		sa_up_again(step);
		return;
	}
	*step->peer = (struct keepalive_peer){
	    .last_heard = step->input->now,
	    .hinted = IKE_NEVER,
	    .supported = step->input->supported,
	};
	sequence_start(&step->peer->sent, step->input->random);
	settle(step);
}

static void sa_down(struct step *step)
{
	*step->peer = (struct keepalive_peer){.state = KEEPALIVE_DOWN, .wake = IKE_NEVER};
}

/* The newer SA asks from now on; what comes in under this one is still answered (strongSwan and jenkins-rekeying agree). */
static void sa_superseded(struct step *step)
{
	step->peer->superseded = true;
	settle(step);
}

/* ---- what is heard ------------------------------------------------------------------------------------------------- */

/*
 * R28: the answer carries the same number.  Rule 10: mode, vendor ID and a newer SA are not looked at (R4, R52, R93).  Only what
 * is fresh proves life (R41, R80).
 */
static void r_u_there(struct step *step)
{
	struct sequence_judgement judgement = sequence_receive(
	    &step->peer->received, step->input->number, step->input->now, step->plan->strictness);

	step->actions->verdict = judgement.verdict;
	step->actions->send_ack = judgement.answer;
	step->actions->ack = step->input->number;
	if (judgement.fresh)
		life_is_proved(step);
}

/*
 * R29, R30: a number that is not open touches nothing, least of all a timer, and proves nothing (R80).  One that was not asked in
 * this round proves nothing, either (R66).  Nothing is sent in answer (R45).
 */
static void ack(struct step *step)
{
	struct keepalive_peer *peer = step->peer;
	uint32_t number = step->input->number;
	uint32_t age = peer->sent.next - 1 - number; /* 0: the newest */

	if (!sequence_is_open(&peer->sent, number)) {
		step->actions->verdict = IKE_KEEPALIVE_UNASKED_ACK;
		return;
	}
	sequence_close(&peer->sent, number);
	step->actions->alive = true;
	step->actions->alive_number = number;
	if (age == 0)
		step->actions->round_trip = step->input->now - peer->asked_last;
	if (age < peer->asked)
		life_is_proved(step);
}

/* Rule 9 (R89, R91): a round, and no more. */
static void hint(struct step *step)
{
	ike_time spacing = later(step->plan->retry, LEAST_HINT_SPACING);
	struct keepalive_peer *peer = step->peer;

	if (!is_watched(step) || round_is_open(peer))
		return;
	if (peer->hinted != IKE_NEVER && step->input->now - peer->hinted < spacing)
		return;
	peer->hinted = step->input->now;
	begin_round(step);
}

/* ---- what is wanted ------------------------------------------------------------------------------------------------ */

/* Rule 3, on demand (R23, R24). */
static void want_to_send(struct step *step)
{
	struct keepalive_peer *peer = step->peer;

	if (step->plan->mode != KEEPALIVE_ON_DEMAND || !is_watched(step) || round_is_open(peer))
		return;
	if (peer->state == KEEPALIVE_IDLE || silence(step) >= step->plan->worry)
		begin_round(step);
	else
		peer->wanted = true;
}

/*
 * Rule 8 (R84).  In an open round this is one more question, and no second round (R47); and the deadline stays: to move it would
 * hide from rule 7 that it has long passed.
 */
static void ask_now(struct step *step)
{
	if (!may_be_asked(step->peer))
		return;
	if (round_is_open(step->peer))
		ask(step);
	else
		begin_round(step);
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

/* Rule 7 (R88). */
static bool was_late(struct step *step)
{
	ike_time lateness = step->input->now - step->peer->wake;

	if (lateness <= later(step->plan->retry, LEAST_LATENESS) || step->peer->excused)
		return false;
	step->actions->late = true;
	step->actions->lateness = lateness;
	return true;
}

/*
 * Rule 3: periodically after the worry time (R81), on demand if something was sent since (R24), and never while traffic
 * flows (R16, R18).
 */
static void time_while_alive(struct step *step)
{
	ike_time worry = step->plan->worry;
	bool interested = step->plan->mode == KEEPALIVE_PERIODIC || step->peer->wanted;

	if (silence(step) < worry - worry / 10) {
		wait_for_worry(step, step->peer->last_heard);
	} else if (interested) {
		begin_round(step);
	} else {
		step->peer->state = KEEPALIVE_IDLE;
		step->peer->wake = IKE_NEVER;
	}
}

/* Rules 4 to 6: suspect when the first question is overdue (R20), dead (R22) and not before (R87), or asked again (R21, R86). */
static void time_in_round(struct step *step)
{
	struct keepalive_peer *peer = step->peer;

	if (peer->state == KEEPALIVE_ASKING) {
		peer->state = KEEPALIVE_SUSPECT;
		step->actions->suspect = true;
		step->actions->misses = peer->asked;
	}
	if (peer->asked >= step->plan->misses && step->input->now >= death_time(step)) {
		die(step);
		return;
	}
	if (!is_too_late_to_ask(step, step->input->now))
		ask(step);
	wait_for_answer(step);
}

static void begin_anew(struct step *step)
{
	step->peer->excused = true;
	begin_round(step);
}

static void time_came(struct step *step)
{
	bool late;

	if (step->input->now < step->peer->wake)
		return;
	late = was_late(step);
	if (!round_is_open(step->peer))
		time_while_alive(step);
	else if (!is_watched(step)) /* rule 8, R85: one question was all */
		settle(step);
	else if (late) /* rule 7, R88 */
		begin_anew(step);
	else
		time_in_round(step);
}

/* ---- one step ------------------------------------------------------------------------------------------------------ */

typedef void (*reaction)(struct step *step);

static const reaction reactions[KEEPALIVE_INPUTS] = {
    [KEEPALIVE_SA_UP] = sa_up,
    [KEEPALIVE_SA_DOWN] = sa_down,
    [KEEPALIVE_SA_SUPERSEDED] = sa_superseded,
    [KEEPALIVE_HEARD] = life_is_proved, /* R17 */
    [KEEPALIVE_R_U_THERE] = r_u_there,
    [KEEPALIVE_ACK] = ack,
    [KEEPALIVE_WANT_TO_SEND] = want_to_send,
    [KEEPALIVE_ASK_NOW] = ask_now,
    [KEEPALIVE_HINT] = hint,
    [KEEPALIVE_TIME] = time_came,
};

void keepalive_step(struct keepalive_peer *peer, const struct keepalive_plan *plan,
		    const struct keepalive_input *input, struct keepalive_actions *actions)
{
	struct step step = {peer, plan, input, actions};

	assert(input->kind < KEEPALIVE_INPUTS);
	assert(plan->detect > plan->worry && plan->misses > 0);
	*actions = (struct keepalive_actions){
	    .wake = IKE_NEVER, .round_trip = IKE_NEVER, .verdict = IKE_ACCEPTED};

	/* Without an SA, and after death, nothing happens until the next SA (R43). */
	if (!is_up(peer) && input->kind != KEEPALIVE_SA_UP && input->kind != KEEPALIVE_SA_DOWN) {
		if (input->kind == KEEPALIVE_R_U_THERE || input->kind == KEEPALIVE_ACK)
			actions->verdict = IKE_OUT_OF_STATE;
		return;
	}
	actions->silence = is_up(peer) ? silence(&step) : 0;
	reactions[input->kind](&step);
	actions->wake = peer->wake;
}

const char *keepalive_state_name(enum keepalive_state state)
{
	static const char *const names[KEEPALIVE_STATES] = {
	    [KEEPALIVE_DOWN] = "down",       [KEEPALIVE_ALIVE] = "alive",
	    [KEEPALIVE_IDLE] = "idle",       [KEEPALIVE_ASKING] = "asking",
	    [KEEPALIVE_SUSPECT] = "suspect", [KEEPALIVE_DEAD] = "dead",
	};

	assert((unsigned)state < KEEPALIVE_STATES);
	return names[state];
}
