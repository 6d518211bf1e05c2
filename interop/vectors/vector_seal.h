/* SPDX-License-Identifier: ISC */
/*
 * vector_seal.h - a message made once more from what is known about it: hashes put in, signed, encrypted.
 */
#ifndef INTEROP_VECTORS_VECTOR_SEAL_H
#define INTEROP_VECTORS_VECTOR_SEAL_H

#include "interop/vectors/vector_trace.h"

/*
 * Sets message->iv and last_block.  Without a mistake the octets must be those that were sent: otherwise false, see fault.  With one
 * they take their place, in the message and in the world's datagrams.
 */
bool vector_seal(struct vector_trace *trace, struct vector_message *message,
		 struct fault *fault) IKE_MUST_USE;

/* The plaintext twin of a message: encryption flag clear, no padding.  Returns its length; 0: there is none. */
size_t vector_seal_twin(const struct vector_message *message, uint8_t twin[VECTOR_MESSAGE]);

#endif
