/* SPDX-License-Identifier: ISC */
/*
 * scenario_tunnels.c - what is to go between two nodes: one to three tunnels, the same at both ends but where they must differ, and
 * where they are to come to nothing.
 */
#include "ike/registry.h"
#include "tests/sim/scenario_parts.h"

static void use(struct scenario *scenario, enum scenario_feature feature)
{
	scenario->features |= 1u << feature;
}

static struct ike_selector network(uint8_t second, uint8_t third, uint8_t bits)
{
	return (struct ike_selector){
	    .prefix = {.address = {.octets = {10, second, third}, .family = IKE_FAMILY_IPV4},
		       .bits = bits}};
}

/* Transport mode: from host to host, each known by whatever address it has; several are told apart by their ports. */
static void between_hosts(struct ike_tunnel_settings *ours, struct ike_tunnel_settings *theirs,
			  unsigned number)
{
	struct ike_selector host = {.protocol = number == 0 ? 0 : 17,
				    .port = number == 0 ? 0 : (uint16_t)(1700 + number)};

	ours->transport = theirs->transport = true;
	ours->local = ours->remote = theirs->local = theirs->remote = host;
}

/* Tunnel mode: a network behind each; the target's entry may be as wide as all the callers' networks together. */
static void between_networks(struct ike_tunnel_settings *ours, struct ike_tunnel_settings *theirs,
			     unsigned caller, unsigned number, bool wide)
{
	ours->local = network((uint8_t)(100 + number), (uint8_t)caller, 24);
	ours->remote = network((uint8_t)(110 + number), 0, 24);
	theirs->local = ours->remote;
	theirs->remote = wide ? network((uint8_t)(100 + number), 0, 16) : ours->local;
	theirs->narrow = wide;
}

static void draw_proposals(struct scenario *scenario, struct ike_tunnel_settings *tunnel,
			   struct dice *dice)
{
	static const struct ike_ipsec_proposal known[] = {
	    {IKE_ESP_TRANSFORM_AES, 128, IKE_ESP_AUTHENTICATION_HMAC_SHA1, 0},
	    {IKE_ESP_TRANSFORM_AES, 256, IKE_ESP_AUTHENTICATION_HMAC_SHA2_256, 0},
	    {IKE_ESP_TRANSFORM_3DES, 0, IKE_ESP_AUTHENTICATION_HMAC_MD5, 0},
	};
	size_t first = dice_below(dice, 3);
	bool pfs = dice_chance(dice, 300);

	tunnel->proposals = dice_between(dice, 1, 2);
	if (pfs)
		use(scenario, FEATURE_PFS);
	for (size_t i = 0; i < tunnel->proposals; i++) {
		tunnel->proposal[i] = known[(first + i) % 3];
		tunnel->proposal[i].group = pfs ? IKE_GROUP_CURVE25519 : 0;
	}
}

/* Something that the two ends will never agree upon. */
static void spoil(struct ike_tunnel_settings *theirs, struct dice *dice)
{
	switch (dice_below(dice, 3)) {
	case 0:
		theirs->proposal[0].encryption = IKE_ESP_TRANSFORM_AES;
		theirs->proposal[0].key_bits = 192;
		theirs->proposals = 1;
		break;
	case 1:
		theirs->remote = network(200, 0, 24);
		theirs->narrow = false;
		break;
	default:
		theirs->transport = !theirs->transport;
	}
}

static void draw_tunnel(struct scenario *scenario, struct scenario_link *link, unsigned number,
			struct dice *dice)
{
	struct ike_tunnel_settings *ours = &link_caller(scenario, link)->tunnel[number];
	struct ike_tunnel_settings *theirs = &link_target(scenario, link, 0)->tunnel[number];
	bool crowd = scenario->kind == SCENARIO_CROWD;
	/* each end would say another address, and nobody there to notice that it is a NAT's doing */
	bool moves =
	    scenario->node[link->caller].behind_nat && !scenario->node[link->caller].translated;
	unsigned begins = crowd ? 0 : (unsigned)dice_below(dice, 4);
	bool wide = crowd || (begins == 0 && dice_chance(dice, 500));

	*ours = *theirs = (struct ike_tunnel_settings){.name = "tunnel"};
	if (dice_chance(dice, 250) && !crowd && !moves) {
		use(scenario, FEATURE_TRANSPORT);
		between_hosts(ours, theirs, number);
		wide = false;
	} else {
		between_networks(ours, theirs, link->caller, number, wide);
	}
	draw_proposals(scenario, ours, dice);
	for (size_t i = 0; i < ours->proposals; i++)
		theirs->proposal[i] = ours->proposal[i];
	theirs->proposals = ours->proposals;
	ours->lifetime = (uint32_t)dice_between(dice, 60, 180);
	theirs->lifetime = (uint32_t)dice_between(dice, 60, 180);
	ours->wait = begins == 1;
	theirs->wait = begins == 0;
	link->tunnel_possible[number] = true;
	if (wide)
		use(scenario, FEATURE_NARROW);
	if (begins > 1)
		use(scenario, FEATURE_BOTH_BEGIN);
	if (!crowd && dice_chance(dice, 80)) {
		use(scenario, FEATURE_MISMATCH);
		spoil(theirs, dice);
		link->tunnel_possible[number] = false;
	}
}

/* A crowd's callers find one entry at their gateway: what the first of them has drawn, but for their own networks. */
static void follow(struct scenario *scenario, struct scenario_link *link)
{
	const struct scenario_link *first = &scenario->link[0];
	struct ike_peer_settings *ours = link_caller(scenario, link);

	ours->tunnels = link_caller(scenario, first)->tunnels;
	for (unsigned i = 0; i < ours->tunnels; i++) {
		ours->tunnel[i] = link_caller(scenario, first)->tunnel[i];
		ours->tunnel[i].local = network((uint8_t)(100 + i), (uint8_t)link->caller, 24);
		link->tunnel_possible[i] = first->tunnel_possible[i];
	}
	link->tunnels = (unsigned)ours->tunnels;
}

void draw_tunnels(struct scenario *scenario, unsigned number, struct dice *dice)
{
	struct scenario_link *link = &scenario->link[number];
	unsigned count = (unsigned)dice_between(dice, 1, SIM_TUNNELS);

	use(scenario, FEATURE_TUNNELS);
	if (scenario->kind == SCENARIO_CROWD && number > 0) {
		follow(scenario, link);
		return;
	}
	for (unsigned i = 0; i < count; i++)
		draw_tunnel(scenario, link, i, dice);
	link->tunnels = count;
	link_caller(scenario, link)->tunnels = count;
	link_target(scenario, link, 0)->tunnels = count;
	for (unsigned other = 1; other < link->targets; other++) {
		struct ike_peer_settings *theirs = link_target(scenario, link, other);

		theirs->tunnels = count;
		for (unsigned i = 0; i < count; i++)
			theirs->tunnel[i] = link_target(scenario, link, 0)->tunnel[i];
	}
}
