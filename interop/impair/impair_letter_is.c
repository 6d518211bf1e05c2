/* SPDX-License-Identifier: ISC */
#include "interop/impair/impair_layer.h"

const struct letter_payload *letter_payload_find(const struct letter *letter, uint8_t type)
{
	for (size_t i = 0; i < letter->payloads; i++)
		if (letter->payload[i].type == type)
			return &letter->payload[i];
	return NULL;
}

bool letter_is_any(const struct letter *letter, int detail)
{
	(void)letter;
	(void)detail;
	return true;
}

static bool is_informational(const struct letter *letter)
{
	return letter->header.exchange == IKE_EXCHANGE_INFORMATIONAL;
}

bool letter_is_protected(const struct letter *letter, int detail)
{
	(void)detail;
	return letter->sa != NULL && letter->opened.encrypted && letter->opened.open;
}

bool letter_is_valid(const struct letter *letter, int detail)
{
	return is_informational(letter) && letter_is_protected(letter, detail) &&
	       letter->header_verdict == IKE_ACCEPTED && letter->opened.readable &&
	       letter->hash == MESSAGE_HASH_HOLDS;
}

bool letter_is_notify(const struct letter *letter, int type)
{
	return letter_is_valid(letter, 0) && letter->notify.found && letter->notify.type == type;
}

bool letter_is_question(const struct letter *letter, int detail)
{
	(void)detail;
	return letter_is_notify(letter, IKE_NOTIFY_R_U_THERE);
}

bool letter_is_ack(const struct letter *letter, int detail)
{
	(void)detail;
	return letter_is_notify(letter, IKE_NOTIFY_R_U_THERE_ACK);
}

bool letter_is_delete(const struct letter *letter, int detail)
{
	return letter_is_valid(letter, detail) &&
	       letter_payload_find(letter, IKE_PAYLOAD_DELETE) != NULL;
}

static bool is_clear(const struct letter *letter)
{
	return is_informational(letter) && letter->header_verdict == IKE_ACCEPTED &&
	       !letter->opened.encrypted && letter->opened.readable;
}

bool letter_is_clear_notify(const struct letter *letter, int type)
{
	return is_clear(letter) && letter->notify.found && letter->notify.type == type;
}

bool letter_is_clear_notify_of_sa(const struct letter *letter, int type)
{
	return letter->sa != NULL && letter_is_clear_notify(letter, type);
}

bool letter_is_clear_delete(const struct letter *letter, int detail)
{
	(void)detail;
	return is_clear(letter) && letter_payload_find(letter, IKE_PAYLOAD_DELETE) != NULL;
}

static bool begins_phase_1(const struct letter *letter)
{
	return (letter->header.exchange == IKE_EXCHANGE_MAIN_MODE ||
		letter->header.exchange == IKE_EXCHANGE_AGGRESSIVE) &&
	       letter->header_verdict == IKE_ACCEPTED && letter->opened.readable &&
	       !letter->opened.encrypted && letter_payload_find(letter, IKE_PAYLOAD_SA) != NULL;
}

bool letter_is_first(const struct letter *letter, int detail)
{
	(void)detail;
	return begins_phase_1(letter) && ike_cookie_is_zero(letter->header.cky_r);
}

bool letter_is_second(const struct letter *letter, int detail)
{
	(void)detail;
	return begins_phase_1(letter) && !ike_cookie_is_zero(letter->header.cky_r);
}
