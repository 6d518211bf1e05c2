/* SPDX-License-Identifier: ISC */
/*
 * cast.c - the settings of the core and of those that it talks to, and what FRIEND and OTHER say at the beginning.
 *
 * Their part is recorded once, from engines of their own: the core is seeded, so that it says the same every time, and the
 * recorded answers fit.  That halves the Diffie-Hellman of an input.
 */
#include <string.h>

#include "ike/address.h"
#include "ike/identity.h"
#include "tests/fuzz/certificates.h"
#include "tests/fuzz/world.h"
#include "tests/support/pki.h"

#define PROPOSAL  "aes128-sha1-x25519"
#define CAST_STEP (2 * IKE_MILLISECOND) /* the clock of the recording */
#define STEPS     8                     /* enough for Main Mode and what follows at once */

static const char *const address_text[WORLD_ADDRESSES] = {
    "192.0.2.1:500",    "192.0.2.2:500",    "192.0.2.3:500",    "198.51.100.1:500",
    "198.51.100.2:500", "198.51.100.3:500", "198.51.100.4:500", "203.0.113.1:500",
};
static const char *const core_text = "192.0.2.9:500";
static const char *const names[WORLD_PEERS] = {"other", "friend", "partner", "anyone", "signer"};
static const char *const identities[WORLD_PEERS] = {"fqdn:other.example", "fqdn:friend.example",
						    "fqdn:partner.example", "fqdn:anyone.example",
						    "fqdn:gw.example"};
/* Whoever calls from a stranger's address would have to know the last one, which nobody is given. */
static const char *const secrets[WORLD_PEERS] = {
    "what the other knows",        "what the friend knows", "what the partner knows",
    "what nobody out there knows", "what nobody asks for",
};

static struct ike_address address_of(const char *text)
{
	struct ike_address address;
	bool good = ike_address_from_text(text, &address);

	FUZZ_REQUIRE(good);
	return address;
}

struct ike_address world_address(enum world_address number)
{
	static struct ike_address address[WORLD_ADDRESSES];

	if (address[number].family == IKE_FAMILY_NONE)
		address[number] = address_of(address_text[number]);
	return address[number];
}

/* Guarded memory is dear to make, so each is made once and stays. */
static const struct secret *secret_of(unsigned peer)
{
	static struct secret *secret[WORLD_PEERS];

	if (secret[peer] == NULL && secret_init())
		secret[peer] = secret_new(octets_of(secrets[peer], strlen(secrets[peer])));
	FUZZ_REQUIRE(secret[peer] != NULL);
	return secret[peer];
}

/* Parsing and planning take as long as a handshake would, so they too are done once. */
static const struct keepalive_peer_settings *extension_of(enum keepalive_strictness strictness)
{
	static struct keepalive_peer_settings made[KEEPALIVE_STRICT + 1];
	struct keepalive_settings keepalive;
	char text[200];

	if (made[strictness].plan.detect > 0)
		return &made[strictness];
	keepalive_settings_default(&keepalive);
	keepalive.strictness = strictness;
	FUZZ_REQUIRE(keepalive_plan(&keepalive, &made[strictness].plan, text, sizeof(text)) ==
		     KEEPALIVE_PLAN_OK);
	recovery_settings_default(&made[strictness].recovery);
	made[strictness].recovery.connect_at_start = false; /* START means at once */
	return &made[strictness];
}

/*
 * The first without perfect forward secrecy, tunnel mode, begun by the core with PARTNER; the second with it, transport mode,
 * begun by PARTNER.  FRIEND and OTHER are waited for.  `here`: the core's side.
 */
static void set_tunnels(struct ike_peer_settings *peer, bool here, bool wait)
{
	static const uint8_t ours[] = {10, 0, 2}, theirs[] = {10, 0, 1};
	static const char *const called[] = {"nets", "ends"};
	static const char *const proposals[] = {"aes128-sha1", "aes128-sha256-x25519"};

	peer->tunnels = 2;
	for (size_t i = 0; i < 2; i++) {
		struct ike_tunnel_settings *tunnel = &peer->tunnel[i];
		bool good = ike_ipsec_proposal_parse(proposals[i], &tunnel->proposal[0]);

		FUZZ_REQUIRE(good);
		tunnel->name = called[i];
		tunnel->proposals = 1;
		tunnel->transport = i == 1;
		tunnel->narrow = i == 0;
		tunnel->wait = wait || here == (i == 1);
		tunnel->lifetime = 600;
		tunnel->kilobytes = 100000;
	}
	peer->tunnel[0].local.prefix.address.family = IKE_FAMILY_IPV4;
	peer->tunnel[0].remote.prefix.address.family = IKE_FAMILY_IPV4;
	peer->tunnel[0].local.prefix.bits = peer->tunnel[0].remote.prefix.bits = 24;
	memcpy(peer->tunnel[0].local.prefix.address.octets, here ? ours : theirs, sizeof(ours));
	memcpy(peer->tunnel[0].remote.prefix.address.octets, here ? theirs : ours, sizeof(ours));
	peer->tunnel[1].local.protocol = peer->tunnel[1].remote.protocol = 17;
	peer->tunnel[1].local.port = peer->tunnel[1].remote.port = 1701;
}

static void set_peer(struct ike_peer_settings *peer, const char *name, unsigned secret,
		     const struct keepalive_peer_settings *extension)
{
	bool good;

	peer->name = name;
	peer->lifetime = 604800;
	peer->obey_initial_contact = true;
	peer->fragmentation = peer->nat_traversal = true;
	peer->secret = secret_of(secret);
	peer->extension_settings = extension;
	peer->proposals = 1;
	good = ike_proposal_parse(PROPOSAL, &peer->proposal[0]);
	FUZZ_REQUIRE(good);
}

/* One certificate for both ends: what is at stake is how it is said and looked at, not whose it is. */
static void set_signer(struct ike_peer_settings *peer)
{
	static struct credentials *credentials;
	const char *key = pki_key_pem(PKI_RSA);
	char why[200];
	bool good = ike_identity_from_text("fqdn:gw.example", &peer->remote_identity);

	if (credentials == NULL)
		credentials = credentials_new(
		    &(struct credentials_text){
			.key = octets_of(key, strlen(key)),
			.certificates = octets_of(certificates_rsa, strlen(certificates_rsa)),
			.authorities = octets_of(certificates_root, strlen(certificates_root)),
		    },
		    why, sizeof(why));
	FUZZ_REQUIRE(good && credentials != NULL);
	peer->local_identity = peer->remote_identity;
	peer->authentication = IKE_AUTHENTICATION_RSA_SIGNATURE;
	peer->secret = NULL;
	peer->credentials = credentials;
}

static void set_node(struct ike_settings *settings, const char *identity,
		     const struct ike_peer_settings *peer, size_t peers)
{
	bool good = ike_identity_from_text(identity, &settings->identity);

	FUZZ_REQUIRE(good);
	settings->limits = (struct ike_limits){
	    .sas = 64,
	    .handshakes = 32,
	    .handshakes_per_source = 8,
	    .ipsec_sas = 32,
	    .quick_modes = 16,
	    .reassemblies = 4,
	    .outputs = 64,
	    .events = 64,
	    .notifies_per_second = 10,
	    .unknown_spis_per_second = 10,
	    .remembered = 4,
	};
	settings->nat_t_port = 4500;
	settings->calendar = CERTIFICATES_NOW;
	settings->peer = peer;
	settings->peers = peers;
	settings->extension = keepalive_extension();
	settings->plain_twins = true;
	settings->export_keys = true;
}

static struct ike_core *new_core(const struct ike_settings *settings, uint8_t who, uint8_t life)
{
	uint8_t seed[RANDOM_SEED_LENGTH] = {who, life};
	struct random_source random;
	struct ike_core *core;

	random_seeded(&random, seed);
	core = ike_core_new(settings, &random, WORLD_START_AT);
	FUZZ_REQUIRE(core != NULL);
	return core;
}

void cast_core(struct world *world)
{
	const struct world_options *options = &world->options;
	const struct keepalive_peer_settings *extension =
	    extension_of(options->strict ? KEEPALIVE_STRICT : KEEPALIVE_INTEROP);

	for (unsigned i = 0; i < WORLD_PEERS; i++) {
		set_peer(&world->peer[i], names[i], i, extension);
		world->peer[i].obey_initial_contact = options->obey_initial_contact;
		world->peer[i].aggressive = options->aggressive;
	}
	set_signer(&world->peer[WORLD_SIGNER]);
	world->peer[WORLD_SIGNER].gateway[0] = world_address(WORLD_PARTNER);
	world->peer[WORLD_SIGNER].gateways = 1;
	if (options->tunnels)
		set_tunnels(&world->peer[WORLD_SIGNER], true, false);
	for (unsigned i = WORLD_OTHER; i <= WORLD_PARTNER; i++) {
		world->peer[i].gateway[0] = world_address(i);
		world->peer[i].gateways = 1;
		if (options->tunnels)
			set_tunnels(&world->peer[i], true, i != WORLD_PARTNER);
	}
	world->peer[WORLD_STRANGER].from =
	    (struct ike_prefix){.address = world_address(WORLD_STRANGER), .bits = 24};
	set_node(&world->settings, "fqdn:core.example", world->peer, WORLD_PEERS);
	world->settings.say_invalid_cookie = options->say_invalid_cookie;
	world->settings.say_invalid_spi = options->say_invalid_cookie;
	world->settings.tell_messages = options->tell_messages;
	world->settings.ipsec_store = options->tunnels;
	if (options->tight) {
		world->settings.limits.sas = 6;
		world->settings.limits.handshakes = 3;
		world->settings.limits.ipsec_sas = 3;
		world->settings.limits.quick_modes = 2;
		world->settings.limits.handshakes_per_source = 2;
		world->settings.limits.outputs = 6;
		world->settings.limits.events = 3;
		world->settings.limits.remembered = 1;
	}
	world->core = new_core(&world->settings, 1, world->lives++);
}

struct ike_core *cast_party(const struct world_options *options, enum world_address at,
			    struct ike_settings *settings, struct ike_peer_settings *peer)
{
	memset(settings, 0, sizeof(*settings));
	memset(peer, 0, sizeof(*peer));
	set_peer(peer, "core", at, extension_of(KEEPALIVE_INTEROP));
	peer->gateway[0] = address_of(core_text);
	peer->gateways = 1;
	peer->aggressive = options->aggressive;
	if (options->tunnels)
		set_tunnels(peer, false, false);
	set_node(settings, identities[at], peer, 1);
	return new_core(settings, (uint8_t)(2 + at), 0);
}

struct ike_core *cast_signer(const struct world_options *options, struct ike_settings *settings,
			     struct ike_peer_settings *peer)
{
	ike_core_free(cast_party(options, WORLD_PARTNER, settings, peer));
	set_signer(peer);
	return new_core(settings, 2 + WORLD_SIGNER, 0);
}

/* ---- the recording ------------------------------------------------------------------------------------------------- */

static struct cast_line *add_line(struct cast_record *record, enum world_address from, ike_time at)
{
	FUZZ_REQUIRE(record->lines < CAST_MOST);
	record->line[record->lines].from = from;
	record->line[record->lines].at = at;
	return &record->line[record->lines++];
}

/* INITIAL-CONTACT is sent twice on purpose (phase_1.c), and one of them is one too many; or it is not obeyed at all. */
static bool is_in_order(enum ike_verdict verdict)
{
	return verdict == IKE_ACCEPTED || verdict == IKE_INITIAL_CONTACT_REPEATED ||
	       verdict == IKE_NOTIFY_IGNORED;
}

void cast_wait(struct world *world, const struct cast_line *line)
{
	while (world->now < line->at) {
		world->now += CAST_STEP;
		world_settle(world);
	}
}

void cast_play(struct world *world, const struct cast_line *line)
{
	struct ike_command start = {.kind = IKE_COMMAND_START, .peer = line->from};

	cast_wait(world, line);
	if (line->length == 0)
		FUZZ_REQUIRE(ike_command(world->core, world->now, &start));
	else
		FUZZ_REQUIRE(
		    is_in_order(world_input(world, line->from, line->octets, line->length)));
	world_settle(world);
}

/* What the party has to say goes into the record and into the core. */
static void take_down(struct world *world, struct cast_record *record, struct ike_core *party,
		      enum world_address at)
{
	uint8_t data[IKE_DATAGRAM_MAX];
	struct ike_datagram out = {.data = data, .room = sizeof(data)};
	struct ike_header header;
	struct cast_line *line;

	while (ike_deadline(party) <= world->now)
		(void)ike_tick(party, world->now, 8);
	while (ike_output(party, world->now, &out, 1) == 1) {
		line = add_line(record, at, world->now);
		FUZZ_REQUIRE(out.length <= sizeof(line->octets));
		memcpy(line->octets, data, out.length);
		line->length = out.length;
		if (ike_header_parse(octets_of(data, out.length), &header) == IKE_ACCEPTED &&
		    ike_exchange_is_phase_1(header.exchange))
			record->last = record->lines - 1;
		cast_play(world, line);
	}
}

static void hear(struct ike_core *party, enum world_address at, const struct world *world,
		 const struct world_datagram *datagram)
{
	uint8_t data[WORLD_LONGEST];
	struct ike_datagram in = {
	    .remote = address_of(core_text),
	    .local = world_address(at),
	    .data = data,
	    .length = datagram->length,
	    .room = sizeof(data),
	};

	memcpy(data, datagram->octets, datagram->length);
	FUZZ_REQUIRE(is_in_order(ike_input(party, world->now, &in)));
}

static void record_party(struct world *world, struct cast_record *record, enum world_address at)
{
	struct ike_command start = {.kind = IKE_COMMAND_START};
	struct ike_settings settings;
	struct ike_peer_settings peer;
	struct ike_core *party = cast_party(&world->options, at, &settings, &peer);
	size_t heard = world->sent.count;

	if (world->options.initiator)
		cast_play(world, add_line(record, at, world->now));
	else
		FUZZ_REQUIRE(ike_command(party, world->now, &start));
	for (unsigned i = 0; i < STEPS; i++) {
		for (; heard < world->sent.count; heard++)
			hear(party, at, world,
			     world_recall(&world->sent, world->sent.count - 1 - heard));
		world->now += CAST_STEP;
		world_settle(world);
		take_down(world, record, party, at);
	}
	ike_core_free(party);
}

const struct cast_record *cast_record(bool initiator, bool aggressive)
{
	static struct cast_record made[2][2];
	static struct world world;
	struct cast_record *record = &made[initiator][aggressive];

	if (record->lines > 0)
		return record;
	memset(&world, 0, sizeof(world));
	world.options.initiator = initiator;
	world.options.aggressive = aggressive;
	world.options.obey_initial_contact = true;
	world.now = WORLD_START_AT;
	cast_core(&world);
	record_party(&world, record, WORLD_OTHER);
	record_party(&world, record, WORLD_FRIEND);
	FUZZ_REQUIRE(world_sa(&world, WORLD_OTHER) != NULL && world.core->established == 2);
	ike_core_free(world.core);
	return record;
}
