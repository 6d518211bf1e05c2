/* SPDX-License-Identifier: ISC */
/*
 * main_mode.h - what the two halves of Main Mode owe each other: main_mode.c reads, main_mode_send.c writes.
 */
#ifndef IKE_MAIN_MODE_H
#define IKE_MAIN_MODE_H

#include "ike/core.h"
#include "ike/notify.h"
#include "ike/proposal.h"

/* HASH_I when `of_initiator`, else HASH_R. */
void main_mode_hash(struct ike_core *core, const struct ike_handshake *handshake, bool of_initiator,
		    struct octets id_b, uint8_t *out);

/* `room`: MM2 must not be longer than MM1 was. */
void main_mode_send_2(struct ike_core *core, struct ike_sa *sa, const struct ike_offer *chosen,
		      size_t room);
void main_mode_send_6(struct ike_core *core, struct ike_sa *sa);

#endif
