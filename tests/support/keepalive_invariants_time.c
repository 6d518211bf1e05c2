/* SPDX-License-Identifier: ISC */
/*
 * keepalive_invariants_time.c - who is asked and when, what is life and what is death.
 */
#include "tests/support/keepalive_invariants.h"

static ike_time later(ike_time a, ike_time b)
{
	return a > b ? a : b;
}

static bool unchanged(const struct seen *s)
{
	return invariants_same_peer(&s->before, &s->after);
}

static bool did_nothing(const struct seen *s)
{
	const struct keepalive_actions *a = &s->actions;

	return !a->send_r_u_there && !a->send_ack && !a->alive && !a->suspect && !a->dead &&
	       !a->late && !a->renew && !a->proves_life;
}

static bool is_message(const struct seen *s)
{
	return s->input.kind == KEEPALIVE_HEARD || s->input.kind == KEEPALIVE_R_U_THERE ||
	       s->input.kind == KEEPALIVE_ACK;
}

static ike_time silence(const struct seen *s)
{
	return s->input.now - s->before.last_heard;
}

/* ---- without an SA, and when it comes and goes ----------------------------------------------------------------------- */

static enum finding r43_without_sa(const struct seen *s)
{
	bool keepalive = s->input.kind == KEEPALIVE_R_U_THERE || s->input.kind == KEEPALIVE_ACK;

	return IF_THEN(!had_sa(s) && s->input.kind != KEEPALIVE_SA_UP &&
			   s->input.kind != KEEPALIVE_SA_DOWN,
		       unchanged(s) && did_nothing(s) && s->actions.wake == IKE_NEVER &&
			   s->actions.verdict == (keepalive ? IKE_OUT_OF_STATE : IKE_ACCEPTED));
}

static enum finding begins_alive(const struct seen *s)
{
	bool watched = s->input.supported && s->plan->mode != KEEPALIVE_OFF;

	return IF_THEN(begins_sa(s),
		       s->after.state == (watched ? KEEPALIVE_ALIVE : KEEPALIVE_IDLE) &&
			   s->after.last_heard == s->input.now &&
			   s->after.supported == s->input.supported && !s->after.superseded &&
			   did_nothing(s));
}

static enum finding ends_down(const struct seen *s)
{
	return IF_THEN(s->input.kind == KEEPALIVE_SA_DOWN, s->after.state == KEEPALIVE_DOWN &&
							       s->after.wake == IKE_NEVER &&
							       did_nothing(s));
}

static enum finding superseded_only_answers(const struct seen *s)
{
	return IF_THEN(is_with_sa(s, KEEPALIVE_SA_SUPERSEDED),
		       s->after.superseded && s->after.state == KEEPALIVE_IDLE && did_nothing(s));
}

/* How long it was silent meanwhile is looked at at once. */
static enum finding r36_in_use_again(const struct seen *s)
{
	ike_time due = later(s->before.last_heard + s->plan->worry, s->input.now);
	bool watched = s->before.supported && s->plan->mode != KEEPALIVE_OFF;

	return IF_THEN(is_with_sa(s, KEEPALIVE_SA_UP),
		       !s->after.superseded && did_nothing(s) &&
			   s->after.last_heard == s->before.last_heard &&
			   s->after.state == (watched ? KEEPALIVE_ALIVE : KEEPALIVE_IDLE) &&
			   (!watched || (s->after.wake >= s->input.now && s->after.wake <= due)));
}

static enum finding only_the_engine_supersedes(const struct seen *s)
{
	return IF_THEN(keeps_sa(s) && s->input.kind != KEEPALIVE_SA_UP &&
			   s->input.kind != KEEPALIVE_SA_SUPERSEDED,
		       s->after.superseded == s->before.superseded &&
			   s->after.supported == s->before.supported);
}

/* ---- rules 1 and 2: life, and who may be asked ----------------------------------------------------------------------- */

static enum finding r1_vendor_id(const struct seen *s)
{
	return IF_THEN(s->actions.send_r_u_there || s->actions.dead || s->actions.suspect,
		       could_be_asked(s));
}

static enum finding life_is_noted(const struct seen *s)
{
	return IF_THEN(keeps_sa(s),
		       s->after.last_heard ==
			   (s->actions.proves_life ? s->input.now : s->before.last_heard));
}

static enum finding r17_heard(const struct seen *s)
{
	return IF_THEN(is_with_sa(s, KEEPALIVE_HEARD), s->actions.proves_life);
}

static enum finding life_by_messages_only(const struct seen *s)
{
	return IF_THEN(s->actions.proves_life, is_message(s));
}

static enum finding life_ends_the_round(const struct seen *s)
{
	return IF_THEN(s->actions.proves_life,
		       s->after.state == (was_watched(s) ? KEEPALIVE_ALIVE : KEEPALIVE_IDLE) &&
			   s->after.asked == 0 && !s->after.wanted && !s->actions.send_r_u_there &&
			   !s->actions.suspect && !s->actions.dead);
}

/* A message that proves nothing gains the sender nothing: no other state, no other deadline. */
static enum finding no_life_no_change(const struct seen *s)
{
	return IF_THEN(had_sa(s) && is_message(s) && !s->actions.proves_life,
		       s->after.state == s->before.state && s->after.wake == s->before.wake &&
			   s->after.asked == s->before.asked &&
			   s->after.asked_since == s->before.asked_since &&
			   !s->actions.send_r_u_there);
}

/* ---- rule 3: when a round begins ------------------------------------------------------------------------------------- */

static bool was_quiet(const struct seen *s)
{
	return had_sa(s) && !is_round(&s->before);
}

static enum finding r16_not_while_traffic_flows(const struct seen *s)
{
	ike_time worry = s->plan->worry;

	return IF_THEN(was_quiet(s) && is_due(s) && s->actions.send_r_u_there,
		       silence(s) >= worry - worry / 10);
}

static enum finding periodic_asks_in_time(const struct seen *s)
{
	return IF_THEN(was_quiet(s) && is_due(s) && was_watched(s) &&
			   s->plan->mode == KEEPALIVE_PERIODIC && silence(s) >= s->plan->worry,
		       s->after.state == KEEPALIVE_ASKING && s->actions.send_r_u_there);
}

static enum finding r23_idle_then_traffic(const struct seen *s)
{
	bool silent = s->before.state == KEEPALIVE_IDLE || silence(s) >= s->plan->worry;

	return IF_THEN(was_quiet(s) && was_watched(s) && s->plan->mode == KEEPALIVE_ON_DEMAND &&
			   s->input.kind == KEEPALIVE_WANT_TO_SEND,
		       s->actions.send_r_u_there == silent && (silent || s->after.wanted));
}

static enum finding r24_traffic_then_silence(const struct seen *s)
{
	ike_time worry = s->plan->worry;

	return IF_THEN(was_quiet(s) && is_due(s) && was_watched(s) &&
			   s->plan->mode == KEEPALIVE_ON_DEMAND && silence(s) >= worry - worry / 10,
		       s->actions.send_r_u_there == s->before.wanted &&
			   s->after.state ==
			       (s->actions.send_r_u_there ? KEEPALIVE_ASKING : KEEPALIVE_IDLE));
}

static enum finding traffic_is_noted_on_demand(const struct seen *s)
{
	return IF_THEN(keeps_sa(s) && !s->before.wanted && s->after.wanted,
		       s->input.kind == KEEPALIVE_WANT_TO_SEND &&
			   s->plan->mode == KEEPALIVE_ON_DEMAND);
}

static enum finding off_never_asks(const struct seen *s)
{
	return IF_THEN(s->plan->mode == KEEPALIVE_OFF && s->actions.send_r_u_there,
		       s->input.kind == KEEPALIVE_ASK_NOW);
}

static enum finding asked_by_nobody_else(const struct seen *s)
{
	return IF_THEN(s->actions.send_r_u_there, is_due(s) || s->input.kind == KEEPALIVE_ASK_NOW ||
						      s->input.kind == KEEPALIVE_HINT ||
						      s->input.kind == KEEPALIVE_WANT_TO_SEND);
}

static enum finding a_round_begins_with_one(const struct seen *s)
{
	return IF_THEN(was_quiet(s) && s->actions.send_r_u_there,
		       s->after.state == KEEPALIVE_ASKING && s->after.asked == 1 &&
			   s->after.asked_since == s->input.now);
}

/* ---- rules 4 to 7: in a round ---------------------------------------------------------------------------------------- */

/* Said anew: the later of `detect` after life and of a round's whole length after its beginning. */
static ike_time death_time(const struct seen *s)
{
	return later(s->before.last_heard + s->plan->detect,
		     s->before.asked_since + s->plan->detect - s->plan->worry);
}

static bool was_in_watched_round(const struct seen *s)
{
	return had_sa(s) && is_round(&s->before) && was_watched(s);
}

static bool is_late(const struct seen *s)
{
	return is_due(s) && !s->before.excused &&
	       s->input.now - s->before.wake > later(s->plan->retry, IKE_SECOND);
}

static bool enough_are_unanswered(const struct seen *s)
{
	return s->before.asked >= s->plan->misses;
}

static enum finding r47_one_round(const struct seen *s)
{
	return IF_THEN(had_sa(s) && is_round(&s->before) && s->actions.send_r_u_there &&
			   !is_late(s),
		       (is_due(s) || s->input.kind == KEEPALIVE_ASK_NOW) &&
			   s->after.asked == s->before.asked + 1 &&
			   s->after.asked_since == s->before.asked_since);
}

/* Rule 6 with it: a question, unless it came too shortly before the death that is bound to come. */
static enum finding r21_asks_again(const struct seen *s)
{
	bool hopeless =
	    enough_are_unanswered(s) && s->input.now + s->plan->last_wait > death_time(s);

	return IF_THEN(was_in_watched_round(s) && is_due(s) && !is_late(s),
		       s->actions.send_r_u_there == !hopeless);
}

static enum finding r20_waits(const struct seen *s)
{
	ike_time wait = s->after.wake - s->input.now;
	ike_time retry = s->plan->retry - s->plan->retry / 10;
	ike_time least = retry < s->plan->last_wait ? retry : s->plan->last_wait;
	bool one_more = s->input.kind == KEEPALIVE_ASK_NOW && is_round(&s->before);

	return IF_THEN(is_round(&s->after) && !one_more && (s->actions.send_r_u_there || is_due(s)),
		       s->after.wake > s->input.now &&
			   wait <= s->plan->retry + s->plan->last_wait &&
			   (wait >= least || !s->actions.send_r_u_there));
}

static enum finding suspect_once(const struct seen *s)
{
	return IF_THEN(had_sa(s) && is_round(&s->before) && is_due(s) && !is_late(s) &&
			   was_watched(s),
		       s->actions.suspect == (s->before.state == KEEPALIVE_ASKING) &&
			   s->after.state != KEEPALIVE_ASKING);
}

static enum finding suspect_by_time_only(const struct seen *s)
{
	return IF_THEN(s->actions.suspect || (s->after.state == KEEPALIVE_SUSPECT &&
					      s->before.state != KEEPALIVE_SUSPECT),
		       was_in_watched_round(s) && is_due(s) &&
			   s->before.state == KEEPALIVE_ASKING &&
			   s->actions.misses == s->before.asked);
}

static enum finding r22_death(const struct seen *s)
{
	return IF_THEN(s->actions.dead || (had_sa(s) && s->after.state == KEEPALIVE_DEAD),
		       s->actions.dead && s->after.state == KEEPALIVE_DEAD &&
			   was_in_watched_round(s) && is_due(s) && !is_late(s) &&
			   enough_are_unanswered(s) && s->actions.misses == s->before.asked &&
			   s->actions.silence == silence(s) && !s->actions.send_r_u_there &&
			   s->after.wake == IKE_NEVER);
}

static enum finding not_dead_too_early(const struct seen *s)
{
	return IF_THEN(s->actions.dead,
		       silence(s) >= s->plan->detect && s->input.now - s->before.asked_since >=
							    s->plan->detect - s->plan->worry);
}

static enum finding dead_when_due(const struct seen *s)
{
	return IF_THEN(was_in_watched_round(s) && is_due(s) && !is_late(s) &&
			   enough_are_unanswered(s) && s->input.now >= death_time(s),
		       s->actions.dead);
}

/* The promise: where the timers are served, nobody lives on longer than `detect` after having been heard. */
static enum finding not_dead_too_late(const struct seen *s)
{
	return IF_THEN(s->punctual && was_watched(s) && s->plan->mode == KEEPALIVE_PERIODIC &&
			   s->after.state != KEEPALIVE_DEAD && s->input.kind != KEEPALIVE_SA_DOWN,
		       s->input.now <= s->before.last_heard + s->plan->detect &&
			   (s->input.now < s->before.last_heard + s->plan->detect ||
			    s->actions.proves_life || s->input.kind != KEEPALIVE_TIME ||
			    s->input.now < s->before.wake));
}

static enum finding lateness_is_told(const struct seen *s)
{
	return IF_THEN(s->input.kind == KEEPALIVE_TIME,
		       s->actions.late == is_late(s) &&
			   s->actions.lateness == (is_late(s) ? s->input.now - s->before.wake : 0));
}

static enum finding late_is_no_death(const struct seen *s)
{
	return IF_THEN(was_in_watched_round(s) && is_late(s),
		       s->after.state == KEEPALIVE_ASKING && s->after.asked == 1 &&
			   s->after.asked_since == s->input.now && s->actions.send_r_u_there);
}

/* Only by that, and until life is proved: whoever is always late comes to an end. */
static enum finding excused_once(const struct seen *s)
{
	bool begun_anew = was_in_watched_round(s) && is_late(s);

	return IF_THEN(
	    had_sa(s) && s->input.kind != KEEPALIVE_SA_UP && s->input.kind != KEEPALIVE_SA_DOWN,
	    s->after.excused == (!s->actions.proves_life && (s->before.excused || begun_anew)));
}

/* ---- rules 8 and 9: what others want --------------------------------------------------------------------------------- */

static enum finding ask_now(const struct seen *s)
{
	return IF_THEN(is_with_sa(s, KEEPALIVE_ASK_NOW),
		       s->actions.send_r_u_there == could_be_asked(s) &&
			   (!is_round(&s->before) || s->after.wake == s->before.wake));
}

static enum finding one_question_no_verdict(const struct seen *s)
{
	return IF_THEN(had_sa(s) && is_round(&s->before) && !was_watched(s) && is_due(s),
		       s->after.state == KEEPALIVE_IDLE && !s->actions.dead &&
			   !s->actions.suspect && !s->actions.send_r_u_there);
}

static enum finding hint_spacing(const struct seen *s)
{
	ike_time spacing = later(s->plan->retry, 5 * IKE_SECOND);
	bool may = was_watched(s) && !is_round(&s->before) &&
		   (s->before.hinted == IKE_NEVER || s->input.now - s->before.hinted >= spacing);

	return IF_THEN(is_with_sa(s, KEEPALIVE_HINT),
		       may ? s->actions.send_r_u_there && s->after.hinted == s->input.now
			   : unchanged(s) && did_nothing(s));
}

static enum finding rumours_change_no_death(const struct seen *s)
{
	bool rumour = s->input.kind == KEEPALIVE_HINT || s->input.kind == KEEPALIVE_WANT_TO_SEND;

	return IF_THEN(had_sa(s) && rumour, !s->actions.dead && !s->actions.suspect &&
						!s->actions.proves_life &&
						(!is_round(&s->before) || unchanged(s)));
}

/* ---- deadlines ------------------------------------------------------------------------------------------------------- */

static enum finding too_early_is_nothing(const struct seen *s)
{
	return IF_THEN(is_with_sa(s, KEEPALIVE_TIME) && !is_due(s), unchanged(s) && did_nothing(s));
}

/* Whoever is watched is never forgotten, and nobody else is woken for. */
static enum finding deadline(const struct seen *s)
{
	bool needed = is_round(&s->after) || s->after.state == KEEPALIVE_ALIVE;
	ike_time longest = later(s->plan->worry, s->plan->retry + s->plan->last_wait);

	return IF_THEN(had_sa(s) || s->input.kind == KEEPALIVE_SA_UP,
		       s->actions.wake == s->after.wake && (s->after.wake != IKE_NEVER) == needed &&
			   (!needed || s->after.wake <= s->input.now + longest));
}

static enum finding time_leads_on(const struct seen *s)
{
	return IF_THEN(is_due(s), s->after.wake > s->input.now);
}

static enum finding state_fits(const struct seen *s)
{
	bool watched = s->after.supported && !s->after.superseded && s->plan->mode != KEEPALIVE_OFF;

	return IF_THEN(keeps_sa(s) && s->after.state != KEEPALIVE_DEAD,
		       is_round(&s->after) == (s->after.asked > 0) &&
			   (s->after.state != KEEPALIVE_ALIVE || watched) &&
			   (s->after.state != KEEPALIVE_SUSPECT || watched));
}

static enum finding one_thing_sent(const struct seen *s)
{
	return IF_THEN(s->actions.send_r_u_there, !s->actions.send_ack);
}

const struct invariant invariants_of_time[] = {
    {"R43: without an SA nothing happens", r43_without_sa},
    {"an SA begins with a peer that lives", begins_alive},
    {"an SA that goes leaves nothing behind", ends_down},
    {"R92, rule 2: a superseded SA is not watched", superseded_only_answers},
    {"R63: a superseded SA that is in use again goes on where it was", r36_in_use_again},
    {"nothing that is heard makes an SA superseded or supported", only_the_engine_supersedes},
    {"R1, rule 2: nobody without the vendor ID, nor on a superseded SA, is asked or dead",
     r1_vendor_id},
    {"rule 1: life is noted, and nothing else is", life_is_noted},
    {"R17: what the engine vouches for proves life", r17_heard},
    {"rule 1: only a message proves life", life_by_messages_only},
    {"R25, rule 4: life ends the round", life_ends_the_round},
    {"R40, R80: a message that proves nothing moves nothing", no_life_no_change},
    {"R16, R18, rule 3: nothing is asked while traffic flows", r16_not_while_traffic_flows},
    {"R81, rule 3: periodic: asks when nothing was heard for the worry time",
     periodic_asks_in_time},
    {"R23, rule 3: on demand: asks when there is something to send after silence",
     r23_idle_then_traffic},
    {"R24, rule 3: on demand: asks when there is silence after something to send",
     r24_traffic_then_silence},
    {"rule 3: something to send is noted on demand only", traffic_is_noted_on_demand},
    {"R16, rule 3: off: asks only when told", off_never_asks},
    {"rule 3: nothing else asks", asked_by_nobody_else},
    {"R47: a round begins with one question, now", a_round_begins_with_one},
    {"R47: there is one round, and only time and the user ask more", r47_one_round},
    {"R21, rules 4 and 6: asks again, unless too shortly before death", r21_asks_again},
    {"R21, rule 6: every question gets its wait, and not for long", r20_waits},
    {"R20, rule 4: suspect is said once, when the first is overdue", suspect_once},
    {"rule 4: and by time only", suspect_by_time_only},
    {"R22, rule 5: death is of an open round, of `misses` questions, on time", r22_death},
    {"R87, rule 5: not dead earlier than promised", not_dead_too_early},
    {"rule 5: dead when both are there", dead_when_due},
    {"rule 5: not dead later than promised", not_dead_too_late},
    {"rule 7: lateness is told, and only lateness", lateness_is_told},
    {"R88, rule 7: whoever slept asks anew", late_is_no_death},
    {"R88, rule 7: but once until life is proved", excused_once},
    {"R84, rule 8: the user may ask at any time", ask_now},
    {"R85, rule 8: where nothing is otherwise asked, one question and no verdict",
     one_question_no_verdict},
    {"R91, rule 9: a hint asks, once in five seconds", hint_spacing},
    {"rule 9: no rumour changes a death", rumours_change_no_death},
    {"a deadline that has not come is none", too_early_is_nothing},
    {"whoever is watched has a deadline, and nobody else", deadline},
    {"a deadline that came is followed by a later one", time_leads_on},
    {"a round is open where something was asked, and only who is watched is alive", state_fits},
    {"a question is not answered with one", one_thing_sent},
};
const size_t invariants_of_time_count = sizeof(invariants_of_time) / sizeof(invariants_of_time[0]);
