/* SPDX-License-Identifier: ISC */
/*
 * test_trial.c - what a trial keeps, how it recognises it, and that only the first decision counts.
 */
#include <string.h>

#include "ike/address.h"
#include "tests/support/trial_scene.h"
#include "tests/support/unit.h"

static struct trial_scene *scene;

static void begin(void)
{
	scene = trial_scene_new();
	trial_scene_begin(scene);
}

START_TEST(test_the_first_decision_counts)
{
	begin();
	ck_assert(!trial_is_decided(scene->trial));
	trial_decide(scene->trial, CONFORM_FAIL, NULL, "%s %d", "because", 1);
	trial_decide(scene->trial, CONFORM_PASS, NULL, "not because");
	trial_value(scene->trial, NULL, "v", "nor because");
	trial_scene_assert(scene, CONFORM_FAIL, "because 1");
	ck_assert_str_eq(scene->trial->value, "");
	ck_assert_uint_eq(scene->trial->deciding, SIZE_MAX);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_texts_are_cut_not_overrun)
{
	char much[2 * RESULT_TEXT];

	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	begin();
	trial_value(scene->trial, NULL, much, "%s", much);
	ck_assert_uint_eq(strlen(scene->trial->value), sizeof(scene->trial->value) - 1);
	ck_assert_uint_eq(strlen(scene->trial->observed), RESULT_TEXT - 1);
	trial_scene_assert(scene, CONFORM_INFO_VALUE, "x");
	trial_scene_free(scene);
}
END_TEST

static const struct seen *note(enum trial_from from, const uint8_t *data, size_t length,
			       struct trial_sa *sa)
{
	struct ike_datagram datagram = {
	    .data = (uint8_t *)(uintptr_t)data,
	    .length = length,
	    .remote = scene->world.device,
	    .local = scene->world.tester,
	};
	struct record *record = trial_note(scene->trial, from, &datagram, sa);

	return record != NULL ? &record->seen : NULL;
}

START_TEST(test_more_than_can_be_kept)
{
	const uint8_t nothing[1] = {0};

	begin();
	for (int i = 0; i < TRIAL_SEEN; i++)
		ck_assert_ptr_nonnull(note(TRIAL_DEVICE, nothing, sizeof(nothing), NULL));
	ck_assert(!trial_is_decided(scene->trial));
	ck_assert_ptr_null(note(TRIAL_DEVICE, nothing, sizeof(nothing), NULL));
	trial_scene_assert(scene, CONFORM_INCONCLUSIVE, "floods");
	ck_assert_ptr_nonnull(trial_seen(scene->trial, TRIAL_SEEN - 1));
	ck_assert_ptr_null(trial_seen(scene->trial, TRIAL_SEEN));
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_what_cannot_be_read_is_kept_as_it_is)
{
	static const uint8_t noise[] = {1, 2, 3};
	const struct want any = {.exchange = 0}, notify = {.notify = IKE_NOTIFY_R_U_THERE},
			  payload = {.payload = IKE_PAYLOAD_HASH},
			  exchange = {.exchange = IKE_EXCHANGE_INFORMATIONAL};
	const struct seen *seen;

	begin();
	seen = note(TRIAL_DEVICE, noise, sizeof(noise), NULL);
	ck_assert_mem_eq(seen->wire, noise, sizeof(noise));
	ck_assert(!seen->opened->readable);
	ck_assert(seen_is(seen, &any));
	ck_assert(!seen_is(seen, &notify));
	ck_assert(!seen_is(seen, &payload));
	ck_assert(!seen_is(seen, &exchange));
	ck_assert_uint_eq(seen_number(seen), 0);
	ck_assert(ike_address_equal(&seen->source, &scene->world.device));
	seen = note(TRIAL_TESTER, noise, 0, NULL);
	ck_assert(ike_address_equal(&seen->source, &scene->world.tester));
	trial_scene_free(scene);
}
END_TEST

/* A message under the SA, sealed by the tester; noted as the device's. */
static const struct seen *noted(struct trial_sa *sa, const struct message *message)
{
	uint8_t data[IKE_DATAGRAM_MAX], plain[IKE_DATAGRAM_MAX];
	size_t plain_length;
	size_t length = message_seal(message, scene->trial->crypto, &scene->trial->random, data,
				     plain, sizeof(data), &plain_length);

	return note(TRIAL_DEVICE, data, length, sa);
}

START_TEST(test_each_wish_is_looked_at)
{
	struct trial_sa *sa;
	struct message *message;
	const struct seen *right, *clear, *wrong_hash;
	struct want want;

	begin();
	sa = trial_call(scene->trial, NULL);
	ck_assert_ptr_nonnull(sa);
	message = trial_scene_message(scene, sa, 77);
	message_add_keepalive(message, IKE_NOTIFY_R_U_THERE_ACK, 1000);
	right = noted(sa, message);
	message->hash = MESSAGE_HASH_WRONG;
	wrong_hash = noted(sa, message);
	message->protection = MESSAGE_CLEAR;
	clear = noted(sa, message);
	want = (struct want){.sa = sa,
			     .exchange = IKE_EXCHANGE_INFORMATIONAL,
			     .notify = IKE_NOTIFY_R_U_THERE_ACK,
			     .payload = IKE_PAYLOAD_NOTIFY,
			     .has_number = true,
			     .number = 1000,
			     .protected_only = true};
	ck_assert(seen_is(right, &want));
	ck_assert(!seen_is(wrong_hash, &want));
	ck_assert(!seen_is(clear, &want));
	want.protected_only = false;
	ck_assert(seen_is(wrong_hash, &want));
	ck_assert(seen_is(clear, &want));
	want.number = 1001;
	ck_assert(!seen_is(right, &want));
	want.number = 1000;
	want.notify = IKE_NOTIFY_R_U_THERE;
	ck_assert(!seen_is(right, &want));
	want.notify = IKE_NOTIFY_R_U_THERE_ACK;
	want.payload = IKE_PAYLOAD_DELETE;
	ck_assert(!seen_is(right, &want));
	want.payload = 0;
	want.exchange = IKE_EXCHANGE_QUICK_MODE;
	ck_assert(!seen_is(right, &want));
	want.exchange = 0;
	want.sa = (struct trial_sa *)(uintptr_t)&want; /* of another SA */
	ck_assert(!seen_is(right, &want));
	ck_assert_uint_eq(seen_number(right), 1000);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_counting_is_of_the_device_and_since_the_mark)
{
	const struct want any = {.exchange = 0};
	const uint8_t nothing[1] = {0};
	const struct seen *first = NULL, *second;
	size_t mark;

	begin();
	(void)note(TRIAL_DEVICE, nothing, 1, NULL);
	mark = trial_mark(scene->trial);
	ck_assert_uint_eq(trial_count(scene->trial, &any, mark, &first), 0);
	ck_assert_ptr_null(first);
	(void)note(TRIAL_TESTER, nothing, 1, NULL);
	second = note(TRIAL_DEVICE, nothing, 1, NULL);
	(void)note(TRIAL_DEVICE, nothing, 1, NULL);
	ck_assert_uint_eq(trial_count(scene->trial, &any, mark, &first), 2);
	ck_assert_ptr_eq(first, second);
	ck_assert_uint_eq(trial_count(scene->trial, &any, 0, NULL), 3);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_whose_a_message_is)
{
	struct ike_header header = {.version = 0};
	struct trial_sa *sa;

	begin();
	ck_assert_ptr_null(trial_holder_of(scene->trial, &header));
	ck_assert_ptr_nonnull(trial_hold(scene->trial, NULL, false));
	ck_assert_ptr_null(trial_holder_of(scene->trial, &header)); /* it waits for a call */
	sa = trial_call(scene->trial, NULL);
	memcpy(header.cky_i, sa->cky_i, IKE_COOKIE_LENGTH);
	ck_assert_ptr_eq(trial_holder_of(scene->trial, &header), sa);
	memcpy(header.cky_r, sa->cky_r, IKE_COOKIE_LENGTH);
	ck_assert_ptr_eq(trial_holder_of(scene->trial, &header), sa);
	header.cky_r[0] ^= 1;
	ck_assert_ptr_null(trial_holder_of(scene->trial, &header));
	memcpy(header.cky_i, sa->cky_r, IKE_COOKIE_LENGTH);
	memcpy(header.cky_r, sa->cky_i, IKE_COOKIE_LENGTH);
	ck_assert_ptr_null(trial_holder_of(scene->trial, &header)); /* swapped */
	ck_assert_ptr_eq(trial_sa_at(scene->trial, 1), sa);
	ck_assert_ptr_null(trial_sa_at(scene->trial, 2));
	trial_scene_free(scene);
}
END_TEST

/* Phase 1 is read by the core, and everything else by the trial. */
START_TEST(test_all_of_a_phase_1_can_be_read)
{
	const struct seen *seen;
	struct trial_sa *sa;
	size_t i;

	begin();
	sa = trial_call(scene->trial, NULL);
	trial_ask(scene->trial, sa, 5);
	ck_assert_ptr_nonnull(trial_expect_ack(scene->trial, sa, 5, CONFORM_FAIL));
	for (i = 0; (seen = trial_seen(scene->trial, i)) != NULL; i++) {
		ck_assert_msg(seen->opened->readable, "%zu", i);
		ck_assert_ptr_eq(seen->sa, sa);
		ck_assert_int_eq(seen->opened->encrypted, i >= 4);
		ck_assert_int_eq(seen->opened->plain_length > 0, i >= 4);
	}
	ck_assert_uint_eq(i, 8);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_nothing_to_free)
{
	trial_free(NULL);
}
END_TEST

UNIT_MAIN("trial", test_the_first_decision_counts, test_texts_are_cut_not_overrun,
	  test_more_than_can_be_kept, test_what_cannot_be_read_is_kept_as_it_is,
	  test_each_wish_is_looked_at, test_counting_is_of_the_device_and_since_the_mark,
	  test_whose_a_message_is, test_all_of_a_phase_1_can_be_read, test_nothing_to_free)
