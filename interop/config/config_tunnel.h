/* SPDX-License-Identifier: ISC */
/*
 * config_tunnel.h - the tunnels of a peer: what Quick Mode is to negotiate with it.
 */
#ifndef INTEROP_CONFIG_CONFIG_TUNNEL_H
#define INTEROP_CONFIG_CONFIG_TUNNEL_H

#include <confuse.h>

#include "interop/config/config.h"

/* The defaults of the manual: all between the peers' own addresses, AES with SHA-1 or SHA2-256 without perfect forward secrecy. */
void config_tunnel_default(struct ike_tunnel_settings *tunnel);
/*
 * A new tunnel with the defaults, good until the peer is.  NULL: there are IKE_TUNNELS_MAX already, or no memory.
 */
struct ike_tunnel_settings *config_add_tunnel(struct config_peer *peer, const char *name);
/* One section `tunnel`, whose values the grammar has accepted; checked as a whole.  The fault does not name it. */
bool config_read_tunnel(cfg_t *section, struct ike_tunnel_settings *tunnel,
			struct config_traffic *traffic, struct fault *fault) IKE_MUST_USE;
/* All of a peer's. */
bool config_read_tunnels(cfg_t *peer_section, struct config_peer *peer,
			 struct fault *fault) IKE_MUST_USE;

/* Checks a peer's tunnels each and against each other, and warns of algorithms.  The fault does not name the peer. */
bool config_check_tunnels(struct config *config, struct config_peer *peer,
			  struct fault *fault) IKE_MUST_USE;
/* Warns where a peer could draw all that this machine sends into a tunnel. */
void config_warn_of_wide_tunnels(struct config *config);

#endif
