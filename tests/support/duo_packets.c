/* SPDX-License-Identifier: ISC */
#include "tests/support/duo_packets.h"

#include <check.h>
#include <string.h>

#include "ike/notify.h"
#include "tests/support/esp_sample.h"
#include "tests/support/siege.h"
#include "tests/support/tap.h"

#define INNER_OCTETS 64
#define PAIRS_MOST   16

static enum duo_node other(enum duo_node node)
{
	return node == DUO_A ? DUO_B : DUO_A;
}

/* ---- what is on the wire ------------------------------------------------------------------------------------------- */

static enum wire_kind kind_of_informational(const struct duo_datagram *datagram)
{
	struct ike_message message;
	struct ike_notify notify;

	tap_read(tap_plain(datagram), &message);
	if (tap_payloads(&message, IKE_PAYLOAD_NOTIFY) == 0 ||
	    ike_notify_parse(tap_body(&message, IKE_PAYLOAD_NOTIFY), &notify) != IKE_ACCEPTED)
		return WIRE_OTHER_INFORMATIONAL;
	return notify.type == IKE_NOTIFY_R_U_THERE       ? WIRE_R_U_THERE
	       : notify.type == IKE_NOTIFY_R_U_THERE_ACK ? WIRE_R_U_THERE_ACK
							 : WIRE_OTHER_INFORMATIONAL;
}

static enum wire_kind kind_of(const struct duo_datagram *datagram)
{
	switch (datagram->data[18]) {
	case IKE_EXCHANGE_INFORMATIONAL:
		return kind_of_informational(datagram);
	case IKE_EXCHANGE_QUICK_MODE:
		return WIRE_QUICK_MODE;
	default:
		return WIRE_PHASE_1;
	}
}

static bool count_ike(struct duo *duo, struct duo_datagram *datagram)
{
	struct duo_packets *packets = duo->context;
	enum duo_node from = other(datagram->to);
	enum wire_kind kind = kind_of(datagram);

	packets->wire[from][kind]++;
	if (kind == WIRE_R_U_THERE && packets->asked_first[from] == 0)
		packets->asked_first[from] = duo->now;
	return !packets->cut[datagram->to];
}

/* ---- what the cores say, and what they are told -------------------------------------------------------------------- */

static void read_events(struct duo_packets *packets)
{
	struct duo *duo = packets->duo;

	for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
		for (size_t i = 0; i < duo->events[node]; i++) {
			const struct ike_event *event = &duo->event[node][i];

			packets->phase_1s += event->kind == IKE_EVENT_ESTABLISHED;
			if (event->kind != IKE_EVENT_REPORT ||
			    event->report.kind != IKE_REPORT_DEAD)
				continue;
			packets->deaths++;
			packets->died[node] = event->at;
		}
	siege_forget(duo);
}

static void follow(struct duo_packets *packets, enum duo_node node)
{
	struct ike_ipsec_change change;
	struct fault fault;

	while (ike_ipsec_changes(packets->duo->core[node], &change, 1) == 1) {
		if (change.kind == IKE_IPSEC_ADDED) {
			packets->pairs++;
			if (!esp_plane_add(packets->plane[node], &change.sa, &fault))
				ck_abort_msg("%s", fault.text);
		} else if (change.kind == IKE_IPSEC_CHANGED) {
			esp_plane_change(packets->plane[node], &change.sa);
		} else {
			esp_plane_remove(packets->plane[node], change.sa.number);
		}
	}
}

static void tell(struct duo_packets *packets, enum duo_node node)
{
	struct ike_command command;

	while (esp_words_of_use(&packets->words[node], packets->plane[node], &command))
		(void)ike_command(packets->duo->core[node], packets->duo->now, &command);
}

/* Up to `until`; what has become of pairs is known to the planes then. */
static void pass(struct duo_packets *packets, ike_time until)
{
	duo_run(packets->duo, until - packets->duo->now);
	read_events(packets);
	follow(packets, DUO_A);
	follow(packets, DUO_B);
}

/* ---- packets ------------------------------------------------------------------------------------------------------- */

bool duo_packets_send(struct duo_packets *packets, enum duo_node from)
{
	struct duo_packet *packet = &packets->packet[packets->made % DUO_PACKETS];
	uint8_t inner[INNER_OCTETS];
	struct esp_sample sample;
	struct ike_address local, remote;
	bool encapsulated;

	follow(packets, from);
	(void)esp_sample_packet(inner, from == DUO_A ? "10.1.0.5" : "10.2.0.7",
				from == DUO_A ? "10.2.0.7" : "10.1.0.5", 1000, 2000, sizeof(inner));
	esp_sample_fill(&sample, inner, sizeof(inner));
	if (esp_plane_seal(packets->plane[from], packets->duo->now, &sample.buffer, &local, &remote,
			   &encapsulated) != ESP_ACCEPTED) {
		packets->not_sealed[from]++;
		return false;
	}
	if (packets->made >= DUO_PACKETS && !packet->gone)
		ck_abort_msg("more than %d packets under way", DUO_PACKETS);
	*packet = (struct duo_packet){.to = other(from),
				      .at = packets->duo->now + DUO_DELAY,
				      .gone = packets->cut[other(from)],
				      .length = sample.buffer.length};
	if (packet->length > sizeof(packet->data))
		ck_abort_msg("a packet of %zu octets", packet->length);
	memcpy(packet->data, sample.buffer.data, packet->length);
	packets->made++;
	packets->sealed[from]++;
	packets->wire[from][WIRE_ESP]++;
	tell(packets, from);
	return true;
}

enum esp_verdict duo_packets_inject(struct duo_packets *packets, enum duo_node to,
				    const uint8_t *data, size_t length)
{
	struct ike_address from = esp_sample_address(to == DUO_A ? "192.0.2.2" : "192.0.2.1");
	struct ike_address local = esp_sample_address(to == DUO_A ? "192.0.2.1" : "192.0.2.2");
	struct esp_sample sample;
	uint32_t number;
	enum esp_verdict verdict;

	follow(packets, to);
	esp_sample_fill(&sample, data, length);
	verdict = esp_plane_open(packets->plane[to], packets->duo->now, &from, false,
				 &sample.buffer, &number);
	if (verdict == ESP_UNKNOWN_SPI) {
		struct ike_command command =
		    esp_words_of_unknown(&from, &local, octets_of(data, length));

		(void)ike_command(packets->duo->core[to], packets->duo->now, &command);
	}
	tell(packets, to);
	return verdict;
}

static void arrive(struct duo_packets *packets, struct duo_packet *packet)
{
	packet->gone = true;
	if (duo_packets_inject(packets, packet->to, packet->data, packet->length) != ESP_ACCEPTED) {
		packets->not_opened[packet->to]++;
		return;
	}
	packets->opened[packet->to]++;
	packets->opened_last[packet->to] = packets->duo->now;
}

static ike_time next_time(const struct duo_packets *packets)
{
	ike_time next = IKE_NEVER;

	for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
		if (packets->every[node] != 0 && packets->next[node] < next)
			next = packets->next[node];
	for (size_t i = 0; i < DUO_PACKETS && i < packets->made; i++)
		if (!packets->packet[i].gone && packets->packet[i].at < next)
			next = packets->packet[i].at;
	return next;
}

void duo_packets_run(struct duo_packets *packets, ike_time duration)
{
	ike_time end = packets->duo->now + duration, next;

	for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
		if (packets->next[node] < packets->duo->now)
			packets->next[node] = packets->duo->now;
	while ((next = next_time(packets)) <= end) {
		pass(packets, next);
		for (size_t i = 0; i < DUO_PACKETS && i < packets->made; i++)
			if (!packets->packet[i].gone && packets->packet[i].at <= next)
				arrive(packets, &packets->packet[i]);
		for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
			if (packets->every[node] == 0 || packets->next[node] > next)
				continue;
			(void)duo_packets_send(packets, node);
			packets->next[node] += packets->every[node];
		}
	}
	pass(packets, end);
}

const struct duo_packet *duo_packets_last(const struct duo_packets *packets, enum duo_node to)
{
	for (size_t i = packets->made; i-- > 0 && i + DUO_PACKETS >= packets->made;)
		if (packets->packet[i % DUO_PACKETS].to == to)
			return &packets->packet[i % DUO_PACKETS];
	ck_abort_msg("no packet to it");
}

/* ---- beginning and end --------------------------------------------------------------------------------------------- */

void duo_packets_forget(struct duo_packets *packets)
{
	memset(packets->wire, 0, sizeof(packets->wire));
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		packets->sealed[node] = packets->opened[node] = 0;
		packets->not_sealed[node] = packets->not_opened[node] = 0;
		packets->asked_first[node] = packets->died[node] = 0;
	}
	packets->deaths = packets->phase_1s = packets->pairs = 0;
}

void duo_packets_begin(struct duo_packets *packets, struct duo *duo)
{
	uint8_t seed[RANDOM_SEED_LENGTH] = {0};
	struct random_source random;

	*packets = (struct duo_packets){.duo = duo};
	duo->context = packets;
	duo->deliver = count_ike;
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		seed[0] = (uint8_t)(100 + node);
		random_seeded(&random, seed);
		packets->plane[node] = esp_plane_new(&random, PAIRS_MOST);
		ck_assert_ptr_nonnull(packets->plane[node]);
	}
	duo_start(duo);
	duo_establish(duo);
	duo_packets_run(packets, 2 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	duo_packets_forget(packets);
}

void duo_packets_end(struct duo_packets *packets)
{
	esp_plane_free(packets->plane[DUO_A]);
	esp_plane_free(packets->plane[DUO_B]);
	duo_free(packets->duo);
}
