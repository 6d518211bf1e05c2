/* SPDX-License-Identifier: ISC */
/*
 * front.h - what is asked over the control socket of a node of several workers, and who of them answers.  All answer status
 * and close; connect goes to the one that looks after the peer, or is to call it, and the others are told to let it.
 */
#ifndef INTEROP_FRONT_H
#define INTEROP_FRONT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct front {
	uint32_t workers;
	/* Asks a worker, and what it answers; false, NULL: it does not, until then (link.h).  All are asked before any answer is waited for. */
	bool (*put)(void *context, uint32_t worker, const json_t *request, int64_t until);
	json_t *(*get)(void *context, uint32_t worker, int64_t until);
	void *context;
	int pid;             /* of the node as a whole */
	const char *capture; /* the directory that the user named, or NULL */
};

/* A control_answer (../status/control.h); `context` is a struct front. */
json_t *front_answer(void *context, const json_t *request);

#endif
