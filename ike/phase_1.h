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

/* ---- phase_1.c: reading any message -------------------------------------------------------------------------------- */

/*
 * Takes the message apart into core->message and holds it against its row.  An encrypted one is decrypted with the handshake's
 * running IV, which is not changed: the next one goes to `next_iv` (RFC 2409 section 10).
 */
enum ike_verdict phase_1_open(struct ike_core *core, struct inbound *in, enum ike_message_kind kind,
			      uint8_t *next_iv) IKE_MUST_USE;
/* Everything about the message has been checked: from here on it counts. */
void phase_1_advance(struct ike_core *core, struct ike_handshake *handshake,
		     const struct inbound *in, const uint8_t *next_iv);

/* ---- phase_1_first.c: reading the first message -------------------------------------------------------------------- */

/*
 * A first message that came before: its SA, whose answer is to be said again with phase_1_repeated().  NULL: it is new;
 * `cookie` is then the one to answer with.
 */
struct ike_sa *phase_1_find_repeated(const struct ike_core *core, const struct inbound *in,
				     uint8_t cookie[IKE_COOKIE_LENGTH]);
enum ike_verdict phase_1_repeated(struct ike_core *core, struct inbound *in);
/* Who sent a first message, as far as it tells, and what of his offers is acceptable; its views point into core->message. */
struct phase_1_choice {
	uint32_t peer, gateway;
	enum dh_group group;
	struct ike_offer offer;
};
/* `identity` NULL: the exchange does not say it yet. */
enum ike_verdict phase_1_choose(struct ike_core *core, const struct inbound *in,
				const struct ike_identity *identity,
				struct phase_1_choice *choice) IKE_MUST_USE;
/* An SA for the sender of the first message in core->message, with all that the choice says about it. */
enum ike_verdict phase_1_new_responder(struct ike_core *core, struct inbound *in,
				       const uint8_t *cky_r,
				       const struct phase_1_choice *choice) IKE_MUST_USE;
/* ---- phase_1.c: reading the others --------------------------------------------------------------------------------- */

/* An offer's algorithms and method are the SA's; false: crypto/ has none of these. */
bool phase_1_set_algorithms(struct ike_sa *sa, const struct ike_offer *offer) IKE_MUST_USE;
uint32_t phase_1_shorter_lifetime(uint32_t ours, uint32_t offered);

/*
 * The initiator's look at the SA payload that answers his.  What it says goes where another answer, should this one be refused
 * later, overwrites it.
 */
enum ike_verdict phase_1_check_choice(struct ike_core *core, const struct inbound *in) IKE_MUST_USE;
/* This answer counts: the SA is now filed under both cookies. */
void phase_1_take_choice(struct ike_core *core, const struct inbound *in);

/* Every message of Phase 1 may carry vendor IDs: what they say of the peer is noted once the message counts. */
void phase_1_note_vendor_ids(const struct ike_core *core, struct ike_sa *sa);
/* Whether the public value and nonce in core->message could be anybody's; `ours` NULL: there is none yet. */
enum ike_verdict phase_1_check_public_and_nonce(struct ike_core *core, enum dh_group group,
						const struct dh_key *ours) IKE_MUST_USE;
/* The same, and all that travels beside them, into the handshake. */
enum ike_verdict phase_1_take_public_and_nonce(struct ike_core *core,
					       struct ike_handshake *handshake) IKE_MUST_USE;
/* Whether core->message carries INITIAL-CONTACT beside the proof. */
bool phase_1_carries_initial_contact(const struct ike_core *core);
/* All that had to be proved is proved: the SA comes up, and what overtook the last message is looked at. */
void phase_1_establish(struct ike_core *core, struct ike_sa *sa);
/* A message of this handshake was not accepted. */
void phase_1_note_refusal(struct ike_core *core, struct ike_handshake *handshake,
			  enum ike_verdict verdict);

/* Reads the one message that a handshake expects, taken apart and held against its row already. */
typedef enum ike_verdict phase_1_step(struct ike_core *core, struct inbound *in,
				      const uint8_t *next_iv);
/* A message for an SA that is there: repeated, refused too often, out of turn, or `step` is what reads it. */
enum ike_verdict phase_1_next_message(struct ike_core *core, struct inbound *in,
				      phase_1_step *step);

/* ---- phase_1_send.c: writing, and the work ------------------------------------------------------------------- */

/* A message on its way into the handshake's buffer. */
struct outgoing {
	struct wire_writer writer;
	struct ike_chain chain;
};

void phase_1_begin(struct outgoing *out, struct ike_handshake *handshake);
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
/* Our public value and nonce, and what travels beside them. */
void phase_1_write_public_and_nonce(struct ike_core *core, struct ike_handshake *handshake,
				    struct outgoing *out);
void phase_1_write_initial_contact(const struct ike_sa *sa, struct outgoing *out);

/* SKEYID with a pre-shared key, which needs no g^xy: both nonces must be there. */
void phase_1_skeyid_of_secret(struct ike_core *core, struct ike_sa *sa);
/* g^xy and all keys that follow from it, into the handshake; false: the peer's public value is none. */
bool phase_1_derive_keys(struct ike_core *core, struct ike_sa *sa) IKE_MUST_USE;
/* They are the SA's now.  False: no memory; the SA is gone. */
bool phase_1_adopt_keys(struct ike_core *core, struct ike_sa *sa) IKE_MUST_USE;
/* It failed for a reason that is not the peer's. */
#define PHASE_1_NO_PROOF                                                                           \
	"signature: our key makes none, or our certificate fits into no message that the peer "    \
	"takes"
void phase_1_fail(struct ike_core *core, struct ike_sa *sa, const char *why);

#endif
