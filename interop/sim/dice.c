/* SPDX-License-Identifier: ISC */
/*
 * dice.c - SplitMix64 (Steele, Lea and Flood, 2014): a counter, and a function that makes of each count a number without any
 * likeness to its neighbours.  The same function, twice, gives a number for a moment, which is what lets all methods see one
 * network; twice, because the moments of a method that is periodic are themselves a counter, and not always one of good steps.
 */
#include "interop/sim/dice.h"

#include <math.h>

#define GOLDEN 0x9e3779b97f4a7c15u /* 2^64 over the golden ratio: the step of the counter */

static uint64_t mixed(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

struct dice dice_for(uint64_t seed, enum dice_use use, uint64_t who, unsigned direction)
{
	uint64_t state = mixed(seed + GOLDEN);

	state = mixed(state ^ (who + GOLDEN));
	state = mixed(state ^ ((uint64_t)use * 2 + direction + GOLDEN));
	return (struct dice){state};
}

uint64_t dice_roll(struct dice *dice)
{
	dice->state += GOLDEN;
	return mixed(dice->state);
}

uint64_t dice_at(const struct dice *dice, ike_time moment)
{
	return mixed(dice->state + mixed(moment + GOLDEN));
}

double dice_share(uint64_t roll)
{
	return (double)(roll >> 11) * 0x1p-53;
}

ike_time dice_wait(struct dice *dice, double mean)
{
	double wait = -mean * log1p(-dice_share(dice_roll(dice)));

	return wait < 1 ? 1 : (ike_time)wait;
}
