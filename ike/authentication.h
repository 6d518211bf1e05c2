/* SPDX-License-Identifier: ISC */
/*
 * authentication.h - who it is, and the proof (RFC 2409 section 5): the identity and HASH_I or HASH_R, written and checked.
 */
#ifndef IKE_AUTHENTICATION_H
#define IKE_AUTHENTICATION_H

#include "ike/phase_1.h"

/* HASH_I when `of_initiator`, else HASH_R.  out: hash_length() octets. */
void authentication_hash(struct ike_core *core, const struct ike_handshake *handshake,
			 bool of_initiator, struct octets id_b, uint8_t *out);

/* Our identity, and the proof of it. */
void authentication_write(struct ike_core *core, struct ike_sa *sa, struct outgoing *out);
/* Theirs, in core->message.  Accepted: the identity is in the handshake. */
enum ike_verdict authentication_check(struct ike_core *core, struct ike_sa *sa) IKE_MUST_USE;

#endif
