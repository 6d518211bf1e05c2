/* SPDX-License-Identifier: ISC */
/*
 * progress.c - what must have come about once the network has been good for long enough: every pair that is to be connected has
 * one SA in use, the same one on both sides, nothing half-open and nothing superseded is left, and what is asked is answered.
 */
#include <stdio.h>
#include <string.h>

#include "tests/sim/sim.h"

struct held {
	unsigned in_use, others;
	struct view_sa sa; /* the one in use, where there is one */
};

/* What a node holds with another under one of its peers. */
static struct held held_by(const struct node *node, uint32_t peer, unsigned with)
{
	struct held held = {0};
	static struct view view;

	view_take(&view, node->core);
	for (unsigned i = 0; i < view.sas; i++) {
		const struct view_sa *sa = &view.sa[i];

		if (sa->peer != peer)
			continue;
		if (sa->state != IKE_SA_ESTABLISHED) {
			held.others++;
		} else if (sa->with == with) {
			if (sa->superseded) {
				held.others++;
			} else {
				held.in_use++;
				held.sa = *sa;
			}
		}
	}
	return held;
}

static bool same_sa(const struct node *one, const struct view_sa *a, const struct node *other,
		    const struct view_sa *b)
{
	const struct ike_sa *first = view_core_sa(one->core, a);
	const struct ike_sa *second = view_core_sa(other->core, b);

	return memcmp(a->cky_i, b->cky_i, IKE_COOKIE_LENGTH) == 0 &&
	       memcmp(a->cky_r, b->cky_r, IKE_COOKIE_LENGTH) == 0 && a->initiator != b->initiator &&
	       first->cipher == second->cipher && first->hash == second->hash &&
	       memcmp(first->keys, second->keys, sa_keys(first).length) == 0;
}

static bool say(char text[SIM_TEXT], const struct scenario_link *link, const char *what, unsigned a,
		unsigned b)
{
	snprintf(text, SIM_TEXT, "nodes %c and %c: %s (%u and %u)", (char)('a' + link->caller),
		 (char)('a' + link->target[0]), what, a, b);
	return false;
}

/* `leftovers`: superseded ones may still have some seconds, and calls that are not needed any more. */
static bool is_connected(const struct sim *sim, const struct scenario_link *link, bool leftovers,
			 char text[SIM_TEXT])
{
	const struct node *caller = &sim->node[link->caller];
	const struct node *target = &sim->node[link->target[0]];
	struct held ours = held_by(caller, link->caller_peer, link->target[0]);
	struct held theirs = held_by(target, link->target_peer[0], link->caller);

	if (ours.in_use != 1 || theirs.in_use != 1)
		return say(text, link, "not one SA in use", ours.in_use, theirs.in_use);
	if (!same_sa(caller, &ours.sa, target, &theirs.sa))
		return say(text, link, "not the same SA in use", 0, 0);
	if (!leftovers && (ours.others != 0 || theirs.others != 0))
		return say(text, link, "half-open or superseded ones are left", ours.others,
			   theirs.others);
	if (!leftovers && !progress_of_tunnels((struct sim *)(uintptr_t)sim, link, text))
		return false;
	for (unsigned i = 1; i < link->targets; i++) {
		struct held here = held_by(caller, link->caller_peer, link->target[i]);
		struct held there =
		    held_by(&sim->node[link->target[i]], link->target_peer[i], link->caller);

		if (here.in_use + there.in_use + there.others != 0)
			return say(text, link, "another gateway is still in use", here.in_use,
				   there.in_use);
	}
	return true;
}

/* Two that cannot agree hold no SA in common. */
static bool is_apart(const struct sim *sim, const struct scenario_link *link, char text[SIM_TEXT])
{
	const struct node *caller = &sim->node[link->caller];
	const struct node *target = &sim->node[link->target[0]];
	struct held ours = held_by(caller, link->caller_peer, link->target[0]);
	struct held theirs = held_by(target, link->target_peer[0], link->caller);

	if (ours.in_use > 0 && theirs.in_use > 0 && same_sa(caller, &ours.sa, target, &theirs.sa))
		return say(text, link, "an SA that must not be", ours.in_use, theirs.in_use);
	return true;
}

bool progress_is_expected(const struct sim *sim, const struct node *node, uint32_t peer)
{
	for (unsigned i = 0; i < sim->scenario->links; i++) {
		const struct scenario_link *link = &sim->scenario->link[i];

		if (link->possible)
			continue;
		if ((link->caller == node->number && link->caller_peer == peer) ||
		    (link->target[0] == node->number && link->target_peer[0] == peer))
			return false;
	}
	return true;
}

bool progress_is_made(struct sim *sim, bool leftovers, char text[SIM_TEXT])
{
	for (unsigned i = 0; i < sim->scenario->links; i++) {
		const struct scenario_link *link = &sim->scenario->link[i];

		if (link->possible ? !is_connected(sim, link, leftovers, text)
				   : !is_apart(sim, link, text))
			return false;
	}
	return true;
}

void progress_ask_all(struct sim *sim)
{
	for (unsigned i = 0; i < sim->scenario->nodes; i++)
		for (uint32_t p = 0; p < sim->node[i].plan->settings.peers; p++)
			(void)node_command(sim, &sim->node[i], IKE_COMMAND_ASK_NOW, p);
	for (unsigned i = 0; i < sim->scenario->nodes; i++)
		sim->node[i].asked_at = sim->node[i].core->now;
}

bool progress_asks_are_answered(struct sim *sim, char text[SIM_TEXT])
{
	static struct view view;

	for (unsigned i = 0; i < sim->scenario->nodes; i++) {
		const struct node *node = &sim->node[i];

		view_take(&view, node->core);
		for (unsigned j = 0; j < view.sas; j++) {
			const struct ike_sa *sa = view_core_sa(node->core, &view.sa[j]);
			const struct keepalive_peer *peer = (const void *)sa->extension;

			if (sa->state != IKE_SA_ESTABLISHED || sa->superseded || !sa->supported ||
			    sa->established_at > node->asked_at ||
			    !progress_is_expected(sim, node, sa->peer))
				continue;
			if (peer->last_heard >= node->asked_at)
				continue;
			snprintf(text, SIM_TEXT, "node %c asked %.3f s ago and has no answer",
				 (char)('a' + i), (double)(node->core->now - node->asked_at) / 1e6);
			return false;
		}
	}
	return true;
}
