/* SPDX-License-Identifier: ISC */
#include "tests/support/signers.h"

#include <check.h>

#include "tests/support/pki.h"

static enum signature_kind kind_of(uint16_t authentication)
{
	switch (authentication) {
	case IKE_AUTHENTICATION_RSA_SIGNATURE:
		return SIGNATURE_RSA;
	case IKE_AUTHENTICATION_ECDSA_256:
		return SIGNATURE_ECDSA_256;
	case IKE_AUTHENTICATION_ECDSA_384:
		return SIGNATURE_ECDSA_384;
	default:
		return SIGNATURE_ECDSA_521;
	}
}

struct duo *signers_duo(struct signers *signers, uint8_t seed, uint16_t authentication)
{
	static const char *const name[DUO_NODES] = {"a.example", "b.example"};
	struct duo *duo = duo_new(seed);

	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		signers->credentials[node] =
		    pki_credentials(name[node], kind_of(authentication), node == DUO_B);
		ck_assert_ptr_nonnull(signers->credentials[node]);
		duo->peer[node].authentication = authentication;
		duo->peer[node].credentials = signers->credentials[node];
		duo->peer[node].secret = NULL;
		duo->settings[node].calendar = PKI_NOW;
	}
	return duo;
}

void signers_replace(struct signers *signers, struct duo *duo, enum duo_node node,
		     struct credentials *credentials)
{
	credentials_free(signers->credentials[node]);
	signers->credentials[node] = credentials;
	duo->peer[node].credentials = credentials;
}

void signers_free(struct signers *signers, struct duo *duo)
{
	duo_free(duo);
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
		credentials_free(signers->credentials[node]);
}
