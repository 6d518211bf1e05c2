/* SPDX-License-Identifier: ISC */
/* A certificate that chains to one whom we believe: what its key may be used for, for whom it speaks, and who has signed. */
#include "tests/support/unit.h"

#include <string.h>

#include "crypto/distinguished_name.h"
#include "tests/support/pki_scene.h"

/* ---- not for this ---- */

START_TEST(test_wrong_usage)
{
	static const struct {
		const char *usage, *extended;
		enum certificate_verdict verdict;
	} cases[] = {
	    {"critical,keyEncipherment", NULL, CERTIFICATE_WRONG_USE},
	    {"keyAgreement,dataEncipherment", NULL, CERTIFICATE_WRONG_USE},
	    {"keyCertSign,cRLSign", NULL, CERTIFICATE_WRONG_USE},
	    {"digitalSignature", "codeSigning", CERTIFICATE_WRONG_USE},
	    {"digitalSignature", "critical,emailProtection,timeStamping", CERTIFICATE_WRONG_USE},
	    {"digitalSignature", "1.3.6.1.5.5.8.2.3", CERTIFICATE_WRONG_USE},
	    {"digitalSignature", "1.3.6.1.5.5.8.2.2.1", CERTIFICATE_WRONG_USE},
	    {"nonRepudiation", NULL, CERTIFICATE_GOOD},
	    {NULL, NULL, CERTIFICATE_GOOD},
	    {NULL, "serverAuth", CERTIFICATE_GOOD},
	    {NULL, "clientAuth", CERTIFICATE_GOOD},
	    {NULL, "ipsecIKE", CERTIFICATE_GOOD},
	    {NULL, "codeSigning,anyExtendedKeyUsage", CERTIFICATE_GOOD},
	    {NULL, "1.3.6.1.5.5.8.2.2", CERTIFICATE_GOOD},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene scene;

		scene_begin(&scene);
		scene.wish.usage = cases[i].usage;
		scene.wish.extended = cases[i].extended;
		scene_issue(&scene);
		ck_assert_msg(scene_verdict(&scene) == cases[i].verdict, "case %zu: %d", i,
			      scene_verdict(&scene));
	}
}
END_TEST

/* The peer offered RSA signatures and brings a certificate for something else. */
START_TEST(test_key_of_another_kind)
{
	static const struct {
		enum pki_key key;
		enum signature_kind kind;
	} cases[] = {
	    {PKI_P256, SIGNATURE_RSA},       {PKI_RSA, SIGNATURE_ECDSA_256},
	    {PKI_P384, SIGNATURE_ECDSA_256}, {PKI_ED25519, SIGNATURE_ECDSA_256},
	    {PKI_RSA_PSS, SIGNATURE_RSA},    {PKI_P521, SIGNATURE_ECDSA_384},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene scene;

		scene_begin(&scene);
		scene.wish.key = cases[i].key;
		scene.kind = cases[i].kind;
		scene_issue(&scene);
		ck_assert_msg(scene_verdict(&scene) == CERTIFICATE_WRONG_USE, "case %zu", i);
	}
}
END_TEST

/* RSA of 768 bits is below what the library is asked for, and RSA of 1024 not. */
START_TEST(test_small_keys)
{
	struct scene scene;

	scene_begin(&scene);
	scene.wish.key = PKI_RSA_768;
	scene_issue(&scene);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_UNTRUSTED);
	scene.wish.key = scene.signer = PKI_RSA_1024;
	scene_issue(&scene);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_GOOD);
}
END_TEST

/* ---- not whom it says ---- */

struct name_case {
	enum certificate_name name;
	const char *identity;
	size_t length; /* 0: up to the NUL */
	enum certificate_verdict verdict;
};

static const struct name_case name_cases[] = {
    {CERTIFICATE_NAME_DNS, "other.example", 0, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_DNS, "", 0, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_DNS, "gw.exampl", 0, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_DNS, "gw.example.", 0, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_DNS, "gw.example\0", 11, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_DNS, "gw.example\0.evil", 16, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_DNS, "*.example", 0, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_DNS, "10.1.2.3", 0, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_DNS, "Op.Erator@gw.example", 0, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_EMAIL, "gw.example", 0, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_EMAIL, "op.erator@gw.example", 0, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_EMAIL, "@gw.example", 0, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_EMAIL, "Op.Erator@", 0, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_EMAIL, "Op.Erator", 0, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_EMAIL, "Op.Erator@gw.example\0", 21, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_ADDRESS, "\x0a\x01\x02\x04", 4, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_ADDRESS, "\x0a\x01\x02", 3, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_ADDRESS, "", 0, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_ADDRESS, "10.1.2.3", 8, CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_ADDRESS, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02", 16,
     CERTIFICATE_OTHER_NAME},
    {CERTIFICATE_NAME_DNS, "gw.example", 0, CERTIFICATE_GOOD},
    {CERTIFICATE_NAME_DNS, "GW.eXample", 0, CERTIFICATE_GOOD},
    {CERTIFICATE_NAME_EMAIL, "Op.Erator@gw.example", 0, CERTIFICATE_GOOD},
    {CERTIFICATE_NAME_EMAIL, "Op.Erator@GW.EXAMPLE", 0, CERTIFICATE_GOOD},
    {CERTIFICATE_NAME_ADDRESS, "\x0a\x01\x02\x03", 4, CERTIFICATE_GOOD},
    {CERTIFICATE_NAME_ADDRESS, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16, CERTIFICATE_GOOD},
};

START_TEST(test_names)
{
	struct scene scene;

	scene_begin(&scene);
	scene_issue(&scene);
	for (size_t i = 0; i < sizeof(name_cases) / sizeof(name_cases[0]); i++) {
		const struct name_case *one = &name_cases[i];

		scene.name = one->name;
		scene.identity =
		    octets_of(one->identity, one->length > 0 ? one->length : strlen(one->identity));
		ck_assert_msg(scene_verdict(&scene) == one->verdict, "%s", one->identity);
	}
}
END_TEST

/* The common name is not looked at, a certificate with a star speaks for nobody, and a NUL ends nothing. */
START_TEST(test_names_that_others_have_believed)
{
	/* GeneralNames with one dNSName of 15 octets: gw.example, NUL, .evl */
	static const uint8_t with_nul[] = {0x30, 0x11, 0x82, 0x0f, 'g', 'w', '.', 'e', 'x', 'a',
					   'm',  'p',  'l',  'e',  0,   '.', 'e', 'v', 'l'};
	static const uint8_t stopped[] = {0x30, 0x05, 0x82, 0x06, 'g'};
	struct scene scene;

	scene_begin(&scene);
	scene.wish.alternative = NULL;
	scene_issue(&scene);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_OTHER_NAME);

	scene_begin(&scene);
	scene.wish.alternative = "DNS:*.example";
	scene_issue(&scene);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_OTHER_NAME);
	scene.identity = pki_text("*.example");
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_OTHER_NAME);

	scene_begin(&scene);
	scene.wish.alternative = NULL;
	scene.wish.alternative_der = octets_of(with_nul, sizeof(with_nul));
	scene_issue(&scene);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_OTHER_NAME);
	scene.identity = octets_of(with_nul + 4, 15);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_OTHER_NAME);

	scene_begin(&scene);
	scene.wish.alternative = NULL;
	scene.wish.alternative_der = octets_of(stopped, sizeof(stopped));
	scene_issue(&scene);
	ck_assert_int_ne(scene_verdict(&scene), CERTIFICATE_GOOD);
}
END_TEST

/* The same of ourselves. */
START_TEST(test_names_of_ours)
{
	struct credentials *ours = pki_credentials("a.example", SIGNATURE_ECDSA_256, false);
	struct credentials *none;
	char why[100];

	ck_assert(!credentials_speak_for(ours, CERTIFICATE_NAME_DNS, pki_text("b.example")));
	ck_assert(!credentials_speak_for(ours, CERTIFICATE_NAME_EMAIL, pki_text("a.example")));
	ck_assert(!credentials_speak_for(ours, CERTIFICATE_NAME_DN, pki_text("a.example")));
	ck_assert(credentials_speak_for(ours, CERTIFICATE_NAME_DNS, pki_text("a.example")));
	ck_assert(credentials_speak_for(ours, CERTIFICATE_NAME_DN, credentials_subject(ours)));
	none = credentials_new(&(struct credentials_text){.key = {NULL, 0}}, why, sizeof(why));
	ck_assert_ptr_nonnull(none);
	ck_assert(!credentials_speak_for(none, CERTIFICATE_NAME_DN, credentials_subject(ours)));
	credentials_free(none);
	credentials_free(ours);
}
END_TEST

START_TEST(test_distinguished_names)
{
	static const struct {
		const char *text;
		enum certificate_verdict verdict;
	} cases[] = {
	    {"CN=gw.example", CERTIFICATE_OTHER_NAME},
	    {"O=lab, CN=gw.example", CERTIFICATE_OTHER_NAME},
	    {"CN=gw.example+O=lab", CERTIFICATE_OTHER_NAME},
	    {"CN=gw.example, O=lab, C=CH", CERTIFICATE_OTHER_NAME},
	    {"CN=gw.example, OU=lab", CERTIFICATE_OTHER_NAME},
	    {"CN=gw.example, O=lab", CERTIFICATE_GOOD},
	    {"CN=GW.example, O=LAB", CERTIFICATE_GOOD},
	};
	uint8_t der[256], empty[] = {0x30, 0};
	struct scene scene;
	size_t length = 0;

	scene_begin(&scene);
	scene_issue(&scene);
	scene.name = CERTIFICATE_NAME_DN;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert(
		    distinguished_name_from_text(cases[i].text, der, sizeof(der) - 1, &length));
		scene.identity = octets_of(der, length);
		ck_assert_msg(scene_verdict(&scene) == cases[i].verdict, "%s", cases[i].text);
	}
	der[length] = 0;
	scene.identity = octets_of(der, length + 1);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_OTHER_NAME);
	scene.identity = octets_of(der, length - 1);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_OTHER_NAME);
	scene.identity = octets_of(NULL, 0);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_OTHER_NAME);
	/* nobody's name is nobody's, even where the certificate has none */
	scene.wish.subject = NULL;
	scene_issue(&scene);
	scene.identity = octets_of(empty, sizeof(empty));
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_OTHER_NAME);
}
END_TEST

/* ---- did not sign this ---- */

START_TEST(test_bad_signatures)
{
	struct scene scene;

	scene_begin(&scene);
	scene_issue(&scene);
	scene.damaged = true;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_BAD_SIGNATURE);
	scene.damaged = false;
	scene.signer = PKI_RSA_OTHER;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_BAD_SIGNATURE);
	scene.signer = PKI_P256;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_BAD_SIGNATURE);
}
END_TEST

/* ---- good ---- */

START_TEST(test_good_chains)
{
	static const struct {
		enum pki_key key;
		enum signature_kind kind;
	} cases[] = {
	    {PKI_RSA, SIGNATURE_RSA},        {PKI_RSA_EXPONENT_3, SIGNATURE_RSA},
	    {PKI_P256, SIGNATURE_ECDSA_256}, {PKI_P384, SIGNATURE_ECDSA_384},
	    {PKI_P521, SIGNATURE_ECDSA_521},
	};
	struct scene scene;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scene_begin(&scene);
		scene.wish.key = scene.signer = cases[i].key;
		scene.kind = cases[i].kind;
		scene_issue(&scene);
		ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_GOOD);
		scene_issue_between(&scene);
		ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_GOOD);
		/* in whatever order, with the root and with strangers among them */
		scene.chain[2] = scene.chain[1];
		scene.chain[1] = pki_der(&scene.root);
		scene.count = 3;
		ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_GOOD);
		/* the one between need not be sent if we have it */
		scene.count = 1;
		pki_add_pem(scene.authorities, &scene.between);
		ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_GOOD);
	}
}
END_TEST

UNIT_MAIN("certificate_holder", test_wrong_usage, test_key_of_another_kind, test_small_keys,
	  test_names, test_names_that_others_have_believed, test_names_of_ours,
	  test_distinguished_names, test_bad_signatures, test_good_chains)
