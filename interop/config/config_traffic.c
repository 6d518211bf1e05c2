/* SPDX-License-Identifier: ISC */
#include "interop/config/config_traffic.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ike/address.h"
#include "interop/config/config_values.h"
#include "interop/esp/tun.h"

#define INTERVAL_LEAST (IKE_SECOND / 5)
#define INTERVAL_MOST  (3600 * IKE_SECOND)
#define MISSES_MOST    100

_Static_assert(TUN_NAME_MOST < CONFIG_TUN_ROOM, "what is accepted fits");

/* ---- single values ------------------------------------------------------------------------------------------------- */

bool value_tun(const char *text, struct fault *fault)
{
	return tun_name_is_good(text) ||
	       fault_say(fault,
			 "\"%.64s\" is not the name of an interface: write 1 to %d printable "
			 "characters without blank, slash, colon and %%, for example %s",
			 text, TUN_NAME_MOST, CONFIG_TUN);
}

bool value_tun_address(const char *text, struct ike_prefix *prefix, struct fault *fault)
{
	struct ike_prefix result;

	/* of no bits would be a route for all that this machine sends */
	if (!value_prefix(text, &result, fault) || result.address.family == IKE_FAMILY_NONE ||
	    result.bits == 0)
		return fault_say(fault,
				 "\"%.64s\" is not an address of an interface: write 10.1.0.1/32, "
				 "10.1.0.1/24 or 2001:db8::1/128",
				 text);
	*prefix = result;
	return true;
}

bool value_tun_mtu(const char *text, uint32_t *mtu, struct fault *fault)
{
	uint32_t number;

	if (!value_number(text, 0, CONFIG_TUN_MTU_MOST, &number, fault) ||
	    (number > 0 && number < CONFIG_TUN_MTU_LEAST))
		return fault_say(fault,
				 "\"%.64s\" is not within %d to %d octets, nor 0, with which the "
				 "program chooses",
				 text, CONFIG_TUN_MTU_LEAST, CONFIG_TUN_MTU_MOST);
	*mtu = number;
	return true;
}

bool value_ping(const char *text, struct ike_address *address, struct fault *fault)
{
	struct ike_address result = {.family = IKE_FAMILY_NONE};

	if (text[0] != '\0' && (!ike_address_from_text(text, &result) || result.port != 0))
		return fault_say(fault,
				 "\"%.64s\" is not an address without a port: write 10.2.0.1 or "
				 "2001:db8:2::1, or \"\" for none",
				 text);
	*address = result;
	return true;
}

bool value_ping_interval(const char *text, ike_time *interval, struct fault *fault)
{
	ike_time duration;

	if (!value_duration(text, &duration, fault))
		return false;
	if (duration < INTERVAL_LEAST || duration > INTERVAL_MOST)
		return fault_say(fault, "\"%s\" is not within 200ms to 1h", text);
	*interval = duration;
	return true;
}

bool value_ping_misses(const char *text, uint32_t *misses, struct fault *fault)
{
	return value_number(text, 1, MISSES_MOST, misses, fault);
}

bool value_ping_when(const char *text, bool *always, struct fault *fault)
{
	*always = strcmp(text, "always") == 0;
	return *always || strcmp(text, "silent") == 0 ||
	       fault_say(
		   fault,
		   "\"%.64s\" is neither silent (while nothing else comes through the tunnel) "
		   "nor always",
		   text);
}

static const struct {
	const char *text;
	enum store_kind kind;
} ipsec[] = {{"auto", STORE_AUTO},
	     {"xfrm", STORE_XFRM},
	     {"userspace", STORE_USERSPACE},
	     {"keep", STORE_KEEP},
	     {"none", STORE_NONE}};

bool value_ipsec(const char *text, enum store_kind *kind, struct fault *fault)
{
	for (size_t i = 0; i < sizeof(ipsec) / sizeof(ipsec[0]); i++) {
		if (strcmp(text, ipsec[i].text) != 0)
			continue;
		*kind = ipsec[i].kind;
		return true;
	}
	return fault_say(fault, "\"%s\" is none of auto, xfrm, userspace, keep, none", text);
}

const char *value_ipsec_text(enum store_kind kind)
{
	size_t i = 0;

	while (ipsec[i].kind != kind)
		i++;
	return ipsec[i].text;
}

/* ---- the node ------------------------------------------------------------------------------------------------------ */

static bool read_tun_addresses(cfg_t *node, struct config *config, struct fault *fault)
{
	unsigned count = cfg_size(node, "tun-addresses");

	if (count > CONFIG_TUN_ADDRESSES_MAX)
		return fault_say(fault, "tun-addresses: more than %d", CONFIG_TUN_ADDRESSES_MAX);
	for (unsigned i = 0; i < count; i++) {
		const char *text = cfg_getnstr(node, "tun-addresses", i);

		if (!value_tun_address(text, &config->tun.address[i], fault))
			return false; /* cannot be: it was checked where it stood */
		for (unsigned j = 0; j < i; j++)
			if (ike_address_equal(&config->tun.address[i].address,
					      &config->tun.address[j].address))
				return fault_say(fault,
						 "tun-addresses: %s has an address that is there "
						 "already: write each of them once",
						 text);
	}
	config->tun.addresses = count;
	return true;
}

static bool read_peers_file(cfg_t *node, const char *folder, struct config *config,
			    struct fault *fault)
{
	const char *path = cfg_getstr(node, "peers-file");

	if (path[0] == '\0')
		return true;
	if (path[strlen(path) - 1] == '/')
		return fault_say(
		    fault, "peers-file: \"%s\" is a folder: write the path of a file in it", path);
	if (asprintf(&config->peers_file, "%s%s%s", path[0] == '/' ? "" : folder,
		     path[0] == '/' ? "" : "/", path) >= 0)
		return true;
	config->peers_file = NULL;
	return fault_say(fault, "no memory");
}

/* What is said of an interface that nobody makes was meant for another store. */
static void warn_of_no_tun(struct config *config)
{
	if (config->tun.addresses > 0 && config->ipsec != STORE_USERSPACE &&
	    config->ipsec != STORE_AUTO)
		config_warn(config,
			    "node: tun-addresses are not used: with ipsec = %s there is no TUN "
			    "interface; set ipsec = userspace, or leave them out",
			    value_ipsec_text(config->ipsec));
}

bool config_read_node_traffic(cfg_t *node, const char *folder, struct config *config,
			      struct fault *fault)
{
	snprintf(config->tun.name, sizeof(config->tun.name), "%s", cfg_getstr(node, "tun"));
	config->ike.say_invalid_spi = cfg_getbool(node, "say-invalid-spi") == cfg_true;
	if (!value_ipsec(cfg_getstr(node, "ipsec"), &config->ipsec, fault) ||
	    !value_tun_mtu(cfg_getstr(node, "tun-mtu"), &config->tun.mtu, fault) ||
	    !read_tun_addresses(node, config, fault) ||
	    !read_peers_file(node, folder, config, fault))
		return false;
	warn_of_no_tun(config);
	return true;
}

/* ---- a tunnel ------------------------------------------------------------------------------------------------------ */

struct tunnel_ping_plan config_ping_plan(const struct config_ping *ping)
{
	struct tunnel_ping_plan plan;

	tunnel_ping_plan_default(&plan);
	plan.interval = ping->interval;
	plan.misses = ping->misses;
	plan.only_when_silent = !ping->always;
	return plan;
}

void config_traffic_default(struct config_traffic *traffic)
{
	*traffic = (struct config_traffic){.ping = {.interval = TUNNEL_PING_DEFAULT_INTERVAL,
						    .misses = TUNNEL_PING_DEFAULT_MISSES}};
}

static bool is_inside(const struct ike_address *address, const struct ike_selector *selector)
{
	return selector->prefix.address.family == address->family &&
	       ike_prefix_match(&selector->prefix, address) >= 0;
}

static bool lets_echo_through(const struct ike_selector *selector, uint8_t family)
{
	uint8_t echo = family == IKE_FAMILY_IPV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;

	return selector->protocol == 0 || selector->protocol == echo;
}

/* From a local end of one address that is the one; "own" is known only where there is a pair of SAs. */
static bool choose_from(const struct ike_selector *local, struct config_ping *ping,
			struct fault *fault)
{
	const struct ike_prefix *prefix = &local->prefix;
	bool own = prefix->address.family == IKE_FAMILY_NONE;

	if (own && ping->from.family != IKE_FAMILY_NONE)
		return fault_say(fault, "ping-from: with local = own it is our own address: leave "
					"ping-from out, or write local as a prefix");
	if (own)
		return true;
	if (ping->from.family == IKE_FAMILY_NONE) {
		if (prefix->bits != ike_family_bits(prefix->address.family))
			return fault_say(fault, "ping-from is missing: write which address of ours "
						"inside of local asks");
		ping->from = prefix->address;
	}
	if (ping->from.family != ping->to.family)
		return fault_say(fault, "ping and ping-from are one of IPv4 and one of IPv6: write "
					"two of the same family");
	if (!is_inside(&ping->from, local))
		return fault_say(fault, "ping-from is not inside of local, so that the other side "
					"would not let it through: write one that is");
	return true;
}

static bool check_ping(const struct ike_tunnel_settings *tunnel, struct config_ping *ping,
		       struct fault *fault)
{
	if (ping->to.family == IKE_FAMILY_NONE)
		return ping->from.family == IKE_FAMILY_NONE ||
		       fault_say(fault, "ping-from without ping: write whom to ask, or leave it "
					"out");
	if (tunnel->transport)
		return fault_say(fault, "ping needs mode = tunnel: set that, or leave ping out");
	if (tunnel->remote.prefix.address.family == IKE_FAMILY_NONE)
		return fault_say(fault, "ping needs an address inside of remote, and remote = own "
					"has none: write remote as a prefix");
	if (!is_inside(&ping->to, &tunnel->remote))
		return fault_say(fault, "ping is not inside of remote, so that the other side "
					"would not let it through: write one that is");
	if (!lets_echo_through(&tunnel->local, ping->to.family) ||
	    !lets_echo_through(&tunnel->remote, ping->to.family))
		return fault_say(fault, "ping: only another protocol than ICMP goes through this "
					"tunnel: take the protocol out of local and remote, or "
					"leave ping out");
	return choose_from(&tunnel->local, ping, fault);
}

bool config_read_traffic(cfg_t *section, const struct ike_tunnel_settings *tunnel,
			 struct config_traffic *traffic, struct fault *fault)
{
	struct config_ping *ping = &traffic->ping;

	traffic->line = section->line;
	return value_ping(cfg_getstr(section, "ping"), &ping->to, fault) &&
	       value_ping(cfg_getstr(section, "ping-from"), &ping->from, fault) &&
	       value_ping_interval(cfg_getstr(section, "ping-interval"), &ping->interval, fault) &&
	       value_ping_misses(cfg_getstr(section, "ping-misses"), &ping->misses, fault) &&
	       value_ping_when(cfg_getstr(section, "ping-when"), &ping->always, fault) &&
	       value_number(cfg_getstr(section, "packets"), 0, UINT32_MAX, &traffic->packets,
			    fault) &&
	       check_ping(tunnel, ping, fault);
}

/* ---- as a whole ---------------------------------------------------------------------------------------------------- */

bool config_check_pings(const struct config_peer *peer, struct fault *fault)
{
	if (!peer->ping_only)
		return true;
	if (peer->ike.tunnels == 0)
		return fault_say(fault, "keepalive: mode = ping asks through tunnels, and there is "
					"none: add one with a ping address, or set mode = "
					"periodic");
	for (size_t i = 0; i < peer->ike.tunnels; i++)
		if (peer->traffic[i].ping.to.family == IKE_FAMILY_NONE)
			return fault_say(
			    fault,
			    "tunnel \"%s\": keepalive { mode = ping } needs an address "
			    "to ask: write ping = \"...\" inside of remote, or set "
			    "mode = periodic",
			    peer->ike.tunnel[i].name);
	return true;
}

/* The one of a peer that the store cannot do; false: see fault. */
static bool check_for_store(enum store_kind kind, const struct config_peer *peer, size_t i,
			    struct fault *fault)
{
	const char *name = peer->ike.tunnel[i].name;

	if (kind == STORE_USERSPACE && peer->ike.tunnel[i].transport)
		return fault_say(fault,
				 "peer \"%s\": tunnel \"%s\": mode = transport does not go with "
				 "node { ipsec = userspace }, which has tunnels only: set mode = "
				 "tunnel, or ipsec = xfrm",
				 peer->name, name);
	if (kind != STORE_USERSPACE && kind != STORE_AUTO &&
	    peer->traffic[i].ping.to.family != IKE_FAMILY_NONE)
		return fault_say(fault,
				 "peer \"%s\": tunnel \"%s\": ping does not go with node { ipsec = "
				 "%s }: set ipsec = userspace, or leave ping out",
				 peer->name, name, value_ipsec_text(kind));
	return true;
}

bool config_check_store(const struct config *config, int *line, struct fault *fault)
{
	for (size_t i = 0; i < config->peers; i++)
		for (size_t j = 0; j < config->peer[i].ike.tunnels; j++) {
			if (check_for_store(config->ipsec, &config->peer[i], j, fault))
				continue;
			if (line != NULL)
				*line = config->peer[i].traffic[j].line;
			return false;
		}
	return true;
}
