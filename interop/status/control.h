/* SPDX-License-Identifier: ISC */
/*
 * control.h - the control socket: a Unix stream socket for its owner alone (mode 0600), one JSON request a line, one JSON
 * answer a line.  {"verb":"status"} gives {"ok":true,...}; what cannot be done gives {"ok":false,"error":"..."}.
 */
#ifndef INTEROP_CONTROL_H
#define INTEROP_CONTROL_H

#include <jansson.h>

#include "interop/fault.h"

struct broom;
struct event_base;
struct control;

/* What keeps clients out, as a sentence; NULL: they are let in again. */
typedef void control_trouble(void *context, const char *text);

/* Answers a request, which is an object; the caller owns the answer. */
typedef json_t *control_answer(void *context, const json_t *request);

/* A socket that nobody answers at is replaced; one that somebody answers at is a fault.  NULL: see fault. */
struct control *control_new(struct event_base *base, const char *path, control_answer *answer,
			    void *context, struct fault *fault);
/* Whom to tell; nobody is told before. */
void control_tell_trouble(struct control *control, control_trouble *tell, void *context);
/* Somebody else removes the socket, because this process will not be allowed to; takes no ownership.  False: it does not. */
bool control_leave_to(struct control *control, struct broom *broom);
void control_free(struct control *control); /* removes the socket; NULL is allowed */

/* As a client: asks and waits a few seconds for the answer, which the caller owns.  NULL: see fault. */
json_t *control_ask(const char *path, const json_t *request, struct fault *fault);
/* {"ok":false,"error":...}; NULL: no memory. */
json_t *control_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
