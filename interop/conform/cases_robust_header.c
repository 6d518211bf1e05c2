/* SPDX-License-Identifier: ISC */
/*
 * cases_robust_header.c - headers that lie: RFC 2408 section 3.1.
 */
#include <string.h>

#include "interop/conform/cases.h"
#include "interop/conform/raw.h"
#include "interop/conform/script.h"

/* The first message of a Main Mode, to be spoiled. */
static void begin_offer(struct raw *raw, struct trial *trial)
{
	raw_begin_new(raw, trial, IKE_EXCHANGE_MAIN_MODE);
	raw_add_offer(raw, trial);
	ike_header_finish(&raw->writer);
}

static const struct seen *last_sent(const struct trial *trial)
{
	const struct seen *seen, *last = NULL;

	for (size_t i = 0; (seen = trial_seen(trial, i)) != NULL; i++)
		if (seen->from == TRIAL_TESTER)
			last = seen;
	return last;
}

static void short_datagrams(struct trial *trial)
{
	struct trial_sa *sa = raw_survivor(trial);
	const struct seen *question = last_sent(trial);

	for (size_t length = 0;
	     question != NULL && length <= IKE_HEADER_LENGTH && length <= question->length;
	     length++) {
		trial_send_raw(trial, octets_of(question->wire, length));
		trial_pass_time(trial, IKE_MILLISECOND);
	}
	raw_expect_survival(trial, sa);
}

static void lengths(struct trial *trial)
{
	static const uint32_t length[] = {0, 27, 28, 29, 65535, 65536, 0x7fffffff, 0xffffffff};
	struct trial_sa *sa = raw_survivor(trial);
	const struct seen *last = last_sent(trial);
	struct raw raw;

	for (size_t i = 0; i < sizeof(length) / sizeof(length[0]) && last != NULL; i++) {
		struct message *question = script_question(trial, sa);

		/* every R-U-THERE of an SA is as long as the other */
		question->wrong_length = (int)(length[i] - (uint32_t)last->length);
		trial_send(trial, sa, question);
		begin_offer(&raw, trial);
		wire_patch_u32(&raw.writer, IKE_HEADER_LENGTH_AT, length[i]);
		raw_send_as_it_is(&raw, trial);
	}
	raw_expect_survival(trial, sa);
}

static void versions(struct trial *trial)
{
	static const uint8_t version[] = {0x00, 0x01, 0x11, 0x1f, 0x20, 0xf0, 0xff};
	struct trial_sa *sa = raw_survivor(trial);
	struct raw raw;

	for (size_t i = 0; i < sizeof(version); i++) {
		struct message *question = script_question(trial, sa);

		question->header.version = version[i];
		trial_send(trial, sa, question);
		begin_offer(&raw, trial);
		wire_patch_u8(&raw.writer, RAW_VERSION_AT, version[i]);
		/* a minor version that is taken would be a Phase 1 left half-open */
		if (version[i] >> 4 != 1)
			raw_send(&raw, trial);
	}
	/* and no more than a header, as it brought a daemon down */
	raw_begin_new(&raw, trial, IKE_EXCHANGE_INFORMATIONAL);
	wire_patch_u8(&raw.writer, RAW_VERSION_AT, 0x30);
	raw_send(&raw, trial);
	raw_expect_survival(trial, sa);
}

static void exchanges(struct trial *trial)
{
	static const uint8_t exchange[] = {0, 1, 3, 6, 33, 34, 37, 240, 255};
	struct trial_sa *sa = raw_survivor(trial);
	struct raw raw;

	for (size_t i = 0; i < sizeof(exchange); i++) {
		struct message *question = script_question(trial, sa);

		question->header.exchange = exchange[i];
		trial_send(trial, sa, question);
		begin_offer(&raw, trial);
		wire_patch_u8(&raw.writer, RAW_EXCHANGE_AT, exchange[i]);
		raw_send(&raw, trial);
	}
	raw_expect_survival(trial, sa);
}

static void flags(struct trial *trial)
{
	struct trial_sa *sa = raw_survivor(trial);
	struct raw raw;

	for (unsigned bit = 1; bit < 8; bit++) {
		struct message *question = script_question(trial, sa);

		question->more_flags = (uint8_t)(1u << bit);
		trial_send(trial, sa, question);
	}
	for (unsigned i = 0; i < 2; i++) {
		begin_offer(&raw, trial);
		wire_patch_u8(&raw.writer, IKE_HEADER_FLAGS_AT, i == 0 ? 0xff : 0x01);
		raw_send(&raw, trial);
	}
	raw_expect_survival(trial, sa);
}

/* No cookie of an initiator at all, one and the same for both, and one of a responder that never was. */
static void cookies(struct trial *trial)
{
	static const uint8_t none[IKE_COOKIE_LENGTH], some[IKE_COOKIE_LENGTH] = "nobody's";
	const struct {
		const uint8_t *cky_i, *cky_r;
	} pair[] = {{none, none}, {none, some}, {some, some}};
	struct trial_sa *sa = raw_survivor(trial);
	struct raw raw;

	for (size_t i = 0; i < sizeof(pair) / sizeof(pair[0]); i++) {
		raw_begin(&raw, IKE_EXCHANGE_MAIN_MODE, pair[i].cky_i, pair[i].cky_r);
		raw_add_offer(&raw, trial);
		raw_send(&raw, trial);
		raw_begin(&raw, IKE_EXCHANGE_INFORMATIONAL, pair[i].cky_i, pair[i].cky_r);
		raw_add_noise(&raw, trial, IKE_PAYLOAD_NOTIFY, 28);
		raw_send(&raw, trial);
	}
	if (sa != NULL) {
		raw_begin(&raw, IKE_EXCHANGE_INFORMATIONAL, none, sa->cky_r);
		raw_add_noise(&raw, trial, IKE_PAYLOAD_NOTIFY, 28);
		raw_send(&raw, trial);
	}
	raw_expect_survival(trial, sa);
}

static void message_ids(struct trial *trial)
{
	static const uint32_t id[] = {1, 0x80000000, 0xffffffff};
	struct trial_sa *sa = raw_survivor(trial);
	struct raw raw;

	for (size_t i = 0; i < sizeof(id) / sizeof(id[0]); i++) {
		begin_offer(&raw, trial);
		wire_patch_u32(&raw.writer, RAW_MESSAGE_ID_AT, id[i]);
		raw_send(&raw, trial);
	}
	raw_expect_survival(trial, sa);
}

static void next_payloads(struct trial *trial)
{
	static const uint8_t next[] = {0, 2, 3, 8, 14, 127, 132, 255};
	struct trial_sa *sa = raw_survivor(trial);
	const struct seen *last = last_sent(trial);
	struct raw raw;

	for (size_t i = 0; i < sizeof(next) && last != NULL; i++) {
		begin_offer(&raw, trial);
		wire_patch_u8(&raw.writer, IKE_HEADER_NEXT_PAYLOAD_AT, next[i]);
		raw_send(&raw, trial);
		/* an encrypted message that says what it begins with, wrongly */
		wire_write_to(&raw.writer, raw.data, sizeof(raw.data));
		wire_write_octets(&raw.writer, octets_of(last->wire, last->length));
		wire_patch_u8(&raw.writer, IKE_HEADER_NEXT_PAYLOAD_AT, next[i]);
		wire_patch_u32(&raw.writer, RAW_MESSAGE_ID_AT, trial_random(trial) | 1);
		raw_send(&raw, trial);
	}
	raw_expect_survival(trial, sa);
}

const struct conform_case cases_robust_header[] = {
    {
	.id = "robust/3.1/short-datagrams",
	.title = "Datagrams of 0 to 28 octets",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.1",
	.requirement =
	    "What a header says is not to be believed: a datagram that is shorter than a "
	    "header, or no more than one, is dropped, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = short_datagrams,
    },
    {
	.id = "robust/3.1/header-length",
	.title = "Header lengths that are not those of the datagram",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.1",
	.requirement =
	    "What a header says is not to be believed: a message whose length is not that "
	    "of its datagram is dropped, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = lengths,
    },
    {
	.id = "robust/3.1/versions",
	.title = "Versions that do not exist",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.1",
	.requirement = "What a header says is not to be believed: a message of another version "
		       "(CVE-2013-4564) is dropped, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = versions,
    },
    {
	.id = "robust/3.1/exchange-types",
	.title = "Exchange types that do not exist, or are not spoken",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.1",
	.requirement = "What a header says is not to be believed: a message of an unknown exchange "
		       "type is dropped, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = exchanges,
    },
    {
	.id = "robust/3.1/flags",
	.title = "Flags that are reserved, and flags that do not fit",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.1",
	.requirement = "What a header says is not to be believed: a message with flags that mean "
		       "nothing there is dropped, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = flags,
    },
    {
	.id = "robust/3.1/cookies",
	.title = "Cookies that are zero, equal, or of nobody",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.1",
	.requirement =
	    "What a header says is not to be believed: a message whose cookies are of no SA"
	    " is dropped, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = cookies,
    },
    {
	.id = "robust/3.1/phase-1-message-id",
	.title = "Phase 1 with a message ID",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.1",
	.requirement =
	    "What a header says is not to be believed: a first message of Phase 1 with a "
	    "message ID that is not 0 is dropped, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = message_ids,
    },
    {
	.id = "robust/3.1/next-payload",
	.title = "A first payload that is another than the header says",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.1",
	.requirement =
	    "What a header says is not to be believed: a message whose first payload is not"
	    " what its header says is dropped, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = next_payloads,
    },
    {0},
};
