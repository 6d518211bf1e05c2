/* SPDX-License-Identifier: ISC */
/*
 * elsewhere.c - what the other workers of the node have.
 *
 * Workers share nothing, and every SA stays with the worker that its initiator's cookie names.  A party may come to another
 * one all the same: with the new cookie of a new Phase 1, after a restart or to renew.  So a worker tells the others what has
 * come up with it, and each treats that as it treats an SA that comes up beside its own: INITIAL-CONTACT deletes the older
 * ones of the same party (initial_contact.c), a renewal supersedes them, and of two that were begun at the same time the same
 * one stays wherever it is asked (sa_life.c).  If ours is that one, the other worker is told so in its turn.
 *
 * Whoever has the SA that is in use looks after the peer: it asks, finds it dead and recovers.  The others rest.
 */
#include <string.h>

#include "ike/unknown_spi.h"

static void contact_of(const struct ike_core *core, const struct ike_sa *sa,
		       struct ike_contact *contact)
{
	*contact = (struct ike_contact){
	    .peer = sa->peer,
	    .gateway = sa_gateway(sa),
	    .remote = sa->remote,
	    .nat_there = sa->nat_there,
	    .initial_contact = sa->contact_obeyed,
	    .created_at = sa_created_at(sa),
	    .established_at = sa->established_at,
	};
	memcpy(contact->cky_i, sa->cky_i, IKE_COOKIE_LENGTH);
	memcpy(contact->cky_r, sa->cky_r, IKE_COOKIE_LENGTH);
	party_local_identity(core->parties, sa->party, &contact->local_identity);
	party_remote_identity(sa->party, &contact->remote_identity);
}

bool ike_contact(const struct ike_core *core, const uint8_t *cky_i, const uint8_t *cky_r,
		 struct ike_contact *contact)
{
	const struct ike_sa *sa = sa_table_find(core->sas, cky_i, cky_r);

	if (sa == NULL || sa->state != IKE_SA_ESTABLISHED || sa->superseded)
		return false;
	contact_of(core, sa, contact);
	return true;
}

/* Stands for the other worker's SA where rules compare two; it is in no table. */
static void stand_in(const struct ike_contact *contact, struct ike_sa *sa)
{
	ike_time took = contact->established_at - contact->created_at;

	memset(sa, 0, sizeof(*sa));
	sa->peer = contact->peer;
	sa_set_gateway(sa, contact->gateway);
	sa->remote = contact->remote;
	sa->nat_there = contact->nat_there;
	sa->state = IKE_SA_ESTABLISHED;
	sa->established_at = contact->established_at;
	sa->negotiated_for = took < UINT32_MAX ? (uint32_t)took : UINT32_MAX;
	memcpy(sa->cky_i, contact->cky_i, IKE_COOKIE_LENGTH);
	memcpy(sa->cky_r, contact->cky_r, IKE_COOKIE_LENGTH);
}

static void obey_contact(struct ike_core *core, const struct ike_contact *contact,
			 const struct ike_sa *other)
{
	uint32_t deleted;

	if (!contact->initial_contact)
		return;
	deleted = initial_contact_elsewhere(core, contact);
	if (deleted > 0) /* the carrier's own worker has told that it was obeyed */
		tell_event_of_sa(core, IKE_EVENT_INITIAL_CONTACT, other)->value = deleted;
}

/* It comes from another process. */
static bool can_be(const struct ike_core *core, const struct ike_contact *contact)
{
	return contact->peer < core->settings->peers &&
	       contact->local_identity.length <= IKE_IDENTITY_MAX &&
	       contact->remote_identity.length <= IKE_IDENTITY_MAX &&
	       (contact->gateway == IKE_NONE ||
		contact->gateway < core->settings->peer[contact->peer].gateways);
}

bool elsewhere_hear(struct ike_core *core, const struct ike_contact *contact,
		    struct ike_contact *reply)
{
	const struct ike_party *party;
	struct ike_sa other, *stays = NULL;

	if (!can_be(core, contact))
		return false;
	party = party_find(core->parties, contact->peer, &contact->local_identity,
			   &contact->remote_identity);
	stand_in(contact, &other);
	sa_drop_unanswered_call(core, &other);
	/* first, so that an SA which goes with INITIAL-CONTACT is not missed by the recovery */
	if (party != NULL)
		stays = sa_settle_elsewhere(core, party, &other);
	if (stays != NULL)
		contact_of(core, stays, reply);
	obey_contact(core, contact, &other);
	if (stays != NULL)
		return true;
	unknown_spi_note_elsewhere(core, contact);
	if (contact->gateway != IKE_NONE && core->peer[contact->peer].up[contact->gateway] == NULL)
		host_peer_happening(core, contact->peer, contact->gateway,
				    IKE_EXTENSION_PEER_ELSEWHERE);
	return false;
}
