/* SPDX-License-Identifier: ISC */
/*
 * cases_amplification.c - never more out than in before an address is proved: RFC 2408 sections 2.5.3, 5.1.
 *
 * What has shown that its sender receives at its address is the second message of the initiator, which repeats the responder's
 * cookie.  Until then one answer to a message is all that anybody may be sent; a responder that says it again by timer multiplies
 * (CVE-2016-5361).  Half-open Phase 1s are made sparingly: some devices shut an address out that has five of them.
 */
#include <string.h>

#include "interop/conform/cases.h"
#include "interop/conform/scene.h"

#define HELD_BACK       (6 * IKE_SECOND) /* strongSwan repeats after four seconds, where it does */
#define COPIES          4                /* of a first message */
#define HALF_OPEN       3
#define HALF_OPEN_LIFE  (31 * IKE_SECOND)
#define FACTOR_MOST     3 /* MM2 has vendor IDs of its own, so it may be somewhat larger */
#define GARBAGE_LONGEST 600

/* ---- the first answer ---------------------------------------------------------------------------------------------- */

/* MM1, and not that of a call which the device makes at the same time. */
static const struct seen *first_of_ours(const struct trial *trial)
{
	const struct seen *seen = NULL;

	for (size_t i = 0; (seen = trial_seen(trial, i)) != NULL && seen->from != TRIAL_TESTER; i++)
		;
	return seen;
}

/* Says MM1 once, and MM3 not before the device had time to repeat itself.  What is held back the tester's core says again. */
static bool hold_back(struct trial *trial, unsigned message, struct ike_datagram *datagram)
{
	const struct seen *first = first_of_ours(trial);

	(void)datagram;
	return first == NULL || (message > 1 && trial_now(trial) - first->at >= HELD_BACK);
}

static bool is_early(const struct seen *seen, const void *context)
{
	const struct seen *first = context;

	/* not what is left of another case */
	return seen->sa == first->sa && seen->at - first->at < HELD_BACK;
}

/* Phase 1 goes on in the end, so that nothing half-open is left. */
static void first_answer_is_said_once(struct trial *trial)
{
	const struct trial_call how = {.tamper = hold_back, .may_fail = true};
	struct trial_sa *sa = trial_call(trial, &how);
	const struct seen *first = first_of_ours(trial), *answer = NULL;
	const struct want early = {.like = is_early, .context = first};
	size_t answers;

	if (sa == NULL)
		trial_pass_time(trial, HELD_BACK);
	if (trial_is_decided(trial) || first == NULL)
		return;
	answers = trial_count(trial, &early, 0, &answer);
	if (answers == 0)
		trial_decide(trial, CONFORM_INCONCLUSIVE, NULL,
			     "the first message of Phase 1 is not answered");
	if (answers > 1)
		trial_decide(trial, CONFORM_FAIL, answer,
			     "one first message, %zu octets, brings %zu answers of %zu octets",
			     first->length, answers, answer->length);
}

static void how_large_it_is(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	const struct want of_phase_1 = {.sa = sa};
	const struct seen *question, *answer = NULL;

	if (trial_is_decided(trial))
		return;
	question = first_of_ours(trial);
	(void)trial_count(trial, &of_phase_1, 0, &answer);
	if (answer == NULL)
		return;
	if (answer->length > FACTOR_MOST * question->length)
		trial_decide(trial, CONFORM_FAIL, answer,
			     "a first message of %zu octets is answered with %zu", question->length,
			     answer->length);
	trial_value(trial, answer,
		    answer->length > question->length ? "answer=larger" : "answer=not-larger",
		    "a first message of %zu octets is answered with %zu", question->length,
		    answer->length);
}

static size_t count_copies(const struct trial *trial, const struct seen *first)
{
	const struct seen *seen;
	size_t count = 0;

	for (size_t i = 0; (seen = trial_seen(trial, i)) != NULL; i++)
		if (seen->from == TRIAL_TESTER && seen->length == first->length &&
		    memcmp(seen->wire, first->wire, first->length) == 0)
			count++;
	return count;
}

/* Before MM3: MM1 as it was, until it was said often enough, and time to answer. */
static bool repeat_the_first(struct trial *trial, unsigned message, struct ike_datagram *datagram)
{
	const struct seen *first = first_of_ours(trial);
	size_t answers;

	(void)datagram;
	if (message != 2 || count_copies(trial, first) >= COPIES)
		return true;
	while (!trial_is_decided(trial) && count_copies(trial, first) < COPIES)
		trial_replay(trial, first);
	trial_pass_time(trial, trial_get_settings(trial)->patience / 4);
	answers = trial_count(trial, &(struct want){.sa = first->sa}, 0, NULL);
	if (answers > COPIES)
		trial_decide(trial, CONFORM_FAIL, NULL,
			     "the first message, said %d times, brings %zu answers", COPIES,
			     answers);
	return true;
}

static void repeated_first_message(struct trial *trial)
{
	const struct trial_call how = {.tamper = repeat_the_first};
	struct trial_sa *sa = trial_call(trial, &how);

	trial_expect_alive(trial, sa, CONFORM_FAIL);
}

/* ---- strangers ----------------------------------------------------------------------------------------------------- */

/* Its cookies are those of something that we sent as a stranger.  What it may still say about another case is no answer. */
static bool is_for_a_stranger(const struct seen *seen, const void *context)
{
	const struct seen *sent;

	for (size_t i = 0; (sent = trial_seen(context, i)) != NULL && sent != seen; i++)
		if (sent->from == TRIAL_TESTER && sent->sa == NULL &&
		    sent->length >= IKE_COOKIE_LENGTH && seen->length >= IKE_COOKIE_LENGTH &&
		    memcmp(sent->wire, seen->wire, IKE_COOKIE_LENGTH) == 0)
			return true;
	return false;
}

/* Not more messages to strangers since the mark than we have sent as such, and not more octets. */
static void expect_no_more_than_sent(struct trial *trial, size_t since)
{
	const struct want answer = {.like = is_for_a_stranger, .context = trial};
	size_t sent = 0, sent_octets = 0, answers = 0, octets = 0;
	const struct seen *seen, *first = NULL;

	for (size_t i = since; (seen = trial_seen(trial, i)) != NULL; i++) {
		if (seen->from == TRIAL_TESTER && seen->sa == NULL) {
			sent++;
			sent_octets += seen->length;
		} else if (seen->from == TRIAL_DEVICE && seen_is(seen, &answer)) {
			answers++;
			octets += seen->length;
			first = first == NULL ? seen : first;
		}
	}
	if (answers > sent || octets > sent_octets)
		trial_decide(
		    trial, CONFORM_FAIL, first,
		    "%zu messages of a stranger, %zu octets in all, bring %zu answers, %zu "
		    "octets in all",
		    sent, sent_octets, answers, octets);
}

static void make_cookies(struct trial *trial, struct ike_header *header, bool of_an_sa)
{
	for (size_t i = 0; i < IKE_COOKIE_LENGTH; i++) {
		header->cky_i[i] = (uint8_t)(trial_random(trial) | 1);
		header->cky_r[i] = of_an_sa ? (uint8_t)(trial_random(trial) | 1) : 0;
	}
}

static void other_exchanges(struct trial *trial)
{
	static const uint8_t exchange[] = {0, 1, 3, 6, 33, 100, 240, 255};
	static const uint8_t zeros[40];
	struct trial_sa *sa = trial_call(trial, NULL);
	uint8_t octets[IKE_DATAGRAM_MAX];
	size_t mark;

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	mark = trial_mark(trial);
	for (size_t i = 0; i < 2 * sizeof(exchange); i++) {
		struct message *message = trial_message(trial, sa);

		make_cookies(trial, &message->header, i % 2 == 1);
		message->header.exchange = exchange[i / 2];
		message->protection = MESSAGE_CLEAR;
		message_add(message, IKE_PAYLOAD_NONCE, octets_of(zeros, sizeof(zeros)));
		trial_send_raw(
		    trial, octets_of(octets, trial_seal(trial, message, octets, sizeof(octets))));
	}
	trial_expect_alive(trial, sa, CONFORM_FAIL);
	expect_no_more_than_sent(trial, mark);
}

static void garbage(struct trial *trial)
{
	static const size_t length[] = {1, 3, 4, 27, 28, 29, 60, 200, GARBAGE_LONGEST};
	struct trial_sa *sa = trial_call(trial, NULL);
	uint8_t octets[GARBAGE_LONGEST];
	size_t mark;

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	mark = trial_mark(trial);
	for (size_t i = 0; i < sizeof(length) / sizeof(length[0]); i++) {
		for (size_t k = 0; k < length[i]; k++)
			octets[k] = (uint8_t)trial_random(trial);
		trial_send_raw(trial, octets_of(octets, length[i]));
	}
	trial_expect_alive(trial, sa, CONFORM_FAIL);
	expect_no_more_than_sent(trial, mark);
}

/* Those that we begin are not continued, so there is time afterwards for the device to forget them. */
static void half_open(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	const struct want answer = {.like = is_for_a_stranger, .context = trial};
	const struct seen *ours;
	uint8_t first[IKE_DATAGRAM_MAX];
	struct octets octets = {.data = first};
	size_t mark;

	if (trial_is_decided(trial))
		return;
	mark = trial_mark(trial);
	ours = first_of_ours(trial);
	octets.length = ours->length;
	memcpy(first, ours->wire, octets.length);
	for (unsigned i = 0; i < HALF_OPEN; i++) {
		for (size_t k = 0; k < IKE_COOKIE_LENGTH; k++)
			first[k] = (uint8_t)(trial_random(trial) | 1);
		trial_send_raw(trial, octets);
	}
	trial_expect_alive(trial, sa, CONFORM_FAIL);
	scene_expect_survival(trial, "three first messages that are not continued");
	if (!trial_is_decided(trial) && trial_count(trial, &answer, mark, NULL) > HALF_OPEN)
		trial_decide(trial, CONFORM_FAIL, NULL, "%d first messages bring %zu answers",
			     HALF_OPEN, trial_count(trial, &answer, mark, NULL));
	trial_pass_time(trial, HALF_OPEN_LIFE);
}

const struct conform_case cases_amplification[] = {
    {
	.id = "robust/5.1/first-answer-once", /* R130 */
	.title = "A responder does not repeat its first answer by itself",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 sections 2.5.3, 5.1",
	.requirement = "Before the initiator has shown that it receives at its address, only what "
		       "it repeats is answered again (CVE-2016-5361).",
	.expected = "one answer to a first message that nothing follows",
	.script = first_answer_is_said_once,
    },
    {
	.id = "robust/5.1/first-answer-size", /* R131 */
	.title = "How large the first answer is",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 sections 2.5.3, 5.1",
	.requirement = "The answer to a first message goes to an address that is not proved, so it "
		       "should not be much larger.",
	.expected =
	    "an answer of at most three times the octets; whether it is larger at all is noted",
	.script = how_large_it_is,
    },
    {
	.id = "robust/5.1/first-repeated", /* R131 */
	.title = "A repeated first message is answered at most as often",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 sections 2.5.3, 5.1",
	.requirement = "A first message that comes again is answered again or not, but never more "
		       "often than it came; then Phase 1 goes on.",
	.expected = "at most four answers to a first message that comes four times",
	.script = repeated_first_message,
    },
    {
	.id = "robust/5.2/other-exchanges", /* R132 */
	.title = "Exchanges that nobody knows are not answered with more",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 sections 3.1, 5.2",
	.requirement = "A message of an exchange that is not supported is dropped, and may be "
		       "answered with one notification, not larger than it.",
	.expected = "not more messages than came, and not more octets",
	.script = other_exchanges,
    },
    {
	.id = "robust/5.2/garbage", /* R132 */
	.title = "Octets by chance are not answered with more",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 5.2",
	.requirement =
	    "What is no message is dropped.  If anything is said to it, then not more than came.",
	.expected = "not more messages than came, and not more octets",
	.script = garbage,
    },
    {
	.id = "robust/5.1/half-open", /* R133 */
	.title = "Half-open Phase 1s leave room for others",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 sections 2.5.3, 5.1",
	.requirement = "A few first messages that nothing follows keep nobody else out, nor do "
		       "they end what exists (CVE-2006-3906).",
	.expected = "a new Phase 1 comes up beside three that are half-open, and the first SA "
		    "still answers",
	.script = half_open,
    },
    {0},
};
