/* SPDX-License-Identifier: ISC */
/*
 * cases_acknowledgement.c - the form of R-U-THERE-ACK (RFC 3706 sections 5.2, 5.3, 6.1).
 */
#include "interop/conform/cases.h"
#include "interop/conform/trial.h"

static void ack_echoes_number(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);

	trial_ask(trial, sa, 1000);
	trial_expect_ack(trial, sa, 1000, CONFORM_FAIL);
}

static void ack_is_protected(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	const struct seen *ack;

	trial_ask(trial, sa, 1000);
	ack = trial_expect_ack(trial, sa, 1000, CONFORM_FAIL);
	if (ack != NULL && !ack->opened->encrypted)
		trial_decide(trial, CONFORM_FAIL, ack, "the ACK is not encrypted");
	else if (ack != NULL && ack->opened->hash != MESSAGE_HASH_HOLDS)
		trial_decide(trial, CONFORM_FAIL, ack, "the ACK has no HASH(1) that holds");
}

static void clear_question_is_not_answered(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	struct message *question = trial_message(trial, sa);
	const struct want any = {.sa = sa, .exchange = IKE_EXCHANGE_INFORMATIONAL};
	size_t mark = trial_mark(trial);

	message_add_keepalive(question, IKE_NOTIFY_R_U_THERE, 1000);
	question->protection = MESSAGE_CLEAR;
	trial_send(trial, sa, question);
	trial_expect_silence(trial, sa, mark, &any, CONFORM_FAIL, CONFORM_FAIL);
}

const struct conform_case cases_acknowledgement[] = {
    {
	.id = "rfc3706/5.3/ack-echoes-number",
	.title = "The ACK carries the number of the question",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.3",
	.requirement =
	    "R-U-THERE-ACK carries the sequence number of the R-U-THERE that it answers.",
	.expected = "an R-U-THERE-ACK with the number 1000",
	.script = ack_echoes_number,
    },
    {
	.id = "rfc3706/5.2/ack-protected",
	.title = "The ACK is encrypted and has HASH(1)",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.2",
	.requirement =
	    "Both messages are sent under the ISAKMP SA, encrypted and authenticated by HASH(1).",
	.expected = "an encrypted R-U-THERE-ACK whose HASH(1) holds",
	.script = ack_is_protected,
    },
    {
	.id = "rfc3706/5.2/clear-question",
	.title = "A question in the clear is not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.2",
	.requirement = "An R-U-THERE that is not encrypted is rejected.",
	.expected = "nothing in answer to an R-U-THERE in the clear; the SA goes on",
	.script = clear_question_is_not_answered,
    },
    {0},
};
