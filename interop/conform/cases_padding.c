/* SPDX-License-Identifier: ISC */
/*
 * cases_padding.c - the padding of an Informational: RFC 2409 appendix B.
 */
#include <string.h>

#include "interop/conform/cases.h"
#include "interop/conform/script.h"

#define SPI_LENGTH    (2 * IKE_COOKIE_LENGTH)
#define NOTIFY_FIXED  8 /* octets: DOI, protocol, SPI size, type */
#define NUMBER_LENGTH 4

static void padding_styles(struct trial *trial)
{
	static const struct {
		enum message_padding padding;
		const char *name;
	} styles[] = {
	    {MESSAGE_PADDING_ZERO, "zeros"},
	    {MESSAGE_PADDING_ALWAYS, "zeros, also where none is needed"},
	    {MESSAGE_PADDING_RANDOM, "random octets"},
	    {MESSAGE_PADDING_LENGTH_OCTET, "random octets and their count"},
	};
	struct trial_sa *sa = script_answering_sa(trial);

	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
		struct message *message = script_question(trial, sa);
		size_t mark = trial_mark(trial);

		message->padding = styles[i].padding;
		trial_send(trial, sa, message);
		if (script_answer_since(trial, sa, mark) == NULL)
			trial_decide(trial, i == 0 ? CONFORM_FAIL : CONFORM_LENIENT, NULL,
				     "a question that is padded with %s is not answered",
				     styles[i].name);
	}
}

/* How long a question with an SPI of that size is, from the first payload on. */
static size_t length_with_spi(const struct trial_sa *sa, size_t size)
{
	return IKE_GENERIC_LENGTH + sa->keys.skeyid_length + IKE_GENERIC_LENGTH + NOTIFY_FIXED +
	       size + NUMBER_LENGTH;
}

/* The SPI size with which a question fills the cipher's blocks, so that it needs no padding; the usual one if possible. */
static size_t size_that_fills(const struct trial_sa *sa)
{
	size_t block = cipher_block_length(sa->keys.cipher), size = SPI_LENGTH;

	while (size > 0 && length_with_spi(sa, size) % block != 0)
		size--;
	return size;
}

static struct message *filling_question(struct trial *trial, struct trial_sa *sa)
{
	uint8_t spi[SPI_LENGTH] = {0};

	if (sa != NULL) {
		memcpy(spi, sa->cky_i, IKE_COOKIE_LENGTH);
		memcpy(spi + IKE_COOKIE_LENGTH, sa->cky_r, IKE_COOKIE_LENGTH);
	}
	return script_odd_question(trial, sa, IKE_DOI_IPSEC, IKE_PROTOCOL_ISAKMP,
				   octets_of(spi, sa != NULL ? size_that_fills(sa) : 0));
}

static void whole_block_of_padding(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = filling_question(trial, sa);
	size_t mark = trial_mark(trial);

	trial_send(trial, sa, message);
	if (script_answer_since(trial, sa, mark) == NULL)
		trial_decide(trial, CONFORM_SKIP, NULL,
			     "with this cipher only an R-U-THERE with another SPI size fills its "
			     "blocks, and the device does not answer that");
	message = filling_question(trial, sa);
	message->padding = MESSAGE_PADDING_ALWAYS;
	mark = trial_mark(trial);
	trial_send(trial, sa, message);
	if (script_answer_since(trial, sa, mark) == NULL)
		trial_decide(trial, CONFORM_LENIENT, NULL,
			     "a question with a whole block of padding is not answered");
}

static void block_of_padding_more(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = script_question(trial, sa);

	message->padding = MESSAGE_PADDING_BLOCK_MORE;
	script_learn(trial, sa, message, "block-more");
}

static void padding_missing(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	struct message *message = script_question(trial, sa);

	message->padding = MESSAGE_PADDING_MISSING;
	script_expect_refused(trial, sa, message, CONFORM_LENIENT);
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

const struct conform_case cases_padding[] = {
    {
	.id = "rfc2409/b/padding-styles",
	.title = "Whatever the padding is, it is passed over",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 2409 appendix B",
	.requirement = "Messages are padded with zeros to the cipher's block. strongSwan always "
		       "adds some, racoon "
		       "random octets and their count.",
	.expected = "an ACK for each of four ways to pad",
	.script = padding_styles,
    },
    {
	.id = "rfc2409/b/whole-block",
	.title = "A whole block of padding is passed over where none is needed",
	.level = CONFORM_SHOULD,
	.version = 1,
	.section = "RFC 2409 appendix B",
	.requirement = "Some stacks pad always, by a whole block if the message fills its blocks.",
	.expected =
	    "an ACK for a question that fills its blocks, without padding and with a block of it",
	.script = whole_block_of_padding,
    },
    {
	.id = "rfc2409/b/block-more",
	.title = "Whether a question with a block of padding more than needed is answered",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 2409 appendix B",
	.requirement =
	    "Messages are padded to the cipher's block. How much more may follow is not said.",
	.expected = "an answer, or none; the SA goes on",
	.script = block_of_padding_more,
    },
    {
	.id = "robust/b/padding-missing",
	.title = "A ciphertext that is no multiple of the block is survived",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2409 appendix B",
	.requirement = "What is not a multiple of the block was not made by the cipher.",
	.expected = "no ACK; the SA goes on",
	.script = padding_missing,
    },
    {0},
};
