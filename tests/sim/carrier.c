/* SPDX-License-Identifier: ISC */
#include "tests/sim/carrier.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ike/address.h"
#include "tests/sim/inner.h"
#include "tests/sim/invariants.h"
#include "tests/sim/sim.h"

#define TUNNELS_ALL (SIM_PEERS * IKE_TUNNELS_MAX)
#define FAR_AHEAD   3000u /* numbers: further than any window */

/* A clock that was set back stands still, as it does for the core, which says when a pair came up. */
static ike_time shows(const struct sim *sim, const struct node *node)
{
	ike_time now = node_time(sim, node);

	if (now < node->carrier.highest)
		now = node->carrier.highest;
	return node->core != NULL && now < node->core->now ? node->core->now : now;
}

ike_time carrier_now(const struct sim *sim, struct node *node)
{
	node->carrier.highest = shows(sim, node);
	return node->carrier.highest;
}

/* ---- up and down --------------------------------------------------------------------------------------------------- */

static struct ike_address gateway_of(const struct ike_selector *selector)
{
	struct ike_address address = selector->prefix.address;

	address.octets[3] = 1;
	return address;
}

/* Where a wide entry stands for many, none of them is meant. */
static size_t list_pings(const struct sim *sim, const struct node *node,
			 struct pinger_tunnel *pinged)
{
	const struct scenario_packets *plan = &sim->scenario->packets;
	size_t count = 0;

	for (uint32_t p = 0; p < node->plan->settings.peers; p++)
		for (uint32_t t = 0; t < node->plan->peer[p].tunnels; t++) {
			const struct ike_tunnel_settings *tunnel = &node->plan->peer[p].tunnel[t];

			if (tunnel->transport || tunnel->narrow)
				continue;
			pinged[count] = (struct pinger_tunnel){
			    .peer = p,
			    .tunnel = t,
			    .ping = gateway_of(&tunnel->remote),
			    .ping_from = gateway_of(&tunnel->local),
			};
			tunnel_ping_plan_default(&pinged[count].plan);
			pinged[count].plan.interval = plan->ping_interval;
			pinged[count].plan.misses = plan->ping_misses;
			count++;
		}
	return count;
}

static void open_pinger(struct sim *sim, struct node *node, struct random_source *random)
{
	struct pinger_tunnel tunnel[TUNNELS_ALL];
	struct pinger_settings settings = {.tunnel = tunnel, .pairs = CARRIER_PAIRS};

	settings.tunnels = list_pings(sim, node, tunnel);
	settings.random = *random;
	if (settings.tunnels == 0)
		return;
	node->carrier.pinger = pinger_new(&settings);
	assert(node->carrier.pinger != NULL);
}

void carrier_boot(struct sim *sim, struct node *node)
{
	const struct scenario_packets *plan = &sim->scenario->packets;
	struct random_source random;

	memset(&node->carrier, 0, sizeof(node->carrier));
	if (plan->every == 0)
		return;
	random = node_chance(sim, node, 500000);
	node->carrier.plane = esp_plane_new(&random, CARRIER_PAIRS);
	assert(node->carrier.plane != NULL);
	node->carrier.highest = node_time(sim, node);
	node->carrier.next = plan->sends[node->number]
				 ? sim->now + dice_below(&sim->packet_dice, plan->every)
				 : IKE_NEVER;
	if (plan->pings[node->number])
		open_pinger(sim, node, &random);
}

/* Of before the reboot, where the file was not lost. */
void carrier_remember(struct sim *sim, struct node *node)
{
	if (sim->scenario->packets.every == 0 || dice_chance(&sim->packet_dice, 300))
		return;
	for (unsigned i = 0; i < SIM_MET && i < node->mets; i++)
		(void)node_order(sim, node,
				 &(struct ike_command){.kind = IKE_COMMAND_REMEMBER,
						       .peer = node->met[i].peer,
						       .address = node->met[i].address});
}

void carrier_free(struct sim *sim, struct node *node)
{
	struct carrier *carrier = &node->carrier;

	for (size_t i = 0; carrier->plane != NULL && sim->checks && i < ESP_VERDICTS; i++)
		sim->coverage->count[COVER_PACKET][i] +=
		    esp_plane_count(carrier->plane, (enum esp_verdict)i);
	for (unsigned i = 0; i < carrier->waiting; i++)
		flights_drop(&carrier->socket[i]);
	esp_plane_free(carrier->plane);
	pinger_free(carrier->pinger);
	memset(carrier, 0, sizeof(*carrier));
}

/* ---- pairs --------------------------------------------------------------------------------------------------------- */

bool carrier_carries(const struct node *node, const struct ike_ipsec_sa *pair)
{
	return node->carrier.plane != NULL && !pair->transport;
}

const struct ike_ipsec_sa *carrier_pair(const struct node *node, uint32_t number)
{
	for (unsigned i = 0; i < node->store.pairs; i++)
		if (node->store.pair[i].number == number)
			return &node->store.pair[i];
	return NULL;
}

void carrier_follow(struct sim *sim, struct node *node, const struct ike_ipsec_change *change)
{
	struct carrier *carrier = &node->carrier;
	struct fault fault = {0};

	if (!carrier_carries(node, &change->sa))
		return;
	if (change->kind == IKE_IPSEC_CHANGED)
		esp_plane_change(carrier->plane, &change->sa);
	else if (change->kind == IKE_IPSEC_REMOVED)
		esp_plane_remove(carrier->plane, change->sa.number);
	else if (!esp_plane_add(carrier->plane, &change->sa, &fault))
		sim_fail(sim, "plane and engine agree about pairs", node, "refused: %s",
			 fault.text);
	else
		esp_plane_limit_packets(carrier->plane, change->sa.number,
					sim->scenario->packets.limit);
	if (carrier->pinger != NULL)
		(void)pinger_pair(carrier->pinger, carrier_now(sim, node), change);
}

static void note_met(struct node *node, const struct ike_event *event)
{
	for (unsigned i = 0; i < SIM_MET && i < node->mets; i++)
		if (ike_address_equal(&node->met[i].address, &event->remote))
			return;
	node->met[node->mets++ % SIM_MET] = (struct met){event->peer, event->remote};
}

void carrier_event(struct sim *sim, struct node *node, const struct ike_event *event)
{
	if (event->kind == IKE_EVENT_ESTABLISHED && event->peer < node->plan->settings.peers &&
	    node->plan->peer[event->peer].gateways == 0 && sim->scenario->packets.every > 0)
		note_met(node, event);
	if (node->carrier.pinger != NULL && event->peer < node->plan->settings.peers)
		pinger_event(node->carrier.pinger, event);
}

/* ---- out ----------------------------------------------------------------------------------------------------------- */

struct outgoing {
	uint8_t octets[ESP_HEADROOM + PACKET_INNER_MOST + ESP_TAILROOM];
	struct esp_buffer buffer;
	struct ike_address local, remote;
	bool encapsulated;
};

/* For whoever reads what became of a seed. */
static void note(struct sim *sim, const struct node *node, const char *what, uint32_t packet,
		 enum esp_verdict verdict)
{
	char text[96];

	if (sim->evidence == NULL)
		return;
	if (packet == FLIGHT_FORGED)
		snprintf(text, sizeof(text), "forged packet %s: %s", what,
			 esp_verdict_name(verdict));
	else
		snprintf(text, sizeof(text), "packet %u (pair %08x, number %u) %s: %s", packet,
			 sim->packets.packet[packet].spi, sim->packets.packet[packet].number, what,
			 esp_verdict_name(verdict));
	evidence_note(sim->evidence, sim, node, text);
}

static void fill(struct outgoing *out, const struct packet *like, bool too_small)
{
	out->buffer = (struct esp_buffer){.data = out->octets + ESP_HEADROOM,
					  .length = like->inner_length,
					  .room = sizeof(out->octets) - ESP_HEADROOM};
	if (too_small)
		out->buffer.room = out->buffer.length;
	memcpy(out->buffer.data, like->inner, like->inner_length);
}

/* Through that pair, or through whichever it fits.  What a full socket does not take is dropped. */
void carrier_seal(struct sim *sim, struct node *node, uint32_t number, const struct packet *like,
		  bool too_small)
{
	struct esp_plane *plane = node->carrier.plane;
	ike_time now = carrier_now(sim, node);
	struct outgoing out;
	enum esp_verdict verdict;

	fill(&out, like, too_small);
	verdict = number == 0 ? esp_plane_seal(plane, now, &out.buffer, &out.local, &out.remote,
					       &out.encapsulated)
			      : esp_plane_seal_through(plane, now, number, &out.buffer, &out.local,
						       &out.remote, &out.encapsulated);
	fingerprint_u64(&sim->fingerprint, verdict);
	if (sim->checks)
		invariant_of_sealed(sim, node, number != 0, like, verdict, out.buffer.data);
	if (verdict != ESP_ACCEPTED)
		return;
	fingerprint_octets(&sim->fingerprint, out.buffer.data, out.buffer.length);
	if (!node->socket_full)
		note(sim, node, "sent",
		     packets_send(sim, node, like, &out.remote, out.encapsulated, out.buffer.data,
				  out.buffer.length),
		     verdict);
}

/* A pair that is used up sooner than another one can be there leaves a gap, and rightly. */
static bool has_time(const struct sim *sim)
{
	return sim->scenario->packets.limit == 0;
}

static struct packet data_between(struct sim *sim, const struct ike_selector *from,
				  const struct ike_selector *to)
{
	struct packet like = {.kind = PACKET_DATA, .must_arrive = sim->strict && has_time(sim)};

	like.inner_length = inner_write(like.inner, sizeof(like.inner), from, to,
					sim->packets.packets + 1, &sim->packet_dice);
	return like;
}

void carrier_send_through(struct sim *sim, struct node *node, const struct ike_ipsec_sa *pair)
{
	struct packet like = data_between(sim, &pair->inside_local, &pair->inside_remote);

	like.must_arrive = has_time(sim);
	carrier_seal(sim, node, 0, &like, false);
}

static const struct ike_ipsec_sa *any_pair(struct sim *sim, const struct node *node)
{
	uint64_t first = dice_below(&sim->packet_dice, node->store.pairs);

	for (unsigned i = 0; i < node->store.pairs; i++) {
		const struct ike_ipsec_sa *pair =
		    &node->store.pair[(first + i) % node->store.pairs];

		if (!pair->superseded && carrier_carries(node, pair))
			return pair;
	}
	return NULL;
}

/* Somebody behind a node wants to send, whether or not there is a tunnel for it. */
static void send_unasked(struct sim *sim, struct node *node)
{
	struct dice *dice = &sim->packet_dice;
	const struct ike_peer_settings *peer =
	    &node->plan->peer[dice_below(dice, node->plan->settings.peers)];
	const struct ike_tunnel_settings *tunnel;
	struct packet like;

	if (peer->tunnels == 0 || sim->strict)
		return;
	tunnel = &peer->tunnel[dice_below(dice, peer->tunnels)];
	if (tunnel->transport)
		return;
	like = data_between(sim, &tunnel->local, &tunnel->remote);
	if (dice_chance(dice, 300)) /* what no host should send */
		like.inner[dice_below(dice, INNER_HEADER)] ^= (uint8_t)dice_between(dice, 1, 255);
	carrier_seal(sim, node, 0, &like, dice_chance(dice, 100));
}

/* A sender may leave numbers out. */
static void jump_ahead(struct sim *sim, struct node *node, const struct ike_ipsec_sa *pair)
{
	uint32_t last =
	    packets_last_number(&sim->packets, node->number, node->incarnation, pair->spi_out);
	bool to_the_end = dice_chance(&sim->packet_dice, 150);

	if (!sim->bad || !dice_chance(&sim->packet_dice, sim->scenario->packets.jumps))
		return;
	if (to_the_end)
		last = UINT32_MAX - (uint32_t)dice_between(&sim->packet_dice, 1, 4);
	else if (last < UINT32_MAX / 2)
		last += FAR_AHEAD;
	esp_plane_continue(node->carrier.plane, pair->number, last);
}

static void send_something(struct sim *sim, struct node *node)
{
	struct dice *dice = &sim->packet_dice;
	const struct ike_ipsec_sa *pair = any_pair(sim, node);
	ike_time every = sim->scenario->packets.every;
	unsigned count = dice_chance(dice, 150) ? 3 : 1;

	node->carrier.next = sim->now + every / 2 + dice_below(dice, every);
	if (pair == NULL || dice_chance(dice, 150)) {
		send_unasked(sim, node);
		return;
	}
	jump_ahead(sim, node, pair);
	while (count-- > 0) {
		struct packet like = data_between(sim, &pair->inside_local, &pair->inside_remote);

		carrier_seal(sim, node, 0, &like, false);
	}
}

/* ---- in ------------------------------------------------------------------------------------------------------------ */

/* To whom it is: the pings, a host that answers an echo, or a host that says nothing. */
static void hand_on(struct sim *sim, struct node *node, uint32_t number, struct octets inner)
{
	struct packet reply = {.kind = PACKET_ECHO, .inner_length = inner.length};

	if (node->carrier.pinger != NULL &&
	    pinger_inbound(node->carrier.pinger, carrier_now(sim, node), number, inner.data,
			   inner.length))
		return;
	if (inner.length > sizeof(reply.inner))
		return;
	memcpy(reply.inner, inner.data, inner.length);
	if (inner_answer(reply.inner, reply.inner_length))
		carrier_seal(sim, node, 0, &reply, false);
}

static void take_in(struct sim *sim, struct node *node, struct flight *flight)
{
	static uint8_t octets[4096];
	struct esp_buffer buffer = {octets, flight->length, sizeof(octets)};
	struct ike_address local = nat_inside(node, flight->encapsulated ? PORT_NAT_T : PORT_IKE);
	uint32_t number = 0;
	enum esp_verdict verdict;

	assert(flight->length <= sizeof(octets));
	memcpy(octets, flight->data, flight->length);
	verdict = esp_plane_open(node->carrier.plane, carrier_now(sim, node), &flight->from,
				 flight->encapsulated, &buffer, &number);
	fingerprint_u64(&sim->fingerprint, (uint64_t)verdict << 32 | number);
	note(sim, node, "came", flight->sent, verdict);
	if (sim->checks)
		invariant_of_opened(sim, node, flight, verdict, number,
				    octets_of(buffer.data, buffer.length));
	if (flight->sent != FLIGHT_FORGED && !flight->altered &&
	    (verdict == ESP_ACCEPTED || verdict == ESP_DUMMY))
		sim->packets.packet[flight->sent].delivered++;
	if (verdict == ESP_ACCEPTED)
		hand_on(sim, node, number, octets_of(buffer.data, buffer.length));
	carrier_tell(sim, node);
	if (sim->checks && verdict == ESP_UNKNOWN_SPI)
		invariant_octets_of_packet(sim, node, flight);
	if (verdict == ESP_UNKNOWN_SPI && node->carrier.plane != NULL) {
		struct ike_command command = esp_words_of_unknown(
		    &flight->from, &local, octets_of(flight->data, flight->length));

		carrier_say(sim, node, &command);
	}
}

void carrier_receive(struct sim *sim, struct node *node, struct flight *flight)
{
	struct carrier *carrier = &node->carrier;

	if (carrier->plane != NULL && node->paused && carrier->waiting < CARRIER_SOCKET) {
		carrier->socket[carrier->waiting++] = *flight;
		return;
	}
	if (carrier->plane != NULL && !node->paused)
		take_in(sim, node, flight);
	flights_drop(flight);
	node_fulfil_doom(sim, node);
}

void carrier_resume(struct sim *sim, struct node *node)
{
	struct flight late[CARRIER_SOCKET];
	unsigned waiting = node->carrier.waiting;

	memcpy(late, node->carrier.socket, sizeof(late));
	node->carrier.waiting = 0;
	for (unsigned i = 0; i < waiting; i++)
		carrier_receive(sim, node, &late[i]);
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

static bool pings_are_due(const struct sim *sim, const struct node *node)
{
	return node->carrier.pinger != NULL &&
	       pinger_deadline(node->carrier.pinger) <= shows(sim, node);
}

void carrier_work(struct sim *sim, struct node *node)
{
	if (node->carrier.plane == NULL || node->paused || sim->failure.failed)
		return;
	if (sim->now >= node->carrier.next && !sim->ended)
		send_something(sim, node);
	else if (!pings_are_due(sim, node))
		return;
	carrier_tell(sim, node);
	node_fulfil_doom(sim, node);
}

ike_time carrier_due(const struct sim *sim, const struct node *node)
{
	const struct carrier *carrier = &node->carrier;
	ike_time at = sim->ended ? IKE_NEVER : carrier->next, deadline;

	if (carrier->plane == NULL || node->paused)
		return IKE_NEVER;
	if (carrier->pinger == NULL)
		return at;
	deadline = pinger_deadline(carrier->pinger);
	if (pings_are_due(sim, node))
		return sim->now;
	if (deadline != IKE_NEVER && deadline - node->clock < at)
		at = deadline - node->clock;
	return at;
}
