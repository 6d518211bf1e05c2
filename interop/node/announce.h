/* SPDX-License-Identifier: ISC */
/*
 * announce.h - what a node says when it is ready: where it listens, how it is confined, and what each peer may expect; and
 * later, that a clock was set or a capture has ended.
 */
#ifndef INTEROP_ANNOUNCE_H
#define INTEROP_ANNOUNCE_H

#include "interop/node/clock.h"
#include "interop/node/confine.h"
#include "interop/node/trouble.h"
#include "interop/node/tunnels.h"

struct capture;

/* Of several workers only the first says more than `started`. */
/*
 * The events `started` (tunnels NULL: nothing of a store in it), `confined` (unless confinement is NULL) and, for each peer of the log's
 * configuration, one `plan` and one `ping-plan` for each of its tunnels with a ping.
 */
void announce(struct event_log *log, const struct udp *udp, const struct tunnels *tunnels,
	      const struct confinement *confinement);
/* The events `ping-plan` alone. */
void announce_pings(struct event_log *log);
/* The event `impaired`: what the node does wrong on purpose.  `on`: IMPAIRMENTS flags, or NULL, which says nothing. */
void announce_impairments(struct event_log *log, const bool *on);
/* The event `fell-over`: an impairment has ended the node. */
void announce_fall(struct event_log *log);
/* With how many SAs are left, whose peers there was no time to tell. */
void announce_stop(struct event_log *log, const struct ike_core *core);
/* The event `clock`, if one of them has been set since the last look. */
void announce_clock(struct event_log *log, struct clock_watch *clocks);
/* The keys that an event says are there, into the capture: the first time for reading Phase 1, the second for all that follows. */
void announce_keys(struct capture *capture, const struct ike_core *core,
		   const struct ike_event *event);
/* Writes what a capture has buffered; one that cannot be gone on with ends, which is trouble told once. */
void announce_capture(struct event_log *log, struct capture *capture, const char *directory,
		      struct trouble *trouble);

#endif
