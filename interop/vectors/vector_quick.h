/* SPDX-License-Identifier: ISC */
/*
 * vector_quick.h - the Quick Modes of a set, as their messages show them, and their KEYMAT.
 */
#ifndef INTEROP_VECTORS_VECTOR_QUICK_H
#define INTEROP_VECTORS_VECTOR_QUICK_H

#include "interop/vectors/vector_trace.h"

/* A message that can be read, of whatever exchange: sets message->quick where it is of a Quick Mode.  False: see fault. */
bool vector_quick_note(struct vector_trace *trace, struct vector_message *message,
		       struct fault *fault) IKE_MUST_USE;
/* "QM1"; NULL: it is of none that is known, or a fourth message. */
const char *vector_quick_name(const struct vector_trace *trace,
			      const struct vector_message *message);
/* When all messages are known: private values and KEYMAT of those that both sides have agreed on.  False: see fault. */
bool vector_quick_finish(struct vector_trace *trace, struct fault *fault) IKE_MUST_USE;

#endif
