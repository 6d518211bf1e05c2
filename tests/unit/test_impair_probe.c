/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "tests/support/impaired.h"
#include "tests/support/unit.h"

static struct impaired *impaired;
static size_t silent_at;

/* B has an SA with A, which falls silent; and then so much time passes. */
static void silence(enum impairment impairment, ike_time duration)
{
	impaired = impaired_new(impairment);
	impaired_up(impaired);
	impaired->deaf = true;
	silent_at = impaired->wires;
	impaired_run(impaired, duration);
}

static size_t questions(void)
{
	return impaired_notifies(impaired, silent_at, IKE_NOTIFY_R_U_THERE);
}

static size_t dead(void)
{
	return duo_count_reports(impaired->duo, DUO_B, IKE_REPORT_DEAD);
}

static size_t calls_after_death(void)
{
	size_t count = 0;

	for (size_t i = silent_at; i < impaired->wires; i++)
		count += impaired->wire[i].from_impaired &&
			 impaired->wire[i].data[18] == IKE_EXCHANGE_MAIN_MODE;
	return count;
}

#define LONG_ENOUGH (120 * IKE_SECOND)

START_TEST(not_impaired)
{
	silence(IMPAIRED_NONE, LONG_ENOUGH);
	ck_assert_uint_gt(questions(), 2);
	ck_assert_uint_lt(questions(), 30);
	ck_assert_uint_eq(dead(), 1);
	ck_assert_uint_eq(impaired_deletes(impaired, silent_at), 1);
	ck_assert_uint_gt(calls_after_death(), 0);
	impaired_free(impaired);
}
END_TEST

START_TEST(how_often)
{
	size_t usual;

	silence(IMPAIRED_NONE, LONG_ENOUGH);
	usual = questions();
	impaired_free(impaired);
	silence(IMPAIR_PROBE_NEVER, LONG_ENOUGH);
	ck_assert_uint_eq(questions(), 0);
	ck_assert_uint_eq(dead(), 0);
	impaired_free(impaired);
	silence(IMPAIR_PROBE_ONCE, LONG_ENOUGH);
	ck_assert_uint_eq(questions(), 1);
	ck_assert_uint_eq(dead(), 1);
	impaired_free(impaired);
	silence(IMPAIR_PROBE_FLOOD, LONG_ENOUGH);
	ck_assert_uint_eq(questions(), 13 * usual);
	impaired_free(impaired);
}
END_TEST

START_TEST(giving_up)
{
	silence(IMPAIR_NEVER_GIVES_UP, 20 * LONG_ENOUGH);
	ck_assert_uint_gt(questions(), 20);
	ck_assert_uint_eq(dead(), 0);
	ck_assert_uint_eq(impaired_sas(impaired), 1);
	impaired_free(impaired);
	silence(IMPAIR_GIVES_UP_AFTER_ONE, LONG_ENOUGH);
	ck_assert_uint_eq(questions(), 1);
	ck_assert_uint_eq(impaired_deletes(impaired, silent_at), 1);
	ck_assert_uint_eq(impaired_sas(impaired), 0);
	impaired_free(impaired);
	silence(IMPAIR_NEVER_COMES_BACK, LONG_ENOUGH);
	ck_assert_uint_eq(dead(), 1);
	ck_assert_uint_eq(calls_after_death(), 0);
	impaired_free(impaired);
}
END_TEST

/* ---- the form of a question ---------------------------------------------------------------------------------------- */

static const struct {
	enum impairment impairment;
	uint32_t doi;
	size_t spi, data;
	bool encrypted;
	enum message_hash_found hash;
} forms[] = {
    {IMPAIRED_NONE, 1, 16, 4, true, MESSAGE_HASH_HOLDS},
    {IMPAIR_PROBE_WRONG_DOI, 2, 16, 4, true, MESSAGE_HASH_HOLDS},
    {IMPAIR_PROBE_SPI_SIZE_0, 1, 0, 4, true, MESSAGE_HASH_HOLDS},
    {IMPAIR_PROBE_DATA_8, 1, 16, 8, true, MESSAGE_HASH_HOLDS},
    {IMPAIR_PROBE_WRONG_HASH, 1, 16, 4, true, MESSAGE_HASH_FAILS},
    {IMPAIR_PROBE_WITHOUT_HASH, 1, 16, 4, true, MESSAGE_HASH_ABSENT},
    {IMPAIR_PROBE_CLEAR, 1, 16, 4, false, MESSAGE_HASH_ABSENT},
};

static const struct opened *question(enum impairment impairment, struct ike_notify *notify)
{
	const struct opened *opened;
	size_t at;

	silence(impairment, LONG_ENOUGH / 4);
	at = silent_at;
	while ((opened = impaired_next(impaired, &at)) != NULL)
		if (opened_notify(opened, IKE_NOTIFY_R_U_THERE, notify))
			return opened;
	ck_abort_msg("no question");
	return NULL;
}

START_TEST(other_forms)
{
	struct ike_notify notify;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const struct opened *opened = question(forms[i].impairment, &notify);

		ck_assert_uint_eq(notify.doi, forms[i].doi);
		ck_assert_uint_eq(notify.spi.length, forms[i].spi);
		ck_assert_uint_eq(notify.data.length, forms[i].data);
		ck_assert_int_eq(opened->encrypted, forms[i].encrypted);
		ck_assert_int_eq(opened->hash, forms[i].hash);
		impaired_free(impaired);
	}
}
END_TEST

START_TEST(cookies_swapped)
{
	struct ike_notify notify;

	(void)question(IMPAIR_PROBE_SWAPPED_COOKIES, &notify);
	ck_assert_mem_eq(notify.spi.data, impaired->cky_r, 8);
	ck_assert_mem_eq(notify.spi.data + 8, impaired->cky_i, 8);
	impaired_free(impaired);
}
END_TEST

/* How many different message IDs the questions of a round have; *zero: one of them was 0. */
static size_t message_ids(enum impairment impairment, bool *zero)
{
	const struct opened *opened;
	struct ike_notify notify;
	size_t at, count = 0;
	uint32_t last = 1;

	silence(impairment, LONG_ENOUGH);
	*zero = false;
	at = silent_at;
	while ((opened = impaired_next(impaired, &at)) != NULL) {
		if (!opened_notify(opened, IKE_NOTIFY_R_U_THERE, &notify))
			continue;
		count += opened->message.header.message_id != last;
		last = opened->message.header.message_id;
		*zero = *zero || last == 0;
	}
	impaired_free(impaired);
	return count;
}

START_TEST(other_message_ids)
{
	bool zero;

	ck_assert_uint_gt(message_ids(IMPAIRED_NONE, &zero), 2);
	ck_assert(!zero);
	ck_assert_uint_eq(message_ids(IMPAIR_PROBE_MESSAGE_ID_REUSED, &zero), 1);
	ck_assert(!zero);
	ck_assert_uint_eq(message_ids(IMPAIR_PROBE_MESSAGE_ID_ZERO, &zero), 1);
	ck_assert(zero);
}
END_TEST

/* ---- what it is asked by ------------------------------------------------------------------------------------------- */

static size_t asked_back(enum impairment impairment)
{
	size_t count;

	impaired = impaired_new(impairment);
	impaired_up(impaired);
	for (uint32_t number = 1000; number < 1005; number++)
		impaired_ask(impaired, number);
	count = impaired_notifies(impaired, 0, IKE_NOTIFY_R_U_THERE);
	impaired_free(impaired);
	return count;
}

START_TEST(in_spite_of_traffic)
{
	ck_assert_uint_eq(asked_back(IMPAIRED_NONE), 0);
	ck_assert_uint_eq(asked_back(IMPAIR_PROBE_IN_SPITE_OF_TRAFFIC), 5);
}
END_TEST

static size_t asked_at_hints(enum impairment impairment)
{
	struct message message;
	size_t count;

	impaired = impaired_new(impairment);
	impaired_up(impaired);
	impaired->deaf = true;
	for (size_t i = 0; i < 5; i++) {
		impaired_begin(impaired, &message);
		message.protection = MESSAGE_CLEAR;
		message_add_isakmp_notify(&message, i % 2 == 0 ? IKE_NOTIFY_INVALID_COOKIE
							       : IKE_NOTIFY_INVALID_SPI);
		impaired_send(impaired, &message);
	}
	count = impaired_notifies(impaired, 0, IKE_NOTIFY_R_U_THERE);
	impaired_free(impaired);
	return count;
}

START_TEST(at_every_hint)
{
	ck_assert_uint_eq(asked_at_hints(IMPAIRED_NONE), 1);
	ck_assert_uint_eq(asked_at_hints(IMPAIR_PROBE_AT_EVERY_HINT), 6);
}
END_TEST

UNIT_MAIN("impair_probe", not_impaired, how_often, giving_up, other_forms, cookies_swapped,
	  other_message_ids, in_spite_of_traffic, at_every_hint)
