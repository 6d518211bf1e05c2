/* SPDX-License-Identifier: ISC */
/*
 * test_run.c - one case from its beginning to the sanity conversation: verdicts that do not hold when the device is hurt.
 */
#include <string.h>

#include "tests/support/trial_scene.h"
#include "tests/support/unit.h"

static struct trial_scene *scene;
static bool hurts; /* the script leaves a device that hears nothing any more */

static void passes(struct trial *trial)
{
	trial_expect_alive(trial, trial_call(trial, NULL), CONFORM_FAIL);
	scene->deaf = hurts;
}

static void fails(struct trial *trial)
{
	trial_decide(trial, CONFORM_FAIL, trial_seen(trial, 0), "as it was told to");
	scene->deaf = hurts;
}

static void knows(struct trial *trial)
{
	(void)trial_call(trial, NULL);
	trial_value(trial, trial_seen(trial, 1), "blue", "it is blue");
	scene->deaf = hurts;
}

static void skips(struct trial *trial)
{
	trial_decide(trial, CONFORM_SKIP, NULL, "not here");
	scene->deaf = hurts;
}

static struct conform_result result;

static bool run(void (*script)(struct trial *trial), enum conform_level level, bool hurt)
{
	struct conform_case of = {.id = "test/1/run", .level = level, .script = script};
	bool well;

	hurts = hurt;
	scene = trial_scene_new();
	conform_run(&of, &scene->world, scene->settings, &result, &well);
	return well;
}

static void end(void)
{
	conform_result_free(&result);
	ck_assert_ptr_null(result.trial);
	trial_scene_free(scene);
}

START_TEST(test_a_device_that_is_hurt_has_not_passed)
{
	ck_assert(!run(passes, CONFORM_MUST, true));
	ck_assert_int_eq(result.verdict, CONFORM_INCONCLUSIVE);
	ck_assert_ptr_nonnull(strstr(result.observed, "as expected; but afterwards"));
	ck_assert_ptr_nonnull(strstr(result.observed, "no answer"));
	end();
	ck_assert(!run(knows, CONFORM_INFO, true));
	ck_assert_int_eq(result.verdict, CONFORM_INCONCLUSIVE);
	ck_assert_str_eq(result.value, "");
	end();
}
END_TEST

/* What a ROBUST case asks for is that new SAs can be made afterwards. */
START_TEST(test_a_robust_device_is_not_hurt)
{
	ck_assert(!run(passes, CONFORM_ROBUST, true));
	ck_assert_int_eq(result.verdict, CONFORM_FAIL);
	ck_assert_int_eq(result.found, CONFORM_FAIL);
	end();
}
END_TEST

START_TEST(test_what_failed_has_failed)
{
	ck_assert(run(fails, CONFORM_MUST, true)); /* nothing was sent: it was not this case */
	ck_assert_int_eq(result.verdict, CONFORM_FAIL);
	ck_assert_str_eq(result.observed, "as it was told to");
	end();
}
END_TEST

START_TEST(test_a_case_that_says_nothing_is_not_asked_after)
{
	ck_assert(run(skips, CONFORM_MUST, true));
	ck_assert_int_eq(result.verdict, CONFORM_SKIP);
	ck_assert_uint_eq(scene->sent, 0);
	end();
}
END_TEST

START_TEST(test_no_answer_to_three_questions)
{
	struct fault fault = {""};

	scene = trial_scene_new();
	ck_assert(conform_is_well(&scene->world, scene->settings, &fault));
	scene->deaf = true;
	ck_assert(!conform_is_well(&scene->world, scene->settings, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "no answer from 192.0.2.2"));
	trial_scene_free(scene);
}
END_TEST

/* RFC 3706 section 5.1: whoever has not announced it is not asked, and is well nevertheless. */
START_TEST(test_a_device_without_the_keepalive_is_well)
{
	struct fault fault;

	scene = trial_scene_new();
	conform_world_device_settings(scene->own)->extension = NULL;
	ck_assert(conform_is_well(&scene->world, scene->settings, &fault));
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_interrupted)
{
	scene = trial_scene_new();
	fault_say(&scene->world.trouble, "interrupted");
	ck_assert(!conform_is_well(&scene->world, scene->settings, &(struct fault){""}));
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_passed)
{
	ck_assert(run(passes, CONFORM_MUST, false));
	ck_assert_int_eq(result.verdict, CONFORM_PASS);
	ck_assert_int_eq(result.found, CONFORM_PASS);
	ck_assert_str_eq(result.observed, "as expected");
	ck_assert_uint_eq(result.deciding, SIZE_MAX);
	ck_assert_uint_gt(result.took, 0);
	end();
	ck_assert(run(knows, CONFORM_INFO, false));
	ck_assert_int_eq(result.verdict, CONFORM_INFO_VALUE);
	ck_assert_str_eq(result.value, "blue");
	ck_assert_uint_eq(result.deciding, 1);
	end();
}
END_TEST

static void (*really_send)(struct world *world, const struct ike_datagram *datagram);
static uint8_t called[4][IKE_COOKIE_LENGTH];
static size_t calls;

static void watch(struct world *world, const struct ike_datagram *datagram)
{
	struct ike_header header;

	if (ike_header_parse(octets_of(datagram->data, datagram->length), &header) ==
		IKE_ACCEPTED &&
	    ike_cookie_is_zero(header.cky_r) && calls < 4)
		memcpy(called[calls++], header.cky_i, IKE_COOKIE_LENGTH);
	really_send(world, datagram);
}

/* The sanity conversation is with another SA than the case's, also where chance is seeded. */
START_TEST(test_no_cookie_comes_twice)
{
	struct conform_case of = {.id = "test/1/run", .script = passes};
	bool well;

	calls = 0;
	hurts = false;
	scene = trial_scene_new();
	really_send = scene->world.send;
	scene->world.send = watch;
	conform_run(&of, &scene->world, scene->settings, &result, &well);
	ck_assert_uint_eq(calls, 2);
	ck_assert_mem_ne(called[0], called[1], IKE_COOKIE_LENGTH);
	end();
}
END_TEST

START_TEST(test_not_run)
{
	static const struct conform_case of = {.id = "test/1/run"};

	conform_not_run(&of, CONFORM_SKIP, "because", 17, &result);
	ck_assert_ptr_null(result.trial);
	ck_assert_int_eq(result.found, CONFORM_SKIP);
	ck_assert_str_eq(result.observed, "because");
	conform_result_free(&result);
}
END_TEST

UNIT_MAIN("run", test_a_device_that_is_hurt_has_not_passed, test_a_robust_device_is_not_hurt,
	  test_what_failed_has_failed, test_a_case_that_says_nothing_is_not_asked_after,
	  test_no_answer_to_three_questions, test_a_device_without_the_keepalive_is_well,
	  test_interrupted, test_passed, test_no_cookie_comes_twice, test_not_run)
