/* SPDX-License-Identifier: ISC */
/*
 * aggressive_mode.h - what the two halves of Aggressive Mode owe each other: aggressive_mode.c reads, aggressive_mode_send.c
 * writes.
 */
#ifndef IKE_AGGRESSIVE_MODE_H
#define IKE_AGGRESSIVE_MODE_H

#include "ike/phase_1.h"

/* The initiator's beginning: AM1 carries a public value, which must be made first. */
void aggressive_mode_begin(struct ike_core *core, struct ike_sa *sa);

/* What a piece of work was needed for: AM1 or AM2; AM3, as far as it needs no signature; AM2 or AM3 with one. */
void aggressive_mode_key_pair_done(struct ike_core *core, struct ike_sa *sa);
void aggressive_mode_keys_done(struct ike_core *core, struct ike_sa *sa);
void aggressive_mode_send_signed(struct ike_core *core, struct ike_sa *sa);
/* AM2 with a signature, which has waited for g^xy; `keys` false: the public value in it is none. */
void aggressive_mode_read_kept(struct ike_core *core, struct ike_sa *sa, bool keys);

#endif
