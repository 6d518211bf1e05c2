/* SPDX-License-Identifier: ISC */
/*
 * phase_1.c - reading what the messages of every Phase 1 have in common: the answer to our offers, public values and nonces,
 * vendor IDs, and what was refused how often.
 */
#include "ike/phase_1.h"

#include <string.h>

#include "ike/cookie.h"
#include "ike/nat_traversal.h"

/* Refused messages in one handshake, after which it is left to time out: nobody gets to guess secrets at leisure. */
#define REFUSALS_MOST 16u

/* ---- any message --------------------------------------------------------------------------------------------------- */

enum ike_verdict phase_1_open(struct ike_core *core, struct inbound *in, enum ike_message_kind kind,
			      uint8_t *next_iv)
{
	bool encrypted = (in->header.flags & IKE_FLAG_ENCRYPTION) != 0;
	enum ike_verdict verdict;

	if (!ike_message_kind_may_be(kind, encrypted))
		return encrypted ? IKE_OUT_OF_STATE : IKE_UNPROTECTED;
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
	handshake->received_length = in->octets.length;
	handshake->resend_at = IKE_NEVER;       /* our question has been answered */
	handshake->expects = IKE_MESSAGE_KINDS; /* nothing, until our own message is out */
	if (next_iv != NULL)
		memcpy(handshake->iv, next_iv, sizeof(handshake->iv));
}

/* R1: the extension asks nobody who has not announced it; any message of Phase 1 will do (R49). */
void phase_1_note_vendor_ids(const struct ike_core *core, struct ike_sa *sa)
{
	const struct ike_extension *extension = core->settings->extension;
	const struct ike_payload *payload = ike_payload_find(&core->message, IKE_PAYLOAD_VENDOR_ID);

	for (; payload != NULL; payload = ike_payload_next(&core->message, payload)) {
		if (extension != NULL && extension->recognises(payload->body))
			sa->supported = true;
		if (core->peer[sa->peer].settings->fragmentation &&
		    fragment_vendor_id_matches(payload->body))
			sa->handshake->fragments = true;
	}
	nat_t_note_vendor_ids(core, sa);
}

/* ---- what was agreed ----------------------------------------------------------------------------------------------- */

bool phase_1_set_algorithms(struct ike_sa *sa, const struct ike_offer *offer)
{
	struct ike_handshake *handshake = sa->handshake;
	enum cipher_algorithm cipher;
	enum hash_algorithm hash;

	if (!ike_proposal_cipher(&offer->proposal, &cipher) ||
	    !ike_proposal_hash(&offer->proposal, &hash) ||
	    !ike_proposal_group(&offer->proposal, &handshake->group))
		return false;
	sa->group = (uint8_t)offer->proposal.group;
	sa->authentication = (uint8_t)offer->authentication;
	sa->cipher = (uint8_t)cipher;
	sa->hash = (uint8_t)hash;
	handshake->keys.hash = hash;
	handshake->keys.cipher = cipher;
	return true;
}

uint32_t phase_1_shorter_lifetime(uint32_t ours, uint32_t offered)
{
	return offered != 0 && offered < ours ? offered : ours;
}

/* ---- the answer to our offers ----------------------------------------------------------------------------------------- */

enum ike_verdict phase_1_check_choice(struct ike_core *core, const struct inbound *in)
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
	if (!phase_1_set_algorithms(sa, &chosen))
		return IKE_PROPOSAL_CHANGED;
	memcpy(handshake->cky_r, in->header.cky_r, IKE_COOKIE_LENGTH);
	handshake->lifetime =
	    phase_1_shorter_lifetime(core->peer[sa->peer].settings->lifetime, chosen.lifetime);
	return IKE_ACCEPTED;
}

void phase_1_take_choice(struct ike_core *core, const struct inbound *in)
{
	sa_table_set_cky_r(core->sas, in->sa, in->header.cky_r);
	(void)sa_set_local(core, in->sa, &in->datagram->local);
}

/* ---- public values and nonces -------------------------------------------------------------------------------------- */

enum ike_verdict phase_1_check_public_and_nonce(struct ike_core *core, enum dh_group group,
						const struct dh_key *ours)
{
	const struct ike_payload *ke = ike_payload_find(&core->message, IKE_PAYLOAD_KE);
	const struct ike_payload *nonce = ike_payload_find(&core->message, IKE_PAYLOAD_NONCE);

	if (nonce->body.length < IKE_NONCE_MIN || nonce->body.length > IKE_NONCE_MAX)
		return IKE_BAD_NONCE;
	if (!dh_public_valid(core->crypto, group, ke->body))
		return IKE_BAD_KEY_EXCHANGE;
	if (ours != NULL && secret_equal(ke->body, dh_public(ours)))
		return IKE_REFLECTED;
	return IKE_ACCEPTED;
}

enum ike_verdict phase_1_take_public_and_nonce(struct ike_core *core,
					       struct ike_handshake *handshake)
{
	const struct ike_payload *ke = ike_payload_find(&core->message, IKE_PAYLOAD_KE);
	const struct ike_payload *nonce = ike_payload_find(&core->message, IKE_PAYLOAD_NONCE);
	bool initiator = handshake->sa->initiator;
	enum ike_verdict verdict;

	verdict = phase_1_check_public_and_nonce(core, handshake->group, handshake->dh);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	memcpy(handshake->peer_public, ke->body.data, ke->body.length);
	memcpy(initiator ? handshake->nr : handshake->ni, nonce->body.data, nonce->body.length);
	*(initiator ? &handshake->nr_length : &handshake->ni_length) = nonce->body.length;
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
	struct ike_datagram datagram = {.remote = sa->remote, .local = *sa_local(core, sa)};
	struct inbound in = {.datagram = &datagram, .octets = early, .sa = sa};
	enum ike_verdict verdict = ike_header_parse(early, &in.header);

	if (verdict == IKE_ACCEPTED)
		verdict = informational_input(core, &in);
	if (verdict != IKE_ACCEPTED)
		(void)tell_refusal(core, &in, verdict);
}

void phase_1_establish(struct ike_core *core, struct ike_sa *sa)
{
	uint8_t early[IKE_EARLY_MESSAGE];
	size_t early_length = sa->handshake->early_length;

	memcpy(early, sa->handshake->early, early_length);
	if (sa_establish(core, sa) && early_length > 0)
		take_early_message(core, sa, octets_of(early, early_length));
}

/* ---- the order of it ----------------------------------------------------------------------------------------------- */

void phase_1_note_refusal(struct ike_core *core, struct ike_handshake *handshake,
			  enum ike_verdict verdict)
{
	handshake->last_refusal = verdict;
	handshake->refused++;
	/* said under a proof that holds: no other message will come instead */
	if (verdict == IKE_WRONG_IDENTITY)
		handshake_give_up(core, handshake);
}

/* Which row the message is held against: with signatures the proof is another one. */
static enum ike_message_kind row_of(const struct ike_sa *sa, enum ike_message_kind kind)
{
	if (sa->authentication == IKE_AUTHENTICATION_PSK)
		return kind;
	switch (kind) {
	case IKE_MM5:
		return IKE_MM5_SIGNED;
	case IKE_MM6:
		return IKE_MM6_SIGNED;
	case IKE_AM2:
		return IKE_AM2_SIGNED;
	case IKE_AM3:
		return IKE_AM3_SIGNED;
	default:
		return kind;
	}
}

/* Whether the handshake wants to hear anything now, this exchange in particular. */
static enum ike_verdict may_hear(struct ike_core *core, struct inbound *in)
{
	struct ike_handshake *handshake = in->sa->handshake;

	if (handshake->over ||
	    handshake->aggressive != (in->header.exchange == IKE_EXCHANGE_AGGRESSIVE))
		return IKE_OUT_OF_STATE;
	if (handshake->refused >= REFUSALS_MOST)
		return IKE_RATE_LIMITED;
	if (handshake->expects == IKE_MESSAGE_KINDS || handshake->kept_length > 0)
		return IKE_OUT_OF_STATE;
	if (handshake->work == IKE_WORK_SECRET && !in->sa->initiator) {
		phase_1_work(core, handshake); /* MM5 (AM3) was faster than our own tick */
		if (in->sa->state == IKE_SA_FREE) {
			in->sa = NULL;
			return IKE_OUT_OF_STATE;
		}
	}
	return IKE_ACCEPTED;
}

enum ike_verdict phase_1_next_message(struct ike_core *core, struct inbound *in, phase_1_step *step)
{
	bool encrypted = (in->header.flags & IKE_FLAG_ENCRYPTION) != 0;
	struct ike_handshake *handshake = in->sa->handshake;
	uint8_t next_iv[CIPHER_MAX_BLOCK] = {0};
	enum ike_verdict verdict;

	if (handshake == NULL) /* long done: late repeats are usual, and say nothing */
		return encrypted ? IKE_DUPLICATE : IKE_OUT_OF_STATE;
	if (handshake->received_mark == handshake_mark(core, in->octets))
		return phase_1_repeated(core, in);
	verdict = may_hear(core, in);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	verdict = phase_1_open(core, in, row_of(in->sa, handshake->expects), next_iv);
	if (verdict == IKE_ACCEPTED)
		verdict = step(core, in, encrypted ? next_iv : NULL);
	/* the step may have ended the handshake, but only when it accepted the message */
	if (verdict != IKE_ACCEPTED)
		phase_1_note_refusal(core, handshake, verdict);
	return verdict;
}
