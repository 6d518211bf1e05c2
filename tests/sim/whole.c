/* SPDX-License-Identifier: ISC */
#include "tests/sim/whole.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define NEXT_PAYLOAD_AT 16
#define NUMBER_AT       (IKE_HEADER_LENGTH + 6)
#define DATA_AT         (IKE_HEADER_LENGTH + 8)

bool is_fragment(struct octets datagram)
{
	return datagram.length > DATA_AT && datagram.data[NEXT_PAYLOAD_AT] == IKE_PAYLOAD_FRAGMENT;
}

unsigned fragment_number(struct octets datagram)
{
	return is_fragment(datagram) ? datagram.data[NUMBER_AT] : 0;
}

/* ---- sent ---------------------------------------------------------------------------------------------------------- */

static void add(struct sim *sim, const struct node *node, const struct sent *last,
		struct octets message)
{
	struct wholes *wholes = &sim->wholes;
	struct whole *whole;

	for (size_t i = 0; i < wholes->wholes; i++)
		if (octets_equal(octets_of(wholes->whole[i].data, wholes->whole[i].length),
				 message))
			return;
	if (wholes->wholes == wholes->room) {
		wholes->room = wholes->room * 2 + 16;
		wholes->whole = realloc(wholes->whole, wholes->room * sizeof(*wholes->whole));
		assert(wholes->whole != NULL);
	}
	whole = &wholes->whole[wholes->wholes++];
	*whole = (struct whole){
	    .by = node->number,
	    .to = last->at_whom.node,
	    .incarnation = node->incarnation,
	    .data = malloc(message.length),
	    .length = message.length,
	    .covered = last->covered,
	};
	assert(whole->data != NULL);
	memcpy(whole->data, message.data, message.length);
}

void wholes_sent(struct sim *sim, const struct node *node, const struct sent *sent)
{
	struct octets datagram = octets_of(sent->data, sent->length);
	unsigned number = fragment_number(datagram);
	uint8_t *data = sim->wholes.sending[node->number].data;
	size_t *length = &sim->wholes.sending[node->number].length;
	unsigned *parts = &sim->wholes.sending[node->number].parts;

	if (number == 0)
		return;
	if (number == 1)
		*length = *parts = 0;
	if (number != *parts + 1) /* the rest of one that was given up */
		return;
	*parts = number;
	memcpy(data + *length, sent->data + DATA_AT, sent->length - DATA_AT);
	*length += sent->length - DATA_AT;
	if (datagram.data[NUMBER_AT + 1] == 1)
		add(sim, node, sent, octets_of(data, *length));
}

/* ---- arrived ------------------------------------------------------------------------------------------------------- */

void wholes_expect(struct sim *sim, struct node *node)
{
	/* a length that no message has: whatever completes one writes it anew */
	memset(node->core->reassemblies.message, 0, IKE_HEADER_LENGTH);
	sim->provenance = PIECE;
	sim->whole = NULL;
	sim->made_by = SIM_NODES;
}

static size_t length_of(const uint8_t *message)
{
	const uint8_t *at = message + IKE_HEADER_LENGTH_AT;

	return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

/* Somebody may have cut into pieces what was sent as one. */
static bool find_in_one_piece(struct sim *sim, const struct node *node)
{
	for (size_t i = sim->network.sents; i-- > 0;) {
		struct sent *sent = &sim->network.sent[i];

		if (!octets_equal(octets_of(sent->data, sent->length), sim->message))
			continue;
		sim->made_by = sent->by;
		sim->in_one_piece = sent;
		sim->provenance = sent->at_whom.node != node->number ? MISPLACED
				  : sent->delivered                  ? REPLAYED
								     : GENUINE;
		return true;
	}
	return false;
}

static bool find_in_several(struct sim *sim, const struct node *node)
{
	for (size_t i = 0; i < sim->wholes.wholes; i++) {
		struct whole *whole = &sim->wholes.whole[i];

		if (!octets_equal(octets_of(whole->data, whole->length), sim->message))
			continue;
		sim->made_by = whole->by;
		sim->whole = whole;
		sim->provenance = whole->to != node->number ? MISPLACED
				  : whole->delivered        ? REPLAYED
							    : GENUINE;
		return true;
	}
	return false;
}

void wholes_settle(struct sim *sim, const struct node *node)
{
	const uint8_t *message = node->core->reassemblies.message;

	if (sim->provenance != PIECE || sim->arriving == NULL || length_of(message) == 0)
		return;
	sim->message = octets_of(message, length_of(message));
	if (sim->message.length > IKE_MESSAGE_MAX)
		sim->message.length = IKE_MESSAGE_MAX; /* refused for that */
	if (!find_in_several(sim, node) && !find_in_one_piece(sim, node))
		sim->provenance = ALTERED;
}

void wholes_delivered(struct sim *sim)
{
	if (sim->whole != NULL)
		sim->whole->delivered = true;
	if (sim->in_one_piece != NULL)
		sim->in_one_piece->delivered = true;
}

/* ---- what no HASH covers ------------------------------------------------------------------------------------------- */

static bool differs_uncovered(struct octets message, const uint8_t *sent, size_t length,
			      size_t covered)
{
	size_t at = 0;

	if (length < IKE_HEADER_LENGTH || memcmp(message.data, sent, 2 * IKE_COOKIE_LENGTH) != 0)
		return false;
	while (at < message.length && at < length && message.data[at] == sent[at])
		at++;
	return at < IKE_HEADER_LENGTH || at >= covered;
}

bool wholes_differs_uncovered(const struct sim *sim, struct octets message)
{
	for (size_t i = 0; i < sim->wholes.wholes; i++) {
		const struct whole *whole = &sim->wholes.whole[i];

		if (differs_uncovered(message, whole->data, whole->length, whole->covered))
			return true;
	}
	return false;
}

void wholes_free(struct wholes *wholes)
{
	for (size_t i = 0; i < wholes->wholes; i++)
		free(wholes->whole[i].data);
	free(wholes->whole);
}
