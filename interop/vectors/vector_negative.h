/* SPDX-License-Identifier: ISC */
/*
 * vector_negative.h - the sets with one defect each, and how it is made: as an Informational that an engine would not have sent
 * (vector_negative.c), or by changing a message of Phase 1 on its way (vector_negative_phase_1.c).
 */
#ifndef INTEROP_VECTORS_VECTOR_NEGATIVE_H
#define INTEROP_VECTORS_VECTOR_NEGATIVE_H

#include "interop/vectors/vector_world.h"

size_t vector_negatives(void);
const struct vector_set *vector_negative(size_t index);

/* vector_negative_phase_1.c */
size_t vector_negatives_of_phase_1(void);
const struct vector_set *vector_negative_of_phase_1(size_t index);

#endif
