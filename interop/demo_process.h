/* SPDX-License-Identifier: ISC */
/*
 * demo_process.h - the demo's nodes: real processes of "ruthere serve --json", so that one can really be killed.
 */
#ifndef INTEROP_DEMO_PROCESS_H
#define INTEROP_DEMO_PROCESS_H

#include <jansson.h>
#include <sys/types.h>

#include "ike/types.h"
#include "interop/fault.h"

struct event_base;
struct bufferevent;

struct demo_process {
	const char *name;    /* "a" */
	const char *program; /* this one, unless a test says otherwise */
	unsigned life;       /* how often it has been started */
	pid_t pid;           /* 0: not running */
	double
	    offset; /* of its own clock's start to the demo's, seconds; known from its first line on */
	bool heard;
	struct bufferevent *output;
	/* One of its events; `line` has `node` and a `t` that counts from `epoch`, and stays the caller's. */
	void (*on_event)(void *context, json_t *line);
	void (*on_exit)(void *context,
			struct demo_process *process); /* it ended without being asked to */
	void *context;
	double epoch; /* wall clock at the demo's start, seconds since 1970 */
};

/*
 * Starts a life of it in the directory: NAME.conf is its configuration; captures go to NAME-LIFE/, what it says to people
 * to NAME-LIFE.log.
 */
bool demo_process_start(struct demo_process *process, struct event_base *base,
			const char *directory, struct fault *fault) IKE_MUST_USE;
void demo_process_kill(struct demo_process *process); /* SIGKILL: no farewell */
bool demo_process_end(struct demo_process *process); /* SIGTERM; false: its exit status was not 0 */

#endif
