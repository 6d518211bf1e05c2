/* SPDX-License-Identifier: ISC */
/*
 * keepalive.h - the keepalive: settings, the plan that follows from them, and the one pure function that decides.
 *
 * Nothing here knows IKE, memory or a clock.  `keepalive_step` is THE state machine of the draft: everything that can
 * happen goes in as an input, everything that should be done comes out as actions.  Its rules are at the top of liveness.c.
 */
#ifndef KEEPALIVE_KEEPALIVE_H
#define KEEPALIVE_KEEPALIVE_H

#include "ike/extension.h"

/* ---- settings: what the user cares about --------------------------------------------------------------------------- */

enum keepalive_mode {
	KEEPALIVE_PERIODIC,  /* ask after the worry time of silence (the 1999 proposal) */
	KEEPALIVE_ON_DEMAND, /* only when there is also something to send (RFC 3706 section 5.5) */
	KEEPALIVE_OFF,       /* never ask; still answer (R4) */
};

enum keepalive_strictness {
	KEEPALIVE_INTEROP, /* what deployed stacks do: swapped cookies, SPI sizes 0 and 8, odd numbers */
	KEEPALIVE_STRICT, /* only what RFC 3706 says */
};

/*
 * Either `detect` and `loss` are given and the probes are derived from them, or worry, retry and misses are all given.
 * Zero means "not given": detect is then the default, unless worry, retry and misses are there; loss is then none at all.
 */
struct keepalive_settings {
	enum keepalive_mode mode;
	enum keepalive_strictness strictness;
	ike_time detect;            /* a death must be noticed within this time */
	uint32_t loss_per_mille;    /* datagrams lost each way that must not look like a death */
	double false_deaths_a_year; /* per peer, how many are acceptable at that loss */
	ike_time worry;             /* silence after which the peer is asked */
	ike_time retry;             /* time between probes while there is no answer */
	uint32_t misses;            /* unanswered probes that make a death */
};

#define KEEPALIVE_DEFAULT_DETECT         (20 * IKE_SECOND)
#define KEEPALIVE_DEFAULT_LOSS_PER_MILLE 200
#define KEEPALIVE_DEFAULT_FALSE_DEATHS   1.0

/* The settings after defaults: periodic, interop, 20 s, 20 % loss, one false death a year. */
void keepalive_settings_default(struct keepalive_settings *settings);

/* ---- the plan: what will be done, and what it promises ------------------------------------------------------------- */

struct keepalive_plan {
	enum keepalive_mode mode;
	enum keepalive_strictness strictness;
	ike_time worry;  /* silence before the first probe */
	ike_time retry;  /* between probes while none is answered */
	uint32_t misses; /* probes that must stay unanswered */
	ike_time detect; /* dead after this much silence, not earlier and not later (see plan.c) */
	ike_time last_wait; /* what the last probe is given before death; at least retry */
};

enum keepalive_plan_fault {
	KEEPALIVE_PLAN_OK,
	KEEPALIVE_PLAN_MIXED,        /* detect or loss together with worry, retry, misses */
	KEEPALIVE_PLAN_INCOMPLETE,   /* only some of worry, retry, misses */
	KEEPALIVE_PLAN_DETECT,       /* detect outside 1 s .. 1 day */
	KEEPALIVE_PLAN_LOSS,         /* loss of 100 % or more */
	KEEPALIVE_PLAN_FALSE_DEATHS, /* not above zero */
	KEEPALIVE_PLAN_TOO_TIGHT,    /* the probes needed do not fit into detect */
	KEEPALIVE_PLAN_RANGE, /* worry not 0.2 s .. 1 day, retry not 0.2 s .. 1 h, misses over 100 */
};

/*
 * Derives the plan.  On a fault, `plan` is untouched and `text` (of `length` octets, always terminated) says in one
 * sentence which field is wrong and what would be right.
 */
enum keepalive_plan_fault keepalive_plan(const struct keepalive_settings *settings,
					 struct keepalive_plan *plan, char *text,
					 size_t length) IKE_MUST_USE;

/*
 * Expected false deaths per peer and year if every datagram is lost independently with this probability (0 to 1), each
 * way.  An upper bound: other traffic, and the peer's own probes, only make it smaller.
 */
double keepalive_false_deaths_a_year(const struct keepalive_plan *plan, double loss);

/* "asks after 10.0 s of silence, then every 0.6 s; dead after 20.0 s ...": one line for the start and for status. */
void keepalive_plan_describe(const struct keepalive_plan *plan, uint32_t loss_per_mille, char *text,
			     size_t length);

/* ---- the state machine --------------------------------------------------------------------------------------------- */

enum keepalive_state {
	KEEPALIVE_DOWN,   /* no SA */
	KEEPALIVE_ALIVE,  /* heard from within the worry time */
	KEEPALIVE_IDLE,   /* nobody wants to know: on demand after the worry time, or never asked */
	KEEPALIVE_ASKING, /* the first probe is open, none is overdue */
	KEEPALIVE_SUSPECT, /* at least one probe is overdue */
	KEEPALIVE_DEAD,    /* given up */
	KEEPALIVE_STATES
};

/* Each direction's numbers (RFC 3706 section 6); see sequence.h. */
struct keepalive_sent {
	uint32_t next; /* the number of the next R-U-THERE */
	uint32_t open; /* how many numbers are open: next - open .. next - 1 */
};

struct keepalive_received {
	ike_time answered_at; /* when the last number was last answered */
	uint32_t last;        /* the newest number */
	uint16_t jumped;      /* how far it has jumped in all; see sequence.c */
	uint8_t have_last;
	uint8_t repeats; /* how often it has been answered again */
};

struct keepalive_peer {
	ike_time last_heard;  /* when life was last proved */
	ike_time asked_since; /* when the present round of probes began */
	ike_time asked_last;  /* when the newest probe was sent */
	ike_time wake;        /* the deadline last asked for, or IKE_NEVER */
	ike_time hinted;      /* when a hint last brought a probe forward, or IKE_NEVER */
	struct keepalive_received received;
	struct keepalive_sent sent;
	uint32_t asked;      /* probes of the present round, all unanswered; 0: no round is open */
	uint8_t state;       /* enum keepalive_state */
	bool wanted : 1;     /* there is something to send, and nothing has come since */
	bool supported : 1;  /* the peer sent the vendor ID (R1) */
	bool superseded : 1; /* a newer SA has taken over: answer only */
	bool excused : 1; /* a round was begun anew because we were late, since life was proved */
};

enum keepalive_input_kind {
	KEEPALIVE_SA_UP, /* a new one; or one that was superseded is in use again, and goes on */
	KEEPALIVE_SA_DOWN,
	KEEPALIVE_SA_SUPERSEDED,
	KEEPALIVE_HEARD,     /* something else authenticated and fresh */
	KEEPALIVE_R_U_THERE, /* number */
	KEEPALIVE_ACK,       /* number */
	KEEPALIVE_WANT_TO_SEND,
	KEEPALIVE_ASK_NOW,
	KEEPALIVE_HINT, /* unauthenticated; may bring a probe forward, nothing else */
	KEEPALIVE_TIME,
	KEEPALIVE_INPUTS
};

struct keepalive_input {
	enum keepalive_input_kind kind;
	ike_time now;
	uint32_t random; /* fresh: first number, jitter */
	uint32_t number; /* R_U_THERE, ACK */
	bool supported;  /* SA_UP */
};

/* Everything that one step can ask for, at most once each. */
struct keepalive_actions {
	bool send_r_u_there;
	uint32_t r_u_there; /* its number */
	bool send_ack;
	uint32_t ack;  /* its number */
	ike_time wake; /* the one deadline, IKE_NEVER for none; always set */
	bool alive;    /* an ACK was accepted */
	uint32_t alive_number;
	ike_time round_trip; /* IKE_NEVER where the ACK is not for the newest probe */
	bool suspect;        /* a probe has just become overdue, the first of its round */
	bool dead;
	bool late;  /* this program was late by `lateness`; an open round has been granted anew */
	bool renew; /* the numbers are nearly used up (R46): a new Phase 1 is needed */
	bool proves_life; /* the input proved that the peer lives */
	uint32_t misses;  /* suspect, dead: probes unanswered */
	ike_time silence; /* since life was last proved */
	ike_time lateness;
	enum ike_verdict verdict; /* R_U_THERE and ACK: IKE_ACCEPTED or why not */
};

/* `actions` is overwritten.  Pure: equal peer, plan and input give equal peer and actions. */
void keepalive_step(struct keepalive_peer *peer, const struct keepalive_plan *plan,
		    const struct keepalive_input *input, struct keepalive_actions *actions);

const char *keepalive_state_name(enum keepalive_state state);

#endif
