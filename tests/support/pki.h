/* SPDX-License-Identifier: ISC */
/*
 * pki.h - authorities, certificates and revocation lists for tests.  The keys are always the same, so that what is signed
 * with RSA is the same in every run.  Everything fails the test that cannot be made.
 */
#ifndef TESTS_SUPPORT_PKI_H
#define TESTS_SUPPORT_PKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/credentials.h"

enum pki_key {
	PKI_RSA, /* 2048 bits */
	PKI_RSA_OTHER,
	PKI_RSA_EXPONENT_3,
	PKI_RSA_1024,
	PKI_RSA_768,
	PKI_RSA_PSS,
	PKI_P256,
	PKI_P256_OTHER,
	PKI_P384,
	PKI_P521,
	PKI_P224,
	PKI_ED25519,
	PKI_ROOT,    /* P-256, for an authority */
	PKI_BETWEEN, /* P-256, for one below it */
	PKI_KEYS
};

const char *pki_key_pem(enum pki_key key);

#define PKI_NOW  INT64_C(1000000000) /* a calendar for tests: September 2001 */
#define PKI_DAY  INT64_C(86400)
#define PKI_YEAR (365 * PKI_DAY)

/* What is to be in a certificate.  What is left 0 or NULL is left out, but where it says otherwise. */
struct pki_wish {
	enum pki_key key;
	const char *subject; /* "CN=gw.example, O=lab" */
	const char *
	    alternative; /* "DNS:gw.example,IP:10.0.0.1,email:a@b", as OpenSSL's configuration has it */
	struct octets alternative_der; /* in its place: GeneralNames as they are to stand there */
	const char *constraints;       /* "critical,CA:TRUE,pathlen:0" */
	const char *usage;             /* "critical,digitalSignature" */
	const char *extended;          /* "serverAuth" */
	const char *names;             /* name constraints: "permitted;DNS:.example" */
	bool unknown;                  /* a critical extension that nobody knows */
	const char *digest;            /* NULL: SHA2-256 */
	int64_t from, until;           /* 0: a year before and after PKI_NOW */
	long serial;
};

struct pki_certificate {
	enum pki_key key;
	uint8_t der[CERTIFICATE_MAX];
	size_t length;
};

#define PKI_PEM_MAX 12000 /* octets of any PEM text made here, terminated */

/* Signed by `issuer`; NULL: by itself. */
void pki_make(struct pki_certificate *made, const struct pki_wish *wish,
	      const struct pki_certificate *issuer);
/* "CN=root, O=lab", valid from ten years before PKI_NOW to ten years after. */
void pki_root(struct pki_certificate *made);
/* "CN=between, O=lab", below that. */
void pki_between(struct pki_certificate *made, const struct pki_certificate *root);
struct octets pki_der(const struct pki_certificate *certificate);

/* Adds it to a PEM text of PKI_PEM_MAX octets. */
void pki_add_pem(char *text, const struct pki_certificate *certificate);
/* Adds a list of its issuer's with these serial numbers on it, valid from then until then. */
void pki_add_list(char *text, const struct pki_certificate *issuer, const long *serials,
		  size_t count, int64_t from, int64_t until);

struct octets pki_text(const char *text); /* of a string, as struct credentials_text has it */

/*
 * Credentials of a gateway: "CN=<name>, O=lab" and dNSName <name>, from pki_root(), whom they also believe.  The other end
 * has `other` true: keys of its own.  Valid around PKI_NOW.
 */
struct credentials *pki_credentials(const char *name, enum signature_kind kind, bool other);

#endif
