/* SPDX-License-Identifier: ISC */
#include "tests/support/conform_world.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ike/address.h"
#include "ike/identity.h"

#define FLIGHTS 256

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

static void device_works(struct conform_world *own)
{
	uint8_t data[IKE_DATAGRAM_MAX], plain[IKE_DATAGRAM_MAX];
	struct ike_event event;
	size_t done;

	do {
		struct ike_datagram out = {.data = data, .plain = plain, .room = sizeof(data)};

		done = ike_tick(own->core, own->now, 16);
		while (ike_output(own->core, own->now, &out, 1) == 1) {
			out.local = own->world.device;
			fly(own, false, &out);
			out = (struct ike_datagram){
			    .data = data, .plain = plain, .room = sizeof(data)};
		}
		while (ike_events(own->core, &event, 1) == 1)
			;
	} while (done > 0);
}

static void device_hears(struct conform_world *own)
{
	struct flight *flight = &own->flight[0];
	uint8_t plain[IKE_DATAGRAM_MAX];
	struct ike_datagram in = {
	    .remote = flight->from,
	    .local = flight->to,
	    .data = flight->data,
	    .length = flight->length,
	    .room = sizeof(flight->data),
	    .plain = plain,
	};

	(void)ike_input(own->core, own->now, &in);
	land(own);
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

		device_works(own);
		if (own->flights > 0 && flight->at <= own->now) {
			if (flight->to_device) {
				device_hears(own);
				continue;
			}
			ck_assert_uint_le(flight->length, datagram->room);
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
		if (ike_deadline(own->core) < next)
			next = ike_deadline(own->core);
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
	ck_assert(ike_identity_from_text(identity, &end->ike.identity));
	end->ike.extension = keepalive_extension();
	end->ike.export_keys = end->ike.plain_twins = true;
	end->ike.peer = &end->peer;
	end->ike.peers = 1;
	end->secret = secret_new(octets_of("a secret that both of them know", 31));
	ck_assert_ptr_nonnull(end->secret);
	end->peer.name = name;
	end->peer.secret = end->secret;
	ck_assert(ike_proposal_parse("aes128-sha1-x25519", &end->peer.proposal[0]));
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
	ck_assert_int_eq(keepalive_plan(&settings, &end->keepalive.plan, text, sizeof(text)),
			 KEEPALIVE_PLAN_OK);
}

static void settle_addresses(struct conform_world *own)
{
	ck_assert(ike_address_from_text("192.0.2.1:500", &own->world.tester));
	ck_assert(ike_address_from_text("192.0.2.2:500", &own->world.device));
	own->device.peer.gateway[0] = own->world.tester;
	own->device.peer.gateways = 1;
}

struct conform_world *conform_world_new(uint8_t seed)
{
	struct conform_world *own = calloc(1, sizeof(*own));
	uint8_t octets[RANDOM_SEED_LENGTH] = {0};

	ck_assert_ptr_nonnull(own);
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
	own->core = ike_core_new(&own->device.ike, &own->random, own->now);
	ck_assert_ptr_nonnull(own->core);
}

void conform_world_free(struct conform_world *own)
{
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
