/* SPDX-License-Identifier: ISC */
/*
 * vector_hash.h - the hashes of a message: HASH_I, HASH_R, HASH(1) to HASH(3), NAT-D; what goes into them, and what comes out.
 */
#ifndef INTEROP_VECTORS_VECTOR_HASH_H
#define INTEROP_VECTORS_VECTOR_HASH_H

#include "interop/vectors/vector_trace.h"

/*
 * Fills message->hash, which is left empty where the message is not readable or there are no keys; `value` is what is told, `held`
 * and `holds` are about what was sent.
 */
void vector_hash_message(struct vector_trace *trace, struct vector_message *message);

#endif
