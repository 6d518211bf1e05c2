/* SPDX-License-Identifier: ISC */
/*
 * ledger.h - who really took part in which SA, known because the simulator sees into every node.
 */
#ifndef TESTS_SIM_LEDGER_H
#define TESTS_SIM_LEDGER_H

#include "ike/ike.h"

/* One side of one SA: a node that has computed its keys. */
struct ledger_entry {
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	unsigned node;
	uint32_t incarnation;
	bool initiator, established;
	const struct secret *secret;
	uint64_t keys; /* fingerprint */
};

struct ledger {
	struct ledger_entry *entry;
	size_t entries, room;
};

/*
 * A node holds these keys under these cookies; once per node, incarnation and keys: a first message that is replayed may bring
 * the same cookies about a second time.
 */
struct ledger_entry *ledger_note(struct ledger *ledger, const uint8_t *cky_i, const uint8_t *cky_r,
				 unsigned node, uint32_t incarnation, uint64_t keys);
/* The other side: an entry with these cookies and the other role, with the same keys if there is one.  NULL: none. */
const struct ledger_entry *ledger_other(const struct ledger *ledger,
					const struct ledger_entry *own);
void ledger_free(struct ledger *ledger);

#endif
