/* SPDX-License-Identifier: ISC */
#include "keepalive/sequence.h"
#include "tests/support/unit.h"

/* ---- the numbers that we send -------------------------------------------------------------------------------------- */

/* R33, R34: random, with the top bit clear; and 0 is a number like any other. */
START_TEST(first_number)
{
	struct keepalive_sent sent;

	sequence_start(&sent, 0xffffffff);
	ck_assert_uint_eq(sequence_take(&sent), 0x7fffffff);
	sequence_start(&sent, 0x12345678);
	ck_assert_uint_eq(sequence_take(&sent), 0x12345678);
	sequence_start(&sent, 0x80000000);
	ck_assert(!sequence_is_open(&sent, 0));
	ck_assert_uint_eq(sequence_take(&sent), 0);
	ck_assert(sequence_is_open(&sent, 0));
}
END_TEST

/* R35, R30. */
START_TEST(every_transmission_takes_the_next_number)
{
	struct keepalive_sent sent;

	sequence_start(&sent, 100);
	ck_assert(!sequence_is_open(&sent, 100));
	for (uint32_t i = 0; i < 5; i++)
		ck_assert_uint_eq(sequence_take(&sent), 100 + i);
	ck_assert(!sequence_is_open(&sent, 99));
	for (uint32_t i = 0; i < 5; i++)
		ck_assert(sequence_is_open(&sent, 100 + i));
	ck_assert(!sequence_is_open(&sent, 105));
	ck_assert(!sequence_is_open(&sent, 100 + 0x80000000));
}
END_TEST

/* R65 */
START_TEST(an_answer_closes_all_up_to_it)
{
	struct keepalive_sent sent;

	sequence_start(&sent, 100);
	for (uint32_t i = 0; i < 5; i++)
		sequence_take(&sent);
	sequence_close(&sent, 102);
	for (uint32_t i = 100; i <= 102; i++)
		ck_assert(!sequence_is_open(&sent, i));
	ck_assert(sequence_is_open(&sent, 103));
	ck_assert(sequence_is_open(&sent, 104));
	sequence_close(&sent, 104);
	ck_assert_uint_eq(sent.open, 0);
	ck_assert(!sequence_is_open(&sent, 104));
	ck_assert_uint_eq(sequence_take(&sent), 105);
	ck_assert(sequence_is_open(&sent, 105));
}
END_TEST

/* R64 */
START_TEST(only_the_newest_stay_open)
{
	struct keepalive_sent sent;

	sequence_start(&sent, 0);
	for (uint32_t i = 0; i <= KEEPALIVE_WINDOW; i++)
		sequence_take(&sent);
	ck_assert(!sequence_is_open(&sent, 0));
	for (uint32_t i = 1; i <= KEEPALIVE_WINDOW; i++)
		ck_assert(sequence_is_open(&sent, i));
}
END_TEST

/* R46; and open numbers know nothing of the end of the range. */
START_TEST(numbers_run_out)
{
	struct keepalive_sent sent = {.next = 0x7fffffff};

	ck_assert(!sequence_exhausted(&sent));
	sent.next = UINT32_MAX - KEEPALIVE_LAST_NUMBERS;
	ck_assert(!sequence_exhausted(&sent));
	sequence_take(&sent);
	ck_assert(sequence_exhausted(&sent));
	sent = (struct keepalive_sent){.next = UINT32_MAX};
	ck_assert(sequence_exhausted(&sent));
	ck_assert_uint_eq(sequence_take(&sent), UINT32_MAX);
	ck_assert_uint_eq(sequence_take(&sent), 0);
	ck_assert(sequence_is_open(&sent, UINT32_MAX));
	ck_assert(sequence_is_open(&sent, 0));
	sequence_close(&sent, UINT32_MAX);
	ck_assert(!sequence_is_open(&sent, UINT32_MAX));
	ck_assert(sequence_is_open(&sent, 0));
}
END_TEST

/* ---- the numbers that the peer sends ------------------------------------------------------------------------------- */

enum expected { FRESH, ANSWERED, OLD, REPEATED };

struct arrival {
	uint32_t after_ms; /* since the one before */
	uint32_t number;
	enum expected expected;
};

static void arrive(enum keepalive_strictness strictness, const struct arrival *arrivals,
		   size_t count)
{
	static const enum ike_verdict verdicts[] = {
	    IKE_ACCEPTED, IKE_ACCEPTED, IKE_KEEPALIVE_OLD_NUMBER, IKE_KEEPALIVE_REPEATED_NUMBER};
	struct keepalive_received received = {0};
	ike_time now = 0;

	for (size_t i = 0; i < count; i++) {
		const struct arrival *a = &arrivals[i];
		struct sequence_judgement got;

		now += a->after_ms * IKE_MILLISECOND;
		got = sequence_receive(&received, a->number, now, strictness);
		ck_assert_msg(got.fresh == (a->expected == FRESH), "%zu: %#x fresh", i, a->number);
		ck_assert_msg(got.answer == (a->expected <= ANSWERED), "%zu: %#x answer", i,
			      a->number);
		ck_assert_msg(got.verdict == verdicts[a->expected], "%zu: %#x verdict", i,
			      a->number);
	}
}
#define ARRIVE(strictness, ...)                                                                    \
	do {                                                                                       \
		static const struct arrival list[] = {__VA_ARGS__};                                \
		arrive(strictness, list, sizeof(list) / sizeof(list[0]));                          \
	} while (0)

/* R37, R38: what is not expected is refused. */
START_TEST(strict_refuses_what_is_out_of_the_window)
{
	ARRIVE(KEEPALIVE_STRICT, {0, 1000, FRESH}, {2000, 999, OLD}, {2000, 0, OLD},
	       {2000, 1000 + KEEPALIVE_WINDOW + 1, OLD}, {2000, 1000u + 0x7fffffff, OLD},
	       {2000, 1000 + 0x80000000, OLD}, {2000, 1001, FRESH}, {2000, 1000, OLD});
}
END_TEST

/* R39: a gap is what loss leaves behind. */
START_TEST(window)
{
	ARRIVE(KEEPALIVE_STRICT, {0, 0, FRESH}, {0, 1, FRESH}, {0, 3, FRESH}, {0, 2, OLD},
	       {0, 3 + KEEPALIVE_WINDOW, FRESH}, {0, 3 + 2 * KEEPALIVE_WINDOW + 1, OLD});
}
END_TEST

/* The numbers are compared modulo 2^32 (RFC 1982). */
START_TEST(wrap)
{
	ARRIVE(KEEPALIVE_STRICT, {0, 0xfffffffe, FRESH}, {0, 0xffffffff, FRESH}, {0, 0, FRESH},
	       {0, 5, FRESH}, {0, 0xffffffff, OLD});
}
END_TEST

/* strongSwan and isakmpd repeat a number until it is answered: five times, once a second (R67, R69). */
START_TEST(repeats)
{
	ARRIVE(KEEPALIVE_STRICT, {0, 7, FRESH}, {999, 7, REPEATED}, {1, 7, ANSWERED},
	       {999, 7, REPEATED}, {1, 7, ANSWERED}, {1000, 7, ANSWERED}, {1000, 7, ANSWERED},
	       {1000, 7, ANSWERED}, {60000, 7, REPEATED}, {1000, 8, FRESH}, {1000, 8, ANSWERED});
}
END_TEST

/* No peer, however odd its numbers, is left without answers; none of them proves life (R67, R70, R73). */
START_TEST(interop_answers_old_numbers)
{
	ARRIVE(KEEPALIVE_INTEROP, {0, 1000, FRESH}, {500, 10, OLD}, {500, 11, ANSWERED},
	       {999, 12, OLD}, {1, 13, ANSWERED}, {0, 1001, FRESH}, {5000, 14, ANSWERED});
}
END_TEST

/* R67, R71 */
START_TEST(interop_follows_a_jump_ahead)
{
	ARRIVE(KEEPALIVE_INTEROP, {0, 1000, FRESH}, {0, 0x40000000, ANSWERED},
	       {0, 0x40000001, FRESH}, {0, 0x40000002, FRESH},
	       /* what was recorded before the jump proves nothing */
	       {2000, 1000, ANSWERED}, {2000, 1001, ANSWERED}, {2000, 0x40000001, ANSWERED},
	       {2000, 0x40000002, ANSWERED}, {2000, 0x40000003, FRESH});
}
END_TEST

/* The sum of an SA's jumps is bounded; what it does not allow is answered, and not followed (R72). */
START_TEST(jumps_come_to_an_end)
{
	ARRIVE(KEEPALIVE_INTEROP, {0, 0, FRESH}, {0, 0x60000000, ANSWERED},
	       {0, 0x6fef0000, ANSWERED}, {0, 0x6fef0001, FRESH}, {2000, 0x6fff0001, ANSWERED},
	       {2000, 0x6fff0002, ANSWERED}, {2000, 0x6fef0002, FRESH});
}
END_TEST

/* Jumps all the way round would bring recordings to the front again (R72). */
START_TEST(jumps_do_not_go_round)
{
	struct keepalive_received received = {0};
	struct sequence_judgement got;
	uint32_t number = 5000;
	ike_time now = 0;

	got = sequence_receive(&received, number, now, KEEPALIVE_INTEROP);
	ck_assert(got.fresh);
	for (int i = 0; i < 64; i++) {
		now += 2 * IKE_SECOND;
		got = sequence_receive(&received, number += 0x10000000, now, KEEPALIVE_INTEROP);
		ck_assert(got.answer && !got.fresh);
		/* the very first, and the one after it, again and again */
		for (uint32_t recorded = 5000; recorded <= 5001; recorded++) {
			now += 2 * IKE_SECOND;
			got = sequence_receive(&received, recorded, now, KEEPALIVE_INTEROP);
			ck_assert(got.answer && !got.fresh);
		}
	}
}
END_TEST

UNIT_MAIN("sequence", first_number, every_transmission_takes_the_next_number,
	  an_answer_closes_all_up_to_it, only_the_newest_stay_open, numbers_run_out,
	  strict_refuses_what_is_out_of_the_window, window, wrap, repeats,
	  interop_answers_old_numbers, interop_follows_a_jump_ahead, jumps_come_to_an_end,
	  jumps_do_not_go_round)
