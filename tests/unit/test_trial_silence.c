/* SPDX-License-Identifier: ISC */
/*
 * test_trial_silence.c - the words about what a device does not say: silence, farewell, and questions of its own.
 */
#include <string.h>

#include "tests/support/trial_scene.h"
#include "tests/support/unit.h"

static struct trial_scene *scene;
static struct trial *trial;

static void begin(void)
{
	scene = trial_scene_new();
	trial_scene_begin(scene);
	trial = scene->trial;
}

static struct trial_sa *begin_with_sa(void)
{
	struct trial_sa *sa;

	begin();
	sa = trial_call(trial, NULL);
	ck_assert_ptr_nonnull(sa);
	return sa;
}

/* ---- silence of the device ----------------------------------------------------------------------------------------- */

static const struct want *informational(struct trial_sa *sa)
{
	static struct want want;

	want = (struct want){.sa = sa, .exchange = IKE_EXCHANGE_INFORMATIONAL};
	return &want;
}

/* The device says something of that kind beside what it really does. */
static void say(struct trial_sa *sa, uint16_t notify, uint32_t number)
{
	struct message *message = trial_scene_message(scene, sa, 0x1000 + number);

	message_add_keepalive(message, notify, number);
	trial_scene_say(scene, message);
}

START_TEST(test_silence_that_is_broken)
{
	struct trial_sa *sa = begin_with_sa();
	size_t mark = trial_mark(trial);

	say(sa, IKE_NOTIFY_R_U_THERE_ACK, 4711);
	trial_expect_silence(trial, sa, mark, informational(sa), CONFORM_FAIL, CONFORM_LENIENT);
	trial_scene_assert(scene, CONFORM_FAIL, "R-U-THERE-ACK seq=4711");
	ck_assert_uint_ne(trial->deciding, SIZE_MAX);
	ck_assert_uint_eq(seen_number(trial_seen(trial, trial->deciding)), 4711);
	trial_scene_free(scene);
}
END_TEST

/* Behind the next datagram of the device another comes, as from a device of several threads. */
static bool (*receive)(struct world *world, ike_time until, struct ike_datagram *datagram);
static struct trial_sa *overtaken;

static bool receive_and_say(struct world *world, ike_time until, struct ike_datagram *datagram)
{
	bool came = receive(world, until, datagram);

	if (came && overtaken != NULL)
		say(overtaken, IKE_NOTIFY_R_U_THERE_ACK, 4711);
	overtaken = came ? NULL : overtaken;
	return came;
}

START_TEST(test_silence_that_is_broken_late)
{
	struct trial_sa *sa = begin_with_sa();
	size_t mark = trial_mark(trial);

	receive = scene->world.receive;
	scene->world.receive = receive_and_say;
	overtaken = sa;
	trial_expect_silence(trial, sa, mark, informational(sa), CONFORM_FAIL, CONFORM_LENIENT);
	ck_assert_ptr_null(overtaken);
	trial_scene_assert(scene, CONFORM_FAIL, "R-U-THERE-ACK seq=4711");
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_silence_in_the_clear_that_is_broken)
{
	struct trial_sa *sa = begin_with_sa();
	struct message *message = trial_scene_message(scene, sa, 5);
	size_t mark = trial_mark(trial);

	message_add_isakmp_notify(message, IKE_NOTIFY_INVALID_MESSAGE_ID);
	message->protection = MESSAGE_CLEAR;
	trial_scene_say(scene, message);
	trial_expect_silence(trial, sa, mark, informational(sa), CONFORM_FAIL, CONFORM_LENIENT);
	trial_scene_assert(scene, CONFORM_FAIL, "the device sent");
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_silence_is_since_the_mark)
{
	struct trial_sa *sa = begin_with_sa();

	say(sa, IKE_NOTIFY_R_U_THERE_ACK, 4711);
	trial_pass_time(trial, IKE_MILLISECOND);
	trial_expect_silence(trial, sa, trial_mark(trial), informational(sa), CONFORM_FAIL,
			     CONFORM_LENIENT);
	ck_assert(!trial_is_decided(trial));
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_silence_of_the_dead)
{
	struct trial_sa *sa = begin_with_sa();

	scene->dumb = true;
	trial_expect_silence(trial, sa, trial_mark(trial), informational(sa), CONFORM_LENIENT,
			     CONFORM_FAIL);
	trial_scene_assert(scene, CONFORM_FAIL, "not answered any more");
	trial_scene_free(scene);
}
END_TEST

/* It is not an answer to what the tester sent, unless the script looks for it. */
START_TEST(test_a_question_of_its_own_breaks_no_silence)
{
	struct want want = {.exchange = IKE_EXCHANGE_INFORMATIONAL};
	struct trial_sa *sa = begin_with_sa();
	size_t mark = trial_mark(trial);

	want.sa = sa;
	say(sa, IKE_NOTIFY_R_U_THERE, 17);
	trial_expect_silence(trial, sa, mark, &want, CONFORM_FAIL, CONFORM_FAIL);
	ck_assert(!trial_is_decided(trial));
	want.notify = IKE_NOTIFY_R_U_THERE;
	trial_expect_silence(trial, sa, mark, &want, CONFORM_FAIL, CONFORM_LENIENT);
	trial_scene_assert(scene, CONFORM_FAIL, "R-U-THERE");
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_silence)
{
	struct trial_sa *sa = begin_with_sa();

	trial_expect_silence(trial, sa, trial_mark(trial), informational(sa), CONFORM_FAIL,
			     CONFORM_FAIL);
	ck_assert(!trial_is_decided(trial));
	trial_scene_free(scene);
}
END_TEST

/* ---- gone, and asking ---------------------------------------------------------------------------------------------- */

START_TEST(test_still_there)
{
	struct trial_sa *sa = begin_with_sa();

	trial_expect_gone(trial, sa, CONFORM_FAIL);
	trial_scene_assert(scene, CONFORM_FAIL, "still there");
	ck_assert_uint_ne(trial->deciding, SIZE_MAX);
	trial_scene_free(scene);
}
END_TEST

/* Only a Delete that the engine believes: this one has a wrong HASH(1). */
START_TEST(test_a_farewell_that_is_forged)
{
	struct trial_sa *sa = begin_with_sa();
	struct message *message = trial_scene_message(scene, sa, 99);

	message_add_delete(message);
	message->hash = MESSAGE_HASH_WRONG;
	trial_scene_say(scene, message);
	trial_expect_gone(trial, sa, CONFORM_FAIL);
	trial_scene_assert(scene, CONFORM_FAIL, "still there");
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_farewell)
{
	struct trial_sa *sa = begin_with_sa();
	struct message *message = trial_scene_message(scene, sa, 99);
	size_t sent;

	message_add_delete(message);
	trial_scene_say(scene, message);
	sent = scene->sent;
	trial_expect_gone(trial, sa, CONFORM_FAIL);
	ck_assert(!trial_is_decided(trial));
	ck_assert(sa->gone);
	ck_assert_uint_eq(scene->sent, sent); /* nothing is asked of whoever said farewell */
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_gone_without_a_word)
{
	struct trial_sa *sa = begin_with_sa();
	size_t sent = scene->sent;
	ike_time then = trial_now(trial);

	scene->deaf = true;
	trial_expect_gone(trial, sa, CONFORM_FAIL);
	ck_assert(!trial_is_decided(trial));
	ck_assert_uint_eq(scene->sent, sent + 3);
	ck_assert_uint_le(trial_now(trial) - then, scene->settings->patience);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_it_never_asks)
{
	struct trial_sa *sa = begin_with_sa();

	scene->dumb = true;
	ck_assert_ptr_null(trial_expect_question(trial, sa));
	trial_scene_assert(scene, CONFORM_UNSUPPORTED, "asked no R-U-THERE in 12.0 s");
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_it_asks)
{
	struct trial_sa *sa = begin_with_sa();
	const struct seen *question = trial_expect_question(trial, sa);

	ck_assert_ptr_nonnull(question);
	ck_assert_int_eq(question->opened->hash, MESSAGE_HASH_HOLDS);
	ck_assert_ptr_eq(question->sa, sa);
	trial_scene_free(scene);
}
END_TEST

UNIT_MAIN("trial_silence", test_silence_that_is_broken, test_silence_that_is_broken_late,
	  test_silence_in_the_clear_that_is_broken, test_silence_is_since_the_mark,
	  test_silence_of_the_dead, test_a_question_of_its_own_breaks_no_silence, test_silence,
	  test_still_there, test_a_farewell_that_is_forged, test_farewell, test_gone_without_a_word,
	  test_it_never_asks, test_it_asks)
