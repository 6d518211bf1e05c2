/* SPDX-License-Identifier: ISC */
/*
 * hash.h - plain digests, for IVs (RFC 2409 appendix B) and NAT-D (RFC 3947).
 */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include "crypto/backend.h"
#include "crypto/octets.h"

enum hash_algorithm { HASH_MD5, HASH_SHA1, HASH_SHA2_256, HASH_SHA2_384, HASH_SHA2_512 };

#define HASH_ALGORITHMS 5
#define HASH_MAX_LENGTH 64 /* octets: SHA2-512 */

size_t hash_length(enum hash_algorithm algorithm); /* octets: 16, 20, 32, 48, 64 */

/* out = hash(parts[0] | parts[1] | ...); out takes hash_length() octets and may overlap no part. */
void hash_octets(struct crypto *crypto, enum hash_algorithm algorithm, const struct octets *parts,
		 size_t count, uint8_t *out);

#endif
