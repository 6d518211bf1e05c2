/* SPDX-License-Identifier: ISC */
/*
 * conform_world.h - a device for the conformance suite in the same process: an engine of ours as `serve` would run it, on a network of
 * virtual time, with anything wrong with it that interop/impair knows.
 */
#ifndef TESTS_SUPPORT_CONFORM_WORLD_H
#define TESTS_SUPPORT_CONFORM_WORLD_H

#include "interop/conform/trial.h"
#include "interop/impair/impair.h"
#include "keepalive/extension.h"

#define CONFORM_WORLD_DELAY IKE_MILLISECOND /* one way */

struct conform_world;

/* A device that asks after 10 s and gives up after 30 s, and a tester that suits it.  Never NULL. */
struct conform_world *conform_world_new(uint8_t seed);
void conform_world_free(struct conform_world *conform_world);
struct world *conform_world_world(struct conform_world *conform_world);
/* Good as long as the world; may be changed before it is used. */
struct trial_settings *conform_world_settings(struct conform_world *conform_world);
/* The device, to be changed before conform_world_start(), which makes it; without a start it is made at the first use. */
struct ike_peer_settings *conform_world_device(struct conform_world *conform_world);
struct ike_settings *conform_world_device_settings(struct conform_world *conform_world);
void conform_world_start(struct conform_world *conform_world);
/* Something is wrong with the device; before it is started. */
void conform_world_impair(struct conform_world *conform_world, enum impairment impairment);

#endif
