/* SPDX-License-Identifier: ISC */
/*
 * test_watch.c - watching a device ask and give up, against one that asks after 10 s, then every 4 s, five times in all.
 */
#include <string.h>

#include "interop/conform/result.h"
#include "interop/conform/watch.h"
#include "tests/support/conform_world.h"
#include "tests/support/unit.h"

/* Between the tester and the device: one first message of a Phase 1 that the device seems to be calling with all the time. */
static struct world between, *beyond;
static ike_time calls_at;

static ike_time pass_now(struct world *world)
{
	(void)world;
	return beyond->now(beyond);
}

static void pass_on(struct world *world, const struct ike_datagram *datagram)
{
	(void)world;
	beyond->send(beyond, datagram);
}

static bool call_or_pass(struct world *world, ike_time until, struct ike_datagram *datagram)
{
	static const uint8_t call[IKE_HEADER_LENGTH] = {
	    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', [17] = 0x10, 2, [27] = IKE_HEADER_LENGTH};

	if (beyond->now(beyond) < calls_at)
		return beyond->receive(beyond, until < calls_at ? until : calls_at, datagram);
	calls_at += 6 * IKE_SECOND;
	memcpy(datagram->data, call, sizeof(call));
	datagram->length = sizeof(call);
	datagram->remote = world->device;
	datagram->local = world->tester;
	return true;
}

static bool pass_call(struct world *world)
{
	(void)world;
	return beyond->call_us(beyond);
}

static struct world *with_calls(struct world *world, ike_time first)
{
	beyond = world;
	between = *world;
	between.now = pass_now;
	between.send = pass_on;
	between.receive = call_or_pass;
	between.call_us = pass_call;
	calls_at = first;
	return &between;
}

static ike_time first_stray_call = IKE_NEVER;

static struct conform_result run(void (*script)(struct trial *trial), ike_time worry,
				 ike_time death)
{
	static struct conform_case of = {.id = "test/1/watch"};
	struct conform_world *own = conform_world_new(3);
	ike_time first_call = first_stray_call;
	struct conform_result result;
	bool well;

	of.script = script;
	conform_world_settings(own)->worry = worry;
	conform_world_settings(own)->death = death;
	conform_run(&of, with_calls(conform_world_world(own), first_call),
		    conform_world_settings(own), &result, &well);
	ck_assert(well);
	conform_result_free(&result);
	conform_world_free(own);
	return result;
}

START_TEST(test_seconds)
{
	ck_assert_uint_eq(watch_seconds(0), 0);
	ck_assert_uint_eq(watch_seconds(IKE_SECOND / 2 - 1), 0);
	ck_assert_uint_eq(watch_seconds(IKE_SECOND / 2), 1);
	ck_assert_uint_eq(watch_seconds(10 * IKE_SECOND), 10);
}
END_TEST

/* ---- a death ------------------------------------------------------------------------------------------------------- */

/* Its datagrams are gone when the trial is. */
static struct watch_death last;
static ike_time longest;

static void dies(struct trial *trial)
{
	struct trial_sa *sa = watch_call(trial, NULL);
	bool is_dead = watch_death(trial, sa, &last);

	ck_assert(is_dead != trial_is_decided(trial));
	longest = watch_longest_gap(&last);
	trial_expect_gone(trial, sa, CONFORM_FAIL);
}

START_TEST(test_device_that_does_not_ask)
{
	ck_assert_int_eq(run(dies, 5 * IKE_SECOND, 60 * IKE_SECOND).verdict, CONFORM_UNSUPPORTED);
	ck_assert_uint_eq(last.questions, 0);
}
END_TEST

START_TEST(test_death)
{
	ck_assert_int_eq(run(dies, 12 * IKE_SECOND, 60 * IKE_SECOND).verdict, CONFORM_PASS);
	ck_assert_uint_eq(last.questions, 5);
	ck_assert_ptr_nonnull(last.farewell);
	ck_assert_ptr_null(last.call);
	ck_assert_uint_le(longest, 4 * IKE_SECOND);
	ck_assert_uint_ge(longest, 3 * IKE_SECOND);
	ck_assert_uint_le(last.over - last.began, 31 * IKE_SECOND);
}
END_TEST

START_TEST(test_death_that_takes_too_long)
{
	ck_assert_int_eq(run(dies, 12 * IKE_SECOND, 15 * IKE_SECOND).verdict, CONFORM_FAIL);
	ck_assert_uint_eq(last.questions, 2);
	ck_assert_ptr_null(last.farewell);
}
END_TEST

START_TEST(test_calls_that_go_on_all_the_time)
{
	first_stray_call =
	    3 * IKE_SECOND; /* and every 6 s: before the first question and between */
	ck_assert_int_eq(run(dies, 12 * IKE_SECOND, 60 * IKE_SECOND).verdict, CONFORM_PASS);
	ck_assert_uint_eq(last.questions, 5);
	ck_assert_ptr_nonnull(last.farewell);
	ck_assert_ptr_null(last.call);
	ck_assert_int_eq(run(dies, 12 * IKE_SECOND, 27 * IKE_SECOND).verdict, CONFORM_FAIL);
	first_stray_call = IKE_NEVER;
}
END_TEST

static void is_called_again(struct trial *trial)
{
	struct trial_sa *sa = watch_call(trial, NULL), *again;
	struct watch_death death;

	ck_assert_ptr_null(trial_wait_for_call(trial, IKE_SECOND));
	ck_assert(!trial_is_decided(trial));
	ck_assert(watch_death(trial, sa, &death));
	again = trial_wait_for_call(trial, 12 * IKE_SECOND);
	ck_assert_ptr_nonnull(again);
	ck_assert_ptr_null(watch_initial_contact(trial, sa));
	ck_assert_ptr_nonnull(watch_initial_contact(trial, again));
	trial_expect_alive(trial, again, CONFORM_FAIL);
}

START_TEST(test_call_after_death)
{
	ck_assert_int_eq(run(is_called_again, 12 * IKE_SECOND, 60 * IKE_SECOND).verdict,
			 CONFORM_PASS);
}
END_TEST

/* ---- what counts as an answer -------------------------------------------------------------------------------------- */

static void answer_nothing(struct trial *trial, struct trial_sa *sa, const struct seen *question,
			   const struct seen *answer)
{
	(void)trial;
	ck_assert(question->sa == sa && answer != NULL && answer->from == TRIAL_TESTER);
}

static void answer_rightly(struct trial *trial, struct trial_sa *sa, const struct seen *question,
			   const struct seen *answer)
{
	struct message *ack = trial_message(trial, sa);

	(void)answer;
	message_add_keepalive(ack, IKE_NOTIFY_R_U_THERE_ACK, seen_number(question));
	trial_send(trial, sa, ack);
}

static enum watch_taken taken;

static void nothing_is_no_answer(struct trial *trial)
{
	const struct seen *seen;

	taken = watch_whether_taken(trial, answer_nothing, &seen);
	ck_assert(seen != NULL || taken == WATCH_UNKNOWN);
}

static void right_is_an_answer(struct trial *trial)
{
	const struct seen *seen;

	taken = watch_whether_taken(trial, answer_rightly, &seen);
}

START_TEST(test_whether_taken)
{
	ck_assert_int_eq(run(nothing_is_no_answer, 5 * IKE_SECOND, 60 * IKE_SECOND).verdict,
			 CONFORM_UNSUPPORTED);
	ck_assert_int_eq(taken, WATCH_UNKNOWN);
	ck_assert_int_eq(run(nothing_is_no_answer, 12 * IKE_SECOND, 60 * IKE_SECOND).verdict,
			 CONFORM_PASS);
	ck_assert_int_eq(taken, WATCH_NOT_TAKEN);
	ck_assert_int_eq(run(right_is_an_answer, 12 * IKE_SECOND, 60 * IKE_SECOND).verdict,
			 CONFORM_PASS);
	ck_assert_int_eq(taken, WATCH_TAKEN);
	first_stray_call = 3 * IKE_SECOND;
	ck_assert_int_eq(run(right_is_an_answer, 12 * IKE_SECOND, 60 * IKE_SECOND).verdict,
			 CONFORM_PASS);
	ck_assert_int_eq(taken, WATCH_TAKEN);
	first_stray_call = IKE_NEVER;
	/* a death that does not come to an end in time proves nothing */
	ck_assert_int_eq(run(right_is_an_answer, 12 * IKE_SECOND, 15 * IKE_SECOND).verdict,
			 CONFORM_UNSUPPORTED);
	ck_assert_int_eq(taken, WATCH_UNKNOWN);
}
END_TEST

UNIT_MAIN("watch", test_seconds, test_device_that_does_not_ask, test_death,
	  test_death_that_takes_too_long, test_calls_that_go_on_all_the_time, test_call_after_death,
	  test_whether_taken)
