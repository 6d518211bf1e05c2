/* SPDX-License-Identifier: ISC */
#include "tests/sim/ledger_pairs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ike/address.h"
#include "tests/sim/dice.h"

static uint64_t print_of(const uint8_t *keymat, size_t length)
{
	struct fingerprint print = {0};

	fingerprint_octets(&print, keymat, length);
	return print.value;
}

struct ledger_pair *ledger_pairs_add(struct ledger_pairs *ledger, unsigned node,
				     uint32_t incarnation, unsigned with,
				     const struct ike_ipsec_sa *sa)
{
	size_t length = sa->encryption_key_length + sa->authentication_key_length;
	struct ledger_pair *entry;

	if (ledger->entries == ledger->room) {
		ledger->room = ledger->room * 2 + 64;
		ledger->entry = realloc(ledger->entry, ledger->room * sizeof(*ledger->entry));
		assert(ledger->entry != NULL);
	}
	entry = &ledger->entry[ledger->entries++];
	*entry = (struct ledger_pair){
	    .node = node,
	    .with = with,
	    .incarnation = incarnation,
	    .sa = *sa,
	    .keys_in = print_of(sa->keymat_in, length),
	    .keys_out = print_of(sa->keymat_out, length),
	};
	return entry;
}

const struct ledger_pair *ledger_pairs_other(const struct ledger_pairs *ledger,
					     const struct ledger_pair *own)
{
	for (size_t i = ledger->entries; i-- > 0;) {
		const struct ledger_pair *entry = &ledger->entry[i];

		if (entry->node != own->node && entry->sa.spi_in == own->sa.spi_out &&
		    entry->sa.spi_out == own->sa.spi_in)
			return entry;
	}
	return NULL;
}

static bool same_selector(const struct ike_selector *a, const struct ike_selector *b)
{
	return a->prefix.address.family == b->prefix.address.family &&
	       memcmp(a->prefix.address.octets, b->prefix.address.octets,
		      sizeof(a->prefix.address.octets)) == 0 &&
	       a->prefix.bits == b->prefix.bits && a->protocol == b->protocol && a->port == b->port;
}

const char *ledger_pairs_disagree(const struct ledger_pair *one, const struct ledger_pair *other)
{
	const struct ike_ipsec_sa *a = &one->sa, *b = &other->sa;

	if (one->keys_in != other->keys_out || one->keys_out != other->keys_in)
		return "keys";
	if (one->with != other->node || other->with != one->node)
		return "whom it is with";
	if (a->initiator == b->initiator)
		return "who began";
	if (a->transport != b->transport || a->encapsulated != b->encapsulated)
		return "the mode";
	if (memcmp(&a->proposal, &b->proposal, sizeof(a->proposal)) != 0 ||
	    a->encryption_key_length != b->encryption_key_length ||
	    a->authentication_key_length != b->authentication_key_length)
		return "the proposal";
	/* through a NAT each end knows a host by the address that it sees */
	if (!a->transport && (!same_selector(&a->inside_local, &b->inside_remote) ||
			      !same_selector(&a->inside_remote, &b->inside_local)))
		return "the selectors";
	return NULL;
}

bool ledger_pairs_keys_repeat(const struct ledger_pairs *ledger, const struct ledger_pair *own)
{
	const struct ledger_pair *other = ledger_pairs_other(ledger, own);

	if (own->keys_in == own->keys_out)
		return true;
	for (size_t i = 0; i < ledger->entries; i++) {
		const struct ledger_pair *entry = &ledger->entry[i];

		if (entry == own || entry == other)
			continue;
		if (entry->keys_in == own->keys_in || entry->keys_out == own->keys_out ||
		    entry->keys_in == own->keys_out || entry->keys_out == own->keys_in)
			return true;
	}
	return false;
}

void ledger_pairs_free(struct ledger_pairs *ledger)
{
	free(ledger->entry);
}
