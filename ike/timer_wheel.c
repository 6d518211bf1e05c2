/* SPDX-License-Identifier: ISC */
/*
 * timer_wheel.c - the hierarchical timing wheel.
 *
 * A tick's number is read as digits of six bits.  A timer stands in the level of the highest digit in which its tick
 * differs from the present one, in the slot which that digit names.  So level 0 holds what is due within the present run of
 * 64 ticks, level 1 what comes later within the present run of 4096, and so on: the lowest level that holds anything always
 * holds what is due first, and one bit scan finds its slot.  When time reaches the beginning of a slot above level 0, its
 * timers are placed anew, and come to stand lower.
 *
 * The last level is a circle: what is due after it has turned over stands in it too, as long as it is less than a whole turn
 * (64 slots of 2^30 ticks, about two years) away.  What is further away waits in the slot that comes last, and is placed
 * anew from there.
 */
#include "ike/timer_wheel.h"

#include <assert.h>
#include <string.h>

#define TICK       1024 /* microseconds: a power of two, so that a tick is a shift */
#define DIGIT_BITS 6
#define LAST_LEVEL (TIMER_LEVELS - 1)

static_assert(TIMER_SLOTS == 1 << DIGIT_BITS, "a slot is named by one digit");
static_assert(TIMER_SLOTS == 64, "a level's slots are one bit each of a uint64_t");

static uint64_t digits_from(uint64_t tick, unsigned level)
{
	return tick >> (DIGIT_BITS * level);
}

/* The first tick that begins at or after the deadline: a timer is never early. */
static uint64_t tick_of(ike_time deadline)
{
	return deadline / TICK + (deadline % TICK != 0);
}

static unsigned level_of(uint64_t tick, uint64_t present)
{
	uint64_t differs = (tick ^ present) | (TIMER_SLOTS - 1);
	unsigned level = (unsigned)(63 - __builtin_clzll(differs)) / DIGIT_BITS;

	return level < LAST_LEVEL ? level : LAST_LEVEL;
}

static void put(struct timer_wheel *wheel, struct timer *timer)
{
	uint64_t tick = tick_of(timer->deadline);
	uint64_t furthest = digits_from(wheel->tick, LAST_LEVEL) + TIMER_SLOTS - 1;
	unsigned level, slot;
	struct timer **head;

	if (tick < wheel->tick)
		tick = wheel->tick; /* past already: due at once */
	if (digits_from(tick, LAST_LEVEL) > furthest)
		tick = furthest << (DIGIT_BITS * LAST_LEVEL);
	level = level_of(tick, wheel->tick);
	slot = digits_from(tick, level) % TIMER_SLOTS;

	head = &wheel->slot[level][slot];
	timer->next = *head;
	if (timer->next != NULL)
		timer->next->link = &timer->next;
	timer->link = head;
	*head = timer;
	wheel->occupied[level] |= UINT64_C(1) << slot;
}

/* The first tick at which something is to be done, and the level and slot to do it in.  False: no timer is armed. */
static bool first_occupied(const struct timer_wheel *wheel, uint64_t *tick, unsigned *level,
			   unsigned *slot)
{
	for (*level = 0; *level < TIMER_LEVELS; ++*level) {
		uint64_t occupied = wheel->occupied[*level];
		uint64_t present = digits_from(wheel->tick, *level);
		unsigned digit = present % TIMER_SLOTS, ahead;

		if (occupied == 0)
			continue;
		/* Rotated, so that the present slot is bit 0 and the lowest bit is the next slot in time. */
		ahead = (unsigned)__builtin_ctzll(
		    occupied >> digit | occupied << ((TIMER_SLOTS - digit) % TIMER_SLOTS));
		*tick = (present + ahead) << (DIGIT_BITS * *level);
		*slot = (digit + ahead) % TIMER_SLOTS;
		return true;
	}
	return false;
}

static void place_anew(struct timer_wheel *wheel, unsigned level, unsigned slot)
{
	struct timer *timer = wheel->slot[level][slot];

	wheel->slot[level][slot] = NULL;
	wheel->occupied[level] &= ~(UINT64_C(1) << slot);
	while (timer != NULL) {
		struct timer *next = timer->next;

		put(wheel, timer);
		timer = next;
	}
}

void timer_wheel_init(struct timer_wheel *wheel, ike_time now)
{
	memset(wheel, 0, sizeof(*wheel));
	wheel->tick = now / TICK;
}

void timer_arm(struct timer_wheel *wheel, struct timer *timer, ike_time deadline)
{
	timer_cancel(wheel, timer);
	if (deadline == IKE_NEVER)
		return;
	timer->deadline = deadline;
	put(wheel, timer);
}

void timer_cancel(struct timer_wheel *wheel, struct timer *timer)
{
	/* Far outside the array, and so no slot, when the link is another timer's. */
	uintptr_t index =
	    ((uintptr_t)timer->link - (uintptr_t)wheel->slot) / sizeof(struct timer *);

	if (timer->link == NULL)
		return;
	*timer->link = timer->next;
	if (timer->next != NULL)
		timer->next->link = timer->link;
	else if (index < TIMER_LEVELS * TIMER_SLOTS && *timer->link == NULL)
		wheel->occupied[index / TIMER_SLOTS] &= ~(UINT64_C(1) << index % TIMER_SLOTS);
	timer->next = NULL;
	timer->link = NULL;
}

struct timer *timer_next_due(struct timer_wheel *wheel, ike_time now)
{
	uint64_t last = now / TICK, tick;
	unsigned level, slot;

	while (first_occupied(wheel, &tick, &level, &slot) && tick <= last) {
		wheel->tick = tick;
		if (level == 0) {
			struct timer *timer = wheel->slot[level][slot];

			timer_cancel(wheel, timer);
			return timer;
		}
		place_anew(wheel, level, slot);
	}
	if (wheel->tick < last)
		wheel->tick = last;
	return NULL;
}

ike_time timer_wheel_deadline(const struct timer_wheel *wheel)
{
	uint64_t tick;
	unsigned level, slot;

	/* The last tick of all would begin after the last time that can be written. */
	if (!first_occupied(wheel, &tick, &level, &slot) || tick > IKE_NEVER / TICK)
		return IKE_NEVER;
	return tick * TICK;
}
