/* SPDX-License-Identifier: ISC */
#include "interop/announce.h"

#include <unistd.h>

#include "interop/clock.h"
#include "interop/version.h"

static void tell_started(struct event_log *log, const struct udp *udp)
{
	json_t *line = event_json_own("started", clock_now(), log->epoch);
	json_t *listen = json_array();

	for (size_t i = 0; i < udp_sockets(udp); i++) {
		struct ike_address address = udp_address(udp, i);
		char text[IKE_ADDRESS_TEXT];

		ike_address_text(&address, text, sizeof(text));
		json_array_append_new(listen, json_string(text));
	}
	json_object_set_new(line, "version", json_string(RUTHERE_VERSION));
	json_object_set_new(line, "pid", json_integer(getpid()));
	json_object_set_new(line, "listen", listen);
	event_log_line(log, line);
}

static void tell_confinement(struct event_log *log, const struct confinement *confinement)
{
	json_t *line = event_json_own("confined", clock_now(), log->epoch);

	confinement_add(confinement, line);
	event_log_line(log, line);
}

static void tell_plan(struct event_log *log, const struct config_peer *peer)
{
	json_t *line = event_json_own("plan", clock_now(), log->epoch);

	json_object_set_new(line, "peer", json_string(peer->name));
	if (event_json_add_plan(line, peer))
		event_log_line(log, line);
	else
		json_decref(line);
}

void announce(struct event_log *log, const struct udp *udp, const struct confinement *confinement)
{
	tell_started(log, udp);
	if (confinement != NULL)
		tell_confinement(log, confinement);
	for (size_t i = 0; i < log->config->peers; i++)
		tell_plan(log, &log->config->peer[i]);
	event_log_flush(log);
}
