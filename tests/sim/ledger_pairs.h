/* SPDX-License-Identifier: ISC */
/*
 * ledger_pairs.h - both ends of every pair of IPsec SAs that ever came up, held against each other.
 */
#ifndef TESTS_SIM_LEDGER_PAIRS_H
#define TESTS_SIM_LEDGER_PAIRS_H

#include "ike/ike.h"

/* One end of a pair. */
struct ledger_pair {
	unsigned node, with; /* with: the node that it says to be with */
	uint32_t incarnation;
	struct ike_ipsec_sa sa; /* as it was when it came up */
	uint64_t keys_in, keys_out;
};

struct ledger_pairs {
	struct ledger_pair *entry;
	size_t entries, room;
};

struct ledger_pair *ledger_pairs_add(struct ledger_pairs *ledger, unsigned node,
				     uint32_t incarnation, unsigned with,
				     const struct ike_ipsec_sa *sa);
/* The other end: another node's entry with the same SPIs, crosswise; NULL: none. */
const struct ledger_pair *ledger_pairs_other(const struct ledger_pairs *ledger,
					     const struct ledger_pair *own);
/* What the two ends do not agree upon; NULL: they agree. */
const char *ledger_pairs_disagree(const struct ledger_pair *one, const struct ledger_pair *other);
/* Whether keys of this entry are those of any other but its other end's. */
bool ledger_pairs_keys_repeat(const struct ledger_pairs *ledger, const struct ledger_pair *own);
void ledger_pairs_free(struct ledger_pairs *ledger);

#endif
