/* SPDX-License-Identifier: ISC */
/*
 * impair_death.c - messages that have brought down other daemons, and here end the node as if it had crashed (the names of their
 * CVEs are in tests/abuse/README.md).
 */
#include <string.h>

#include "ike/fragment.h"
#include "ike/proposal.h"
#include "interop/impair/impair_layer.h"

#define FLOOD          32  /* first messages */
#define NONCE_LEAST    8   /* RFC 2409 section 5 */
#define NONCE_MOST     256 /* octets */
#define FIRST_PRIVATE  128 /* payload types for private use */
#define IDENTITY_FIXED 4   /* type, protocol, port */

/* ---- the header ---------------------------------------------------------------------------------------------------- */

static bool has_tiny_length(const struct letter *letter, int detail)
{
	(void)detail;
	return letter->parcel->length < IKE_HEADER_LENGTH ||
	       (letter->header_verdict == IKE_UNEQUAL_LENGTHS &&
		letter->header.length < IKE_HEADER_LENGTH);
}

static bool has_header_verdict(const struct letter *letter, int verdict)
{
	return (int)letter->header_verdict == verdict;
}

/* Neither of a Phase 1 that it has answered, nor of a call of its own. */
static bool has_strange_cookies(const struct letter *letter, int detail)
{
	uint8_t ours[2 * IKE_COOKIE_LENGTH] = {0};
	const struct impair_sums *cookies = &letter->impair->cookies;

	(void)detail;
	memcpy(ours, letter->header.cky_i, IKE_COOKIE_LENGTH);
	return letter->header_verdict == IKE_ACCEPTED &&
	       ike_exchange_is_phase_1(letter->header.exchange) &&
	       !ike_cookie_is_zero(letter->header.cky_r) &&
	       !impair_sums_know(cookies, octets_of(ours, sizeof(ours))) &&
	       !impair_sums_know(cookies, octets_of(letter->parcel->data, sizeof(ours)));
}

static bool has_unknown_exchange(const struct letter *letter, int detail)
{
	(void)detail;
	return letter->header_verdict == IKE_ACCEPTED &&
	       ike_exchange_name(letter->header.exchange) == NULL;
}

static bool has_exchange(const struct letter *letter, int exchange)
{
	return letter->header_verdict == IKE_ACCEPTED && letter->header.exchange == exchange;
}

static bool is_odd_ciphertext(const struct letter *letter, int detail)
{
	size_t length = letter->parcel->length;

	(void)detail;
	if (letter->sa == NULL || letter->header_verdict != IKE_ACCEPTED ||
	    !letter->opened.encrypted)
		return false;
	length -= IKE_HEADER_LENGTH;
	return length == 0 || length % cipher_block_length(letter->sa->keys.cipher) != 0;
}

/* ---- the chain of payloads: in the clear, or as it decrypts -------------------------------------------------------- */

/* What decrypts to nonsense has nonsensical payloads, too: that is no reason to die. */
static bool is_meant(const struct letter *letter)
{
	return letter->opened.open &&
	       (!letter->opened.encrypted || letter->hash == MESSAGE_HASH_HOLDS ||
		(letter->payloads > 0 && letter->payload[0].type == IKE_PAYLOAD_HASH &&
		 letter->payload[0].reserved == 0));
}

static bool has_payload_shorter_than_header(const struct letter *letter, int detail)
{
	(void)detail;
	for (size_t i = 0; is_meant(letter) && i < letter->payloads; i++)
		if (letter->payload[i].said < IKE_GENERIC_LENGTH)
			return true;
	return false;
}

static bool has_payload_past_end(const struct letter *letter, int detail)
{
	const struct letter_payload *last;

	(void)detail;
	if (!is_meant(letter) || letter->payloads == 0 || !letter->broken)
		return false;
	last = &letter->payload[letter->payloads - 1];
	return last->said > IKE_GENERIC_LENGTH + last->body.length;
}

static bool has_reserved(const struct letter *letter, int detail)
{
	(void)detail;
	for (size_t i = 0; is_meant(letter) && i < letter->payloads; i++)
		if (letter->payload[i].reserved != 0)
			return true;
	return false;
}

static bool has_unknown_payload(const struct letter *letter, int detail)
{
	(void)detail;
	for (size_t i = 0; is_meant(letter) && i < letter->payloads; i++)
		if (letter->payload[i].type < FIRST_PRIVATE &&
		    ike_payload_name(letter->payload[i].type) == NULL)
			return true;
	return false;
}

static bool has_many_payloads(const struct letter *letter, int detail)
{
	(void)detail;
	return is_meant(letter) && letter->opened.verdict == IKE_TOO_MANY_PAYLOADS;
}

static bool has_odd_identity(const struct letter *letter, int detail)
{
	const struct letter_payload *payload = letter_payload_find(letter, IKE_PAYLOAD_ID);

	(void)detail;
	return is_meant(letter) && payload != NULL && payload->body.length > 0 &&
	       ike_id_name(payload->body.data[0]) == NULL;
}

static bool has_empty_hash(const struct letter *letter, int detail)
{
	const struct letter_payload *hash = letter_payload_find(letter, IKE_PAYLOAD_HASH);

	(void)detail;
	return is_meant(letter) && hash != NULL && hash->body.length == 0;
}

/* ---- NOTIFY and DELETE --------------------------------------------------------------------------------------------- */

static bool is_keepalive(const struct letter *letter)
{
	return letter->header.exchange == IKE_EXCHANGE_INFORMATIONAL && is_meant(letter) &&
	       !letter->broken && letter->notify.found &&
	       (letter->notify.type == IKE_NOTIFY_R_U_THERE ||
		letter->notify.type == IKE_NOTIFY_R_U_THERE_ACK);
}

static bool has_long_spi(const struct letter *letter, int detail)
{
	(void)detail;
	return is_keepalive(letter) && letter->notify.spi_size > 2 * IKE_COOKIE_LENGTH;
}

static bool has_no_spi(const struct letter *letter, int detail)
{
	(void)detail;
	return is_keepalive(letter) && letter->notify.spi_size == 0;
}

static bool has_other_cookies(const struct letter *letter, int detail)
{
	const struct letter_notify *notify = &letter->notify;

	(void)detail;
	return is_keepalive(letter) && letter->sa != NULL &&
	       notify->spi.length == 2 * IKE_COOKIE_LENGTH &&
	       (memcmp(notify->spi.data, letter->sa->cky_i, IKE_COOKIE_LENGTH) != 0 ||
		memcmp(notify->spi.data + IKE_COOKIE_LENGTH, letter->sa->cky_r,
		       IKE_COOKIE_LENGTH) != 0);
}

static bool has_short_data(const struct letter *letter, int detail)
{
	(void)detail;
	return is_keepalive(letter) && letter->notify.data.length < 4;
}

static bool has_long_data(const struct letter *letter, int detail)
{
	(void)detail;
	return is_keepalive(letter) && letter->notify.data.length > 4;
}

static bool is_clear_keepalive(const struct letter *letter, int type)
{
	return is_keepalive(letter) && !letter->opened.encrypted && letter->notify.type == type;
}

static bool is_clear_keepalive_of_nobody(const struct letter *letter, int type)
{
	return letter->sa == NULL && is_clear_keepalive(letter, type);
}

static bool has_more_after_delete(const struct letter *letter, int detail)
{
	(void)detail;
	for (size_t i = 0; is_meant(letter) && i + 1 < letter->payloads; i++)
		if (letter->payload[i].type == IKE_PAYLOAD_DELETE)
			return true;
	return false;
}

static bool has_delete_behind_notify(const struct letter *letter, int detail)
{
	const struct letter_payload *notify = letter_payload_find(letter, IKE_PAYLOAD_NOTIFY);
	const struct letter_payload *delete = letter_payload_find(letter, IKE_PAYLOAD_DELETE);

	(void)detail;
	return is_meant(letter) && notify != NULL && delete != NULL && notify < delete;
}

static bool has_bad_delete(const struct letter *letter, int detail)
{
	const struct letter_payload *payload = letter_payload_find(letter, IKE_PAYLOAD_DELETE);
	struct ike_delete delete;

	(void)detail;
	return is_meant(letter) && payload != NULL &&
	       ike_delete_parse(payload->body, &delete) != IKE_ACCEPTED;
}

/* ---- Phase 1 and 2 ------------------------------------------------------------------------------------------------- */

static bool is_phase_1(const struct letter *letter)
{
	return letter->header_verdict == IKE_ACCEPTED && letter->opened.open &&
	       ike_exchange_is_phase_1(letter->header.exchange);
}

/* 0 and 1: the shared secret is the same. */
static bool has_public_value_zero(const struct letter *letter, int detail)
{
	const struct letter_payload *payload = letter_payload_find(letter, IKE_PAYLOAD_KE);

	(void)detail;
	if (!is_phase_1(letter) || payload == NULL || payload->body.length == 0)
		return false;
	for (size_t i = 0; i + 1 < payload->body.length; i++)
		if (payload->body.data[i] != 0)
			return false;
	return payload->body.data[payload->body.length - 1] <= 1;
}

/* No group has one that is no multiple of four octets. */
static bool has_odd_public_value(const struct letter *letter, int detail)
{
	const struct letter_payload *payload = letter_payload_find(letter, IKE_PAYLOAD_KE);

	(void)detail;
	return is_phase_1(letter) && payload != NULL &&
	       (payload->body.length < 32 || payload->body.length % 4 != 0);
}

static bool has_bad_nonce(const struct letter *letter, int detail)
{
	const struct letter_payload *payload = letter_payload_find(letter, IKE_PAYLOAD_NONCE);

	(void)detail;
	return is_phase_1(letter) && payload != NULL &&
	       (payload->body.length < NONCE_LEAST || payload->body.length > NONCE_MOST);
}

static bool lacks_payload(const struct letter *letter, int detail)
{
	bool sa = letter_payload_find(letter, IKE_PAYLOAD_SA) != NULL;
	bool public_value = letter_payload_find(letter, IKE_PAYLOAD_KE) != NULL;
	bool nonce = letter_payload_find(letter, IKE_PAYLOAD_NONCE) != NULL;

	(void)detail;
	if (!is_phase_1(letter) || letter->opened.encrypted || letter->broken)
		return false;
	return ike_cookie_is_zero(letter->header.cky_r) ? !sa : !sa && public_value != nonce;
}

static bool has_certificate(const struct letter *letter, int detail)
{
	(void)detail;
	return is_phase_1(letter) && letter_payload_find(letter, IKE_PAYLOAD_CERT) != NULL;
}

static bool has_bad_proposal(const struct letter *letter, int detail)
{
	const struct letter_payload *payload = letter_payload_find(letter, IKE_PAYLOAD_SA);
	struct ike_offer offers[IKE_OFFERS_MAX];
	size_t count;

	(void)detail;
	return is_phase_1(letter) && payload != NULL &&
	       ike_offers_parse(payload->body, offers, IKE_OFFERS_MAX, &count) != IKE_ACCEPTED;
}

static bool is_flood(const struct letter *letter, int most)
{
	return letter_is_first(letter, 0) && letter->impair->first_messages >= (uint32_t)most;
}

/* A fragment is in the clear even where the header around it says that it is encrypted. */
static bool is_bad_fragment(const struct letter *letter, int detail)
{
	struct ike_payload payload;
	struct fragment fragment;
	struct wire_reader reader;
	uint8_t next;

	(void)detail;
	if (letter->header_verdict != IKE_ACCEPTED ||
	    letter->header.next_payload != IKE_PAYLOAD_FRAGMENT)
		return false;
	wire_read_from(&reader, octets_of(letter->parcel->data + IKE_HEADER_LENGTH,
					  letter->parcel->length - IKE_HEADER_LENGTH));
	return ike_payload_read(&reader, IKE_PAYLOAD_FRAGMENT, &payload, &next) != IKE_ACCEPTED ||
	       fragment_parse(payload.body, &fragment) != IKE_ACCEPTED;
}

static bool is_quick_mode(const struct letter *letter)
{
	return letter->header.exchange == IKE_EXCHANGE_QUICK_MODE &&
	       letter_is_protected(letter, 0) && letter->hash == MESSAGE_HASH_HOLDS;
}

static bool has_bad_selector(const struct letter *letter, int detail)
{
	const struct letter_payload *payload = letter_payload_find(letter, IKE_PAYLOAD_ID);

	(void)detail;
	return is_quick_mode(letter) && payload != NULL &&
	       payload->body.length < 2 * IDENTITY_FIXED;
}

static bool lacks_quick_mode_payload(const struct letter *letter, int detail)
{
	(void)detail;
	return is_quick_mode(letter) && (letter_payload_find(letter, IKE_PAYLOAD_SA) == NULL ||
					 letter_payload_find(letter, IKE_PAYLOAD_NONCE) == NULL);
}

/* clang-format off */
const struct impair_rule impair_death_rules[] = {
    {IMPAIR_DIES_OF_TINY_LENGTH,         RULE_IN, has_tiny_length, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_MAJOR_VERSION,       RULE_IN, has_header_verdict, RULE_DIE, NULL, IKE_BAD_MAJOR_VERSION},
    {IMPAIR_DIES_OF_FLAGS,               RULE_IN, has_header_verdict, RULE_DIE, NULL, IKE_BAD_FLAGS},
    {IMPAIR_DIES_OF_ZERO_COOKIE,         RULE_IN, has_header_verdict, RULE_DIE, NULL, IKE_ZERO_INITIATOR_COOKIE},
    {IMPAIR_DIES_OF_STRANGE_COOKIES,     RULE_IN, has_strange_cookies, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_UNKNOWN_EXCHANGE,    RULE_IN, has_unknown_exchange, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_TRANSACTION,         RULE_IN, has_exchange, RULE_DIE, NULL, IKE_EXCHANGE_TRANSACTION},
    {IMPAIR_DIES_OF_ODD_CIPHERTEXT,      RULE_IN, is_odd_ciphertext, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_ZERO_LENGTH_PAYLOAD, RULE_IN, has_payload_shorter_than_header, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_PAYLOAD_PAST_END,    RULE_IN, has_payload_past_end, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_RESERVED,            RULE_IN, has_reserved, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_UNKNOWN_PAYLOAD,     RULE_IN, has_unknown_payload, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_MANY_PAYLOADS,       RULE_IN, has_many_payloads, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_ODD_IDENTITY,        RULE_IN, has_odd_identity, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_EMPTY_HASH,          RULE_IN, has_empty_hash, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_LONG_SPI,            RULE_IN, has_long_spi, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_SPI_SIZE_0,          RULE_IN, has_no_spi, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_WRONG_COOKIES,       RULE_IN, has_other_cookies, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_SHORT_DATA,          RULE_IN, has_short_data, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_LONG_DATA,           RULE_IN, has_long_data, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_CLEAR_QUESTION_WITHOUT_SA, RULE_IN, is_clear_keepalive_of_nobody, RULE_DIE, NULL, IKE_NOTIFY_R_U_THERE},
    {IMPAIR_DIES_OF_CLEAR_ACK,           RULE_IN, is_clear_keepalive, RULE_DIE, NULL, IKE_NOTIFY_R_U_THERE_ACK},
    {IMPAIR_DIES_OF_TWO_DELETES,         RULE_IN, has_more_after_delete, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_NOTIFY_THEN_DELETE,  RULE_IN, has_delete_behind_notify, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_DELETE_COUNT,        RULE_IN, has_bad_delete, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_PUBLIC_VALUE_ZERO,   RULE_IN, has_public_value_zero, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_PUBLIC_VALUE_LENGTH, RULE_IN, has_odd_public_value, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_NONCE_LENGTH,        RULE_IN, has_bad_nonce, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_MISSING_PAYLOAD,     RULE_IN, lacks_payload, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_CERTIFICATE,         RULE_IN, has_certificate, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_BAD_PROPOSAL,        RULE_IN, has_bad_proposal, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_FLOOD,               RULE_IN, is_flood, RULE_DIE, NULL, FLOOD},
    {IMPAIR_DIES_OF_BAD_FRAGMENT,        RULE_IN, is_bad_fragment, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_QUICK_MODE_ID,       RULE_IN, has_bad_selector, RULE_DIE, NULL, 0},
    {IMPAIR_DIES_OF_QUICK_MODE_MISSING_PAYLOAD, RULE_IN, lacks_quick_mode_payload, RULE_DIE, NULL, 0},
    {.matches = NULL},
};
/* clang-format on */
