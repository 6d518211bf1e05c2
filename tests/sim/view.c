/* SPDX-License-Identifier: ISC */
#include "tests/sim/view.h"

#include <assert.h>
#include <string.h>

#include "ike/quick_mode.h"
#include "keepalive/keepalive.h"
#include "keepalive/recovery.h"
#include "tests/sim/dice.h"
#include "tests/sim/scenario.h"

static void print_identity(struct fingerprint *print, const struct ike_identity *identity)
{
	fingerprint_u64(print, identity->type);
	fingerprint_octets(print, identity->data, identity->length);
}

static void print_sacred(struct fingerprint *print, const struct ike_core *core,
			 const struct ike_sa *sa)
{
	struct ike_identity local, remote;
	const struct keepalive_peer *keepalive = (const void *)sa->extension;

	party_local_identity(core->parties, sa->party, &local);
	party_remote_identity(sa->party, &remote);
	fingerprint_octets(print, sa->cky_i, sizeof(sa->cky_i));
	fingerprint_octets(print, sa->cky_r, sizeof(sa->cky_r));
	fingerprint_octets(print, sa->remote.octets, sizeof(sa->remote.octets));
	fingerprint_u64(print, (uint64_t)sa->remote.port << 32 | sa->peer);
	fingerprint_u64(print, (uint64_t)sa_gateway(sa) << 32 | sa->lifetime);
	print_identity(print, &local);
	print_identity(print, &remote);
	fingerprint_octets(print, sa->keys, sa_keys(sa).length);
	fingerprint_u64(print, (uint64_t)sa->superseded << 3 | (uint64_t)sa->contact_obeyed << 2 |
				   (uint64_t)sa->supported << 1 | sa->renewing);
	fingerprint_u64(print, sa->established_at);
	fingerprint_u64(print, sa_renew_at(sa));
	fingerprint_u64(print, sa_expires_at(sa));
	fingerprint_u64(print, keepalive->last_heard);
	fingerprint_u64(print, keepalive->wanted);
	fingerprint_u64(print, (uint64_t)keepalive->received.last << 32 |
				   (uint64_t)keepalive->received.jumped << 8 |
				   keepalive->received.have_last);
}

static void print_asking(struct fingerprint *print, const struct ike_sa *sa)
{
	const struct keepalive_peer *keepalive = (const void *)sa->extension;

	fingerprint_u64(print, keepalive->asked_since);
	fingerprint_u64(print, keepalive->asked_last);
	fingerprint_u64(print, keepalive->wake);
	fingerprint_u64(print, keepalive->hinted);
	fingerprint_u64(print, keepalive->sent.next);
	fingerprint_u64(print, (uint64_t)keepalive->sent.open << 32 | keepalive->asked);
	fingerprint_u64(print, keepalive->state);
}

static void print_memory(struct fingerprint *print, const struct ike_core *core,
			 const struct ike_sa *sa)
{
	const struct ike_sa_seldom *seldom = sa_table_seldom(core->sas, sa);
	const struct keepalive_peer *keepalive = (const void *)sa->extension;

	fingerprint_u64(print, keepalive->received.answered_at);
	fingerprint_u64(print, keepalive->received.repeats);
	fingerprint_u64(print, (uint64_t)sa->message_id_base << 32 | sa->message_ids_used);
	fingerprint_octets(print, sa->recent_id, sizeof(sa->recent_id));
	fingerprint_u64(print, (uint64_t)sa->recent << 32 | sa->other_id);
	fingerprint_octets(print, seldom->other_id, sizeof(seldom->other_id));
	fingerprint_u64(print, (uint64_t)seldom->other_next << 32 | seldom->other_ids);
}

static void print_halfway(struct fingerprint *print, const struct ike_sa *sa)
{
	const struct ike_handshake *handshake = sa->handshake;

	fingerprint_octets(print, sa->cky_i, sizeof(sa->cky_i));
	fingerprint_octets(print, sa->cky_r, sizeof(sa->cky_r));
	fingerprint_u64(print, (uint64_t)handshake->expects << 32 | handshake->work);
	fingerprint_u64(print, handshake->resend_at);
	fingerprint_u64(print, handshake->give_up_at);
	fingerprint_u64(print, handshake->received_mark);
	fingerprint_octets(print, handshake->iv, sizeof(handshake->iv));
}

static void take_sa(struct view_sa *view, const struct ike_sa *sa)
{
	struct ike_identity identity;

	*view = (struct view_sa){
	    .remote = sa->remote,
	    .state = sa->state,
	    .initiator = sa->initiator,
	    .aggressive = sa->aggressive,
	    .superseded = sa->superseded,
	    .keyed = sa->keys != NULL,
	    .renewing = sa->renewing,
	    .contact_obeyed = sa->contact_obeyed,
	    .nat_here = sa->nat_here,
	    .nat_there = sa->nat_there,
	    .supported = sa->supported,
	    .negotiates = sa->handshake != NULL && !sa->handshake->over,
	    .peer = sa->peer,
	    .gateway = sa_gateway(sa),
	    .with = SIM_NODES,
	    .created_at = sa_created_at(sa),
	    .established_at = sa->established_at,
	    .expires_at = sa_expires_at(sa),
	    .lifetime = sa->lifetime,
	};
	memcpy(view->cky_i, sa->cky_i, IKE_COOKIE_LENGTH);
	memcpy(view->cky_r, sa->cky_r, IKE_COOKIE_LENGTH);
	if (sa->handshake != NULL && view->negotiates)
		view->expects = (uint8_t)sa->handshake->expects;
	if (sa->party == NULL)
		return;
	party_remote_identity(sa->party, &identity);
	view->with = scenario_node_of_identity(&identity);
}

static uint64_t cookie_word(const uint8_t *cookie)
{
	uint64_t word;

	memcpy(&word, cookie, sizeof(word));
	return word;
}

static void print_peers(struct fingerprint *print, const struct ike_core *core)
{
	for (size_t i = 0; i < core->settings->peers; i++) {
		const struct ike_peer *peer = &core->peer[i];
		const struct recovery *recovery = (const void *)peer->extension;

		for (size_t g = 0; g < peer->settings->gateways; g++)
			fingerprint_u64(print,
					peer->up[g] != NULL ? cookie_word(peer->up[g]->cky_i) : 0);
		fingerprint_u64(print, recovery->wake);
		fingerprint_u64(print, recovery->since);
		fingerprint_u64(print, (uint64_t)recovery->gateway << 32 | recovery->attempt);
		fingerprint_u64(print, (uint64_t)recovery->failures << 32 |
					   (uint64_t)recovery->state << 8 | recovery->closed);
	}
}

/* ---- Phase 2 ------------------------------------------------------------------------------------------------------- */

static void print_address(struct fingerprint *print, const struct ike_address *address)
{
	fingerprint_octets(print, address->octets, sizeof(address->octets));
	fingerprint_u64(print, (uint64_t)address->port << 8 | address->family);
}

static void print_pair(struct fingerprint *print, const struct ike_pair *pair)
{
	const struct ike_ipsec_sa *sa = &pair->sa;

	fingerprint_u64(print, (uint64_t)sa->number << 32 | sa->tunnel);
	fingerprint_u64(print, (uint64_t)sa->spi_in << 32 | sa->spi_out);
	fingerprint_u64(print, (uint64_t)sa->kilobytes << 32 | (uint64_t)sa->peer << 8 |
				   (uint64_t)sa->superseded << 2 | (uint64_t)sa->transport << 1 |
				   sa->encapsulated);
	fingerprint_u64(print, sa->renew_at);
	fingerprint_u64(print, sa->expires_at);
	print_address(print, &sa->local);
	print_address(print, &sa->remote);
	fingerprint_octets(print, sa->keymat_in, 24);
	fingerprint_octets(print, sa->keymat_out, 24);
}

static void take_pair(struct view_pair *view, const struct ike_pair *pair)
{
	struct ike_identity identity;

	party_remote_identity(pair->party, &identity);
	*view = (struct view_pair){
	    .number = pair->sa.number,
	    .peer = pair->sa.peer,
	    .tunnel = pair->sa.tunnel,
	    .spi_in = pair->sa.spi_in,
	    .spi_out = pair->sa.spi_out,
	    .with = scenario_node_of_identity(&identity),
	    .superseded = pair->sa.superseded,
	    .initiator = pair->sa.initiator,
	    .created_at = pair->created_at,
	    .established_at = pair->sa.established_at,
	    .expires_at = pair->sa.expires_at,
	    .remote = pair->sa.remote,
	};
}

static void take_pairs(struct view *view, struct fingerprint *print, const struct ike_core *core)
{
	uint32_t cursor = 0, left = ipsec_table_count(core->pairs);
	const struct ike_pair *pair;

	view->pairs = 0;
	for (; left > 0 && (pair = ipsec_table_next(core->pairs, &cursor)) != NULL; left--) {
		if (pair->state != IKE_PAIR_UP)
			continue;
		assert(view->pairs < VIEW_PAIRS);
		take_pair(&view->pair[view->pairs++], pair);
		print_pair(print, pair);
	}
}

/*
 * How often a message was said again, or refused, may be moved by anybody who repeats and damages.  An old first message may
 * begin a Quick Mode once more, which comes to nothing.
 */
static void take_quicks(struct view *view, struct fingerprint *sacred, struct fingerprint *memory,
			const struct ike_core *core, const struct ike_sa *sa)
{
	const struct ike_quick_mode *quick = quick_mode_first(core, sa);

	for (; quick != NULL; quick = quick->next_of_sa) {
		struct fingerprint *print = quick->initiator ? sacred : memory;

		fingerprint_u64(print, (uint64_t)quick->message_id << 32 | quick->expects);
		fingerprint_u64(print, (uint64_t)quick->over << 8 | quick->work);
		fingerprint_u64(print, quick->give_up_at);
		if (quick->over || view->quicks == VIEW_QUICKS)
			continue;
		view->quick[view->quicks++] = (struct view_quick){
		    .initiator = quick->initiator, .expects = (uint8_t)quick->expects};
	}
	for (size_t i = 0; i < party_tunnels(sa->party); i++)
		fingerprint_u64(sacred, (uint64_t)sa->party->phase_2->tunnel[i].failures << 8 |
					    sa->party->phase_2->tunnel[i].asked);
}

const struct view_pair *view_find_pair(const struct view *view, uint32_t number)
{
	for (unsigned i = 0; i < view->pairs; i++)
		if (view->pair[i].number == number)
			return &view->pair[i];
	return NULL;
}

/* ---- all of it ----------------------------------------------------------------------------------------------------- */

void view_copy(struct view *to, const struct view *from)
{
	to->sas = from->sas;
	to->pairs = from->pairs;
	to->quicks = from->quicks;
	memcpy(to->sa, from->sa, from->sas * sizeof(*from->sa));
	memcpy(to->pair, from->pair, from->pairs * sizeof(*from->pair));
	memcpy(to->quick, from->quick, from->quicks * sizeof(*from->quick));
	to->sacred = from->sacred;
	to->asking = from->asking;
	to->memory = from->memory;
	to->halfway = from->halfway;
	to->outputs = from->outputs;
	to->handshakes = from->handshakes;
}

void view_take(struct view *view, const struct ike_core *core)
{
	struct fingerprint sacred = {0}, asking = {0}, memory = {0}, halfway = {0};
	uint32_t cursor = 0, count = sa_table_count(core->sas);
	const struct ike_sa *sa;

	view->sas = view->quicks = 0;
	/* places are given out from the first one on, so the walk seldom goes far */
	while (view->sas < count && (sa = sa_table_next(core->sas, &cursor)) != NULL) {
		assert(view->sas < VIEW_SAS);
		take_sa(&view->sa[view->sas++], sa);
		if (sa->state == IKE_SA_ESTABLISHED) {
			print_sacred(&sacred, core, sa);
			print_asking(&asking, sa);
			print_memory(&memory, core, sa);
			take_quicks(view, &sacred, &memory, core, sa);
		} else if (sa->handshake != NULL) {
			print_halfway(&halfway, sa);
		}
	}
	take_pairs(view, &sacred, core);
	print_peers(&sacred, core);
	view->sacred = sacred.value;
	view->asking = asking.value;
	view->memory = memory.value;
	view->halfway = halfway.value;
	view->outputs = core->outputs;
	view->handshakes = core->handshakes;
}

const struct view_sa *view_find(const struct view *view, const uint8_t *cky_i, const uint8_t *cky_r)
{
	for (unsigned i = 0; i < view->sas; i++)
		if (memcmp(view->sa[i].cky_i, cky_i, IKE_COOKIE_LENGTH) == 0 &&
		    memcmp(view->sa[i].cky_r, cky_r, IKE_COOKIE_LENGTH) == 0)
			return &view->sa[i];
	return NULL;
}

struct ike_sa *view_core_sa(const struct ike_core *core, const struct view_sa *sa)
{
	return sa_table_find(core->sas, sa->cky_i, sa->cky_r);
}
