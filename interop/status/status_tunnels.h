/* SPDX-License-Identifier: ISC */
/*
 * status_tunnels.h - the part of the status that is about tunnels: as they are configured, and what the store has of them.
 */
#ifndef INTEROP_STATUS_TUNNELS_H
#define INTEROP_STATUS_TUNNELS_H

#include <jansson.h>

#include "interop/config/config.h"
#include "interop/node/tunnels.h"

#define STATUS_PAIRS_MOST 256 /* told one by one; all are counted */

json_t *status_address(const struct ike_address *address); /* as text */
/* The store: name (null: there is none), meaning, notice, pairs (how many). */
json_t *status_ipsec(const struct tunnels *tunnels);
/* The tunnels of a peer, each with an empty list of pairs. */
json_t *status_tunnels(const struct config_peer *peer);
/* Sorts the store's pairs to their tunnels; `peers` has the peers' objects in the order of the configuration. */
void status_add_pairs(json_t *peers, const struct tunnels *tunnels, ike_time now);

#endif
