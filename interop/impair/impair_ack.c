/* SPDX-License-Identifier: ISC */
/*
 * impair_ack.c - R-U-THERE-ACKs that are wrong in form or come at the wrong time (RFC 3706 section 5.2, 5.3, 6.1).
 */
#include "interop/impair/impair_layer.h"

#define LATE_BY (10 * IKE_SECOND) /* longer than anybody waits for an answer */

/* ---- when, where to, how often ------------------------------------------------------------------------------------- */

static bool is_later_ack(const struct letter *letter, int detail)
{
	return letter_is_ack(letter, detail) && letter->sa->answers > 1;
}

static void late(struct letter *letter, int detail)
{
	(void)detail;
	letter->parcel->due = letter->now + LATE_BY;
}

static void other_port(struct letter *letter, int detail)
{
	(void)detail;
	letter->parcel->remote.port ^= 1;
}

/* clang-format off */
const struct impair_rule impair_ack_rules[] = {
    {IMPAIR_ACK_NEVER,              RULE_OUT, letter_is_ack, RULE_DROP, NULL, 0},
    {IMPAIR_ACK_ONLY_FIRST,         RULE_OUT, is_later_ack,  RULE_DROP, NULL, 0},
    {IMPAIR_ACK_DOI_ISAKMP,         RULE_OUT, letter_is_ack, RULE_EDIT, edit_doi, IKE_DOI_ISAKMP},
    {IMPAIR_ACK_DOI_UNKNOWN,        RULE_OUT, letter_is_ack, RULE_EDIT, edit_doi, 2},
    {IMPAIR_ACK_WRONG_PROTOCOL,     RULE_OUT, letter_is_ack, RULE_EDIT, edit_protocol, IKE_PROTOCOL_ESP},
    {IMPAIR_ACK_SPI_SIZE_0,         RULE_OUT, letter_is_ack, RULE_EDIT, edit_spi_size, 0},
    {IMPAIR_ACK_SPI_SIZE_8,         RULE_OUT, letter_is_ack, RULE_EDIT, edit_spi_size, 8},
    {IMPAIR_ACK_SPI_SIZE_17,        RULE_OUT, letter_is_ack, RULE_EDIT, edit_spi_size, 17},
    {IMPAIR_ACK_SWAPPED_COOKIES,    RULE_OUT, letter_is_ack, RULE_EDIT, edit_spi_cookies, 1},
    {IMPAIR_ACK_WRONG_COOKIES,      RULE_OUT, letter_is_ack, RULE_EDIT, edit_spi_cookies, 0},
    {IMPAIR_ACK_ECHOES_SPI,         RULE_OUT, letter_is_ack, RULE_EDIT, edit_spi_echoed, 0},
    {IMPAIR_ACK_WRONG_TYPE,         RULE_OUT, letter_is_ack, RULE_EDIT, edit_type, IKE_NOTIFY_R_U_THERE},
    {IMPAIR_ACK_DATA_0,             RULE_OUT, letter_is_ack, RULE_EDIT, edit_data_length, 0},
    {IMPAIR_ACK_DATA_3,             RULE_OUT, letter_is_ack, RULE_EDIT, edit_data_length, 3},
    {IMPAIR_ACK_DATA_8,             RULE_OUT, letter_is_ack, RULE_EDIT, edit_data_length, 8},
    {IMPAIR_ACK_WRONG_NUMBER,       RULE_OUT, letter_is_ack, RULE_EDIT, edit_number_plus, 1},
    {IMPAIR_ACK_CONSTANT_NUMBER,    RULE_OUT, letter_is_ack, RULE_EDIT, edit_number_of_first, 0},
    {IMPAIR_ACK_OWN_NUMBER,         RULE_OUT, letter_is_ack, RULE_EDIT, edit_number_of_its_own, 0},
    {IMPAIR_ACK_NUMBER_TURNED,      RULE_OUT, letter_is_ack, RULE_EDIT, edit_number_turned, 0},
    {IMPAIR_ACK_RESERVED_SET,       RULE_OUT, letter_is_ack, RULE_EDIT, edit_reserved, 0x80},
    {IMPAIR_ACK_PAYLOAD_TOO_LONG,   RULE_OUT, letter_is_ack, RULE_EDIT, edit_payload_length, 4},
    {IMPAIR_ACK_WITH_NOTIFY,        RULE_OUT, letter_is_ack, RULE_EDIT, edit_one_more_notify, IKE_NOTIFY_INITIAL_CONTACT},
    {IMPAIR_ACK_WITH_VENDOR_ID,     RULE_OUT, letter_is_ack, RULE_EDIT, edit_one_more_vendor_id, 0},
    {IMPAIR_ACK_MESSAGE_ID_REUSED,  RULE_OUT, letter_is_ack, RULE_EDIT, edit_id_of_question, 0},
    {IMPAIR_ACK_MESSAGE_ID_ZERO,    RULE_OUT, letter_is_ack, RULE_EDIT, edit_id_zero, 0},
    {IMPAIR_ACK_MESSAGE_ID_SAME,    RULE_OUT, letter_is_ack, RULE_EDIT, edit_id_of_first, 0},
    {IMPAIR_ACK_WRONG_HASH,         RULE_OUT, letter_is_ack, RULE_EDIT, edit_hash, MESSAGE_HASH_WRONG},
    {IMPAIR_ACK_SHORT_HASH,         RULE_OUT, letter_is_ack, RULE_EDIT, edit_hash, MESSAGE_HASH_SHORT},
    {IMPAIR_ACK_HASH_LAST,          RULE_OUT, letter_is_ack, RULE_EDIT, edit_hash, MESSAGE_HASH_LAST},
    {IMPAIR_ACK_HASH_WITH_PADDING,  RULE_OUT, letter_is_ack, RULE_EDIT, edit_hash, MESSAGE_HASH_WITH_PADDING},
    {IMPAIR_ACK_WITHOUT_HASH,       RULE_OUT, letter_is_ack, RULE_EDIT, edit_protection, MESSAGE_WITHOUT_HASH},
    {IMPAIR_ACK_CLEAR,              RULE_OUT, letter_is_ack, RULE_EDIT, edit_protection, MESSAGE_CLEAR},
    {IMPAIR_ACK_CLEAR_HASH,         RULE_OUT, letter_is_ack, RULE_EDIT, edit_protection, MESSAGE_CLEAR_HASH},
    {IMPAIR_ACK_IV_CONTINUED,       RULE_OUT, letter_is_ack, RULE_EDIT, edit_iv, MESSAGE_IV_CONTINUED},
    {IMPAIR_ACK_IV_OF_PHASE_1,      RULE_OUT, letter_is_ack, RULE_EDIT, edit_iv, MESSAGE_IV_OF_PHASE_1},
    {IMPAIR_ACK_PADDING_RANDOM,     RULE_OUT, letter_is_ack, RULE_EDIT, edit_padding, MESSAGE_PADDING_RANDOM},
    {IMPAIR_ACK_PADDING_MISSING,    RULE_OUT, letter_is_ack, RULE_EDIT, edit_padding, MESSAGE_PADDING_MISSING},
    {IMPAIR_ACK_COMMIT_FLAG,        RULE_OUT, letter_is_ack, RULE_EDIT, edit_flags, IKE_FLAG_COMMIT},
    {IMPAIR_ACK_MINOR_VERSION,      RULE_OUT, letter_is_ack, RULE_EDIT, edit_version, 0x11},
    {IMPAIR_ACK_WRONG_LENGTH,       RULE_OUT, letter_is_ack, RULE_EDIT, edit_header_length, 4},
    {IMPAIR_ACK_WRONG_EXCHANGE,     RULE_OUT, letter_is_ack, RULE_EDIT, edit_exchange, IKE_EXCHANGE_TRANSACTION},
    {IMPAIR_ACK_TWICE,              RULE_OUT, letter_is_ack, RULE_DO, impair_do_again, 0},
    {IMPAIR_ACK_TWICE_ANEW,         RULE_OUT, letter_is_ack, RULE_DO, impair_do_answer, 0},
    {IMPAIR_ACK_LATE,               RULE_OUT, letter_is_ack, RULE_DO, late, 0},
    {IMPAIR_ACK_OTHER_PORT,         RULE_OUT, letter_is_ack, RULE_DO, other_port, 0},
    {.matches = NULL},
};
/* clang-format on */
