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

#define FIT_NONE (-1)

int peer_fit(const struct ike_core *core, uint32_t peer, const struct ike_address *address,
	     uint32_t *gateway)
{
	struct peer_walk walk;

	if (gateway != NULL)
		*gateway = IKE_NONE;
	peer_walk_begin(&walk, address);
	while (peer_walk_next(&walk, core->peer_index)) {
		if (walk.peer != peer)
			continue;
		if (gateway != NULL)
			*gateway = walk.gateway;
		return walk.fit;
	}
	return FIT_NONE;
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
	struct peer_walk walk;

	*gateway = IKE_NONE;
	peer_walk_begin(&walk, address);
	while (peer_walk_next(&walk, core->peer_index)) {
		const struct ike_peer_settings *settings = core->peer[walk.peer].settings;
		bool named = identity != NULL && settings->remote_identity.type != 0;

		/* who is meant by name comes before who is meant by address, and both before anybody */
		if (named < best_named || (named == best_named && walk.fit <= best_fit))
			continue;
		if (named && !ike_identity_same(&settings->remote_identity, identity))
			continue;
		if (filter != NULL && !filter(core, walk.peer, walk.fit, context))
			continue;
		best = walk.peer;
		best_fit = walk.fit;
		best_named = named;
		*gateway = walk.gateway;
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
		ike_identity_of_address(sa_local(core, sa), identity);
}

bool peer_accepts_identity(const struct ike_core *core, uint32_t peer,
			   const struct ike_identity *identity)
{
	const struct ike_peer_settings *settings = core->peer[peer].settings;

	return settings->remote_identity.type == 0 ||
	       ike_identity_same(&settings->remote_identity, identity);
}
