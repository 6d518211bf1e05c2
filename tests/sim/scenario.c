/* SPDX-License-Identifier: ISC */
#include "tests/sim/scenario.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ike/identity.h"
#include "tests/sim/happening.h"
#include "tests/sim/scenario_parts.h"

#define SECRETS 64

const char *scenario_kind_name(enum scenario_kind kind)
{
	static const char *const name[SCENARIO_KINDS] = {
	    [SCENARIO_CALL] = "call",   [SCENARIO_BOTH] = "both",         [SCENARIO_STAR] = "star",
	    [SCENARIO_CROWD] = "crowd", [SCENARIO_FAILOVER] = "failover", [SCENARIO_MESH] = "mesh",
	};

	return name[kind];
}

/* Guarded memory is dear, and who knows which secret is all that matters here: made once per process. */
static const struct secret *secret_number(unsigned number)
{
	static struct secret *made[SECRETS];
	char text[32];

	assert(number < SECRETS);
	if (made[number] == NULL) {
		snprintf(text, sizeof(text), "simulated secret %u", number);
		made[number] = secret_new(octets_of(text, strlen(text)));
		assert(made[number] != NULL);
	}
	return made[number];
}

static struct ike_address address_of_node(unsigned node)
{
	return (struct ike_address){
	    .octets = {10, 0, (uint8_t)node, 1}, .port = IKE_PORT, .family = IKE_FAMILY_IPV4};
}

unsigned scenario_node_of_identity(const struct ike_identity *identity)
{
	if (identity->type == IKE_ID_FQDN && identity->length == 6 &&
	    memcmp(identity->data + 1, ".node", 5) == 0)
		return (unsigned)(identity->data[0] - 'a');
	if (identity->type == IKE_ID_IPV4 && identity->length == 4)
		return identity->data[2];
	return SIM_NODES;
}

static void identity_of_node(const struct scenario_node *node, unsigned number,
			     struct ike_identity *identity)
{
	if (node->settings.identity.type != 0)
		*identity = node->settings.identity;
	else
		*identity = (struct ike_identity){
		    .type = IKE_ID_IPV4, .length = 4, .data = {10, 0, (uint8_t)number, 1}};
}

/* ---- one node ------------------------------------------------------------------------------------------------------ */

static void draw_limits(struct ike_limits *limits, struct dice *dice)
{
	*limits = (struct ike_limits){
	    .sas = 64,
	    .handshakes = 32,
	    .handshakes_per_source = 16,
	    .outputs = 64,
	    .events = 256,
	    .notifies_per_second = 10,
	    .ipsec_sas = 64,
	    .quick_modes = 32,
	    .reassemblies = 2,
	};
	if (!dice_chance(dice, 200))
		return;
	/* no smaller than what the peers of one node need at the same time */
	limits->sas = (uint32_t)dice_between(dice, 2 * SIM_PEERS + 2, 24);
	limits->handshakes = (uint32_t)dice_between(dice, SIM_PEERS, 8);
	limits->handshakes_per_source = (uint32_t)dice_between(dice, 2, 4);
	limits->outputs = (uint32_t)dice_between(dice, 2, 8);
	limits->events = (uint32_t)dice_between(dice, 1, 8);
	limits->notifies_per_second = (uint32_t)dice_below(dice, 3);
	limits->reassemblies = 1;
}

static void draw_node(struct scenario_node *node, unsigned number, struct dice *dice)
{
	char text[32];
	bool named;

	draw_limits(&node->settings.limits, dice);
	node->address = address_of_node(number);
	node->settings.peer = node->peer;
	node->settings.extension = keepalive_extension();
	node->settings.export_keys = true;
	node->settings.say_invalid_cookie = dice_chance(dice, 700);
	named = dice_chance(dice, 700);
	snprintf(text, sizeof(text), "fqdn:%c.node", (char)('a' + number));
	if (named && !ike_identity_from_text(text, &node->settings.identity))
		abort();
	node->clock = (1000 + dice_below(dice, 100000)) * IKE_SECOND + dice_below(dice, IKE_SECOND);
	if (dice_chance(dice, 100))
		node->slow_tick = dice_between(dice, 1, 10) * IKE_MILLISECOND;
	node->reads_first = dice_chance(dice, 500);
}

static void draw_plan(struct keepalive_plan *plan, struct dice *dice)
{
	struct keepalive_settings settings;
	char text[200];
	unsigned mode = (unsigned)dice_below(dice, 10);

	keepalive_settings_default(&settings);
	settings.mode = mode < 7   ? KEEPALIVE_PERIODIC
			: mode < 9 ? KEEPALIVE_ON_DEMAND
				   : KEEPALIVE_OFF;
	settings.strictness = dice_chance(dice, 500) ? KEEPALIVE_STRICT : KEEPALIVE_INTEROP;
	if (dice_chance(dice, 500)) {
		settings.detect = settings.loss_per_mille = 0;
		settings.worry = dice_between(dice, 5, 100) * 100 * IKE_MILLISECOND;
		settings.retry = dice_between(dice, 2, 30) * 100 * IKE_MILLISECOND;
		settings.misses = (uint32_t)dice_between(dice, 1, 8);
	} else {
		settings.detect = dice_between(dice, 4, 24) * IKE_SECOND;
		settings.loss_per_mille = (uint32_t)dice_below(dice, 100);
		settings.false_deaths_a_year = 1000;
	}
	if (keepalive_plan(&settings, plan, text, sizeof(text)) != KEEPALIVE_PLAN_OK)
		abort();
}

static void draw_recovery(struct recovery_settings *recovery, struct dice *dice)
{
	recovery_settings_default(recovery);
	recovery->attempts = (uint32_t)dice_between(dice, 1, 3);
	recovery->attempt_timeout = dice_between(dice, 4, 10) * IKE_SECOND;
	recovery->backoff_first = dice_between(dice, 1, 20) * 100 * IKE_MILLISECOND;
	recovery->backoff_most = dice_between(dice, 2, 15) * IKE_SECOND;
	recovery->hold_down = dice_between(dice, 5, 40) * IKE_SECOND;
	recovery->connect_at_start = dice_chance(dice, 500);
}

static void draw_proposals(struct ike_peer_settings *peer, struct dice *dice)
{
	static const char *const fast[] = {
	    "aes128-sha1-x25519",   "aes256-sha256-x25519", "3des-md5-x25519",
	    "aes192-sha512-x25519", "3des-sha1-x25519",     "aes256-sha384-x25519",
	    "aes128-md5-x25519",
	};
	static const char *const others[] = {"aes128-sha1-modp1024", "aes128-sha256-ecp256"};
	size_t count = dice_between(dice, 1, 3);

	for (size_t i = 0; i < count; i++) {
		const char *text = fast[dice_below(dice, sizeof(fast) / sizeof(fast[0]))];

		if (i == 0 && dice_chance(dice, 40))
			text = others[dice_below(dice, sizeof(others) / sizeof(others[0]))];
		if (!ike_proposal_parse(text, &peer->proposal[i]))
			abort();
	}
	peer->proposals = count;
}

/* ---- who is whose peer --------------------------------------------------------------------------------------------- */

static unsigned add_peer(struct scenario *scenario, unsigned node, struct dice *dice)
{
	struct scenario_node *own = &scenario->node[node];
	unsigned index = (unsigned)own->settings.peers++;
	struct ike_peer_settings *peer = &own->peer[index];

	assert(index < SIM_PEERS);
	peer->name = "peer";
	peer->extension_settings = &own->keepalive[index];
	peer->obey_initial_contact = dice_chance(dice, 800);
	peer->lifetime = (uint32_t)dice_between(dice, 60, 180);
	draw_plan(&own->keepalive[index].plan, dice);
	draw_recovery(&own->keepalive[index].recovery, dice);
	if (own->keepalive[index].plan.mode == KEEPALIVE_ON_DEMAND)
		own->wants_traffic = true;
	return index;
}

static void know(struct scenario *scenario, unsigned node, unsigned peer, unsigned other,
		 struct dice *dice)
{
	struct ike_peer_settings *settings = &scenario->node[node].peer[peer];

	if (dice_chance(dice, 300))
		identity_of_node(&scenario->node[other], other, &settings->remote_identity);
}

static void accept_from(struct scenario *scenario, unsigned node, unsigned peer, unsigned other)
{
	struct ike_prefix *from = &scenario->node[node].peer[peer].from;

	from->address = address_of_node(other);
	from->bits = other < SIM_NODES ? 24 : 8;
}

static void share(struct scenario *scenario, struct scenario_link *link, unsigned secret,
		  struct dice *dice)
{
	struct ike_peer_settings *caller = &scenario->node[link->caller].peer[link->caller_peer];

	caller->secret = secret_number(secret);
	draw_proposals(caller, dice);
	for (unsigned i = 0; i < link->targets; i++) {
		struct ike_peer_settings *target =
		    &scenario->node[link->target[i]].peer[link->target_peer[i]];

		target->secret = secret_number(secret);
		memcpy(target->proposal, caller->proposal, sizeof(target->proposal));
		target->proposals = caller->proposals;
	}
}

/* One pair in fifty cannot come together, and says why. */
static void spoil(struct scenario *scenario, struct scenario_link *link, struct dice *dice)
{
	struct ike_peer_settings *target =
	    &scenario->node[link->target[0]].peer[link->target_peer[0]];

	link->possible = true;
	if (link->targets > 1 || scenario->kind == SCENARIO_CROWD || !dice_chance(dice, 30))
		return;
	link->possible = false;
	switch (dice_below(dice, 3)) {
	case 0:
		target->secret = secret_number(SECRETS - 1);
		break;
	case 1:
		if (!ike_identity_from_text("fqdn:z.node", &target->remote_identity))
			abort();
		break;
	default:
		if (!ike_proposal_parse("aes192-sha1-modp1024", &target->proposal[0]))
			abort();
		target->proposals = 1;
	}
}

static struct scenario_link *add_link(struct scenario *scenario, unsigned caller, unsigned target,
				      struct dice *dice)
{
	struct scenario_link *link = &scenario->link[scenario->links++];
	struct ike_peer_settings *settings;

	assert(scenario->links <= SIM_LINKS);
	*link = (struct scenario_link){.caller = caller, .targets = 1, .target = {target}};
	link->caller_peer = add_peer(scenario, caller, dice);
	settings = &scenario->node[caller].peer[link->caller_peer];
	settings->gateway[0] = address_of_node(target);
	settings->gateways = 1;
	return link;
}

static void add_call(struct scenario *scenario, unsigned caller, unsigned target, struct dice *dice)
{
	struct scenario_link *link = add_link(scenario, caller, target, dice);

	link->target_peer[0] = add_peer(scenario, target, dice);
	accept_from(scenario, target, link->target_peer[0], caller);
	know(scenario, caller, link->caller_peer, target, dice);
	know(scenario, target, link->target_peer[0], caller, dice);
	share(scenario, link, scenario->links, dice);
	scenario->node[caller].behind_nat = dice_chance(dice, 400);
	spoil(scenario, link, dice);
}

static void add_both(struct scenario *scenario, unsigned one, unsigned other, struct dice *dice)
{
	struct scenario_link *link = add_link(scenario, one, other, dice);
	struct ike_peer_settings *settings;

	link->mutual = true;
	link->target_peer[0] = add_peer(scenario, other, dice);
	settings = &scenario->node[other].peer[link->target_peer[0]];
	settings->gateway[0] = address_of_node(one);
	settings->gateways = 1;
	know(scenario, one, link->caller_peer, other, dice);
	know(scenario, other, link->target_peer[0], one, dice);
	share(scenario, link, scenario->links, dice);
	spoil(scenario, link, dice);
}

static void add_failover(struct scenario *scenario, unsigned caller, struct dice *dice)
{
	struct scenario_link *link = add_link(scenario, caller, 0, dice);
	struct ike_peer_settings *settings = &scenario->node[caller].peer[link->caller_peer];

	link->targets = 2;
	link->target[1] = 1;
	settings->gateway[1] = address_of_node(1);
	settings->gateways = 2;
	for (unsigned i = 0; i < 2; i++) {
		link->target_peer[i] = add_peer(scenario, i, dice);
		accept_from(scenario, i, link->target_peer[i], caller);
		know(scenario, i, link->target_peer[i], caller, dice);
	}
	share(scenario, link, scenario->links, dice);
	scenario->node[caller].behind_nat = dice_chance(dice, 300);
	spoil(scenario, link, dice);
}

static void add_crowd(struct scenario *scenario, struct dice *dice)
{
	unsigned entry = add_peer(scenario, 0, dice);

	accept_from(scenario, 0, entry, SIM_NODES);
	for (unsigned i = 1; i < scenario->nodes; i++) {
		struct scenario_link *link = add_link(scenario, i, 0, dice);

		link->target_peer[0] = entry;
		know(scenario, i, link->caller_peer, 0, dice);
		share(scenario, link, 1, dice);
		scenario->node[i].behind_nat = dice_chance(dice, 400);
		spoil(scenario, link, dice);
	}
	/* one list at the gateway must do for all */
	for (unsigned i = 0; i < scenario->links; i++) {
		struct ike_peer_settings *caller =
		    &scenario->node[scenario->link[i].caller].peer[scenario->link[i].caller_peer];

		memcpy(caller->proposal, scenario->node[0].peer[entry].proposal,
		       sizeof(caller->proposal));
		caller->proposals = scenario->node[0].peer[entry].proposals;
	}
}

static void draw_links(struct scenario *scenario, struct dice *dice)
{
	switch (scenario->kind) {
	case SCENARIO_CALL:
		add_call(scenario, 1, 0, dice);
		break;
	case SCENARIO_BOTH:
		add_both(scenario, 0, 1, dice);
		break;
	case SCENARIO_STAR:
		for (unsigned i = 1; i < scenario->nodes; i++)
			add_call(scenario, i, 0, dice);
		break;
	case SCENARIO_CROWD:
		add_crowd(scenario, dice);
		break;
	case SCENARIO_FAILOVER:
		for (unsigned i = 2; i < scenario->nodes; i++)
			add_failover(scenario, i, dice);
		break;
	case SCENARIO_MESH:
		for (unsigned i = 0; i < scenario->nodes; i++)
			for (unsigned j = i + 1; j < scenario->nodes; j++)
				add_both(scenario, i, j, dice);
		break;
	case SCENARIO_KINDS:
		break;
	}
}

/* ---- faults -------------------------------------------------------------------------------------------------------- */

static unsigned perhaps(struct dice *dice, unsigned per_mille, unsigned most)
{
	return dice_chance(dice, per_mille) ? (unsigned)dice_between(dice, 1, most) : 0;
}

static void draw_faults(struct scenario_faults *faults, struct dice *dice)
{
	faults->loss = perhaps(dice, 500, 350);
	faults->doubled = perhaps(dice, 400, 100);
	faults->damaged = perhaps(dice, 300, 100);
	faults->held = perhaps(dice, 300, 40);
	faults->delay = dice_between(dice, 1, 60) * IKE_MILLISECOND;
	faults->jitter = perhaps(dice, 500, 300) * IKE_MILLISECOND;
	faults->twins = perhaps(dice, 300, 500);
	faults->attacks = perhaps(dice, 400, 2000);
	faults->happenings = perhaps(dice, 950, 40);
	faults->kinds = (uint32_t)dice_u64(dice);
	if (dice_chance(dice, 500))
		faults->kinds &= (uint32_t)dice_u64(dice);
	if (faults->happenings == 0)
		faults->kinds = 0;
}

void scenario_draw(struct scenario *scenario, uint64_t seed)
{
	static const unsigned least[SCENARIO_KINDS] = {2, 2, 3, 3, 3, 3};
	static const unsigned most[SCENARIO_KINDS] = {2, 2, 5, 5, 4, 3};
	struct dice dice = dice_of(seed, 1);
	unsigned which = (unsigned)dice_below(&dice, 10);

	memset(scenario, 0, sizeof(*scenario));
	scenario->seed = seed;
	scenario->kind = which < 2   ? SCENARIO_CALL
			 : which < 5 ? SCENARIO_BOTH
			 : which < 6 ? SCENARIO_STAR
			 : which < 7 ? SCENARIO_CROWD
			 : which < 9 ? SCENARIO_FAILOVER
				     : SCENARIO_MESH;
	scenario->nodes =
	    (unsigned)dice_between(&dice, least[scenario->kind], most[scenario->kind]);
	for (unsigned i = 0; i < scenario->nodes; i++)
		draw_node(&scenario->node[i], i, &dice);
	draw_links(scenario, &dice);
	draw_faults(&scenario->faults, &dice);
	scenario_draw_features(scenario);
	scenario_draw_packets(scenario);
	scenario->bad_time = dice_between(&dice, 40, 150) * IKE_SECOND;
	scenario->progress_within = scenario_bound(scenario);
}
