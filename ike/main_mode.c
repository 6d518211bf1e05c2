/* SPDX-License-Identifier: ISC */
/*
 * main_mode.c - Main Mode with a pre-shared key (RFC 2409 section 5.4) or signatures (5.1): reading a message, a step at a time.
 *
 *	MM1  HDR, SA [, VID]		-->
 *					<--  MM2  HDR, SA [, VID]
 *	MM3  HDR, KE, Ni		-->
 *					<--  MM4  HDR, KE, Nr [, CR] [, VID]
 *	MM5  HDR*, IDii, HASH_I [, N]	-->		 or  HDR*, IDii, [CERT, ] [CR, ] SIG_I [, N]
 *					<--  MM6  HDR*, IDir, HASH_R	 or  HDR*, IDir, [CERT, ] SIG_R
 *
 * The messages are built in main_mode_send.c; what they share with those of other exchanges is in phase_1.c, who proves what in
 * authentication.c; Diffie-Hellman and signing are left to ike_tick.
 */
#include "ike/main_mode.h"

#include "ike/authentication.h"
#include "ike/cookie.h"
#include "ike/nat_traversal.h"

/* ---- MM1, responder ------------------------------------------------------------------------------------------------ */

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
	verdict = phase_1_open(core, in, IKE_MM1, NULL);
	if (verdict == IKE_ACCEPTED)
		verdict = phase_1_choose(core, in, NULL, &choice);
	if (verdict == IKE_ACCEPTED)
		verdict = phase_1_new_responder(core, in, cky_r, &choice);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	sa = in->sa;
	phase_1_note_vendor_ids(core, sa);
	phase_1_advance(core, sa->handshake, in, NULL);
	tell_event_of_sa(core, IKE_EVENT_CONNECTING, sa);
	main_mode_send_2(core, sa, in->octets.length);
	return IKE_ACCEPTED;
}

/* ---- MM2 to MM6 ---------------------------------------------------------------------------------------------------- */

static enum ike_verdict on_message_2(struct ike_core *core, struct inbound *in,
				     const uint8_t *next_iv)
{
	enum ike_verdict verdict = phase_1_check_choice(core, in);

	if (verdict != IKE_ACCEPTED)
		return verdict;
	phase_1_take_choice(core, in);
	phase_1_note_vendor_ids(core, in->sa);
	phase_1_advance(core, in->sa->handshake, in, next_iv);
	handshake_queue_work(core, in->sa->handshake, IKE_WORK_KEY_PAIR);
	return IKE_ACCEPTED;
}

/* MM3 and MM4: the public values and nonces; what is left to do then differs. */
static enum ike_verdict on_public_and_nonce(struct ike_core *core, struct inbound *in,
					    const uint8_t *next_iv)
{
	struct ike_handshake *handshake = in->sa->handshake;
	struct nat_t_finding finding;
	enum ike_verdict verdict = nat_t_find(core, in, &finding);

	if (verdict == IKE_ACCEPTED)
		verdict = phase_1_take_public_and_nonce(core, handshake);
	if (verdict != IKE_ACCEPTED)
		return verdict;
	nat_t_note_finding(core, in->sa, &finding);
	phase_1_note_vendor_ids(core, in->sa);
	phase_1_advance(core, handshake, in, next_iv);
	handshake_queue_work(core, handshake,
			     in->sa->initiator ? IKE_WORK_SECRET : IKE_WORK_KEY_PAIR);
	return IKE_ACCEPTED;
}

/* MM5 and MM6: who it is, and the proof. */
static enum ike_verdict on_proof(struct ike_core *core, struct inbound *in, const uint8_t *next_iv)
{
	struct ike_sa *sa = in->sa;
	enum ike_verdict verdict = authentication_check(core, sa);

	if (verdict != IKE_ACCEPTED)
		return verdict;
	nat_t_arrive(core, in);
	sa->handshake->contact_received =
	    phase_1_carries_initial_contact(core); /* R114: for later */
	phase_1_note_vendor_ids(core, sa);
	phase_1_advance(core, sa->handshake, in, next_iv);
	if (sa->initiator)
		phase_1_establish(core, sa);
	else if (authentication_signs(sa))
		handshake_queue_work(core, sa->handshake, IKE_WORK_SIGNATURE);
	else
		main_mode_send_6(core, sa);
	return IKE_ACCEPTED;
}

/* ---- the order of it ----------------------------------------------------------------------------------------------- */

static enum ike_verdict later_message(struct ike_core *core, struct inbound *in,
				      const uint8_t *next_iv)
{
	static phase_1_step *const step[] = {
	    [IKE_MM2] = on_message_2,
	    [IKE_MM3] = on_public_and_nonce,
	    [IKE_MM4] = on_public_and_nonce,
	    [IKE_MM5] = on_proof,
	    [IKE_MM6] = on_proof,
	};

	return step[in->sa->handshake->expects](core, in, next_iv);
}

enum ike_verdict main_mode_input(struct ike_core *core, struct inbound *in)
{
	if (in->header.message_id != 0)
		return IKE_BAD_MESSAGE_ID;
	if (in->sa == NULL)
		return ike_cookie_is_zero(in->header.cky_r) ? on_message_1(core, in)
							    : IKE_UNKNOWN_COOKIES;
	return phase_1_next_message(core, in, later_message);
}
