/* SPDX-License-Identifier: ISC */
/*
 * extension.h - how a mechanism such as the keepalive plugs into the engine.
 *
 * An extension is announced by a vendor ID and speaks in NOTIFY payloads over established Phase 1 SAs.  It is two step
 * functions, one per SA and one per configured peer.  The engine tells a step what happened; the step changes its own
 * state, which the engine stores for it, and answers with actions that the engine carries out.  A step does no I/O, keeps
 * no pointers, and never calls the engine.  Everything that a step is told about a message has passed decryption, the
 * payload rules, HASH(1) and the message ID check, except where an input says otherwise.
 */
#ifndef IKE_EXTENSION_H
#define IKE_EXTENSION_H

#include "ike/types.h"
#include "ike/verdict.h"

/* Room that the engine sets aside; an extension that wants more does not fit (the adapter asserts at compile time). */
#define IKE_EXTENSION_SA_OCTETS   72
#define IKE_EXTENSION_PEER_OCTETS 64

#define IKE_EXTENSION_BODY_MAX    64 /* octets of a NOTIFY body that a step may send */
#define IKE_EXTENSION_ACTIONS_MAX 6
#define IKE_EXTENSION_REPORTS_MAX 4

/* ---- what one SA's step is told ------------------------------------------------------------------------------------ */

enum ike_extension_sa_happening {
	IKE_EXTENSION_SA_UP, /* Phase 1 is established; `supported` says whether the peer sent the vendor ID */
	IKE_EXTENSION_SA_SUPERSEDED, /* a newer SA with this peer took over: answer, but ask no more */
	IKE_EXTENSION_HEARD, /* something authenticated and fresh that is not this extension's arrived */
	IKE_EXTENSION_NOTIFY,  /* a NOTIFY of this extension's: `notify_type` and `body` */
	IKE_EXTENSION_TRAFFIC, /* there is something to send to the peer (RFC 3706 section 5.5) */
	IKE_EXTENSION_ASK_NOW, /* the user wants to know now */
	IKE_EXTENSION_HINT, /* UNAUTHENTICATED: somebody claims that the peer has lost its state */
	IKE_EXTENSION_TIME, /* the time that sa_wake() names has come; `due` says which it was */
};

struct ike_extension_sa_input {
	enum ike_extension_sa_happening happening;
	ike_time now;
	ike_time due;    /* TIME: the deadline that is being served, at most now */
	uint32_t random; /* fresh, for first numbers and jitter */
	const uint8_t
	    *cky_i; /* IKE_COOKIE_LENGTH octets each: the SA's cookies, in the SA's roles */
	const uint8_t *cky_r;
	bool supported;       /* SA_UP */
	uint16_t notify_type; /* NOTIFY */
	struct octets
	    body; /* NOTIFY: all that follows the generic payload header, from the DOI on */
};

/* ---- what one peer's step is told ---------------------------------------------------------------------------------- */

enum ike_extension_peer_happening {
	IKE_EXTENSION_PEER_START, /* the node has started, or the user asks for this peer */
	IKE_EXTENSION_PEER_UP, /* an SA with `gateway` is established (by either side) and is now the one in use */
	IKE_EXTENSION_PEER_FAILED,  /* the Phase 1 that CONNECT asked for came to nothing */
	IKE_EXTENSION_PEER_DEAD,    /* the SA's step declared the peer dead; the SA is gone */
	IKE_EXTENSION_PEER_USELESS, /* the SA is gone, because nothing has ever come through the tunnels under it: IKE answers at `gateway`, and no more */
	IKE_EXTENSION_PEER_LOST, /* the SA is gone for another reason: Delete or INITIAL-CONTACT from the peer, expiry */
	IKE_EXTENSION_PEER_CLOSE, /* the user closed it: stay away until START */
	IKE_EXTENSION_PEER_ELSEWHERE, /* an SA with `gateway` is established at another worker, which looks after the peer now */
	IKE_EXTENSION_PEER_YIELD, /* as START, but another worker is to call */
	IKE_EXTENSION_PEER_TIME,
};

struct ike_extension_peer_input {
	enum ike_extension_peer_happening happening;
	ike_time now;
	uint32_t random;
	uint32_t
	    gateway; /* PEER_UP, FAILED, DEAD, USELESS, LOST, ELSEWHERE: index into the peer's list */
	uint32_t gateways; /* how many gateways the peer has; 0: it can only be waited for */
};

/* ---- what a step may answer ---------------------------------------------------------------------------------------- */

enum ike_extension_action_kind {
	IKE_EXTENSION_SEND_NOTIFY, /* SA: `body` as the NOTIFY payload of a protected Informational of its own */
	IKE_EXTENSION_WAKE_AT, /* peer: TIME at `at`, in place of any earlier wish; IKE_NEVER for no wish */
	IKE_EXTENSION_DECLARE_DEAD, /* SA: delete the SA here and now, send a best-effort Delete, tell the peer's step */
	IKE_EXTENSION_RENEW, /* SA: negotiate a new Phase 1 to replace this one */
	IKE_EXTENSION_CONNECT, /* peer: start Phase 1 with `gateway`, INITIAL-CONTACT if no other SA with it is held */
	IKE_EXTENSION_ABANDON, /* peer: give up the Phase 1 in progress with `gateway` */
	IKE_EXTENSION_CLOSE,   /* peer: delete the established SA with `gateway`, politely */
};

struct ike_extension_action {
	enum ike_extension_action_kind kind;
	ike_time at;          /* WAKE_AT */
	uint32_t gateway;     /* CONNECT, ABANDON, CLOSE */
	uint16_t notify_type; /* SEND_NOTIFY: repeats what the body says, for counters and logs */
	uint16_t body_length; /* SEND_NOTIFY: octets */
	uint8_t body[IKE_EXTENSION_BODY_MAX];
};

/* What the user should hear; becomes an event of the engine with these values. */
enum ike_extension_report_kind {
	IKE_REPORT_ASKED,    /* number: the R-U-THERE sent; value: how many are open */
	IKE_REPORT_ANSWERED, /* number: of the peer's R-U-THERE that was answered */
	/*
	 * number: the ACK's; value: 1 if it proves life, 0 if it is of an earlier round; duration: round trip, or IKE_NEVER where it
	 * cannot be told
	 */
	IKE_REPORT_ALIVE,
	IKE_REPORT_SUSPECT, /* value: probes unanswered so far; duration: silence so far */
	IKE_REPORT_DEAD,    /* value: probes unanswered; duration: silence */
	IKE_REPORT_LATE, /* duration: by how much this program was late; a fresh round has been granted */
	IKE_REPORT_RECOVERING, /* gateway; value: attempt, from 1; duration: wait until it starts */
	IKE_REPORT_RECOVERED,  /* gateway; duration: since the death or loss */
	IKE_REPORT_RETURNING,  /* gateway: the preferred one is tried again after the hold-down */
};

struct ike_extension_report {
	enum ike_extension_report_kind kind;
	uint32_t number;
	uint32_t value;
	uint32_t gateway;
	ike_time duration;
};

struct ike_extension_answer {
	bool
	    fresh; /* NOTIFY: the peer made it after what he said before; nobody has recorded it earlier */
	enum ike_verdict verdict; /* NOTIFY: IKE_ACCEPTED, or why the message is refused */
	size_t actions;
	struct ike_extension_action action[IKE_EXTENSION_ACTIONS_MAX];
	size_t reports;
	struct ike_extension_report report[IKE_EXTENSION_REPORTS_MAX];
};

/* ---- the extension itself ------------------------------------------------------------------------------------------ */

struct ike_extension {
	const char *name;
	struct octets vendor_id; /* sent in Phase 1 */
	bool (*recognises)(struct octets vendor_id);
	bool (*owns_notify)(uint16_t notify_type);
	/*
	 * state: IKE_EXTENSION_SA_OCTETS (or _PEER_OCTETS) of storage, aligned for any type, zeroed before the first step;
	 * settings: what the peer's settings carry for this extension; answer: zeroed by the engine before the call.
	 */
	void (*sa_step)(void *state, const void *settings,
			const struct ike_extension_sa_input *input,
			struct ike_extension_answer *answer);
	/*
	 * When an SA's step wants to be told TIME, by its state, zeroed or as the last step has left it; IKE_NEVER: not.  One of
	 * a million SAs keeps this once.  After TIME it must be later than that time.
	 */
	ike_time (*sa_wake)(const void *state);
	void (*peer_step)(void *state, const void *settings,
			  const struct ike_extension_peer_input *input,
			  struct ike_extension_answer *answer);
	/*
	 * By a peer's state: whether START would be news, because nothing is under way or planned with it, the user has not closed
	 * it, and nobody else looks after it.
	 */
	bool (*peer_rests)(const void *state);
};

#endif
