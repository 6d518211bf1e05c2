/* SPDX-License-Identifier: ISC */
#include "tests/sim/store.h"

#include <string.h>

#include "ike/address.h"

static struct ike_ipsec_sa *find(struct store *store, uint32_t number)
{
	for (unsigned i = 0; i < store->pairs; i++)
		if (store->pair[i].number == number)
			return &store->pair[i];
	return NULL;
}

static bool same_selector(const struct ike_selector *a, const struct ike_selector *b)
{
	return ike_address_equal(&a->prefix.address, &b->prefix.address) &&
	       a->prefix.bits == b->prefix.bits && a->protocol == b->protocol && a->port == b->port;
}

/* What never changes about a pair once it is there. */
static bool same_pair(const struct ike_ipsec_sa *a, const struct ike_ipsec_sa *b)
{
	return a->number == b->number && a->peer == b->peer && a->tunnel == b->tunnel &&
	       a->encapsulated == b->encapsulated && a->initiator == b->initiator &&
	       a->transport == b->transport && same_selector(&a->inside_local, &b->inside_local) &&
	       same_selector(&a->inside_remote, &b->inside_remote) && a->spi_in == b->spi_in &&
	       a->spi_out == b->spi_out && a->established_at == b->established_at &&
	       a->encryption_key_length == b->encryption_key_length &&
	       a->authentication_key_length == b->authentication_key_length &&
	       memcmp(a->keymat_in, b->keymat_in, sizeof(a->keymat_in)) == 0 &&
	       memcmp(a->keymat_out, b->keymat_out, sizeof(a->keymat_out)) == 0;
}

static const char *add(struct store *store, const struct ike_ipsec_sa *sa, bool late)
{
	if (find(store, sa->number) != NULL)
		return "added twice";
	if (sa->superseded && !late)
		return "added, and superseded already";
	if (store->pairs == STORE_PAIRS)
		return "more pairs than there may be";
	store->pair[store->pairs++] = *sa;
	return NULL;
}

static const char *change(struct ike_ipsec_sa *old, const struct ike_ipsec_sa *sa, bool late)
{
	if (!same_pair(old, sa))
		return "something changed that never may";
	if (old->superseded && !sa->superseded)
		return "superseded no longer";
	if (!late && old->superseded == sa->superseded && old->kilobytes == sa->kilobytes &&
	    ike_address_equal(&old->local, &sa->local) &&
	    ike_address_equal(&old->remote, &sa->remote))
		return "changed, and nothing is different";
	*old = *sa;
	return NULL;
}

const char *store_apply(struct store *store, const struct ike_ipsec_change *told, bool late)
{
	struct ike_ipsec_sa *old = find(store, told->sa.number);

	if (told->kind == IKE_IPSEC_ADDED)
		return add(store, &told->sa, late);
	if (old == NULL)
		return told->kind == IKE_IPSEC_CHANGED ? "changed, and was never added"
						       : "removed, and was never added";
	if (told->kind == IKE_IPSEC_CHANGED)
		return change(old, &told->sa, late);
	if (old->spi_in != told->sa.spi_in || old->spi_out != told->sa.spi_out)
		return "removed, and it was another one";
	*old = store->pair[--store->pairs];
	return NULL;
}

const char *store_compare(const struct store *store, const struct ike_core *core)
{
	uint32_t cursor = 0;
	unsigned count = 0;
	struct ike_ipsec_sa sa;

	while (ike_next_ipsec_sa(core, &cursor, &sa)) {
		const struct ike_ipsec_sa *own = NULL;

		for (unsigned i = 0; i < store->pairs && own == NULL; i++)
			if (store->pair[i].number == sa.number)
				own = &store->pair[i];
		if (own == NULL)
			return "a pair was never told";
		if (!same_pair(own, &sa))
			return "a pair is another than was told";
		if (own->superseded != sa.superseded)
			return "that a pair is superseded was not told";
		if (!ike_address_equal(&own->remote, &sa.remote) ||
		    !ike_address_equal(&own->local, &sa.local))
			return "that a pair's addresses moved was not told";
		count++;
	}
	return count == store->pairs ? NULL : "a pair's end was not told";
}
