/* SPDX-License-Identifier: ISC */
/*
 * method.h - the four methods by name, each with its numbers, and what the numbers would have to be for another aim.
 */
#ifndef INTEROP_SIM_METHOD_H
#define INTEROP_SIM_METHOD_H

#include "interop/fault.h"
#include "interop/sim/machine.h"

enum method_kind {
	METHOD_DERIVED,   /* keepalive_step, its plan derived from detect, loss and false deaths */
	METHOD_FIXED,     /* keepalive_step with worry, retry and misses as given */
	METHOD_HEARTBEAT, /* one way, unasked */
	METHOD_PING,      /* periodic, through the tunnel */
	METHOD_KINDS
};

struct method {
	enum method_kind kind;
	struct machine_rules rules;
};

/* What a user may say of all four. */
struct method_settings {
	uint32_t loss_per_mille;
	enum keepalive_mode mode; /* periodic or on demand; derived and fixed alone */
	ike_time detect;
	double false_deaths; /* acceptable per peer and year */
	ike_time worry, retry;
	uint32_t misses;
	struct heartbeat_numbers heartbeat;
	struct plain_ping_numbers ping;
};

/* Those of the field: detect 20 s at 20 %; 10 s, 2 s and 5; 20 s x 3 + 5 s (heartbeats-01); 10 s x 3. */
void method_settings_default(struct method_settings *settings);

bool method_make(enum method_kind kind, const struct method_settings *settings,
		 struct method *method, struct fault *fault) IKE_MUST_USE;

/* "derived", "fixed", "heartbeats", "ping". */
const char *method_name(enum method_kind kind);
bool method_by_name(const char *name, enum method_kind *kind) IKE_MUST_USE;

#define METHOD_TEXT 64
/* With its numbers: "fixed 10s, 2s x5". */
void method_describe(const struct method *method, char text[METHOD_TEXT]);

/* ---- other numbers for another aim ---------------------------------------------------------------------------------
 * Each starts from a method as it is.  False: no such numbers within reason.
 */

/* The counts stay, the times are stretched or shrunk in proportion until the bound is as said. */
bool method_with_bound(const struct method *method, ike_time bound,
		       struct method *tuned) IKE_MUST_USE;
/* The times stay, the count is raised until no more false deaths are expected than that: the bound is what it becomes. */
bool method_with_false_deaths(const struct method *method, double loss, double false_deaths,
			      struct method *tuned) IKE_MUST_USE;
/* Both: the least count that does, the times by the bound.  What it becomes is the cost in messages. */
bool method_with_both(const struct method *method, ike_time bound, double loss, double false_deaths,
		      struct method *tuned) IKE_MUST_USE;
/* The bound, and as many messages an hour, in both directions together; for heartbeats and ping alone. */
bool method_with_cost(const struct method *method, ike_time bound, double loss,
		      double messages_an_hour, struct method *tuned) IKE_MUST_USE;

#endif
