/* SPDX-License-Identifier: ISC */
#include "interop/esp/replay_window.h"

#define WORD_BITS 64

_Static_assert((REPLAY_WORDS & (REPLAY_WORDS - 1)) == 0, "places are found by masking");
_Static_assert((REPLAY_WORDS - 1) * WORD_BITS >= REPLAY_WINDOW,
	       "a word that is cleared must be outside of the window");

static uint32_t word_of(uint32_t number)
{
	return number / WORD_BITS;
}

static uint64_t bit_of(uint32_t number)
{
	return (uint64_t)1 << number % WORD_BITS;
}

enum esp_verdict replay_window_check(const struct replay_window *window, uint32_t number)
{
	if (number == 0)
		return ESP_NUMBER_ZERO;
	if (number > window->highest)
		return ESP_ACCEPTED;
	if (window->highest - number >= REPLAY_WINDOW)
		return ESP_OUTSIDE_WINDOW;
	return (window->seen[word_of(number) % REPLAY_WORDS] & bit_of(number)) != 0 ? ESP_REPLAYED
										    : ESP_ACCEPTED;
}

void replay_window_advance(struct replay_window *window, uint32_t number)
{
	if (number > window->highest) {
		uint32_t fresh = word_of(number) - word_of(window->highest);

		if (fresh > REPLAY_WORDS)
			fresh = REPLAY_WORDS;
		for (uint32_t i = 0; i < fresh; i++)
			window->seen[(word_of(number) - i) % REPLAY_WORDS] = 0;
		window->highest = number;
	}
	window->seen[word_of(number) % REPLAY_WORDS] |= bit_of(number);
}
