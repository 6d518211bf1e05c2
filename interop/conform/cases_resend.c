/* SPDX-License-Identifier: ISC */
/*
 * cases_resend.c - the device calls, and is not answered, or not as it should be: RFC 2408 section 5.1, RFC 2409 section 5.
 */
#include <stdio.h>
#include <string.h>

#include "ike/attribute.h"
#include "interop/conform/cases.h"
#include "interop/conform/watch.h"

#define COPIES 16 /* of one message that are looked at */

/* ---- what it sends again ------------------------------------------------------------------------------------------- */

/* Which message of its Main Mode with us it is: 1, 3, 5; 0: none of them, or of a call that it makes since before. */
static unsigned which(const struct seen *seen)
{
	const struct ike_header *header = &seen->opened->message.header;

	if (seen->from != TRIAL_DEVICE || seen->sa == NULL ||
	    header->exchange != IKE_EXCHANGE_MAIN_MODE)
		return 0;
	if (ike_cookie_is_zero(header->cky_r))
		return 1;
	return (header->flags & IKE_FLAG_ENCRYPTION) == 0 ? 3 : 5;
}

static bool is_of_same_call(const struct seen *a, const struct seen *b)
{
	return memcmp(a->opened->message.header.cky_i, b->opened->message.header.cky_i,
		      IKE_COOKIE_LENGTH) == 0;
}

/* All that came of that message of its first call, in order. */
static size_t copies_of(const struct trial *trial, unsigned message,
			const struct seen *found[COPIES])
{
	const struct seen *seen;
	size_t count = 0;

	for (size_t i = 0; (seen = trial_seen(trial, i)) != NULL && count < COPIES; i++)
		if (which(seen) == message && (count == 0 || is_of_same_call(found[0], seen)))
			found[count++] = seen;
	return count;
}

/* Its message is answered when it has come so often; so that in the end its call comes up, and nothing is left of it. */
static bool has_come(const struct trial *trial, unsigned message, size_t times)
{
	const struct seen *found[COPIES];

	return copies_of(trial, message, found) >= times;
}

static bool answer_second_of_first(struct trial *trial, unsigned message,
				   struct ike_datagram *datagram)
{
	(void)datagram;
	return message != 1 || has_come(trial, 1, 2);
}

static bool answer_second_of_third(struct trial *trial, unsigned message,
				   struct ike_datagram *datagram)
{
	(void)datagram;
	return message != 2 || has_come(trial, 3, 2);
}

static bool answer_second_of_fifth(struct trial *trial, unsigned message,
				   struct ike_datagram *datagram)
{
	(void)datagram;
	return message != 3 || has_come(trial, 5, 2);
}

static bool answer_fourth_of_first(struct trial *trial, unsigned message,
				   struct ike_datagram *datagram)
{
	(void)datagram;
	return message != 1 || has_come(trial, 1, 4);
}

typedef bool tamper(struct trial *trial, unsigned message, struct ike_datagram *datagram);

/* It calls, and one of its messages is not answered until it has come `times` times, or that takes too long. */
static size_t watch_copies(struct trial *trial, tamper *answer, unsigned message, size_t times,
			   ike_time at_most, const struct seen *found[COPIES])
{
	const struct trial_call how = {.tamper = answer, .may_fail = true};
	ike_time until = trial_now(trial) + at_most;
	size_t count;

	(void)trial_be_called(trial, &how);
	while (!trial_is_decided(trial) && !has_come(trial, message, times) &&
	       trial_now(trial) < until)
		trial_pass_time(trial, trial_get_settings(trial)->patience);
	count = copies_of(trial, message, found);
	if (count == 0)
		trial_decide(trial, CONFORM_INCONCLUSIVE, NULL,
			     "message %u of its call by Main Mode did not come", message);
	return count;
}

static void expect_resent(struct trial *trial, tamper *answer, unsigned message)
{
	ike_time at_most = 10 * trial_get_settings(trial)->patience;
	const struct seen *found[COPIES];
	size_t count = watch_copies(trial, answer, message, 2, at_most, found);

	if (trial_is_decided(trial))
		return;
	if (count == 1)
		trial_decide(trial, CONFORM_FAIL, found[0], "it does not send it again in %.1f s",
			     (double)at_most / 1e6);
	else if (found[1]->length != found[0]->length ||
		 memcmp(found[1]->wire, found[0]->wire, found[0]->length) != 0)
		trial_decide(trial, CONFORM_FAIL, found[1],
			     "what it sends again is not the same, octet for octet");
}

static void resends_first(struct trial *trial)
{
	expect_resent(trial, answer_second_of_first, 1);
}

static void resends_third(struct trial *trial)
{
	expect_resent(trial, answer_second_of_third, 3);
}

static void resends_fifth(struct trial *trial)
{
	expect_resent(trial, answer_second_of_fifth, 5);
}

static void resend_schedule(struct trial *trial)
{
	const struct seen *found[COPIES];
	size_t count = watch_copies(trial, answer_fourth_of_first, 1, 4, IKE_SECOND * 60, found);
	size_t length = 0;
	char value[60] = "resent=never";

	if (trial_is_decided(trial))
		return;
	for (size_t i = 1; i < count && i < 4; i++)
		length += (size_t)snprintf(value + length, sizeof(value) - length, "%s%us",
					   i == 1 ? "resent=" : "/",
					   watch_seconds(found[i]->at - found[i - 1]->at));
	trial_value(trial, found[count - 1], value,
		    "its first message came %zu times in %.1f s before it was answered", count,
		    (double)(found[count - 1]->at - found[0]->at) / 1e6);
}

static void backs_off(struct trial *trial)
{
	const struct seen *found[COPIES];
	size_t count = watch_copies(trial, answer_fourth_of_first, 1, 4, IKE_SECOND * 60, found);
	ike_time first, last;

	if (trial_is_decided(trial))
		return;
	if (count < 3) {
		trial_decide(trial, CONFORM_UNSUPPORTED, found[count - 1],
			     "its first message came %zu times: that shows no intervals", count);
		return;
	}
	first = found[1]->at - found[0]->at;
	last = found[count - 1]->at - found[count - 2]->at;
	/* jitter, and the network's */
	if (last < first + first / 5)
		trial_decide(trial, CONFORM_LENIENT, found[count - 1],
			     "the first interval is %.1f s, the last one %.1f s",
			     (double)first / 1e6, (double)last / 1e6);
}

/* ---- an answer that is not the choice of an offer ------------------------------------------------------------------ */

/* Offsets in the body of an SA payload with one proposal, without SPI, of one transform (RFC 2408 sections 3.4 to 3.6). */
#define PROPOSAL_AT   8
#define SPI_SIZE_AT   (PROPOSAL_AT + 6)
#define ATTRIBUTES_AT (PROPOSAL_AT + 8 + 8)

/* Where the value of this attribute stands in our choice; NULL: it is not there. */
static uint8_t *value_of(struct ike_datagram *datagram, uint16_t type)
{
	struct octets octets = octets_of(datagram->data, datagram->length);
	struct ike_message message;
	const struct ike_payload *sa;
	struct wire_reader reader;
	struct ike_attribute_value value;
	size_t skip;

	if (ike_header_parse(octets, &message.header) != IKE_ACCEPTED ||
	    ike_payloads_parse(
		octets_of(octets.data + IKE_HEADER_LENGTH, octets.length - IKE_HEADER_LENGTH),
		false, 0, &message) != IKE_ACCEPTED)
		return NULL;
	sa = ike_payload_find(&message, IKE_PAYLOAD_SA);
	if (sa == NULL || sa->body.length <= SPI_SIZE_AT)
		return NULL;
	skip = ATTRIBUTES_AT + sa->body.data[SPI_SIZE_AT];
	wire_read_from(&reader, sa->body);
	(void)wire_read_octets(&reader, skip);
	while (!reader.failed && reader.left > 0 && ike_attribute_read(&reader, &value))
		if (value.type == type)
			return datagram->data + (value.octets.data - datagram->data) +
			       value.octets.length - 1;
	return NULL;
}

#define UNKNOWN_HASH 0x80 /* this bit makes numbers of them that nobody has assigned */

static bool change(struct trial *trial, struct ike_datagram *datagram, uint16_t type, uint8_t bits)
{
	uint8_t *value = value_of(datagram, type);

	if (value == NULL)
		trial_decide(trial, CONFORM_INCONCLUSIVE, NULL,
			     "its offers have no attribute %u that could be changed", type);
	else
		*value ^= bits;
	return true;
}

static bool other_hash(struct trial *trial, unsigned message, struct ike_datagram *datagram)
{
	return message != 1 || change(trial, datagram, IKE_ATTRIBUTE_HASH, UNKNOWN_HASH);
}

static bool other_life(struct trial *trial, unsigned message, struct ike_datagram *datagram)
{
	return message != 1 || change(trial, datagram, IKE_ATTRIBUTE_LIFE_DURATION, 1);
}

/* Its third message, after a choice that was not among its offers. */
static const struct seen *goes_on(struct trial *trial, tamper *change_it)
{
	const struct trial_call how = {.tamper = change_it, .may_fail = true};
	const struct seen *found[COPIES];

	(void)trial_be_called(trial, &how);
	if (copies_of(trial, 1, found) == 0)
		trial_decide(trial, CONFORM_INCONCLUSIVE, NULL, "it did not call by Main Mode");
	return copies_of(trial, 3, found) > 0 ? found[0] : NULL;
}

static void changed_choice(struct trial *trial)
{
	const struct seen *third = goes_on(trial, other_hash);

	if (third != NULL)
		trial_decide(trial, CONFORM_FAIL, third,
			     "it goes on, although our choice has a hash that it did not offer");
}

static void changed_life(struct trial *trial)
{
	const struct seen *third = goes_on(trial, other_life);

	trial_value(trial, third, third != NULL ? "changed-life=accepted" : "changed-life=refused",
		    third != NULL ? "it goes on, although our choice has another lifetime"
				  : "it does not go on when our choice has another lifetime");
}

const struct conform_case cases_resend[] = {
    {
	.id = "rfc2408/5.1/call-resends-first",
	.title = "It sends its first message again",
	.level = CONFORM_MUST,
	.role = CONFORM_INITIATOR,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 2408 section 5.1",
	.requirement =
	    "A message that is not answered is sent again, the same message, some times; "
	    "then its sender gives up.",
	.expected = "the same first message of its call, octet for octet, when we do not answer",
	.script = resends_first,
    },
    {
	.id = "rfc2408/5.1/call-resends-third",
	.title = "It sends its third message again",
	.level = CONFORM_MUST,
	.role = CONFORM_INITIATOR,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 2408 section 5.1",
	.requirement =
	    "A message that is not answered is sent again, the same message, some times; "
	    "then its sender gives up.",
	.expected = "the same third message of Main Mode, octet for octet, when we do not answer",
	.script = resends_third,
    },
    {
	.id = "rfc2408/5.1/call-resends-fifth",
	.title = "It sends its fifth message again",
	.level = CONFORM_MUST,
	.role = CONFORM_INITIATOR,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 2408 section 5.1",
	.requirement =
	    "A message that is not answered is sent again, the same message, some times; "
	    "then its sender gives up.",
	.expected = "the same fifth message of Main Mode, octet for octet, when we do not answer",
	.script = resends_fifth,
    },
    {
	.id = "rfc2408/5.1/call-backs-off",
	.title = "It sends again more and more seldom",
	.level = CONFORM_SHOULD,
	.role = CONFORM_INITIATOR,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 2408 section 5.1",
	.requirement = "The intervals between retransmissions should grow.",
	.expected = "a last interval that is longer than the first one",
	.script = backs_off,
    },
    {
	.id = "rfc2408/5.1/call-resend-schedule",
	.title = "When it sends its first message again",
	.level = CONFORM_INFO,
	.role = CONFORM_INITIATOR,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 2408 section 5.1",
	.requirement =
	    "When a message is sent again is a matter of each side, and of the round trip "
	    "time.",
	.expected = "the intervals between the first four times that its first message comes",
	.script = resend_schedule,
    },
    {
	.id = "rfc2409/5/changed-choice",
	.title = "It refuses a choice that it did not offer",
	.level = CONFORM_MUST,
	.role = CONFORM_INITIATOR,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 2409 section 5",
	.requirement = "An initiator rejects an answer in which attributes of the chosen transform "
		       "were changed, added or left out.",
	.expected = "no third message when the hash in our choice is one that it did not offer",
	.script = changed_choice,
    },
    {
	.id = "rfc2409/5/changed-life",
	.title = "Whether it refuses a choice with another lifetime",
	.level = CONFORM_INFO,
	.role = CONFORM_INITIATOR,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 2409 section 5",
	.requirement =
	    "An initiator rejects an answer in which attributes were changed. The lifetime "
	    "is an attribute too; most hold only what they compute with against their "
	    "offer.",
	.expected = "a third message, or none",
	.script = changed_life,
    },
    {0},
};
