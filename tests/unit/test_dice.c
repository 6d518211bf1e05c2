/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <stdbool.h>

#include "interop/sim/dice.h"
#include "tests/support/unit.h"

#define ROLLS 200000

/* The four numbers that make a die, one of them another each time. */
START_TEST(no_two_dice_fall_alike)
{
	struct dice dice[] = {dice_for(1, DICE_LOSS, 7, 0),  dice_for(2, DICE_LOSS, 7, 0),
			      dice_for(1, DICE_DEATH, 7, 0), dice_for(1, DICE_LOSS, 8, 0),
			      dice_for(1, DICE_LOSS, 7, 1),  dice_for(7, DICE_LOSS, 1, 0)};
	size_t count = sizeof(dice) / sizeof(dice[0]);

	for (int roll = 0; roll < 1000; roll++) {
		uint64_t fell[6];

		for (size_t i = 0; i < count; i++)
			fell[i] = dice_roll(&dice[i]);
		for (size_t i = 0; i < count; i++)
			for (size_t j = 0; j < i; j++)
				ck_assert_uint_ne(fell[i], fell[j]);
	}
}
END_TEST

START_TEST(the_same_four_numbers_fall_alike)
{
	struct dice one = dice_for(3706, DICE_MACHINE, 1, 1), other = one;

	for (int roll = 0; roll < 1000; roll++)
		ck_assert_uint_eq(dice_roll(&one), dice_roll(&other));
	other = dice_for(3706, DICE_MACHINE, 1, 1);
	ck_assert_uint_ne(dice_roll(&one), dice_roll(&other)); /* a thousand later */
}
END_TEST

START_TEST(a_moment_has_its_number_whatever_was_rolled)
{
	const struct dice dice = dice_for(1, DICE_LOSS, 0, 0);
	uint64_t first = dice_at(&dice, 1000), second = dice_at(&dice, 1001);

	ck_assert_uint_ne(first, second);
	ck_assert_uint_eq(dice_at(&dice, 1001), second);
	ck_assert_uint_eq(dice_at(&dice, 1000), first);
}
END_TEST

/* Moments at an even pace, such as a heartbeat's, must be as good as any: of 2^8 boxes each gets its share. */
START_TEST(moments_at_an_even_pace_are_evenly_lucky)
{
	static const ike_time paces[] = {1, 1000, 65536, 10 * IKE_SECOND, (ike_time)1 << 32};

	for (size_t i = 0; i < sizeof(paces) / sizeof(paces[0]); i++) {
		const struct dice dice = dice_for(1, DICE_LOSS, i, 0);
		double boxes[256] = {0}, sum = 0, expected = ROLLS / 256.0;
		unsigned pairs = 0, last = 0;

		for (ike_time k = 0; k < ROLLS; k++) {
			unsigned box = (unsigned)(dice_at(&dice, k * paces[i]) >> 56);

			boxes[box]++;
			pairs +=
			    k > 0 && box < 51 && last < 51; /* two in a row, one in five each */
			last = box;
		}
		for (unsigned box = 0; box < 256; box++)
			sum += (boxes[box] - expected) * (boxes[box] - expected) / expected;
		ck_assert_double_lt(sum, 350); /* chi-square, 255 degrees: one in 20 000 is above */
		ck_assert_double_gt(sum, 170);
		ck_assert_double_eq_tol(pairs / (double)ROLLS, 51 / 256.0 * 51 / 256.0, 0.003);
	}
}
END_TEST

START_TEST(a_share_is_below_one)
{
	ck_assert(dice_share(0) == 0);
	ck_assert_double_lt(dice_share(UINT64_MAX), 1);
	ck_assert_double_gt(dice_share(UINT64_MAX), 0.999999);
	ck_assert(dice_share((uint64_t)1 << 63) == 0.5);
}
END_TEST

/* Exponential: mean and deviation are both the mean; 1 - 1/e come before it. */
START_TEST(waits_have_no_memory)
{
	struct dice dice = dice_for(1, DICE_TRAFFIC, 0, 0);
	double sum = 0, squares = 0, before = 0, mean = 5e6;

	for (int i = 0; i < ROLLS; i++) {
		double wait = (double)dice_wait(&dice, mean);

		ck_assert_double_ge(wait, 1);
		sum += wait;
		squares += wait * wait;
		before += wait < mean;
	}
	sum /= ROLLS;
	ck_assert_double_eq_tol(sum / mean, 1, 0.01);
	ck_assert_double_eq_tol(sqrt(squares / ROLLS - sum * sum) / mean, 1, 0.02);
	ck_assert_double_eq_tol(before / ROLLS, 1 - exp(-1), 0.005);
	ck_assert_uint_eq(dice_wait(&dice, 0), 1); /* time goes on whatever is asked for */
}
END_TEST

UNIT_MAIN("dice", no_two_dice_fall_alike, the_same_four_numbers_fall_alike,
	  a_moment_has_its_number_whatever_was_rolled, moments_at_an_even_pace_are_evenly_lucky,
	  a_share_is_below_one, waits_have_no_memory)
