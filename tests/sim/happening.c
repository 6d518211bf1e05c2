/* SPDX-License-Identifier: ISC */
#include "tests/sim/happening.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define STEPS_MOST                                                                                 \
	16u /* a Main Mode has three datagrams each way; the rest are probes and answers */

const char *happening_name(enum happening_kind kind)
{
	static const char *const name[HAPPENING_ALL_KINDS] = {
	    [HAPPENING_REBOOT] = "reboot",
	    [HAPPENING_REBOOT_ALL] = "simultaneous reboot",
	    [HAPPENING_REBOOT_AT_OUTPUT] = "reboot after an output",
	    [HAPPENING_REBOOT_AT_INPUT] = "reboot after an input",
	    [HAPPENING_PARTITION] = "partition",
	    [HAPPENING_PARTITION_ONE_WAY] = "partition one way",
	    [HAPPENING_PARTITION_ALL] = "simultaneous death",
	    [HAPPENING_CLOCK_FORWARD] = "clock forward",
	    [HAPPENING_CLOCK_BACK] = "clock back",
	    [HAPPENING_SUSPEND] = "suspended",
	    [HAPPENING_SOCKET_FULL] = "socket full",
	    [HAPPENING_REBIND] = "NAT rebinding",
	    [HAPPENING_CLOSE] = "closed by the user",
	    [HAPPENING_START] = "started by the user",
	    [HAPPENING_START_ALL] = "simultaneous initiation",
	    [HAPPENING_ASK] = "asked by the user",
	    [HAPPENING_TRAFFIC] = "traffic",
	    [HAPPENING_INSIDER] = "insider",
	    [HAPPENING_LAZY_READER] = "events not read",
	    [HAPPENING_TUNNEL] = "tunnel asked for",
	    [HAPPENING_STORE_FAILED] = "a pair cannot be kept",
	    [HAPPENING_REBIND_AT_OUTPUT] = "NAT rebinding before an output",
	    [HAPPENING_BLACK_HOLE] = "black hole",
	    [HAPPENING_WRONG_PACKET] = "insider's packet",
	    [HAPPENING_BOOT] = "up again",
	    [HAPPENING_HEAL] = "partition over",
	    [HAPPENING_RESUME] = "runs again",
	    [HAPPENING_SOCKET_EMPTY] = "socket empty",
	    [HAPPENING_READ] = "events read",
	    [HAPPENING_ATTACK] = "attack",
	};

	return name[kind];
}

/* ---- the heap ------------------------------------------------------------------------------------------------------ */

static bool before(const struct happening *a, const struct happening *b)
{
	return a->at < b->at || (a->at == b->at && a->order < b->order);
}

void happening_add(struct sim *sim, struct happening happening)
{
	size_t at = sim->happenings++;

	sim->happening = realloc(sim->happening, sim->happenings * sizeof(*sim->happening));
	assert(sim->happening != NULL);
	happening.order = sim->happenings_made++;
	/* sorted, the next one last: there are never many */
	for (; at > 0 && before(&sim->happening[at - 1], &happening); at--)
		sim->happening[at] = sim->happening[at - 1];
	sim->happening[at] = happening;
}

ike_time happening_next(const struct sim *sim)
{
	return sim->happenings > 0 ? sim->happening[sim->happenings - 1].at : IKE_NEVER;
}

/* ---- drawing ------------------------------------------------------------------------------------------------------- */

/* Half of those at a step at once, where the steps of Phase 1 and 2 are. */
static void add_one(struct sim *sim, struct dice *dice, enum happening_kind kind)
{
	struct happening happening = {
	    .at = sim->now,
	    .kind = kind,
	    .node = (unsigned)dice_below(dice, sim->scenario->nodes),
	    .value = (uint32_t)dice_u64(dice),
	};
	bool at_a_step = kind == HAPPENING_REBOOT_AT_INPUT || kind == HAPPENING_REBOOT_AT_OUTPUT ||
			 kind == HAPPENING_REBIND_AT_OUTPUT;

	if (!at_a_step || dice_chance(dice, 500))
		happening.at += dice_below(dice, sim->scenario->bad_time);
	happening_add(sim, happening);
}

static void draw_one(struct sim *sim, struct dice *dice)
{
	struct happening happening = {
	    .at = sim->now + dice_below(dice, sim->scenario->bad_time),
	    .kind = (enum happening_kind)dice_below(dice, HAPPENING_TUNNEL),
	    .node = (unsigned)dice_below(dice, sim->scenario->nodes),
	    .value = (uint32_t)dice_u64(dice),
	};

	happening.other =
	    (unsigned)((happening.node + 1 + dice_below(dice, sim->scenario->nodes - 1)) %
		       sim->scenario->nodes);
	/* the steps of a Main Mode are at the beginning, or after the death that another fault brings */
	if ((happening.kind == HAPPENING_REBOOT_AT_INPUT ||
	     happening.kind == HAPPENING_REBOOT_AT_OUTPUT) &&
	    dice_chance(dice, 500))
		happening.at = sim->now;
	if ((sim->scenario->faults.kinds >> happening.kind & 1) == 0)
		return;
	happening_add(sim, happening);
}

/* What is only about tunnels, translators and fragments: with dice of its own, so that the others fall as they do without. */
static void draw_more(struct sim *sim)
{
	static const enum happening_kind of_tunnels[] = {HAPPENING_TUNNEL, HAPPENING_STORE_FAILED,
							 HAPPENING_REBOOT_AT_OUTPUT,
							 HAPPENING_REBOOT_AT_INPUT};
	static const enum happening_kind of_translators[] = {
	    HAPPENING_REBIND, HAPPENING_REBIND_AT_OUTPUT, HAPPENING_REBOOT_AT_OUTPUT};
	struct dice dice = dice_of(sim->scenario->seed, 8);
	unsigned tunnels = scenario_has(sim->scenario, FEATURE_TUNNELS) ? 8 : 0;
	unsigned translators = scenario_has(sim->scenario, FEATURE_TRANSLATED) ? 6 : 0;
	unsigned fragments = scenario_has(sim->scenario, FEATURE_SIGNATURES) ? 6 : 0;

	if (sim->scenario->faults.happenings == 0)
		return;
	for (unsigned i = dice_below(&dice, tunnels + 1); i > 0; i--)
		add_one(sim, &dice, of_tunnels[dice_below(&dice, 4)]);
	for (unsigned i = dice_below(&dice, translators + 1); i > 0; i--)
		add_one(sim, &dice, of_translators[dice_below(&dice, 3)]);
	for (unsigned i = dice_below(&dice, fragments + 1); i > 0; i--)
		add_one(sim, &dice, of_tunnels[2 + dice_below(&dice, 2)]);
}

/* And with dice of their own again, what is about packets. */
static void draw_about_packets(struct sim *sim)
{
	struct dice dice = dice_of(sim->scenario->seed, 11);

	for (unsigned i = 0; i < sim->scenario->packets.happenings; i++) {
		add_one(sim, &dice,
			dice_chance(&dice, 300) ? HAPPENING_BLACK_HOLE : HAPPENING_WRONG_PACKET);
		if (dice_chance(&dice, 500))
			add_one(sim, &dice, HAPPENING_WRONG_PACKET);
	}
}

void happenings_draw(struct sim *sim)
{
	struct dice dice = dice_of(sim->scenario->seed, 2);

	for (unsigned i = 0; i < sim->scenario->faults.happenings; i++)
		draw_one(sim, &dice);
	draw_more(sim);
	draw_about_packets(sim);
	if (sim->scenario->faults.attacks > 0)
		happening_add(
		    sim, (struct happening){.at = sim->now + IKE_SECOND, .kind = HAPPENING_ATTACK});
	for (unsigned i = 0; i < sim->scenario->nodes; i++)
		if (sim->scenario->node[i].wants_traffic)
			happening_add(sim, (struct happening){.at = sim->now + IKE_SECOND,
							      .kind = HAPPENING_TRAFFIC,
							      .node = i,
							      .other = SIM_NODES});
}

/* ---- what they do -------------------------------------------------------------------------------------------------- */

static void cut(struct sim *sim, const struct happening *happening, bool both, ike_time duration)
{
	sim->network.cut[happening->node][happening->other] = true;
	if (both)
		sim->network.cut[happening->other][happening->node] = true;
	happening_add(sim, (struct happening){.at = sim->now + duration,
					      .kind = HAPPENING_HEAL,
					      .node = happening->node,
					      .other = happening->other});
}

void happening_cut_all(struct sim *sim, bool cut)
{
	for (unsigned i = 0; i < SIM_NODES; i++)
		for (unsigned j = 0; j < SIM_NODES; j++)
			sim->network.cut[i][j] = cut;
}

/* One way or both, to everybody or to one. */
static void dig_hole(struct sim *sim, const struct happening *happening)
{
	ike_time until = sim->now + 5 * IKE_SECOND + happening->value % (60 * IKE_SECOND);
	unsigned nodes = sim->scenario->nodes;
	unsigned other = (happening->node + 1 + (happening->value >> 8) % (nodes - 1)) % nodes;

	sim->packets.hole_until[happening->node][other] = until;
	if ((happening->value >> 16) % 2 == 0)
		sim->packets.hole_until[other][happening->node] = until;
}

static void cut_all(struct sim *sim, ike_time duration)
{
	happening_cut_all(sim, true);
	happening_add(sim, (struct happening){.at = sim->now + duration,
					      .kind = HAPPENING_HEAL,
					      .node = SIM_NODES});
}

static void heal(struct sim *sim, unsigned one, unsigned other)
{
	if (one == SIM_NODES) {
		memset(sim->network.cut, 0, sizeof(sim->network.cut));
		return;
	}
	sim->network.cut[one][other] = sim->network.cut[other][one] = false;
}

static void for_all_peers(struct sim *sim, struct node *node, enum ike_command_kind kind)
{
	for (uint32_t i = 0; i < node->plan->settings.peers; i++)
		if (!node->closed[i])
			(void)node_command(sim, node, kind, i);
}

static void last(struct sim *sim, const struct happening *happening, enum happening_kind end,
		 ike_time duration)
{
	happening_add(sim, (struct happening){.at = sim->now + duration,
					      .kind = end,
					      .node = happening->node,
					      .value = happening->value});
}

static void close_or_start(struct sim *sim, struct node *node, const struct happening *happening)
{
	uint32_t peer = happening->value % (uint32_t)node->plan->settings.peers;

	if (node->core == NULL || node->paused)
		return;
	if (happening->kind == HAPPENING_CLOSE) {
		node->closed[peer] = true;
		(void)node_command(sim, node, IKE_COMMAND_CLOSE, peer);
		last(sim, happening, HAPPENING_START, happening->value % (30 * IKE_SECOND));
		return;
	}
	node->closed[peer] = false;
	(void)node_command(sim, node, IKE_COMMAND_START, peer);
}

static void next_traffic(struct sim *sim, const struct happening *happening)
{
	if (happening->other == SIM_NODES)
		happening_add(sim, (struct happening){.at = sim->now + IKE_SECOND,
						      .kind = HAPPENING_TRAFFIC,
						      .node = happening->node,
						      .other = SIM_NODES});
}

static void next_attack(struct sim *sim)
{
	ike_time spacing = 1000 * IKE_SECOND / sim->scenario->faults.attacks;

	if (!sim->bad)
		return;
	attacker_move(sim);
	happening_add(sim, (struct happening){.at = sim->now + spacing / 2 +
						    dice_below(&sim->attack_dice, spacing),
					      .kind = HAPPENING_ATTACK});
}

static void befall_all(struct sim *sim, const struct happening *happening)
{
	for (unsigned i = 0; i < sim->scenario->nodes; i++) {
		struct node *node = &sim->node[i];

		if (happening->kind == HAPPENING_REBOOT_ALL)
			node_kill(sim, node, happening->value % (5 * IKE_SECOND));
		else if (node->core != NULL)
			for_all_peers(sim, node, IKE_COMMAND_START);
	}
}

static void befall_node(struct sim *sim, struct node *node, const struct happening *happening)
{
	ike_time a_while = happening->value % (40 * IKE_SECOND);

	switch (happening->kind) {
	case HAPPENING_REBOOT:
		node_kill(sim, node, a_while / 2);
		break;
	case HAPPENING_REBOOT_AT_OUTPUT:
		node->reboot_after_outputs = 1 + happening->value % STEPS_MOST;
		break;
	case HAPPENING_REBOOT_AT_INPUT:
		node->reboot_after_inputs = 1 + happening->value % STEPS_MOST;
		break;
	case HAPPENING_CLOCK_FORWARD:
		node->clock += a_while;
		break;
	case HAPPENING_CLOCK_BACK:
		node->clock -= a_while / 2;
		break;
	case HAPPENING_SUSPEND:
		node->paused = node->core != NULL;
		last(sim, happening, HAPPENING_RESUME, a_while);
		break;
	case HAPPENING_SOCKET_FULL:
		node->socket_full = node->core != NULL;
		last(sim, happening, HAPPENING_SOCKET_EMPTY, a_while / 2);
		break;
	case HAPPENING_LAZY_READER:
		node->unread = node->core != NULL;
		last(sim, happening, HAPPENING_READ, a_while);
		break;
	case HAPPENING_INSIDER:
		node_misbehave(sim, node);
		/* he goes on for a while */
		if (happening->value % 5 != 0) {
			happening_add(sim, (struct happening){.at = sim->now + a_while / 40,
							      .kind = HAPPENING_INSIDER,
							      .node = happening->node,
							      .value = happening->value / 5});
		}
		break;
	case HAPPENING_REBIND_AT_OUTPUT:
		node->rebind_before_outputs = 1 + happening->value % STEPS_MOST;
		node->rebind_value = happening->value;
		break;
	case HAPPENING_TUNNEL:
	case HAPPENING_STORE_FAILED:
		node_phase_2(sim, node, happening->kind, happening->value);
		break;
	case HAPPENING_REBIND:
		nat_rebind(node, happening->value);
		break;
	case HAPPENING_CLOSE:
	case HAPPENING_START:
		close_or_start(sim, node, happening);
		break;
	case HAPPENING_ASK:
		for_all_peers(sim, node, IKE_COMMAND_ASK_NOW);
		break;
	case HAPPENING_TRAFFIC:
		for_all_peers(sim, node, IKE_COMMAND_TRAFFIC);
		next_traffic(sim, happening);
		break;
	default:
		break;
	}
}

/* A node that is down or paused in the meantime has nothing to end. */
static void end_for_node(struct sim *sim, struct node *node, const struct happening *happening)
{
	switch (happening->kind) {
	case HAPPENING_BOOT:
		if (node->core == NULL && sim->now >= node->down_until)
			node_boot(sim, node);
		break;
	case HAPPENING_RESUME:
		if (node->paused)
			node_resume(sim, node);
		break;
	case HAPPENING_SOCKET_EMPTY:
	case HAPPENING_READ:
		if (!node->paused)
			node_resume(sim, node);
		break;
	default:
		break;
	}
}

static void dispatch(struct sim *sim, const struct happening *happening)
{
	struct node *node = &sim->node[happening->node < SIM_NODES ? happening->node : 0];

	switch (happening->kind) {
	case HAPPENING_REBOOT_ALL:
	case HAPPENING_START_ALL:
		befall_all(sim, happening);
		break;
	case HAPPENING_PARTITION:
	case HAPPENING_PARTITION_ONE_WAY:
		cut(sim, happening, happening->kind == HAPPENING_PARTITION,
		    happening->value % (60 * IKE_SECOND));
		break;
	case HAPPENING_PARTITION_ALL:
		cut_all(sim, 26 * IKE_SECOND + happening->value % (20 * IKE_SECOND));
		break;
	case HAPPENING_WRONG_PACKET:
		insider_seals(sim, node, happening->value);
		break;
	case HAPPENING_BLACK_HOLE:
		dig_hole(sim, happening);
		break;
	case HAPPENING_HEAL:
		heal(sim, happening->node, happening->other);
		break;
	case HAPPENING_ATTACK:
		next_attack(sim);
		break;
	default:
		if (happening->kind < HAPPENING_KINDS)
			befall_node(sim, node, happening);
		else
			end_for_node(sim, node, happening);
	}
}

void happening_run(struct sim *sim)
{
	struct happening happening = sim->happening[--sim->happenings];
	struct node *node = happening.node < SIM_NODES ? &sim->node[happening.node] : &sim->node[0];

	if (happening.kind < HAPPENING_KINDS && sim->checks)
		coverage_add(sim->coverage, COVER_HAPPENING, happening.kind);
	if (happening.kind != HAPPENING_TRAFFIC && happening.kind != HAPPENING_ATTACK)
		evidence_note(sim->evidence, sim, node, happening_name(happening.kind));
	dispatch(sim, &happening);
}

/* Only traffic goes on, and what was to end ends at once. */
void happenings_end(struct sim *sim)
{
	size_t count = sim->happenings;
	struct happening *old = sim->happening;

	sim->happening = NULL;
	sim->happenings = 0;
	for (size_t i = count; i-- > 0;)
		if (old[i].kind == HAPPENING_TRAFFIC && old[i].other == SIM_NODES)
			happening_add(sim, old[i]);
	free(old);
	heal(sim, SIM_NODES, 0);
	memset(sim->packets.hole_until, 0, sizeof(sim->packets.hole_until));
	for (unsigned i = 0; i < sim->scenario->nodes; i++) {
		struct node *node = &sim->node[i];

		node->reboot_after_inputs = node->reboot_after_outputs = 0;
		node->rebind_before_outputs = 0;
		node->good_since = node->core != NULL && node->core->now > node_time(sim, node)
				       ? node->core->now
				       : node_time(sim, node);
		if (node->core == NULL)
			node_boot(sim, node);
		else
			node_resume(sim, node);
		for (uint32_t peer = 0; peer < node->plan->settings.peers; peer++) {
			if (!node->closed[peer])
				continue;
			node->closed[peer] = false;
			(void)node_command(sim, node, IKE_COMMAND_START, peer);
		}
	}
}
