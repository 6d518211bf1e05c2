/* SPDX-License-Identifier: ISC */
/*
 * cases_protection.c - HASH(1) and encryption of an Informational: RFC 2409 section 5.7.  Its header and IV are in
 * cases_protection_header.c, its padding in cases_padding.c.
 *
 * Every one of them sends something that only somebody without the keys, or with somebody else's message, would have to send.  None
 * is answered, and none ends the SA: that an SA can be ended by whoever can send a datagram is as bad.
 */
#include "interop/conform/cases.h"
#include "interop/conform/script.h"

#define FLIPS 32 /* bits of a ciphertext, one message each */
#define AT_ONCE                                                                                    \
	8 /* of them, before the device has to answer something valid: a slow one is not flooded */

/* A question with this one thing wrong about its protection. */
static void expect_unbelieved(struct trial *trial, enum message_protection protection,
			      enum message_hash hash)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = script_question(trial, sa);

	message->protection = protection;
	message->hash = hash;
	script_expect_refused(trial, sa, message, CONFORM_FAIL);
}

static void clear_question(struct trial *trial)
{
	expect_unbelieved(trial, MESSAGE_CLEAR, MESSAGE_HASH_RIGHT);
}

static void clear_question_with_hash(struct trial *trial)
{
	expect_unbelieved(trial, MESSAGE_CLEAR_HASH, MESSAGE_HASH_RIGHT);
}

static void clear_ack(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = trial_message(trial, sa);

	message->protection = MESSAGE_CLEAR;
	message_add_keepalive(message, IKE_NOTIFY_R_U_THERE_ACK, script_number(sa));
	script_expect_refused(trial, sa, message, CONFORM_FAIL);
}

static void hash_missing(struct trial *trial)
{
	expect_unbelieved(trial, MESSAGE_WITHOUT_HASH, MESSAGE_HASH_RIGHT);
}

static void hash_wrong(struct trial *trial)
{
	expect_unbelieved(trial, MESSAGE_PROTECTED, MESSAGE_HASH_WRONG);
}

static void hash_short(struct trial *trial)
{
	expect_unbelieved(trial, MESSAGE_PROTECTED, MESSAGE_HASH_SHORT);
}

static void hash_empty(struct trial *trial)
{
	expect_unbelieved(trial, MESSAGE_PROTECTED, MESSAGE_HASH_EMPTY);
}

static void hash_without_message_id(struct trial *trial)
{
	expect_unbelieved(trial, MESSAGE_PROTECTED, MESSAGE_HASH_WITHOUT_MESSAGE_ID);
}

static void hash_by_other_key(struct trial *trial)
{
	expect_unbelieved(trial, MESSAGE_PROTECTED, MESSAGE_HASH_OTHER_KEY);
}

static void hash_of_padding(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = script_question(trial, sa);

	message->hash = MESSAGE_HASH_WITH_PADDING;
	message->padding = MESSAGE_PADDING_ALWAYS; /* without any the HASH would be right */
	script_expect_refused(trial, sa, message, CONFORM_FAIL);
}

static void hash_of_first_payload(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = script_question(trial, sa);

	message_add_keepalive(message, IKE_NOTIFY_R_U_THERE, script_number(sa));
	message->hash = MESSAGE_HASH_OF_FIRST;
	script_expect_refused(trial, sa, message, CONFORM_FAIL);
}

static void delete_behind_what_is_hashed(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = script_question(trial, sa);

	message_add_delete(message);
	message->hash = MESSAGE_HASH_OF_FIRST;
	script_expect_refused(trial, sa, message, CONFORM_FAIL);
}

/* One bit of the ciphertext of a question that is good otherwise, and was not sent before. */
static void send_flipped(struct trial *trial, struct trial_sa *sa, size_t part)
{
	uint8_t data[IKE_DATAGRAM_MAX];
	size_t length = trial_seal(trial, script_question(trial, sa), data, sizeof(data));
	size_t bits, bit;

	if (length <= IKE_HEADER_LENGTH)
		return;
	bits = 8 * (length - IKE_HEADER_LENGTH);
	bit = bits * part / FLIPS + part % 8; /* spread over the message and over the octet */
	data[IKE_HEADER_LENGTH + bit / 8 % (length - IKE_HEADER_LENGTH)] ^= (uint8_t)(1 << bit % 8);
	trial_send_raw(trial, octets_of(data, length));
}

static void flipped_bits(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);

	for (size_t part = 0; part < FLIPS && !trial_is_decided(trial);) {
		size_t mark = trial_mark(trial);

		for (size_t i = 0; i < AT_ONCE; i++)
			send_flipped(trial, sa, part++);
		script_expect_no_ack(trial, sa, mark, CONFORM_FAIL);
	}
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

const struct conform_case cases_protection[] = {
    {
	.id = "rfc3706/5.2/clear-question", /* R5 */
	.title = "A question in the clear is not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.2",
	.requirement = "An R-U-THERE that is not encrypted is rejected.",
	.expected = "no ACK for an R-U-THERE in the clear; the SA goes on",
	.script = clear_question,
    },
    {
	.id = "rfc3706/5.2/clear-question-with-hash", /* R5 */
	.title = "A question in the clear is not answered, for all its HASH",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.2",
	.requirement = "An R-U-THERE that is not encrypted is rejected, also where HASH(1) holds.",
	.expected = "no ACK; the SA goes on",
	.script = clear_question_with_hash,
    },
    {
	.id = "rfc3706/5.2/clear-ack", /* R5 */
	.title = "An ACK in the clear is survived",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 3706 section 5.2",
	.requirement = "An R-U-THERE-ACK that is not encrypted is rejected.",
	.expected = "no answer; the SA goes on",
	.script = clear_ack,
    },
    {
	.id = "rfc2409/5.7/hash-missing", /* R59 */
	.title = "An encrypted question without HASH is not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement = "Under an SA an Informational has HASH(1). Encryption alone proves nothing.",
	.expected = "no ACK; the SA goes on",
	.script = hash_missing,
    },
    {
	.id = "rfc2409/5.7/hash-wrong", /* R59 */
	.title = "A question whose HASH is wrong is not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement = "HASH(1) authenticates an Informational; one that fails it is not believed.",
	.expected = "no ACK; the SA goes on",
	.script = hash_wrong,
    },
    {
	.id = "rfc2409/5.7/hash-short", /* R59 */
	.title = "A question whose HASH is an octet short is not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement = "HASH(1) is as long as what the prf gives; a part of it is not enough.",
	.expected = "no ACK; the SA goes on",
	.script = hash_short,
    },
    {
	.id = "rfc2409/5.7/hash-empty", /* R59 */
	.title = "A question with nothing in its HASH payload is not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement = "HASH(1) is as long as what the prf gives; nothing at all is not enough.",
	.expected = "no ACK; the SA goes on",
	.script = hash_empty,
    },
    {
	.id = "rfc2409/5.7/hash-without-message-id", /* R59 */
	.title = "A question whose HASH does not cover the message ID is not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement =
	    "HASH(1) covers the message ID of the header, so that no message passes under another.",
	.expected = "no ACK; the SA goes on",
	.script = hash_without_message_id,
    },
    {
	.id = "rfc2409/5.7/hash-by-other-key", /* R59 */
	.title = "A question whose HASH is made with SKEYID_d is not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement = "HASH(1) is made with SKEYID_a.",
	.expected = "no ACK; the SA goes on",
	.script = hash_by_other_key,
    },
    {
	.id = "rfc2409/5.7/hash-of-padding", /* R59 */
	.title = "A question whose HASH covers the padding is not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement =
	    "HASH(1) covers the payloads that follow it, but not the padding added for encryption.",
	.expected = "no ACK; the SA goes on",
	.script = hash_of_padding,
    },
    {
	.id = "rfc2409/5.7/hash-of-first-payload", /* R59 */
	.title = "Two questions with a HASH over the first are not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement = "HASH(1) covers all payloads that follow it, not only the first (racoon "
		       "checked no more).",
	.expected = "no ACK for either; the SA goes on",
	.script = hash_of_first_payload,
    },
    {
	.id = "rfc2409/5.7/delete-behind-what-is-hashed", /* R59 */
	.title = "A Delete that HASH does not cover is not obeyed",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement = "HASH(1) covers all payloads that follow it; a Delete hung behind them "
		       "deletes nothing.",
	.expected = "no ACK; the SA goes on",
	.script = delete_behind_what_is_hashed,
    },
    {
	.id = "rfc2409/5.7/flipped-bits", /* R59 */
	.title = "Questions with one bit of the ciphertext flipped are not answered",
	.level = CONFORM_MUST,
	.version = 1,
	.section = "RFC 2409 section 5.7",
	.requirement =
	    "Whatever decrypts to something else than was sent fails HASH(1), and changes nothing "
	    "(CVE-2019-10155).",
	.expected = "no ACK for any of 32; the SA goes on",
	.script = flipped_bits,
    },
    {0},
};
