/* SPDX-License-Identifier: ISC */
/* From PEM texts to credentials: everything that can be wrong with them is found here, and told to a person. */
#include "crypto/credentials_openssl.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Where to say what is wrong. */
struct complaint {
	char *text;
	size_t room;
};

/* False, for the caller to return. */
__attribute__((format(printf, 2, 3))) static bool wrong(const struct complaint *complaint,
							const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (complaint->room > 0)
		(void)vsnprintf(complaint->text, complaint->room, format, arguments);
	va_end(arguments);
	return false;
}

/* ---- PEM ----------------------------------------------------------------------------------------------------------- */

static BIO *reader_of(struct octets text)
{
	return text.length <= INT_MAX ? BIO_new_mem_buf(text.data, (int)text.length) : NULL;
}

enum block { BLOCK_READ, BLOCK_NO_MORE, BLOCK_DAMAGED };

/* The DER in the next block of that name; other blocks are passed over.  It is OpenSSL's memory, and the caller's. */
static enum block next_block(BIO *reader, const char *name, uint8_t **der, long *length)
{
	unsigned long error;

	if (PEM_bytes_read_bio(der, length, NULL, name, reader, NULL, NULL) == 1)
		return BLOCK_READ;
	error = ERR_peek_last_error();
	ERR_clear_error();
	return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE
		   ? BLOCK_NO_MORE
		   : BLOCK_DAMAGED;
}

/* All certificates of a text, at most `max` of them.  NULL: `what` is wrong. */
static STACK_OF(X509) * read_certificates(struct octets text, const char *what, size_t max,
					  const struct complaint *complaint)
{
	STACK_OF(X509) *all = sk_X509_new_null();
	BIO *reader = reader_of(text);
	bool good = all != NULL && reader != NULL;
	enum block block = BLOCK_NO_MORE;
	X509 *certificate;
	size_t count = 0;
	uint8_t *der;
	long length;

	if (!good)
		(void)wrong(complaint, "%s: too long, or there is no memory", what);
	while (good && (block = next_block(reader, PEM_STRING_X509, &der, &length)) == BLOCK_READ) {
		count++;
		certificate = certificate_parse(octets_of(der, (size_t)length));
		OPENSSL_free(der);
		if (count > max)
			good = wrong(complaint, "%s: more than %zu of them", what, max);
		else if (certificate == NULL)
			good =
			    wrong(complaint,
				  "%s: number %zu is not an X.509 certificate of at most %d octets",
				  what, count, CERTIFICATE_MAX);
		else if (sk_X509_push(all, certificate) <= 0)
			good = wrong(complaint, "%s: there is no memory", what);
		if (!good)
			X509_free(certificate);
	}
	if (good && block == BLOCK_DAMAGED)
		good = wrong(complaint, "%s: number %zu is damaged", what, count + 1);
	else if (good && count == 0)
		good = wrong(complaint,
			     "%s: there is none; wanted is PEM, -----BEGIN CERTIFICATE-----", what);
	BIO_free(reader);
	if (good)
		return all;
	sk_X509_pop_free(all, X509_free);
	return NULL;
}

/* ---- our key ------------------------------------------------------------------------------------------------------- */

/* Called when a passphrase is wanted: there is nobody to ask at night. */
static int no_passphrase(char *passphrase, int room, int writing, void *wanted)
{
	(void)passphrase;
	(void)room;
	(void)writing;
	*(bool *)wanted = true;
	return -1;
}

static bool read_key(struct credentials *credentials, struct octets text,
		     const struct complaint *complaint)
{
	BIO *reader = reader_of(text);
	bool encrypted = false;

	if (reader != NULL)
		credentials->key = PEM_read_bio_PrivateKey(reader, NULL, no_passphrase, &encrypted);
	BIO_free(reader);
	if (credentials->key == NULL && encrypted)
		return wrong(complaint,
			     "key: it is encrypted, and nobody is here to be asked for the "
			     "passphrase; write it without one, readable by its owner only");
	if (credentials->key == NULL)
		return wrong(complaint,
			     "key: there is none; wanted is PEM, -----BEGIN PRIVATE KEY-----");
	if (!signature_kind_of(credentials->key, &credentials->kind))
		return wrong(complaint,
			     "key: neither RSA with 1024 to 8192 bits nor ECDSA with curve "
			     "P-256, P-384 or P-521");
	return true;
}

/* ---- our certificates ---------------------------------------------------------------------------------------------- */

static bool is_for_key(X509 *certificate, EVP_PKEY *key)
{
	EVP_PKEY *public = X509_get0_pubkey(certificate);

	return public != NULL && EVP_PKEY_eq(public, key) == 1;
}

/* The private half may be another's although the public half fits: only a signature tells. */
static bool signs_for(const struct credentials *credentials, X509 *certificate)
{
	static const uint8_t hash[32] = {1};
	uint8_t signature[SIGNATURE_MAX_LENGTH];
	size_t length = signature_make(credentials->key, credentials->kind,
				       octets_of(hash, sizeof(hash)), signature);

	return length > 0 &&
	       signature_good(X509_get0_pubkey(certificate), credentials->kind,
			      octets_of(hash, sizeof(hash)), octets_of(signature, length));
}

static bool check_certificates(const struct credentials *credentials, STACK_OF(X509) * ours,
			       const struct complaint *complaint)
{
	X509 *first = sk_X509_value(ours, 0);

	if (!is_for_key(first, credentials->key)) {
		for (int i = 1; i < sk_X509_num(ours); i++)
			if (is_for_key(sk_X509_value(ours, i), credentials->key))
				return wrong(
				    complaint,
				    "certificates: number %d is the one for the key, and must "
				    "come first",
				    i + 1);
		return wrong(complaint, "certificates: the first one is not for this key");
	}
	if (!signs_for(credentials, first))
		return wrong(complaint,
			     "key: its private and its public half do not belong together");
	if (!certificate_may_sign(first))
		return wrong(
		    complaint,
		    "certificates: the first one's key usage does not allow signatures in IKE "
		    "(digitalSignature)");
	return true;
}

/* Keeps them, but for a root behind ours: whoever believes it has it. */
static bool keep_certificates(struct credentials *credentials, STACK_OF(X509) * ours)
{
	for (int i = 0; i < sk_X509_num(ours); i++) {
		X509 *certificate = sk_X509_value(ours, i);
		unsigned char *der = NULL;
		int length;

		if (i > 0 && X509_self_signed(certificate, 0) == 1)
			continue;
		length = i2d_X509(certificate, &der);
		if (length <= 0)
			return false;
		(void)X509_up_ref(certificate);
		credentials->certificate[credentials->certificates] = certificate;
		credentials->der[credentials->certificates] = der;
		credentials->der_length[credentials->certificates] = (size_t)length;
		credentials->certificates++;
	}
	return true;
}

static bool read_ours(struct credentials *credentials, const struct credentials_text *text,
		      const struct complaint *complaint)
{
	STACK_OF(X509) * ours;
	bool good;

	if (text->key.length == 0 && text->certificates.length == 0)
		return true;
	if (text->key.length == 0)
		return wrong(complaint, "certificates: there is no key to them");
	if (text->certificates.length == 0)
		return wrong(complaint, "key: there is no certificate for it");
	if (!read_key(credentials, text->key, complaint))
		return false;
	ours = read_certificates(text->certificates, "certificates", CERTIFICATES_MAX, complaint);
	if (ours == NULL)
		return false;
	good = check_certificates(credentials, ours, complaint);
	if (good && !keep_certificates(credentials, ours))
		good = wrong(complaint, "certificates: there is no memory");
	sk_X509_pop_free(ours, X509_free);
	return good;
}

/* ---- whom we believe ----------------------------------------------------------------------------------------------- */

static bool read_authorities(struct credentials *credentials, struct octets text,
			     const struct complaint *complaint)
{
	bool root = false;

	if (text.length == 0)
		return true;
	credentials->authorities = read_certificates(text, "authorities", INT_MAX, complaint);
	if (credentials->authorities == NULL)
		return false;
	for (int i = 0; i < sk_X509_num(credentials->authorities); i++) {
		X509 *authority = sk_X509_value(credentials->authorities, i);

		root = root || X509_self_signed(authority, 0) == 1;
		if (X509_STORE_add_cert(credentials->store, authority) != 1)
			return wrong(complaint, "authorities: there is no memory");
	}
	return root || wrong(complaint, "authorities: none of them is self-signed, so no chain can "
					"end; the root is missing");
}

static bool seconds_since_1970(const ASN1_TIME *time, int64_t *seconds)
{
	struct tm parts;

	if (ASN1_TIME_to_tm(time, &parts) != 1)
		return false;
	*seconds = timegm(&parts);
	return true;
}

static void keep_earliest_end(struct credentials *credentials, const X509_CRL *list)
{
	const ASN1_TIME *next = X509_CRL_get0_nextUpdate(list);
	int64_t until;

	if (next == NULL || !seconds_since_1970(next, &until))
		return;
	if (!credentials->lists_end || until < credentials->lists_until)
		credentials->lists_until = until;
	credentials->lists_end = true;
}

static bool read_revocations(struct credentials *credentials, struct octets text,
			     const struct complaint *complaint)
{
	enum block block = BLOCK_NO_MORE;
	BIO *reader;
	bool good = true;
	size_t count = 0;
	uint8_t *der;
	long length;

	if (text.length == 0)
		return true;
	if (credentials->authorities == NULL)
		return wrong(complaint,
			     "revocations: there are no authorities whose lists they could be");
	reader = reader_of(text);
	if (reader == NULL)
		return wrong(complaint, "revocations: too long, or there is no memory");
	while (good &&
	       (block = next_block(reader, PEM_STRING_X509_CRL, &der, &length)) == BLOCK_READ) {
		const unsigned char *at = der;
		X509_CRL *list = d2i_X509_CRL(NULL, &at, length);

		count++;
		if (list == NULL || at != der + length)
			good = wrong(complaint, "revocations: number %zu is not a revocation list",
				     count);
		else if (X509_STORE_add_crl(credentials->store, list) != 1)
			good = wrong(complaint, "revocations: there is no memory");
		else
			keep_earliest_end(credentials, list);
		X509_CRL_free(list);
		OPENSSL_free(der);
	}
	if (good && block == BLOCK_DAMAGED)
		good = wrong(complaint, "revocations: number %zu is damaged", count + 1);
	else if (good && count == 0)
		good =
		    wrong(complaint, "revocations: there is none; wanted is PEM, -----BEGIN X509 "
				     "CRL-----");
	BIO_free(reader);
	credentials->revocations = true;
	return good;
}

/* ---- the object ---------------------------------------------------------------------------------------------------- */

struct credentials *credentials_new(const struct credentials_text *text, char *why,
				    size_t why_length)
{
	const struct complaint complaint = {why, why_length};
	struct credentials *credentials = calloc(1, sizeof(*credentials));

	(void)wrong(&complaint, "there is no memory");
	if (credentials == NULL)
		return NULL;
	credentials->store = X509_STORE_new();
	if (credentials->store == NULL || !read_ours(credentials, text, &complaint) ||
	    !read_authorities(credentials, text->authorities, &complaint) ||
	    !read_revocations(credentials, text->revocations, &complaint)) {
		credentials_free(credentials);
		credentials = NULL;
	} else {
		(void)wrong(&complaint, "%s", "");
	}
	ERR_clear_error();
	return credentials;
}

void credentials_free(struct credentials *credentials)
{
	if (credentials == NULL)
		return;
	EVP_PKEY_free(credentials->key); /* wipes it */
	for (size_t i = 0; i < credentials->certificates; i++) {
		X509_free(credentials->certificate[i]);
		OPENSSL_free(credentials->der[i]);
	}
	sk_X509_pop_free(credentials->authorities, X509_free);
	X509_STORE_free(credentials->store);
	free(credentials);
}

bool credentials_can_sign(const struct credentials *credentials)
{
	return credentials->key != NULL;
}

enum signature_kind credentials_kind(const struct credentials *credentials)
{
	return credentials->kind;
}

size_t credentials_certificates(const struct credentials *credentials,
				struct octets certificate[CERTIFICATES_MAX])
{
	for (size_t i = 0; i < credentials->certificates; i++)
		certificate[i] = octets_of(credentials->der[i], credentials->der_length[i]);
	return credentials->certificates;
}

static struct octets subject_of(X509 *certificate)
{
	const unsigned char *der;
	size_t length;

	if (X509_NAME_get0_der(X509_get_subject_name(certificate), &der, &length) != 1)
		return octets_of(NULL, 0);
	return octets_of(der, length);
}

size_t credentials_authorities(const struct credentials *credentials, struct octets *name,
			       size_t max)
{
	size_t count = 0;

	while (count < max && (int)count < sk_X509_num(credentials->authorities)) {
		name[count] = subject_of(sk_X509_value(credentials->authorities, (int)count));
		count++;
	}
	return count;
}

struct octets credentials_subject(const struct credentials *credentials)
{
	if (credentials->certificates == 0)
		return octets_of(NULL, 0);
	return subject_of(credentials->certificate[0]);
}

bool credentials_validity(const struct credentials *credentials, int64_t *from, int64_t *until)
{
	return credentials->certificates > 0 &&
	       seconds_since_1970(X509_get0_notBefore(credentials->certificate[0]), from) &&
	       seconds_since_1970(X509_get0_notAfter(credentials->certificate[0]), until);
}

bool credentials_lists_until(const struct credentials *credentials, int64_t *until)
{
	*until = credentials->lists_until;
	return credentials->lists_end;
}
