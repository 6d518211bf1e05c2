/* SPDX-License-Identifier: ISC */
/*
 * sa_life.c - an SA comes up, is renewed, is replaced, expires, is deleted.
 *
 * Between two parties one SA is in use.  A second one is either its renewal, and takes over; or both sides began at the same
 * time, and the one with the smaller initiator cookie stays, which both can tell without a word.  The one that goes is
 * superseded: for a short while it still answers, then it is deleted.
 */
#include <assert.h>
#include <string.h>

#include "ike/address.h"
#include "ike/authentication.h"
#include "ike/identity.h"
#include "ike/nat_traversal.h"
#include "ike/unknown_spi.h"

#define SUPERSEDED_GRACE  (10 * IKE_SECOND) /* long enough for what is still on its way */
#define RENEW_AGAIN       (10 * IKE_SECOND) /* after a renewal that failed */
#define LAST_MESSAGE_KEPT (30 * IKE_SECOND) /* MM6 may have to be said again */

/* ---- times --------------------------------------------------------------------------------------------------------- */

ike_time sa_created_at(const struct ike_sa *sa)
{
	return sa->state == IKE_SA_ESTABLISHED ? sa->established_at - sa->negotiated_for
					       : sa->handshake->begun_at;
}

ike_time sa_renew_at(const struct ike_sa *sa)
{
	return sa->superseded ? IKE_NEVER : sa->renew_at;
}

ike_time sa_expires_at(const struct ike_sa *sa)
{
	ike_time end = sa->established_at + (ike_time)sa->lifetime * IKE_SECOND;

	return sa->superseded && sa->renew_at < end ? sa->renew_at : end;
}

void sa_arm(struct ike_core *core, struct ike_sa *sa)
{
	ike_time at = sa->handshake != NULL ? handshake_deadline(sa->handshake) : IKE_NEVER;

	if (sa->state == IKE_SA_ESTABLISHED) {
		if (sa_expires_at(sa) < at)
			at = sa_expires_at(sa);
		if (!sa->renewing && sa_renew_at(sa) < at)
			at = sa_renew_at(sa);
		if (host_sa_wake(core, sa) < at)
			at = host_sa_wake(core, sa);
		if (nat_t_deadline(core, sa) < at)
			at = nat_t_deadline(core, sa);
	}
	timer_arm(&core->sa_timers, &sa->timer, at);
}

/*
 * The initiator renews after nine tenths of the lifetime, less some jitter; a responder that knows where to call does so half
 * a tenth later, in case the initiator did not.
 */
void sa_set_lifetime(struct ike_core *core, struct ike_sa *sa, uint32_t seconds)
{
	ike_time life = (ike_time)seconds * IKE_SECOND, margin = life / 10;

	sa->lifetime = seconds;
	if (!sa->initiator)
		margin /= 2;
	margin +=
	    random_below(&core->random, (uint32_t)(margin / 4 / IKE_MILLISECOND)) * IKE_MILLISECOND;
	sa->renew_at =
	    sa->initiator || sa_gateway(sa) != IKE_NONE ? sa_expires_at(sa) - margin : IKE_NEVER;
	sa_arm(core, sa);
}

/* Without INITIAL-CONTACT (R110). */
void sa_renew(struct ike_core *core, struct ike_sa *sa)
{
	if (sa->renewing || sa->superseded || sa->state != IKE_SA_ESTABLISHED)
		return;
	if (phase_1_start(core, sa->peer, sa_gateway(sa), &sa->remote, false, sa) == NULL)
		sa->renew_at = core->now + RENEW_AGAIN;
	else
		sa->renewing = true;
	sa_arm(core, sa);
}

/* One deadline after the other; any of them may be the SA's last. */
void sa_time(struct ike_core *core, struct ike_sa *sa)
{
	if (sa->handshake != NULL)
		handshake_time(core, sa->handshake);
	if (sa->state != IKE_SA_ESTABLISHED)
		return;
	if (sa_expires_at(sa) <= core->now) {
		sa_delete(core, sa, sa->superseded ? IKE_WHY_REPLACED : IKE_WHY_EXPIRED, true);
		return;
	}
	if (host_sa_wake(core, sa) <= core->now)
		host_sa_happening(core, sa, IKE_EXTENSION_TIME);
	if (sa->state != IKE_SA_ESTABLISHED)
		return;
	if (!sa->renewing && sa_renew_at(sa) <= core->now)
		sa_renew(core, sa);
	nat_t_time(core, sa);
	sa_arm(core, sa);
}

/* ---- what it is ----------------------------------------------------------------------------------------------------- */

struct ike_proposal sa_proposal(const struct ike_sa *sa)
{
	static const struct ike_proposal none;

	return sa->group == 0 ? none : ike_proposal_of(sa->cipher, sa->hash, sa->group);
}

static_assert(IKE_GATEWAYS_MAX < UINT8_MAX, "a gateway's number is an octet");

uint32_t sa_gateway(const struct ike_sa *sa)
{
	return sa->gateway_number == 0 ? IKE_NONE : sa->gateway_number - 1u;
}

void sa_set_gateway(struct ike_sa *sa, uint32_t gateway)
{
	sa->gateway_number = gateway == IKE_NONE ? 0 : (uint8_t)(gateway + 1);
}

/* ---- which one is in use ------------------------------------------------------------------------------------------- */

static struct ike_sa **in_use(struct ike_core *core, const struct ike_sa *sa)
{
	return sa_gateway(sa) == IKE_NONE ? NULL : &core->peer[sa->peer].up[sa_gateway(sa)];
}

static void supersede(struct ike_core *core, struct ike_sa *sa)
{
	if (sa->superseded)
		return;
	sa->superseded = true;
	sa->renew_at = core->now + SUPERSEDED_GRACE;
	host_sa_happening(core, sa, IKE_EXTENSION_SA_SUPERSEDED);
	sa_arm(core, sa);
}

/* Whoever is behind a NAT may renew from another address before anything else has told that it is there now. */
static bool same_pair_of_nodes(const struct ike_sa *a, const struct ike_sa *b)
{
	return a->peer == b->peer && sa_gateway(a) == sa_gateway(b) &&
	       ((a->nat_there && b->nat_there) ||
		memcmp(a->remote.octets, b->remote.octets, sizeof(a->remote.octets)) == 0);
}

/*
 * R122: whether `fresh`, just established, gives way to `other`: only when both were begun at the same time.  A renewal is begun long
 * after what it renews was established, so it never gives way to that.
 */
static bool gives_way(const struct ike_sa *fresh, const struct ike_sa *other)
{
	return sa_created_at(fresh) < other->established_at &&
	       memcmp(other->cky_i, fresh->cky_i, IKE_COOKIE_LENGTH) < 0;
}

/* Returns whether `fresh` is the one in use from now on. */
static bool settle(struct ike_core *core, struct ike_sa *fresh)
{
	struct ike_sa *sa = sa_table_at(core->sas, fresh->party->first_sa), *next;
	bool stays = true;

	/* supersede() deletes nothing, so the list holds still */
	for (; sa != NULL; sa = next) {
		next = sa_table_at(core->sas, sa->next_of_party);
		if (sa == fresh || sa->superseded || !same_pair_of_nodes(sa, fresh))
			continue;
		if (gives_way(fresh, sa)) {
			stays = false;
			continue;
		}
		supersede(core, sa);
		tell_event_of_sa(core, IKE_EVENT_REPLACED, fresh);
	}
	if (!stays)
		supersede(core, fresh);
	return stays;
}

/* Which was established later; of two in the same microsecond, both workers must name the same. */
static bool is_later(const struct ike_sa *a, const struct ike_sa *b)
{
	if (a->established_at != b->established_at)
		return a->established_at > b->established_at;
	return memcmp(a->cky_i, b->cky_i, IKE_COOKIE_LENGTH) > 0;
}

struct ike_sa *sa_settle_elsewhere(struct ike_core *core, const struct ike_party *party,
				   const struct ike_sa *other)
{
	struct ike_sa *sa = sa_table_at(core->sas, party->first_sa), *next, *stays = NULL;

	for (; sa != NULL; sa = next) {
		next = sa_table_at(core->sas, sa->next_of_party);
		if (sa->superseded || !same_pair_of_nodes(sa, other))
			continue;
		if (is_later(sa, other) ? !gives_way(sa, other) : gives_way(other, sa)) {
			stays = sa;
			continue;
		}
		/* whoever has the other looks after the peer: that this one goes is no loss to be recovered from */
		if (in_use(core, sa) != NULL && *in_use(core, sa) == sa)
			*in_use(core, sa) = NULL;
		supersede(core, sa);
		tell_event_of_sa(core, IKE_EVENT_REPLACED, other);
	}
	return stays;
}

/* The SA in use has gone: one that it had superseded, and that still lives, is better than none. */
static struct ike_sa *promote(struct ike_core *core, struct ike_party *party, uint32_t peer,
			      uint32_t gateway)
{
	struct ike_sa *sa = sa_table_at(core->sas, party->first_sa);

	while (sa != NULL && !(sa->peer == peer && sa_gateway(sa) == gateway))
		sa = sa_table_at(core->sas, sa->next_of_party);
	if (sa == NULL)
		return NULL;
	sa->superseded = false;
	sa->renewing = false; /* what was to replace it has come up and gone */
	sa_set_lifetime(core, sa, sa->lifetime);
	host_sa_happening(core, sa, IKE_EXTENSION_SA_UP);
	return sa->state == IKE_SA_ESTABLISHED ? sa : NULL;
}

static void forget(struct ike_core *core, struct ike_sa *sa)
{
	timer_cancel(&core->sa_timers, &sa->timer);
	handshake_free(core, sa->handshake);
	fragment_forget(core, sa);
	party_leave(core->parties, sa);
	sa_keys_wipe(core->keys, sa);
	local_address_release(core->locals, sa->local);
	sa_table_remove(core->sas, sa);
}

/* ---- up ------------------------------------------------------------------------------------------------------------ */

static struct ike_event *tell_established(struct ike_core *core, const struct ike_sa *sa,
					  const struct ike_identity *remote)
{
	struct ike_event *event = tell_event_of_sa(core, IKE_EVENT_ESTABLISHED, sa);

	event->nat_here = sa->nat_here;
	event->nat_there = sa->nat_there;
	event->authentication = sa->authentication;
	ike_identity_text(remote, event->text, sizeof(event->text));
	return event;
}

void sa_drop_unanswered_call(struct ike_core *core, const struct ike_sa *fresh)
{
	struct ike_sa **connecting;

	if (sa_gateway(fresh) == IKE_NONE)
		return;
	connecting = &core->peer[fresh->peer].connecting[sa_gateway(fresh)];
	if (*connecting == fresh)
		*connecting = NULL;
	else if (*connecting != NULL && handshake_is_unanswered((*connecting)->handshake))
		sa_fail(core, *connecting, IKE_WHY_REPLACED);
}

static void leave_handshake(struct ike_core *core, struct ike_sa *sa)
{
	struct ike_handshake *handshake = sa->handshake;

	if (sa->initiator && !handshake->aggressive) {
		handshake_free(core, handshake);
		return;
	}
	/* MM6 may be asked for again; AM3 is said again until something is heard (handshake.c) */
	handshake_keep(core, handshake, core->now + LAST_MESSAGE_KEPT);
}

/* What it is from now on, whoever made it. */
static void begin(struct ike_core *core, struct ike_sa *sa, const uint8_t *last_block,
		  uint32_t lifetime)
{
	ike_time negotiated_for = sa->handshake == NULL ? 0 : core->now - sa->handshake->begun_at;

	sa->state = IKE_SA_ESTABLISHED;
	sa->established_at = core->now;
	sa->negotiated_for = negotiated_for < UINT32_MAX ? (uint32_t)negotiated_for : UINT32_MAX;
	nat_t_sent(core, sa);
	sa_keys_set_last_block(sa, last_block);
	core->established++;
	sa_set_lifetime(core, sa, lifetime);
}

/* The extension hears of it, and then it is settled which one is in use.  False: the extension has ended it. */
static bool take_place(struct ike_core *core, struct ike_sa *sa, bool *stays)
{
	sa_drop_unanswered_call(core, sa);
	host_sa_happening(core, sa, IKE_EXTENSION_SA_UP);
	if (sa->state != IKE_SA_ESTABLISHED)
		return false;
	*stays = settle(core, sa);
	if (sa->handshake != NULL)
		leave_handshake(core, sa);
	if (*stays && in_use(core, sa) != NULL)
		*in_use(core, sa) = sa;
	if (*stays) {
		ipsec_addresses_changed(core, sa);
		unknown_spi_note_sa(core, sa);
	}
	return true;
}

static bool join_party(struct ike_core *core, struct ike_sa *sa, const struct ike_identity *local,
		       const struct ike_identity *remote)
{
	if (party_join(core->parties, sa, local, remote, core->peer[sa->peer].settings->tunnels))
		return true;
	tell_overload(core, "memory: no room for a party");
	return false;
}

bool sa_establish(struct ike_core *core, struct ike_sa *sa)
{
	struct ike_handshake *handshake = sa->handshake;
	struct ike_identity local;
	bool send_contact = handshake->send_contact, contact_received = handshake->contact_received;
	/* R127: AM3 has no answer, and its sender may be waiting for a sign that it has arrived (vpnc does) */
	bool confirm = handshake->aggressive && !sa->initiator;
	bool tell_lifetime = handshake->tell_lifetime || confirm, stays;

	/* R140: the keepalive is agreed on when both have announced it; in AM2 there may have been no room */
	sa->supported = sa->supported && handshake->vendor_id_sent;
	peer_local_identity(core, sa, &local);
	if (!join_party(core, sa, &local, &handshake->peer_identity)) {
		sa_fail(core, sa, IKE_WHY_REFUSED);
		return false;
	}
	begin(core, sa, handshake->iv, handshake->lifetime);
	tell_established(core, sa, &handshake->peer_identity)->initial_contact = send_contact;
	core->counter[IKE_COUNT_HANDSHAKES_DONE]++;
	if (!take_place(core, sa, &stays))
		return false;
	/* R114: now, and not when MM5 came */
	if (contact_received)
		(void)initial_contact_obey(core, sa);
	if (stays && sa_gateway(sa) != IKE_NONE)
		host_peer_happening(core, sa->peer, sa_gateway(sa), IKE_EXTENSION_PEER_UP);
	if (sa->state != IKE_SA_ESTABLISHED)
		return false;
	/* R111: once more, where HASH covers it (see phase_1.c); after Aggressive Mode for the first time (R112) */
	if (send_contact)
		send_initial_contact(core, sa);
	/* what was offered may not be changed in MM2, and whoever is to renew must know when */
	if (tell_lifetime && (stays || confirm))
		send_lifetime(core, sa);
	if (stays)
		tunnels_up(core, sa); /* R101 */
	sa_arm(core, sa);
	return true;
}

bool sa_establish_imported(struct ike_core *core, struct ike_sa *sa,
			   const struct ike_import *import)
{
	struct ike_identity local = import->local_identity;
	bool stays;

	if (local.type == 0)
		peer_local_identity(core, sa, &local);
	if (!join_party(core, sa, &local, &import->remote_identity)) {
		forget(core, sa);
		return false;
	}
	begin(core, sa, import->keys.last_block, import->lifetime);
	(void)tell_established(core, sa, &import->remote_identity);
	if (!take_place(core, sa, &stays))
		return false;
	if (stays && sa_gateway(sa) != IKE_NONE)
		host_peer_happening(core, sa->peer, sa_gateway(sa), IKE_EXTENSION_PEER_UP);
	if (sa->state != IKE_SA_ESTABLISHED)
		return false;
	if (stays)
		tunnels_up(core, sa);
	sa_arm(core, sa);
	return true;
}

/* ---- gone ---------------------------------------------------------------------------------------------------------- */

/* Found out under the SA, or through a tunnel (traffic.c). */
static bool is_death(enum ike_why why)
{
	return why == IKE_WHY_DEAD || why == IKE_WHY_TUNNEL_DEAD || why == IKE_WHY_TUNNEL_USELESS;
}

static enum ike_extension_peer_happening happening_of(enum ike_why why)
{
	return why == IKE_WHY_TUNNEL_USELESS ? IKE_EXTENSION_PEER_USELESS
	       : is_death(why)               ? IKE_EXTENSION_PEER_DEAD
					     : IKE_EXTENSION_PEER_LOST;
}

/* The IPsec SAs of the party go with it only after a death (R98); whatever else ends an SA ends this one alone (R123). */
void sa_delete(struct ike_core *core, struct ike_sa *sa, enum ike_why why, bool polite)
{
	struct ike_sa **slot = in_use(core, sa);
	bool was_in_use = slot != NULL && *slot == sa;
	uint32_t peer = sa->peer, gateway = sa_gateway(sa);
	struct ike_party *party = sa->party;
	bool others = party_has_other_sas(core->parties, sa);
	uint32_t moving;

	if (is_death(why))
		(void)pairs_delete(core, party, IKE_NEVER, why, false);
	moving = tunnels_sa_ends(core, sa, why);
	if (polite)
		send_delete(core, sa);
	tell_event_of_sa(core, IKE_EVENT_DELETED, sa)->why = why;
	if (was_in_use)
		*slot = NULL;
	core->established--;
	forget(core, sa);
	if (others)
		tunnels_move(core, party, moving);
	if (!was_in_use || why == IKE_WHY_CLOSED)
		return;
	if (!is_death(why) && others)
		*slot = promote(core, party, peer, gateway);
	if (*slot == NULL)
		host_peer_happening(core, peer, gateway, happening_of(why));
}

/* A renewal that came to nothing: the SA it was to replace may try again. */
static void renewal_failed(struct ike_core *core, const struct ike_handshake *handshake)
{
	struct ike_sa *old;

	if (!handshake->replaces)
		return;
	old = sa_table_find(core->sas, handshake->replaces_cky_i, handshake->replaces_cky_r);
	if (old == NULL || old->state != IKE_SA_ESTABLISHED)
		return;
	old->renewing = false;
	if (!old->superseded)
		old->renew_at = core->now + RENEW_AGAIN;
	sa_arm(core, old);
}

/* Why a negotiation that ran out of time came to nothing: what was heard last says more than that it took long. */
static enum ike_why reason_of(const struct ike_sa *sa, enum ike_why why)
{
	const struct ike_handshake *handshake = sa->handshake;

	if (why != IKE_WHY_ABANDONED && why != IKE_WHY_NO_ANSWER)
		return why;
	if (handshake->last_refusal != IKE_ACCEPTED)
		return IKE_WHY_REFUSED;
	if (!sa->initiator)
		return why;
	if (handshake->expects == IKE_MM6)
		return authentication_signs(sa) ? IKE_WHY_NOT_BELIEVED : IKE_WHY_NO_PROOF;
	return handshake_is_unanswered(handshake) ? IKE_WHY_NO_ANSWER : why;
}

/* Those that the extension asked for itself, or that left something better in place, are no failures to it. */
static bool is_failure(enum ike_why why)
{
	return why == IKE_WHY_NO_ANSWER || why == IKE_WHY_REFUSED;
}

void sa_fail(struct ike_core *core, struct ike_sa *sa, enum ike_why why)
{
	uint32_t peer = sa->peer, gateway = sa_gateway(sa);
	struct ike_event *event = tell_event_of_sa(core, IKE_EVENT_FAILED, sa);
	bool called = false;

	event->why = reason_of(sa, why);
	event->verdict = sa->handshake->last_refusal;
	event->notify_type = sa->handshake->peer_said;
	if (sa->handshake->peer_identity.type != 0)
		ike_identity_text(&sa->handshake->peer_identity, event->text, sizeof(event->text));
	if (gateway != IKE_NONE && core->peer[peer].connecting[gateway] == sa) {
		core->peer[peer].connecting[gateway] = NULL;
		called = true;
	}
	renewal_failed(core, sa->handshake);
	forget(core, sa);
	if (called && is_failure(why))
		host_peer_happening(core, peer, gateway, IKE_EXTENSION_PEER_FAILED);
}
