/* SPDX-License-Identifier: ISC */
#include "interop/events/event_json.h"

#include <stdio.h>

#include "interop/config/config_traffic.h"
#include "interop/node/clock.h"

/* ---- pieces -------------------------------------------------------------------------------------------------------- */

/* Every setter below is good if memory lasts; what is lost to its lack is a field of a log line. */
static void add(json_t *line, const char *name, json_t *value)
{
	if (value == NULL || json_object_set_new(line, name, value) != 0)
		(void)json_object_del(line, name);
}

static double seconds(ike_time duration)
{
	return (double)duration / 1e6;
}

static void add_text(json_t *line, const char *name, const char *text)
{
	add(line, name, json_string(text != NULL ? text : ""));
}

static void add_cookie(json_t *line, const char *name, const uint8_t *cookie)
{
	char text[2 * IKE_COOKIE_LENGTH + 1];
	bool zero = true;

	for (size_t i = 0; i < IKE_COOKIE_LENGTH; i++) {
		snprintf(text + 2 * i, 3, "%02x", cookie[i]);
		zero = zero && cookie[i] == 0;
	}
	if (!zero)
		add_text(line, name, text);
}

static void add_notify(json_t *line, uint16_t type)
{
	const char *name = ike_notify_name(type);
	char number[16];

	snprintf(number, sizeof(number), "%u", type);
	add_text(line, "notify", name != NULL ? name : number);
}

static void add_verdict(json_t *line, enum ike_verdict verdict)
{
	add_text(line, "verdict", ike_verdict_name(verdict));
	add_text(line, "section", ike_verdict_section(verdict));
	add_text(line, "sentence", ike_verdict_sentence(verdict));
}

static void add_role(json_t *line, const struct ike_event *event)
{
	add_text(line, "role", event->initiator ? "initiator" : "responder");
}

static void add_exchange(json_t *line, const struct ike_event *event)
{
	add_role(line, event);
	add_text(line, "exchange", event->aggressive ? "aggressive" : "main");
}

static void add_spi(json_t *line, const char *name, uint32_t spi)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%08x", spi);
	add_text(line, name, text);
}

/* ---- the fields of each kind of event ------------------------------------------------------------------------------ */

static void established(json_t *line, const struct ike_event *event)
{
	static const char *const nat[] = {"none", "here", "there", "both"};
	const char *authentication = ike_authentication_name(event->authentication);
	char proposal[64];

	ike_proposal_text(&event->proposal, proposal, sizeof(proposal));
	add_exchange(line, event);
	if (authentication != NULL)
		add_text(line, "authentication", authentication);
	add_text(line, "nat", nat[(event->nat_here ? 1 : 0) + (event->nat_there ? 2 : 0)]);
	add_text(line, "proposal", proposal);
	add_text(line, "identity", event->text);
	add(line, "keepalive", json_boolean(event->supported));
	add(line, "initial_contact", json_boolean(event->initial_contact));
}

static void failed(json_t *line, const struct ike_event *event)
{
	add_role(line, event);
	add_text(line, "why", ike_why_text(event->why));
	if (event->verdict != IKE_ACCEPTED)
		add_verdict(line, event->verdict);
	if (event->notify_type != 0)
		add_notify(line, event->notify_type);
}

static void refused(json_t *line, const struct ike_event *event)
{
	add_verdict(line, event->verdict);
}

static void peer_says(json_t *line, const struct ike_event *event)
{
	add_notify(line, event->notify_type);
	add(line, "authenticated", json_boolean(event->authenticated));
}

static void deleted(json_t *line, const struct ike_event *event)
{
	add_text(line, "why", ike_why_text(event->why));
}

static void initial_contact(json_t *line, const struct ike_event *event)
{
	add(line, "deleted", json_integer(event->value));
}

static void hint(json_t *line, const struct ike_event *event)
{
	add_notify(line, event->notify_type);
}

static void unknown_spi(json_t *line, const struct ike_event *event)
{
	add_spi(line, "spi", event->spi_in);
	add_text(line, "done", event->text);
}

static void pair(json_t *line, const struct ike_event *event)
{
	add(line, "pair", json_integer(event->ipsec));
	add_spi(line, "spi_in", event->spi_in);
	add_spi(line, "spi_out", event->spi_out);
}

static void ipsec_established(json_t *line, const struct ike_event *event)
{
	add_role(line, event);
	pair(line, event);
	add_text(line, "agreement", event->text);
}

static void ipsec_deleted(json_t *line, const struct ike_event *event)
{
	pair(line, event);
	deleted(line, event);
}

static void text(json_t *line, const struct ike_event *event)
{
	add_text(line, "text", event->text);
}

static void message(json_t *line, const struct ike_event *event)
{
	add_text(line, "direction", event->outbound ? "out" : "in");
	add_text(line, "line", event->text);
}

/* NULL name: no line of its own. */
static const struct event_row {
	const char *name;
	void (*fields)(json_t *line, const struct ike_event *event);
} event_rows[] = {
    [IKE_EVENT_CONNECTING] = {"connecting", add_exchange},
    [IKE_EVENT_ESTABLISHED] = {"established", established},
    [IKE_EVENT_FAILED] = {"failed", failed},
    [IKE_EVENT_REFUSED] = {"refused", refused},
    [IKE_EVENT_PEER_SAYS] = {"peer-says", peer_says},
    [IKE_EVENT_REPLACED] = {"renewed", NULL},
    [IKE_EVENT_DELETED] = {"deleted", deleted},
    [IKE_EVENT_INITIAL_CONTACT] = {"initial-contact", initial_contact},
    [IKE_EVENT_HINT] = {"hint", hint},
    [IKE_EVENT_OFFERS] = {"offers", text},
    [IKE_EVENT_KEYS] = {NULL, NULL},
    [IKE_EVENT_REPORT] = {NULL, NULL}, /* the table below */
    [IKE_EVENT_MESSAGE] = {"message", message},
    [IKE_EVENT_MOVED] = {"moved", NULL},
    [IKE_EVENT_IPSEC_ESTABLISHED] = {"ipsec-established", ipsec_established},
    [IKE_EVENT_IPSEC_FAILED] = {"ipsec-failed", failed},
    [IKE_EVENT_IPSEC_REPLACED] = {"ipsec-renewed", pair},
    [IKE_EVENT_IPSEC_DELETED] = {"ipsec-deleted", ipsec_deleted},
    [IKE_EVENT_UNKNOWN_SPI] = {"unknown-spi", unknown_spi},
    [IKE_EVENT_OVERLOAD] = {"overload", text},
};

/* A report's number, value and duration, under the names that events.md gives them; NULL: not said. */
static const struct report_row {
	const char *name;
	const char *number;
	const char *value;
	const char *duration; /* in seconds, or in milliseconds where it ends in _ms */
} report_rows[] = {
    [IKE_REPORT_ASKED] = {"asked", "number", "open", NULL},
    [IKE_REPORT_ANSWERED] = {"answered", "number", NULL, NULL},
    [IKE_REPORT_ALIVE] = {"alive", "number", NULL, "rtt_ms"},
    [IKE_REPORT_SUSPECT] = {"suspect", NULL, "misses", "silence_s"},
    [IKE_REPORT_DEAD] = {"dead", NULL, "misses", "silence_s"},
    [IKE_REPORT_LATE] = {"late", NULL, NULL, "by_s"},
    [IKE_REPORT_RECOVERING] = {"recovering", NULL, "attempt", "wait_s"},
    [IKE_REPORT_RECOVERED] = {"recovered", NULL, NULL, "after_s"},
    [IKE_REPORT_RETURNING] = {"returning", NULL, NULL, NULL},
};

static json_t *duration_json(ike_time duration, bool milliseconds)
{
	if (duration == IKE_NEVER)
		return json_null();
	return json_real(milliseconds ? (double)duration / 1e3 : seconds(duration));
}

static void add_report(json_t *line, const struct ike_extension_report *report)
{
	const struct report_row *row = &report_rows[report->kind];

	if (row->number != NULL)
		add(line, row->number, json_integer(report->number));
	if (row->value != NULL)
		add(line, row->value, json_integer(report->value));
	if (row->duration != NULL)
		add(line, row->duration,
		    duration_json(report->duration, report->kind == IKE_REPORT_ALIVE));
}

/* ---- lines --------------------------------------------------------------------------------------------------------- */

json_t *event_json_own(const char *name, ike_time at, ike_time epoch)
{
	json_t *line = json_object();
	char wall[CLOCK_TEXT];

	if (line == NULL)
		return NULL;
	add(line, "t", json_real(at > epoch ? seconds(at - epoch) : 0));
	add_text(line, "time", clock_text(clock_wall(at), wall));
	add_text(line, "event", name);
	return line;
}

/* Reports of the recovery name the gateway that they are about themselves: no SA goes with them. */
static void add_gateway(json_t *line, const struct ike_event *event, const struct config *config)
{
	struct ike_address gateway = event->remote;
	char address[IKE_ADDRESS_TEXT];

	if (gateway.family == IKE_FAMILY_NONE && event->peer < config->peers &&
	    event->gateway < config->peer[event->peer].ike.gateways)
		gateway = config->peer[event->peer].ike.gateway[event->gateway];
	if (gateway.family == IKE_FAMILY_NONE)
		return;
	ike_address_text(&gateway, address, sizeof(address));
	add_text(line, "gateway", address);
}

static bool is_of_a_tunnel(enum ike_event_kind kind)
{
	return kind == IKE_EVENT_IPSEC_ESTABLISHED || kind == IKE_EVENT_IPSEC_FAILED ||
	       kind == IKE_EVENT_IPSEC_REPLACED || kind == IKE_EVENT_IPSEC_DELETED;
}

static void add_names(json_t *line, const struct ike_event *event, const struct config *config)
{
	const struct config_peer *peer;

	if (event->peer >= config->peers)
		return;
	peer = &config->peer[event->peer];
	add_text(line, "peer", peer->name);
	if (is_of_a_tunnel(event->kind) && event->tunnel < peer->ike.tunnels)
		add_text(line, "tunnel", peer->ike.tunnel[event->tunnel].name);
}

json_t *event_json(const struct ike_event *event, const struct config *config, ike_time epoch)
{
	bool report = event->kind == IKE_EVENT_REPORT;
	const char *name =
	    report ? report_rows[event->report.kind].name : event_rows[event->kind].name;
	json_t *line = name != NULL ? event_json_own(name, event->at, epoch) : NULL;

	if (line == NULL)
		return NULL;
	add_names(line, event, config);
	add_gateway(line, event, config);
	add_cookie(line, "cky_i", event->cky_i);
	add_cookie(line, "cky_r", event->cky_r);
	if (report)
		add_report(line, &event->report);
	else if (event_rows[event->kind].fields != NULL)
		event_rows[event->kind].fields(line, event);
	return line;
}

bool event_json_add_plan(json_t *line, const struct config_peer *peer)
{
	static const char *const modes[] = {
	    [KEEPALIVE_PERIODIC] = "periodic",
	    [KEEPALIVE_ON_DEMAND] = "on-demand",
	    [KEEPALIVE_OFF] = "off",
	};
	const struct keepalive_plan *plan = &peer->extension.plan;
	uint32_t loss = peer->loss_per_mille;
	char described[256];

	keepalive_plan_describe(plan, loss, described, sizeof(described));
	if (peer->ping_only)
		snprintf(described, sizeof(described), "%s",
			 "never asks R-U-THERE, only answers; the pings through its tunnels tell");
	add_text(line, "mode", peer->ping_only ? "ping" : modes[plan->mode]);
	add(line, "worry_s", json_real(seconds(plan->worry)));
	add(line, "retry_s", json_real(seconds(plan->retry)));
	add(line, "misses", json_integer(plan->misses));
	add(line, "detect_s", json_real(seconds(plan->detect)));
	add(line, "loss", json_real(loss / 1e3));
	add(line, "false_deaths_a_year",
	    json_real(keepalive_false_deaths_a_year(plan, loss / 1e3)));
	add_text(line, "text", described);
	return json_object_get(line, "text") != NULL;
}

bool event_json_add_ping(json_t *line, const struct config_peer *peer, size_t tunnel)
{
	const struct config_ping *ping = &peer->traffic[tunnel].ping;
	struct tunnel_ping_plan plan = config_ping_plan(ping);
	uint32_t loss = peer->loss_per_mille;
	char described[TUNNEL_PING_TEXT], address[IKE_ADDRESS_TEXT];

	add_text(line, "tunnel", peer->ike.tunnel[tunnel].name);
	ike_address_text(&ping->to, address, sizeof(address));
	add_text(line, "ping", address);
	if (ping->from.family == IKE_FAMILY_NONE)
		snprintf(address, sizeof(address), "own");
	else
		ike_address_text(&ping->from, address, sizeof(address));
	add_text(line, "ping_from", address);
	add(line, "interval_s", json_real(seconds(plan.interval)));
	add(line, "misses", json_integer(plan.misses));
	add(line, "detect_s", json_real(seconds(tunnel_ping_latest(&plan))));
	add(line, "loss", json_real(loss / 1e3));
	add(line, "false_verdicts_a_year",
	    json_real(tunnel_ping_verdicts_a_year(&plan, loss / 1e3)));
	tunnel_ping_describe(&plan, loss, described, sizeof(described));
	add_text(line, "text", described);
	return json_object_get(line, "text") != NULL;
}
