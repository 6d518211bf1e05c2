/* SPDX-License-Identifier: ISC */
/*
 * run.c - one run: a bad time with faults, in which the invariants must hold; a good time without them, in which progress is
 * demanded as well; and the end, when everything is closed and nothing may be left.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/invariants.h"
#include "tests/sim/sim.h"

#define BEGIN      (100 * IKE_SECOND)
#define STEPS_MOST 2000000u
#define SETTLING                                                                                   \
	(40 * IKE_SECOND) /* a renewal may be under way, and what it replaces stays ten seconds */
#define SAMPLE (250 * IKE_MILLISECOND)
#define ANSWER (3 * IKE_SECOND) /* a round trip on the good network, and slow ticks */
#define STEADY (30 * IKE_SECOND)
#define QUIET_WITHIN                                                                               \
	200u /* times so long that something is under way; some are never all quiet together */
#define TOGETHER (6 * IKE_SECOND) /* a start's jitter of a second, a handshake, slow ticks */
#define RENEWALS IKE_SECOND
#define CUT      (30 * IKE_SECOND) /* longer than any `detect` */
#define ALL_GONE                                                                                   \
	(45 *                                                                                      \
	 IKE_SECOND) /* half-open 30 s; a superseded SA's 10 s; the longest held datagram is over */

void sim_fail(struct sim *sim, const char *invariant, const struct node *node, const char *format,
	      ...)
{
	va_list arguments;

	if (sim->failure.failed)
		return;
	sim->failure.failed = true;
	sim->failure.invariant = invariant;
	sim->failure.at = sim->now;
	sim->failure.node = node != NULL ? node->number : 0;
	va_start(arguments, format);
	vsnprintf(sim->failure.text, sizeof(sim->failure.text), format, arguments);
	va_end(arguments);
}

/* ---- the loop ------------------------------------------------------------------------------------------------------ */

static ike_time next_time(const struct sim *sim)
{
	ike_time next = flights_next(&sim->network.flights);

	if (happening_next(sim) < next)
		next = happening_next(sim);
	if (flights_next(&sim->packets.flights) < next)
		next = flights_next(&sim->packets.flights);
	for (unsigned i = 0; i < sim->scenario->nodes; i++) {
		if (carrier_due(sim, &sim->node[i]) < next)
			next = carrier_due(sim, &sim->node[i]);
		if (node_due(sim, &sim->node[i]) < next)
			next = node_due(sim, &sim->node[i]);
	}
	return next;
}

static void step(struct sim *sim)
{
	while (happening_next(sim) <= sim->now && !sim->failure.failed)
		happening_run(sim);
	while (flights_next(&sim->network.flights) <= sim->now && !sim->failure.failed) {
		struct flight flight = flights_take(&sim->network.flights);

		if (network_reaches(sim, &flight))
			node_receive(sim, &sim->node[flight.to.node], &flight);
		else
			flights_drop(&flight);
	}
	while (flights_next(&sim->packets.flights) <= sim->now && !sim->failure.failed) {
		struct flight flight = flights_take(&sim->packets.flights);

		if (packets_reach(sim, &flight))
			carrier_receive(sim, &sim->node[flight.to.node], &flight);
		else
			flights_drop(&flight);
	}
	for (unsigned i = 0; i < sim->scenario->nodes && !sim->failure.failed; i++) {
		node_work(sim, &sim->node[i]);
		carrier_work(sim, &sim->node[i]);
	}
}

static void run_until(struct sim *sim, ike_time end)
{
	while (!sim->failure.failed) {
		ike_time next = next_time(sim);

		if (next > end)
			break;
		if (next > sim->now)
			sim->now = next;
		step(sim);
		if (++sim->steps > STEPS_MOST)
			sim_fail(sim, "there is no timer storm", NULL, "a run without end");
	}
	if (!sim->failure.failed)
		sim->now = end;
}

/* ---- the parts of a run -------------------------------------------------------------------------------------------- */

static void cover_scenario(struct sim *sim)
{
	if (!sim->checks)
		return;
	coverage_add(sim->coverage, COVER_SCENARIO, sim->scenario->kind);
	for (enum scenario_feature i = 0; i < SCENARIO_FEATURES; i++)
		if (scenario_has(sim->scenario, i))
			coverage_add(sim->coverage, COVER_FEATURE, i);
}

static void begin(struct sim *sim)
{
	uint64_t seed = sim->scenario->seed;

	observer_sim = sim;
	sim->now = BEGIN;
	sim->bad = true;
	sim->network_dice = dice_of(seed, 3);
	sim->attack_dice = dice_of(seed, 4);
	sim->user_dice = dice_of(seed, 5);
	sim->nat_dice = dice_of(seed, 7);
	sim->packet_dice = dice_of(seed, 10);
	for (unsigned i = 0; i < sim->scenario->nodes; i++) {
		struct node *node = &sim->node[i];

		node->number = i;
		node->plan = &sim->scenario->node[i];
		node->clock = node->plan->clock;
		node->given_up_with = SIM_NODES;
		nat_begin(node);
	}
	happenings_draw(sim);
	for (unsigned i = 0; i < sim->scenario->nodes; i++)
		node_boot(sim, &sim->node[i]);
	cover_scenario(sim);
}

/* A core whose clock was set back waits until it shows again what it showed before. */
static ike_time clocks_behind(const struct sim *sim)
{
	ike_time most = 0;

	for (unsigned i = 0; i < sim->scenario->nodes; i++) {
		const struct node *node = &sim->node[i];
		ike_time shows = node_time(sim, node);

		if (node->core != NULL && node->core->now > shows && node->core->now - shows > most)
			most = node->core->now - shows;
	}
	return most;
}

static void await_progress(struct sim *sim, const char *invariant)
{
	ike_time end = sim->now + SETTLING;
	char text[SIM_TEXT] = "";

	while (!sim->failure.failed && !progress_is_made(sim, false, text)) {
		if (sim->now >= end)
			sim_fail(sim, invariant, NULL, "%s", text);
		run_until(sim, sim->now + SAMPLE);
	}
}

static void good_time(struct sim *sim)
{
	char text[SIM_TEXT] = "";

	sim->bad = false;
	happenings_end(sim);
	run_until(sim, sim->now + clocks_behind(sim) + sim->scenario->progress_within);
	sim->well = true;
	await_progress(sim, "there is progress within the bound");
	if (sim->failure.failed)
		return;
	sim->strict = true;
	progress_ask_all(sim);
	progress_send_through_all(sim);
	run_until(sim, sim->now + ANSWER);
	if (!sim->failure.failed && !progress_asks_are_answered(sim, text))
		sim_fail(sim, "what is asked is answered", NULL, "%s", text);
	run_until(sim, sim->now + STEADY);
	sim->strict = false;
	if (!sim->failure.failed && !progress_packets_have_come(sim, sim->now - IKE_SECOND, text))
		sim_fail(sim, "a tunnel that is up carries what fits", NULL, "%s", text);
	if (!sim->failure.failed && !progress_pings_are_answered(sim, text))
		sim_fail(sim, "who pings is answered", NULL, "%s", text);
	await_progress(sim, "what is well stays well");
}

/* NATs lose their mappings; whoever is behind one is followed as soon as he has said something. */
static void rebinding(struct sim *sim)
{
	char text[SIM_TEXT] = "";

	if (!scenario_has(sim->scenario, FEATURE_TRANSLATED))
		return;
	for (unsigned i = 0; i < QUIET_WITHIN && !progress_is_quiet(sim); i++)
		run_until(sim, sim->now + SAMPLE / 5);
	run_until(sim, sim->now + progress_rebind_all(sim));
	if (!sim->failure.failed && !progress_all_have_followed(sim, text))
		sim_fail(sim, "who is behind a NAT is followed", NULL, "%s", text);
}

/* Everybody loses everything in the same instant, and calls. */
static void reboot_all(struct sim *sim)
{
	for (unsigned i = 0; i < sim->scenario->nodes; i++)
		node_kill(sim, &sim->node[i], 0);
	run_until(sim, sim->now + TOGETHER);
}

/* Everybody finds everybody dead at about the same time, and calls. */
static void cut_all(struct sim *sim)
{
	sim->well = false;
	happening_cut_all(sim, true);
	run_until(sim, sim->now + CUT);
	happening_cut_all(sim, false);
	run_until(sim, sim->now + sim->scenario->progress_within);
	await_progress(sim, "after a simultaneous death there is progress within the bound");
	sim->well = true;
}

/*
 * Once more, together: of two SAs that were begun at the same time both sides keep the same one, at once and without a word, so
 * from the first moment on there is one in use, the same on both sides, and it stays.
 */
static void all_together(struct sim *sim)
{
	char text[SIM_TEXT] = "";
	ike_time end, well_at;

	if (sim->scenario->seed % 4 == 0)
		cut_all(sim);
	else
		reboot_all(sim);
	well_at = sim->now;
	/* between a renewal's two ends lies a way, and several may renew one after the other */
	for (end = sim->now + STEADY / 2; sim->now < end && !sim->failure.failed;) {
		if (progress_is_made(sim, true, text))
			well_at = sim->now;
		else if (sim->now - well_at > RENEWALS)
			sim_fail(sim, "simultaneous initiation converges at once", NULL, "%s",
				 text);
		run_until(sim, sim->now + SAMPLE / 2);
	}
}

static void close_all(struct sim *sim)
{
	sim->happenings = 0;
	for (unsigned i = 0; i < sim->scenario->nodes; i++)
		for (uint32_t p = 0; p < sim->node[i].plan->settings.peers; p++)
			(void)node_command(sim, &sim->node[i], IKE_COMMAND_CLOSE, p);
	run_until(sim, sim->now + IKE_SECOND);
}

static void the_end(struct sim *sim)
{
	sim->well = false;
	sim->ended = true;
	/* twice, for what was just coming up */
	close_all(sim);
	close_all(sim);
	run_until(sim, sim->now + ALL_GONE);
	for (unsigned i = 0; i < sim->scenario->nodes && sim->checks && !sim->failure.failed; i++)
		invariant_everything_ends(sim, &sim->node[i]);
}

void sim_run(struct sim *sim)
{
	begin(sim);
	run_until(sim, sim->now + sim->scenario->bad_time);
	if (!sim->failure.failed)
		good_time(sim);
	if (!sim->failure.failed)
		rebinding(sim);
	if (!sim->failure.failed)
		all_together(sim);
	if (!sim->failure.failed)
		the_end(sim);
	sim->tally.virtual_time = sim->now - BEGIN;
	for (unsigned i = 0; i < sim->scenario->nodes; i++)
		node_free(sim, &sim->node[i]);
	network_free(&sim->network);
	packets_free(&sim->packets);
	wholes_free(&sim->wholes);
	ledger_free(&sim->ledger);
	ledger_pairs_free(&sim->pairs);
	free(sim->happening);
	fingerprint_u64(&sim->fingerprint, sim->now);
}
