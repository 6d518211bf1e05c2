/* SPDX-License-Identifier: ISC */
#include "interop/decode/ip_pieces.h"

#include <stdlib.h>
#include <string.h>

#include "ike/address.h"

#define AT_ONCE 32u
#define UNIT    8u /* octets: offsets are multiples of it */
#define UNITS   ((IP_PIECES_ROOM + UNIT) / UNIT)

struct pile {
	uint64_t used_at; /* 0: free */
	struct ike_address from, to;
	uint32_t id;
	uint8_t protocol;
	unsigned count;
	size_t length; /* of the whole; 0: the last piece has not come */
	size_t units;  /* that are there */
	uint8_t there[UNITS];
	uint8_t data[UNITS * UNIT];
};

struct ip_pieces {
	uint64_t clock;
	struct pile *pile[AT_ONCE]; /* made when they are needed */
};

struct ip_pieces *ip_pieces_new(void)
{
	return calloc(1, sizeof(struct ip_pieces));
}

void ip_pieces_free(struct ip_pieces *pieces)
{
	for (size_t i = 0; pieces != NULL && i < AT_ONCE; i++)
		free(pieces->pile[i]);
	free(pieces);
}

static bool is_for(const struct pile *pile, const struct ip_piece *piece)
{
	return pile->used_at != 0 && pile->id == piece->id && pile->protocol == piece->protocol &&
	       ike_address_equal(&pile->from, &piece->from) &&
	       ike_address_equal(&pile->to, &piece->to);
}

/* One that is free, or else the oldest; NULL: no memory. */
static struct pile *take_pile(struct ip_pieces *pieces)
{
	struct pile *oldest = NULL;

	for (size_t i = 0; i < AT_ONCE; i++) {
		struct pile *pile = pieces->pile[i];

		if (pile == NULL)
			pile = pieces->pile[i] = calloc(1, sizeof(*pile));
		if (pile == NULL || pile->used_at == 0)
			return pile;
		if (oldest == NULL || pile->used_at < oldest->used_at)
			oldest = pile;
	}
	return oldest;
}

static struct pile *pile_of(struct ip_pieces *pieces, const struct ip_piece *piece)
{
	struct pile *pile;

	for (size_t i = 0; i < AT_ONCE; i++)
		if (pieces->pile[i] != NULL && is_for(pieces->pile[i], piece))
			return pieces->pile[i];
	pile = take_pile(pieces);
	if (pile == NULL)
		return NULL;
	pile->from = piece->from;
	pile->to = piece->to;
	pile->id = piece->id;
	pile->protocol = piece->protocol;
	pile->count = 0;
	pile->length = pile->units = 0;
	memset(pile->there, 0, sizeof(pile->there));
	return pile;
}

bool ip_pieces_add(struct ip_pieces *pieces, const struct ip_piece *piece, struct octets *whole,
		   unsigned *count)
{
	struct pile *pile;

	/* all but the last are whole units */
	if (piece->offset % UNIT != 0 || piece->octets.length == 0 ||
	    piece->octets.length > IP_PIECES_ROOM ||
	    piece->offset > IP_PIECES_ROOM - piece->octets.length ||
	    (piece->more && piece->octets.length % UNIT != 0))
		return false;
	pile = pile_of(pieces, piece);
	if (pile == NULL)
		return false;
	pile->used_at = ++pieces->clock;
	pile->count++;
	if (!piece->more && pile->length == 0)
		pile->length = piece->offset + piece->octets.length;
	for (size_t at = 0; at < piece->octets.length; at += UNIT) {
		size_t unit = (piece->offset + at) / UNIT, left = piece->octets.length - at;

		/* half a unit is all of it only where the whole ends */
		if (pile->there[unit] != 0 ||
		    (left < UNIT && piece->offset + piece->octets.length != pile->length))
			continue;
		pile->there[unit] = 1;
		pile->units++;
		memcpy(pile->data + unit * UNIT, piece->octets.data + at,
		       left < UNIT ? left : UNIT);
	}
	if (pile->length == 0 || pile->units < (pile->length + UNIT - 1) / UNIT)
		return false;
	/* what lies behind the end is not counted */
	for (size_t unit = 0; unit < (pile->length + UNIT - 1) / UNIT; unit++)
		if (pile->there[unit] == 0)
			return false;
	*whole = octets_of(pile->data, pile->length);
	*count = pile->count;
	pile->used_at = 0;
	return true;
}
