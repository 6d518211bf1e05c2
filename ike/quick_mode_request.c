/* SPDX-License-Identifier: ISC */
/*
 * quick_mode_request.c - what a Quick Mode is about: reading it out of a message, and finding the tunnel and the proposal that a
 * peer's first message is answered with.  Nothing is changed before all of it has been checked.
 */
#include <string.h>

#include "ike/quick_mode.h"
#include "ike/text.h"
#include "ike/tunnel.h"

enum ike_verdict quick_request_nonce(struct octets *nonce, const struct ike_message *message)
{
	*nonce = ike_payload_find(message, IKE_PAYLOAD_NONCE)->body;
	return nonce->length < IKE_NONCE_MIN || nonce->length > IKE_NONCE_MAX ? IKE_BAD_NONCE
									      : IKE_ACCEPTED;
}

/* IDci and IDcr, in this order; where they are left out, the two addresses are meant (RFC 2409 section 5.5). */
enum ike_verdict quick_request_selectors(const struct ike_core *core, const struct ike_sa *sa,
					 bool we_began, struct quick_request *request)
{
	const struct ike_payload *idci = ike_payload_find(&core->message, IKE_PAYLOAD_ID);
	const struct ike_payload *idcr =
	    idci == NULL ? NULL : ike_payload_next(&core->message, idci);
	enum ike_verdict verdict;

	request->idci = idci;
	request->idcr = idcr;
	selector_of_host(sa_local(core, sa), &request->local);
	selector_of_host(&sa->remote, &request->remote);
	if (idci == NULL)
		return IKE_ACCEPTED;
	if (idcr == NULL)
		return IKE_PAYLOAD_MISSING;
	verdict = selector_parse(idci->body, we_began ? &request->local : &request->remote);
	if (verdict == IKE_ACCEPTED)
		verdict = selector_parse(idcr->body, we_began ? &request->remote : &request->local);
	return verdict;
}

static bool acceptable(const struct ike_sa *sa, const struct ike_tunnel_settings *tunnel,
		       const struct quick_request *request, const struct ipsec_offer *offer)
{
	/* a public value without a group, or the reverse, is no offer that could be kept */
	if (!offer->usable || (offer->proposal.group != 0) != (request->ke.length > 0) ||
	    offer->encapsulation != quick_mode_encapsulation(sa, tunnel->transport) ||
	    offer->transform.length > IPSEC_TRANSFORM_MOST)
		return false;
	for (size_t i = 0; i < tunnel->proposals; i++)
		if (ipsec_proposal_equal(&offer->proposal, &tunnel->proposal[i]))
			return true;
	return false;
}

static void tell_offers(struct ike_core *core, const struct ike_sa *sa,
			const struct ike_tunnel_settings *tunnel, const struct ipsec_offer *offers,
			size_t count)
{
	struct ike_event *event;
	struct text out;
	char shown[256];

	if (!token_bucket_take(&core->refusals, core->now))
		return;
	event = tell_event_of_sa(core, IKE_EVENT_OFFERS, sa);
	text_to(&out, event->text, sizeof(event->text));
	(void)ipsec_offers_text(offers, count, shown, sizeof(shown));
	text_add(&out, "the peer offers %s; accepted here: ", shown);
	for (size_t i = 0; i < tunnel->proposals; i++) {
		(void)ike_ipsec_proposal_text(&tunnel->proposal[i], shown, sizeof(shown));
		text_add(&out, "%s%s", i > 0 ? ", " : "", shown);
	}
	text_add(&out, " %s", tunnel->transport ? "transport" : "tunnel");
}

/* The first tunnel that these selectors fit and whose proposals have one of the offers: exact fits before narrower ones. */
static enum ike_verdict choose(struct ike_core *core, const struct ike_sa *sa,
			       struct quick_request *request, const struct ipsec_offer *offers,
			       size_t count)
{
	const struct ike_peer_settings *settings = core->peer[sa->peer].settings;
	const struct ike_tunnel_settings *fitting = NULL;

	for (int narrow = 0; narrow <= 1; narrow++) {
		for (uint32_t i = 0; i < settings->tunnels; i++) {
			const struct ike_tunnel_settings *tunnel = &settings->tunnel[i];

			if (!tunnel_fits(sa, sa_local(core, sa), tunnel, &request->local,
					 &request->remote, narrow != 0))
				continue;
			if (fitting == NULL)
				fitting = tunnel;
			for (size_t j = 0; j < count; j++) {
				if (!acceptable(sa, tunnel, request, &offers[j]))
					continue;
				request->tunnel = i;
				request->choice = offers[j];
				return IKE_ACCEPTED;
			}
		}
	}
	if (fitting == NULL)
		return IKE_NO_TUNNEL;
	tell_offers(core, sa, fitting, offers, count);
	return IKE_NO_PROPOSAL_CHOSEN;
}

enum ike_verdict quick_request_judge(struct ike_core *core, const struct ike_sa *sa,
				     struct quick_request *request)
{
	const struct ike_payload *sa_payload = &core->message.payload[1];
	const struct ike_payload *ke = ike_payload_find(&core->message, IKE_PAYLOAD_KE);
	struct ipsec_offer offers[IPSEC_OFFERS_MAX];
	enum ike_verdict verdict;
	enum dh_group group;
	size_t count;

	/* RFC 2409 section 5.5: the SA payload follows HASH at once */
	if (sa_payload->type != IKE_PAYLOAD_SA)
		return IKE_PAYLOAD_ORDER;
	request->ke = ke == NULL ? octets_of(NULL, 0) : ke->body;
	if (ke != NULL && ke->body.length == 0)
		return IKE_BAD_KEY_EXCHANGE;
	if (ike_payload_next(&core->message, sa_payload) != NULL)
		return IKE_SEVERAL_SAS;
	verdict = quick_request_nonce(&request->nonce, &core->message);
	if (verdict == IKE_ACCEPTED)
		verdict = quick_request_selectors(core, sa, false, request);
	if (verdict == IKE_ACCEPTED)
		verdict = ipsec_offers_parse(sa_payload->body, offers, IPSEC_OFFERS_MAX, &count);
	if (verdict == IKE_ACCEPTED)
		verdict = choose(core, sa, request, offers, count);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	if (ipsec_proposal_group(&request->choice.proposal, &group) &&
	    !dh_public_valid(core->crypto, group, request->ke))
		return IKE_BAD_KEY_EXCHANGE;
	return IKE_ACCEPTED;
}

static struct ike_prefix host_prefix(const struct ike_address *address)
{
	struct ike_selector selector;

	selector_of_host(address, &selector);
	return selector.prefix;
}

void quick_request_take(const struct ike_core *core, struct ike_quick_mode *quick,
			const struct quick_request *request)
{
	const struct ike_tunnel_settings *tunnel =
	    &core->peer[quick->sa->peer].settings->tunnel[request->tunnel];
	struct ike_pair *pair = quick->pair;
	uint32_t offered = request->choice.lifetime;

	pair->sa.tunnel = request->tunnel;
	pair->sa.transport = tunnel->transport;
	pair->sa.inside_local = request->local;
	pair->sa.inside_remote = request->remote;
	/* an end that is meant by its own address is told by the one that it is seen as */
	if (tunnel->local.prefix.address.family == IKE_FAMILY_NONE)
		pair->sa.inside_local.prefix = host_prefix(sa_local(core, quick->sa));
	if (tunnel->remote.prefix.address.family == IKE_FAMILY_NONE)
		pair->sa.inside_remote.prefix = host_prefix(&quick->sa->remote);
	pair->sa.proposal = request->choice.proposal;
	pair->sa.spi_out = request->choice.spi;
	pair->sa.kilobytes =
	    request->choice.kilobytes != 0 ? request->choice.kilobytes : tunnel->kilobytes;
	if (offered == 0)
		offered = IPSEC_DEFAULT_LIFETIME;
	pair->lifetime = offered < tunnel->lifetime ? offered : tunnel->lifetime;
	quick->tell_lifetime = pair->lifetime < offered;
	quick->pfs = ipsec_proposal_group(&request->choice.proposal, &quick->group);
	if (quick->pfs)
		memcpy(quick->peer_public, request->ke.data, request->ke.length);
	memcpy(quick->ni, request->nonce.data, request->nonce.length);
	quick->ni_length = request->nonce.length;
	quick->proposal_number = request->choice.proposal_number;
	quick->transform_length = request->choice.transform.length;
	memcpy(quick->transform, request->choice.transform.data, quick->transform_length);
	quick->with_ids = request->idci != NULL;
	if (!quick->with_ids)
		return;
	quick->idci_length = request->idci->body.length;
	quick->idcr_length = request->idcr->body.length;
	memcpy(quick->idci, request->idci->body.data, quick->idci_length);
	memcpy(quick->idcr, request->idcr->body.data, quick->idcr_length);
}
