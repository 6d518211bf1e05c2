/* SPDX-License-Identifier: ISC */
/*
 * engine_loop.h - an engine with sockets, and nothing else of a node: for benchmarks with settings that no configuration has, such
 * as a hundred thousand peers with one secret.  Intake and sender are the node's.
 */
#ifndef INTEROP_BENCH_ENGINE_LOOP_H
#define INTEROP_BENCH_ENGINE_LOOP_H

#include "ike/ike.h"
#include "interop/fault.h"

struct engine_loop;

typedef void engine_loop_hears(void *context, const struct ike_event *event);

/* Listens there; settings and what they point to outlive it.  `hears` may be NULL.  NULL: see fault. */
struct engine_loop *engine_loop_new(const struct ike_settings *settings,
				    const struct ike_address *listen, engine_loop_hears *hears,
				    void *context, struct fault *fault) IKE_MUST_USE;
void engine_loop_free(struct engine_loop *loop); /* NULL is allowed; nothing is sent */

struct ike_core *engine_loop_core(struct engine_loop *loop);
struct ike_address engine_loop_address(const struct engine_loop *loop); /* with the real port */
/* Answers, asks and calls until that time of clock_now(). */
void engine_loop_run(struct engine_loop *loop, ike_time until);

#endif
