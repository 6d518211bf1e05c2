/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"
#include "interop/esp/replay_window.h"

static void accept(struct replay_window *window, uint32_t number)
{
	ck_assert_int_eq(replay_window_check(window, number), ESP_ACCEPTED);
	replay_window_advance(window, number);
	ck_assert_int_eq(replay_window_check(window, number), ESP_REPLAYED);
}

START_TEST(test_zero_is_never_right)
{
	struct replay_window window = {0};

	ck_assert_int_eq(replay_window_check(&window, 0), ESP_NUMBER_ZERO);
	accept(&window, 1);
	ck_assert_int_eq(replay_window_check(&window, 0), ESP_NUMBER_ZERO);
	accept(&window, 5000);
	ck_assert_int_eq(replay_window_check(&window, 0), ESP_NUMBER_ZERO);
}
END_TEST

START_TEST(test_checking_changes_nothing)
{
	struct replay_window window = {0}, before;

	accept(&window, 77);
	before = window;
	for (uint32_t number = 0; number < 5000; number++)
		ck_assert_int_ne(replay_window_check(&window, number), ESP_BAD_ICV);
	ck_assert_int_eq(replay_window_check(&window, UINT32_MAX), ESP_ACCEPTED);
	ck_assert_mem_eq(&window, &before, sizeof(window));
}
END_TEST

/* The window is exactly REPLAY_WINDOW wide, wherever in a word its right end is. */
START_TEST(test_just_inside_and_just_outside)
{
	for (uint32_t highest = 3000; highest < 3000 + 130; highest++) {
		struct replay_window window = {0};

		accept(&window, highest);
		ck_assert_int_eq(replay_window_check(&window, highest - REPLAY_WINDOW),
				 ESP_OUTSIDE_WINDOW);
		accept(&window, highest - REPLAY_WINDOW + 1);
		ck_assert_int_eq(replay_window_check(&window, 1), ESP_OUTSIDE_WINDOW);
	}
}
END_TEST

START_TEST(test_every_number_in_any_order_once)
{
	struct replay_window window = {0};

	for (uint32_t number = REPLAY_WINDOW; number > 0; number--)
		accept(&window, number);
	for (uint32_t number = 1; number <= REPLAY_WINDOW; number++)
		ck_assert_int_eq(replay_window_check(&window, number), ESP_REPLAYED);
	for (uint32_t number = REPLAY_WINDOW + 1; number < 20000; number++)
		accept(&window, number);
}
END_TEST

/* A jump of any length leaves nothing of what was in those places before. */
START_TEST(test_jumps)
{
	for (uint32_t jump = 1; jump < 6000; jump += 13) {
		struct replay_window window = {0};
		const uint32_t to = 4096 + jump;

		for (uint32_t number = 1; number <= 4096; number++)
			replay_window_advance(&window, number);
		accept(&window, to);
		for (uint32_t number = to - REPLAY_WINDOW + 1; number < to; number++)
			ck_assert_int_eq(replay_window_check(&window, number),
					 number <= 4096 ? ESP_REPLAYED : ESP_ACCEPTED);
	}
}
END_TEST

START_TEST(test_the_end_of_the_numbers)
{
	struct replay_window window = {0};

	accept(&window, 1);
	accept(&window, UINT32_MAX - 1);
	accept(&window, UINT32_MAX);
	accept(&window, UINT32_MAX - REPLAY_WINDOW + 1);
	ck_assert_int_eq(replay_window_check(&window, UINT32_MAX - REPLAY_WINDOW),
			 ESP_OUTSIDE_WINDOW);
	ck_assert_int_eq(replay_window_check(&window, 1), ESP_OUTSIDE_WINDOW);
}
END_TEST

/* Held against the plainest window there is: a flag for each number. */
START_TEST(test_as_a_plain_model)
{
	static const uint8_t seed[RANDOM_SEED_LENGTH] = {7};
	enum { NUMBERS = 200000 };
	bool *come = calloc(NUMBERS, sizeof(*come));
	struct replay_window window = {0};
	struct random_source random;
	uint32_t highest = 0;

	ck_assert_ptr_nonnull(come);
	random_seeded(&random, seed);
	for (size_t i = 0; i < 300000; i++) {
		const uint32_t reach = i % 1000 == 0 ? 5000 : i % 7 == 0 ? 1200 : 100;
		const uint32_t least = highest > reach ? highest - reach : 0;
		const uint32_t number = least + random_below(&random, reach + 3 + reach / 50);
		enum esp_verdict expected = ESP_ACCEPTED;

		if (number >= NUMBERS)
			continue;
		if (number == 0)
			expected = ESP_NUMBER_ZERO;
		else if (highest >= REPLAY_WINDOW && number <= highest - REPLAY_WINDOW)
			expected = ESP_OUTSIDE_WINDOW;
		else if (come[number])
			expected = ESP_REPLAYED;
		ck_assert_int_eq(replay_window_check(&window, number), expected);
		if (expected != ESP_ACCEPTED)
			continue;
		replay_window_advance(&window, number);
		come[number] = true;
		highest = number > highest ? number : highest;
	}
	ck_assert_uint_gt(highest, 20000); /* it has gone somewhere */
	free(come);
}
END_TEST

UNIT_MAIN("replay_window", test_zero_is_never_right, test_checking_changes_nothing,
	  test_just_inside_and_just_outside, test_every_number_in_any_order_once, test_jumps,
	  test_the_end_of_the_numbers, test_as_a_plain_model)
