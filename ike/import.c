/* SPDX-License-Identifier: ISC */
/*
 * import.c - an established Phase 1 SA is put in from outside (IKE_COMMAND_IMPORT).
 *
 * Whoever can do this needs no proof of anybody's identity, so it is only there where the settings allow it; and what could
 * not have been negotiated here is refused, because the rest of the engine relies on that.
 */
#include <string.h>

#include "ike/address.h"
#include "ike/cookie.h"
#include "ike/core.h"

#define LONGEST_LIFETIME 604800u /* seconds: as in struct ike_peer_settings */

/* An initiator's SA is filed under a zero responder cookie while it is negotiated: that would be found in place of this one. */
static bool cookies_are_free(const struct ike_core *core, const struct ike_import *import)
{
	static const uint8_t zero[IKE_COOKIE_LENGTH];

	return !ike_cookie_is_zero(import->cky_i) && !ike_cookie_is_zero(import->cky_r) &&
	       sa_table_find(core->sas, import->cky_i, import->cky_r) == NULL &&
	       sa_table_find(core->sas, import->cky_i, zero) == NULL;
}

static bool is_identity(const struct ike_identity *identity)
{
	return identity->type != 0 && identity->length > 0 && identity->length <= IKE_IDENTITY_MAX;
}

/* An initiator renews its SAs, and must know where to call. */
static bool addresses_fit(const struct ike_core *core, uint32_t peer,
			  const struct ike_import *import, uint32_t *gateway)
{
	uint8_t family = import->remote.family;

	if ((family != IKE_FAMILY_IPV4 && family != IKE_FAMILY_IPV6) || import->remote.port == 0)
		return false;
	if (import->local.family != IKE_FAMILY_NONE && import->local.family != family)
		return false;
	if (peer_fit(core, peer, &import->remote, gateway) < 0)
		return false;
	return !import->initiator || *gateway != IKE_NONE;
}

static bool agrees_with_settings(const struct ike_core *core, uint32_t peer,
				 const struct ike_import *import)
{
	const struct ike_peer_settings *settings = core->peer[peer].settings;
	uint16_t method = import->authentication;
	bool agreed = false;

	for (size_t i = 0; i < settings->proposals && !agreed; i++)
		agreed = ike_proposal_equal(&settings->proposal[i], &import->proposal);
	if (method == 0)
		method = IKE_AUTHENTICATION_PSK;
	return agreed && method == peer_authentication(settings) &&
	       (!import->aggressive || settings->aggressive) &&
	       is_identity(&import->remote_identity) &&
	       (import->local_identity.type == 0 || is_identity(&import->local_identity)) &&
	       peer_accepts_identity(core, peer, &import->remote_identity);
}

/* Where neither says what we are called it is our address, so there must be one. */
static bool says_who_we_are(const struct ike_core *core, uint32_t peer,
			    const struct ike_import *import)
{
	const struct ike_peer_settings *settings = core->peer[peer].settings;

	return import->local_identity.type != 0 || settings->local_identity.type != 0 ||
	       core->settings->identity.type != 0 || import->local.family != IKE_FAMILY_NONE ||
	       peer_authentication(settings) != IKE_AUTHENTICATION_PSK;
}

static bool keys_fit(const struct ike_import *import)
{
	const struct ike_keys *keys = &import->keys;
	enum cipher_algorithm cipher;
	enum hash_algorithm hash;

	return ike_proposal_cipher(&import->proposal, &cipher) &&
	       ike_proposal_hash(&import->proposal, &hash) && keys->established &&
	       keys->cipher == cipher && keys->hash == hash &&
	       keys->key_length == cipher_key_length(cipher) &&
	       keys->skeyid_length == hash_length(hash);
}

/* False: no memory, or no room for our address. */
static bool fill(struct ike_core *core, struct ike_sa *sa, const struct ike_import *import)
{
	const struct ike_keys *keys = &import->keys;

	sa->remote = import->remote;
	if (!sa_set_local(core, sa, &import->local))
		return false;
	sa->group = (uint8_t)import->proposal.group;
	sa->hash = (uint8_t)keys->hash;
	sa->cipher = (uint8_t)keys->cipher;
	sa->authentication = (uint8_t)peer_authentication(core->peer[sa->peer].settings);
	sa->initiator = import->initiator;
	sa->aggressive = import->aggressive;
	sa->supported = import->supported;
	if (sa_keys_set(core->keys, sa, keys->key, keys->skeyid_a, keys->skeyid_d))
		return true;
	tell_overload(core, "memory: no room for keys");
	return false;
}

bool sa_import(struct ike_core *core, uint32_t peer, const struct ike_import *import)
{
	uint32_t gateway = IKE_NONE;
	struct ike_sa *sa;

	if (!core->settings->allow_import || import == NULL)
		return false;
	if (import->lifetime == 0 || import->lifetime > LONGEST_LIFETIME ||
	    !cookies_are_free(core, import) || !addresses_fit(core, peer, import, &gateway) ||
	    !agrees_with_settings(core, peer, import) || !says_who_we_are(core, peer, import) ||
	    !keys_fit(import))
		return false;
	sa = sa_table_add(core->sas, import->cky_i, import->cky_r);
	if (sa == NULL) {
		tell_overload(core, "limit sas: no room for another SA");
		return false;
	}
	sa->peer = peer;
	sa_set_gateway(sa, gateway);
	if (!fill(core, sa, import)) {
		local_address_release(core->locals, sa->local);
		sa_table_remove(core->sas, sa);
		return false;
	}
	return sa_establish_imported(core, sa, import);
}
