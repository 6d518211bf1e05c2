/* SPDX-License-Identifier: ISC */
#include "crypto/cbc.h"

#include <assert.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

#include "crypto/backend_openssl.h"

static const struct {
	const char *name; /* OpenSSL's */
	size_t key_length;
	size_t block_length;
} ciphers[CIPHER_ALGORITHMS] = {
    [CIPHER_3DES] = {"DES-EDE3-CBC", 24, 8},
    [CIPHER_AES_128] = {"AES-128-CBC", 16, 16},
    [CIPHER_AES_192] = {"AES-192-CBC", 24, 16},
    [CIPHER_AES_256] = {"AES-256-CBC", 32, 16},
};

enum direction { DECRYPT = 0, ENCRYPT = 1 }; /* as EVP_CipherInit_ex2() counts */

size_t cipher_key_length(enum cipher_algorithm algorithm)
{
	assert((size_t)algorithm < CIPHER_ALGORITHMS);
	return ciphers[algorithm].key_length;
}

size_t cipher_block_length(enum cipher_algorithm algorithm)
{
	assert((size_t)algorithm < CIPHER_ALGORITHMS);
	return ciphers[algorithm].block_length;
}

/*
 * Not by EVP_CIPHER_CTX_set_padding(): OpenSSL would then do it anew at every operation, which is a ninth of what the cryptography of
 * an R-U-THERE costs.
 */
static bool leave_padding_to_us(EVP_CIPHER_CTX *context)
{
	unsigned none = 0;
	const OSSL_PARAM parameters[] = {
	    OSSL_PARAM_construct_uint(OSSL_CIPHER_PARAM_PADDING, &none),
	    OSSL_PARAM_construct_end(),
	};

	return EVP_CIPHER_CTX_set_params(context, parameters) == 1;
}

bool cbc_contexts_new(struct crypto *crypto)
{
	bool made = true;

	for (size_t i = 0; i < CIPHER_ALGORITHMS && made; i++) {
		EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, ciphers[i].name, NULL);

		/* Binds the algorithm and allocates its state; key, IV and direction come with every operation. */
		crypto->ciphers[i] = EVP_CIPHER_CTX_new();
		made = cipher != NULL && crypto->ciphers[i] != NULL &&
		       EVP_CipherInit_ex2(crypto->ciphers[i], cipher, NULL, NULL, ENCRYPT, NULL) ==
			   1 &&
		       leave_padding_to_us(crypto->ciphers[i]);
		EVP_CIPHER_free(cipher); /* the context holds its own reference */
	}
	return made;
}

void cbc_contexts_free(struct crypto *crypto)
{
	for (size_t i = 0; i < CIPHER_ALGORITHMS; i++)
		EVP_CIPHER_CTX_free(crypto->ciphers[i]);
}

static void cbc(struct crypto *crypto, enum cipher_algorithm algorithm, const uint8_t *key,
		const uint8_t *iv, uint8_t *data, size_t length, enum direction direction)
{
	EVP_CIPHER_CTX *context;
	int done, written = 0;

	assert((size_t)algorithm < CIPHER_ALGORITHMS);
	assert(length > 0 && length <= INT_MAX && length % ciphers[algorithm].block_length == 0);
	context = crypto->ciphers[algorithm];
	done = EVP_CipherInit_ex2(context, NULL, key, iv, direction, NULL);
	assert(done == 1);
	/* Whole blocks and no padding: everything comes out at once, and there is nothing left to finish. */
	done = EVP_CipherUpdate(context, data, &written, data, (int)length);
	assert(done == 1 && (size_t)written == length);
}

void cbc_encrypt(struct crypto *crypto, enum cipher_algorithm algorithm, const uint8_t *key,
		 const uint8_t *iv, uint8_t *data, size_t length)
{
	cbc(crypto, algorithm, key, iv, data, length, ENCRYPT);
}

void cbc_decrypt(struct crypto *crypto, enum cipher_algorithm algorithm, const uint8_t *key,
		 const uint8_t *iv, uint8_t *data, size_t length)
{
	cbc(crypto, algorithm, key, iv, data, length, DECRYPT);
}
