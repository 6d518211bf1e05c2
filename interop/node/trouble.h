/* SPDX-License-Identifier: ISC */
/*
 * trouble.h - what the system refuses, often many times a second: told when it begins, at most every so often while it
 * lasts, and when it is over.  The node goes on meanwhile.
 */
#ifndef INTEROP_TROUBLE_H
#define INTEROP_TROUBLE_H

#include "interop/events/event_log.h"

#define TROUBLE_EVERY (10 * IKE_SECOND) /* the same trouble is told at most so often */

/* One kind of trouble; all zero but `what` before the first. */
struct trouble {
	const char *what; /* "sending", "capture", ... */
	uint64_t count;   /* since it was last over */
	ike_time told;    /* when last; 0: never */
	bool known;       /* told, and not yet that it is over */
};

/* Once more; the sentence says what, why, and what follows.  Events: `trouble`, and `relief` (events.md). */
void trouble_met(struct trouble *trouble, struct event_log *log, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* It works again; nothing is told where no trouble was. */
void trouble_over(struct trouble *trouble, struct event_log *log);

#endif
