/* SPDX-License-Identifier: ISC */
#include "interop/decode/stages.h"

#include <stdio.h>
#include <string.h>

#include "ike/identity.h"
#include "ike/ipsec_proposal.h"
#include "ike/notify.h"
#include "ike/proposal.h"
#include "ike/selector.h"
#include "keepalive/message.h"

#define NONCE_LEAST 8 /* RFC 2409 section 5 */
#define NONCE_MOST  256
#define REPEATS_ANSWERED                                                                           \
	3 /* R-U-THEREs with the last number again that are answered, as the keepalive does by default */

static bool has(const struct told *told, enum ike_payload_type type)
{
	return ike_payload_find(&told->message, type) != NULL;
}

/* ---- which message ------------------------------------------------------------------------------------------------- */

static enum ike_message_kind main_mode(const struct traced_sa *sa, enum told_from side,
				       const struct told *told)
{
	bool encrypted = (told->message.header.flags & IKE_FLAG_ENCRYPTION) != 0;
	bool initiator = side != TOLD_RESPONDER, sign = has(told, IKE_PAYLOAD_SIG);

	if (encrypted && told->clear.length == 0)
		return IKE_MESSAGE_KINDS;
	if (encrypted && initiator)
		return sign ? IKE_MM5_SIGNED : IKE_MM5;
	if (encrypted)
		return sign ? IKE_MM6_SIGNED : IKE_MM6;
	if (has(told, IKE_PAYLOAD_SA))
		return ike_cookie_is_zero(told->message.header.cky_r) ? IKE_MM1 : IKE_MM2;
	if (!has(told, IKE_PAYLOAD_KE) && !has(told, IKE_PAYLOAD_NONCE))
		return IKE_MESSAGE_KINDS;
	if (!sa->sides && sa->g_xi.length > 0)
		return IKE_MM4;
	return initiator ? IKE_MM3 : IKE_MM4;
}

static enum ike_message_kind aggressive_mode(const struct told *told)
{
	bool sign = has(told, IKE_PAYLOAD_SIG),
	     encrypted = (told->message.header.flags & IKE_FLAG_ENCRYPTION) != 0;

	if (encrypted && told->clear.length == 0)
		return IKE_MESSAGE_KINDS;
	if (ike_cookie_is_zero(told->message.header.cky_r))
		return IKE_AM1;
	if (has(told, IKE_PAYLOAD_SA))
		return sign ? IKE_AM2_SIGNED : IKE_AM2;
	return sign ? IKE_AM3_SIGNED : IKE_AM3;
}

static enum ike_message_kind quick_mode(const struct traced_sa *sa,
					const struct traced_exchange *exchange, enum told_from side,
					const struct told *told)
{
	if (told->clear.length == 0)
		return IKE_MESSAGE_KINDS;
	if (has(told, IKE_PAYLOAD_SA) && exchange->messages == 0) /* QM1 may not be there */
		return told->partial && sa->last_block_known ? IKE_QM2 : IKE_QM1;
	if (has(told, IKE_PAYLOAD_SA))
		return exchange->begun_by == side && exchange->asked ? IKE_QM1 : IKE_QM2;
	return has(told, IKE_PAYLOAD_NOTIFY) && exchange->answered ? IKE_QM4 : IKE_QM3;
}

enum ike_message_kind stages_kind(const struct traced_sa *sa,
				  const struct traced_exchange *exchange, enum told_from side,
				  const struct told *told)
{
	bool encrypted = (told->message.header.flags & IKE_FLAG_ENCRYPTION) != 0;

	switch (told->message.header.exchange) {
	case IKE_EXCHANGE_MAIN_MODE:
		return main_mode(sa, side, told);
	case IKE_EXCHANGE_AGGRESSIVE:
		return aggressive_mode(told);
	case IKE_EXCHANGE_INFORMATIONAL:
		return encrypted ? IKE_INFO_PROTECTED : IKE_INFO_CLEAR;
	case IKE_EXCHANGE_QUICK_MODE:
		return quick_mode(sa, exchange, side, told);
	default:
		return IKE_MESSAGE_KINDS;
	}
}

/* ---- what later messages depend on --------------------------------------------------------------------------------- */

static void learn_choice(struct traced_sa *sa, struct octets body)
{
	struct ike_offer offers[2];
	size_t count;

	if (sa->chosen || ike_offers_parse(body, offers, 2, &count) != IKE_ACCEPTED || count == 0)
		return;
	sa->chosen = true;
	sa->proposal = offers[0].proposal;
	sa->authentication = offers[0].authentication;
}

static void keep_body(const struct told *told, enum ike_payload_type type, struct octets *kept)
{
	const struct ike_payload *payload = ike_payload_find(&told->message, type);

	if (payload != NULL)
		sa_keep(kept, payload->body);
}

void stages_learn(struct traced_sa *sa, struct traced_exchange *exchange,
		  enum ike_message_kind kind, enum told_from side, const struct told *told)
{
	const struct ike_payload *offer = ike_payload_find(&told->message, IKE_PAYLOAD_SA);

	(void)side;
	switch (kind) {
	case IKE_MM1:
	case IKE_AM1:
		sa->from_the_beginning = true;
		keep_body(told, IKE_PAYLOAD_SA, &sa->sai_b);
		keep_body(told, IKE_PAYLOAD_KE, &sa->g_xi);
		break;
	case IKE_MM2:
	case IKE_AM2:
	case IKE_AM2_SIGNED:
		if (offer != NULL)
			learn_choice(sa, offer->body);
		keep_body(told, IKE_PAYLOAD_KE, &sa->g_xr);
		break;
	case IKE_MM3:
		keep_body(told, IKE_PAYLOAD_KE, &sa->g_xi);
		break;
	case IKE_MM4:
		keep_body(told, IKE_PAYLOAD_KE, &sa->g_xr);
		break;
	case IKE_QM1:
		exchange->asked = true;
		keep_body(told, IKE_PAYLOAD_NONCE, &exchange->ni);
		break;
	case IKE_QM2:
		exchange->answered = true;
		keep_body(told, IKE_PAYLOAD_NONCE, &exchange->nr);
		break;
	case IKE_QM3:
		exchange->confirmed = true;
		break;
	default:
		break;
	}
}

/* ---- what is in a message ------------------------------------------------------------------------------------------ */

static void check_sa(const struct traced_sa *sa, enum ike_message_kind kind, struct octets body,
		     struct told *told)
{
	struct ipsec_offer ipsec[IPSEC_OFFERS_MAX];
	struct ike_offer offers[IKE_OFFERS_MAX];
	enum ike_verdict verdict = IKE_ACCEPTED;
	size_t count;

	if (kind == IKE_QM1 || kind == IKE_QM2)
		verdict = ipsec_offers_parse(body, ipsec, IPSEC_OFFERS_MAX, &count);
	else if (kind == IKE_MM1 || kind == IKE_AM1 || sa->sai_b.length == 0)
		verdict = ike_offers_parse(body, offers, IKE_OFFERS_MAX, &count);
	else
		verdict = ike_choice_check(sa->sai_b, body, &offers[0]);
	told_anomaly(told, verdict, "%s", "");
}

static void check_ke(const struct traced_sa *sa, enum ike_message_kind kind, struct octets body,
		     struct told *told)
{
	enum dh_group group;

	/* of AM1 the choice is not known yet; Quick Mode has a group of its own */
	if (kind == IKE_AM1 || kind == IKE_QM1 || kind == IKE_QM2 || !sa->chosen ||
	    !ike_proposal_group(&sa->proposal, &group) || body.length == dh_public_length(group))
		return;
	told_anomaly(told, IKE_BAD_KEY_EXCHANGE, "%zu octets in place of %zu", body.length,
		     dh_public_length(group));
}

static void check_id(enum ike_message_kind kind, struct octets body, struct told *told)
{
	struct ike_identity identity;
	struct ike_selector selector;

	if (kind == IKE_QM1 || kind == IKE_QM2)
		told_anomaly(told, selector_parse(body, &selector), "%s", "");
	else
		told_anomaly(told, ike_identity_parse(body, &identity), "%s", "");
}

static void check_nat_d(const struct traced_sa *sa, struct octets body, struct told *told)
{
	enum hash_algorithm hash;

	if (!sa->chosen || !ike_proposal_hash(&sa->proposal, &hash) ||
	    body.length == hash_length(hash))
		return;
	told_anomaly(told, IKE_BAD_NAT_D, "%zu octets in place of %zu", body.length,
		     hash_length(hash));
}

/* ---- the keepalive ------------------------------------------------------------------------------------------------- */

static void ask(struct traced_asking *asking, uint32_t number, struct told *told)
{
	bool same = asking->any && asking->last == number;

	/* numbers wrap: older is what lies less than half the way behind */
	if (asking->any && !same && asking->last - number < UINT32_MAX / 2)
		told_anomaly(told, IKE_KEEPALIVE_OLD_NUMBER, "%u after %u", number, asking->last);
	asking->repeats = same ? asking->repeats + 1 : 0;
	if (asking->repeats > REPEATS_ANSWERED)
		told_anomaly(told, IKE_KEEPALIVE_REPEATED_NUMBER, "%u for the time number %u",
			     number, asking->repeats + 1);
	else if (same)
		told_note(told, "the same number again, in a message of its own");
	asking->any = true;
	asking->last = number;
	asking->number[asking->count++ % ASKED_MAX] = number;
}

static void answer(const struct traced_asking *asking, uint32_t number, bool all_seen,
		   struct told *told)
{
	for (unsigned i = 0; i < asking->count && i < ASKED_MAX; i++)
		if (asking->number[i] == number)
			return;
	if (all_seen)
		told_anomaly(told, IKE_KEEPALIVE_UNASKED_ACK, "nobody asked with %u", number);
}

static void check_keepalive(struct traced_sa *sa, enum told_from side, struct octets body,
			    uint16_t type, struct told *told)
{
	struct keepalive_message message;
	enum ike_verdict verdict =
	    keepalive_message_parse(body, type, sa->cky_i, sa->cky_r, KEEPALIVE_STRICT, &message);
	enum told_from other = side == TOLD_INITIATOR ? TOLD_RESPONDER : TOLD_INITIATOR;

	told_anomaly(told, verdict, "%s", "");
	if (verdict != IKE_ACCEPTED &&
	    keepalive_message_parse(body, type, sa->cky_i, sa->cky_r, KEEPALIVE_INTEROP,
				    &message) != IKE_ACCEPTED)
		return;
	if (type == IKE_NOTIFY_R_U_THERE)
		ask(&sa->asking[side], message.number, told);
	else
		answer(&sa->asking[other], message.number, sa->from_the_beginning, told);
}

static void check_notify(struct traced_sa *sa, enum ike_message_kind kind, enum told_from side,
			 struct octets body, struct told *told)
{
	struct ike_notify notify;
	enum ike_verdict verdict = ike_notify_parse(body, &notify);

	told_anomaly(told, verdict, "%s", "");
	if (verdict != IKE_ACCEPTED || kind == IKE_INFO_CLEAR)
		return;
	if (notify.type == IKE_NOTIFY_R_U_THERE || notify.type == IKE_NOTIFY_R_U_THERE_ACK)
		check_keepalive(sa, side, body, notify.type, told);
	/* beside the proof it is usual, and once more in an Informational it does no harm */
	if (notify.type != IKE_NOTIFY_INITIAL_CONTACT || kind != IKE_INFO_PROTECTED)
		return;
	if (sa->contact[side])
		told_anomaly(told, IKE_INITIAL_CONTACT_REPEATED, "%s", "");
	sa->contact[side] = true;
}

/* ---- all of it ----------------------------------------------------------------------------------------------------- */

static void check_payload(struct traced_sa *sa, enum ike_message_kind kind, enum told_from side,
			  const struct ike_payload *payload, struct told *told)
{
	struct ike_delete delete;

	switch (payload->type) {
	case IKE_PAYLOAD_SA:
		check_sa(sa, kind, payload->body, told);
		break;
	case IKE_PAYLOAD_KE:
		check_ke(sa, kind, payload->body, told);
		break;
	case IKE_PAYLOAD_ID:
		check_id(kind, payload->body, told);
		break;
	case IKE_PAYLOAD_NONCE:
		if (payload->body.length < NONCE_LEAST || payload->body.length > NONCE_MOST)
			told_anomaly(told, IKE_BAD_NONCE, "%zu octets", payload->body.length);
		break;
	case IKE_PAYLOAD_NOTIFY:
		check_notify(sa, kind, side, payload->body, told);
		break;
	case IKE_PAYLOAD_DELETE:
		told_anomaly(told, ike_delete_parse(payload->body, &delete), "%s", "");
		break;
	case IKE_PAYLOAD_NAT_D:
	case IKE_PAYLOAD_NAT_D_DRAFT:
		check_nat_d(sa, payload->body, told);
		break;
	default:
		break;
	}
}

/* RFC 2408 section 5.14: before there are keys an error in the clear may explain something; later nothing in the clear counts. */
static void check_clear_informational(const struct traced_sa *sa, struct told *told)
{
	const struct ike_payload *payload = ike_payload_find(&told->message, IKE_PAYLOAD_NOTIFY);
	bool keyed = sa->established || (sa->g_xi.length > 0 && sa->g_xr.length > 0);
	struct ike_notify notify;

	if (payload == NULL || ike_notify_parse(payload->body, &notify) != IKE_ACCEPTED) {
		told_anomaly(told, IKE_UNPROTECTED, "a Delete in the clear is nobody's");
		return;
	}
	if (notify.type == IKE_NOTIFY_INVALID_COOKIE || notify.type == IKE_NOTIFY_INVALID_SPI) {
		told_note(told, "in the clear: a hint at most");
		return;
	}
	if (keyed || notify.type >= IKE_NOTIFY_FIRST_STATUS)
		told_anomaly(told, IKE_UNPROTECTED, "%s", "");
	else
		told_note(told, "in the clear: a hint at most");
}

void stages_check(struct traced_sa *sa, enum ike_message_kind kind, enum told_from side,
		  struct told *told)
{
	if (kind != IKE_MESSAGE_KINDS)
		told_anomaly(told, ike_message_check(kind, &told->message), "as %s: %s",
			     ike_message_kind_name(kind), ike_message_kind_notation(kind));
	if (kind == IKE_INFO_CLEAR)
		check_clear_informational(sa, told);
	for (size_t i = 0; i < told->message.payloads; i++)
		check_payload(sa, kind, side, &told->message.payload[i], told);
}
