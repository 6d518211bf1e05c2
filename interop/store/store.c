/* SPDX-License-Identifier: ISC */
#include "interop/store/store.h"

#include <stdlib.h>

#include "crypto/secret.h"

struct store {
	const struct store_operations *operations;
	void *context;
	struct store_table *table;
};

struct store *store_on(const struct store_operations *operations,
		       const struct store_settings *settings, struct fault *fault)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store != NULL)
		store->table = store_table_new();
	if (store == NULL || store->table == NULL) {
		free(store);
		fault_say(fault, "no memory for a store of IPsec SAs");
		return NULL;
	}
	store->operations = operations;
	store->context = operations->open(settings, fault);
	if (store->context != NULL)
		return store;
	store_table_free(store->table);
	free(store);
	return NULL;
}

static struct store *choose(const struct store_settings *settings, struct fault *notice,
			    struct fault *fault)
{
	struct store *store;
	struct fault why;

	if (settings->pings) {
		fault_say(notice, "this program moves the packets of IPsec SAs, because there are "
				  "tunnels with a ping");
		return store_on(&store_userspace, settings, fault);
	}
	store = store_on(&store_xfrm, settings, fault);
	if (store != NULL) {
		fault_say(notice, "IPsec SAs go to the kernel");
		return store;
	}
	store = store_on(&store_userspace, settings, &why);
	if (store != NULL) {
		fault_say(notice, "this program moves the packets of IPsec SAs: %.400s",
			  fault->text);
		return store;
	}
	fault_say(notice, "IPsec SAs are only kept, and move no packet: %.300s; and %.150s",
		  fault->text, why.text);
	return store_on(&store_keep, settings, fault);
}

struct store *store_open(enum store_kind kind, const struct store_settings *settings,
			 struct fault *notice, struct fault *fault)
{
	notice->text[0] = '\0';
	if (kind == STORE_AUTO)
		return choose(settings, notice, fault);
	return store_on(kind == STORE_KEEP   ? &store_keep
			: kind == STORE_XFRM ? &store_xfrm
					     : &store_userspace,
			settings, fault);
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	store->operations->close(store->context, store->table);
	store_table_free(store->table);
	free(store);
}

/* ---- changes ------------------------------------------------------------------------------------------------------- */

static void drop(struct store *store, struct store_pair *pair)
{
	struct fault fault;

	(void)store->operations->apply(store->context, store->table, pair, NULL, &fault);
	store_table_remove(store->table, pair);
}

static bool put(struct store *store, struct store_pair *before, struct store_pair *after,
		struct fault *fault)
{
	struct store_pair *added;

	if (!store->operations->apply(store->context, store->table, before, after, fault)) {
		if (before != NULL)
			store_table_remove(store->table, before);
		return false;
	}
	if (before != NULL && store_selectors_equal(before, after)) {
		/* its place among those of its selectors stays, which tells which is the newest */
		after->next_number = before->next_number;
		after->next_selectors = before->next_selectors;
		*before = *after;
		secret_wipe(before->sa.keymat_in, sizeof(before->sa.keymat_in));
		secret_wipe(before->sa.keymat_out, sizeof(before->sa.keymat_out));
		return true;
	}
	if (before != NULL)
		store_table_remove(store->table, before);
	added = store_table_add(store->table, after);
	if (added != NULL)
		return true;
	(void)store->operations->apply(store->context, store->table, after, NULL, fault);
	return fault_say(fault, "no memory for one more pair of IPsec SAs");
}

bool store_apply(struct store *store, const struct ike_ipsec_change *change, struct fault *fault)
{
	struct store_pair *before = store_table_find(store->table, change->sa.number);
	struct store_pair after = {.sa = change->sa};
	bool good;

	if (change->kind == IKE_IPSEC_REMOVED) {
		if (before != NULL)
			drop(store, before);
		return true;
	}
	if (change->kind == IKE_IPSEC_CHANGED && before == NULL)
		return true; /* it could not be added, and that was said then */
	store_selectors(&after.sa, &after.inside_local, &after.inside_remote);
	if (before != NULL) {
		after.reqid = before->reqid;
		after.renewing = before->renewing;
	}
	good = put(store, before, &after, fault);
	secret_wipe(&after, sizeof(after));
	return good;
}

/* ---- what is beneath ----------------------------------------------------------------------------------------------- */

bool store_socket(struct store *store, int descriptor, uint8_t family, bool encapsulated,
		  struct fault *fault)
{
	return store->operations->socket == NULL ||
	       store->operations->socket(store->context, descriptor, family, encapsulated, fault);
}

int store_descriptor(const struct store *store)
{
	return store->operations->descriptor != NULL ? store->operations->descriptor(store->context)
						     : -1;
}

/* One of the two directions is first, and the other one's turn is not a second reason. */
bool store_expired(struct store *store, struct store_expiry *expiry)
{
	while (store->operations->expired != NULL &&
	       store->operations->expired(store->context, store->table, expiry)) {
		struct store_pair *pair = store_table_find(store->table, expiry->pair->sa.number);

		if (!expiry->hard && (pair->renewing || pair->sa.superseded))
			continue;
		pair->renewing = true;
		return true;
	}
	return false;
}

bool store_usage(const struct store *store, const struct store_pair *pair,
		 struct store_usage *usage)
{
	return store->operations->usage != NULL &&
	       store->operations->usage(store->context, pair, usage);
}

struct esp_device *store_device(const struct store *store)
{
	return store->operations->device != NULL ? store->operations->device(store->context) : NULL;
}

const struct store_table *store_pairs(const struct store *store)
{
	return store->table;
}

const char *store_name(const struct store *store)
{
	return store->operations->name;
}

const char *store_meaning(const struct store *store)
{
	return store->operations->meaning;
}

bool store_needs_net_admin(const struct store *store)
{
	return store != NULL && store->operations->needs_net_admin;
}
