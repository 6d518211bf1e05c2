/* SPDX-License-Identifier: ISC */
/*
 * impair_probe.c - asking R-U-THERE wrongly, too often, too seldom, and drawing the wrong conclusion (RFC 3706 section 5.3 to 5.5).
 */
#include "interop/impair/impair_layer.h"

#define FLOOD 12 /* questions more for each */

static bool is_retry(const struct letter *letter, int detail)
{
	return letter_is_question(letter, detail) && letter->sa->unanswered > 1;
}

static bool is_hint(const struct letter *letter, int detail)
{
	(void)detail;
	return letter->sa != NULL && (letter_is_clear_notify(letter, IKE_NOTIFY_INVALID_COOKIE) ||
				      letter_is_clear_notify(letter, IKE_NOTIFY_INVALID_SPI));
}

static bool comes_back(const struct letter *letter, int detail)
{
	return letter_is_first(letter, detail) && letter->impair->gave_up;
}

static void id_of_round(struct letter *letter, int detail)
{
	(void)detail;
	if (letter->sa->unanswered == 1)
		letter->sa->question_sent_id = letter->header.message_id;
	letter->message.header.message_id = letter->sa->question_sent_id;
}

/* The core hears an answer that nobody gave. */
static void imagine_answer(struct letter *letter, int lost)
{
	struct message message;

	impair_begin(letter->impair, letter->sa, &message);
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE_ACK, letter->sa->core_number);
	impair_give(letter->impair, letter->now, letter->sa, &message);
	letter->gone = lost != 0;
}

static void flood(struct letter *letter, int detail)
{
	(void)detail;
	for (uint32_t i = 1; i <= FLOOD; i++)
		impair_send_keepalive(letter->impair, letter->now, letter->sa, IKE_NOTIFY_R_U_THERE,
				      letter->notify.number + i);
}

static void ask_back(struct letter *letter, int detail)
{
	(void)detail;
	impair_send_keepalive(letter->impair, letter->now, letter->sa, IKE_NOTIFY_R_U_THERE,
			      random_u32(&letter->impair->random) >> 1);
}

/* In place of the second question. */
static void give_up(struct letter *letter, int detail)
{
	struct message message;

	(void)detail;
	impair_begin(letter->impair, letter->sa, &message);
	message_add_delete(&message);
	impair_send(letter->impair, letter->now, letter->sa, &message);
	impair_kill(letter->impair, letter->now, letter->sa);
	letter->gone = true;
}

/* clang-format off */
const struct impair_rule impair_probe_rules[] = {
    {IMPAIR_PROBE_NEVER,               RULE_OUT, letter_is_question, RULE_DO, imagine_answer, 1},
    {IMPAIR_PROBE_ONCE,                RULE_OUT, is_retry,           RULE_DROP, NULL, 0},
    {IMPAIR_NEVER_GIVES_UP,            RULE_OUT, letter_is_question, RULE_DO, imagine_answer, 0},
    {IMPAIR_GIVES_UP_AFTER_ONE,        RULE_OUT, is_retry,           RULE_DO, give_up, 0},
    {IMPAIR_NEVER_COMES_BACK,          RULE_OUT, comes_back,         RULE_DROP, NULL, 0},
    {IMPAIR_PROBE_FLOOD,               RULE_OUT, letter_is_question, RULE_DO, flood, 0},
    {IMPAIR_PROBE_IN_SPITE_OF_TRAFFIC, RULE_IN,  letter_is_question, RULE_DO, ask_back, 0},
    {IMPAIR_PROBE_AT_EVERY_HINT,       RULE_IN,  is_hint,            RULE_DO, ask_back, 0},
    {IMPAIR_PROBE_MESSAGE_ID_REUSED,   RULE_OUT, letter_is_question, RULE_EDIT, id_of_round, 0},
    {IMPAIR_PROBE_MESSAGE_ID_ZERO,     RULE_OUT, letter_is_question, RULE_EDIT, edit_id_zero, 0},
    {IMPAIR_PROBE_WRONG_DOI,           RULE_OUT, letter_is_question, RULE_EDIT, edit_doi, 2},
    {IMPAIR_PROBE_SPI_SIZE_0,          RULE_OUT, letter_is_question, RULE_EDIT, edit_spi_size, 0},
    {IMPAIR_PROBE_SWAPPED_COOKIES,     RULE_OUT, letter_is_question, RULE_EDIT, edit_spi_cookies, 1},
    {IMPAIR_PROBE_DATA_8,              RULE_OUT, letter_is_question, RULE_EDIT, edit_data_length, 8},
    {IMPAIR_PROBE_WRONG_HASH,          RULE_OUT, letter_is_question, RULE_EDIT, edit_hash, MESSAGE_HASH_WRONG},
    {IMPAIR_PROBE_WITHOUT_HASH,        RULE_OUT, letter_is_question, RULE_EDIT, edit_protection, MESSAGE_WITHOUT_HASH},
    {IMPAIR_PROBE_CLEAR,               RULE_OUT, letter_is_question, RULE_EDIT, edit_protection, MESSAGE_CLEAR},
    {.matches = NULL},
};
/* clang-format on */
