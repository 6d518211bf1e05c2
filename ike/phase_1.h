/* SPDX-License-Identifier: ISC */
/*
 * phase_1.h - what the exchanges that make an ISAKMP SA have in common (RFC 2409 section 5): phase_1.c reads, phase_1_send.c
 * writes, and each exchange says in a file of its own which message carries what.
 *
 * A message that is refused changes nothing: the sender of a clear message has proved nothing, and the real one may still come.
 */
#ifndef IKE_PHASE_1_H
#define IKE_PHASE_1_H

#include "ike/core.h"
#include "ike/notify.h"
#include "ike/proposal.h"

/* ---- phase_1.c: reading -------------------------------------------------------------------------------------------- */

/*
 * Takes the message apart into core->message and holds it against its row.  An encrypted one is decrypted with the handshake's
 * running IV, which is not changed: the next one goes to `next_iv` (RFC 2409 section 10).
 */
enum ike_verdict phase_1_open(struct ike_core *core, struct inbound *in, enum ike_message_kind kind,
			      uint8_t *next_iv) IKE_MUST_USE;
/* Everything about the message has been checked: from here on it counts. */
void phase_1_advance(struct ike_core *core, struct ike_handshake *handshake,
		     const struct inbound *in, const uint8_t *next_iv);

/*
 * A first message that came before: its SA, whose answer is to be said again with phase_1_repeated().  NULL: it is new;
 * `cookie` is then the one to answer with.
 */
struct ike_sa *phase_1_find_repeated(const struct ike_core *core, const struct inbound *in,
				     uint8_t cookie[IKE_COOKIE_LENGTH]);
enum ike_verdict phase_1_repeated(struct ike_core *core, struct inbound *in);
/* Chooses among the offers in core->message; its views point there. */
enum ike_verdict phase_1_choose_offer(struct ike_core *core, const struct inbound *in,
				      uint32_t peer, struct ike_offer *chosen) IKE_MUST_USE;
/* An SA for the sender of the first message in core->message, with all that the chosen offer says about it. */
enum ike_verdict phase_1_new_responder(struct ike_core *core, struct inbound *in,
				       const uint8_t *cky_r, uint32_t peer, uint32_t gateway,
				       const struct ike_offer *chosen) IKE_MUST_USE;
/* The initiator's look at the SA payload that answers his: nothing is changed. */
enum ike_verdict phase_1_check_choice(const struct ike_core *core, const struct inbound *in,
				      struct ike_offer *chosen) IKE_MUST_USE;
/* The SA is now filed under both cookies, and has the algorithms that the responder has chosen. */
enum ike_verdict phase_1_take_choice(struct ike_core *core, const struct inbound *in,
				     const struct ike_offer *chosen) IKE_MUST_USE;

/* Every message of Phase 1 may carry vendor IDs: what they say of the peer is noted once the message counts. */
void phase_1_note_vendor_ids(const struct ike_core *core, struct ike_sa *sa);
/* The peer's public value and nonce, in core->message with all that travels beside them, into the handshake. */
enum ike_verdict phase_1_take_public_and_nonce(struct ike_core *core,
					       struct ike_handshake *handshake) IKE_MUST_USE;
/* Whether core->message carries INITIAL-CONTACT beside the proof. */
bool phase_1_carries_initial_contact(const struct ike_core *core);
/* The responder has proved who he is with this message: the SA comes up, and what overtook the message is looked at. */
void phase_1_initiator_done(struct ike_core *core, struct ike_sa *sa);

/* Reads the one message that a handshake expects, taken apart and held against its row already. */
typedef enum ike_verdict phase_1_step(struct ike_core *core, struct inbound *in,
				      const uint8_t *next_iv);
/* A message for an SA that is there: repeated, refused too often, out of turn, or `step` is what reads it. */
enum ike_verdict phase_1_next_message(struct ike_core *core, struct inbound *in,
				      phase_1_step *step);

/* ---- phase_1_send.c: writing, and Diffie-Hellman ------------------------------------------------------------------- */

/* A message on its way into the handshake's buffer. */
struct outgoing {
	struct wire_writer writer;
	struct ike_chain chain;
};

void phase_1_begin(struct outgoing *out, struct ike_handshake *handshake,
		   enum ike_exchange_type exchange);
/* Send it; `expects` is what answers it, IKE_MESSAGE_KINDS where nothing does. */
void phase_1_finish_clear(struct ike_core *core, struct ike_handshake *handshake,
			  struct outgoing *out, enum ike_message_kind expects);
void phase_1_finish_encrypted(struct ike_core *core, struct ike_handshake *handshake,
			      struct outgoing *out, enum ike_message_kind expects);

/* SAi_b, kept in the handshake for the proofs, and the payload of it. */
void phase_1_write_offers(struct ike_core *core, struct ike_handshake *handshake,
			  struct outgoing *out);
void phase_1_write_choice(struct outgoing *out, const struct ike_offer *chosen);
/*
 * Those of our vendor IDs that have not been sent yet, as far as they leave the message at `room` octets or less: whoever has not
 * shown his address is not sent more than he sent (VU#419128), and a vendor ID may travel in any message of Phase 1.
 */
void phase_1_write_vendor_ids(struct ike_core *core, struct ike_handshake *handshake,
			      struct outgoing *out, size_t room);
/* Our public value and a new nonce, and what travels beside them. */
void phase_1_write_public_and_nonce(struct ike_core *core, struct ike_handshake *handshake,
				    struct outgoing *out);
void phase_1_write_initial_contact(const struct ike_sa *sa, struct outgoing *out);

#endif
