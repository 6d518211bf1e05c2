/* SPDX-License-Identifier: ISC */
#include "tests/support/keepalive_transitions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keepalive/sequence.h"
#include "tests/support/keepalive_invariants.h"
#include "tests/support/unit.h"

#define HALF 0x80000000

const char *const transitions_actions[TRANSITIONS_ACTIONS] = {
    "send_r_u_there", "send_ack", "alive", "proves_life", "suspect", "dead", "late"};

const char *const transitions_states[KEEPALIVE_STATES] = {
    [KEEPALIVE_DOWN] = "DOWN",     [KEEPALIVE_ALIVE] = "ALIVE",     [KEEPALIVE_IDLE] = "IDLE",
    [KEEPALIVE_ASKING] = "ASKING", [KEEPALIVE_SUSPECT] = "SUSPECT", [KEEPALIVE_DEAD] = "DEAD",
};

const char *const transitions_inputs[KEEPALIVE_INPUTS] = {
    [KEEPALIVE_SA_UP] = "SA_UP",
    [KEEPALIVE_SA_DOWN] = "SA_DOWN",
    [KEEPALIVE_SA_SUPERSEDED] = "SA_SUPERSEDED",
    [KEEPALIVE_HEARD] = "HEARD",
    [KEEPALIVE_R_U_THERE] = "R_U_THERE",
    [KEEPALIVE_ACK] = "ACK",
    [KEEPALIVE_WANT_TO_SEND] = "WANT_TO_SEND",
    [KEEPALIVE_ASK_NOW] = "ASK_NOW",
    [KEEPALIVE_HINT] = "HINT",
    [KEEPALIVE_TIME] = "TIME",
};

/* ---- conditions ---------------------------------------------------------------------------------------------------- */

static ike_time later(ike_time a, ike_time b)
{
	return a > b ? a : b;
}

static ike_time silence(const struct seen *s)
{
	return s->input.now - s->before.last_heard;
}

/* Of a number that proves nothing: followed ahead, answered again, or not even that. */
static const char *condition_of_odd_number(const struct seen *s, uint32_t ahead)
{
	const struct keepalive_received *received = &s->before.received;
	bool spaced = s->input.now - received->answered_at >= KEEPALIVE_REPEAT_SPACING;
	bool strict = s->plan->strictness == KEEPALIVE_STRICT;

	if (ahead == 0)
		return spaced && received->repeats < KEEPALIVE_REPEATS ? "repeated" : "refused";
	if (strict)
		return "refused";
	if (ahead < HALF && received->jumped + (ahead >> 16) + 1 <= KEEPALIVE_JUMPS)
		return "ahead";
	return spaced ? "repeated" : "refused";
}

static const char *condition_of_question(const struct seen *s)
{
	uint32_t ahead = s->input.number - s->before.received.last;

	if (!s->before.received.have_last || (ahead >= 1 && ahead <= KEEPALIVE_WINDOW))
		return "fresh";
	return condition_of_odd_number(s, ahead);
}

static const char *condition_of_ack(const struct seen *s)
{
	uint32_t age = s->before.sent.next - 1 - s->input.number;

	if (age >= s->before.sent.open)
		return "unasked";
	return is_round(&s->before) && age < s->before.asked ? "of_round" : "open";
}

static bool is_silent(const struct seen *s)
{
	return silence(s) >= s->plan->worry - s->plan->worry / 10;
}

static const char *condition_of_time_in_round(const struct seen *s)
{
	bool enough = s->before.asked >= s->plan->misses;
	ike_time death = later(s->before.last_heard + s->plan->detect,
			       s->before.asked_since + s->plan->detect - s->plan->worry);

	if (enough && s->input.now >= death)
		return "dead";
	return enough && s->input.now + s->plan->last_wait > death ? "hopeless" : "retry";
}

static const char *condition_of_time(const struct seen *s)
{
	bool late;

	if (s->input.now < s->before.wake)
		return "early";
	late =
	    !s->before.excused && s->input.now - s->before.wake > later(s->plan->retry, IKE_SECOND);
	if (is_round(&s->before))
		return late ? "late" : !was_watched(s) ? "over" : condition_of_time_in_round(s);
	if (!is_silent(s))
		return late ? "late_heard" : "heard";
	if (s->plan->mode == KEEPALIVE_ON_DEMAND && !s->before.wanted)
		return late ? "late_unwanted" : "unwanted";
	return late ? "late_silent" : "silent";
}

static const char *condition_of_wish(const struct seen *s)
{
	if (is_round(&s->before) || s->before.state == KEEPALIVE_IDLE)
		return "";
	return silence(s) >= s->plan->worry ? "silent" : "heard";
}

static const char *condition_of_hint(const struct seen *s)
{
	ike_time spacing = later(s->plan->retry, 5 * IKE_SECOND);

	if (is_round(&s->before))
		return "";
	return s->before.hinted == IKE_NEVER || s->input.now - s->before.hinted >= spacing
		   ? "spaced"
		   : "again";
}

static const char *condition_of(const struct seen *s)
{
	if (s->input.kind == KEEPALIVE_SA_UP) {
		if (had_sa(s))
			return "again";
		return s->input.supported ? "vendor_id" : "no_vendor_id";
	}
	if (!had_sa(s))
		return "";
	switch (s->input.kind) {
	case KEEPALIVE_R_U_THERE:
		return condition_of_question(s);
	case KEEPALIVE_ACK:
		return condition_of_ack(s);
	case KEEPALIVE_TIME:
		return condition_of_time(s);
	case KEEPALIVE_WANT_TO_SEND:
		return condition_of_wish(s);
	case KEEPALIVE_HINT:
		return condition_of_hint(s);
	default:
		return "";
	}
}

/* SA_UP decides about the vendor ID itself, and ends what was superseded. */
static enum watch watch_of(const struct seen *s)
{
	bool asked = s->input.kind == KEEPALIVE_SA_UP ? s->after.supported : could_be_asked(s);

	if (had_sa(s) && !asked)
		return WATCH_NOT_ASK;
	return (enum watch)s->plan->mode;
}

static unsigned actions_of(const struct keepalive_actions *a)
{
	const bool done[TRANSITIONS_ACTIONS] = {
	    a->send_r_u_there, a->send_ack, a->alive, a->proves_life, a->suspect, a->dead, a->late};
	unsigned actions = 0;

	for (unsigned i = 0; i < TRANSITIONS_ACTIONS; i++)
		actions |= (unsigned)done[i] << i;
	return actions;
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

void transitions_note(struct transitions *table, const struct seen *seen)
{
	struct transition new = {
	    .from = seen->before.state,
	    .to = seen->after.state,
	    .input = seen->input.kind,
	    .condition = condition_of(seen),
	    .watches = 1u << watch_of(seen),
	    .actions = actions_of(&seen->actions),
	};

	for (size_t i = 0; i < table->count; i++) {
		const struct transition *row = &table->rows[i];

		if (row->from != new.from || row->input != new.input ||
		    row->watches != new.watches || strcmp(row->condition, new.condition) != 0)
			continue;
		if (row->to != new.to || row->actions != new.actions) {
			char one[200], other[200];

			transitions_text(row, one, sizeof(one));
			transitions_text(&new, other, sizeof(other));
			ck_abort_msg("both %s and %s", one, other);
		}
		return;
	}
	if (table->count == TRANSITIONS_MAX)
		ck_abort_msg("more than %d transitions", TRANSITIONS_MAX);
	table->rows[table->count++] = new;
}

static int compare(const void *a, const void *b)
{
	const struct transition *one = a, *other = b;
	int order = (int)one->from - (int)other->from;

	if (order == 0)
		order = (int)one->input - (int)other->input;
	if (order == 0)
		order = strcmp(one->condition, other->condition);
	if (order == 0)
		order = one->watches < other->watches ? -1 : one->watches > other->watches;
	return order;
}

static bool differ_in_watch_alone(const struct transition *one, const struct transition *other)
{
	return one->from == other->from && one->to == other->to && one->input == other->input &&
	       strcmp(one->condition, other->condition) == 0 && one->actions == other->actions;
}

void transitions_finish(struct transitions *table)
{
	size_t kept = 0;

	for (size_t i = 0; i < table->count; i++) {
		size_t same = 0;

		while (same < kept && !differ_in_watch_alone(&table->rows[same], &table->rows[i]))
			same++;
		if (same < kept)
			table->rows[same].watches |= table->rows[i].watches;
		else
			table->rows[kept++] = table->rows[i];
	}
	table->count = kept;
	qsort(table->rows, kept, sizeof(table->rows[0]), compare);
}

void transitions_text(const struct transition *row, char *text, size_t length)
{
	size_t used =
	    (size_t)snprintf(text, length, "%s %s%s%s -> %s:", transitions_states[row->from],
			     transitions_inputs[row->input], row->condition[0] != '\0' ? " " : "",
			     row->condition, transitions_states[row->to]);

	for (unsigned i = 0; i < TRANSITIONS_ACTIONS; i++) {
		if ((row->actions >> i & 1) != 0 && used < length)
			used += (size_t)snprintf(text + used, length - used, " %s",
						 transitions_actions[i]);
	}
	ck_assert_uint_lt(used, length);
}
