/* SPDX-License-Identifier: ISC */
/*
 * memory.h - what a node remembers over a restart: where peers without gateways were met.  What it reads at the start is told to the
 * core; what it hears later goes to the scribe, which writes the file for a node that may write none.
 */
#ifndef INTEROP_MEMORY_H
#define INTEROP_MEMORY_H

#include "interop/node/node.h"
#include "interop/node/scribe.h"

struct memory;

/*
 * Reads the configuration's file of peers and has the scribe, which it takes, write there.  Before the node is confined.  `log` outlives
 * it.  NULL: see fault; the scribe has been freed.
 */
struct memory *memory_new(const struct config *config, struct scribe *scribe,
			  struct fault *fault) IKE_MUST_USE;
/* NULL is allowed.  What was heard last is written first; false: that could not be, see fault. */
bool memory_free(struct memory *memory, struct fault *fault);

/* Tells the node's core what was read, and what of the file could not be, and writes when the node hears more. */
bool memory_begin(struct memory *memory, struct node *node, struct fault *fault) IKE_MUST_USE;
/* For struct node_settings.on_event; the context is the memory. */
void memory_event(void *context, const struct ike_event *event);

#endif
