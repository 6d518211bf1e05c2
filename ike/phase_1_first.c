/* SPDX-License-Identifier: ISC */
/*
 * phase_1_first.c - the first message of a Phase 1, as its responder reads it: whether it came before, who it could be from, which
 * of the offers is acceptable, and the SA that comes of it.
 */
#include <stdio.h>
#include <string.h>

#include "ike/cookie.h"
#include "ike/phase_1.h"

#define CONFIRMATIONS_MOST 10u /* of AM3, to whoever repeats it */

#define TRANSFORM_MOST 512u /* octets; a real one takes less than 50 */

/* ---- the first message, responder ---------------------------------------------------------------------------------- */

static void offers_text(const struct ike_offer *offers, size_t count,
			const struct ike_peer_settings *settings, char *text, size_t length)
{
	size_t at = (size_t)snprintf(text, length, "the peer offers ");

	at += ike_offers_text(offers, count, text + at, length - at);
	if (at < length)
		at += (size_t)snprintf(text + at, length - at, "; accepted here: ");
	for (size_t i = 0; i < settings->proposals && at + 2 < length; i++) {
		if (i > 0)
			at += (size_t)snprintf(text + at, length - at, ", ");
		if (at < length)
			at += ike_proposal_text(&settings->proposal[i], text + at, length - at);
	}
}

static void tell_offers(struct ike_core *core, const struct inbound *in, uint32_t peer,
			const struct ike_offer *offers, size_t count)
{
	const struct ike_peer_settings *settings = core->peer[peer].settings;
	struct ike_event *event = tell_event(core, IKE_EVENT_OFFERS);

	event->peer = peer;
	event->remote = in->datagram->remote;
	memcpy(event->cky_i, in->header.cky_i, IKE_COOKIE_LENGTH);
	offers_text(offers, count, settings, event->text, sizeof(event->text));
}

/* What a peer must have to be the sender of a first message. */
struct wanted {
	const struct ike_offer *offers;
	size_t count;
	bool aggressive;
	int fit; /* how closely anybody is configured for the address */
};

static bool may_be_sender(const struct ike_core *core, uint32_t peer, int fit, const void *context)
{
	const struct ike_peer_settings *settings = core->peer[peer].settings;
	const struct wanted *wanted = context;
	uint16_t authentication = peer_authentication(settings);

	if (wanted->aggressive && !settings->aggressive) /* R135 */
		return false;
	/* in Main Mode the address alone says whose secret it is: whoever is configured for it most closely is meant */
	if (!wanted->aggressive && authentication == IKE_AUTHENTICATION_PSK && fit < wanted->fit)
		return false;
	return wanted->offers == NULL ||
	       ike_offer_choose(wanted->offers, wanted->count, authentication, settings->proposal,
				settings->proposals) != NULL;
}

/* Aggressive Mode sends the public value before anything is agreed, so it chooses the group (RFC 2409 section 5). */
static void keep_offers_of_group(const struct ike_core *core, struct ike_offer *offers,
				 size_t count)
{
	const struct ike_payload *ke = ike_payload_find(&core->message, IKE_PAYLOAD_KE);
	enum dh_group group;

	for (size_t i = 0; i < count; i++)
		if (!ike_proposal_group(&offers[i].proposal, &group) ||
		    dh_public_length(group) != ke->body.length)
			offers[i].usable = false;
}

/* Nobody it could be: either there is nobody of that name, or nobody accepts any of the offers. */
static enum ike_verdict why_nobody(struct ike_core *core, const struct inbound *in,
				   const struct ike_identity *identity, struct wanted *wanted)
{
	const struct ike_offer *offers = wanted->offers;
	uint32_t peer, gateway;

	wanted->offers = NULL;
	peer = peer_find(core, &in->datagram->remote, identity, may_be_sender, wanted, &gateway);
	if (peer == IKE_NONE)
		return IKE_WRONG_IDENTITY;
	if (token_bucket_take(&core->refusals, core->now))
		tell_offers(core, in, peer, offers, wanted->count);
	return IKE_NO_PROPOSAL_CHOSEN;
}

enum ike_verdict phase_1_choose(struct ike_core *core, const struct inbound *in,
				const struct ike_identity *identity, struct phase_1_choice *choice)
{
	const struct ike_payload *payload = ike_payload_find(&core->message, IKE_PAYLOAD_SA);
	struct wanted wanted = {.aggressive = in->header.exchange == IKE_EXCHANGE_AGGRESSIVE};
	const struct ike_peer_settings *settings;
	struct ike_offer offers[IKE_OFFERS_MAX];
	enum ike_verdict verdict;

	verdict = ike_offers_parse(payload->body, offers, IKE_OFFERS_MAX, &wanted.count);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	if (wanted.aggressive)
		keep_offers_of_group(core, offers, wanted.count);
	wanted.offers = offers;
	wanted.fit = peer_fit(core, peer_of_address(core, &in->datagram->remote, &choice->gateway),
			      &in->datagram->remote, NULL);
	choice->peer = peer_find(core, &in->datagram->remote, identity, may_be_sender, &wanted,
				 &choice->gateway);
	if (choice->peer == IKE_NONE)
		return why_nobody(core, in, identity, &wanted);
	settings = core->peer[choice->peer].settings;
	choice->offer = *ike_offer_choose(offers, wanted.count, peer_authentication(settings),
					  settings->proposal, settings->proposals);
	/* it is echoed octet for octet; one that only pads itself out is not worth an answer */
	if (choice->offer.transform.length > TRANSFORM_MOST)
		return IKE_BAD_PROPOSAL_SYNTAX;
	return ike_proposal_group(&choice->offer.proposal, &choice->group) ? IKE_ACCEPTED
									   : IKE_NO_PROPOSAL_CHOSEN;
}

/*
 * The answer again, or what has taken its place.  Nobody answers AM3: whoever sends it again has not heard from us since, so he
 * hears something under the SA.
 */
enum ike_verdict phase_1_repeated(struct ike_core *core, struct inbound *in)
{
	struct ike_handshake *handshake = in->sa->handshake;

	if (handshake == NULL || handshake->received_mark != handshake_mark(core, in->octets))
		return IKE_OUT_OF_STATE;
	if (!in->sa->initiator && handshake->aggressive && handshake->over) {
		if (handshake->resends++ < CONFIRMATIONS_MOST)
			send_lifetime(core, in->sa);
	} else if (!in->sa->initiator || handshake->over) {
		/* the initiator's question is repeated by its own timer */
		handshake_repeat(core, handshake, in->datagram);
	}
	return IKE_DUPLICATE;
}

/*
 * A repeated first message has the same cookie within an epoch, and the epoch before covers one that straddles the boundary.
 */
struct ike_sa *phase_1_find_repeated(const struct ike_core *core, const struct inbound *in,
				     uint8_t cookie[IKE_COOKIE_LENGTH])
{
	uint64_t epoch = core->now / IKE_COOKIE_EPOCH;

	for (uint64_t back = 2; back-- > 0;) {
		struct ike_sa *sa;

		if (back > epoch)
			continue;
		ike_cookie_responder(core->hash_key, epoch - back, in->header.cky_i,
				     &in->datagram->remote, &in->datagram->local, cookie);
		sa = sa_table_find(core->sas, in->header.cky_i, cookie);
		if (sa != NULL)
			return sa;
	}
	return NULL;
}

static struct ike_sa *new_responder(struct ike_core *core, const struct inbound *in,
				    const uint8_t *cky_r, const struct phase_1_choice *choice)
{
	struct ike_sa *sa = sa_table_add(core->sas, in->header.cky_i, cky_r);

	if (sa == NULL) {
		tell_overload(core, "limit sas: no room for another SA");
		return NULL;
	}
	sa->remote = in->datagram->remote;
	sa->peer = choice->peer;
	sa_set_gateway(sa, choice->gateway);
	if (!sa_set_local(core, sa, &in->datagram->local) || handshake_new(core, sa) == NULL) {
		local_address_release(core->locals, sa->local);
		sa_table_remove(core->sas, sa);
		return NULL;
	}
	return sa;
}

/* SAi_b as it came, and the offer that was chosen, whose octets are in it. */
static void keep_offers(struct ike_handshake *handshake, struct octets sai_b,
			const struct ike_offer *offer)
{
	memcpy(handshake->sai_b, sai_b.data, sai_b.length);
	handshake->sai_b_length = sai_b.length;
	handshake->chosen = *offer;
	handshake->chosen.transform.data = handshake->sai_b + (offer->transform.data - sai_b.data);
}

enum ike_verdict phase_1_new_responder(struct ike_core *core, struct inbound *in,
				       const uint8_t *cky_r, const struct phase_1_choice *choice)
{
	const struct ike_payload *payload = ike_payload_find(&core->message, IKE_PAYLOAD_SA);
	struct ike_handshake *handshake;
	struct ike_sa *sa;

	if (payload->body.length > sizeof(handshake->sai_b))
		return IKE_TOO_LONG; /* it came in fragments, and offers nothing that needs them */
	sa = new_responder(core, in, cky_r, choice);
	if (sa == NULL)
		return IKE_RATE_LIMITED;
	if (!phase_1_set_algorithms(sa, &choice->offer)) {
		/* the configuration allows only what crypto/ has */
		sa_fail(core, sa, IKE_WHY_REFUSED);
		return IKE_NO_PROPOSAL_CHOSEN;
	}
	in->sa = sa;
	handshake = sa->handshake;
	handshake->aggressive = in->header.exchange == IKE_EXCHANGE_AGGRESSIVE;
	sa->aggressive = handshake->aggressive;
	memcpy(handshake->cky_r, cky_r, IKE_COOKIE_LENGTH);
	core->counter[IKE_COUNT_HANDSHAKES_STARTED]++;
	keep_offers(handshake, payload->body, &choice->offer);
	handshake->lifetime = phase_1_shorter_lifetime(core->peer[choice->peer].settings->lifetime,
						       choice->offer.lifetime);
	handshake->tell_lifetime = handshake->lifetime < choice->offer.lifetime;
	return IKE_ACCEPTED;
}
