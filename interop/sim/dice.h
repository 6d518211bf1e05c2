/* SPDX-License-Identifier: ISC */
/*
 * dice.h - chance that can be had again: everything random in a simulation comes from a seed and from what it is for.
 *
 * A die is rolled one number after the other; two dice made from the same four numbers fall alike.  `dice_at` needs no die:
 * it is the number that belongs to a moment, however often and in whichever order the moments are looked at.
 */
#ifndef INTEROP_SIM_DICE_H
#define INTEROP_SIM_DICE_H

#include "ike/types.h"

/* What a die is for, so that no two uses share their luck. */
enum dice_use {
	DICE_LOSS,    /* whether and how late a datagram arrives */
	DICE_WEATHER, /* when bursts of loss begin and end */
	DICE_TRAFFIC, /* when somebody has something to send */
	DICE_MACHINE, /* the random numbers that keepalive_step is given */
	DICE_DEATH,   /* when a peer really dies */
};

struct dice {
	uint64_t state;
};

/* `who` is the peer, `direction` one of its two, 0 where there is but one. */
struct dice dice_for(uint64_t seed, enum dice_use use, uint64_t who, unsigned direction);
uint64_t dice_roll(struct dice *dice);
/* The number of one moment.  Leaves the die as it is. */
uint64_t dice_at(const struct dice *dice, ike_time moment);
/* 0 <= share < 1. */
double dice_share(uint64_t roll);
/* How long until something happens that happens every `mean` on average and has no memory; at least 1 microsecond. */
ike_time dice_wait(struct dice *dice, double mean);

#endif
