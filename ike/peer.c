/* SPDX-License-Identifier: ISC */
/*
 * peer.c - configured peers: who may call from an address, who we say we are, and whom we believe.
 *
 * With a pre-shared key, Main Mode must know the secret before it can read the identity (RFC 2409 section 5.4), so the
 * address alone chooses the peer.  Aggressive Mode says who calls in its first message, and signatures need no secret: there
 * the identity chooses among all that may call from the address.
 */
#include "ike/address.h"
#include "ike/core.h"
#include "ike/identity.h"

#define FIT_NONE    (-1)
#define FIT_GATEWAY 129 /* more than any prefix has bits */

/* How closely a peer is configured for an address; the gateway that it is, or IKE_NONE. */
static int fit_of(const struct ike_core *core, uint32_t index, const struct ike_address *address,
		  uint32_t *gateway)
{
	const struct ike_peer *peer = &core->peer[index];

	*gateway = IKE_NONE;
	for (uint32_t g = 0; g < peer->settings->gateways; g++) {
		if (ike_address_same_host(&peer->gateway[g], address)) {
			*gateway = g;
			return FIT_GATEWAY;
		}
	}
	if (peer->settings->gateways > 0)
		return FIT_NONE;
	return ike_prefix_match(&peer->settings->from, address);
}

int peer_fit(const struct ike_core *core, uint32_t peer, const struct ike_address *address)
{
	uint32_t gateway;

	return peer == IKE_NONE ? FIT_NONE : fit_of(core, peer, address, &gateway);
}

uint32_t peer_of_address(const struct ike_core *core, const struct ike_address *address,
			 uint32_t *gateway)
{
	return peer_find(core, address, NULL, NULL, NULL, gateway);
}

uint32_t peer_find(const struct ike_core *core, const struct ike_address *address,
		   const struct ike_identity *identity, peer_filter *filter, const void *context,
		   uint32_t *gateway)
{
	uint32_t best = IKE_NONE;
	int best_fit = FIT_NONE;
	bool best_named = false;

	*gateway = IKE_NONE;
	for (uint32_t i = 0; i < core->settings->peers; i++) {
		const struct ike_peer_settings *settings = core->peer[i].settings;
		bool named = identity != NULL && settings->remote_identity.type != 0;
		uint32_t its_gateway;
		int fit = fit_of(core, i, address, &its_gateway);

		/* who is meant by name comes before who is meant by address, and both before anybody */
		if (fit == FIT_NONE || named < best_named ||
		    (named == best_named && fit <= best_fit))
			continue;
		if (named && !ike_identity_same(&settings->remote_identity, identity))
			continue;
		if (filter != NULL && !filter(core, i, fit, context))
			continue;
		best = i;
		best_fit = fit;
		best_named = named;
		*gateway = its_gateway;
	}
	return best;
}

uint16_t peer_authentication(const struct ike_peer_settings *settings)
{
	return settings->authentication != 0 ? settings->authentication : IKE_AUTHENTICATION_PSK;
}

void peer_local_identity(const struct ike_core *core, const struct ike_sa *sa,
			 struct ike_identity *identity)
{
	const struct ike_peer_settings *peer = core->peer[sa->peer].settings;
	struct octets subject = {0};

	if (peer->local_identity.type != 0) {
		*identity = peer->local_identity;
		return;
	}
	if (core->settings->identity.type != 0) {
		*identity = core->settings->identity;
		return;
	}
	/* a certificate speaks for its subject, whatever else it says */
	if (peer_authentication(peer) != IKE_AUTHENTICATION_PSK)
		subject = credentials_subject(peer->credentials);
	if (subject.length == 0 || !ike_identity_of_name(subject, identity))
		ike_identity_of_address(&sa->local, identity);
}

bool peer_accepts_identity(const struct ike_core *core, uint32_t peer,
			   const struct ike_identity *identity)
{
	const struct ike_peer_settings *settings = core->peer[peer].settings;

	return settings->remote_identity.type == 0 ||
	       ike_identity_same(&settings->remote_identity, identity);
}
