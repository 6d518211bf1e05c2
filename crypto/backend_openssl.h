/* SPDX-License-Identifier: ISC */
/*
 * backend_openssl.h - what struct crypto is made of.  Private to the .c files of this folder: it is the one header that
 * shows OpenSSL's types.
 *
 * A primitive that has something to make before its first operation has a pair of functions for it here, and keeps it in
 * a table indexed by its own enum.
 */
#ifndef CRYPTO_BACKEND_OPENSSL_H
#define CRYPTO_BACKEND_OPENSSL_H

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <stdbool.h>

#include "crypto/backend.h"
#include "crypto/cbc.h"
#include "crypto/dh.h"
#include "crypto/hash.h"

#define HASH_MAX_BLOCK 128 /* octets that SHA2-384 and SHA2-512 take at a time */

struct crypto {
	/* One digest is computed at a time.  SHA2-384 is SHA2-512 from another start and cut short: it shares the context. */
	union {
		MD5_CTX md5;
		SHA_CTX sha1;
		SHA256_CTX sha2_256;
		SHA512_CTX sha2_512;
	} digest;

	/* Fetched once: by name at every operation, OpenSSL takes a lock and allocates. */
	EVP_CIPHER_CTX *ciphers[CIPHER_ALGORITHMS]; /* both directions */

	/* What is computed once for a group; read only afterwards.  The MODP groups have the first three, a curve the last. */
	struct dh_arithmetic {
		BIGNUM *prime;
		BIGNUM *prime_less_one;
		BN_MONT_CTX *montgomery;
		EC_GROUP *curve;
	} dh[DH_GROUPS];
};

/* Each fills its part of a zeroed struct crypto; false when the library refuses, and then _free() takes what there is. */
bool cbc_contexts_new(struct crypto *crypto) __attribute__((warn_unused_result));
void cbc_contexts_free(struct crypto *crypto);
bool dh_arithmetic_new(struct crypto *crypto) __attribute__((warn_unused_result));
void dh_arithmetic_free(struct crypto *crypto);

/* A digest in pieces, for prf: begin, add any number of times, end.  end writes hash_length() octets. */
void digest_begin(struct crypto *crypto, enum hash_algorithm algorithm);
void digest_add(struct crypto *crypto, enum hash_algorithm algorithm, struct octets part);
void digest_end(struct crypto *crypto, enum hash_algorithm algorithm, uint8_t *out);

size_t
hash_block_length(enum hash_algorithm algorithm); /* octets: 64 or 128; HMAC pads its key to it */

#endif
