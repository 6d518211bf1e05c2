/* SPDX-License-Identifier: ISC */
/*
 * packet_cipher.c - HMAC on OpenSSL's functions of one digest each, for the reason that hash.c gives: EVP allocates at every start.
 * The states after the two padded keys (RFC 2104) are kept, and copied for every packet: that saves two of the compressions that
 * a short packet would pay for.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/packet_cipher.h"

#include <assert.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/md5.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <string.h>

#include "crypto/secret.h"

#define HMAC_BLOCK 64 /* octets, of all three digests */
#define INNER_PAD  0x36
#define OUTER_PAD  0x5c

static const struct {
	const char *name; /* OpenSSL's */
	size_t key_length, block;
	bool gcm;
} encryptions[PACKET_ENCRYPTIONS] = {
    [PACKET_NULL] = {NULL, 0, 1, false},
    [PACKET_3DES_CBC] = {"DES-EDE3-CBC", 24, 8, false},
    [PACKET_AES_128_CBC] = {"AES-128-CBC", 16, 16, false},
    [PACKET_AES_192_CBC] = {"AES-192-CBC", 24, 16, false},
    [PACKET_AES_256_CBC] = {"AES-256-CBC", 32, 16, false},
    [PACKET_AES_128_GCM] = {"AES-128-GCM", 16, 1, true},
    [PACKET_AES_192_GCM] = {"AES-192-GCM", 24, 1, true},
    [PACKET_AES_256_GCM] = {"AES-256-GCM", 32, 1, true},
};

static const size_t digest_lengths[PACKET_AUTHENTICATIONS] = {
    [PACKET_NO_HMAC] = 0,
    [PACKET_HMAC_MD5] = MD5_DIGEST_LENGTH,
    [PACKET_HMAC_SHA1] = SHA_DIGEST_LENGTH,
    [PACKET_HMAC_SHA2_256] = SHA256_DIGEST_LENGTH,
};

union state {
	MD5_CTX md5;
	SHA_CTX sha1;
	SHA256_CTX sha2_256;
};

struct packet_cipher {
	enum packet_encryption encryption;
	enum packet_authentication authentication;
	enum packet_direction direction;
	EVP_CIPHER_CTX *context;  /* NULL: nothing is encrypted */
	union state inner, outer; /* after the padded key */
};

size_t packet_encryption_key_length(enum packet_encryption encryption)
{
	assert((size_t)encryption < PACKET_ENCRYPTIONS);
	return encryptions[encryption].key_length;
}

size_t packet_encryption_block(enum packet_encryption encryption)
{
	assert((size_t)encryption < PACKET_ENCRYPTIONS);
	return encryptions[encryption].block;
}

bool packet_encryption_is_gcm(enum packet_encryption encryption)
{
	assert((size_t)encryption < PACKET_ENCRYPTIONS);
	return encryptions[encryption].gcm;
}

size_t packet_digest_length(enum packet_authentication authentication)
{
	assert((size_t)authentication < PACKET_AUTHENTICATIONS);
	return digest_lengths[authentication];
}

/* ---- HMAC ---------------------------------------------------------------------------------------------------------- */

static void state_add(union state *state, enum packet_authentication authentication,
		      const uint8_t *data, size_t length)
{
	int done = 0;

	switch (authentication) {
	case PACKET_NO_HMAC:
		break;
	case PACKET_HMAC_MD5:
		done = MD5_Update(&state->md5, data, length);
		break;
	case PACKET_HMAC_SHA1:
		done = SHA1_Update(&state->sha1, data, length);
		break;
	case PACKET_HMAC_SHA2_256:
		done = SHA256_Update(&state->sha2_256, data, length);
		break;
	}
	assert(done == 1);
}

static void state_end(union state *state, enum packet_authentication authentication, uint8_t *out)
{
	int done = 0;

	switch (authentication) {
	case PACKET_NO_HMAC:
		break;
	case PACKET_HMAC_MD5:
		done = MD5_Final(out, &state->md5);
		break;
	case PACKET_HMAC_SHA1:
		done = SHA1_Final(out, &state->sha1);
		break;
	case PACKET_HMAC_SHA2_256:
		done = SHA256_Final(out, &state->sha2_256);
		break;
	}
	assert(done == 1);
}

static void state_begin(union state *state, enum packet_authentication authentication,
			struct octets key, uint8_t pad)
{
	uint8_t block[HMAC_BLOCK];
	int done = 0;

	switch (authentication) {
	case PACKET_NO_HMAC:
		return;
	case PACKET_HMAC_MD5:
		done = MD5_Init(&state->md5);
		break;
	case PACKET_HMAC_SHA1:
		done = SHA1_Init(&state->sha1);
		break;
	case PACKET_HMAC_SHA2_256:
		done = SHA256_Init(&state->sha2_256);
		break;
	}
	assert(done == 1);
	memset(block, pad, sizeof(block));
	for (size_t i = 0; i < key.length; i++)
		block[i] ^= key.data[i];
	state_add(state, authentication, block, sizeof(block));
	secret_wipe(block, sizeof(block));
}

void packet_cipher_digest(const struct packet_cipher *cipher, struct octets data,
			  uint8_t out[PACKET_DIGEST_MAX])
{
	union state state = cipher->inner;

	state_add(&state, cipher->authentication, data.data, data.length);
	state_end(&state, cipher->authentication, out);
	state = cipher->outer;
	state_add(&state, cipher->authentication, out, digest_lengths[cipher->authentication]);
	state_end(&state, cipher->authentication, out);
}

/* ---- making and ending --------------------------------------------------------------------------------------------- */

static bool key_context(struct packet_cipher *cipher, struct octets key)
{
	unsigned none = 0;
	const OSSL_PARAM no_padding[] = {
	    OSSL_PARAM_construct_uint(OSSL_CIPHER_PARAM_PADDING, &none),
	    OSSL_PARAM_construct_end(),
	};
	EVP_CIPHER *fetched;
	bool keyed;

	if (encryptions[cipher->encryption].name == NULL)
		return true;
	fetched = EVP_CIPHER_fetch(NULL, encryptions[cipher->encryption].name, NULL);
	cipher->context = EVP_CIPHER_CTX_new();
	keyed = fetched != NULL && cipher->context != NULL &&
		EVP_CipherInit_ex2(cipher->context, fetched, key.data, NULL, (int)cipher->direction,
				   NULL) == 1 &&
		(encryptions[cipher->encryption].gcm ||
		 EVP_CIPHER_CTX_set_params(cipher->context, no_padding) == 1);
	EVP_CIPHER_free(fetched); /* the context holds its own reference */
	return keyed;
}

struct packet_cipher *packet_cipher_new(enum packet_encryption encryption, struct octets key,
					enum packet_authentication authentication,
					struct octets authentication_key,
					enum packet_direction direction)
{
	struct packet_cipher *cipher;

	assert(key.length == packet_encryption_key_length(encryption));
	assert(authentication_key.length <= HMAC_BLOCK);
	cipher = OPENSSL_zalloc(sizeof(*cipher));
	if (cipher == NULL)
		return NULL;
	cipher->encryption = encryption;
	cipher->authentication = authentication;
	cipher->direction = direction;
	state_begin(&cipher->inner, authentication, authentication_key, INNER_PAD);
	state_begin(&cipher->outer, authentication, authentication_key, OUTER_PAD);
	if (!key_context(cipher, key)) {
		packet_cipher_free(cipher);
		return NULL;
	}
	return cipher;
}

void packet_cipher_free(struct packet_cipher *cipher)
{
	if (cipher == NULL)
		return;
	EVP_CIPHER_CTX_free(cipher->context); /* wipes the key schedule */
	OPENSSL_clear_free(cipher, sizeof(*cipher));
}

/* ---- packets ------------------------------------------------------------------------------------------------------- */

/* The key stays; -1: so does the direction. */
static void begin(const struct packet_cipher *cipher, const uint8_t *iv)
{
	int done = EVP_CipherInit_ex2(cipher->context, NULL, NULL, iv, -1, NULL);

	assert(done == 1);
}

static void update(const struct packet_cipher *cipher, uint8_t *out, const uint8_t *in,
		   size_t length)
{
	int written = 0, done;

	assert(length <= INT_MAX);
	done = EVP_CipherUpdate(cipher->context, out, &written, in, (int)length);
	assert(done == 1 && (size_t)written == length);
}

void packet_cipher_crypt(struct packet_cipher *cipher, const uint8_t *iv, uint8_t *data,
			 size_t length)
{
	assert(!encryptions[cipher->encryption].gcm);
	assert(length % encryptions[cipher->encryption].block == 0);
	if (cipher->context == NULL || length == 0)
		return;
	begin(cipher, iv);
	update(cipher, data, data, length);
}

void packet_cipher_seal(struct packet_cipher *cipher, const uint8_t nonce[PACKET_NONCE_LENGTH],
			struct octets beside, uint8_t *data, size_t length,
			uint8_t tag[PACKET_TAG_LENGTH])
{
	int written = 0, done;

	assert(encryptions[cipher->encryption].gcm && cipher->direction == PACKET_SEALED);
	begin(cipher, nonce);
	update(cipher, NULL, beside.data, beside.length);
	update(cipher, data, data, length);
	done = EVP_CipherFinal_ex(cipher->context, data + length, &written);
	assert(done == 1 && written == 0);
	done = EVP_CIPHER_CTX_ctrl(cipher->context, EVP_CTRL_AEAD_GET_TAG, PACKET_TAG_LENGTH, tag);
	assert(done == 1);
}

bool packet_cipher_open(struct packet_cipher *cipher, const uint8_t nonce[PACKET_NONCE_LENGTH],
			struct octets beside, uint8_t *data, size_t length,
			const uint8_t tag[PACKET_TAG_LENGTH])
{
	uint8_t expected[PACKET_TAG_LENGTH];
	int written = 0, done;

	assert(encryptions[cipher->encryption].gcm && cipher->direction == PACKET_OPENED);
	memcpy(expected, tag, sizeof(expected));
	begin(cipher, nonce);
	done = EVP_CIPHER_CTX_ctrl(cipher->context, EVP_CTRL_AEAD_SET_TAG, PACKET_TAG_LENGTH,
				   expected);
	assert(done == 1);
	update(cipher, NULL, beside.data, beside.length);
	update(cipher, data, data, length);
	return EVP_CipherFinal_ex(cipher->context, data + length, &written) == 1;
}
