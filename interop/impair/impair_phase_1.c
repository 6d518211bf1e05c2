/* SPDX-License-Identifier: ISC */
/*
 * impair_phase_1.c - the clear messages of Phase 1, where HASH_I and HASH_R do not cover them: vendor IDs, both ways, and
 * retransmission (RFC 3706 section 5.1, RFC 2408 section 5.1).
 */
#include <string.h>

#include "interop/impair/impair_layer.h"
#include "keepalive/capability.h"

#define MAJOR_AT (KEEPALIVE_VENDOR_ID_LENGTH - 2) /* octets before the versions are the name */
#define MINOR_AT (KEEPALIVE_VENDOR_ID_LENGTH - 1)
#define SWOLLEN  600 /* octets more than there were */
#define TIMES    3

static bool is_sa_message(const struct letter *letter, int detail)
{
	return letter_is_first(letter, detail) || letter_is_second(letter, detail);
}

static bool is_ke_message(const struct letter *letter, int detail)
{
	(void)detail;
	return letter->header.exchange == IKE_EXCHANGE_MAIN_MODE && letter->opened.readable &&
	       !letter->opened.encrypted && letter_payload_find(letter, IKE_PAYLOAD_KE) != NULL;
}

/* ---- ours ---------------------------------------------------------------------------------------------------------- */

static bool is_ours(const struct message *message, size_t index)
{
	const struct message_payload *payload = &message->payload[index];

	return payload->type == IKE_PAYLOAD_VENDOR_ID && payload->length >= MAJOR_AT &&
	       memcmp(message->body + payload->at, keepalive_vendor_id_octets, MAJOR_AT) == 0;
}

static void leave_out(struct message *message)
{
	size_t kept = 0;

	for (size_t i = 0; i < message->payloads; i++)
		if (!is_ours(message, i))
			message->payload[kept++] = message->payload[i];
	message->payloads = kept;
}

static void no_vendor_id(struct letter *letter, int detail)
{
	(void)detail;
	leave_out(&letter->message);
}

/* In place of the keepalive's: one octet of it another, or another length. */
static void other_vendor_id(struct letter *letter, size_t at, uint8_t value, size_t length)
{
	uint8_t id[2 * KEEPALIVE_VENDOR_ID_LENGTH] = {0};

	memcpy(id, keepalive_vendor_id_octets, KEEPALIVE_VENDOR_ID_LENGTH);
	id[at] = value;
	leave_out(&letter->message);
	message_add(&letter->message, IKE_PAYLOAD_VENDOR_ID, octets_of(id, length));
}

static void minor_version(struct letter *letter, int number)
{
	other_vendor_id(letter, MINOR_AT, (uint8_t)number, KEEPALIVE_VENDOR_ID_LENGTH);
}

static void major_version(struct letter *letter, int number)
{
	other_vendor_id(letter, MAJOR_AT, (uint8_t)number, KEEPALIVE_VENDOR_ID_LENGTH);
}

static void wrong_octet(struct letter *letter, int detail)
{
	(void)detail;
	other_vendor_id(letter, 0, keepalive_vendor_id_octets[0] ^ 1, KEEPALIVE_VENDOR_ID_LENGTH);
}

static void vendor_id_length(struct letter *letter, int length)
{
	other_vendor_id(letter, 0, keepalive_vendor_id_octets[0], (size_t)length);
}

static void one_more_vendor_id(struct letter *letter, int detail)
{
	(void)detail;
	message_add(&letter->message, IKE_PAYLOAD_VENDOR_ID,
		    octets_of(keepalive_vendor_id_octets, KEEPALIVE_VENDOR_ID_LENGTH));
}

/* ---- theirs -------------------------------------------------------------------------------------------------------- */

static bool has_theirs(const struct letter *letter, bool (*like)(const uint8_t *id))
{
	if (!is_sa_message(letter, 0) || !letter->whole)
		return false;
	for (size_t i = 0; i < letter->message.payloads; i++)
		if (is_ours(&letter->message, i) &&
		    letter->message.payload[i].length == KEEPALIVE_VENDOR_ID_LENGTH &&
		    like(letter->message.body + letter->message.payload[i].at))
			return true;
	return false;
}

static bool is_minor(const uint8_t *id)
{
	return id[MINOR_AT] != keepalive_vendor_id_octets[MINOR_AT];
}

static bool is_any(const uint8_t *id)
{
	(void)id;
	return true;
}

static bool is_of_other_minor(const struct letter *letter, int detail)
{
	(void)detail;
	return has_theirs(letter, is_minor);
}

static bool is_without(const struct letter *letter, int detail)
{
	return is_sa_message(letter, detail) && letter->whole && !has_theirs(letter, is_any);
}

/* ---- how much and how often ---------------------------------------------------------------------------------------- */

static void by_timer(struct letter *letter, int detail)
{
	(void)detail;
	for (unsigned i = 1; i <= TIMES; i++)
		impair_repeat(letter, letter->now + i * IKE_SECOND);
}

static void swell(struct letter *letter, int detail)
{
	static const uint8_t ballast[SWOLLEN] = "larger than what was asked";

	(void)detail;
	message_add(&letter->message, IKE_PAYLOAD_VENDOR_ID, octets_of(ballast, sizeof(ballast)));
}

/* Where there is no room the message stays as it is. */
static bool has_room(const struct letter *letter, int octets)
{
	return letter->whole && letter->message.payloads < MESSAGE_PAYLOADS &&
	       letter->message.length + (size_t)octets <= MESSAGE_BODY;
}

static bool is_second_with_room(const struct letter *letter, int detail)
{
	return letter_is_second(letter, detail) && has_room(letter, SWOLLEN);
}

static bool is_sa_message_with_room(const struct letter *letter, int detail)
{
	return is_sa_message(letter, detail) && has_room(letter, 2 * KEEPALIVE_VENDOR_ID_LENGTH);
}

static bool is_ke_message_with_room(const struct letter *letter, int detail)
{
	return is_ke_message(letter, detail) && has_room(letter, KEEPALIVE_VENDOR_ID_LENGTH);
}

static bool is_without_with_room(const struct letter *letter, int detail)
{
	return is_without(letter, detail) && has_room(letter, KEEPALIVE_VENDOR_ID_LENGTH);
}

/* The next message of ours: KE and nonce. */
static void vendor_id_here(struct letter *letter, int detail)
{
	one_more_vendor_id(letter, detail);
}

/* clang-format off */
const struct impair_rule impair_phase_1_rules[] = {
    {IMPAIR_VENDOR_ID_MISSING,     RULE_OUT, is_sa_message_with_room, RULE_EDIT, no_vendor_id, 0},
    {IMPAIR_VENDOR_ID_MINOR_1,     RULE_OUT, is_sa_message_with_room, RULE_EDIT, minor_version, 1},
    {IMPAIR_VENDOR_ID_MAJOR_2,     RULE_OUT, is_sa_message_with_room, RULE_EDIT, major_version, 2},
    {IMPAIR_VENDOR_ID_WRONG_OCTET, RULE_OUT, is_sa_message_with_room, RULE_EDIT, wrong_octet, 0},
    {IMPAIR_VENDOR_ID_SHORT,       RULE_OUT, is_sa_message_with_room, RULE_EDIT, vendor_id_length, MAJOR_AT},
    {IMPAIR_VENDOR_ID_LONG,        RULE_OUT, is_sa_message_with_room, RULE_EDIT, vendor_id_length, KEEPALIVE_VENDOR_ID_LENGTH + 4},
    {IMPAIR_VENDOR_ID_TWICE,       RULE_OUT, is_sa_message_with_room, RULE_EDIT, one_more_vendor_id, 0},
    {IMPAIR_VENDOR_ID_LATER,       RULE_OUT, is_sa_message_with_room, RULE_EDIT, no_vendor_id, 0},
    {IMPAIR_VENDOR_ID_LATER,       RULE_OUT, is_ke_message_with_room, RULE_EDIT, vendor_id_here, 0},
    {IMPAIR_MINOR_VERSION_MATTERS, RULE_IN, is_of_other_minor, RULE_EDIT, no_vendor_id, 0},
    {IMPAIR_PROBES_ANYBODY,        RULE_IN, is_without_with_room, RULE_EDIT, one_more_vendor_id, 0},
    {IMPAIR_MM2_BY_TIMER,          RULE_OUT, letter_is_second, RULE_DO, by_timer, 0},
    {IMPAIR_MM2_TWICE,             RULE_OUT, letter_is_second, RULE_DO, impair_do_again, 0},
    {IMPAIR_MM2_SWOLLEN,           RULE_OUT, is_second_with_room, RULE_EDIT, swell, 0},
    {.matches = NULL},
};
/* clang-format on */
