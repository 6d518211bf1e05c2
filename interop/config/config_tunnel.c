/* SPDX-License-Identifier: ISC */
#include "interop/config/config_tunnel.h"

#include <stdlib.h>
#include <string.h>

#include "ike/address.h"
#include "ike/selector.h"
#include "interop/config/config_traffic.h"
#include "interop/config/config_values.h"

#define LIFETIME_DEFAULT 28800 /* seconds: RFC 2407 section 4.5 */

/* ---- one tunnel ---------------------------------------------------------------------------------------------------- */

void config_tunnel_default(struct ike_tunnel_settings *tunnel)
{
	static const char *const texts[] = {"aes128-sha1", "aes128-sha256", "aes256-sha256"};

	*tunnel = (struct ike_tunnel_settings){.lifetime = LIFETIME_DEFAULT};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		tunnel->proposals +=
		    ike_ipsec_proposal_parse(texts[i], &tunnel->proposal[tunnel->proposals]);
}

struct ike_tunnel_settings *config_add_tunnel(struct config_peer *peer, const char *name)
{
	struct ike_tunnel_settings *tunnel = &peer->ike.tunnel[peer->ike.tunnels];
	char *copy;

	if (peer->ike.tunnels == IKE_TUNNELS_MAX)
		return NULL;
	copy = strdup(name);
	if (copy == NULL)
		return NULL;
	config_tunnel_default(tunnel);
	config_traffic_default(&peer->traffic[peer->ike.tunnels]);
	peer->tunnel[peer->ike.tunnels++] = copy;
	tunnel->name = copy;
	return tunnel;
}

static bool is_one_address(const struct ike_selector *selector)
{
	uint8_t family = selector->prefix.address.family;

	return family == IKE_FAMILY_NONE || selector->prefix.bits == ike_family_bits(family);
}

static bool check_ends(const struct ike_tunnel_settings *tunnel, struct fault *fault)
{
	const struct ike_selector *local = &tunnel->local, *remote = &tunnel->remote;
	uint8_t here = local->prefix.address.family, there = remote->prefix.address.family;

	if (here != there && here != IKE_FAMILY_NONE && there != IKE_FAMILY_NONE)
		return fault_say(fault, "local and remote are one of IPv4 and one of IPv6: make "
					"two tunnels of it");
	if (local->protocol != remote->protocol && local->protocol != 0 && remote->protocol != 0)
		return fault_say(fault, "local and remote are of two protocols, so that no packet "
					"would go through it: write the same one at both");
	if (tunnel->transport && (!is_one_address(local) || !is_one_address(remote)))
		return fault_say(fault,
				 "mode = transport goes from one address to one: write own for "
				 "local and remote, or mode = tunnel");
	return true;
}

static bool check_tunnel(const struct ike_tunnel_settings *tunnel, struct fault *fault)
{
	if (tunnel->proposals == 0)
		return fault_say(fault, "proposals is empty: leave it out for the sound ones");
	if (tunnel->lifetime < 60 || tunnel->lifetime > 604800)
		return fault_say(fault, "lifetime is not within 60s to 7d");
	return check_ends(tunnel, fault);
}

/* ---- from the file ------------------------------------------------------------------------------------------------- */

static bool read_proposals(cfg_t *section, struct ike_tunnel_settings *tunnel, struct fault *fault)
{
	unsigned count = cfg_size(section, "proposals");

	if (count > IKE_IPSEC_PROPOSALS_MAX)
		return fault_say(fault, "proposals: more than %d", IKE_IPSEC_PROPOSALS_MAX);
	for (unsigned i = 0; i < count; i++)
		if (!value_ipsec_proposal(cfg_getnstr(section, "proposals", i),
					  &tunnel->proposal[i], fault))
			return false;
	if (count > 0)
		tunnel->proposals = count;
	return true;
}

static bool read_lifetime(cfg_t *section, struct ike_tunnel_settings *tunnel, struct fault *fault)
{
	const char *lifetime = cfg_getstr(section, "lifetime");
	ike_time duration;

	if (lifetime == NULL)
		return true;
	if (!value_duration(lifetime, &duration, fault))
		return false;
	tunnel->lifetime = (uint32_t)(duration / IKE_SECOND);
	return true;
}

bool config_read_tunnel(cfg_t *section, struct ike_tunnel_settings *tunnel,
			struct config_traffic *traffic, struct fault *fault)
{
	tunnel->transport = strcmp(cfg_getstr(section, "mode"), "transport") == 0;
	tunnel->narrow = cfg_getbool(section, "narrow") == cfg_true;
	tunnel->wait = cfg_getbool(section, "begin") != cfg_true;
	return value_selector(cfg_getstr(section, "local"), &tunnel->local, fault) &&
	       value_selector(cfg_getstr(section, "remote"), &tunnel->remote, fault) &&
	       value_number(cfg_getstr(section, "kilobytes"), 0, UINT32_MAX, &tunnel->kilobytes,
			    fault) &&
	       read_lifetime(section, tunnel, fault) && read_proposals(section, tunnel, fault) &&
	       check_tunnel(tunnel, fault) && config_read_traffic(section, tunnel, traffic, fault);
}

bool config_read_tunnels(cfg_t *peer_section, struct config_peer *peer, struct fault *fault)
{
	unsigned count = cfg_size(peer_section, "tunnel");

	if (count > IKE_TUNNELS_MAX)
		return fault_say(fault, "tunnel: more than %d", IKE_TUNNELS_MAX);
	for (unsigned i = 0; i < count; i++) {
		cfg_t *section = cfg_getnsec(peer_section, "tunnel", i);
		struct ike_tunnel_settings *tunnel = config_add_tunnel(peer, cfg_title(section));

		if (tunnel == NULL)
			return fault_say(fault, "no memory for one more tunnel");
		if (!config_read_tunnel(section, tunnel, &peer->traffic[i], fault))
			return false; /* cannot be: it was checked where it closed */
	}
	return true;
}

/* ---- all of a peer's ----------------------------------------------------------------------------------------------- */

/* Of two with the same ends the peer's offers could only ever come to the first. */
static bool check_against(const struct ike_tunnel_settings *a, const struct ike_tunnel_settings *b,
			  struct fault *fault)
{
	if (strcmp(a->name, b->name) == 0)
		return fault_say(
		    fault, "two tunnels are called \"%s\": give each a name of its own", a->name);
	if (selector_equal(&a->local, &b->local) && selector_equal(&a->remote, &b->remote))
		return fault_say(fault,
				 "tunnels \"%s\" and \"%s\" have the same local and remote: only "
				 "one of them could ever be chosen; give them different ones, or "
				 "make them one tunnel with all proposals",
				 a->name, b->name);
	return true;
}

static void warn_of_proposals(struct config *config, const struct config_peer *peer,
			      const struct ike_tunnel_settings *tunnel)
{
	char text[64];

	for (size_t i = 0; i < tunnel->proposals; i++) {
		if (ike_ipsec_proposal_is_sound(&tunnel->proposal[i]))
			continue;
		ike_ipsec_proposal_text(&tunnel->proposal[i], text, sizeof(text));
		config_warn(config,
			    "peer \"%s\": tunnel \"%s\": %s is for meeting old equipment, not for "
			    "secrets",
			    peer->name, tunnel->name, text);
	}
}

bool config_check_tunnels(struct config *config, struct config_peer *peer, struct fault *fault)
{
	struct fault detail;

	if (peer->ike.encapsulate && !peer->ike.nat_traversal)
		return fault_say(fault,
				 "encapsulate needs nat-traversal: leave that out, or set it "
				 "to yes");
	for (size_t i = 0; i < peer->ike.tunnels; i++) {
		const struct ike_tunnel_settings *tunnel = &peer->ike.tunnel[i];

		for (const char *c = tunnel->name; *c != '\0'; c++)
			if (*c < ' ' || *c > '~')
				return fault_say(fault, "a tunnel's name has something else than "
							"printable ASCII");
		if (!check_tunnel(tunnel, &detail))
			return fault_say(fault, "tunnel \"%s\": %s", tunnel->name, detail.text);
		for (size_t j = 0; j < i; j++)
			if (!check_against(&peer->ike.tunnel[j], tunnel, fault))
				return false;
		warn_of_proposals(config, peer, tunnel);
	}
	return config_check_pings(peer, fault);
}

static bool is_everything(const struct ike_selector *selector)
{
	return selector->prefix.address.family != IKE_FAMILY_NONE && selector->prefix.bits == 0 &&
	       selector->protocol == 0;
}

void config_warn_of_wide_tunnels(struct config *config)
{
	for (size_t i = 0; i < config->peers; i++) {
		const struct config_peer *peer = &config->peer[i];

		for (size_t j = 0; j < peer->ike.tunnels; j++) {
			const struct ike_tunnel_settings *tunnel = &peer->ike.tunnel[j];

			if (config->ipsec != STORE_KEEP && config->ipsec != STORE_NONE &&
			    is_everything(&tunnel->local) && is_everything(&tunnel->remote))
				config_warn(
				    config,
				    "peer \"%s\": tunnel \"%s\" is from everywhere to "
				    "everywhere: where packets are moved, whoever knows "
				    "the secret can draw all of this machine's packets into "
				    "it; node { ipsec = keep } keeps them out",
				    peer->name, tunnel->name);
		}
	}
}
