/* SPDX-License-Identifier: ISC */
/*
 * authentication.c - identity and proof with a pre-shared key (RFC 2409 section 5.4): IDii, HASH_I and IDir, HASH_R.
 */
#include "ike/authentication.h"

#include <assert.h>

#include "ike/identity.h"

void authentication_hash(struct ike_core *core, const struct ike_handshake *handshake,
			 bool of_initiator, struct octets id_b, uint8_t *out)
{
	const struct ike_sa *sa = handshake->sa;
	struct octets ours = dh_public(handshake->dh);
	struct octets theirs =
	    octets_of(handshake->peer_public, dh_public_length(handshake->group));
	struct octets g_xi = sa->initiator ? ours : theirs, g_xr = sa->initiator ? theirs : ours;
	struct octets sai_b = octets_of(handshake->sai_b, handshake->sai_b_length);

	if (of_initiator)
		skeyid_hash(core->crypto, &handshake->keys, g_xi, g_xr, sa->cky_i, sa->cky_r, sai_b,
			    id_b, out);
	else
		skeyid_hash(core->crypto, &handshake->keys, g_xr, g_xi, sa->cky_r, sa->cky_i, sai_b,
			    id_b, out);
}

void authentication_write(struct ike_core *core, struct ike_sa *sa, struct outgoing *out)
{
	uint8_t room[IKE_IDENTITY_MAX + 16], hash[HASH_MAX_LENGTH];
	struct ike_identity identity;
	struct wire_writer id_b;

	peer_local_identity(core, sa, &identity);
	wire_write_to(&id_b, room, sizeof(room));
	ike_identity_write(&id_b, &identity);
	assert(!id_b.failed);
	authentication_hash(core, sa->handshake, sa->initiator, wire_written(&id_b), hash);
	ike_payload_write(&out->chain, IKE_PAYLOAD_ID, wire_written(&id_b));
	ike_payload_write(&out->chain, IKE_PAYLOAD_HASH, octets_of(hash, hash_length(sa->hash)));
}

enum ike_verdict authentication_check(struct ike_core *core, struct ike_sa *sa)
{
	struct ike_handshake *handshake = sa->handshake;
	const struct ike_payload *id = ike_payload_find(&core->message, IKE_PAYLOAD_ID);
	const struct ike_payload *hash = ike_payload_find(&core->message, IKE_PAYLOAD_HASH);
	uint8_t expected[HASH_MAX_LENGTH];
	struct ike_identity identity;
	enum ike_verdict verdict;

	authentication_hash(core, handshake, !sa->initiator, id->body, expected);
	if (!secret_equal(hash->body, octets_of(expected, hash_length(sa->hash))))
		return IKE_AUTHENTICATION_FAILED;
	verdict = ike_identity_parse(id->body, &identity);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	if (!peer_accepts_identity(core, sa, &identity)) {
		handshake->peer_identity = identity; /* so that the report can say who it was */
		return IKE_WRONG_IDENTITY;
	}
	handshake->peer_identity = identity;
	return IKE_ACCEPTED;
}
