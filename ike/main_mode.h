/* SPDX-License-Identifier: ISC */
/*
 * main_mode.h - the messages of Main Mode that we send: main_mode.c reads, main_mode_send.c writes.
 */
#ifndef IKE_MAIN_MODE_H
#define IKE_MAIN_MODE_H

#include "ike/phase_1.h"

void main_mode_send_1(struct ike_core *core, struct ike_sa *sa);
/* `room`: MM2 must not be longer than MM1 was (VU#419128). */
void main_mode_send_2(struct ike_core *core, struct ike_sa *sa, const struct ike_offer *chosen,
		      size_t room);
void main_mode_send_public_and_nonce(struct ike_core *core, struct ike_sa *sa); /* MM3, MM4 */
void main_mode_send_5(struct ike_core *core, struct ike_sa *sa);
void main_mode_send_6(struct ike_core *core, struct ike_sa *sa);

#endif
