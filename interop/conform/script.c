/* SPDX-License-Identifier: ISC */
#include "interop/conform/script.h"

#include <stdio.h>
#include <string.h>

#define NUMBER_LENGTH   4 /* octets */
#define VALID_QUESTIONS 2 /* one, and one more: a device may know no more than the first */

enum conform_verdict script_unanswered(const struct trial_sa *sa)
{
	return sa != NULL && !sa->supported ? CONFORM_UNSUPPORTED : CONFORM_FAIL;
}

struct trial_sa *script_answering_sa(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);
	enum conform_verdict otherwise = script_unanswered(sa);

	if (otherwise == CONFORM_FAIL)
		otherwise = CONFORM_INCONCLUSIVE;
	for (unsigned i = 0; i < VALID_QUESTIONS; i++)
		trial_expect_alive(trial, sa, otherwise);
	return trial_is_decided(trial) ? NULL : sa;
}

const struct seen *script_ack(struct trial *trial, struct trial_sa **sa)
{
	struct trial_sa *own = trial_call(trial, NULL);
	uint32_t number = trial_ask_next(trial, own);

	if (sa != NULL)
		*sa = own;
	return trial_expect_ack(trial, own, number, script_unanswered(own));
}

uint32_t script_number(struct trial_sa *sa)
{
	return sa != NULL ? sa->number++ : 0;
}

struct message *script_question(struct trial *trial, struct trial_sa *sa)
{
	struct message *message = trial_message(trial, sa);

	message_add_keepalive(message, IKE_NOTIFY_R_U_THERE, script_number(sa));
	return message;
}

struct message *script_odd_question(struct trial *trial, struct trial_sa *sa, uint32_t doi,
				    uint8_t protocol, struct octets spi)
{
	struct message *message = trial_message(trial, sa);
	uint8_t number[NUMBER_LENGTH];
	struct wire_writer writer;

	wire_write_to(&writer, number, sizeof(number));
	wire_write_u32(&writer, script_number(sa));
	message_add_notify(message, doi, protocol, spi, IKE_NOTIFY_R_U_THERE,
			   wire_written(&writer));
	return message;
}

/* ---- what has come of it ------------------------------------------------------------------------------------------- */

/* The number of the newest ACK under the SA; false: there is none. */
static bool last_answered(const struct trial *trial, struct trial_sa *sa, uint32_t *number)
{
	const struct want ack = {.sa = sa, .notify = IKE_NOTIFY_R_U_THERE_ACK};
	const struct seen *seen;
	bool found = false;

	for (size_t i = 0; (seen = trial_seen(trial, i)) != NULL; i++) {
		if (seen->from != TRIAL_DEVICE || !seen_is(seen, &ack))
			continue;
		*number = seen_number(seen);
		found = true;
	}
	return found;
}

static bool is_answered(struct trial *trial, struct trial_sa *sa, uint32_t number)
{
	const struct want ack = {
	    .sa = sa, .notify = IKE_NOTIFY_R_U_THERE_ACK, .has_number = true, .number = number};

	if (trial_wait(trial, &ack, trial_get_settings(trial)->patience) == NULL)
		return false;
	trial_pass_time(trial, TRIAL_LATE);
	return true;
}

/*
 * The numbers of what was refused are missing for a device that takes only the next one (RFC 3706 section 6.2 allows it), and one that
 * answers no more than so often needs time.  Both get a second question, with the number that is next to them.
 */
void script_expect_alive(struct trial *trial, struct trial_sa *sa)
{
	uint32_t number = trial_ask_next(trial, sa), last = 0;

	if (trial_is_decided(trial) || is_answered(trial, sa, number))
		return;
	if (last_answered(trial, sa, &last)) {
		trial_ask(trial, sa, last + 1);
		if (is_answered(trial, sa, last + 1))
			return;
	}
	trial_decide(trial, CONFORM_FAIL, NULL,
		     "valid R-U-THEREs (numbers %u and %u) are not answered any more", number,
		     last + 1);
}

struct since {
	const struct trial *trial;
	struct trial_sa *sa;
	size_t mark;
};

static bool has_ack_of(const struct since *since, size_t from, size_t to, uint32_t number)
{
	const struct want ack = {.sa = since->sa,
				 .notify = IKE_NOTIFY_R_U_THERE_ACK,
				 .has_number = true,
				 .number = number};

	for (size_t i = from; i < to; i++) {
		const struct seen *seen = trial_seen(since->trial, i);

		if (seen != NULL && seen->from == TRIAL_DEVICE && seen_is(seen, &ack))
			return true;
	}
	return false;
}

/* Neither of the valid question that was put last, nor once more what had been answered before the mark: networks double, too. */
static bool is_of_another(const struct seen *seen, const void *context)
{
	const struct since *since = context;
	uint32_t number = seen_number(seen);

	return number != since->sa->number - 1 && !has_ack_of(since, 0, since->mark, number);
}

static size_t count_answers(const struct trial *trial, struct trial_sa *sa, size_t since,
			    const struct seen **first)
{
	const struct since context = {trial, sa, since};
	const struct want other = {.sa = sa,
				   .notify = IKE_NOTIFY_R_U_THERE_ACK,
				   .like = is_of_another,
				   .context = &context};

	return trial_count(trial, &other, since, first);
}

const struct seen *script_answer_since(struct trial *trial, struct trial_sa *sa, size_t since)
{
	const struct seen *first = NULL;

	script_expect_alive(trial, sa);
	if (!trial_is_decided(trial))
		(void)count_answers(trial, sa, since, &first);
	return first;
}

void script_expect_no_ack(struct trial *trial, struct trial_sa *sa, size_t since,
			  enum conform_verdict if_answered)
{
	const struct seen *answer = script_answer_since(trial, sa, since);

	if (answer != NULL)
		trial_decide(trial, if_answered, answer,
			     "the device answers with R-U-THERE-ACK, number %u",
			     seen_number(answer));
}

void script_expect_refused(struct trial *trial, struct trial_sa *sa, const struct message *message,
			   enum conform_verdict if_answered)
{
	size_t mark = trial_mark(trial);

	trial_send(trial, sa, message);
	script_expect_no_ack(trial, sa, mark, if_answered);
}

void script_learn(struct trial *trial, struct trial_sa *sa, const struct message *message,
		  const char *what)
{
	size_t mark = trial_mark(trial);
	const struct seen *answer;
	char value[64];

	trial_send(trial, sa, message);
	answer = script_answer_since(trial, sa, mark);
	snprintf(value, sizeof(value), "%s=%s", what, answer != NULL ? "answered" : "silent");
	trial_value(trial, answer, value, "such an R-U-THERE is %s",
		    answer != NULL ? "answered" : "not answered; the SA goes on");
}

bool script_append(struct ike_datagram *datagram, enum ike_payload_type type, struct octets body)
{
	struct octets octets = octets_of(datagram->data, datagram->length);
	struct ike_message message;
	struct wire_writer writer;
	struct ike_chain chain;
	size_t last_at;

	if (ike_header_parse(octets, &message.header) != IKE_ACCEPTED ||
	    (message.header.flags & IKE_FLAG_ENCRYPTION) != 0 ||
	    ike_payloads_parse(
		octets_of(octets.data + IKE_HEADER_LENGTH, octets.length - IKE_HEADER_LENGTH),
		false, 0, &message) != IKE_ACCEPTED ||
	    message.payloads == 0 ||
	    IKE_HEADER_LENGTH + ike_payloads_chain(&message).length != datagram->length ||
	    datagram->room - datagram->length < IKE_GENERIC_LENGTH + body.length)
		return false;
	last_at = (size_t)(message.payload[message.payloads - 1].whole.data - datagram->data);
	wire_write_to(&writer, datagram->data, datagram->room);
	writer.length = datagram->length;
	ike_chain_begin(&chain, &writer, last_at);
	ike_payload_write(&chain, type, body);
	ike_header_finish(&writer);
	datagram->length = writer.length;
	return true;
}
