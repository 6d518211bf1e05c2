/* SPDX-License-Identifier: ISC */
#include "ike/tunnel.h"

#include <string.h>

#include "ike/address.h"
#include "ike/quick_mode.h"

#define FIRST_RETRY    (5 * IKE_SECOND) /* doubled with every failure in a row */
#define LONGEST_RETRY  (60 * IKE_SECOND)
#define AFTER_LOSS     IKE_SECOND
#define RESPONDER_WAIT IKE_SECOND
#define RENEW_AGAIN    (10 * IKE_SECOND)

static const struct ike_tunnel_settings *settings_of(const struct ike_core *core,
						     const struct ike_tunnel *tunnel)
{
	return &core->peer[tunnel->party->peer].settings->tunnel[tunnel->index];
}

/* ---- which one ----------------------------------------------------------------------------------------------------- */

/*
 * In transport mode behind a NAT an end is not called what it is seen as (RFC 3947 section 5.2): where its own address is meant, any
 * single one will do, for it is not what its packets are told by.
 */
static bool is_some_host(const struct ike_selector *asked, const struct ike_selector *configured)
{
	struct ike_selector host;

	selector_of_host(&asked->prefix.address, &host);
	return asked->prefix.bits == host.prefix.bits && asked->protocol == configured->protocol &&
	       asked->port == configured->port;
}

static bool fits(const struct ike_selector *asked, const struct ike_selector *configured,
		 const struct ike_address *own, bool translated, bool narrow)
{
	struct ike_selector ours;

	if (translated && configured->prefix.address.family == IKE_FAMILY_NONE)
		return is_some_host(asked, configured);
	selector_resolve(configured, own, &ours);
	return narrow ? selector_inside(asked, &ours) : selector_equal(asked, &ours);
}

bool tunnel_fits(const struct ike_sa *sa, const struct ike_address *own,
		 const struct ike_tunnel_settings *settings, const struct ike_selector *local,
		 const struct ike_selector *remote, bool narrow)
{
	bool translated = sa->encapsulated && settings->transport;

	if (narrow && !settings->narrow)
		return false;
	return fits(local, &settings->local, own, translated, narrow) &&
	       fits(remote, &settings->remote, &sa->remote, translated, narrow);
}

struct ike_sa *tunnel_party_sa(const struct ike_core *core, const struct ike_party *party)
{
	struct ike_sa *first = sa_table_at(core->sas, party->first_sa), *sa = first;

	while (sa != NULL && sa->superseded)
		sa = sa_table_at(core->sas, sa->next_of_party);
	return sa != NULL ? sa : first;
}

bool tunnel_has_pair(const struct ike_party *party, uint32_t index)
{
	const struct ike_pair *pair = party_first_pair(party);

	while (pair != NULL && (pair->sa.tunnel != index || pair->sa.superseded))
		pair = pair->next_of_party;
	return pair != NULL;
}

/* ---- beginning ----------------------------------------------------------------------------------------------------- */

/*
 * All transforms of one offer have the same group (RFC 2409 section 5.5), so a tunnel whose proposals differ in it offers them
 * in turn: those with the group of the first, and after a failure those with the next one.
 */
static uint16_t group_to_offer(const struct ike_tunnel_settings *settings, uint32_t turn)
{
	uint16_t groups[IKE_IPSEC_PROPOSALS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < settings->proposals; i++) {
		size_t j = 0;

		while (j < count && groups[j] != settings->proposal[i].group)
			j++;
		if (j == count)
			groups[count++] = settings->proposal[i].group;
	}
	return count == 0 ? 0 : groups[turn % count];
}

static void take_settings(struct ike_core *core, struct ike_quick_mode *quick,
			  const struct ike_tunnel *tunnel, const struct ike_pair *renews)
{
	const struct ike_tunnel_settings *settings = settings_of(core, tunnel);
	struct ike_pair *pair = quick->pair;

	pair->sa.tunnel = tunnel->index;
	pair->sa.transport = settings->transport;
	pair->sa.kilobytes = settings->kilobytes;
	pair->lifetime = settings->lifetime;
	selector_resolve(&settings->local, sa_local(core, quick->sa), &pair->sa.inside_local);
	selector_resolve(&settings->remote, &quick->sa->remote, &pair->sa.inside_remote);
	if (renews != NULL) {
		/* what was agreed may have been narrower */
		pair->sa.inside_local = renews->sa.inside_local;
		pair->sa.inside_remote = renews->sa.inside_remote;
		quick->renews = renews->sa.number;
	}
	pair->sa.proposal.group = group_to_offer(settings, tunnel->turn);
	quick->pfs = ipsec_proposal_group(&pair->sa.proposal, &quick->group);
	quick->with_ids = true;
}

bool tunnel_begin(struct ike_core *core, struct ike_tunnel *tunnel, const struct ike_pair *renews)
{
	struct ike_sa *sa = tunnel_party_sa(core, tunnel->party);
	struct ike_quick_mode *quick;

	if (sa == NULL || tunnel->quick != NULL || settings_of(core, tunnel)->proposals == 0)
		return false;
	quick = quick_mode_new(core, sa, true, send_message_id(core, sa));
	if (quick == NULL)
		return false;
	timer_cancel(&core->tunnel_timers, &tunnel->timer);
	quick->tunnel = tunnel;
	tunnel->quick = quick;
	take_settings(core, quick, tunnel, renews);
	if (quick->pfs)
		quick_mode_queue_work(core, quick, IKE_WORK_KEY_PAIR);
	else
		quick_mode_send_1(core, quick);
	return true;
}

/* ---- trying again -------------------------------------------------------------------------------------------------- */

/* Something up to a quarter less, so that a thousand peers do not come back in step. */
static void try_after(struct ike_core *core, struct ike_tunnel *tunnel, ike_time wait)
{
	if (tunnel->party->first_sa == 0)
		return; /* tunnels_up() begins it */
	wait -= random_below(&core->random, (uint32_t)(wait / 4));
	timer_arm(&core->tunnel_timers, &tunnel->timer, core->now + wait);
}

static ike_time wait_after_failures(const struct ike_tunnel *tunnel)
{
	ike_time wait = FIRST_RETRY;

	for (uint32_t i = 1; i < tunnel->failures && wait < LONGEST_RETRY; i++)
		wait *= 2;
	return wait < LONGEST_RETRY ? wait : LONGEST_RETRY;
}

static bool is_wanted(const struct ike_core *core, const struct ike_tunnel *tunnel)
{
	return tunnel->asked || !settings_of(core, tunnel)->wait;
}

static void count_failure(struct ike_tunnel *tunnel)
{
	if (tunnel->failures < UINT8_MAX)
		tunnel->failures++;
}

void tunnel_failed(struct ike_core *core, struct ike_tunnel *tunnel, uint32_t renews,
		   enum ike_why why)
{
	struct ike_pair *old = renews == 0 ? NULL : ipsec_table_find_number(core->pairs, renews);

	count_failure(tunnel);
	if (why == IKE_WHY_REFUSED || why == IKE_WHY_PEER_REFUSED)
		tunnel->turn++;
	if (old != NULL && old->state == IKE_PAIR_UP)
		pair_renew_at(core, old, core->now + RENEW_AGAIN);
	else if (is_wanted(core, tunnel))
		try_after(core, tunnel, wait_after_failures(tunnel));
}

void tunnel_lost(struct ike_core *core, struct ike_tunnel *tunnel)
{
	ike_time wait = tunnel->failures == 0 ? AFTER_LOSS : wait_after_failures(tunnel);

	count_failure(tunnel);
	try_after(core, tunnel, wait);
}

/* Now, or where a limit is in the way later. */
static void begin_or_try_later(struct ike_core *core, struct ike_tunnel *tunnel)
{
	if (tunnel->quick != NULL || tunnel_begin(core, tunnel, NULL))
		return;
	count_failure(tunnel);
	try_after(core, tunnel, wait_after_failures(tunnel));
}

void tunnel_time(struct ike_core *core, struct ike_tunnel *tunnel)
{
	if (!tunnel_has_pair(tunnel->party, tunnel->index))
		begin_or_try_later(core, tunnel);
}

/* ---- with Phase 1 -------------------------------------------------------------------------------------------------- */

void tunnels_up(struct ike_core *core, struct ike_sa *sa)
{
	struct ike_party *party = sa->party;
	struct ike_peer *peer = &core->peer[party->peer];

	for (struct ike_pair *pair = party_first_pair(party); pair != NULL;
	     pair = pair->next_of_party)
		if (pair->waits_for_sa)
			pair_renew_at(core, pair, core->now);
	for (uint32_t i = 0; i < party_tunnels(party); i++) {
		struct ike_tunnel *tunnel = &party->phase_2->tunnel[i];
		bool asked = (peer->tunnels_asked & 1u << i) != 0;

		tunnel->asked = tunnel->asked || asked;
		if (!asked && (!is_wanted(core, tunnel) || tunnel_has_pair(party, i)))
			continue;
		if (!asked && !sa->initiator)
			try_after(core, tunnel, RESPONDER_WAIT);
		else
			begin_or_try_later(core, tunnel);
	}
	peer->tunnels_asked = 0;
}

/* Ends a Quick Mode with its SA.  Returns whether its tunnel is to be taken up under another one. */
static bool end_with_sa(struct ike_core *core, struct ike_quick_mode *quick, enum ike_why why,
			bool others)
{
	struct ike_pair *old = ipsec_table_find_number(core->pairs, quick->renews);

	if (quick->over) {
		quick_mode_free(core, quick);
		return false;
	}
	if (quick->tunnel == NULL || !others) {
		quick_mode_fail(core, quick, why);
		return false;
	}
	quick_mode_free(core, quick);
	if (old == NULL || old->state != IKE_PAIR_UP)
		return true;
	pair_renew_at(core, old, core->now);
	return false;
}

uint32_t tunnels_sa_ends(struct ike_core *core, struct ike_sa *sa, enum ike_why why)
{
	struct ike_party *party = sa->party;
	bool others = why != IKE_WHY_CLOSED && party_has_other_sas(core->parties, sa);
	struct ike_quick_mode *quick;
	uint32_t moving = 0;

	while ((quick = quick_mode_first(core, sa)) != NULL) {
		uint32_t index = quick->tunnel == NULL ? 0 : quick->tunnel->index;

		if (end_with_sa(core, quick, why, others))
			moving |= 1u << index;
	}
	if (others)
		return moving;
	for (uint32_t i = 0; i < party_tunnels(party); i++) {
		timer_cancel(&core->tunnel_timers, &party->phase_2->tunnel[i].timer);
		/* the party may be forgotten; what the user wants of it is not */
		if (party->phase_2->tunnel[i].asked && why != IKE_WHY_CLOSED)
			core->peer[party->peer].tunnels_asked |= (uint8_t)(1u << i);
	}
	return 0;
}

void tunnels_move(struct ike_core *core, struct ike_party *party, uint32_t tunnels)
{
	for (uint32_t i = 0; i < party_tunnels(party); i++)
		if ((tunnels & 1u << i) != 0)
			begin_or_try_later(core, &party->phase_2->tunnel[i]);
}

static bool ask_party(struct ike_core *core, struct ike_party *party, uint32_t index)
{
	struct ike_tunnel *tunnel = &party->phase_2->tunnel[index];

	tunnel->asked = true;
	return tunnel->quick != NULL || tunnel_begin(core, tunnel, NULL);
}

bool tunnel_command(struct ike_core *core, uint32_t index, uint32_t tunnel)
{
	struct ike_peer *peer = &core->peer[index];
	uint32_t cursor = 0;
	struct ike_sa *sa;
	bool any = false;

	if (tunnel >= peer->settings->tunnels)
		return false;
	while ((sa = sa_table_next(core->sas, &cursor)) != NULL)
		if (sa->peer == index && sa->state == IKE_SA_ESTABLISHED &&
		    sa == tunnel_party_sa(core, sa->party))
			any = ask_party(core, sa->party, tunnel) || any;
	if (any)
		return true;
	if (peer->settings->gateways == 0)
		return false;
	/* as soon as there is a Phase 1 SA, which is begun now */
	peer->tunnels_asked |= (uint8_t)(1u << tunnel);
	return tunnel_call_peer(core, index);
}

bool tunnel_call_peer(struct ike_core *core, uint32_t index)
{
	if (core->peer[index].settings->gateways == 0)
		return false;
	host_peer_happening(core, index, 0, IKE_EXTENSION_PEER_START);
	return true;
}
