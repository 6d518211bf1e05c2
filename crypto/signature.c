/* SPDX-License-Identifier: ISC */
/*
 * Signatures of a hash, as IKEv1 has them: RSA with the padding of PKCS #1 v1.5 around the bare hash (RFC 2409 section 5.1
 * calls it a private key encryption), ECDSA as two numbers of fixed width (RFC 4754 section 7).
 */
#include "crypto/credentials_openssl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#define RSA_LEAST_BITS 1024
#define RSA_MOST_BITS  8192
#define HASH_MOST      64  /* octets: SHA2-512 */
#define ECDSA_DER_MOST 160 /* octets: two numbers of 67, three heads */

static const struct {
	const char *name; /* OpenSSL's */
	enum signature_kind kind;
	int width; /* octets of r, and of s */
} curves[] = {
    {SN_X9_62_prime256v1, SIGNATURE_ECDSA_256, 32},
    {SN_secp384r1, SIGNATURE_ECDSA_384, 48},
    {SN_secp521r1, SIGNATURE_ECDSA_521, 66},
};

#define CURVES (sizeof(curves) / sizeof(curves[0]))

static int width_of(enum signature_kind kind)
{
	for (size_t i = 0; i < CURVES; i++)
		if (curves[i].kind == kind)
			return curves[i].width;
	return 0;
}

/* With the exponent 1 everything is a signature of itself; an even one has no inverse. */
static bool rsa_is_usable(EVP_PKEY *key)
{
	const int bits = EVP_PKEY_get_bits(key);
	BIGNUM *exponent = NULL;
	bool usable;

	usable = bits >= RSA_LEAST_BITS && bits <= RSA_MOST_BITS &&
		 EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 &&
		 BN_is_odd(exponent) && !BN_is_one(exponent);
	BN_free(exponent);
	return usable;
}

bool signature_kind_of(EVP_PKEY *key, enum signature_kind *kind)
{
	char curve[32];

	if (EVP_PKEY_is_a(key, "RSA")) {
		*kind = SIGNATURE_RSA;
		return rsa_is_usable(key);
	}
	if (!EVP_PKEY_is_a(key, "EC") ||
	    EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL) != 1)
		return false;
	for (size_t i = 0; i < CURVES; i++)
		if (strcmp(curve, curves[i].name) == 0) {
			*kind = curves[i].kind;
			return true;
		}
	return false;
}

/* A context in which the hash stands for itself: no digest is named, so RSA puts no DigestInfo before it. */
static EVP_PKEY_CTX *context_new(EVP_PKEY *key, enum signature_kind kind,
				 int (*init)(EVP_PKEY_CTX *context))
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);

	if (context != NULL && (init(context) != 1 ||
				(kind == SIGNATURE_RSA &&
				 EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) != 1))) {
		EVP_PKEY_CTX_free(context);
		context = NULL;
	}
	return context;
}

/* ---- ECDSA: r | s here, DER in the library ---- */

static size_t ecdsa_to_wire(struct octets der, int width, uint8_t *signature)
{
	const unsigned char *at = der.data;
	ECDSA_SIG *numbers = d2i_ECDSA_SIG(NULL, &at, (long)der.length);
	size_t length = 0;

	if (numbers != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(numbers), signature, width) == width &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(numbers), signature + width, width) == width)
		length = 2 * (size_t)width;
	ECDSA_SIG_free(numbers);
	return length;
}

/* `der` has room for ECDSA_DER_MOST octets; returns how many there are, 0: no memory. */
static size_t ecdsa_from_wire(struct octets signature, int width, uint8_t *der)
{
	ECDSA_SIG *numbers = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(signature.data, width, NULL);
	BIGNUM *s = BN_bin2bn(signature.data + width, width, NULL);
	int length = 0;

	if (numbers == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(numbers, r, s) != 1) {
		BN_free(r);
		BN_free(s);
	} else {
		length = i2d_ECDSA_SIG(numbers, &der);
	}
	ECDSA_SIG_free(numbers);
	return length > 0 ? (size_t)length : 0;
}

/* ---- both ---- */

size_t signature_make(EVP_PKEY *key, enum signature_kind kind, struct octets hash,
		      uint8_t signature[SIGNATURE_MAX_LENGTH])
{
	uint8_t made[SIGNATURE_MAX_LENGTH];
	size_t length = sizeof(made);
	EVP_PKEY_CTX *context;
	bool signs;

	if (hash.length == 0 || hash.length > HASH_MOST)
		return 0;
	context = context_new(key, kind, EVP_PKEY_sign_init);
	signs =
	    context != NULL && EVP_PKEY_sign(context, made, &length, hash.data, hash.length) == 1;
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	if (!signs)
		return 0;
	if (kind != SIGNATURE_RSA)
		return ecdsa_to_wire(octets_of(made, length), width_of(kind), signature);
	memcpy(signature, made, length);
	return length;
}

bool signature_good(EVP_PKEY *key, enum signature_kind kind, struct octets hash,
		    struct octets signature)
{
	uint8_t der[ECDSA_DER_MOST];
	EVP_PKEY_CTX *context;
	bool good;

	if (hash.length == 0 || hash.length > HASH_MOST)
		return false;
	/* The library takes an RSA signature that is shorter than the modulus for one with zeros in front. */
	if (kind == SIGNATURE_RSA) {
		if (signature.length != (size_t)EVP_PKEY_get_size(key))
			return false;
	} else {
		if (signature.length != 2 * (size_t)width_of(kind))
			return false;
		signature = octets_of(der, ecdsa_from_wire(signature, width_of(kind), der));
	}
	context = context_new(key, kind, EVP_PKEY_verify_init);
	good =
	    context != NULL && signature.length > 0 &&
	    EVP_PKEY_verify(context, signature.data, signature.length, hash.data, hash.length) == 1;
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	return good;
}

size_t credentials_sign(const struct credentials *credentials, struct octets hash,
			uint8_t signature[SIGNATURE_MAX_LENGTH])
{
	if (credentials->key == NULL)
		return 0;
	return signature_make(credentials->key, credentials->kind, hash, signature);
}
