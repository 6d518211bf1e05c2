/* SPDX-License-Identifier: ISC */
#include "tests/support/pki_scene.h"

#include <check.h>
#include <string.h>

static const uint8_t hash_octets[32] = {7, 6, 5, 4, 3, 2, 1};
const struct octets scene_hash = {hash_octets, sizeof(hash_octets)};

void scene_begin(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	pki_root(&scene->root);
	pki_between(&scene->between, &scene->root);
	pki_add_pem(scene->authorities, &scene->root);
	scene->wish = (struct pki_wish){.key = PKI_RSA,
					.subject = "CN=gw.example, O=lab",
					.alternative = "DNS:gw.example,IP:10.1.2.3,IP:2001:db8::1,"
						       "email:Op.Erator@gw.example",
					.usage = "critical,digitalSignature",
					.serial = 77};
	scene->calendar = PKI_NOW;
	scene->kind = SIGNATURE_RSA;
	scene->name = CERTIFICATE_NAME_DNS;
	scene->identity = pki_text("gw.example");
	scene->signer = PKI_RSA;
}

void scene_issue(struct scene *scene)
{
	pki_make(&scene->leaf, &scene->wish, &scene->root);
	scene->chain[0] = pki_der(&scene->leaf);
	scene->count = 1;
}

void scene_issue_between(struct scene *scene)
{
	pki_make(&scene->leaf, &scene->wish, &scene->between);
	scene->chain[0] = pki_der(&scene->leaf);
	scene->chain[1] = pki_der(&scene->between);
	scene->count = 2;
}

size_t scene_sign(const struct scene *scene, uint8_t signature[SIGNATURE_MAX_LENGTH])
{
	char certificates[PKI_PEM_MAX] = "", why[200];
	struct pki_certificate own;
	struct credentials *signer;
	size_t length;

	pki_make(&own, &(struct pki_wish){.key = scene->signer, .subject = "CN=signer"}, NULL);
	pki_add_pem(certificates, &own);
	signer =
	    credentials_new(&(struct credentials_text){.key = pki_text(pki_key_pem(scene->signer)),
						       .certificates = pki_text(certificates)},
			    why, sizeof(why));
	ck_assert_msg(signer != NULL, "%s", why);
	length = credentials_sign(signer, scene_hash, signature);
	ck_assert_uint_gt(length, 0);
	credentials_free(signer);
	return length;
}

enum certificate_verdict scene_verdict(const struct scene *scene)
{
	uint8_t signature[SIGNATURE_MAX_LENGTH];
	const size_t length = scene_sign(scene, signature);
	struct credentials *ours;
	enum certificate_verdict given;
	char why[200];

	if (scene->damaged)
		signature[length / 2] ^= 0x10;
	ours =
	    credentials_new(&(struct credentials_text){.authorities = pki_text(scene->authorities),
						       .revocations = pki_text(scene->revocations)},
			    why, sizeof(why));
	ck_assert_msg(ours != NULL, "%s", why);
	given = credentials_verify(ours, scene->chain, scene->count, scene->calendar, scene->kind,
				   scene->name, scene->identity, scene_hash,
				   octets_of(signature, length));
	/* nothing is remembered: the same again */
	ck_assert_int_eq(given,
			 credentials_verify(ours, scene->chain, scene->count, scene->calendar,
					    scene->kind, scene->name, scene->identity, scene_hash,
					    octets_of(signature, length)));
	credentials_free(ours);
	return given;
}

void scene_list(struct scene *scene, const struct pki_certificate *issuer, long serial)
{
	pki_add_list(scene->revocations, issuer, &serial, 1, PKI_NOW - PKI_DAY, PKI_NOW + PKI_DAY);
}
