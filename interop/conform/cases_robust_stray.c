/* SPDX-License-Identifier: ISC */
/*
 * cases_robust_stray.c - messages that come when or where they should not, and pieces of messages: RFC 2409 section 5, IKE fragments.
 */
#include <string.h>

#include "ike/fragment.h"
#include "interop/conform/cases.h"
#include "interop/conform/raw.h"

#define NONCE_LENGTH 20

/* ---- out of place -------------------------------------------------------------------------------------------------- */

/* Random octets said to be encrypted. */
static void send_noise(struct trial *trial, uint8_t exchange, const uint8_t *cky_i,
		       const uint8_t *cky_r, size_t length)
{
	bool later = exchange != IKE_EXCHANGE_MAIN_MODE && exchange != IKE_EXCHANGE_AGGRESSIVE;
	struct raw raw;

	raw_begin(&raw, exchange, cky_i, cky_r);
	wire_patch_u8(&raw.writer, IKE_HEADER_NEXT_PAYLOAD_AT, IKE_PAYLOAD_HASH);
	wire_patch_u8(&raw.writer, IKE_HEADER_FLAGS_AT, IKE_FLAG_ENCRYPTION);
	if (later)
		wire_patch_u32(&raw.writer, RAW_MESSAGE_ID_AT, trial_random(trial) | 1);
	for (size_t i = 0; i < length; i++)
		wire_write_u8(&raw.writer, (uint8_t)trial_random(trial));
	raw_send(&raw, trial);
}

static void noise(struct trial *trial)
{
	static const uint8_t exchange[] = {IKE_EXCHANGE_MAIN_MODE, IKE_EXCHANGE_INFORMATIONAL,
					   IKE_EXCHANGE_TRANSACTION, IKE_EXCHANGE_QUICK_MODE};
	static const size_t length[] = {1, 7, 8, 16, 17, 64, 1000};
	struct trial_sa *sa = raw_survivor(trial);

	for (size_t i = 0; i < sizeof(exchange) && sa != NULL; i++)
		for (size_t k = 0; k < sizeof(length) / sizeof(length[0]); k++)
			send_noise(trial, exchange[i], sa->cky_i, sa->cky_r, length[k]);
	raw_expect_survival(trial, sa);
}

/* Messages 3 and 5 of a Main Mode, and a Quick Mode, of cookies that never were. */
static void unknown_cookies(struct trial *trial)
{
	static const uint8_t cky_i[IKE_COOKIE_LENGTH] = "stranger", cky_r[] = "nobody's";
	struct trial_sa *sa = raw_survivor(trial);
	struct raw raw;

	raw_begin(&raw, IKE_EXCHANGE_MAIN_MODE, cky_i, cky_r);
	raw_add_noise(&raw, trial, IKE_PAYLOAD_KE, raw_public_length(trial));
	raw_add_noise(&raw, trial, IKE_PAYLOAD_NONCE, NONCE_LENGTH);
	raw_send(&raw, trial);
	send_noise(trial, IKE_EXCHANGE_MAIN_MODE, cky_i, cky_r, 64);
	send_noise(trial, IKE_EXCHANGE_AGGRESSIVE, cky_i, cky_r, 64);
	send_noise(trial, IKE_EXCHANGE_INFORMATIONAL, cky_i, cky_r, 64);
	send_noise(trial, IKE_EXCHANGE_QUICK_MODE, cky_i, cky_r, 160);
	raw_expect_survival(trial, sa);
}

/* What belongs to an SA that is up, under one that is half done: before its keys exist, and after. */
static void too_early(struct trial *trial)
{
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	struct trial_sa *sa = raw_survivor(trial);
	struct raw raw;

	for (int with_keys = 0; with_keys < 2 && raw_half_open(trial, cky_i, cky_r); with_keys++) {
		if (with_keys == 1) {
			raw_begin(&raw, IKE_EXCHANGE_MAIN_MODE, cky_i, cky_r);
			raw_add_noise(&raw, trial, IKE_PAYLOAD_KE, raw_public_length(trial));
			raw_add_noise(&raw, trial, IKE_PAYLOAD_NONCE, NONCE_LENGTH);
			raw_send(&raw, trial);
			trial_pass_time(trial, trial_get_settings(trial)->patience / 10);
		}
		send_noise(trial, IKE_EXCHANGE_QUICK_MODE, cky_i, cky_r, 160);
		send_noise(trial, IKE_EXCHANGE_INFORMATIONAL, cky_i, cky_r, 64);
		send_noise(trial, IKE_EXCHANGE_TRANSACTION, cky_i, cky_r, 64);
		send_noise(trial, IKE_EXCHANGE_AGGRESSIVE, cky_i, cky_r, 64);
	}
	raw_expect_survival(trial, sa);
}

/* In place of message 5: nothing, what is no block, noise, and so much of it that identities would be long. */
static void noise_for_fifth(struct trial *trial)
{
	static const size_t length[] = {0, 5, 64, 2000};
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	struct trial_sa *sa = raw_survivor(trial);
	struct raw raw;

	if (raw_half_open(trial, cky_i, cky_r)) {
		raw_begin(&raw, IKE_EXCHANGE_MAIN_MODE, cky_i, cky_r);
		raw_add_noise(&raw, trial, IKE_PAYLOAD_KE, raw_public_length(trial));
		raw_add_noise(&raw, trial, IKE_PAYLOAD_NONCE, NONCE_LENGTH);
		raw_send(&raw, trial);
		trial_pass_time(trial, trial_get_settings(trial)->patience / 10);
		for (size_t i = 0; i < sizeof(length) / sizeof(length[0]); i++)
			send_noise(trial, IKE_EXCHANGE_MAIN_MODE, cky_i, cky_r, length[i]);
	}
	raw_expect_survival(trial, sa);
}

/* ---- fragments ----------------------------------------------------------------------------------------------------- */

/* One fragment of so many octets of data, as part of whatever these cookies are of. */
static void send_fragment(struct trial *trial, const uint8_t *cky_i, const uint8_t *cky_r,
			  uint8_t number, uint8_t flags, size_t length)
{
	size_t mark;
	struct raw raw;

	raw_begin(&raw, IKE_EXCHANGE_MAIN_MODE, cky_i, cky_r);
	mark = ike_payload_begin(&raw.chain, IKE_PAYLOAD_FRAGMENT);
	wire_write_u16(&raw.writer, 1);
	wire_write_u8(&raw.writer, number);
	wire_write_u8(&raw.writer, flags);
	for (size_t i = 0; i < length; i++)
		wire_write_u8(&raw.writer, (uint8_t)trial_random(trial));
	ike_payload_end(&raw.chain, mark);
	raw_send(&raw, trial);
}

/* Payloads that say they are shorter than a fragment's own fields, or are. */
static void send_short_fragments(struct trial *trial, const uint8_t *cky_i, const uint8_t *cky_r)
{
	static const uint8_t body[] = {0, 1, 1, 1, 0, 0, 0, 0};
	struct raw raw;

	for (uint16_t length = 0; length < 8; length++) {
		raw_begin(&raw, IKE_EXCHANGE_MAIN_MODE, cky_i, cky_r);
		raw_add(&raw, IKE_PAYLOAD_FRAGMENT, octets_of(body, sizeof(body)));
		wire_patch_u16(&raw.writer, IKE_HEADER_LENGTH + 2, length);
		raw_send(&raw, trial);
		if (length < IKE_GENERIC_LENGTH)
			continue;
		raw_begin(&raw, IKE_EXCHANGE_MAIN_MODE, cky_i, cky_r);
		raw_add(&raw, IKE_PAYLOAD_FRAGMENT,
			octets_of(body, (size_t)(length - IKE_GENERIC_LENGTH)));
		raw_send(&raw, trial);
	}
}

static void malformed_fragments(struct trial *trial)
{
	static const uint8_t nobody_i[IKE_COOKIE_LENGTH] = "stranger", nobody_r[] = "nobody's";
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	struct trial_sa *sa = raw_survivor(trial);

	if (raw_half_open(trial, cky_i, cky_r))
		send_short_fragments(trial, cky_i, cky_r);
	if (sa != NULL)
		send_short_fragments(trial, sa->cky_i, sa->cky_r);
	send_short_fragments(trial, nobody_i, nobody_r);
	raw_expect_survival(trial, sa);
}

/* Number 0; the last one twice, with different numbers; one behind the last; the highest; the same with other octets. */
static void send_odd_fragments(struct trial *trial, const uint8_t *cky_i, const uint8_t *cky_r)
{
	static const struct {
		uint8_t number, flags;
		size_t length;
	} row[] = {{0, 0, 16}, {0, 1, 16},   {3, 1, 16}, {2, 1, 16},   {4, 0, 16},
		   {1, 0, 16}, {1, 0, 600},  {2, 0, 16}, {255, 1, 16}, {255, 0xff, 0},
		   {1, 1, 28}, {1, 1, 1200}, {1, 1, 0}};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		send_fragment(trial, cky_i, cky_r, row[i].number, row[i].flags, row[i].length);
}

static void odd_fragments(struct trial *trial)
{
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	struct trial_sa *sa = raw_survivor(trial);

	if (raw_half_open(trial, cky_i, cky_r))
		send_odd_fragments(trial, cky_i, cky_r);
	if (sa != NULL)
		send_odd_fragments(trial, sa->cky_i, sa->cky_r);
	raw_expect_survival(trial, sa);
}

/* Every other one of 128, from the last to the first: whoever looks for what is missing each time has much to do. */
static void fragments_with_holes(struct trial *trial)
{
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	struct trial_sa *sa = raw_survivor(trial);

	if (raw_half_open(trial, cky_i, cky_r))
		for (unsigned number = 128; number > 0; number -= 2)
			send_fragment(trial, cky_i, cky_r, (uint8_t)number, number == 128, 64);
	raw_expect_survival(trial, sa);
}

/* ---- a little of everything ---------------------------------------------------------------------------------------- */

#define SWEEP 60

/* One octet after the other of a right first message becomes ff, under one and the same cookie. */
static void sweep(struct trial *trial)
{
	struct trial_sa *sa = raw_survivor(trial);
	struct raw right, raw;

	raw_begin_new(&right, trial, IKE_EXCHANGE_MAIN_MODE);
	raw_add_offer(&right, trial);
	ike_header_finish(&right.writer);
	for (size_t at = IKE_HEADER_NEXT_PAYLOAD_AT;
	     at < right.writer.length && at < IKE_HEADER_NEXT_PAYLOAD_AT + SWEEP; at++) {
		wire_write_to(&raw.writer, raw.data, sizeof(raw.data));
		wire_write_octets(&raw.writer, wire_written(&right.writer));
		wire_patch_u8(&raw.writer, at, 0xff);
		raw_send_as_it_is(&raw, trial);
	}
	raw_expect_survival(trial, sa);
}

const struct conform_case cases_robust_stray[] = {
    {
	.id = "robust/5/noise",
	.title = "Noise that is said to be encrypted",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2409 section 5",
	.requirement = "What does not decrypt to a message is dropped, and changes nothing.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = noise,
    },
    {
	.id = "robust/5/unknown-cookies",
	.title = "Messages of a Phase 1 that never was",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2409 section 5",
	.requirement = "A message whose cookies are of no SA is dropped, whatever it is.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = unknown_cookies,
    },
    {
	.id = "robust/5/too-early",
	.title = "Quick Mode and others before Phase 1 is done",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2409 section 5",
	.requirement = "Until Phase 1 is done nothing else goes under its SA.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = too_early,
    },
    {
	.id = "robust/5/noise-for-fifth",
	.title = "Noise in place of message 5",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2409 section 5",
	.requirement = "A fifth message that does not decrypt is dropped, or ends that Phase 1.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = noise_for_fifth,
    },
    {
	.id = "robust/3.2/malformed-fragments", /* R125 */
	.title = "Fragments shorter than their fields",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.2",
	.requirement = "A fragment whose payload is shorter than its own header is dropped "
		       "(CVE-2016-1287).",
	.expected = "that the SA goes on, and a new one can be made",
	.script = malformed_fragments,
    },
    {
	.id = "robust/3.2/odd-fragments", /* R125 */
	.title = "Fragments with numbers that contradict each other",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.2",
	.requirement = "Fragments that make no message are dropped (CVE-2016-1287).",
	.expected = "that the SA goes on, and a new one can be made",
	.script = odd_fragments,
    },
    {
	.id = "robust/3.2/fragments-with-holes", /* R126 */
	.title = "Fragments with holes between them",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.2",
	.requirement =
	    "However many fragments of a message come, what is kept and done for them is "
	    "bounded (CVE-2016-10396).",
	.expected = "that the SA goes on, and a new one can be made",
	.script = fragments_with_holes,
    },
    {
	.id = "robust/3.1/sweep",
	.title = "A first message with one octet after the other wrong",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.1",
	.requirement = "A first message that makes no sense is dropped (PROTOS, CVE-2005-3666 to "
		       "-3675).",
	.expected = "that the SA goes on, and a new one can be made",
	.script = sweep,
    },
    {0},
};
