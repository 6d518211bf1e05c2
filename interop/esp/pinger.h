/* SPDX-License-Identifier: ISC */
/*
 * pinger.h - the pings through all tunnels: keepalive/tunnel_ping.h for each, and what is between it and the world.
 *
 * A tunnel with a `ping` address has one state per party that it was made with: pairs of one tunnel of one peer, with the same
 * selectors and the same address of the other end, follow each other and share it.  Requests go through the newest of them that
 * is not superseded; what comes through any of them counts.
 *
 * As the engine it neither sends nor looks at a clock: things happen, and what is to be done is pulled.  Time that runs backwards
 * stands still.  Nothing is allocated but by pinger_new and for a new pair.
 */
#ifndef INTEROP_ESP_PINGER_H
#define INTEROP_ESP_PINGER_H

#include "ike/ike.h"
#include "interop/esp/echo.h"
#include "keepalive/tunnel_ping.h"

/* One configured tunnel with a `ping`. */
struct pinger_tunnel {
	uint32_t peer, tunnel;   /* as in the engine's settings */
	struct ike_address ping; /* behind the gateway */
	/* ours, of the same family; family NONE: the pair's local end, where that is a single address */
	struct ike_address ping_from;
	struct tunnel_ping_plan plan; /* has been checked */
};

struct pinger_settings {
	const struct pinger_tunnel *tunnel; /* copied */
	size_t tunnels;
	uint32_t pairs;              /* most pairs at once, of all tunnels */
	struct random_source random; /* copied: identity, first numbers, jitter */
};

struct pinger;

struct pinger *
pinger_new(const struct pinger_settings *settings) IKE_MUST_USE; /* NULL: no memory */
void pinger_free(struct pinger *pinger);                         /* NULL is allowed */

/* ---- what happens -------------------------------------------------------------------------------------------------- */

enum pinger_verdict {
	PINGER_FOLLOWED, /* also: nothing changes */
	PINGER_NO_PING,  /* the tunnel has no `ping` */
	PINGER_UNFIT, /* ping or ping_from is outside of what was agreed, ICMP is, or it is transport mode: not pinged through */
	PINGER_FULL,  /* the limit of pairs, or no memory: not pinged through */
};

/* Each change of the engine's, in its order (IKE_IPSEC_ADDED, CHANGED, REMOVED). */
enum pinger_verdict pinger_pair(struct pinger *pinger, ike_time now,
				const struct ike_ipsec_change *change);

/* An inner packet that came through the pair `number`.  True: it was a reply to a request of ours, and nobody else's business. */
bool pinger_inbound(struct pinger *pinger, ike_time now, uint32_t number, const uint8_t *inner,
		    size_t length);

/*
 * Something came through that pair, of whatever kind.  As often as it is known; once a second is enough, but before pinger_tick:
 * what has been heard must be known before it is judged.
 */
void pinger_heard(struct pinger *pinger, ike_time now, uint32_t number);

/*
 * What the engine says: an SA that has come up, and an ACK in time, prove that IKE lives; everything else is passed over.  That we
 * have answered a question of the peer's is no proof: it may be a recorded one (R80), and be answered once more.
 */
void pinger_event(struct pinger *pinger, const struct ike_event *event);
/*
 * IKE has proved that the peer lives.  `remote`: the address that
 * it has there, port ignored; NULL: every party of that peer.
 */
void pinger_ike_alive(struct pinger *pinger, ike_time now, uint32_t peer,
		      const struct ike_address *remote);

/* Runs what is due, at most `budget` tunnels.  Returns how many; call again where it is the budget. */
size_t pinger_tick(struct pinger *pinger, ike_time now, size_t budget);
ike_time pinger_deadline(const struct pinger *pinger); /* IKE_NEVER: nothing is planned */

/* ---- what is to be done -------------------------------------------------------------------------------------------- */

enum pinger_action_kind {
	PINGER_SEND, /* `length` octets, the inner packet, through pair `number` and no other */
	PINGER_RENEGOTIATE, /* Quick Mode anew for pair `number` (IKE_COMMAND_TUNNEL), which is kept until then */
	PINGER_DEAD,   /* IKE_COMMAND_TUNNEL_DEAD for pair `number` */
	PINGER_REPORT, /* for people: see `report` */
};

enum pinger_report_kind {
	PINGER_ALIVE,      /* a reply: echo, round_trip */
	PINGER_SUSPECT,    /* misses, silence; whoever can asks IKE now (IKE_COMMAND_ASK_NOW) */
	PINGER_RECOVERED,  /* was suspect, and lives: silence */
	PINGER_BLACK_HOLE, /* misses, silence: IKE answers, ESP does not arrive */
	PINGER_GIVEN_UP,   /* misses, silence: PINGER_DEAD follows */
	PINGER_LATE,       /* lateness: we were not run in time */
	PINGER_REPORTS
};

struct pinger_action {
	enum pinger_action_kind kind;
	uint32_t number; /* of the pair */
	uint32_t peer, tunnel;
	size_t length;                  /* SEND: octets of the packet */
	enum pinger_report_kind report; /* REPORT, and what of the following it names */
	bool never; /* DEAD: nothing has come through since the first pair was there */
	uint32_t echo, misses;
	ike_time round_trip, silence, lateness; /* IKE_NEVER: not known */
};

/*
 * The next thing to do; false: no more.  `packet` has `room` octets, ECHO_OCTETS_MOST at least; a request is written there.
 * To be called until false after each of the above: of what a tunnel asks for, the same thing again takes the old one's place.
 */
bool pinger_next(struct pinger *pinger, struct pinger_action *action, uint8_t *packet, size_t room);

/* ---- for status ---------------------------------------------------------------------------------------------------- */

struct pinger_status {
	enum tunnel_ping_state state;
	bool renegotiated;               /* since it was last alive */
	ike_time last_heard, round_trip; /* IKE_NEVER: no reply yet */
	uint64_t requests, replies;
};

/* False: nothing is pinged through that pair. */
bool pinger_status(const struct pinger *pinger, uint32_t number, struct pinger_status *status);

#endif
