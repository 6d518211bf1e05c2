/* SPDX-License-Identifier: ISC */
/*
 * impair_accept.c - believing what is not protected as it must be (RFC 3706 section 5.2, RFC 2409 section 5.7 and appendix B): it is
 * put right, so that the core believes it.
 */
#include <string.h>

#include "ike/address.h"
#include "ike/protect.h"
#include "interop/impair/impair_layer.h"

/* ---- HASH(1) ------------------------------------------------------------------------------------------------------- */

static bool is_opened(const struct letter *letter)
{
	return letter->header.exchange == IKE_EXCHANGE_INFORMATIONAL &&
	       letter_is_protected(letter, 0) && letter->whole && !letter->broken;
}

static bool has_no_hash(const struct letter *letter, int detail)
{
	(void)detail;
	return is_opened(letter) && letter_payload_find(letter, IKE_PAYLOAD_HASH) == NULL;
}

/* Of the right length, but not the right one. */
static bool has_wrong_hash(const struct letter *letter, int detail)
{
	(void)detail;
	return is_opened(letter) && letter->hash == MESSAGE_HASH_FAILS &&
	       letter->payload[0].body.length == letter->sa->keys.skeyid_length;
}

/* Exactly what is made when HASH is made like that. */
static bool is_made_with(const struct letter *letter, int hash)
{
	uint8_t data[IKE_DATAGRAM_MAX], plain[IKE_DATAGRAM_MAX];
	struct message message;
	size_t plain_length;

	if (!is_opened(letter) || letter->hash == MESSAGE_HASH_HOLDS)
		return false;
	message = letter->message;
	message.protection = MESSAGE_PROTECTED;
	message.hash = (enum message_hash)hash;
	if (message_seal(&message, letter->impair->crypto, &letter->impair->random, data, plain,
			 sizeof(data), &plain_length) == 0)
		return false;
	return plain_length == letter->opened.plain_length &&
	       memcmp(plain + IKE_HEADER_LENGTH, letter->opened.plain + IKE_HEADER_LENGTH,
		      plain_length - IKE_HEADER_LENGTH) == 0;
}

/* ---- in the clear, under the cookies of an SA ---------------------------------------------------------------------- */

/* ---- the message ID ------------------------------------------------------------------------------------------------ */

static bool has_id_zero(const struct letter *letter, int detail)
{
	return letter_is_valid(letter, detail) && letter->header.message_id == 0;
}

static bool has_reused_id(const struct letter *letter, int detail)
{
	return letter_is_valid(letter, detail) &&
	       impair_knows_id(&letter->sa->came, letter->header.message_id);
}

static bool is_reflected(const struct letter *letter, int detail)
{
	return letter_is_valid(letter, detail) &&
	       impair_knows_id(&letter->sa->went, letter->header.message_id);
}

/* A question is answered here: the core would know its number again. */
static void take_again(struct letter *letter, int detail)
{
	if (letter_is_question(letter, detail)) {
		impair_send_keepalive(letter->impair, letter->now, letter->sa,
				      IKE_NOTIFY_R_U_THERE_ACK, letter->notify.number);
		letter->gone = true;
	} else if (letter->whole) {
		letter_repair(letter);
		letter_seal(letter);
	}
}

/* ---- the IV -------------------------------------------------------------------------------------------------------- */

static bool is_garbled(const struct letter *letter, int detail)
{
	(void)detail;
	return letter->header.exchange == IKE_EXCHANGE_INFORMATIONAL &&
	       letter->header_verdict == IKE_ACCEPTED && letter->sa != NULL &&
	       letter->opened.encrypted && letter->hash != MESSAGE_HASH_HOLDS;
}

static bool opens_from(struct letter *letter, const uint8_t iv[CIPHER_MAX_BLOCK])
{
	message_open_from(letter->impair->crypto, &letter->sa->keys,
			  octets_of(letter->parcel->data, letter->parcel->length), iv,
			  &letter->opened);
	letter_read_on(letter);
	return letter_is_valid(letter, 0) && letter->whole;
}

static void try_other_ivs(struct letter *letter, int detail)
{
	static const uint8_t zero[CIPHER_MAX_BLOCK];
	const struct ike_keys *keys = &letter->sa->keys;
	uint8_t other[CIPHER_MAX_BLOCK];

	(void)detail;
	protect_iv_message(letter->impair->crypto, keys->hash, keys->cipher, keys->last_block,
			   letter->header.message_id ^ 1, other);
	if (opens_from(letter, keys->last_block) || opens_from(letter, zero) ||
	    opens_from(letter, letter->sa->question_iv) || opens_from(letter, other)) {
		letter_repair(letter);
		letter_seal(letter);
	} else {
		letter_read(letter);
	}
}

/* ---- the header, which HASH(1) does not cover, and the address ----------------------------------------------------- */

static bool is_right_but_for_header(const struct letter *letter, enum ike_verdict verdict)
{
	return letter->header_verdict == verdict && letter_is_protected(letter, 0) &&
	       letter->hash == MESSAGE_HASH_HOLDS;
}

static bool has_bad_flags(const struct letter *letter, int detail)
{
	(void)detail;
	return is_right_but_for_header(letter, IKE_BAD_FLAGS) ||
	       (letter_is_valid(letter, 0) && letter->header.flags != IKE_FLAG_ENCRYPTION);
}

static bool has_bad_version(const struct letter *letter, int detail)
{
	(void)detail;
	return is_right_but_for_header(letter, IKE_BAD_MINOR_VERSION) ||
	       is_right_but_for_header(letter, IKE_BAD_MAJOR_VERSION);
}

static bool has_wrong_length(const struct letter *letter, int detail)
{
	(void)detail;
	return is_right_but_for_header(letter, IKE_UNEQUAL_LENGTHS);
}

static bool is_of_other_exchange(const struct letter *letter, int detail)
{
	(void)detail;
	return letter->header.exchange != IKE_EXCHANGE_INFORMATIONAL &&
	       is_right_but_for_header(letter, IKE_ACCEPTED) &&
	       (letter->notify.found || letter_payload_find(letter, IKE_PAYLOAD_DELETE) != NULL) &&
	       letter_payload_find(letter, IKE_PAYLOAD_SA) == NULL;
}

/* The SA that is meant, whatever the responder's cookie is; NULL: there is none. */
static const struct impair_sa *sa_of_initiator(const struct letter *letter)
{
	for (size_t i = 0; i < IMPAIR_SAS; i++)
		if (letter->impair->sa[i].used &&
		    memcmp(letter->impair->sa[i].cky_i, letter->header.cky_i, IKE_COOKIE_LENGTH) ==
			0)
			return &letter->impair->sa[i];
	return NULL;
}

static bool is_of_initiator(const struct letter *letter, int detail)
{
	(void)detail;
	return letter->sa == NULL && letter->header_verdict == IKE_ACCEPTED &&
	       letter->header.exchange == IKE_EXCHANGE_INFORMATIONAL &&
	       sa_of_initiator(letter) != NULL;
}

/* The cookies are not in the IV, nor in HASH(1). */
static void of_that_sa(struct letter *letter, int detail)
{
	struct parcel *parcel = letter->parcel;
	struct wire_writer writer = {
	    .start = parcel->data, .length = parcel->length, .room = sizeof(parcel->data)};

	(void)detail;
	wire_patch_octets(&writer, IKE_COOKIE_LENGTH,
			  octets_of(sa_of_initiator(letter)->cky_r, IKE_COOKIE_LENGTH));
	letter_read(letter);
}

/* ---- ACKs ---------------------------------------------------------------------------------------------------------- */

static bool is_other_ack(const struct letter *letter, int detail)
{
	return letter_is_ack(letter, detail) && letter->sa->questions > 0 &&
	       letter->notify.number != letter->sa->core_number;
}

static bool is_replayed_ack(const struct letter *letter, int detail)
{
	return letter_is_ack(letter, detail) && letter->sa->questions > 0 &&
	       has_reused_id(letter, detail);
}

static void of_our_question(struct letter *letter, int detail)
{
	(void)detail;
	letter->message.payloads = letter->message.length = 0;
	message_add_keepalive(&letter->message, IKE_NOTIFY_R_U_THERE_ACK, letter->sa->core_number);
}

/* clang-format off */
const struct impair_rule impair_accept_rules[] = {
    {IMPAIR_ACCEPTS_INITIATOR_COOKIE, RULE_IN, is_of_initiator, RULE_DO, of_that_sa, 0},
    {IMPAIR_ACCEPTS_ANY_FLAGS,        RULE_IN, has_bad_flags, RULE_REPAIR, NULL, 0},
    {IMPAIR_ACCEPTS_ANY_VERSION,      RULE_IN, has_bad_version, RULE_REPAIR, NULL, 0},
    {IMPAIR_ACCEPTS_WRONG_LENGTH,     RULE_IN, has_wrong_length, RULE_REPAIR, NULL, 0},
    {IMPAIR_ACCEPTS_ANY_EXCHANGE,     RULE_IN, is_of_other_exchange, RULE_REPAIR, NULL, 0},
    {IMPAIR_ACCEPTS_CLEAR_QUESTION,   RULE_IN, letter_is_clear_notify_of_sa, RULE_REPAIR, NULL, IKE_NOTIFY_R_U_THERE},
    {IMPAIR_ACCEPTS_CLEAR_ACK,        RULE_IN, letter_is_clear_notify_of_sa, RULE_REPAIR, NULL, IKE_NOTIFY_R_U_THERE_ACK},
    {IMPAIR_ACCEPTS_WRONG_IV,         RULE_IN, is_garbled, RULE_DO, try_other_ivs, 0},
    {IMPAIR_ACCEPTS_MISSING_HASH,     RULE_IN, has_no_hash, RULE_REPAIR, NULL, 0},
    {IMPAIR_ACCEPTS_WRONG_HASH,       RULE_IN, has_wrong_hash, RULE_REPAIR, NULL, 0},
    {IMPAIR_ACCEPTS_SHORT_HASH,       RULE_IN, is_made_with, RULE_REPAIR, NULL, MESSAGE_HASH_SHORT},
    {IMPAIR_ACCEPTS_EMPTY_HASH,       RULE_IN, is_made_with, RULE_REPAIR, NULL, MESSAGE_HASH_EMPTY},
    {IMPAIR_ACCEPTS_HASH_OF_FIRST,    RULE_IN, is_made_with, RULE_REPAIR, NULL, MESSAGE_HASH_OF_FIRST},
    {IMPAIR_ACCEPTS_HASH_WITHOUT_ID,  RULE_IN, is_made_with, RULE_REPAIR, NULL, MESSAGE_HASH_WITHOUT_MESSAGE_ID},
    {IMPAIR_ACCEPTS_HASH_LAST,        RULE_IN, is_made_with, RULE_REPAIR, NULL, MESSAGE_HASH_LAST},
    {IMPAIR_ACCEPTS_MESSAGE_ID_ZERO,  RULE_IN, has_id_zero, RULE_REPAIR, NULL, 0},
    {IMPAIR_BELIEVES_REPLAYED_ACK,    RULE_IN, is_replayed_ack, RULE_REPAIR, of_our_question, 0},
    {IMPAIR_ACCEPTS_REUSED_MESSAGE_ID, RULE_IN, has_reused_id, RULE_DO, take_again, 0},
    {IMPAIR_ACCEPTS_REFLECTED,        RULE_IN, is_reflected, RULE_DO, take_again, 0},
    {IMPAIR_BELIEVES_ANY_ACK,         RULE_IN, is_other_ack, RULE_REPAIR, of_our_question, 0},
    {IMPAIR_ANSWERS_ACKS,             RULE_IN, letter_is_ack, RULE_DO, impair_do_answer, 0},
    {.matches = NULL},
};
/* clang-format on */
