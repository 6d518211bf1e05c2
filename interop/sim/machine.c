/* SPDX-License-Identifier: ISC */
#include "interop/sim/machine.h"

#include <assert.h>

#include "interop/sim/heartbeat.h"
#include "interop/sim/plain_ping.h"

void machine_send(struct machine_deeds *deeds, enum flight_kind kind, uint32_t number)
{
	assert(deeds->sends < MACHINE_SENDS_MOST);
	deeds->send[deeds->sends].kind = kind;
	deeds->send[deeds->sends].number = number;
	deeds->sends++;
}

/* ---- keepalive_step, dressed up ------------------------------------------------------------------------------------ */

static enum keepalive_input_kind heard(enum flight_kind kind)
{
	switch (kind) {
	case FLIGHT_QUESTION:
		return KEEPALIVE_R_U_THERE;
	case FLIGHT_ANSWER:
		return KEEPALIVE_ACK;
	case FLIGHT_BEAT:
	case FLIGHT_TRAFFIC:
		break;
	}
	return KEEPALIVE_HEARD;
}

static void one_step(struct machine *machine, const struct machine_rules *rules,
		     struct keepalive_input input, struct machine_deeds *deeds)
{
	struct keepalive_actions actions;

	if (machine->watches) {
		keepalive_step(&machine->keepalive, &rules->plan, &input, &actions);
	} else {
		struct keepalive_plan answering = rules->plan;

		answering.mode = KEEPALIVE_OFF;
		keepalive_step(&machine->keepalive, &answering, &input, &actions);
	}
	if (actions.send_ack)
		machine_send(deeds, FLIGHT_ANSWER, actions.ack);
	if (actions.send_r_u_there)
		machine_send(deeds, FLIGHT_QUESTION, actions.r_u_there);
	deeds->wake = actions.wake;
	deeds->dead = actions.dead;
}

static void keepalive(struct machine *machine, const struct machine_rules *rules,
		      const struct machine_input *input, struct machine_deeds *deeds)
{
	struct keepalive_input made = {
	    .now = input->now,
	    .random = input->random,
	    .number = input->number,
	    .supported = true,
	};

	switch (input->what) {
	case MACHINE_START:
		/* whoever is up already goes on where he was, so the old SA must go first */
		made.kind = KEEPALIVE_SA_DOWN;
		one_step(machine, rules, made, deeds);
		made.kind = KEEPALIVE_SA_UP;
		break;
	case MACHINE_TIME:
		made.kind = KEEPALIVE_TIME;
		break;
	case MACHINE_HEARD:
		made.kind = heard(input->kind);
		break;
	case MACHINE_WANT:
		made.kind = KEEPALIVE_WANT_TO_SEND;
		break;
	}
	one_step(machine, rules, made, deeds);
}

/* ---- any of them --------------------------------------------------------------------------------------------------- */

void machine_step(struct machine *machine, const struct machine_rules *rules,
		  const struct machine_input *input, struct machine_deeds *deeds)
{
	deeds->wake = IKE_NEVER;
	deeds->dead = false;
	deeds->sends = 0;
	if (input->what == MACHINE_START)
		machine->watches = input->watches;
	switch (rules->kind) {
	case MACHINE_KEEPALIVE:
		keepalive(machine, rules, input, deeds);
		break;
	case MACHINE_HEARTBEAT:
		heartbeat_step(&machine->heartbeat, &rules->heartbeat, input, deeds);
		break;
	case MACHINE_PING:
		plain_ping_step(&machine->ping, &rules->ping, input, deeds);
		break;
	}
}

ike_time machine_bound(const struct machine_rules *rules)
{
	switch (rules->kind) {
	case MACHINE_HEARTBEAT:
		return heartbeat_timeout(&rules->heartbeat);
	case MACHINE_PING:
		return plain_ping_bound(&rules->ping);
	case MACHINE_KEEPALIVE:
		break;
	}
	return rules->plan.detect;
}

double machine_false_deaths_a_year(const struct machine_rules *rules, double loss)
{
	switch (rules->kind) {
	case MACHINE_HEARTBEAT:
		return heartbeat_false_deaths_a_year(&rules->heartbeat, loss);
	case MACHINE_PING:
		return plain_ping_false_deaths_a_year(&rules->ping, loss);
	case MACHINE_KEEPALIVE:
		break;
	}
	return keepalive_false_deaths_a_year(&rules->plan, loss);
}
