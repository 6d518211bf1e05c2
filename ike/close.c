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
	core->closing = true;
	core->closing_at = 0;
}

/* With room for the Deletes that one SA may want, as far as a queue can have it. */
bool close_all_has_work(const struct ike_core *core)
{
	return core->closing && core->outputs <= core->settings->limits.outputs / 2;
}

/* Those that outlived the SAs that they were made under: there is nobody to tell. */
static void close_other_pairs(struct ike_core *core)
{
	uint32_t cursor = 0;
	struct ike_pair *pair;

	while ((pair = ipsec_table_next(core->pairs, &cursor)) != NULL)
		if (pair->state == IKE_PAIR_UP)
			pair_delete(core, pair, IKE_WHY_CLOSED, true);
}

size_t close_all_tick(struct ike_core *core, size_t budget)
{
	size_t done = 0;

	for (; done < budget && close_all_has_work(core); done++) {
		struct ike_sa *sa = sa_table_next(core->sas, &core->closing_at);

		if (sa == NULL) {
			close_other_pairs(core);
			core->closing = false;
		} else if (sa->state == IKE_SA_ESTABLISHED) {
			(void)pairs_delete(core, sa->party, IKE_NEVER, IKE_WHY_CLOSED, true);
			sa_delete(core, sa, IKE_WHY_CLOSED, true);
		} else {
			sa_fail(core, sa, IKE_WHY_CLOSED);
		}
	}
	return done;
}
