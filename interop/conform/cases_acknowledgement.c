/* SPDX-License-Identifier: ISC */
/*
 * cases_acknowledgement.c - the form of R-U-THERE-ACK (RFC 3706 sections 5.2, 5.3, 6.1), field by field.
 */
#include <string.h>

#include "ike/address.h"
#include "interop/conform/cases.h"
#include "interop/conform/script.h"

#define SPI_LENGTH    (2 * IKE_COOKIE_LENGTH)
#define NUMBER_LENGTH 4 /* octets */
#define QUESTIONS     5 /* whose ACKs' message IDs are compared */

static void ack_echoes_number(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);

	trial_ask(trial, sa, 1000);
	trial_expect_ack(trial, sa, 1000, script_unanswered(sa));
}

static void ack_is_protected(struct trial *trial)
{
	const struct seen *ack = script_ack(trial, NULL);

	if (ack != NULL && !ack->opened->encrypted)
		trial_decide(trial, CONFORM_FAIL, ack, "the ACK is not encrypted");
	else if (ack != NULL && ack->opened->hash != MESSAGE_HASH_HOLDS)
		trial_decide(trial, CONFORM_FAIL, ack, "the ACK has no HASH(1) that holds");
}

/* ---- NOTIFY -------------------------------------------------------------------------------------------------------- */

/* An ACK and its NOTIFY.  NULL: there is none, and the trial is decided. */
static const struct seen *ack_with(struct trial *trial, struct trial_sa **sa,
				   struct ike_notify *notify)
{
	const struct seen *ack = script_ack(trial, sa);

	if (ack != NULL && opened_notify(ack->opened, IKE_NOTIFY_R_U_THERE_ACK, notify))
		return ack;
	return NULL;
}

static void ack_doi(struct trial *trial)
{
	struct ike_notify notify;
	const struct seen *ack = ack_with(trial, NULL, &notify);

	if (ack != NULL && notify.doi != IKE_DOI_IPSEC)
		trial_decide(trial, CONFORM_LENIENT, ack, "the DOI is %u", notify.doi);
}

static void ack_protocol(struct trial *trial)
{
	struct ike_notify notify;
	const struct seen *ack = ack_with(trial, NULL, &notify);

	if (ack != NULL && notify.protocol != IKE_PROTOCOL_ISAKMP)
		trial_decide(trial, CONFORM_FAIL, ack, "the protocol is %u", notify.protocol);
}

static void ack_spi_size(struct trial *trial)
{
	struct ike_notify notify;
	const struct seen *ack = ack_with(trial, NULL, &notify);

	if (ack != NULL && notify.spi.length != SPI_LENGTH)
		trial_decide(trial, CONFORM_LENIENT, ack, "the SPI size is %zu", notify.spi.length);
}

static bool is_spi(const struct ike_notify *notify, const uint8_t *first, const uint8_t *second)
{
	return notify->spi.length == SPI_LENGTH &&
	       memcmp(notify->spi.data, first, IKE_COOKIE_LENGTH) == 0 &&
	       memcmp(notify->spi.data + IKE_COOKIE_LENGTH, second, IKE_COOKIE_LENGTH) == 0;
}

static void ack_cookies(struct trial *trial)
{
	struct trial_sa *sa;
	struct ike_notify notify;
	const struct seen *ack = ack_with(trial, &sa, &notify);

	if (ack == NULL)
		return;
	if (is_spi(&notify, sa->cky_r, sa->cky_i))
		trial_decide(trial, CONFORM_LENIENT, ack, "the responder's cookie is first");
	else if (!is_spi(&notify, sa->cky_i, sa->cky_r))
		trial_decide(trial, CONFORM_LENIENT, ack,
			     "the SPI field does not hold the SA's cookies");
}

static void ack_data_length(struct trial *trial)
{
	struct ike_notify notify;
	const struct seen *ack = ack_with(trial, NULL, &notify);

	if (ack != NULL && notify.data.length != NUMBER_LENGTH)
		trial_decide(trial, CONFORM_FAIL, ack, "there are %zu octets of data",
			     notify.data.length);
}

/* ---- the message around it ----------------------------------------------------------------------------------------- */

static void ack_is_alone(struct trial *trial)
{
	const struct seen *ack = script_ack(trial, NULL);
	size_t others = 0;

	for (size_t i = 0; ack != NULL && i < ack->opened->message.payloads; i++)
		others += ack->opened->message.payload[i].type != IKE_PAYLOAD_HASH;
	if (others > 1)
		trial_decide(trial, CONFORM_LENIENT, ack, "there are %zu payloads besides HASH",
			     others);
}

static void ack_hash_is_first(struct trial *trial)
{
	const struct seen *ack = script_ack(trial, NULL);

	if (ack != NULL && ack->opened->message.payload[0].type != IKE_PAYLOAD_HASH)
		trial_decide(trial, CONFORM_FAIL, ack, "the first payload is of type %u",
			     ack->opened->message.payload[0].type);
}

static uint32_t message_id_of(const struct seen *seen)
{
	return seen->opened->message.header.message_id;
}

/* The message in which the ID was used before under the SA, by whichever side; NULL: none. */
static const struct seen *used_before(const struct trial *trial, const struct seen *ack)
{
	const struct seen *seen;

	for (size_t i = 0; (seen = trial_seen(trial, i)) != NULL && seen != ack; i++)
		if (seen->sa == ack->sa && message_id_of(seen) == message_id_of(ack) &&
		    !ike_exchange_is_phase_1(seen->opened->message.header.exchange))
			return seen;
	return NULL;
}

static void ack_message_id(struct trial *trial)
{
	const struct seen *ack = script_ack(trial, NULL), *before;

	if (ack == NULL)
		return;
	before = used_before(trial, ack);
	if (message_id_of(ack) == 0)
		trial_decide(trial, CONFORM_FAIL, ack, "the message ID is 0, which is Phase 1's");
	else if (before != NULL && before->from == TRIAL_TESTER)
		trial_decide(trial, CONFORM_FAIL, ack, "the message ID is that of the question");
}

static void ack_message_ids_fresh(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);

	for (unsigned i = 0; i < QUESTIONS && !trial_is_decided(trial); i++) {
		uint32_t number = trial_ask_next(trial, sa);
		const struct seen *ack = trial_expect_ack(trial, sa, number, script_unanswered(sa));

		if (ack != NULL && used_before(trial, ack) != NULL)
			trial_decide(trial, CONFORM_FAIL, ack,
				     "the message ID %08x was used before under this SA",
				     message_id_of(ack));
	}
}

static void one_ack_per_question(struct trial *trial)
{
	struct trial_sa *sa;
	const struct seen *ack = script_ack(trial, &sa);
	size_t count;

	if (ack == NULL)
		return;
	trial_pass_time(trial, trial_get_settings(trial)->patience / 2);
	count = trial_count(trial,
			    &(const struct want){.sa = sa,
						 .notify = IKE_NOTIFY_R_U_THERE_ACK,
						 .has_number = true,
						 .number = seen_number(ack)},
			    0, NULL);
	if (count > 1)
		trial_decide(trial, CONFORM_FAIL, ack, "one question has %zu ACKs", count);
}

static void ack_from_where_asked(struct trial *trial)
{
	struct trial_sa *sa;
	const struct seen *ack = script_ack(trial, &sa);
	char text[IKE_ADDRESS_TEXT];

	if (ack == NULL)
		return;
	if (!ike_address_equal(&ack->source, &sa->remote)) {
		ike_address_text(&ack->source, text, sizeof(text));
		trial_decide(trial, CONFORM_LENIENT, ack, "the ACK comes from %s", text);
	} else if (!ike_address_equal(&ack->destination, &sa->local)) {
		ike_address_text(&ack->destination, text, sizeof(text));
		trial_decide(trial, CONFORM_LENIENT, ack, "the ACK goes to %s", text);
	}
}

/* ---- what would keep us from reading it ---------------------------------------------------------------------------- */

struct after {
	const struct trial *trial;
	size_t mark;
};

/* It came after the mark, and is an ACK or cannot be read. */
static bool may_be_answer(const struct seen *seen, const void *context)
{
	const struct after *after = context;

	if (seen->opened->readable &&
	    !seen_is(seen, &(const struct want){.notify = IKE_NOTIFY_R_U_THERE_ACK}))
		return false;
	for (size_t i = after->mark; trial_seen(after->trial, i) != NULL; i++)
		if (trial_seen(after->trial, i) == seen)
			return true;
	return false;
}

/* What answers a question, whether or not it can be read. */
static const struct seen *answer_of_any_form(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	const struct after after = {trial, trial_mark(trial)};
	const struct want answer = {.sa = sa,
				    .exchange = IKE_EXCHANGE_INFORMATIONAL,
				    .like = may_be_answer,
				    .context = &after};
	const struct seen *seen;

	(void)trial_ask_next(trial, sa);
	if (sa == NULL)
		return NULL;
	seen = trial_wait(trial, &answer, trial_get_settings(trial)->patience);
	if (seen == NULL)
		trial_decide(trial, script_unanswered(sa), NULL,
			     "no Informational in answer to R-U-THERE");
	return seen;
}

static void ack_flags(struct trial *trial)
{
	const struct seen *seen = answer_of_any_form(trial);
	uint8_t flags = seen != NULL ? seen->opened->message.header.flags : IKE_FLAG_ENCRYPTION;
	uint8_t others = flags & (uint8_t)~IKE_FLAG_ENCRYPTION;

	if ((flags & ~(IKE_FLAG_ENCRYPTION | IKE_FLAG_COMMIT | IKE_FLAG_AUTH_ONLY)) != 0)
		trial_decide(trial, CONFORM_FAIL, seen, "the flags are 0x%02x", flags);
	else if (others != 0)
		trial_decide(trial, CONFORM_LENIENT, seen, "the flags are 0x%02x", flags);
}

static void ack_reserved(struct trial *trial)
{
	const struct seen *seen = answer_of_any_form(trial);

	if (seen == NULL)
		return;
	if (seen->opened->verdict == IKE_RESERVED_NOT_ZERO)
		trial_decide(trial, CONFORM_FAIL, seen, "%s",
			     ike_verdict_sentence(IKE_RESERVED_NOT_ZERO));
	else if (!seen->opened->readable)
		trial_decide(trial, CONFORM_FAIL, seen, "the answer cannot be read: %s",
			     ike_verdict_sentence(seen->opened->verdict));
}

static const char *kind_of_padding(struct octets padding)
{
	size_t zeros = 0;

	while (zeros < padding.length && padding.data[zeros] == 0)
		zeros++;
	if (padding.length == 0)
		return "padding=none";
	if (zeros == padding.length)
		return "padding=zeros";
	return padding.data[padding.length - 1] == padding.length - 1 ? "padding=length-octet"
								      : "padding=random";
}

static void ack_padding(struct trial *trial)
{
	const struct seen *ack = script_ack(trial, NULL);
	const struct opened *opened;
	struct octets padding;

	if (ack == NULL)
		return;
	opened = ack->opened;
	if (!opened->encrypted || opened->plain_length == 0 || opened->plain_length > ack->length) {
		trial_value(trial, ack, "padding=unknown", "the ACK is not encrypted");
		return;
	}
	/* what the twin leaves off lies behind it */
	padding =
	    octets_of(opened->plain + opened->plain_length, ack->length - opened->plain_length);
	trial_value(trial, ack, kind_of_padding(padding), "%zu octets of padding", padding.length);
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

const struct conform_case cases_acknowledgement[] = {
    {
	.id = "rfc3706/5.3/ack-echoes-number", /* R15 R28 */
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
	.id = "rfc3706/5.2/ack-protected", /* R6 */
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
	.id = "rfc3706/5.3/ack-doi", /* R8 R14 */
	.title = "The ACK's DOI is IPSEC",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 3706 section 5.3",
	.requirement = "The DOI of both messages should be that of IPSEC, 1.",
	.expected = "the DOI 1",
	.script = ack_doi,
    },
    {
	.id = "rfc3706/5.3/ack-protocol", /* R9 R14 */
	.title = "The ACK's protocol is ISAKMP",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.3",
	.requirement = "The protocol ID of both messages is that of ISAKMP, 1.",
	.expected = "the protocol 1",
	.script = ack_protocol,
    },
    {
	.id = "rfc3706/5.3/ack-spi-size", /* R10 R14 */
	.title = "The ACK's SPI size is 16",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 3706 section 5.3",
	.requirement = "The SPI size should be sixteen, the length of two cookies.",
	.expected = "the SPI size 16",
	.script = ack_spi_size,
    },
    {
	.id = "rfc3706/5.3/ack-cookies", /* R12 R14 */
	.title = "The ACK names the SA's cookies, the initiator's first",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 3706 section 5.3",
	.requirement = "The SPI field should hold the cookies of the SA's initiator and responder, "
		       "in that order, "
		       "whoever sends.",
	.expected = "the cookies as they stand in the header",
	.script = ack_cookies,
    },
    {
	.id = "rfc3706/5.3/ack-data-length", /* R14 */
	.title = "The ACK has four octets of data",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.3",
	.requirement = "The notification data are the sequence number, four octets.",
	.expected = "four octets of data",
	.script = ack_data_length,
    },
    {
	.id = "rfc3706/5.2/ack-alone", /* R6 */
	.title = "The ACK is alone in its message",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 3706 section 5.2",
	.requirement = "The exchange is one NOTIFY each way; there are peers that authenticate no "
		       "more than one.",
	.expected = "HASH, and one NOTIFY",
	.script = ack_is_alone,
    },
    {
	.id = "rfc2409/5.7/ack-hash-first", /* R53 */
	.title = "HASH is the ACK's first payload",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement = "HASH(1) covers what follows it, so it precedes the NOTIFY. RFC 3706 draws "
		       "them the other "
		       "way round, and nobody sends them so.",
	.expected = "HASH as the first payload",
	.script = ack_hash_is_first,
    },
    {
	.id = "rfc2409/5.7/ack-message-id", /* R74 R75 */
	.title = "The ACK has a message ID of its own, which is not zero",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement = "The message ID of an Informational is unique to it and not that of the "
		       "exchange that caused it.",
	.expected = "another message ID than the question's, and not 0",
	.script = ack_message_id,
    },
    {
	.id = "rfc2409/5.7/ack-message-ids-fresh", /* R74 */
	.title = "Every ACK has a message ID that was not used before",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement = "The message ID of an Informational is unique to it.",
	.expected = "five questions, five ACKs, ten message IDs",
	.script = ack_message_ids_fresh,
    },
    {
	.id = "rfc3706/5.2/ack-once", /* R4 */
	.title = "A question has one ACK",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.2",
	.requirement = "The exchange is one NOTIFY each way; an ACK is not retransmitted.",
	.expected = "one R-U-THERE-ACK with the question's number",
	.script = one_ack_per_question,
    },
    {
	.id = "rfc2408/2.5.1/ack-from-where-asked",
	.title = "The ACK travels the way of the question, back",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 2408 section 2.5.1",
	.requirement =
	    "What answers a datagram should travel between the same addresses and ports, or no NAT "
	    "and no filter lets it pass.",
	.expected = "the addresses and ports of the question, exchanged",
	.script = ack_from_where_asked,
    },
    {
	.id = "rfc2408/3.1/ack-flags",
	.title = "The ACK's header has no flag but encryption",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2408 section 3.1",
	.requirement = "Flag bits without a meaning are zero; those for a commit and for "
		       "authentication alone have no use here.",
	.expected = "the flags 0x01",
	.script = ack_flags,
    },
    {
	.id = "rfc2408/3.2/ack-reserved",
	.title = "The ACK's RESERVED octets are zero, and all of it can be read",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2408 section 3.2",
	.requirement = "RESERVED is zero in every payload.",
	.expected = "an Informational whose payloads have no reserved bit set",
	.script = ack_reserved,
    },
    {
	.id = "rfc2409/b/ack-padding",
	.title = "How the ACK is padded",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 2409 appendix B",
	.requirement = "Messages are padded with zeros to the cipher's block. Deployed stacks also "
		       "pad with random octets and a count.",
	.expected = "zeros, random octets, a length octet, or none",
	.script = ack_padding,
    },
    {0},
};
