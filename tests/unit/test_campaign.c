/* SPDX-License-Identifier: ISC */
/*
 * test_campaign.c - case after case: a device that is never well, one that is hurt and recovers, and one that is hurt for good.
 */
#include <stdio.h>
#include <string.h>

#include "interop/conform/campaign.h"
#include "tests/support/trial_scene.h"
#include "tests/support/unit.h"

static struct trial_scene *scene;
static ike_time hurt_until;

/* The device is deaf until then. */
static void (*really_send)(struct world *world, const struct ike_datagram *datagram);

static void send(struct world *world, const struct ike_datagram *datagram)
{
	scene->deaf = world->now(world) < hurt_until;
	really_send(world, datagram);
}

static void passes(struct trial *trial)
{
	trial_expect_alive(trial, trial_call(trial, NULL), CONFORM_FAIL);
}

static void hurts(struct trial *trial)
{
	passes(trial);
	hurt_until = trial_now(trial) + 15 * IKE_SECOND;
}

static void kills(struct trial *trial)
{
	passes(trial);
	hurt_until = IKE_NEVER;
}

static void interrupts(struct trial *trial)
{
	passes(trial);
	fault_say(&scene->world.trouble, "interrupted");
	trial_pass_time(trial, IKE_SECOND);
}

static const struct conform_case
    good = {.id = "test/1/good", .script = passes},
    good_2 = {.id = "test/1/good-2", .script = passes},
    harm = {.id = "test/1/harm", .script = hurts}, death = {.id = "test/1/death", .script = kills},
    interrupt = {.id = "test/1/interrupt", .script = interrupts},
    called = {.id = "test/1/called", .role = CONFORM_INITIATOR, .script = passes},
    tunnel = {.id = "test/1/tunnel", .needs = CONFORM_NEEDS_TUNNEL, .script = passes},
    slow = {.id = "test/1/slow", .needs = CONFORM_NEEDS_DEATH, .script = passes};

static struct conform_result results[8];
static size_t done, begun;
static char said[2000];

static void on_begin(void *context, size_t index, const struct conform_case *of)
{
	(void)context;
	(void)index;
	(void)of;
	begun++;
}

static bool on_done(void *context, size_t index, struct conform_result *result)
{
	ck_assert_uint_eq(index, done);
	results[done] = *result;
	results[done++].trial = NULL;
	return context == NULL;
}

static void on_say(void *context, const char *line)
{
	(void)context;
	snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s\n", line);
}

static struct fault fault;

static void begin(void)
{
	scene = trial_scene_new();
	really_send = scene->world.send;
	scene->world.send = send;
	hurt_until = 0;
	done = begun = 0;
	said[0] = '\0';
}

static enum campaign_end run(const struct conform_case *const *cases, size_t count,
			     struct campaign campaign)
{
	campaign.world = &scene->world;
	campaign.settings = scene->settings;
	campaign.cases = cases;
	campaign.count = count;
	campaign.begin = on_begin;
	campaign.done = on_done;
	campaign.say = on_say;
	return campaign_run(&campaign, &fault);
}

static const struct campaign plain;

START_TEST(test_a_device_that_is_not_there)
{
	const struct conform_case *const cases[] = {&good};

	begin();
	hurt_until = IKE_NEVER;
	ck_assert_int_eq(run(cases, 1, plain), CAMPAIGN_NOT_WELL);
	ck_assert_ptr_nonnull(strstr(fault.text, "no answer"));
	ck_assert_uint_eq(done, 0);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_a_device_that_is_hurt_for_good)
{
	const struct conform_case *const cases[] = {&good, &death, &good_2, &called};
	ike_time then;

	begin();
	then = scene->world.now(&scene->world);
	ck_assert_int_eq(run(cases, 4, plain), CAMPAIGN_COMPLETE);
	ck_assert_uint_eq(done, 4);
	ck_assert_uint_eq(begun, 2);
	ck_assert_int_eq(results[0].verdict, CONFORM_PASS);
	ck_assert_int_eq(results[1].verdict, CONFORM_INCONCLUSIVE);
	ck_assert_int_eq(results[2].verdict, CONFORM_INCONCLUSIVE);
	ck_assert_ptr_nonnull(strstr(results[2].observed, "does not answer since test/1/death"));
	ck_assert_int_eq(results[3].verdict, CONFORM_SKIP);
	ck_assert_ptr_nonnull(strstr(said, "backing off"));
	ck_assert_ptr_null(strstr(said, "well again"));
	ck_assert_uint_lt(scene->world.now(&scene->world) - then, 90 * IKE_SECOND);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_a_device_that_recovers)
{
	const struct conform_case *const cases[] = {&harm, &good};

	begin();
	ck_assert_int_eq(run(cases, 2, plain), CAMPAIGN_COMPLETE);
	ck_assert_int_eq(results[0].verdict, CONFORM_INCONCLUSIVE);
	ck_assert_int_eq(results[1].verdict, CONFORM_PASS);
	ck_assert_ptr_nonnull(strstr(said, "not well after test/1/harm"));
	ck_assert_ptr_nonnull(strstr(said, "well again"));
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_an_interruption)
{
	const struct conform_case *const cases[] = {&interrupt, &good};

	begin();
	ck_assert_int_eq(run(cases, 2, plain), CAMPAIGN_STOPPED);
	ck_assert_uint_eq(done, 1);
	ck_assert_int_eq(results[0].verdict, CONFORM_INCONCLUSIVE);
	ck_assert_str_eq(results[0].observed, "interrupted");
	ck_assert_str_eq(said, "");
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_a_result_that_cannot_be_kept)
{
	const struct conform_case *const cases[] = {&good, &good_2};

	begin();
	ck_assert_int_eq(run(cases, 2, (struct campaign){.context = &done}), CAMPAIGN_STOPPED);
	ck_assert_uint_eq(done, 1);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_what_is_not_run)
{
	const struct conform_case *const cases[] = {&called, &tunnel, &slow};

	begin();
	ck_assert_int_eq(run(cases, 3, (struct campaign){.quick = true}), CAMPAIGN_COMPLETE);
	ck_assert_uint_eq(begun, 0);
	ck_assert_ptr_nonnull(strstr(results[0].observed, "--call"));
	ck_assert_ptr_nonnull(strstr(results[1].observed, "--tunnel"));
	ck_assert_ptr_nonnull(strstr(results[2].observed, "--quick"));
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(results[i].verdict, CONFORM_SKIP);
	trial_scene_free(scene);
	begin();
	scene->settings->tunnel = &scene->settings->peer.tunnel[0];
	ck_assert_int_eq(run(cases, 3, (struct campaign){.can_call = true}), CAMPAIGN_COMPLETE);
	ck_assert_uint_eq(begun, 3);
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(results[i].verdict, CONFORM_PASS);
	trial_scene_free(scene);
}
END_TEST

/* A pause between two cases, and none where nothing was said. */
START_TEST(test_pauses)
{
	const struct conform_case *const cases[] = {&good, &good_2};

	begin();
	ck_assert_int_eq(run(cases, 2, plain), CAMPAIGN_COMPLETE);
	ck_assert_uint_ge(results[1].began, results[0].began + results[0].took + CAMPAIGN_PAUSE);
	trial_scene_free(scene);
}
END_TEST

UNIT_MAIN("campaign", test_a_device_that_is_not_there, test_a_device_that_is_hurt_for_good,
	  test_a_device_that_recovers, test_an_interruption, test_a_result_that_cannot_be_kept,
	  test_what_is_not_run, test_pauses)
