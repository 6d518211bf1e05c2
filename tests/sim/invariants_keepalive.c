/* SPDX-License-Identifier: ISC */
/*
 * invariants_keepalive.c - when a peer is dead, what is asked, and what is answered.
 *
 * The engine's own record of when life was last proved is not trusted: tracks (track.h) keep another, made from what the network
 * really delivered.  The two bounds of a death are held against them.
 */
#include <string.h>

#include "ike/notify.h"
#include "keepalive/message.h"
#include "keepalive/sequence.h"
#include "tests/sim/invariants.h"

#define SERVED_LATE                                                                                \
	(3 * IKE_MILLISECOND) /* the wheel's tick is a millisecond, rounded up twice at most */
#define TOLERANCE    (10 * IKE_MILLISECOND) /* of the printed bound: some ticks of the wheel */
#define LATENESS     IKE_SECOND       /* rule 7 of liveness.c: later than a second and a retry */
#define HINT_SPACING (5 * IKE_SECOND) /* rule 9 */

static ike_time later(ike_time a, ike_time b)
{
	return a > b ? a : b;
}

static struct track *track_of(struct node *node, const struct ike_sa *sa)
{
	return track_get(&node->tracks, sa->cky_i, sa->cky_r);
}

static bool is_watched(const struct ike_sa *sa, const struct keepalive_peer *peer,
		       const struct keepalive_plan *plan)
{
	return sa->state == IKE_SA_ESTABLISHED && !sa->superseded && peer->supported &&
	       !peer->superseded && plan->mode != KEEPALIVE_OFF;
}

/* ---- one step ------------------------------------------------------------------------------------------------------ */

/* Something genuine came through a tunnel: invariants_packets.c has seen to that. */
static bool is_word_of_life(const struct sim *sim)
{
	return sim->word != NULL && sim->word->kind == IKE_COMMAND_HEARD;
}

/*
 * Nothing proves life but a genuine message that arrives for the first time (or Phase 1 itself): no recording, no reflection,
 * nothing forged (R80).
 */
static void only_the_genuine_proves_life(struct sim *sim, struct node *node,
					 const struct keepalive_observation *seen)
{
	bool proved = seen->after->last_heard != seen->before->last_heard &&
		      seen->before->state != KEEPALIVE_DOWN;

	if (proved && !is_word_of_life(sim) &&
	    (sim->arriving == NULL || sim->provenance != GENUINE))
		sim_fail(sim, "nothing but the genuine proves life", node, "a %s message did",
			 sim->arriving == NULL ? "missing" : provenance_name(sim->provenance));
}

/* An ACK is accepted for a question that was put, and once. */
static void an_ack_is_for_a_question(struct sim *sim, struct node *node, struct track *track,
				     uint32_t number, ike_time now)
{
	struct track_question *question = track_question(track, number);

	if (question == NULL) {
		sim_fail(sim, "an ACK is accepted for an open question only", node,
			 "number %u was never asked", number);
		return;
	}
	if (question->answered)
		sim_fail(sim, "an ACK is accepted for an open question only", node,
			 "number %u was answered before", number);
	question->answered = true;
	track->perhaps = now;
	/* of the present round: put since life was last certain, and since the round began anew */
	if (question->at > track->certain && question->at >= track->fresh_from)
		track->certain = now;
}

/* The next numbers after the last one prove life; others, an insider's, may be answered and prove nothing. */
static void note_question_heard(struct track *track, const struct keepalive_received *received,
				uint32_t number, ike_time now, bool accepted)
{
	uint32_t ahead = number - received->last;

	track->questions_in++;
	if (!accepted)
		return;
	track->perhaps = now;
	if (!received->have_last || (ahead > 0 && ahead <= KEEPALIVE_WINDOW))
		track->certain = now;
}

static void note_what_was_heard(struct sim *sim, struct node *node, struct track *track,
				const struct keepalive_observation *seen)
{
	ike_time now = seen->input->now;
	struct keepalive_message message;

	switch (seen->kind) {
	case KEEPALIVE_SA_UP:
		track->up_at = track->fresh_from = now;
		if (seen->before->state == KEEPALIVE_DOWN)
			track->certain = track->perhaps = now;
		break;
	case KEEPALIVE_SA_SUPERSEDED:
		track->fresh_from = now;
		break;
	case KEEPALIVE_HEARD:
		if (is_word_of_life(sim) || (sim->arriving != NULL && sim->provenance == GENUINE))
			track->certain = track->perhaps = now;
		break;
	case KEEPALIVE_R_U_THERE:
	case KEEPALIVE_ACK:
		if (keepalive_message_parse(seen->input->body, seen->input->notify_type,
					    seen->sa->cky_i, seen->sa->cky_r, KEEPALIVE_INTEROP,
					    &message) != IKE_ACCEPTED)
			break;
		if (seen->kind == KEEPALIVE_R_U_THERE)
			note_question_heard(track, &seen->before->received, message.number, now,
					    seen->answer->verdict == IKE_ACCEPTED);
		else if (seen->answer->verdict == IKE_ACCEPTED)
			an_ack_is_for_a_question(sim, node, track, message.number, now);
		break;
	default:
		break;
	}
}

/*
 * A death is never early: `detect` of silence by what really arrived; a full round, detect - worry, since this node was late;
 * and `misses` questions put since, all unanswered (R87).
 */
static void no_death_is_early(struct sim *sim, struct node *node, const struct track *track,
			      const struct keepalive_plan *plan,
			      const struct keepalive_observation *seen)
{
	static const char *const name = "no death is earlier than promised";
	ike_time now = seen->input->now;
	uint32_t asked = track_asked_since(track, later(track->certain, track->fresh_from));

	sim->tally.deaths++;
	if (sim->well && progress_is_expected(sim, node, seen->sa->peer))
		sim_fail(sim, "what is well stays well", node, "a death on a good network");
	if (now - track->certain < plan->detect)
		sim_fail(sim, name, node, "dead after %.3f s of silence, promised %.3f s",
			 (double)(now - track->certain) / 1e6, (double)plan->detect / 1e6);
	if (track->late_at != 0 && now - track->late_at < plan->detect - plan->worry)
		sim_fail(sim, name, node, "this node was late %.3f s before, a round takes %.3f s",
			 (double)(now - track->late_at) / 1e6,
			 (double)(plan->detect - plan->worry) / 1e6);
	if (asked < plan->misses)
		sim_fail(sim, name, node, "after %u questions of %u", asked, plan->misses);
	if (plan->mode == KEEPALIVE_OFF || !seen->before->supported || seen->before->superseded)
		sim_fail(sim, name, node, "nobody was to be asked there");
}

/* A hint begins a round, at most one in five seconds (or one retry); it does nothing else. */
static void hints_are_spaced(struct sim *sim, struct node *node, struct track *track,
			     const struct keepalive_plan *plan,
			     const struct keepalive_observation *seen)
{
	ike_time now = seen->input->now;

	if (seen->answer->actions > 0 && seen->after->asked_since != seen->before->asked_since) {
		if (track->hinted_at != 0 &&
		    now - track->hinted_at < later(plan->retry, HINT_SPACING))
			sim_fail(sim, "hints are spaced", node, "two within %.3f s",
				 (double)(now - track->hinted_at) / 1e6);
		track->hinted_at = now;
	}
	if (seen->after->last_heard != seen->before->last_heard ||
	    seen->after->state == KEEPALIVE_DEAD)
		sim_fail(sim, "hints are spaced", node, "a hint changed what is known of the peer");
}

/* An ACK echoes the question that has just arrived, and answers nothing else: never an ACK (R28, R45). */
static void acks_answer_questions(struct sim *sim, struct node *node, struct track *track,
				  const struct keepalive_observation *seen,
				  const struct ike_extension_action *action)
{
	static const char *const name = "only questions are answered, by their number";
	const uint8_t *asked = seen->input->body.data + KEEPALIVE_BODY_LENGTH - 4;

	if (seen->kind != KEEPALIVE_R_U_THERE)
		sim_fail(sim, name, node, "an ACK to input %d", (int)seen->kind);
	else if (memcmp(asked, action->body + KEEPALIVE_BODY_LENGTH - 4, 4) != 0)
		sim_fail(sim, name, node, "an ACK with another number");
	if (++track->acks_out > track->questions_in)
		sim_fail(sim, name, node, "more ACKs than questions");
}

void invariant_keepalive_step(struct sim *sim, struct node *node, const struct keepalive_plan *plan,
			      const struct keepalive_observation *seen)
{
	struct track *track = track_of(node, seen->sa);

	sim->steps_of_word++;
	only_the_genuine_proves_life(sim, node, seen);
	note_what_was_heard(sim, node, track, seen);
	if (seen->kind == KEEPALIVE_HINT)
		hints_are_spaced(sim, node, track, plan, seen);
	for (size_t i = 0; i < seen->answer->actions; i++) {
		const struct ike_extension_action *action = &seen->answer->action[i];

		if (action->kind == IKE_EXTENSION_DECLARE_DEAD)
			no_death_is_early(sim, node, track, plan, seen);
		else if (action->kind == IKE_EXTENSION_SEND_NOTIFY &&
			 action->notify_type == IKE_NOTIFY_R_U_THERE_ACK)
			acks_answer_questions(sim, node, track, seen, action);
		else if (action->kind == IKE_EXTENSION_SEND_NOTIFY)
			track_ask(track, seen->after->sent.next - 1, seen->input->now);
	}
	/* R1, and an SA that a newer one has superseded */
	if (seen->after->sent.next != seen->before->sent.next &&
	    seen->before->state != KEEPALIVE_DOWN &&
	    (!seen->before->supported || seen->before->superseded))
		sim_fail(sim, "only a peer with the vendor ID, on the SA in use, is asked", node,
			 "number %u", seen->before->sent.next);
}

/* ---- late, or not -------------------------------------------------------------------------------------------------- */

void invariant_note_lateness(struct sim *sim, struct node *node)
{
	ike_time now = later(node_time(sim, node), node->core->now);

	for (unsigned i = 0; i < node->view.sas; i++) {
		const struct view_sa *view = &node->view.sa[i];
		const struct keepalive_peer_settings *settings = &node->plan->keepalive[view->peer];
		const struct keepalive_peer *peer;
		const struct ike_sa *sa;
		struct track *track;
		ike_time wake;

		if (view->state != IKE_SA_ESTABLISHED)
			continue;
		sa = view_core_sa(node->core, view);
		wake = host_sa_wake(node->core, sa);
		if (wake == IKE_NEVER || now <= wake + SERVED_LATE)
			continue;
		track = track_of(node, sa);
		track->tardy_at = now;
		/* once until life is proved; that it is once, the exhaustive test of the machine shows */
		peer = (const struct keepalive_peer *)(const void *)sa->extension;
		if (!peer->excused && now - wake > later(settings->plan.retry, LATENESS))
			track->late_at = track->fresh_from = now;
	}
}

/*
 * No death is later than printed: whoever is watched and was not heard for `detect`, although this node ran in time, is dead.
 * That is completeness as well: a peer that is gone, or cut off, does not stay.
 */
void invariant_no_death_is_late(struct sim *sim, struct node *node)
{
	ike_time now = node->core->now;

	for (unsigned i = 0; i < node->view.sas; i++) {
		const struct view_sa *view = &node->view.sa[i];
		const struct keepalive_plan *plan = &node->plan->keepalive[view->peer].plan;
		const struct keepalive_peer *peer;
		const struct ike_sa *sa;
		struct track *track;
		ike_time since;
		bool asking;

		if (view->state != IKE_SA_ESTABLISHED)
			continue;
		sa = view_core_sa(node->core, view);
		peer = (const void *)sa->extension;
		if (!is_watched(sa, peer, plan))
			continue;
		track = track_of(node, sa);
		if (peer->last_heard > track->perhaps)
			sim_fail(sim, "nothing but the genuine proves life", node,
				 "heard at %.3f, at most at %.3f", (double)peer->last_heard / 1e6,
				 (double)track->perhaps / 1e6);
		asking = peer->state == KEEPALIVE_ASKING || peer->state == KEEPALIVE_SUSPECT;
		if (plan->mode == KEEPALIVE_ON_DEMAND && !asking)
			continue;
		since = later(later(peer->last_heard, track->tardy_at), track->up_at);
		if (plan->mode == KEEPALIVE_ON_DEMAND)
			since = later(since, peer->asked_since);
		if (now > since + plan->detect + TOLERANCE)
			sim_fail(sim, "no death is later than printed", node,
				 "silent for %.3f s, printed %.3f s", (double)(now - since) / 1e6,
				 (double)plan->detect / 1e6);
	}
}

/* ---- numbers ------------------------------------------------------------------------------------------------------- */

static void check_question(struct sim *sim, struct node *node, struct track *track,
			   struct octets body)
{
	static const char *const name = "every question has the next number and a new message ID";
	struct keepalive_message message;
	struct track_question *question;

	if (keepalive_message_parse(body, IKE_NOTIFY_R_U_THERE, track->cky_i, track->cky_r,
				    KEEPALIVE_STRICT, &message) != IKE_ACCEPTED) {
		sim_fail(sim, name, node, "a malformed R-U-THERE");
		return;
	}
	question = track_question(track, message.number);
	if (question == NULL)
		sim_fail(sim, name, node, "number %u was not asked for", message.number);
	if (track->questions > 1 && question != NULL) {
		struct track_question *last = track_question(track, message.number - 1);

		if (last == NULL && track->question[0].number != message.number &&
		    track->questions < TRACK_QUESTIONS)
			sim_fail(sim, name, node, "number %u does not follow one", message.number);
	}
}

/*
 * Every protected message of ours has a message ID of its own under its SA (else an IV comes twice), and every R-U-THERE the
 * next number.
 */
void invariant_numbers_go_up(struct sim *sim, struct node *node, const struct ike_datagram *out)
{
	struct octets plain = octets_of(out->plain, out->plain_length);
	struct ike_message message;
	struct ike_notify notify;
	struct track *track;

	if (plain.length <= IKE_HEADER_LENGTH || plain.data[18] != IKE_EXCHANGE_INFORMATIONAL)
		return;
	if (ike_header_parse(plain, &message.header) != IKE_ACCEPTED ||
	    ike_payloads_parse(
		octets_of(plain.data + IKE_HEADER_LENGTH, plain.length - IKE_HEADER_LENGTH), false,
		0, &message) != IKE_ACCEPTED ||
	    message.payloads != 2) {
		if (node->misbehaves)
			return;
		sim_fail(sim, "every message of ours is well-formed", node, "%zu octets",
			 plain.length);
		return;
	}
	track = track_get(&node->tracks, message.header.cky_i, message.header.cky_r);
	if (!track_use_message_id(track, message.header.message_id))
		sim_fail(sim, "every question has the next number and a new message ID", node,
			 "message ID %08x comes twice", message.header.message_id);
	if (!node->misbehaves && message.payload[1].type == IKE_PAYLOAD_NOTIFY &&
	    ike_notify_parse(message.payload[1].body, &notify) == IKE_ACCEPTED &&
	    notify.type == IKE_NOTIFY_R_U_THERE)
		check_question(sim, node, track, message.payload[1].body);
}
