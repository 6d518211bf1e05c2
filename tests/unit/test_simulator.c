/* SPDX-License-Identifier: ISC */
/*
 * test_simulator.c - the simulator (tests/sim), a few hundred seeds of it, so that the sanitizers see it; `make sim` runs ten thousand.
 *
 * First it must find what is wrong: a keepalive that breaks its rules is put in place of the right one, a rule at a time; and what a
 * broken engine would do is done to the cores, and what a broken ESP would do to the planes.
 */
#include <stdio.h>
#include <string.h>

#include "ike/ipsec_table.h"
#include "keepalive/extension.h"
#include "keepalive/message.h"
#include "tests/sim/batch.h"
#include "tests/sim/sim.h"
#include "tests/support/unit.h"

#define SEEDS       25
#define FIND_WITHIN 60 /* seeds */

/* ---- the order of arrivals ----------------------------------------------------------------------------------------- */

START_TEST(test_arrivals_are_in_order)
{
	struct flights flights = {.count = 0};
	const uint8_t octet = 0x55;
	struct flight taken, last = {.at = 0};

	ck_assert_uint_eq(flights_next(&flights), IKE_NEVER);
	for (uint32_t i = 0; i < 200; i++)
		flights_put(&flights, (struct flight){.at = i * 37 % 20, .sent = i});
	for (uint32_t i = 0; i < 200; i++) {
		ck_assert_uint_eq(flights_next(&flights), i / 10);
		taken = flights_take(&flights);
		ck_assert_uint_eq(taken.at, i / 10);
		ck_assert(i == 0 || taken.at > last.at || taken.sent > last.sent);
		last = taken;
	}
	ck_assert_uint_eq(flights_next(&flights), IKE_NEVER);
	flights_inject(&flights, (struct flight){.sent = FLIGHT_FORGED, .length = 1}, &octet);
	taken = flights_take(&flights);
	ck_assert(taken.injected && taken.data != &octet && taken.data[0] == 0x55);
	flights_drop(&taken);
	ck_assert_ptr_null(taken.data);
	flights_inject(&flights, (struct flight){.altered = true, .length = 1}, &octet);
	flights_free(&flights); /* and its data, as the sanitizers see */
}
END_TEST

/* ---- broken keepalives --------------------------------------------------------------------------------------------- */

typedef void sa_step_function(void *state, const void *settings,
			      const struct ike_extension_sa_input *input,
			      struct ike_extension_answer *answer);

static void early_death(void *state, const void *settings,
			const struct ike_extension_sa_input *input,
			struct ike_extension_answer *answer)
{
	struct keepalive_peer_settings hasty = *(const struct keepalive_peer_settings *)settings;

	hasty.plan.detect -= (hasty.plan.detect - hasty.plan.worry) / 2;
	hasty.plan.misses = 1;
	keepalive_extension()->sa_step(state, &hasty, input, answer);
}

static void late_death(void *state, const void *settings,
		       const struct ike_extension_sa_input *input,
		       struct ike_extension_answer *answer)
{
	struct keepalive_peer_settings lazy = *(const struct keepalive_peer_settings *)settings;

	lazy.plan.detect += IKE_SECOND / 2;
	keepalive_extension()->sa_step(state, &lazy, input, answer);
}

static void hints_prove_life(void *state, const void *settings,
			     const struct ike_extension_sa_input *input,
			     struct ike_extension_answer *answer)
{
	struct keepalive_peer *peer = state;

	keepalive_extension()->sa_step(state, settings, input, answer);
	if (input->happening == IKE_EXTENSION_HINT)
		peer->last_heard = input->now;
}

static void answers_are_answered(void *state, const void *settings,
				 const struct ike_extension_sa_input *input,
				 struct ike_extension_answer *answer)
{
	struct ike_extension_action *action;

	keepalive_extension()->sa_step(state, settings, input, answer);
	if (input->happening != IKE_EXTENSION_NOTIFY ||
	    input->notify_type != IKE_NOTIFY_R_U_THERE_ACK || answer->actions > 4)
		return;
	action = &answer->action[answer->actions++];
	action->kind = IKE_EXTENSION_SEND_NOTIFY;
	action->notify_type = IKE_NOTIFY_R_U_THERE_ACK;
	action->body_length = KEEPALIVE_BODY_LENGTH;
	keepalive_message_build(IKE_NOTIFY_R_U_THERE_ACK, input->cky_i, input->cky_r, 7,
				action->body);
}

static void asks_under_superseded_ones(void *state, const void *settings,
				       const struct ike_extension_sa_input *input,
				       struct ike_extension_answer *answer)
{
	if (input->happening != IKE_EXTENSION_SA_SUPERSEDED)
		keepalive_extension()->sa_step(state, settings, input, answer);
}

static void sleeps(void *state, const void *settings, const struct ike_extension_sa_input *input,
		   struct ike_extension_answer *answer)
{
	keepalive_extension()->sa_step(state, settings, input, answer);
	((struct keepalive_peer *)state)->wake = IKE_NEVER;
}

/* Those of the next so many seeds that have what it takes. */
static void seeds_find(uint32_t features, const char *invariant)
{
	static struct scenario scenario;
	static struct coverage coverage;
	struct failure failure = {0};
	struct tally tally;
	unsigned tried = 0;

	for (uint64_t seed = 1; tried < FIND_WITHIN && !failure.failed; seed++) {
		scenario_draw(&scenario, seed);
		if ((scenario.features & features) != features)
			continue;
		tried++;
		(void)batch_seed(seed, NULL, &coverage, &tally, &failure);
	}
	ck_assert_msg(failure.failed, "%d seeds found nothing wrong", FIND_WITHIN);
	ck_assert_msg(strcmp(failure.invariant, invariant) == 0, "found: %s: %s", failure.invariant,
		      failure.text);
}

static void must_be_found(sa_step_function *broken, const char *invariant)
{
	struct ike_extension extension = *keepalive_extension();

	extension.sa_step = broken;
	observer_keepalive = &extension;
	seeds_find(0, invariant);
	observer_keepalive = NULL;
}

START_TEST(test_early_death_is_found)
{
	must_be_found(early_death, "no death is earlier than promised");
}
END_TEST

START_TEST(test_late_death_is_found)
{
	must_be_found(late_death, "no death is later than printed");
}
END_TEST

START_TEST(test_life_by_hints_is_found)
{
	must_be_found(hints_prove_life, "hints are spaced");
}
END_TEST

START_TEST(test_answered_answers_are_found)
{
	must_be_found(answers_are_answered, "only questions are answered, by their number");
}
END_TEST

START_TEST(test_questions_under_superseded_sas_are_found)
{
	must_be_found(asks_under_superseded_ones,
		      "the keepalive makes only the transitions of its table");
}
END_TEST

START_TEST(test_a_sleeper_is_found)
{
	must_be_found(sleeps, "no death is later than printed");
}
END_TEST

/* ---- broken engines ------------------------------------------------------------------------------------------------ */

#define WITH(feature) (1u << (feature))

static void must_be_noticed(void (*tampers)(struct sim *sim, struct node *node), uint32_t features,
			    const char *invariant)
{
	observer_tampers = tampers;
	seeds_find(features, invariant);
	observer_tampers = NULL;
}

static struct ike_pair *any_pair(const struct node *node, unsigned with, bool or_another)
{
	for (unsigned i = 0; i < node->view.pairs; i++)
		if ((node->view.pair[i].with == with) != or_another)
			return ipsec_table_find_number(node->core->pairs,
						       node->view.pair[i].number);
	return NULL;
}

/* KEYMAT of the wrong direction at the responder. */
static void swaps_keys(struct sim *sim, struct node *node)
{
	uint32_t cursor = 0;
	struct ike_pair *pair;

	(void)sim;
	while ((pair = ipsec_table_next(node->core->pairs, &cursor)) != NULL) {
		if (pair->state != IKE_PAIR_UP || pair->sa.initiator ||
		    pair->sa.established_at != node->core->now ||
		    view_find_pair(&node->view, pair->sa.number) != NULL)
			continue;
		for (size_t i = 0; i < sizeof(pair->sa.keymat_in); i++) {
			uint8_t octet = pair->sa.keymat_in[i];

			pair->sa.keymat_in[i] = pair->sa.keymat_out[i];
			pair->sa.keymat_out[i] = octet;
		}
	}
}

/* Whatever one party says ends what is held with another. */
static void ends_others_pairs(struct sim *sim, struct node *node)
{
	struct ike_pair *pair = NULL;

	if (sim->arriving != NULL && sim->provenance == GENUINE)
		pair = any_pair(node, sim->made_by, true);
	if (pair != NULL && pair->state == IKE_PAIR_UP)
		pair_delete(node->core, pair, IKE_WHY_PEER_DELETED, false);
}

static void lengthens_lives(struct sim *sim, struct node *node)
{
	struct ike_pair *pair = NULL;

	if (sim->arriving != NULL && sim->provenance == GENUINE)
		pair = any_pair(node, sim->made_by, false);
	if (pair != NULL && pair->state == IKE_PAIR_UP)
		pair->sa.expires_at += IKE_SECOND;
}

/* The cookies of an SA are enough to be its peer. */
static void follows_anybody(struct sim *sim, struct node *node)
{
	struct ike_sa *sa = NULL;

	if (sim->arriving != NULL && sim->arriving->length >= IKE_HEADER_LENGTH)
		sa = sa_table_find(node->core->sas, sim->arriving->data,
				   sim->arriving->data + IKE_COOKIE_LENGTH);
	if (sa != NULL && sa->state == IKE_SA_ESTABLISHED && sa->nat_there)
		sa->remote = sim->arriving->from;
}

/* Each fragment is answered, and not only the message. */
static void answers_fragments(struct sim *sim, struct node *node)
{
	struct ike_sa *sa = NULL;

	if (sim->arriving != NULL && is_fragment(sim->message))
		sa = sa_table_find(node->core->sas, sim->arriving->data,
				   sim->arriving->data + IKE_COOKIE_LENGTH);
	if (sa != NULL && sa->state == IKE_SA_NEGOTIATING)
		sa->handshake->iv[0]++;
}

static bool loses_changes(const struct ike_ipsec_change *change)
{
	return change->kind != IKE_IPSEC_CHANGED;
}

START_TEST(test_keys_of_the_wrong_direction_are_found)
{
	must_be_noticed(swaps_keys, WITH(FEATURE_TUNNELS), "both ends of an IPsec SA agree");
}
END_TEST

START_TEST(test_deletes_of_others_pairs_are_found)
{
	must_be_noticed(ends_others_pairs, WITH(FEATURE_TUNNELS),
			"IPsec SAs come and go by their own parties' word only");
}
END_TEST

START_TEST(test_longer_lives_are_found)
{
	must_be_noticed(lengthens_lives, WITH(FEATURE_TUNNELS), "nothing outlives its time");
}
END_TEST

START_TEST(test_followed_strangers_are_found)
{
	must_be_noticed(follows_anybody, WITH(FEATURE_TRANSLATED),
			"nothing unauthenticated changes state");
}
END_TEST

START_TEST(test_fragments_that_move_something_are_found)
{
	must_be_noticed(answers_fragments, WITH(FEATURE_FRAGMENTS) | WITH(FEATURE_SIGNATURES),
			"a fragment alone moves nothing");
}
END_TEST

START_TEST(test_lost_changes_are_found)
{
	observer_passes = loses_changes;
	seeds_find(WITH(FEATURE_TUNNELS),
		   "a store that is told every change has what the core has");
	observer_passes = NULL;
}
END_TEST

/* ---- broken planes -------------------------------------------------------------------------------------------------- */

/* The pair as its store has it, taken out and put in again, with all that the plane knew of it forgotten. */
static void put_anew(struct sim *sim, struct node *node, const struct ike_ipsec_sa *pair,
		     bool numbers_go_on)
{
	struct fault fault;

	esp_plane_remove(node->carrier.plane, pair->number);
	ck_assert(esp_plane_add(node->carrier.plane, pair, &fault));
	if (numbers_go_on)
		esp_plane_continue(node->carrier.plane, pair->number,
				   packets_last_number(&sim->packets, node->number,
						       node->incarnation, pair->spi_out));
}

static void forgets_windows(struct sim *sim, struct node *node)
{
	for (unsigned i = 0; i < node->store.pairs; i++)
		if (carrier_carries(node, &node->store.pair[i]))
			put_anew(sim, node, &node->store.pair[i], true);
}

static void begins_numbers_anew(struct sim *sim, struct node *node)
{
	for (unsigned i = 0; i < node->store.pairs; i++)
		if (carrier_carries(node, &node->store.pair[i]))
			put_anew(sim, node, &node->store.pair[i], false);
}

static void widens_selectors(struct sim *sim, struct node *node)
{
	for (unsigned i = 0; i < node->store.pairs; i++) {
		struct ike_ipsec_sa wide = node->store.pair[i];

		if (!carrier_carries(node, &wide))
			continue;
		wide.inside_local.prefix.bits = wide.inside_remote.prefix.bits = 0;
		put_anew(sim, node, &wide, true);
	}
}

static void loses_pairs(struct sim *sim, struct node *node)
{
	(void)sim;
	if (node->store.pairs > 1 && carrier_carries(node, &node->store.pair[0]))
		esp_plane_remove(node->carrier.plane, node->store.pair[0].number);
}

/* Says that something came, and nothing has. */
static void hears_voices(struct sim *sim, struct node *node)
{
	const struct ike_command heard = {.kind = IKE_COMMAND_HEARD,
					  .ipsec = node->store.pair[0].number};

	if (node->store.pairs > 0 && sim->arriving == NULL && sim->word == NULL)
		(void)ike_command(node->core, node_time(sim, node), &heard);
}

START_TEST(test_forgotten_windows_are_found)
{
	must_be_noticed(forgets_windows, WITH(FEATURE_PACKETS),
			"what comes out of a tunnel was put in by the peer, once");
}
END_TEST

START_TEST(test_repeated_numbers_are_found)
{
	must_be_noticed(begins_numbers_anew, WITH(FEATURE_PACKETS), "no number is used twice");
}
END_TEST

START_TEST(test_wide_selectors_are_found)
{
	must_be_noticed(widens_selectors, WITH(FEATURE_PACKETS),
			"only what a pair is for goes through it");
}
END_TEST

START_TEST(test_lost_pairs_are_found)
{
	must_be_noticed(loses_pairs, WITH(FEATURE_PACKETS), "plane and engine agree about pairs");
}
END_TEST

START_TEST(test_life_by_nothing_is_found)
{
	must_be_noticed(hears_voices, WITH(FEATURE_PACKETS), "nothing but the genuine proves life");
}
END_TEST

/* ---- the right one ------------------------------------------------------------------------------------------------- */

static void run_seeds(uint64_t from)
{
	static struct coverage coverage;
	struct failure failure = {0};
	struct tally tally;

	for (uint64_t seed = from; seed < from + SEEDS; seed++)
		ck_assert_msg(batch_seed(seed, NULL, &coverage, &tally, &failure),
			      "seed %llu at %.3f s: %s: %s", (unsigned long long)seed,
			      (double)failure.at / 1e6, failure.invariant, failure.text);
}

#define RUN_SEEDS(name, from)                                                                      \
	START_TEST(name)                                                                           \
	{                                                                                          \
		run_seeds(from);                                                                   \
	}                                                                                          \
	END_TEST

RUN_SEEDS(test_seeds_from_1, 1)
RUN_SEEDS(test_seeds_from_26, 26)
RUN_SEEDS(test_seeds_from_51, 51)
RUN_SEEDS(test_seeds_from_76, 76)
RUN_SEEDS(test_seeds_from_101, 101)
RUN_SEEDS(test_seeds_from_126, 126)
RUN_SEEDS(test_seeds_from_151, 151)
RUN_SEEDS(test_seeds_from_176, 176)

UNIT_MAIN("simulator", test_arrivals_are_in_order, test_early_death_is_found,
	  test_late_death_is_found, test_life_by_hints_is_found, test_answered_answers_are_found,
	  test_questions_under_superseded_sas_are_found, test_a_sleeper_is_found,
	  test_keys_of_the_wrong_direction_are_found, test_deletes_of_others_pairs_are_found,
	  test_longer_lives_are_found, test_followed_strangers_are_found,
	  test_fragments_that_move_something_are_found, test_lost_changes_are_found,
	  test_forgotten_windows_are_found, test_repeated_numbers_are_found,
	  test_wide_selectors_are_found, test_lost_pairs_are_found, test_life_by_nothing_is_found,
	  test_seeds_from_1, test_seeds_from_26, test_seeds_from_51, test_seeds_from_76,
	  test_seeds_from_101, test_seeds_from_126, test_seeds_from_151, test_seeds_from_176)
