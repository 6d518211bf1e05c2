/* SPDX-License-Identifier: ISC */
/*
 * timer_wheel.h - many deadlines, cheaply: six levels of 64 slots, a tick of 1.024 ms, intrusive links.
 *
 * Arming and cancelling are O(1); a deadline is moved down a level at most five times before it fires.  A timer never
 * fires early; it may fire up to one tick late.
 */
#ifndef IKE_TIMER_WHEEL_H
#define IKE_TIMER_WHEEL_H

#include "ike/types.h"

#define TIMER_LEVELS 6
#define TIMER_SLOTS  64

struct timer {
	struct timer *next;
	struct timer **link; /* what points to this timer; NULL: not armed */
	ike_time deadline;
};

struct timer_wheel {
	uint64_t tick; /* all ticks before this one have been run */
	uint64_t occupied[TIMER_LEVELS];
	struct timer *slot[TIMER_LEVELS][TIMER_SLOTS];
};

void timer_wheel_init(struct timer_wheel *wheel, ike_time now);
/* Arms, or moves an armed timer.  IKE_NEVER cancels. */
void timer_arm(struct timer_wheel *wheel, struct timer *timer, ike_time deadline);
void timer_cancel(struct timer_wheel *wheel, struct timer *timer); /* an idle timer is allowed */
/* Takes one timer whose deadline is at most now off the wheel; NULL: none is due.  Call until NULL. */
struct timer *timer_next_due(struct timer_wheel *wheel, ike_time now);
/* No timer is due before this time; IKE_NEVER: none is armed.  May be earlier than the first deadline (a cascade). */
ike_time timer_wheel_deadline(const struct timer_wheel *wheel);

#endif
