/* SPDX-License-Identifier: ISC */
/*
 * tune.c - other numbers for another aim, so that nobody can say that a method was shown with the wrong ones.
 *
 * The window of a heartbeat stays the same share of its interval: it is there for what is late, and a quarter, as 5 s of 20 s
 * are, is ample.
 */
#include <math.h>

#include "interop/sim/method.h"

#define MOST_COUNT     100                     /* as much as keepalive/plan.c allows */
#define LEAST_RETRY    (200 * IKE_MILLISECOND) /* that, too */
#define LEAST_INTERVAL (50 * IKE_MILLISECOND)  /* below this nobody would */

/* Rounded down, so that so many of them never come to more than the bound. */
static ike_time scaled(ike_time time, double factor)
{
	return (ike_time)((double)time * factor);
}

/* The times stay, and the bound becomes what it then is. */
static void set_count(struct method *method, uint32_t count)
{
	struct keepalive_plan *plan = &method->rules.plan;

	switch (method->rules.kind) {
	case MACHINE_KEEPALIVE:
		plan->misses = count;
		plan->detect = plan->worry + plan->misses * plan->retry;
		plan->last_wait = plan->retry;
		break;
	case MACHINE_HEARTBEAT:
		method->rules.heartbeat.losses = count;
		break;
	case MACHINE_PING:
		method->rules.ping.misses = count;
		break;
	}
}

static uint32_t count_of(const struct method *method)
{
	switch (method->rules.kind) {
	case MACHINE_HEARTBEAT:
		return method->rules.heartbeat.losses;
	case MACHINE_PING:
		return method->rules.ping.misses;
	case MACHINE_KEEPALIVE:
		break;
	}
	return method->rules.plan.misses;
}

/* Nobody would ask, or beat, more often than that. */
static bool is_too_close(const struct method *method)
{
	switch (method->rules.kind) {
	case MACHINE_HEARTBEAT:
		return method->rules.heartbeat.interval < LEAST_INTERVAL;
	case MACHINE_PING:
		return method->rules.ping.interval < LEAST_INTERVAL;
	case MACHINE_KEEPALIVE:
		break;
	}
	return method->rules.plan.worry < LEAST_RETRY || method->rules.plan.retry < LEAST_RETRY;
}

bool method_with_bound(const struct method *method, ike_time bound, struct method *tuned)
{
	double factor = (double)bound / (double)machine_bound(&method->rules);
	struct method made = *method;
	struct keepalive_plan *plan = &made.rules.plan;
	struct heartbeat_numbers *heartbeat = &made.rules.heartbeat;
	struct plain_ping_numbers *ping = &made.rules.ping;

	switch (made.rules.kind) {
	case MACHINE_KEEPALIVE:
		plan->worry = scaled(plan->worry, factor);
		plan->retry = plan->last_wait = (bound - plan->worry) / plan->misses;
		plan->detect = bound;
		break;
	case MACHINE_HEARTBEAT:
		heartbeat->interval = scaled(heartbeat->interval, factor);
		heartbeat->window = bound - heartbeat->interval * heartbeat->losses;
		break;
	case MACHINE_PING:
		ping->interval = bound / (ping->misses + 1);
		break;
	}
	if (is_too_close(&made))
		return false;
	*tuned = made;
	return true;
}

bool method_with_false_deaths(const struct method *method, double loss, double false_deaths,
			      struct method *tuned)
{
	struct method made = *method;

	for (uint32_t count = count_of(method); count <= MOST_COUNT; count++) {
		set_count(&made, count);
		if (machine_false_deaths_a_year(&made.rules, loss) > false_deaths)
			continue;
		*tuned = made;
		return true;
	}
	return false;
}

bool method_with_both(const struct method *method, ike_time bound, double loss, double false_deaths,
		      struct method *tuned)
{
	struct method made = *method;

	for (uint32_t count = 1; count <= MOST_COUNT; count++) {
		set_count(&made, count);
		if (!method_with_bound(&made, bound, &made))
			return false;
		if (machine_false_deaths_a_year(&made.rules, loss) > false_deaths)
			continue;
		*tuned = made;
		return true;
	}
	return false;
}

/* A request is one message, and has a reply where it arrives. */
bool method_with_cost(const struct method *method, ike_time bound, double loss,
		      double messages_an_hour, struct method *tuned)
{
	double apiece = method->rules.kind == MACHINE_PING ? 2 - loss : 1;
	ike_time interval = (ike_time)(3600 * apiece / messages_an_hour * (double)IKE_SECOND);
	struct method made = *method;
	ike_time fit = interval > 0 ? bound / interval : 0;

	if (made.rules.kind == MACHINE_KEEPALIVE || interval < LEAST_INTERVAL || fit < 2)
		return false;
	if (made.rules.kind == MACHINE_PING)
		made.rules.ping = (struct plain_ping_numbers){.interval = bound / fit,
							      .misses = (uint32_t)fit - 1};
	else
		made.rules.heartbeat = (struct heartbeat_numbers){.interval = interval,
								  .losses = (uint32_t)fit,
								  .window = bound - fit * interval};
	*tuned = made;
	return true;
}
