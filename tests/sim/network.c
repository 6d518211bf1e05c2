/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ike/address.h"
#include "ike/wire.h"
#include "tests/sim/sim.h"

#define HELD_MOST (40 * IKE_SECOND) /* how long somebody on the path may sit on a datagram */

const char *provenance_name(enum provenance provenance)
{
	static const char *const name[PROVENANCES] = {
	    [GENUINE] = "genuine", [REPLAYED] = "replayed", [MISPLACED] = "misplaced",
	    [ALTERED] = "altered", [FORGED] = "forged",     [PIECE] = "fragmentary",
	};

	return name[provenance];
}

/* ---- the heap ------------------------------------------------------------------------------------------------------ */

static bool before(const struct flight *a, const struct flight *b)
{
	return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void put(struct network *network, struct flight flight)
{
	size_t at = network->flights++;

	if (network->flights > network->room) {
		network->room = network->room * 2 + 64;
		network->flight =
		    realloc(network->flight, network->room * sizeof(*network->flight));
		assert(network->flight != NULL);
	}
	flight.order = network->made++;
	for (; at > 0 && before(&flight, &network->flight[(at - 1) / 2]); at = (at - 1) / 2)
		network->flight[at] = network->flight[(at - 1) / 2];
	network->flight[at] = flight;
}

ike_time network_next(const struct network *network)
{
	return network->flights > 0 ? network->flight[0].at : IKE_NEVER;
}

struct flight network_take(struct network *network)
{
	struct flight first = network->flight[0], last = network->flight[--network->flights];
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= network->flights)
			break;
		if (child + 1 < network->flights &&
		    before(&network->flight[child + 1], &network->flight[child]))
			child++;
		if (!before(&network->flight[child], &last))
			break;
		network->flight[at] = network->flight[child];
		at = child;
	}
	network->flight[at] = last;
	return first;
}

void network_drop(struct flight *flight)
{
	if (flight->altered || flight->sent == FLIGHT_FORGED)
		free(flight->data);
	flight->data = NULL;
}

void network_free(struct network *network)
{
	for (size_t i = 0; i < network->flights; i++)
		network_drop(&network->flight[i]);
	for (size_t i = 0; i < network->sents; i++)
		free(network->sent[i].data);
	free(network->flight);
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

static ike_time delay_of(struct sim *sim)
{
	const struct scenario_faults *faults = &sim->scenario->faults;

	if (!sim->bad)
		return faults->delay;
	if (dice_chance(&sim->network_dice, faults->held))
		return dice_below(&sim->network_dice, HELD_MOST);
	return faults->delay + dice_below(&sim->network_dice, faults->jitter + 1);
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
	    .at = sim->now + delay_of(sim),
	    .sent = index,
	    .to = sent->at_whom,
	    .from = sent->from,
	    .data = sent->data,
	    .length = sent->length,
	};

	if (may_be_damaged && dice_chance(&sim->network_dice, sim->scenario->faults.damaged))
		damage(sim, &flight);
	put(&sim->network, flight);
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
	    .injected = true,
	    .to = to,
	    .from = *from,
	    .length = length,
	};

	if (flight.altered || sent == FLIGHT_FORGED) {
		flight.data = malloc(length + 1);
		assert(flight.data != NULL);
		memcpy(flight.data, data, length);
	} else {
		flight.data = sim->network.sent[sent].data;
	}
	put(&sim->network, flight);
}
