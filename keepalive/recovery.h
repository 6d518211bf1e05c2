/* SPDX-License-Identifier: ISC */
/*
 * recovery.h - what follows death: which gateway to call, when, and when to return to the preferred one.  Pure.
 *
 * The ladder: Phase 1 with INITIAL-CONTACT to the gateway that died, up to `attempts` times with growing waits; then the
 * next gateway of the list, round and round; once up on another than the first, a return to the first is tried after
 * `hold_down`, without giving up the one that works until the first answers.
 */
#ifndef KEEPALIVE_RECOVERY_H
#define KEEPALIVE_RECOVERY_H

#include "ike/extension.h"

enum recovery_on_death { RECOVERY_RESTART, RECOVERY_CLEAR };

struct recovery_settings {
	enum recovery_on_death on_death;
	bool connect_at_start;    /* START comes when the node starts, not only from the user */
	uint32_t attempts;        /* per gateway before the next is tried; at least 1 */
	ike_time attempt_timeout; /* a Phase 1 that takes longer is abandoned; above 0 */
	ike_time
	    backoff_first; /* wait after the first failure, doubled with each; never below 0.1 s */
	ike_time backoff_most; /* at least backoff_first */
	/* Up on another gateway for so long before the first is tried again; 0: it never is. */
	ike_time hold_down;
};

/* restart, connect at start, 2 attempts of 10 s, 1 s doubling to 60 s, hold-down 5 min. */
void recovery_settings_default(struct recovery_settings *settings);

#define RECOVERY_HELD_LONGER                                                                       \
	8 /* times hold_down, before a preferred gateway of no use is tried again */

enum recovery_state {
	RECOVERY_RESTING,    /* nothing to do: not started, closed, or cleared */
	RECOVERY_WAITING,    /* a CONNECT is due at `wake`; at IKE_NEVER: only the peer can call */
	RECOVERY_CONNECTING, /* a Phase 1 is under way with `gateway` */
	RECOVERY_UP,         /* established with `gateway` */
	RECOVERY_RETURNING, /* up on `gateway`, and a Phase 1 is under way with the preferred one */
	RECOVERY_STATES
};

struct recovery {
	ike_time wake;     /* the deadline last asked for, or IKE_NEVER */
	ike_time since;    /* when the last death or loss was; IKE_NEVER: none to recover from */
	uint32_t gateway;  /* in use, being called, or to be called */
	uint32_t attempt;  /* on this gateway, from 1 */
	uint32_t failures; /* in a row, over all gateways: sets the backoff */
	uint8_t state;     /* enum recovery_state */
	uint8_t closed;    /* the user wants no calls from here until the next START */
	uint8_t elsewhere; /* another worker of the node looks after the peer */
	uint8_t useless;   /* the preferred gateway: its IKE answered, and nothing came through */
};

/* One step; `answer` was zeroed by the caller.  Uses CONNECT, ABANDON, CLOSE, WAKE_AT and the reports about recovery. */
void recovery_step(struct recovery *recovery, const struct recovery_settings *settings,
		   const struct ike_extension_peer_input *input,
		   struct ike_extension_answer *answer);

/* Whether nothing is under way or planned, and it is up to us to change that. */
bool recovery_rests(const struct recovery *recovery);

const char *recovery_state_name(enum recovery_state state);

#endif
