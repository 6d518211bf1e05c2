/* SPDX-License-Identifier: ISC */
/*
 * status.h - what a running node says about itself over the control socket, and how that looks to people.
 */
#ifndef INTEROP_STATUS_H
#define INTEROP_STATUS_H

#include <jansson.h>
#include <stdio.h>

#define STATUS_SAS_MOST 256 /* SAs told one by one; all are counted */

/* A control_answer; `context` is the struct node.  Verbs: status, connect and close (with
 * "peer"; connect may have "tunnel"). */
json_t *status_answer(void *context, const json_t *request);

/* The answer to status, as tables. */
void status_print(const json_t *status, FILE *out);

#endif
