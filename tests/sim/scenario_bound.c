/* SPDX-License-Identifier: ISC */
/*
 * scenario_bound.c - within which time after the last fault everything must be well again.  README.md has the derivation in words.
 */
#include "tests/sim/happening.h"
#include "tests/sim/scenario.h"

#define HALF_OPEN                                                                                  \
	(30 *                                                                                      \
	 IKE_SECOND) /* handshake.c: how long a table may stay full of calls that came to nothing */
#define GRACE (10 * IKE_SECOND) /* sa_life.c: how long a superseded SA stays */
#define TRAFFIC                                                                                    \
	(1 * IKE_SECOND) /* how often there is something to send, where probing is on demand */
#define SLACK (5 * IKE_SECOND) /* handshakes on the good network, jitter at the start, slow ticks */

#define QUICK_MODE       (40 * IKE_SECOND) /* quick_mode_life.c: five tries, the waits doubled */
#define QUICK_MODE_RETRY (60 * IKE_SECOND) /* tunnel.c: the longest wait after a failure */

static ike_time later(ike_time a, ike_time b)
{
	return a > b ? a : b;
}

/* How long one side may believe in an SA that the other has lost. */
static ike_time belief(const struct scenario *scenario, const struct ike_peer_settings *peer,
		       const struct keepalive_plan *plan)
{
	const struct scenario_faults *faults = &scenario->faults;
	ike_time lifetime = (ike_time)peer->lifetime * IKE_SECOND;

	/*
	 * Who never asks finds out when he renews; so does he whom somebody on the path has robbed of the vendor ID, and he
	 * who was told another lifetime than his peer; and he to whom packets come of a peer that has lost Phase 1 and kept its
	 * tunnels.
	 */
	if (plan->mode == KEEPALIVE_OFF || scenario->packets.every > 0 || faults->damaged > 0 ||
	    faults->attacks > 0 || (faults->kinds >> HAPPENING_INSIDER & 1) != 0)
		return later(lifetime, plan->detect + TRAFFIC);
	return plan->detect + (plan->mode == KEEPALIVE_ON_DEMAND ? TRAFFIC : 0);
}

/* A ping finds a black hole, has the tunnel negotiated anew, and gives up in the end: all of it again after the last fault. */
static ike_time pings(const struct scenario *scenario)
{
	const struct scenario_packets *packets = &scenario->packets;

	if (!scenario_has(scenario, FEATURE_PINGS))
		return 0;
	return 2 * (packets->ping_misses + 2) * packets->ping_interval;
}

/*
 * What tunnels take on top of that: the Quick Mode that is under way is doomed, and the wait after so many failures is the longest;
 * one that the other end has lost goes by the end of its lifetime.
 */
static ike_time tunnels(const struct scenario *scenario, ike_time before)
{
	ike_time lifetime = 0;

	if (!scenario_has(scenario, FEATURE_TUNNELS))
		return before;
	for (unsigned i = 0; i < scenario->nodes; i++)
		for (size_t p = 0; p < scenario->node[i].settings.peers; p++)
			for (size_t t = 0; t < scenario->node[i].peer[p].tunnels; t++)
				lifetime =
				    later(lifetime, scenario->node[i].peer[p].tunnel[t].lifetime *
							IKE_SECOND);
	return later(before, lifetime) + QUICK_MODE + QUICK_MODE_RETRY;
}

/* A gateway of which a ping has said, before all was well, that nothing ever came through is left alone for longer. */
static ike_time longest_hold_down(const struct scenario *scenario, unsigned node,
				  const struct keepalive_peer_settings *settings)
{
	return settings->recovery.hold_down *
	       (scenario->packets.pings[node] ? RECOVERY_HELD_LONGER : 1);
}

ike_time scenario_bound(const struct scenario *scenario)
{
	ike_time believed = 0, attempt = 0, wait = 0, hold_down = 0;

	for (unsigned i = 0; i < scenario->nodes; i++) {
		const struct scenario_node *node = &scenario->node[i];

		for (size_t p = 0; p < node->settings.peers; p++) {
			const struct keepalive_peer_settings *settings = &node->keepalive[p];

			believed =
			    later(believed, belief(scenario, &node->peer[p], &settings->plan));
			if (node->peer[p].gateways == 0)
				continue;
			attempt = later(attempt, settings->recovery.attempt_timeout);
			wait = later(wait, settings->recovery.backoff_most);
			if (node->peer[p].gateways > 1)
				hold_down =
				    later(hold_down, longest_hold_down(scenario, i, settings));
		}
	}
	return pings(scenario) + tunnels(scenario, believed + HALF_OPEN + 2 * (attempt + wait) +
						       hold_down + attempt + GRACE + SLACK);
}
