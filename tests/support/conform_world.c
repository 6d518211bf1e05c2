/* SPDX-License-Identifier: ISC */
#include "tests/support/conform_world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ike/address.h"
#include "ike/identity.h"

#define FLIGHTS 256

/* Not one of Check's: they want to be in a test, and the matrix is none. */
static void must(bool good)
{
	assert(good);
}

struct flight {
	ike_time at;
	bool to_device;
	size_t length;
	struct ike_address from, to;
	uint8_t data[IKE_DATAGRAM_MAX];
};

/* One of the two ends: what its peer settings point to. */
struct end {
	struct ike_settings ike;
	struct ike_peer_settings peer;
	struct keepalive_peer_settings keepalive;
	struct secret *secret;
};

struct conform_world {
	struct world world; /* first: the words of world.h get a pointer to it */
	ike_time now;
	struct end device;
	struct end tester;
	struct trial_settings settings;
	struct ike_core *core; /* the device; NULL: not started yet */
	bool impaired, on[IMPAIRMENTS];
	struct impair *impair; /* NULL: nothing is wrong with it */
	bool crashed;          /* it is not there any more */
	struct random_source random;
	struct flight flight[FLIGHTS]; /* on their way, in order of arrival */
	size_t flights;
};

/* ---- the network --------------------------------------------------------------------------------------------------- */

static void fly(struct conform_world *own, bool to_device, const struct ike_datagram *datagram)
{
	struct flight *flight = &own->flight[own->flights];

	if (own->flights == FLIGHTS || datagram->length > sizeof(flight->data))
		return; /* a full network loses what is too much for it */
	*flight = (struct flight){
	    .at = own->now + CONFORM_WORLD_DELAY,
	    .to_device = to_device,
	    .length = datagram->length,
	    .from = datagram->local,
	    .to = datagram->remote,
	};
	memcpy(flight->data, datagram->data, datagram->length);
	own->flights++;
}

static void land(struct conform_world *own)
{
	own->flights--;
	memmove(&own->flight[0], &own->flight[1], own->flights * sizeof(own->flight[0]));
}

/* What leaves the device, once all that is wrong with it has been done to it. */
static void leave(struct conform_world *own, struct ike_datagram *datagram)
{
	datagram->local = own->world.device;
	if (own->impair == NULL) {
		fly(own, false, datagram);
		return;
	}
	impair_out(own->impair, own->now, datagram);
}

static void hear(struct conform_world *own, struct ike_datagram *datagram)
{
	uint8_t plain[IKE_DATAGRAM_MAX];

	datagram->plain = plain;
	(void)ike_input(own->core, own->now, datagram);
}

/* Both queues of the layer, until they are empty; true: there was something. */
static bool layer_works(struct conform_world *own)
{
	struct ike_datagram datagram;
	bool any = false;

	if (own->impair == NULL)
		return false;
	while (impair_next_in(own->impair, own->now, &datagram)) {
		hear(own, &datagram);
		any = true;
	}
	while (impair_next_out(own->impair, own->now, &datagram)) {
		fly(own, false, &datagram);
		any = true;
	}
	own->crashed = impair_wants_exit(own->impair);
	return any;
}

static void device_works(struct conform_world *own)
{
	uint8_t data[IKE_DATAGRAM_MAX], plain[IKE_DATAGRAM_MAX];
	struct ike_event event;
	size_t done;

	do {
		struct ike_datagram out = {.data = data, .plain = plain, .room = sizeof(data)};

		done = layer_works(own) ? 1 : 0;
		done += ike_tick(own->core, own->now, 16);
		while (ike_output(own->core, own->now, &out, 1) == 1) {
			leave(own, &out);
			out = (struct ike_datagram){
			    .data = data, .plain = plain, .room = sizeof(data)};
			done++;
		}
		while (ike_events(own->core, &event, 1) == 1)
			;
	} while (done > 0 && !own->crashed);
}

static void device_hears(struct conform_world *own)
{
	struct flight *flight = &own->flight[0];
	struct ike_datagram in = {
	    .remote = flight->from,
	    .local = flight->to,
	    .data = flight->data,
	    .length = flight->length,
	    .room = sizeof(flight->data),
	};

	if (own->impair != NULL)
		impair_in(own->impair, own->now, &in);
	else
		hear(own, &in);
	land(own);
}

static ike_time device_deadline(const struct conform_world *own)
{
	ike_time deadline = ike_deadline(own->core), layer = IKE_NEVER;

	if (own->crashed)
		return IKE_NEVER;
	if (own->impair != NULL)
		layer = impair_deadline(own->impair);
	return layer < deadline ? layer : deadline;
}

/* ---- the words of world.h ------------------------------------------------------------------------------------------ */

static struct conform_world *own_of(struct world *world)
{
	return (struct conform_world *)(void *)world;
}

static ike_time world_now(struct world *world)
{
	return own_of(world)->now;
}

static void world_send(struct world *world, const struct ike_datagram *datagram)
{
	fly(own_of(world), true, datagram);
}

static bool world_receive(struct world *world, ike_time until, struct ike_datagram *datagram)
{
	struct conform_world *own = own_of(world);

	conform_world_start(own);
	for (;;) {
		struct flight *flight = &own->flight[0];
		ike_time next = until;

		if (!own->crashed)
			device_works(own);
		if (own->flights > 0 && flight->at <= own->now) {
			if (flight->to_device) {
				if (own->crashed)
					land(own);
				else
					device_hears(own);
				continue;
			}
			if (!ike_address_equal(&flight->to, &own->world.tester)) {
				land(own); /* nobody is there */
				continue;
			}
			must(flight->length <= datagram->room);
			memcpy(datagram->data, flight->data, flight->length);
			datagram->length = flight->length;
			datagram->remote = flight->from;
			datagram->local = own->world.tester;
			land(own);
			return true;
		}
		if (own->now >= until)
			return false;
		if (own->flights > 0 && flight->at < next)
			next = flight->at;
		if (device_deadline(own) < next)
			next = device_deadline(own);
		own->now = next > own->now ? next : own->now;
	}
}

static bool world_call_us(struct world *world)
{
	const struct ike_command start = {.kind = IKE_COMMAND_START, .peer = 0};
	struct conform_world *own = own_of(world);

	conform_world_start(own);
	return ike_command(own->core, own->now, &start);
}

/* ---- making one ---------------------------------------------------------------------------------------------------- */

static void settle_end(struct end *end, const char *identity, const char *name)
{
	ike_limits_default(&end->ike.limits);
	end->ike.limits.sas = 64;
	end->ike.limits.handshakes = 32;
	end->ike.limits.outputs = 256;
	end->ike.limits.events = 256;
	end->ike.limits.ipsec_sas = 64;
	end->ike.limits.quick_modes = 16;
	end->ike.limits.reassemblies = 8;
	must(ike_identity_from_text(identity, &end->ike.identity));
	end->ike.extension = keepalive_extension();
	end->ike.export_keys = end->ike.plain_twins = true;
	end->ike.peer = &end->peer;
	end->ike.peers = 1;
	end->secret = secret_new(octets_of("a secret that both of them know", 31));
	assert(end->secret != NULL);
	end->peer.name = name;
	end->peer.secret = end->secret;
	must(ike_proposal_parse("aes128-sha1-x25519", &end->peer.proposal[0]));
	end->peer.proposals = 1;
	end->peer.lifetime = 28800;
	end->peer.obey_initial_contact = true;
	end->peer.extension_settings = &end->keepalive;
	recovery_settings_default(&end->keepalive.recovery);
}

static void plan(struct end *end, enum keepalive_mode mode)
{
	struct keepalive_settings settings;
	char text[200];

	keepalive_settings_default(&settings);
	settings.mode = mode;
	settings.detect = 0;
	settings.loss_per_mille = 0;
	settings.worry = 10 * IKE_SECOND;
	settings.retry = 4 * IKE_SECOND;
	settings.misses = 5;
	must(keepalive_plan(&settings, &end->keepalive.plan, text, sizeof(text)) ==
	     KEEPALIVE_PLAN_OK);
}

static void settle_addresses(struct conform_world *own)
{
	must(ike_address_from_text("192.0.2.1:500", &own->world.tester));
	must(ike_address_from_text("192.0.2.2:500", &own->world.device));
	own->device.peer.gateway[0] = own->world.tester;
	own->device.peer.gateways = 1;
}

struct conform_world *conform_world_new(uint8_t seed)
{
	struct conform_world *own = calloc(1, sizeof(*own));
	uint8_t octets[RANDOM_SEED_LENGTH] = {0};

	assert(own != NULL);
	must(secret_init());
	own->now = IKE_SECOND;
	own->world.now = world_now;
	own->world.send = world_send;
	own->world.receive = world_receive;
	own->world.call_us = world_call_us;
	settle_end(&own->device, "fqdn:device.example", "tester");
	settle_end(&own->tester, "fqdn:tester.example", "device");
	plan(&own->device, KEEPALIVE_PERIODIC);
	plan(&own->tester, KEEPALIVE_OFF);
	own->tester.keepalive.recovery.on_death = RECOVERY_CLEAR;
	own->tester.keepalive.recovery.connect_at_start = false;
	own->tester.keepalive.recovery.attempts = 1;
	own->device.keepalive.recovery.connect_at_start = false;
	settle_addresses(own);
	octets[0] = seed;
	random_seeded(&own->random, octets);
	octets[1] = 1;
	random_seeded(&own->settings.random, octets);
	own->settings.ike = own->tester.ike;
	own->settings.peer = own->tester.peer;
	own->settings.patience = 2 * IKE_SECOND;
	own->settings.worry = 12 * IKE_SECOND;
	own->settings.death = 60 * IKE_SECOND;
	return own;
}

void conform_world_start(struct conform_world *own)
{
	if (own->core != NULL)
		return;
	if (own->impaired)
		impair_settings(own->on, &own->device.ike, &own->device.peer);
	own->core = ike_core_new(&own->device.ike, &own->random, own->now);
	assert(own->core != NULL);
	if (!own->impaired)
		return;
	own->impair = impair_new(own->core, own->on, &own->random);
	assert(own->impair != NULL);
}

void conform_world_impair(struct conform_world *own, enum impairment impairment)
{
	own->impaired = own->on[impairment] = true;
}

void conform_world_free(struct conform_world *own)
{
	impair_free(own->impair);
	ike_core_free(own->core);
	secret_free(own->device.secret);
	secret_free(own->tester.secret);
	free(own);
}

struct world *conform_world_world(struct conform_world *own)
{
	return &own->world;
}

struct trial_settings *conform_world_settings(struct conform_world *own)
{
	return &own->settings;
}

struct ike_peer_settings *conform_world_device(struct conform_world *own)
{
	return &own->device.peer;
}

struct ike_settings *conform_world_device_settings(struct conform_world *own)
{
	return &own->device.ike;
}
