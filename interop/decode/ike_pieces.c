/* SPDX-License-Identifier: ISC */
#include "interop/decode/ike_pieces.h"

#include <stdlib.h>
#include <string.h>

#include "ike/address.h"

#define AT_ONCE 32u

struct pile {
	uint64_t used_at; /* 0: free */
	uint8_t cky_i[IKE_COOKIE_LENGTH];
	struct ike_address from; /* without a port, which may change */
	uint16_t id;
	uint8_t last; /* number of the last one; 0: it has not come */
	unsigned parts;
	size_t length;
	struct {
		size_t at, length; /* length 0: it has not come */
	} part[FRAGMENT_PARTS_MAX + 1];
	uint8_t data[IKE_PIECES_ROOM];
};

struct ike_pieces {
	uint64_t clock;
	uint8_t whole[IKE_PIECES_ROOM];
	struct pile *pile[AT_ONCE]; /* made when they are needed */
};

struct ike_pieces *ike_pieces_new(void)
{
	return calloc(1, sizeof(struct ike_pieces));
}

void ike_pieces_free(struct ike_pieces *pieces)
{
	for (size_t i = 0; pieces != NULL && i < AT_ONCE; i++)
		free(pieces->pile[i]);
	free(pieces);
}

static void empty(struct pile *pile)
{
	pile->last = 0;
	pile->parts = 0;
	pile->length = 0;
	memset(pile->part, 0, sizeof(pile->part));
}

static bool is_for(const struct pile *pile, const struct ike_header *header,
		   const struct ike_address *from, uint16_t id)
{
	return pile->used_at != 0 && pile->id == id &&
	       memcmp(pile->cky_i, header->cky_i, IKE_COOKIE_LENGTH) == 0 &&
	       ike_address_same_host(&pile->from, from);
}

/* One that is free, or else the oldest; NULL: no memory. */
static struct pile *take_pile(struct ike_pieces *pieces)
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

static struct pile *pile_of(struct ike_pieces *pieces, const struct ike_header *header,
			    const struct ike_address *from, uint16_t id)
{
	struct pile *pile;

	for (size_t i = 0; i < AT_ONCE; i++)
		if (pieces->pile[i] != NULL && is_for(pieces->pile[i], header, from, id))
			return pieces->pile[i];
	pile = take_pile(pieces);
	if (pile == NULL)
		return NULL;
	empty(pile);
	memcpy(pile->cky_i, header->cky_i, IKE_COOKIE_LENGTH);
	pile->from = *from;
	pile->id = id;
	return pile;
}

static bool is_same(const struct pile *pile, const struct fragment *fragment)
{
	return pile->part[fragment->number].length == fragment->data.length &&
	       memcmp(pile->data + pile->part[fragment->number].at, fragment->data.data,
		      fragment->data.length) == 0;
}

/* A number of the last one that others contradict, or a second fragment of one number: another message under an ID used before. */
static bool contradicts(const struct pile *pile, const struct fragment *fragment)
{
	if (pile->part[fragment->number].length > 0)
		return true;
	if (pile->last != 0)
		return fragment->last || fragment->number > pile->last;
	if (fragment->last)
		for (unsigned i = fragment->number + 1u; i <= FRAGMENT_PARTS_MAX; i++)
			if (pile->part[i].length > 0)
				return true;
	return false;
}

static void put_together(struct ike_pieces *pieces, struct pile *pile, struct octets *whole)
{
	size_t length = 0;

	for (unsigned i = 1; i <= pile->last; i++) {
		memcpy(pieces->whole + length, pile->data + pile->part[i].at, pile->part[i].length);
		length += pile->part[i].length;
	}
	*whole = octets_of(pieces->whole, length);
	pile->used_at = 0;
}

enum ike_verdict ike_pieces_add(struct ike_pieces *pieces, const struct ike_header *header,
				const struct ike_address *from, const struct fragment *fragment,
				struct octets *whole, unsigned *count)
{
	struct pile *pile = pile_of(pieces, header, from, fragment->id);
	enum ike_verdict verdict = IKE_ACCEPTED;

	*whole = octets_of(NULL, 0);
	*count = 0;
	if (pile == NULL)
		return IKE_OVERLOAD;
	pile->used_at = ++pieces->clock;
	if (pile->part[fragment->number].length > 0 && is_same(pile, fragment))
		return IKE_FRAGMENT_REPEATED;
	if (contradicts(pile, fragment)) {
		verdict = IKE_FRAGMENT_CONFLICT;
		empty(pile); /* the new message has a chance */
	}
	if (fragment->data.length > IKE_PIECES_ROOM - pile->length)
		return IKE_FRAGMENT_TOO_LONG;
	pile->part[fragment->number].at = pile->length;
	pile->part[fragment->number].length = fragment->data.length;
	memcpy(pile->data + pile->length, fragment->data.data, fragment->data.length);
	pile->length += fragment->data.length;
	pile->parts++;
	if (fragment->last)
		pile->last = fragment->number;
	if (pile->last != 0 && pile->parts == pile->last) {
		*count = pile->parts;
		put_together(pieces, pile, whole);
	}
	return verdict;
}
