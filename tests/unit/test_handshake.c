/* SPDX-License-Identifier: ISC */
/*
 * test_handshake.c - who sends again, when, and how often; what is left when a handshake is over; the order of work.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/duo.h"
#include "tests/support/forge.h"
#include "tests/support/half_open.h"
#include "tests/support/recorder.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

#define HALF_OPEN (30 * IKE_SECOND)

static struct recorder recorder[DUO_NODES];

/* Neither side does anything by itself: what is sent is the handshake's. */
static struct duo *quiet_duo(uint8_t seed)
{
	struct duo *duo = duo_new(seed);

	recorder_plug(&recorder[DUO_A], duo, DUO_A);
	recorder_plug(&recorder[DUO_B], duo, DUO_B);
	return duo;
}

/* ---- the initiator, by timer --------------------------------------------------------------------------------------- */

/* RFC 2408 section 5.1: 1, 2, 4, 8 seconds and a quarter either way; 16 after the fifth, and it is given up. */
START_TEST(test_first_message_is_repeated_and_given_up)
{
	for (uint8_t seed = 1; seed < 20; seed++) {
		struct duo *duo = quiet_duo(seed);
		ike_time wait = IKE_SECOND, last;

		duo->deliver = forge_lose_all;
		duo_start(duo);
		duo_connect(duo, DUO_A);
		duo_run(duo, 60 * IKE_SECOND);
		ck_assert_uint_eq(duo->datagrams, 5);
		last = duo->datagram[0].at;
		for (size_t i = 1; i <= 5; i++, wait *= 2) {
			const struct ike_event *failed = duo_last(duo, DUO_A, IKE_EVENT_FAILED);
			ike_time at = i < 5 ? duo->datagram[i].at : failed->at + DUO_DELAY;

			ck_assert(at - last >= wait - wait / 4);
			ck_assert(at - last <= wait + wait / 4 + 2 * IKE_MILLISECOND);
			last = at;
		}
		for (size_t i = 1; i < 5; i++)
			ck_assert_mem_eq(duo->datagram[i].data, duo->datagram[0].data,
					 duo->datagram[0].length);
		ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_FAILED)->why, IKE_WHY_NO_ANSWER);
		ck_assert_uint_eq(duo->core[DUO_A]->counter[IKE_COUNT_RETRANSMISSIONS], 4);
		ck_assert_uint_eq(duo->core[DUO_A]->handshakes, 0);
		ck_assert(ike_deadline(duo->core[DUO_A]) == IKE_NEVER);
		duo_free(duo);
	}
}
END_TEST

/* Nodes that lost the same router at the same moment must not come back in step. */
START_TEST(test_no_two_nodes_wait_equally_long)
{
	ike_time waits[10];

	for (uint8_t i = 0; i < 10; i++) {
		struct duo *duo = quiet_duo((uint8_t)(100 + i));

		duo->deliver = forge_lose_all;
		duo_start(duo);
		duo_connect(duo, DUO_A);
		duo_run(duo, 2 * IKE_SECOND);
		waits[i] = duo->datagram[1].at - duo->datagram[0].at;
		for (uint8_t j = 0; j < i; j++)
			ck_assert(waits[i] != waits[j]);
		duo_free(duo);
	}
}
END_TEST

/* ---- the responder, never by timer --------------------------------------------------------------------------------- */

static bool lose_all_after_first(struct duo *duo, struct duo_datagram *datagram)
{
	(void)datagram;
	return duo->datagrams == 1;
}

/* CVE-2016-5361: one answer to one question, and the half-open SA is gone after 30 seconds (R130). */
START_TEST(test_responder_sends_nothing_by_timer)
{
	struct duo *duo = quiet_duo(20);
	struct ike_status status;

	duo->deliver = lose_all_after_first;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, HALF_OPEN - IKE_SECOND);
	ck_assert_uint_eq(tap_count(duo, IKE_MM2), 1);
	ike_status(duo->core[DUO_B], &status);
	ck_assert_uint_eq(status.sas, 1);
	ck_assert_uint_eq(half_open_of_all_sources(duo->core[DUO_B]), 1);
	duo_run(duo, 2 * IKE_SECOND);
	ck_assert_uint_eq(tap_count(duo, IKE_MM2), 1);
	ike_status(duo->core[DUO_B], &status);
	ck_assert_uint_eq(status.sas, 0);
	ck_assert_uint_eq(status.handshakes, 0);
	ck_assert_uint_eq(half_open_of_all_sources(duo->core[DUO_B]), 0);
	ck_assert_int_eq(duo_last(duo, DUO_B, IKE_EVENT_FAILED)->why, IKE_WHY_NO_ANSWER);
	duo_free(duo);
}
END_TEST

START_TEST(test_repeats_are_answered_ten_times)
{
	struct duo *duo = quiet_duo(21);
	const struct duo_datagram *first;

	duo->deliver = lose_all_after_first;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 100 * IKE_MILLISECOND);
	first = tap_nth(duo, IKE_MM1, 0);
	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(duo_inject(duo, DUO_B, first->data, first->length), IKE_DUPLICATE);
		duo_run(duo, IKE_MILLISECOND);
	}
	ck_assert_uint_eq(tap_count(duo, IKE_MM2), 1 + 10);
	for (size_t i = 1; i <= 10; i++)
		ck_assert_mem_eq(tap_nth(duo, IKE_MM2, i)->data, tap_nth(duo, IKE_MM2, 0)->data,
				 tap_nth(duo, IKE_MM2, 0)->length);
	duo_free(duo);
}
END_TEST

/* Between MM3 and the Diffie-Hellman that MM4 waits for there is nothing to repeat: MM2 does not answer MM3. */
START_TEST(test_repeat_while_the_answer_is_being_made)
{
	struct duo *duo = quiet_duo(22);
	const struct duo_datagram *third;
	uint32_t before;

	duo_start(duo);
	duo_connect(duo, DUO_A);
	while (tap_count(duo, IKE_MM3) == 0)
		duo_run(duo, IKE_MILLISECOND);
	third = tap_nth(duo, IKE_MM3, 0);
	ck_assert_int_eq(duo_inject(duo, DUO_B, third->data, third->length), IKE_ACCEPTED);
	before = duo->core[DUO_B]->outputs;
	ck_assert_int_eq(duo_inject(duo, DUO_B, third->data, third->length), IKE_DUPLICATE);
	ck_assert_uint_eq(duo->core[DUO_B]->outputs, before);
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

static bool lose_informationals(struct duo *duo, struct duo_datagram *datagram)
{
	(void)duo;
	return datagram->data[18] != IKE_EXCHANGE_INFORMATIONAL;
}

/*
 * MM6 may be lost, so it is kept for 30 seconds, or until a message under the SA shows that it has arrived; then nothing of the
 * handshake is left.
 */
START_TEST(test_last_message_is_repeated_for_a_while)
{
	struct duo *duo = quiet_duo(23);
	const struct duo_datagram *fifth;

	duo->deliver = lose_informationals;
	duo_start(duo);
	duo_establish(duo);
	fifth = tap_nth(duo, IKE_MM5, 0);
	ck_assert_uint_eq(tap_count(duo, IKE_MM6), 1);
	duo_run(duo, 20 * IKE_SECOND);
	ck_assert_int_eq(duo_inject(duo, DUO_B, fifth->data, fifth->length), IKE_DUPLICATE);
	duo_run(duo, 0);
	ck_assert_uint_eq(tap_count(duo, IKE_MM6), 2);
	ck_assert_mem_eq(tap_nth(duo, IKE_MM6, 1)->data, tap_nth(duo, IKE_MM6, 0)->data,
			 tap_nth(duo, IKE_MM6, 0)->length);
	duo_run(duo, 10 * IKE_SECOND);
	ck_assert_uint_eq(duo->core[DUO_B]->handshakes, 0);
	ck_assert_uint_eq(half_open_of_all_sources(duo->core[DUO_B]), 0);
	ck_assert_int_eq(duo_inject(duo, DUO_B, fifth->data, fifth->length), IKE_DUPLICATE);
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(tap_count(duo, IKE_MM6), 2);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

/* ---- memory -------------------------------------------------------------------------------------------------------- */

START_TEST(test_freed_memory_is_wiped_and_says_that_it_is_another)
{
	struct duo *duo = quiet_duo(32);
	static const uint8_t zeros[sizeof(struct ike_handshake)];
	struct ike_handshake *handshake;
	struct ike_core *core;
	uint32_t generation;
	struct ike_sa *sa;

	duo_start(duo);
	core = duo->core[DUO_A];
	sa = half_open_sa(core, 1, 1);
	handshake = handshake_new(core, sa);
	ck_assert_ptr_nonnull(handshake);
	generation = handshake->generation;
	memset(handshake->keys.skeyid, 0xee, sizeof(handshake->keys.skeyid));
	memset(handshake->sent, 0xee, sizeof(handshake->sent));
	handshake_free(core, handshake);
	ck_assert_ptr_null(sa->handshake);
	ck_assert_uint_ne(handshake->generation, generation);
	ck_assert_mem_eq(&handshake->keys, zeros, sizeof(handshake->keys));
	ck_assert_mem_eq(handshake->sent, zeros, sizeof(handshake->sent));
	ck_assert_ptr_eq(handshake_new(core, sa), handshake);
	ck_assert_uint_ne(handshake->generation, generation);
	handshake_free(core, NULL); /* allowed */
	duo_free(duo);
}
END_TEST

/* ---- work ---------------------------------------------------------------------------------------------------------- */

#define WORKERS 4

static struct ike_handshake *workers[WORKERS];

static struct ike_core *queue_of_four(struct duo *duo)
{
	struct ike_core *core;

	duo_start(duo);
	core = duo->core[DUO_A];
	for (uint8_t i = 0; i < WORKERS; i++) {
		workers[i] = handshake_new(core, half_open_sa(core, i, i));
		ck_assert_ptr_nonnull(workers[i]);
		workers[i]->sa->authentication = IKE_AUTHENTICATION_PSK;
		handshake_queue_work(core, workers[i], IKE_WORK_KEY_PAIR);
	}
	return core;
}

/* Whatever is taken out, the rest keeps its order, and a newcomer comes last. */
START_TEST(test_order_of_work)
{
	for (size_t gone = 0; gone < WORKERS; gone++) {
		struct duo *duo = quiet_duo(33);
		struct ike_core *core = queue_of_four(duo);
		struct ike_handshake *at;

		handshake_unqueue_work(core, workers[gone]);
		handshake_unqueue_work(core, workers[gone]); /* it is out already: allowed */
		handshake_queue_work(core, workers[gone], IKE_WORK_SECRET);
		at = core->first_work;
		for (size_t i = 0; i < WORKERS; i++) {
			if (i == gone)
				continue;
			ck_assert_ptr_eq(at, workers[i]);
			at = at->next_work;
		}
		ck_assert_ptr_eq(at, workers[gone]);
		ck_assert_ptr_null(at->next_work);
		ck_assert_int_eq(at->work, IKE_WORK_SECRET);
		duo_free(duo);
	}
}
END_TEST

START_TEST(test_a_freed_handshake_has_no_work)
{
	struct duo *duo = quiet_duo(34);
	struct ike_core *core = queue_of_four(duo);

	for (size_t i = 0; i < WORKERS; i++) {
		ck_assert(ike_deadline(core) == core->now);
		handshake_free(core, workers[(i + 2) % WORKERS]);
	}
	ck_assert_ptr_null(core->first_work);
	ck_assert_ptr_eq(core->last_work, &core->first_work);
	ck_assert_uint_eq(ike_tick(core, core->now, 1), 0);
	ck_assert(ike_deadline(core) == IKE_NEVER);
	duo_free(duo);
}
END_TEST

/* Datagrams can be answered between two pieces of Diffie-Hellman: ike_tick does one at most, however much it may do. */
START_TEST(test_one_piece_of_work_in_a_tick)
{
	struct duo *duo = quiet_duo(35);
	struct ike_core *core = queue_of_four(duo);

	for (size_t left = WORKERS; left > 0; left--) {
		size_t waiting = 0;

		for (size_t i = 0; i < WORKERS; i++) {
			workers[i]->group = DH_CURVE25519;
			waiting += workers[i]->work == IKE_WORK_KEY_PAIR;
		}
		ck_assert_uint_eq(waiting, left);
		ck_assert_uint_eq(ike_tick(core, duo->now, 100), 1);
	}
	duo_free(duo);
}
END_TEST

UNIT_MAIN("handshake", test_first_message_is_repeated_and_given_up,
	  test_no_two_nodes_wait_equally_long, test_responder_sends_nothing_by_timer,
	  test_repeats_are_answered_ten_times, test_repeat_while_the_answer_is_being_made,
	  test_last_message_is_repeated_for_a_while,
	  test_freed_memory_is_wiped_and_says_that_it_is_another, test_order_of_work,
	  test_a_freed_handshake_has_no_work, test_one_piece_of_work_in_a_tick)
