/* SPDX-License-Identifier: ISC */
#include "tests/sim/packets.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ike/address.h"
#include "ike/wire.h"
#include "tests/sim/sim.h"

void packets_free(struct packets *packets)
{
	flights_free(&packets->flights);
	for (size_t i = 0; i < packets->packets; i++)
		free(packets->packet[i].data);
	free(packets->packet);
}

/* ---- from where, to where ------------------------------------------------------------------------------------------ */

/* ESP without UDP has no ports; the host is the one that IKE's socket of the pair is seen as, of which the other may be another. */
static enum sim_port port_of_raw(const struct sim *sim)
{
	return sim->scenario->translators ? PORT_NAT_T : PORT_IKE;
}

static struct ike_address source(struct sim *sim, struct node *node, bool encapsulated)
{
	struct ike_address from;

	if (encapsulated)
		return nat_source(sim, node, PORT_NAT_T);
	from = nat_seen_as(node, port_of_raw(sim));
	from.port = 0;
	return from;
}

static unsigned destination(const struct sim *sim, const struct ike_address *remote,
			    bool encapsulated)
{
	if (encapsulated)
		return nat_destination(sim, remote).node;
	for (unsigned i = 0; i < sim->scenario->nodes; i++) {
		struct ike_address seen_as = nat_seen_as(&sim->node[i], PORT_IKE);
		struct ike_address floated = nat_seen_as(&sim->node[i], port_of_raw(sim));

		if (!sim->node[i].nat.translates && (ike_address_same_host(&seen_as, remote) ||
						     ike_address_same_host(&floated, remote)))
			return i;
	}
	return SIM_NODES;
}

bool packets_reach(struct sim *sim, const struct flight *flight)
{
	struct ike_address to;

	/* nobody listens there */
	if (flight->encapsulated && !sim->scenario->translators)
		return false;
	if (!sim->node[flight->to.node].nat.translates)
		return true;
	if (!flight->encapsulated)
		return false;
	to = flight->injected ? nat_seen_as(&sim->node[flight->to.node], PORT_NAT_T)
			      : sim->packets.packet[flight->sent].to;
	return nat_lets_in(sim, &to);
}

/* ---- sending ------------------------------------------------------------------------------------------------------- */

static uint32_t remember(struct sim *sim, struct node *node, const struct packet *like,
			 const struct ike_address *remote, bool encapsulated, const uint8_t *data,
			 size_t length)
{
	struct packets *packets = &sim->packets;
	struct packet *packet;

	if (packets->packets == packets->packets_room) {
		packets->packets_room = packets->packets_room * 2 + 64;
		packets->packet =
		    realloc(packets->packet, packets->packets_room * sizeof(*packets->packet));
		assert(packets->packet != NULL);
	}
	packet = &packets->packet[packets->packets];
	*packet = *like;
	packet->by = node->number;
	packet->incarnation = node->incarnation;
	packet->spi = wire_u32_at(data);
	packet->number = wire_u32_at(data + 4);
	packet->encapsulated = encapsulated;
	packet->from = source(sim, node, encapsulated);
	packet->to = *remote;
	packet->at_whom = destination(sim, remote, encapsulated);
	packet->at = sim->now;
	packet->data = malloc(length);
	packet->length = length;
	assert(packet->data != NULL);
	memcpy(packet->data, data, length);
	return (uint32_t)packets->packets++;
}

/* A bit turned, or octets cut off; sometimes there are more of them. */
static void damage(struct sim *sim, struct flight *flight)
{
	struct dice *dice = &sim->packet_dice;
	uint8_t *data = malloc(flight->length + 16);
	size_t bit = dice_below(dice, flight->length * 8);

	assert(data != NULL);
	memcpy(data, flight->data, flight->length);
	switch (dice_below(dice, 4)) {
	case 0:
		flight->length = dice_below(dice, flight->length);
		break;
	case 1:
		memset(data + flight->length, (int)dice_below(dice, 256), 16);
		flight->length += dice_between(dice, 1, 16);
		break;
	default:
		data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	flight->data = data;
	flight->altered = true;
}

static void launch(struct sim *sim, uint32_t index, bool may_be_damaged)
{
	const struct packet *packet = &sim->packets.packet[index];
	struct flight flight = {
	    .at = sim->now + flights_delay(sim, &sim->packet_dice),
	    .sent = index,
	    .to = {.node = packet->at_whom},
	    .encapsulated = packet->encapsulated,
	    .from = packet->from,
	    .data = packet->data,
	    .length = packet->length,
	};

	if (may_be_damaged && dice_chance(&sim->packet_dice, sim->scenario->faults.damaged))
		damage(sim, &flight);
	flights_put(&sim->packets.flights, flight);
}

static bool is_lost(struct sim *sim, const struct packet *packet)
{
	if (packet->at_whom == SIM_NODES || sim->network.cut[packet->by][packet->at_whom] ||
	    sim->now < sim->packets.hole_until[packet->by][packet->at_whom])
		return true;
	return sim->bad && dice_chance(&sim->packet_dice, sim->scenario->faults.loss);
}

uint32_t packets_send(struct sim *sim, struct node *node, const struct packet *like,
		      const struct ike_address *remote, bool encapsulated, const uint8_t *data,
		      size_t length)
{
	uint32_t index = remember(sim, node, like, remote, encapsulated, data, length);

	sim->tally.packets++;
	if (is_lost(sim, &sim->packets.packet[index]))
		return index;
	launch(sim, index, sim->bad);
	if (sim->bad && dice_chance(&sim->packet_dice, sim->scenario->faults.doubled))
		launch(sim, index, false);
	return index;
}

void packets_inject(struct sim *sim, const struct flight *flight)
{
	flights_inject(&sim->packets.flights, *flight, flight->data);
}

uint32_t packets_last_number(const struct packets *packets, unsigned by, uint32_t incarnation,
			     uint32_t spi)
{
	for (size_t i = packets->packets; i-- > 0;) {
		const struct packet *packet = &packets->packet[i];

		if (packet->by == by && packet->incarnation == incarnation && packet->spi == spi)
			return packet->number;
	}
	return 0;
}
