/* SPDX-License-Identifier: ISC */
/*
 * aggressive_mode.c - Aggressive Mode with a pre-shared key (RFC 2409 section 5.4) or signatures (5.1): reading a message, a step
 * at a time.
 *
 *	AM1  HDR, SA, KE, Ni, IDii [, VID]  -->
 *					    <--  AM2  HDR, SA, KE, Nr, IDir, HASH_R [, VID]
 *	AM3  HDR[*], HASH_I		    -->		      or  HDR, SA, KE, Nr, IDir, [CERT, ] SIG_R [, VID]
 *	 or  HDR[*], [CERT, ] SIG_I
 *
 * The identity comes first, so it may choose the peer and with it the secret; it is read by everybody, and with a pre-shared key
 * whoever asks gets HASH_R to guess the secret from (CVE-2002-1623).  Therefore only peers are answered that are configured for
 * it by name.
 *
 * INITIAL-CONTACT is not looked at in any of them: a status notification must not ride there (RFC 2407 section 4.6.3), and nothing
 * covers it.  Ours goes in an Informational after AM3.
 */
#include "ike/aggressive_mode.h"

#include <string.h>

#include "ike/authentication.h"
#include "ike/cookie.h"
#include "ike/identity.h"
#include "ike/nat_traversal.h"

/* ---- AM1, responder ------------------------------------------------------------------------------------------------ */

/* Everything that can be said of the first message without anything being kept of it. */
static enum ike_verdict check_message_1(struct ike_core *core, struct inbound *in,
					struct phase_1_choice *choice)
{
	const struct ike_payload *id;
	struct ike_identity identity;
	enum ike_verdict verdict = phase_1_open(core, in, IKE_AM1, NULL);

	if (verdict != IKE_ACCEPTED)
		return verdict;
	id = ike_payload_find(&core->message, IKE_PAYLOAD_ID);
	verdict = ike_identity_parse(id->body, &identity);
	if (verdict == IKE_ACCEPTED)
		verdict = phase_1_choose(core, in, &identity, choice);
	if (verdict == IKE_ACCEPTED)
		verdict = phase_1_check_public_and_nonce(core, choice->group, NULL);
	return verdict;
}

static bool is_aggressive(const struct ike_core *core, uint32_t peer, int fit, const void *context)
{
	(void)fit;
	(void)context;
	return core->peer[peer].settings->aggressive;
}

static enum ike_verdict on_message_1(struct ike_core *core, struct inbound *in)
{
	uint8_t cky_r[IKE_COOKIE_LENGTH];
	struct ike_sa *sa = phase_1_find_repeated(core, in, cky_r);
	struct phase_1_choice choice;
	enum ike_verdict verdict;
	uint32_t gateway;

	if (sa != NULL) {
		in->sa = sa;
		return phase_1_repeated(core, in);
	}
	if (peer_of_address(core, &in->datagram->remote, &gateway) == IKE_NONE)
		return IKE_NO_PEER;
	if (peer_find(core, &in->datagram->remote, NULL, is_aggressive, NULL, &gateway) == IKE_NONE)
		return IKE_BAD_EXCHANGE_TYPE;
	verdict = check_message_1(core, in, &choice);
	if (verdict == IKE_ACCEPTED)
		verdict = phase_1_new_responder(core, in, cky_r, &choice);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	sa = in->sa;
	verdict = phase_1_take_public_and_nonce(core, sa->handshake);
	if (verdict == IKE_ACCEPTED)
		verdict = authentication_take_identity(core, sa->handshake);
	if (verdict != IKE_ACCEPTED) { /* what stands beside the public value */
		sa_fail(core, sa, IKE_WHY_REFUSED);
		in->sa = NULL;
		return verdict;
	}
	phase_1_note_vendor_ids(core, sa);
	phase_1_advance(core, sa->handshake, in, NULL);
	tell_event_of_sa(core, IKE_EVENT_CONNECTING, sa);
	handshake_queue_work(core, sa->handshake, IKE_WORK_KEY_PAIR);
	return IKE_ACCEPTED;
}

/* ---- AM2, initiator ------------------------------------------------------------------------------------------------ */

/* The proof holds: from here on it counts. */
static void take_message_2(struct ike_core *core, struct inbound *in,
			   const struct nat_t_finding *finding)
{
	phase_1_take_choice(core, in);
	phase_1_note_vendor_ids(core, in->sa);
	nat_t_note_finding(core, in->sa, finding);
	phase_1_advance(core, in->sa->handshake, in, NULL);
}

/* HASH_R can be checked without g^xy, and a signature cannot. */
static enum ike_verdict on_message_2(struct ike_core *core, struct inbound *in,
				     const uint8_t *next_iv)
{
	struct ike_handshake *handshake = in->sa->handshake;
	struct nat_t_finding finding;
	enum ike_verdict verdict = phase_1_check_choice(core, in);

	(void)next_iv;
	if (verdict == IKE_ACCEPTED)
		verdict = nat_t_find(core, in, &finding);
	if (verdict == IKE_ACCEPTED)
		verdict = phase_1_take_public_and_nonce(core, handshake);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	if (authentication_signs(in->sa)) {
		if (in->octets.length > sizeof(handshake->plain))
			return IKE_TOO_LONG;
		memcpy(handshake->plain, in->octets.data, in->octets.length);
		handshake->kept_length = in->octets.length;
		handshake->kept_local = in->datagram->local;
	} else {
		phase_1_skeyid_of_secret(core, in->sa);
		verdict = authentication_check(core, in->sa);
		if (verdict != IKE_ACCEPTED)
			return verdict;
		take_message_2(core, in, &finding);
	}
	handshake_queue_work(core, handshake, IKE_WORK_SECRET);
	return IKE_ACCEPTED;
}

/* It was taken apart once, when it came, so it can be again. */
static enum ike_verdict reopen(struct ike_core *core, struct inbound *in)
{
	struct octets chain =
	    octets_of(in->octets.data + IKE_HEADER_LENGTH, in->octets.length - IKE_HEADER_LENGTH);
	enum ike_verdict verdict = ike_header_parse(in->octets, &in->header);

	core->message.header = in->header;
	core->message.payloads = 0;
	return verdict != IKE_ACCEPTED ? verdict
				       : ike_payloads_parse(chain, false, 0, &core->message);
}

void aggressive_mode_read_kept(struct ike_core *core, struct ike_sa *sa, bool keys)
{
	struct ike_handshake *handshake = sa->handshake;
	struct ike_datagram datagram = {.remote = sa->remote, .local = handshake->kept_local};
	struct inbound in = {
	    .datagram = &datagram,
	    .octets = octets_of(handshake->plain, handshake->kept_length),
	    .sa = sa,
	};
	struct nat_t_finding finding;
	enum ike_verdict verdict = reopen(core, &in);

	handshake->kept_length = 0;
	if (verdict == IKE_ACCEPTED)
		verdict = nat_t_find(core, &in, &finding);
	if (verdict == IKE_ACCEPTED)
		verdict = keys ? authentication_check(core, sa) : IKE_BAD_KEY_EXCHANGE;
	if (verdict == IKE_ACCEPTED) {
		take_message_2(core, &in, &finding);
		if (phase_1_adopt_keys(core, sa))
			handshake_queue_work(core, handshake, IKE_WORK_SIGNATURE);
		return;
	}
	(void)tell_refusal(core, &in, verdict);
	send_verdict(core, &in, verdict);
	phase_1_note_refusal(core, handshake, verdict);
}

/* ---- AM3, responder ------------------------------------------------------------------------------------------------ */

/* In the clear it moves no IV: what comes later starts from the first one of Phase 1 then. */
static enum ike_verdict on_message_3(struct ike_core *core, struct inbound *in,
				     const uint8_t *next_iv)
{
	struct ike_sa *sa = in->sa;
	struct nat_t_finding finding;
	enum ike_verdict verdict = nat_t_find(core, in, &finding);

	if (verdict == IKE_ACCEPTED)
		verdict = authentication_check(core, sa);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	nat_t_note_finding(core, sa, &finding);
	nat_t_arrive(core, in);
	phase_1_note_vendor_ids(core, sa);
	phase_1_advance(core, sa->handshake, in, next_iv);
	phase_1_establish(core, sa);
	return IKE_ACCEPTED;
}

/* ---- the order of it ----------------------------------------------------------------------------------------------- */

static enum ike_verdict later_message(struct ike_core *core, struct inbound *in,
				      const uint8_t *next_iv)
{
	return in->sa->initiator ? on_message_2(core, in, next_iv)
				 : on_message_3(core, in, next_iv);
}

enum ike_verdict aggressive_mode_input(struct ike_core *core, struct inbound *in)
{
	if (in->header.message_id != 0)
		return IKE_BAD_MESSAGE_ID;
	if (in->sa == NULL)
		return ike_cookie_is_zero(in->header.cky_r) ? on_message_1(core, in)
							    : IKE_UNKNOWN_COOKIES;
	return phase_1_next_message(core, in, later_message);
}
