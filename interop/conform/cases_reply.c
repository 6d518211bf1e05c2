/* SPDX-License-Identifier: ISC */
/*
 * cases_reply.c - what is said to an Informational that is refused, or means nothing: RFC 2408 sections 5.3, 5.11, 5.14, RFC 2409 section 5.7.
 *
 * An error notification may be sent, and need not be.  A secured one tells the sender more, one in the clear tells everybody, and silence
 * cannot be used against a third party.  None of them is wrong, so these are INFO; what matters is that the SA goes on.
 */
#include <stdio.h>

#include "interop/conform/cases.h"
#include "interop/conform/script.h"

#define UNKNOWN_STATUS 40959 /* the last of the private ones, which nobody uses */

/* No ACK, and none of the device's own questions. */
static bool is_reply(const struct seen *seen, const void *context)
{
	(void)context;
	return !seen_is(seen, &(const struct want){.notify = IKE_NOTIFY_R_U_THERE_ACK}) &&
	       !seen_is(seen, &(const struct want){.notify = IKE_NOTIFY_R_U_THERE});
}

/* "none", "clear-1", "protected-23": the type of the notification; or "delete", "other". */
static void name_reply(const struct seen *reply, char *name, size_t room)
{
	struct ike_notify notify;

	if (reply == NULL)
		snprintf(name, room, "none");
	else if (opened_notify(reply->opened, 0, &notify))
		snprintf(name, room, "%s-%u", reply->opened->encrypted ? "protected" : "clear",
			 notify.type);
	else if (seen_is(reply, &(const struct want){.payload = IKE_PAYLOAD_DELETE}))
		snprintf(name, room, "delete");
	else
		snprintf(name, room, "other");
}

static void learn_reply(struct trial *trial, struct trial_sa *sa, const struct message *message)
{
	const struct want other = {.sa = sa, .like = is_reply};
	size_t mark = trial_mark(trial);
	const struct seen *reply = NULL;
	char name[32], value[64];

	trial_send(trial, sa, message);
	script_expect_alive(trial, sa);
	if (trial_is_decided(trial))
		return;
	(void)trial_count(trial, &other, mark, &reply);
	name_reply(reply, name, sizeof(name));
	snprintf(value, sizeof(value), "reply=%s", name);
	trial_value(trial, reply, value, "the reply is: %s; the SA goes on", name);
}

static void reply_to_wrong_hash(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = script_question(trial, sa);

	message->hash = MESSAGE_HASH_WRONG;
	learn_reply(trial, sa, message);
}

static void reply_to_malformed(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = script_question(trial, sa);

	message->payload[0].reserved = 1;
	learn_reply(trial, sa, message);
}

static void reply_to_clear(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = script_question(trial, sa);

	message->protection = MESSAGE_CLEAR;
	learn_reply(trial, sa, message);
}

static void reply_to_unknown_status(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = trial_message(trial, sa);

	message_add_isakmp_notify(message, UNKNOWN_STATUS);
	learn_reply(trial, sa, message);
}

const struct conform_case cases_reply[] = {
    {
	.id = "rfc2409/5.7/reply-to-wrong-hash",
	.title = "What is said to a question whose HASH is wrong",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 2408 section 5.11",
	.requirement = "A HASH that fails may be told with INVALID-HASH-INFORMATION.",
	.expected = "nothing, or a notification; the SA goes on",
	.script = reply_to_wrong_hash,
    },
    {
	.id = "rfc2408/5.3/reply-to-malformed",
	.title = "What is said to a question that is malformed",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 2408 section 5.3",
	.requirement = "A payload that is malformed may be told with PAYLOAD-MALFORMED.",
	.expected = "nothing, or a notification; the SA goes on",
	.script = reply_to_malformed,
    },
    {
	.id = "rfc3706/5.2/reply-to-clear",
	.title = "What is said to a question in the clear",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 5.2",
	.requirement = "An R-U-THERE in the clear is rejected; how is not said.",
	.expected = "nothing, or a notification; the SA goes on",
	.script = reply_to_clear,
    },
    {
	.id = "rfc2408/5.14/reply-to-unknown-status",
	.title = "What is said to a status notification that means nothing",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 2408 section 5.14",
	.requirement = "A notification whose type is not known is passed over.",
	.expected = "nothing, or a notification; the SA goes on",
	.script = reply_to_unknown_status,
    },
    {0},
};
