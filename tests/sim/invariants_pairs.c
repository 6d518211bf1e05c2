/* SPDX-License-Identifier: ISC */
/*
 * invariants_pairs.c - IPsec SAs: both ends agree, nobody else has a say, and what ends a peer ends them.
 */
#include <string.h>

#include "ike/ipsec_table.h"
#include "tests/sim/invariants.h"

#define GRACE (10 * IKE_SECOND) /* a superseded one has no longer */

static const char agree[] = "both ends of an IPsec SA agree";
static const char authentic[] = "IPsec SAs come and go by their own parties' word only";
static const char for_a_reason[] = "an IPsec SA goes for the reason that is told";
static const char goes_with[] = "what ends a peer ends its IPsec SAs at once";

/* ---- one that has come up ------------------------------------------------------------------------------------------ */

static bool is_inside(const struct ike_selector *inner, const struct ike_selector *outer)
{
	/* a host by its own address: which one that is, a NAT may change */
	if (outer->prefix.address.family == IKE_FAMILY_NONE)
		return inner->prefix.bits == 32 && inner->protocol == outer->protocol &&
		       inner->port == outer->port;
	if (inner->prefix.bits < outer->prefix.bits)
		return false;
	for (unsigned bit = 0; bit < outer->prefix.bits; bit++)
		if (((inner->prefix.address.octets[bit / 8] ^
		      outer->prefix.address.octets[bit / 8]) >>
			 (7 - bit % 8) &
		     1) != 0)
			return false;
	return inner->protocol == outer->protocol && inner->port == outer->port;
}

static bool is_wanted(const struct ike_tunnel_settings *tunnel, const struct ike_ipsec_sa *sa)
{
	bool proposed = false;

	for (size_t i = 0; i < tunnel->proposals; i++)
		proposed |= memcmp(&tunnel->proposal[i], &sa->proposal, sizeof(sa->proposal)) == 0;
	return proposed && sa->transport == tunnel->transport &&
	       is_inside(&sa->inside_local, &tunnel->local) &&
	       is_inside(&sa->inside_remote, &tunnel->remote) &&
	       (tunnel->narrow ||
		(sa->inside_local.prefix.bits == tunnel->local.prefix.bits &&
		 sa->inside_remote.prefix.bits == tunnel->remote.prefix.bits) ||
		tunnel->local.prefix.address.family == IKE_FAMILY_NONE);
}

static bool may_be(const struct sim *sim, const struct node *node, const struct ledger_pair *own)
{
	const struct scenario_link *link = progress_link(sim, node, own->sa.peer, own->with);

	return link != NULL && link->possible && own->sa.tunnel < link->tunnels &&
	       link->tunnel_possible[own->sa.tunnel];
}

/*
 * The responder's end comes up last, by QM3: then the initiator's is there.  The initiator's comes up by QM2, which only the
 * responder can have made.
 */
static void both_ends_agree(struct sim *sim, struct node *node, const struct ledger_pair *own)
{
	const struct ledger_pair *other = ledger_pairs_other(&sim->pairs, own);
	const char *what;

	if (!own->sa.initiator && other == NULL) {
		sim_fail(sim, agree, node, "there is no other end");
		return;
	}
	what = other == NULL ? NULL : ledger_pairs_disagree(own, other);
	if (what != NULL)
		sim_fail(sim, agree, node, "they differ in %s", what);
	if (ledger_pairs_keys_repeat(&sim->pairs, own))
		sim_fail(sim, agree, node, "its keys were used before");
	if (!is_wanted(&node->plan->peer[own->sa.peer].tunnel[own->sa.tunnel], &own->sa))
		sim_fail(sim, agree, node, "it is not what was configured");
	if (!may_be(sim, node, own))
		sim_fail(sim, agree, node, "one that must not be");
}

static void has_come_up(struct sim *sim, struct node *node, enum verb verb,
			const struct view_pair *pair)
{
	const struct ike_pair *core_pair = ipsec_table_find_number(node->core->pairs, pair->number);
	const struct ledger_pair *own = ledger_pairs_add(
	    &sim->pairs, node->number, node->incarnation, pair->with, &core_pair->sa);

	sim->tally.pairs++;
	if (verb == VERB_COMMAND)
		sim_fail(sim, authentic, node, "one came up by a command");
	both_ends_agree(sim, node, own);
}

/* ---- one that has gone, or changed --------------------------------------------------------------------------------- */

static bool is_same(const struct view_pair *a, const struct view_pair *b)
{
	return a->superseded == b->superseded && a->expires_at == b->expires_at &&
	       memcmp(&a->remote, &b->remote, sizeof(a->remote)) == 0;
}

static bool has_lost_sa(const struct node *node, const struct view_pair *gone)
{
	for (unsigned i = 0; i < node->before.sas; i++) {
		const struct view_sa *old = &node->before.sa[i];

		if (old->state == IKE_SA_ESTABLISHED && old->with == gone->with &&
		    old->peer == gone->peer &&
		    view_find(&node->view, old->cky_i, old->cky_r) == NULL)
			return true;
	}
	return false;
}

/* Whatever a message moves is its sender's. */
static void is_moved_by_its_party(struct sim *sim, struct node *node, enum verb verb,
				  const struct view_pair *pair, const char *what, bool now_is_none)
{
	/* back to the preferred gateway: the other one's go */
	if (now_is_none && has_lost_sa(node, pair) && node->plan->peer[pair->peer].gateways > 1)
		return;
	if (verb == VERB_INPUT && sim->made_by != pair->with)
		sim_fail(sim, authentic, node, "node %u's message %s one with node %u",
			 sim->made_by, what, pair->with);
}

static bool is_served(const struct view *view, const struct view_pair *pair)
{
	for (unsigned i = 0; i < view->pairs; i++) {
		const struct view_pair *other = &view->pair[i];

		if (other->with == pair->with && other->peer == pair->peer &&
		    other->tunnel == pair->tunnel && !other->superseded)
			return true;
	}
	return false;
}

/* While all is well, a tunnel that is up stays up, whatever is renewed; but what is used up at once leaves a gap. */
static void leaves_no_gap(struct sim *sim, struct node *node, const struct view_pair *old)
{
	if (sim->well && sim->scenario->packets.limit == 0 && !old->superseded &&
	    !is_served(&node->view, old))
		sim_fail(sim, "renewals leave no gap", node, "tunnel %u with node %u has no pair",
			 old->tunnel, old->with);
}

static void follow_old(struct sim *sim, struct node *node, enum verb verb,
		       const struct view *before)
{
	for (unsigned i = 0; i < before->pairs; i++) {
		const struct view_pair *old = &before->pair[i];
		const struct view_pair *now = view_find_pair(&node->view, old->number);

		if (now != NULL && is_same(now, old))
			continue;
		if (now != NULL && now->expires_at > old->expires_at)
			sim_fail(sim, "nothing outlives its time", node,
				 "an IPsec SA's life was lengthened");
		is_moved_by_its_party(sim, node, verb, old, now == NULL ? "removed" : "changed",
				      now == NULL);
		leaves_no_gap(sim, node, old);
	}
}

/* It ends when it was to end, and soon where another one has taken over. */
static void none_outlives_its_time(struct sim *sim, struct node *node)
{
	ike_time now = node->core->now;

	for (unsigned i = 0; i < node->view.pairs; i++) {
		const struct view_pair *pair = &node->view.pair[i];
		const struct ike_tunnel_settings *tunnel =
		    &node->plan->peer[pair->peer].tunnel[pair->tunnel];

		if (pair->expires_at >
		    pair->established_at + (ike_time)tunnel->lifetime * IKE_SECOND)
			sim_fail(sim, "nothing outlives its time", node,
				 "an IPsec SA has a longer life than was agreed");
		if (pair->superseded && pair->expires_at > now + GRACE)
			sim_fail(sim, "nothing outlives its time", node,
				 "an IPsec SA that was superseded has %.1f s left",
				 (double)(pair->expires_at - now) / 1e6);
	}
}

static void no_two_share_an_spi(struct sim *sim, struct node *node)
{
	const struct view *view = &node->view;

	for (unsigned i = 0; i < view->pairs; i++)
		for (unsigned j = 0; j < i; j++)
			if (view->pair[i].spi_in == view->pair[j].spi_in ||
			    view->pair[i].number == view->pair[j].number)
				sim_fail(sim, "no two IPsec SAs share an SPI", node, "%08x",
					 view->pair[i].spi_in);
}

void invariants_of_pairs(struct sim *sim, struct node *node, enum verb verb,
			 const struct view *before)
{
	const struct view *view = &node->view;

	if (view->pairs == 0 && before->pairs == 0)
		return;
	follow_old(sim, node, verb, before);
	none_outlives_its_time(sim, node);
	for (unsigned i = 0; i < view->pairs; i++) {
		if (view_find_pair(before, view->pair[i].number) != NULL)
			continue;
		is_moved_by_its_party(sim, node, verb, &view->pair[i], "made", false);
		has_come_up(sim, node, verb, &view->pair[i]);
		no_two_share_an_spi(sim, node);
	}
	if (ipsec_table_count(node->core->pairs) > node->plan->settings.limits.ipsec_sas ||
	    node->core->quick_modes > node->plan->settings.limits.quick_modes)
		sim_fail(sim, "tables are sound", node, "a limit of Phase 2 is exceeded");
}

/* ---- what ends a peer ---------------------------------------------------------------------------------------------- */

/* None with that party is left that was there before `than`. */
static void none_older_is_left(struct sim *sim, struct node *node, uint32_t peer, unsigned with,
			       ike_time than, const char *what)
{
	for (unsigned i = 0; i < node->view.pairs; i++) {
		const struct view_pair *pair = &node->view.pair[i];

		if (pair->peer == peer && (pair->with == with || with == SIM_NODES) &&
		    pair->established_at < than)
			sim_fail(sim, goes_with, node, "%s, and one with node %u is left", what,
				 pair->with);
	}
}

static void an_sa_went(struct sim *sim, struct node *node, const struct ike_event *event)
{
	const struct view_sa *gone = view_find(&node->before, event->cky_i, event->cky_r);

	if (gone == NULL || gone->state != IKE_SA_ESTABLISHED)
		return;
	if (event->why == IKE_WHY_DEAD)
		none_older_is_left(sim, node, gone->peer, gone->with, node->core->now, "dead");
	if (event->why == IKE_WHY_TUNNEL_DEAD || event->why == IKE_WHY_TUNNEL_USELESS)
		none_older_is_left(sim, node, gone->peer, gone->with, node->core->now,
				   "given up by a ping");
	if (event->why == IKE_WHY_CLOSED)
		none_older_is_left(sim, node, gone->peer, gone->with, node->core->now, "closed");
}

static void contact_was_obeyed(struct sim *sim, struct node *node, const struct ike_event *event)
{
	const struct view_sa *carrier = view_find(&node->view, event->cky_i, event->cky_r);

	if (carrier != NULL)
		none_older_is_left(sim, node, carrier->peer, carrier->with, carrier->created_at,
				   "INITIAL-CONTACT was obeyed");
}

/* Whoever says that he has nothing has nothing (RFC 2407 section 4.6.3.3). */
static void contact_was_said(struct sim *sim, struct node *node, const struct ike_event *event)
{
	const struct view_sa *sa = view_find(&node->view, event->cky_i, event->cky_r);

	if (!event->initial_contact || sa == NULL)
		return;
	for (unsigned i = 0; i < node->view.pairs; i++) {
		const struct view_pair *pair = &node->view.pair[i];

		if (pair->with == sa->with && pair->peer == sa->peer &&
		    pair->established_at < sa->created_at)
			sim_fail(sim, "INITIAL-CONTACT is said by who has nothing", node,
				 "and a pair of tunnel %u is there", pair->tunnel);
	}
}

/* ---- why one went -------------------------------------------------------------------------------------------------- */

static void went_by_contact(struct sim *sim, struct node *node, const struct view_pair *gone)
{
	for (unsigned i = 0; i < node->view.sas; i++) {
		const struct view_sa *carrier = &node->view.sa[i];

		if (carrier->with == gone->with && carrier->peer == gone->peer &&
		    carrier->contact_obeyed && gone->established_at < carrier->created_at)
			return;
	}
	sim_fail(sim, for_a_reason, node, "no INITIAL-CONTACT of its party is newer than it");
}

static void a_pair_went(struct sim *sim, struct node *node, const struct ike_event *event)
{
	const struct view_pair *gone = view_find_pair(&node->before, event->ipsec);

	coverage_add(sim->coverage, COVER_PAIR_DELETED, event->why);
	if (gone == NULL || !node->tells_at_once)
		return;
	if (gone->spi_in != event->spi_in || gone->spi_out != event->spi_out)
		sim_fail(sim, for_a_reason, node, "it has other SPIs");
	switch (event->why) {
	case IKE_WHY_INITIAL_CONTACT:
		went_by_contact(sim, node, gone);
		break;
	case IKE_WHY_PEER_DELETED:
		if (sim->arriving == NULL || sim->provenance != GENUINE ||
		    sim->made_by != gone->with)
			sim_fail(sim, for_a_reason, node, "its peer did not delete it");
		break;
	case IKE_WHY_STORE:
		if (node->refused_pair != gone->number)
			sim_fail(sim, for_a_reason, node, "its store had not refused it");
		break;
	case IKE_WHY_EXPIRED:
	case IKE_WHY_REPLACED:
		if (gone->expires_at > node->core->now ||
		    (event->why == IKE_WHY_REPLACED) != gone->superseded)
			sim_fail(sim, for_a_reason, node, "its time had not come");
		break;
	case IKE_WHY_DEAD:
		if (!has_lost_sa(node, gone))
			sim_fail(sim, for_a_reason, node, "nobody has died");
		break;
	case IKE_WHY_TUNNEL_DEAD:
	case IKE_WHY_TUNNEL_USELESS:
		if (node->given_up_with != gone->with)
			sim_fail(sim, for_a_reason, node, "no ping has given it up");
		break;
	case IKE_WHY_CLOSED:
		break; /* the user's, and the ladder's */
	default:
		sim_fail(sim, for_a_reason, node, "no reason: %s", ike_why_text(event->why));
	}
}

void invariants_on_pair_event(struct sim *sim, struct node *node, const struct ike_event *event)
{
	switch (event->kind) {
	case IKE_EVENT_IPSEC_DELETED:
		a_pair_went(sim, node, event);
		break;
	case IKE_EVENT_IPSEC_FAILED:
		coverage_add(sim->coverage, COVER_QUICK_FAILED, event->why);
		break;
	case IKE_EVENT_DELETED:
		if (node->tells_at_once)
			an_sa_went(sim, node, event);
		break;
	case IKE_EVENT_INITIAL_CONTACT:
		if (node->tells_at_once)
			contact_was_obeyed(sim, node, event);
		break;
	case IKE_EVENT_ESTABLISHED:
		if (node->tells_at_once)
			contact_was_said(sim, node, event);
		break;
	default:
		break;
	}
}

/* ---- what a store knows -------------------------------------------------------------------------------------------- */

void invariant_changes_follow(struct sim *sim, struct node *node,
			      const struct ike_ipsec_change *change, const char *wrong)
{
	coverage_add(sim->coverage, COVER_CHANGE, change->kind);
	if (wrong != NULL)
		sim_fail(sim, "a store that is told every change has what the core has", node, "%s",
			 wrong);
}

void invariant_store_is_right(struct sim *sim, struct node *node)
{
	const char *wrong = store_compare(&node->store, node->core);

	if (wrong != NULL)
		sim_fail(sim, "a store that is told every change has what the core has", node, "%s",
			 wrong);
}
