/* SPDX-License-Identifier: ISC */
/*
 * attacker.h - between the files of the attacker.
 */
#ifndef TESTS_SIM_ATTACKER_H
#define TESTS_SIM_ATTACKER_H

#include "tests/sim/coverage.h"
#include "tests/sim/network.h"

struct sim;

struct ike_address attacker_address(struct sim *sim); /* any */
void attacker_sends_pieces(struct sim *sim, const struct sent *about, uint32_t index);
void attacker_sends_nat_keepalive(struct sim *sim, const struct sent *about);
void attacker_sends_packets(struct sim *sim, enum attack_kind kind);

#endif
