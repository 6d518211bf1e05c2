/* SPDX-License-Identifier: ISC */
/*
 * allocations.h - how often the process asks for heap memory, how many pieces it holds, and what it does when there is none.
 *
 * A test that uses this file gets malloc and its kin replaced in its whole process, the libraries' calls included.
 * Sanitizers replace them themselves: there allocations_counted() is false, the counts stay 0 and nothing is refused.
 */
#ifndef TESTS_SUPPORT_ALLOCATIONS_H
#define TESTS_SUPPORT_ALLOCATIONS_H

#include <stdbool.h>
#include <stddef.h>

#define ALLOCATIONS_NEVER ((size_t)-1)

bool allocations_counted(void);
/* Calls of malloc, calloc, realloc, aligned_alloc, memalign and posix_memalign since the process started. */
size_t allocations_count(void);
/* Pieces of heap memory that were allocated and have not been freed. */
size_t allocations_in_use(void);
/* After `granted` more of them every one fails; ALLOCATIONS_NEVER lets all succeed again. */
void allocations_refuse_after(size_t granted);

#endif
