/* SPDX-License-Identifier: ISC */
/*
 * sa_keys.h - what an SA keeps of its keys (RFC 2409 section 5 and appendix B), in as few octets as its algorithms have.
 *
 * 72 octets for AES-128 and SHA-1, 176 for AES-256 and SHA2-512, behind `keys` of struct ike_sa:
 *
 *	the cipher's key | SKEYID_a | SKEYID_d | the last ciphertext block of Phase 1, where later IVs start
 *
 * They lie in memory that is locked and kept out of core dumps, and are wiped with the SA.
 */
#ifndef IKE_SA_KEYS_H
#define IKE_SA_KEYS_H

#include "crypto/blocks.h"
#include "ike/sa.h"

#define SA_KEYS_MAX (CIPHER_MAX_KEY + 2 * HASH_MAX_LENGTH + CIPHER_MAX_BLOCK) /* octets */

/*
 * Gives the SA, whose `hash` and `cipher` are set, these keys in place of any that it has; the last block is zeros.
 * False: no memory, and no keys.
 */
bool sa_keys_set(struct blocks *store, struct ike_sa *sa, const uint8_t *key,
		 const uint8_t *skeyid_a, const uint8_t *skeyid_d) IKE_MUST_USE;
void sa_keys_set_last_block(struct ike_sa *sa, const uint8_t *block);
void sa_keys_wipe(struct blocks *store, struct ike_sa *sa); /* none is allowed */

/* The whole, and how long it is. */
struct octets sa_keys(const struct ike_sa *sa);

/* Each of them; the SA has keys.  How long they are, hash and cipher say. */
const uint8_t *sa_key(const struct ike_sa *sa);
const uint8_t *sa_skeyid_a(const struct ike_sa *sa);
const uint8_t *sa_skeyid_d(const struct ike_sa *sa);
const uint8_t *sa_last_block(const struct ike_sa *sa);

#endif
