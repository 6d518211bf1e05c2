/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ike/address.h"
#include "ike/identity.h"
#include "ike/wire.h"
#include "interop/vectors/vector_papers.h"

#define USUAL_SECRET "a secret that both of them know"
#define OTHER_SECRET "a secret that only one of them knows"
#define NAT_OFFSET   10000 /* what the NAT adds to a port */

enum vector_party vector_other(enum vector_party party)
{
	return party == VECTOR_A ? VECTOR_B : VECTOR_A;
}

const char *vector_party_name(enum vector_party party)
{
	return party == VECTOR_A ? "A" : "B";
}

/* A NAT keepalive has no marker (RFC 3948 section 2.3). */
size_t vector_payload(const struct vector_datagram *datagram,
		      uint8_t out[IKE_DATAGRAM_MAX + VECTOR_MARKER])
{
	bool marked = datagram->length > 1 && (datagram->destination.port == IKE_NAT_T_PORT ||
					       datagram->source.port == IKE_NAT_T_PORT);
	size_t at = marked ? VECTOR_MARKER : 0;

	memset(out, 0, at);
	memcpy(out + at, datagram->data, datagram->length);
	return at + datagram->length;
}

/* ---- settings ------------------------------------------------------------------------------------------------------ */

static struct ike_address address(const char *text)
{
	struct ike_address address;
	bool good = ike_address_from_text(text, &address);

	assert(good);
	return address;
}

static void settle_keepalive(struct vector_end *end, const struct vector_set *set)
{
	struct keepalive_settings settings;
	char text[200];
	enum keepalive_plan_fault planned;

	keepalive_settings_default(&settings);
	settings.detect = 0;
	settings.loss_per_mille = 0;
	settings.worry = 30 * IKE_SECOND;
	settings.retry = 2 * IKE_SECOND;
	settings.misses = 5;
	if (set->options & VECTOR_STRICT)
		settings.strictness = KEEPALIVE_STRICT;
	planned = keepalive_plan(&settings, &end->keepalive.plan, text, sizeof(text));
	assert(planned == KEEPALIVE_PLAN_OK);
	recovery_settings_default(&end->keepalive.recovery);
	end->keepalive.recovery.backoff_first = 5 * IKE_SECOND;
	end->peer.extension_settings = &end->keepalive;
}

static void settle_tunnel(struct vector_end *end, const struct vector_set *set, bool begins)
{
	struct ike_tunnel_settings *tunnel = &end->peer.tunnel[0];
	const struct ike_selector net[] = {
	    {.prefix = {.address = {.octets = {10, 1}, .family = IKE_FAMILY_IPV4}, .bits = 16}},
	    {.prefix = {.address = {.octets = {10, 2}, .family = IKE_FAMILY_IPV4}, .bits = 16}},
	};
	bool good;

	if (set->tunnel == NULL)
		return;
	end->peer.tunnels = 1;
	tunnel->name = "net";
	tunnel->local = net[begins ? 0 : 1];
	tunnel->remote = net[begins ? 1 : 0];
	tunnel->wait = !begins;
	tunnel->lifetime = 3600;
	good = ike_ipsec_proposal_parse(set->tunnel, &tunnel->proposal[0]);
	assert(good);
	tunnel->proposals = 1;
}

static bool settle_proof(struct vector_end *end, const struct vector_set *set,
			 enum vector_party party, struct fault *fault)
{
	const char *secret = set->secret != NULL ? set->secret : USUAL_SECRET;

	if (set->options & VECTOR_RSA) {
		end->peer.authentication = IKE_AUTHENTICATION_RSA_SIGNATURE;
		end->credentials =
		    vector_papers(party == VECTOR_A ? VECTOR_PAPERS_A : VECTOR_PAPERS_B,
				  (set->options & VECTOR_CHAIN) != 0, fault);
		end->peer.credentials = end->credentials;
		return end->credentials != NULL;
	}
	if (set->options & VECTOR_OTHER_SECRET && party == VECTOR_B)
		secret = OTHER_SECRET;
	end->peer.authentication = IKE_AUTHENTICATION_PSK;
	end->secret = secret_new(octets_of(secret, strlen(secret)));
	end->peer.secret = end->secret;
	return end->secret != NULL || fault_say(fault, "no memory for a secret");
}

static bool settle(struct vector_world *world, enum vector_party party, struct fault *fault)
{
	const struct vector_set *set = world->set;
	struct vector_end *end = &world->end[party];
	bool nat = (set->options & VECTOR_NAT) != 0, good;

	end->outside = address(party == VECTOR_A ? "192.0.2.1:500" : "192.0.2.2:500");
	end->inside = nat && party == VECTOR_A ? address("10.0.0.1:500") : end->outside;
	ike_limits_default(&end->ike.limits);
	end->ike.limits.sas = end->ike.limits.handshakes = 64;
	end->ike.limits.outputs = end->ike.limits.events = 256;
	end->ike.limits.ipsec_sas = end->ike.limits.quick_modes = 16;
	end->ike.limits.reassemblies = 4;
	good = ike_identity_from_text(party == VECTOR_A ? "fqdn:a.example" : "fqdn:b.example",
				      &end->ike.identity);
	assert(good);
	end->ike.nat_t_port = nat ? IKE_NAT_T_PORT : 0;
	end->ike.calendar = VECTOR_EPOCH;
	end->ike.extension = keepalive_extension();
	end->ike.export_keys = end->ike.say_invalid_cookie = true;
	end->ike.peer = &end->peer;
	end->ike.peers = 1;
	end->peer.name = party == VECTOR_A ? "b" : "a";
	if (party == VECTOR_A) { /* B waits to be called */
		end->peer.gateway[0] = address("192.0.2.2:500");
		end->peer.gateways = 1;
	}
	good = ike_proposal_parse(set->proposal, &end->peer.proposal[0]);
	assert(good);
	end->peer.proposals = 1;
	end->peer.lifetime = set->lifetime != 0 ? set->lifetime : 28800;
	end->peer.obey_initial_contact = true;
	end->peer.aggressive = (set->options & VECTOR_AGGRESSIVE) != 0;
	end->peer.nat_traversal = nat;
	end->peer.fragmentation = (set->options & VECTOR_FRAGMENTS) != 0;
	settle_keepalive(end, set);
	settle_tunnel(end, set, party == VECTOR_A);
	return settle_proof(end, set, party, fault);
}

/* ---- seeds --------------------------------------------------------------------------------------------------------- */

static void make_seed(struct vector_world *world, const char *who, size_t life,
		      uint8_t seed[RANDOM_SEED_LENGTH])
{
	uint8_t octets[8];
	struct wire_writer writer;
	const struct octets parts[] = {
	    octets_of(world->set->name, strlen(world->set->name)),
	    octets_of(who, strlen(who)),
	    octets_of(octets, sizeof(octets)),
	};

	static_assert(RANDOM_SEED_LENGTH == 32, "the length of SHA2-256");
	wire_write_to(&writer, octets, sizeof(octets));
	wire_write_u32(&writer, world->set->variant);
	wire_write_u32(&writer, (uint32_t)life);
	hash_octets(world->crypto, HASH_SHA2_256, parts, 3, seed);
}

/* Four counters of 16 bits are in `drawn`, one for each kind of draw; the kind is part of what is drawn from. */
#define COUNTER_BITS 16

enum draw { DRAW_NUMBER, DRAW_COOKIE, DRAW_KEY, DRAW_LONG };

static enum draw draw_of(size_t length)
{
	if (length <= 4)
		return DRAW_NUMBER;
	if (length <= 8)
		return DRAW_COOKIE;
	return length <= 16 ? DRAW_KEY : DRAW_LONG;
}

/*
 * What an engine draws while it is made, keys of its tables and such, is not counted with what it draws for the wire.  It copies its
 * source only then, so there is no other way to tell it: in use only within vector_world_start().
 */
static bool making;
static uint32_t drawn_while_making;

static void fill_by_kind(struct random_source *source, uint8_t *out, size_t length)
{
	unsigned shift = COUNTER_BITS * (unsigned)draw_of(length);
	struct random_source kind;

	random_seeded(&kind, source->seed);
	if (making) {
		kind.drawn = (uint64_t)1 << 40 | drawn_while_making++;
	} else {
		kind.drawn =
		    (uint64_t)draw_of(length) << 32 | (source->drawn >> shift & UINT16_MAX);
		source->drawn += (uint64_t)1 << shift;
	}
	random_octets(&kind, out, length);
}

void vector_world_source(const struct vector_world *world, enum vector_party party, size_t life,
			 struct random_source *source)
{
	assert(life < world->end[party].lives);
	random_seeded(source, world->end[party].seed[life]);
	source->fill = fill_by_kind;
}

void vector_world_source_at(const struct vector_world *world, enum vector_party party, size_t life,
			    uint16_t draw, struct random_source *source)
{
	vector_world_source(world, party, life, source);
	source->drawn = (uint64_t)draw << COUNTER_BITS * DRAW_LONG;
}

struct vector_world *vector_world_new(const struct vector_set *set, struct fault *fault)
{
	struct vector_world *world = NULL;
	uint8_t seed[RANDOM_SEED_LENGTH];

	if (secret_init())
		world = calloc(1, sizeof(*world));
	if (world != NULL)
		world->crypto = crypto_new();
	if (world == NULL || world->crypto == NULL) {
		free(world);
		fault_say(fault, "no memory for a set of vectors");
		return NULL;
	}
	world->set = set;
	world->now = IKE_SECOND;
	world->defect = VECTOR_DATAGRAMS;
	make_seed(world, "", 0, seed);
	random_seeded(&world->random, seed);
	if (settle(world, VECTOR_A, fault) && settle(world, VECTOR_B, fault))
		return world;
	vector_world_free(world);
	return NULL;
}

void vector_world_free(struct vector_world *world)
{
	if (world == NULL)
		return;
	for (enum vector_party party = VECTOR_A; party < VECTOR_PARTIES; party++) {
		ike_core_free(world->end[party].core);
		secret_free(world->end[party].secret);
		credentials_free(world->end[party].credentials);
	}
	crypto_free(world->crypto);
	free(world);
}

bool vector_world_start(struct vector_world *world, enum vector_party party)
{
	struct vector_end *end = &world->end[party];
	struct random_source source;

	assert(end->lives < VECTOR_LIVES);
	ike_core_free(end->core);
	make_seed(world, vector_party_name(party), end->lives, end->seed[end->lives]);
	end->lives++;
	vector_world_source(world, party, end->lives - 1, &source);
	making = true;
	drawn_while_making = 0;
	end->core = ike_core_new(&end->ike, &source, world->now);
	making = false;
	return end->core != NULL;
}

void vector_world_crash(struct vector_world *world, enum vector_party party)
{
	ike_core_free(world->end[party].core);
	world->end[party].core = NULL;
}

/* ---- the network --------------------------------------------------------------------------------------------------- */

static bool is_translated(const struct vector_end *end)
{
	return !ike_address_same_host(&end->inside, &end->outside);
}

static void post(struct vector_world *world, enum vector_party from, uint16_t source_port,
		 uint16_t port, struct octets octets)
{
	const struct vector_end *end = &world->end[from], *other = &world->end[vector_other(from)];
	struct vector_datagram *datagram = &world->datagram[world->datagrams];

	if (world->datagrams == VECTOR_DATAGRAMS) {
		world->overrun = true;
		return;
	}
	assert(octets.length <= sizeof(datagram->data));
	*datagram =
	    (struct vector_datagram){.at = world->now, .from = from, .length = octets.length};
	datagram->source = end->outside;
	datagram->source.port = source_port;
	if (is_translated(end))
		datagram->source.port = (uint16_t)(source_port + NAT_OFFSET);
	datagram->destination = other->outside;
	datagram->destination.port = port;
	memcpy(datagram->data, octets.data, octets.length);
	world->datagrams++;
	if (world->alter != NULL && !world->alter(world, datagram))
		datagram->gone = true;
}

void vector_world_inject(struct vector_world *world, enum vector_party from, struct octets octets,
			 bool defect)
{
	if (defect)
		world->defect = world->datagrams;
	post(world, from, IKE_PORT, IKE_PORT, octets);
}

static void deliver(struct vector_world *world, struct vector_datagram *datagram)
{
	struct vector_end *end = &world->end[vector_other(datagram->from)];
	uint8_t copy[IKE_DATAGRAM_MAX];
	struct ike_datagram in = {
	    .remote = datagram->source,
	    .local = end->inside,
	    .data = copy,
	    .length = datagram->length,
	    .room = sizeof(copy),
	};

	datagram->gone = true;
	if (end->core == NULL)
		return;
	datagram->delivered = true;
	if (datagram->length == 1)
		return; /* a NAT keepalive ends in the socket (RFC 3948 section 2.3) */
	memcpy(copy, datagram->data, datagram->length);
	in.local.port = datagram->destination.port;
	if (is_translated(end))
		in.local.port = (uint16_t)(in.local.port - NAT_OFFSET);
	datagram->verdict = ike_input(end->core, world->now, &in);
	end->refused += datagram->verdict != IKE_ACCEPTED;
}

static void collect_output(struct vector_world *world, enum vector_party party)
{
	uint8_t data[IKE_DATAGRAM_MAX];
	struct ike_datagram out = {.data = data, .room = sizeof(data)};

	while (ike_output(world->end[party].core, world->now, &out, 1) == 1) {
		uint16_t port = out.local.family != IKE_FAMILY_NONE && out.local.port != 0
				    ? out.local.port
				    : IKE_PORT;

		post(world, party, port, out.remote.port, octets_of(data, out.length));
		out = (struct ike_datagram){.data = data, .room = sizeof(data)};
	}
}

static void collect_events(struct vector_end *end)
{
	struct ike_event event;

	while (ike_events(end->core, &event, 1) == 1) {
		end->established += event.kind == IKE_EVENT_ESTABLISHED;
		end->failed += event.kind == IKE_EVENT_FAILED;
		end->deaths += event.kind == IKE_EVENT_DELETED && event.why == IKE_WHY_DEAD;
	}
}

static void work(struct vector_world *world, enum vector_party party)
{
	struct vector_end *end = &world->end[party];

	if (end->core == NULL)
		return;
	while (ike_tick(end->core, world->now, 16) == 16)
		collect_output(world, party);
	collect_output(world, party);
	collect_events(end);
}

static ike_time next_time(const struct vector_world *world)
{
	ike_time next = IKE_NEVER, deadline;

	for (enum vector_party party = VECTOR_A; party < VECTOR_PARTIES; party++) {
		if (world->end[party].core == NULL)
			continue;
		deadline = ike_deadline(world->end[party].core);
		next = deadline < next ? deadline : next;
	}
	for (size_t i = 0; i < world->datagrams; i++)
		if (!world->datagram[i].gone && world->datagram[i].at + VECTOR_DELAY < next)
			next = world->datagram[i].at + VECTOR_DELAY;
	return next;
}

void vector_world_run(struct vector_world *world, ike_time duration)
{
	ike_time end = world->now + duration, next;

	for (;;) {
		work(world, VECTOR_A);
		work(world, VECTOR_B);
		next = next_time(world);
		if (next > end)
			break;
		world->now = next > world->now ? next : world->now;
		for (size_t i = 0; i < world->datagrams; i++)
			if (!world->datagram[i].gone &&
			    world->datagram[i].at + VECTOR_DELAY <= world->now)
				deliver(world, &world->datagram[i]);
	}
	world->now = end;
}

void vector_world_command(struct vector_world *world, enum vector_party party,
			  enum ike_command_kind kind)
{
	const struct ike_command command = {.kind = kind, .peer = 0};

	/* false: there is no SA, which the set's own check will find out */
	(void)ike_command(world->end[party].core, world->now, &command);
	vector_world_run(world, IKE_SECOND);
}
