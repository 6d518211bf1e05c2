/* SPDX-License-Identifier: ISC */
/*
 * test_trial_words.c - every word of trial.h: what it refuses, when it decides, and that nothing happens afterwards.
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

/* ---- once it is decided -------------------------------------------------------------------------------------------- */

static void say_every_word(struct trial_sa *sa)
{
	const struct want any = {.exchange = 0};
	struct message *message = trial_message(trial, sa);

	message_add_keepalive(message, IKE_NOTIFY_R_U_THERE, 1);
	trial_send(trial, sa, message);
	ck_assert_ptr_null(trial_call(trial, NULL));
	ck_assert_ptr_null(trial_be_called(trial, NULL));
	trial_quick_mode(trial, sa);
	trial_ask(trial, sa, 1);
	ck_assert_uint_eq(trial_ask_next(trial, sa), 0);
	trial_send_raw(trial, octets_of("x", 1));
	trial_replay(trial, trial_seen(trial, 0));
	trial_fall_silent(trial, sa);
	trial_speak_again(trial, sa);
	trial_lose(trial, sa, 1);
	ck_assert_ptr_null(trial_wait(trial, &any, IKE_SECOND));
	trial_pass_time(trial, IKE_SECOND);
	ck_assert_ptr_null(trial_expect_ack(trial, sa, 1, CONFORM_PASS));
	trial_expect_silence(trial, sa, 0, &any, CONFORM_PASS, CONFORM_PASS);
	trial_expect_alive(trial, sa, CONFORM_PASS);
	trial_expect_gone(trial, sa, CONFORM_PASS);
	ck_assert_ptr_null(trial_expect_question(trial, sa));
	trial_close(trial, sa);
}

START_TEST(test_nothing_happens_once_it_is_decided)
{
	struct trial_sa *sa = begin_with_sa();
	size_t sent = scene->sent;
	ike_time then = trial_now(trial);

	trial_decide(trial, CONFORM_LENIENT, NULL, "enough");
	say_every_word(sa);
	say_every_word(NULL);
	trial_scene_assert(scene, CONFORM_LENIENT, "enough");
	ck_assert_uint_eq(scene->sent, sent);
	ck_assert_uint_eq(trial_now(trial), then);
	trial_scene_free(scene);
}
END_TEST

#define REFUSES(call)                                                                              \
	do {                                                                                       \
		begin();                                                                           \
		call;                                                                              \
		trial_scene_assert(scene, CONFORM_INCONCLUSIVE, "no SA");                          \
		ck_assert_uint_eq(scene->sent, 0);                                                 \
		trial_scene_free(scene);                                                           \
	} while (0)

START_TEST(test_words_that_need_an_sa)
{
	const struct want any = {.exchange = 0};

	REFUSES(trial_quick_mode(trial, NULL));
	REFUSES(trial_close(trial, NULL));
	REFUSES(trial_send(trial, NULL, trial_message(trial, NULL)));
	REFUSES(trial_ask(trial, NULL, 1));
	REFUSES(trial_ask_next(trial, NULL));
	REFUSES(trial_fall_silent(trial, NULL));
	REFUSES(trial_speak_again(trial, NULL));
	REFUSES(trial_lose(trial, NULL, 1));
	REFUSES(trial_expect_ack(trial, NULL, 1, CONFORM_FAIL));
	REFUSES(trial_expect_silence(trial, NULL, 0, &any, CONFORM_FAIL, CONFORM_FAIL));
	REFUSES(trial_expect_alive(trial, NULL, CONFORM_FAIL));
	REFUSES(trial_expect_gone(trial, NULL, CONFORM_FAIL));
	REFUSES(trial_expect_question(trial, NULL));
}
END_TEST

/* ---- Phase 1 and 2 ------------------------------------------------------------------------------------------------- */

START_TEST(test_a_call_that_comes_to_nothing)
{
	const struct trial_call how = {.may_fail = true};

	begin();
	scene->deaf = true;
	ck_assert_ptr_null(trial_call(trial, &how));
	ck_assert(!trial_is_decided(trial));
	ck_assert_ptr_null(trial_call(trial, NULL));
	trial_scene_assert(scene, CONFORM_INCONCLUSIVE, "no answer");
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_nobody_makes_it_call)
{
	begin();
	scene->nobody_calls = true;
	ck_assert_ptr_null(trial_be_called(trial, NULL));
	trial_scene_assert(scene, CONFORM_SKIP, "--call");
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_it_does_not_call)
{
	ike_time then;

	begin();
	scene->dumb = true;
	then = trial_now(trial);
	ck_assert_ptr_null(trial_be_called(trial, NULL));
	trial_scene_assert(scene, CONFORM_INCONCLUSIVE, "does not call");
	ck_assert_uint_eq(trial_now(trial) - then, 5 * scene->settings->patience);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_it_calls)
{
	struct trial_sa *sa;

	begin();
	sa = trial_be_called(trial, NULL);
	ck_assert_ptr_nonnull(sa);
	ck_assert(sa->established && !sa->initiator && sa->supported && !sa->gone);
	trial_expect_alive(trial, sa, CONFORM_FAIL);
	ck_assert(!trial_is_decided(trial));
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_waiting_for_a_call_of_its_own_accord)
{
	struct trial_sa *sa;
	ike_time then;

	begin();
	then = trial_now(trial);
	ck_assert_ptr_null(trial_wait_for_call(trial, 3 * IKE_SECOND));
	ck_assert_uint_eq(trial_now(trial) - then, 3 * IKE_SECOND);
	ck_assert(!trial_is_decided(trial));
	ck_assert(scene->world.call_us(&scene->world));
	sa = trial_wait_for_call(trial, 3 * IKE_SECOND);
	ck_assert_ptr_nonnull(sa);
	trial_expect_alive(trial, sa, CONFORM_FAIL);
	ck_assert(!trial_is_decided(trial));
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_a_message_that_is_sealed_and_not_sent)
{
	struct trial_sa *sa = begin_with_sa();
	struct message *message = trial_message(trial, sa);
	uint8_t out[IKE_DATAGRAM_MAX];
	size_t sent = scene->sent;

	message_add_keepalive(message, IKE_NOTIFY_R_U_THERE, 3);
	ck_assert_uint_eq(trial_seal(trial, message, out, 20), 0);
	ck_assert_uint_gt(trial_seal(trial, message, out, sizeof(out)), 0);
	ck_assert_uint_eq(scene->sent, sent);
	trial_decide(trial, CONFORM_PASS, NULL, "enough");
	ck_assert_uint_eq(trial_seal(trial, message, out, sizeof(out)), 0);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_quick_mode_without_a_tunnel)
{
	struct trial_sa *sa = begin_with_sa();

	trial_quick_mode(trial, sa);
	trial_scene_assert(scene, CONFORM_SKIP, "--tunnel");
	trial_scene_free(scene);
}
END_TEST

static void want_a_tunnel(struct ike_peer_settings *peer, const char *proposal)
{
	peer->tunnel[0] = (struct ike_tunnel_settings){
	    .name = "t", .wait = true, .lifetime = 3600, .proposals = 1};
	ck_assert(ike_ipsec_proposal_parse(proposal, &peer->tunnel[0].proposal[0]));
	peer->tunnels = 1;
}

static struct trial_sa *begin_with_tunnels(const char *ours, const char *theirs)
{
	struct trial_sa *sa;

	scene = trial_scene_new();
	want_a_tunnel(&scene->settings->peer, ours);
	want_a_tunnel(conform_world_device(scene->own), theirs);
	scene->settings->tunnel = &scene->settings->peer.tunnel[0];
	trial_scene_begin(scene);
	trial = scene->trial;
	sa = trial_call(trial, NULL);
	ck_assert_ptr_nonnull(sa);
	return sa;
}

START_TEST(test_quick_mode_that_is_refused)
{
	struct trial_sa *sa = begin_with_tunnels("aes128-sha1", "aes256-sha256");

	trial_quick_mode(trial, sa);
	trial_scene_assert(scene, CONFORM_INCONCLUSIVE, "NO-PROPOSAL-CHOSEN");
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_quick_mode)
{
	struct trial_sa *sa = begin_with_tunnels("aes128-sha1", "aes128-sha1");

	trial_quick_mode(trial, sa);
	trial_expect_alive(trial, sa, CONFORM_FAIL);
	ck_assert(!trial_is_decided(trial));
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_closing)
{
	struct trial_sa *sa = begin_with_sa();

	trial_close(trial, sa);
	ck_assert(sa->gone);
	trial_expect_alive(trial, sa, CONFORM_FAIL);
	trial_scene_assert(scene, CONFORM_FAIL, "not answered any more");
	trial_scene_free(scene);
}
END_TEST

/* ---- to the device ------------------------------------------------------------------------------------------------- */

START_TEST(test_message_ids_are_never_used_twice)
{
	struct trial_sa *sa = begin_with_sa();
	uint32_t first = trial_message(trial, sa)->header.message_id;

	for (int i = 0; i < 1000; i++) {
		uint32_t next = trial_message(trial, sa)->header.message_id;

		ck_assert_uint_ne(next, first);
		ck_assert_uint_ne(next, 0);
	}
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_what_is_too_long_is_not_sent)
{
	static uint8_t much[IKE_DATAGRAM_MAX + 1];
	struct trial_sa *sa = begin_with_sa();
	size_t sent = scene->sent;

	(void)sa;
	trial_send_raw(trial, octets_of(much, sizeof(much)));
	trial_scene_assert(scene, CONFORM_INCONCLUSIVE, "longer than a datagram");
	ck_assert_uint_eq(scene->sent, sent);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_raw_octets_are_of_the_sa_that_they_name)
{
	struct trial_sa *sa = begin_with_sa();
	uint8_t data[28] = {0};
	size_t mark = trial_mark(trial);

	trial_send_raw(trial, octets_of(data, 0));
	trial_send_raw(trial, octets_of(data, sizeof(data)));
	memcpy(data, sa->cky_i, IKE_COOKIE_LENGTH);
	data[17] = 0x10;
	data[27] = sizeof(data);
	trial_send_raw(trial, octets_of(data, sizeof(data)));
	ck_assert_ptr_null(trial_seen(trial, mark)->sa);
	ck_assert_ptr_null(trial_seen(trial, mark + 1)->sa);
	ck_assert_ptr_eq(trial_seen(trial, mark + 2)->sa, sa);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_replaying)
{
	struct trial_sa *sa = begin_with_sa();
	const struct seen *question, *again;
	size_t mark = trial_mark(trial);

	trial_ask(trial, sa, 9);
	ck_assert_ptr_nonnull(trial_expect_ack(trial, sa, 9, CONFORM_FAIL));
	question = trial_seen(trial, mark);
	mark = trial_mark(trial);
	trial_replay(trial, NULL);
	ck_assert_uint_eq(trial_mark(trial), mark);
	trial_replay(trial, question);
	again = trial_seen(trial, mark);
	ck_assert_uint_eq(again->length, question->length);
	ck_assert_mem_eq(again->wire, question->wire, question->length);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_numbers_of_questions)
{
	struct trial_sa *sa = begin_with_sa();
	uint32_t number = trial_ask_next(trial, sa);

	ck_assert_uint_lt(number, UINT32_C(1) << 31);
	ck_assert_uint_eq(trial_ask_next(trial, sa), number + 1);
	trial_ask(trial, sa, 70000);
	ck_assert_uint_eq(trial_ask_next(trial, sa), 70001);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_silence_of_ours)
{
	const struct want any = {.exchange = IKE_EXCHANGE_INFORMATIONAL};
	struct trial_sa *sa = begin_with_sa();
	const struct seen *question;
	size_t sent;

	trial_fall_silent(trial, sa);
	sent = scene->sent;
	question = trial_expect_question(trial, sa);
	ck_assert_ptr_nonnull(question);
	trial_pass_time(trial, IKE_SECOND);
	ck_assert_uint_eq(scene->sent, sent); /* not answered */
	trial_speak_again(trial, sa);
	question = trial_wait(trial, &any, scene->settings->worry);
	ck_assert_ptr_nonnull(question);
	trial_pass_time(trial, IKE_MILLISECOND);
	ck_assert_uint_eq(scene->sent, sent + 1);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_the_dead_say_no_farewell)
{
	struct trial_sa *sa = begin_with_sa();
	size_t sent = scene->sent;

	trial_fall_silent(trial, sa);
	trial_close(trial, sa);
	ck_assert_uint_eq(scene->sent, sent);
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_losing_what_comes)
{
	struct trial_sa *sa = begin_with_sa();
	const struct seen *question;
	size_t sent = scene->sent;

	trial_lose(trial, sa, 1);
	question = trial_expect_question(trial, sa);
	ck_assert(question->lost);
	trial_pass_time(trial, IKE_SECOND);
	ck_assert_uint_eq(scene->sent, sent);
	question = trial_expect_question(trial, sa);
	ck_assert(!question->lost);
	trial_pass_time(trial, IKE_SECOND);
	ck_assert_uint_eq(scene->sent, sent + 1);
	trial_scene_free(scene);
}
END_TEST

/* ---- from the device ----------------------------------------------------------------------------------------------- */

START_TEST(test_waiting_in_vain_decides_nothing)
{
	const struct want never = {.payload = IKE_PAYLOAD_DELETE};
	ike_time then;

	(void)begin_with_sa();
	then = trial_now(trial);
	ck_assert_ptr_null(trial_wait(trial, &never, 3 * IKE_SECOND));
	ck_assert_uint_eq(trial_now(trial) - then, 3 * IKE_SECOND);
	ck_assert(!trial_is_decided(trial));
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_nothing_is_returned_twice)
{
	struct trial_sa *sa = begin_with_sa();

	trial_ask(trial, sa, 5);
	ck_assert_ptr_nonnull(trial_expect_ack(trial, sa, 5, CONFORM_FAIL));
	ck_assert_ptr_null(trial_expect_ack(trial, sa, 5, CONFORM_FAIL));
	trial_scene_assert(scene, CONFORM_FAIL, "no R-U-THERE-ACK with the number 5 within 2.0 s");
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_an_ack_of_another_number)
{
	struct trial_sa *sa = begin_with_sa();

	trial_ask(trial, sa, 5);
	ck_assert_ptr_null(trial_expect_ack(trial, sa, 6, CONFORM_FAIL));
	trial_scene_assert(scene, CONFORM_FAIL, "but one with the number 5");
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_an_ack_under_another_sa)
{
	struct trial_sa *sa = begin_with_sa(), *other = trial_call(trial, NULL);

	trial_ask(trial, sa, 5);
	ck_assert_ptr_null(trial_expect_ack(trial, other, 5, CONFORM_FAIL));
	trial_scene_assert(scene, CONFORM_FAIL, "number 5");
	trial_scene_free(scene);
}
END_TEST

START_TEST(test_nothing_is_expected_of_whoever_has_announced_nothing)
{
	const struct want any = {.exchange = IKE_EXCHANGE_INFORMATIONAL};
	struct trial_sa *sa;

	for (int i = 0; i < 3; i++) {
		scene = trial_scene_new();
		conform_world_device_settings(scene->own)->extension = NULL;
		trial_scene_begin(scene);
		trial = scene->trial;
		sa = trial_call(trial, NULL);
		ck_assert_ptr_nonnull(sa);
		if (i == 0) {
			trial_ask(trial, sa, 5);
			ck_assert_ptr_null(trial_expect_ack(trial, sa, 5, CONFORM_FAIL));
		} else if (i == 1) {
			trial_expect_alive(trial, sa, CONFORM_FAIL);
		} else {
			trial_expect_silence(trial, sa, 0, &any, CONFORM_FAIL, CONFORM_FAIL);
		}
		trial_scene_assert(scene, CONFORM_UNSUPPORTED, "not announced");
		trial_scene_free(scene);
	}
}
END_TEST

START_TEST(test_not_alive)
{
	struct trial_sa *sa = begin_with_sa();

	scene->deaf = true;
	trial_expect_alive(trial, sa, CONFORM_LENIENT);
	trial_scene_assert(scene, CONFORM_LENIENT, "not answered any more");
	trial_scene_free(scene);
}
END_TEST

UNIT_MAIN("trial_words", test_nothing_happens_once_it_is_decided, test_words_that_need_an_sa,
	  test_a_call_that_comes_to_nothing, test_nobody_makes_it_call, test_it_does_not_call,
	  test_it_calls, test_waiting_for_a_call_of_its_own_accord,
	  test_a_message_that_is_sealed_and_not_sent, test_quick_mode_without_a_tunnel,
	  test_quick_mode_that_is_refused, test_quick_mode, test_closing,
	  test_message_ids_are_never_used_twice, test_what_is_too_long_is_not_sent,
	  test_raw_octets_are_of_the_sa_that_they_name, test_replaying, test_numbers_of_questions,
	  test_silence_of_ours, test_the_dead_say_no_farewell, test_losing_what_comes,
	  test_waiting_in_vain_decides_nothing, test_nothing_is_returned_twice,
	  test_an_ack_of_another_number, test_an_ack_under_another_sa,
	  test_nothing_is_expected_of_whoever_has_announced_nothing, test_not_alive)
