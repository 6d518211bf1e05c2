/* SPDX-License-Identifier: ISC */
#include "tests/support/keepalive_world.h"

#include "tests/support/unit.h"

static struct keepalive_plan plan_of(const struct keepalive_settings *settings)
{
	struct keepalive_plan plan;
	char text[300];

	ck_assert_int_eq(keepalive_plan(settings, &plan, text, sizeof(text)), KEEPALIVE_PLAN_OK);
	return plan;
}

struct keepalive_plan world_simple_plan(enum keepalive_mode mode)
{
	struct keepalive_settings settings = {
	    .mode = mode,
	    .worry = 10 * IKE_SECOND,
	    .retry = 2 * IKE_SECOND,
	    .misses = 5,
	};

	return plan_of(&settings);
}

struct keepalive_plan world_default_plan(void)
{
	struct keepalive_settings settings;

	keepalive_settings_default(&settings);
	return plan_of(&settings);
}

/* Knuth's linear congruential generator; its high half is good enough for dice. */
uint32_t world_random(struct world *world)
{
	world->seed = world->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(world->seed >> 32);
}

static void step(struct world *world, const struct keepalive_input *input)
{
	keepalive_step(&world->peer, &world->plan, input, &world->actions);
	world->asked += world->actions.send_r_u_there;
	world->acked += world->actions.send_ack;
	world->suspects += world->actions.suspect;
	if (world->actions.send_r_u_there)
		world->last_asked = world->actions.r_u_there;
	if (world->actions.dead) {
		world->deaths++;
		world->died_at = world->now;
	}
}

void world_begin(struct world *world, struct keepalive_plan plan)
{
	struct keepalive_input input = {.kind = KEEPALIVE_SA_UP, .supported = true};

	*world = (struct world){.plan = plan, .now = 1000 * IKE_SECOND, .seed = 3706};
	input.now = world->now;
	input.random = world_random(world);
	step(world, &input);
}

void world_step(struct world *world, enum keepalive_input_kind kind, uint32_t number)
{
	struct keepalive_input input = {
	    .kind = kind,
	    .now = world->now,
	    .random = world_random(world),
	    .number = number,
	    .supported = true,
	};

	step(world, &input);
}

void world_run(struct world *world, ike_time until)
{
	while (world->actions.wake <= until) {
		world->now = world->actions.wake;
		world_step(world, KEEPALIVE_TIME, 0);
	}
	world->now = until;
}

bool world_run_to_question(struct world *world)
{
	ike_time until = world->now + 1000 * IKE_SECOND;

	while (world->actions.wake <= until) {
		world->now = world->actions.wake;
		world_step(world, KEEPALIVE_TIME, 0);
		if (world->actions.send_r_u_there)
			return true;
	}
	return false;
}
