/* SPDX-License-Identifier: ISC */
/*
 * impair_number.c - other numbers in our questions than the core's (RFC 3706 section 6.2).  What the peer answers is put back, so
 * that the core finds its question answered.
 */
#include "interop/impair/impair_layer.h"

#define TOP_BIT 0x80000000u

static void ask_as(struct letter *letter, uint32_t number)
{
	struct impair_sa *sa = letter->sa;
	size_t at = sa->numbers++ % IMPAIR_NUMBERS;

	sa->sent[at].core = letter->notify.number;
	sa->sent[at].wire = number;
	sa->wire_number = number;
	edit_number(letter, number);
}

static bool is_first_question(const struct letter *letter)
{
	return letter->sa->questions == 1;
}

static void same_until_answered(struct letter *letter, int detail)
{
	(void)detail;
	ask_as(letter,
	       letter->sa->unanswered > 1 ? letter->sa->wire_number : letter->notify.number);
}

static void always_same(struct letter *letter, int detail)
{
	(void)detail;
	ask_as(letter, is_first_question(letter) ? letter->notify.number : letter->sa->wire_number);
}

static void in_steps_of(struct letter *letter, int step)
{
	ask_as(letter, is_first_question(letter) ? letter->notify.number
						 : letter->sa->wire_number + (uint32_t)step);
}

static void from_zero(struct letter *letter, int detail)
{
	(void)detail;
	ask_as(letter, letter->sa->questions - 1);
}

static void with_top_bit(struct letter *letter, int detail)
{
	(void)detail;
	ask_as(letter, letter->notify.number | TOP_BIT);
}

static void after_peers(struct letter *letter, int detail)
{
	(void)detail;
	ask_as(letter, letter->sa->asked ? letter->sa->number + 1 : letter->notify.number);
}

static void at_random(struct letter *letter, int detail)
{
	(void)detail;
	ask_as(letter, random_u32(&letter->impair->random));
}

/* The newest question with that number on the wire; NUMBERS: none is remembered. */
static size_t find(const struct impair_sa *sa, uint32_t wire)
{
	size_t known = sa->numbers < IMPAIR_NUMBERS ? sa->numbers : IMPAIR_NUMBERS;

	for (size_t i = 1; i <= known; i++) {
		size_t at = (sa->numbers - i) % IMPAIR_NUMBERS;

		if (sa->sent[at].wire == wire)
			return at;
	}
	return IMPAIR_NUMBERS;
}

static bool answers_ours(const struct letter *letter, int detail)
{
	return letter_is_ack(letter, detail) &&
	       find(letter->sa, letter->notify.number) < IMPAIR_NUMBERS;
}

static void put_back(struct letter *letter, int detail)
{
	(void)detail;
	edit_number(letter, letter->sa->sent[find(letter->sa, letter->notify.number)].core);
}

/* clang-format off */
const struct impair_rule impair_number_rules[] = {
    {IMPAIR_PROBE_SAME_NUMBER,     RULE_OUT, letter_is_question, RULE_EDIT, same_until_answered, 0},
    {IMPAIR_PROBE_SAME_NUMBER,     RULE_IN,  answers_ours,       RULE_EDIT, put_back, 0},
    {IMPAIR_PROBE_CONSTANT_NUMBER, RULE_OUT, letter_is_question, RULE_EDIT, always_same, 0},
    {IMPAIR_PROBE_CONSTANT_NUMBER, RULE_IN,  answers_ours,       RULE_EDIT, put_back, 0},
    {IMPAIR_PROBE_NUMBER_SKIPS,    RULE_OUT, letter_is_question, RULE_EDIT, in_steps_of, 2},
    {IMPAIR_PROBE_NUMBER_SKIPS,    RULE_IN,  answers_ours,       RULE_EDIT, put_back, 0},
    {IMPAIR_PROBE_NUMBER_FALLS,    RULE_OUT, letter_is_question, RULE_EDIT, in_steps_of, -1},
    {IMPAIR_PROBE_NUMBER_FALLS,    RULE_IN,  answers_ours,       RULE_EDIT, put_back, 0},
    {IMPAIR_PROBE_STARTS_AT_ZERO,  RULE_OUT, letter_is_question, RULE_EDIT, from_zero, 0},
    {IMPAIR_PROBE_STARTS_AT_ZERO,  RULE_IN,  answers_ours,       RULE_EDIT, put_back, 0},
    {IMPAIR_PROBE_TOP_BIT,         RULE_OUT, letter_is_question, RULE_EDIT, with_top_bit, 0},
    {IMPAIR_PROBE_TOP_BIT,         RULE_IN,  answers_ours,       RULE_EDIT, put_back, 0},
    {IMPAIR_PROBE_FOLLOWS_PEER,    RULE_OUT, letter_is_question, RULE_EDIT, after_peers, 0},
    {IMPAIR_PROBE_FOLLOWS_PEER,    RULE_IN,  answers_ours,       RULE_EDIT, put_back, 0},
    {IMPAIR_PROBE_NUMBER_RANDOM,   RULE_OUT, letter_is_question, RULE_EDIT, at_random, 0},
    {IMPAIR_PROBE_NUMBER_RANDOM,   RULE_IN,  answers_ours,       RULE_EDIT, put_back, 0},
    {.matches = NULL},
};
/* clang-format on */
