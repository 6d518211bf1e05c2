/* SPDX-License-Identifier: ISC */
/*
 * attacker_packets.c - the same somebody on the path, with ESP: he has recorded every packet, and has no keys.
 */
#include <string.h>

#include "ike/wire.h"
#include "tests/sim/attacker.h"
#include "tests/sim/sim.h"

#define LARGE      4000u /* octets: more than any packet here */
#define FLOOD_MOST 30u

static const struct packet *any_packet(struct sim *sim, uint32_t *index)
{
	struct packets *packets = &sim->packets;
	struct dice *dice = &sim->attack_dice;

	if (packets->packets == 0)
		return NULL;
	if (dice_chance(dice, 600) && packets->packets > 8)
		*index = (uint32_t)(packets->packets - 1 - dice_below(dice, 8));
	else
		*index = (uint32_t)dice_below(dice, packets->packets);
	return &packets->packet[*index];
}

static void inject(struct sim *sim, struct flight flight)
{
	flight.at = sim->now;
	packets_inject(sim, &flight);
}

static struct flight like(const struct packet *packet, uint32_t index)
{
	return (struct flight){.sent = index,
			       .to = {.node = packet->at_whom},
			       .encapsulated = packet->encapsulated,
			       .from = packet->from,
			       .data = packet->data,
			       .length = packet->length};
}

/* Another length, another number, a bit of the rest, another SPI. */
static void alter(struct sim *sim, enum attack_kind kind, const struct packet *packet,
		  uint32_t index)
{
	static uint8_t data[LARGE];
	struct dice *dice = &sim->attack_dice;
	struct flight flight = like(packet, index);
	uint32_t number = dice_chance(dice, 300)   ? 0
			  : dice_chance(dice, 500) ? packet->number + 1
						   : (uint32_t)dice_u64(dice);

	memcpy(data, packet->data, packet->length);
	switch (kind) {
	case ATTACK_ESP_TRUNCATED:
		flight.length = dice_below(dice, packet->length);
		break;
	case ATTACK_ESP_OVERSIZED:
		memset(data + packet->length, 0x5a, sizeof(data) - packet->length);
		flight.length = dice_between(dice, packet->length + 1, sizeof(data));
		break;
	case ATTACK_ESP_NUMBER:
		if (number == packet->number)
			return;
		wire_put_u32(data + 4, number);
		break;
	default:
		data[8 + dice_below(dice, packet->length - 8)] ^=
		    (uint8_t)(1u << dice_below(dice, 8));
	}
	flight.data = data;
	flight.altered = true;
	inject(sim, flight);
}

/* SPIs of nobody, of somebody else, and such as there are none of; from where a peer is, or from anywhere. */
static void forge(struct sim *sim, const struct packet *packet)
{
	struct dice *dice = &sim->attack_dice;
	uint8_t data[64];
	struct flight flight = like(packet, FLIGHT_FORGED);
	uint32_t index;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)dice_u64(dice);
	if (dice_chance(dice, 100))
		wire_put_u32(data, (uint32_t)dice_below(dice, 256));
	else if (dice_chance(dice, 300))
		wire_put_u32(data, any_packet(sim, &index)->spi);
	if (dice_chance(dice, 400)) {
		flight.from = attacker_address(sim);
		if (!flight.encapsulated)
			flight.from.port = 0;
	}
	flight.data = data;
	flight.length = sizeof(data);
	inject(sim, flight);
}

static void deliver_otherwise(struct sim *sim, enum attack_kind kind, const struct packet *packet,
			      uint32_t index)
{
	struct flight flight = like(packet, index);

	if (kind == ATTACK_ESP_ELSEWHERE) {
		flight.from = attacker_address(sim);
		if (!flight.encapsulated)
			flight.from.port = 0;
	} else if (kind == ATTACK_ESP_WRAPPED) {
		flight.encapsulated = !flight.encapsulated;
		flight.from.port = flight.encapsulated ? SIM_NAT_T_PORT : 0;
	} else if (kind == ATTACK_ESP_OTHER_NODE) {
		flight.to.node = (unsigned)dice_below(&sim->attack_dice, sim->scenario->nodes);
	}
	inject(sim, flight);
}

void attacker_sends_packets(struct sim *sim, enum attack_kind kind)
{
	uint32_t index;
	const struct packet *packet = any_packet(sim, &index);

	if (packet == NULL || packet->at_whom == SIM_NODES)
		return;
	switch (kind) {
	case ATTACK_ESP_TRUNCATED:
	case ATTACK_ESP_OVERSIZED:
	case ATTACK_ESP_NUMBER:
	case ATTACK_ESP_DAMAGE:
		alter(sim, kind, packet, index);
		break;
	case ATTACK_ESP_FORGE:
		for (uint64_t i = dice_between(&sim->attack_dice, 1, FLOOD_MOST); i > 0; i--)
			forge(sim, packet);
		break;
	default:
		deliver_otherwise(sim, kind, packet, index);
	}
}
