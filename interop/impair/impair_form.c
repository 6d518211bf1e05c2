/* SPDX-License-Identifier: ISC */
/*
 * impair_form.c - believing messages that are protected as they must be, but are not of the right form (RFC 3706 section 5.3,
 * RFC 2408 section 3.14).
 */
#include <string.h>

#include "interop/impair/impair_layer.h"

/* Protected, HASH(1) over all that follows it; the payloads may be anything. */
static bool is_believable(const struct letter *letter)
{
	return letter->header.exchange == IKE_EXCHANGE_INFORMATIONAL &&
	       letter->header_verdict == IKE_ACCEPTED && letter_is_protected(letter, 0) &&
	       letter->whole && letter->hash == MESSAGE_HASH_HOLDS;
}

static bool is_about(const struct letter *letter, uint16_t type)
{
	return is_believable(letter) && letter->notify.found && letter->notify.type == type;
}

static bool has_long_spi(const struct letter *letter, int most)
{
	return is_about(letter, IKE_NOTIFY_R_U_THERE) && letter->notify.spi_size > most;
}

static bool has_odd_spi(const struct letter *letter, int detail)
{
	size_t size = letter->notify.spi_size;

	(void)detail;
	return is_about(letter, IKE_NOTIFY_R_U_THERE) && size % IKE_COOKIE_LENGTH != 0 &&
	       size < 2 * IKE_COOKIE_LENGTH;
}

static bool has_short_data(const struct letter *letter, int detail)
{
	(void)detail;
	return is_about(letter, IKE_NOTIFY_R_U_THERE) && letter->notify.data.length < 4;
}

static bool has_long_data(const struct letter *letter, int detail)
{
	(void)detail;
	return is_about(letter, IKE_NOTIFY_R_U_THERE) && letter->notify.data.length > 4;
}

static bool has_wrong_doi(const struct letter *letter, int detail)
{
	(void)detail;
	return is_about(letter, IKE_NOTIFY_R_U_THERE) && letter->notify.doi > IKE_DOI_IPSEC;
}

static bool has_wrong_protocol(const struct letter *letter, int detail)
{
	(void)detail;
	return is_about(letter, IKE_NOTIFY_R_U_THERE) &&
	       letter->notify.protocol != IKE_PROTOCOL_ISAKMP;
}

static bool has_reserved(const struct letter *letter, int detail)
{
	(void)detail;
	if (!is_believable(letter))
		return false;
	for (size_t i = 0; i < letter->payloads; i++)
		if (letter->payload[i].reserved != 0)
			return true;
	return false;
}

static bool is_known(uint8_t type)
{
	return type == IKE_PAYLOAD_NOTIFY || type == IKE_PAYLOAD_DELETE;
}

static bool has_unknown_payload(const struct letter *letter, int detail)
{
	bool unknown = false, known = false;

	(void)detail;
	if (!is_believable(letter))
		return false;
	for (size_t i = 0; i < letter->message.payloads; i++) {
		unknown |= !is_known(letter->message.payload[i].type);
		known |= is_known(letter->message.payload[i].type);
	}
	return unknown && known;
}

/* The one payload is R-U-THERE, whatever its type says. */
static bool is_mislabelled(const struct letter *letter, int detail)
{
	const struct message_payload *payload = &letter->message.payload[0];
	struct ike_notify notify;

	(void)detail;
	return is_believable(letter) && letter->message.payloads == 1 &&
	       payload->type != IKE_PAYLOAD_NOTIFY &&
	       ike_notify_parse(octets_of(letter->message.body + payload->at, payload->length),
				&notify) == IKE_ACCEPTED &&
	       notify.type == IKE_NOTIFY_R_U_THERE;
}

static bool has_several(const struct letter *letter, int detail)
{
	return letter_is_question(letter, detail) && letter->message.payloads > 1;
}

static void relabel(struct letter *letter, int detail)
{
	(void)detail;
	letter->message.payload[0].type = IKE_PAYLOAD_NOTIFY;
}

static void leave_out_unknown(struct letter *letter, int detail)
{
	struct message *message = &letter->message;
	size_t kept = 0;

	(void)detail;
	for (size_t i = 0; i < message->payloads; i++)
		if (is_known(message->payload[i].type))
			message->payload[kept++] = message->payload[i];
	message->payloads = kept;
}

static void make_right(struct letter *letter, int detail)
{
	(void)detail;
	letter->message.payloads = letter->message.length = 0;
	message_add_keepalive(&letter->message, IKE_NOTIFY_R_U_THERE, letter->notify.number);
}

/* Not by the core, which may take such a number for an old one. */
static void answer(struct letter *letter, int detail)
{
	impair_do_answer(letter, detail);
	letter->gone = true;
}

/* clang-format off */
const struct impair_rule impair_form_rules[] = {
    {IMPAIR_ACCEPTS_RESERVED,         RULE_IN, has_reserved, RULE_REPAIR, NULL, 0},
    {IMPAIR_ACCEPTS_UNKNOWN_PAYLOADS, RULE_IN, has_unknown_payload, RULE_REPAIR, leave_out_unknown, 0},
    {IMPAIR_ACCEPTS_ANY_PAYLOAD_TYPE, RULE_IN, is_mislabelled, RULE_REPAIR, relabel, 0},
    {IMPAIR_ACCEPTS_LONG_SPI,         RULE_IN, has_long_spi, RULE_REPAIR, make_right, 2 * IKE_COOKIE_LENGTH},
    {IMPAIR_ACCEPTS_ODD_SPI,          RULE_IN, has_odd_spi, RULE_REPAIR, make_right, 0},
    {IMPAIR_ACCEPTS_SHORT_DATA,       RULE_IN, has_short_data, RULE_DO, answer, 0},
    {IMPAIR_ACCEPTS_LONG_DATA,        RULE_IN, has_long_data, RULE_REPAIR, make_right, 0},
    {IMPAIR_ACCEPTS_WRONG_DOI,        RULE_IN, has_wrong_doi, RULE_REPAIR, make_right, 0},
    {IMPAIR_ACCEPTS_WRONG_PROTOCOL,   RULE_IN, has_wrong_protocol, RULE_REPAIR, make_right, 0},
    {IMPAIR_REFUSES_SEVERAL_PAYLOADS, RULE_IN, has_several, RULE_DROP, NULL, 0},
    {.matches = NULL},
};
/* clang-format on */
