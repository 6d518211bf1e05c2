/* SPDX-License-Identifier: ISC */
/*
 * replay_window.h - which sequence numbers of an SA have come already (RFC 4303 section 3.4.3).
 *
 * The window is the REPLAY_WINDOW newest numbers, up to the highest that was accepted.  It is looked at before a packet is
 * authenticated, because that is cheap, and moved afterwards, because before that anybody could move it.
 *
 * Numbers have their places in a ring of words, number n in bit n modulo the ring's size, so that nothing is ever shifted: when
 * the highest number enters a new word, that word is cleared.  The ring is larger than the window, so what is cleared was
 * outside.  A packet costs one word; a jump at most all of them.
 */
#ifndef INTEROP_ESP_REPLAY_WINDOW_H
#define INTEROP_ESP_REPLAY_WINDOW_H

#include "interop/esp/esp_verdict.h"
#include "ike/types.h"

#define REPLAY_WINDOW 1024 /* numbers */
#define REPLAY_WORDS                                                                               \
	32 /* a power of two, and of 64 bits each more than the window by one word at least */

struct replay_window {
	uint32_t highest; /* 0: nothing yet */
	uint64_t seen[REPLAY_WORDS];
};

/* All zeros is a new window. */

/* ESP_ACCEPTED, ESP_NUMBER_ZERO, ESP_REPLAYED or ESP_OUTSIDE_WINDOW; nothing changes. */
enum esp_verdict replay_window_check(const struct replay_window *window,
				     uint32_t number) IKE_MUST_USE;
/* The number, which the check has accepted, has come. */
void replay_window_advance(struct replay_window *window, uint32_t number);

#endif
