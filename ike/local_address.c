/* SPDX-License-Identifier: ISC */
#include "ike/local_address.h"

#include <assert.h>
#include <stdlib.h>

#include "ike/address.h"

struct local_address {
	struct ike_address address;
	uint32_t held;
};

/* Searched from the beginning: what is asked for is nearly always one of the first few. */
struct local_addresses {
	uint32_t most, used;        /* so many entries; so many have ever been used */
	struct local_address one[]; /* one[0] is held by everybody who has none */
};

struct local_addresses *local_addresses_new(uint32_t most)
{
	uint32_t entries = most < UINT16_MAX ? most + 1 : UINT16_MAX + 1u;
	struct local_addresses *locals =
	    calloc(1, sizeof(*locals) + entries * sizeof(locals->one[0]));

	if (locals == NULL)
		return NULL;
	locals->most = entries;
	locals->used = 1;
	return locals;
}

void local_addresses_free(struct local_addresses *locals)
{
	free(locals);
}

uint16_t local_address_hold(struct local_addresses *locals, const struct ike_address *address)
{
	uint32_t vacant = 0, i;

	if (ike_address_equal(address, &locals->one[0].address))
		return 0;
	for (i = 1; i < locals->used; i++) {
		if (locals->one[i].held == 0)
			vacant = i;
		else if (ike_address_equal(address, &locals->one[i].address))
			break;
	}
	if (i == locals->used && vacant != 0)
		i = vacant;
	if (i == locals->most)
		return 0;
	if (i == locals->used)
		locals->used++;
	locals->one[i].address = *address;
	locals->one[i].held++;
	return (uint16_t)i;
}

void local_address_release(struct local_addresses *locals, uint16_t number)
{
	if (number == 0)
		return;
	assert(locals->one[number].held > 0);
	locals->one[number].held--;
}

const struct ike_address *local_address(const struct local_addresses *locals, uint16_t number)
{
	return &locals->one[number].address;
}
