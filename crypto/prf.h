/* SPDX-License-Identifier: ISC */
/*
 * prf.h - the pseudo-random function of RFC 2409 section 4: HMAC (RFC 2104) of the negotiated hash.
 *
 * HMAC is built here on one digest context because the library's own HMAC costs five times as much for 48 octets.
 */
#ifndef CRYPTO_PRF_H
#define CRYPTO_PRF_H

#include "crypto/hash.h"

#define PRF_MAX_LENGTH HASH_MAX_LENGTH

/* out = HMAC(key, parts[0] | parts[1] | ...), hash_length() octets.  out may be the key's own memory, or a part's. */
void prf_octets(struct crypto *crypto, enum hash_algorithm algorithm, struct octets key,
		const struct octets *parts, size_t count, uint8_t *out);

#endif
