/* SPDX-License-Identifier: ISC */
/*
 * protect.h - IVs, encryption and HASH(1) (RFC 2409 section 5.7 and appendix B).
 */
#ifndef IKE_PROTECT_H
#define IKE_PROTECT_H

#include "crypto/cbc.h"
#include "crypto/prf.h"
#include "ike/header.h"

/* The first IV of Phase 1: hash(g^xi | g^xr), cut to the block. */
void protect_iv_phase1(struct crypto *crypto, enum hash_algorithm hash,
		       enum cipher_algorithm cipher, struct octets g_xi, struct octets g_xr,
		       uint8_t iv[CIPHER_MAX_BLOCK]);
/* The first IV of a later exchange: hash(last ciphertext block of Phase 1 | message ID), cut to the block. */
void protect_iv_message(struct crypto *crypto, enum hash_algorithm hash,
			enum cipher_algorithm cipher, const uint8_t *last_block,
			uint32_t message_id, uint8_t iv[CIPHER_MAX_BLOCK]);

/* HASH(1) = prf(SKEYID_a, message ID | everything after the HASH payload, without padding). */
void protect_hash_1(struct crypto *crypto, enum hash_algorithm hash, const uint8_t *skeyid_a,
		    uint32_t message_id, struct octets rest, uint8_t *out);

/* Of Quick Mode's later messages (RFC 2409 section 5.5): HASH(2) = prf(SKEYID_a, message ID | Ni_b | everything after it). */
void protect_hash_2(struct crypto *crypto, enum hash_algorithm hash, const uint8_t *skeyid_a,
		    uint32_t message_id, struct octets ni_b, struct octets rest, uint8_t *out);
/* HASH(3) = prf(SKEYID_a, 0 | message ID | Ni_b | Nr_b), the 0 in one octet. */
void protect_hash_3(struct crypto *crypto, enum hash_algorithm hash, const uint8_t *skeyid_a,
		    uint32_t message_id, struct octets ni_b, struct octets nr_b, uint8_t *out);

/*
 * Encrypts a finished message in place: pads with zeros to the block, sets the encryption flag and the header's length,
 * and leaves the last ciphertext block in `iv` (which is where the chain goes on).  False: no room for the padding.
 */
bool protect_encrypt(struct crypto *crypto, enum cipher_algorithm cipher, const uint8_t *key,
		     uint8_t iv[CIPHER_MAX_BLOCK], struct wire_writer *message) IKE_MUST_USE;

/*
 * Decrypts what follows the header of `datagram` into `out` (of at least datagram.length octets), header copied as it is.
 * `iv` is not changed; the last ciphertext block goes to `next_iv`: advance a running IV only after the message has
 * proved sane (RFC 2409 section 10).
 */
enum ike_verdict protect_decrypt(struct crypto *crypto, enum cipher_algorithm cipher,
				 const uint8_t *key, const uint8_t iv[CIPHER_MAX_BLOCK],
				 struct octets datagram, uint8_t *out,
				 uint8_t next_iv[CIPHER_MAX_BLOCK]) IKE_MUST_USE;

#endif
