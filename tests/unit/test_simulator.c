/* SPDX-License-Identifier: ISC */
/*
 * test_simulator.c - the simulator (tests/sim), a few hundred seeds of it, so that the sanitizers see it; `make sim` runs ten thousand.
 *
 * First it must find what is wrong: a keepalive that breaks its rules is put in place of the right one, a rule at a time.
 */
#include <stdio.h>
#include <string.h>

#include "keepalive/extension.h"
#include "keepalive/message.h"
#include "tests/sim/batch.h"
#include "tests/support/unit.h"

#define SEEDS       25
#define FIND_WITHIN 60 /* seeds */

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
	for (size_t i = 0; i < answer->actions; i++)
		if (answer->action[i].kind == IKE_EXTENSION_WAKE_AT)
			answer->action[i].at = IKE_NEVER;
}

static void must_be_found(sa_step_function *broken, const char *invariant)
{
	static struct coverage coverage;
	struct ike_extension extension = *keepalive_extension();
	struct failure failure = {0};
	struct tally tally;

	extension.sa_step = broken;
	observer_keepalive = &extension;
	for (uint64_t seed = 1; seed <= FIND_WITHIN && !failure.failed; seed++)
		(void)batch_seed(seed, NULL, &coverage, &tally, &failure);
	observer_keepalive = NULL;
	ck_assert_msg(failure.failed, "%d seeds found nothing wrong", FIND_WITHIN);
	ck_assert_msg(strcmp(failure.invariant, invariant) == 0, "found: %s: %s", failure.invariant,
		      failure.text);
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
	must_be_found(hints_prove_life, "nothing but the genuine proves life");
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

UNIT_MAIN("simulator", test_early_death_is_found, test_late_death_is_found,
	  test_life_by_hints_is_found, test_answered_answers_are_found,
	  test_questions_under_superseded_sas_are_found, test_a_sleeper_is_found, test_seeds_from_1,
	  test_seeds_from_26, test_seeds_from_51, test_seeds_from_76, test_seeds_from_101,
	  test_seeds_from_126, test_seeds_from_151, test_seeds_from_176)
