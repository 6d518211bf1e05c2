/* SPDX-License-Identifier: ISC */
/* Everything that a peer can bring instead of a good certificate; what a good one is good for, in test_certificate_holder.c. */
#include "tests/support/unit.h"

#include <string.h>

#include "tests/support/allocations.h"
#include "tests/support/pki_scene.h"

/* ---- not certificates ---- */

START_TEST(test_no_certificate)
{
	struct scene scene;

	scene_begin(&scene);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_MALFORMED);
	scene.chain[0] = octets_of("", 0);
	scene.count = 1;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_MALFORMED);
	scene.chain[0] = pki_text("-----BEGIN CERTIFICATE-----");
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_MALFORMED);
}
END_TEST

START_TEST(test_octets_behind_a_certificate)
{
	struct scene scene;
	uint8_t longer[CERTIFICATE_MAX] = {0};

	scene_begin(&scene);
	scene_issue_between(&scene);
	for (size_t i = 0; i < 2; i++) {
		const struct octets right = scene.chain[i];

		memcpy(longer, right.data, right.length);
		scene.chain[i] = octets_of(longer, right.length + 1);
		ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_MALFORMED);
		scene.chain[i] = octets_of(longer, right.length - 1);
		ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_MALFORMED);
		scene.chain[i] = right;
	}
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_GOOD);
}
END_TEST

START_TEST(test_too_many_certificates)
{
	struct scene scene;

	scene_begin(&scene);
	scene_issue(&scene);
	while (scene.count < CERTIFICATES_MAX)
		scene.chain[scene.count++] = pki_der(&scene.between);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_GOOD);
	scene.chain[scene.count++] = pki_der(&scene.between);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_MALFORMED);
}
END_TEST

/* Wherever it stands, one bit is found out: in what is signed, and in the signature. */
START_TEST(test_every_bit_of_a_certificate)
{
	struct scene scene;
	struct credentials *ours;
	uint8_t signature[SIGNATURE_MAX_LENGTH];
	char why[200];
	size_t length;

	scene_begin(&scene);
	scene_issue(&scene);
	length = scene_sign(&scene, signature);
	ours =
	    credentials_new(&(struct credentials_text){.authorities = pki_text(scene.authorities)},
			    why, sizeof(why));
	ck_assert_ptr_nonnull(ours);
	for (size_t i = 0; i < 8 * scene.leaf.length; i++) {
		scene.leaf.der[i / 8] ^= (uint8_t)(1u << i % 8);
		ck_assert_msg(credentials_verify(ours, scene.chain, 1, PKI_NOW, SIGNATURE_RSA,
						 scene.name, scene.identity, scene_hash,
						 octets_of(signature, length)) != CERTIFICATE_GOOD,
			      "bit %zu", i);
		scene.leaf.der[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	ck_assert_int_eq(credentials_verify(ours, scene.chain, 1, PKI_NOW, SIGNATURE_RSA,
					    scene.name, scene.identity, scene_hash,
					    octets_of(signature, length)),
			 CERTIFICATE_GOOD);
	credentials_free(ours);
}
END_TEST

/* ---- not trusted ---- */

START_TEST(test_self_signed)
{
	struct scene scene;

	scene_begin(&scene);
	pki_make(&scene.leaf, &scene.wish, NULL);
	scene.chain[0] = pki_der(&scene.leaf);
	scene.count = 1;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_UNTRUSTED);
	/* whoever is among the authorities himself is believed */
	pki_add_pem(scene.authorities, &scene.leaf);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_GOOD);
}
END_TEST

/* The same name as the root's, and another key; brought along by the peer as well. */
START_TEST(test_another_root_of_that_name)
{
	struct scene scene;
	struct pki_certificate impostor;

	scene_begin(&scene);
	pki_make(&impostor,
		 &(struct pki_wish){.key = PKI_P256_OTHER,
				    .subject = "CN=root, O=lab",
				    .constraints = "critical,CA:TRUE"},
		 NULL);
	pki_make(&scene.leaf, &scene.wish, &impostor);
	scene.chain[0] = pki_der(&scene.leaf);
	scene.count = 1;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_UNTRUSTED);
	scene.chain[1] = pki_der(&impostor);
	scene.count = 2;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_UNTRUSTED);
}
END_TEST

START_TEST(test_missing_link)
{
	struct scene scene;

	scene_begin(&scene);
	scene_issue_between(&scene);
	scene.count = 1;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_UNTRUSTED);
	/* one between is no authority by itself, even where we know it */
	scene.count = 2;
	pki_make(&scene.root,
		 &(struct pki_wish){.key = PKI_P256_OTHER,
				    .subject = "CN=other root",
				    .constraints = "critical,CA:TRUE"},
		 NULL);
	scene.authorities[0] = '\0';
	pki_add_pem(scene.authorities, &scene.root);
	pki_add_pem(scene.authorities, &scene.between);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_UNTRUSTED);
}
END_TEST

START_TEST(test_nobody_believed)
{
	struct scene scene;

	scene_begin(&scene);
	scene_issue(&scene);
	scene.authorities[0] = '\0';
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_UNTRUSTED);
	scene.chain[scene.count++] = pki_der(&scene.root);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_UNTRUSTED);
}
END_TEST

/* A gateway that issues certificates: not one of these may. */
START_TEST(test_issued_by_who_may_not)
{
	static const struct {
		const char *constraints, *usage;
	} cases[] = {
	    {NULL, NULL},
	    {"critical,CA:FALSE", NULL},
	    {NULL, "critical,digitalSignature"},
	    {NULL, "critical,keyCertSign"}, /* not without constraints that say so */
	    {"critical,CA:TRUE", "critical,digitalSignature"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene scene;

		scene_begin(&scene);
		pki_make(&scene.between,
			 &(struct pki_wish){.key = PKI_BETWEEN,
					    .subject = "CN=between, O=lab",
					    .constraints = cases[i].constraints,
					    .usage = cases[i].usage},
			 &scene.root);
		scene_issue_between(&scene);
		ck_assert_msg(scene_verdict(&scene) == CERTIFICATE_UNTRUSTED, "case %zu", i);
	}
}
END_TEST

START_TEST(test_path_longer_than_its_authority_allows)
{
	struct scene scene;
	struct pki_certificate below;

	scene_begin(&scene);
	pki_make(&below,
		 &(struct pki_wish){.key = PKI_P256_OTHER,
				    .subject = "CN=below, O=lab",
				    .constraints = "critical,CA:TRUE"},
		 &scene.between); /* pathlen:0 */
	pki_make(&scene.leaf, &scene.wish, &below);
	scene.chain[0] = pki_der(&scene.leaf);
	scene.chain[1] = pki_der(&below);
	scene.chain[2] = pki_der(&scene.between);
	scene.count = 3;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_UNTRUSTED);
}
END_TEST

START_TEST(test_name_that_its_authority_may_not_give)
{
	struct scene scene;

	scene_begin(&scene);
	pki_make(&scene.between,
		 &(struct pki_wish){.key = PKI_BETWEEN,
				    .subject = "CN=between, O=lab",
				    .constraints = "critical,CA:TRUE",
				    .names = "critical,permitted;DNS:elsewhere.example"},
		 &scene.root);
	scene_issue_between(&scene);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_UNTRUSTED);
}
END_TEST

START_TEST(test_critical_extension_that_nobody_knows)
{
	struct scene scene;

	scene_begin(&scene);
	scene.wish.unknown = true;
	scene_issue(&scene);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_UNTRUSTED);
}
END_TEST

START_TEST(test_weak_digests)
{
	static const struct {
		const char *digest;
		enum certificate_verdict verdict;
	} cases[] = {{"md5", CERTIFICATE_UNTRUSTED},
		     {"sha1", CERTIFICATE_UNTRUSTED},
		     {"sha256", CERTIFICATE_GOOD}};
	struct scene scene;

	scene_begin(&scene);
	/* ECDSA does not take all of them */
	pki_make(&scene.root,
		 &(struct pki_wish){.key = PKI_RSA_OTHER,
				    .subject = "CN=older root",
				    .constraints = "critical,CA:TRUE"},
		 NULL);
	pki_add_pem(scene.authorities, &scene.root);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scene.wish.digest = cases[i].digest;
		scene_issue(&scene);
		ck_assert_int_eq(scene_verdict(&scene), cases[i].verdict);
	}
}
END_TEST

/* ---- not now ---- */

START_TEST(test_calendar)
{
	struct scene scene;

	scene_begin(&scene);
	scene.wish.from = PKI_NOW;
	scene.wish.until = PKI_NOW + PKI_DAY;
	scene_issue(&scene);
	scene.calendar = PKI_NOW - 1;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_EXPIRED);
	scene.calendar = PKI_NOW;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_GOOD);
	scene.calendar = PKI_NOW + PKI_DAY - 1;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_GOOD);
	scene.calendar = PKI_NOW + PKI_DAY + 1;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_EXPIRED);
	scene.calendar = 0;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_EXPIRED);
	scene.calendar = -PKI_YEAR * 40;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_EXPIRED);
	/* no clock says that; what matters is that it is not good */
	scene.calendar = INT64_MAX;
	ck_assert_int_ne(scene_verdict(&scene), CERTIFICATE_GOOD);
	scene.calendar = INT64_MIN;
	ck_assert_int_ne(scene_verdict(&scene), CERTIFICATE_GOOD);
}
END_TEST

START_TEST(test_expired_above_the_leaf)
{
	struct scene scene;

	scene_begin(&scene);
	scene.wish.until = PKI_NOW + 20 * PKI_YEAR;
	scene_issue_between(&scene);
	scene.calendar = PKI_NOW + 6 * PKI_YEAR; /* the one between */
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_EXPIRED);
	scene_issue(&scene);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_GOOD);
	scene.calendar = PKI_NOW + 11 * PKI_YEAR; /* the root */
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_EXPIRED);
}
END_TEST

/* ---- revoked ---- */

START_TEST(test_revoked)
{
	struct scene scene;

	scene_begin(&scene);
	scene_issue(&scene);
	scene_list(&scene, &scene.root, 77);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_REVOKED);
}
END_TEST

START_TEST(test_revoked_above_the_leaf)
{
	struct scene scene;

	scene_begin(&scene);
	scene_issue_between(&scene);
	scene_list(&scene, &scene.between, 1000);
	scene_list(&scene, &scene.root, 2);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_REVOKED);
}
END_TEST

START_TEST(test_not_covered_by_a_list)
{
	struct scene scene;

	scene_begin(&scene);
	scene_issue_between(&scene);
	scene_list(&scene, &scene.root, 1000); /* none of the one between */
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_REVOKED);
	scene.revocations[0] = '\0';
	scene_list(&scene, &scene.between, 1000); /* none of the root */
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_REVOKED);
	scene_list(&scene, &scene.root, 1000);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_GOOD);
}
END_TEST

START_TEST(test_list_that_is_not_current)
{
	struct scene scene;

	scene_begin(&scene);
	scene_issue(&scene);
	scene_list(&scene, &scene.root, 1000);
	scene.calendar = PKI_NOW + 2 * PKI_DAY;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_REVOKED);
	scene.calendar = PKI_NOW - 2 * PKI_DAY;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_REVOKED);
	/* the certificate is as old: that comes first */
	scene.calendar = PKI_NOW + 2 * PKI_YEAR;
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_EXPIRED);
}
END_TEST

START_TEST(test_list_by_another_of_that_name)
{
	struct scene scene;
	struct pki_certificate impostor;

	scene_begin(&scene);
	scene_issue(&scene);
	pki_make(&impostor, &(struct pki_wish){.key = PKI_P256_OTHER, .subject = "CN=root, O=lab"},
		 NULL);
	scene_list(&scene, &impostor, 1000);
	ck_assert_int_eq(scene_verdict(&scene), CERTIFICATE_REVOKED);
}
END_TEST

/* Wherever memory runs out, nothing is good that is not, and nothing is kept. */
START_TEST(test_no_memory)
{
	struct scene scene;
	struct credentials *ours;
	uint8_t signature[SIGNATURE_MAX_LENGTH];
	enum certificate_verdict given = CERTIFICATE_UNTRUSTED;
	char why[200];
	size_t length, before;

	if (!allocations_counted())
		return;
	scene_begin(&scene);
	scene_issue_between(&scene);
	scene_list(&scene, &scene.root, 1000);
	scene_list(&scene, &scene.between, 77);
	length = scene_sign(&scene, signature);
	for (size_t granted = 0; given != CERTIFICATE_REVOKED; granted += 1 + granted / 64) {
		ck_assert_uint_lt(granted, 100000);
		ours = credentials_new(
		    &(struct credentials_text){.authorities = pki_text(scene.authorities),
					       .revocations = pki_text(scene.revocations)},
		    why, sizeof(why));
		ck_assert_ptr_nonnull(ours);
		before = allocations_in_use();
		allocations_refuse_after(granted);
		given = credentials_verify(ours, scene.chain, scene.count, PKI_NOW, SIGNATURE_RSA,
					   scene.name, scene.identity, scene_hash,
					   octets_of(signature, length));
		allocations_refuse_after(ALLOCATIONS_NEVER);
		ck_assert_int_ne(given, CERTIFICATE_GOOD);
		credentials_free(ours);
		ck_assert_uint_le(allocations_in_use(), before);
	}
}
END_TEST

UNIT_MAIN("certificate", test_no_certificate, test_octets_behind_a_certificate,
	  test_too_many_certificates, test_every_bit_of_a_certificate, test_self_signed,
	  test_another_root_of_that_name, test_missing_link, test_nobody_believed,
	  test_issued_by_who_may_not, test_path_longer_than_its_authority_allows,
	  test_name_that_its_authority_may_not_give, test_critical_extension_that_nobody_knows,
	  test_weak_digests, test_calendar, test_expired_above_the_leaf, test_revoked,
	  test_revoked_above_the_leaf, test_not_covered_by_a_list, test_list_that_is_not_current,
	  test_list_by_another_of_that_name, test_no_memory)
