/* SPDX-License-Identifier: ISC */
/*
 * cases_sequence.c - sequence numbers: RFC 3706 section 6.
 *
 * The RFC leaves open whether a retry repeats its number, and says that an unexpected number SHOULD be rejected (section 6.2).
 * Taken at its word that makes one lost datagram a death, so what is needed to survive a loss is asked for at level ROBUST, and
 * the rest is only written down.
 */
#include <stdio.h>

#include "interop/conform/cases.h"
#include "interop/conform/scene.h"
#include "interop/conform/watch.h"

#define TOP_BIT 0x80000000u
#define REPEATS 5

static void fresh_numbers_are_answered_in_order(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);

	for (unsigned i = 0; i < 4; i++)
		trial_expect_ack(trial, sa, trial_ask_next(trial, sa), CONFORM_FAIL);
}

static void first_number_zero(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);

	trial_ask(trial, sa, 0);
	trial_expect_ack(trial, sa, 0, CONFORM_FAIL);
	trial_expect_alive(trial, sa, CONFORM_FAIL);
}

static void first_number_with_top_bit(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);

	trial_ask(trial, sa, TOP_BIT | 1000);
	trial_expect_ack(trial, sa, TOP_BIT | 1000, CONFORM_FAIL);
	trial_expect_alive(trial, sa, CONFORM_FAIL);
}

static void numbers_begin_anew_with_an_sa(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);

	trial_ask(trial, sa, 0x7fff0000);
	trial_expect_ack(trial, sa, 0x7fff0000, CONFORM_INCONCLUSIVE);
	trial_close(trial, sa);
	sa = trial_call(trial, NULL);
	trial_ask(trial, sa, 1000);
	trial_expect_ack(trial, sa, 1000, CONFORM_FAIL);
}

/* strongSwan and isakmpd ask with the same number until they are answered. */
static void number_is_answered_again(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);

	trial_lose(trial, sa, 1);
	trial_ask(trial, sa, 1000);
	trial_expect_ack(trial, sa, 1000, CONFORM_INCONCLUSIVE);
	trial_pass_time(trial, SCENE_PACE);
	trial_ask(trial, sa, 1000);
	trial_expect_ack(trial, sa, 1000, CONFORM_FAIL);
	trial_expect_alive(trial, sa, CONFORM_FAIL);
}

static void how_often_a_number_is_answered(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	unsigned answered = 0;
	char value[64];

	trial_expect_alive(trial, sa, CONFORM_FAIL);
	for (unsigned i = 0; i < REPEATS && !trial_is_decided(trial); i++) {
		trial_pass_time(trial, SCENE_PACE);
		answered += scene_is_answered(trial, sa, sa->number - 1);
	}
	trial_expect_alive(trial, sa, CONFORM_FAIL);
	snprintf(value, sizeof(value), "repeats-answered=%u", answered);
	trial_value(trial, NULL, value, "of %d repeats of a number, %u are answered", REPEATS,
		    answered);
}

/* What is lost leaves a gap: the next question has a number that is two, three or four further. */
static void gap_after_loss(struct trial *trial)
{
	static const uint32_t number[] = {1000, 1002, 1005, 1009};
	struct trial_sa *sa = trial_call(trial, NULL);

	for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++) {
		trial_ask(trial, sa, number[i]);
		trial_expect_ack(trial, sa, number[i], CONFORM_FAIL);
	}
}

static void lower_number(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	bool answered;

	trial_ask(trial, sa, 1000);
	trial_expect_ack(trial, sa, 1000, CONFORM_FAIL);
	trial_pass_time(trial, SCENE_PACE);
	answered = !trial_is_decided(trial) && scene_is_answered(trial, sa, 990);
	trial_ask(trial, sa, 1001);
	trial_expect_ack(trial, sa, 1001, CONFORM_FAIL);
	trial_value(trial, NULL, answered ? "lower=answered" : "lower=silent",
		    "a number that is ten lower is %s, and the next one in order is answered",
		    answered ? "answered" : "not answered");
}

/* Where it leads decides nothing; that the numbers in order are still answered, does. */
static bool is_answered_after_jump(struct trial *trial, uint32_t ahead)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	bool answered;

	trial_ask(trial, sa, 1000);
	trial_expect_ack(trial, sa, 1000, CONFORM_FAIL);
	if (trial_is_decided(trial))
		return false;
	trial_pass_time(trial, SCENE_PACE);
	answered = scene_is_answered(trial, sa, 1000 + ahead);
	trial_pass_time(trial, SCENE_PACE);
	if (!scene_is_answered(trial, sa, answered ? 1001 + ahead : 1001))
		trial_decide(trial, CONFORM_FAIL, NULL,
			     "after a number that is %u ahead, which is %s, the next in order is "
			     "not answered",
			     ahead, answered ? "answered" : "not answered");
	trial_close(trial, sa);
	return answered;
}

static void numbers_jump_ahead(struct trial *trial)
{
	bool little = is_answered_after_jump(trial, 1000);
	bool far = is_answered_after_jump(trial, TOP_BIT);
	char value[64];

	snprintf(value, sizeof(value), "ahead-1000=%s,ahead-2^31=%s",
		 little ? "answered" : "silent", far ? "answered" : "silent");
	trial_value(trial, NULL, value,
		    "a number that is 1000 ahead is %s, one that is 2^31 ahead is %s",
		    little ? "answered" : "not answered", far ? "answered" : "not answered");
}

static bool is_answered_after_wrap(struct trial *trial, uint32_t to)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	bool answered;

	trial_ask(trial, sa, UINT32_MAX);
	trial_expect_ack(trial, sa, UINT32_MAX, CONFORM_FAIL);
	answered = !trial_is_decided(trial) && scene_is_answered(trial, sa, to);
	trial_close(trial, sa);
	return answered;
}

static void numbers_wrap(struct trial *trial)
{
	bool zero = is_answered_after_wrap(trial, 0);
	bool one = is_answered_after_wrap(trial, 1);
	char value[64];

	snprintf(value, sizeof(value), "wrap-to-0=%s,wrap-to-1=%s", zero ? "answered" : "silent",
		 one ? "answered" : "silent");
	trial_value(trial, NULL, value,
		    "after 0xffffffff the number 0 is %s, and in another SA the number 1 is %s",
		    zero ? "answered" : "not answered", one ? "answered" : "not answered");
}

/* A repeated number may be a recording, so it is no proof that we are alive: does the device ask nevertheless? */
static void repeats_as_proof(struct trial *trial)
{
	struct trial_sa *sa = watch_call(trial, NULL);
	const struct want question = {.sa = sa, .notify = IKE_NOTIFY_R_U_THERE};
	ike_time slice = trial_get_settings(trial)->worry / 8;
	const struct seen *asked = NULL;
	size_t mark;

	(void)trial_expect_question(trial, sa);
	trial_expect_alive(trial, sa, CONFORM_FAIL);
	mark = trial_mark(trial);
	for (unsigned i = 0; i < 10 && !trial_is_decided(trial) && asked == NULL; i++) {
		trial_pass_time(trial, slice);
		trial_ask(trial, sa, sa->number - 1);
		(void)trial_count(trial, &question, mark, &asked);
	}
	trial_value(trial, asked, asked != NULL ? "repeats=no-proof" : "repeats=proof",
		    "while it is asked with one number over and over the device %s",
		    asked != NULL ? "asks all the same" : "asks nothing itself");
}

const struct conform_case cases_sequence[] = {
    {
	.id = "rfc3706/6.1/fresh-numbers", /* R28 R39 */
	.title = "Numbers in order are answered, each with its own",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 6.1",
	.requirement = "Every R-U-THERE-ACK carries the number of the R-U-THERE that it answers.",
	.expected = "four R-U-THERE-ACKs with the four numbers",
	.script = fresh_numbers_are_answered_in_order,
    },
    {
	.id = "rfc3706/6.2/first-number-zero", /* R39 */
	.title = "The first number may be 0",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 sections 5.2, 6.2",
	.requirement = "The first number under an SA is random, so it may be any, and an R-U-THERE "
		       "is answered.",
	.expected = "an R-U-THERE-ACK with the number 0, and one with the number 1",
	.script = first_number_zero,
    },
    {
	.id = "rfc3706/6.2/first-number-with-top-bit", /* R39 */
	.title = "The first number may have its top bit set",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 sections 5.2, 6.2",
	.requirement =
	    "That the top bit of the first number is clear is advice to whoever asks.  A number "
	    "with the bit set is answered like any other.",
	.expected = "R-U-THERE-ACKs with the numbers 0x800003e8 and 0x800003e9",
	.script = first_number_with_top_bit,
    },
    {
	.id = "rfc3706/6.2/numbers-per-sa", /* R36 R37 */
	.title = "Numbers begin anew with a new SA",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 6.2",
	.requirement =
	    "When the IKE SA ends the peer may start from another random number under the next "
	    "one, so what was seen under the old SA is not held against it.",
	.expected = "an R-U-THERE-ACK with the number 1000, under an SA that follows one whose "
		    "last number was 0x7fff0000",
	.script = numbers_begin_anew_with_an_sa,
    },
    {
	.id = "robust/6.2/number-again-after-lost-ack", /* R68 */
	.title = "A number is answered again when its ACK was lost",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 3706 sections 5.4, 6.2",
	.requirement =
	    "R-U-THERE is retransmitted, by some peers with the same number until they are "
	    "answered.  Whoever refuses the repeat makes one lost ACK a false death.",
	.expected = "a second R-U-THERE-ACK to the same number in a new message",
	.script = number_is_answered_again,
    },
    {
	.id = "rfc3706/6.2/repeats-answered",
	.title = "How often the same number is answered",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 6.2",
	.requirement = "An unexpected number should be rejected; what is expected, and how wide a "
		       "window is, is left open.",
	.expected = "a count from 0 to 5; afterwards the next number is answered",
	.script = how_often_a_number_is_answered,
    },
    {
	.id = "robust/6.2/gap-after-loss", /* R39 */
	.title = "Gaps of one, two and three numbers are answered",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 3706 section 6.2",
	.requirement =
	    "Every R-U-THERE has a number one higher than the last, so a lost one leaves a gap.  "
	    "Whoever refuses the number behind it never answers again.",
	.expected = "R-U-THERE-ACKs with the numbers 1000, 1002, 1005, 1009",
	.script = gap_after_loss,
    },
    {
	.id = "rfc3706/6.2/lower-number",
	.title = "A lower number",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 6.2",
	.requirement = "An unexpected number should be rejected, outside of a window that is left "
		       "to the implementation.",
	.expected = "whether 990 after 1000 is answered; 1001 is answered in any case",
	.script = lower_number,
    },
    {
	.id = "rfc3706/6.2/jump-ahead",
	.title = "Numbers that jump ahead",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 6.2",
	.requirement = "An unexpected number should be rejected, outside of a window that is left "
		       "to the implementation.",
	.expected = "whether numbers 1000 and 2^31 ahead are answered; the next in order is "
		    "answered in any case",
	.script = numbers_jump_ahead,
    },
    {
	.id = "rfc3706/6.2/wrap",
	.title = "Numbers that wrap",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 6.2",
	.requirement =
	    "What follows 0xffffffff is not said.  Modulo 2^32 it is 0; who compares otherwise "
	    "finds it lower.",
	.expected = "whether 0 and 1 after 0xffffffff are answered",
	.script = numbers_wrap,
    },
    {
	.id = "rfc3706/6.2/repeats-as-proof",
	.title = "Whether a repeated number is proof of life",
	.level = CONFORM_INFO,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 sections 5.5, 6.2",
	.requirement =
	    "Numbers are there against replay: a question that could be a recording says nothing "
	    "about who sends it now.",
	.expected = "whether the device asks although one number comes over and over",
	.script = repeats_as_proof,
    },
    {0},
};
