/* SPDX-License-Identifier: ISC */
/*
 * bench_handshake_against.c - what a Main Mode with a pre-shared key costs another implementation's process, as responder, over real
 * sockets: processor time of all its threads, against two bare Diffie-Hellman operations of our library in the same round.
 *
 * Our engine calls, as against.h has it.  The SAs of a round are deleted before the next, when nobody looks.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ike/proposal.h"
#include "interop/bench/bench.h"
#include "interop/bench/floor.h"
#include "interop/bench/process.h"
#include "interop/bench/prober.h"

#define ROOM       "handshake"
#define HANDSHAKES 200u /* a round */
#define WARM_UP    16u
#define CANNOT_PIN "whoever calls cannot be pinned to a processor"

struct call {
	const struct against_settings *settings;
	struct prober *prober; /* for its socket */
	const char *group_name;
	enum dh_group group;
};

/* Processor time of a handshake, seconds. */
static bool handshakes(const struct call *call, uint32_t count, double *each, struct fault *fault)
{
	struct against *against;
	double before, after;
	bool good;

	prober_drain(call->prober);
	if (!process_cpu((pid_t)call->settings->pid, &before))
		return fault_say(fault, "--pid: there is no process %u", call->settings->pid);
	if (!process_cpu_at_rest((pid_t)call->settings->pid, call->settings->name, &before, fault))
		return false;
	against = against_new(call->settings, count, prober_descriptor(call->prober), fault);
	if (against == NULL)
		return false;
	good = process_cpu_at_rest((pid_t)call->settings->pid, call->settings->name, &after, fault);
	against_free(against);
	*each = good ? (after - before) / count : 0;
	return good;
}

static bool one_round(const struct call *call, struct figures *figures, unsigned round,
		      uint32_t count, struct fault *fault)
{
	char top[FIGURES_NAME], bottom[FIGURES_NAME], name[2 * FIGURES_NAME + 3];
	double each = 0, floor;

	bench_progress("handshake: round %u, %s, %s", round + 1, call->settings->name,
		       call->group_name);
	if (!handshakes(call, count, &each, fault))
		return false;
	if (!process_pin(PROCESS_NODE))
		return fault_say(fault, CANNOT_PIN);
	floor = floor_dh(call->group, count);
	if (!process_pin(PROCESS_LOAD))
		return fault_say(fault, CANNOT_PIN);
	snprintf(top, sizeof(top), "%s, %s", call->settings->name, call->group_name);
	snprintf(bottom, sizeof(bottom), "two bare operations, %s", call->group_name);
	snprintf(name, sizeof(name), "%s / %s", top, bottom);
	if (floor < 0 || !figures_sample(figures, ROOM, top, "us", round, each * 1e6) ||
	    !figures_sample(figures, ROOM, bottom, "us", round, floor * 1e6) ||
	    !figures_ratio(figures, ROOM, name, top, bottom, FIGURES_NO_GOAL, 0))
		return fault_say(fault, "no memory for figures");
	return true;
}

static bool read_group(struct call *call, struct fault *fault)
{
	const struct options_list *proposals = &call->settings->peer.proposals;
	struct ike_proposal proposal;
	const char *last;

	if (proposals->count != 1)
		return fault_say(fault, "handshake --against wants one --proposal");
	if (!ike_proposal_parse(proposals->item[0], &proposal) ||
	    !ike_proposal_group(&proposal, &call->group))
		return fault_say(fault, "--proposal: \"%s\" is none", proposals->item[0]);
	last = strrchr(proposals->item[0], '-');
	call->group_name = last == NULL ? proposals->item[0] : last + 1;
	return true;
}

bool bench_handshake_against(const struct bench_settings *settings, struct figures *figures,
			     struct fault *fault)
{
	const uint32_t port = settings->against.peer.local_port;
	const struct ike_address from = {.family = IKE_FAMILY_IPV4,
					 .port = port == ONE_PEER_PORT_UNSAID ? 0 : (uint16_t)port};
	uint32_t count = settings->exchanges > 0 ? settings->exchanges : HANDSHAKES;
	struct call call = {.settings = &settings->against};
	double unused;
	bool good;

	if (!read_group(&call, fault))
		return false;
	call.prober = prober_new(&from, fault);
	if (call.prober == NULL)
		return false;
	good = (process_pin(PROCESS_LOAD) || fault_say(fault, CANNOT_PIN)) &&
	       handshakes(&call, count < WARM_UP ? count : WARM_UP, &unused, fault);
	for (unsigned round = 0; good && round < settings->rounds; round++)
		good = one_round(&call, figures, round, count, fault);
	prober_free(call.prober);
	return good;
}
