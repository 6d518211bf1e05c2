/* SPDX-License-Identifier: ISC */
/*
 * operations.h - what an input may do to the world in more than one target.  `how` is what is left of the operation's octet.
 */
#ifndef TESTS_FUZZ_OPERATIONS_H
#define TESTS_FUZZ_OPERATIONS_H

#include "tests/fuzz/world.h"

/* The first octet of an input: 1 initiator, 2 half open, 4 strict, 8 silent about unknown cookies, 16 INITIAL-CONTACT is
 * not obeyed, 32 every message is told, 64 tight limits, 128 Aggressive Mode. */
struct world_options operation_options(uint8_t flags);

/* The commands that an input may give have numbers of their own, 0 to 7: those of the engine may change. */
enum ike_command_kind operation_command(unsigned number);
/* The other way, for seeds; the command must be one of them. */
unsigned operation_command_number(enum ike_command_kind kind);

/*
 * What those who move packets say: something came (1) or left (2) through a pair, nothing comes back through one of the partner's
 * (3), ESP came for an unknown SPI (4, 6, 7), or somebody was there before the restart (5).  Of the input: which pair; or the
 * address (3 bits), whether it is encapsulated (8), two octets of length, and an octet that the SPI is made of, 0 for one that is there.
 */
#define OPERATION_UNKNOWN_SPI 4
#define OPERATION_REMEMBER    5
void operation_traffic(struct world *world, unsigned what, struct fuzz_input *input);

/* So much time passes: an index into a table (4 bits); or (16) one call of ike_tick comes with an earlier time. */
void operation_time(struct world *world, unsigned how);
/*
 * One of the ring's datagrams into the core, from the address `how` & 7; cut (8) to a length that its header then says.  Of the
 * input: which, how many octets are changed (at most 7), and for each of them where and by which bits.
 */
void operation_again(struct world *world, const struct world_ring *ring, unsigned how,
		     struct fuzz_input *input);
void operation_fix_length(uint8_t *data, size_t length);

#endif
