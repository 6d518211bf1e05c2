/* SPDX-License-Identifier: ISC */
/*
 * test_impair_number.c - the numbers of B's questions on the wire, A silent or answering; and that B's core finds them answered.
 */
#include "tests/support/impaired.h"
#include "tests/support/unit.h"

#define QUESTIONS 4

static struct impaired *impaired;
static uint32_t number[QUESTIONS];

static uint32_t number_of(const struct ike_notify *notify)
{
	const uint8_t *data = notify->data.data;

	return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

/* The first numbers that B asks with: all of one round (nobody answers), or each of its own. */
static void ask(enum impairment impairment, bool answered)
{
	const struct ike_command now = {.kind = IKE_COMMAND_ASK_NOW};
	const struct opened *opened;
	struct ike_notify notify;
	size_t at, count = 0;

	impaired = impaired_new(impairment);
	impaired_up(impaired);
	impaired_ask(impaired, 500);
	impaired->deaf = !answered;
	at = impaired->wires;
	for (size_t i = 0; i < QUESTIONS; i++) {
		ck_assert(ike_command(impaired->duo->core[DUO_B], impaired->duo->now, &now));
		impaired_run(impaired, IKE_SECOND / 10);
	}
	while (count < QUESTIONS && (opened = impaired_next(impaired, &at)) != NULL)
		if (opened_notify(opened, IKE_NOTIFY_R_U_THERE, &notify))
			number[count++] = number_of(&notify);
	ck_assert_uint_eq(count, QUESTIONS);
	/* what A answers is put back: the core takes each for the answer to its own number */
	ck_assert_uint_eq(duo_count_reports(impaired->duo, DUO_B, IKE_REPORT_ALIVE),
			  answered ? QUESTIONS : 0);
	impaired_free(impaired);
}

/* The number of the core's own that these are held against. */
static void differ_by(int step)
{
	for (size_t i = 1; i < QUESTIONS; i++)
		ck_assert_uint_eq(number[i], number[i - 1] + (uint32_t)step);
}

START_TEST(not_impaired)
{
	for (int answered = 0; answered < 2; answered++) {
		ask(IMPAIRED_NONE, answered);
		differ_by(1);
		ck_assert_uint_lt(number[0], 0x80000000);
		ck_assert_uint_gt(number[0], 1000); /* as the seed has it */
	}
}
END_TEST

START_TEST(same_until_answered)
{
	ask(IMPAIR_PROBE_SAME_NUMBER, false);
	differ_by(0);
	ask(IMPAIR_PROBE_SAME_NUMBER, true);
	differ_by(1);
}
END_TEST

/* Two questions are lost, the third has their number: its answer is one to the third. */
START_TEST(answer_to_the_newest)
{
	const struct ike_command now = {.kind = IKE_COMMAND_ASK_NOW};
	const struct ike_event *asked, *alive;

	impaired = impaired_new(IMPAIR_PROBE_SAME_NUMBER);
	impaired_up(impaired);
	impaired->deaf = true;
	for (size_t i = 0; i < 3; i++) {
		impaired->deaf = i < 2;
		ck_assert(ike_command(impaired->duo->core[DUO_B], impaired->duo->now, &now));
		impaired_run(impaired, IKE_SECOND / 10);
	}
	asked = duo_last_report(impaired->duo, DUO_B, IKE_REPORT_ASKED);
	alive = duo_last_report(impaired->duo, DUO_B, IKE_REPORT_ALIVE);
	ck_assert(asked != NULL && alive != NULL);
	ck_assert_uint_eq(alive->report.number, asked->report.number);
	impaired_free(impaired);
}
END_TEST

/* A answers no number twice in a second, so here it is not asked. */
START_TEST(same_for_ever)
{
	ask(IMPAIR_PROBE_CONSTANT_NUMBER, false);
	differ_by(0);
}
END_TEST

START_TEST(other_steps)
{
	for (int answered = 0; answered < 2; answered++) {
		ask(IMPAIR_PROBE_NUMBER_SKIPS, answered);
		differ_by(2);
	}
	ask(IMPAIR_PROBE_NUMBER_FALLS, false);
	differ_by(-1);
}
END_TEST

START_TEST(at_random)
{
	ask(IMPAIR_PROBE_NUMBER_RANDOM, false);
	for (size_t i = 1; i < QUESTIONS; i++)
		ck_assert_uint_ne(number[i], number[i - 1] + 1);
}
END_TEST

START_TEST(other_beginnings)
{
	for (int answered = 0; answered < 2; answered++) {
		ask(IMPAIR_PROBE_STARTS_AT_ZERO, answered);
		ck_assert_uint_eq(number[0], 0);
		differ_by(1);
		ask(IMPAIR_PROBE_TOP_BIT, answered);
		ck_assert_uint_ge(number[0], 0x80000000);
		differ_by(1);
	}
	ask(IMPAIR_PROBE_FOLLOWS_PEER, false);
	ck_assert_uint_eq(number[0], 501);
}
END_TEST

UNIT_MAIN("impair_number", not_impaired, same_until_answered, answer_to_the_newest, same_for_ever,
	  other_steps, at_random, other_beginnings)
