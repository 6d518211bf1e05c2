/* SPDX-License-Identifier: ISC */
/*
 * sa_track.h - what a capture shows of its SAs: who they are between, what they agreed upon, and where chains of CBC may go on.
 *
 * Datagrams are lost, repeated and reordered on their way to whoever captures them, so a chain is no place but a set: the last
 * ciphertext block of every message of an exchange.  What follows was encrypted from one of them.
 */
#ifndef INTEROP_DECODE_SA_TRACK_H
#define INTEROP_DECODE_SA_TRACK_H

#include "crypto/dh.h"
#include "interop/decode/key_log.h"
#include "interop/decode/told.h"

#define BLOCKS_MAX 16 /* of an exchange; the newest are kept */
#define ASKED_MAX  32 /* numbers of R-U-THERE that an ACK may have */

struct blocks {
	unsigned count; /* ever */
	uint8_t block[BLOCKS_MAX][CIPHER_MAX_BLOCK];
};

/* The last `block` octets of a message's ciphertext, the newest message's first: `nth` from 0; NULL: no more. */
const uint8_t *blocks_nth(const struct blocks *blocks, unsigned nth, size_t block);
void blocks_add(struct blocks *blocks, struct octets ciphertext); /* of any length */

/* The messages with one message ID; 0 is Phase 1 itself. */
struct traced_exchange {
	uint32_t message_id;
	uint8_t type;
	enum told_from begun_by;
	struct ike_address begun_from;
	uint32_t first_packet;
	unsigned messages;
	bool asked, answered, confirmed; /* QM1, QM2, QM3 have come */
	struct blocks blocks;
	/* of Quick Mode, for HASH(2) and HASH(3); owned */
	struct octets ni, nr;
};

/* R-U-THERE from one side. */
struct traced_asking {
	bool any;
	uint32_t last;
	unsigned repeats, count;
	uint32_t number[ASKED_MAX];
};

struct traced_sa {
	unsigned number; /* in this capture, from 1 */
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	struct traced_sa *older;                 /* with the same initiator cookie; owned */
	struct ike_address initiator, responder; /* as far as `sides`: else simply the two ends */
	bool sides;                              /* which of them is which is known */
	bool from_the_beginning;
	struct octets sai_b, g_xi, g_xr;    /* owned unless borrowed; empty: not seen */
	bool sai_b_borrowed, g_xi_borrowed; /* from `older`, which lives as long */
	bool chosen;
	struct ike_proposal proposal;
	uint16_t authentication;
	bool established; /* something of a later exchange has come */
	bool contact[3];  /* INITIAL-CONTACT was said, by enum told_from */
	struct traced_asking asking[3];

	const struct key_row *key;    /* the one that has been shown to be right; NULL: none yet */
	enum cipher_algorithm cipher; /* good if `key` */
	enum hash_algorithm hash;
	bool hash_guessed; /* any may be right: nothing has depended on it */
	bool last_block_known;
	uint8_t last_block[CIPHER_MAX_BLOCK];
	void *exchanges; /* a tree of struct traced_exchange */
};

struct sa_track;

struct sa_track *sa_track_new(void) IKE_MUST_USE; /* NULL: no memory */
void sa_track_free(struct sa_track *track);       /* NULL is allowed */
unsigned sa_track_count(const struct sa_track *track);

/*
 * The newest SA with both cookies; where there is none, one whose responder has not answered yet.  Without the
 * responder's cookie, the newest with the initiator's.  NULL: none.  Of one initiator cookie the newest 1024 are looked at.
 */
struct traced_sa *sa_track_find(const struct sa_track *track, const struct ike_header *header);
/* Whether there is an SA with this initiator cookie, whatever the responder's. */
bool sa_track_knows_initiator(const struct sa_track *track, const struct ike_header *header);
/* NULL: no memory. */
struct traced_sa *sa_track_add(struct sa_track *track, const struct ike_header *header,
			       const struct ike_address *from,
			       const struct ike_address *to) IKE_MUST_USE;

/* The packet that had just these octets before; 0: none, and this one is remembered.  `same_side`: it went the same way. */
uint32_t sa_track_seen(struct sa_track *track, struct crypto *crypto, struct octets message,
		       const struct packet *packet, bool *same_side);

/* The exchange with that ID; `made`: there was none.  NULL: no memory. */
struct traced_exchange *sa_exchange(struct traced_sa *sa, uint32_t message_id,
				    bool *made) IKE_MUST_USE;

/* Who sent a packet; learns where they are when a port changes. */
enum told_from sa_from(struct traced_sa *sa, const struct packet *packet);
/* Whether it comes from one of the two hosts that the SA is between. */
bool sa_is_between(const struct traced_sa *sa, const struct packet *packet);
/* A message that is the SA's has come from elsewhere: there the one is now whom it was not sent to. */
void sa_moved(struct traced_sa *sa, const struct packet *packet);

/* Copies octets into memory of the SA's own, once. */
void sa_keep(struct octets *kept, struct octets octets);
/* The same without a copy: what an older SA of the same initiator cookie has. */
void sa_borrow(struct octets *kept, bool *borrowed, struct octets octets);

#endif
