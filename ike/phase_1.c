/* SPDX-License-Identifier: ISC */
/*
 * phase_1.c - reading what the messages of every Phase 1 have in common: the first one and its repeats, offers and choices,
 * public values and nonces, vendor IDs, and what was refused how often.
 */
#include "ike/phase_1.h"

#include <stdio.h>
#include <string.h>

#include "ike/cookie.h"

/* Refused messages in one handshake, after which it is left to time out: nobody gets to guess secrets at leisure. */
#define REFUSALS_MOST 16u

#define TRANSFORM_MOST 512u /* octets; a real one takes less than 50 */

/* ---- any message --------------------------------------------------------------------------------------------------- */

enum ike_verdict phase_1_open(struct ike_core *core, struct inbound *in, enum ike_message_kind kind,
			      uint8_t *next_iv)
{
	bool encrypted = (in->header.flags & IKE_FLAG_ENCRYPTION) != 0;
	bool expected = kind == IKE_MM5 || kind == IKE_MM6;
	enum ike_verdict verdict;

	if (encrypted != expected)
		return expected ? IKE_UNPROTECTED : IKE_OUT_OF_STATE;
	verdict = open_message(core, in, encrypted ? in->sa->handshake->iv : NULL, next_iv);
	/* with the wrong key everything decrypts to noise: say what that means, not what the noise looked like */
	if (encrypted && verdict != IKE_ACCEPTED)
		return IKE_UNREADABLE;
	return verdict != IKE_ACCEPTED ? verdict : ike_message_check(kind, &core->message);
}

void phase_1_advance(struct ike_core *core, struct ike_handshake *handshake,
		     const struct inbound *in, const uint8_t *next_iv)
{
	handshake->received_mark = handshake_mark(core, in->octets);
	handshake->resend_at = IKE_NEVER;       /* our question has been answered */
	handshake->expects = IKE_MESSAGE_KINDS; /* nothing, until our own message is out */
	if (next_iv != NULL)
		memcpy(handshake->iv, next_iv, sizeof(handshake->iv));
}

/* R1: the extension asks nobody who has not announced it; any message of Phase 1 will do. */
void phase_1_note_vendor_ids(const struct ike_core *core, struct ike_sa *sa)
{
	const struct ike_extension *extension = core->settings->extension;
	const struct ike_payload *payload = ike_payload_find(&core->message, IKE_PAYLOAD_VENDOR_ID);

	for (; payload != NULL; payload = ike_payload_next(&core->message, payload))
		if (extension != NULL && extension->recognises(payload->body))
			sa->supported = true;
}

/* ---- the first message, responder ---------------------------------------------------------------------------------- */

static bool set_algorithms(struct ike_sa *sa, struct ike_handshake *handshake,
			   const struct ike_proposal *proposal)
{
	enum cipher_algorithm cipher;
	enum hash_algorithm hash;

	if (!ike_proposal_cipher(proposal, &cipher) || !ike_proposal_hash(proposal, &hash) ||
	    !ike_proposal_group(proposal, &handshake->group))
		return false;
	sa->proposal = *proposal;
	sa->cipher = (uint8_t)cipher;
	sa->hash = (uint8_t)hash;
	return true;
}

static uint32_t shorter_lifetime(uint32_t ours, uint32_t offered)
{
	return offered != 0 && offered < ours ? offered : ours;
}

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

enum ike_verdict phase_1_choose_offer(struct ike_core *core, const struct inbound *in,
				      uint32_t peer, struct ike_offer *chosen)
{
	const struct ike_peer_settings *settings = core->peer[peer].settings;
	const struct ike_payload *payload = ike_payload_find(&core->message, IKE_PAYLOAD_SA);
	struct ike_offer offers[IKE_OFFERS_MAX];
	const struct ike_offer *choice;
	enum ike_verdict verdict;
	size_t count;

	verdict = ike_offers_parse(payload->body, offers, IKE_OFFERS_MAX, &count);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	choice = ike_offer_choose(offers, count, settings->proposal, settings->proposals);
	if (choice == NULL) {
		if (token_bucket_take(&core->refusals, core->now))
			tell_offers(core, in, peer, offers, count);
		return IKE_NO_PROPOSAL_CHOSEN;
	}
	/* it is echoed octet for octet; one that only pads itself out is not worth an answer */
	if (choice->transform.length > TRANSFORM_MOST)
		return IKE_BAD_PROPOSAL_SYNTAX;
	*chosen = *choice;
	return IKE_ACCEPTED;
}

enum ike_verdict phase_1_repeated(struct ike_core *core, struct inbound *in)
{
	struct ike_handshake *handshake = in->sa->handshake;

	if (handshake == NULL || handshake->received_mark != handshake_mark(core, in->octets))
		return IKE_OUT_OF_STATE;
	if (!in->sa->initiator) /* the initiator's question is repeated by its own timer */
		handshake_repeat(core, handshake);
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
				    const uint8_t *cky_r, uint32_t peer, uint32_t gateway)
{
	struct ike_sa *sa = sa_table_add(core->sas, in->header.cky_i, cky_r);

	if (sa == NULL) {
		tell_overload(core, "limit sas: no room for another SA");
		return NULL;
	}
	sa->remote = in->datagram->remote;
	sa->local = in->datagram->local;
	sa->peer = peer;
	sa->gateway = gateway;
	sa->created_at = core->now;
	if (handshake_new(core, sa) == NULL) {
		sa_table_remove(core->sas, sa);
		return NULL;
	}
	return sa;
}

enum ike_verdict phase_1_new_responder(struct ike_core *core, struct inbound *in,
				       const uint8_t *cky_r, uint32_t peer, uint32_t gateway,
				       const struct ike_offer *chosen)
{
	const struct ike_payload *payload = ike_payload_find(&core->message, IKE_PAYLOAD_SA);
	struct ike_sa *sa = new_responder(core, in, cky_r, peer, gateway);
	struct ike_handshake *handshake;

	if (sa == NULL)
		return IKE_RATE_LIMITED;
	if (!set_algorithms(sa, sa->handshake, &chosen->proposal)) {
		/* the configuration allows only what crypto/ has */
		sa_fail(core, sa, IKE_WHY_REFUSED);
		return IKE_NO_PROPOSAL_CHOSEN;
	}
	in->sa = sa;
	handshake = sa->handshake;
	core->counter[IKE_COUNT_HANDSHAKES_STARTED]++;
	memcpy(handshake->sai_b, payload->body.data, payload->body.length);
	handshake->sai_b_length = payload->body.length;
	handshake->lifetime =
	    shorter_lifetime(core->peer[peer].settings->lifetime, chosen->lifetime);
	handshake->tell_lifetime = handshake->lifetime < chosen->lifetime;
	return IKE_ACCEPTED;
}

/* ---- its answer, initiator ----------------------------------------------------------------------------------------- */

enum ike_verdict phase_1_check_choice(const struct ike_core *core, const struct inbound *in,
				      struct ike_offer *chosen)
{
	const struct ike_handshake *handshake = in->sa->handshake;
	const struct ike_payload *payload = ike_payload_find(&core->message, IKE_PAYLOAD_SA);

	if (ike_cookie_is_zero(in->header.cky_r))
		return IKE_UNKNOWN_COOKIES;
	/* with equal cookies, and our own public value sent back, HASH_I would be HASH_R */
	if (memcmp(in->header.cky_r, in->header.cky_i, IKE_COOKIE_LENGTH) == 0)
		return IKE_REFLECTED;
	return ike_choice_check(octets_of(handshake->sai_b, handshake->sai_b_length), payload->body,
				chosen);
}

enum ike_verdict phase_1_take_choice(struct ike_core *core, const struct inbound *in,
				     const struct ike_offer *chosen)
{
	struct ike_sa *sa = in->sa;

	if (!set_algorithms(sa, sa->handshake, &chosen->proposal))
		return IKE_PROPOSAL_CHANGED;
	sa_table_set_cky_r(core->sas, sa, in->header.cky_r);
	sa->local = in->datagram->local;
	sa->handshake->lifetime =
	    shorter_lifetime(core->peer[sa->peer].settings->lifetime, chosen->lifetime);
	return IKE_ACCEPTED;
}

/* ---- public values and nonces -------------------------------------------------------------------------------------- */

enum ike_verdict phase_1_take_public_and_nonce(struct ike_core *core,
					       struct ike_handshake *handshake)
{
	const struct ike_payload *ke = ike_payload_find(&core->message, IKE_PAYLOAD_KE);
	const struct ike_payload *n = ike_payload_find(&core->message, IKE_PAYLOAD_NONCE);
	bool initiator = handshake->sa->initiator;

	if (n->body.length < IKE_NONCE_MIN || n->body.length > IKE_NONCE_MAX)
		return IKE_BAD_NONCE;
	if (!dh_public_valid(core->crypto, handshake->group, ke->body))
		return IKE_BAD_KEY_EXCHANGE;
	if (handshake->dh != NULL && secret_equal(ke->body, dh_public(handshake->dh)))
		return IKE_REFLECTED;
	memcpy(handshake->peer_public, ke->body.data, ke->body.length);
	memcpy(initiator ? handshake->nr : handshake->ni, n->body.data, n->body.length);
	*(initiator ? &handshake->nr_length : &handshake->ni_length) = n->body.length;
	/* what is said about the addresses beside them (NAT-D) is looked at here */
	return IKE_ACCEPTED;
}

/* ---- the last message ---------------------------------------------------------------------------------------------- */

/*
 * INITIAL-CONTACT beside HASH_I is encrypted but not covered by it.  Whoever could forge it there would have to make CBC
 * decrypt to it without breaking HASH_I or the ID before it; deployed stacks send it nowhere else, so it is obeyed.
 */
bool phase_1_carries_initial_contact(const struct ike_core *core)
{
	const struct ike_payload *payload = ike_payload_find(&core->message, IKE_PAYLOAD_NOTIFY);
	struct ike_notify notify;

	for (; payload != NULL; payload = ike_payload_next(&core->message, payload))
		if (ike_notify_parse(payload->body, &notify) == IKE_ACCEPTED &&
		    notify.type == IKE_NOTIFY_INITIAL_CONTACT &&
		    notify.protocol == IKE_PROTOCOL_ISAKMP)
			return true;
	return false;
}

/* Its cookies, address and length were checked when it was put aside. */
static void take_early_message(struct ike_core *core, struct ike_sa *sa, struct octets early)
{
	struct ike_datagram datagram = {.remote = sa->remote, .local = sa->local};
	struct inbound in = {.datagram = &datagram, .octets = early, .sa = sa};
	enum ike_verdict verdict = ike_header_parse(early, &in.header);

	if (verdict == IKE_ACCEPTED)
		verdict = informational_input(core, &in);
	if (verdict != IKE_ACCEPTED)
		(void)tell_refusal(core, &in, verdict);
}

void phase_1_initiator_done(struct ike_core *core, struct ike_sa *sa)
{
	uint8_t early[IKE_EARLY_MESSAGE];
	size_t early_length = sa->handshake->early_length;

	memcpy(early, sa->handshake->early, early_length);
	if (sa_establish(core, sa) && early_length > 0)
		take_early_message(core, sa, octets_of(early, early_length));
}

/* ---- the order of it ----------------------------------------------------------------------------------------------- */

enum ike_verdict phase_1_next_message(struct ike_core *core, struct inbound *in, phase_1_step *step)
{
	struct ike_handshake *handshake = in->sa->handshake;
	uint8_t next_iv[CIPHER_MAX_BLOCK] = {0};
	enum ike_verdict verdict;

	if (handshake == NULL) /* long done: late repeats are usual, and say nothing */
		return (in->header.flags & IKE_FLAG_ENCRYPTION) != 0 ? IKE_DUPLICATE
								     : IKE_OUT_OF_STATE;
	if (handshake->received_mark == handshake_mark(core, in->octets))
		return phase_1_repeated(core, in);
	if (handshake->over)
		return IKE_OUT_OF_STATE;
	if (handshake->refused >= REFUSALS_MOST)
		return IKE_RATE_LIMITED;
	if (handshake->work == IKE_WORK_SECRET && !in->sa->initiator) {
		phase_1_work(core, handshake); /* MM5 was faster than our own tick */
		if (in->sa->state == IKE_SA_FREE) {
			in->sa = NULL;
			return IKE_OUT_OF_STATE;
		}
	}
	if (handshake->expects == IKE_MESSAGE_KINDS)
		return IKE_OUT_OF_STATE;
	verdict = phase_1_open(core, in, handshake->expects, next_iv);
	if (verdict == IKE_ACCEPTED)
		verdict = step(core, in, next_iv);
	/* the step may have ended the handshake, but only when it accepted the message */
	if (verdict != IKE_ACCEPTED) {
		handshake->last_refusal = verdict;
		handshake->refused++;
	}
	/* said under a HASH that holds: no other message will come instead */
	if (verdict == IKE_WRONG_IDENTITY)
		handshake_give_up(core, handshake);
	return verdict;
}
