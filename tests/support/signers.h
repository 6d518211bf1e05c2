/* SPDX-License-Identifier: ISC */
/*
 * signers.h - a duo whose nodes prove themselves with signatures: certificates of "a.example" and "b.example", from one authority.
 */
#ifndef TESTS_SUPPORT_SIGNERS_H
#define TESTS_SUPPORT_SIGNERS_H

#include "tests/support/duo.h"

struct signers {
	struct credentials *credentials[DUO_NODES];
};

/* Not started yet.  `authentication`: enum ike_authentication, one of the signatures. */
struct duo *signers_duo(struct signers *signers, uint8_t seed, uint16_t authentication);
/* Other credentials for one of the nodes, before it is started. */
void signers_replace(struct signers *signers, struct duo *duo, enum duo_node node,
		     struct credentials *credentials);
void signers_free(struct signers *signers, struct duo *duo);

#endif
