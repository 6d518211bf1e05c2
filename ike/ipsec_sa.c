/* SPDX-License-Identifier: ISC */
/*
 * ipsec_sa.c - a pair of IPsec SAs comes up, is renewed, replaced, expires, is deleted.
 *
 * Pairs belong to the party (party.h) and not to the Phase 1 SA that they were made under: that one may go, and come anew, and they
 * stay until their own end (RFC 2408 section 4.1 has the two phases apart).  What ends them early is a death, a Delete, an
 * INITIAL-CONTACT, and the user.
 *
 * Of two pairs for the same traffic the one takes over whose Quick Mode began when the other was already there.  Where both sides
 * began at the same time, neither does: each side sees the other's pair a little sooner or later than its own, so no rule could
 * pick the same one at both ends, and a wrong pick would leave none.  The first that is renewed takes over from both.
 */
#include <string.h>

#include "ike/address.h"
#include "ike/ipsec_proposal.h"
#include "ike/selector.h"
#include "ike/text.h"
#include "ike/tunnel.h"

#define SUPERSEDED_GRACE (10 * IKE_SECOND) /* long enough for packets that are still on their way */
#define RENEW_AGAIN      (10 * IKE_SECOND)
#define CALL_AGAIN                                                                                 \
	(60 * IKE_SECOND) /* where Phase 1 is missing: whoever recovers it has a pace of his own */
#define LONG_LIFE (60 * IKE_SECOND) /* having lived as long, a pair was no failure */

static struct ike_tunnel *tunnel_of(const struct ike_pair *pair)
{
	return &pair->party->phase_2->tunnel[pair->sa.tunnel];
}

static const struct ike_tunnel_settings *settings_of(const struct ike_core *core,
						     const struct ike_pair *pair)
{
	return &core->peer[pair->sa.peer].settings->tunnel[pair->sa.tunnel];
}

/* ---- telling ------------------------------------------------------------------------------------------------------- */

static struct ike_event *tell_event_of_pair(struct ike_core *core, enum ike_event_kind kind,
					    const struct ike_pair *pair)
{
	struct ike_event *event = tell_event(core, kind);

	event->peer = pair->sa.peer;
	event->gateway = pair->gateway;
	event->remote = pair->sa.remote;
	event->initiator = pair->sa.initiator;
	event->tunnel = pair->sa.tunnel;
	event->ipsec = pair->sa.number;
	event->spi_in = pair->sa.spi_in;
	event->spi_out = pair->sa.spi_out;
	return event;
}

static void tell_up(struct ike_core *core, const struct ike_pair *pair, const struct ike_sa *sa)
{
	struct ike_event *event = tell_event_of_pair(core, IKE_EVENT_IPSEC_ESTABLISHED, pair);
	char proposal[64], local[IKE_SELECTOR_TEXT], remote[IKE_SELECTOR_TEXT];
	struct text out;

	memcpy(event->cky_i, sa->cky_i, IKE_COOKIE_LENGTH);
	memcpy(event->cky_r, sa->cky_r, IKE_COOKIE_LENGTH);
	(void)ike_ipsec_proposal_text(&pair->sa.proposal, proposal, sizeof(proposal));
	(void)ike_selector_text(&pair->sa.inside_local, local, sizeof(local));
	(void)ike_selector_text(&pair->sa.inside_remote, remote, sizeof(remote));
	text_to(&out, event->text, sizeof(event->text));
	text_add(&out, "%s %s, %s to %s", proposal, pair->sa.transport ? "transport" : "tunnel",
		 local, remote);
}

/* ---- times --------------------------------------------------------------------------------------------------------- */

static void arm(struct ike_core *core, struct ike_pair *pair)
{
	timer_arm(&core->ipsec_timers, &pair->timer,
		  pair->sa.renew_at < pair->sa.expires_at ? pair->sa.renew_at
							  : pair->sa.expires_at);
}

void pair_renew_at(struct ike_core *core, struct ike_pair *pair, ike_time at)
{
	pair->sa.renew_at = at;
	arm(core, pair);
}

/*
 * Whoever began the pair renews it after nine tenths of its life, less some jitter; the other one half a tenth later, in case that
 * was not done, unless it is to leave the beginning to the peer.
 */
static void set_lifetime(struct ike_core *core, struct ike_pair *pair, uint32_t seconds)
{
	ike_time life = (ike_time)seconds * IKE_SECOND, margin = life / 10;

	pair->lifetime = seconds;
	pair->sa.expires_at = pair->sa.established_at + life;
	if (!pair->sa.initiator)
		margin /= 2;
	margin +=
	    random_below(&core->random, (uint32_t)(margin / 4 / IKE_MILLISECOND)) * IKE_MILLISECOND;
	pair->sa.renew_at = pair->sa.initiator || !settings_of(core, pair)->wait
				? pair->sa.expires_at - margin
				: IKE_NEVER;
	arm(core, pair);
}

void pair_shorten(struct ike_core *core, struct ike_pair *pair, uint32_t seconds,
		  uint32_t kilobytes)
{
	if (kilobytes != 0 && (pair->sa.kilobytes == 0 || kilobytes < pair->sa.kilobytes)) {
		pair->sa.kilobytes = kilobytes;
		ipsec_change(core, pair, IKE_IPSEC_CHANGED);
	}
	if (seconds != 0 && seconds < pair->lifetime && !pair->sa.superseded)
		set_lifetime(core, pair, seconds);
}

/* ---- which one is in use ------------------------------------------------------------------------------------------- */

static bool same_traffic(const struct ike_pair *a, const struct ike_pair *b)
{
	return a->sa.tunnel == b->sa.tunnel &&
	       selector_equal(&a->sa.inside_local, &b->sa.inside_local) &&
	       selector_equal(&a->sa.inside_remote, &b->sa.inside_remote);
}

static void supersede(struct ike_core *core, struct ike_pair *pair)
{
	pair->sa.superseded = true;
	pair->sa.renew_at = IKE_NEVER;
	if (pair->sa.expires_at > core->now + SUPERSEDED_GRACE)
		pair->sa.expires_at = core->now + SUPERSEDED_GRACE;
	arm(core, pair);
	ipsec_change(core, pair, IKE_IPSEC_CHANGED);
	(void)tell_event_of_pair(core, IKE_EVENT_IPSEC_REPLACED, pair);
}

static void settle(struct ike_core *core, const struct ike_pair *fresh)
{
	struct ike_pair *pair = party_first_pair(fresh->party);

	for (; pair != NULL; pair = pair->next_of_party) {
		if (pair == fresh || pair->sa.superseded || !same_traffic(pair, fresh))
			continue;
		if (fresh->created_at > pair->sa.established_at)
			supersede(core, pair);
	}
}

/* How many pairs are held with the gateway of this one. */
static uint32_t *count_of(struct ike_core *core, const struct ike_pair *pair)
{
	return &core->peer[pair->sa.peer]
		    .pairs[pair->gateway == IKE_NONE ? IKE_GATEWAYS_MAX : pair->gateway];
}

void pair_up(struct ike_core *core, struct ike_pair *pair, const struct ike_sa *sa)
{
	pair->state = IKE_PAIR_UP;
	(*count_of(core, pair))++;
	pair->sa.local = *sa_local(core, sa);
	pair->sa.remote = sa->remote;
	pair->sa.encapsulated = sa->encapsulated;
	pair->nat_there = sa->nat_there;
	if (!sa->encapsulated)
		pair->sa.local.port = pair->sa.remote.port = 0;
	pair->sa.established_at = core->now;
	party_join_pair(sa->party, pair);
	set_lifetime(core, pair, pair->lifetime);
	ipsec_change(core, pair, IKE_IPSEC_ADDED);
	tell_up(core, pair, sa);
	settle(core, pair);
}

static void renew(struct ike_core *core, struct ike_pair *pair)
{
	struct ike_tunnel *tunnel = tunnel_of(pair);

	pair->sa.renew_at = IKE_NEVER;
	pair->waits_for_sa = false;
	tunnel->failures = 0;
	if (pair->party->first_sa == 0) {
		pair->waits_for_sa = true;
		pair->sa.renew_at = core->now + CALL_AGAIN;
		arm(core, pair);
		(void)tunnel_call_peer(core, pair->sa.peer);
		return;
	}
	/* where one is under way already, it may be for other traffic of the same tunnel */
	if (!tunnel_begin(core, tunnel, pair))
		pair->sa.renew_at = core->now + RENEW_AGAIN;
}

void pair_time(struct ike_core *core, struct ike_pair *pair)
{
	if (pair->sa.expires_at <= core->now) {
		pair_delete(core, pair, pair->sa.superseded ? IKE_WHY_REPLACED : IKE_WHY_EXPIRED,
			    true);
		return;
	}
	if (pair->sa.renew_at <= core->now)
		renew(core, pair);
	if (pair->state == IKE_PAIR_UP)
		arm(core, pair);
}

/* ---- gone ---------------------------------------------------------------------------------------------------------- */

/* Whether to negotiate again, now that the pair has gone. */
static bool is_missed(const struct ike_core *core, const struct ike_pair *pair, enum ike_why why)
{
	if (pair->sa.superseded || why == IKE_WHY_CLOSED)
		return false;
	if (why == IKE_WHY_PEER_DELETED)
		return pair->sa.initiator;
	return pair->sa.initiator || !settings_of(core, pair)->wait;
}

void pair_delete(struct ike_core *core, struct ike_pair *pair, enum ike_why why, bool polite)
{
	struct ike_tunnel *tunnel = tunnel_of(pair);
	struct ike_sa *sa = tunnel_party_sa(core, pair->party);
	bool again = is_missed(core, pair, why) && sa != NULL;

	if (polite && sa != NULL)
		send_delete_ipsec(core, sa, pair->sa.spi_in);
	tell_event_of_pair(core, IKE_EVENT_IPSEC_DELETED, pair)->why = why;
	if (core->now - pair->sa.established_at >= LONG_LIFE)
		tunnel->failures = 0;
	timer_cancel(&core->ipsec_timers, &pair->timer);
	party_leave_pair(core->parties, pair);
	pair->state = IKE_PAIR_GONE;
	(*count_of(core, pair))--;
	ipsec_change(core, pair, IKE_IPSEC_REMOVED);
	/* the party is still there, for it has an SA */
	if (again)
		tunnel_lost(core, tunnel);
}

uint32_t pairs_delete(struct ike_core *core, struct ike_party *party, ike_time before,
		      enum ike_why why, bool polite)
{
	struct ike_pair *pair = party_first_pair(party), *next;
	uint32_t count = 0;

	for (; pair != NULL; pair = next) {
		next = pair->next_of_party; /* read first: with its last pair the party may go */
		if (pair->sa.established_at >= before)
			continue;
		pair_delete(core, pair, why, polite);
		count++;
	}
	return count;
}

struct ike_pair *pair_of_party(const struct ike_party *party, uint32_t spi_out)
{
	struct ike_pair *pair = party_first_pair(party);

	while (pair != NULL && pair->sa.spi_out != spi_out)
		pair = pair->next_of_party;
	return pair;
}

bool pair_store_failed(struct ike_core *core, uint32_t number)
{
	struct ike_pair *pair = ipsec_table_find_number(core->pairs, number);

	if (pair == NULL || pair->state != IKE_PAIR_UP)
		return false;
	pair_delete(core, pair, IKE_WHY_STORE, true);
	return true;
}

/* ---- where the peer is --------------------------------------------------------------------------------------------- */

void ipsec_addresses_changed(struct ike_core *core, const struct ike_sa *sa)
{
	struct ike_pair *pair = sa->party == NULL ? NULL : party_first_pair(sa->party);

	for (; pair != NULL; pair = pair->next_of_party) {
		if (!pair->sa.encapsulated || pair->gateway != sa_gateway(sa) ||
		    (ike_address_equal(&pair->sa.remote, &sa->remote) &&
		     ike_address_equal(&pair->sa.local, sa_local(core, sa))))
			continue;
		pair->sa.remote = sa->remote;
		pair->sa.local = *sa_local(core, sa);
		ipsec_change(core, pair, IKE_IPSEC_CHANGED);
	}
}

void pair_follow_packets(struct ike_core *core, struct ike_pair *pair,
			 const struct ike_address *remote)
{
	if (!pair->nat_there || pair->sa.local.family != remote->family ||
	    ike_address_equal(&pair->sa.remote, remote))
		return;
	pair->sa.remote = *remote;
	ipsec_change(core, pair, IKE_IPSEC_CHANGED);
}

bool ike_next_ipsec_sa(const struct ike_core *core, uint32_t *cursor, struct ike_ipsec_sa *sa)
{
	const struct ike_pair *pair;

	do
		pair = ipsec_table_next(core->pairs, cursor);
	while (pair != NULL && pair->state != IKE_PAIR_UP);
	if (pair == NULL)
		return false;
	*sa = pair->sa;
	return true;
}
