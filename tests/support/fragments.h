/* SPDX-License-Identifier: ISC */
/*
 * fragments.h - messages cut into fragments by hand: of any length, in any order, right or wrong at will.
 */
#ifndef TESTS_SUPPORT_FRAGMENTS_H
#define TESTS_SUPPORT_FRAGMENTS_H

#include "tests/support/caller.h"
#include "tests/support/siege.h"

/* Both take fragments. */
struct duo *fragments_duo(uint8_t seed);
/* Nothing is held back any more: both come up, and no memory for fragments is in use. */
void fragments_go_on(struct duo *duo);

/* A datagram with one fragment, and the header of `message` around it but for the flags; `data` is anything. */
void fragments_make(struct caller *caller, struct octets message, unsigned id, unsigned number,
		    unsigned flags, struct octets data);
/* Such a datagram with text in it to B, under the cookies of the message that is held. */
enum ike_verdict fragments_put(struct duo *duo, const struct siege_held *held, unsigned id,
			       unsigned number, unsigned flags, const char *data);
/* Part `number`, from 1, of `message` in parts of `length` octets. */
void fragments_cut(struct caller *caller, struct octets message, unsigned id, unsigned number,
		   size_t length);
size_t fragments_count(struct octets message, size_t length);
/* Hands such a part to a node, as if it came from the other. */
enum ike_verdict fragments_inject(struct duo *duo, enum duo_node to, struct octets message,
				  unsigned id, unsigned number, size_t length);
/* All of them, in order; the verdict on the last. */
enum ike_verdict fragments_inject_all(struct duo *duo, enum duo_node to, struct octets message,
				      unsigned id, size_t length);

#endif
