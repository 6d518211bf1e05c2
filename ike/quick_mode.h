/* SPDX-License-Identifier: ISC */
/*
 * quick_mode.h - a Quick Mode while it lasts, and what its parts owe each other: quick_mode.c reads, quick_mode_send.c writes,
 * quick_mode_life.c keeps time.
 */
#ifndef IKE_QUICK_MODE_H
#define IKE_QUICK_MODE_H

#include "ike/core.h"
#include "ike/ipsec_proposal.h"
#include "ike/selector.h"

#define QUICK_MODES_PER_SA                                                                         \
	8                  /* of the peer's under one Phase 1 SA; ours are bounded by the tunnels */
#define QUICK_MESSAGE 2048 /* octets of our largest */

struct ike_quick_mode {
	struct ike_quick_mode *next_free;
	struct ike_quick_mode *next_of_sa, *next_work;
	struct ike_sa *sa;
	struct ike_pair *pair;     /* what is negotiated; NULL once it is up */
	struct ike_tunnel *tunnel; /* that we do it for; NULL: the peer began */
	uint32_t renews;           /* the number of the pair that this one is to replace; 0: none */
	uint32_t generation; /* counts the uses of this memory, so that a queued output can tell */
	uint32_t message_id;
	enum ike_message_kind expects; /* IKE_MESSAGE_KINDS: nothing */
	enum ike_work work;
	bool initiator;
	bool over;          /* done: kept only to repeat the last message */
	bool commit;        /* the peer has set the commit bit (RFC 2408 section 3.1) */
	bool with_ids;      /* IDci and IDcr are said */
	bool tell_lifetime; /* ours is shorter than the one that was offered */

	/* retransmission (RFC 2408 section 5.1): both sides by timer, for both have shown their addresses */
	struct timer timer;
	ike_time resend_at, give_up_at;
	uint32_t resends;
	uint64_t received_mark; /* keyed hash of the datagram that our last message answers */
	uint32_t refused;       /* messages that were not accepted */
	enum ike_verdict last_refusal;
	uint16_t peer_said; /* the last error notification, for the report */

	/* RFC 2409 section 5.5: what goes into the keys */
	bool pfs;
	enum dh_group group;
	struct dh_key *dh;
	uint8_t peer_public[DH_MAX_LENGTH];
	uint8_t ni[IKE_NONCE_MAX], nr[IKE_NONCE_MAX];
	size_t ni_length, nr_length;
	uint8_t iv[CIPHER_MAX_BLOCK]; /* the running IV of this exchange */

	/* the responder's answer, until it is sent: the initiator's own words */
	uint8_t proposal_number;
	uint8_t transform[IPSEC_TRANSFORM_MOST];
	size_t transform_length;
	uint8_t idci[SELECTOR_BODY_MAX], idcr[SELECTOR_BODY_MAX];
	size_t idci_length, idcr_length;

	/* our last message, and its plaintext */
	uint8_t sent[QUICK_MESSAGE];
	size_t sent_length;
	uint8_t plain[QUICK_MESSAGE];
	size_t plain_length;
};

/* ---- quick_mode_life.c --------------------------------------------------------------------------------------------- */

/* Whether the peer may not begin another one under this SA now. */
bool quick_mode_too_many(const struct ike_core *core, const struct ike_sa *sa);
/* With a pair reserved for it, its fields that the SA determines filled.  NULL: a limit, which is told. */
struct ike_quick_mode *quick_mode_new(struct ike_core *core, struct ike_sa *sa, bool initiator,
				      uint32_t message_id) IKE_MUST_USE;
/* Without a word; a tunnel that it was for knows no more of it, a pair that is not up is forgotten.  Wiped. */
void quick_mode_free(struct ike_core *core, struct ike_quick_mode *quick);
struct ike_quick_mode *quick_mode_first(const struct ike_core *core,
					const struct ike_sa *sa); /* NULL: none is under way */
struct ike_quick_mode *quick_mode_find(const struct ike_core *core, const struct ike_sa *sa,
				       uint32_t message_id);
void quick_mode_queue_work(struct ike_core *core, struct ike_quick_mode *quick, enum ike_work work);
/* sent and plain are filled: send them, and again by timer if they expect an answer. */
void quick_mode_transmit(struct ike_core *core, struct ike_quick_mode *quick);
/* The same datagram came again: our answer to it goes out again, a bounded number of times. */
void quick_mode_repeat(struct ike_core *core, struct ike_quick_mode *quick);
void quick_mode_arm(struct ike_core *core, struct ike_quick_mode *quick);
/* It comes to nothing: tells the user, and the tunnel tries again. */
void quick_mode_fail(struct ike_core *core, struct ike_quick_mode *quick, enum ike_why why);
/*
 * The peer has proved that it is there now, and everything is agreed: the keys are made, QM3 is sent if we are the initiator, and the
 * pair comes up, or waits a little for CONNECTED.
 */
void quick_mode_proved(struct ike_core *core, struct ike_quick_mode *quick);
/* The pair comes up now. */
void quick_mode_done(struct ike_core *core, struct ike_quick_mode *quick);

/* ---- quick_mode_request.c ------------------------------------------------------------------------------------------ */

/* What a message asks for, or answers; its views lead into core->message. */
struct quick_request {
	struct ike_selector local, remote;
	const struct ike_payload *idci, *idcr; /* NULL: not said */
	struct octets nonce, ke;               /* ke empty: none */
	uint32_t tunnel;
	struct ipsec_offer choice;
};

/* The nonce of a message whose row has one. */
enum ike_verdict quick_request_nonce(struct octets *nonce,
				     const struct ike_message *message) IKE_MUST_USE;
/* IDci and IDcr of core->message. */
enum ike_verdict quick_request_selectors(const struct ike_core *core, const struct ike_sa *sa,
					 bool we_began, struct quick_request *request) IKE_MUST_USE;
/* The first message in core->message: all of it, and what is chosen. */
enum ike_verdict quick_request_judge(struct ike_core *core, const struct ike_sa *sa,
				     struct quick_request *request) IKE_MUST_USE;
void quick_request_take(const struct ike_core *core, struct ike_quick_mode *quick,
			const struct quick_request *request);

/* ---- quick_mode_send.c --------------------------------------------------------------------------------------------- */

/* What the initiator of `quick` has offered, or is to offer. */
void quick_mode_offered(const struct ike_core *core, const struct ike_quick_mode *quick,
			struct ipsec_offered *offered);
/* How packets are to be wrapped under this SA: tunnel or transport mode, in UDP where there is a NAT. */
uint16_t quick_mode_encapsulation(const struct ike_sa *sa, bool transport);
void quick_mode_send_1(struct ike_core *core, struct ike_quick_mode *quick);
void quick_mode_send_2(struct ike_core *core, struct ike_quick_mode *quick);
void quick_mode_send_3(struct ike_core *core, struct ike_quick_mode *quick);

#endif
