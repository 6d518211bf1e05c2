/* SPDX-License-Identifier: ISC */
#include "tests/sim/papers.h"

#include <assert.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "tests/sim/scenario.h"
#include "tests/support/pki.h"

/*
 * pki.c makes certificates within a test of Check, and this is a program; and its authorities sign with ECDSA, of which no two
 * signatures are the same, nor always of the same length.  Here everything is RSA: the same seed is the same run on every machine.
 */
#define ROOM 8192

_Static_assert(PAPERS_CALENDAR == PKI_NOW, "the certificates are valid around this time");

/* Two nodes that talk with each other never have the same key, but for a third of the larger scenarios' pairs. */
static const enum pki_key node_key[] = {PKI_RSA, PKI_RSA_OTHER};
#define ROOT_KEY    PKI_RSA_EXPONENT_3
#define BETWEEN_KEY PKI_RSA_EXPONENT_3
#define STRANGE_KEY PKI_RSA

static EVP_PKEY *key_of(enum pki_key key)
{
	BIO *reader = BIO_new_mem_buf(pki_key_pem(key), -1);
	EVP_PKEY *made = PEM_read_bio_PrivateKey(reader, NULL, NULL, NULL);

	BIO_free(reader);
	assert(made != NULL);
	return made;
}

static void name(X509_NAME *name, const char *common)
{
	int done = X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					      (const unsigned char *)common, -1, -1, 0);

	assert(done == 1);
}

static void extend(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	int done;

	assert(extension != NULL);
	done = X509_add_ext(certificate, extension, -1);
	assert(done == 1);
	X509_EXTENSION_free(extension);
}

/* `subject` signed by `issuer`; an authority where it speaks for no name. */
static void add(char *text, const char *subject, enum pki_key key, const char *issuer,
		enum pki_key signer, const char *speaks_for, int64_t until)
{
	X509 *certificate = X509_new();
	EVP_PKEY *own = key_of(key), *signing = key_of(signer);
	BIO *writer = BIO_new(BIO_s_mem());
	size_t used = strlen(text);
	int length;

	assert(certificate != NULL && writer != NULL);
	X509_set_version(certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate),
			 (long)strlen(subject) * 256 + subject[0]);
	ASN1_TIME_set(X509_getm_notBefore(certificate), until - 2 * PKI_YEAR);
	ASN1_TIME_set(X509_getm_notAfter(certificate), until);
	name(X509_get_subject_name(certificate), subject);
	name(X509_get_issuer_name(certificate), issuer);
	X509_set_pubkey(certificate, own);
	extend(certificate, NID_key_usage,
	       speaks_for != NULL ? "digitalSignature" : "critical,keyCertSign,cRLSign");
	extend(certificate, speaks_for != NULL ? NID_subject_alt_name : NID_basic_constraints,
	       speaks_for != NULL ? speaks_for : "critical,CA:TRUE");
	length = X509_sign(certificate, signing, EVP_sha256());
	assert(length > 0);
	length = PEM_write_bio_X509(writer, certificate);
	assert(length == 1);
	length = BIO_read(writer, text + used, (int)(ROOM - used - 1));
	assert(length > 0);
	text[used + (size_t)length] = '\0';
	BIO_free(writer);
	EVP_PKEY_free(own);
	EVP_PKEY_free(signing);
	X509_free(certificate);
}

/*
 * Its certificate and the one between it and the authority: two fragments.  The odd ones' alternative names are many, as a busy
 * gateway's, which makes it three.
 */
static void make_chain(unsigned node, enum papers kind, char *certificates, char *authorities)
{
	const int64_t later = PAPERS_CALENDAR + PKI_YEAR;
	const int64_t before = PAPERS_CALENDAR - PKI_DAY;
	char subject[] = "a.node", names[3000];
	int used;

	subject[0] = (char)('a' + node);
	used = snprintf(names, sizeof(names), "DNS:%s",
			kind == PAPERS_OTHER_NAME ? "z.node" : subject);
	for (unsigned i = 0; node % 2 == 1 && i < 40; i++)
		used += snprintf(names + used, sizeof(names) - (size_t)used,
				 ",DNS:also-known-as-%02u.%s", i, subject);
	add(certificates, subject, node_key[node % 2], "between", BETWEEN_KEY, names,
	    kind == PAPERS_EXPIRED ? before : later);
	add(certificates, "between", BETWEEN_KEY, "root",
	    kind == PAPERS_STRANGE ? STRANGE_KEY : ROOT_KEY, NULL, later);
	add(authorities, "root", ROOT_KEY, "root", ROOT_KEY, NULL, later);
}

const struct credentials *papers_of(unsigned node, enum papers kind)
{
	static struct credentials *made[PAPERS][SIM_NODES];
	char certificates[ROOM] = "", authorities[ROOM] = "", why[256];
	const char *key = pki_key_pem(node_key[node % 2]);

	assert(node < SIM_NODES && kind < PAPERS);
	if (made[kind][node] != NULL)
		return made[kind][node];
	make_chain(node, kind, certificates, authorities);
	made[kind][node] = credentials_new(
	    &(struct credentials_text){.key = octets_of(key, strlen(key)),
				       .certificates =
					   octets_of(certificates, strlen(certificates)),
				       .authorities = octets_of(authorities, strlen(authorities))},
	    why, sizeof(why));
	assert(made[kind][node] != NULL);
	return made[kind][node];
}
