/* SPDX-License-Identifier: ISC */
/*
 * quick_mode.c - Quick Mode (RFC 2409 section 5.5): reading the peer's messages.
 *
 * A message ID is one exchange.  What is not of one under way is the first message of a new one, and its ID must be fresh, as
 * an Informational's must (informational.c).  HASH(1) of an old first message holds for ever; HASH(2) and HASH(3) cover the other
 * side's nonce, so whoever makes them is there now.  Hence nothing comes up, and no shared secret is computed, before QM3.
 *
 * A peer is never left without an answer that it can believe: strongSwan holds back its R-U-THERE-ACKs while a Quick Mode of its
 * own is unanswered, and only a refusal under protection ends that.
 */
#include "ike/quick_mode.h"

#include <string.h>

#include "ike/nat_traversal.h"
#include "ike/notify.h"

/* Refused messages in one exchange, after which it is left to time out. */
#define REFUSALS_MOST 16u

#define DECLINED_MOST 5u /* times that the same first message is declined again */

/* ---- what the messages have in common ------------------------------------------------------------------------------ */

/* Holds a HASH payload against what it should be. */
static bool hash_holds(const struct ike_core *core, const struct ike_sa *sa,
		       const uint8_t *expected)
{
	return secret_equal(core->message.payload[0].body,
			    octets_of(expected, hash_length(sa->hash)));
}

static struct octets rest_of(const struct ike_message *message)
{
	struct octets chain = ike_payloads_chain(message);
	size_t at = message->payload[0].whole.length;

	return octets_of(chain.data + at, chain.length - at);
}

static void say(struct ike_core *core, struct ike_sa *sa, uint16_t type)
{
	uint8_t body[16];
	struct ike_notify notify = {
	    .doi = IKE_DOI_IPSEC,
	    .protocol = IKE_PROTOCOL_ISAKMP,
	    .type = type,
	};
	struct wire_writer writer;

	wire_write_to(&writer, body, sizeof(body));
	ike_notify_write(&writer, &notify);
	(void)send_protected(core, sa, IKE_PAYLOAD_NOTIFY, wire_written(&writer));
}

/* A refusal that the peer can believe (RFC 2409 section 5.7).  Returns what was said. */
static uint16_t decline(struct ike_core *core, struct ike_sa *sa, enum ike_verdict verdict)
{
	uint16_t type = ike_verdict_notify(verdict);

	if (type == 0)
		type = IKE_NOTIFY_NO_PROPOSAL_CHOSEN;
	say(core, sa, type);
	return type;
}

/* Whether it is the first message that was declined last, again: the refusal may have been lost, and is sent once more. */
static bool decline_again(struct ike_core *core, struct ike_sa *sa, uint64_t mark)
{
	const struct ike_sa_seldom *held = sa_table_seldom(core->sas, sa);

	if (held->declined_type == 0 || held->declined_mark != mark)
		return false;
	if (held->declined_again < DECLINED_MOST) {
		sa_table_write_seldom(core->sas, sa)->declined_again++;
		say(core, sa, held->declined_type);
	}
	return true;
}

/* Everything about the message has been checked: from here on it counts. */
static void advance(const struct ike_core *core, struct ike_quick_mode *quick,
		    const struct inbound *in, const uint8_t *next_iv)
{
	quick->received_mark = handshake_mark(core, in->octets);
	quick->resend_at = IKE_NEVER;
	quick->expects = IKE_MESSAGE_KINDS; /* nothing, until our own message is out */
	quick->commit = quick->commit || (in->header.flags & IKE_FLAG_COMMIT) != 0;
	memcpy(quick->iv, next_iv, sizeof(quick->iv));
}

/* ---- QM1, responder ------------------------------------------------------------------------------------------------ */

static enum ike_verdict answer(struct ike_core *core, struct inbound *in, const uint8_t *next_iv)
{
	struct ike_sa *sa = in->sa;
	struct ike_quick_mode *quick;
	struct quick_request request;
	enum ike_verdict verdict;

	if (core->peer[sa->peer].settings->tunnels == 0)
		return IKE_QUICK_MODE_DECLINED;
	verdict = quick_request_judge(core, sa, &request);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	if (party_pairs(sa->party) >= PARTY_PAIRS_MAX)
		return IKE_OVERLOAD;
	quick = quick_mode_new(core, sa, false, in->header.message_id);
	if (quick == NULL)
		return IKE_OVERLOAD;
	quick_request_take(core, quick, &request);
	advance(core, quick, in, next_iv);
	if (quick->pfs)
		quick_mode_queue_work(core, quick, IKE_WORK_KEY_PAIR);
	else
		quick_mode_send_2(core, quick);
	return IKE_ACCEPTED;
}

static enum ike_verdict first_message(struct ike_core *core, struct inbound *in)
{
	uint8_t next_iv[CIPHER_MAX_BLOCK];
	struct ike_sa *sa = in->sa;
	uint64_t mark = handshake_mark(core, in->octets);
	struct ike_sa_seldom *held;
	enum ike_verdict verdict;

	if (decline_again(core, sa, mark))
		return IKE_DUPLICATE;
	if (quick_mode_too_many(core, sa))
		return IKE_RATE_LIMITED;
	verdict = informational_open(core, in, IKE_QM1, next_iv);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	/* the peer uses the SA, so it has our last message: nobody will ask for it again */
	if (sa->handshake != NULL)
		handshake_free(core, sa->handshake);
	if (informational_note_id(core, sa, in->header.message_id)) {
		nat_t_follow(core, in);
		host_sa_happening(core, sa, IKE_EXTENSION_HEARD);
	}
	if (sa->state == IKE_SA_FREE) {
		in->sa = NULL; /* the step has ended it */
		return IKE_QUICK_MODE_DECLINED;
	}
	verdict = answer(core, in, next_iv);
	if (verdict == IKE_ACCEPTED)
		return verdict;
	held = sa_table_write_seldom(core->sas, sa);
	held->declined_type = decline(core, sa, verdict);
	held->declined_mark = mark;
	held->declined_again = 0;
	return verdict;
}

/* ---- QM2, initiator ------------------------------------------------------------------------------------------------ */

static enum ike_verdict check_2(const struct ike_core *core, const struct ike_quick_mode *quick,
				struct quick_request *request)
{
	const struct ike_ipsec_sa *ours = &quick->pair->sa;
	const struct ike_payload *ke = ike_payload_find(&core->message, IKE_PAYLOAD_KE);
	struct ipsec_offered offered;
	enum ike_verdict verdict;

	if (core->message.payload[1].type != IKE_PAYLOAD_SA)
		return IKE_PAYLOAD_ORDER;
	quick_mode_offered(core, quick, &offered);
	verdict = ipsec_choice_check(&offered, core->message.payload[1].body, &request->choice);
	if (verdict == IKE_ACCEPTED)
		verdict = quick_request_nonce(&request->nonce, &core->message);
	if (verdict == IKE_ACCEPTED)
		verdict = quick_request_selectors(core, quick->sa, true, request);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	if (!selector_equal(&request->local, &ours->inside_local) ||
	    !selector_equal(&request->remote, &ours->inside_remote))
		return IKE_SELECTORS_CHANGED;
	if (!quick->pfs)
		return ke == NULL ? IKE_ACCEPTED : IKE_PAYLOAD_UNEXPECTED;
	if (ke == NULL)
		return IKE_PAYLOAD_MISSING;
	request->ke = ke->body;
	if (!dh_public_valid(core->crypto, quick->group, ke->body))
		return IKE_BAD_KEY_EXCHANGE;
	if (secret_equal(ke->body, dh_public(quick->dh)))
		return IKE_REFLECTED;
	return IKE_ACCEPTED;
}

/* RESPONDER-LIFETIME may only shorten (RFC 2407 section 4.6.3.1). */
static void take_lifetimes(const struct ike_core *core, struct ike_pair *pair)
{
	const struct ike_payload *payload = ike_payload_find(&core->message, IKE_PAYLOAD_NOTIFY);
	uint32_t seconds, kilobytes;
	struct ike_notify notify;

	for (; payload != NULL; payload = ike_payload_next(&core->message, payload)) {
		if (ike_notify_parse(payload->body, &notify) != IKE_ACCEPTED ||
		    notify.type != IKE_NOTIFY_RESPONDER_LIFETIME ||
		    notify.protocol != IKE_PROTOCOL_ESP)
			continue;
		ipsec_lifetime_read(notify.data, &seconds, &kilobytes);
		if (seconds != 0 && seconds < pair->lifetime)
			pair->lifetime = seconds;
		if (kilobytes != 0 && (pair->sa.kilobytes == 0 || kilobytes < pair->sa.kilobytes))
			pair->sa.kilobytes = kilobytes;
	}
}

static enum ike_verdict on_message_2(struct ike_core *core, struct inbound *in,
				     struct ike_quick_mode *quick, const uint8_t *next_iv)
{
	struct ike_pair *pair = quick->pair;
	struct quick_request request;
	enum ike_verdict verdict = check_2(core, quick, &request);

	if (verdict != IKE_ACCEPTED) {
		/* said by the peer himself: no other answer will come instead */
		(void)decline(core, in->sa, verdict);
		quick->last_refusal = verdict;
		quick_mode_fail(core, quick, IKE_WHY_REFUSED);
		return verdict;
	}
	pair->sa.proposal = request.choice.proposal;
	pair->sa.spi_out = request.choice.spi;
	take_lifetimes(core, pair);
	memcpy(quick->nr, request.nonce.data, request.nonce.length);
	quick->nr_length = request.nonce.length;
	if (quick->pfs)
		memcpy(quick->peer_public, request.ke.data, request.ke.length);
	advance(core, quick, in, next_iv);
	quick_mode_proved(core, quick);
	return IKE_ACCEPTED;
}

/* ---- QM3, and CONNECTED -------------------------------------------------------------------------------------------- */

static enum ike_verdict on_message_3(struct ike_core *core, struct inbound *in,
				     struct ike_quick_mode *quick, const uint8_t *next_iv)
{
	advance(core, quick, in, next_iv);
	quick_mode_proved(core, quick);
	return IKE_ACCEPTED;
}

static bool says_connected(const struct ike_core *core)
{
	const struct ike_payload *payload = ike_payload_find(&core->message, IKE_PAYLOAD_NOTIFY);
	struct ike_notify notify;

	return payload != NULL && ike_notify_parse(payload->body, &notify) == IKE_ACCEPTED &&
	       notify.type == IKE_NOTIFY_CONNECTED;
}

static enum ike_verdict on_message_4(struct ike_core *core, struct inbound *in,
				     struct ike_quick_mode *quick, const uint8_t *next_iv)
{
	if (!says_connected(core))
		return IKE_NOTIFY_IGNORED;
	advance(core, quick, in, next_iv);
	quick_mode_done(core, quick);
	return IKE_ACCEPTED;
}

/* RFC 2408 section 3.1 has CONNECTED in an Informational that bears the message ID of the Quick Mode. */
enum ike_verdict quick_mode_connected(struct ike_core *core, struct inbound *in)
{
	struct ike_quick_mode *quick = quick_mode_find(core, in->sa, in->header.message_id);
	uint8_t next_iv[CIPHER_MAX_BLOCK];
	enum ike_verdict verdict;

	verdict = informational_open_known(core, in, IKE_INFO_PROTECTED, next_iv);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	return on_message_4(core, in, quick, next_iv);
}

bool quick_mode_awaits_connected(const struct ike_core *core, const struct ike_sa *sa,
				 uint32_t message_id)
{
	const struct ike_quick_mode *quick = quick_mode_find(core, sa, message_id);

	return quick != NULL && quick->expects == IKE_QM4;
}

/* ---- the order of it ----------------------------------------------------------------------------------------------- */

/*
 * RFC 2409 section 5.5.  A fourth message is in no RFC: it is known by the form of HASH(1), like the Informational that should
 * come instead.  All that hangs on it is whether two seconds are waited out.
 */
static bool check_hash(struct ike_core *core, const struct ike_quick_mode *quick)
{
	const struct ike_sa *sa = quick->sa;
	struct octets ni = octets_of(quick->ni, quick->ni_length);
	struct octets nr = octets_of(quick->nr, quick->nr_length);
	struct octets rest = rest_of(&core->message);
	uint8_t expected[HASH_MAX_LENGTH];

	switch (quick->expects) {
	case IKE_QM2:
		protect_hash_2(core->crypto, sa->hash, sa_skeyid_a(sa), quick->message_id, ni, rest,
			       expected);
		return hash_holds(core, sa, expected);
	case IKE_QM3:
		protect_hash_3(core->crypto, sa->hash, sa_skeyid_a(sa), quick->message_id, ni, nr,
			       expected);
		/* it covers no payload, so there must be none that anybody could read something into */
		return rest.length == 0 && hash_holds(core, sa, expected);
	case IKE_QM4:
		protect_hash_1(core->crypto, sa->hash, sa_skeyid_a(sa), quick->message_id, rest,
			       expected);
		return hash_holds(core, sa, expected);
	default:
		return false;
	}
}

static enum ike_verdict open_next(struct ike_core *core, struct inbound *in,
				  struct ike_quick_mode *quick, uint8_t *next_iv)
{
	enum ike_verdict verdict = open_message(core, in, quick->iv, next_iv);

	if (verdict == IKE_ACCEPTED)
		verdict = ike_message_check(quick->expects, &core->message);
	if (verdict == IKE_ACCEPTED && !check_hash(core, quick))
		verdict = IKE_BAD_HASH;
	if (verdict != IKE_ACCEPTED) {
		quick->last_refusal = verdict;
		quick->refused++;
	}
	return verdict;
}

static enum ike_verdict (*const handler[])(struct ike_core *, struct inbound *,
					   struct ike_quick_mode *, const uint8_t *) = {
    [IKE_QM2] = on_message_2,
    [IKE_QM3] = on_message_3,
    [IKE_QM4] = on_message_4,
};

static enum ike_verdict next_message(struct ike_core *core, struct inbound *in,
				     struct ike_quick_mode *quick)
{
	uint8_t next_iv[CIPHER_MAX_BLOCK] = {0};
	struct ike_sa *sa = in->sa;
	enum ike_message_kind expected = quick->expects;
	enum ike_verdict verdict;

	if (quick->received_mark == handshake_mark(core, in->octets)) {
		quick_mode_repeat(core, quick);
		return IKE_DUPLICATE;
	}
	if (expected == IKE_MESSAGE_KINDS)
		return IKE_OUT_OF_STATE;
	if (quick->refused >= REFUSALS_MOST)
		return IKE_RATE_LIMITED;
	verdict = open_next(core, in, quick, next_iv);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	/* HASH covers a nonce of ours that nobody has heard before: the peer is there now */
	if (expected != IKE_QM4) {
		nat_t_follow(core, in);
		host_sa_happening(core, sa, IKE_EXTENSION_HEARD);
	}
	if (sa->state == IKE_SA_FREE) {
		in->sa = NULL; /* the step has ended it, and the Quick Mode with it */
		return IKE_OUT_OF_STATE;
	}
	return handler[expected](core, in, quick, next_iv);
}

enum ike_verdict quick_mode_input(struct ike_core *core, struct inbound *in)
{
	struct ike_sa *sa = in->sa;
	struct ike_quick_mode *quick;

	if (sa == NULL)
		return IKE_UNKNOWN_COOKIES;
	if (sa->state != IKE_SA_ESTABLISHED)
		return IKE_OUT_OF_STATE;
	if ((in->header.flags & IKE_FLAG_ENCRYPTION) == 0)
		return IKE_UNPROTECTED;
	/* HASH does not cover the header: all that can be chosen in it is to be kept waiting for CONNECTED */
	if ((in->header.flags & ~(IKE_FLAG_ENCRYPTION | IKE_FLAG_COMMIT)) != 0)
		return IKE_BAD_FLAGS;
	quick = quick_mode_find(core, sa, in->header.message_id);
	return quick == NULL ? first_message(core, in) : next_message(core, in, quick);
}
