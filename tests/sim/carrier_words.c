/* SPDX-License-Identifier: ISC */
/*
 * carrier_words.c - what a core is told about packets, and what pings want done.
 */
#include <string.h>

#include "tests/sim/carrier.h"
#include "tests/sim/invariants.h"
#include "tests/sim/sim.h"

#define WORDS_MOST 1000u /* in one instant */

static bool next_of_expiries(const struct node *node, struct ike_command *command)
{
	struct esp_expiry expiry;

	while (esp_plane_expired(node->carrier.plane, &expiry)) {
		const struct ike_ipsec_sa *pair = carrier_pair(node, expiry.number);

		if (pair == NULL)
			continue;
		*command = esp_words_of_expiry(pair, expiry.hard);
		return true;
	}
	return false;
}

static void send_echo(struct sim *sim, struct node *node, const struct pinger_action *action,
		      const uint8_t *packet)
{
	struct packet like = {.kind = PACKET_ECHO, .inner_length = action->length};

	memcpy(like.inner, packet, action->length);
	carrier_seal(sim, node, action->number, &like, false);
}

/* True: `command` is for the core. */
static bool carry_out(struct sim *sim, struct node *node, const struct pinger_action *action,
		      const uint8_t *packet, struct ike_command *command)
{
	bool may_ask = node->plan->keepalive[action->peer].plan.mode != KEEPALIVE_OFF;

	if (action->kind == PINGER_SEND)
		send_echo(sim, node, action, packet);
	if (action->kind == PINGER_REPORT && sim->checks)
		invariant_of_ping(sim, node, action);
	return esp_words_of_ping(action, may_ask, command);
}

static bool next_of_pings(struct sim *sim, struct node *node, struct ike_command *command)
{
	struct pinger *pinger = node->carrier.pinger;
	uint8_t packet[ECHO_OCTETS_MOST];
	struct pinger_action action;

	if (pinger == NULL)
		return false;
	(void)pinger_tick(pinger, carrier_now(sim, node), CARRIER_PAIRS);
	while (pinger_next(pinger, &action, packet, sizeof(packet)))
		if (carry_out(sim, node, &action, packet, command))
			return true;
	return false;
}

/* In the order of tunnels.c: what has been heard comes before pings, which judge silence. */
static bool next_word(struct sim *sim, struct node *node, struct ike_command *command)
{
	struct carrier *carrier = &node->carrier;

	if (next_of_expiries(node, command))
		return true;
	if (esp_words_of_use(&carrier->words, carrier->plane, command)) {
		if (command->kind == IKE_COMMAND_HEARD && carrier->pinger != NULL)
			pinger_heard(carrier->pinger, carrier_now(sim, node), command->ipsec);
		return true;
	}
	return next_of_pings(sim, node, command);
}

void carrier_say(struct sim *sim, struct node *node, const struct ike_command *command)
{
	struct word_said said;
	bool done;

	if (sim->checks)
		invariant_before_word(sim, node, command, &said);
	sim->word = command;
	done = node_order(sim, node, command);
	sim->word = NULL;
	if (sim->checks)
		invariant_after_word(sim, node, command, &said, done);
}

void carrier_tell(struct sim *sim, struct node *node)
{
	struct ike_command command;
	unsigned words = 0;

	if (node->carrier.plane == NULL)
		return;
	while (!sim->failure.failed && next_word(sim, node, &command)) {
		carrier_say(sim, node, &command);
		if (++words > WORDS_MOST)
			sim_fail(sim, "there is no timer storm", node, "words without end");
	}
}
