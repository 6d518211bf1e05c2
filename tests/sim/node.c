/* SPDX-License-Identifier: ISC */
/*
 * node.c - a node: the engine's verbs, called as a program would call them, on a clock and a socket that may misbehave.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ike/nat_traversal.h"
#include "tests/sim/invariants.h"
#include "tests/sim/sim.h"

#define TICK_BUDGET  16u
#define SPIN_MOST    10000u /* rounds of work in one instant */
#define OUTPUT_BATCH 4

ike_time node_time(const struct sim *sim, const struct node *node)
{
	return sim->now + node->clock;
}

/* ---- around every verb --------------------------------------------------------------------------------------------- */

static void clock_seen(const struct sim *sim, struct node *node)
{
	if (node_time(sim, node) > node->highest_clock)
		node->highest_clock = node_time(sim, node);
}

static void begin_verb(struct sim *sim, struct node *node)
{
	sim->acting = node;
	sim->hinted = false;
	clock_seen(sim, node);
	if (sim->checks)
		invariant_note_lateness(sim, node);
}

static void end_verb(struct sim *sim, struct node *node, enum verb verb)
{
	node->deadline = ike_deadline(node->core);
	wholes_settle(sim, node);
	if (observer_tampers != NULL)
		observer_tampers(sim, node);
	if (sim->checks) {
		view_copy(&node->before, &node->view);
		view_take(&node->view, node->core);
		invariants_after_verb(sim, node, verb, &node->before);
	}
	node->tells_at_once = !node->unread;
	reader_events(sim, node);
	reader_changes(sim, node);
	node->tells_at_once = false;
	sim->acting = NULL;
}

static void pull_output(struct sim *sim, struct node *node)
{
	static uint8_t data[OUTPUT_BATCH][IKE_DATAGRAM_MAX], plain[OUTPUT_BATCH][IKE_DATAGRAM_MAX];
	struct ike_datagram out[OUTPUT_BATCH];
	size_t count;

	while (!node->socket_full) {
		for (size_t i = 0; i < OUTPUT_BATCH; i++)
			out[i] = (struct ike_datagram){
			    .data = data[i], .plain = plain[i], .room = IKE_DATAGRAM_MAX};
		count = ike_output(node->core, node_time(sim, node), out,
				   node->reboot_after_outputs > 0 ? 1 : OUTPUT_BATCH);
		for (size_t i = 0; i < count; i++) {
			node->outputs++;
			if (node->rebind_before_outputs > 0 && --node->rebind_before_outputs == 0)
				nat_rebind(node, node->rebind_value);
			fingerprint_u64(&sim->fingerprint, sim->now << 3 | node->number);
			fingerprint_octets(&sim->fingerprint, out[i].data, out[i].length);
			fingerprint_octets(&sim->fingerprint, &out[i].remote,
					   sizeof(out[i].remote));
			if (sim->checks) {
				invariant_octets_out(sim, node, &out[i]);
				invariant_numbers_go_up(sim, node, &out[i]);
			}
			network_send(sim, node, &out[i]);
		}
		if (count > 0 && node->reboot_after_outputs > 0 &&
		    --node->reboot_after_outputs == 0) {
			node->doomed = true;
			node->last_fragment =
			    fragment_number(octets_of(out[0].data, out[0].length));
			node->last_came_in = false;
			return;
		}
		if (count == 0)
			return;
	}
}

/* ---- up and down --------------------------------------------------------------------------------------------------- */

struct random_source node_chance(const struct sim *sim, const struct node *node, uint64_t stream)
{
	struct dice dice =
	    dice_of(sim->scenario->seed, stream + node->number * 1000u + node->incarnation);
	uint8_t seed[RANDOM_SEED_LENGTH];
	struct random_source random;

	for (size_t i = 0; i < sizeof(seed); i++)
		seed[i] = (uint8_t)dice_u64(&dice);
	random_seeded(&random, seed);
	return random;
}

void node_boot(struct sim *sim, struct node *node)
{
	struct random_source random = node_chance(sim, node, 1000);

	node->incarnation++;
	node->highest_clock = node_time(sim, node);
	node->window_since = node->highest_clock;
	node->window_work = node->window_ticks = node->window_inputs = 0;
	node->core = ike_core_new(&node->plan->settings, &random, node_time(sim, node));
	assert(node->core != NULL);
	carrier_boot(sim, node);
	node->deadline = ike_deadline(node->core);
	view_take(&node->view, node->core);
	memset(node->closed, 0, sizeof(node->closed));
	carrier_remember(sim, node);
	for (uint32_t i = 0; i < node->plan->settings.peers; i++)
		if (node->plan->peer[i].gateways > 0)
			(void)node_command(sim, node, IKE_COMMAND_START, i);
}

/* Verdicts are counted by the core itself; they are added up when it goes. */
static void count_verdicts(struct sim *sim, struct node *node)
{
	struct ike_status status;

	ike_status(node->core, &status);
	for (size_t i = 0; i < IKE_VERDICTS; i++)
		if (sim->checks && status.verdict[i] > 0)
			sim->coverage->count[COVER_VERDICT][i] += status.verdict[i];
	for (size_t i = 0; i < COVER_DEEDS && sim->checks; i++)
		sim->coverage->count[COVER_UNKNOWN_SPI][i] +=
		    status.counter[IKE_COUNT_UNKNOWN_SPI_CALLED + i];
}

void node_free(struct sim *sim, struct node *node)
{
	if (node->core != NULL)
		count_verdicts(sim, node);
	ike_core_free(node->core);
	node->core = NULL;
	carrier_free(sim, node);
	tracks_free(&node->tracks);
	for (unsigned i = 0; i < node->waiting; i++)
		flights_drop(&node->socket[i]);
	node->waiting = 0;
	free(node->exchanged);
	node->exchanged = NULL;
	node->addresses = 0;
	node->store.pairs = 0;
	memset(node->sent_by_tick, 0, sizeof(node->sent_by_tick));
	memset(node->spoken, 0, sizeof(node->spoken));
}

void node_kill(struct sim *sim, struct node *node, ike_time downtime)
{
	if (node->core == NULL)
		return;
	for (unsigned i = 0; sim->checks && i < node->view.sas; i++)
		if (node->view.sa[i].negotiates)
			coverage_add(sim->coverage, COVER_REBOOT,
				     coverage_reboot_row(node->view.sa[i].initiator,
							 node->view.sa[i].expects));
	for (unsigned i = 0; sim->checks && i < node->view.quicks; i++)
		coverage_add(sim->coverage, COVER_REBOOT,
			     coverage_reboot_row(node->view.quick[i].initiator,
						 node->view.quick[i].expects));
	sim->tally.reboots++;
	evidence_note(sim->evidence, sim, node, "reboot, all state lost");
	node_free(sim, node);
	node->paused = node->socket_full = node->unread = node->doomed = false;
	node->reboot_after_inputs = node->reboot_after_outputs = 0;
	node->tick_not_before = 0;
	node->down_until = sim->now + downtime;
	happening_add(sim, (struct happening){.at = node->down_until,
					      .kind = HAPPENING_BOOT,
					      .node = node->number});
}

void node_fulfil_doom(struct sim *sim, struct node *node)
{
	if (node->doomed && node->last_fragment != 0 && sim->checks)
		coverage_add(sim->coverage, COVER_FRAGMENT,
			     coverage_fragment_row(node->last_came_in, node->last_fragment));
	if (node->doomed)
		node_kill(sim, node,
			  dice_below(&sim->user_dice, 3) == 0
			      ? dice_below(&sim->user_dice, 20 * IKE_SECOND)
			      : 0);
}

/* ---- input --------------------------------------------------------------------------------------------------------- */

/* Whether the message was acted upon, so that the same one again is an old one. */
static bool was_taken(enum ike_verdict verdict)
{
	return verdict == IKE_ACCEPTED || verdict == IKE_HINT_ONLY ||
	       (verdict > IKE_BAD_HASH && verdict < IKE_VERDICTS);
}

/*
 * Where a datagram comes from is nobody's word.  Who knows that his peer is behind a NAT takes what the peer has said from wherever
 * it comes: somebody on the path may hold it back and be the first to deliver it, from elsewhere.
 */
static bool may_have_moved(const struct sim *sim, const struct node *node,
			   const struct flight *flight)
{
	const struct sent *sent = &sim->network.sent[flight->sent];
	const struct ike_sa *sa;

	if (flight->to.node != sent->at_whom.node || flight->to.port != PORT_NAT_T ||
	    flight->length < IKE_HEADER_LENGTH)
		return false;
	sa = sa_table_find(node->core->sas, flight->data, flight->data + IKE_COOKIE_LENGTH);
	if (sa == NULL)
		return false;
	/* whether there is a NAT before an initiator of Aggressive Mode, only his last message says */
	return sa->nat_there || (sa->handshake != NULL && sa->handshake->nat_t != NAT_T_NONE);
}

/* Who made it, and whether it is what he made. */
static void judge_origin(struct sim *sim, struct node *node, const struct flight *flight)
{
	sim->message = octets_of(flight->data, flight->length);
	sim->whole = NULL;
	sim->in_one_piece = NULL;
	sim->provenance = network_provenance(&sim->network, flight);
	sim->made_by =
	    flight->sent == FLIGHT_FORGED ? SIM_NODES : sim->network.sent[flight->sent].by;
	sim->elsewhere = sim->provenance == MISPLACED && may_have_moved(sim, node, flight);
	if (sim->elsewhere)
		sim->provenance = sim->network.sent[flight->sent].delivered ? REPLAYED : GENUINE;
	if (is_fragment(sim->message))
		wholes_expect(sim, node);
}

static enum ike_verdict input(struct sim *sim, struct node *node, struct flight *flight)
{
	struct ike_datagram in = {
	    .remote = flight->from,
	    .local = nat_inside(node, flight->to.port),
	    .data = flight->data,
	    .length = flight->length,
	    .room = flight->length,
	};
	enum ike_verdict verdict;

	begin_verb(sim, node);
	sim->arriving = flight;
	judge_origin(sim, node, flight);
	if (sim->checks)
		invariant_octets_in(sim, node, flight);
	node->inputs++;
	verdict = ike_input(node->core, node_time(sim, node), &in);
	fingerprint_u64(&sim->fingerprint, verdict);
	evidence_arrived(sim->evidence, sim, node, flight, verdict);
	end_verb(sim, node, VERB_INPUT);
	if (sim->checks)
		invariants_after_input(sim, node, flight, verdict, &node->before);
	/* a padded one may only have been put aside unread */
	if (sim->provenance == GENUINE && was_taken(verdict) && !flight->padded) {
		wholes_delivered(sim);
		if (flight->sent != FLIGHT_FORGED)
			sim->network.sent[flight->sent].delivered = true;
	}
	sim->arriving = NULL;
	return verdict;
}

static void take_in(struct sim *sim, struct node *node, struct flight *flight)
{
	unsigned number = fragment_number(octets_of(flight->data, flight->length));
	enum ike_verdict verdict = input(sim, node, flight);
	bool again = dice_chance(&sim->network_dice, sim->scenario->faults.twins);

	/* the same once more, before anything else can happen */
	if (verdict == IKE_ACCEPTED && sim->bad && again) {
		sim->at_once = true;
		(void)input(sim, node, flight);
		sim->at_once = false;
	}
	flights_drop(flight);
	if (node->reboot_after_inputs > 0 && --node->reboot_after_inputs == 0) {
		node->doomed = true;
		node->last_fragment = verdict == IKE_ACCEPTED ? number : 0;
		node->last_came_in = true;
	} else {
		pull_output(sim, node);
	}
	node_fulfil_doom(sim, node);
}

void node_receive(struct sim *sim, struct node *node, struct flight *flight)
{
	if (node->core == NULL) {
		flights_drop(flight);
	} else if (node->paused) {
		if (node->waiting < SIM_SOCKET)
			node->socket[node->waiting++] = *flight;
		else
			flights_drop(flight);
	} else {
		take_in(sim, node, flight);
	}
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

static bool has_work(const struct sim *sim, const struct node *node)
{
	ike_time now = node_time(sim, node);
	/* a clock that was set back stands still for the core */
	return node->deadline <= (now > node->core->now ? now : node->core->now);
}

static size_t tick(struct sim *sim, struct node *node)
{
	size_t budget = node->plan->slow_tick != 0 ? 1 : TICK_BUDGET, done;
	uint32_t outputs = node->core->outputs;

	begin_verb(sim, node);
	done = ike_tick(node->core, node_time(sim, node), budget);
	node->ticks++;
	node->work += done;
	fingerprint_u64(&sim->fingerprint, done);
	end_verb(sim, node, VERB_TICK);
	if (sim->checks) {
		invariant_responders_wait(sim, node, outputs);
		invariant_timers_move_on(sim, node, done, budget);
		invariant_no_storm(sim, node, done);
	}
	return done;
}

void node_work(struct sim *sim, struct node *node)
{
	unsigned rounds = 0;

	if (node->core == NULL || node->paused)
		return;
	while (node->core != NULL && !sim->failure.failed && has_work(sim, node) &&
	       sim->now >= node->tick_not_before) {
		(void)tick(sim, node);
		pull_output(sim, node);
		if (node->plan->slow_tick != 0)
			node->tick_not_before = sim->now + node->plan->slow_tick;
		if (++rounds > SPIN_MOST)
			sim_fail(sim, "there is no timer storm", node,
				 "work without end in one instant");
		node_fulfil_doom(sim, node);
	}
	if (node->core != NULL && sim->checks && !has_work(sim, node))
		invariant_no_death_is_late(sim, node);
}

ike_time node_due(const struct sim *sim, const struct node *node)
{
	ike_time at;

	if (node->core == NULL || node->paused)
		return IKE_NEVER;
	if (node->deadline == IKE_NEVER)
		return IKE_NEVER;
	if (has_work(sim, node))
		at = sim->now;
	else
		at = node->deadline - node->clock;
	return at > node->tick_not_before ? at : node->tick_not_before;
}

void node_resume(struct sim *sim, struct node *node)
{
	struct flight late[SIM_SOCKET];
	unsigned waiting = node->waiting;

	if (node->core == NULL)
		return;
	node->paused = node->socket_full = node->unread = false;
	sim->acting = node;
	reader_events(sim, node);
	reader_changes(sim, node);
	memcpy(late, node->socket, sizeof(late));
	node->waiting = 0;
	if (!node->plan->reads_first)
		node_work(sim, node);
	for (unsigned i = 0; i < waiting; i++)
		node_receive(sim, node, &late[i]);
	if (node->core != NULL) {
		pull_output(sim, node);
		node_fulfil_doom(sim, node);
	}
	if (node->core != NULL)
		carrier_resume(sim, node);
}

bool node_order(struct sim *sim, struct node *node, const struct ike_command *command)
{
	bool done;

	if (node->core == NULL || node->paused)
		return false;
	begin_verb(sim, node);
	done = ike_command(node->core, node_time(sim, node), command);
	/* the user closes a peer, and where it was is forgotten, with when it was last called */
	if (command->kind == IKE_COMMAND_CLOSE)
		memset(node->spoken, 0, sizeof(node->spoken));
	node->commands++;
	fingerprint_u64(&sim->fingerprint, done);
	end_verb(sim, node, VERB_COMMAND);
	pull_output(sim, node);
	return done;
}

bool node_command(struct sim *sim, struct node *node, enum ike_command_kind kind, uint32_t peer)
{
	return node_order(sim, node, &(struct ike_command){.kind = kind, .peer = peer});
}

void node_phase_2(struct sim *sim, struct node *node, enum happening_kind kind, uint32_t value)
{
	struct ike_command command = {.kind = IKE_COMMAND_TUNNEL,
				      .peer = value % (uint32_t)node->plan->settings.peers};
	size_t tunnels = node->plan->peer[command.peer].tunnels;

	if (kind == HAPPENING_TUNNEL && tunnels > 0 && !node->closed[command.peer]) {
		command.tunnel = (value >> 8) % (uint32_t)tunnels;
		(void)node_order(sim, node, &command);
	} else if (kind == HAPPENING_STORE_FAILED && node->store.pairs > 0) {
		command.kind = IKE_COMMAND_IPSEC_FAILED;
		command.ipsec = node->store.pair[value % node->store.pairs].number;
		node->refused_pair = command.ipsec;
		(void)node_order(sim, node, &command);
		node->refused_pair = 0;
	}
}

void node_misbehave(struct sim *sim, struct node *node)
{
	if (node->core == NULL || node->paused)
		return;
	begin_verb(sim, node);
	insider_speaks(sim, node);
	end_verb(sim, node, VERB_COMMAND);
	pull_output(sim, node);
	node_fulfil_doom(sim, node);
}
