/* SPDX-License-Identifier: ISC */
/*
 * progress_moves.c - a NAT gives its nodes other mappings in the middle of a good time.  What they say next moves their SAs, and the
 * IPsec SAs with them; nobody is found dead.
 *
 * Who stands before the NAT cannot reach who is behind it until then.  A node that asks by itself before its peers give it up is left
 * to do so; the others are told to ask.
 */
#include <stdio.h>

#include "ike/address.h"
#include "tests/sim/sim.h"

#define ROUND_TRIP (2 * IKE_SECOND) /* on the good network, and slow ticks */

static const struct keepalive_plan *plan_of(const struct sim *sim, unsigned node, uint32_t peer)
{
	return &sim->node[node].plan->keepalive[peer].plan;
}

/* Whether the caller speaks early enough of itself: its questions come every `worry` of silence. */
static bool speaks_in_time(const struct sim *sim, const struct scenario_link *link)
{
	const struct keepalive_plan *ours = plan_of(sim, link->caller, link->caller_peer);
	const struct keepalive_plan *theirs = plan_of(sim, link->target[0], link->target_peer[0]);

	return ours->mode == KEEPALIVE_PERIODIC &&
	       (theirs->mode == KEEPALIVE_OFF ||
		ours->worry + ROUND_TRIP < theirs->detect - theirs->worry);
}

/* Nothing is on its way, and nobody waits for an answer, which would be lost: that a question of several is lost explains a death. */
bool progress_is_quiet(const struct sim *sim)
{
	static struct view view;

	if (sim->network.flights.count > 0)
		return false;
	for (unsigned i = 0; i < sim->scenario->nodes; i++) {
		view_take(&view, sim->node[i].core);
		if (view.quicks > 0)
			return false;
		for (unsigned j = 0; j < view.sas; j++) {
			const struct ike_sa *sa = view_core_sa(sim->node[i].core, &view.sa[j]);
			const struct keepalive_peer *peer = (const void *)sa->extension;

			if (sa->state != IKE_SA_ESTABLISHED || peer->state == KEEPALIVE_ASKING ||
			    peer->state == KEEPALIVE_SUSPECT)
				return false;
		}
	}
	return true;
}

ike_time progress_rebind_all(struct sim *sim)
{
	ike_time longest = 0;

	for (unsigned i = 0; i < sim->scenario->links; i++) {
		const struct scenario_link *link = &sim->scenario->link[i];
		struct node *caller = &sim->node[link->caller];
		ike_time worry = plan_of(sim, link->caller, link->caller_peer)->worry;

		if (!caller->nat.translates || !link->possible)
			continue;
		nat_rebind(caller, (uint32_t)dice_u64(&sim->nat_dice));
		evidence_note(sim->evidence, sim, caller, "NAT rebinding");
		if (!speaks_in_time(sim, link))
			(void)node_command(sim, caller, IKE_COMMAND_ASK_NOW, link->caller_peer);
		else if (worry > longest)
			longest = worry;
	}
	return longest + ROUND_TRIP;
}

static bool say(char text[SIM_TEXT], const struct scenario_link *link, const char *what)
{
	snprintf(text, SIM_TEXT, "nodes %c and %c: %s", (char)('a' + link->caller),
		 (char)('a' + link->target[0]), what);
	return false;
}

/* Where the caller is now, as its target sees it. */
static bool has_followed(const struct sim *sim, const struct scenario_link *link,
			 char text[SIM_TEXT])
{
	const struct node *target = &sim->node[link->target[0]];
	struct ike_address now = nat_seen_as(&sim->node[link->caller], PORT_NAT_T);
	static struct view view;

	view_take(&view, target->core);
	for (unsigned i = 0; i < view.sas; i++) {
		const struct view_sa *sa = &view.sa[i];

		if (sa->state == IKE_SA_ESTABLISHED && !sa->superseded &&
		    sa->with == link->caller && sa->peer == link->target_peer[0] &&
		    !ike_address_equal(&sa->remote, &now))
			return say(text, link, "the SA is where its peer was");
	}
	for (unsigned i = 0; i < view.pairs; i++) {
		const struct view_pair *pair = &view.pair[i];

		if (pair->with == link->caller && pair->peer == link->target_peer[0] &&
		    !pair->superseded && !ike_address_equal(&pair->remote, &now))
			return say(text, link, "an IPsec SA is where its peer was");
	}
	return true;
}

bool progress_all_have_followed(struct sim *sim, char text[SIM_TEXT])
{
	for (unsigned i = 0; i < sim->scenario->links; i++) {
		const struct scenario_link *link = &sim->scenario->link[i];

		if (sim->node[link->caller].nat.translates && link->possible &&
		    !has_followed(sim, link, text))
			return false;
	}
	return true;
}
