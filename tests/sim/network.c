/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ike/address.h"
#include "ike/wire.h"
#include "tests/sim/sim.h"

const char *provenance_name(enum provenance provenance)
{
	static const char *const name[PROVENANCES] = {
	    [GENUINE] = "genuine", [REPLAYED] = "replayed", [MISPLACED] = "misplaced",
	    [ALTERED] = "altered", [FORGED] = "forged",     [PIECE] = "fragmentary",
	};

	return name[provenance];
}

void network_free(struct network *network)
{
	flights_free(&network->flights);
	for (size_t i = 0; i < network->sents; i++)
		free(network->sent[i].data);
	free(network->sent);
}

/* ---- from where, to where ------------------------------------------------------------------------------------------ */

static bool same_socket(struct destination a, struct destination b)
{
	return a.node == b.node && a.port == b.port;
}

bool network_reaches(struct sim *sim, const struct flight *flight)
{
	struct ike_address seen_as;

	if (!sim->node[flight->to.node].nat.translates)
		return true;
	if (!flight->injected)
		return nat_lets_in(sim, &sim->network.sent[flight->sent].to);
	seen_as = nat_seen_as(&sim->node[flight->to.node], flight->to.port);
	return nat_lets_in(sim, &seen_as);
}

/* No HASH covers the flags in the header: whoever may damage a message may set the Commit bit of it, and it is genuine all the same. */
static bool only_commit_differs(const struct network *network, const struct flight *flight)
{
	static const size_t at = IKE_HEADER_FLAGS_AT;
	const struct sent *sent = &network->sent[flight->sent];

	return sent->length == flight->length && flight->length > at &&
	       (sent->data[at] ^ flight->data[at]) == IKE_FLAG_COMMIT &&
	       memcmp(sent->data, flight->data, at) == 0 &&
	       memcmp(sent->data + at + 1, flight->data + at + 1, flight->length - at - 1) == 0;
}

enum provenance network_provenance(const struct network *network, const struct flight *flight)
{
	const struct sent *sent;

	if (flight->sent == FLIGHT_FORGED)
		return FORGED;
	if (flight->altered && !flight->padded && !only_commit_differs(network, flight))
		return ALTERED;
	sent = &network->sent[flight->sent];
	if (!same_socket(flight->to, sent->at_whom) ||
	    !ike_address_equal(&flight->from, &sent->from))
		return MISPLACED;
	return sent->delivered ? REPLAYED : GENUINE;
}

/* ---- sending ------------------------------------------------------------------------------------------------------- */

/* Both come first in our MM5 and MM6: see authentication.c.  Certificates, which speak for themselves, stand between them. */
static size_t covered_by_hash(const struct ike_datagram *datagram)
{
	struct octets plain = octets_of(datagram->plain, datagram->plain_length);
	size_t end = IKE_HEADER_LENGTH;

	if (plain.length <= IKE_HEADER_LENGTH || plain.data[18] != IKE_EXCHANGE_MAIN_MODE)
		return 0;
	for (unsigned payload = 0; payload < 2 && end + 4 <= plain.length; payload++)
		end += wire_u16_at(&plain.data[end + 2]);
	return end;
}

static uint32_t remember(struct sim *sim, struct node *node, const struct ike_datagram *datagram)
{
	struct network *network = &sim->network;
	enum sim_port port = datagram->local.port == SIM_NAT_T_PORT ? PORT_NAT_T : PORT_IKE;
	struct sent *sent;

	if (network->sents == network->sents_room) {
		network->sents_room = network->sents_room * 2 + 256;
		network->sent =
		    realloc(network->sent, network->sents_room * sizeof(*network->sent));
		assert(network->sent != NULL);
	}
	sent = &network->sent[network->sents];
	*sent = (struct sent){
	    .by = node->number,
	    .incarnation = node->incarnation,
	    .from = nat_source(sim, node, port),
	    .from_port = port,
	    .to = datagram->remote,
	    .at_whom = nat_destination(sim, &datagram->remote),
	    .at = sim->now,
	    .data = malloc(datagram->length),
	    .length = datagram->length,
	    .covered = covered_by_hash(datagram),
	};
	assert(sent->data != NULL);
	memcpy(sent->data, datagram->data, datagram->length);
	wholes_sent(sim, node, sent);
	return (uint32_t)network->sents++;
}

/* A few bits turned, octets cut off, or octets added. */
static void damage(struct sim *sim, struct flight *flight)
{
	struct dice *dice = &sim->network_dice;
	size_t room = flight->length + 64;
	uint8_t *data = malloc(room);

	assert(data != NULL);
	memcpy(data, flight->data, flight->length);
	switch (dice_below(dice, 4)) {
	case 0:
		flight->length = dice_below(dice, flight->length);
		break;
	case 1: {
		size_t more = dice_between(dice, 1, 64);

		for (size_t i = 0; i < more; i++)
			data[flight->length++] = (uint8_t)dice_u64(dice);
		break;
	}
	default: {
		size_t bit = dice_below(dice, flight->length * 8);

		/* one bit, or two next to each other: never none */
		data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (dice_chance(dice, 300) && bit % 8 != 7)
			data[bit / 8] ^= (uint8_t)(2u << bit % 8);
	}
	}
	flight->data = data;
	flight->altered = true;
}

static void launch(struct sim *sim, uint32_t index, bool may_be_damaged)
{
	const struct sent *sent = &sim->network.sent[index];
	struct flight flight = {
	    .at = sim->now + flights_delay(sim, &sim->network_dice),
	    .sent = index,
	    .to = sent->at_whom,
	    .from = sent->from,
	    .data = sent->data,
	    .length = sent->length,
	};

	if (may_be_damaged && dice_chance(&sim->network_dice, sim->scenario->faults.damaged))
		damage(sim, &flight);
	flights_put(&sim->network.flights, flight);
}

void network_send(struct sim *sim, struct node *node, const struct ike_datagram *datagram)
{
	uint32_t index = remember(sim, node, datagram);
	const struct scenario_faults *faults = &sim->scenario->faults;
	unsigned to = sim->network.sent[index].at_whom.node;
	bool lost = to == SIM_NODES || sim->network.cut[node->number][to];

	sim->tally.datagrams++;
	if (sim->bad && !lost)
		lost = dice_chance(&sim->network_dice, faults->loss);
	evidence_sent(sim->evidence, sim, node, &sim->network.sent[index].from, datagram, lost);
	if (lost)
		return;
	launch(sim, index, sim->bad);
	if (sim->bad && dice_chance(&sim->network_dice, faults->doubled))
		launch(sim, index, false);
}

void network_inject(struct sim *sim, uint32_t sent, enum injection how,
		    const struct ike_address *from, struct destination to, const uint8_t *data,
		    size_t length, ike_time delay)
{
	struct flight flight = {
	    .at = sim->now + delay,
	    .sent = sent,
	    .altered = how != INJECT_AS_SENT,
	    .padded = how == INJECT_PADDED,
	    .to = to,
	    .from = *from,
	    .length = length,
	};

	if (sent != FLIGHT_FORGED)
		flight.data = sim->network.sent[sent].data;
	flights_inject(&sim->network.flights, flight, data);
}
