/* SPDX-License-Identifier: ISC */
/*
 * test_liveness_exhaustive.c - liveness.c once more: everything that can happen, in every order, and after each step what must
 * always be true.
 *
 * All sequences of DEPTH moves are made, from every beginning (from three odd ones two fewer), in every mode, with jitter at its
 * least and at its most.  There are about 50^8 of them; but many lead to situations that have the same future, and it is enough to go on from one of
 * these.  keepalive_moves.c says which they are and why.  Since the search is breadth first, the one that is gone on from
 * was reached by the shortest way, and has the most moves still before it.
 *
 * That this leaves nothing out is itself tested: all sequences of PLAIN_DEPTH are really made as well, every step is
 * compared with that of the situation which stands for it, and both searches must end with the same situations.  Long walks
 * at random make the same comparison deeper down.
 */
#include "keepalive/keepalive.h"
#include "tests/support/keepalive_beginnings.h"
#include "tests/support/keepalive_explorer.h"
#include "tests/support/keepalive_invariants.h"
#include "tests/support/keepalive_world.h"
#include "tests/support/unit.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * Sanitizers and a build that is not optimized make everything ten times as slow.  KEEPALIVE_DEPTH in the environment asks for more,
 * where there is time; it says then how many situations there were.
 */
#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
#define DEPTH 6
#else
#define DEPTH 8
#endif
#define PLAIN_DEPTH 3
#define WALKS       400
#define WALK_LENGTH 250

static struct invariant_counts counts;
static uint64_t deaths;

static void look(void *context, const struct seen *seen)
{
	(void)context;
	invariants_check(&counts, seen);
	deaths += seen->actions.dead;
}

/* ---- the searches -------------------------------------------------------------------------------------------------- */

static unsigned depth_wanted(void)
{
	const char *text = getenv("KEEPALIVE_DEPTH");
	unsigned depth = text != NULL ? (unsigned)strtoul(text, NULL, 10) : DEPTH;

	ck_assert_uint_ge(depth, DEPTH);
	return depth;
}

static void explore_from(enum beginning first, enum beginning last,
			 const struct keepalive_plan *plan, unsigned depth)
{
	struct situations set;
	uint64_t steps;

	situations_begin(&set);
	for (enum beginning b = first; b <= last; b++) {
		struct situation situation = beginnings_make(b, plan);
		struct situation_key key = moves_key(&situation, plan);

		situations_add(&set, &key);
	}
	steps = explorer_run(&set, plan, depth, look, NULL);
	if (getenv("KEEPALIVE_DEPTH") != NULL)
		printf("mode %d, detect %.1f s, depth %u: %zu situations, %llu steps\n", plan->mode,
		       (double)plan->detect / IKE_SECOND, depth, set.count,
		       (unsigned long long)steps);
	ck_assert_uint_gt(set.count, 300);
	situations_end(&set);
}

/* The odd beginnings come on top, and not as deep. */
static void explore(const struct keepalive_plan *plan)
{
	explore_from(WITHOUT_SA, NEARLY_DEAD, plan, depth_wanted());
	explore_from(MANY_OPEN, FEW_NUMBERS_LEFT, plan, depth_wanted() - 2);
}

/* detect 1 s, no loss: three questions, the least that can be asked for. */
static struct keepalive_plan shortest_plan(void)
{
	struct keepalive_settings settings = {.detect = IKE_SECOND, .false_deaths_a_year = 1};
	struct keepalive_plan plan;
	char text[300];

	ck_assert_int_eq(keepalive_plan(&settings, &plan, text, sizeof(text)), KEEPALIVE_PLAN_OK);
	return plan;
}

static struct keepalive_plan strict_plan(enum keepalive_mode mode)
{
	struct keepalive_plan plan = world_default_plan();

	plan.mode = mode;
	plan.strictness = KEEPALIVE_STRICT;
	return plan;
}

START_TEST(off)
{
	struct keepalive_plan given = world_simple_plan(KEEPALIVE_OFF);
	struct keepalive_plan strict = strict_plan(KEEPALIVE_OFF);

	explore(&given);
	explore(&strict);
	ck_assert_uint_eq(deaths, 0);
}
END_TEST

START_TEST(on_demand)
{
	struct keepalive_plan given = world_simple_plan(KEEPALIVE_ON_DEMAND);

	explore(&given);
	ck_assert_uint_gt(deaths, 100);
}
END_TEST

START_TEST(periodic)
{
	struct keepalive_plan given = world_simple_plan(KEEPALIVE_PERIODIC);

	explore(&given);
	ck_assert_uint_gt(deaths, 100);
}
END_TEST

START_TEST(periodic_derived_and_strict)
{
	struct keepalive_plan strict = strict_plan(KEEPALIVE_PERIODIC);

	explore(&strict);
	ck_assert_uint_gt(deaths, 10);
}
END_TEST

START_TEST(periodic_in_a_hurry)
{
	struct keepalive_plan shortest = shortest_plan();

	explore(&shortest);
	ck_assert_uint_gt(deaths, 100);
}
END_TEST

/* What never speaks checks nothing. */
START_TEST(every_invariant_speaks)
{
	for (enum keepalive_mode mode = KEEPALIVE_PERIODIC; mode <= KEEPALIVE_OFF; mode++) {
		struct keepalive_plan given = world_simple_plan(mode), strict = strict_plan(mode);

		explore_from(WITHOUT_SA, FEW_NUMBERS_LEFT, &given, 4);
		explore_from(WITHOUT_SA, FEW_NUMBERS_LEFT, &strict, 4);
	}
	invariants_must_all_apply(&counts);
}
END_TEST

/* ---- that nothing is left out -------------------------------------------------------------------------------------- */

static void compare(enum beginning beginning, const struct keepalive_plan *plan)
{
	struct situation situation = beginnings_make(beginning, plan);
	struct situation_key key = moves_key(&situation, plan);
	struct situations plain, short_cut;

	situations_begin(&plain);
	situations_begin(&short_cut);
	situations_add(&short_cut, &key);
	explorer_run(&short_cut, plan, PLAIN_DEPTH, look, NULL);
	explorer_run_plainly(&plain, &situation, plan, PLAIN_DEPTH, look, NULL);
	ck_assert_uint_eq(plain.count, short_cut.count);
	for (size_t i = 0; i < plain.count; i++)
		ck_assert(situations_has(&short_cut, &plain.keys[i]));
	situations_end(&plain);
	situations_end(&short_cut);
}

START_TEST(the_short_cut_reaches_what_the_plain_way_does)
{
	struct keepalive_plan plans[] = {
	    world_simple_plan(KEEPALIVE_PERIODIC), world_simple_plan(KEEPALIVE_ON_DEMAND),
	    world_simple_plan(KEEPALIVE_OFF), world_default_plan(), shortest_plan()};

	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
		for (enum beginning b = WITHOUT_SA; b < BEGINNINGS; b++)
			compare(b, &plans[i]);
	}
}
END_TEST

/*
 * Deeper down, by chance: the situation is never exchanged for another, and all that the key leaves out piles up.  Moves that
 * end the SA are rare, or no walk would get far.
 */
static void walk(struct world *dice, enum beginning beginning, const struct keepalive_plan *plan)
{
	struct situation situation = beginnings_make(beginning, plan);
	struct seen seen;

	for (int i = 0; i < WALK_LENGTH; i++) {
		unsigned move = world_random(dice) % moves_count();
		unsigned chance = world_random(dice) % MOVE_CHANCES;

		if (moves_ends_the_sa(move) && world_random(dice) % 32 != 0)
			continue;
		if (!moves_agree(move, chance, plan, &situation))
			ck_abort_msg("\"%s\" depends on what the key leaves out", moves_name(move));
		if (moves_make(move, chance, plan, &situation, &seen))
			look(NULL, &seen);
	}
}

START_TEST(equal_keys_have_equal_futures)
{
	struct keepalive_plan plans[] = {
	    world_simple_plan(KEEPALIVE_PERIODIC), world_simple_plan(KEEPALIVE_ON_DEMAND),
	    world_simple_plan(KEEPALIVE_OFF), world_default_plan(), shortest_plan()};
	struct world dice = {.seed = 3706};

	for (size_t i = 0; i < WALKS; i++)
		walk(&dice, (enum beginning)(i % BEGINNINGS), &plans[i / BEGINNINGS % 5]);
}
END_TEST

UNIT_MAIN("liveness, exhaustively", off, on_demand, periodic, periodic_derived_and_strict,
	  periodic_in_a_hurry, every_invariant_speaks,
	  the_short_cut_reaches_what_the_plain_way_does, equal_keys_have_equal_futures)
