/* SPDX-License-Identifier: ISC */
/*
 * route_entries.h - which pairs of selectors there are routes for, and what those routes ought to be; no I/O.
 *
 * They are in the order of their remote prefixes, so that those that share a route stand together: the route's source is that of the
 * first of them that has one.
 */
#ifndef INTEROP_ESP_ROUTE_ENTRIES_H
#define INTEROP_ESP_ROUTE_ENTRIES_H

#include "ike/types.h"

struct route_entry {
	struct ike_prefix remote, local;
	struct ike_address source; /* what to send from; family NONE: whatever the system chooses */
	uint32_t times;            /* it was added */
};

/* All zero: empty. */
struct route_entries {
	struct route_entry *entry;
	size_t count, room;
};

/* What the route to a prefix ought to be. */
struct route_wanted {
	bool there;
	struct ike_address source; /* family NONE: whatever the system chooses */
};

/* Added once, without a source; of the prefixes, only what their bits say. */
struct route_entry route_entry_of(const struct ike_prefix *local, const struct ike_prefix *remote);

void route_entries_free(struct route_entries *entries); /* it is empty then */
/* That of the same two prefixes, until the next is inserted or erased; NULL: there is none. */
struct route_entry *route_entries_find(const struct route_entries *entries,
				       const struct route_entry *like);
/* One that is not there yet.  False: no memory. */
bool route_entries_insert(struct route_entries *entries, const struct route_entry *entry);
/* One that is there. */
void route_entries_erase(struct route_entries *entries, const struct route_entry *like);
/* `remote`: as in an entry. */
struct route_wanted route_entries_wanted(const struct route_entries *entries,
					 const struct ike_prefix *remote);

#endif
