/* SPDX-License-Identifier: ISC */
#include "interop/bench/against.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ike/address.h"
#include "interop/bench/bench.h"
#include "interop/config/config.h"
#include "interop/node/clock.h"
#include "interop/node/udp_address.h"

#define AT_ONCE     16 /* Phase 1s under way: as a peer bears that limits half-open ones by address */
#define ATTEMPT     (10 * IKE_SECOND)
#define ATTEMPTS    3
#define PATIENCE    (30 * IKE_SECOND) /* without another SA */
#define FAREWELL    (5 * IKE_SECOND)  /* for all Deletes to leave */
#define EVENTS      64
#define TICK_BUDGET 16

struct against {
	struct config *config;
	struct ike_settings ike;
	struct ike_peer_settings *peer; /* one for each SA: they differ in the identity */
	struct ike_core *core;
	struct fleet_keys *keys;
	uint32_t sas, started, established, failed;
	int descriptor;
	struct fault why; /* the last failure */
	struct ike_event event[EVENTS];
	uint8_t data[IKE_DATAGRAM_MAX + 1];
};

bool against_identity(const struct ike_identity *whose, uint32_t member,
		      struct ike_identity *identity)
{
	char prefix[32];
	int length = snprintf(prefix, sizeof(prefix), "member%u.", member);

	if (whose->type != IKE_ID_FQDN && whose->type != IKE_ID_USER_FQDN)
		return false;
	if ((size_t)length + whose->length > IKE_IDENTITY_MAX)
		return false;
	*identity = (struct ike_identity){.type = whose->type,
					  .length = (uint16_t)((size_t)length + whose->length)};
	memcpy(identity->data, prefix, (size_t)length);
	memcpy(identity->data + length, whose->data, whose->length);
	return true;
}

/* ---- the core, on one socket --------------------------------------------------------------------------------------- */

static void on_event(struct against *against, const struct ike_event *event)
{
	struct one_peer_phase_1 phase_1 = {.gateway = against_address(against), .psk = true};
	struct fleet_keys *keys;

	if (event->kind == IKE_EVENT_FAILED) {
		phase_1.keys = event->why == IKE_WHY_NO_PROOF;
		against->failed++;
		(void)one_peer_explain(&phase_1, event, &against->why);
		return;
	}
	if (event->kind != IKE_EVENT_ESTABLISHED || event->peer >= against->sas)
		return;
	keys = &against->keys[event->peer];
	if (!ike_export_keys(against->core, event->cky_i, event->cky_r, &keys->keys))
		return;
	memcpy(keys->cky_i, event->cky_i, sizeof(keys->cky_i));
	memcpy(keys->cky_r, event->cky_r, sizeof(keys->cky_r));
	against->established++;
}

static void receive(struct against *against)
{
	struct sockaddr_storage name;
	socklen_t length = sizeof(name);
	ssize_t got;

	while ((got = recvfrom(against->descriptor, against->data, sizeof(against->data),
			       MSG_DONTWAIT, (struct sockaddr *)&name, &length)) >= 0) {
		struct ike_datagram datagram = {
		    .remote = udp_of_sockaddr(&name), .data = against->data, .length = (size_t)got};

		datagram.local.family = datagram.remote.family;
		(void)ike_input(against->core, clock_now(), &datagram);
		length = sizeof(name);
	}
}

/* Returns whether there was anything. */
static bool send_all(struct against *against)
{
	struct ike_datagram datagram = {.data = against->data, .room = sizeof(against->data)};
	bool any = false;

	while (ike_output(against->core, clock_now(), &datagram, 1) == 1) {
		struct sockaddr_storage name;
		socklen_t length = udp_to_sockaddr(&datagram.remote, &name);

		any = true;
		/* what is lost here is sent again */
		(void)sendto(against->descriptor, datagram.data, datagram.length, 0,
			     (struct sockaddr *)&name, length);
		datagram.room = sizeof(against->data);
	}
	return any;
}

static void turn(struct against *against)
{
	struct pollfd ready = {against->descriptor, POLLIN, 0};
	ike_time now = clock_now(), deadline;
	size_t count;

	receive(against);
	(void)ike_tick(against->core, now, TICK_BUDGET);
	(void)send_all(against);
	while ((count = ike_events(against->core, against->event, EVENTS)) > 0)
		for (size_t i = 0; i < count; i++)
			on_event(against, &against->event[i]);
	now = clock_now();
	deadline = ike_deadline(against->core);
	if (deadline > now) /* a while at most: more may be begun meanwhile */
		(void)poll(&ready, 1, deadline - now > 10 * IKE_MILLISECOND ? 10 : 1);
}

static void start_some(struct against *against)
{
	while (against->started < against->sas &&
	       against->started - against->established < AT_ONCE) {
		const struct ike_command command = {.kind = IKE_COMMAND_START,
						    .peer = against->started++};

		(void)ike_command(against->core, clock_now(), &command);
	}
}

static bool shake_hands(struct against *against, struct fault *fault)
{
	ike_time last = clock_now();
	uint32_t known = 0;

	while (against->established < against->sas) {
		start_some(against);
		turn(against);
		if (against->established > known) {
			last = clock_now();
			if (against->established / 1000 > known / 1000)
				bench_progress("%u of %u SAs", against->established, against->sas);
			known = against->established;
		}
		if (clock_now() > last + PATIENCE)
			return fault_say(fault, "%u of %u SAs, and no more for 30 s; %s", known,
					 against->sas,
					 against->failed > 0 ? against->why.text : "no answer");
	}
	return true;
}

/* ---- beginning and end --------------------------------------------------------------------------------------------- */

static bool make_peers(struct against *against, struct fault *fault)
{
	struct ike_peer_settings *one = &against->config->finished[0];

	against->peer = calloc(against->sas, sizeof(*against->peer));
	against->keys = calloc(against->sas, sizeof(*against->keys));
	if (against->peer == NULL || against->keys == NULL)
		return fault_say(fault, "no memory for %u SAs", against->sas);
	for (uint32_t i = 0; i < against->sas; i++) {
		against->peer[i] = *one;
		against->peer[i].never_initial_contact = true;
		against->peer[i].nat_traversal = false;
		if (!against_identity(&one->local_identity, i, &against->peer[i].local_identity))
			return fault_say(fault, "--identity fqdn:NAME or user-fqdn:NAME is wanted: "
						"each SA is to have one of its own");
	}
	return true;
}

static bool open_core(struct against *against, struct fault *fault)
{
	struct random_source random;

	against->ike = against->config->ike;
	against->ike.peer = against->peer;
	against->ike.peers = against->sas;
	against->ike.limits.sas = 2 * against->sas + AT_ONCE;
	against->ike.limits.outputs = against->sas + 64;
	against->ike.export_keys = true;
	against->ike.ipsec_store = false;
	against->ike.nat_t_port = 0;
	random_system(&random);
	against->core = ike_core_new(&against->ike, &random, clock_now());
	return against->core != NULL || fault_say(fault, "no memory for %u SAs", against->sas);
}

static bool configure(struct against *against, const struct against_settings *settings,
		      struct fault *fault)
{
	struct config_peer *peer;

	against->config = config_new();
	if (against->config == NULL)
		return fault_say(fault, "no memory");
	peer = one_peer_add(&settings->peer, against->config, settings->gateway, ATTEMPT, fault);
	if (peer == NULL)
		return false;
	peer->extension.recovery.attempts = ATTEMPTS;
	if (!one_peer_finish(&settings->peer, against->config, fault))
		return false;
	if (against->config->finished[0].gateway[0].port == 0)
		against->config->finished[0].gateway[0].port = IKE_PORT;
	return true;
}

struct against *against_new(const struct against_settings *settings, uint32_t sas, int descriptor,
			    struct fault *fault)
{
	struct against *against = calloc(1, sizeof(*against));

	if (against == NULL) {
		fault_say(fault, "no memory");
		return NULL;
	}
	against->sas = sas;
	against->descriptor = descriptor;
	if (configure(against, settings, fault) && make_peers(against, fault) &&
	    open_core(against, fault) && shake_hands(against, fault))
		return against;
	against_free(against);
	return NULL;
}

const struct fleet_keys *against_keys(const struct against *against, uint32_t member)
{
	return &against->keys[member];
}

struct ike_address against_address(const struct against *against)
{
	return against->config->finished[0].gateway[0];
}

static void say_farewell(struct against *against)
{
	const struct ike_command command = {.kind = IKE_COMMAND_CLOSE_ALL};
	ike_time end = clock_now() + FAREWELL;
	struct ike_status status;

	(void)ike_command(against->core, clock_now(), &command);
	do {
		turn(against);
		ike_status(against->core, &status);
	} while ((status.sas > 0 || status.outputs > 0) && clock_now() < end);
}

void against_free(struct against *against)
{
	if (against == NULL)
		return;
	if (against->core != NULL)
		say_farewell(against);
	ike_core_free(against->core);
	config_free(against->config);
	secret_wipe(against->keys,
		    against->keys == NULL ? 0 : against->sas * sizeof(*against->keys));
	free(against->keys);
	free(against->peer);
	free(against);
}
