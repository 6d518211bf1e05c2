/* SPDX-License-Identifier: ISC */
/*
 * invariants_packets.c - what goes through tunnels: everything that comes out was put in by the peer, once, and fits; what does not is
 * dropped, and nobody answers it; and the core is told of what really came.
 *
 * The plane is not trusted: what a packet is, is told by the network.
 */
#include <string.h>

#include "ike/address.h"
#include "ike/wire.h"
#include "tests/sim/inner.h"
#include "tests/sim/invariants.h"

#define SPACING (10 * IKE_SECOND) /* between two answers to unknown SPIs, for each peer */

static const char genuine[] = "what comes out of a tunnel was put in by the peer, once";
static const char fits[] = "only what a pair is for goes through it";
static const char agree[] = "plane and engine agree about pairs";
static const char carried[] = "a tunnel that is up carries what fits";
static const char silent[] = "bad packets are not answered";
static const char follows[] = "a peer is moved by its own word only";
static const char proof[] = "packets that came are proof of life, and no others";

/* ---- out ----------------------------------------------------------------------------------------------------------- */

static bool fits_outward(const struct ike_ipsec_sa *pair, const struct packet *packet)
{
	return inner_fits(packet->inner, packet->inner_length, &pair->inside_local,
			  &pair->inside_remote);
}

static const struct ike_ipsec_sa *sends_with(const struct node *node, uint32_t spi)
{
	for (unsigned i = 0; i < node->store.pairs; i++)
		if (node->store.pair[i].spi_out == spi)
			return &node->store.pair[i];
	return NULL;
}

/* Whether there is a pair in use that it could have gone through. */
static bool has_a_way(const struct node *node, const struct packet *packet)
{
	for (unsigned i = 0; i < node->store.pairs; i++)
		if (!node->store.pair[i].superseded &&
		    carrier_carries(node, &node->store.pair[i]) &&
		    fits_outward(&node->store.pair[i], packet))
			return true;
	return false;
}

/* One that we began a moment ago, through which nothing has come yet: the peer may not have it before QM3. */
static bool has_uncertain_successor(const struct sim *sim, struct node *node,
				    const struct packet *packet)
{
	for (unsigned i = 0; i < node->store.pairs; i++) {
		const struct ike_ipsec_sa *pair = &node->store.pair[i];
		struct esp_usage usage;

		if (pair->superseded || !pair->initiator || !fits_outward(pair, packet) ||
		    !esp_plane_usage(node->carrier.plane, pair->number, &usage))
			continue;
		if (usage.used_in == IKE_NEVER &&
		    carrier_now(sim, node) < pair->established_at + IKE_SECOND)
			return true;
	}
	return false;
}

void invariant_of_sealed(struct sim *sim, struct node *node, bool through,
			 const struct packet *packet, enum esp_verdict verdict,
			 const uint8_t *sealed)
{
	const struct ike_ipsec_sa *pair;
	uint32_t last;

	if (packet->must_arrive && verdict != ESP_ACCEPTED)
		sim_fail(sim, carried, node, "not sealed: %s", esp_verdict_name(verdict));
	if (verdict == ESP_NO_PAIR && !through && has_a_way(node, packet))
		sim_fail(sim, agree, node, "no pair for a packet that fits one");
	if (verdict != ESP_ACCEPTED)
		return;
	pair = sends_with(node, wire_u32_at(sealed));
	if (pair == NULL) {
		sim_fail(sim, agree, node, "sealed with a pair that is not there");
		return;
	}
	if (pair->superseded && !through && !has_uncertain_successor(sim, node, packet))
		sim_fail(sim, agree, node, "sealed with a pair that is superseded");
	if (!fits_outward(pair, packet))
		sim_fail(sim, fits, node, "sealed");
	last = packets_last_number(&sim->packets, node->number, node->incarnation, pair->spi_out);
	if (wire_u32_at(sealed + 4) <= last)
		sim_fail(sim, "no number is used twice", node, "%u after %u",
			 wire_u32_at(sealed + 4), last);
}

/* ---- in ------------------------------------------------------------------------------------------------------------ */

/* The node at the other end of a pair, by the ledger; SIM_NODES: nobody. */
static unsigned other_end(const struct sim *sim, const struct node *node,
			  const struct ike_ipsec_sa *pair)
{
	for (size_t i = sim->pairs.entries; i-- > 0;) {
		const struct ledger_pair *entry = &sim->pairs.entry[i];

		if (entry->node == node->number && entry->incarnation == node->incarnation &&
		    entry->sa.number == pair->number)
			return entry->with;
	}
	return SIM_NODES;
}

static void came_from_the_peer(struct sim *sim, struct node *node, const struct flight *flight,
			       const struct ike_ipsec_sa *pair)
{
	const struct packet *packet;

	if (flight->sent == FLIGHT_FORGED || flight->altered) {
		sim_fail(sim, genuine, node, "%s one did",
			 flight->altered ? "an altered" : "a forged");
		return;
	}
	packet = &sim->packets.packet[flight->sent];
	if (packet->by != other_end(sim, node, pair) || packet->spi != pair->spi_in)
		sim_fail(sim, genuine, node, "node %u's did", packet->by);
	if (packet->delivered > 0)
		sim_fail(sim, genuine, node, "number %u a second time", packet->number);
}

static void was_right_to_accept(struct sim *sim, struct node *node, const struct flight *flight,
				const struct ike_ipsec_sa *pair, struct octets inner)
{
	const struct packet *packet;

	came_from_the_peer(sim, node, flight, pair);
	if (sim->failure.failed)
		return;
	packet = &sim->packets.packet[flight->sent];
	if (packet->kind == PACKET_WRONG)
		sim_fail(sim, fits, node, "accepted, and should be %s",
			 esp_verdict_name(packet->expected));
	/* what follows the packet in the sender's buffer is none of it */
	if (inner.length != inner_length(packet->inner, packet->inner_length) ||
	    memcmp(inner.data, packet->inner, inner.length) != 0)
		sim_fail(sim, genuine, node, "with other octets");
	if (!inner_fits(inner.data, inner.length, &pair->inside_remote, &pair->inside_local))
		sim_fail(sim, fits, node, "opened");
}

/* What is genuine and new is dropped only because there is no pair for it any more, or it was overtaken by a thousand others. */
static void was_right_to_drop(struct sim *sim, struct node *node, const struct flight *flight,
			      enum esp_verdict verdict)
{
	const struct packet *packet;

	if (flight->sent == FLIGHT_FORGED || flight->altered ||
	    flight->encapsulated != sim->packets.packet[flight->sent].encapsulated ||
	    sim->packets.packet[flight->sent].delivered > 0)
		return;
	packet = &sim->packets.packet[flight->sent];
	if (packet->must_arrive)
		sim_fail(sim, carried, node, "dropped: %s", esp_verdict_name(verdict));
	if (packet->kind == PACKET_WRONG && verdict == packet->expected)
		return;
	if (verdict != ESP_UNKNOWN_SPI && verdict != ESP_LIFETIME_OVER &&
	    verdict != ESP_OUTSIDE_WINDOW && verdict != ESP_OTHER_ENCAPSULATION)
		sim_fail(sim, "what is genuine and new is not dropped", node, "%s",
			 esp_verdict_name(verdict));
}

void invariant_of_opened(struct sim *sim, struct node *node, const struct flight *flight,
			 enum esp_verdict verdict, uint32_t number, struct octets inner)
{
	const struct ike_ipsec_sa *pair = carrier_pair(node, number);
	bool taken = verdict == ESP_ACCEPTED || verdict == ESP_DUMMY;

	if (number != 0 && pair == NULL)
		sim_fail(sim, agree, node, "opened with a pair that is not there");
	if (verdict == ESP_UNKNOWN_SPI && flight->length >= 4)
		for (unsigned i = 0; i < node->store.pairs; i++)
			if (node->store.pair[i].spi_in == wire_u32_at(flight->data) &&
			    carrier_carries(node, &node->store.pair[i]))
				sim_fail(sim, agree, node, "a pair that is there was not found");
	node->proved = taken ? number : 0;
	node->proved_packet = flight->sent;
	node->proved_where = flight->from;
	if (pair == NULL || sim->failure.failed)
		return;
	if (verdict == ESP_ACCEPTED)
		was_right_to_accept(sim, node, flight, pair, inner);
	else if (verdict == ESP_DUMMY)
		came_from_the_peer(sim, node, flight, pair);
	else
		was_right_to_drop(sim, node, flight, verdict);
}

/* ---- pairs --------------------------------------------------------------------------------------------------------- */

void invariant_plane_is_right(struct sim *sim, struct node *node,
			      const struct ike_ipsec_change *last)
{
	struct esp_usage usage;

	for (unsigned i = 0; i < node->store.pairs; i++)
		if (carrier_carries(node, &node->store.pair[i]) &&
		    !esp_plane_usage(node->carrier.plane, node->store.pair[i].number, &usage))
			sim_fail(sim, agree, node, "the plane has no pair %u",
				 node->store.pair[i].number);
	if (node->carrier.plane != NULL && last->kind == IKE_IPSEC_REMOVED &&
	    esp_plane_usage(node->carrier.plane, last->sa.number, &usage))
		sim_fail(sim, agree, node, "the plane has pair %u still", last->sa.number);
}

/* ---- what the core is told ----------------------------------------------------------------------------------------- */

static const struct view_sa *sa_of(const struct view *view, const struct view_pair *pair)
{
	for (unsigned i = 0; i < view->sas; i++) {
		const struct view_sa *sa = &view->sa[i];

		if (sa->state == IKE_SA_ESTABLISHED && !sa->superseded && sa->with == pair->with &&
		    sa->peer == pair->peer && ike_address_same_host(&sa->remote, &pair->remote))
			return sa;
	}
	return NULL;
}

static uint32_t waiting_outputs(const struct node *node)
{
	return node->core == NULL ? 0 : (uint32_t)node->outputs + node->core->outputs;
}

static uint64_t hinted(const struct node *node)
{
	return node->core == NULL ? 0 : node->core->counter[IKE_COUNT_UNKNOWN_SPI_HINTED];
}

/* Where a packet came from says where its sender is only if none that was made after it has come. */
static void newest_one_came_from(struct sim *sim, struct node *node,
				 const struct ike_address *where)
{
	const struct packet *newest = &sim->packets.packet[node->proved_packet];

	if (!newest->encapsulated || !ike_address_equal(&node->proved_where, where))
		sim_fail(sim, follows, node, "nothing came from there in UDP");
	for (size_t i = 0; i < sim->packets.packets; i++) {
		const struct packet *packet = &sim->packets.packet[i];

		if (packet->by == newest->by && packet->incarnation == newest->incarnation &&
		    packet->spi == newest->spi && packet->number > newest->number &&
		    packet->delivered > 0)
			sim_fail(sim, follows, node, "number %u had come, and %u moves it",
				 packet->number, newest->number);
	}
}

bool invariant_packet_moves(struct sim *sim, const struct node *node, bool *lured)
{
	const struct packet *packet = &sim->packets.packet[node->proved_packet];

	if (sim->word == NULL || sim->word->kind != IKE_COMMAND_HEARD ||
	    sim->word->address.family == IKE_FAMILY_NONE)
		return false;
	*lured = !ike_address_equal(&packet->from, &node->proved_where);
	return true;
}

void invariant_before_word(struct sim *sim, struct node *node, const struct ike_command *command,
			   struct word_said *said)
{
	const struct view_pair *pair = view_find_pair(&node->view, command->ipsec);

	*said = (struct word_said){.outputs = waiting_outputs(node),
				   .packets = sim->packets.packets,
				   .hinted = hinted(node),
				   .believed = pair != NULL && sa_of(&node->view, pair) != NULL};
	sim->steps_of_word = 0;
	if (command->kind == IKE_COMMAND_HEARD && command->ipsec != node->proved)
		sim_fail(sim, proof, node, "nothing has come through pair %u", command->ipsec);
	else if (command->kind == IKE_COMMAND_HEARD && command->address.family != IKE_FAMILY_NONE)
		newest_one_came_from(sim, node, &command->address);
	if (command->kind == IKE_COMMAND_HEARD)
		node->proved = 0;
	if (command->kind == IKE_COMMAND_TUNNEL_DEAD && sim->well)
		sim_fail(sim, "what is well stays well", node,
			 "a ping has given up on a good network");
	if (command->kind == IKE_COMMAND_TUNNEL_DEAD)
		node->given_up_with = pair != NULL ? pair->with : SIM_NODES;
	if (command->kind == IKE_COMMAND_IPSEC_FAILED)
		node->refused_pair = command->ipsec;
}

/*
 * An address once in ten seconds, as a stranger's or, if it has become one meanwhile, as a peer's; the engine's own tests hold it to
 * its budgets.
 */
static void answers_seldom(struct sim *sim, struct node *node, const struct ike_command *command,
			   bool stranger)
{
	struct spoken *free = &node->spoken[0];

	for (unsigned i = 0; i < SIM_SPOKEN; i++) {
		struct spoken *spoken = &node->spoken[i];

		if (spoken->at < free->at)
			free = spoken;
		if (spoken->at == 0 || spoken->stranger != stranger ||
		    !ike_address_equal(&spoken->remote, &command->address))
			continue;
		if (node->core->now - spoken->at < SPACING)
			sim_fail(sim, silent, node, "an unknown SPI twice within %.3f s",
				 (double)(node->core->now - spoken->at) / 1e6);
		free = spoken;
		break;
	}
	*free = (struct spoken){command->address, stranger, node->core->now};
}

static void was_believed(struct sim *sim, struct node *node, const struct word_said *said,
			 bool done)
{
	if (said->believed && !done)
		sim_fail(sim, proof, node, "the engine knows no SA for a pair that has one");
	if (done && sim->steps_of_word == 0)
		sim_fail(sim, proof, node, "the keepalive was not told");
}

void invariant_after_word(struct sim *sim, struct node *node, const struct ike_command *command,
			  const struct word_said *said, bool done)
{
	uint32_t answers = waiting_outputs(node) - said->outputs;

	node->refused_pair = 0;
	node->given_up_with = SIM_NODES;
	if (node->core == NULL)
		return;
	switch (command->kind) {
	case IKE_COMMAND_HEARD:
		was_believed(sim, node, said, done);
		if (answers > 0)
			sim_fail(sim, silent, node, "what was heard brought %u messages", answers);
		break;
	case IKE_COMMAND_TRAFFIC:
		was_believed(sim, node, said, done);
		if (answers > 1)
			sim_fail(sim, silent, node, "what was sent brought %u messages", answers);
		break;
	case IKE_COMMAND_UNKNOWN_SPI:
		if (answers > 1 || (answers > 0 && !done))
			sim_fail(sim, silent, node, "an unknown SPI brought %u messages", answers);
		if (sim->packets.packets != said->packets)
			sim_fail(sim, silent, node, "an unknown SPI brought packets");
		if (done)
			answers_seldom(sim, node, command, hinted(node) > said->hinted);
		break;
	default:
		break;
	}
}

/* ---- pings --------------------------------------------------------------------------------------------------------- */

void invariant_of_ping(struct sim *sim, struct node *node, const struct pinger_action *action)
{
	const struct scenario_packets *plan = &sim->scenario->packets;

	coverage_add(sim->coverage, COVER_PING, action->report);
	if (action->report != PINGER_BLACK_HOLE && action->report != PINGER_GIVEN_UP)
		return;
	/* the last of the misses is given its interval, too */
	if (action->misses < plan->ping_misses ||
	    action->silence < plan->ping_misses * plan->ping_interval * 9 / 10)
		sim_fail(sim, "no ping gives up early", node, "after %u misses, %.3f s",
			 action->misses, (double)action->silence / 1e6);
	if (sim->well)
		sim_fail(sim, "what is well stays well", node, "a black hole on a good network");
}
