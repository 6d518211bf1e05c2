/* SPDX-License-Identifier: ISC */
/*
 * test_scene.c - the scenes decide when the device is not as they need it, and nothing otherwise.
 */
#include <string.h>

#include "ike/identity.h"
#include "interop/conform/scene.h"
#include "interop/conform/trial_private.h"
#include "tests/support/conform_world.h"
#include "tests/support/unit.h"

static const struct conform_case of = {.id = "test/scene"};

static struct conform_world *own;
static struct trial *trial;

static void setup(void)
{
	own = conform_world_new(7);
}

static void begin(void)
{
	trial = trial_new(&of, conform_world_world(own), conform_world_settings(own));
	ck_assert_ptr_nonnull(trial);
}

static void end(void)
{
	trial_leave(trial);
	trial_free(trial);
	conform_world_free(own);
}

static void assert_decided(enum conform_verdict verdict, const char *words)
{
	ck_assert(trial->decided);
	ck_assert_str_eq(conform_verdict_name(trial->verdict), conform_verdict_name(verdict));
	ck_assert_msg(strstr(trial->observed, words) != NULL, "%s", trial->observed);
}

START_TEST(test_an_sa_that_is_gone_does_not_answer)
{
	struct trial_sa *sa;

	setup();
	begin();
	sa = trial_call(trial, NULL);
	ck_assert(scene_is_answered(trial, sa, 17));
	ck_assert(scene_is_alive(trial, sa));
	ck_assert_uint_eq(sa->number, 19);
	trial_close(trial, sa);
	ck_assert(!scene_is_alive(trial, sa));
	ck_assert(!trial->decided);
	end();
}
END_TEST

START_TEST(test_an_identity_that_is_not_taken)
{
	setup();
	ck_assert(ike_identity_from_text("fqdn:tester.example",
					 &conform_world_device(own)->remote_identity));
	begin();
	ck_assert_ptr_null(scene_call_as_another(trial));
	assert_decided(CONFORM_SKIP, SCENE_ANOTHER);
	end();
}
END_TEST

START_TEST(test_an_identity_that_is_taken)
{
	struct trial_sa *sa;

	setup();
	begin();
	sa = scene_call_as_another(trial);
	ck_assert_ptr_nonnull(sa);
	ck_assert(scene_is_alive(trial, sa));
	ck_assert(!trial->decided);
	end();
}
END_TEST

START_TEST(test_no_survival)
{
	setup();
	/* a proposal that the tester does not make: nothing comes up */
	ck_assert(
	    ike_proposal_parse("aes256-sha256-x25519", &conform_world_device(own)->proposal[0]));
	begin();
	scene_expect_survival(trial, "a thunderstorm");
	assert_decided(CONFORM_FAIL, "after a thunderstorm no new Phase 1 comes up");
	end();
}
END_TEST

START_TEST(test_survival)
{
	setup();
	begin();
	scene_expect_survival(trial, "nothing");
	ck_assert(!trial->decided);
	end();
}
END_TEST

START_TEST(test_two_of_one_identity)
{
	struct scene_pair pair;

	setup();
	begin();
	pair = scene_call_twice(trial);
	ck_assert(!trial->decided);
	ck_assert_ptr_ne(pair.older, pair.newer);
	ck_assert_uint_eq(pair.older->index, 0);
	ck_assert_uint_eq(pair.newer->index, 1);
	end();
}
END_TEST

/* On the way to the device: what is said under the first SA is lost as soon as there is a second one. */
static void (*deliver)(struct world *world, const struct ike_datagram *datagram);
static uint8_t first_cookie[IKE_COOKIE_LENGTH];
static bool first_seen, second_seen;

static void lose_older(struct world *world, const struct ike_datagram *datagram)
{
	bool is_first;

	if (!first_seen)
		memcpy(first_cookie, datagram->data, IKE_COOKIE_LENGTH);
	first_seen = true;
	is_first = memcmp(first_cookie, datagram->data, IKE_COOKIE_LENGTH) == 0;
	second_seen = second_seen || !is_first;
	if (!is_first || !second_seen)
		deliver(world, datagram);
}

START_TEST(test_a_device_that_keeps_one)
{
	setup();
	deliver = conform_world_world(own)->send;
	conform_world_world(own)->send = lose_older;
	begin();
	(void)scene_call_twice(trial);
	assert_decided(CONFORM_UNSUPPORTED, "keeps one SA per identity");
	end();
}
END_TEST

START_TEST(test_last_sent)
{
	struct trial_sa *sa, *other;
	const struct seen *seen;

	setup();
	begin();
	sa = trial_call(trial, NULL);
	ck_assert_ptr_null(scene_last_sent(trial, sa, IKE_PAYLOAD_DELETE));
	trial_ask(trial, sa, 1000);
	trial_ask(trial, sa, 1001);
	other = trial_call(trial, NULL);
	trial_ask(trial, other, 1002);
	seen = scene_last_sent(trial, sa, IKE_PAYLOAD_NOTIFY);
	ck_assert_ptr_nonnull(seen);
	ck_assert_uint_eq(seen_number(seen), 1001);
	seen = scene_last_sent(trial, NULL, IKE_PAYLOAD_NOTIFY);
	ck_assert_uint_eq(seen_number(seen), 1002);
	end();
}
END_TEST

/* What the device sends by itself is no reaction, nor is an ACK; its Delete is one. */
START_TEST(test_reaction)
{
	const struct want reaction = {.like = scene_is_reaction};
	const struct want question = {.notify = IKE_NOTIFY_R_U_THERE};
	struct trial_sa *sa;

	setup();
	conform_world_device(own)->lifetime = 60;
	begin();
	sa = trial_call(trial, NULL);
	ck_assert_ptr_nonnull(trial_expect_question(trial, sa));
	trial_expect_alive(trial, sa, CONFORM_FAIL);
	ck_assert_uint_eq(trial_count(trial, &question, 0, NULL), 1);
	ck_assert_uint_eq(trial_count(trial, &reaction, 0, NULL), 0);
	trial_fall_silent(trial, sa);
	trial_pass_time(trial, 60 * IKE_SECOND);
	ck_assert_uint_ge(trial_count(trial, &reaction, 0, NULL), 1);
	end();
}
END_TEST

START_TEST(test_nothing_is_said_once_decided)
{
	size_t mark;

	setup();
	begin();
	trial_decide(trial, CONFORM_LENIENT, NULL, "decided");
	mark = trial_mark(trial);
	ck_assert(!scene_is_alive(trial, NULL));
	(void)scene_call_twice(trial);
	ck_assert_ptr_null(scene_call_as_another(trial));
	scene_expect_survival(trial, "all that");
	ck_assert_uint_eq(trial_mark(trial), mark);
	assert_decided(CONFORM_LENIENT, "decided");
	end();
}
END_TEST

UNIT_MAIN("scene", test_an_sa_that_is_gone_does_not_answer, test_an_identity_that_is_not_taken,
	  test_no_survival, test_a_device_that_keeps_one, test_nothing_is_said_once_decided,
	  test_an_identity_that_is_taken, test_survival, test_two_of_one_identity, test_last_sent,
	  test_reaction)
