/* SPDX-License-Identifier: ISC */
#include "interop/node/announce.h"

#include <string.h>
#include <unistd.h>

#include "interop/node/capture.h"
#include "interop/impair/impair.h"
#include "interop/version.h"

static void tell_started(struct event_log *log, const struct udp *udp,
			 const struct tunnels *tunnels)
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
	if (tunnels != NULL && tunnels_store(tunnels) != NULL) {
		json_object_set_new(line, "ipsec", json_string(store_name(tunnels_store(tunnels))));
		if (tunnels_notice(tunnels)[0] != '\0')
			json_object_set_new(line, "notice", json_string(tunnels_notice(tunnels)));
	}
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

static void tell_ping(struct event_log *log, const struct config_peer *peer, size_t tunnel)
{
	json_t *line = event_json_own("ping-plan", clock_now(), log->epoch);

	json_object_set_new(line, "peer", json_string(peer->name));
	if (event_json_add_ping(line, peer, tunnel))
		event_log_line(log, line);
	else
		json_decref(line);
}

static void tell_pings(struct event_log *log, const struct config_peer *peer)
{
	for (size_t i = 0; i < peer->ike.tunnels; i++)
		if (peer->traffic[i].ping.to.family != IKE_FAMILY_NONE)
			tell_ping(log, peer, i);
}

void announce_pings(struct event_log *log)
{
	for (size_t i = 0; i < log->config->peers; i++)
		tell_pings(log, &log->config->peer[i]);
	event_log_flush(log);
}

/* Chosen for want of anything better: a user who counts on tunnels must not have to look for it in a line that says "ready". */
static void tell_of_no_packets(struct event_log *log, const struct tunnels *tunnels)
{
	struct trouble trouble = {.what = "store"};

	if (tunnels != NULL && tunnels_store(tunnels) != NULL &&
	    strcmp(store_name(tunnels_store(tunnels)), "keep") == 0 &&
	    tunnels_notice(tunnels)[0] != '\0')
		trouble_met(&trouble, log,
			    "%s; what is for a tunnel leaves in the clear: set node { ipsec } to "
			    "what is meant",
			    tunnels_notice(tunnels));
}

void announce(struct event_log *log, const struct udp *udp, const struct tunnels *tunnels,
	      const struct confinement *confinement)
{
	tell_started(log, udp, tunnels);
	if (log->worker.index > 0) { /* the rest would be the first worker's words once more */
		event_log_flush(log);
		return;
	}
	if (confinement != NULL)
		tell_confinement(log, confinement);
	tell_of_no_packets(log, tunnels);
	for (size_t i = 0; i < log->config->peers; i++) {
		tell_plan(log, &log->config->peer[i]);
		tell_pings(log, &log->config->peer[i]);
	}
	event_log_flush(log);
}

void announce_impairments(struct event_log *log, const bool *on)
{
	json_t *line, *names = json_array(), *sentences = json_array();

	for (size_t i = 0; on != NULL && i < IMPAIRMENTS; i++) {
		if (!on[i])
			continue;
		json_array_append_new(names, json_string(impairment_name((enum impairment)i)));
		json_array_append_new(sentences,
				      json_string(impairment_sentence((enum impairment)i)));
	}
	line = event_json_own("impaired", clock_now(), log->epoch);
	json_object_set_new(line, "impairments", names);
	json_object_set_new(line, "sentences", sentences);
	if (json_array_size(names) > 0)
		event_log_line(log, line);
	else
		json_decref(line);
	event_log_flush(log);
}

void announce_stop(struct event_log *log, const struct ike_core *core)
{
	json_t *line = event_json_own("stopped", clock_now(), log->epoch);
	struct ike_status status;

	ike_status(core, &status);
	if (status.sas > 0)
		json_object_set_new(line, "left", json_integer(status.sas));
	event_log_line(log, line);
}

void announce_fall(struct event_log *log)
{
	event_log_line(log, event_json_own("fell-over", clock_now(), log->epoch));
	event_log_flush(log);
}

/* Nothing of the protocol follows a clock that is set, but who reads the log must know why its stamps do. */
void announce_clock(struct event_log *log, struct clock_watch *clocks)
{
	int64_t by = 0;
	enum clock_change change = clock_look(clocks, &by);
	json_t *line;

	if (change == CLOCK_STEADY)
		return;
	line = event_json_own("clock", clock_now(), log->epoch);
	json_object_set_new(line, "clock",
			    json_string(change == CLOCK_WALL_SET ? "wall" : "steady"));
	json_object_set_new(line, "by_s", json_real((double)by / 1e6));
	event_log_line(log, line);
}

void announce_keys(struct capture *capture, const struct ike_core *core,
		   const struct ike_event *event)
{
	struct ike_keys keys;

	if ((event->kind != IKE_EVENT_KEYS && event->kind != IKE_EVENT_ESTABLISHED) ||
	    !ike_export_keys(core, event->cky_i, event->cky_r, &keys))
		return;
	if (event->kind == IKE_EVENT_KEYS)
		capture_keys(capture, event->cky_i, event->cky_r, &keys);
	else
		capture_established(capture, event->cky_i, event->cky_r, &keys);
	secret_wipe(&keys, sizeof(keys));
}

/* The capture ends; the SAs do not. */
void announce_capture(struct event_log *log, struct capture *capture, const char *directory,
		      struct trouble *trouble)
{
	capture_flush(capture);
	if (capture_problem(capture) == NULL || log->file == NULL)
		return;
	log->file = NULL;
	trouble_met(trouble, log,
		    "the capture ends after %u datagrams: %s/%s; what is there can be read, and "
		    "the node goes on without",
		    capture_count(capture), directory, capture_problem(capture));
}
