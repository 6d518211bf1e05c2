/* SPDX-License-Identifier: ISC */
/*
 * credentials.h - signatures and X.509 certificates, for Phase 1 authenticated by them (RFC 2409 section 5.1, RFC 4754).
 *
 * What belongs to us, a private key and the certificates that speak for it, and whom we believe, authorities and their
 * revocation lists, is one object, made from PEM texts and never changed.  Chains are built and verified by OpenSSL; nothing
 * here walks one, and nothing takes a signature apart: an RSA signature is compared as the whole block that PKCS #1 v1.5
 * makes of the hash, without DigestInfo (CVE-2018-16151).
 */
#ifndef CRYPTO_CREDENTIALS_H
#define CRYPTO_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/octets.h"

enum signature_kind {
	SIGNATURE_RSA, /* PKCS #1 v1.5 over the bare hash, as IKEv1 has it; keys of 1024 to 8192 bits */
	SIGNATURE_ECDSA_256, /* RFC 4754: r | s, each as long as the curve's order; with SHA2-256 */
	SIGNATURE_ECDSA_384, /* with SHA2-384 */
	SIGNATURE_ECDSA_521, /* with SHA2-512 */
};

#define SIGNATURE_MAX_LENGTH 1024 /* octets: RSA with 8192 bits */
#define CERTIFICATES_MAX     8    /* in one chain, as sent or received */
#define CERTIFICATE_MAX      8192 /* octets of DER of one certificate */

struct credentials;

/* PEM texts; an empty one means that there is none.  Without key and certificates one can only verify. */
struct credentials_text {
	struct octets key;          /* our private key, PKCS #8 or traditional, not encrypted */
	struct octets certificates; /* ours first, then those between it and the authority */
	struct octets authorities;  /* whom we believe */
	struct octets
	    revocations; /* lists of theirs; given one, every certificate in a chain must be covered by one */
};

/*
 * NULL: `why` says in one line what is wrong with which of the texts, for a person.  Checks that the key belongs to the first
 * certificate.  The key lives in memory that is wiped.
 */
struct credentials *credentials_new(const struct credentials_text *text, char *why,
				    size_t why_length) __attribute__((warn_unused_result));
void credentials_free(struct credentials *credentials); /* NULL is allowed */

bool credentials_can_sign(const struct credentials *credentials);
enum signature_kind credentials_kind(const struct credentials *credentials); /* of our key */
/* Our chain as DER, ours first, a self-signed root left out; views good until credentials_free().  Returns how many. */
size_t credentials_certificates(const struct credentials *credentials,
				struct octets certificate[CERTIFICATES_MAX]);
/* The subject names of those whom we believe, as DER, for certificate requests. */
size_t credentials_authorities(const struct credentials *credentials, struct octets *name,
			       size_t max);
/* The subject name of our certificate as DER, for an ID of type DER_ASN1_DN; empty where there is none. */
struct octets credentials_subject(const struct credentials *credentials);
/* From when until when our certificate is valid, in seconds since 1970; false: there is none. */
bool credentials_validity(const struct credentials *credentials, int64_t *from, int64_t *until)
    __attribute__((warn_unused_result));
/*
 * Until when all revocation lists are current, in seconds since 1970: afterwards whoever needs the first that is not is refused.
 * False: there are none, or none that says when the next one is due.
 */
bool credentials_lists_until(const struct credentials *credentials, int64_t *until)
    __attribute__((warn_unused_result));

/* Signs a hash (HASH_I, HASH_R).  Returns the length of the signature; 0: no key, or the library refuses. */
size_t credentials_sign(const struct credentials *credentials, struct octets hash,
			uint8_t signature[SIGNATURE_MAX_LENGTH])
    __attribute__((warn_unused_result));

/* ---- the peer's ---------------------------------------------------------------------------------------------------- */

enum certificate_verdict {
	CERTIFICATE_GOOD,
	CERTIFICATE_MALFORMED, /* not DER, trailing octets, too long */
	CERTIFICATE_UNTRUSTED, /* no chain to anybody whom we believe */
	CERTIFICATE_EXPIRED,   /* or not yet valid: one of the chain */
	CERTIFICATE_REVOKED,   /* or no current list covers it although lists are used */
	CERTIFICATE_WRONG_USE, /* a key usage that forbids signatures, or a key that is not of the kind */
	CERTIFICATE_OTHER_NAME, /* does not speak for this identity */
	CERTIFICATE_BAD_SIGNATURE,
};

/* The kinds of identity that a certificate can speak for (RFC 4945 section 3.1). */
enum certificate_name {
	CERTIFICATE_NAME_DNS,     /* subjectAltName dNSName, compared without case, no wildcards */
	CERTIFICATE_NAME_EMAIL,   /* rfc822Name: the part after the @ without case */
	CERTIFICATE_NAME_ADDRESS, /* iPAddress, 4 or 16 octets */
	CERTIFICATE_NAME_DN,      /* the subject itself, DER */
};

/* Whether our own certificate speaks for an identity, as the peer will ask; false where there is none. */
bool credentials_speak_for(const struct credentials *credentials, enum certificate_name name,
			   struct octets identity);

/*
 * Everything about a signature at once: that chain[0] chains to one whom we believe at `calendar` (seconds since 1970), that it
 * speaks for the identity, that its key is of the kind, and that the signature is its signature of the hash.  chain[1..] are only
 * offered for building.  No state is kept.  The order of the checks is that of the verdicts.
 */
enum certificate_verdict
credentials_verify(const struct credentials *credentials, const struct octets *chain, size_t count,
		   int64_t calendar, enum signature_kind kind, enum certificate_name name,
		   struct octets identity, struct octets hash, struct octets signature)
    __attribute__((warn_unused_result));

#endif
