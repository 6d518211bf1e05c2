/* SPDX-License-Identifier: ISC */
/*
 * cbc.h - block ciphers in CBC mode, without padding: IKEv1 pads by its own rule (RFC 2409 section 5).
 */
#ifndef CRYPTO_CBC_H
#define CRYPTO_CBC_H

#include "crypto/backend.h"
#include "crypto/octets.h"

enum cipher_algorithm { CIPHER_3DES, CIPHER_AES_128, CIPHER_AES_192, CIPHER_AES_256 };

#define CIPHER_ALGORITHMS 4
#define CIPHER_MAX_KEY    32 /* octets */
#define CIPHER_MAX_BLOCK  16 /* octets */

size_t cipher_key_length(enum cipher_algorithm algorithm);   /* octets: 24, 16, 24, 32 */
size_t cipher_block_length(enum cipher_algorithm algorithm); /* octets: 8 or 16 */

/*
 * In place.  key is cipher_key_length() octets, iv cipher_block_length() octets and left as it was; length is a multiple
 * of the block length and not 0 (an assertion: callers check what came from the network first).
 */
void cbc_encrypt(struct crypto *crypto, enum cipher_algorithm algorithm, const uint8_t *key,
		 const uint8_t *iv, uint8_t *data, size_t length);
void cbc_decrypt(struct crypto *crypto, enum cipher_algorithm algorithm, const uint8_t *key,
		 const uint8_t *iv, uint8_t *data, size_t length);

#endif
