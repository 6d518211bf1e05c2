/* SPDX-License-Identifier: ISC */
/*
 * scenario_packets.c - what goes through the tunnels of some of the seeds that have any.  Sparse: every packet costs as much as a
 * datagram of IKE.  Chance has a stream of its own, so that the rest of a seed is what it is without packets.
 */
#include "ike/registry.h"
#include "tests/sim/scenario_parts.h"

#define SHARE       450 /* per mille of the seeds with tunnels */
#define FIRST_PORT  1700
#define UDP         17
#define REMEMBERED  64  /* none is pushed out: with his place he loses what is held against him */
#define SENDS_MOST  900 /* per mille of nodes */
#define PINGS_MOST  500
#define SHORT_LIFE  250
#define NARROW_PORT 250

static void use(struct scenario *scenario, enum scenario_feature feature)
{
	scenario->features |= 1u << feature;
}

/* The entries of both ends of a link for one tunnel; false: it is not one for the userspace ESP, or its ends differ. */
static bool both_ends(struct scenario *scenario, struct scenario_link *link, unsigned number,
		      struct ike_tunnel_settings **ours, struct ike_tunnel_settings **theirs,
		      unsigned which)
{
	*ours = &link_caller(scenario, link)->tunnel[number];
	*theirs = &link_target(scenario, link, which)->tunnel[number];
	return !(*ours)->transport && !(*theirs)->transport && link->tunnel_possible[number];
}

/* All links of a mesh have the same networks: nobody could say to whom a packet is to go. */
static void tell_apart(struct scenario *scenario, unsigned number)
{
	struct scenario_link *link = &scenario->link[number];
	struct ike_tunnel_settings *ours, *theirs;

	for (unsigned t = 0; t < link->tunnels; t++) {
		if (!both_ends(scenario, link, t, &ours, &theirs, 0))
			continue;
		ours->remote.prefix.address.octets[2] = (uint8_t)(1 + number);
		theirs->local = ours->remote;
	}
}

/* What only some of the seeds' tunnels are: for one service behind one end; and with AES-GCM. */
static void draw_tunnel(struct scenario *scenario, struct scenario_link *link, unsigned number,
			struct dice *dice)
{
	static const struct ike_ipsec_proposal gcm = {IKE_ESP_TRANSFORM_AES_GCM_16, 128, 0, 0};
	bool ports = dice_chance(dice, NARROW_PORT), with_gcm = dice_chance(dice, 250);
	struct ike_tunnel_settings *ours, *theirs;

	/* under one entry all have the same */
	if (scenario->kind == SCENARIO_CROWD)
		return;
	for (unsigned which = 0; which < link->targets; which++) {
		if (!both_ends(scenario, link, number, &ours, &theirs, which) || theirs->narrow)
			return;
		if (ports) {
			use(scenario, FEATURE_PORTS);
			ours->local.protocol = ours->remote.protocol = UDP;
			ours->remote.port = (uint16_t)(FIRST_PORT + number);
			theirs->local = ours->remote;
			theirs->remote = ours->local;
		}
		if (with_gcm) {
			use(scenario, FEATURE_GCM);
			if (which == 0)
				ours->proposal[0] = (struct ike_ipsec_proposal){
				    gcm.encryption, gcm.key_bits, gcm.authentication,
				    ours->proposal[0].group};
			theirs->proposal[0] = ours->proposal[0];
		}
	}
}

static bool carries_any(struct scenario *scenario)
{
	for (unsigned i = 0; i < scenario->links; i++)
		for (unsigned t = 0; t < scenario->link[i].tunnels; t++) {
			struct ike_tunnel_settings *ours, *theirs;

			if (scenario->link[i].possible &&
			    both_ends(scenario, &scenario->link[i], t, &ours, &theirs, 0))
				return true;
		}
	return false;
}

/*
 * A NAT's new mappings cut off who pings through it until IKE has noticed, which the pings, being quicker, would rightly call a
 * death.
 */
static bool may_ping(const struct scenario *scenario, unsigned node)
{
	for (unsigned i = 0; i < scenario->links; i++) {
		const struct scenario_link *link = &scenario->link[i];
		bool takes_part = link->caller == node;

		for (unsigned j = 0; j < link->targets; j++)
			takes_part |= link->target[j] == node;
		if (takes_part && scenario->node[link->caller].translated)
			return false;
	}
	return true;
}

static void draw_pings(struct scenario *scenario, struct dice *dice)
{
	struct scenario_packets *packets = &scenario->packets;
	unsigned share = dice_chance(dice, 500) ? PINGS_MOST : 0;

	packets->ping_interval = dice_between(dice, 2, 8) * IKE_SECOND;
	packets->ping_misses = (uint32_t)dice_between(dice, 2, 4);
	for (unsigned i = 0; i < scenario->nodes; i++) {
		packets->pings[i] = dice_chance(dice, share) && may_ping(scenario, i);
		if (packets->pings[i])
			use(scenario, FEATURE_PINGS);
	}
}

void scenario_draw_packets(struct scenario *scenario)
{
	struct dice dice = dice_of(scenario->seed, 9);
	struct scenario_packets *packets = &scenario->packets;

	if (!scenario_has(scenario, FEATURE_TUNNELS) || !dice_chance(&dice, SHARE) ||
	    !carries_any(scenario))
		return;
	use(scenario, FEATURE_PACKETS);
	packets->every = dice_between(&dice, 1500, 6000) * IKE_MILLISECOND;
	for (unsigned i = 0; i < scenario->nodes; i++)
		packets->sends[i] = dice_chance(&dice, SENDS_MOST);
	for (unsigned i = 0; i < scenario->links && scenario->kind == SCENARIO_MESH; i++)
		tell_apart(scenario, i);
	for (unsigned i = 0; i < scenario->nodes; i++) {
		scenario->node[i].settings.limits.unknown_spis_per_second =
		    (uint32_t)dice_between(&dice, 1, 10);
		scenario->node[i].settings.limits.remembered = REMEMBERED;
		scenario->node[i].settings.say_invalid_spi = dice_chance(&dice, 300);
	}
	for (unsigned i = 0; i < scenario->links; i++)
		for (unsigned t = 0; t < scenario->link[i].tunnels; t++)
			draw_tunnel(scenario, &scenario->link[i], t, &dice);
	draw_pings(scenario, &dice);
	packets->jumps = dice_chance(&dice, 300) ? (unsigned)dice_between(&dice, 5, 60) : 0;
	if (scenario->faults.happenings > 0)
		packets->happenings = (unsigned)dice_below(&dice, 10);
	/* where one end alone can begin it, the other end may be the first to have used it up */
	if (scenario->kind != SCENARIO_CROWD && dice_chance(&dice, SHORT_LIFE)) {
		use(scenario, FEATURE_PACKET_LIMITS);
		packets->limit = dice_between(&dice, 12, 40);
	}
}
