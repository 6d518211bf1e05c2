/* SPDX-License-Identifier: ISC */
/*
 * papers.h - the certificates of the nodes: made once per process, for keys are dear, and the same in each.
 */
#ifndef TESTS_SIM_PAPERS_H
#define TESTS_SIM_PAPERS_H

#include "crypto/credentials.h"

#define PAPERS_CALENDAR INT64_C(1000000000) /* seconds since 1970 when a node's clock shows 0 */

enum papers {
	PAPERS_GOOD,
	PAPERS_STRANGE,    /* of an authority that has the right name and another key */
	PAPERS_EXPIRED,    /* before the simulation begins */
	PAPERS_OTHER_NAME, /* that speak for somebody else */
	PAPERS
};

/* "a.node" and so on, with RSA, for no other signature is the same twice; valid long before and after. */
const struct credentials *papers_of(unsigned node, enum papers kind);

#endif
