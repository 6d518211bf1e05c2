/* SPDX-License-Identifier: ISC */
/*
 * keepalive_invariants.c - the numbers: what is sent and open, what is answered, what proves life.
 */
#include "tests/support/keepalive_invariants.h"

#include "keepalive/sequence.h"
#include "tests/support/unit.h"

#define HALF 0x80000000

/* ---- what is the same ---------------------------------------------------------------------------------------------- */

static bool same_sent(const struct keepalive_sent *a, const struct keepalive_sent *b)
{
	return a->next == b->next && a->open == b->open;
}

static bool same_received(const struct keepalive_received *a, const struct keepalive_received *b)
{
	return a->answered_at == b->answered_at && a->last == b->last && a->jumped == b->jumped &&
	       a->have_last == b->have_last && a->repeats == b->repeats;
}

bool invariants_same_peer(const struct keepalive_peer *a, const struct keepalive_peer *b)
{
	return a->last_heard == b->last_heard && a->asked_since == b->asked_since &&
	       a->asked_last == b->asked_last && a->wake == b->wake && a->hinted == b->hinted &&
	       a->wanted == b->wanted && same_received(&a->received, &b->received) &&
	       same_sent(&a->sent, &b->sent) && a->asked == b->asked && a->state == b->state &&
	       a->supported == b->supported && a->superseded == b->superseded &&
	       a->excused == b->excused;
}

/* ---- what is sent -------------------------------------------------------------------------------------------------- */

static bool is_open_in(const struct keepalive_sent *sent, uint32_t number)
{
	return sent->next - 1 - number < sent->open;
}

static enum finding r33_first_number(const struct seen *s)
{
	return IF_THEN(begins_sa(s),
		       s->after.sent.next == (s->input.random & ~HALF) && s->after.sent.open == 0);
}

static enum finding r35_plus_one(const struct seen *s)
{
	return IF_THEN(s->actions.send_r_u_there,
		       s->actions.r_u_there == s->before.sent.next &&
			   s->after.sent.next == s->before.sent.next + 1);
}

static enum finding r35_no_gap(const struct seen *s)
{
	return IF_THEN(keeps_sa(s) && !s->actions.send_r_u_there,
		       s->after.sent.next == s->before.sent.next);
}

static enum finding r19_remembered(const struct seen *s)
{
	return IF_THEN(s->actions.send_r_u_there, is_open_in(&s->after.sent, s->actions.r_u_there));
}

static uint32_t oldest(const struct keepalive_sent *sent)
{
	return sent->next - sent->open;
}

/* None that was closed is ever opened again. */
static enum finding open_window(const struct seen *s)
{
	const struct keepalive_sent *sent = &s->after.sent;

	return IF_THEN(keeps_sa(s) && sent->open > 0,
		       sent->open <= KEEPALIVE_WINDOW &&
			   (s->before.sent.open == 0
				? sent->open == 1
				: oldest(sent) - oldest(&s->before.sent) <= s->before.sent.open));
}

static enum finding only_what_is_asked_opens(const struct seen *s)
{
	uint32_t most = s->before.sent.open + s->actions.send_r_u_there;
	uint32_t dropped = most > KEEPALIVE_WINDOW;

	return IF_THEN(keeps_sa(s) && s->input.kind != KEEPALIVE_ACK,
		       s->after.sent.open == most - dropped);
}

static enum finding r46_renewal(const struct seen *s)
{
	bool begins = s->actions.send_r_u_there && s->after.asked == 1;
	bool nearly_used_up = s->before.sent.next >= 0u - KEEPALIVE_LAST_NUMBERS;

	return IF_THEN(nearly_used_up || s->actions.renew,
		       s->actions.renew == (begins && nearly_used_up));
}

/* ---- ACKs that come ------------------------------------------------------------------------------------------------ */

static bool was_open(const struct seen *s)
{
	return is_open_in(&s->before.sent, s->input.number);
}

/* Among the questions of the round that is open. */
static bool was_asked_in_this_round(const struct seen *s)
{
	return is_round(&s->before) && s->before.sent.next - 1 - s->input.number < s->before.asked;
}

static enum finding r29_unasked(const struct seen *s)
{
	bool same = invariants_same_peer(&s->before, &s->after);

	return IF_THEN(is_with_sa(s, KEEPALIVE_ACK) && !was_open(s),
		       same && s->actions.verdict == IKE_KEEPALIVE_UNASKED_ACK &&
			   !s->actions.alive && !s->actions.proves_life);
}

static enum finding r25_accepted(const struct seen *s)
{
	return IF_THEN(is_with_sa(s, KEEPALIVE_ACK) && was_open(s),
		       s->actions.alive && s->actions.alive_number == s->input.number &&
			   s->actions.verdict == IKE_ACCEPTED);
}

/* Nor is any from before it. */
static enum finding r30_only_once(const struct seen *s)
{
	return IF_THEN(is_with_sa(s, KEEPALIVE_ACK) && s->actions.alive,
		       s->after.sent.open == s->before.sent.next - 1 - s->input.number &&
			   !is_open_in(&s->after.sent, s->input.number) &&
			   !is_open_in(&s->after.sent, s->input.number - 1));
}

static enum finding ack_of_this_round(const struct seen *s)
{
	return IF_THEN(is_with_sa(s, KEEPALIVE_ACK) && was_open(s),
		       s->actions.proves_life == was_asked_in_this_round(s));
}

static enum finding round_trip(const struct seen *s)
{
	bool newest = s->actions.alive && s->input.number == s->before.sent.next - 1;

	return IF_THEN(s->actions.alive || s->actions.round_trip != IKE_NEVER,
		       s->actions.round_trip ==
			   (newest ? s->input.now - s->before.asked_last : IKE_NEVER));
}

static enum finding alive_by_ack_only(const struct seen *s)
{
	return IF_THEN(s->actions.alive, is_with_sa(s, KEEPALIVE_ACK));
}

static enum finding r45_acks_are_not_answered(const struct seen *s)
{
	return IF_THEN(s->input.kind != KEEPALIVE_R_U_THERE, !s->actions.send_ack);
}

/* ---- questions that come ------------------------------------------------------------------------------------------- */

static bool is_question(const struct seen *s)
{
	return is_with_sa(s, KEEPALIVE_R_U_THERE);
}

/* How far ahead of the last one. */
static uint32_t ahead(const struct seen *s)
{
	return s->input.number - s->before.received.last;
}

static bool is_first(const struct seen *s)
{
	return is_question(s) && !s->before.received.have_last;
}

static bool is_later(const struct seen *s)
{
	return is_question(s) && s->before.received.have_last;
}

static bool is_next_in_line(const struct seen *s)
{
	return is_later(s) && ahead(s) >= 1 && ahead(s) <= KEEPALIVE_WINDOW;
}

static bool is_jump(const struct seen *s)
{
	return is_later(s) && ahead(s) > KEEPALIVE_WINDOW && ahead(s) < HALF;
}

static bool is_strict(const struct seen *s)
{
	return s->plan->strictness == KEEPALIVE_STRICT;
}

static enum finding r4_answered(const struct seen *s)
{
	return IF_THEN(is_first(s) || is_next_in_line(s),
		       s->actions.send_ack && s->actions.verdict == IKE_ACCEPTED);
}

static enum finding r28_same_number(const struct seen *s)
{
	return IF_THEN(s->actions.send_ack, is_question(s) && s->actions.ack == s->input.number);
}

static enum finding r41_fresh_is_life(const struct seen *s)
{
	return IF_THEN(is_question(s),
		       s->actions.proves_life == (is_first(s) || is_next_in_line(s)));
}

static enum finding r37_remembered(const struct seen *s)
{
	return IF_THEN(is_question(s) && s->actions.proves_life,
		       s->after.received.have_last && s->after.received.last == s->input.number &&
			   s->after.received.repeats == 0);
}

/* Whatever was heard lies behind, and so is old for ever. */
static enum finding last_never_goes_back(const struct seen *s)
{
	uint32_t moved = s->after.received.last - s->before.received.last;

	return IF_THEN(is_later(s), moved == 0 || (moved == ahead(s) && moved < HALF));
}

static enum finding r38_strict(const struct seen *s)
{
	bool out_of_line = is_later(s) && ahead(s) != 0 && !is_next_in_line(s);

	return IF_THEN(is_strict(s) && out_of_line,
		       !s->actions.send_ack && s->actions.verdict == IKE_KEEPALIVE_OLD_NUMBER &&
			   s->after.received.last == s->before.received.last);
}

/* Jumps count for what they are at least, and all together stay below 2^31. */
static enum finding jumps_are_bounded(const struct seen *s)
{
	uint64_t room = (uint64_t)(s->after.received.jumped - s->before.received.jumped) << 16;
	bool moved = s->after.received.last != s->before.received.last;

	return IF_THEN(is_jump(s), s->after.received.jumped <= KEEPALIVE_JUMPS &&
				       s->after.received.jumped >= s->before.received.jumped &&
				       (!moved || room >= ahead(s)));
}

static enum finding interop_follows_a_jump(const struct seen *s)
{
	uint32_t left = KEEPALIVE_JUMPS - s->before.received.jumped;

	return IF_THEN(is_jump(s) && !is_strict(s) && ahead(s) >> 16 < left,
		       s->actions.send_ack && s->after.received.last == s->input.number);
}

static bool is_known(const struct seen *s)
{
	return is_later(s) && s->after.received.last == s->before.received.last;
}

/* At most one in a second, and of one number five. */
static enum finding r40_repeats_are_cheap(const struct seen *s)
{
	return IF_THEN(
	    is_known(s) && s->actions.send_ack,
	    s->input.now - s->before.received.answered_at >= IKE_SECOND &&
		s->after.received.answered_at == s->input.now &&
		(ahead(s) != 0 || (s->before.received.repeats < KEEPALIVE_REPEATS &&
				   s->after.received.repeats == s->before.received.repeats + 1)));
}

/* What strongSwan and isakmpd need (section 6 leaves it open). */
static enum finding repeats_are_answered(const struct seen *s)
{
	return IF_THEN(is_later(s) && ahead(s) == 0 &&
			   s->before.received.repeats < KEEPALIVE_REPEATS &&
			   s->input.now - s->before.received.answered_at >= IKE_SECOND,
		       s->actions.send_ack);
}

/* A repeat does not grow young by waiting. */
static enum finding repeats_are_not_forgotten(const struct seen *s)
{
	return IF_THEN(is_known(s), s->after.received.repeats >= s->before.received.repeats &&
					s->after.received.jumped == s->before.received.jumped);
}

static enum finding verdict_of_question(const struct seen *s)
{
	return IF_THEN(is_question(s), s->actions.send_ack == (s->actions.verdict == IKE_ACCEPTED));
}

/* ---- the two directions -------------------------------------------------------------------------------------------- */

static enum finding r32_questions_leave_ours(const struct seen *s)
{
	return IF_THEN(is_question(s) || is_with_sa(s, KEEPALIVE_HEARD),
		       same_sent(&s->before.sent, &s->after.sent));
}

static enum finding r32_all_else_leaves_theirs(const struct seen *s)
{
	return IF_THEN(keeps_sa(s) && s->input.kind != KEEPALIVE_R_U_THERE,
		       same_received(&s->before.received, &s->after.received));
}

static enum finding r36_new_sa_new_numbers(const struct seen *s)
{
	return IF_THEN(begins_sa(s), !s->after.received.have_last && s->after.received.jumped == 0);
}

const struct invariant invariants_of_numbers[] = {
    {"R33, R34: the first number is random, its top bit 0", r33_first_number},
    {"R21, R27, R35: a question has the next number, a retry too", r35_plus_one},
    {"R35: no number is skipped", r35_no_gap},
    {"R19: the number of a question is remembered as open", r19_remembered},
    {"R19: the newest are open, and what was closed stays closed", open_window},
    {"R19: only an ACK closes, only a question opens", only_what_is_asked_opens},
    {"R46: a new Phase 1 is asked for near the end of the numbers, once a round", r46_renewal},
    {"R29, R30: an ACK to nothing that is open touches nothing", r29_unasked},
    {"R25: an ACK to an open question is accepted", r25_accepted},
    {"R30: and closes it and all before it", r30_only_once},
    {"rule 1: an ACK proves life where its question is of this round, and else not",
     ack_of_this_round},
    {"an ACK to the newest question has a round trip, no other", round_trip},
    {"\"alive\" is said of an ACK, and of nothing else", alive_by_ack_only},
    {"R45: nothing but a question is answered", r45_acks_are_not_answered},
    {"R4, R39: a fresh question is answered, in every mode, superseded or not", r4_answered},
    {"R15, R28: an answer has its question's number", r28_same_number},
    {"R41: a fresh question proves life, no other does", r41_fresh_is_life},
    {"R37: the number of a fresh question is remembered", r37_remembered},
    {"R37: the last number never goes back", last_never_goes_back},
    {"R38: strict: nothing beyond the window is answered", r38_strict},
    {"R38: interop: jumps are added up and bounded", jumps_are_bounded},
    {"R38: interop: within the bound, a jump is followed", interop_follows_a_jump},
    {"R40: a repeated or old question costs an answer a second, and five in all",
     r40_repeats_are_cheap},
    {"a repeat is answered, a few times and slowly", repeats_are_answered},
    {"R40: the count of repeats is not forgotten", repeats_are_not_forgotten},
    {"a question is accepted where it is answered", verdict_of_question},
    {"R32: what is received leaves our numbers alone", r32_questions_leave_ours},
    {"R32: whatever else happens leaves the peer's alone", r32_all_else_leaves_theirs},
    {"R36: a new SA knows nothing of the old one's numbers", r36_new_sa_new_numbers},
};
const size_t invariants_of_numbers_count =
    sizeof(invariants_of_numbers) / sizeof(invariants_of_numbers[0]);

/* ---- all of them --------------------------------------------------------------------------------------------------- */

static void say_broken(const struct invariant *invariant, const struct seen *s)
{
	ck_abort_msg("broken: %s; mode %d, %s -> %s, input %d, number %u, at %.6f s",
		     invariant->what, s->plan->mode, keepalive_state_name(s->before.state),
		     keepalive_state_name(s->after.state), s->input.kind, s->input.number,
		     (double)s->input.now / IKE_SECOND);
}

static void check_part(const struct invariant *part, size_t count, uint64_t *applied,
		       const struct seen *seen)
{
	for (size_t i = 0; i < count; i++) {
		enum finding finding = part[i].check(seen);

		if (finding == BROKEN)
			say_broken(&part[i], seen);
		applied[i] += finding == HOLDS;
	}
}

void invariants_check(struct invariant_counts *counts, const struct seen *seen)
{
	check_part(invariants_of_numbers, invariants_of_numbers_count, counts->numbers, seen);
	check_part(invariants_of_time, invariants_of_time_count, counts->time, seen);
}

static void must_apply(const struct invariant *part, size_t count, const uint64_t *applied)
{
	ck_assert_uint_le(count, INVARIANTS_MAX);
	for (size_t i = 0; i < count; i++)
		ck_assert_msg(applied[i] > 0, "never applied: %s", part[i].what);
}

void invariants_must_all_apply(const struct invariant_counts *counts)
{
	must_apply(invariants_of_numbers, invariants_of_numbers_count, counts->numbers);
	must_apply(invariants_of_time, invariants_of_time_count, counts->time);
}
