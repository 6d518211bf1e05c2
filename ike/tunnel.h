/* SPDX-License-Identifier: ISC */
/*
 * tunnel.h - the configured tunnels of a party: which of them fit what a peer asks for, which are wanted, and when they are
 * negotiated.
 *
 * Wanted is a tunnel without `wait`, and one that the user asked for.  Those that have no pair are negotiated as soon as there is
 * a Phase 1 SA, by its initiator at once, by its responder a little later, so that both need not do it.  What fails is tried again
 * after 5 seconds, doubled up to 60; what the peer has deleted, after one second.
 */
#ifndef IKE_TUNNEL_H
#define IKE_TUNNEL_H

#include "ike/core.h"

/* Whether a tunnel is for that traffic, ours and theirs: just that, or (`narrow`, where the settings allow it) something inside. */
bool tunnel_fits(const struct ike_sa *sa, const struct ike_address *own,
		 const struct ike_tunnel_settings *settings, const struct ike_selector *local,
		 const struct ike_selector *remote, bool narrow);

/* The Phase 1 SA under which the party is spoken to: the newest that none has superseded.  NULL: there is none at all. */
struct ike_sa *tunnel_party_sa(const struct ike_core *core, const struct ike_party *party);
/* Whether there is a pair that can be sent through. */
bool tunnel_has_pair(const struct ike_party *party, uint32_t index);

/* Begins a Quick Mode, to replace `renews` where that is not NULL.  False: a limit, or one is under way already. */
bool tunnel_begin(struct ike_core *core, struct ike_tunnel *tunnel, const struct ike_pair *renews);
/* A pair of it is gone although it is wanted. */
void tunnel_lost(struct ike_core *core, struct ike_tunnel *tunnel);

#endif
