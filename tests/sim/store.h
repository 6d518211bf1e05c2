/* SPDX-License-Identifier: ISC */
/*
 * store.h - what somebody knows who only ever pulls ike_ipsec_changes(): the pairs of one core, kept as a kernel would.
 */
#ifndef TESTS_SIM_STORE_H
#define TESTS_SIM_STORE_H

#include "ike/ike.h"

#define STORE_PAIRS 64

struct store {
	struct ike_ipsec_sa pair[STORE_PAIRS];
	unsigned pairs;
};

/*
 * NULL: it follows from what came before; else what is wrong about it.  `late`: something more had happened to the pair before
 * anybody asked, and every word has the pair as it is now.
 */
const char *store_apply(struct store *store, const struct ike_ipsec_change *change, bool late);
/* NULL: it is what the core itself has; else what is not. */
const char *store_compare(const struct store *store, const struct ike_core *core);

#endif
