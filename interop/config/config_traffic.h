/* SPDX-License-Identifier: ISC */
/*
 * config_traffic.h - what concerns the packets of tunnels themselves: the TUN interface, the ping through a tunnel, and the file of peers
 * to call back when their packets come for SAs that are no more.
 */
#ifndef INTEROP_CONFIG_CONFIG_TRAFFIC_H
#define INTEROP_CONFIG_CONFIG_TRAFFIC_H

#include <confuse.h>

#include "interop/config/config.h"
#include "keepalive/tunnel_ping.h"

#define CONFIG_TUN_MTU_LEAST 1280 /* octets: what IPv6 asks of every link, RFC 8200 section 5 */
#define CONFIG_TUN_MTU_MOST  4000

/* ---- single values: the grammar's checks --------------------------------------------------------------------------- */

/* The name of an interface as Linux takes it; no pattern, from which the kernel would make a name of its own. */
bool value_tun(const char *text, struct fault *fault) IKE_MUST_USE;
/* An address of the interface with the bits of its network, "10.1.0.1/24"; a single address has all of them. */
bool value_tun_address(const char *text, struct ike_prefix *prefix,
		       struct fault *fault) IKE_MUST_USE;
/* CONFIG_TUN_MTU_LEAST to CONFIG_TUN_MTU_MOST, or 0. */
bool value_tun_mtu(const char *text, uint32_t *mtu, struct fault *fault) IKE_MUST_USE;
/* "" (family NONE) or an address without a port. */
bool value_ping(const char *text, struct ike_address *address, struct fault *fault) IKE_MUST_USE;
bool value_ping_interval(const char *text, ike_time *interval, struct fault *fault) IKE_MUST_USE;
bool value_ping_when(const char *text, bool *always, struct fault *fault) IKE_MUST_USE;
bool value_ping_misses(const char *text, uint32_t *misses, struct fault *fault) IKE_MUST_USE;
bool value_ipsec(const char *text, enum store_kind *kind, struct fault *fault) IKE_MUST_USE;
const char *value_ipsec_text(enum store_kind kind); /* as value_ipsec() takes it */

/* ---- sections ------------------------------------------------------------------------------------------------------ */

/* The plan of a ping; requests give way to other traffic that comes through the tunnel. */
struct tunnel_ping_plan config_ping_plan(const struct config_ping *ping);
void config_traffic_default(struct config_traffic *traffic); /* no ping, no limit */
/* What of section `node` is this file's; `folder`: what a path is relative to. */
bool config_read_node_traffic(cfg_t *node, const char *folder, struct config *config,
			      struct fault *fault) IKE_MUST_USE;
/*
 * What of a section `tunnel` is this file's, whose values the grammar has accepted; checked against the ends of the tunnel.  The fault does
 * not name it.
 */
bool config_read_traffic(cfg_t *section, const struct ike_tunnel_settings *tunnel,
			 struct config_traffic *traffic, struct fault *fault) IKE_MUST_USE;
/* Checks a peer's tunnels: that there is something to ping where nothing else asks.  The fault does not name the peer. */
bool config_check_pings(const struct config_peer *peer, struct fault *fault) IKE_MUST_USE;

/*
 * Checks all tunnels against the store that they go to.  Called by config_finish(); before that by whoever knows the file, and can say
 * that `line` of it (NULL: not wanted; 0: none) is where the section ends that has to change.
 */
bool config_check_store(const struct config *config, int *line, struct fault *fault) IKE_MUST_USE;

#endif
