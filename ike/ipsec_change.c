/* SPDX-License-Identifier: ISC */
/*
 * ipsec_change.c - what has become of pairs of IPsec SAs, waiting to be pulled.
 *
 * The queue is in the pairs themselves, which keep their places until their last words have been pulled: nothing is lost, and
 * nothing grows.  A pair whose keys nobody has asked for yet keeps them until then; otherwise they go when it goes.
 */
#include <string.h>

#include "crypto/secret.h"
#include "ike/core.h"

static void wipe_keys(struct ike_pair *pair)
{
	secret_wipe(pair->sa.keymat_in, sizeof(pair->sa.keymat_in));
	secret_wipe(pair->sa.keymat_out, sizeof(pair->sa.keymat_out));
}

static void queue(struct ike_core *core, struct ike_pair *pair)
{
	if (pair->queued)
		return;
	pair->queued = true;
	pair->next_change = NULL;
	*core->last_change = pair;
	core->last_change = &pair->next_change;
}

void ipsec_change(struct ike_core *core, struct ike_pair *pair, enum ike_ipsec_change_kind kind)
{
	if (!core->settings->ipsec_store) {
		if (kind == IKE_IPSEC_REMOVED)
			ipsec_table_remove(core->pairs, pair);
		return;
	}
	switch (kind) {
	case IKE_IPSEC_ADDED:
		pair->added = true;
		break;
	case IKE_IPSEC_CHANGED:
		pair->changed = true;
		break;
	case IKE_IPSEC_REMOVED:
		pair->removed = true;
		pair->changed = false;
		if (!pair->added)
			wipe_keys(pair);
		break;
	}
	queue(core, pair);
}

/* The next word about the first pair that has any; false: it has had its last for now. */
static bool next_word(struct ike_pair *pair, enum ike_ipsec_change_kind *kind)
{
	if (pair->added) {
		pair->added = false;
		*kind = IKE_IPSEC_ADDED;
	} else if (pair->changed) {
		pair->changed = false;
		*kind = IKE_IPSEC_CHANGED;
	} else if (pair->removed) {
		pair->removed = false;
		wipe_keys(pair);
		*kind = IKE_IPSEC_REMOVED;
	} else {
		return false;
	}
	return true;
}

static void unqueue_first(struct ike_core *core)
{
	struct ike_pair *pair = core->first_change;

	core->first_change = pair->next_change;
	if (core->first_change == NULL)
		core->last_change = &core->first_change;
	pair->queued = false;
	if (pair->state == IKE_PAIR_GONE)
		ipsec_table_remove(core->pairs, pair);
}

size_t ike_ipsec_changes(struct ike_core *core, struct ike_ipsec_change *changes, size_t max)
{
	size_t count = 0;

	while (core->first_change != NULL) {
		struct ike_pair *pair = core->first_change;

		if (!pair->added && !pair->changed && !pair->removed) {
			unqueue_first(core);
			continue;
		}
		if (count == max)
			break;
		(void)next_word(pair, &changes[count].kind);
		changes[count++].sa = pair->sa;
	}
	return count;
}
