/* SPDX-License-Identifier: ISC */
/*
 * progress_packets.c - through every tunnel that is up a packet comes, each way, once the network has been good for long enough; and
 * whoever pings is answered.
 */
#include <stdio.h>

#include "tests/sim/sim.h"

void progress_send_through_all(struct sim *sim)
{
	for (unsigned i = 0; i < sim->scenario->nodes && !sim->failure.failed; i++) {
		struct node *node = &sim->node[i];

		for (unsigned p = 0; p < node->store.pairs; p++) {
			struct ike_ipsec_sa pair = node->store.pair[p];

			if (!pair.superseded && carrier_carries(node, &pair) &&
			    progress_is_expected(sim, node, pair.peer))
				carrier_send_through(sim, node, &pair);
		}
	}
}

bool progress_packets_have_come(const struct sim *sim, ike_time before, char text[SIM_TEXT])
{
	for (size_t i = sim->packets.packets; i-- > 0;) {
		const struct packet *packet = &sim->packets.packet[i];

		if (!packet->must_arrive || packet->at > before || packet->delivered > 0)
			continue;
		snprintf(text, SIM_TEXT, "node %c's packet %zu of %.3f s ago has not come",
			 (char)('a' + packet->by), i, (double)(sim->now - packet->at) / 1e6);
		return false;
	}
	return true;
}

bool progress_pings_are_answered(const struct sim *sim, char text[SIM_TEXT])
{
	for (unsigned i = 0; i < sim->scenario->nodes; i++) {
		const struct node *node = &sim->node[i];
		struct pinger_status status;

		for (unsigned p = 0; node->carrier.pinger != NULL && p < node->store.pairs; p++) {
			const struct ike_ipsec_sa *pair = &node->store.pair[p];

			if (pair->superseded || !progress_is_expected(sim, node, pair->peer) ||
			    !pinger_status(node->carrier.pinger, pair->number, &status) ||
			    status.state == TUNNEL_PING_ALIVE || status.state == TUNNEL_PING_ASKING)
				continue;
			snprintf(text, SIM_TEXT, "node %c's tunnel %u is %s", (char)('a' + i),
				 pair->tunnel, tunnel_ping_state_name(status.state));
			return false;
		}
	}
	return true;
}
