/* SPDX-License-Identifier: ISC */
#include "interop/node/echoes.h"

#include <stdlib.h>

#include "interop/config/config_traffic.h"
#include "interop/esp/esp_words.h"
#include "interop/node/clock.h"
#include "interop/node/trouble.h"

#define BUDGET 64 /* tunnels at a time: what else there is must not wait for ten thousand of them */

struct echoes {
	struct pinger *pinger; /* NULL: there is nothing to ping */
	struct esp_device *device;
	struct event_log *log;
	struct trouble unfit;
	uint8_t room[ESP_HEADROOM + ECHO_OCTETS_MOST + ESP_TAILROOM];
};

/* ---- beginning and end --------------------------------------------------------------------------------------------- */

size_t echoes_wanted(const struct config *config)
{
	size_t count = 0;

	for (size_t i = 0; i < config->peers; i++)
		for (size_t j = 0; j < config->peer[i].ike.tunnels; j++)
			count += config->peer[i].traffic[j].ping.to.family != IKE_FAMILY_NONE;
	return count;
}

static void list_pings(const struct config *config, struct pinger_tunnel *tunnel)
{
	for (size_t i = 0; i < config->peers; i++)
		for (size_t j = 0; j < config->peer[i].ike.tunnels; j++) {
			const struct config_ping *ping = &config->peer[i].traffic[j].ping;

			if (ping->to.family == IKE_FAMILY_NONE)
				continue;
			*tunnel = (struct pinger_tunnel){.peer = (uint32_t)i,
							 .tunnel = (uint32_t)j,
							 .ping = ping->to,
							 .ping_from = ping->from,
							 .plan = config_ping_plan(ping)};
			tunnel++;
		}
}

/* Before the interface sees it: a reply to our own request is nobody else's. */
static bool read_reply(void *context, ike_time now, uint32_t number, struct octets inner)
{
	struct echoes *echoes = context;

	return pinger_inbound(echoes->pinger, now, number, inner.data, inner.length);
}

static bool open_pinger(struct echoes *echoes, const struct config *config)
{
	struct pinger_settings settings = {.tunnels = echoes_wanted(config),
					   .pairs = config->ike.limits.ipsec_sas};
	struct pinger_tunnel *tunnel;

	if (echoes->device == NULL || settings.tunnels == 0)
		return true;
	tunnel = calloc(settings.tunnels, sizeof(*tunnel));
	if (tunnel == NULL)
		return false;
	list_pings(config, tunnel);
	settings.tunnel = tunnel;
	random_system(&settings.random);
	echoes->pinger = pinger_new(&settings);
	free(tunnel);
	if (echoes->pinger == NULL)
		return false;
	esp_device_read_by(echoes->device, read_reply, echoes);
	return true;
}

struct echoes *echoes_new(const struct config *config, struct esp_device *device,
			  struct event_log *log, struct fault *fault)
{
	struct echoes *echoes = calloc(1, sizeof(*echoes));

	if (echoes != NULL) {
		echoes->device = device;
		echoes->log = log;
		echoes->unfit.what = "ping";
		if (open_pinger(echoes, config))
			return echoes;
	}
	echoes_free(echoes);
	fault_say(fault, "no memory for pings through tunnels");
	return NULL;
}

void echoes_free(struct echoes *echoes)
{
	if (echoes == NULL)
		return;
	if (echoes->pinger != NULL)
		esp_device_read_by(echoes->device, NULL, NULL);
	pinger_free(echoes->pinger);
	free(echoes);
}

/* ---- what happens -------------------------------------------------------------------------------------------------- */

void echoes_follow(struct echoes *echoes, ike_time now, const struct ike_ipsec_change *change)
{
	enum pinger_verdict verdict;

	if (echoes->pinger == NULL)
		return;
	verdict = pinger_pair(echoes->pinger, now, change);
	if (verdict == PINGER_UNFIT)
		trouble_met(&echoes->unfit, echoes->log,
			    "a pair of IPsec SAs was agreed upon whose selectors do not hold its "
			    "tunnel's ping, and nothing is pinged through it: widen local and "
			    "remote at the peer, or set narrow = no");
	else if (verdict == PINGER_FULL)
		trouble_met(&echoes->unfit, echoes->log,
			    "nothing is pinged through one more pair of IPsec SAs: raise limits { "
			    "ipsec-sas }");
	else if (verdict == PINGER_FOLLOWED)
		trouble_over(&echoes->unfit, echoes->log);
}

void echoes_heard(struct echoes *echoes, ike_time now, uint32_t number)
{
	if (echoes->pinger != NULL)
		pinger_heard(echoes->pinger, now, number);
}

void echoes_event(struct echoes *echoes, const struct ike_event *event)
{
	if (echoes->pinger != NULL && event->peer < echoes->log->config->peers)
		pinger_event(echoes->pinger, event);
}

/* ---- what is to be done -------------------------------------------------------------------------------------------- */

static json_t *seconds(ike_time span)
{
	return span == IKE_NEVER ? json_null() : json_real((double)span / 1e6);
}

static const char *const names[PINGER_REPORTS] = {
    [PINGER_ALIVE] = "echo",           [PINGER_SUSPECT] = "echo-missed",
    [PINGER_RECOVERED] = "echo-again", [PINGER_BLACK_HOLE] = "black-hole",
    [PINGER_GIVEN_UP] = "tunnel-dead", [PINGER_LATE] = "echo-late",
};

static void tell(struct echoes *echoes, ike_time now, const struct pinger_action *action)
{
	const struct config_peer *peer = &echoes->log->config->peer[action->peer];
	json_t *line = event_json_own(names[action->report], now, echoes->log->epoch);

	if (line == NULL)
		return;
	json_object_set_new(line, "peer", json_string(peer->name));
	json_object_set_new(line, "tunnel", json_string(peer->tunnel[action->tunnel]));
	json_object_set_new(line, "pair", json_integer(action->number));
	switch (action->report) {
	case PINGER_ALIVE:
		json_object_set_new(line, "number", json_integer(action->echo));
		json_object_set_new(line, "rtt_ms",
				    action->round_trip == IKE_NEVER
					? json_null()
					: json_real((double)action->round_trip / 1e3));
		break;
	case PINGER_LATE:
		json_object_set_new(line, "by_s", seconds(action->lateness));
		break;
	default:
		if (action->report != PINGER_RECOVERED)
			json_object_set_new(line, "misses", json_integer(action->misses));
		json_object_set_new(line, "silence_s", seconds(action->silence));
		break;
	}
	event_log_line(echoes->log, line);
}

static void send(struct echoes *echoes, ike_time now, const struct pinger_action *action)
{
	struct esp_buffer packet = {.data = echoes->room + ESP_HEADROOM,
				    .length = action->length,
				    .room = sizeof(echoes->room) - ESP_HEADROOM};

	/* a request that cannot leave is missed like one that was lost */
	(void)esp_device_send(echoes->device, now, action->number, &packet);
}

/* True: it is for the core. */
static bool carry_out(struct echoes *echoes, ike_time now, const struct pinger_action *action,
		      struct ike_command *command)
{
	bool may_ask = echoes->log->config->peer[action->peer].keepalive.mode != KEEPALIVE_OFF;

	if (action->kind == PINGER_SEND)
		send(echoes, now, action);
	if (action->kind == PINGER_REPORT)
		tell(echoes, now, action);
	return esp_words_of_ping(action, may_ask, command);
}

bool echoes_next(struct echoes *echoes, ike_time now, struct ike_command *command)
{
	struct pinger_action action;

	if (echoes->pinger == NULL)
		return false;
	(void)pinger_tick(echoes->pinger, now, BUDGET);
	while (pinger_next(echoes->pinger, &action, echoes->room + ESP_HEADROOM, ECHO_OCTETS_MOST))
		if (carry_out(echoes, now, &action, command))
			return true;
	return false;
}

ike_time echoes_deadline(const struct echoes *echoes)
{
	return echoes->pinger != NULL ? pinger_deadline(echoes->pinger) : IKE_NEVER;
}

bool echoes_status(const struct echoes *echoes, uint32_t number, struct pinger_status *status)
{
	return echoes->pinger != NULL && pinger_status(echoes->pinger, number, status);
}
