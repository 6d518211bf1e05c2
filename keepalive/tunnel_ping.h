/* SPDX-License-Identifier: ISC */
/*
 * tunnel_ping.h - the ping through the tunnel that was proposed in June 1999: protected echo requests to an address behind the
 * gateway, misses that are counted and reset by a reply, a threshold, and then recovery.
 *
 * It proves what R-U-THERE cannot: that ESP arrives, both ways.  As keepalive.h it knows no packet, memory or clock:
 * `tunnel_ping_step` is told what happened, and says what to do.  Its rules are at the top of tunnel_ping.c.
 */
#ifndef KEEPALIVE_TUNNEL_PING_H
#define KEEPALIVE_TUNNEL_PING_H

#include "ike/extension.h"

/* ---- the plan ------------------------------------------------------------------------------------------------------ */

struct tunnel_ping_plan {
	ike_time interval; /* between two echo requests, and what each is given to be answered */
	uint32_t misses;   /* unanswered requests in a row that make a verdict */
	bool
	    only_when_silent; /* other traffic that came through the tunnel takes the place of requests */
};

#define TUNNEL_PING_DEFAULT_INTERVAL (10 * IKE_SECOND)
#define TUNNEL_PING_DEFAULT_MISSES   3

enum tunnel_ping_fault {
	TUNNEL_PING_OK,
	TUNNEL_PING_INTERVAL, /* not 0.2 s .. 1 h */
	TUNNEL_PING_MISSES,   /* not 1 .. 100 */
};

/* 10 s, 3 misses, only when silent. */
void tunnel_ping_plan_default(struct tunnel_ping_plan *plan);

/* On a fault `text` (of `length` octets, always terminated) says in one sentence what would be right; otherwise it is empty. */
enum tunnel_ping_fault tunnel_ping_plan_check(const struct tunnel_ping_plan *plan, char *text,
					      size_t length) IKE_MUST_USE;

/*
 * What the other side is given to have a new pair that was negotiated because of a black hole, before requests count that it misses.
 * We have it with QM2, it has it with QM3; if that is lost, it has to repeat QM2, which we do after a second and others after four.
 */
#define TUNNEL_PING_GRACE (5 * IKE_SECOND)

/*
 * Silence before the verdict: not earlier than the first, not later than the second.  Where IKE still answers, the verdict is
 * a black hole, and the death comes after as much time again, counted from TUNNEL_PING_GRACE after the new pair is there.
 */
ike_time tunnel_ping_earliest(const struct tunnel_ping_plan *plan);
ike_time tunnel_ping_latest(const struct tunnel_ping_plan *plan);

/*
 * Expected false verdicts per tunnel and year if every packet is lost independently with this probability (0 to 1), each
 * way, and a round trip takes less than an interval.  An upper bound: other traffic only makes it smaller.
 */
double tunnel_ping_verdicts_a_year(const struct tunnel_ping_plan *plan, double loss);

/* "echo after 10.0 s of silence in the tunnel, then every 10.0 s; ...": one line for the start and for status. */
#define TUNNEL_PING_TEXT 256
void tunnel_ping_describe(const struct tunnel_ping_plan *plan, uint32_t loss_per_mille, char *text,
			  size_t length);

/* ---- the state machine --------------------------------------------------------------------------------------------- */

enum tunnel_ping_state {
	TUNNEL_PING_DOWN,    /* no pair */
	TUNNEL_PING_ALIVE,   /* nothing is open */
	TUNNEL_PING_ASKING,  /* the first request is open, none is overdue */
	TUNNEL_PING_SUSPECT, /* at least one is overdue */
	TUNNEL_PING_DEAD,    /* given up */
	TUNNEL_PING_STATES
};

struct tunnel_ping {
	ike_time last_heard; /* when ESP last proved itself, or the pair came up */
	ike_time
	    counted_from; /* the threshold is measured from here: last_heard, or later where it was granted anew; may be to come */
	ike_time
	    asked_since; /* when the oldest open request was sent; `ike_alive` is about the time since */
	ike_time asked_last;   /* when the newest was sent */
	ike_time wake;         /* the deadline last asked for, or IKE_NEVER */
	uint32_t next;         /* the number of the next request */
	uint32_t open;         /* so many before it are open: next - open .. next - 1 */
	uint8_t state;         /* enum tunnel_ping_state */
	bool answered : 1;     /* the newest request has been answered */
	bool unproved : 1;     /* nothing has been sent through the newest pair yet */
	bool renegotiated : 1; /* once since life was proved: the next verdict is death */
	bool granted : 1;      /* what was negotiated anew is there, and has been given its time */
	bool excused : 1; /* a round was begun anew because we were late, since life was proved */
};

enum tunnel_ping_input_kind {
	TUNNEL_PING_UP,    /* a pair is there, the first one or one that takes over */
	TUNNEL_PING_GONE,  /* none is there any more */
	TUNNEL_PING_REPLY, /* number: an echo reply that came through a pair of this tunnel */
	TUNNEL_PING_HEARD, /* anything else that did */
	TUNNEL_PING_TIME,  /* ike_alive */
	TUNNEL_PING_INPUTS
};

struct tunnel_ping_input {
	enum tunnel_ping_input_kind kind;
	ike_time now;
	uint32_t random; /* UP, TIME; fresh: first number, jitter */
	uint32_t number; /* REPLY */
	bool
	    ike_alive; /* TIME: IKE has proved that the peer lives since `asked_since`; false where nobody asks */
};

/* Everything that one step can ask for, at most once each. */
struct tunnel_ping_actions {
	bool send;
	uint32_t number; /* send: of the request; alive: of the one that was answered */
	ike_time wake;   /* the one deadline, IKE_NEVER for none; always set */
	bool alive;      /* a reply was accepted */
	bool
	    stale; /* with alive: life had been proved since its request was sent, and this proves nothing */
	ike_time round_trip; /* alive: of the newest request; otherwise IKE_NEVER */
	bool recovered;      /* it was suspect, and is alive after all */
	bool suspect;        /* a request has just become overdue, the first of its round */
	bool
	    black_hole; /* ESP is lost while IKE answers: a new pair is to be negotiated, the old one kept until it is there */
	bool dead;      /* recover: both directions deleted, Phase 1 anew, other gateways */
	bool unasked;   /* a reply to what is not open, and is not the newest either */
	bool late; /* this program was late by `lateness`; an open round has been granted anew */
	uint32_t misses;  /* suspect, black_hole, dead: requests of the round that are unanswered */
	ike_time silence; /* since ESP last proved itself */
	ike_time lateness;
};

/* `actions` is overwritten.  Pure: equal ping, plan and input give equal ping and actions.  The plan must have been checked. */
void tunnel_ping_step(struct tunnel_ping *ping, const struct tunnel_ping_plan *plan,
		      const struct tunnel_ping_input *input, struct tunnel_ping_actions *actions);

const char *tunnel_ping_state_name(enum tunnel_ping_state state);

#endif
