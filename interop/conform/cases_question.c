/* SPDX-License-Identifier: ISC */
/*
 * cases_question.c - R-U-THERE in forms that are odd, and wrong: RFC 3706 section 5.3.  Its SPI field is in cases_question_spi.c.
 */
#include <stdio.h>

#include "interop/conform/cases.h"
#include "interop/conform/script.h"

#define DOI_OF_OTHERS   2 /* group keys (RFC 3547): no keepalive of ours is defined there */
#define PRIVATE_PAYLOAD 200
#define DATA_MAX        8   /* octets */
#define FAR_TOO_LONG    200 /* added to a payload's length: behind the end of the message */
#define PAUSE           (IKE_SECOND + IKE_SECOND / 2)
#define LARGEST         65535 /* what a payload's length field can say */

static struct octets cookies_of(const struct trial_sa *sa, uint8_t spi[2 * IKE_COOKIE_LENGTH])
{
	struct wire_writer writer;

	wire_write_to(&writer, spi, 2 * IKE_COOKIE_LENGTH);
	if (sa != NULL) {
		wire_write_octets(&writer, octets_of(sa->cky_i, IKE_COOKIE_LENGTH));
		wire_write_octets(&writer, octets_of(sa->cky_r, IKE_COOKIE_LENGTH));
	}
	return wire_written(&writer);
}

/* A question that is right but for these two. */
static struct message *question_of(struct trial *trial, struct trial_sa *sa, uint32_t doi,
				   uint8_t protocol)
{
	uint8_t spi[2 * IKE_COOKIE_LENGTH];

	return script_odd_question(trial, sa, doi, protocol, cookies_of(sa, spi));
}

static void doi_0(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);

	script_learn(trial, sa, question_of(trial, sa, IKE_DOI_ISAKMP, IKE_PROTOCOL_ISAKMP),
		     "doi-0");
}

static void doi_of_others(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);

	script_expect_refused(trial, sa, question_of(trial, sa, DOI_OF_OTHERS, IKE_PROTOCOL_ISAKMP),
			      CONFORM_LENIENT);
}

static void protocol_of_others(struct trial *trial)
{
	static const uint8_t protocols[] = {0, IKE_PROTOCOL_AH, IKE_PROTOCOL_ESP};
	struct trial_sa *sa = script_answering_sa(trial);
	size_t mark = trial_mark(trial);

	for (size_t i = 0; i < sizeof(protocols); i++)
		trial_send(trial, sa, question_of(trial, sa, IKE_DOI_IPSEC, protocols[i]));
	script_expect_no_ack(trial, sa, mark, CONFORM_LENIENT);
}

/* ---- the number ---------------------------------------------------------------------------------------------------- */

/* A question with so many octets of data; the first four are the number. */
static struct message *question_with_data(struct trial *trial, struct trial_sa *sa, size_t length)
{
	struct message *message = trial_message(trial, sa);
	uint8_t spi[2 * IKE_COOKIE_LENGTH], data[DATA_MAX];
	struct wire_writer writer;

	wire_write_to(&writer, data, sizeof(data));
	wire_write_u32(&writer, script_number(sa));
	wire_write_u32(&writer, 0xffffffff);
	message_add_notify(message, IKE_DOI_IPSEC, IKE_PROTOCOL_ISAKMP, cookies_of(sa, spi),
			   IKE_NOTIFY_R_U_THERE, octets_of(data, length));
	return message;
}

static void data_too_short(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	size_t mark = trial_mark(trial);

	/* whatever is read in place of a number is likely to be an old one, and those are answered now and then only */
	trial_pass_time(trial, PAUSE);
	trial_send(trial, sa, question_with_data(trial, sa, 0));
	trial_pass_time(trial, PAUSE);
	trial_send(trial, sa, question_with_data(trial, sa, 3));
	trial_pass_time(trial, PAUSE);
	script_expect_no_ack(trial, sa, mark, CONFORM_FAIL);
}

static void data_of_5(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);

	script_learn(trial, sa, question_with_data(trial, sa, 5), "data-5");
}

static void data_of_8(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);

	script_learn(trial, sa, question_with_data(trial, sa, DATA_MAX), "data-8");
}

static void send_with_length(struct trial *trial, struct trial_sa *sa, int wrong_length)
{
	struct message *message = script_question(trial, sa);

	message->payload[0].wrong_length = wrong_length;
	trial_send(trial, sa, message);
}

static void data_past_the_end(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	size_t mark = trial_mark(trial);

	send_with_length(trial, sa, FAR_TOO_LONG);
	send_with_length(trial, sa, LARGEST - (IKE_GENERIC_LENGTH + 28));
	script_expect_no_ack(trial, sa, mark, CONFORM_LENIENT);
}

/* ---- what is no question ------------------------------------------------------------------------------------------- */

static void neighbour_types(struct trial *trial)
{
	static const uint16_t types[] = {IKE_NOTIFY_R_U_THERE - 1, IKE_NOTIFY_R_U_THERE_ACK + 1};
	struct trial_sa *sa = script_answering_sa(trial);
	size_t mark = trial_mark(trial);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct message *message = trial_message(trial, sa);
		uint8_t spi[2 * IKE_COOKIE_LENGTH], number[4];
		struct wire_writer writer;

		wire_write_to(&writer, number, sizeof(number));
		wire_write_u32(&writer, script_number(sa));
		message_add_notify(message, IKE_DOI_IPSEC, IKE_PROTOCOL_ISAKMP, cookies_of(sa, spi),
				   types[i], wire_written(&writer));
		trial_send(trial, sa, message);
	}
	script_expect_no_ack(trial, sa, mark, CONFORM_FAIL);
}

/* The octets of a question under a name that is not NOTIFY's. */
static void other_payload_type(struct trial *trial)
{
	static const uint8_t types[] = {IKE_PAYLOAD_VENDOR_ID, IKE_PAYLOAD_NONCE, PRIVATE_PAYLOAD};
	struct trial_sa *sa = script_answering_sa(trial);
	size_t mark = trial_mark(trial);

	for (size_t i = 0; i < sizeof(types); i++) {
		struct message *message = script_question(trial, sa);

		message->payload[0].type = types[i];
		trial_send(trial, sa, message);
	}
	script_expect_no_ack(trial, sa, mark, CONFORM_FAIL);
}

static void unasked_ack(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = trial_message(trial, sa);

	message_add_keepalive(message, IKE_NOTIFY_R_U_THERE_ACK, script_number(sa));
	script_expect_refused(trial, sa, message, CONFORM_FAIL);
}

static void reserved_octet(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = script_question(trial, sa);

	message->payload[0].reserved = 1;
	script_expect_refused(trial, sa, message, CONFORM_FAIL);
}

static void hash_last(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = script_question(trial, sa);

	message->hash = MESSAGE_HASH_LAST;
	script_learn(trial, sa, message, "hash-last");
}

/* ---- not alone ----------------------------------------------------------------------------------------------------- */

static size_t acks_of(const struct trial *trial, struct trial_sa *sa, size_t since, uint32_t number)
{
	const struct want ack = {
	    .sa = sa, .notify = IKE_NOTIFY_R_U_THERE_ACK, .has_number = true, .number = number};

	return trial_count(trial, &ack, since, NULL);
}

static void two_questions(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = script_question(trial, sa);
	size_t mark = trial_mark(trial);
	uint32_t number = script_number(sa); /* of the second */
	const struct seen *answer;
	bool first, second;
	const char *which;
	char value[64];

	message_add_keepalive(message, IKE_NOTIFY_R_U_THERE, number);
	trial_send(trial, sa, message);
	answer = script_answer_since(trial, sa, mark);
	first = acks_of(trial, sa, mark, number - 1) > 0;
	second = acks_of(trial, sa, mark, number) > 0;
	which = first && second ? "both" : first ? "first" : second ? "second" : "none";
	snprintf(value, sizeof(value), "two-in-one=%s", which);
	trial_value(trial, answer, value, "of two R-U-THEREs in one message, answered: %s", which);
}

static bool is_answered_beside(struct trial *trial, struct trial_sa *sa, uint8_t type)
{
	struct message *message = script_question(trial, sa);
	size_t mark = trial_mark(trial);

	message_add(message, type, octets_of("0123456789abcdef", 16));
	trial_send(trial, sa, message);
	return script_answer_since(trial, sa, mark) != NULL;
}

static void payload_beside(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	bool nonce = is_answered_beside(trial, sa, IKE_PAYLOAD_NONCE);
	bool private = is_answered_beside(trial, sa, PRIVATE_PAYLOAD);
	char value[64];

	snprintf(value, sizeof(value), "nonce=%s,private=%s", nonce ? "answered" : "silent",
		 private ? "answered" : "silent");
	trial_value(trial, NULL, value,
		    "beside a nonce a question is %s, beside a private payload %s",
		    nonce ? "answered" : "not answered", private ? "answered" : "not answered");
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

const struct conform_case cases_question[] = {
    {
	.id = "rfc3706/5.3/doi-0",
	.title = "Whether a question with the DOI of ISAKMP is answered",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 5.3",
	.requirement = "The DOI should be that of IPSEC, 1; the general one, 0, is not forbidden.",
	.expected = "an answer, or none; the SA goes on",
	.script = doi_0,
    },
    {
	.id = "rfc2408/5.14/doi-of-others",
	.title = "A question with a DOI in which there is no keepalive is not answered",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 2408 section 5.14, RFC 3706 section 5.3",
	.requirement = "A notification of a DOI that is not supported is discarded. RFC 3706 only "
		       "says that the "
		       "DOI should be that of IPSEC.",
	.expected = "no answer to the DOI 2; the SA goes on",
	.script = doi_of_others,
    },
    {
	.id = "rfc2408/5.14/protocol-of-others", /* R56 */
	.title = "A question of another protocol than ISAKMP is not answered",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 2408 section 5.14, RFC 3706 section 5.3",
	.requirement =
	    "A notification's protocol ID says what its SPI is of. R-U-THERE is always of ISAKMP.",
	.expected = "no answer to the protocols 0, AH, ESP; the SA goes on",
	.script = protocol_of_others,
    },
    {
	.id = "rfc3706/5.3/data-too-short", /* R44 */
	.title = "A question without four octets of number is not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.3",
	.requirement = "The data are a number of four octets, which the ACK repeats. Where they "
		       "are fewer there "
		       "is nothing to repeat; what is answered then was read from somewhere else.",
	.expected = "no answer to 0 and 3 octets of data; the SA goes on",
	.script = data_too_short,
    },
    {
	.id = "rfc3706/5.3/data-5",
	.title = "Whether a question with five octets of data is answered",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 5.3",
	.requirement = "The data are a number of four octets. What becomes of more is not said.",
	.expected = "an answer, or none; the SA goes on",
	.script = data_of_5,
    },
    {
	.id = "rfc3706/5.3/data-8",
	.title = "Whether a question with eight octets of data is answered",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 5.3",
	.requirement = "The data are a number of four octets. What becomes of more is not said.",
	.expected = "an answer, or none; the SA goes on",
	.script = data_of_8,
    },
    {
	.id = "robust/3.14/data-past-the-end",
	.title = "A question that claims to end behind its message is survived",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.2",
	.requirement =
	    "A payload's length is not believed before it is held against the message's.",
	.expected = "no answer; the SA goes on",
	.script = data_past_the_end,
    },
    {
	.id = "rfc3706/5.3/neighbour-types", /* R11 */
	.title = "Private notifications of other types are not taken for questions",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.3",
	.requirement =
	    "R-U-THERE is the type 36136. Status types that mean nothing are passed over.",
	.expected = "no ACK for 36135 and 36138; the SA goes on",
	.script = neighbour_types,
    },
    {
	.id = "rfc3706/5.3/other-payload-type",
	.title = "A question in a payload that is no NOTIFY is not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.3",
	.requirement = "R-U-THERE is a NOTIFY payload; what says to be another one is another one.",
	.expected =
	    "no ACK for a vendor ID, a nonce and a private payload of its form; the SA goes on",
	.script = other_payload_type,
    },
    {
	.id = "rfc3706/5.2/unasked-ack", /* R45 */
	.title = "An ACK that nobody asked for is not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.2",
	.requirement = "The exchange is one NOTIFY each way. An answer to an answer has no end.",
	.expected = "nothing in answer to R-U-THERE-ACK; the SA goes on",
	.script = unasked_ack,
    },
    {
	.id = "rfc2408/5.3/reserved-octet",
	.title = "A question whose RESERVED octet is not zero is not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2408 section 5.3",
	.requirement = "A message in which RESERVED is not zero is discarded.",
	.expected = "no answer; the SA goes on",
	.script = reserved_octet,
    },
    {
	.id = "rfc3706/5.2/hash-last",
	.title = "Whether a question with HASH behind the NOTIFY is answered",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 5.2, RFC 2409 section 5.7",
	.requirement =
	    "RFC 3706 draws HASH behind the NOTIFY; by RFC 2409 it is the first payload.",
	.expected = "an answer, or none; the SA goes on",
	.script = hash_last,
    },
    {
	.id = "rfc3706/5.2/two-questions",
	.title = "Which of two questions in one message are answered",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 5.2",
	.requirement = "The exchange is one NOTIFY each way; ISAKMP allows several in a message.",
	.expected = "the first, the second, both, or none; the SA goes on",
	.script = two_questions,
    },
    {
	.id = "rfc2408/5.3/payload-beside",
	.title = "Whether a question beside a payload out of place is answered",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 2408 section 5.3, RFC 2409 section 5.7",
	.requirement =
	    "An Informational has HASH and a NOTIFY or Delete. Whether more is passed over, or "
	    "all is discarded, depends on what counts as valid.",
	.expected = "an answer, or none; the SA goes on",
	.script = payload_beside,
    },
    {0},
};
