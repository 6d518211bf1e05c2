/* SPDX-License-Identifier: ISC */
/*
 * close.c - the user wants to be done with a peer, or with all of them.
 *
 * Pairs of IPsec SAs go before the SAs that their Deletes travel under.  All peers are closed a piece at a time, by ike_tick:
 * a million Deletes are more than the queue of what waits to be pulled, and the peers of those that did not fit would have to find
 * out by themselves.
 */
#include "ike/core.h"

static bool close_pairs(struct ike_core *core, uint32_t peer)
{
	uint32_t cursor = 0;
	struct ike_pair *pair;
	bool any = false;

	while ((pair = ipsec_table_next(core->pairs, &cursor)) != NULL) {
		if (pair->state != IKE_PAIR_UP || pair->sa.peer != peer)
			continue;
		pair_delete(core, pair, IKE_WHY_CLOSED, true);
		any = true;
	}
	return any;
}

bool close_peer(struct ike_core *core, uint32_t peer)
{
	uint32_t cursor = 0;
	struct ike_sa *sa;
	bool any = false;

	host_peer_happening(core, peer, 0, IKE_EXTENSION_PEER_CLOSE);
	remembered_forget_peer(core->remembered, peer);
	core->peer[peer].tunnels_asked = 0;
	any = close_pairs(core, peer);
	while ((sa = sa_table_next(core->sas, &cursor)) != NULL) {
		if (sa->peer != peer)
			continue;
		if (sa->state == IKE_SA_ESTABLISHED)
			sa_delete(core, sa, IKE_WHY_CLOSED, true);
		else
			sa_fail(core, sa, IKE_WHY_CLOSED);
		any = true;
	}
	return any;
}

void close_all_begin(struct ike_core *core)
{
	for (uint32_t i = 0; i < core->settings->peers; i++) {
		host_peer_happening(core, i, 0, IKE_EXTENSION_PEER_CLOSE);
		core->peer[i].tunnels_asked = 0;
	}
	remembered_forget_all(core->remembered);
	core->closing = true;
	core->closing_again = false;
	core->closing_for = core->now;
	core->closing_at = core->closing_pair = 0;
}

/* With room for the Deletes that one SA may want, as far as a queue can have it. */
bool close_all_has_work(const struct ike_core *core)
{
	return core->closing && core->outputs <= core->settings->limits.outputs / 2;
}

/* A pair of its party goes first, or else the SA itself. */
static void close_sa(struct ike_core *core, struct ike_sa *sa)
{
	struct ike_pair *pair = sa->party == NULL ? NULL : party_first_pair(sa->party);

	if (pair != NULL) {
		core->closing_at = sa_table_number(core->sas, sa) - 1; /* it is looked at again */
		pair_delete(core, pair, IKE_WHY_CLOSED, true);
		return;
	}
	core->closing_again |= sa_created_at(sa) <= core->closing_for;
	if (sa->state == IKE_SA_ESTABLISHED)
		sa_delete(core, sa, IKE_WHY_CLOSED, true);
	else
		sa_fail(core, sa, IKE_WHY_CLOSED);
}

/* Those that outlived the SAs that they were made under.  False: there are no more. */
static bool close_other_pair(struct ike_core *core)
{
	struct ike_pair *pair;

	do
		pair = ipsec_table_next(core->pairs, &core->closing_pair);
	while (pair != NULL &&
	       (pair->state != IKE_PAIR_UP || pair->sa.established_at > core->closing_for));
	if (pair != NULL)
		pair_delete(core, pair, IKE_WHY_CLOSED, true);
	return pair != NULL;
}

/*
 * Numbers of SAs are given out again, so one may come up behind the walk.  We begin none meanwhile (phase_1_start()); it is walked
 * again until nothing is found that was there at the command.  Who calls us anew after that is there again.
 */
size_t close_all_tick(struct ike_core *core, size_t budget)
{
	size_t done = 0;

	while (done < budget && close_all_has_work(core)) {
		struct ike_sa *sa = sa_table_next(core->sas, &core->closing_at);

		if (sa != NULL) {
			close_sa(core, sa);
			done++;
		} else if (core->closing_again) {
			core->closing_again = false;
			core->closing_at = 0;
		} else if (close_other_pair(core)) {
			done++;
		} else {
			core->closing = false;
		}
	}
	return done;
}
