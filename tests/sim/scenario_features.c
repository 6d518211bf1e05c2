/* SPDX-License-Identifier: ISC */
/*
 * scenario_features.c - what some of the seeds have beside Main Mode with a shared secret: Aggressive Mode, signatures, fragments,
 * NAT traversal.  Tunnels are in scenario_tunnels.c.
 *
 * Chance has a stream of its own here, so that what a seed was before it still is.  The shares are such that most seeds are as
 * cheap as without.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ike/identity.h"
#include "tests/sim/papers.h"
#include "tests/sim/scenario_parts.h"
#include "tests/sim/nat.h"

static const unsigned share[SCENARIO_FEATURES] = {
    [FEATURE_AGGRESSIVE] = 100,    [FEATURE_SIGNATURES] = 30, [FEATURE_FRAGMENTS] = 40,
    [FEATURE_NAT_TRAVERSAL] = 140, [FEATURE_TUNNELS] = 210,
};

const char *scenario_feature_name(enum scenario_feature feature)
{
	static const char *const name[SCENARIO_FEATURES] = {
	    [FEATURE_AGGRESSIVE] = "Aggressive Mode",
	    [FEATURE_SIGNATURES] = "signatures",
	    [FEATURE_FRAGMENTS] = "fragments",
	    [FEATURE_NAT_TRAVERSAL] = "NAT traversal",
	    [FEATURE_ENCAPSULATE] = "encapsulated without a NAT",
	    [FEATURE_TRANSLATED] = "behind a NAT",
	    [FEATURE_ONE_OUTSIDE] = "several behind one address",
	    [FEATURE_TUNNELS] = "tunnels",
	    [FEATURE_TRANSPORT] = "transport mode",
	    [FEATURE_PFS] = "perfect forward secrecy",
	    [FEATURE_NARROW] = "narrowed tunnels",
	    [FEATURE_BOTH_BEGIN] = "tunnels begun at both ends",
	    [FEATURE_MISMATCH] = "tunnels that cannot come up",
	    [FEATURE_PACKETS] = "packets",
	    [FEATURE_PINGS] = "pings through tunnels",
	    [FEATURE_PACKET_LIMITS] = "lifetimes in packets",
	    [FEATURE_PORTS] = "tunnels for a port",
	    [FEATURE_GCM] = "AES-GCM",
	};

	return name[feature];
}

static void use(struct scenario *scenario, enum scenario_feature feature)
{
	scenario->features |= 1u << feature;
}

bool scenario_has(const struct scenario *scenario, enum scenario_feature feature)
{
	return (scenario->features >> feature & 1) != 0;
}

/* ---- both ends of a link ------------------------------------------------------------------------------------------- */

struct ike_peer_settings *link_caller(struct scenario *scenario, const struct scenario_link *link)
{
	return &scenario->node[link->caller].peer[link->caller_peer];
}

struct ike_peer_settings *link_target(struct scenario *scenario, const struct scenario_link *link,
				      unsigned which)
{
	return &scenario->node[link->target[which]].peer[link->target_peer[which]];
}

/*
 * By name and not by address: with certificates it is what they speak for, and who begins Aggressive Mode does not know his own
 * address yet.  `other` SIM_NODES: several.
 */
static void name_peer(struct ike_peer_settings *peer, unsigned own, unsigned other)
{
	char text[32];

	snprintf(text, sizeof(text), "fqdn:%c.node", (char)('a' + own));
	if (!ike_identity_from_text(text, &peer->local_identity))
		abort();
	if (peer->remote_identity.type == 0 || other == SIM_NODES)
		return;
	/* unless it is one that is not to fit */
	if (scenario_node_of_identity(&peer->remote_identity) != other)
		return;
	snprintf(text, sizeof(text), "fqdn:%c.node", (char)('a' + other));
	if (!ike_identity_from_text(text, &peer->remote_identity))
		abort();
}

static void name_link(struct scenario *scenario, const struct scenario_link *link)
{
	unsigned caller = scenario->kind == SCENARIO_CROWD ? SIM_NODES : link->caller;

	name_peer(link_caller(scenario, link), link->caller,
		  link->targets > 1 ? SIM_NODES : link->target[0]);
	for (unsigned i = 0; i < link->targets; i++)
		name_peer(link_target(scenario, link, i), link->target[i], caller);
}

static void sign(struct ike_peer_settings *peer, unsigned own, enum papers kind)
{
	peer->authentication = IKE_AUTHENTICATION_RSA_SIGNATURE;
	peer->secret = NULL;
	peer->credentials = papers_of(own, kind);
}

static void sign_link(struct scenario *scenario, struct scenario_link *link, struct dice *dice)
{
	enum papers kind = PAPERS_GOOD;

	/* one pair in eight cannot come together, because one of the two shows what nobody accepts */
	if (link->targets == 1 && scenario->kind != SCENARIO_CROWD && dice_chance(dice, 120)) {
		kind = (enum papers)dice_between(dice, PAPERS_STRANGE, PAPERS - 1);
		link->possible = false;
	}
	name_link(scenario, link);
	sign(link_caller(scenario, link), link->caller, PAPERS_GOOD);
	for (unsigned i = 0; i < link->targets; i++)
		sign(link_target(scenario, link, i), link->target[i], kind);
}

static void announce_fragments(struct scenario *scenario, const struct scenario_link *link)
{
	link_caller(scenario, link)->fragmentation = true;
	for (unsigned i = 0; i < link->targets; i++)
		link_target(scenario, link, i)->fragmentation = true;
}

static void begin_aggressively(struct scenario *scenario, const struct scenario_link *link)
{
	name_link(scenario, link);
	link_caller(scenario, link)->aggressive = true;
	for (unsigned i = 0; i < link->targets; i++)
		link_target(scenario, link, i)->aggressive = true;
}

/* ---- NAT ----------------------------------------------------------------------------------------------------------- */

static void traverse(struct scenario *scenario, const struct scenario_link *link, struct dice *dice)
{
	struct ike_peer_settings *caller = link_caller(scenario, link);
	struct scenario_node *node = &scenario->node[link->caller];

	/* one side alone is as good as none */
	if (!dice_chance(dice, 950) && !node->translated) {
		caller->nat_traversal = true;
		return;
	}
	caller->nat_traversal = true;
	for (unsigned i = 0; i < link->targets; i++)
		link_target(scenario, link, i)->nat_traversal = true;
	/* whoever is called stands where he can be found */
	if (!link->mutual && dice_chance(dice, 600)) {
		use(scenario, FEATURE_TRANSLATED);
		node->translated = node->behind_nat = true;
		node->outside = node->address;
		node->outside.octets[3] = (uint8_t)dice_between(dice, 2, 200);
		return;
	}
	if (dice_chance(dice, 300)) {
		use(scenario, FEATURE_ENCAPSULATE);
		caller->encapsulate = true;
	}
}

/* All of a crowd may sit in one hotel. */
static void share_outside(struct scenario *scenario, struct dice *dice)
{
	struct ike_limits *limits = &scenario->node[0].settings.limits;
	unsigned translated = 0;

	if (scenario->kind != SCENARIO_CROWD || !dice_chance(dice, 500))
		return;
	for (unsigned i = 1; i < scenario->nodes; i++) {
		if (!scenario->node[i].translated)
			continue;
		scenario->node[i].outside = scenario->node[1].address;
		scenario->node[i].outside.octets[3] = 77;
		translated++;
	}
	if (translated < 2)
		return;
	use(scenario, FEATURE_ONE_OUTSIDE);
	/* which then counts as one source */
	if (limits->handshakes_per_source < SIM_NODES)
		limits->handshakes_per_source = SIM_NODES;
}

/* ---- all of it ----------------------------------------------------------------------------------------------------- */

static void draw_link(struct scenario *scenario, struct scenario_link *link, unsigned features,
		      struct dice *dice)
{
	bool aggressive = (features >> FEATURE_AGGRESSIVE & 1) != 0;

	/* those that cannot come together differ in what they have now */
	if ((features >> FEATURE_SIGNATURES & 1) != 0 && link->possible) {
		use(scenario, FEATURE_SIGNATURES);
		sign_link(scenario, link, dice);
		aggressive &= dice_chance(dice, 500);
		/* a chain of certificates is longer than a datagram */
		if (dice_chance(dice, 900))
			features |= 1u << FEATURE_FRAGMENTS;
	}
	if (aggressive) {
		use(scenario, FEATURE_AGGRESSIVE);
		begin_aggressively(scenario, link);
	}
	if ((features >> FEATURE_FRAGMENTS & 1) != 0) {
		use(scenario, FEATURE_FRAGMENTS);
		announce_fragments(scenario, link);
	}
	if ((features >> FEATURE_NAT_TRAVERSAL & 1) != 0) {
		use(scenario, FEATURE_NAT_TRAVERSAL);
		traverse(scenario, link, dice);
	}
	if ((features >> FEATURE_TUNNELS & 1) != 0)
		draw_tunnels(scenario, link - scenario->link, dice);
}

static unsigned draw_features(struct dice *dice)
{
	unsigned features = 0;

	/* those that came later have dice of their own */
	for (unsigned i = 0; i <= FEATURE_MISMATCH; i++)
		if (dice_chance(dice, share[i]))
			features |= 1u << i;
	return features;
}

void scenario_draw_features(struct scenario *scenario)
{
	struct dice dice = dice_of(scenario->seed, 6);
	/* under one entry, or with one list of gateways, all have the same; elsewhere each pair has its own */
	bool alike = scenario->kind == SCENARIO_CROWD || scenario->kind == SCENARIO_FAILOVER;
	unsigned features = draw_features(&dice);

	for (unsigned i = 0; i < scenario->links; i++) {
		draw_link(scenario, &scenario->link[i], features, &dice);
		if (!alike)
			features = draw_features(&dice);
	}
	share_outside(scenario, &dice);
	scenario->translators = scenario_has(scenario, FEATURE_NAT_TRAVERSAL);
	for (unsigned i = 0; i < scenario->nodes; i++) {
		scenario->node[i].settings.nat_t_port = scenario->translators ? SIM_NAT_T_PORT : 0;
		scenario->node[i].settings.calendar = PAPERS_CALENDAR;
		scenario->node[i].settings.ipsec_store = true;
	}
}
