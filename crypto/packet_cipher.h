/* SPDX-License-Identifier: ISC */
/*
 * packet_cipher.h - keyed contexts for one direction of one SA whose packets come by the thousand: what encrypts them and what
 * authenticates them.  How a packet is laid out, and what of it goes into which of these, is for whoever calls.
 *
 * Elsewhere in this folder keys stay raw and are given to a scratch context at every operation, because there may be a million
 * SAs.  Here the key schedule and the two keyed states of HMAC are computed once, because a packet would otherwise pay for them
 * again.  Nothing but packet_cipher_new() allocates.  Not to be shared by threads.
 */
#ifndef CRYPTO_PACKET_CIPHER_H
#define CRYPTO_PACKET_CIPHER_H

#include <stdbool.h>

#include "crypto/octets.h"

enum packet_encryption {
	PACKET_NULL, /* leaves everything as it is */
	PACKET_3DES_CBC,
	PACKET_AES_128_CBC,
	PACKET_AES_192_CBC,
	PACKET_AES_256_CBC,
	PACKET_AES_128_GCM, /* authenticates as well; PACKET_NO_HMAC goes with it */
	PACKET_AES_192_GCM,
	PACKET_AES_256_GCM,
};
#define PACKET_ENCRYPTIONS 8

enum packet_authentication {
	PACKET_NO_HMAC,
	PACKET_HMAC_MD5,
	PACKET_HMAC_SHA1,
	PACKET_HMAC_SHA2_256,
};
#define PACKET_AUTHENTICATIONS 4

#define PACKET_DIGEST_MAX   32 /* octets: HMAC-SHA2-256 */
#define PACKET_NONCE_LENGTH 12 /* octets: GCM's */
#define PACKET_TAG_LENGTH   16 /* octets: GCM's */

size_t packet_encryption_key_length(enum packet_encryption encryption); /* octets; NULL: 0 */
size_t packet_encryption_block(
    enum packet_encryption
	encryption); /* octets that it takes at a time: 1, 8, 16; a CBC's IV has as many */
bool packet_encryption_is_gcm(enum packet_encryption encryption);
size_t packet_digest_length(enum packet_authentication authentication); /* octets; NO_HMAC: 0 */

enum packet_direction { PACKET_OPENED = 0, PACKET_SEALED = 1 };

struct packet_cipher;

/*
 * The key is packet_encryption_key_length() octets (an assertion), HMAC's at most 64.  Both are the caller's to wipe.  NULL: no
 * memory, or the library lacks the cipher.  What is keyed lies in OpenSSL's memory: guarded where crypto_guard_memory() was
 * called, and wiped by packet_cipher_free().
 */
struct packet_cipher *packet_cipher_new(enum packet_encryption encryption, struct octets key,
					enum packet_authentication authentication,
					struct octets authentication_key,
					enum packet_direction direction)
    __attribute__((warn_unused_result));
void packet_cipher_free(struct packet_cipher *cipher); /* NULL is allowed */

/* CBC and NULL, in place, in the cipher's direction: whole blocks; `iv` has as many octets as a block and stays as it was. */
void packet_cipher_crypt(struct packet_cipher *cipher, const uint8_t *iv, uint8_t *data,
			 size_t length);
/* HMAC, all of it: packet_digest_length() octets, of which the caller takes what its protocol takes. */
void packet_cipher_digest(const struct packet_cipher *cipher, struct octets data,
			  uint8_t out[PACKET_DIGEST_MAX]);

/* GCM, in place: `beside` is authenticated and not encrypted.  The nonce must never be used again with this key. */
void packet_cipher_seal(struct packet_cipher *cipher, const uint8_t nonce[PACKET_NONCE_LENGTH],
			struct octets beside, uint8_t *data, size_t length,
			uint8_t tag[PACKET_TAG_LENGTH]);
/* False: the tag is wrong (compared in constant time), and `data` is worth nothing. */
bool packet_cipher_open(struct packet_cipher *cipher, const uint8_t nonce[PACKET_NONCE_LENGTH],
			struct octets beside, uint8_t *data, size_t length,
			const uint8_t tag[PACKET_TAG_LENGTH]) __attribute__((warn_unused_result));

#endif
