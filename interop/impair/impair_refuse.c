/* SPDX-License-Identifier: ISC */
/*
 * impair_refuse.c - not answering what should be answered (RFC 3706 section 5.2 and 6.2; what peers do, and networks).
 */
#include <string.h>

#include "ike/address.h"
#include "ike/vendor_id.h"
#include "interop/impair/impair_layer.h"
#include "keepalive/capability.h"

#define TOP_BIT 0x80000000u
#define A_JUMP  64 /* numbers ahead */

/* ---- numbers ------------------------------------------------------------------------------------------------------- */

static bool is_later_question(const struct letter *letter)
{
	return letter_is_question(letter, 0) && letter->sa->asked;
}

static bool is_repeat(const struct letter *letter, int detail)
{
	(void)detail;
	return is_later_question(letter) && letter->notify.number == letter->sa->number;
}

/* How far ahead of the question before it; 0 where it is none. */
static uint32_t ahead(const struct letter *letter)
{
	return is_later_question(letter) ? letter->notify.number - letter->sa->number : 0;
}

static bool is_gap(const struct letter *letter, int detail)
{
	(void)detail;
	return ahead(letter) > 1 && ahead(letter) <= A_JUMP;
}

static bool is_jump(const struct letter *letter, int detail)
{
	(void)detail;
	return ahead(letter) > A_JUMP && ahead(letter) < TOP_BIT;
}

/* Ahead modulo 2^32, but a smaller number. */
static bool is_wrapped(const struct letter *letter, int detail)
{
	(void)detail;
	return is_later_question(letter) && letter->notify.number < letter->sa->number &&
	       letter->notify.number - letter->sa->number < TOP_BIT;
}

static bool is_number_zero(const struct letter *letter, int detail)
{
	return letter_is_question(letter, detail) && letter->notify.number == 0;
}

static bool has_top_bit(const struct letter *letter, int detail)
{
	return letter_is_question(letter, detail) && letter->notify.number >= TOP_BIT;
}

/* The first one under an SA, and behind what was asked under another. */
static bool is_behind_other_sas(const struct letter *letter, int detail)
{
	return letter_is_question(letter, detail) && !letter->sa->asked && letter->impair->asked &&
	       letter->notify.number < letter->impair->number;
}

/* ---- padding ------------------------------------------------------------------------------------------------------- */

static bool has_padding_not_zero(const struct letter *letter, int detail)
{
	if (!letter_is_valid(letter, detail))
		return false;
	for (size_t i = 0; i < letter->padding; i++)
		if (letter->padded.data[i] != 0)
			return true;
	return false;
}

static bool has_block_of_padding(const struct letter *letter, int detail)
{
	return letter_is_valid(letter, detail) &&
	       letter->padding >= cipher_block_length(letter->sa->keys.cipher);
}

/* ---- SAs ----------------------------------------------------------------------------------------------------------- */

static bool is_of_unsupported(const struct letter *letter, int detail)
{
	struct ike_sa_status status;

	return letter_is_question(letter, detail) &&
	       impair_sa_status(letter->impair, letter->sa, &status) && !status.supported;
}

static bool is_busy(const struct letter *letter, int detail)
{
	return letter_is_question(letter, detail) && letter->sa->busy_id != 0;
}

/* There is a younger SA with the same host. */
static bool is_of_older_sa(const struct letter *letter, int detail)
{
	struct ike_sa_status of_letter, other;
	uint32_t cursor = 0;

	if (!letter_is_question(letter, detail) ||
	    !impair_sa_status(letter->impair, letter->sa, &of_letter))
		return false;
	while (ike_next_sa(letter->impair->core, &cursor, &other))
		if (ike_address_same_host(&other.remote, &of_letter.remote) &&
		    other.established_at > of_letter.established_at)
			return true;
	return false;
}

static bool is_second_sa(const struct letter *letter, int detail)
{
	struct ike_sa_status other;
	uint32_t cursor = 0;

	if (!letter_is_first(letter, detail))
		return false;
	while (ike_next_sa(letter->impair->core, &cursor, &other))
		if (ike_address_same_host(&other.remote, &letter->parcel->remote))
			return true;
	return false;
}

/* ---- Phase 1 ------------------------------------------------------------------------------------------------------- */

static bool has_unknown_vendor_id(const struct letter *letter, int detail)
{
	if (!letter_is_first(letter, detail))
		return false;
	for (size_t i = 0; i < letter->payloads; i++)
		if (letter->payload[i].type == IKE_PAYLOAD_VENDOR_ID &&
		    ike_vendor_id_name(letter->payload[i].body) == NULL)
			return true;
	return false;
}

static size_t keepalive_ids(const struct letter *letter)
{
	size_t count = 0;

	for (size_t i = 0; letter->opened.readable && i < letter->payloads; i++)
		count += letter->payload[i].type == IKE_PAYLOAD_VENDOR_ID &&
			 keepalive_vendor_id_matches(letter->payload[i].body);
	return count;
}

static bool has_vendor_id_twice(const struct letter *letter, int detail)
{
	return letter_is_first(letter, detail) && keepalive_ids(letter) > 1;
}

static bool has_vendor_id_later(const struct letter *letter, int detail)
{
	(void)detail;
	return letter->header.exchange == IKE_EXCHANGE_MAIN_MODE &&
	       letter_payload_find(letter, IKE_PAYLOAD_KE) != NULL && keepalive_ids(letter) > 0;
}

static bool has_nonce_first(const struct letter *letter, int detail)
{
	const struct letter_payload *nonce = letter_payload_find(letter, IKE_PAYLOAD_NONCE);
	const struct letter_payload *public_value = letter_payload_find(letter, IKE_PAYLOAD_KE);

	(void)detail;
	return letter->header.exchange == IKE_EXCHANGE_MAIN_MODE && nonce != NULL &&
	       public_value != NULL && nonce < public_value;
}

static bool is_first_repeated(const struct letter *letter, int detail)
{
	return letter_is_first(letter, detail) &&
	       letter->impair->first_messages >= (uint32_t)detail;
}

/* clang-format off */
const struct impair_rule impair_refuse_rules[] = {
    {IMPAIR_REFUSES_REPEAT,            RULE_IN, is_repeat, RULE_DROP, NULL, 0},
    {IMPAIR_REFUSES_GAP,               RULE_IN, is_gap, RULE_DROP, NULL, 0},
    {IMPAIR_REFUSES_JUMP,              RULE_IN, is_jump, RULE_DROP, NULL, 0},
    {IMPAIR_REFUSES_WRAP,              RULE_IN, is_wrapped, RULE_DROP, NULL, 0},
    {IMPAIR_REFUSES_NUMBER_ZERO,       RULE_IN, is_number_zero, RULE_DROP, NULL, 0},
    {IMPAIR_REFUSES_TOP_BIT,           RULE_IN, has_top_bit, RULE_DROP, NULL, 0},
    {IMPAIR_REFUSES_NEW_COUNT,         RULE_IN, is_behind_other_sas, RULE_DROP, NULL, 0},
    {IMPAIR_REFUSES_RANDOM_PADDING,    RULE_IN, has_padding_not_zero, RULE_DROP, NULL, 0},
    {IMPAIR_REFUSES_BLOCK_OF_PADDING,  RULE_IN, has_block_of_padding, RULE_DROP, NULL, 0},
    {IMPAIR_REFUSES_WITHOUT_VENDOR_ID, RULE_IN, is_of_unsupported, RULE_DROP, NULL, 0},
    {IMPAIR_MINOR_VERSION_MATTERS,     RULE_IN, is_of_unsupported, RULE_DROP, NULL, 0}, /* impair_phase_1.c makes it so */
    {IMPAIR_REFUSES_DURING_QUICK_MODE, RULE_IN, is_busy, RULE_DROP, NULL, 0},
    {IMPAIR_REFUSES_ON_OLDER_SA,       RULE_IN, is_of_older_sa, RULE_DROP, NULL, 0},
    {IMPAIR_REFUSES_SECOND_SA,         RULE_IN, is_second_sa, RULE_DROP, NULL, 0},
    {IMPAIR_REFUSES_UNKNOWN_VENDOR_ID, RULE_IN, has_unknown_vendor_id, RULE_DROP, NULL, 0},
    {IMPAIR_REFUSES_VENDOR_ID_TWICE,   RULE_IN, has_vendor_id_twice, RULE_DROP, NULL, 0},
    {IMPAIR_REFUSES_VENDOR_ID_LATER,   RULE_IN, has_vendor_id_later, RULE_DROP, NULL, 0},
    {IMPAIR_REFUSES_NONCE_FIRST,       RULE_IN, has_nonce_first, RULE_DROP, NULL, 0},
    {IMPAIR_REFUSES_AFTER_THREE,       RULE_IN, is_first_repeated, RULE_DROP, NULL, 3},
    {IMPAIR_IGNORES_ACKS,              RULE_IN, letter_is_ack, RULE_DROP, NULL, 0},
    {IMPAIR_IGNORES_DELETE,            RULE_IN, letter_is_delete, RULE_DROP, NULL, 0},
    {.matches = NULL},
};
/* clang-format on */
