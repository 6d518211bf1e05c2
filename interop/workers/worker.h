/* SPDX-License-Identifier: ISC */
/*
 * worker.h - one of the node's workers: a node of its own, which tells the others what they must know, and which the parent
 * can ask.
 */
#ifndef INTEROP_WORKER_H
#define INTEROP_WORKER_H

#include "interop/node/node.h"
#include "interop/workers/news.h"

struct worker_settings {
	struct node_settings
	    node; /* `config` and `log` know which worker it is; on_event is the worker's */
	struct news *news; /* taken by this worker (news_take) */
	int link;          /* to the parent; taken */
};

/*
 * Opens everything, answers the parent's questions, and begins when it says "start"; until somebody ends it.  Returns the
 * exit status.  What keeps it from running is said on standard error.
 */
int worker_run(const struct worker_settings *settings);

#endif
