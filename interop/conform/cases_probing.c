/* SPDX-License-Identifier: ISC */
/*
 * cases_probing.c - the device asks: RFC 3706 sections 5.3, 6.
 */
#include <string.h>

#include "interop/conform/cases.h"
#include "interop/conform/watch.h"

/* ---- the form of its question -------------------------------------------------------------------------------------- */

/* Its first R-U-THERE under a new SA, and the NOTIFY of it. */
static const struct seen *first_question(struct trial *trial, struct ike_notify *notify)
{
	struct trial_sa *sa = watch_call(trial, NULL);
	const struct seen *question = trial_expect_question(trial, sa);

	if (question != NULL && !opened_notify(question->opened, IKE_NOTIFY_R_U_THERE, notify))
		return NULL;
	return question;
}

static void question_form(struct trial *trial)
{
	struct ike_notify notify = {0};
	const struct seen *question = first_question(trial, &notify);

	if (question != NULL && notify.protocol != IKE_PROTOCOL_ISAKMP)
		trial_decide(trial, CONFORM_FAIL, question, "its protocol is %u", notify.protocol);
	else if (question != NULL && notify.data.length != 4)
		trial_decide(trial, CONFORM_FAIL, question, "it has %zu octets of data",
			     notify.data.length);
}

static void question_doi(struct trial *trial)
{
	struct ike_notify notify = {0};
	const struct seen *question = first_question(trial, &notify);

	if (question != NULL && notify.doi != IKE_DOI_IPSEC)
		trial_decide(trial, CONFORM_LENIENT, question, "its DOI is %u", notify.doi);
}

static bool are_cookies(const struct seen *question, struct octets spi)
{
	return spi.length == sizeof(question->sa->cky_i) + sizeof(question->sa->cky_r) &&
	       memcmp(spi.data, question->sa->cky_i, IKE_COOKIE_LENGTH) == 0 &&
	       memcmp(spi.data + IKE_COOKIE_LENGTH, question->sa->cky_r, IKE_COOKIE_LENGTH) == 0;
}

static void question_cookies(struct trial *trial)
{
	struct ike_notify notify = {0};
	const struct seen *question = first_question(trial, &notify);

	if (question != NULL && !are_cookies(question, notify.spi))
		trial_decide(trial, CONFORM_LENIENT, question,
			     "its SPI of %zu octets is not the initiator's and the "
			     "responder's cookie",
			     notify.spi.length);
}

static void question_protected(struct trial *trial)
{
	struct ike_notify notify = {0};
	const struct seen *question = first_question(trial, &notify);
	const struct opened *opened = question != NULL ? question->opened : NULL;

	if (opened != NULL && !opened->encrypted)
		trial_decide(trial, CONFORM_FAIL, question, "it is not encrypted");
	else if (opened != NULL && opened->hash != MESSAGE_HASH_HOLDS)
		trial_decide(trial, CONFORM_FAIL, question,
			     "its first payload is no HASH(1) that holds");
	else if (opened != NULL && opened->message.payloads != 2)
		trial_decide(trial, CONFORM_LENIENT, question,
			     "it has %zu payloads in place of HASH and one NOTIFY",
			     opened->message.payloads);
}

/* The first is lost on its way, so that the second is what the device does about that. */
static void question_message_id(struct trial *trial)
{
	struct trial_sa *sa = watch_call(trial, NULL);
	const struct seen *question[3] = {0};
	uint32_t id[3] = {0};

	trial_lose(trial, sa, 1);
	for (size_t i = 0; i < 3 && !trial_is_decided(trial); i++) {
		question[i] = trial_expect_question(trial, sa);
		if (question[i] == NULL)
			return;
		id[i] = question[i]->opened->message.header.message_id;
		if (id[i] == 0)
			trial_decide(trial, CONFORM_FAIL, question[i], "its message ID is 0");
		if (i == 0 || id[i] != id[i - 1])
			continue;
		if (question[i]->length == question[i - 1]->length &&
		    memcmp(question[i]->wire, question[i - 1]->wire, question[i]->length) == 0)
			trial_decide(trial, CONFORM_LENIENT, question[i],
				     "it repeats a question octet for octet: who takes each "
				     "message ID once never answers that");
		else
			trial_decide(trial, CONFORM_FAIL, question[i],
				     "two different questions have the message ID %08x", id[i]);
	}
}

/* ---- its first number ---------------------------------------------------------------------------------------------- */

/* The first number under each of so many SAs, one after the other.  False: the trial is decided. */
static bool first_numbers(struct trial *trial, size_t count, uint32_t *number)
{
	for (size_t i = 0; i < count; i++) {
		struct trial_sa *sa = watch_call(trial, NULL);
		const struct seen *question = trial_expect_question(trial, sa);

		if (question == NULL)
			return false;
		number[i] = seen_number(question);
		trial_close(trial, sa);
	}
	return !trial_is_decided(trial);
}

static void first_number_top_bit(struct trial *trial)
{
	struct ike_notify notify = {0};
	const struct seen *question = first_question(trial, &notify);

	if (question != NULL && seen_number(question) >> 31 != 0)
		trial_decide(trial, CONFORM_LENIENT, question, "its first number is %u",
			     seen_number(question));
}

/* Of 4096 numbers, the smallest space that is known, one in four thousand pairs is equal: hence a third. */
static void first_number_random(struct trial *trial)
{
	uint32_t number[3];

	if (!first_numbers(trial, 2, number) ||
	    (number[0] != number[1] && number[0] + 1 != number[1]))
		return;
	if (first_numbers(trial, 1, &number[2]) && number[2] - number[1] == number[1] - number[0])
		trial_decide(trial, CONFORM_FAIL, NULL,
			     "its first numbers under three SAs are %u, %u and %u", number[0],
			     number[1], number[2]);
}

static void first_number_space(struct trial *trial)
{
	static const struct {
		unsigned bits;
		const char *value;
	} space[] = {{32, "space=32-bit"},
		     {31, "space=31-bit"},
		     {16, "space=16-bit"}, /* 15 bits and one more than that */
		     {12, "space=12-bit"}};
	uint32_t number[3], most = 0;
	size_t i = 0;

	if (!first_numbers(trial, 3, number))
		return;
	for (size_t k = 0; k < 3; k++)
		most = number[k] > most ? number[k] : most;
	while (i < 3 && (uint64_t)most <= (uint64_t)1 << space[i + 1].bits)
		i++;
	trial_value(trial, NULL, space[i].value,
		    "its first numbers under three SAs are %u, %u and %u", number[0], number[1],
		    number[2]);
}

/* ---- its next numbers ---------------------------------------------------------------------------------------------- */

static void expect_number(struct trial *trial, const struct seen *question, uint32_t number)
{
	if (question != NULL && seen_number(question) != number)
		trial_decide(trial, CONFORM_FAIL, question, "its number is %u, after %u",
			     seen_number(question), number - 1);
}

static void next_number(struct trial *trial)
{
	struct trial_sa *sa = watch_call(trial, NULL);
	const struct seen *first = trial_expect_question(trial, sa);
	const struct seen *second = trial_expect_question(trial, sa);

	if (second != NULL)
		expect_number(trial, second, seen_number(first) + 1);
}

static void counter_is_its_own(struct trial *trial)
{
	struct trial_sa *sa = watch_call(trial, NULL);
	const struct seen *first, *second;

	trial_ask(trial, sa, 0x10000000);
	trial_expect_ack(trial, sa, 0x10000000, CONFORM_INCONCLUSIVE);
	first = trial_expect_question(trial, sa);
	if (first != NULL && seen_number(first) == 0x10000001)
		trial_decide(trial, CONFORM_FAIL, first, "its number goes on from ours");
	/* in reach of whoever takes a window of numbers */
	trial_ask(trial, sa, 0x10000020);
	trial_expect_ack(trial, sa, 0x10000020, CONFORM_INCONCLUSIVE);
	second = trial_expect_question(trial, sa);
	if (second != NULL)
		expect_number(trial, second, seen_number(first) + 1);
}

static void retry_number(struct trial *trial)
{
	struct trial_sa *sa = watch_call(trial, NULL);
	const struct seen *first, *second;

	trial_lose(trial, sa, 1);
	first = trial_expect_question(trial, sa);
	if (first == NULL)
		return;
	second = watch_question(trial, sa, trial_get_settings(trial)->worry);
	if (second == NULL)
		trial_value(trial, first, "retry=none", "number %u is not asked again",
			    seen_number(first));
	else
		trial_value(trial, second,
			    seen_number(second) == seen_number(first) ? "retry=same-number"
								      : "retry=new-number",
			    "number %u is not answered; %.1f s later it asks with %u",
			    seen_number(first), (double)(second->at - first->at) / 1e6,
			    seen_number(second));
}

const struct conform_case cases_probing[] = {
    {
	.id = "rfc3706/5.3/question-form", /* R7 R9 R13 */
	.title = "Its question has the right protocol and four octets of data",
	.level = CONFORM_MUST,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 5.3",
	.requirement = "An R-U-THERE is a NOTIFY of protocol ISAKMP, type 36136, whose data is a "
		       "sequence number of four octets.",
	.expected = "an R-U-THERE of protocol 1 with four octets of data",
	.script = question_form,
    },
    {
	.id = "rfc3706/5.3/question-doi", /* R8 */
	.title = "Its question has the DOI of IPsec",
	.level = CONFORM_SHOULD,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 5.3",
	.requirement = "The DOI of an R-U-THERE should be that of IPsec, 1.",
	.expected = "an R-U-THERE of DOI 1",
	.script = question_doi,
    },
    {
	.id = "rfc3706/5.3/question-cookies", /* R10 R12 */
	.title = "Its question names the SA by both cookies",
	.level = CONFORM_SHOULD,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 5.3",
	.requirement =
	    "The SPI of an R-U-THERE should be 16 octets: the cookie of the initiator of "
	    "the SA, then that of the responder.",
	.expected = "an R-U-THERE whose SPI is the two cookies of the header",
	.script = question_cookies,
    },
    {
	.id = "rfc3706/5.2/question-protected", /* R6 R53 */
	.title = "Its question is encrypted, with HASH(1) before one NOTIFY",
	.level = CONFORM_MUST,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 5.2",
	.requirement =
	    "R-U-THERE is sent under the ISAKMP SA: encrypted, and authenticated by HASH(1)"
	    " over the one NOTIFY that follows it.",
	.expected = "an encrypted Informational with two payloads: a HASH(1) that holds, and R-U-"
		    "THERE",
	.script = question_protected,
    },
    {
	.id = "rfc2409/5.7/question-message-id", /* R74 */
	.title = "Each of its questions has a message ID of its own",
	.level = CONFORM_MUST,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement =
	    "Each Informational has a message ID that is its own; it is not 0, which stands"
	    " for Phase 1.",
	.expected = "three questions, the first of them lost, with three message IDs, none of them "
		    "0",
	.script = question_message_id,
    },
    {
	.id = "rfc3706/6.2/first-number-below-2-31", /* R34 */
	.title = "Its first number leaves room",
	.level = CONFORM_SHOULD,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 6.2",
	.requirement = "The top bit of the first sequence number should be 0.",
	.expected = "a first number below 2147483648",
	.script = first_number_top_bit,
    },
    {
	.id = "rfc3706/6.2/first-number-random", /* R33 */
	.title = "Its first number is random",
	.level = CONFORM_MUST,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 6.2",
	.requirement = "The first R-U-THERE of a session has a random sequence number.",
	.expected =
	    "under one SA after another first numbers that differ, and not by the same step",
	.script = first_number_random,
    },
    {
	.id = "rfc3706/6.2/first-number-space",
	.title = "From how large a space its first numbers are",
	.level = CONFORM_INFO,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 6.2",
	.requirement =
	    "The first sequence number is random. From how many, the document does not say.",
	.expected = "the size of the smallest usual space that holds the first numbers under three "
		    "SAs",
	.script = first_number_space,
    },
    {
	.id = "rfc3706/6.2/next-number", /* R35 */
	.title = "After an answer its next question has the next number",
	.level = CONFORM_MUST,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 6.2",
	.requirement = "Each subsequent R-U-THERE has a number that is one larger.",
	.expected = "a second question, after the first was answered, with the first number plus "
		    "one",
	.script = next_number,
    },
    {
	.id = "rfc3706/6.2/own-counter", /* R32 */
	.title = "Its numbers do not follow ours",
	.level = CONFORM_MUST,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 6.2",
	.requirement =
	    "Both sides have sequence numbers of their own, for the questions that they ask"
	    " themselves.",
	.expected = "numbers that go on by one, whatever numbers we ask with in between",
	.script = counter_is_its_own,
    },
    {
	.id = "rfc3706/5.4/retry-number",
	.title = "The number of a question that is asked again",
	.level = CONFORM_INFO,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 sections 5.4, 6.2",
	.requirement =
	    "An R-U-THERE that is not answered should be retransmitted, and every R-U-THERE"
	    " has a new number: whether a retransmission has, the document does not say.",
	.expected = "a second question after one that was lost, with the same number or the next",
	.script = retry_number,
    },
    {0},
};
