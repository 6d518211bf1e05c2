/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_play.h"

static bool start_both(struct vector_world *world)
{
	return vector_world_start(world, VECTOR_B) && vector_world_start(world, VECTOR_A);
}

void vector_play_start(struct vector_world *world)
{
	/* without memory nothing is sent, and the set's own check says so */
	if (start_both(world))
		vector_world_command(world, VECTOR_A, IKE_COMMAND_START);
}

void vector_play_ask(struct vector_world *world)
{
	vector_world_command(world, VECTOR_A, IKE_COMMAND_ASK_NOW);
	vector_world_command(world, VECTOR_B, IKE_COMMAND_ASK_NOW);
}

void vector_play_session(struct vector_world *world)
{
	vector_play_start(world);
	for (int i = 0; i < 3; i++)
		vector_play_ask(world);
	vector_world_command(world, VECTOR_A, IKE_COMMAND_CLOSE);
}

void vector_play_nat(struct vector_world *world)
{
	vector_play_start(world);
	vector_play_ask(world);
	vector_world_run(world, 21 * IKE_SECOND); /* longer than RFC 3948 section 4's interval */
	vector_play_ask(world);
	vector_play_ask(world);
	vector_world_command(world, VECTOR_A, IKE_COMMAND_CLOSE);
}

void vector_play_rekey(struct vector_world *world)
{
	vector_play_start(world);
	vector_play_ask(world);
	vector_world_run(world, (world->set->lifetime + 10) * IKE_SECOND);
	vector_play_ask(world);
	vector_world_command(world, VECTOR_A, IKE_COMMAND_CLOSE);
}

void vector_play_death(struct vector_world *world)
{
	vector_play_start(world);
	vector_play_ask(world);
	vector_world_crash(world, VECTOR_B);
	vector_world_run(world, 45 * IKE_SECOND); /* the worry time, and all questions unanswered */
	if (!vector_world_start(world, VECTOR_B))
		return;
	vector_world_run(world, 30 * IKE_SECOND);
	vector_play_ask(world);
	vector_world_command(world, VECTOR_A, IKE_COMMAND_CLOSE);
}
