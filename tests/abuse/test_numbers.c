/* SPDX-License-Identifier: ISC */
/*
 * Sequence numbers and message IDs as deployed stacks use them, and as somebody uses them who has recorded or guessed some.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/core.h"
#include "keepalive/sequence.h"
#include "tests/support/forge.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

/* Nothing that the node sends arrives: the test is its peer. */
static struct duo *alone(uint8_t seed, enum keepalive_strictness strictness)
{
	struct duo *duo = duo_new(seed);

	duo->keepalive[DUO_A].plan.strictness = duo->keepalive[DUO_B].plan.strictness = strictness;
	duo->keepalive[DUO_A].recovery.on_death = RECOVERY_CLEAR;
	duo->keepalive[DUO_B].recovery.on_death = RECOVERY_CLEAR;
	siege_begin(duo);
	duo->deliver = forge_lose_all;
	return duo;
}

/* A question with that number under a message ID of its own.  Returns how many answers it got. */
static size_t ask(struct duo *duo, enum duo_node to, uint32_t number)
{
	size_t answered = duo_count_reports(duo, to, IKE_REPORT_ANSWERED);
	struct forge forge;

	forge_from(&forge, duo, to);
	forge_r_u_there(&forge, number);
	(void)forge_inject(&forge, duo, to);
	duo_run(duo, 0);
	return duo_count_reports(duo, to, IKE_REPORT_ANSWERED) - answered;
}

static ike_time last_heard(const struct duo *duo, enum duo_node node)
{
	struct ike_sa_status sa;
	uint32_t cursor = 0;

	ck_assert(ike_next_sa(duo->core[node], &cursor, &sa));
	return ((const struct keepalive_peer *)sa.extension_state)->last_heard;
}

/* ---- deployed stacks ----------------------------------------------------------------------------------------------- */

/*
 * strongSwan sends the same number under new message IDs until it is answered.  Its first ACK is lost: the second question must
 * be answered as well, and the next number must be as good as if nothing had happened (R68).
 */
START_TEST(p1_same_number_sender_with_one_lost_ack)
{
	for (enum keepalive_strictness strictness = KEEPALIVE_INTEROP;
	     strictness <= KEEPALIVE_STRICT; strictness++) {
		for (enum duo_node to = DUO_A; to < DUO_NODES; to++) {
			struct duo *duo = alone(1, strictness);

			for (uint32_t number = 700; number < 710; number++) {
				ck_assert_uint_eq(ask(duo, to, number), 1); /* lost */
				duo_run(duo, 2 * IKE_SECOND);
				ck_assert_uint_eq(ask(duo, to, number), 1);
				duo_run(duo, 2 * IKE_SECOND);
			}
			ck_assert_uint_eq(duo_established(duo, to), 1);
			duo_free(duo);
		}
	}
}
END_TEST

/* isakmpd asks five times with one number.  All are answered; only the first is a sign of life; there is an end to it. */
START_TEST(p2_isakmpd_five_repeats)
{
	for (enum duo_node to = DUO_A; to < DUO_NODES; to++) {
		struct duo *duo = alone(2, KEEPALIVE_INTEROP);
		ike_time heard;

		ck_assert_uint_eq(ask(duo, to, 4000), 1);
		heard = last_heard(duo, to);
		ck_assert(heard == duo->now);
		for (int i = 0; i < 5; i++) {
			duo_run(duo, 1500 * IKE_MILLISECOND);
			ck_assert_uint_eq(ask(duo, to, 4000), 1);
			ck_assert(last_heard(duo, to) == heard);
		}
		duo_run(duo, 1500 * IKE_MILLISECOND);
		ck_assert_uint_eq(ask(duo, to, 4000), 0);
		ck_assert_uint_eq(ask(duo, to, 4001), 1);
		ck_assert(last_heard(duo, to) == duo->now);
		duo_free(duo);
	}
}
END_TEST

/* Repeats in the same second are answered once: it may be an echo as well as isakmpd (R69). */
START_TEST(p2_repeats_without_a_pause)
{
	struct duo *duo = alone(3, KEEPALIVE_INTEROP);
	size_t answers = 0;

	for (int i = 0; i < 1000; i++)
		answers += ask(duo, DUO_B, 77);
	ck_assert_uint_eq(answers, 1);
	duo_free(duo);
}
END_TEST

/* libreswan drops a message ID that it has seen.  So do we, before any cryptography... */
START_TEST(p4_identical_resend_gets_nothing)
{
	for (enum duo_node to = DUO_A; to < DUO_NODES; to++) {
		struct duo *duo = alone(4, KEEPALIVE_INTEROP);
		uint8_t message[IKE_SMALL_MESSAGE];
		struct forge forge;
		uint64_t before;
		size_t length;

		forge_from(&forge, duo, to);
		forge_r_u_there(&forge, 5);
		length = forge_protected(&forge, message, sizeof(message));
		ck_assert_int_eq(duo_inject(duo, to, message, length), IKE_ACCEPTED);
		before = siege_digest(duo, to, SIEGE_EVERYTHING);
		for (int i = 0; i < 100; i++)
			ck_assert_int_eq(duo_inject(duo, to, message, length),
					 IKE_REUSED_MESSAGE_ID);
		ck_assert(siege_digest(duo, to, SIEGE_EVERYTHING) == before);
		duo_free(duo);
	}
}
END_TEST

#define IDS_MAX 20000

static uint32_t ids[IDS_MAX];
static size_t ids_noted;

static bool note_id(struct duo *duo, struct duo_datagram *datagram)
{
	(void)duo;
	if (datagram->data[18] == IKE_EXCHANGE_INFORMATIONAL && ids_noted < IDS_MAX)
		memcpy(&ids[ids_noted++], datagram->data + 20, sizeof(ids[0]));
	return datagram->to == DUO_A ||
	       ids_noted % 3 != 0; /* some are lost, so that there are retries */
}

static int compare_ids(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, two = *(const uint32_t *)b;

	return one < two ? -1 : one > two;
}

/* ... and what we send could be sent to libreswan: in six hours with losses no message ID comes twice, retries included (R74). */
START_TEST(p4_no_message_id_of_ours_comes_twice)
{
	struct duo *duo = siege_new(5);

	ids_noted = 0;
	duo->deliver = note_id;
	(void)siege_run(duo, 6 * 3600 * IKE_SECOND);
	ck_assert_uint_gt(ids_noted, 2000);
	ck_assert_uint_lt(ids_noted, IDS_MAX);
	qsort(ids, ids_noted, sizeof(ids[0]), compare_ids);
	for (size_t i = 1; i < ids_noted; i++)
		ck_assert_uint_ne(ids[i], ids[i - 1]);
	duo_free(duo);
}
END_TEST

/* Lost questions leave gaps; those are no reason to refuse what comes after them (R39), up to the window. */
START_TEST(p5_gap_after_loss)
{
	for (enum keepalive_strictness strictness = KEEPALIVE_INTEROP;
	     strictness <= KEEPALIVE_STRICT; strictness++) {
		struct duo *duo = alone(6, strictness);
		uint32_t number = 0xffffffe0; /* across the wrap as well */

		for (uint32_t gap = 1; gap <= KEEPALIVE_WINDOW; gap += 7) {
			duo_run(duo, 100 * IKE_MILLISECOND);
			ck_assert_uint_eq(ask(duo, DUO_B, number), 1);
			ck_assert(last_heard(duo, DUO_B) == duo->now);
			number += gap;
		}
		duo_free(duo);
	}
}
END_TEST

/* Whoever did not announce the keepalive is answered like everybody else, and never asked (R1, R4) (R52). */
START_TEST(p6_probe_by_a_peer_without_vendor_id)
{
	struct duo *duo = duo_new(7);

	duo->settings[DUO_A].extension = NULL;
	siege_begin(duo);
	for (uint32_t number = 10; number < 20; number++) {
		ck_assert_uint_eq(ask(duo, DUO_B, number), 1);
		duo_run(duo, 60 * IKE_SECOND);
		ck_assert_uint_eq(duo_count_reports(duo, DUO_B, IKE_REPORT_ASKED), 0);
	}
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

/* ---- numbers that somebody has guessed or recorded ----------------------------------------------------------------- */

#define RECORDED 64

static struct {
	size_t acks, length[RECORDED];
	uint8_t data[RECORDED][IKE_SMALL_MESSAGE];
} recorded;

static bool record_answers(struct duo *duo, struct duo_datagram *datagram)
{
	(void)duo;
	if (datagram->to == DUO_A && recorded.acks < RECORDED &&
	    datagram->data[18] == IKE_EXCHANGE_INFORMATIONAL) {
		memcpy(recorded.data[recorded.acks], datagram->data, datagram->length);
		recorded.length[recorded.acks++] = datagram->length;
	}
	return true;
}

/*
 * B is silent from now on.  How long A takes to find it dead, while the attacker does something ten times a second: by the time when it
 * was heard before all that, for what A says of its silence afterwards may be what the attacker has made of it.
 */
static ike_time time_to_death(struct duo *duo, void (*attack)(struct duo *duo, uint32_t n))
{
	ike_time heard = last_heard(duo, DUO_A);

	duo->deliver = forge_lose_all;
	duo->keepalive[DUO_A].recovery.on_death = RECOVERY_CLEAR;
	siege_forget(duo);
	for (uint32_t n = 0; n < 1000; n++) {
		const struct ike_event *dead = duo_last_report(duo, DUO_A, IKE_REPORT_DEAD);

		if (dead != NULL) {
			/* nor has A been told meanwhile that anything was answered */
			ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_ALIVE), 0);
			ck_assert_uint_eq(dead->report.duration, dead->at - heard);
			return dead->at - heard;
		}
		if (duo_established(duo, DUO_A) == 1)
			attack(duo, n);
		duo_run(duo, 100 * IKE_MILLISECOND);
	}
	return IKE_NEVER;
}

static void replay_answers(struct duo *duo, uint32_t n)
{
	(void)duo_inject(duo, DUO_A, recorded.data[n % recorded.acks],
			 recorded.length[n % recorded.acks]);
}

/* With the SA's own keys, which is more than any attacker has: around the open numbers, but none of them. */
static void wrong_numbers(struct duo *duo, uint32_t n)
{
	const struct ike_event *asked = duo_last_report(duo, DUO_A, IKE_REPORT_ASKED);
	struct forge forge;

	if (asked == NULL)
		return;
	forge_from(&forge, duo, DUO_A);
	forge_ack(&forge, n % 2 == 0 ? asked->report.number + 1 + n
				     : asked->report.number - KEEPALIVE_WINDOW - n);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_A), IKE_KEEPALIVE_UNASKED_ACK);
}

static void expect_death_at_the_bound(ike_time silence)
{
	struct duo *duo = duo_new(0);
	ike_time detect = duo->keepalive[DUO_A].plan.detect;

	ck_assert(silence >= detect && silence <= detect + 10 * IKE_MILLISECOND);
	duo_free(duo);
}

START_TEST(dpd_number_guess_replayed_acks_do_not_postpone_death)
{
	struct duo *duo = siege_new(8);

	memset(&recorded, 0, sizeof(recorded));
	duo->deliver = record_answers;
	(void)siege_run(duo, 400 * IKE_SECOND);
	ck_assert_uint_gt(recorded.acks, 20);
	expect_death_at_the_bound(time_to_death(duo, replay_answers));
	duo_free(duo);
}
END_TEST

/* libreswan's timeout is cancelled by an ACK with any number; ours is not. */
START_TEST(dpd_number_guess_wrong_numbers_do_not_postpone_death)
{
	struct duo *duo = siege_new(9);

	expect_death_at_the_bound(time_to_death(duo, wrong_numbers));
	duo_free(duo);
}
END_TEST

/* The right number, guessed by somebody without the keys: in the clear, and behind noise. */
static void without_keys(struct duo *duo, uint32_t n)
{
	const struct ike_event *asked = duo_last_report(duo, DUO_A, IKE_REPORT_ASKED);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_ack(&forge, asked != NULL ? asked->report.number : n);
	if (n % 2 == 0) {
		ck_assert_int_eq(forge_inject_clear(&forge, duo, DUO_A), IKE_UNPROTECTED);
		return;
	}
	memset(forge.keys.skeyid_a, 0, sizeof(forge.keys.skeyid_a));
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_A), IKE_BAD_HASH);
}

START_TEST(dpd_number_guess_without_the_keys)
{
	struct duo *duo = siege_new(10);

	expect_death_at_the_bound(time_to_death(duo, without_keys));
	duo_free(duo);
}
END_TEST

/* ---- hints --------------------------------------------------------------------------------------------------------- */

static const uint16_t rumours[] = {IKE_NOTIFY_INVALID_COOKIE,     IKE_NOTIFY_INVALID_SPI,
				   IKE_NOTIFY_NO_PROPOSAL_CHOSEN, IKE_NOTIFY_AUTHENTICATION_FAILED,
				   IKE_NOTIFY_INITIAL_CONTACT,    IKE_NOTIFY_CONNECTED};

/* Of every kind, about this SA and about others, from the peer's address. */
static void rumour(struct duo *duo, uint32_t n)
{
	for (uint32_t i = 0; i < 20; i++) {
		struct forge forge;

		forge_from(&forge, duo, DUO_A);
		if (i % 3 == 1)
			memset(forge.cky_i, 0x33, IKE_COOKIE_LENGTH);
		if (i % 3 == 2)
			memset(forge.named_cky_r, 0x44, IKE_COOKIE_LENGTH);
		forge_notify(&forge, rumours[(n + i) % (sizeof(rumours) / sizeof(rumours[0]))]);
		(void)forge_inject_clear(&forge, duo, DUO_A);
	}
}

/* Two hundred a second for five minutes: the peer is asked some more, and nothing is torn down (R89, R91, R148). */
START_TEST(forged_invalid_spi_and_cookie_flood)
{
	struct duo *duo = siege_new(11);
	size_t asked = 0, others = 0;

	for (uint32_t n = 0; n < 3000; n++) {
		rumour(duo, n);
		duo_run(duo, 100 * IKE_MILLISECOND);
		asked += duo_count_reports(duo, DUO_A, IKE_REPORT_ASKED);
		others += duo_count_reports(duo, DUO_A, IKE_REPORT_SUSPECT);
		others += duo_count(duo, DUO_A, IKE_EVENT_DELETED);
		others += duo_count(duo, DUO_A, IKE_EVENT_CONNECTING);
		siege_forget(duo);
	}
	ck_assert_uint_le(asked, 300 / 5 + 1);
	ck_assert_uint_ge(asked, 10);
	ck_assert_uint_eq(others, 0);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

/* A rumour that is true brings a question forward, and the death neither forward nor back (R89). */
START_TEST(forged_hints_do_not_move_a_death)
{
	struct duo *duo = siege_new(12);

	expect_death_at_the_bound(time_to_death(duo, rumour));
	duo_free(duo);
}
END_TEST

UNIT_MAIN("numbers", p1_same_number_sender_with_one_lost_ack, p2_isakmpd_five_repeats,
	  p2_repeats_without_a_pause, p4_identical_resend_gets_nothing,
	  p4_no_message_id_of_ours_comes_twice, p5_gap_after_loss,
	  p6_probe_by_a_peer_without_vendor_id,
	  dpd_number_guess_replayed_acks_do_not_postpone_death,
	  dpd_number_guess_wrong_numbers_do_not_postpone_death, dpd_number_guess_without_the_keys,
	  forged_invalid_spi_and_cookie_flood, forged_hints_do_not_move_a_death)
