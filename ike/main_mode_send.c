/* SPDX-License-Identifier: ISC */
/*
 * main_mode_send.c - Main Mode with a pre-shared key (RFC 2409 section 5.4): our messages, held against the rows in exchange.c.
 */
#include "ike/main_mode.h"

#include <stdint.h>

#include "ike/authentication.h"

void main_mode_send_1(struct ike_core *core, struct ike_sa *sa)
{
	struct outgoing out;

	phase_1_begin(&out, sa->handshake, IKE_EXCHANGE_MAIN_MODE);
	phase_1_write_offers(core, sa->handshake, &out);
	phase_1_write_vendor_ids(core, sa->handshake, &out, SIZE_MAX);
	phase_1_finish_clear(core, sa->handshake, &out, IKE_MM2);
}

/* The initiator's address has not been proved yet: a vendor ID for which there is no room waits for MM4. */
void main_mode_send_2(struct ike_core *core, struct ike_sa *sa, const struct ike_offer *chosen,
		      size_t room)
{
	struct outgoing out;

	phase_1_begin(&out, sa->handshake, IKE_EXCHANGE_MAIN_MODE);
	phase_1_write_choice(&out, chosen);
	phase_1_write_vendor_ids(core, sa->handshake, &out, room);
	phase_1_finish_clear(core, sa->handshake, &out, IKE_MM3);
}

void main_mode_send_public_and_nonce(struct ike_core *core, struct ike_sa *sa)
{
	struct outgoing out;

	phase_1_begin(&out, sa->handshake, IKE_EXCHANGE_MAIN_MODE);
	phase_1_write_public_and_nonce(core, sa->handshake, &out);
	phase_1_write_vendor_ids(core, sa->handshake, &out, SIZE_MAX);
	phase_1_finish_clear(core, sa->handshake, &out, sa->initiator ? IKE_MM4 : IKE_MM5);
}

void main_mode_send_5(struct ike_core *core, struct ike_sa *sa)
{
	struct outgoing out;

	phase_1_begin(&out, sa->handshake, IKE_EXCHANGE_MAIN_MODE);
	authentication_write(core, sa, &out);
	if (sa->handshake->send_contact)
		phase_1_write_initial_contact(sa, &out);
	phase_1_finish_encrypted(core, sa->handshake, &out, IKE_MM6);
}

void main_mode_send_6(struct ike_core *core, struct ike_sa *sa)
{
	struct outgoing out;

	phase_1_begin(&out, sa->handshake, IKE_EXCHANGE_MAIN_MODE);
	authentication_write(core, sa, &out);
	phase_1_finish_encrypted(core, sa->handshake, &out, IKE_MESSAGE_KINDS);
}
