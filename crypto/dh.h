/* SPDX-License-Identifier: ISC */
/*
 * dh.h - Diffie-Hellman over the MODP groups (RFC 2409 section 6, RFC 3526), the NIST curves (RFC 5903) and Curve25519
 * (RFC 7748).
 *
 * Public values and secrets have the fixed length of their group, padded with zeros on the left, as IKEv1 wants them: the
 * MODP prime's length; x | y as the public value of a NIST curve and x alone as its secret (RFC 5903 section 7); 32 octets
 * for Curve25519.  Private values come from the caller's random source, so that a run can be repeated.
 */
#ifndef CRYPTO_DH_H
#define CRYPTO_DH_H

#include <stdbool.h>

#include "crypto/backend.h"
#include "crypto/octets.h"
#include "crypto/random.h"

enum dh_group {
	DH_MODP_768,
	DH_MODP_1024,
	DH_MODP_1536,
	DH_MODP_2048,
	DH_MODP_3072,
	DH_MODP_4096,
	DH_MODP_6144,
	DH_MODP_8192,
	DH_ECP_256,
	DH_ECP_384,
	DH_ECP_521,
	DH_CURVE25519,
};

#define DH_GROUPS     12
#define DH_MAX_LENGTH 1024 /* octets: a public value or a secret of MODP 8192 */

struct dh_key; /* one private value and its public value */

size_t dh_public_length(enum dh_group group); /* octets */
size_t dh_secret_length(enum dh_group group); /* octets */

/* A fresh key pair, owned by the caller; one expensive operation.  NULL only when memory is exhausted. */
struct dh_key *dh_generate(struct crypto *crypto, enum dh_group group, struct random_source *random)
    __attribute__((warn_unused_result));
void dh_free(struct dh_key *key); /* NULL is allowed; the private value is wiped */

struct octets dh_public(const struct dh_key *key);  /* good until dh_free() */
struct octets dh_private(const struct dh_key *key); /* for test vectors only */

/*
 * Whether a peer's public value may be used at all: the group's length; 1 < y < p - 1 for MODP; a point on the curve and
 * not at infinity for the NIST curves; not all zero for Curve25519.  Cheap for MODP and Curve25519.
 */
bool dh_public_valid(struct crypto *crypto, enum dh_group group, struct octets peer_public)
    __attribute__((warn_unused_result));

/*
 * g^xy in dh_secret_length() octets; one expensive operation.  False for a public value that dh_public_valid() refuses
 * and for a secret that is all zero (Curve25519 points of small order, RFC 7748 section 6.1), and when memory is exhausted:
 * out is then zero.
 */
bool dh_secret(struct crypto *crypto, const struct dh_key *key, struct octets peer_public,
	       uint8_t *out) __attribute__((warn_unused_result));

#endif
