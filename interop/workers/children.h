/* SPDX-License-Identifier: ISC */
/*
 * children.h - the workers' processes, for their parent: who has ended, and how those are ended that do not end.  Nothing here
 * waits for a process without a bound: a worker may hang in its last moments, or have been taken over.
 */
#ifndef INTEROP_CHILDREN_H
#define INTEROP_CHILDREN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ike/cookie.h"

struct children {
	pid_t pid[IKE_WORKERS_MAX]; /* 0: there is none, or no more */
	uint32_t alive;
	/* Called once for each; `status` is waitpid()'s. */
	void (*ended)(void *context, uint32_t index, pid_t pid, int status);
	void *context;
};

void children_add(struct children *children, uint32_t index, pid_t pid);
/* Takes notice of all that have ended.  Never waits: for SIGCHLD, which may stand for several. */
void children_reap(struct children *children);
void children_kill(struct children *children);
/* Where no event loop runs: until all have ended, who has `patience_ms` until he is killed.  False: one is there even so. */
bool children_wait(struct children *children, int patience_ms);

#endif
