/* SPDX-License-Identifier: ISC */
/*
 * attacker_pieces.c - fragments of the attacker's making: into a reassembly that is under way, or one of his own that never ends;
 * and what else needs neither keys nor a header.
 */
#include <string.h>

#include "ike/wire.h"
#include "tests/sim/attacker.h"
#include "tests/sim/sim.h"

#define FRAGMENT_ROOM 700u
#define ENDLESS_MOST  70u

struct piece {
	uint16_t id;
	uint8_t number, flags;
	struct octets data;
};

/* Under the cookies and the exchange of what was recorded. */
static void send_piece(struct sim *sim, const struct sent *about, const struct piece *piece,
		       ike_time delay)
{
	uint8_t room[FRAGMENT_ROOM];
	struct wire_writer writer;
	struct ike_chain chain;
	size_t mark;

	if (about->length < IKE_HEADER_LENGTH)
		return;
	wire_write_to(&writer, room, sizeof(room));
	wire_write_octets(&writer, octets_of(about->data, IKE_HEADER_LENGTH));
	wire_patch_u8(&writer, IKE_HEADER_FLAGS_AT, 0);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	mark = ike_payload_begin(&chain, IKE_PAYLOAD_FRAGMENT);
	wire_write_u16(&writer, piece->id);
	wire_write_u8(&writer, piece->number);
	wire_write_u8(&writer, piece->flags);
	wire_write_octets(&writer, piece->data);
	ike_payload_end(&chain, mark);
	ike_header_finish(&writer);
	network_inject(sim, FLIGHT_FORGED, INJECT_ALTERED, &about->from, about->at_whom, room,
		       writer.length, delay);
}

/* Any number, the impossible ones as well; any content, none as well. */
static void any_piece(struct sim *sim, const struct sent *about)
{
	static const uint8_t number[] = {0, 1, 1, 2, 2, 3, 4, 64, 65, 255};
	struct dice *dice = &sim->attack_dice;
	uint8_t data[200];
	bool of_theirs = fragment_number(octets_of(about->data, about->length)) > 0;
	struct piece piece = {
	    .id = (uint16_t)dice_below(dice, 6),
	    .number = number[dice_below(dice, sizeof(number))],
	    .flags = (uint8_t)(dice_chance(dice, 900) ? dice_below(dice, 2) : dice_u64(dice)),
	    .data = octets_of(data, dice_below(dice, sizeof(data))),
	};

	if (of_theirs)
		piece.id = (uint16_t)(about->data[IKE_HEADER_LENGTH + 4] << 8 |
				      about->data[IKE_HEADER_LENGTH + 5]);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)dice_u64(dice);
	send_piece(sim, about, &piece, 0);
}

/* A recorded one that says something else: another number, another end, other content. */
static void alter_piece(struct sim *sim, const struct sent *about, uint32_t index)
{
	struct dice *dice = &sim->attack_dice;
	uint8_t data[IKE_DATAGRAM_MAX];
	size_t at = IKE_HEADER_LENGTH + 4 + dice_below(dice, 4);

	memcpy(data, about->data, about->length);
	if (dice_chance(dice, 500))
		at =
		    IKE_HEADER_LENGTH + 8 + dice_below(dice, about->length - IKE_HEADER_LENGTH - 8);
	data[at] ^= (uint8_t)(1u << dice_below(dice, dice_chance(dice, 700) ? 2 : 8));
	network_inject(sim, index, INJECT_ALTERED, &about->from, about->at_whom, data,
		       about->length, 0);
}

/* Many, of one message that is longer than any, or of one after the other. */
static void without_end(struct sim *sim, const struct sent *about)
{
	static const uint8_t data[600] = {1};
	struct dice *dice = &sim->attack_dice;
	bool one = dice_chance(dice, 500);
	unsigned count = (unsigned)dice_between(dice, 5, ENDLESS_MOST);

	for (unsigned i = 1; i <= count; i++) {
		struct piece piece = {
		    .id = (uint16_t)(one ? 7 : i),
		    .number = (uint8_t)(one ? i : 1 + i % 2),
		    .data = octets_of(data, one ? 600 : 10),
		};

		send_piece(sim, about, &piece, i * IKE_MILLISECOND);
	}
}

/*
 * What was sent in one piece, or was a piece itself, in several and in any order: it is genuine all the same.  `under`: the cookies
 * around it, which may be of another SA.
 */
static void cut(struct sim *sim, const struct sent *about, const struct sent *under)
{
	struct dice *dice = &sim->attack_dice;
	size_t parts = dice_between(dice, 1, 4), size = about->length / parts + 1;
	uint16_t id = (uint16_t)dice_u64(dice);

	if (size > FRAGMENT_ROOM - 64)
		return;
	for (size_t i = 0; i < parts; i++) {
		size_t at = i * size;
		struct piece piece = {
		    .id = id,
		    .number = (uint8_t)(i + 1),
		    .flags = i + 1 == parts,
		    .data = octets_of(about->data + at, i + 1 == parts ? about->length - at : size),
		};

		if (at < about->length)
			send_piece(sim, under, &piece, dice_below(dice, 20) * IKE_MILLISECOND);
	}
}

void attacker_sends_pieces(struct sim *sim, const struct sent *about, uint32_t index)
{
	struct dice *dice = &sim->attack_dice;
	bool piece = fragment_number(octets_of(about->data, about->length)) > 0;

	switch (dice_below(dice, 4)) {
	case 0:
		if (piece)
			alter_piece(sim, about, index);
		else
			any_piece(sim, about);
		break;
	case 1:
		any_piece(sim, about);
		break;
	case 2:
		without_end(sim, about);
		break;
	default: {
		size_t which = dice_below(dice, sim->network.sents);
		const struct sent *other = &sim->network.sent[which];

		cut(sim, about,
		    dice_chance(dice, 200) && other->at_whom.node != SIM_NODES ? other : about);
	}
	}
}

/* From anywhere, to keep a mapping open that is somebody else's, or none; some say it in more than one octet. */
void attacker_sends_nat_keepalive(struct sim *sim, const struct sent *about)
{
	static const uint8_t octets[2] = {0xff, 0xff};
	struct dice *dice = &sim->attack_dice;
	struct ike_address from = dice_chance(dice, 500) ? about->from : attacker_address(sim);
	struct destination to = {(unsigned)dice_below(dice, sim->scenario->nodes),
				 dice_chance(dice, 800) ? PORT_NAT_T : PORT_IKE};

	network_inject(sim, FLIGHT_FORGED, INJECT_ALTERED, &from, to, octets,
		       dice_chance(dice, 900) ? 1 : 2, 0);
}
