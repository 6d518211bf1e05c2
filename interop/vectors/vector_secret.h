/* SPDX-License-Identifier: ISC */
/*
 * vector_secret.h - the private values of a set's parties.
 *
 * Nobody asks an engine for them: a party draws everything from its seed, and dh_generate() is a function of the seed and of the
 * number of the draw.  So the private value of a public one is found by trying the draws.
 */
#ifndef INTEROP_VECTORS_VECTOR_SECRET_H
#define INTEROP_VECTORS_VECTOR_SECRET_H

#include "crypto/dh.h"
#include "interop/vectors/vector_world.h"

#define VECTOR_DRAWS 60 /* of one life are tried */

/* The key pair with that public value, the caller's; NULL: no life of the party has drawn it. */
struct dh_key *vector_secret_find(const struct vector_world *world, enum vector_party party,
				  enum dh_group group, struct octets public_value) IKE_MUST_USE;

#endif
