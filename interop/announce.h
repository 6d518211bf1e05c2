/* SPDX-License-Identifier: ISC */
/*
 * announce.h - what a node says when it is ready: where it listens, how it is confined, and what each peer may expect.
 */
#ifndef INTEROP_ANNOUNCE_H
#define INTEROP_ANNOUNCE_H

#include "interop/confine.h"
#include "interop/event_log.h"
#include "interop/udp.h"

/* The events `started`, `confined` (unless confinement is NULL) and one `plan` for each peer of the log's configuration. */
void announce(struct event_log *log, const struct udp *udp, const struct confinement *confinement);

#endif
