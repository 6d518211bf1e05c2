/* SPDX-License-Identifier: ISC */
/*
 * authentication.h - who it is, and the proof (RFC 2409 section 5.1 and 5.4): the identity and HASH_I or HASH_R, or a signature of
 * it with the certificates to check that with, written and checked.
 *
 * A pre-shared key proves by knowing SKEYID.  With signatures everybody who did the Diffie-Hellman knows SKEYID, and the signature
 * proves; the certificates that come with it are only looked at when it is to be checked, all at once, by crypto/credentials.h
 * (CVE-2026-14957), which builds the chain, holds the identity against the first of them, and compares.
 */
#ifndef IKE_AUTHENTICATION_H
#define IKE_AUTHENTICATION_H

#include "ike/phase_1.h"

bool authentication_signs(const struct ike_sa *sa); /* else: pre-shared key */

/*
 * HASH_I when `of_initiator`, else HASH_R; by the negotiated hash, or the one that the method of signing is tied to.  Returns its
 * length.
 */
size_t authentication_hash(struct ike_core *core, const struct ike_handshake *handshake,
			   bool of_initiator, struct octets id_b, uint8_t out[HASH_MAX_LENGTH]);

void authentication_write_identity(struct ike_core *core, struct ike_sa *sa, struct outgoing *out);
/* That one of the peer's certificates is asked for: a CR for each authority whom we believe, an empty one where there is none. */
void authentication_write_requests(struct ike_core *core, struct ike_sa *sa, struct outgoing *out);
/*
 * The proof of the identity written before.  With signatures this is the expensive part of Phase 1 beside Diffie-Hellman, and
 * for ike_tick to ask for.  False: PHASE_1_NO_PROOF.
 */
bool authentication_write_proof(struct ike_core *core, struct ike_sa *sa,
				struct outgoing *out) IKE_MUST_USE;

/* The identity in core->message, which has proved nothing yet, and its octets, into the handshake. */
enum ike_verdict authentication_take_identity(const struct ike_core *core,
					      struct ike_handshake *handshake) IKE_MUST_USE;
/*
 * The proof in core->message, of the identity in it, or, where there is none, of the one that was taken before.  Accepted: the
 * handshake has the identity, and the responder's SA belongs to the peer that is configured for it.
 */
enum ike_verdict authentication_check(struct ike_core *core, struct ike_sa *sa) IKE_MUST_USE;

#endif
