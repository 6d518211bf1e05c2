/* SPDX-License-Identifier: ISC */
/*
 * main_mode_send.c - Main Mode (RFC 2409 section 5.1 and 5.4): our messages, held against the rows in exchange.c.
 */
#include "ike/main_mode.h"

#include <stdint.h>

#include "ike/authentication.h"
#include "ike/nat_traversal.h"

void main_mode_send_1(struct ike_core *core, struct ike_sa *sa)
{
	struct outgoing out;

	phase_1_begin(&out, sa->handshake);
	phase_1_write_offers(core, sa->handshake, &out);
	phase_1_write_vendor_ids(core, sa->handshake, &out, SIZE_MAX);
	phase_1_finish_clear(core, sa->handshake, &out, IKE_MM2);
}

/* R131: the initiator's address has not been proved yet, so a vendor ID for which there is no room waits for MM4. */
void main_mode_send_2(struct ike_core *core, struct ike_sa *sa, size_t room)
{
	struct outgoing out;

	phase_1_begin(&out, sa->handshake);
	phase_1_write_choice(&out, &sa->handshake->chosen);
	phase_1_write_vendor_ids(core, sa->handshake, &out, room);
	phase_1_finish_clear(core, sa->handshake, &out, IKE_MM3);
}

/*
 * MM3 and MM4.  With signatures the responder asks here for the initiator's certificate, its last chance; the initiator asks in
 * MM5, where nobody else reads whom it believes.
 */
void main_mode_key_pair_done(struct ike_core *core, struct ike_sa *sa)
{
	struct outgoing out;

	phase_1_begin(&out, sa->handshake);
	phase_1_write_public_and_nonce(core, sa->handshake, &out);
	if (!sa->initiator)
		authentication_write_requests(core, sa, &out);
	phase_1_write_vendor_ids(core, sa->handshake, &out, SIZE_MAX);
	phase_1_finish_clear(core, sa->handshake, &out, sa->initiator ? IKE_MM4 : IKE_MM5);
	/* MM4 is on its way; the responder computes g^xy while it travels */
	if (!sa->initiator)
		handshake_queue_work(core, sa->handshake, IKE_WORK_SECRET);
}

static void send_5(struct ike_core *core, struct ike_sa *sa)
{
	struct outgoing out;

	nat_t_float(core, sa);
	phase_1_begin(&out, sa->handshake);
	authentication_write_identity(core, sa, &out);
	authentication_write_requests(core, sa, &out);
	if (!authentication_write_proof(core, sa, &out)) {
		phase_1_fail(core, sa, PHASE_1_NO_PROOF);
		return;
	}
	if (sa->handshake->send_contact) /* R111 */
		phase_1_write_initial_contact(sa, &out);
	phase_1_finish_encrypted(core, sa->handshake, &out, IKE_MM6);
}

void main_mode_send_6(struct ike_core *core, struct ike_sa *sa)
{
	struct outgoing out;

	phase_1_begin(&out, sa->handshake);
	authentication_write_identity(core, sa, &out);
	if (!authentication_write_proof(core, sa, &out)) {
		phase_1_fail(core, sa, PHASE_1_NO_PROOF);
		return;
	}
	phase_1_finish_encrypted(core, sa->handshake, &out, IKE_MESSAGE_KINDS);
	phase_1_establish(core, sa);
}

void main_mode_keys_done(struct ike_core *core, struct ike_sa *sa)
{
	if (!sa->initiator)
		return;
	if (authentication_signs(sa))
		handshake_queue_work(core, sa->handshake, IKE_WORK_SIGNATURE);
	else
		send_5(core, sa);
}

void main_mode_send_signed(struct ike_core *core, struct ike_sa *sa)
{
	if (sa->initiator)
		send_5(core, sa);
	else
		main_mode_send_6(core, sa);
}
