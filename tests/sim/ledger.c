/* SPDX-License-Identifier: ISC */
#include "tests/sim/ledger.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool same_cookies(const struct ledger_entry *entry, const uint8_t *cky_i,
			 const uint8_t *cky_r)
{
	return memcmp(entry->cky_i, cky_i, IKE_COOKIE_LENGTH) == 0 &&
	       memcmp(entry->cky_r, cky_r, IKE_COOKIE_LENGTH) == 0;
}

struct ledger_entry *ledger_note(struct ledger *ledger, const uint8_t *cky_i, const uint8_t *cky_r,
				 unsigned node, uint32_t incarnation, uint64_t keys)
{
	struct ledger_entry *entry;

	for (size_t i = ledger->entries; i-- > 0;) {
		entry = &ledger->entry[i];
		if (entry->node == node && entry->incarnation == incarnation &&
		    entry->keys == keys && same_cookies(entry, cky_i, cky_r))
			return entry;
	}
	if (ledger->entries == ledger->room) {
		ledger->room = ledger->room * 2 + 64;
		ledger->entry = realloc(ledger->entry, ledger->room * sizeof(*ledger->entry));
		assert(ledger->entry != NULL);
	}
	entry = &ledger->entry[ledger->entries++];
	*entry = (struct ledger_entry){.node = node, .incarnation = incarnation, .keys = keys};
	memcpy(entry->cky_i, cky_i, IKE_COOKIE_LENGTH);
	memcpy(entry->cky_r, cky_r, IKE_COOKIE_LENGTH);
	return entry;
}

const struct ledger_entry *ledger_other(const struct ledger *ledger, const struct ledger_entry *own)
{
	const struct ledger_entry *found = NULL;

	for (size_t i = ledger->entries; i-- > 0;) {
		const struct ledger_entry *entry = &ledger->entry[i];

		if (entry == own || entry->initiator == own->initiator ||
		    !same_cookies(entry, own->cky_i, own->cky_r))
			continue;
		if (entry->keys == own->keys)
			return entry;
		if (found == NULL)
			found = entry;
	}
	return found;
}

void ledger_free(struct ledger *ledger)
{
	free(ledger->entry);
}
