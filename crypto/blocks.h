/* SPDX-License-Identifier: ISC */
/*
 * blocks.h - memory for what there is a million of, in pieces of a few lengths: an SA's keys, for example.
 *
 * Blocks of one length lie in slabs without anything in between; malloc would add 8 to 24 octets to each.  They are locked where
 * the system allows, out of core dumps, and wiped when they are given back.  A slab goes back to the system with the store only,
 * so that the lengths must be bounded: what is longer than `longest` comes from malloc, and is wiped as well.
 */
#ifndef CRYPTO_BLOCKS_H
#define CRYPTO_BLOCKS_H

#include <stddef.h>

struct blocks;

struct blocks *blocks_new(size_t longest) __attribute__((warn_unused_result)); /* NULL: no memory */
/* Wipes; blocks of at most `longest` octets go with it, longer ones must have been given back.  NULL is allowed. */
void blocks_free(struct blocks *blocks);

/* Zeroed, aligned for any type of 8 octets; NULL: no memory.  length in octets, not 0. */
void *blocks_take(struct blocks *blocks, size_t length) __attribute__((warn_unused_result));
void blocks_give_back(struct blocks *blocks, void *block, size_t length); /* NULL is allowed */

size_t blocks_octets(const struct blocks *blocks); /* of all that are out, as they are rounded up */

#endif
