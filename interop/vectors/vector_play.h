/* SPDX-License-Identifier: ISC */
/*
 * vector_play.h - what happens in a set's world.  Each begins with nobody started and ends when all has been said.
 */
#ifndef INTEROP_VECTORS_VECTOR_PLAY_H
#define INTEROP_VECTORS_VECTOR_PLAY_H

#include "interop/vectors/vector_world.h"

void vector_play_start(struct vector_world *world);   /* both are there, and A has called B */
void vector_play_ask(struct vector_world *world);     /* A asks, then B */
void vector_play_session(struct vector_world *world); /* start, three questions each way, Delete */
void vector_play_nat(struct vector_world *world);   /* the same, with silence for NAT keepalives */
void vector_play_rekey(struct vector_world *world); /* a session that lasts until it is renewed */
void vector_play_death(
    struct vector_world *world); /* B vanishes, is declared dead, comes back, and is called again */

#endif
