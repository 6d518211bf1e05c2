/* SPDX-License-Identifier: ISC */
/*
 * crew.h - the parent of the workers: opens what they share, forks them, answers for all at the control socket, and ends them
 * all when one ends.
 *
 * A worker that crashes takes the others with it, after their farewells: a tester must see the crash, and whoever wants the
 * node back starts it anew, with nothing left of it.  The parent touches no datagram.
 */
#ifndef INTEROP_CREW_H
#define INTEROP_CREW_H

#include "interop/node/node.h"

/* With config->workers of them.  Returns the exit status; what keeps it from running is said on standard error. */
int crew_run(const struct node_settings *settings);

#endif
