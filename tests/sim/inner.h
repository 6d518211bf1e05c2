/* SPDX-License-Identifier: ISC */
/*
 * inner.h - the packets of the hosts behind the nodes, each of which carries its own number; IPv4, as all tunnels here.
 */
#ifndef TESTS_SIM_INNER_H
#define TESTS_SIM_INNER_H

#include "ike/ike.h"
#include "tests/sim/dice.h"

#define INNER_HEADER 20 /* octets of IPv4 without options */
#define INNER_UDP    17
#define INNER_ICMP   1

/* A packet from somewhere in `from` to somewhere in `to`, with their protocol and ports; returns its octets, at most `room`. */
size_t inner_write(uint8_t *packet, size_t room, const struct ike_selector *from,
		   const struct ike_selector *to, uint64_t number, struct dice *dice);
/* As its header has it, at most `length`. */
size_t inner_length(const uint8_t *packet, size_t length);
/* Whether it may come out of a tunnel between the two. */
bool inner_fits(const uint8_t *packet, size_t length, const struct ike_selector *from,
		const struct ike_selector *to);
/* An echo request becomes its reply, in place; false: it is none. */
bool inner_answer(uint8_t *packet, size_t length);

#endif
