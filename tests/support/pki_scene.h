/* SPDX-License-Identifier: ISC */
/* pki_scene.h - one verification of a peer's certificate: begin with one that would be good, and change what a test is about. */
#ifndef TESTS_SUPPORT_PKI_SCENE_H
#define TESTS_SUPPORT_PKI_SCENE_H

#include "tests/support/pki.h"

extern const struct octets scene_hash; /* what is signed */

/* What one verification needs; the tests change what they are about. */
struct scene {
	struct pki_certificate root, between, leaf;
	struct pki_wish wish; /* of the leaf */
	char authorities[PKI_PEM_MAX], revocations[PKI_PEM_MAX];
	struct octets chain[CERTIFICATES_MAX + 1];
	size_t count;
	int64_t calendar;
	enum signature_kind kind;
	enum certificate_name name;
	struct octets identity;
	enum pki_key signer;
	bool damaged; /* one bit of the signature is */
};

void scene_begin(struct scene *scene);
/* The leaf as wished, below the root, and nothing else in the chain. */
void scene_issue(struct scene *scene);
/* The leaf as wished, below the one between, which follows it in the chain. */
void scene_issue_between(struct scene *scene);
/* A list of the issuer's, current at PKI_NOW, with that number on it. */
void scene_list(struct scene *scene, const struct pki_certificate *issuer, long serial);
/* Of scene_hash, with the signer's key.  Returns its length. */
size_t scene_sign(const struct scene *scene, uint8_t signature[SIGNATURE_MAX_LENGTH]);
/* What credentials_verify() says of it, twice the same. */
enum certificate_verdict scene_verdict(const struct scene *scene);

#endif
