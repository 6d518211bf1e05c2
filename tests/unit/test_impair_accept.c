/* SPDX-License-Identifier: ISC */
/*
 * test_impair_accept.c - each message is refused by a node that is not impaired, and believed by one that is; and by no other
 * impairment of the kind.
 */
#include <string.h>

#include "ike/wire.h"
#include "tests/support/impaired.h"
#include "tests/support/unit.h"

static struct impaired *impaired;
static struct message message;

static void begin(enum impairment impairment)
{
	impaired = impaired_new(impairment);
	impaired_up(impaired);
	impaired_begin(impaired, &message);
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE, 1000);
}

/* ---- questions that are spoiled in one way ------------------------------------------------------------------------- */

static void clear(void)
{
	message.protection = MESSAGE_CLEAR;
}

static void missing_hash(void)
{
	message.protection = MESSAGE_WITHOUT_HASH;
}

static void wrong_hash(void)
{
	message.hash = MESSAGE_HASH_WRONG;
}

static void short_hash(void)
{
	message.hash = MESSAGE_HASH_SHORT;
}

static void empty_hash(void)
{
	message.hash = MESSAGE_HASH_EMPTY;
}

static void hash_without_id(void)
{
	message.hash = MESSAGE_HASH_WITHOUT_MESSAGE_ID;
}

static void hash_last(void)
{
	message.hash = MESSAGE_HASH_LAST;
}

static void message_id_zero(void)
{
	message.header.message_id = 0;
}

static void iv_of_phase_1(void)
{
	message.iv = MESSAGE_IV_OF_PHASE_1;
}

static void iv_zero(void)
{
	message.iv = MESSAGE_IV_ZERO;
}

static void iv_other(void)
{
	message.iv = MESSAGE_IV_OTHER_ID;
}

static void commit_flag(void)
{
	message.more_flags = IKE_FLAG_COMMIT;
}

static void unknown_flag(void)
{
	message.more_flags = 0x40;
}

static void minor_version(void)
{
	message.header.version = 0x11;
}

static void major_version(void)
{
	message.header.version = 0x20;
}

static void length_too_small(void)
{
	message.wrong_length = 4;
}

static void other_responder_cookie(void)
{
	message.header.cky_r[3] ^= 1;
}

static void transaction(void)
{
	message.header.exchange = IKE_EXCHANGE_TRANSACTION;
}

static void hash_of_first(void)
{
	message_add_isakmp_notify(&message, 40000);
	message.hash = MESSAGE_HASH_OF_FIRST;
}

static const struct {
	enum impairment impairment;
	void (*spoil)(void);
} questions[] = {
    {IMPAIR_ACCEPTS_CLEAR_QUESTION, clear},
    {IMPAIR_ACCEPTS_MISSING_HASH, missing_hash},
    {IMPAIR_ACCEPTS_WRONG_HASH, wrong_hash},
    {IMPAIR_ACCEPTS_SHORT_HASH, short_hash},
    {IMPAIR_ACCEPTS_EMPTY_HASH, empty_hash},
    {IMPAIR_ACCEPTS_HASH_WITHOUT_ID, hash_without_id},
    {IMPAIR_ACCEPTS_HASH_LAST, hash_last},
    {IMPAIR_ACCEPTS_HASH_OF_FIRST, hash_of_first},
    {IMPAIR_ACCEPTS_MESSAGE_ID_ZERO, message_id_zero},
    {IMPAIR_ACCEPTS_WRONG_IV, iv_of_phase_1},
    {IMPAIR_ACCEPTS_WRONG_IV, iv_zero},
    {IMPAIR_ACCEPTS_WRONG_IV, iv_other},
    {IMPAIR_ACCEPTS_ANY_FLAGS, commit_flag},
    {IMPAIR_ACCEPTS_ANY_FLAGS, unknown_flag},
    {IMPAIR_ACCEPTS_ANY_VERSION, minor_version},
    {IMPAIR_ACCEPTS_ANY_VERSION, major_version},
    {IMPAIR_ACCEPTS_WRONG_LENGTH, length_too_small},
    {IMPAIR_ACCEPTS_ANY_EXCHANGE, transaction},
    {IMPAIR_ACCEPTS_INITIATOR_COOKIE, other_responder_cookie},
};

#define QUESTIONS (sizeof(questions) / sizeof(questions[0]))

static size_t answers(enum impairment impairment, void (*spoil)(void))
{
	size_t count;

	begin(impairment);
	spoil();
	impaired_send(impaired, &message);
	count = impaired_acks(impaired, 1000);
	/* whatever it was, the SA is none the worse for it */
	impaired_ask(impaired, 1001);
	ck_assert_uint_eq(impaired_acks(impaired, 1001), 1);
	impaired_free(impaired);
	return count;
}

START_TEST(refused_unless_impaired)
{
	for (size_t i = 0; i < QUESTIONS; i++) {
		ck_assert_uint_eq(answers(IMPAIRED_NONE, questions[i].spoil), 0);
		ck_assert_msg(answers(questions[i].impairment, questions[i].spoil) == 1, "%s",
			      impairment_name(questions[i].impairment));
	}
}
END_TEST

/* A wrong HASH of the right length is a wrong HASH however it was made. */
static bool is_a_case_of(enum impairment one, enum impairment other)
{
	return other == IMPAIR_ACCEPTS_WRONG_HASH &&
	       (one == IMPAIR_ACCEPTS_HASH_WITHOUT_ID || one == IMPAIR_ACCEPTS_HASH_OF_FIRST);
}

START_TEST(believed_by_no_other_impairment)
{
	for (size_t i = 0; i < QUESTIONS; i++)
		for (size_t k = 0; k < QUESTIONS; k++)
			if (questions[i].impairment != questions[k].impairment &&
			    !is_a_case_of(questions[i].impairment, questions[k].impairment))
				ck_assert_msg(
				    answers(questions[k].impairment, questions[i].spoil) == 0,
				    "%s by %s", impairment_name(questions[i].impairment),
				    impairment_name(questions[k].impairment));
}
END_TEST

/* ---- what came before ---------------------------------------------------------------------------------------------- */

static void replayed(enum impairment impairment, size_t wanted)
{
	begin(impairment);
	impaired_send(impaired, &message);
	impaired_send(impaired, &message);
	impaired_send(impaired, &message);
	ck_assert_uint_eq(impaired_acks(impaired, 1000), wanted);
	impaired_free(impaired);
}

START_TEST(questions_replayed)
{
	replayed(IMPAIRED_NONE, 1);
	replayed(IMPAIR_ACCEPTS_REUSED_MESSAGE_ID, 3);
}
END_TEST

static void own_question_comes_back(enum impairment impairment, size_t wanted)
{
	const struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW};
	const struct wire *wire;
	struct ike_notify notify;
	size_t at;

	begin(impairment);
	impaired->deaf = true;
	ck_assert(ike_command(impaired->duo->core[DUO_B], impaired->duo->now, &ask));
	at = impaired->wires;
	impaired_run(impaired, IKE_SECOND / 10);
	ck_assert(opened_notify(impaired_next(impaired, &at), IKE_NOTIFY_R_U_THERE, &notify));
	wire = &impaired->wire[at - 1];
	impaired_send_octets(impaired, wire->data, wire->length, NULL);
	ck_assert_uint_eq(impaired_notifies(impaired, at, IKE_NOTIFY_R_U_THERE_ACK), wanted);
	impaired_free(impaired);
}

START_TEST(reflected)
{
	own_question_comes_back(IMPAIRED_NONE, 0);
	own_question_comes_back(IMPAIR_ACCEPTS_REUSED_MESSAGE_ID, 0);
	own_question_comes_back(IMPAIR_ACCEPTS_REFLECTED, 1);
}
END_TEST

/* ---- ACKs ---------------------------------------------------------------------------------------------------------- */

/* B asks, and hears only this; whether it believes it. */
static size_t believes(enum impairment impairment, int plus, bool in_the_clear)
{
	const struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW};
	struct ike_notify notify;
	uint32_t number;
	size_t at, count;

	begin(impairment);
	impaired->deaf = true;
	ck_assert(ike_command(impaired->duo->core[DUO_B], impaired->duo->now, &ask));
	at = impaired->wires;
	impaired_run(impaired, IKE_SECOND / 10);
	ck_assert(opened_notify(impaired_next(impaired, &at), IKE_NOTIFY_R_U_THERE, &notify));
	number = wire_u32_at(notify.data.data);
	impaired_begin(impaired, &message);
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE_ACK, number + (uint32_t)plus);
	if (in_the_clear)
		message.protection = MESSAGE_CLEAR;
	impaired_send(impaired, &message);
	count = duo_count_reports(impaired->duo, DUO_B, IKE_REPORT_ALIVE);
	impaired_free(impaired);
	return count;
}

START_TEST(acks_believed)
{
	ck_assert_uint_eq(believes(IMPAIRED_NONE, 0, false), 1);
	ck_assert_uint_eq(believes(IMPAIRED_NONE, 1, false), 0);
	ck_assert_uint_eq(believes(IMPAIRED_NONE, 0, true), 0);
	ck_assert_uint_eq(believes(IMPAIR_BELIEVES_ANY_ACK, 1, false), 1);
	ck_assert_uint_eq(believes(IMPAIR_BELIEVES_ANY_ACK, 0, true), 0);
	ck_assert_uint_eq(believes(IMPAIR_ACCEPTS_CLEAR_ACK, 0, true), 1);
	ck_assert_uint_eq(believes(IMPAIR_ACCEPTS_CLEAR_ACK, 1, true), 0);
}
END_TEST

/* The answer to the first question, again after the second. */
static size_t believes_again(enum impairment impairment)
{
	const struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW};
	struct wire *answer = NULL;
	size_t count;

	begin(impairment);
	ck_assert(ike_command(impaired->duo->core[DUO_B], impaired->duo->now, &ask));
	impaired_run(impaired, IKE_SECOND / 10);
	for (size_t i = 0; i < impaired->wires; i++)
		if (!impaired->wire[i].from_impaired)
			answer = &impaired->wire[i];
	if (answer == NULL)
		ck_abort_msg("A has sent nothing");
	ck_assert_uint_eq(duo_count_reports(impaired->duo, DUO_B, IKE_REPORT_ALIVE), 1);
	impaired->deaf = true;
	ck_assert(ike_command(impaired->duo->core[DUO_B], impaired->duo->now, &ask));
	impaired_run(impaired, IKE_SECOND / 10);
	impaired_send_octets(impaired, answer->data, answer->length, NULL);
	count = duo_count_reports(impaired->duo, DUO_B, IKE_REPORT_ALIVE);
	impaired_free(impaired);
	return count;
}

START_TEST(acks_replayed)
{
	ck_assert_uint_eq(believes_again(IMPAIRED_NONE), 1);
	ck_assert_uint_eq(believes_again(IMPAIR_BELIEVES_REPLAYED_ACK), 2);
}
END_TEST

START_TEST(acks_answered)
{
	for (int impairing = 0; impairing < 2; impairing++) {
		begin(impairing ? IMPAIR_ANSWERS_ACKS : IMPAIRED_NONE);
		impaired_begin(impaired, &message);
		message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE_ACK, 1000);
		impaired_send(impaired, &message);
		ck_assert_uint_eq(impaired_acks(impaired, 1000), impairing);
		impaired_free(impaired);
	}
}
END_TEST

UNIT_MAIN("impair_accept", refused_unless_impaired, believed_by_no_other_impairment,
	  questions_replayed, reflected, acks_believed, acks_replayed, acks_answered)
