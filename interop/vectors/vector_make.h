/* SPDX-License-Identifier: ISC */
/*
 * vector_make.h - a set, from its description to its folder.
 */
#ifndef INTEROP_VECTORS_VECTOR_MAKE_H
#define INTEROP_VECTORS_VECTOR_MAKE_H

#include "ike/notify.h"
#include "interop/vectors/vector_trace.h"

/* A set that has been played and taken apart. */
struct vector_made {
	struct vector_formulas formulas;
	struct vector_world *world;
	struct vector_trace *trace;
	size_t
	    answer; /* index of the message that answered the defect; VECTOR_MESSAGES: none has */
};

/*
 * Plays it, takes it apart, and holds what came of it against what the set says: everything accepted but the defect, that refused with
 * its verdict, zeros where they are promised.  False: see fault.  For vector_made_free() in any case.
 */
bool vector_make(const struct vector_set *set, enum vector_mistake mistake,
		 struct vector_made *made, struct fault *fault) IKE_MUST_USE;
void vector_made_free(struct vector_made *made);

/* Whether the zeros that the set promises are there; true where it promises none. */
bool vector_has_zeros(const struct vector_trace *trace);
/* The type of a message's first NOTIFY; 0: there is none that can be read. */
uint16_t vector_message_notify(const struct vector_message *message);

#endif
