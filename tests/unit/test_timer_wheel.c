/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include "ike/timer_wheel.h"

#define TICK UINT64_C(1024) /* microseconds */
#define SPAN (TICK << 36)   /* microseconds: what the wheel covers without parking */

static struct timer_wheel wheel;

static ike_time round_up(ike_time deadline)
{
	return (deadline + TICK - 1) / TICK * TICK;
}

/* Goes from deadline to deadline, as a program would, until `timer` comes out; returns when that was. */
static ike_time when_due(struct timer *timer)
{
	for (int steps = 0; steps < 1000; steps++) {
		ike_time now = timer_wheel_deadline(&wheel);
		struct timer *due;

		ck_assert(now != IKE_NEVER);
		due = timer_next_due(&wheel, now);
		if (due != NULL) {
			ck_assert_ptr_eq(due, timer);
			ck_assert_ptr_null(timer->link);
			return now;
		}
	}
	ck_abort_msg("a thousand steps and not due");
	return IKE_NEVER;
}

START_TEST(test_nothing_armed)
{
	timer_wheel_init(&wheel, 12345678);
	ck_assert(timer_wheel_deadline(&wheel) == IKE_NEVER);
	ck_assert_ptr_null(timer_next_due(&wheel, 12345678));
	ck_assert_ptr_null(timer_next_due(&wheel, 0));
	ck_assert_ptr_null(timer_next_due(&wheel, IKE_NEVER));
	ck_assert(timer_wheel_deadline(&wheel) == IKE_NEVER);
}
END_TEST

START_TEST(test_never_early)
{
	/* One on each side of each level's first tick. */
	for (unsigned bit = 0; bit < 40; bit++) {
		for (int off = -1; off <= 1; off++) {
			ike_time now = 1000 * TICK + 17;
			ike_time deadline = now + (TICK << bit) + (ike_time)(int64_t)off;
			struct timer timer = {0};

			timer_wheel_init(&wheel, now);
			timer_arm(&wheel, &timer, deadline);
			ck_assert_ptr_null(timer_next_due(&wheel, deadline - 1));
			ck_assert(timer_wheel_deadline(&wheel) <= round_up(deadline));
			ck_assert_ptr_eq(timer_next_due(&wheel, round_up(deadline)), &timer);
		}
	}
}
END_TEST

START_TEST(test_cancelled)
{
	struct timer timers[3] = {0};

	timer_wheel_init(&wheel, 0);
	timer_cancel(&wheel, &timers[0]); /* idle */
	/* All three in one slot; cancelled from its middle, its end and its beginning. */
	for (int i = 0; i < 3; i++)
		timer_arm(&wheel, &timers[i], IKE_SECOND);
	timer_cancel(&wheel, &timers[1]);
	timer_cancel(&wheel, &timers[0]);
	ck_assert(timer_wheel_deadline(&wheel) != IKE_NEVER);
	timer_arm(&wheel, &timers[2], IKE_NEVER);
	ck_assert(timer_wheel_deadline(&wheel) == IKE_NEVER);
	ck_assert_ptr_null(timer_next_due(&wheel, IKE_NEVER));
	for (int i = 0; i < 3; i++)
		ck_assert_ptr_null(timers[i].link);
}
END_TEST

START_TEST(test_past_is_due_at_once)
{
	struct timer timer = {0};
	ike_time now = 5 * IKE_SECOND;

	timer_wheel_init(&wheel, 0);
	ck_assert_ptr_null(timer_next_due(&wheel, now));
	timer_arm(&wheel, &timer, 3 * IKE_SECOND);
	ck_assert(timer_wheel_deadline(&wheel) <= now);
	ck_assert_ptr_eq(timer_next_due(&wheel, now), &timer);
	timer_arm(&wheel, &timer, 0);
	ck_assert_ptr_eq(timer_next_due(&wheel, now), &timer);
	ck_assert_ptr_null(timer_next_due(&wheel, now));
}
END_TEST

/* Time that goes back makes nothing due that is not, and loses nothing. */
START_TEST(test_clock_goes_back)
{
	struct timer timer = {0};

	timer_wheel_init(&wheel, 100 * IKE_SECOND);
	timer_arm(&wheel, &timer, 101 * IKE_SECOND);
	ck_assert_ptr_null(timer_next_due(&wheel, 0));
	ck_assert_ptr_null(timer_next_due(&wheel, 50 * IKE_SECOND));
	ck_assert_ptr_eq(timer_next_due(&wheel, 102 * IKE_SECOND), &timer);
}
END_TEST

START_TEST(test_moved)
{
	struct timer timer = {0};

	timer_wheel_init(&wheel, 0);
	timer_arm(&wheel, &timer, IKE_SECOND);
	timer_arm(&wheel, &timer, 3600 * IKE_SECOND);
	ck_assert_ptr_null(timer_next_due(&wheel, 3599 * IKE_SECOND));
	timer_arm(&wheel, &timer, 3599 * IKE_SECOND + 500000);
	ck_assert_ptr_eq(timer_next_due(&wheel, 3600 * IKE_SECOND), &timer);
	ck_assert_ptr_null(timer_next_due(&wheel, 3601 * IKE_SECOND));
}
END_TEST

/* Beyond the wheel's span, from both sides of the place where the last level turns over. */
START_TEST(test_beyond_the_span)
{
	const ike_time starts[] = {0,        SPAN / 2, SPAN - TICK,
				   SPAN - 1, SPAN,     3 * SPAN + SPAN / 64 * 63 + 5};
	const ike_time aheads[] = {TICK, SPAN / 64, SPAN / 64 * 63, SPAN - TICK,
				   SPAN, SPAN + 1,  7 * SPAN + 99};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		for (size_t j = 0; j < sizeof(aheads) / sizeof(aheads[0]); j++) {
			ike_time deadline = starts[i] + aheads[j];
			struct timer timer = {0};

			timer_wheel_init(&wheel, starts[i]);
			timer_arm(&wheel, &timer, deadline);
			ck_assert(when_due(&timer) == round_up(deadline));

			timer_arm(&wheel, &timer, deadline + aheads[j]);
			ck_assert_ptr_null(timer_next_due(&wheel, deadline + aheads[j] - 1));
			ck_assert_ptr_eq(timer_next_due(&wheel, round_up(deadline + aheads[j])),
					 &timer);
		}
	}
}
END_TEST

/* The last times that can be written: reachable to the last tick, and what rounds up past it never comes. */
START_TEST(test_end_of_time)
{
	struct timer timer = {0};
	ike_time last_tick = IKE_NEVER / TICK * TICK;

	timer_wheel_init(&wheel, 0);
	timer_arm(&wheel, &timer, last_tick);
	ck_assert_ptr_null(timer_next_due(&wheel, last_tick - 1));
	ck_assert(timer_wheel_deadline(&wheel) <= last_tick);
	ck_assert_ptr_eq(timer_next_due(&wheel, IKE_NEVER), &timer);
	timer_arm(&wheel, &timer, last_tick + 1);
	ck_assert_ptr_null(timer_next_due(&wheel, IKE_NEVER));
	ck_assert(timer_wheel_deadline(&wheel) == IKE_NEVER);
}
END_TEST

/* Whoever handles a timer may cancel its neighbour and arm anything, between two calls. */
START_TEST(test_changed_while_firing)
{
	struct timer timers[4] = {0};
	struct timer *due, *neighbour;

	timer_wheel_init(&wheel, 0);
	for (int i = 0; i < 4; i++)
		timer_arm(&wheel, &timers[i], IKE_SECOND);
	due = timer_next_due(&wheel, 2 * IKE_SECOND);
	ck_assert_ptr_nonnull(due);
	neighbour = due == &timers[0] ? &timers[1] : &timers[0];
	timer_cancel(&wheel, neighbour);
	timer_arm(&wheel, due, IKE_SECOND); /* in the past: it comes once more */
	for (int i = 0; i < 3; i++)
		ck_assert_ptr_ne(timer_next_due(&wheel, 2 * IKE_SECOND), neighbour);
	ck_assert_ptr_null(timer_next_due(&wheel, 2 * IKE_SECOND));
	for (int i = 0; i < 4; i++)
		ck_assert_ptr_null(timers[i].link);
}
END_TEST

/* ---- against a model that is too simple to be wrong: an array of deadlines --------------------------------------------- */

#define MODEL_TIMERS     256
#define MODEL_OPERATIONS 100000

static struct timer model_timers[MODEL_TIMERS];
static ike_time model_deadline[MODEL_TIMERS]; /* IKE_NEVER: not armed */
static uint64_t random_state;

static uint64_t next_random(void)
{
	uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Every order of magnitude is as likely as the next, up to twice the span. */
static ike_time some_time(void)
{
	return next_random() >> (17 + next_random() % 47);
}

static ike_time model_first(void)
{
	ike_time first = IKE_NEVER;

	for (size_t i = 0; i < MODEL_TIMERS; i++)
		if (model_deadline[i] < first)
			first = model_deadline[i];
	return first;
}

static void model_arm(size_t i, ike_time now)
{
	ike_time deadline = now + some_time();
	uint64_t kind = next_random() % 8;

	if (kind == 0)
		deadline = IKE_NEVER;
	else if (kind == 1)
		deadline = now - (now < TICK ? now : TICK);
	timer_arm(&wheel, &model_timers[i], deadline);
	model_deadline[i] = deadline;
}

/* Runs what is due at `now`: none early, none lost, in the order of their ticks; some are armed or cancelled meanwhile. */
static size_t model_run(ike_time now)
{
	ike_time before = 0;
	struct timer *due;
	size_t fired = 0;

	while ((due = timer_next_due(&wheel, now)) != NULL) {
		size_t i = (size_t)(due - model_timers), other = next_random() % MODEL_TIMERS;

		ck_assert_uint_lt(i, MODEL_TIMERS);
		ck_assert(model_deadline[i] != IKE_NEVER);
		ck_assert(model_deadline[i] <= now);
		ck_assert(model_deadline[i] / TICK + 1 >= before / TICK);
		before = model_deadline[i];
		model_deadline[i] = IKE_NEVER;
		fired++;
		if (next_random() % 4 != 0)
			continue;
		/* Later than now, so that the order of what is still due stays that of its ticks. */
		timer_arm(&wheel, &model_timers[other], now + 1 + some_time());
		model_deadline[other] = model_timers[other].deadline;
	}
	ck_assert(model_first() == IKE_NEVER || round_up(model_first()) > now);
	return fired;
}

static void model_check_deadline(ike_time now)
{
	ike_time first = model_first(), next = timer_wheel_deadline(&wheel);

	if (first == IKE_NEVER) {
		ck_assert(next == IKE_NEVER);
		return;
	}
	ck_assert(next <= (round_up(first) > now ? round_up(first) : now));
}

START_TEST(test_against_model)
{
	ike_time now = 987654321;
	size_t fired = 0;

	random_state = 1;
	for (size_t i = 0; i < MODEL_TIMERS; i++)
		model_deadline[i] = IKE_NEVER;
	timer_wheel_init(&wheel, now);
	for (size_t operation = 0; operation < MODEL_OPERATIONS; operation++) {
		size_t i = next_random() % MODEL_TIMERS;

		switch (next_random() % 8) {
		case 0: /* a jump of any size */
			now += some_time();
			fired += model_run(now);
			break;
		case 1: /* to the very deadline */
			if (timer_wheel_deadline(&wheel) == IKE_NEVER)
				break;
			if (timer_wheel_deadline(&wheel) > now)
				now = timer_wheel_deadline(&wheel);
			fired += model_run(now);
			ck_assert(timer_wheel_deadline(&wheel) > now);
			break;
		case 2:
			timer_cancel(&wheel, &model_timers[i]);
			model_deadline[i] = IKE_NEVER;
			break;
		default:
			model_arm(i, now);
			break;
		}
		model_check_deadline(now);
	}
	ck_assert_uint_gt(fired, MODEL_OPERATIONS / 10);
}
END_TEST

UNIT_MAIN("timer_wheel", test_nothing_armed, test_never_early, test_cancelled,
	  test_past_is_due_at_once, test_clock_goes_back, test_moved, test_beyond_the_span,
	  test_end_of_time, test_changed_while_firing, test_against_model)
