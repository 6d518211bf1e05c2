/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_quick.h"

#include <string.h>

#include "ike/keymat.h"
#include "interop/vectors/vector_esp.h"

static struct vector_quick *find(struct vector_trace *trace, const struct vector_message *message)
{
	for (size_t i = 0; i < trace->quicks; i++)
		if (trace->quick[i].sa == message->sa &&
		    trace->quick[i].message_id == message->message.header.message_id)
			return &trace->quick[i];
	return NULL;
}

static struct octets body_of(const struct ike_payload *payload)
{
	return payload != NULL ? payload->body : octets_of(NULL, 0);
}

static bool read_offer(const struct vector_message *message, struct ipsec_offer *offer)
{
	struct octets body = body_of(ike_payload_find(&message->message, IKE_PAYLOAD_SA));
	size_t count = 0;

	return ipsec_offers_parse(body, offer, 1, &count) == IKE_ACCEPTED && count == 1 &&
	       offer->usable;
}

static struct vector_quick *begin(struct vector_trace *trace, const struct vector_message *message,
				  struct fault *fault)
{
	const struct ike_payload *id = ike_payload_find(&message->message, IKE_PAYLOAD_ID);
	struct vector_quick *quick = &trace->quick[trace->quicks];
	struct ipsec_offer offer;

	if (trace->quicks == VECTOR_QUICKS || !read_offer(message, &offer)) {
		fault_say(fault, "a first message of Quick Mode that cannot be followed");
		return NULL;
	}
	trace->quicks++;
	quick->sa = message->sa;
	quick->initiator = message->from;
	quick->message_id = message->message.header.message_id;
	quick->spi_i = offer.spi;
	quick->ni_b = body_of(ike_payload_find(&message->message, IKE_PAYLOAD_NONCE));
	quick->dh.public_i = body_of(ike_payload_find(&message->message, IKE_PAYLOAD_KE));
	quick->pfs = quick->dh.public_i.length > 0;
	quick->id_ci = body_of(id);
	quick->id_cr = body_of(id != NULL ? ike_payload_next(&message->message, id) : NULL);
	return quick;
}

bool vector_quick_note(struct vector_trace *trace, struct vector_message *message,
		       struct fault *fault)
{
	struct vector_quick *quick;

	if (!message->readable || !message->encrypted ||
	    message->message.header.exchange != IKE_EXCHANGE_QUICK_MODE)
		return true;
	quick = find(trace, message);
	if (quick == NULL)
		quick = begin(trace, message, fault);
	message->quick = quick;
	if (quick == NULL || quick->nr_b.length > 0 || message->from == quick->initiator)
		return quick != NULL;
	if (!read_offer(message, &quick->choice))
		return fault_say(fault, "an answer in Quick Mode that cannot be followed");
	quick->nr_b = body_of(ike_payload_find(&message->message, IKE_PAYLOAD_NONCE));
	quick->dh.public_r = body_of(ike_payload_find(&message->message, IKE_PAYLOAD_KE));
	quick->dh.number = quick->choice.proposal.group;
	quick->complete = true;
	return true;
}

const char *vector_quick_name(const struct vector_trace *trace,
			      const struct vector_message *message)
{
	size_t before = 0;

	if (message->quick == NULL)
		return NULL;
	for (const struct vector_message *at = message; at-- > trace->message;)
		before += at->quick == message->quick;
	return before == 0 ? "QM1" : before == 1 ? "QM2" : before == 2 ? "QM3" : NULL;
}

static void derive(const struct vector_trace *trace, struct vector_quick *quick, size_t block)
{
	struct keymat_source source = {
	    .hash = quick->sa->told.skeyid.hash,
	    .skeyid_d = octets_of(quick->sa->told.skeyid.d, block),
	    .g_xy = vector_shared(trace->formulas, quick->dh.g_xy),
	    .protocol = IKE_PROTOCOL_ESP,
	    .ni_b = quick->ni_b,
	    .nr_b = quick->nr_b,
	};

	keymat(trace->world->crypto, &source, quick->spi_i, quick->keymat[0],
	       quick->blocks * block);
	keymat(trace->world->crypto, &source, quick->choice.spi, quick->keymat[1],
	       quick->blocks * block);
}

static bool finish(struct vector_trace *trace, struct vector_quick *quick, struct fault *fault)
{
	size_t block = hash_length(quick->sa->told.skeyid.hash);

	if (!ipsec_proposal_key_lengths(&quick->choice.proposal, &quick->encryption_key,
					&quick->authentication_key))
		return fault_say(fault, "a Quick Mode with keys of unknown length");
	if (quick->pfs) {
		if (!ipsec_proposal_group(&quick->choice.proposal, &quick->dh.group))
			return fault_say(fault, "a Quick Mode with an unknown group");
		if (!vector_trace_agree(trace->world, quick->initiator, &quick->dh, fault))
			return false;
	}
	quick->blocks = (quick->encryption_key + quick->authentication_key + block - 1) / block;
	if (quick->blocks > VECTOR_KEYMAT_BLOCKS)
		return fault_say(fault, "a Quick Mode with longer keys than there is room for");
	derive(trace, quick, block);
	return true;
}

bool vector_quick_finish(struct vector_trace *trace, struct fault *fault)
{
	struct random_source random = trace->world->random; /* nobody draws after this */

	for (size_t i = 0; i < trace->quicks; i++)
		if (trace->quick[i].complete &&
		    (!finish(trace, &trace->quick[i], fault) ||
		     !vector_esp_seal(&trace->quick[i], &random, fault)))
			return false;
	return true;
}
