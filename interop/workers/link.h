/* SPDX-License-Identifier: ISC */
/*
 * link.h - between the parent and a worker: a JSON line each way, as over the control socket (../status/control.h), but on one
 * connection as long as both live.  When the parent closes it the worker is to end, and when the worker ends it closes.
 */
#ifndef INTEROP_LINK_H
#define INTEROP_LINK_H

#include "interop/status/control.h"

struct event_base;
struct link;

/* ---- the worker's end ---------------------------------------------------------------------------------------------- */

/* Answers requests; `ended` is called once, when the parent has closed.  Takes the descriptor.  NULL: no memory. */
struct link *link_new(struct event_base *base, int descriptor, control_answer *answer,
		      void (*ended)(void *context), void *context);
void link_free(struct link *link); /* NULL is allowed */

/* ---- the parent's end ---------------------------------------------------------------------------------------------- */

#define LINK_PATIENCE    4000       /* ms: less than a client of the control socket has */
#define LINK_ANSWER_MOST (64 << 20) /* octets; no node's status is as long */

struct link_end;

struct link_end *link_end_new(int descriptor); /* takes it; NULL: no memory */
void link_end_free(struct link_end *end);      /* closes; NULL is allowed */
int link_end_descriptor(const struct link_end *end);
/* When that patience is over, for the functions below; nothing of this waits longer, whatever the worker does. */
int64_t link_until(int patience_ms);
/*
 * Asks.  False: the worker has gone, or still owes an answer, and then it is asked nothing: whoever does not answer reads no more
 * either, and questions would pile up.  A late answer is thrown away.
 */
bool link_put(struct link_end *end, const json_t *request, int64_t until);
/* What it answers; the caller owns it.  NULL: nothing in time, or the worker has gone. */
json_t *link_get(struct link_end *end, int64_t until);
/* Both. */
json_t *link_ask(struct link_end *end, const json_t *request, int patience_ms);
/*
 * When the descriptor is readable though nobody waits for an answer: whether the worker has closed it, or the link is over because more has
 * come than was asked for.
 */
bool link_has_ended(struct link_end *end);
/* Tells the worker to end; what it still has to say can be read. */
void link_hang_up(struct link_end *end);

#endif
