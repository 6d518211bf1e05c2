/* SPDX-License-Identifier: ISC */
/*
 * cases_robust_payload.c - payloads that lie: RFC 2408 sections 3.2 to 3.15.
 */
#include <string.h>

#include "interop/conform/cases.h"
#include "interop/conform/raw.h"
#include "interop/conform/script.h"

#define NOTIFY_LENGTH 36 /* of R-U-THERE, with its generic header */

/* Under the SA, and in the clear: the same body in a payload of that type. */
static void send_both(struct trial *trial, struct trial_sa *sa, uint8_t type, struct octets body)
{
	for (int i = 0; i < 2; i++) {
		struct message *message = trial_message(trial, sa);

		message_add(message, (enum ike_payload_type)type, body);
		if (i > 0)
			message->protection = MESSAGE_CLEAR;
		trial_send(trial, sa, message);
	}
	trial_pass_time(trial, IKE_MILLISECOND);
}

/* ---- generic headers ----------------------------------------------------------------------------------------------- */

/* A NOTIFY that says it is so long: under the SA, in the clear, and as the first payload of a Main Mode. */
static void say_length(struct trial *trial, struct trial_sa *sa, uint16_t length)
{
	struct raw raw;

	for (int i = 0; i < 2; i++) {
		struct message *question = script_question(trial, sa);

		question->payload[0].wrong_length = (int)length - NOTIFY_LENGTH;
		if (i > 0)
			question->protection = MESSAGE_CLEAR;
		trial_send(trial, sa, question);
	}
	raw_begin_new(&raw, trial, IKE_EXCHANGE_MAIN_MODE);
	raw_add_offer(&raw, trial);
	wire_patch_u16(&raw.writer, IKE_HEADER_LENGTH + 2, length);
	raw_send(&raw, trial);
}

static void short_lengths(struct trial *trial)
{
	struct trial_sa *sa = raw_survivor(trial);

	for (uint16_t length = 0; length <= IKE_GENERIC_LENGTH; length++)
		say_length(trial, sa, length);
	raw_expect_survival(trial, sa);
}

static void long_lengths(struct trial *trial)
{
	static const uint16_t length[] = {NOTIFY_LENGTH + 1, 200, 1000, 0x7fff, 0x8000, 0xffff};
	struct trial_sa *sa = raw_survivor(trial);

	for (size_t i = 0; i < sizeof(length) / sizeof(length[0]); i++)
		say_length(trial, sa, length[i]);
	raw_expect_survival(trial, sa);
}

/* Empty ones, so that there are many in one datagram: of one type, and one that seems to follow itself for ever. */
static void many_payloads(struct trial *trial)
{
	static const uint8_t type[] = {IKE_PAYLOAD_VENDOR_ID, IKE_PAYLOAD_SA, IKE_PAYLOAD_NOTIFY,
				       IKE_PAYLOAD_CR};
	struct trial_sa *sa = raw_survivor(trial);
	struct raw raw;

	for (size_t i = 0; i < sizeof(type); i++) {
		raw_begin_new(&raw, trial,
			      type[i] == IKE_PAYLOAD_NOTIFY ? IKE_EXCHANGE_INFORMATIONAL
							    : IKE_EXCHANGE_MAIN_MODE);
		raw_add_offer(&raw, trial);
		for (int k = 0; k < 40; k++)
			raw_add_noise(&raw, trial, type[i], 0);
		raw_send(&raw, trial);
	}
	raw_begin_new(&raw, trial, IKE_EXCHANGE_MAIN_MODE);
	for (int k = 0; k < 200; k++)
		raw_add_noise(&raw, trial, IKE_PAYLOAD_SA, 0);
	/* the last one is followed by one that is not there */
	wire_patch_u8(&raw.writer, raw.writer.length - IKE_GENERIC_LENGTH, IKE_PAYLOAD_SA);
	raw_send(&raw, trial);
	raw_expect_survival(trial, sa);
}

static void unknown_types(struct trial *trial)
{
	static const uint8_t type[] = {9, 14, 15, 16, 21, 33, 46, 53, 127, 128, 132, 217, 255};
	static const uint8_t body[8] = {1};
	struct trial_sa *sa = raw_survivor(trial);

	for (size_t i = 0; i < sizeof(type); i++)
		send_both(trial, sa, type[i], octets_of(body, sizeof(body)));
	raw_expect_survival(trial, sa);
}

static void empty_messages(struct trial *trial)
{
	static const uint8_t exchange[] = {IKE_EXCHANGE_MAIN_MODE, IKE_EXCHANGE_AGGRESSIVE,
					   IKE_EXCHANGE_INFORMATIONAL, IKE_EXCHANGE_QUICK_MODE};
	struct trial_sa *sa = raw_survivor(trial);
	struct raw raw;

	for (int i = 0; i < 4; i++) {
		struct message *message = trial_message(trial, sa);

		/* nothing, nothing encrypted, and HASH alone both ways */
		message->protection = (enum message_protection)i;
		trial_send(trial, sa, message);
	}
	for (size_t i = 0; i < sizeof(exchange) && sa != NULL; i++) {
		raw_begin(&raw, exchange[i], sa->cky_i, sa->cky_r);
		wire_patch_u8(&raw.writer, IKE_HEADER_FLAGS_AT, IKE_FLAG_ENCRYPTION);
		wire_patch_u32(&raw.writer, RAW_MESSAGE_ID_AT, trial_random(trial) | 1);
		raw_send(&raw, trial);
		raw_begin_new(&raw, trial, exchange[i]);
		raw_send(&raw, trial);
	}
	raw_expect_survival(trial, sa);
}

/* ---- what is in them ----------------------------------------------------------------------------------------------- */

/* Of nobody's SAs, so that whoever takes it at its word deletes nothing. */
static void delete_counts(struct trial *trial)
{
	static const struct {
		uint8_t protocol, spi_size;
		uint16_t count;
		uint8_t octets; /* that are there */
	} row[] = {
	    {IKE_PROTOCOL_ISAKMP, 16, 0xffff, 16},
	    {IKE_PROTOCOL_ISAKMP, 255, 0xffff, 16},
	    {IKE_PROTOCOL_ISAKMP, 16, 0x1001, 16}, /* 16 times that is 16 in 16 bits */
	    {IKE_PROTOCOL_ISAKMP, 16, 0, 0},
	    {IKE_PROTOCOL_ISAKMP, 0, 0xffff, 0},
	    {IKE_PROTOCOL_ESP, 4, 0xffff, 4},
	    {IKE_PROTOCOL_ESP, 4, 0x4001, 4},
	    {IKE_PROTOCOL_ESP, 0, 0xffff, 0},
	    {IKE_PROTOCOL_ESP, 3, 2, 4},
	    {255, 255, 0xffff, 0},
	};
	struct trial_sa *sa = raw_survivor(trial);
	uint8_t body[64];
	struct wire_writer writer;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		wire_write_to(&writer, body, sizeof(body));
		wire_write_u32(&writer, IKE_DOI_IPSEC);
		wire_write_u8(&writer, row[i].protocol);
		wire_write_u8(&writer, row[i].spi_size);
		wire_write_u16(&writer, row[i].count);
		for (size_t k = 0; k < row[i].octets; k++)
			wire_write_u8(&writer, 0xa5);
		send_both(trial, sa, IKE_PAYLOAD_DELETE, wire_written(&writer));
	}
	raw_expect_survival(trial, sa);
}

/* R-U-THERE (or its ACK) with an SPI size that is more, or less, than what follows. */
static struct octets odd_notify(struct wire_writer *writer, uint16_t type, uint8_t spi_size,
				size_t follow)
{
	wire_write_u32(writer, IKE_DOI_IPSEC);
	wire_write_u8(writer, IKE_PROTOCOL_ISAKMP);
	wire_write_u8(writer, spi_size);
	wire_write_u16(writer, type);
	wire_write_zeros(writer, follow);
	return wire_written(writer);
}

static void notify_spi_sizes(struct trial *trial)
{
	static const uint8_t size[] = {0, 1, 8, 15, 17, 20, 21, 32, 255};
	struct trial_sa *sa = raw_survivor(trial);
	struct raw raw;

	for (size_t i = 0; i < 2 * sizeof(size); i++) {
		uint16_t type = i % 2 == 0 ? IKE_NOTIFY_R_U_THERE : IKE_NOTIFY_R_U_THERE_ACK;
		uint8_t body[64];
		struct wire_writer writer;
		struct octets notify;

		wire_write_to(&writer, body, sizeof(body));
		notify = odd_notify(&writer, type, size[i / 2], 20);
		send_both(trial, sa, IKE_PAYLOAD_NOTIFY, notify);
		/* and to whom there is no SA with */
		raw_begin_new(&raw, trial, IKE_EXCHANGE_INFORMATIONAL);
		wire_patch_u32(&raw.writer, RAW_COOKIES_AT + IKE_COOKIE_LENGTH,
			       trial_random(trial) | 1);
		raw_add(&raw, IKE_PAYLOAD_NOTIFY, notify);
		raw_send(&raw, trial);
	}
	raw_expect_survival(trial, sa);
}

static void cut_notify(struct trial *trial)
{
	struct trial_sa *sa = raw_survivor(trial);

	for (size_t length = 0; length <= 28; length += 2) {
		uint8_t body[64];
		struct wire_writer writer;
		struct octets notify;

		wire_write_to(&writer, body, sizeof(body));
		notify = odd_notify(&writer, IKE_NOTIFY_R_U_THERE, 16, 20);
		notify.length = length;
		send_both(trial, sa, IKE_PAYLOAD_NOTIFY, notify);
	}
	raw_expect_survival(trial, sa);
}

/* Payloads that belong into Phase 1 or Quick Mode, in an Informational, empty, short and filled. */
static void strangers(struct trial *trial)
{
	static const uint8_t type[] = {
	    IKE_PAYLOAD_SA,   IKE_PAYLOAD_KE,   IKE_PAYLOAD_ID,
	    IKE_PAYLOAD_CERT, IKE_PAYLOAD_HASH, IKE_PAYLOAD_NONCE,
	};
	static const uint8_t body[40];
	static const size_t length[] = {0, 3, sizeof(body)};
	struct trial_sa *sa = raw_survivor(trial);

	for (size_t i = 0; i < sizeof(type); i++)
		for (size_t k = 0; k < sizeof(length) / sizeof(length[0]); k++)
			send_both(trial, sa, type[i], octets_of(body, length[k]));
	raw_expect_survival(trial, sa);
}

static void odd_identities(struct trial *trial)
{
	static const uint8_t type[] = {0, 1, 2, 4, 5, 8, 9, 10, 12, 127, 255};
	struct trial_sa *sa = raw_survivor(trial);

	for (size_t i = 0; i < 2 * sizeof(type); i++) {
		uint8_t body[12] = {type[i / 2], 17, 0x01, 0xf4};

		send_both(trial, sa, IKE_PAYLOAD_ID, octets_of(body, i % 2 == 0 ? 4 : 11));
	}
	raw_expect_survival(trial, sa);
}

const struct conform_case cases_robust_payload[] = {
    {
	.id = "robust/3.2/short-lengths",
	.title = "Payloads that say they are shorter than their header",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.2",
	.requirement =
	    "A payload whose length is 0 to 4 (CVE-2004-0218) is refused, whoever sends it "
	    "and however it is protected, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = short_lengths,
    },
    {
	.id = "robust/3.2/long-lengths",
	.title = "Payloads that say they are longer than the message",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.2",
	.requirement =
	    "A payload that would end behind the message is refused, whoever sends it and "
	    "however it is protected, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = long_lengths,
    },
    {
	.id = "robust/3.2/many-payloads",
	.title = "Forty payloads, and two hundred",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.2",
	.requirement =
	    "A message with more payloads than make sense is refused, whoever sends it and "
	    "however it is protected, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = many_payloads,
    },
    {
	.id = "robust/3.2/unknown-types",
	.title = "Payload types that do not exist, or are private",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.2",
	.requirement =
	    "A payload of an unknown type is refused, whoever sends it and however it is "
	    "protected, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = unknown_types,
    },
    {
	.id = "robust/3.2/empty-messages",
	.title = "Messages without payloads",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.2",
	.requirement =
	    "A message with nothing in it is refused, whoever sends it and however it is "
	    "protected, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = empty_messages,
    },
    {
	.id = "robust/3.15/delete-counts",
	.title = "Delete with more SPIs than there are",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.15",
	.requirement =
	    "A Delete whose number of SPIs does not fit its length (isakmpd, 2004) is "
	    "refused, whoever sends it and however it is protected, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = delete_counts,
    },
    {
	.id = "robust/3.14/notify-spi-sizes",
	.title = "R-U-THERE with an SPI longer than itself",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.14",
	.requirement =
	    "A NOTIFY whose SPI size does not fit its length (CVE-2009-0790) is refused, "
	    "whoever sends it and however it is protected, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = notify_spi_sizes,
    },
    {
	.id = "robust/3.14/cut-notify",
	.title = "R-U-THERE cut short",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.14",
	.requirement = "A NOTIFY that ends before its fields do is refused, whoever sends it and "
		       "however it is protected, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = cut_notify,
    },
    {
	.id = "robust/4.8/strangers",
	.title = "Payloads of other exchanges in an Informational",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 4.8",
	.requirement =
	    "A payload that does not belong into an Informational is refused, whoever sends"
	    " it and however it is protected, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = strangers,
    },
    {
	.id = "robust/3.8/odd-identities",
	.title = "Identities of odd types, and cut short",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.8",
	.requirement =
	    "An identity where none belongs, of whatever type is refused, whoever sends it "
	    "and however it is protected, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = odd_identities,
    },
    {0},
};
