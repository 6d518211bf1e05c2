/* SPDX-License-Identifier: ISC */
/*
 * impair_resend.c - Phase 1 as initiator that is not answered, or wrongly (RFC 2408 section 5.1, RFC 2409 section 5); and as
 * responder that is disturbed.
 */
#include <string.h>

#include "ike/proposal.h"
#include "interop/impair/impair_layer.h"

#define STEADY_TIMES 12 /* a second apart */

/* FNV-1a: nobody gains anything by two messages that have the same. */
static uint64_t sum_of(struct octets octets)
{
	uint64_t sum = 0xcbf29ce484222325u;

	for (size_t i = 0; i < octets.length; i++)
		sum = (sum ^ octets.data[i]) * 0x100000001b3u;
	return sum;
}

bool impair_sums_know(const struct impair_sums *sums, struct octets octets)
{
	uint64_t sum = sum_of(octets);
	size_t known = sums->count < IMPAIR_SUMS ? sums->count : IMPAIR_SUMS;

	for (size_t i = 0; i < known; i++)
		if (sums->sum[i] == sum)
			return true;
	return false;
}

bool impair_sums_note(struct impair_sums *sums, struct octets octets)
{
	if (impair_sums_know(sums, octets))
		return true;
	sums->sum[sums->count++ % IMPAIR_SUMS] = sum_of(octets);
	return false;
}

void impair_note_offer(struct letter *letter)
{
	const struct letter_payload *payload = letter_payload_find(letter, IKE_PAYLOAD_SA);
	struct impair *impair = letter->impair;

	(void)impair_sums_note(&impair->cookies,
			       octets_of(letter->parcel->data, 2 * IKE_COOKIE_LENGTH));
	if (!letter_is_first(letter, 0) || payload->body.length > sizeof(impair->offer))
		return;
	memcpy(impair->offer, payload->body.data, payload->body.length);
	impair->offer_length = payload->body.length;
	memcpy(impair->offer_cky_i, letter->header.cky_i, IKE_COOKIE_LENGTH);
}

/* ---- sent again ---------------------------------------------------------------------------------------------------- */

static bool is_again(const struct letter *letter, int detail)
{
	(void)detail;
	return letter->again;
}

static const uint8_t mark[] = "sent again";

static bool is_again_in_clear(const struct letter *letter, int detail)
{
	return is_again(letter, detail) && letter->whole && !letter->opened.encrypted &&
	       letter->message.payloads < MESSAGE_PAYLOADS &&
	       letter->message.length + sizeof(mark) <= MESSAGE_BODY;
}

static bool is_new_first(const struct letter *letter, int detail)
{
	return letter_is_first(letter, detail) && !letter->again;
}

static bool is_first_again(const struct letter *letter, int detail)
{
	return letter_is_first(letter, detail) && letter->again;
}

static void otherwise(struct letter *letter, int detail)
{
	(void)detail;
	message_add(&letter->message, IKE_PAYLOAD_VENDOR_ID, octets_of(mark, sizeof(mark) - 1));
}

static void steadily(struct letter *letter, int detail)
{
	(void)detail;
	for (unsigned i = 1; i <= STEADY_TIMES; i++)
		impair_repeat(letter, letter->now + i * IKE_SECOND);
}

/* ---- a choice that was not offered --------------------------------------------------------------------------------- */

static bool is_changed_choice(const struct letter *letter, int detail)
{
	const struct letter_payload *payload = letter_payload_find(letter, IKE_PAYLOAD_SA);
	const struct impair *impair = letter->impair;
	struct ike_offer chosen;

	return letter_is_second(letter, detail) && letter->whole && impair->offer_length > 0 &&
	       memcmp(impair->offer_cky_i, letter->header.cky_i, IKE_COOKIE_LENGTH) == 0 &&
	       ike_choice_check(octets_of(impair->offer, impair->offer_length), payload->body,
				&chosen) != IKE_ACCEPTED;
}

/* The core goes on with the first of its offers, whatever the peer goes on with. */
static void as_offered(struct letter *letter, int detail)
{
	const struct impair *impair = letter->impair;
	struct ike_offer offers[IKE_OFFERS_MAX];
	uint8_t body[IKE_DATAGRAM_MAX];
	struct wire_writer writer;
	size_t count;

	(void)detail;
	if (ike_offers_parse(octets_of(impair->offer, impair->offer_length), offers, IKE_OFFERS_MAX,
			     &count) != IKE_ACCEPTED ||
	    count == 0)
		return;
	wire_write_to(&writer, body, sizeof(body));
	ike_offer_write_choice(&writer, &offers[0]);
	letter->message.payloads = letter->message.length = 0;
	for (size_t i = 0; i < letter->payloads; i++) {
		const struct letter_payload *payload = &letter->payload[i];
		struct octets of =
		    payload->type == IKE_PAYLOAD_SA ? wire_written(&writer) : payload->body;

		if (letter->message.payloads < MESSAGE_PAYLOADS &&
		    of.length <= MESSAGE_BODY - letter->message.length)
			message_add(&letter->message, (enum ike_payload_type)payload->type, of);
	}
}

/* ---- an Informational before its time ------------------------------------------------------------------------------ */

static bool is_early(const struct letter *letter, int detail)
{
	(void)detail;
	return letter->sa == NULL && letter->header_verdict == IKE_ACCEPTED &&
	       letter->header.exchange == IKE_EXCHANGE_INFORMATIONAL && letter->opened.encrypted &&
	       !ike_cookie_is_zero(letter->header.cky_r);
}

static bool is_of_spoiled(const struct letter *letter, int detail)
{
	(void)detail;
	return ike_exchange_is_phase_1(letter->header.exchange) &&
	       memcmp(letter->impair->spoiled_cky_i, letter->header.cky_i, IKE_COOKIE_LENGTH) == 0;
}

static void spoil(struct letter *letter, int detail)
{
	(void)detail;
	memcpy(letter->impair->spoiled_cky_i, letter->header.cky_i, IKE_COOKIE_LENGTH);
}

/* clang-format off */
const struct impair_rule impair_resend_rules[] = {
    {IMPAIR_NEVER_RESENDS,           RULE_OUT, is_again,          RULE_DROP, NULL, 0},
    {IMPAIR_RESENDS_OTHERWISE,       RULE_OUT, is_again_in_clear, RULE_EDIT, otherwise, 0},
    {IMPAIR_RESENDS_STEADILY,        RULE_OUT, is_new_first,      RULE_DO,   steadily, 0},
    {IMPAIR_RESENDS_STEADILY,        RULE_OUT, is_first_again,    RULE_DROP, NULL, 0},
    {IMPAIR_ACCEPTS_CHANGED_CHOICE,  RULE_IN,  is_changed_choice, RULE_EDIT, as_offered, 0},
    {IMPAIR_ABANDONS_PHASE_1,        RULE_IN,  is_early,          RULE_DO,   spoil, 0},
    {IMPAIR_ABANDONS_PHASE_1,        RULE_IN,  is_of_spoiled,     RULE_DROP, NULL, 0},
    {IMPAIR_ABANDONS_DUPLICATED,     RULE_IN,  is_again,          RULE_DO,   spoil, 0},
    {IMPAIR_ABANDONS_DUPLICATED,     RULE_IN,  is_of_spoiled,     RULE_DROP, NULL, 0},
    {.matches = NULL},
};
/* clang-format on */
