/* SPDX-License-Identifier: ISC */
/*
 * invariants.c - who may change what: authentication, forged and repeated messages, INITIAL-CONTACT.
 */
#include "tests/sim/invariants.h"

#include <string.h>

/* ---- who really took part ------------------------------------------------------------------------------------------ */

static uint64_t keys_of(const struct ike_sa *sa)
{
	struct fingerprint print = {0};

	/* the last block comes later */
	fingerprint_octets(&print, sa->keys, (size_t)(sa_last_block(sa) - sa->keys));
	return print.value;
}

/*
 * No SA without authentication on both sides: whoever holds an established SA shares its keys and its secret with the node that
 * the SA names, that node computed them itself in the other role, and whoever hears the last message had one who sent it: the
 * initiator of Main Mode, the responder of Aggressive Mode.
 */
/* Who hears a proof in Aggressive Mode before the other has computed what follows from it: the other has answered, at least. */
static bool has_answered(const struct sim *sim, unsigned node, const struct view_sa *sa)
{
	for (size_t i = sim->network.sents; i-- > 0;) {
		const struct sent *sent = &sim->network.sent[i];

		if (sent->by == node && sent->length > IKE_HEADER_LENGTH &&
		    sent->data[18] == IKE_EXCHANGE_AGGRESSIVE &&
		    memcmp(sent->data, sa->cky_i, IKE_COOKIE_LENGTH) == 0 &&
		    memcmp(sent->data + IKE_COOKIE_LENGTH, sa->cky_r, IKE_COOKIE_LENGTH) == 0)
			return true;
	}
	return false;
}

static void both_sides_took_part(struct sim *sim, struct node *node, const struct view_sa *sa,
				 struct ledger_entry *own)
{
	static const char *const name = "no SA without authentication on both sides";
	const struct ledger_entry *other = ledger_other(&sim->ledger, own);

	own->established = true;
	sim->tally.established++;
	if (other == NULL && sa->aggressive && sa->initiator) {
		if (!has_answered(sim, sa->with, sa))
			sim_fail(sim, name, node, "nobody has answered");
	} else if (other == NULL)
		sim_fail(sim, name, node, "nobody else has its keys");
	else if (other->keys != own->keys || other->secret != own->secret)
		sim_fail(sim, name, node, "node %u has other keys", other->node);
	else if (other->node != sa->with)
		sim_fail(sim, name, node, "it names node %u, and is node %u's", sa->with,
			 other->node);
	else if (own->initiator != sa->aggressive && !other->established)
		sim_fail(sim, name, node, "its %s has not established it",
			 sa->aggressive ? "initiator" : "responder");
	else if (other->node == node->number)
		sim_fail(sim, name, node, "with itself");
}

static void note_keys(struct sim *sim, struct node *node, const struct view_sa *sa)
{
	const struct ike_sa *core_sa = view_core_sa(node->core, sa);
	struct ledger_entry *entry = ledger_note(&sim->ledger, sa->cky_i, sa->cky_r, node->number,
						 node->incarnation, keys_of(core_sa));

	entry->initiator = sa->initiator;
	entry->secret = node->plan->peer[sa->peer].secret;
	if (sa->state == IKE_SA_ESTABLISHED && !entry->established)
		both_sides_took_part(sim, node, sa, entry);
}

/* The SA as it was before the verb: an initiator's had no responder cookie before MM2. */
static const struct view_sa *earlier(const struct view *before, const struct view_sa *sa)
{
	static const uint8_t none[IKE_COOKIE_LENGTH];
	const struct view_sa *found = view_find(before, sa->cky_i, sa->cky_r);

	return found != NULL || !sa->initiator ? found : view_find(before, sa->cky_i, none);
}

static bool is_still_there(const struct view *now, const struct view_sa *sa)
{
	for (unsigned i = 0; i < now->sas; i++)
		if (memcmp(now->sa[i].cky_i, sa->cky_i, IKE_COOKIE_LENGTH) == 0 &&
		    now->sa[i].initiator == sa->initiator &&
		    (sa->initiator || memcmp(now->sa[i].cky_r, sa->cky_r, IKE_COOKIE_LENGTH) == 0))
			return true;
	return false;
}

/* ---- what became of each SA ---------------------------------------------------------------------------------------- */

static void cover(struct sim *sim, enum sa_change change)
{
	coverage_add(sim->coverage, COVER_SA, change);
}

static void cover_change(struct sim *sim, const struct view_sa *old, const struct view_sa *sa)
{
	bool came_up =
	    sa->state == IKE_SA_ESTABLISHED && (old == NULL || old->state != IKE_SA_ESTABLISHED);

	if (old == NULL)
		cover(sim, sa->initiator ? SA_CALLED : SA_WAS_CALLED);
	if (came_up && sa->superseded)
		cover(sim, sa->initiator ? SA_INITIATOR_GAVE_WAY : SA_RESPONDER_GAVE_WAY);
	else if (came_up)
		cover(sim, sa->initiator ? SA_INITIATOR_UP : SA_RESPONDER_UP);
	if (old == NULL || old->state != IKE_SA_ESTABLISHED)
		return;
	if (old->superseded != sa->superseded)
		cover(sim, sa->superseded ? SA_SUPERSEDED : SA_PROMOTED);
	if (old->renewing != sa->renewing)
		cover(sim, sa->renewing ? SA_RENEWING : SA_RENEWAL_FAILED);
}

static void cover_gone(struct sim *sim, const struct view_sa *old)
{
	cover(sim, old->state == IKE_SA_NEGOTIATING ? SA_GONE_NEGOTIATING
		   : old->superseded                ? SA_GONE_SUPERSEDED
						    : SA_GONE_IN_USE);
}

void invariants_after_verb(struct sim *sim, struct node *node, enum verb verb,
			   const struct view *before)
{
	node->window_inputs += verb == VERB_INPUT;
	if (verb == VERB_COMMAND)
		node->window_inputs += node->plan->settings.peers;
	for (unsigned i = 0; i < node->view.sas; i++) {
		const struct view_sa *sa = &node->view.sa[i];
		const struct view_sa *old = earlier(before, sa);

		cover_change(sim, old, sa);
		if (sa->keyed && (old == NULL || !old->keyed || old->state != sa->state))
			note_keys(sim, node, sa);
	}
	for (unsigned i = 0; i < before->sas; i++)
		if (!is_still_there(&node->view, &before->sa[i]))
			cover_gone(sim, &before->sa[i]);
	invariants_of_pairs(sim, node, verb, before);
	invariant_mappings_are_kept(sim, node);
	if (verb == VERB_INPUT)
		invariant_answers_are_few(sim, node, before);
	invariant_tables_are_sound(sim, node);
}

/* ---- what an input may change -------------------------------------------------------------------------------------- */

static bool is_encrypted(struct octets message)
{
	return message.length >= IKE_HEADER_LENGTH &&
	       (message.data[IKE_HEADER_FLAGS_AT] & IKE_FLAG_ENCRYPTION) != 0;
}

static bool is_phase_1(struct octets message)
{
	return message.length >= IKE_HEADER_LENGTH && ike_exchange_is_phase_1(message.data[18]);
}

/*
 * MM5 and MM6 with something wrong behind what HASH_I and HASH_R cover (a vendor ID, INITIAL-CONTACT, padding), or in the header,
 * which they do not cover either.  RFC 2409 leaves it at that; whether both sides have authenticated is looked at all the same.
 */
static bool is_uncovered(const struct sim *sim, const struct flight *flight,
			 enum ike_verdict verdict)
{
	const struct sent *sent;
	size_t at = 0;

	if (!is_phase_1(sim->message) || !is_encrypted(sim->message) || verdict != IKE_ACCEPTED)
		return false;
	if (sim->message.data != flight->data)
		return wholes_differs_uncovered(sim, sim->message);
	if (flight->sent == FLIGHT_FORGED)
		return false;
	sent = &sim->network.sent[flight->sent];
	while (at < flight->length && at < sent->length && flight->data[at] == sent->data[at])
		at++;
	return at < IKE_HEADER_LENGTH || at >= sent->covered;
}

/*
 * Nothing unauthenticated changes state: not what is in the clear, not what was altered, forged, misplaced or heard before.
 * A hint may begin a round of questions; an old message may be remembered, and answered again.
 */
static void nothing_unauthenticated_changes_state(struct sim *sim, struct node *node,
						  const struct flight *flight,
						  enum ike_verdict verdict,
						  const struct view *before)
{
	static const char *const name = "nothing unauthenticated changes state";
	const char *what = provenance_name(sim->provenance);
	bool genuine = sim->provenance == GENUINE && is_encrypted(sim->message);

	if (genuine || is_uncovered(sim, flight, verdict))
		return;
	if (node->view.sacred != before->sacred)
		sim_fail(sim, name, node, "a %s message, %s, changed an SA", what,
			 ike_verdict_name(verdict));
	if (node->view.asking != before->asking && !sim->hinted)
		sim_fail(sim, name, node, "a %s message, %s, moved a deadline", what,
			 ike_verdict_name(verdict));
	if (node->view.memory != before->memory && !sim->hinted && sim->provenance != REPLAYED)
		sim_fail(sim, name, node, "a %s message, %s, was remembered", what,
			 ike_verdict_name(verdict));
}

/*
 * A repeated message has no effect: no SA, no deadline, no negotiation is moved by it; at most its answer is given again.  The
 * clear messages of a negotiation that is long forgotten may begin it once more, up to where only its parties can go on.
 */
static void nothing_happens_twice(struct sim *sim, struct node *node, enum ike_verdict verdict,
				  const struct view *before)
{
	static const char *const name = "a repeated message has no effect";
	bool negotiation = is_phase_1(sim->message) && !is_encrypted(sim->message) && !sim->at_once;

	if (sim->provenance != REPLAYED)
		return;
	if (node->view.sacred != before->sacred ||
	    (node->view.asking != before->asking && !sim->hinted))
		sim_fail(sim, name, node, "%s", ike_verdict_name(verdict));
	if (!negotiation &&
	    (node->view.halfway != before->halfway || node->view.sas != before->sas))
		sim_fail(sim, name, node, "%s, and a negotiation moved", ike_verdict_name(verdict));
	if (node->view.outputs > before->outputs + 1)
		sim_fail(sim, name, node, "answered by %u messages",
			 node->view.outputs - before->outputs);
}

/* Nothing that was altered, or made without the keys, is accepted under an established SA. */
static void nothing_forged_is_accepted(struct sim *sim, struct node *node,
				       const struct flight *flight, enum ike_verdict verdict,
				       const struct view *before)
{
	const struct view_sa *sa;

	if (sim->provenance != ALTERED && sim->provenance != FORGED)
		return;
	if (flight->length < IKE_HEADER_LENGTH || verdict != IKE_ACCEPTED)
		return;
	sa = view_find(before, flight->data, flight->data + IKE_COOKIE_LENGTH);
	if (sa != NULL && sa->state == IKE_SA_ESTABLISHED)
		sim_fail(sim, "nothing forged is accepted", node, "a %s one was",
			 provenance_name(sim->provenance));
}

/* A fragment that completes nothing is put aside, and that is all (R125). */
static void a_fragment_moves_nothing(struct sim *sim, struct node *node, enum ike_verdict verdict,
				     const struct view *before)
{
	const struct scenario_faults *faults = &sim->scenario->faults;

	/* nobody but their sender has had them in his hands */
	if (sim->message.data != sim->arriving->data && sim->provenance == ALTERED &&
	    faults->attacks == 0 && faults->damaged == 0)
		sim_fail(sim, "fragments are put together as they were cut", node, "%s",
			 ike_verdict_name(verdict));
	if (sim->provenance != PIECE)
		return;
	if (node->view.halfway != before->halfway || node->view.sas != before->sas)
		sim_fail(sim, "a fragment alone moves nothing", node, "a negotiation moved");
	if (verdict == IKE_ACCEPTED && node->view.outputs > before->outputs)
		sim_fail(sim, "a fragment alone moves nothing", node, "it was answered");
}

void invariants_after_input(struct sim *sim, struct node *node, const struct flight *flight,
			    enum ike_verdict verdict, const struct view *before)
{
	nothing_forged_is_accepted(sim, node, flight, verdict, before);
	nothing_unauthenticated_changes_state(sim, node, flight, verdict, before);
	nothing_happens_twice(sim, node, verdict, before);
	a_fragment_moves_nothing(sim, node, verdict, before);
}

/* ---- why an SA went ------------------------------------------------------------------------------------------------ */

/* INITIAL-CONTACT is obeyed once per carrier (R117). */
static void contact_is_obeyed_once(struct sim *sim, struct node *node,
				   const struct ike_event *event)
{
	struct track *track = track_get(&node->tracks, event->cky_i, event->cky_r);

	if (++track->contacts > 1)
		sim_fail(sim, "INITIAL-CONTACT removes only what it may", node,
			 "obeyed twice under one SA");
}

static bool has_obeyed_just_now(const struct node *node, const struct view_sa *gone)
{
	for (unsigned i = 0; i < node->view.sas; i++) {
		const struct view_sa *carrier = &node->view.sa[i];

		if (carrier->contact_obeyed && carrier->with == gone->with &&
		    carrier->established_at == node->core->now &&
		    gone->established_at < carrier->created_at &&
		    node->plan->peer[carrier->peer].obey_initial_contact)
			return true;
	}
	return false;
}

/*
 * INITIAL-CONTACT removes only what it may: SAs of the party that really sent it, established before the carrier's negotiation
 * began.
 */
static void contact_removes_the_old(struct sim *sim, struct node *node, const struct view_sa *gone)
{
	static const char *const name = "INITIAL-CONTACT removes only what it may";
	const struct view_sa *carrier;

	if (sim->arriving == NULL) {
		/* it came with MM5, and counts once our signature is made */
		if (!has_obeyed_just_now(node, gone))
			sim_fail(sim, name, node, "nobody sent one");
		return;
	}
	carrier = view_find(&node->view, sim->message.data, sim->message.data + IKE_COOKIE_LENGTH);
	if (sim->made_by != gone->with)
		sim_fail(sim, name, node, "node %u's removed an SA with node %u", sim->made_by,
			 gone->with);
	if (carrier == NULL)
		return; /* it has gone in the same verb, by its own early Delete */
	if (carrier->with != gone->with || gone->established_at >= carrier->created_at)
		sim_fail(sim, name, node, "an SA that is not older than the carrier");
	if (!node->plan->peer[carrier->peer].obey_initial_contact)
		sim_fail(sim, name, node, "it was not to be obeyed");
}

/* An SA goes for the reason that is told, and only for one. */
static void an_sa_goes_for_its_reason(struct sim *sim, struct node *node,
				      const struct ike_event *event)
{
	static const char *const name = "an SA goes for the reason that is told";
	const struct view_sa *gone = view_find(&node->before, event->cky_i, event->cky_r);

	/* established and gone within one verb, or told late: nothing to hold it against */
	if (gone == NULL || gone->state != IKE_SA_ESTABLISHED || !node->tells_at_once)
		return;
	switch (event->why) {
	case IKE_WHY_INITIAL_CONTACT:
		contact_removes_the_old(sim, node, gone);
		break;
	case IKE_WHY_PEER_DELETED:
		if (sim->arriving == NULL || sim->provenance != GENUINE ||
		    sim->made_by != gone->with)
			sim_fail(sim, name, node, "its peer did not delete it");
		break;
	case IKE_WHY_EXPIRED:
	case IKE_WHY_REPLACED:
		/* one that was superseded may have come into use again, and ended, within one verb */
		if (gone->superseded && event->why == IKE_WHY_EXPIRED
			? gone->established_at + gone->lifetime * IKE_SECOND > node->core->now
			: gone->expires_at > node->core->now ||
			      (event->why == IKE_WHY_REPLACED) != gone->superseded)
			sim_fail(sim, name, node, "its time had not come");
		/* on a good network it was renewed long before; unless what was said about its lifetime was lost */
		if (sim->well && !gone->superseded && gone->established_at > node->good_since &&
		    progress_is_expected(sim, node, gone->peer))
			sim_fail(sim, "what is well stays well", node, "an SA in use expired");
		break;
	case IKE_WHY_TUNNEL_DEAD:
	case IKE_WHY_TUNNEL_USELESS:
		if (node->given_up_with != gone->with)
			sim_fail(sim, name, node, "no ping has given it up");
		break;
	case IKE_WHY_DEAD:
	case IKE_WHY_CLOSED:
		break; /* the keepalive's, looked at by the observer; the user's and the ladder's */
	default:
		sim_fail(sim, name, node, "no reason for an SA to go: %s",
			 ike_why_text(event->why));
	}
}

/* The address of a peer behind a NAT is moved by what it says under its keys, and by nothing else. */
static void a_peer_moves_by_its_own_word(struct sim *sim, struct node *node,
					 const struct ike_event *event)
{
	const struct view_sa *sa = view_find(&node->view, event->cky_i, event->cky_r);
	bool by_packet, lured;

	if (!node->tells_at_once || sa == NULL)
		return;
	by_packet = invariant_packet_moves(sim, node, &lured);
	if (by_packet)
		cover(sim, lured ? SA_LURED_BY_PACKET : SA_FOLLOWED_PACKET);
	else
		cover(sim, sim->elsewhere ? SA_LURED : SA_FOLLOWED);
	if (!by_packet &&
	    (sim->arriving == NULL || sim->provenance != GENUINE || sim->made_by != sa->with))
		sim_fail(sim, "a peer is moved by its own word only", node, "%s did",
			 sim->arriving == NULL ? "nothing" : provenance_name(sim->provenance));
	else if (!sa->nat_there)
		sim_fail(sim, "a peer is moved by its own word only", node,
			 "there is no NAT before it");
}

void invariants_on_event(struct sim *sim, struct node *node, const struct ike_event *event)
{
	coverage_add(sim->coverage, COVER_EVENT, event->kind);
	if (event->kind == IKE_EVENT_REPORT) {
		coverage_add(sim->coverage, COVER_REPORT, event->report.kind);
		sim->tally.recoveries += event->report.kind == IKE_REPORT_RECOVERED;
	} else if (event->kind == IKE_EVENT_DELETED) {
		coverage_add(sim->coverage, COVER_DELETED, event->why);
		an_sa_goes_for_its_reason(sim, node, event);
	} else if (event->kind == IKE_EVENT_FAILED) {
		coverage_add(sim->coverage, COVER_FAILED, event->why);
	} else if (event->kind == IKE_EVENT_INITIAL_CONTACT) {
		contact_is_obeyed_once(sim, node, event);
	} else if (event->kind == IKE_EVENT_MOVED) {
		a_peer_moves_by_its_own_word(sim, node, event);
	}
	invariants_on_pair_event(sim, node, event);
}
