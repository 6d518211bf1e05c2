/* SPDX-License-Identifier: ISC */
/*
 * cases_hint.c - INVALID-SPI, INVALID-COOKIE and other error notifications: RFC 2408 sections 3.14, 5.2, 5.14.
 *
 * In the clear they are anybody's, so they are hints: whoever doubts asks R-U-THERE, and nothing ends because of them.  Under
 * protection they come from the peer, and an SA that brings the news that it is unknown is evidently known.
 */
#include <string.h>

#include "interop/conform/cases.h"
#include "interop/conform/scene.h"
#include "interop/conform/watch.h"

#define FLOOD       200
#define FLOOD_APART (20 * IKE_MILLISECOND)
#define QUESTIONS   8 /* that a flood may bring: one for every half second */
#define CALLS       2

static const uint16_t error[] = {
    IKE_NOTIFY_INVALID_SPI,        IKE_NOTIFY_INVALID_COOKIE,        IKE_NOTIFY_PAYLOAD_MALFORMED,
    IKE_NOTIFY_INVALID_MESSAGE_ID, IKE_NOTIFY_AUTHENTICATION_FAILED, IKE_NOTIFY_NO_PROPOSAL_CHOSEN,
};

static void say(struct trial *trial, struct trial_sa *sa, uint16_t type,
		enum message_protection protection)
{
	struct message *message = trial_message(trial, sa);

	message_add_isakmp_notify(message, type);
	message->protection = protection;
	trial_send(trial, sa, message);
}

static void sa_survives(struct trial *trial, enum message_protection protection)
{
	struct trial_sa *sa = trial_call(trial, NULL);

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	for (size_t i = 0; i < sizeof(error) / sizeof(error[0]); i++) {
		say(trial, sa, error[i], protection);
		trial_expect_alive(trial, sa, CONFORM_FAIL);
	}
}

static void errors_in_the_clear(struct trial *trial)
{
	sa_survives(trial, MESSAGE_CLEAR);
}

static void errors_protected(struct trial *trial)
{
	sa_survives(trial, MESSAGE_PROTECTED);
}

/* It is for nobody's information but the device's, so nothing is said to it either. */
static void unknown_types(struct trial *trial, const uint16_t *type, size_t types)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	const struct want reaction = {.sa = sa, .like = scene_is_reaction};
	size_t mark;

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	mark = trial_mark(trial);
	for (size_t i = 0; i < types; i++) {
		say(trial, sa, type[i], MESSAGE_PROTECTED);
		trial_expect_silence(trial, sa, mark, &reaction, CONFORM_LENIENT, CONFORM_FAIL);
	}
}

static void unknown_errors(struct trial *trial)
{
	static const uint16_t type[] = {31, 5000, 8191, 8192, 16383};

	unknown_types(trial, type, sizeof(type) / sizeof(type[0]));
}

static void unknown_statuses(struct trial *trial)
{
	static const uint16_t type[] = {16385, 24575, 30000, 32768, 40000, 65535};

	unknown_types(trial, type, sizeof(type) / sizeof(type[0]));
}

/* ---- what hints bring ---------------------------------------------------------------------------------------------- */

/* The first message of a new Phase 1, and not a repetition of it.  context: the trial. */
static bool is_new_call(const struct seen *seen, const void *context)
{
	const struct seen *before;

	if (!watch_is_call(seen))
		return false;
	for (size_t i = 0; (before = trial_seen(context, i)) != NULL && before != seen; i++)
		if (watch_is_call(before) &&
		    memcmp(before->opened->message.header.cky_i, seen->opened->message.header.cky_i,
			   IKE_COOKIE_LENGTH) == 0)
			return false;
	return true;
}

static void one_hint(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	const struct want question = {.sa = sa, .notify = IKE_NOTIFY_R_U_THERE};
	const struct want call = {.like = is_new_call, .context = trial};
	const struct seen *seen = NULL;
	size_t mark;

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	mark = trial_mark(trial);
	say(trial, sa, IKE_NOTIFY_INVALID_COOKIE, MESSAGE_CLEAR);
	trial_pass_time(trial, trial_get_settings(trial)->patience);
	trial_expect_alive(trial, sa, CONFORM_FAIL);
	if (trial_is_decided(trial))
		return;
	if (trial_count(trial, &call, mark, &seen) > 0)
		trial_value(trial, seen, "hint=calls",
			    "after INVALID-COOKIE in the clear the "
			    "device begins a new Phase 1");
	else if (trial_count(trial, &question, mark, &seen) > 0)
		trial_value(trial, seen, "hint=asks",
			    "after INVALID-COOKIE in the clear the device asks R-U-THERE");
	else
		trial_value(trial, NULL, "hint=nothing",
			    "INVALID-COOKIE in the clear moves the device to nothing");
}

static void flood_of_hints(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	const struct want question = {.sa = sa, .notify = IKE_NOTIFY_R_U_THERE};
	const struct want call = {.like = is_new_call, .context = trial};
	const struct seen *seen = NULL;
	size_t mark, questions, calls;

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	mark = trial_mark(trial);
	for (unsigned i = 0; i < FLOOD; i++) {
		say(trial, sa, i % 2 == 0 ? IKE_NOTIFY_INVALID_COOKIE : IKE_NOTIFY_INVALID_SPI,
		    MESSAGE_CLEAR);
		trial_pass_time(trial, FLOOD_APART);
	}
	trial_expect_alive(trial, sa, CONFORM_FAIL);
	if (trial_is_decided(trial))
		return;
	questions = trial_count(trial, &question, mark, &seen);
	calls = trial_count(trial, &call, mark, &seen);
	if (questions > QUESTIONS || calls > CALLS)
		trial_decide(trial, CONFORM_FAIL, seen,
			     "%d hints in the clear bring %zu questions and %zu calls", FLOOD,
			     questions, calls);
}

/* ---- what is said to them ------------------------------------------------------------------------------------------ */

static void malformed_protected(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	const struct want reaction = {.sa = sa, .like = scene_is_reaction};
	struct message *message;
	size_t mark;

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	mark = trial_mark(trial);
	message = trial_message(trial, sa);
	message_add_isakmp_notify(message, IKE_NOTIFY_INVALID_SPI);
	message->payload[0].wrong_length = 100;
	trial_send(trial, sa, message);
	trial_expect_silence(trial, sa, mark, &reaction, CONFORM_LENIENT, CONFORM_FAIL);
	mark = trial_mark(trial);
	message = trial_message(trial, sa);
	message_add(message, IKE_PAYLOAD_NOTIFY, octets_of((const uint8_t[]){0, 0, 0}, 3));
	trial_send(trial, sa, message);
	trial_expect_silence(trial, sa, mark, &reaction, CONFORM_LENIENT, CONFORM_FAIL);
}

static void bad_in_the_clear(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	const struct want reaction = {.sa = sa, .like = scene_is_reaction};
	struct message *message;
	size_t mark;

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	mark = trial_mark(trial);
	message = trial_message(trial, sa);
	message_add_isakmp_notify(message, IKE_NOTIFY_PAYLOAD_MALFORMED);
	message->payload[0].wrong_length = 100;
	message->protection = MESSAGE_CLEAR;
	trial_send(trial, sa, message);
	say(trial, sa, IKE_NOTIFY_INVALID_COOKIE, MESSAGE_CLEAR);
	trial_expect_silence(trial, sa, mark, &reaction, CONFORM_LENIENT, CONFORM_FAIL);
}

static bool has_cookie(const struct seen *seen, const void *cky_i)
{
	return memcmp(seen->opened->message.header.cky_i, cky_i, IKE_COOKIE_LENGTH) == 0;
}

/* A question to an SA that is not there, as a peer would ask it and as anybody could. */
static void ask_nobody(struct trial *trial, struct trial_sa *sa, const uint8_t *cky_i,
		       enum message_protection protection)
{
	struct message *message = trial_message(trial, sa);

	memcpy(message->header.cky_i, cky_i, IKE_COOKIE_LENGTH);
	message_add_keepalive(message, IKE_NOTIFY_R_U_THERE, 1000);
	message->protection = protection;
	trial_send(trial, sa, message);
}

static void unknown_cookies(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	uint8_t cky_i[IKE_COOKIE_LENGTH];
	const struct want answer = {.like = has_cookie, .context = cky_i};
	const struct seen *seen = NULL, *clear;
	size_t mark, count;

	for (size_t i = 0; i < sizeof(cky_i); i++)
		cky_i[i] = (uint8_t)(trial_random(trial) | 1);
	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	mark = trial_mark(trial);
	ask_nobody(trial, sa, cky_i, MESSAGE_PROTECTED);
	ask_nobody(trial, sa, cky_i, MESSAGE_CLEAR);
	clear = scene_last_sent(trial, sa, IKE_PAYLOAD_NOTIFY);
	trial_expect_alive(trial, sa, CONFORM_FAIL);
	if (trial_is_decided(trial) || clear == NULL)
		return;
	count = trial_count(trial, &answer, mark, &seen);
	if (count == 0)
		trial_value(trial, NULL, "says=nothing", "nothing is said to unknown cookies");
	else if (count > 2 || seen->length > clear->length)
		trial_decide(trial, CONFORM_FAIL, seen,
			     "two messages with unknown cookies, one of them %zu octets, bring %zu "
			     "answers, the first of %zu octets",
			     clear->length, count, seen->length);
	else
		trial_value(
		    trial, seen,
		    seen_is(seen, &(struct want){.notify = IKE_NOTIFY_INVALID_COOKIE})
			? "says=invalid-cookie"
			: "says=other",
		    "of two messages with unknown cookies %zu are answered, with %zu octets "
		    "to %zu",
		    count, seen->length, clear->length);
}

const struct conform_case cases_hint[] = {
    {
	.id = "rfc2408/4.8/clear-errors", /* R89 */
	.title = "Errors in the clear do not end an SA",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2408 sections 4.8, 5.14, RFC 2409 section 5.7",
	.requirement = "Once there is an ISAKMP SA, Informationals are protected by it.  One in "
		       "the clear is anybody's, and ends nothing.",
	.expected = "the SA still answers after each of six error notifications",
	.script = errors_in_the_clear,
    },
    {
	.id = "robust/5.14/protected-errors",
	.title = "Errors under protection do not end the SA that carries them",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 5.14",
	.requirement = "An error tells that a message was not taken.  An SA is ended by Delete.",
	.expected = "the SA still answers after each of six error notifications",
	.script = errors_protected,
    },
    {
	.id = "robust/3.14.1/unknown-errors",
	.title = "Error notifications of unknown types",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.14.1",
	.requirement =
	    "Types that are reserved or private are of no meaning to whoever does not know them.",
	.expected = "the SA still answers after each of five; LENIENT: something is said to them",
	.script = unknown_errors,
    },
    {
	.id = "robust/3.14.1/unknown-statuses",
	.title = "Status notifications of unknown types",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.14.1",
	.requirement =
	    "Types that are reserved or private are of no meaning to whoever does not know them.",
	.expected = "the SA still answers after each of six; LENIENT: something is said to them",
	.script = unknown_statuses,
    },
    {
	.id = "rfc2408/5.2/one-hint",
	.title = "What an INVALID-COOKIE in the clear brings",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 2408 sections 5.2, 5.14",
	.requirement = "INVALID-COOKIE in the clear may be a sign that the peer has lost the SA, "
		       "or a forgery.",
	.expected = "nothing, an R-U-THERE, or a new Phase 1; the SA goes on",
	.script = one_hint,
    },
    {
	.id = "robust/5.14/flood-of-hints", /* R91 */
	.title = "Two hundred hints in the clear bring few questions",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 5.14",
	.requirement = "What anybody can send must not make the device send as much.",
	.expected = "at most 8 questions and 2 new Phase 1s; the SA goes on",
	.script = flood_of_hints,
    },
    {
	.id = "rfc2408/4.8/malformed-not-answered", /* R58 */
	.title = "A malformed Informational under protection is not answered",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 2408 section 4.8",
	.requirement = "An Informational is one message in one direction.  Two sides that complain "
		       "about each other's complaints do not stop.",
	.expected = "nothing in answer; the SA goes on; LENIENT: an Informational",
	.script = malformed_protected,
    },
    {
	.id = "rfc2408/4.8/clear-not-answered",
	.title = "An Informational in the clear is not answered",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 2408 section 4.8",
	.requirement =
	    "An Informational is one message in one direction, and one in the clear is anybody's.",
	.expected = "nothing in answer; the SA goes on; LENIENT: an Informational",
	.script = bad_in_the_clear,
    },
    {
	.id = "rfc2408/5.2/unknown-cookies",
	.title = "What is said to unknown cookies",
	.level = CONFORM_MAY,
	.version = 1,
	.section = "RFC 2408 section 5.2",
	.requirement =
	    "A message with cookies of no SA is dropped, and INVALID-COOKIE may be said to it.  "
	    "That must not be larger than the message: its sender's address is not proved.",
	.expected = "nothing, or one answer to each that is not larger",
	.script = unknown_cookies,
    },
    {0},
};
