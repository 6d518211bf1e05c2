/* SPDX-License-Identifier: ISC */
/*
 * test_trial_core.c - the tester's cores and the loop: what is lost, what nobody asked for, and that it always comes to an end.
 */
#include <string.h>

#include "ike/identity.h"
#include "tests/support/trial_scene.h"
#include "tests/support/unit.h"

static struct trial_scene *scene;

static void begin(void)
{
	scene = trial_scene_new();
	trial_scene_begin(scene);
}

START_TEST(test_no_room_for_one_more)
{
	begin();
	for (int i = 0; i < TRIAL_SAS; i++)
		ck_assert_ptr_nonnull(trial_hold(scene->trial, NULL, true));
	ck_assert_ptr_null(trial_hold(scene->trial, NULL, true));
	trial_scene_assert(scene, CONFORM_INCONCLUSIVE, "no room");
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_an_identity_that_is_none)
{
	const struct trial_call how = {.identity = "fqdn:"};

	begin();
	ck_assert_ptr_null(trial_call(scene->trial, &how));
	trial_scene_assert(scene, CONFORM_INCONCLUSIVE, "no room");
	trial_scene_free(scene);
}
END_TEST

/* It would put a Phase 1 on the wire that no script has asked for. */
START_TEST(test_a_core_that_failed_does_not_call_again)
{
	const struct trial_call how = {.may_fail = true};
	size_t sent;

	begin();
	scene->deaf = true;
	ck_assert_ptr_null(trial_call(scene->trial, &how));
	trial_pass_time(scene->trial, 20 * IKE_SECOND);
	sent = scene->sent;
	trial_pass_time(scene->trial, 300 * IKE_SECOND);
	ck_assert_uint_eq(scene->sent, sent);
	ck_assert(!trial_is_decided(scene->trial));
	trial_scene_free(scene);
}
END_TEST

/* The core lives longer than the script that named it. */
START_TEST(test_a_vendor_id_is_the_cores_own)
{
	uint8_t id[] = "of the script's stack", longer[TRIAL_VENDOR_ID_MAX + 1] = {0};
	struct trial_call how = {.vendor_id = octets_of(id, sizeof(id))};
	const struct holder *holder;

	begin();
	holder = trial_hold(scene->trial, &how, true);
	ck_assert_ptr_nonnull(holder);
	memset(id, 0, sizeof(id));
	ck_assert_uint_eq(holder->ike.extension->vendor_id.length, sizeof(id));
	ck_assert_mem_eq(holder->ike.extension->vendor_id.data, "of the script's stack",
			 sizeof(id));
	how.vendor_id = octets_of(longer, sizeof(longer));
	ck_assert_ptr_null(trial_hold(scene->trial, &how, true));
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_two_cores_are_two_parties)
{
	struct trial_sa *a, *b;

	begin();
	a = trial_call(scene->trial, NULL);
	b = trial_call(scene->trial, NULL);
	ck_assert_ptr_nonnull(b);
	ck_assert_mem_ne(a->cky_i, b->cky_i, IKE_COOKIE_LENGTH);
	ck_assert_mem_ne(a->keys.key, b->keys.key, a->keys.key_length);
	ck_assert_uint_eq(a->index, 0);
	ck_assert_uint_eq(b->index, 1);
	trial_scene_free(scene);
}
END_TEST

static bool lose_the_third(struct trial *trial, unsigned message, struct ike_datagram *datagram)
{
	(void)trial;
	(void)datagram;
	return message != 2;
}

START_TEST(test_what_is_tampered_with)
{
	const struct trial_call how = {.tamper = lose_the_third, .may_fail = true};

	begin();
	ck_assert_ptr_null(trial_call(scene->trial, &how));
	ck_assert(!trial_is_decided(scene->trial));
	for (size_t i = 0; trial_seen(scene->trial, i) != NULL; i++)
		ck_assert(
		    ike_cookie_is_zero(trial_seen(scene->trial, i)->opened->message.header.cky_r) ||
		    trial_seen(scene->trial, i)->from == TRIAL_DEVICE);
	trial_scene_free(scene);
}
END_TEST

/* Nothing is a whole message twice: repetitions have the number of the first. */
static unsigned highest;

static bool count(struct trial *trial, unsigned message, struct ike_datagram *datagram)
{
	(void)trial;
	(void)datagram;
	highest = message > highest ? message : highest;
	return true;
}

START_TEST(test_repetitions_have_one_number)
{
	const struct trial_call how = {.tamper = count, .may_fail = true};

	highest = 0;
	begin();
	scene->dumb = true;
	ck_assert_ptr_null(trial_call(scene->trial, &how));
	ck_assert_uint_gt(scene->sent, 1);
	ck_assert_uint_eq(highest, 1);
	scene->dumb = false;
	ck_assert_ptr_nonnull(trial_call(scene->trial, &how));
	ck_assert_uint_eq(highest, 3);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_how_an_sa_is_called_for)
{
	static const uint8_t other[] = {1, 2, 3, 4, 5, 6, 7, 8};
	const struct trial_call hidden = {.no_vendor_id = true};
	const struct trial_call strange = {.vendor_id = {other, sizeof(other)}};
	struct trial_sa *sa;

	begin();
	sa = trial_call(scene->trial, &hidden);
	ck_assert_ptr_nonnull(sa);
	ck_assert(!trial_is_unsupported(sa)); /* we did not say it either */
	sa = trial_call(scene->trial, &strange);
	ck_assert_ptr_nonnull(sa);
	ck_assert(!trial_is_unsupported(sa));
	sa = trial_call(scene->trial, NULL);
	ck_assert(sa->supported);
	ck_assert(!trial_is_unsupported(sa));
	sa->supported = false;
	ck_assert(trial_is_unsupported(sa));
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_a_flood_does_not_stop_the_clock)
{
	static const uint8_t noise[28] = {1};

	begin();
	scene->flood = true;
	trial_scene_inject(scene, octets_of(noise, sizeof(noise)));
	trial_pass_time(scene->trial, IKE_SECOND);
	trial_scene_assert(scene, CONFORM_INCONCLUSIVE, "floods");
	trial_leave(scene->trial); /* comes to its end, too */
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_trouble_ends_all)
{
	begin();
	fault_say(&scene->world.trouble, "interrupted");
	ck_assert_ptr_null(trial_call(scene->trial, NULL));
	trial_scene_assert(scene, CONFORM_INCONCLUSIVE, "interrupted");
	trial_scene_free(scene);
}
END_TEST

/* The device is not left with an SA that nobody has any more. */
START_TEST(test_whoever_is_interrupted_says_farewell)
{
	const struct seen *last = NULL;
	struct trial_sa *sa;

	begin();
	sa = trial_call(scene->trial, NULL);
	trial_fall_silent(scene->trial, sa);
	fault_say(&scene->world.trouble, "interrupted");
	trial_pass_time(scene->trial, IKE_SECOND);
	trial_leave(scene->trial);
	for (size_t i = 0; trial_seen(scene->trial, i) != NULL; i++)
		last = trial_seen(scene->trial, i);
	ck_assert_ptr_nonnull(last);
	ck_assert_int_eq(last->from, TRIAL_TESTER);
	ck_assert_ptr_nonnull(ike_payload_find(&last->opened->message, IKE_PAYLOAD_DELETE));
	ck_assert_int_eq(last->opened->hash, MESSAGE_HASH_HOLDS);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_noise_is_nobodys)
{
	static const uint8_t noise[] = {1, 2, 3};
	const struct seen *seen;
	size_t strangers = 0;

	begin();
	trial_scene_inject(scene, octets_of(noise, sizeof(noise)));
	ck_assert_ptr_nonnull(trial_call(scene->trial, NULL));
	for (size_t i = 0; (seen = trial_seen(scene->trial, i)) != NULL; i++) {
		ck_assert_int_eq(seen->sa == NULL, seen->length == sizeof(noise));
		strangers += seen->sa == NULL;
	}
	ck_assert_uint_eq(strangers, 1);
	trial_scene_free(scene);
}
END_TEST

/* After a death for one: it would say its first message again in whatever case comes next. */
START_TEST(test_a_call_that_nobody_takes_is_taken_in_the_end)
{
	begin();
	ck_assert(scene->world.call_us(&scene->world));
	trial_pass_time(scene->trial, IKE_SECOND);
	ck_assert_uint_gt(scene->heard, 0);
	ck_assert_uint_eq(scene->trial->holders, 0);
	trial_leave(scene->trial);
	ck_assert_uint_eq(scene->trial->holders, 1);
	ck_assert(scene->trial->holder[0]->sa.established);
	ck_assert(!trial_is_decided(scene->trial));
	trial_scene_free(scene);
}
END_TEST

/* The first message of a call with cookies of its own, as a device may have sent it before it was told to call. */
static void inject_another_call(void)
{
	struct trial_scene *another = trial_scene_new();
	const struct seen *first;
	uint8_t data[IKE_DATAGRAM_MAX];

	trial_scene_begin(another);
	ck_assert(another->world.call_us(&another->world));
	trial_pass_time(another->trial, IKE_SECOND / 10);
	first = trial_seen(another->trial, 0);
	ck_assert_ptr_nonnull(first);
	memcpy(data, first->wire, first->length);
	data[0] ^= 0xff;
	trial_scene_inject(scene, octets_of(data, first->length));
	trial_scene_free(another);
}

START_TEST(test_it_gives_up_its_call_for_another)
{
	struct trial_sa *sa;

	begin();
	inject_another_call();
	sa = trial_be_called(scene->trial, NULL);
	ck_assert_ptr_nonnull(sa);
	ck_assert_ptr_null(
	    trial_seen(scene->trial, 0)->sa); /* what came of the first is not of this SA */
	trial_expect_alive(scene->trial, sa, CONFORM_FAIL);
	ck_assert(!trial_is_decided(scene->trial));
	trial_scene_free(scene);
}
END_TEST

static bool repeats_the_first(struct trial *own, unsigned message, struct ike_datagram *datagram)
{
	const struct seen *first = trial_seen(own, 0);

	(void)datagram;
	if (message == 1 && trial_seen(own, 2) != NULL) /* it is the second call that is answered */
		trial_scene_inject(scene, octets_of(first->wire, first->length));
	return true;
}

START_TEST(test_a_call_given_up_is_not_gone_back_to)
{
	const struct trial_call how = {.tamper = repeats_the_first};

	begin();
	inject_another_call();
	ck_assert_ptr_nonnull(trial_be_called(scene->trial, &how));
	ck_assert(!trial_is_decided(scene->trial));
	trial_scene_free(scene);
}
END_TEST

static bool calls_after_the_last(struct trial *own, unsigned message, struct ike_datagram *datagram)
{
	(void)own;
	(void)datagram;
	if (message == 3)
		inject_another_call();
	return true;
}

START_TEST(test_a_call_that_has_come_up_is_not_left_for_another)
{
	const struct trial_call how = {.tamper = calls_after_the_last};
	struct trial_sa *sa;
	size_t strangers = 0;

	begin();
	sa = trial_be_called(scene->trial, &how);
	ck_assert_ptr_nonnull(sa);
	trial_expect_alive(scene->trial, sa, CONFORM_FAIL);
	ck_assert(!trial_is_decided(scene->trial));
	for (size_t i = 0; trial_seen(scene->trial, i) != NULL; i++)
		strangers += trial_seen(scene->trial, i)->sa == NULL;
	ck_assert_uint_eq(strangers, 1);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_why_phase_1_fails)
{
	static const struct secret *other;
	struct secret *wrong = secret_new(octets_of("a secret that one of them knows", 31));

	other = wrong;
	scene = trial_scene_new();
	scene->settings->peer.secret = other;
	trial_scene_begin(scene);
	ck_assert_ptr_null(trial_call(scene->trial, NULL));
	trial_scene_assert(scene, CONFORM_INCONCLUSIVE, "the secrets differ");
	trial_scene_free(scene);
	scene = trial_scene_new();
	ck_assert(ike_proposal_parse("aes256-sha256-x25519", &scene->settings->peer.proposal[0]));
	trial_scene_begin(scene);
	ck_assert_ptr_null(trial_call(scene->trial, NULL));
	trial_scene_assert(scene, CONFORM_INCONCLUSIVE, "NO-PROPOSAL-CHOSEN");
	trial_scene_free(scene);
	begin();
	scene->deaf = true;
	ck_assert_ptr_null(trial_call(scene->trial, NULL));
	trial_scene_assert(scene, CONFORM_INCONCLUSIVE, "no answer from 192.0.2.2");
	trial_scene_free(scene);
	secret_free(wrong);
}
END_TEST

UNIT_MAIN("trial_core", test_no_room_for_one_more, test_an_identity_that_is_none,
	  test_a_core_that_failed_does_not_call_again, test_a_vendor_id_is_the_cores_own,
	  test_two_cores_are_two_parties, test_what_is_tampered_with,
	  test_repetitions_have_one_number, test_how_an_sa_is_called_for,
	  test_a_flood_does_not_stop_the_clock, test_trouble_ends_all,
	  test_whoever_is_interrupted_says_farewell, test_noise_is_nobodys, test_why_phase_1_fails,
	  test_a_call_that_nobody_takes_is_taken_in_the_end, test_it_gives_up_its_call_for_another,
	  test_a_call_given_up_is_not_gone_back_to,
	  test_a_call_that_has_come_up_is_not_left_for_another)
