/* SPDX-License-Identifier: ISC */
/*
 * keepalive_world.h - one keepalive machine, a clock, and a seeded network: what the tests of liveness.c play with.
 */
#ifndef TESTS_SUPPORT_KEEPALIVE_WORLD_H
#define TESTS_SUPPORT_KEEPALIVE_WORLD_H

#include "keepalive/keepalive.h"

struct world {
	struct keepalive_plan plan;
	struct keepalive_peer peer;
	struct keepalive_actions actions; /* of the last step */
	ike_time now;
	uint64_t seed;
	uint32_t asked, acked, suspects, deaths; /* how often so far */
	uint32_t last_asked;                     /* the newest number */
	ike_time died_at;
};

/* worry 10 s, retry 2 s, 5 misses: dead after 20 s. */
struct keepalive_plan world_simple_plan(enum keepalive_mode mode);
struct keepalive_plan world_default_plan(void);

/* The SA is up at 1000 s, with a peer that sent the vendor ID. */
void world_begin(struct world *world, struct keepalive_plan plan);
/* The next of a fixed sequence of random numbers. */
uint32_t world_random(struct world *world);
/* One step, now. */
void world_step(struct world *world, enum keepalive_input_kind kind, uint32_t number);
/* Serves the deadlines that come up to `until`, on time, and sets the clock to it. */
void world_run(struct world *world, ike_time until);
/* The same up to the next question; false where the next 1000 s bring none. */
bool world_run_to_question(struct world *world);

#endif
