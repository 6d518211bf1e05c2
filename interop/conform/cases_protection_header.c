/* SPDX-License-Identifier: ISC */
/*
 * cases_protection_header.c - the header and the IV of an Informational: RFC 2408 sections 3.1, 5.1, 5.2, RFC 2409 appendix B.
 *
 * HASH(1) covers the message ID and the payloads, but nothing else of the header: flags, version, exchange type and cookies can be
 * changed by anybody on the way.  And it does not say who made the message, or when.
 */
#include <stdio.h>

#include "interop/conform/cases.h"
#include "interop/conform/script.h"

#define REPLAYS          5
#define PRIVATE_EXCHANGE 251

/* ---- message IDs, replays, reflections ----------------------------------------------------------------------------- */

static void message_id_0(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = script_question(trial, sa);

	message->header.message_id = 0;
	script_expect_refused(trial, sa, message, CONFORM_LENIENT);
}

static void message_id_reused(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = script_question(trial, sa);
	uint32_t number = sa != NULL ? sa->number - 1 : 0;
	uint32_t message_id = message->header.message_id;

	trial_send(trial, sa, message);
	trial_expect_ack(trial, sa, number, CONFORM_INCONCLUSIVE);
	message = script_question(trial, sa);
	message->header.message_id = message_id;
	script_learn(trial, sa, message, "message-id-reused");
}

/* The newest question that we have put. */
static const struct seen *last_question(const struct trial *trial)
{
	const struct seen *seen, *question = NULL;

	for (size_t i = 0; (seen = trial_seen(trial, i)) != NULL; i++)
		if (seen->from == TRIAL_TESTER &&
		    seen_is(seen, &(const struct want){.notify = IKE_NOTIFY_R_U_THERE}))
			question = seen;
	return question;
}

/* The same datagram a few times more, and valid questions in between.  How often its number has an ACK then. */
static size_t answers_to_replays(struct trial *trial, struct trial_sa *sa, const struct seen *seen,
				 const struct seen **first)
{
	const struct want again = {.sa = sa,
				   .notify = IKE_NOTIFY_R_U_THERE_ACK,
				   .has_number = true,
				   .number = seen != NULL ? seen_number(seen) : 0};
	size_t mark;

	script_expect_alive(trial, sa); /* what the network doubles has come by now */
	mark = trial_mark(trial);
	/* some stacks know the message that came last, and no older one */
	for (unsigned i = 0; i < REPLAYS; i++) {
		trial_replay(trial, seen);
		script_expect_alive(trial, sa);
	}
	return trial_count(trial, &again, mark, first);
}

static void replayed_question(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	const struct seen *first = NULL;
	size_t acks = answers_to_replays(trial, sa, last_question(trial), &first);

	if (acks > 0)
		trial_decide(trial, CONFORM_LENIENT, first, "%zu of %d replays are answered", acks,
			     REPLAYS);
}

static void reflected_ack(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	const struct want ack = {.sa = sa, .notify = IKE_NOTIFY_R_U_THERE_ACK};
	const struct seen *own = NULL, *first = NULL;
	size_t acks;

	(void)trial_count(trial, &ack, 0, &own);
	acks = answers_to_replays(trial, sa, own, &first);
	if (acks > 0)
		trial_decide(trial, CONFORM_FAIL, first, "%zu of %d times its own ACK is answered",
			     acks, REPLAYS);
}

static void reflected_question(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	const struct seen *question;
	size_t mark;

	if (trial_get_settings(trial)->tunnel != NULL)
		trial_quick_mode(trial, sa); /* some ask only whom they have IPsec SAs with */
	question = trial_expect_question(trial, sa);
	/* our core has answered it; in a device of several threads that is to be over before it comes back */
	trial_pass_time(trial, IKE_SECOND / 4);
	/* some know their own by the message ID of the exchange that they have begun last: this is not it any more */
	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	mark = trial_mark(trial);
	trial_replay(trial, question);
	script_expect_no_ack(trial, sa, mark, CONFORM_LENIENT);
}

/* ---- IVs ----------------------------------------------------------------------------------------------------------- */

static void wrong_iv(struct trial *trial)
{
	static const enum message_iv wrong[] = {MESSAGE_IV_OF_PHASE_1, MESSAGE_IV_ZERO,
						MESSAGE_IV_OTHER_ID, MESSAGE_IV_CONTINUED};
	struct trial_sa *sa = script_answering_sa(trial);
	size_t mark = trial_mark(trial);
	const struct seen *last = mark > 0 ? trial_seen(trial, mark - 1) : NULL;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct message *message = script_question(trial, sa);

		message->iv = wrong[i];
		for (size_t at = 0; last != NULL && at < sizeof(message->last_block); at++)
			message->last_block[at] = last->opened->next_iv[at];
		trial_send(trial, sa, message);
	}
	script_expect_no_ack(trial, sa, mark, CONFORM_FAIL);
}

/* ---- what HASH does not cover -------------------------------------------------------------------------------------- */

static bool is_answered_with_flags(struct trial *trial, struct trial_sa *sa, uint8_t flags)
{
	struct message *message = script_question(trial, sa);
	size_t mark = trial_mark(trial);

	message->more_flags = flags;
	trial_send(trial, sa, message);
	return script_answer_since(trial, sa, mark) != NULL;
}

static void known_flags(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	bool commit = is_answered_with_flags(trial, sa, IKE_FLAG_COMMIT);
	bool auth_only = is_answered_with_flags(trial, sa, IKE_FLAG_AUTH_ONLY);
	char value[64];

	snprintf(value, sizeof(value), "commit=%s,auth-only=%s", commit ? "answered" : "silent",
		 auth_only ? "answered" : "silent");
	trial_value(
	    trial, NULL, value,
	    "with the commit bit a question is %s, with the one for authentication alone %s",
	    commit ? "answered" : "not answered", auth_only ? "answered" : "not answered");
}

static void reserved_flags(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	size_t mark = trial_mark(trial);

	for (unsigned flag = 0x08; flag <= 0x80; flag <<= 1) {
		struct message *message = script_question(trial, sa);

		message->more_flags = (uint8_t)flag;
		trial_send(trial, sa, message);
	}
	script_expect_no_ack(trial, sa, mark, CONFORM_FAIL);
}

static void expect_version_refused(struct trial *trial, uint8_t version)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = script_question(trial, sa);

	message->header.version = version;
	script_expect_refused(trial, sa, message, CONFORM_LENIENT);
}

static void minor_version(struct trial *trial)
{
	expect_version_refused(trial, 0x11);
}

static void major_version(struct trial *trial)
{
	expect_version_refused(trial, 0x20);
}

static void other_exchanges(struct trial *trial)
{
	static const uint8_t others[] = {IKE_EXCHANGE_TRANSACTION, IKE_EXCHANGE_NEW_GROUP,
					 PRIVATE_EXCHANGE};
	struct trial_sa *sa = script_answering_sa(trial);
	size_t mark = trial_mark(trial);

	for (size_t i = 0; i < sizeof(others); i++) {
		struct message *message = script_question(trial, sa);

		message->header.exchange = others[i];
		trial_send(trial, sa, message);
	}
	script_expect_no_ack(trial, sa, mark, CONFORM_FAIL);
}

static void header_length(struct trial *trial)
{
	static const int wrong[] = {4, 16, -16};
	struct trial_sa *sa = script_answering_sa(trial);
	size_t mark = trial_mark(trial);

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct message *message = script_question(trial, sa);

		message->wrong_length = wrong[i];
		trial_send(trial, sa, message);
	}
	script_expect_no_ack(trial, sa, mark, CONFORM_FAIL);
}

/* What is answered under cookies that are nobody's cannot be opened, so whatever is encrypted counts. */
static bool is_under_our_cookie(const struct seen *seen, const void *context)
{
	const struct trial_sa *sa = context;
	const struct ike_header *header = &seen->opened->message.header;

	return seen->sa == NULL && seen->opened->encrypted &&
	       secret_equal(octets_of(header->cky_i, IKE_COOKIE_LENGTH),
			    octets_of(sa->cky_i, IKE_COOKIE_LENGTH));
}

static void wrong_responder_cookie(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	const struct want stray = {.like = is_under_our_cookie, .context = sa};
	const struct seen *seen = NULL;
	size_t mark = trial_mark(trial);

	for (unsigned i = 0; i < 2; i++) {
		struct message *message = script_question(trial, sa);

		for (size_t at = 0; at < IKE_COOKIE_LENGTH; at++)
			message->header.cky_r[at] = i == 0 ? 0 : message->header.cky_r[at] ^ 0xff;
		trial_send(trial, sa, message);
	}
	script_expect_no_ack(trial, sa, mark, CONFORM_FAIL);
	if (!trial_is_decided(trial) && trial_count(trial, &stray, mark, &seen) > 0)
		trial_decide(trial, CONFORM_FAIL, seen,
			     "the device sends something encrypted under cookies of no SA");
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

const struct conform_case cases_protection_header[] = {
    {
	.id = "rfc2408/3.1/message-id-0", /* R75 */
	.title = "A question with message ID 0 is not answered",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 2408 section 3.1",
	.requirement = "The message ID 0 is that of Phase 1; after it every exchange has another.",
	.expected = "no ACK; the SA goes on",
	.script = message_id_0,
    },
    {
	.id = "rfc2409/5.7/message-id-reused",
	.title = "Whether a new question under a used message ID is answered",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement =
	    "A message ID is unique to its exchange. That receivers see to it is not said.",
	.expected = "an answer, or none; the SA goes on",
	.script = message_id_reused,
    },
    {
	.id = "rfc3706/7/replayed-question", /* R40 R77 */
	.title = "A question that is replayed is not answered",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 3706 section 7",
	.requirement =
	    "A recorded R-U-THERE, sent again, costs its receiver a decryption, not an ACK.",
	.expected = "no ACK for five replays, between which valid questions are answered",
	.script = replayed_question,
    },
    {
	.id = "rfc3706/5.2/reflected-ack", /* R76 */
	.title = "The device's own ACK, sent back to it, is survived",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.2",
	.requirement =
	    "An ACK is not answered. HASH(1) does not say who made a message, so this one holds.",
	.expected = "no ACK; the SA goes on",
	.script = reflected_ack,
    },
    {
	.id = "rfc3706/5.2/reflected-question", /* R76 */
	.title = "The device's own question, sent back to it later, is not answered",
	.level = CONFORM_SHOULD,
	.needs = CONFORM_NEEDS_PROBES,
	.version = 2,
	.section = "RFC 2409 section 5.7",
	.requirement = "A message ID is unique to its exchange, so what comes under one's own is "
		       "one's own. Who "
		       "answers it can be made to answer itself in place of a dead peer.",
	.expected = "no ACK; the SA goes on",
	.script = reflected_question,
    },
    {
	.id = "rfc2409/b/wrong-iv",
	.title = "Questions encrypted with another IV are not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2409 appendix B",
	.requirement =
	    "The IV of an Informational is the hash of Phase 1's last block and of its message ID.",
	.expected = "no ACK for four wrong IVs; the SA goes on",
	.script = wrong_iv,
    },
    {
	.id = "rfc2408/3.1/known-flags",
	.title = "Whether questions with the other known flags are answered",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 2408 section 3.1",
	.requirement =
	    "The bits for a commit and for authentication alone mean nothing to an encrypted "
	    "Informational. HASH(1) does not cover them.",
	.expected = "answers, or none; the SA goes on",
	.script = known_flags,
    },
    {
	.id = "rfc2408/5.2/reserved-flags", /* R60 */
	.title = "Questions with flags that have no meaning are not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2408 section 5.2",
	.requirement = "A message whose flags are not valid is discarded.",
	.expected = "no ACK for five such flags; the SA goes on",
	.script = reserved_flags,
    },
    {
	.id = "rfc2408/3.1/minor-version",
	.title = "A question of version 1.1 is not answered",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 2408 section 3.1",
	.requirement = "Messages of a larger minor version should not be accepted.",
	.expected = "no ACK; the SA goes on",
	.script = minor_version,
    },
    {
	.id = "rfc2408/3.1/major-version",
	.title = "A question of version 2.0 is not answered",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 2408 section 3.1",
	.requirement = "Messages of a larger major version should not be accepted.",
	.expected = "no ACK; the SA goes on",
	.script = major_version,
    },
    {
	.id = "rfc2408/5.2/other-exchanges",
	.title = "Questions in other exchanges than Informational are not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2408 section 5.2",
	.requirement =
	    "A message of an exchange type that is not valid is discarded; R-U-THERE is said "
	    "in Informationals.",
	.expected = "no ACK in Transaction, New Group and a private exchange; the SA goes on",
	.script = other_exchanges,
    },
    {
	.id = "rfc2408/5.2/wrong-responder-cookie",
	.title = "A question with another responder cookie is not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2408 section 5.2",
	.requirement =
	    "Both cookies name the SA; a message whose cookies are not valid is discarded.",
	.expected = "no ACK for a responder cookie of zeros, and for a wrong one; the SA goes on",
	.script = wrong_responder_cookie,
    },
    {
	.id = "rfc2408/5.1/header-length",
	.title = "A question whose header has another length is not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2408 section 5.1",
	.requirement = "A message that is not as long as its header says is rejected.",
	.expected =
	    "no ACK for lengths 4 and 16 octets too large, and 16 too small; the SA goes on",
	.script = header_length,
    },
    {0},
};
