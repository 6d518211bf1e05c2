/* SPDX-License-Identifier: ISC */
/* What is wrong with texts, told so that a person can put it right; then what is made of good ones. */
#include "tests/support/unit.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/credentials.h"
#include "crypto/distinguished_name.h"
#include "tests/support/allocations.h"
#include "tests/support/pki.h"

static struct pki_certificate root, between, leaf;
static char root_text[PKI_PEM_MAX], leaf_text[PKI_PEM_MAX], chain_text[PKI_PEM_MAX],
    list_text[PKI_PEM_MAX];

static void make_texts(void)
{
	root_text[0] = leaf_text[0] = chain_text[0] = list_text[0] = '\0';
	pki_root(&root);
	pki_between(&between, &root);
	pki_make(&leaf,
		 &(struct pki_wish){.key = PKI_RSA,
				    .subject = "CN=gw.example, O=lab",
				    .from = PKI_NOW - PKI_DAY,
				    .until = PKI_NOW + PKI_DAY},
		 &between);
	pki_add_pem(root_text, &root);
	pki_add_pem(leaf_text, &leaf);
	pki_add_pem(chain_text, &leaf);
	pki_add_pem(chain_text, &between);
	pki_add_pem(chain_text, &root);
	pki_add_list(list_text, &root, NULL, 0, PKI_NOW, PKI_NOW + PKI_DAY);
}

static struct credentials *made_of(const char *key, const char *certificates,
				   const char *authorities, const char *revocations, char why[200])
{
	return credentials_new(&(struct credentials_text){.key = pki_text(key),
							  .certificates = pki_text(certificates),
							  .authorities = pki_text(authorities),
							  .revocations = pki_text(revocations)},
			       why, 200);
}

static void refused(const char *key, const char *certificates, const char *authorities,
		    const char *revocations, const char *because)
{
	char why[200] = "";
	struct credentials *made = made_of(key, certificates, authorities, revocations, why);

	ck_assert_msg(made == NULL, "taken, but: %s", because);
	ck_assert_msg(strstr(why, because) == why, "%s: %s", because, why);
}

static const char encrypted_key[] =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiWZucTMTBDpQICCAAw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEJAtrFRSgGvoVwwDRB3QjGMEgZBq\n"
    "CFWjCYpNq7I4v1MF5WX1SYpaE7oBgw4pLcv4VdQeuohN7bmIwLyH3VK5gqs1PdLq\n"
    "Tjg6vuJ00WX8EJuV6Yc0p6rXmHbPQq8IRKivYnJr3z2wZo8ruXR1xb2PPeNDJL2j\n"
    "i9nrMKypAk7JhzRDsJR4zdm+6E+vC2bHdDGOJh1j0K1XN98lI2+obgbK43ukgZE=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";
static const char older_encrypted_key[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "Proc-Type: 4,ENCRYPTED\n"
    "DEK-Info: AES-128-CBC,E2E239C27B0C176A44ABD15549327617\n"
    "\n"
    "qG+TsSwwub3VuKjhGTVc8tO5uxxt9EetxUG3ZGj2r+Z+3NBlGfxumF8H/3SqHVhL\n"
    "/e7FGupZ2nRq8ssn/taSEyNjpyjxi9z+xq80WGOm9LNTvcH6ImJNh11EYCIeqKgU\n"
    "ZQaaEWmB9dN+6mYtE/lpGvpkCd2ynDMM9ZhwgBU1Gr4=\n"
    "-----END EC PRIVATE KEY-----\n";

START_TEST(test_keys_that_are_none)
{
	const char *const rsa = pki_key_pem(PKI_RSA);
	char cut[4096], garbage[4096];

	make_texts();
	refused(rsa, "", "", "", "key: there is no certificate for it");
	refused("", leaf_text, "", "", "certificates: there is no key to them");
	refused(leaf_text, leaf_text, "", "", "key: there is none");
	refused("secret", leaf_text, "", "", "key: there is none");
	refused(encrypted_key, leaf_text, "", "", "key: it is encrypted");
	refused(older_encrypted_key, leaf_text, "", "", "key: it is encrypted");
	(void)snprintf(cut, sizeof(cut), "%.300s", rsa);
	refused(cut, leaf_text, "", "", "key: there is none");
	(void)snprintf(garbage, sizeof(garbage), "%s", rsa);
	memset(garbage + 200, 'A', 64);
	refused(garbage, leaf_text, "", "", "key: ");
}
END_TEST

START_TEST(test_keys_that_ike_cannot_use)
{
	static const enum pki_key unusable[] = {PKI_RSA_768, PKI_RSA_PSS, PKI_P224, PKI_ED25519};

	make_texts();
	for (size_t i = 0; i < sizeof(unusable) / sizeof(unusable[0]); i++)
		refused(pki_key_pem(unusable[i]), leaf_text, "", "",
			"key: neither RSA with 1024 to 8192 bits nor ECDSA");
}
END_TEST

START_TEST(test_certificates_that_are_none)
{
	const char *const rsa = pki_key_pem(PKI_RSA);
	char text[2 * PKI_PEM_MAX];

	make_texts();
	refused(rsa, "gw.example", "", "", "certificates: there is none; wanted is PEM");
	refused(rsa, rsa, "", "", "certificates: there is none");
	(void)snprintf(text, sizeof(text), "%.200s", leaf_text);
	refused(rsa, text, "", "", "certificates: number 1 is damaged");
	(void)snprintf(text, sizeof(text), "%s%.200s", leaf_text, root_text);
	refused(rsa, text, "", "", "certificates: number 2 is damaged");
	(void)snprintf(text, sizeof(text),
		       "%s-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
		       leaf_text);
	refused(rsa, text, "", "", "certificates: number 2 is not an X.509 certificate");
	refused(rsa, leaf_text, text, "", "authorities: number 2 is not an X.509 certificate");
	text[0] = '\0';
	for (size_t i = 0; i <= CERTIFICATES_MAX; i++)
		pki_add_pem(text, &root);
	refused(rsa, text, "", "", "certificates: more than 8 of them");
}
END_TEST

START_TEST(test_certificates_that_do_not_fit)
{
	const char *const rsa = pki_key_pem(PKI_RSA);
	struct pki_certificate enciphers;
	char text[PKI_PEM_MAX] = "";

	make_texts();
	refused(pki_key_pem(PKI_RSA_OTHER), leaf_text, "", "",
		"certificates: the first one is not for this key");
	refused(pki_key_pem(PKI_P256), leaf_text, "", "",
		"certificates: the first one is not for this key");
	pki_add_pem(text, &between);
	pki_add_pem(text, &leaf);
	refused(rsa, text, "", "",
		"certificates: number 2 is the one for the key, and must come first");
	pki_make(&enciphers,
		 &(struct pki_wish){.key = PKI_RSA, .subject = "CN=gw", .usage = "keyEncipherment"},
		 NULL);
	text[0] = '\0';
	pki_add_pem(text, &enciphers);
	refused(rsa, text, "", "",
		"certificates: the first one's key usage does not allow signatures");
}
END_TEST

START_TEST(test_authorities_that_are_none)
{
	char text[PKI_PEM_MAX] = "";

	make_texts();
	refused("", "", "lab", "", "authorities: there is none");
	refused("", "", list_text, "", "authorities: there is none");
	pki_add_pem(text, &between);
	refused("", "", text, "", "authorities: none of them is self-signed");
	(void)snprintf(text, sizeof(text), "%.100s", root_text);
	refused("", "", text, "", "authorities: number 1 is damaged");
}
END_TEST

START_TEST(test_lists_that_are_none)
{
	char text[2 * PKI_PEM_MAX];

	make_texts();
	refused("", "", "", list_text, "revocations: there are no authorities");
	refused("", "", root_text, "lab", "revocations: there is none");
	refused("", "", root_text, root_text, "revocations: there is none");
	(void)snprintf(text, sizeof(text), "%s%.100s", list_text, list_text);
	refused("", "", root_text, text, "revocations: number 2 is damaged");
	refused("", "", root_text, "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n",
		"revocations: number 1 is not a revocation list");
}
END_TEST

/* Whatever is said fits, even nowhere. */
START_TEST(test_room_for_the_reason)
{
	char why[64];

	for (size_t room = 0; room < sizeof(why); room++) {
		memset(why, '~', sizeof(why));
		ck_assert_ptr_null(credentials_new(
		    &(struct credentials_text){.authorities = pki_text("lab")}, why, room));
		ck_assert_int_eq(why[room], '~');
		if (room > 0)
			ck_assert_uint_lt(strlen(why), room);
	}
}
END_TEST

/* Wherever memory runs out: no credentials, no crash, nothing kept. */
START_TEST(test_no_memory)
{
	struct credentials *made = NULL;
	size_t before;
	char why[200];

	if (!allocations_counted())
		return;
	make_texts();
	/* what the library makes once for itself is made now */
	credentials_free(made_of(pki_key_pem(PKI_RSA), chain_text, root_text, list_text, why));
	for (size_t granted = 0; made == NULL; granted += 1 + granted / 64) {
		ck_assert_uint_lt(granted, 100000);
		before = allocations_in_use();
		allocations_refuse_after(granted);
		made = made_of(pki_key_pem(PKI_RSA), chain_text, root_text, list_text, why);
		allocations_refuse_after(ALLOCATIONS_NEVER);
		if (made == NULL)
			ck_assert_msg(allocations_in_use() <= before + 8,
				      "%zu pieces left after %zu", allocations_in_use() - before,
				      granted);
	}
	credentials_free(made);
}
END_TEST

START_TEST(test_without_a_key)
{
	uint8_t signature[SIGNATURE_MAX_LENGTH];
	struct octets certificate[CERTIFICATES_MAX];
	struct credentials *made;
	int64_t from, until;
	char why[200] = "old";

	make_texts();
	made = made_of("", "", root_text, "", why);
	ck_assert_ptr_nonnull(made);
	ck_assert_str_eq(why, "");
	ck_assert(!credentials_can_sign(made));
	ck_assert_uint_eq(credentials_certificates(made, certificate), 0);
	ck_assert_uint_eq(credentials_subject(made).length, 0);
	ck_assert(!credentials_validity(made, &from, &until));
	ck_assert_uint_eq(credentials_sign(made, octets_of("0123456789abcdef", 16), signature), 0);
	credentials_free(made);
	/* nor anybody whom we believe */
	made = made_of("", "", "", "", why);
	ck_assert_ptr_nonnull(made);
	ck_assert_uint_eq(credentials_authorities(made, certificate, CERTIFICATES_MAX), 0);
	credentials_free(made);
	credentials_free(NULL);
}
END_TEST

static void assert_name(struct octets der, const char *wanted)
{
	char text[100];

	ck_assert_uint_gt(distinguished_name_text(der, text, sizeof(text)), 0);
	ck_assert_str_eq(text, wanted);
}

START_TEST(test_chain_and_names)
{
	struct octets certificate[CERTIFICATES_MAX], name[3];
	struct credentials *made;
	int64_t from, until;
	char why[200], authorities[PKI_PEM_MAX] = "";

	make_texts();
	pki_add_pem(authorities, &root);
	pki_add_pem(authorities, &between);
	made = made_of(pki_key_pem(PKI_RSA), chain_text, authorities, list_text, why);
	ck_assert_msg(made != NULL, "%s", why);
	ck_assert(credentials_can_sign(made));
	ck_assert_int_eq(credentials_kind(made), SIGNATURE_RSA);
	/* the root is in the text and not in the chain */
	ck_assert_uint_eq(credentials_certificates(made, certificate), 2);
	ck_assert_uint_eq(certificate[0].length, leaf.length);
	ck_assert_mem_eq(certificate[0].data, leaf.der, leaf.length);
	ck_assert_uint_eq(certificate[1].length, between.length);
	ck_assert_mem_eq(certificate[1].data, between.der, between.length);
	assert_name(credentials_subject(made), "CN=gw.example, O=lab");
	ck_assert(credentials_validity(made, &from, &until));
	ck_assert_int_eq(from, PKI_NOW - PKI_DAY);
	ck_assert_int_eq(until, PKI_NOW + PKI_DAY);
	ck_assert_uint_eq(credentials_authorities(made, name, 1), 1);
	ck_assert_uint_eq(credentials_authorities(made, name, 3), 2);
	assert_name(name[0], "CN=root, O=lab");
	assert_name(name[1], "CN=between, O=lab");
	credentials_free(made);
}
END_TEST

START_TEST(test_end_of_the_lists)
{
	struct credentials *made;
	char why[200];
	int64_t until;

	make_texts();
	made = made_of("", "", root_text, "", why);
	ck_assert(!credentials_lists_until(made, &until));
	credentials_free(made);
	made = made_of("", "", root_text, list_text, why);
	ck_assert(credentials_lists_until(made, &until));
	ck_assert_int_eq(until, PKI_NOW + PKI_DAY);
	credentials_free(made);
	pki_add_list(list_text, &between, NULL, 0, PKI_NOW, PKI_NOW + 60);
	pki_add_list(list_text, &root, NULL, 0, PKI_NOW, PKI_NOW + PKI_YEAR);
	made = made_of("", "", root_text, list_text, why);
	ck_assert(credentials_lists_until(made, &until));
	ck_assert_int_eq(until, PKI_NOW + 60);
	credentials_free(made);
}
END_TEST

/* Whoever has signed his certificate himself still sends it. */
START_TEST(test_self_signed_certificate_of_ours)
{
	struct octets certificate[CERTIFICATES_MAX];
	struct pki_certificate own;
	char text[PKI_PEM_MAX] = "", why[200];
	struct credentials *made;

	pki_make(&own, &(struct pki_wish){.key = PKI_P384, .subject = "CN=gw"}, NULL);
	pki_add_pem(text, &own);
	made = made_of(pki_key_pem(PKI_P384), text, text, "", why);
	ck_assert_msg(made != NULL, "%s", why);
	ck_assert_int_eq(credentials_kind(made), SIGNATURE_ECDSA_384);
	ck_assert_uint_eq(credentials_certificates(made, certificate), 1);
	credentials_free(made);
}
END_TEST

static const char older_key[] = "-----BEGIN EC PARAMETERS-----\n"
				"BggqhkjOPQMBBw==\n"
				"-----END EC PARAMETERS-----\n"
				"-----BEGIN EC PRIVATE KEY-----\n"
				"MHcCAQEEIJVszKXUi5tb9YtyiU3RTyB1HYHZ/bXHlnsHHYWJpL12oAoGCCqGSM49\n"
				"AwEHoUQDQgAE6O0Iy471Fl57nGZ/NctaJsD1vBVwgAjNWArYE72wpSxj96lklUjf\n"
				"4KObdIgjkXUkvmejeQMyFecGaPBX5l5vLw==\n"
				"-----END EC PRIVATE KEY-----\n";

/* Both forms of a key, one file for key and certificate, words around them, and lines that end as elsewhere. */
START_TEST(test_texts_as_they_come)
{
	char both[PKI_PEM_MAX], dos[2 * PKI_PEM_MAX], why[200];
	struct pki_certificate own;
	struct credentials *made;
	size_t length = 0;

	pki_make(&own, &(struct pki_wish){.key = PKI_P256, .subject = "CN=gw"}, NULL);
	(void)snprintf(both, sizeof(both), "Bag Attributes\n    friendlyName: gw\n%s",
		       pki_key_pem(PKI_P256));
	pki_add_pem(both, &own);
	made = made_of(both, both, both, "", why);
	ck_assert_msg(made != NULL, "%s", why);
	credentials_free(made);
	made = made_of(older_key, both, both, "", why);
	ck_assert_msg(made != NULL, "%s", why);
	credentials_free(made);
	for (const char *at = both; *at != '\0'; at++) {
		if (*at == '\n')
			dos[length++] = '\r';
		dos[length++] = *at;
	}
	dos[length] = '\0';
	made = made_of(dos, dos, dos, "", why);
	ck_assert_msg(made != NULL, "%s", why);
	credentials_free(made);
}
END_TEST

START_TEST(test_each_kind_signs_for_the_other)
{
	static const uint8_t hash[20] = {9};

	for (enum signature_kind kind = SIGNATURE_RSA; kind <= SIGNATURE_ECDSA_521; kind++) {
		struct credentials *a = pki_credentials("a.example", kind, false);
		struct credentials *b = pki_credentials("b.example", kind, true);
		struct octets chain[CERTIFICATES_MAX];
		const size_t count = credentials_certificates(a, chain);
		uint8_t signature[SIGNATURE_MAX_LENGTH];
		const size_t length = credentials_sign(a, octets_of(hash, sizeof(hash)), signature);

		ck_assert_int_eq(credentials_kind(a), kind);
		ck_assert_int_eq(credentials_verify(b, chain, count, PKI_NOW, kind,
						    CERTIFICATE_NAME_DNS, pki_text("a.example"),
						    octets_of(hash, sizeof(hash)),
						    octets_of(signature, length)),
				 CERTIFICATE_GOOD);
		credentials_free(a);
		credentials_free(b);
	}
}
END_TEST

UNIT_MAIN("credentials", test_keys_that_are_none, test_keys_that_ike_cannot_use,
	  test_certificates_that_are_none, test_certificates_that_do_not_fit,
	  test_authorities_that_are_none, test_lists_that_are_none, test_room_for_the_reason,
	  test_no_memory, test_without_a_key, test_chain_and_names, test_end_of_the_lists,
	  test_self_signed_certificate_of_ours, test_texts_as_they_come,
	  test_each_kind_signs_for_the_other)
