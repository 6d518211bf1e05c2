/* SPDX-License-Identifier: ISC */
#include "interop/esp/route_entries.h"

#include <stdlib.h>
#include <string.h>

#define ENTRIES_FIRST 16

static struct ike_prefix cleaned(const struct ike_prefix *prefix)
{
	struct ike_prefix clean = {.address.family = prefix->address.family, .bits = prefix->bits};

	for (size_t bit = 0; bit < prefix->bits && bit / 8 < sizeof(clean.address.octets); bit++)
		clean.address.octets[bit / 8] |=
		    prefix->address.octets[bit / 8] & (uint8_t)(0x80 >> bit % 8);
	return clean;
}

struct route_entry route_entry_of(const struct ike_prefix *local, const struct ike_prefix *remote)
{
	return (struct route_entry){.remote = cleaned(remote), .local = cleaned(local), .times = 1};
}

void route_entries_free(struct route_entries *entries)
{
	free(entries->entry);
	*entries = (struct route_entries){.entry = NULL};
}

static int compare_prefixes(const struct ike_prefix *a, const struct ike_prefix *b)
{
	int order = memcmp(a->address.octets, b->address.octets, sizeof(a->address.octets));

	if (order == 0)
		order = a->address.family - b->address.family;
	return order != 0 ? order : a->bits - b->bits;
}

static int compare(const struct route_entry *a, const struct route_entry *b)
{
	int order = compare_prefixes(&a->remote, &b->remote);

	return order != 0 ? order : compare_prefixes(&a->local, &b->local);
}

/* The first that is not before `like`. */
static size_t place_of(const struct route_entries *entries, const struct route_entry *like)
{
	size_t from = 0, to = entries->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (compare(&entries->entry[middle], like) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

struct route_entry *route_entries_find(const struct route_entries *entries,
				       const struct route_entry *like)
{
	size_t place = place_of(entries, like);

	return place < entries->count && compare(&entries->entry[place], like) == 0
		   ? &entries->entry[place]
		   : NULL;
}

bool route_entries_insert(struct route_entries *entries, const struct route_entry *entry)
{
	size_t place = place_of(entries, entry);

	if (entries->count == entries->room) {
		size_t room = entries->room == 0 ? ENTRIES_FIRST : 2 * entries->room;
		struct route_entry *grown = realloc(entries->entry, room * sizeof(*grown));

		if (grown == NULL)
			return false;
		entries->entry = grown;
		entries->room = room;
	}
	memmove(&entries->entry[place + 1], &entries->entry[place],
		(entries->count - place) * sizeof(*entry));
	entries->entry[place] = *entry;
	entries->count++;
	return true;
}

void route_entries_erase(struct route_entries *entries, const struct route_entry *like)
{
	size_t place = place_of(entries, like);

	entries->count--;
	memmove(&entries->entry[place], &entries->entry[place + 1],
		(entries->count - place) * sizeof(entries->entry[0]));
}

struct route_wanted route_entries_wanted(const struct route_entries *entries,
					 const struct ike_prefix *remote)
{
	/* before every one of that remote prefix: no family is less than NONE */
	const struct route_entry least = {.remote = *remote};
	struct route_wanted wanted = {.there = false};

	for (size_t place = place_of(entries, &least);
	     place < entries->count && wanted.source.family == IKE_FAMILY_NONE &&
	     compare_prefixes(&entries->entry[place].remote, remote) == 0;
	     place++) {
		wanted.there = true;
		wanted.source = entries->entry[place].source;
	}
	return wanted;
}
