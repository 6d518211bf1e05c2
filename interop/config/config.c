/* SPDX-License-Identifier: ISC */
#include "interop/config/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "ike/address.h"
#include "ike/identity.h"
#include "interop/config/config_credentials.h"
#include "interop/config/config_traffic.h"
#include "interop/config/config_tunnel.h"
#include "interop/config/config_values.h"

#define NAT_T_PORT 4500 /* IANA's "ipsec-nat-t": RFC 3947 section 4 */

#define LIFETIME_DEFAULT                                                                           \
	28800 /* seconds: RFC 2407 section 4.5 has it for IPsec SAs, and peers follow */

struct config *config_new(void)
{
	struct config *config = calloc(1, sizeof(*config));

	if (config == NULL)
		return NULL;
	ike_limits_default(&config->ike.limits);
	config->ike.say_invalid_cookie = true;
	config->confine = true;
	config->workers = 1;
	config->nat_t_port = NAT_T_PORT;
	config->ike.extension = keepalive_extension();
	snprintf(config->tun.name, sizeof(config->tun.name), "%s", CONFIG_TUN);
	return config;
}

static void peer_free(struct config_peer *peer)
{
	secret_free(peer->secret);
	free(peer->name);
	for (size_t i = 0; i < CONFIG_FILES; i++)
		free(peer->file[i]);
	for (size_t i = 0; i < IKE_TUNNELS_MAX; i++)
		free(peer->tunnel[i]);
	for (size_t i = 0; i < IKE_GATEWAYS_MAX; i++)
		free(peer->gateway[i]);
}

void config_free(struct config *config)
{
	if (config == NULL)
		return;
	for (size_t i = 0; i < config->peers; i++)
		peer_free(&config->peer[i]);
	for (size_t i = 0; i < config->warnings; i++)
		free(config->warning[i]);
	free(config->peer);
	free(config->warning);
	free(config->finished);
	free(config->control);
	free(config->user);
	free(config->peers_file);
	for (size_t i = 0; i < CONFIG_FILES; i++)
		free(config->file[i]);
	config_free_credentials(config->credentials);
	free(config);
}

void config_forget_secrets(struct config *config)
{
	for (size_t i = 0; i < config->peers; i++) {
		secret_free(config->peer[i].secret);
		config->peer[i].secret = NULL;
		config->peer[i].ike.secret = NULL;
		config->peer[i].ike.credentials = NULL;
		if (config->finished != NULL)
			config->finished[i] = config->peer[i].ike;
	}
	config_free_credentials(config->credentials);
	config->credentials = NULL;
}

void config_warn(struct config *config, const char *format, ...)
{
	char **grown = realloc(config->warning, (config->warnings + 1) * sizeof(*grown));
	va_list arguments;

	if (grown == NULL)
		return; /* a warning is not worth dying for */
	config->warning = grown;
	va_start(arguments, format);
	if (vasprintf(&grown[config->warnings], format, arguments) >= 0)
		config->warnings++;
	va_end(arguments);
}

size_t config_default_proposals(struct ike_proposal proposals[IKE_PROPOSALS_MAX])
{
	/* The group cannot be changed once MM3 is sent, so the one that everybody has comes first. */
	static const char *const texts[] = {
	    "aes256-sha256-modp2048", "aes128-sha256-modp2048", "aes256-sha1-modp2048",
	    "aes128-sha1-modp2048",   "aes256-sha256-modp3072", "aes128-sha256-modp3072",
	    "aes256-sha512-modp4096", "aes256-sha256-modp4096",
	};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		count += ike_proposal_parse(texts[i], &proposals[count]);
	return count;
}

struct config_peer *config_add_peer(struct config *config, const char *name)
{
	struct config_peer *grown = realloc(config->peer, (config->peers + 1) * sizeof(*grown));
	struct config_peer *peer;

	if (grown == NULL)
		return NULL;
	config->peer = grown;
	peer = &grown[config->peers];
	*peer = (struct config_peer){.name = strdup(name)};
	if (peer->name == NULL)
		return NULL;
	config->peers++;
	peer->ike.lifetime = LIFETIME_DEFAULT;
	peer->ike.obey_initial_contact = true;
	peer->ike.nat_traversal = true;
	peer->ike.fragmentation = true;
	peer->ike.proposals = config_default_proposals(peer->ike.proposal);
	keepalive_settings_default(&peer->keepalive);
	recovery_settings_default(&peer->extension.recovery);
	return peer;
}

static void warn_of_proposals(struct config *config, const struct config_peer *peer)
{
	char text[64];

	for (size_t i = 0; i < peer->ike.proposals; i++) {
		if (ike_proposal_is_sound(&peer->ike.proposal[i]))
			continue;
		ike_proposal_text(&peer->ike.proposal[i], text, sizeof(text));
		config_warn(config, "peer \"%s\": %s is for meeting old equipment, not for secrets",
			    peer->name, text);
	}
}

bool config_check_peer(struct config *config, struct config_peer *peer, struct fault *fault)
{
	const struct recovery_settings *recovery = &peer->extension.recovery;
	char text[256];

	for (const char *c = peer->name; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			return fault_say(fault, "its name has something else than printable ASCII");
	if (!config_check_credentials(config, peer, fault))
		return false;
	if (peer->ike.proposals == 0)
		return fault_say(fault, "proposals is empty: leave it out for the sound ones");
	if (peer->ike.lifetime < 60 || peer->ike.lifetime > 604800)
		return fault_say(fault, "lifetime is not within 60s to 7d");
	if (recovery->attempts < 1)
		return fault_say(fault, "recovery: attempts is less than 1");
	if (recovery->attempt_timeout < IKE_SECOND / 10)
		return fault_say(fault, "recovery: attempt-timeout is less than 100ms");
	if (recovery->backoff_most < recovery->backoff_first)
		return fault_say(fault, "recovery: backoff-most is less than backoff-first");
	if (keepalive_plan(&peer->keepalive, &peer->extension.plan, text, sizeof(text)) !=
	    KEEPALIVE_PLAN_OK)
		return fault_say(fault, "keepalive: %s", text);
	/* probes that are given one by one are derived from no loss, so they are judged at the default one */
	peer->loss_per_mille = peer->keepalive.worry != 0 ? KEEPALIVE_DEFAULT_LOSS_PER_MILLE
							  : peer->keepalive.loss_per_mille;
	if (peer->secret != NULL && value_secret_is_weak(peer->secret))
		config_warn(config,
			    "peer \"%s\": the secret is short or repetitive; whoever can sit in "
			    "the middle of one "
			    "Main Mode can guess it offline at leisure (CVE-2018-5389): use 16 or "
			    "more random "
			    "octets, as from \"head -c 24 /dev/urandom | base64\"",
			    peer->name);
	warn_of_proposals(config, peer);
	return config_check_tunnels(config, peer, fault);
}

static bool same_prefix(const struct ike_prefix *a, const struct ike_prefix *b)
{
	return a->bits == b->bits && ike_address_equal(&a->address, &b->address);
}

static const struct ike_address *shared_gateway(const struct ike_peer_settings *a,
						const struct ike_peer_settings *b)
{
	for (size_t i = 0; i < a->gateways; i++)
		for (size_t j = 0; j < b->gateways; j++)
			if (ike_address_equal(&a->gateway[i], &b->gateway[j]))
				return &a->gateway[i];
	return NULL;
}

/*
 * In Main Mode the secret must be found before the peer has said who it is, so the address alone decides (RFC 2409 section
 * 5.4): of two peers with the same addresses one could never be met.  In Aggressive Mode, and with signatures, its identity
 * decides; and a first message that offers another method is not meant for it.
 */
static bool can_be_told_apart(const struct config_peer *a, const struct config_peer *b)
{
	if (a->ike.authentication != b->ike.authentication)
		return true;
	if (a->authentication == CONFIG_PSK && (!a->ike.aggressive || !b->ike.aggressive))
		return false;
	return !ike_identity_equal(&a->ike.remote_identity, &b->ike.remote_identity);
}

static const char *why_not(const struct config_peer *peer)
{
	return peer->authentication == CONFIG_PSK
		   ? "the secret is chosen by the address"
		   : "they have the same authentication and identity";
}

static bool check_pair(const struct config_peer *a, const struct config_peer *b,
		       struct fault *fault)
{
	const struct ike_address *gateway = shared_gateway(&a->ike, &b->ike);
	char text[IKE_ADDRESS_TEXT];

	if (can_be_told_apart(a, b))
		return true;
	if (gateway != NULL) {
		ike_address_text(gateway, text, sizeof(text));
		return fault_say(
		    fault,
		    "peers \"%s\" and \"%s\" both have the gateway %s: %s, so one of them could "
		    "never be met",
		    a->name, b->name, text, why_not(a));
	}
	if (a->ike.gateways == 0 && b->ike.gateways == 0 && same_prefix(&a->ike.from, &b->ike.from))
		return fault_say(
		    fault,
		    "peers \"%s\" and \"%s\" are both waited for from the same addresses: %s, so "
		    "one of them could never be met; give them different \"from\" prefixes, or "
		    "make them one peer",
		    a->name, b->name, why_not(a));
	return true;
}

static bool listens_on(const struct config *config, const struct ike_address *address)
{
	for (size_t i = 0; i < config->listens; i++)
		if (ike_address_equal(&config->listen[i], address))
			return true;
	return false;
}

/* Unless the user says so it goes with port 500: two nodes of a laboratory on one address have neither. */
static bool wants_nat_t(const struct config *config)
{
	bool wanted = false, beside = config->nat_t_said;

	for (size_t i = 0; i < config->peers; i++)
		wanted = wanted || config->peer[i].ike.nat_traversal;
	for (size_t i = 0; i < config->listens; i++)
		beside = beside || config->listen[i].port == IKE_PORT ||
			 config->listen[i].port == config->nat_t_port;
	return wanted && beside && config->nat_t_port != 0;
}

void config_listen_for_nat_t(struct config *config)
{
	size_t count = config->listens;

	config->ike.nat_t_port = wants_nat_t(config) ? config->nat_t_port : 0;
	for (size_t i = 0; i < count && config->ike.nat_t_port != 0; i++) {
		struct ike_address address = config->listen[i];

		if (address.port != IKE_PORT && !config->nat_t_said)
			continue;
		address.port = config->nat_t_port;
		if (!listens_on(config, &address) && config->listens < CONFIG_SOCKETS)
			config->listen[config->listens++] = address;
	}
}

bool config_calls_at_start(const struct config *config, size_t peer)
{
	const struct ike_worker *worker = &config->ike.worker;

	return config->peer[peer].extension.recovery.connect_at_start &&
	       config->peer[peer].ike.gateways > 0 &&
	       (worker->count < 2 || peer % worker->count == worker->index);
}

/*
 * A pair of IPsec SAs outlives the Phase 1 SA that it was made under, and its renewal, its Delete and the kernel's policies may then
 * be another worker's.
 */
bool config_check_workers(const struct config *config, int *line, struct fault *fault)
{
	int nowhere = 0;

	line = line != NULL ? line : &nowhere;
	*line = config->line;
	if (config->workers < 2)
		return true;
	if (config->ipsec != STORE_NONE && config->ipsec != STORE_AUTO)
		return fault_say(fault,
				 "node: workers = %u does not go with ipsec = %s, because "
				 "workers share no IPsec SAs: set workers = 1 or ipsec = none",
				 config->workers, value_ipsec_text(config->ipsec));
	if (config->peers_file != NULL)
		return fault_say(fault,
				 "node: workers = %u do not go with peers-file, because packets "
				 "that come for an SA of before are nobody's: set workers = 1 or "
				 "leave peers-file out",
				 config->workers);
	for (size_t i = 0; i < config->peers; i++) {
		if (config->peer[i].ike.tunnels == 0)
			continue;
		*line = config->peer[i].line;
		return fault_say(fault,
				 "peer \"%s\": %u workers do not go with a tunnel, "
				 "because workers share no IPsec SAs: set workers = 1",
				 config->peer[i].name, config->workers);
	}
	return true;
}

bool config_finish(struct config *config, struct fault *fault)
{
	if (config->peers == 0)
		return fault_say(fault, "there is no peer: add a section peer \"name\" { ... }");
	for (size_t i = 0; i < config->peers; i++)
		for (size_t j = i + 1; j < config->peers; j++)
			if (!check_pair(&config->peer[i], &config->peer[j], fault))
				return false;
	config_warn_of_wide_tunnels(config);
	if (!config_check_store(config, NULL, fault) || !config_check_workers(config, NULL, fault))
		return false;
	config->finished = calloc(config->peers, sizeof(*config->finished));
	if (config->finished == NULL)
		return fault_say(fault, "no memory for %zu peers", config->peers);
	for (size_t i = 0; i < config->peers; i++) {
		struct config_peer *peer = &config->peer[i];

		peer->ike.name = peer->name;
		peer->ike.secret = peer->secret;
		peer->ike.extension_settings = &peer->extension;
		config->finished[i] = peer->ike;
	}
	config->ike.peer = config->finished;
	config->ike.peers = config->peers;
	config_listen_for_nat_t(config);
	return true;
}
