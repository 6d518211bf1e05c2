/* SPDX-License-Identifier: ISC */
/*
 * The peer's certificates: RFC 4945 is how IKE uses X.509.  OpenSSL builds and verifies the chain; what is ours is to say
 * what we ask of it, and whether the certificate speaks for the identity that the peer claims.
 */
#include "crypto/credentials_openssl.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

/*
 * OpenSSL's security level 1, 80 bits: keys from RSA 1024 on, as laboratories still have them; but no certificate that was
 * signed with MD5 or SHA-1, for which others with the same signature can be made.
 */
#define SECURITY_LEVEL 1

X509 *certificate_parse(struct octets der)
{
	const unsigned char *at = der.data;
	X509 *certificate = NULL;

	if (der.length > 0 && der.length <= CERTIFICATE_MAX)
		certificate = d2i_X509(NULL, &at, (long)der.length);
	if (certificate != NULL && at != der.data + der.length) {
		X509_free(certificate);
		certificate = NULL;
	}
	return certificate;
}

/* ---- the chain ----------------------------------------------------------------------------------------------------- */

/* What the library's errors are to us; all that are not here leave the certificate untrusted. */
static const struct {
	int error;
	enum certificate_verdict verdict;
} verdicts[] = {
    {X509_V_OK, CERTIFICATE_GOOD},
    {X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, CERTIFICATE_MALFORMED},
    {X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD, CERTIFICATE_MALFORMED},
    {X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, CERTIFICATE_MALFORMED},
    {X509_V_ERR_INVALID_EXTENSION, CERTIFICATE_MALFORMED},
    {X509_V_ERR_INVALID_POLICY_EXTENSION, CERTIFICATE_MALFORMED},
    {X509_V_ERR_CERT_NOT_YET_VALID, CERTIFICATE_EXPIRED},
    {X509_V_ERR_CERT_HAS_EXPIRED, CERTIFICATE_EXPIRED},
    {X509_V_ERR_CERT_REVOKED, CERTIFICATE_REVOKED},
    {X509_V_ERR_UNABLE_TO_GET_CRL, CERTIFICATE_REVOKED},
    {X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE, CERTIFICATE_REVOKED},
    {X509_V_ERR_CRL_SIGNATURE_FAILURE, CERTIFICATE_REVOKED},
    {X509_V_ERR_CRL_NOT_YET_VALID, CERTIFICATE_REVOKED},
    {X509_V_ERR_CRL_HAS_EXPIRED, CERTIFICATE_REVOKED},
    {X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD, CERTIFICATE_REVOKED},
    {X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD, CERTIFICATE_REVOKED},
    {X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, CERTIFICATE_REVOKED},
    {X509_V_ERR_KEYUSAGE_NO_CRL_SIGN, CERTIFICATE_REVOKED},
    {X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION, CERTIFICATE_REVOKED},
    {X509_V_ERR_DIFFERENT_CRL_SCOPE, CERTIFICATE_REVOKED},
    {X509_V_ERR_CRL_PATH_VALIDATION_ERROR, CERTIFICATE_REVOKED},
    {X509_V_ERR_INVALID_PURPOSE, CERTIFICATE_WRONG_USE},
};

static enum certificate_verdict verdict_of(int error)
{
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (verdicts[i].error == error)
			return verdicts[i].verdict;
	return CERTIFICATE_UNTRUSTED;
}

/*
 * From the peer's certificate to one whom we believe.  The library is handed all that it may use: it looks into no folder
 * and no network, and takes the time from us.  No purpose is asked for: those that it knows are TLS's and mail's.
 */
static enum certificate_verdict chain_verdict(const struct credentials *credentials, X509 *leaf,
					      STACK_OF(X509) * offered, int64_t calendar,
					      unsigned long flags)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	enum certificate_verdict verdict = CERTIFICATE_UNTRUSTED;
	X509_VERIFY_PARAM *asked;
	int verified, error;

	if (context == NULL)
		return CERTIFICATE_UNTRUSTED;
	if (X509_STORE_CTX_init(context, credentials->store, leaf, offered) == 1) {
		asked = X509_STORE_CTX_get0_param(context);
		X509_VERIFY_PARAM_set_time(asked, (time_t)calendar);
		X509_VERIFY_PARAM_set_depth(asked, CERTIFICATES_MAX);
		X509_VERIFY_PARAM_set_auth_level(asked, SECURITY_LEVEL);
		if (X509_VERIFY_PARAM_set_flags(asked, flags) == 1) {
			verified = X509_verify_cert(context);
			error = X509_STORE_CTX_get_error(context);
			verdict = verdict_of(error);
			if (verified != 1 && verdict == CERTIFICATE_GOOD)
				verdict = CERTIFICATE_UNTRUSTED;
		}
	}
	X509_STORE_CTX_free(context);
	return verdict;
}

/* The lists second, so that one that has expired is called so even where the lists are as old. */
static enum certificate_verdict trust(const struct credentials *credentials, X509 *leaf,
				      STACK_OF(X509) * offered, int64_t calendar)
{
	enum certificate_verdict verdict = chain_verdict(credentials, leaf, offered, calendar, 0);

	if (verdict == CERTIFICATE_GOOD && credentials->revocations)
		verdict = chain_verdict(credentials, leaf, offered, calendar,
					X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	return verdict;
}

/* ---- what it may be used for --------------------------------------------------------------------------------------- */

/* iKEIntermediate, which older devices want; OpenSSL has no number for it */
static const char ike_intermediate[] = "1.3.6.1.5.5.8.2.2";

/* Those of TLS are among them because the authorities that issue for IKE mostly issue for TLS. */
static bool is_use_for_ike(const ASN1_OBJECT *use)
{
	char dotted[sizeof(ike_intermediate) + 1];
	int length;

	switch (OBJ_obj2nid(use)) {
	case NID_anyExtendedKeyUsage:
	case NID_ipsec_IKE:
	case NID_ipsecEndSystem:
	case NID_ipsecTunnel:
	case NID_ipsecUser:
	case NID_server_auth:
	case NID_client_auth:
		return true;
	default:
		length = OBJ_obj2txt(dotted, sizeof(dotted), use, 1);
		return length == (int)sizeof(ike_intermediate) - 1 &&
		       strcmp(dotted, ike_intermediate) == 0;
	}
}

bool certificate_may_sign(X509 *certificate)
{
	/* all bits where there is no such extension, or one that cannot be read: that one is looked for below */
	const uint32_t usage = X509_get_key_usage(certificate);
	EXTENDED_KEY_USAGE *uses;
	bool may;
	int found = 0;

	if ((usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0 ||
	    (X509_get_extension_flags(certificate) & EXFLAG_INVALID) != 0)
		return false;
	uses = X509_get_ext_d2i(certificate, NID_ext_key_usage, &found, NULL);
	if (uses == NULL)
		return found == -1; /* there is none */
	may = false;
	for (int i = 0; i < sk_ASN1_OBJECT_num(uses); i++)
		may = may || is_use_for_ike(sk_ASN1_OBJECT_value(uses, i));
	EXTENDED_KEY_USAGE_free(uses);
	return may;
}

/* ---- whom it speaks for -------------------------------------------------------------------------------------------- */

static uint8_t lower(uint8_t octet)
{
	return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet - 'A' + 'a') : octet;
}

static bool equal_without_case(struct octets a, struct octets b)
{
	if (a.length != b.length)
		return false;
	for (size_t i = 0; i < a.length; i++)
		if (lower(a.data[i]) != lower(b.data[i]))
			return false;
	return true;
}

/* How many octets stand before the @; all of them where there is none. */
static size_t local_part(struct octets address)
{
	size_t length = 0;

	while (length < address.length && address.data[length] != '@')
		length++;
	return length;
}

/* RFC 5280 section 7.5: the part before the @ is its owner's business, case included. */
static bool equal_email(struct octets a, struct octets b)
{
	const size_t local = local_part(a);

	return local > 0 && local < a.length && local == local_part(b) && a.length == b.length &&
	       memcmp(a.data, b.data, local) == 0 &&
	       equal_without_case(octets_of(a.data + local, a.length - local),
				  octets_of(b.data + local, b.length - local));
}

/* A name with a NUL ends earlier for some readers than for others; a star is a wildcard for some (RFC 6125 section 7.2). */
static bool is_plain(struct octets name)
{
	return name.length > 0 && memchr(name.data, 0, name.length) == NULL &&
	       memchr(name.data, '*', name.length) == NULL;
}

static bool is_alternative_name(const GENERAL_NAME *general, enum certificate_name name,
				struct octets identity)
{
	static const int types[] = {
	    [CERTIFICATE_NAME_DNS] = GEN_DNS,
	    [CERTIFICATE_NAME_EMAIL] = GEN_EMAIL,
	    [CERTIFICATE_NAME_ADDRESS] = GEN_IPADD,
	};
	const ASN1_STRING *string;
	struct octets value;
	int type;

	string = GENERAL_NAME_get0_value(general, &type);
	if (type != types[name])
		return false;
	value = octets_of(ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string));
	switch (name) {
	case CERTIFICATE_NAME_DNS:
		return is_plain(identity) && equal_without_case(value, identity);
	case CERTIFICATE_NAME_EMAIL:
		return is_plain(identity) && equal_email(value, identity);
	default:
		return (identity.length == 4 || identity.length == 16) &&
		       octets_equal(value, identity);
	}
}

static bool has_alternative_name(X509 *certificate, enum certificate_name name,
				 struct octets identity)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	bool has = false;

	for (int i = 0; !has && i < sk_GENERAL_NAME_num(names); i++)
		has = is_alternative_name(sk_GENERAL_NAME_value(names, i), name, identity);
	GENERAL_NAMES_free(names);
	return has;
}

/* By the rules of RFC 5280 section 7.1, so that the kind of string does not matter; an empty name is nobody's. */
static bool has_subject(X509 *certificate, struct octets identity)
{
	const unsigned char *at = identity.data;
	X509_NAME *claimed = NULL;
	bool has;

	if (identity.length > 0 && identity.length <= CERTIFICATE_MAX)
		claimed = d2i_X509_NAME(NULL, &at, (long)identity.length);
	has = claimed != NULL && at == identity.data + identity.length &&
	      X509_NAME_entry_count(claimed) > 0 &&
	      X509_NAME_cmp(claimed, X509_get_subject_name(certificate)) == 0;
	X509_NAME_free(claimed);
	return has;
}

static bool speaks_for(X509 *certificate, enum certificate_name name, struct octets identity)
{
	return name == CERTIFICATE_NAME_DN ? has_subject(certificate, identity)
					   : has_alternative_name(certificate, name, identity);
}

bool credentials_speak_for(const struct credentials *credentials, enum certificate_name name,
			   struct octets identity)
{
	const bool speaks = credentials->certificates > 0 &&
			    speaks_for(credentials->certificate[0], name, identity);

	ERR_clear_error();
	return speaks;
}

/* ---- all at once --------------------------------------------------------------------------------------------------- */

static bool parse_all(const struct octets *chain, size_t count, STACK_OF(X509) * parsed)
{
	X509 *certificate;

	if (count == 0 || count > CERTIFICATES_MAX)
		return false;
	for (size_t i = 0; i < count; i++) {
		certificate = certificate_parse(chain[i]);
		if (certificate == NULL)
			return false;
		if (sk_X509_push(parsed, certificate) <= 0) {
			X509_free(certificate);
			return false;
		}
	}
	return true;
}

enum certificate_verdict credentials_verify(const struct credentials *credentials,
					    const struct octets *chain, size_t count,
					    int64_t calendar, enum signature_kind kind,
					    enum certificate_name name, struct octets identity,
					    struct octets hash, struct octets signature)
{
	STACK_OF(X509) *parsed = sk_X509_new_null();
	enum certificate_verdict verdict = CERTIFICATE_MALFORMED;
	enum signature_kind of_key;
	EVP_PKEY *key;
	X509 *leaf;

	if (parsed != NULL && parse_all(chain, count, parsed)) {
		leaf = sk_X509_value(parsed, 0);
		key = X509_get0_pubkey(leaf);
		verdict = trust(credentials, leaf, parsed, calendar);
		if (verdict != CERTIFICATE_GOOD)
			;
		else if (!certificate_may_sign(leaf) || key == NULL ||
			 !signature_kind_of(key, &of_key) || of_key != kind)
			verdict = CERTIFICATE_WRONG_USE;
		else if (!speaks_for(leaf, name, identity))
			verdict = CERTIFICATE_OTHER_NAME;
		else if (!signature_good(key, kind, hash, signature))
			verdict = CERTIFICATE_BAD_SIGNATURE;
	}
	sk_X509_pop_free(parsed, X509_free);
	ERR_clear_error();
	return verdict;
}
