/* SPDX-License-Identifier: ISC */
/*
 * main_mode.c - Main Mode with a pre-shared key (RFC 2409 section 5.4): reading a message, a step at a time.
 *
 *	MM1  HDR, SA [, VID]		-->
 *					<--  MM2  HDR, SA [, VID]
 *	MM3  HDR, KE, Ni		-->
 *					<--  MM4  HDR, KE, Nr [, VID]
 *	MM5  HDR*, IDii, HASH_I [, N]	-->
 *					<--  MM6  HDR*, IDir, HASH_R
 *
 * A message that is refused changes nothing: the sender of a clear message has proved nothing, and the real one may still
 * come.  The messages are built in main_mode_send.c; Diffie-Hellman is left to ike_tick.
 */
#include "ike/main_mode.h"

#include <stdio.h>
#include <string.h>

#include "ike/cookie.h"
#include "ike/identity.h"

/* Refused messages in one handshake, after which it is left to time out: nobody gets to guess secrets at leisure. */
#define REFUSALS_MOST 16u

#define TRANSFORM_MOST 512u /* octets; a real one takes less than 50 */

/* Everything about the message has been checked: from here on it counts. */
static void advance(struct ike_core *core, struct ike_handshake *handshake,
		    const struct inbound *in, const uint8_t *next_iv)
{
	handshake->received_mark = handshake_mark(core, in->octets);
	handshake->resend_at = IKE_NEVER;       /* our question has been answered */
	handshake->expects = IKE_MESSAGE_KINDS; /* nothing, until our own message is out */
	if (next_iv != NULL)
		memcpy(handshake->iv, next_iv, sizeof(handshake->iv));
}

/* R1: the extension asks nobody who has not announced it; any message of Phase 1 will do. */
static void note_vendor_ids(const struct ike_core *core, struct ike_sa *sa)
{
	const struct ike_extension *extension = core->settings->extension;
	const struct ike_payload *payload = ike_payload_find(&core->message, IKE_PAYLOAD_VENDOR_ID);

	for (; payload != NULL; payload = ike_payload_next(&core->message, payload))
		if (extension != NULL && extension->recognises(payload->body))
			sa->supported = true;
}

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

/*
 * Takes the message apart into core->message and holds it against its row.  An encrypted one is decrypted with the handshake's
 * running IV, which is not changed: the next one goes to `next_iv` (RFC 2409 section 10).
 */
static enum ike_verdict read_message(struct ike_core *core, struct inbound *in,
				     enum ike_message_kind kind, uint8_t *next_iv)
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

/* ---- MM1, responder ------------------------------------------------------------------------------------------------ */

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

static enum ike_verdict repeated(struct ike_core *core, struct inbound *in)
{
	struct ike_handshake *handshake = in->sa->handshake;

	if (handshake == NULL || handshake->received_mark != handshake_mark(core, in->octets))
		return IKE_OUT_OF_STATE;
	if (!in->sa->initiator) /* the initiator's question is repeated by its own timer */
		handshake_repeat(core, handshake);
	return IKE_DUPLICATE;
}

/*
 * A repeated MM1 has the same cookie within an epoch, and the epoch before covers one that straddles the boundary.
 * NULL: it is new; `cookie` is then the one to use.
 */
static struct ike_sa *find_repeated(const struct ike_core *core, const struct inbound *in,
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

static enum ike_verdict choose_offer(struct ike_core *core, const struct inbound *in, uint32_t peer,
				     struct ike_offer *chosen)
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

static enum ike_verdict first_message(struct ike_core *core, struct inbound *in)
{
	uint8_t cky_r[IKE_COOKIE_LENGTH];
	struct ike_sa *sa = find_repeated(core, in, cky_r);
	const struct ike_payload *sa_payload;
	struct ike_offer chosen;
	enum ike_verdict verdict;
	uint32_t peer, gateway;

	if (sa != NULL) {
		in->sa = sa;
		return repeated(core, in);
	}
	peer = peer_of_address(core, &in->datagram->remote, &gateway);
	if (peer == IKE_NONE)
		return IKE_NO_PEER;
	verdict = read_message(core, in, IKE_MM1, NULL);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	verdict = choose_offer(core, in, peer, &chosen);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	sa = new_responder(core, in, cky_r, peer, gateway);
	if (sa == NULL)
		return IKE_RATE_LIMITED;
	if (!set_algorithms(sa, sa->handshake, &chosen.proposal)) {
		sa_fail(core, sa,
			IKE_WHY_REFUSED); /* the configuration allows only what crypto/ has */
		return IKE_NO_PROPOSAL_CHOSEN;
	}
	core->counter[IKE_COUNT_HANDSHAKES_STARTED]++;
	sa_payload = ike_payload_find(&core->message, IKE_PAYLOAD_SA);
	memcpy(sa->handshake->sai_b, sa_payload->body.data, sa_payload->body.length);
	sa->handshake->sai_b_length = sa_payload->body.length;
	sa->handshake->lifetime =
	    shorter_lifetime(core->peer[peer].settings->lifetime, chosen.lifetime);
	sa->handshake->tell_lifetime = sa->handshake->lifetime < chosen.lifetime;
	note_vendor_ids(core, sa);
	advance(core, sa->handshake, in, NULL);
	tell_event_of_sa(core, IKE_EVENT_CONNECTING, sa);
	main_mode_send_2(core, sa, &chosen, in->octets.length);
	return IKE_ACCEPTED;
}

/* ---- MM2, initiator ------------------------------------------------------------------------------------------------ */

static enum ike_verdict on_message_2(struct ike_core *core, struct inbound *in,
				     const uint8_t *next_iv)
{
	struct ike_sa *sa = in->sa;
	struct ike_handshake *handshake = sa->handshake;
	const struct ike_payload *payload = ike_payload_find(&core->message, IKE_PAYLOAD_SA);
	struct ike_offer chosen;
	enum ike_verdict verdict;

	if (ike_cookie_is_zero(in->header.cky_r))
		return IKE_UNKNOWN_COOKIES;
	/* with equal cookies, and our own public value sent back, HASH_I would be HASH_R */
	if (memcmp(in->header.cky_r, in->header.cky_i, IKE_COOKIE_LENGTH) == 0)
		return IKE_REFLECTED;
	verdict = ike_choice_check(octets_of(handshake->sai_b, handshake->sai_b_length),
				   payload->body, &chosen);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	if (!set_algorithms(sa, handshake, &chosen.proposal))
		return IKE_PROPOSAL_CHANGED;
	sa_table_set_cky_r(core->sas, sa, in->header.cky_r);
	sa->local = in->datagram->local;
	handshake->lifetime =
	    shorter_lifetime(core->peer[sa->peer].settings->lifetime, chosen.lifetime);
	note_vendor_ids(core, sa);
	advance(core, handshake, in, next_iv);
	handshake_queue_work(core, handshake, IKE_WORK_KEY_PAIR);
	return IKE_ACCEPTED;
}

/* ---- MM3 and MM4: the public values and nonces --------------------------------------------------------------------- */

static enum ike_verdict take_public_and_nonce(struct ike_core *core,
					      struct ike_handshake *handshake, uint8_t *nonce,
					      size_t *nonce_length)
{
	const struct ike_payload *ke = ike_payload_find(&core->message, IKE_PAYLOAD_KE);
	const struct ike_payload *n = ike_payload_find(&core->message, IKE_PAYLOAD_NONCE);

	if (n->body.length < IKE_NONCE_MIN || n->body.length > IKE_NONCE_MAX)
		return IKE_BAD_NONCE;
	if (!dh_public_valid(core->crypto, handshake->group, ke->body))
		return IKE_BAD_KEY_EXCHANGE;
	if (handshake->dh != NULL && secret_equal(ke->body, dh_public(handshake->dh)))
		return IKE_REFLECTED;
	memcpy(handshake->peer_public, ke->body.data, ke->body.length);
	memcpy(nonce, n->body.data, n->body.length);
	*nonce_length = n->body.length;
	note_vendor_ids(core, handshake->sa);
	return IKE_ACCEPTED;
}

static enum ike_verdict on_message_3(struct ike_core *core, struct inbound *in,
				     const uint8_t *next_iv)
{
	struct ike_handshake *handshake = in->sa->handshake;
	enum ike_verdict verdict;

	verdict = take_public_and_nonce(core, handshake, handshake->ni, &handshake->ni_length);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	advance(core, handshake, in, next_iv);
	handshake_queue_work(core, handshake, IKE_WORK_KEY_PAIR);
	return IKE_ACCEPTED;
}

static enum ike_verdict on_message_4(struct ike_core *core, struct inbound *in,
				     const uint8_t *next_iv)
{
	struct ike_handshake *handshake = in->sa->handshake;
	enum ike_verdict verdict;

	verdict = take_public_and_nonce(core, handshake, handshake->nr, &handshake->nr_length);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	advance(core, handshake, in, next_iv);
	handshake_queue_work(core, handshake, IKE_WORK_SECRET);
	return IKE_ACCEPTED;
}

/* ---- MM5 and MM6: who it is, and the proof ------------------------------------------------------------------------- */

static enum ike_verdict take_identity_and_proof(struct ike_core *core, struct ike_sa *sa)
{
	struct ike_handshake *handshake = sa->handshake;
	const struct ike_payload *id = ike_payload_find(&core->message, IKE_PAYLOAD_ID);
	const struct ike_payload *hash = ike_payload_find(&core->message, IKE_PAYLOAD_HASH);
	uint8_t expected[HASH_MAX_LENGTH];
	struct ike_identity identity;
	enum ike_verdict verdict;

	main_mode_hash(core, handshake, !sa->initiator, id->body, expected);
	if (!secret_equal(hash->body, octets_of(expected, hash_length(sa->hash))))
		return IKE_AUTHENTICATION_FAILED;
	verdict = ike_identity_parse(id->body, &identity);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	if (!peer_accepts_identity(core, sa, &identity)) {
		handshake->peer_identity = identity; /* so that the report can say who it was */
		return IKE_WRONG_IDENTITY;
	}
	handshake->peer_identity = identity;
	return IKE_ACCEPTED;
}

/*
 * INITIAL-CONTACT beside HASH_I is encrypted but not covered by it.  Whoever could forge it there would have to make CBC
 * decrypt to it without breaking HASH_I or the ID before it; deployed stacks send it nowhere else, so it is obeyed.
 */
static bool carries_initial_contact(const struct ike_core *core)
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

static enum ike_verdict on_message_5(struct ike_core *core, struct inbound *in,
				     const uint8_t *next_iv)
{
	struct ike_sa *sa = in->sa;
	enum ike_verdict verdict = take_identity_and_proof(core, sa);

	if (verdict != IKE_ACCEPTED)
		return verdict;
	sa->handshake->contact_received = carries_initial_contact(core);
	note_vendor_ids(core, sa);
	advance(core, sa->handshake, in, next_iv);
	main_mode_send_6(core, sa);
	(void)sa_establish(core, sa);
	return IKE_ACCEPTED;
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

static enum ike_verdict on_message_6(struct ike_core *core, struct inbound *in,
				     const uint8_t *next_iv)
{
	struct ike_sa *sa = in->sa;
	struct ike_handshake *handshake = sa->handshake;
	enum ike_verdict verdict = take_identity_and_proof(core, sa);
	uint8_t early[IKE_EARLY_MESSAGE];
	size_t early_length = handshake->early_length;

	if (verdict != IKE_ACCEPTED)
		return verdict;
	handshake->contact_received = carries_initial_contact(core);
	note_vendor_ids(core, sa);
	advance(core, handshake, in, next_iv);
	memcpy(early, handshake->early, early_length);
	if (sa_establish(core, sa) && early_length > 0)
		take_early_message(core, sa, octets_of(early, early_length));
	return IKE_ACCEPTED;
}

/* ---- the order of it ----------------------------------------------------------------------------------------------- */

static enum ike_verdict (*const handler[])(struct ike_core *, struct inbound *, const uint8_t *) = {
    [IKE_MM2] = on_message_2, [IKE_MM3] = on_message_3, [IKE_MM4] = on_message_4,
    [IKE_MM5] = on_message_5, [IKE_MM6] = on_message_6,
};

enum ike_verdict main_mode_input(struct ike_core *core, struct inbound *in)
{
	uint8_t next_iv[CIPHER_MAX_BLOCK] = {0};
	struct ike_handshake *handshake;
	enum ike_verdict verdict;

	if (in->header.message_id != 0)
		return IKE_BAD_MESSAGE_ID;
	if (in->sa == NULL)
		return ike_cookie_is_zero(in->header.cky_r) ? first_message(core, in)
							    : IKE_UNKNOWN_COOKIES;
	handshake = in->sa->handshake;
	if (handshake == NULL) /* long done: late repeats are usual, and say nothing */
		return (in->header.flags & IKE_FLAG_ENCRYPTION) != 0 ? IKE_DUPLICATE
								     : IKE_OUT_OF_STATE;
	if (handshake->received_mark == handshake_mark(core, in->octets))
		return repeated(core, in);
	if (handshake->over)
		return IKE_OUT_OF_STATE;
	if (handshake->refused >= REFUSALS_MOST)
		return IKE_RATE_LIMITED;
	if (handshake->work == IKE_WORK_SECRET && !in->sa->initiator) {
		main_mode_work(core, handshake); /* MM5 was faster than our own tick */
		if (in->sa->state == IKE_SA_FREE) {
			in->sa = NULL;
			return IKE_OUT_OF_STATE;
		}
	}
	if (handshake->expects == IKE_MESSAGE_KINDS)
		return IKE_OUT_OF_STATE;
	verdict = read_message(core, in, handshake->expects, next_iv);
	if (verdict == IKE_ACCEPTED)
		verdict = handler[handshake->expects](core, in, next_iv);
	/* the handler may have ended the handshake, but only when it accepted the message */
	if (verdict != IKE_ACCEPTED) {
		handshake->last_refusal = verdict;
		handshake->refused++;
	}
	/* said under a HASH that holds: no other message will come instead */
	if (verdict == IKE_WRONG_IDENTITY)
		handshake_give_up(core, handshake);
	return verdict;
}
