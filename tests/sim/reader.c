/* SPDX-License-Identifier: ISC */
/*
 * reader.c - what a program pulls from its core after every verb: events, and changes of IPsec SAs, which go on to the store and to
 * what moves packets.
 */
#include <string.h>

#include "tests/sim/invariants.h"
#include "tests/sim/sim.h"

void reader_events(struct sim *sim, struct node *node)
{
	struct ike_event event;

	if (node->unread)
		return;
	while (ike_events(node->core, &event, 1) == 1) {
		struct fingerprint *print = &sim->fingerprint;

		fingerprint_u64(print, (uint64_t)event.kind << 32 | event.why);
		fingerprint_u64(print, event.at);
		fingerprint_u64(print, (uint64_t)event.peer << 32 | event.gateway);
		fingerprint_octets(print, event.remote.octets, sizeof(event.remote.octets));
		fingerprint_octets(print, event.cky_i, sizeof(event.cky_i));
		fingerprint_octets(print, event.cky_r, sizeof(event.cky_r));
		fingerprint_u64(print, (uint64_t)event.verdict << 32 | event.notify_type);
		fingerprint_u64(print, (uint64_t)event.value << 32 | event.report.number);
		fingerprint_u64(print, event.report.duration ^ event.lost);
		fingerprint_octets(print, event.text, strlen(event.text));
		evidence_event(sim->evidence, sim, node, &event);
		if (sim->checks)
			invariants_on_event(sim, node, &event);
		carrier_event(sim, node, &event);
	}
}

/* In both runs, because a user may say something about what he has been told. */
static void keep_change(struct sim *sim, struct node *node, const struct ike_ipsec_change *change)
{
	const char *wrong = NULL;
	bool passes = observer_passes == NULL || observer_passes(change);

	if (passes)
		wrong = store_apply(&node->store, change, !node->tells_at_once);
	if (sim->checks)
		invariant_changes_follow(sim, node, change, wrong);
	if (!passes || wrong != NULL)
		return;
	carrier_follow(sim, node, change);
	if (sim->checks)
		invariant_plane_is_right(sim, node, change);
}

/* What a kernel would be told, if anybody reads; where nobody does, it waits. */
void reader_changes(struct sim *sim, struct node *node)
{
	struct ike_ipsec_change change;
	bool any = false;

	if (node->unread)
		return;
	while (ike_ipsec_changes(node->core, &change, 1) == 1) {
		struct fingerprint *print = &sim->fingerprint;

		any = true;
		fingerprint_u64(print, (uint64_t)change.kind << 32 | change.sa.number);
		fingerprint_u64(print, (uint64_t)change.sa.spi_in << 32 | change.sa.spi_out);
		fingerprint_octets(print, change.sa.keymat_in, sizeof(change.sa.keymat_in));
		fingerprint_octets(print, change.sa.keymat_out, sizeof(change.sa.keymat_out));
		keep_change(sim, node, &change);
	}
	if (any && sim->checks)
		invariant_store_is_right(sim, node);
}
