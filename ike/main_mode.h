/* SPDX-License-Identifier: ISC */
/*
 * main_mode.h - the messages of Main Mode that we send: main_mode.c reads, main_mode_send.c writes.
 */
#ifndef IKE_MAIN_MODE_H
#define IKE_MAIN_MODE_H

#include "ike/phase_1.h"

void main_mode_send_1(struct ike_core *core, struct ike_sa *sa);
/* `room`: MM2 must not be longer than MM1 was (VU#419128). */
void main_mode_send_2(struct ike_core *core, struct ike_sa *sa, size_t room);
/* MM6, and the SA is up. */
void main_mode_send_6(struct ike_core *core, struct ike_sa *sa);

/* What a piece of work was needed for: MM3 or MM4; MM5, as far as it needs no signature; MM5 or MM6 with one. */
void main_mode_key_pair_done(struct ike_core *core, struct ike_sa *sa);
void main_mode_keys_done(struct ike_core *core, struct ike_sa *sa);
void main_mode_send_signed(struct ike_core *core, struct ike_sa *sa);

#endif
