/* SPDX-License-Identifier: ISC */
/*
 * peer.c - configured peers: who may call from an address, who we say we are, and whom we believe.
 *
 * With a pre-shared key, Main Mode must know the secret before it can read the identity (RFC 2409 section 5.4), so the
 * address alone chooses the peer.
 */
#include "ike/address.h"
#include "ike/core.h"
#include "ike/identity.h"

uint32_t peer_of_address(const struct ike_core *core, const struct ike_address *address,
			 uint32_t *gateway)
{
	uint32_t best = IKE_NONE;
	int best_bits = -1;

	*gateway = IKE_NONE;
	for (uint32_t i = 0; i < core->settings->peers; i++) {
		const struct ike_peer *peer = &core->peer[i];
		int bits;

		for (uint32_t g = 0; g < peer->settings->gateways; g++) {
			if (ike_address_same_host(&peer->gateway[g], address)) {
				*gateway = g;
				return i;
			}
		}
		if (peer->settings->gateways > 0)
			continue;
		bits = ike_prefix_match(&peer->settings->from, address);
		if (bits > best_bits) {
			best_bits = bits;
			best = i;
		}
	}
	return best;
}

void peer_local_identity(const struct ike_core *core, const struct ike_sa *sa,
			 struct ike_identity *identity)
{
	const struct ike_peer_settings *peer = core->peer[sa->peer].settings;

	if (peer->local_identity.type != 0)
		*identity = peer->local_identity;
	else if (core->settings->identity.type != 0)
		*identity = core->settings->identity;
	else
		ike_identity_of_address(&sa->local, identity);
}

bool peer_accepts_identity(const struct ike_core *core, const struct ike_sa *sa,
			   const struct ike_identity *identity)
{
	const struct ike_peer_settings *peer = core->peer[sa->peer].settings;

	return peer->remote_identity.type == 0 ||
	       ike_identity_equal(&peer->remote_identity, identity);
}
