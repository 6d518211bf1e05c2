/* SPDX-License-Identifier: ISC */
/*
 * sa.h - a Phase 1 SA, and the handshake that makes one.
 *
 * The SA is what is kept for hours, a million times over; the handshake is what is needed for seconds.  They are separate so
 * that the first stays small: an SA points to its handshake only until nobody can ask for the last message again.
 */
#ifndef IKE_SA_H
#define IKE_SA_H

#include "crypto/dh.h"
#include "ike/exchange.h"
#include "ike/ike.h"
#include "ike/proposal.h"
#include "ike/skeyid.h"
#include "ike/timer_wheel.h"

#define IKE_NONE UINT32_MAX /* no index */

struct ike_party;      /* party.h */
struct ike_quick_mode; /* quick_mode.h */

/* How many message IDs are remembered; see informational.c for why so few are enough. */
#define IKE_RECENT_IDS 8
#define IKE_OTHER_IDS  8

enum ike_sa_state {
	IKE_SA_FREE,
	IKE_SA_NEGOTIATING,
	IKE_SA_ESTABLISHED,
};

/*
 * What every SA has: there may be a million, and with the keys, the party and the indexes they have 400 octets each.  So what can be
 * computed is not kept, links are numbers (sa_table.h), and what few SAs need is in ike_sa_seldom.
 */
struct ike_sa {
	/* who */
	uint8_t cky_i[IKE_COOKIE_LENGTH];
	uint8_t cky_r[IKE_COOKIE_LENGTH]; /* zero until the responder has answered */
	struct ike_address remote;
	uint32_t local;          /* local_address.h; sa_local() and sa_set_local() are for this */
	uint8_t group;           /* enum ike_group; 0: nothing is agreed yet */
	uint8_t authentication;  /* enum ike_authentication */
	struct ike_party *party; /* the authenticated identities; NULL until established */
	uint32_t next_of_party;  /* a number */
	uint32_t peer;           /* index into settings.peer */
	struct ike_handshake *handshake; /* NULL once it is no longer needed */
	uint8_t *keys;                   /* sa_keys.h; NULL until there are some */

	/* when */
	struct timer
	    timer; /* armed for the earliest of its deadlines (sa_life.c), or the handshake's */
	ike_time established_at;
	ike_time renew_at;       /* of one that is superseded, and so not renewed: when it goes */
	uint32_t lifetime;       /* seconds, as negotiated */
	uint32_t negotiated_for; /* microseconds, from its first message until it was established */

	/* what */
	uint8_t gateway_number; /* of the peer's gateways, from 1; 0: none.  sa_gateway() */
	uint8_t hash : 4;       /* enum hash_algorithm */
	uint8_t cipher : 4;     /* enum cipher_algorithm */
	uint8_t state : 2;      /* enum ike_sa_state */
	uint8_t recent : 3;     /* where in recent_id the next one goes */
	bool initiator : 1;
	bool aggressive : 1;     /* it came by Aggressive Mode */
	bool supported : 1;      /* the peer sent the extension's vendor ID */
	bool superseded : 1;     /* a newer SA with the same party has taken over */
	bool contact_obeyed : 1; /* an INITIAL-CONTACT was obeyed under this SA: never twice */
	bool renewing : 1;       /* a Phase 1 that is to replace this one is under way */
	bool encapsulated : 1; /* NAT traversal: there is a NAT, or it is said that there is one */
	bool nat_t_draft : 1;  /* by one of the drafts of RFC 3947 */
	bool nat_here : 1, nat_there : 1; /* we, the peer are behind a NAT */
	bool seldom : 1;                  /* its ike_sa_seldom has something in it */

	/* message IDs: 0 is none */
	uint32_t message_id_base, message_ids_used;
	uint32_t recent_id[IKE_RECENT_IDS]; /* the newest accepted ones, whatever they carried */
	uint32_t other_id; /* the first one of a message whose freshness nothing else proves */

	_Alignas(8) uint8_t extension[IKE_EXTENSION_SA_OCTETS];
};

_Static_assert(CIPHER_ALGORITHMS <= 1 << 4 && HASH_ALGORITHMS <= 1 << 4,
	       "`cipher` and `hash` have four bits");
_Static_assert(IKE_RECENT_IDS == 1 << 3, "`recent` has three bits");
_Static_assert(sizeof(struct ike_sa) <= 248, "of 400 octets in all, with AES-128 and SHA2-256");

/*
 * What few SAs ever need.  There is one for every SA, beside it in the table: memory that nobody has written to costs nothing, so
 * it needs no limit of its own, and nothing has to be done when there is none.
 */
struct ike_sa_seldom {
	struct ike_quick_mode *first_quick; /* Quick Modes under way, linked by next_of_sa */
	ike_time
	    keepalive_at; /* we are behind a NAT: of the next one, if nothing else is sent until then */
	uint32_t
	    reassembly; /* the number of what its fragments are collected in, from 1; 0: none */

	/* what other_id of the SA has no room for */
	uint16_t other_ids;  /* how many were noted there; IKE_OTHER_IDS: too many */
	uint16_t other_next; /* where the next one goes */
	uint32_t other_id[IKE_OTHER_IDS - 1];

	/* the Quick Mode of the peer that was declined last, so that the same question gets the same answer */
	uint8_t declined_again;
	uint16_t declined_type; /* of the notification */
	uint64_t declined_mark; /* keyed hash of its first message */
};

/* ---- the handshake ------------------------------------------------------------------------------------------------- */

#define IKE_NONCE_LENGTH 16 /* octets of ours; RFC 2409 section 5 allows 8 to 256 */
#define IKE_NONCE_MIN    8
#define IKE_NONCE_MAX    256
#define IKE_NONCE_AGGRESSIVE                                                                       \
	224 /* octets of ours that begins Aggressive Mode: see aggressive_mode_send.c */
#define IKE_HANDSHAKE_MESSAGE                                                                      \
	12288                 /* octets of our largest Phase 1 message: a chain of certificates */
#define IKE_EARLY_MESSAGE 256 /* octets of the one protected message that may overtake MM6 */

/*
 * Diffie-Hellman and signing are expensive; they are done by ike_tick, one piece at a time, never while a datagram is being
 * read.
 */
enum ike_work {
	IKE_WORK_NONE,
	IKE_WORK_KEY_PAIR,  /* our public value, and the message with it */
	IKE_WORK_SECRET,    /* g^xy, and the keys */
	IKE_WORK_SIGNATURE, /* the message with our signature */
};

struct ike_handshake {
	struct ike_sa *sa;
	struct ike_handshake *next_free;
	struct ike_handshake *next_work;
	struct ike_handshake *older,
	    *newer;          /* of those that are over, where we are the responder */
	ike_time begun_at;   /* this Phase 1 */
	uint32_t generation; /* counts the uses of this memory, so that a queued output can tell */
	enum ike_message_kind expects; /* the message that would move it forward */
	enum ike_work work;
	bool over;            /* established: kept only to repeat the last message */
	bool aggressive;      /* Aggressive Mode; else Main Mode */
	bool counted;         /* in the per-source count */
	bool for_unknown_spi; /* counted there, too (unknown_spi.c) */

	/* policy */
	bool send_contact;     /* INITIAL-CONTACT goes with our last message */
	bool contact_received; /* it came beside the peer's proof */
	bool vendor_id_sent;
	bool tell_lifetime; /* ours is shorter than the one that the initiator offered */
	bool replaces;      /* a renewal of the SA with these cookies */
	uint8_t replaces_cky_i[IKE_COOKIE_LENGTH], replaces_cky_r[IKE_COOKIE_LENGTH];

	/* retransmission (RFC 2408 section 5.1): the initiator by timer, the responder only on a repeat */
	ike_time resend_at, give_up_at;
	uint32_t resends;
	uint64_t received_mark; /* keyed hash of the datagram that our last message answers */
	size_t received_length; /* and its octets */
	uint32_t refused;       /* messages that were not accepted */
	enum ike_verdict last_refusal;
	uint16_t peer_said; /* the last unauthenticated error notification, for the report */

	/* RFC 2409 section 5: what goes into the keys */
	uint8_t cky_r[IKE_COOKIE_LENGTH]; /* in the SA once it counts */
	enum dh_group group;
	struct dh_key *dh;
	struct skeyid keys;
	uint8_t iv[CIPHER_MAX_BLOCK]; /* the running IV of Phase 1 */
	uint8_t ni[IKE_NONCE_MAX], nr[IKE_NONCE_MAX];
	size_t ni_length, nr_length;
	uint8_t peer_public[DH_MAX_LENGTH];
	uint8_t sai_b[IKE_DATAGRAM_MAX];
	size_t sai_b_length;
	struct ike_offer chosen; /* by us as responder; its views point into sai_b */
	uint32_t lifetime;       /* seconds, as chosen */
	struct ike_identity peer_identity;
	/* IDii_b and IDir_b: as the proofs cover them */
	uint8_t id_b[4 + IKE_IDENTITY_MAX], peer_id_b[4 + IKE_IDENTITY_MAX];
	size_t id_b_length, peer_id_b_length;

	/* our last message, and its plaintext */
	uint16_t message; /* its number: 1, 2, 3 */
	bool fragments;   /* the peer takes it in fragments */
	bool fragments_vendor_id_sent;
	uint8_t nat_t; /* enum nat_t_form: what is agreed */
	uint8_t sent[IKE_HANDSHAKE_MESSAGE];
	size_t sent_length;
	uint8_t plain[IKE_HANDSHAKE_MESSAGE];
	size_t plain_length; /* 0: it was not encrypted */

	/* AM2 with a signature, which only g^xy can check: it waits in `plain` for that (AM1 was not encrypted) */
	size_t kept_length; /* 0: none waits */
	struct ike_address kept_local;

	/* a protected message that came before MM6 or AM3 (reordering): looked at once the SA is established */
	uint8_t early[IKE_EARLY_MESSAGE];
	size_t early_length;
};

#endif
