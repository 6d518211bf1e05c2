/* SPDX-License-Identifier: ISC */
/*
 * credentials_openssl.h - what struct credentials is made of, and what its sources ask of each other.  Private to the .c
 * files of this folder.
 */
#ifndef CRYPTO_CREDENTIALS_OPENSSL_H
#define CRYPTO_CREDENTIALS_OPENSSL_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "crypto/credentials.h"

struct credentials {
	EVP_PKEY *key; /* NULL: can only verify */
	enum signature_kind kind;
	X509 *certificate[CERTIFICATES_MAX]; /* ours first */
	uint8_t *der[CERTIFICATES_MAX];      /* the same, OpenSSL's memory */
	size_t der_length[CERTIFICATES_MAX];
	size_t certificates;
	STACK_OF(X509) * authorities; /* in the order of the text */
	X509_STORE *store;            /* them again, and the lists */
	bool revocations;             /* there are lists, so every certificate must be covered */
	bool lists_end;               /* one of them says when the next is due: then */
	int64_t lists_until;          /* the earliest of these, seconds since 1970 */
};

/* ---- signature.c ---- */

/* Of a key, private or public; false: IKE cannot use it. */
bool signature_kind_of(EVP_PKEY *key, enum signature_kind *kind)
    __attribute__((warn_unused_result));
size_t signature_make(EVP_PKEY *key, enum signature_kind kind, struct octets hash,
		      uint8_t signature[SIGNATURE_MAX_LENGTH]) __attribute__((warn_unused_result));
/* `kind` is the key's. */
bool signature_good(EVP_PKEY *key, enum signature_kind kind, struct octets hash,
		    struct octets signature) __attribute__((warn_unused_result));

/* ---- certificate.c ---- */

/* DER with nothing behind it, at most CERTIFICATE_MAX octets; NULL: it is not that. */
X509 *certificate_parse(struct octets der) __attribute__((warn_unused_result));
/* Its extensions let its key sign in IKE (RFC 4945 sections 5.1.3.2 and 5.1.3.12). */
bool certificate_may_sign(X509 *certificate) __attribute__((warn_unused_result));

#endif
