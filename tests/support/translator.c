/* SPDX-License-Identifier: ISC */
#include "tests/support/translator.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ike/address.h"

static const char *const inside_text[DUO_NODES] = {"10.0.1.1", "10.0.2.2"};
static const char *const outside_text[DUO_NODES] = {"192.0.2.1", "192.0.2.2"};

static struct ike_address address_of(const char *text)
{
	struct ike_address address;

	if (!ike_address_from_text(text, &address))
		ck_abort();
	return address;
}

struct translator *translator_new(uint8_t seed, bool a_is_translated, bool b_is_translated)
{
	return translator_around(duo_new(seed), a_is_translated, b_is_translated);
}

struct translator *translator_around(struct duo *around, bool a_is_translated, bool b_is_translated)
{
	struct translator *translator = calloc(1, sizeof(*translator));
	const bool translated[DUO_NODES] = {a_is_translated, b_is_translated};

	ck_assert_ptr_nonnull(translator);
	translator->duo = around;
	translator->mapping_life = IKE_NEVER;
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		struct translator_host *host = &translator->host[node];
		struct duo *duo = translator->duo;

		host->translated = translated[node];
		host->forwards = node == DUO_B;
		host->outside = address_of(outside_text[node]);
		host->inside = host->translated ? address_of(inside_text[node]) : host->outside;
		host->next_port = 40000;
		duo->settings[node].nat_t_port = 4500;
		duo->peer[node].nat_traversal = true;
	}
	/* nobody can call who is behind a translator, unless it forwards */
	translator->duo->peer[DUO_B].gateways = 0;
	return translator;
}

void translator_start(struct translator *translator)
{
	duo_start(translator->duo);
}

struct duo *translator_leave(struct translator *translator)
{
	struct duo *duo = translator->duo;

	free(translator);
	return duo;
}

void translator_free(struct translator *translator)
{
	duo_free(translator_leave(translator));
}

/* ---- mappings ------------------------------------------------------------------------------------------------------ */

static bool is_forwarded(const struct translator *translator, const struct translator_host *host,
			 uint16_t port)
{
	return host->forwards &&
	       (port == IKE_PORT || port == translator->duo->settings[DUO_A].nat_t_port);
}

static bool is_over(const struct translator *translator, const struct translator_mapping *mapping)
{
	return translator->mapping_life != IKE_NEVER &&
	       translator->duo->now - mapping->used > translator->mapping_life;
}

static uint16_t port_outside(struct translator *translator, struct translator_host *host,
			     uint16_t inside)
{
	struct translator_mapping *mapping;

	if (!host->translated || is_forwarded(translator, host, inside))
		return inside;
	for (size_t i = 0; i < host->mappings; i++) {
		mapping = &host->mapping[i];
		if (mapping->inside == inside && !is_over(translator, mapping)) {
			mapping->used = translator->duo->now;
			return mapping->outside;
		}
	}
	if (host->mappings == TRANSLATOR_MAPPINGS)
		ck_abort_msg("more than %d mappings", TRANSLATOR_MAPPINGS);
	mapping = &host->mapping[host->mappings++];
	*mapping = (struct translator_mapping){inside, host->next_port++, translator->duo->now};
	return mapping->outside;
}

/* 0: no mapping. */
static uint16_t port_inside(const struct translator *translator, const struct translator_host *host,
			    uint16_t outside)
{
	if (!host->translated || is_forwarded(translator, host, outside))
		return outside;
	for (size_t i = 0; i < host->mappings; i++)
		if (host->mapping[i].outside == outside && !is_over(translator, &host->mapping[i]))
			return host->mapping[i].inside;
	return 0;
}

void translator_rebind(struct translator *translator, enum duo_node node)
{
	translator->host[node].mappings = 0;
	translator->host[node].next_port =
	    (uint16_t)((translator->host[node].next_port / 1000 + 1) * 1000);
}

void translator_move(struct translator *translator, enum duo_node node, const char *outside)
{
	translator_rebind(translator, node);
	translator->host[node].outside = address_of(outside);
}

/* ---- the network --------------------------------------------------------------------------------------------------- */

static void put_on_the_way(struct translator *translator, enum duo_node from,
			   const struct ike_datagram *out)
{
	struct translator_host *host = &translator->host[from];
	struct translator_datagram *slot = &translator->datagram[translator->datagrams];
	uint16_t port = out->local.port != 0 ? out->local.port : IKE_PORT;

	if (translator->datagrams == TRANSLATOR_DATAGRAMS)
		ck_abort_msg("more than %d datagrams", TRANSLATOR_DATAGRAMS);
	slot->from = from;
	slot->source = host->outside;
	slot->source.port = port_outside(translator, host, port);
	slot->destination = out->remote;
	if (slot->destination.port == 0)
		slot->destination.port = IKE_PORT;
	slot->at = translator->duo->now + DUO_DELAY;
	slot->length = out->length;
	slot->gone = false;
	memcpy(slot->data, out->data, out->length);
	translator->keepalives[from] += out->length == 1;
	translator->datagrams++;
	if (translator->deliver != NULL && !translator->deliver(translator, slot))
		slot->gone = true;
}

static enum ike_verdict hand_over(struct translator *translator, enum duo_node to,
				  const struct ike_address *source, uint16_t port,
				  const uint8_t *data, size_t length)
{
	struct duo *duo = translator->duo;
	uint8_t copy[IKE_DATAGRAM_MAX], plain[IKE_DATAGRAM_MAX];
	struct ike_datagram in = {
	    .remote = *source,
	    .local = translator->host[to].inside,
	    .data = copy,
	    .length = length,
	    .room = sizeof(copy),
	    .plain = plain,
	};

	if (length == 1 && data[0] == 0xff && port == duo->settings[to].nat_t_port)
		return IKE_ACCEPTED; /* dropped by whoever has the socket */
	if (length > sizeof(copy))
		ck_abort_msg("a datagram of %zu octets", length);
	in.local.port = port;
	memcpy(copy, data, length);
	return ike_input(duo->core[to], duo->now, &in);
}

static void arrive(struct translator *translator, struct translator_datagram *datagram)
{
	datagram->gone = true;
	for (enum duo_node to = DUO_A; to < DUO_NODES; to++) {
		const struct translator_host *host = &translator->host[to];
		uint16_t port = port_inside(translator, host, datagram->destination.port);

		if (!ike_address_same_host(&host->outside, &datagram->destination) || port == 0)
			continue;
		(void)hand_over(translator, to, &datagram->source, port, datagram->data,
				datagram->length);
		return;
	}
	translator->nowhere++;
}

enum ike_verdict translator_send(struct translator *translator, enum duo_node to,
				 const struct ike_address *source, uint16_t port,
				 const uint8_t *data, size_t length)
{
	return hand_over(translator, to, source, port, data, length);
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

static void collect(struct translator *translator, enum duo_node node)
{
	struct duo *duo = translator->duo;
	uint8_t data[IKE_DATAGRAM_MAX];
	struct ike_datagram out = {.data = data, .room = sizeof(data)};

	while (ike_output(duo->core[node], duo->now, &out, 1) == 1)
		put_on_the_way(translator, node, &out);
	duo_collect_events(duo, node);
}

static void run_nodes(struct translator *translator)
{
	struct duo *duo = translator->duo;

	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		while (ike_tick(duo->core[node], duo->now, 16) == 16)
			collect(translator, node);
		collect(translator, node);
	}
}

static ike_time next_time(const struct translator *translator)
{
	ike_time next = IKE_NEVER;

	for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
		if (ike_deadline(translator->duo->core[node]) < next)
			next = ike_deadline(translator->duo->core[node]);
	for (size_t i = 0; i < translator->datagrams; i++)
		if (!translator->datagram[i].gone && translator->datagram[i].at < next)
			next = translator->datagram[i].at;
	return next;
}

void translator_run(struct translator *translator, ike_time duration)
{
	struct duo *duo = translator->duo;
	ike_time end = duo->now + duration;

	for (;;) {
		ike_time next;

		run_nodes(translator);
		next = next_time(translator);
		if (next > end)
			break;
		if (next > duo->now)
			duo->now = next;
		for (size_t i = 0; i < translator->datagrams; i++)
			if (!translator->datagram[i].gone && translator->datagram[i].at <= duo->now)
				arrive(translator, &translator->datagram[i]);
	}
	duo->now = end;
}

void translator_establish(struct translator *translator)
{
	duo_connect(translator->duo, DUO_A);
	translator_run(translator, 3 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(translator->duo, DUO_A), 1);
	ck_assert_uint_eq(duo_established(translator->duo, DUO_B), 1);
}

struct ike_sa_status translator_sa(const struct translator *translator, enum duo_node node)
{
	struct ike_sa_status sa;

	memset(&sa, 0, sizeof(sa));
	ck_assert_uint_eq(duo_in_use(translator->duo, node, &sa), 1);
	return sa;
}

struct translator *translator_quiet(uint8_t seed, bool a_is_translated, bool b_is_translated)
{
	struct translator *translator = translator_new(seed, a_is_translated, b_is_translated);

	for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
		translator->duo->keepalive[node].plan.mode = KEEPALIVE_OFF;
	translator_start(translator);
	translator_establish(translator);
	return translator;
}

void translator_ask(struct translator *translator, enum duo_node node)
{
	struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW};

	ck_assert(ike_command(translator->duo->core[node], translator->duo->now, &ask));
}

size_t translator_answers(const struct translator *translator, enum duo_node node)
{
	return duo_count_reports(translator->duo, node, IKE_REPORT_ALIVE);
}

size_t translator_moves(const struct translator *translator)
{
	return duo_count(translator->duo, DUO_A, IKE_EVENT_MOVED) +
	       duo_count(translator->duo, DUO_B, IKE_EVENT_MOVED);
}

struct ike_address translator_elsewhere(void)
{
	return address_of("203.0.113.66:4500");
}
