/* SPDX-License-Identifier: ISC */
#include "ike/local_address.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "ike/address.h"

#define NO_NUMBER 0u

struct local_address {
	struct ike_address address;
	uint32_t held;
	uint32_t next; /* in its bucket, or of those that nobody holds */
};

struct local_addresses {
	uint8_t key[TABLE_HASH_KEY_LENGTH];
	struct local_address *one; /* one[0] is held by everybody who has none */
	uint32_t entries, used;    /* so many there are; so many have ever been used */
	uint32_t vacant;           /* one that nobody holds any more, or NO_NUMBER */
	uint32_t *bucket;          /* its first, or NO_NUMBER */
	uint32_t buckets;          /* a power of two */
};

struct local_addresses *local_addresses_new(uint32_t sas, const uint8_t key[TABLE_HASH_KEY_LENGTH])
{
	struct local_addresses *locals = calloc(1, sizeof(*locals));

	if (locals == NULL)
		return NULL;
	memcpy(locals->key, key, sizeof(locals->key));
	locals->entries = sas + 2;
	locals->used = 1;
	locals->buckets = 1;
	while (locals->buckets < locals->entries && locals->buckets < UINT32_MAX / 2)
		locals->buckets *= 2;
	/* most of it is never written to, and so is never there */
	locals->one = secret_room_new(locals->entries * sizeof(*locals->one), SECRET_ROOM_DENSE);
	locals->bucket =
	    secret_room_new(locals->buckets * sizeof(*locals->bucket), SECRET_ROOM_SPARSE);
	if (locals->one == NULL || locals->bucket == NULL) {
		local_addresses_free(locals);
		return NULL;
	}
	return locals;
}

void local_addresses_free(struct local_addresses *locals)
{
	if (locals == NULL)
		return;
	secret_room_free(locals->one, locals->entries * sizeof(*locals->one));
	secret_room_free(locals->bucket, locals->buckets * sizeof(*locals->bucket));
	secret_wipe(locals, sizeof(*locals));
	free(locals);
}

/* What leads to an address, or would: the bucket itself, or the entry before it. */
static uint32_t *link_of(struct local_addresses *locals, const struct ike_address *address)
{
	uint8_t octets[sizeof(address->octets) + 3];
	uint32_t *link;

	memcpy(octets, address->octets, sizeof(address->octets));
	octets[sizeof(address->octets)] = address->family;
	octets[sizeof(address->octets) + 1] = (uint8_t)(address->port >> 8);
	octets[sizeof(address->octets) + 2] = (uint8_t)address->port;
	link = &locals->bucket[table_hash(locals->key, octets_of(octets, sizeof(octets))) &
			       (locals->buckets - 1)];
	while (*link != NO_NUMBER && !ike_address_equal(address, &locals->one[*link].address))
		link = &locals->one[*link].next;
	return link;
}

/* An entry for it; NO_NUMBER: all are held. */
static uint32_t take(struct local_addresses *locals, const struct ike_address *address)
{
	uint32_t number = locals->vacant;

	if (number != NO_NUMBER)
		locals->vacant = locals->one[number].next;
	else if (locals->used < locals->entries)
		number = locals->used++;
	else
		return NO_NUMBER;
	locals->one[number] = (struct local_address){.address = *address};
	return number;
}

uint32_t local_address_hold(struct local_addresses *locals, const struct ike_address *address)
{
	uint32_t *link;

	if (ike_address_equal(address, &locals->one[0].address))
		return NO_NUMBER;
	link = link_of(locals, address);
	if (*link == NO_NUMBER)
		*link = take(locals, address);
	if (*link != NO_NUMBER)
		locals->one[*link].held++;
	return *link;
}

void local_address_release(struct local_addresses *locals, uint32_t number)
{
	struct local_address *entry = &locals->one[number];
	uint32_t *link;

	if (number == NO_NUMBER)
		return;
	assert(entry->held > 0);
	if (--entry->held > 0)
		return;
	link = link_of(locals, &entry->address);
	*link = entry->next;
	entry->next = locals->vacant;
	locals->vacant = number;
}

const struct ike_address *local_address(const struct local_addresses *locals, uint32_t number)
{
	return &locals->one[number].address;
}
