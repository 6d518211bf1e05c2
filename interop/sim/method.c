/* SPDX-License-Identifier: ISC */
#include "interop/sim/method.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *const names[METHOD_KINDS] = {
    [METHOD_DERIVED] = "derived",
    [METHOD_FIXED] = "fixed",
    [METHOD_HEARTBEAT] = "heartbeats",
    [METHOD_PING] = "ping",
};

const char *method_name(enum method_kind kind)
{
	assert(kind < METHOD_KINDS);
	return names[kind];
}

bool method_by_name(const char *name, enum method_kind *kind)
{
	for (unsigned i = 0; i < METHOD_KINDS; i++) {
		if (strcmp(name, names[i]) == 0) {
			*kind = i;
			return true;
		}
	}
	return false;
}

void method_settings_default(struct method_settings *settings)
{
	*settings = (struct method_settings){
	    .loss_per_mille = KEEPALIVE_DEFAULT_LOSS_PER_MILLE,
	    .mode = KEEPALIVE_PERIODIC,
	    .detect = KEEPALIVE_DEFAULT_DETECT,
	    .false_deaths = KEEPALIVE_DEFAULT_FALSE_DEATHS,
	    .worry = 10 * IKE_SECOND,
	    .retry = 2 * IKE_SECOND,
	    .misses = 5,
	    .heartbeat = {.interval = 20 * IKE_SECOND, .losses = 3, .window = 5 * IKE_SECOND},
	    .ping = {.interval = 10 * IKE_SECOND, .misses = 3},
	};
}

/* ---- from what the user says --------------------------------------------------------------------------------------- */

static bool plan(const struct keepalive_settings *settings, struct method *method,
		 struct fault *fault)
{
	char text[256];

	if (keepalive_plan(settings, &method->rules.plan, text, sizeof(text)) == KEEPALIVE_PLAN_OK)
		return true;
	return fault_say(fault, "%s: %s", method_name(method->kind), text);
}

static bool check_heartbeat(const struct heartbeat_numbers *numbers, struct fault *fault)
{
	if (numbers->interval == 0 || numbers->losses == 0)
		return fault_say(
		    fault,
		    "heartbeats: --interval and --losses must be above 0, such as 20s and 3");
	return true;
}

static bool check_ping(const struct plain_ping_numbers *numbers, struct fault *fault)
{
	if (numbers->interval == 0 || numbers->misses == 0)
		return fault_say(
		    fault,
		    "ping: --ping-interval and --ping-misses must be above 0, such as 10s and 3");
	return true;
}

bool method_make(enum method_kind kind, const struct method_settings *settings,
		 struct method *method, struct fault *fault)
{
	struct keepalive_settings keepalive;

	*method = (struct method){.kind = kind};
	switch (kind) {
	case METHOD_DERIVED:
		keepalive_settings_default(&keepalive);
		keepalive.mode = settings->mode;
		keepalive.detect = settings->detect;
		keepalive.loss_per_mille = settings->loss_per_mille;
		keepalive.false_deaths_a_year = settings->false_deaths;
		return plan(&keepalive, method, fault);
	case METHOD_FIXED:
		keepalive = (struct keepalive_settings){.mode = settings->mode,
							.worry = settings->worry,
							.retry = settings->retry,
							.misses = settings->misses};
		return plan(&keepalive, method, fault);
	case METHOD_HEARTBEAT:
		method->rules.kind = MACHINE_HEARTBEAT;
		method->rules.heartbeat = settings->heartbeat;
		return check_heartbeat(&settings->heartbeat, fault);
	case METHOD_PING:
		method->rules.kind = MACHINE_PING;
		method->rules.ping = settings->ping;
		return check_ping(&settings->ping, fault);
	case METHOD_KINDS:
		break;
	}
	return fault_say(fault, "no such method");
}

/* ---- in words ------------------------------------------------------------------------------------------------------ */

static double seconds(ike_time time)
{
	return (double)time / (double)IKE_SECOND;
}

void method_describe(const struct method *method, char text[METHOD_TEXT])
{
	const struct machine_rules *rules = &method->rules;
	const char *name = method_name(method->kind);

	switch (rules->kind) {
	case MACHINE_KEEPALIVE:
		snprintf(text, METHOD_TEXT, "%s %.3gs, %.3gs x%u", name, seconds(rules->plan.worry),
			 seconds(rules->plan.retry), rules->plan.misses);
		break;
	case MACHINE_HEARTBEAT:
		snprintf(text, METHOD_TEXT, "%s %.3gs x%u +%.2gs", name,
			 seconds(rules->heartbeat.interval), rules->heartbeat.losses,
			 seconds(rules->heartbeat.window));
		break;
	case MACHINE_PING:
		snprintf(text, METHOD_TEXT, "%s %.3gs x%u", name, seconds(rules->ping.interval),
			 rules->ping.misses);
		break;
	}
}
