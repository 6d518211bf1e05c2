/* SPDX-License-Identifier: ISC */
#include "interop/node/tunnels.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "interop/esp/esp_words.h"
#include "interop/node/clock.h"
#include "interop/node/echoes.h"
#include "interop/node/trouble.h"

#define CHANGES_AT_ONCE 16

struct tunnels {
	struct store *store; /* NULL: none is wanted */
	struct event_log *log;
	struct trouble failing;
	struct fault notice;
	struct esp_device *device; /* the store's, if it moves packets here, and then */
	struct echoes *echoes;
	struct event readable[TUNNELS_DESCRIPTORS];
	bool failed;
	tunnels_ready ready;
	void *context;
};

static bool has_tunnels(const struct config *config)
{
	for (size_t i = 0; i < config->peers; i++)
		if (config->peer[i].ike.tunnels > 0)
			return true;
	return false;
}

/* Those of the port for NAT traversal carry ESP as well. */
static bool show_sockets(struct store *store, const struct config *config, const struct udp *udp,
			 struct fault *fault)
{
	for (size_t i = 0; i < udp_sockets(udp); i++) {
		struct ike_address at = udp_address(udp, i);
		bool encapsulated = at.port == config->ike.nat_t_port && at.port != 0;

		if (!store_socket(store, udp_descriptor(udp, i), at.family, encapsulated, fault))
			return false;
	}
	return true;
}

static uint64_t packets_of(const void *context, uint32_t peer, uint32_t tunnel)
{
	const struct config *config = context;

	return config->peer[peer].traffic[tunnel].packets;
}

static void read_settings(const struct config *config, struct store_settings *settings)
{
	const struct config_tun *tun = &config->tun;

	*settings = (struct store_settings){.device = {.name = tun->name,
						       .mtu = tun->mtu,
						       .addresses = tun->addresses,
						       .pairs = config->ike.limits.ipsec_sas,
						       .packets = packets_of,
						       .context = config},
					    .pings = echoes_wanted(config) > 0};
	memcpy(settings->device.address, tun->address, sizeof(settings->device.address));
}

/*
 * Where a tunnel leads to is known now, so what goes there waits for it, and does not leave in the clear before and after it.  Of a peer
 * that calls us: unless the caller may choose (narrow), or everything that this machine sends would wait for him.
 */
static bool is_held(const struct ike_peer_settings *peer, const struct ike_tunnel_settings *tunnel)
{
	return peer->gateways > 0 || (!tunnel->narrow && tunnel->remote.prefix.bits > 0);
}

static bool hold_all(struct esp_device *device, const struct config *config, struct fault *fault)
{
	for (size_t i = 0; i < config->peers; i++) {
		const struct ike_peer_settings *peer = &config->peer[i].ike;

		for (size_t j = 0; j < peer->tunnels; j++)
			if (is_held(peer, &peer->tunnel[j]) &&
			    !esp_device_hold(device, &peer->tunnel[j].local,
					     &peer->tunnel[j].remote, fault))
				return false;
	}
	return true;
}

static bool use_device(struct tunnels *tunnels, const struct config *config, struct udp *udp,
		       struct fault *fault)
{
	tunnels->device = store_device(tunnels->store);
	if (tunnels->device == NULL)
		return true;
	tunnels->echoes = echoes_new(config, tunnels->device, tunnels->log, fault);
	return tunnels->echoes != NULL && esp_device_use(tunnels->device, udp, fault) &&
	       hold_all(tunnels->device, config, fault);
}

struct tunnels *tunnels_on(struct store *store, struct event_log *log)
{
	struct tunnels *tunnels = calloc(1, sizeof(*tunnels));

	if (tunnels == NULL)
		return NULL;
	tunnels->store = store;
	tunnels->device = store != NULL ? store_device(store) : NULL;
	tunnels->log = log;
	tunnels->failing = (struct trouble){.what = "store"};
	return tunnels;
}

struct tunnels *tunnels_new(const struct config *config, struct udp *udp, struct event_log *log,
			    struct fault *fault)
{
	struct tunnels *tunnels = tunnels_on(NULL, log);
	struct store_settings settings;

	if (tunnels == NULL) {
		fault_say(fault, "no memory for tunnels");
		return NULL;
	}
	if (config->ipsec == STORE_NONE || (config->ipsec == STORE_AUTO && !has_tunnels(config)))
		return tunnels;
	read_settings(config, &settings);
	tunnels->store = store_open(config->ipsec, &settings, &tunnels->notice, fault);
	if (tunnels->store != NULL && show_sockets(tunnels->store, config, udp, fault) &&
	    use_device(tunnels, config, udp, fault))
		return tunnels;
	tunnels_free(tunnels);
	return NULL;
}

void tunnels_free(struct tunnels *tunnels)
{
	if (tunnels == NULL)
		return;
	echoes_free(tunnels->echoes);
	store_close(tunnels->store);
	free(tunnels);
}

const struct store *tunnels_store(const struct tunnels *tunnels)
{
	return tunnels->store;
}

const char *tunnels_notice(const struct tunnels *tunnels)
{
	return tunnels->notice.text;
}

const struct ike_ipsec_sa *tunnels_pair(const struct tunnels *tunnels, uint32_t number)
{
	const struct store_pair *pair =
	    tunnels->store != NULL ? store_table_find(store_pairs(tunnels->store), number) : NULL;

	return pair != NULL ? &pair->sa : NULL;
}

bool tunnels_follow(struct tunnels *tunnels, const struct ike_ipsec_change *change,
		    struct ike_command *command)
{
	struct fault fault;

	if (store_apply(tunnels->store, change, &fault)) {
		if (tunnels->echoes != NULL)
			echoes_follow(tunnels->echoes, clock_now(), change);
		if (change->kind == IKE_IPSEC_ADDED)
			trouble_over(&tunnels->failing, tunnels->log);
		return false;
	}
	trouble_met(&tunnels->failing, tunnels->log, "the store %s could not follow: %s",
		    store_name(tunnels->store), fault.text);
	*command =
	    (struct ike_command){.kind = IKE_COMMAND_IPSEC_FAILED, .ipsec = change->sa.number};
	return true;
}

bool tunnels_pull(struct tunnels *tunnels, struct ike_core *core)
{
	struct ike_ipsec_change change[CHANGES_AT_ONCE];
	struct ike_command command;
	bool commanded = false;
	size_t count;

	if (tunnels->store == NULL)
		return false;
	do {
		count = ike_ipsec_changes(core, change, CHANGES_AT_ONCE);
		for (size_t i = 0; i < count; i++) {
			if (!tunnels_follow(tunnels, &change[i], &command))
				continue;
			(void)ike_command(core, clock_now(), &command);
			commanded = true;
		}
		secret_wipe(change, count * sizeof(change[0]));
	} while (count == CHANGES_AT_ONCE);
	return commanded;
}

/* The interface's descriptor would be readable for ever, and where ESP still comes from there is nowhere for it to go. */
static void tell_of_end(struct tunnels *tunnels)
{
	for (size_t i = 0; i < TUNNELS_DESCRIPTORS; i++)
		if (event_initialized(&tunnels->readable[i]))
			event_del(&tunnels->readable[i]);
	trouble_met(
	    &(struct trouble){.what = "interface"}, tunnels->log,
	    "somebody has taken the interface %s away: no packet can go through a tunnel any "
	    "more, and this program ends; start it again",
	    esp_device_name(tunnels->device));
	tunnels->failed = true;
}

static void on_readable(evutil_socket_t descriptor, short what, void *context)
{
	struct tunnels *tunnels = context;

	if (tunnels->device != NULL)
		esp_device_move(tunnels->device, clock_now(), descriptor);
	if (tunnels->device != NULL && esp_device_is_gone(tunnels->device) && !tunnels->failed)
		tell_of_end(tunnels);
	tunnels->ready(descriptor, what, tunnels->context);
}

bool tunnels_failed(const struct tunnels *tunnels)
{
	return tunnels->failed;
}

bool tunnels_watch(struct tunnels *tunnels, struct event_base *base, tunnels_ready ready,
		   void *context)
{
	int descriptors[TUNNELS_DESCRIPTORS];
	size_t count = 0;

	tunnels->ready = ready;
	tunnels->context = context;
	if (tunnels->device != NULL)
		count = esp_device_descriptors(tunnels->device, descriptors);
	else if (tunnels->store != NULL && store_descriptor(tunnels->store) >= 0)
		descriptors[count++] = store_descriptor(tunnels->store);
	for (size_t i = 0; i < count; i++)
		if (event_assign(&tunnels->readable[i], base, descriptors[i], EV_READ | EV_PERSIST,
				 on_readable, tunnels) != 0 ||
		    event_add(&tunnels->readable[i], NULL) != 0)
			return false;
	return true;
}

void tunnels_show(struct tunnels *tunnels, esp_device_witness witness, void *context)
{
	if (tunnels->device != NULL)
		esp_device_shown_to(tunnels->device, witness, context);
}

bool tunnels_move_packets(const struct tunnels *tunnels)
{
	return tunnels->device != NULL;
}

void tunnels_datagram(struct tunnels *tunnels, struct ike_datagram *datagram)
{
	if (tunnels->device != NULL)
		esp_device_take(tunnels->device, clock_now(), datagram);
}

static bool expired(struct tunnels *tunnels, struct ike_command *command)
{
	struct store_expiry expiry;

	if (!store_expired(tunnels->store, &expiry))
		return false;
	*command = esp_words_of_expiry(&expiry.pair->sa, expiry.hard);
	return true;
}

static bool next_of_packets(struct tunnels *tunnels, struct ike_command *command)
{
	if (!esp_device_next(tunnels->device, command))
		return false;
	if (command->kind == IKE_COMMAND_HEARD)
		echoes_heard(tunnels->echoes, clock_now(), command->ipsec);
	return true;
}

/* What has been heard comes before pings, which judge silence. */
bool tunnels_next(struct tunnels *tunnels, struct ike_command *command)
{
	if (tunnels->store != NULL && expired(tunnels, command))
		return true;
	return tunnels->echoes != NULL && (next_of_packets(tunnels, command) ||
					   echoes_next(tunnels->echoes, clock_now(), command));
}

void tunnels_event(struct tunnels *tunnels, const struct ike_event *event)
{
	if (tunnels->echoes != NULL)
		echoes_event(tunnels->echoes, event);
}

bool tunnels_ping_status(const struct tunnels *tunnels, uint32_t number,
			 struct pinger_status *status)
{
	return tunnels->echoes != NULL && echoes_status(tunnels->echoes, number, status);
}

ike_time tunnels_deadline(const struct tunnels *tunnels)
{
	return tunnels->echoes != NULL ? echoes_deadline(tunnels->echoes) : IKE_NEVER;
}
