/* SPDX-License-Identifier: ISC */
/*
 * heap.h - how many pieces of heap memory are in use in this process, the libraries' included.
 *
 * malloc and its kin are replaced in the whole program.  Sanitizers replace them themselves, and look for leaks on their own:
 * there heap_is_counted() is false.
 */
#ifndef TESTS_SIM_HEAP_H
#define TESTS_SIM_HEAP_H

#include <stdbool.h>
#include <stddef.h>

bool heap_is_counted(void);
size_t heap_pieces(void); /* allocated and not freed */
/* What malloc'd memory holds before it is written: this octet; it differs between the two runs of a seed. */
void heap_fill_with(int octet);

#endif
