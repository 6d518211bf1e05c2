/* SPDX-License-Identifier: ISC */
#include "tests/support/duo_pings.h"

#include <check.h>
#include <string.h>

#include "tests/support/esp_sample.h"
#include "tests/support/siege.h"

#define PAIRS_MOST 16
#define PER_MILLE  1000

/* In the header of RFC 2408 section 3.1. */
#define EXCHANGE_AT   18
#define MESSAGE_ID_AT 20

static enum duo_node other(enum duo_node node)
{
	return node == DUO_A ? DUO_B : DUO_A;
}

static bool is_lost(struct duo_pings *pings)
{
	return random_below(&pings->chance, PER_MILLE) < pings->loss;
}

/* The first QM2 that arrives is followed by others only as late as B is to be. */
static bool deliver_quick_mode_2(struct duo_pings *pings, struct duo_datagram *datagram, bool lost)
{
	struct duo_quick_mode *quick = &pings->quick_mode;

	if (memcmp(quick->message_id, datagram->data + MESSAGE_ID_AT, sizeof(quick->message_id)) !=
	    0) {
		*quick = (struct duo_quick_mode){.answered_at = pings->duo->now};
		memcpy(quick->message_id, datagram->data + MESSAGE_ID_AT,
		       sizeof(quick->message_id));
	}
	if (!quick->arrived) {
		quick->arrived = !lost;
		return !lost;
	}
	datagram->at = quick->answered_at + pings->repeats_after;
	return !lost && quick->repeats++ == 0;
}

static bool deliver(struct duo *duo, struct duo_datagram *datagram)
{
	struct duo_pings *pings = duo->context;
	bool lost = is_lost(pings);

	if (pings->repeats_after != 0 && datagram->to == DUO_A &&
	    datagram->data[EXCHANGE_AT] == IKE_EXCHANGE_QUICK_MODE)
		return deliver_quick_mode_2(pings, datagram, lost);
	return !lost;
}

/* ---- packets ------------------------------------------------------------------------------------------------------- */

/* Through that pair, or, where the number is 0, through whichever the plane takes. */
static void send(struct duo_pings *pings, enum duo_node from, uint32_t number, const uint8_t *inner,
		 size_t length)
{
	struct duo_packet *packet = &pings->packet[pings->made % DUO_PACKETS];
	struct esp_plane *plane = pings->plane[from];
	struct ike_address local, remote;
	struct esp_sample sample;
	bool encapsulated;
	enum esp_verdict verdict;

	esp_sample_fill(&sample, inner, length);
	verdict = number == 0
		      ? esp_plane_seal(plane, pings->duo->now, &sample.buffer, &local, &remote,
				       &encapsulated)
		      : esp_plane_seal_through(plane, pings->duo->now, number, &sample.buffer,
					       &local, &remote, &encapsulated);
	if (verdict != ESP_ACCEPTED)
		return;
	if (pings->made >= DUO_PACKETS && !packet->gone)
		ck_abort_msg("more than %d packets under way", DUO_PACKETS);
	*packet = (struct duo_packet){.to = other(from),
				      .at = pings->duo->now + DUO_DELAY,
				      .gone = is_lost(pings) || pings->esp_cut,
				      .length = sample.buffer.length};
	if (packet->length > sizeof(packet->data))
		ck_abort_msg("a packet of %zu octets", packet->length);
	memcpy(packet->data, sample.buffer.data, packet->length);
	pings->made++;
}

/* As a host gives it: addresses and type exchanged, the rest as it came (RFC 792). */
static void answer(struct duo_pings *pings, const uint8_t *request, size_t length)
{
	uint8_t reply[ECHO_OCTETS_IPV4];
	uint32_t sum;

	if (length != sizeof(reply))
		ck_abort_msg("a request of %zu octets", length);
	memcpy(reply, request, sizeof(reply));
	memcpy(reply + 12, request + 16, 4);
	memcpy(reply + 16, request + 12, 4);
	reply[20] = 0;
	sum = ((uint32_t)reply[22] << 8 | reply[23]) + 0x0800;
	sum = (sum & 0xffff) + (sum >> 16);
	reply[22] = (uint8_t)(sum >> 8);
	reply[23] = (uint8_t)sum;
	send(pings, DUO_B, 0, reply, sizeof(reply));
}

static void arrive(struct duo_pings *pings, struct duo_packet *packet)
{
	struct ike_address from =
	    esp_sample_address(packet->to == DUO_A ? "192.0.2.2" : "192.0.2.1");
	struct esp_sample sample;
	uint32_t number;
	enum esp_verdict verdict;

	packet->gone = true;
	esp_sample_fill(&sample, packet->data, packet->length);
	verdict = esp_plane_open(pings->plane[packet->to], pings->duo->now, &from, false,
				 &sample.buffer, &number);
	pings->unknown[packet->to] += verdict == ESP_UNKNOWN_SPI;
	if (verdict != ESP_ACCEPTED)
		return;
	if (packet->to == DUO_B)
		answer(pings, sample.buffer.data, sample.buffer.length);
	else if (!pinger_inbound(pings->pinger, pings->duo->now, number, sample.buffer.data,
				 sample.buffer.length))
		ck_abort_msg("what came was no reply");
}

/* ---- pairs --------------------------------------------------------------------------------------------------------- */

static void change(struct duo_pings *pings, enum duo_node node,
		   const struct ike_ipsec_change *change)
{
	struct esp_plane *plane = pings->plane[node];
	struct fault fault;

	if (change->kind == IKE_IPSEC_CHANGED)
		esp_plane_change(plane, &change->sa);
	else if (change->kind == IKE_IPSEC_REMOVED)
		esp_plane_remove(plane, change->sa.number);
	else if (!esp_plane_add(plane, &change->sa, &fault))
		ck_abort_msg("%s", fault.text);
	if (node == DUO_A && change->kind == IKE_IPSEC_ADDED)
		pings->up_at = pings->duo->now;
	if (node == DUO_A)
		(void)pinger_pair(pings->pinger, pings->duo->now, change);
}

static void follow(struct duo_pings *pings, enum duo_node node)
{
	struct ike_ipsec_change next;

	while (ike_ipsec_changes(pings->duo->core[node], &next, 1) == 1)
		change(pings, node, &next);
}

/* ---- what the cores say, and what they are told -------------------------------------------------------------------- */

static void read_events(struct duo_pings *pings)
{
	struct duo *duo = pings->duo;

	for (size_t i = 0; i < duo->events[DUO_A]; i++)
		pinger_event(pings->pinger, &duo->event[DUO_A][i]);
	siege_forget(duo);
}

static void count(struct duo_pings *pings, const struct pinger_action *action)
{
	switch (action->report) {
	case PINGER_BLACK_HOLE:
		pings->holes++;
		pings->holed = true;
		pings->holed_at = pings->duo->now;
		break;
	case PINGER_RECOVERED:
		pings->carried += pings->holed;
		pings->holed = false;
		break;
	case PINGER_GIVEN_UP:
		pings->second_deaths += pings->holed;
		pings->first_deaths += !pings->holed;
		pings->holed = false;
		pings->died_at = pings->duo->now;
		break;
	default:
		pings->answers += action->report == PINGER_ALIVE;
		break;
	}
}

/* True: `command` is for A's core. */
static bool carry_out(struct duo_pings *pings, const struct pinger_action *action,
		      const uint8_t *request, struct ike_command *command)
{
	if (action->kind == PINGER_SEND) {
		pings->requests++;
		send(pings, DUO_A, action->number, request, action->length);
	}
	if (action->kind == PINGER_REPORT)
		count(pings, action);
	return esp_words_of_ping(action, true, command);
}

/* In the order of a node: what has been heard comes before pings, which judge silence. */
static void tell(struct duo_pings *pings, enum duo_node node)
{
	struct duo *duo = pings->duo;
	uint8_t request[ECHO_OCTETS_MOST];
	struct pinger_action action;
	struct ike_command command;

	while (esp_words_of_use(&pings->words[node], pings->plane[node], &command)) {
		if (node == DUO_A && command.kind == IKE_COMMAND_HEARD)
			pinger_heard(pings->pinger, duo->now, command.ipsec);
		(void)ike_command(duo->core[node], duo->now, &command);
	}
	if (node == DUO_B)
		return;
	(void)pinger_tick(pings->pinger, duo->now, 1);
	while (pinger_next(pings->pinger, &action, request, sizeof(request)))
		if (carry_out(pings, &action, request, &command))
			(void)ike_command(duo->core[DUO_A], duo->now, &command);
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

static void settle(struct duo_pings *pings)
{
	read_events(pings);
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		follow(pings, node);
		tell(pings, node);
	}
	duo_run(pings->duo, 0); /* what they were told may be something to send */
	read_events(pings);
}

static ike_time sooner(ike_time a, ike_time b)
{
	return a < b ? a : b;
}

/* As soon as anything happens, so that no pair is heard of later than it is there. */
static ike_time next_time(const struct duo_pings *pings)
{
	const struct duo *duo = pings->duo;
	ike_time next = pinger_deadline(pings->pinger);

	for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
		next = sooner(next, ike_deadline(duo->core[node]));
	for (size_t i = 0; i < duo->datagrams; i++)
		if (!duo->datagram[i].gone)
			next = sooner(next, duo->datagram[i].at);
	for (size_t i = 0; i < DUO_PACKETS && i < pings->made; i++)
		if (!pings->packet[i].gone)
			next = sooner(next, pings->packet[i].at);
	return next > duo->now ? next : duo->now;
}

void duo_pings_run(struct duo_pings *pings, ike_time duration)
{
	ike_time end = pings->duo->now + duration, next;

	for (settle(pings); (next = next_time(pings)) <= end; settle(pings)) {
		duo_run(pings->duo, next - pings->duo->now);
		for (size_t i = 0; i < DUO_PACKETS && i < pings->made; i++)
			if (!pings->packet[i].gone && pings->packet[i].at <= next)
				arrive(pings, &pings->packet[i]);
	}
	duo_run(pings->duo, end - pings->duo->now);
	settle(pings);
}

/* ---- beginning and end --------------------------------------------------------------------------------------------- */

void duo_pings_begin(struct duo_pings *pings, struct duo *duo, const struct tunnel_ping_plan *plan)
{
	uint8_t seed[RANDOM_SEED_LENGTH] = {duo->seed};
	struct pinger_tunnel tunnel = {.ping = esp_sample_address("10.2.0.1"),
				       .ping_from = esp_sample_address("10.1.0.1"),
				       .plan = *plan};
	struct pinger_settings settings = {.tunnel = &tunnel, .tunnels = 1, .pairs = PAIRS_MOST};
	struct ike_ipsec_sa pair;

	*pings = (struct duo_pings){.duo = duo};
	duo->context = pings;
	duo->deliver = deliver;
	random_seeded(&pings->chance, seed);
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		seed[1] = (uint8_t)(1 + node);
		random_seeded(&settings.random, seed);
		pings->plane[node] = esp_plane_new(&settings.random, PAIRS_MOST);
		ck_assert_ptr_nonnull(pings->plane[node]);
	}
	pings->pinger = pinger_new(&settings);
	ck_assert_ptr_nonnull(pings->pinger);
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_pings_run(pings, 3 * IKE_SECOND);
	ck_assert_uint_eq(duo_pairs(duo, DUO_A, &pair), 1);
	ck_assert_uint_ge(pings->answers, 1);
}

void duo_pings_end(struct duo_pings *pings)
{
	pinger_free(pings->pinger);
	esp_plane_free(pings->plane[DUO_A]);
	esp_plane_free(pings->plane[DUO_B]);
	duo_free(pings->duo);
}
