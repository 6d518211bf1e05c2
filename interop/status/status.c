/* SPDX-License-Identifier: ISC */
#include "interop/status/status.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interop/node/capture.h"
#include "interop/node/clock.h"
#include "interop/node/confine.h"
#include "interop/status/control.h"
#include "interop/impair/impair.h"
#include "interop/node/node.h"
#include "interop/status/status_tunnels.h"
#include "interop/version.h"

/* ---- pieces -------------------------------------------------------------------------------------------------------- */

static json_t *seconds(ike_time duration)
{
	return json_real((double)duration / 1e6);
}

static json_t *since(ike_time now, ike_time then)
{
	return seconds(now > then ? now - then : 0);
}

/* null for never */
static json_t *until(ike_time now, ike_time then)
{
	if (then == IKE_NEVER)
		return json_null();
	return seconds(then > now ? then - now : 0);
}

static json_t *cookie(const uint8_t *of)
{
	char text[2 * IKE_COOKIE_LENGTH + 1];

	for (size_t i = 0; i < IKE_COOKIE_LENGTH; i++)
		snprintf(text + 2 * i, 3, "%02x", of[i]);
	return json_string(text);
}

/* ---- SAs ----------------------------------------------------------------------------------------------------------- */

static json_t *sa_json(const struct ike_sa_status *sa, ike_time now)
{
	static const char *const nat[] = {"none", "here", "there", "both"};
	const struct keepalive_peer *keepalive = sa->extension_state;
	const char *authentication = ike_authentication_name(sa->authentication);
	char proposal[64], identity[4 * IKE_IDENTITY_MAX + 16];

	ike_proposal_text(&sa->proposal, proposal, sizeof(proposal));
	ike_identity_text(&sa->identity, identity, sizeof(identity));
	return json_pack(
	    "{s:o, s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:s, s:o, s:o, s:i, s:o, s:o}",
	    "gateway", status_address(&sa->remote), "cky_i", cookie(sa->cky_i), "cky_r",
	    cookie(sa->cky_r), "role", sa->initiator ? "initiator" : "responder", "proposal",
	    proposal, "identity", identity, "exchange", sa->aggressive ? "aggressive" : "main",
	    "authentication", authentication != NULL ? authentication : "unknown", "nat",
	    nat[(sa->nat_here ? 1 : 0) + (sa->nat_there ? 2 : 0)], "keepalive", sa->supported,
	    "superseded", sa->superseded, "state", keepalive_state_name(keepalive->state),
	    "silence_s", since(now, keepalive->last_heard), "next_s", until(now, keepalive->wake),
	    "open", (int)keepalive->sent.open, "age_s", since(now, sa->established_at), "expires_s",
	    until(now, sa->expires_at));
}

/* Sorts the SAs to their peers; a limit keeps the answer of a node with a hundred thousand of them readable. */
static void add_sas(json_t *peers, const struct ike_core *core, ike_time now)
{
	struct ike_sa_status sa;
	uint32_t cursor = 0;
	size_t told = 0;

	while (ike_next_sa(core, &cursor, &sa)) {
		json_t *peer = json_array_get(peers, sa.peer);
		json_t *count = json_object_get(peer, "sa_count");

		json_integer_set(count, json_integer_value(count) + 1);
		if (told++ < STATUS_SAS_MOST)
			json_array_append_new(json_object_get(peer, "sas"), sa_json(&sa, now));
	}
}

/* ---- peers --------------------------------------------------------------------------------------------------------- */

static json_t *peer_json(const struct config_peer *peer, const struct recovery *recovery,
			 ike_time now)
{
	json_t *gateways = json_array(), *plan = json_object();
	bool calls = peer->ike.gateways > 0;

	for (size_t i = 0; i < peer->ike.gateways; i++)
		json_array_append_new(gateways, status_address(&peer->ike.gateway[i]));
	(void)event_json_add_plan(plan, peer);
	return json_pack(
	    "{s:s, s:s, s:o, s:o, s:i, s:i, s:o, s:o, s:i, s:[], s:o}", "peer", peer->name, "state",
	    calls ? recovery_state_name(recovery->state) : "waited for", "gateways", gateways,
	    "gateway", calls ? status_address(&peer->ike.gateway[recovery->gateway]) : json_null(),
	    "attempt", (int)recovery->attempt, "failures", (int)recovery->failures, "next_s",
	    calls ? until(now, recovery->wake) : json_null(), "plan", plan, "sa_count", 0, "sas",
	    "tunnels", status_tunnels(peer));
}

static json_t *peers_json(const struct config *config, const struct ike_core *core,
			  const struct tunnels *tunnels, ike_time now)
{
	json_t *peers = json_array();

	for (size_t i = 0; i < config->peers; i++) {
		const struct recovery *recovery = ike_peer_extension_state(core, (uint32_t)i);

		json_array_append_new(peers, peer_json(&config->peer[i], recovery, now));
	}
	add_sas(peers, core, now);
	status_add_pairs(peers, tunnels, now);
	return peers;
}

/* ---- the node ------------------------------------------------------------------------------------------------------ */

static json_t *limits_json(const struct ike_limits *limits)
{
	return json_pack(
	    "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "sas",
	    (json_int_t)limits->sas, "handshakes", (json_int_t)limits->handshakes,
	    "handshakes_per_source", (json_int_t)limits->handshakes_per_source, "outputs",
	    (json_int_t)limits->outputs, "events", (json_int_t)limits->events,
	    "notifies_per_second", (json_int_t)limits->notifies_per_second, "ipsec_sas",
	    (json_int_t)limits->ipsec_sas, "quick_modes", (json_int_t)limits->quick_modes,
	    "reassemblies", (json_int_t)limits->reassemblies, "unknown_spis_per_second",
	    (json_int_t)limits->unknown_spis_per_second, "remembered",
	    (json_int_t)limits->remembered);
}

static json_t *counters_json(const struct ike_status *status, const struct node *node)
{
	const struct encapsulation *encapsulation = node_encapsulation(node);
	json_t *counters = json_object();

	for (unsigned i = 0; i < IKE_COUNTERS; i++)
		json_object_set_new(counters, ike_counter_name(i),
				    json_integer((json_int_t)status->counter[i]));
	json_object_set_new(counters, "refused-by-system",
			    json_integer((json_int_t)udp_refused(node_udp(node))));
	json_object_set_new(counters, "nat-keepalives-in",
			    json_integer((json_int_t)encapsulation->keepalives));
	json_object_set_new(counters, "esp-dropped", json_integer((json_int_t)encapsulation->esp));
	json_object_set_new(counters, "neither-esp-nor-ike",
			    json_integer((json_int_t)encapsulation->nonsense));
	return counters;
}

/* Those that have been given at all. */
static json_t *verdicts_json(const struct ike_status *status)
{
	json_t *verdicts = json_array();

	for (unsigned i = 0; i < IKE_VERDICTS; i++)
		if (status->verdict[i] > 0)
			json_array_append_new(verdicts,
					      json_pack("{s:s, s:s, s:s, s:I}", "verdict",
							ike_verdict_name(i), "section",
							ike_verdict_section(i), "sentence",
							ike_verdict_sentence(i), "count",
							(json_int_t)status->verdict[i]));
	return verdicts;
}

static json_t *listen_json(const struct udp *udp)
{
	json_t *listen = json_array();

	for (size_t i = 0; i < udp_sockets(udp); i++) {
		struct ike_address at = udp_address(udp, i);

		json_array_append_new(listen, status_address(&at));
	}
	return listen;
}

/* null where the node is not to be confined: only other verbs than serve have such */
static json_t *confinement_json(const struct confinement *confinement)
{
	json_t *told = confinement != NULL ? json_object() : json_null();

	if (confinement != NULL)
		confinement_add(confinement, told);
	return told;
}

static json_t *capture_json(const struct node *node)
{
	const struct capture *capture = node_capture(node);

	if (capture == NULL)
		return json_null();
	return json_pack("{s:s, s:I, s:s?}", "directory", node_get_settings(node)->capture,
			 "datagrams", (json_int_t)capture_count(capture), "problem",
			 capture_problem(capture));
}

/* null where it does nothing wrong on purpose */
static json_t *impairments_json(const bool *on)
{
	json_t *names = on != NULL ? json_array() : json_null();

	for (size_t i = 0; on != NULL && i < IMPAIRMENTS; i++)
		if (on[i])
			json_array_append_new(names,
					      json_string(impairment_name((enum impairment)i)));
	return names;
}

static json_t *status_json(const struct node *node)
{
	const struct node_settings *settings = node_get_settings(node);
	const struct ike_core *core = node_core(node);
	struct ike_status status;
	ike_time now = clock_now();

	ike_status(core, &status);
	return json_pack(
	    "{s:b, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:i, s:I, s:i, s:i, s:i, s:o, s:o, s:o, s:o, "
	    "s:o}",
	    "ok", 1, "version", RUTHERE_VERSION, "pid", (int)getpid(), "uptime_s",
	    since(now, settings->epoch), "listen", listen_json(node_udp(node)), "capture",
	    capture_json(node), "confinement", confinement_json(node_confinement(node)),
	    "impairments", impairments_json(settings->impairments), "sas", (int)status.sas,
	    "sa_octets", (json_int_t)status.sa_octets, "established", (int)status.established,
	    "handshakes", (int)status.handshakes, "outputs", (int)status.outputs, "limits",
	    limits_json(&status.limits), "counters", counters_json(&status, node), "verdicts",
	    verdicts_json(&status), "ipsec", status_ipsec(node_tunnels(node)), "peers",
	    peers_json(settings->config, core, node_tunnels(node), now));
}

/* ---- requests ------------------------------------------------------------------------------------------------------ */

/* To close a peer that has no SA is no failure: it is not called from now on, which is what was wanted. */
static json_t *command_peer(struct node *node, const struct ike_command *command)
{
	const struct config_peer *peer = &node_get_settings(node)->config->peer[command->peer];
	bool done = node_command(node, command);

	if (!done && command->kind == IKE_COMMAND_START)
		return control_error(
		    "peer \"%s\" has no gateway to be called at: it is only waited for",
		    peer->name);
	if (!done && command->kind == IKE_COMMAND_TUNNEL)
		return control_error(
		    "there is no SA with peer \"%s\" now, and it is only waited for", peer->name);
	return json_pack("{s:b, s:b}", "ok", 1, "done", done);
}

static json_t *command_tunnel(struct node *node, struct ike_command command, const char *name)
{
	const struct config_peer *peer = &node_get_settings(node)->config->peer[command.peer];

	command.kind = IKE_COMMAND_TUNNEL;
	for (; command.tunnel < peer->ike.tunnels; command.tunnel++)
		if (strcmp(peer->ike.tunnel[command.tunnel].name, name) == 0)
			return command_peer(node, &command);
	return control_error("peer \"%s\" has no tunnel \"%s\"", peer->name, name);
}

static json_t *command(struct node *node, const json_t *request, enum ike_command_kind kind)
{
	const struct config *config = node_get_settings(node)->config;
	const char *name = json_string_value(json_object_get(request, "peer"));
	const char *tunnel = json_string_value(json_object_get(request, "tunnel"));

	if (name == NULL)
		return control_error("\"peer\" is missing");
	for (size_t i = 0; i < config->peers; i++) {
		const struct ike_command one = {.kind = kind, .peer = (uint32_t)i};

		if (strcmp(config->peer[i].name, name) != 0)
			continue;
		return tunnel != NULL && kind == IKE_COMMAND_START
			   ? command_tunnel(node, one, tunnel)
			   : command_peer(node, &one);
	}
	return control_error("there is no peer \"%s\"", name);
}

json_t *status_answer(void *context, const json_t *request)
{
	const char *verb = json_string_value(json_object_get(request, "verb"));

	if (verb != NULL && strcmp(verb, "status") == 0)
		return status_json(context);
	if (verb != NULL && strcmp(verb, "connect") == 0)
		return command(context, request, IKE_COMMAND_START);
	if (verb != NULL && strcmp(verb, "close") == 0)
		return command(context, request, IKE_COMMAND_CLOSE);
	return control_error("\"verb\" is none of status, connect, close");
}
