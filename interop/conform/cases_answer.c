/* SPDX-License-Identifier: ISC */
/*
 * cases_answer.c - when the device asks, and what it takes for an answer: RFC 3706 sections 5.1, 5.4, 5.5, 6.1.
 */
#include <stdio.h>

#include "interop/conform/cases.h"
#include "interop/conform/watch.h"

/* ---- when it asks -------------------------------------------------------------------------------------------------- */

static void question_interval(struct trial *trial)
{
	struct trial_sa *sa = watch_call(trial, NULL);
	const struct seen *question[3];
	ike_time gap[2];
	char value[40];

	for (size_t i = 0; i < 3; i++) {
		question[i] = trial_expect_question(trial, sa);
		if (question[i] == NULL)
			return;
	}
	for (size_t i = 0; i < 2; i++)
		gap[i] = question[i + 1]->at - question[i]->at;
	snprintf(value, sizeof(value), "interval=%us",
		 watch_seconds(gap[0] > gap[1] ? gap[0] : gap[1]));
	trial_value(trial, question[2], value,
		    "between three questions, all of them answered, there are %.1f s and %.1f s",
		    (double)gap[0] / 1e6, (double)gap[1] / 1e6);
}

/* That it would have asked is shown afterwards, under an SA that is as it should be. */
static void unannounced_is_not_asked(struct trial *trial)
{
	const struct trial_call without = {.no_vendor_id = true};
	struct trial_sa *sa = watch_call(trial, &without);
	const struct seen *question = watch_question(trial, sa, trial_get_settings(trial)->worry);

	if (question != NULL)
		trial_decide(trial, CONFORM_FAIL, question,
			     "it asks although we did not announce the keepalive");
	if (trial_is_decided(trial))
		return;
	trial_close(trial, sa);
	(void)trial_expect_question(trial, watch_call(trial, NULL));
}

#define TIMES_IN_ITS_WORRY 8

static void not_while_we_ask(struct trial *trial)
{
	struct trial_sa *sa = watch_call(trial, NULL);
	const struct want any = {.sa = sa, .notify = IKE_NOTIFY_R_U_THERE};
	const struct seen *first = NULL;
	size_t mark = trial_mark(trial), count;

	for (size_t i = 0; i < 2 * TIMES_IN_ITS_WORRY; i++) {
		(void)trial_ask_next(trial, sa);
		trial_pass_time(trial, trial_get_settings(trial)->worry / TIMES_IN_ITS_WORRY);
	}
	if (trial_is_decided(trial))
		return;
	count = trial_count(trial, &any, mark, &first);
	if (count > 0)
		trial_value(trial, first, "while-asked=asks",
			    "it asks %zu times while it is asked %d times", count,
			    2 * TIMES_IN_ITS_WORRY);
	(void)trial_expect_question(trial, sa);
}

static void which_of_two(struct trial *trial)
{
	struct trial_sa *older = watch_call(trial, NULL), *newer = watch_call(trial, NULL);
	size_t mark = trial_mark(trial), times[2];

	if (trial_is_decided(trial))
		return;
	trial_pass_time(trial, 2 * trial_get_settings(trial)->worry);
	for (size_t i = 0; i < 2; i++) {
		const struct want any = {.sa = i == 0 ? older : newer,
					 .notify = IKE_NOTIFY_R_U_THERE};

		times[i] = trial_count(trial, &any, mark, NULL);
	}
	if (times[0] + times[1] == 0)
		trial_decide(trial, CONFORM_UNSUPPORTED, NULL,
			     "it asks under neither of two SAs, in twice its worry time");
	trial_value(trial, NULL,
		    times[0] == 0   ? "asks-on=newer"
		    : times[1] == 0 ? "asks-on=older"
				    : "asks-on=both",
		    "it asks %zu times under the older of two SAs, %zu times under the newer",
		    times[0], times[1]);
}

/* ---- what is no answer --------------------------------------------------------------------------------------------- */

static void send_ack(struct trial *trial, struct trial_sa *sa, uint32_t number)
{
	struct message *ack = trial_message(trial, sa);

	message_add_keepalive(ack, IKE_NOTIFY_R_U_THERE_ACK, number);
	trial_send(trial, sa, ack);
}

static void answer_wrong_number(struct trial *trial, struct trial_sa *sa,
				const struct seen *question, const struct seen *answer)
{
	(void)answer;
	send_ack(trial, sa, seen_number(question) + 1000);
}

static void answer_in_clear(struct trial *trial, struct trial_sa *sa, const struct seen *question,
			    const struct seen *answer)
{
	struct message *ack = trial_message(trial, sa);

	(void)answer;
	message_add_keepalive(ack, IKE_NOTIFY_R_U_THERE_ACK, seen_number(question));
	ack->protection = MESSAGE_CLEAR;
	trial_send(trial, sa, ack);
}

static void answer_wrong_hash(struct trial *trial, struct trial_sa *sa, const struct seen *question,
			      const struct seen *answer)
{
	struct message *ack = trial_message(trial, sa);

	(void)answer;
	message_add_keepalive(ack, IKE_NOTIFY_R_U_THERE_ACK, seen_number(question));
	ack->hash = MESSAGE_HASH_WRONG;
	trial_send(trial, sa, ack);
}

static void answer_replayed(struct trial *trial, struct trial_sa *sa, const struct seen *question,
			    const struct seen *answer)
{
	(void)sa;
	(void)question;
	trial_replay(trial, answer);
}

static void answer_octet(struct trial *trial, struct trial_sa *sa, const struct seen *question,
			 const struct seen *answer)
{
	static const uint8_t octet = 0xff;

	(void)sa;
	(void)question;
	(void)answer;
	trial_send_raw(trial, octets_of(&octet, 1));
}

static void answer_with_spi(struct trial *trial, struct trial_sa *sa, const struct seen *question,
			    struct octets spi)
{
	struct message *ack = trial_message(trial, sa);
	uint8_t data[4];
	struct wire_writer writer;

	wire_write_to(&writer, data, sizeof(data));
	wire_write_u32(&writer, seen_number(question));
	message_add_notify(ack, IKE_DOI_IPSEC, IKE_PROTOCOL_ISAKMP, spi, IKE_NOTIFY_R_U_THERE_ACK,
			   wire_written(&writer));
	trial_send(trial, sa, ack);
}

static void answer_wrong_cookies(struct trial *trial, struct trial_sa *sa,
				 const struct seen *question, const struct seen *answer)
{
	static const uint8_t nobody[2 * IKE_COOKIE_LENGTH] = "of nobody's SA.";

	(void)answer;
	answer_with_spi(trial, sa, question, octets_of(nobody, sizeof(nobody)));
}

static void answer_without_spi(struct trial *trial, struct trial_sa *sa,
			       const struct seen *question, const struct seen *answer)
{
	(void)answer;
	answer_with_spi(trial, sa, question, octets_of(NULL, 0));
}

static void expect_not_taken(struct trial *trial, watch_answer *answer,
			     enum conform_verdict otherwise)
{
	const struct seen *seen;

	if (watch_whether_taken(trial, answer, &seen) == WATCH_TAKEN)
		trial_decide(trial, otherwise, seen,
			     "it does not give us up, although all its questions were "
			     "answered like that only");
}

static void wrong_number(struct trial *trial)
{
	expect_not_taken(trial, answer_wrong_number, CONFORM_LENIENT);
}

static void in_clear(struct trial *trial)
{
	expect_not_taken(trial, answer_in_clear, CONFORM_FAIL);
}

static void wrong_hash(struct trial *trial)
{
	expect_not_taken(trial, answer_wrong_hash, CONFORM_FAIL);
}

static void replayed(struct trial *trial)
{
	expect_not_taken(trial, answer_replayed, CONFORM_LENIENT);
}

static void octet(struct trial *trial)
{
	expect_not_taken(trial, answer_octet, CONFORM_FAIL);
}

static void tell_whether_taken(struct trial *trial, watch_answer *answer, const char *what)
{
	const struct seen *seen;
	char value[48];
	enum watch_taken taken = watch_whether_taken(trial, answer, &seen);

	if (taken == WATCH_UNKNOWN)
		return;
	snprintf(value, sizeof(value), "%s=%s", what, taken == WATCH_TAKEN ? "taken" : "ignored");
	trial_value(trial, seen, value,
		    taken == WATCH_TAKEN ? "such an ACK keeps the SA: it does not give us up"
					 : "such an ACK counts for nothing: it asks on");
}

static void wrong_cookies(struct trial *trial)
{
	tell_whether_taken(trial, answer_wrong_cookies, "ack-wrong-cookies");
}

static void without_spi(struct trial *trial)
{
	tell_whether_taken(trial, answer_without_spi, "ack-without-spi");
}

/* The first is answered once, by our core; the second twice more, by the script. */
static void more_answers(struct trial *trial)
{
	struct trial_sa *sa = watch_call(trial, NULL);
	const struct seen *question[3];

	for (size_t i = 0; i < 3; i++) {
		trial_expect_alive(trial, sa, i < 2 ? CONFORM_INCONCLUSIVE : CONFORM_FAIL);
		question[i] = trial_expect_question(trial, sa);
		if (question[i] == NULL)
			return;
		for (int k = 0; k < 2 && i == 1; k++)
			send_ack(trial, sa, seen_number(question[i]));
	}
	if (seen_number(question[2]) - seen_number(question[1]) !=
	    seen_number(question[1]) - seen_number(question[0]))
		trial_decide(trial, CONFORM_FAIL, question[2],
			     "it asked with %u and %u; after that was answered three times it asks "
			     "with %u",
			     seen_number(question[0]), seen_number(question[1]),
			     seen_number(question[2]));
	trial_expect_alive(trial, sa, CONFORM_FAIL);
}

const struct conform_case cases_answer[] = {
    {
	.id = "rfc3706/5.5/question-interval",
	.title = "How often it asks",
	.level = CONFORM_INFO,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 5.5",
	.requirement = "How long an idle period is before a question is a matter of each side.",
	.expected = "the time between two of its questions, when nothing else is said",
	.script = question_interval,
    },
    {
	.id = "rfc3706/5.1/unannounced-not-asked", /* R1 */
	.title = "It does not ask whoever did not announce the keepalive",
	.level = CONFORM_MUST,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 5.1",
	.requirement = "No exchange begins before both sides have sent the vendor ID.",
	.expected = "no R-U-THERE within its worry time under an SA without our vendor ID, but one "
		    "under an SA with it",
	.script = unannounced_is_not_asked,
    },
    {
	.id = "rfc3706/5.4/not-while-asked", /* R18 R41 */
	.title = "It does not ask while it is asked",
	.level = CONFORM_SHOULD,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 5.4",
	.requirement =
	    "No exchange should begin while there is proof of life; an R-U-THERE that is "
	    "protected and new proves as much. Of that kind of proof the document does not "
	    "speak, so whoever asks is told of, not blamed.",
	.expected = "no R-U-THERE while we ask all the time, one when we have stopped",
	.script = not_while_we_ask,
    },
    {
	.id = "rfc3706/5.4/which-of-two",
	.title = "Under which of two SAs it asks",
	.level = CONFORM_INFO,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 5.4",
	.requirement =
	    "Where there are several ISAKMP SAs between two peers the document does not say"
	    " which is asked under.",
	.expected = "R-U-THERE under the newer, the older, or both",
	.script = which_of_two,
    },
    {
	.id = "rfc3706/6.1/ack-wrong-number-no-answer", /* R29 R30 */
	.title = "An ACK with a number that was not asked is no answer",
	.level = CONFORM_SHOULD,
	.needs = CONFORM_NEEDS_PROBES | CONFORM_NEEDS_DEATH,
	.version = 1,
	.section = "RFC 3706 section 6.1",
	.requirement =
	    "The number of an R-U-THERE-ACK should be checked, and one that does not match "
	    "rejected.",
	.expected = "it asks again, or gives us up in the end",
	.script = wrong_number,
    },
    {
	.id = "rfc3706/5.2/ack-clear-no-answer", /* R5 */
	.title = "An ACK in the clear is no answer",
	.level = CONFORM_MUST,
	.needs = CONFORM_NEEDS_PROBES | CONFORM_NEEDS_DEATH,
	.version = 1,
	.section = "RFC 3706 section 5.2",
	.requirement = "An R-U-THERE-ACK that is not encrypted is rejected.",
	.expected = "it asks again, or gives us up in the end",
	.script = in_clear,
    },
    {
	.id = "rfc2409/5.7/ack-wrong-hash-no-answer", /* R59 */
	.title = "An ACK whose HASH(1) is wrong is no answer",
	.level = CONFORM_MUST,
	.needs = CONFORM_NEEDS_PROBES | CONFORM_NEEDS_DEATH,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement =
	    "An Informational is authenticated by HASH(1): one whose HASH(1) does not hold "
	    "counts for nothing.",
	.expected = "it asks again, or gives us up in the end",
	.script = wrong_hash,
    },
    {
	.id = "rfc3706/6.1/ack-replayed-no-answer", /* R30 R65 R80 */
	.title = "The ACK to an older question is no answer",
	.level = CONFORM_SHOULD,
	.needs = CONFORM_NEEDS_PROBES | CONFORM_NEEDS_DEATH,
	.version = 1,
	.section = "RFC 3706 sections 6.1, 7",
	.requirement =
	    "Numbers protect from replay: an ACK that answered an older question should be "
	    "rejected, however often it is sent again.",
	.expected = "it asks again, or gives us up in the end",
	.script = replayed,
    },
    {
	.id = "rfc3706/6.1/ack-wrong-cookies",
	.title = "Whether an ACK that names another SA is an answer",
	.level = CONFORM_INFO,
	.needs = CONFORM_NEEDS_PROBES | CONFORM_NEEDS_DEATH,
	.version = 1,
	.section = "RFC 3706 section 6.1, RFC 2408 section 3.14",
	.requirement = "The cookies in the SPI of an R-U-THERE-ACK should be checked, says one "
		       "document; the SPI of a NOTIFY of ISAKMP is to be ignored, says another.",
	.expected = "that it is taken for an answer, or not",
	.script = wrong_cookies,
    },
    {
	.id = "rfc3706/5.3/ack-without-spi",
	.title = "Whether an ACK without SPI is an answer",
	.level = CONFORM_INFO,
	.needs = CONFORM_NEEDS_PROBES | CONFORM_NEEDS_DEATH,
	.version = 1,
	.section = "RFC 3706 section 5.3",
	.requirement = "The SPI size should be 16, so that others are not forbidden.",
	.expected = "that it is taken for an answer, or not",
	.script = without_spi,
    },
    {
	.id = "rfc3948/2.3/nat-keepalive-no-answer", /* R80 */
	.title = "A NAT keepalive is no answer",
	.level = CONFORM_SHOULD,
	.needs = CONFORM_NEEDS_PROBES | CONFORM_NEEDS_DEATH,
	.version = 1,
	.section = "RFC 3948 section 2.3",
	.requirement =
	    "A datagram of the one octet 0xff keeps a NAT mapping; it should be ignored by "
	    "whoever gets it, and is no proof of life.",
	.expected = "it asks again, or gives us up in the end",
	.script = octet,
    },
    {
	.id = "rfc3706/5.4/more-answers", /* R30 R65 */
	.title = "More ACKs to the same question do no harm",
	.level = CONFORM_MUST,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 sections 5.4, 6.2",
	.requirement =
	    "An exchange is over with its ACK: one that comes once more changes nothing.",
	.expected = "that the SA goes on, and the next question has the number that it would have "
		    "had",
	.script = more_answers,
    },
    {0},
};
