/* SPDX-License-Identifier: ISC */
#include "interop/status/status_tunnels.h"

#include "interop/events/pair_json.h"

/* Those that have been given at all. */
static json_t *dropped_json(const struct esp_plane *plane)
{
	json_t *dropped = json_array();

	for (unsigned i = 0; i < ESP_VERDICTS; i++)
		if (i != ESP_ACCEPTED && esp_plane_count(plane, i) > 0)
			json_array_append_new(dropped,
					      json_pack("{s:s, s:s, s:s, s:I}", "verdict",
							esp_verdict_name(i), "section",
							esp_verdict_section(i), "sentence",
							esp_verdict_sentence(i), "count",
							(json_int_t)esp_plane_count(plane, i)));
	return dropped;
}

/* What a store that moves packets itself says of them. */
static json_t *packets_json(const struct esp_device *device)
{
	const struct esp_device_counters count = esp_device_count(device);

	return json_pack(
	    "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "interface", esp_device_name(device),
	    "from_interface", (json_int_t)count.from_tun, "to_interface", (json_int_t)count.to_tun,
	    "in_udp", (json_int_t)count.in_udp, "out_udp", (json_int_t)count.out_udp, "in_raw",
	    (json_int_t)count.in_raw, "out_raw", (json_int_t)count.out_raw, "refused_by_system",
	    (json_int_t)count.refused, "dropped", dropped_json(esp_device_plane(device)));
}

json_t *status_ipsec(const struct tunnels *tunnels)
{
	const struct store *store = tunnels_store(tunnels);
	json_t *ipsec;

	if (store == NULL)
		return json_pack("{s:n, s:s, s:s, s:i}", "store", "meaning",
				 "IPsec SAs are negotiated and forgotten", "notice", "", "pairs",
				 0);
	ipsec = json_pack("{s:s, s:s, s:s, s:I}", "store", store_name(store), "meaning",
			  store_meaning(store), "notice", tunnels_notice(tunnels), "pairs",
			  (json_int_t)store_table_count(store_pairs(store)));
	if (store_device(store) != NULL)
		json_object_set_new(ipsec, "packets", packets_json(store_device(store)));
	return ipsec;
}

/* ---- tunnels ------------------------------------------------------------------------------------------------------- */

static json_t *tunnel_json(const struct ike_tunnel_settings *tunnel)
{
	char local[IKE_SELECTOR_TEXT], remote[IKE_SELECTOR_TEXT];

	ike_selector_text(&tunnel->local, local, sizeof(local));
	ike_selector_text(&tunnel->remote, remote, sizeof(remote));
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:i, s:[]}", "tunnel", tunnel->name,
			 "mode", tunnel->transport ? "transport" : "tunnel", "local", local,
			 "remote", remote, "narrow", tunnel->narrow, "begin", !tunnel->wait,
			 "pair_count", 0, "pairs");
}

json_t *status_tunnels(const struct config_peer *peer)
{
	json_t *list = json_array();

	for (size_t i = 0; i < peer->ike.tunnels; i++)
		json_array_append_new(list, tunnel_json(&peer->ike.tunnel[i]));
	return list;
}

/* ---- pairs --------------------------------------------------------------------------------------------------------- */

static json_t *seconds_between(ike_time from, ike_time to)
{
	if (to == IKE_NEVER)
		return json_null();
	return json_real(to > from ? (double)(to - from) / 1e6 : 0);
}

static json_t *spi_json(uint32_t spi)
{
	return json_sprintf("0x%08x", spi);
}

json_t *status_address(const struct ike_address *address)
{
	char text[IKE_ADDRESS_TEXT];

	ike_address_text(address, text, sizeof(text));
	return json_string(text);
}

static void add_usage(json_t *line, const struct store *store, const struct store_pair *pair)
{
	struct store_usage usage;

	if (!store_usage(store, pair, &usage))
		return;
	json_object_set_new(line, "octets_in", json_integer((json_int_t)usage.octets_in));
	json_object_set_new(line, "octets_out", json_integer((json_int_t)usage.octets_out));
	json_object_set_new(line, "packets_in", json_integer((json_int_t)usage.packets_in));
	json_object_set_new(line, "packets_out", json_integer((json_int_t)usage.packets_out));
	json_object_set_new(line, "used_in", json_integer((json_int_t)usage.used_in));
	json_object_set_new(line, "used_out", json_integer((json_int_t)usage.used_out));
}

static void add_ping(json_t *line, const struct tunnels *tunnels, uint32_t number, ike_time now)
{
	struct pinger_status status;

	if (!tunnels_ping_status(tunnels, number, &status))
		return;
	json_object_set_new(
	    line, "ping",
	    json_pack("{s:s, s:b, s:I, s:I, s:o, s:o}", "state",
		      tunnel_ping_state_name(status.state), "renegotiated", status.renegotiated,
		      "requests", (json_int_t)status.requests, "replies",
		      (json_int_t)status.replies, "silence_s",
		      status.last_heard == IKE_NEVER ? json_null()
						     : seconds_between(status.last_heard, now),
		      "rtt_ms",
		      status.round_trip == IKE_NEVER ? json_null()
						     : json_real((double)status.round_trip / 1e3)));
}

static json_t *pair_json(const struct tunnels *tunnels, const struct store_pair *pair, ike_time now)
{
	const struct ike_ipsec_sa *sa = &pair->sa;
	json_t *line = json_pack(
	    "{s:I, s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:o}", "pair", (json_int_t)sa->number, "role",
	    sa->initiator ? "initiator" : "responder", "spi_in", spi_json(sa->spi_in), "spi_out",
	    spi_json(sa->spi_out), "gateway", status_address(&sa->remote), "superseded",
	    sa->superseded, "age_s", seconds_between(sa->established_at, now), "renew_s",
	    seconds_between(now, sa->renew_at), "expires_s", seconds_between(now, sa->expires_at));

	if (line == NULL)
		return NULL;
	pair_json_add(line, sa);
	add_usage(line, tunnels_store(tunnels), pair);
	add_ping(line, tunnels, sa->number, now);
	return line;
}

void status_add_pairs(json_t *peers, const struct tunnels *tunnels, ike_time now)
{
	const struct store *store = tunnels_store(tunnels);
	const struct store_pair *pair = NULL;
	size_t told = 0;

	while (store != NULL && (pair = store_table_next(store_pairs(store), pair)) != NULL) {
		json_t *peer = json_array_get(peers, pair->sa.peer);
		json_t *tunnel = json_array_get(json_object_get(peer, "tunnels"), pair->sa.tunnel);
		json_t *count = json_object_get(tunnel, "pair_count");

		if (tunnel == NULL)
			continue;
		json_integer_set(count, json_integer_value(count) + 1);
		if (told++ < STATUS_PAIRS_MOST)
			json_array_append_new(json_object_get(tunnel, "pairs"),
					      pair_json(tunnels, pair, now));
	}
}
