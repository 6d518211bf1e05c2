/* SPDX-License-Identifier: ISC */
/*
 * initial_contact.c - who must go when a party says that it has started anew (RFC 2407 section 4.6.3.3).
 *
 * The RFC says neither whose SAs nor which ones.  Here: the SAs of the same party (party.h), that is of the same pair of
 * identities, proved by the same secret; only those that were established before the negotiation of the carrier began; and once
 * per carrier.  So a repeated INITIAL-CONTACT does nothing, one party cannot touch another's SAs, and of two SAs that both
 * sides began at the same time, each with INITIAL-CONTACT, neither removes the other.  IPsec SAs of the party that are as old go
 * with them.
 */
#include "ike/core.h"

/* R115, R116: of the same party, and established before.  `carrier` may be NULL: it is another worker's. */
static struct ike_sa *find_older(const struct ike_core *core, const struct ike_party *party,
				 const struct ike_sa *carrier, ike_time begun)
{
	struct ike_sa *sa = sa_table_at(core->sas, party->first_sa);

	while (sa != NULL && (sa == carrier || sa->established_at >= begun))
		sa = sa_table_at(core->sas, sa->next_of_party);
	return sa;
}

/* Without a Delete to the peer, who has said that it knows nothing of them (R118). */
enum ike_verdict initial_contact_obey(struct ike_core *core, struct ike_sa *carrier)
{
	ike_time begun = sa_created_at(carrier);
	struct ike_sa *older;
	uint32_t deleted = 0;

	if (!core->peer[carrier->peer].settings->obey_initial_contact)
		return IKE_NOTIFY_IGNORED;
	if (carrier->contact_obeyed) /* R117 */
		return IKE_INITIAL_CONTACT_REPEATED;
	carrier->contact_obeyed = true;
	while ((older = find_older(core, carrier->party, carrier, begun)) != NULL) {
		sa_delete(core, older, IKE_WHY_INITIAL_CONTACT, false);
		deleted++;
		if (carrier->state == IKE_SA_FREE)
			return IKE_ACCEPTED;
	}
	deleted += pairs_delete(core, carrier->party, begun, IKE_WHY_INITIAL_CONTACT, false);
	tell_event_of_sa(core, IKE_EVENT_INITIAL_CONTACT, carrier)->value = deleted;
	return IKE_ACCEPTED;
}

uint32_t initial_contact_elsewhere(struct ike_core *core, const struct ike_contact *contact)
{
	struct ike_party *party;
	struct ike_sa *older;
	uint32_t deleted = 0;

	if (!core->peer[contact->peer].settings->obey_initial_contact)
		return 0;
	/* looked up each time: with its last SA a party is forgotten */
	while ((party = party_find(core->parties, contact->peer, &contact->local_identity,
				   &contact->remote_identity)) != NULL &&
	       (older = find_older(core, party, NULL, contact->created_at)) != NULL) {
		sa_delete(core, older, IKE_WHY_INITIAL_CONTACT, false);
		deleted++;
	}
	return deleted;
}
