/* SPDX-License-Identifier: ISC */
#include "tests/support/pki.h"

#include <check.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "crypto/distinguished_name.h"

static EVP_PKEY *key_of(enum pki_key key)
{
	BIO *reader = BIO_new_mem_buf(pki_key_pem(key), -1);
	EVP_PKEY *made = PEM_read_bio_PrivateKey(reader, NULL, NULL, NULL);

	BIO_free(reader);
	ck_assert_ptr_nonnull(made);
	return made;
}

static X509 *parsed(const struct pki_certificate *certificate)
{
	const unsigned char *at = certificate->der;
	X509 *made = d2i_X509(NULL, &at, (long)certificate->length);

	ck_assert_ptr_nonnull(made);
	return made;
}

static void set_subject(X509 *made, const char *text)
{
	uint8_t der[1024];
	const unsigned char *at = der;
	size_t length;
	X509_NAME *name;

	ck_assert(distinguished_name_from_text(text, der, sizeof(der), &length));
	name = d2i_X509_NAME(NULL, &at, (long)length);
	ck_assert_ptr_nonnull(name);
	ck_assert_int_eq(X509_set_subject_name(made, name), 1);
	X509_NAME_free(name);
}

static void add_extension(X509 *made, X509V3_CTX *context, int nid, const char *value)
{
	X509_EXTENSION *extension;

	if (value == NULL)
		return;
	extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
	ck_assert_msg(extension != NULL, "no extension: %s", value);
	ck_assert_int_eq(X509_add_ext(made, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static void add_der(X509 *made, int nid, bool critical, struct octets der)
{
	ASN1_OCTET_STRING *string = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension;

	ck_assert_int_eq(ASN1_OCTET_STRING_set(string, der.data, (int)der.length), 1);
	extension = X509_EXTENSION_create_by_NID(NULL, nid, critical, string);
	ck_assert_ptr_nonnull(extension);
	ck_assert_int_eq(X509_add_ext(made, extension, -1), 1);
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(string);
}

static void add_extensions(X509 *made, const struct pki_wish *wish, X509 *issuer)
{
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, made, NULL, NULL, 0);
	add_extension(made, &context, NID_basic_constraints, wish->constraints);
	add_extension(made, &context, NID_key_usage, wish->usage);
	add_extension(made, &context, NID_ext_key_usage, wish->extended);
	add_extension(made, &context, NID_name_constraints, wish->names);
	add_extension(made, &context, NID_subject_alt_name, wish->alternative);
	if (wish->alternative_der.length > 0)
		add_der(made, NID_subject_alt_name, false, wish->alternative_der);
	/* a number that no verifier has a use for */
	if (wish->unknown)
		add_der(made, NID_ms_ctl_sign, true, octets_of("\x05\x00", 2));
}

/* Ed25519 brings its own digest. */
static const EVP_MD *digest_for(const struct pki_wish *wish, enum pki_key key)
{
	return key == PKI_ED25519
		   ? NULL
		   : EVP_get_digestbyname(wish->digest != NULL ? wish->digest : "sha256");
}

void pki_make(struct pki_certificate *made, const struct pki_wish *wish,
	      const struct pki_certificate *issuer)
{
	const enum pki_key signer = issuer != NULL ? issuer->key : wish->key;
	EVP_PKEY *key = key_of(wish->key), *signing = key_of(signer);
	X509 *certificate = X509_new(), *above = issuer != NULL ? parsed(issuer) : NULL;
	unsigned char *at = made->der;
	int length;

	ck_assert_ptr_nonnull(certificate);
	ck_assert_int_eq(X509_set_version(certificate, X509_VERSION_3), 1);
	ck_assert_int_eq(ASN1_INTEGER_set(X509_get_serialNumber(certificate), wish->serial), 1);
	ck_assert_ptr_nonnull(ASN1_TIME_set(X509_getm_notBefore(certificate),
					    wish->from != 0 ? wish->from : PKI_NOW - PKI_YEAR));
	ck_assert_ptr_nonnull(ASN1_TIME_set(X509_getm_notAfter(certificate),
					    wish->until != 0 ? wish->until : PKI_NOW + PKI_YEAR));
	if (wish->subject != NULL)
		set_subject(certificate, wish->subject);
	ck_assert_int_eq(
	    X509_set_issuer_name(certificate,
				 X509_get_subject_name(above != NULL ? above : certificate)),
	    1);
	ck_assert_int_eq(X509_set_pubkey(certificate, key), 1);
	add_extensions(certificate, wish, above != NULL ? above : certificate);
	ck_assert_int_gt(X509_sign(certificate, signing, digest_for(wish, signer)), 0);
	length = i2d_X509(certificate, NULL);
	ck_assert(length > 0 && length <= CERTIFICATE_MAX);
	made->length = (size_t)i2d_X509(certificate, &at);
	made->key = wish->key;
	X509_free(above);
	X509_free(certificate);
	EVP_PKEY_free(signing);
	EVP_PKEY_free(key);
}

void pki_root(struct pki_certificate *made)
{
	pki_make(made,
		 &(struct pki_wish){.key = PKI_ROOT,
				    .subject = "CN=root, O=lab",
				    .constraints = "critical,CA:TRUE",
				    .usage = "critical,keyCertSign,cRLSign",
				    .from = PKI_NOW - 10 * PKI_YEAR,
				    .until = PKI_NOW + 10 * PKI_YEAR,
				    .serial = 1},
		 NULL);
}

void pki_between(struct pki_certificate *made, const struct pki_certificate *root)
{
	pki_make(made,
		 &(struct pki_wish){.key = PKI_BETWEEN,
				    .subject = "CN=between, O=lab",
				    .constraints = "critical,CA:TRUE,pathlen:0",
				    .usage = "critical,keyCertSign,cRLSign",
				    .from = PKI_NOW - 5 * PKI_YEAR,
				    .until = PKI_NOW + 5 * PKI_YEAR,
				    .serial = 2},
		 root);
}

struct octets pki_der(const struct pki_certificate *certificate)
{
	return octets_of(certificate->der, certificate->length);
}

/* ---- PEM ----------------------------------------------------------------------------------------------------------- */

static void add_text(char *text, BIO *written)
{
	const size_t old = strlen(text);
	char *more;
	const long length = BIO_get_mem_data(written, &more);

	ck_assert(length > 0 && old + (size_t)length < PKI_PEM_MAX);
	memcpy(text + old, more, (size_t)length);
	text[old + (size_t)length] = '\0';
	BIO_free(written);
}

void pki_add_pem(char *text, const struct pki_certificate *certificate)
{
	BIO *writer = BIO_new(BIO_s_mem());
	X509 *made = parsed(certificate);

	ck_assert_int_eq(PEM_write_bio_X509(writer, made), 1);
	X509_free(made);
	add_text(text, writer);
}

static void revoke(X509_CRL *list, long serial, const ASN1_TIME *when)
{
	X509_REVOKED *revoked = X509_REVOKED_new();
	ASN1_INTEGER *number = ASN1_INTEGER_new();

	ck_assert_int_eq(ASN1_INTEGER_set(number, serial), 1);
	ck_assert_int_eq(X509_REVOKED_set_serialNumber(revoked, number), 1);
	ck_assert_int_eq(X509_REVOKED_set_revocationDate(revoked, (ASN1_TIME *)(uintptr_t)when), 1);
	ck_assert_int_eq(X509_CRL_add0_revoked(list, revoked), 1);
	ASN1_INTEGER_free(number);
}

void pki_add_list(char *text, const struct pki_certificate *issuer, const long *serials,
		  size_t count, int64_t from, int64_t until)
{
	X509_CRL *list = X509_CRL_new();
	X509 *authority = parsed(issuer);
	EVP_PKEY *key = key_of(issuer->key);
	ASN1_TIME *begin = ASN1_TIME_set(NULL, from), *end = ASN1_TIME_set(NULL, until);
	BIO *writer = BIO_new(BIO_s_mem());

	ck_assert_int_eq(X509_CRL_set_version(list, X509_CRL_VERSION_2), 1);
	ck_assert_int_eq(X509_CRL_set_issuer_name(list, X509_get_subject_name(authority)), 1);
	ck_assert_int_eq(X509_CRL_set1_lastUpdate(list, begin), 1);
	ck_assert_int_eq(X509_CRL_set1_nextUpdate(list, end), 1);
	for (size_t i = 0; i < count; i++)
		revoke(list, serials[i], begin);
	ck_assert_int_eq(X509_CRL_sort(list), 1);
	ck_assert_int_gt(X509_CRL_sign(list, key, EVP_sha256()), 0);
	ck_assert_int_eq(PEM_write_bio_X509_CRL(writer, list), 1);
	add_text(text, writer);
	ASN1_TIME_free(begin);
	ASN1_TIME_free(end);
	EVP_PKEY_free(key);
	X509_free(authority);
	X509_CRL_free(list);
}

struct octets pki_text(const char *text)
{
	return octets_of(text, strlen(text));
}

/* ---- a gateway ----------------------------------------------------------------------------------------------------- */

static enum pki_key key_for(enum signature_kind kind, bool other)
{
	switch (kind) {
	case SIGNATURE_RSA:
		return other ? PKI_RSA_OTHER : PKI_RSA;
	case SIGNATURE_ECDSA_256:
		return other ? PKI_P256_OTHER : PKI_P256;
	case SIGNATURE_ECDSA_384:
		return PKI_P384;
	default:
		return PKI_P521;
	}
}

struct credentials *pki_credentials(const char *name, enum signature_kind kind, bool other)
{
	char subject[128], alternative[128], certificates[PKI_PEM_MAX] = "",
					     authorities[PKI_PEM_MAX] = "", why[256];
	struct pki_certificate root, leaf;
	const enum pki_key key = key_for(kind, other);
	struct credentials *made;

	(void)snprintf(subject, sizeof(subject), "CN=%s, O=lab", name);
	(void)snprintf(alternative, sizeof(alternative), "DNS:%s", name);
	pki_root(&root);
	pki_make(&leaf,
		 &(struct pki_wish){.key = key,
				    .subject = subject,
				    .alternative = alternative,
				    .usage = "digitalSignature",
				    .serial = other ? 11 : 10},
		 &root);
	pki_add_pem(certificates, &leaf);
	pki_add_pem(authorities, &root);
	made = credentials_new(&(struct credentials_text){.key = pki_text(pki_key_pem(key)),
							  .certificates = pki_text(certificates),
							  .authorities = pki_text(authorities)},
			       why, sizeof(why));
	ck_assert_msg(made != NULL, "no credentials: %s", why);
	return made;
}
