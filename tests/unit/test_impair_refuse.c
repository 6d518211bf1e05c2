/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "keepalive/capability.h"
#include "tests/support/impaired.h"
#include "tests/support/unit.h"

static struct impaired *impaired;
static struct message message;

static void begin(enum impairment impairment)
{
	impaired = impaired_new(impairment);
	impaired_up(impaired);
}

/* ---- numbers: the first is answered, the second one not ------------------------------------------------------------ */

static const struct {
	enum impairment impairment;
	uint32_t first, second;
} numbers[] = {
    {IMPAIR_REFUSES_GAP, 1000, 1002},
    {IMPAIR_REFUSES_GAP, 1000, 1064},
    {IMPAIR_REFUSES_JUMP, 1000, 1065},
    {IMPAIR_REFUSES_JUMP, 1000, 90000},
    {IMPAIR_REFUSES_WRAP, 0xffffffff, 0},
    {IMPAIR_REFUSES_WRAP, 0xfffffffe, 3},
    {IMPAIR_REFUSES_NUMBER_ZERO, 0xffffffff, 0},
    {IMPAIR_REFUSES_TOP_BIT, 0x7fffffff, 0x80000000},
};

static void ask_two(enum impairment impairment, uint32_t first, uint32_t second, size_t wanted)
{
	begin(impairment);
	impaired_ask(impaired, first);
	ck_assert_uint_eq(impaired_acks(impaired, first),
			  impairment == IMPAIR_REFUSES_TOP_BIT && first > 0x7fffffff ? 0 : 1);
	impaired_ask(impaired, second);
	ck_assert_msg(impaired_acks(impaired, second) == wanted, "%u after %u", second, first);
	impaired_free(impaired);
}

START_TEST(numbers_refused)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		ask_two(IMPAIRED_NONE, numbers[i].first, numbers[i].second, 1);
		ask_two(numbers[i].impairment, numbers[i].first, numbers[i].second, 0);
		/* and what is next in line is answered */
		ask_two(numbers[i].impairment, 1000, 1001, 1);
	}
}
END_TEST

static void repeat(enum impairment impairment, size_t wanted)
{
	begin(impairment);
	impaired_ask(impaired, 1000);
	impaired_run(impaired, 2 * IKE_SECOND); /* the core answers once in a second */
	impaired_ask(impaired, 1000);
	ck_assert_uint_eq(impaired_acks(impaired, 1000), wanted);
	impaired_free(impaired);
}

START_TEST(repeat_refused)
{
	repeat(IMPAIRED_NONE, 2);
	repeat(IMPAIR_REFUSES_REPEAT, 1);
}
END_TEST

static size_t new_count(enum impairment impairment)
{
	size_t count;

	impaired = impaired_new(impairment);
	impaired->duo->peer[DUO_B].gateways = 0;
	impaired_up(impaired);
	impaired_ask(impaired, 5000);
	ck_assert_uint_eq(impaired_acks(impaired, 5000), 1);
	duo_reboot(impaired->duo, DUO_A);
	duo_connect(impaired->duo, DUO_A);
	impaired_run(impaired, IKE_SECOND);
	impaired_learn(impaired);
	impaired_ask(impaired, 1000);
	count = impaired_acks(impaired, 1000);
	impaired_ask(impaired, 6000);
	ck_assert_uint_eq(impaired_acks(impaired, 6000), 1);
	impaired_free(impaired);
	return count;
}

START_TEST(count_of_a_new_sa)
{
	ck_assert_uint_eq(new_count(IMPAIRED_NONE), 1);
	ck_assert_uint_eq(new_count(IMPAIR_REFUSES_NEW_COUNT), 0);
}
END_TEST

/* ---- padding ------------------------------------------------------------------------------------------------------- */

static size_t padded(enum impairment impairment, enum message_padding padding)
{
	size_t count;

	begin(impairment);
	impaired_begin(impaired, &message);
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE, 1000);
	message.padding = padding;
	impaired_send(impaired, &message);
	count = impaired_acks(impaired, 1000);
	impaired_free(impaired);
	return count;
}

/* With eight octets more the message fills its blocks; a whole one of padding follows. */
static size_t padded_by_a_block(enum impairment impairment)
{
	size_t count;

	begin(impairment);
	impaired_begin(impaired, &message);
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE, 1000);
	message_add(&message, IKE_PAYLOAD_FRAGMENT, octets_of("four", 4));
	message.payload[1].type = 200; /* a private one, which nobody minds */
	message.padding = MESSAGE_PADDING_BLOCK_MORE;
	impaired_send(impaired, &message);
	count = impaired_acks(impaired, 1000);
	impaired_free(impaired);
	return count;
}

START_TEST(padding_refused)
{
	ck_assert_uint_eq(padded(IMPAIRED_NONE, MESSAGE_PADDING_RANDOM), 1);
	ck_assert_uint_eq(padded(IMPAIRED_NONE, MESSAGE_PADDING_LENGTH_OCTET), 1);
	ck_assert_uint_eq(padded(IMPAIR_REFUSES_RANDOM_PADDING, MESSAGE_PADDING_ZERO), 1);
	ck_assert_uint_eq(padded(IMPAIR_REFUSES_RANDOM_PADDING, MESSAGE_PADDING_RANDOM), 0);
	ck_assert_uint_eq(padded(IMPAIR_REFUSES_RANDOM_PADDING, MESSAGE_PADDING_LENGTH_OCTET), 0);
	ck_assert_uint_eq(padded(IMPAIR_REFUSES_BLOCK_OF_PADDING, MESSAGE_PADDING_ZERO), 1);
	ck_assert_uint_eq(padded_by_a_block(IMPAIRED_NONE), 1);
	ck_assert_uint_eq(padded_by_a_block(IMPAIR_REFUSES_BLOCK_OF_PADDING), 0);
}
END_TEST

/* ---- SAs ----------------------------------------------------------------------------------------------------------- */

/* A keepalive that nobody announces, but that is asked for all the same. */
static size_t without_vendor_id(enum impairment impairment)
{
	size_t count;

	impaired = impaired_new(impairment);
	impaired->duo->settings[DUO_A].extension = NULL;
	impaired_up(impaired);
	impaired_ask(impaired, 1000);
	count = impaired_acks(impaired, 1000);
	impaired_free(impaired);
	return count;
}

START_TEST(peer_without_vendor_id)
{
	ck_assert_uint_eq(without_vendor_id(IMPAIRED_NONE), 1);
	ck_assert_uint_eq(without_vendor_id(IMPAIR_REFUSES_WITHOUT_VENDOR_ID), 0);
}
END_TEST

/* A Quick Mode that nobody ends: QM1, and then a question. */
static size_t during_quick_mode(enum impairment impairment)
{
	size_t count;

	begin(impairment);
	impaired_begin(impaired, &message);
	message.header.exchange = IKE_EXCHANGE_QUICK_MODE;
	message_add(&message, IKE_PAYLOAD_NONCE, octets_of("sixteen octets..", 16));
	impaired_send(impaired, &message);
	impaired_ask(impaired, 1000);
	count = impaired_acks(impaired, 1000);
	impaired_free(impaired);
	return count;
}

START_TEST(quick_mode_under_way)
{
	ck_assert_uint_eq(during_quick_mode(IMPAIRED_NONE), 1);
	ck_assert_uint_eq(during_quick_mode(IMPAIR_REFUSES_DURING_QUICK_MODE), 0);
}
END_TEST

static void renew(void)
{
	impaired->duo->peer[DUO_A].lifetime = impaired->duo->peer[DUO_B].lifetime = 60;
	impaired_up(impaired);
	while (duo_count(impaired->duo, DUO_B, IKE_EVENT_ESTABLISHED) < 2) {
		ck_assert_uint_lt(impaired->duo->now, 120 * IKE_SECOND);
		impaired_run(impaired, IKE_SECOND / 10);
	}
}

/* The keys in `impaired` are still those of the older SA. */
static size_t on_older(enum impairment impairment)
{
	size_t count;

	impaired = impaired_new(impairment);
	renew();
	impaired_ask(impaired, 1000);
	count = impaired_acks(impaired, 1000);
	impaired_learn(impaired);
	impaired_ask(impaired, 2000);
	ck_assert_uint_eq(impaired_acks(impaired, 2000), 1);
	impaired_free(impaired);
	return count;
}

START_TEST(older_of_two_sas)
{
	ck_assert_uint_eq(on_older(IMPAIRED_NONE), 1);
	ck_assert_uint_eq(on_older(IMPAIR_REFUSES_ON_OLDER_SA), 0);
}
END_TEST

START_TEST(second_sa)
{
	impaired = impaired_new(IMPAIR_REFUSES_SECOND_SA);
	impaired->duo->peer[DUO_B].gateways = 0; /* it does not call by itself */
	impaired->duo->peer[DUO_A].lifetime = impaired->duo->peer[DUO_B].lifetime = 60;
	impaired_up(impaired);
	impaired_run(impaired, 58 * IKE_SECOND);
	ck_assert_uint_gt(duo_count(impaired->duo, DUO_A, IKE_EVENT_CONNECTING), 1);
	ck_assert_uint_eq(duo_count(impaired->duo, DUO_B, IKE_EVENT_ESTABLISHED), 1);
	impaired_free(impaired);
}
END_TEST

/* A calls and closes; how many of the calls come up. */
static size_t calls(enum impairment impairment, size_t times)
{
	const struct ike_command close = {.kind = IKE_COMMAND_CLOSE};
	size_t count;

	impaired = impaired_new(impairment);
	impaired->duo->peer[DUO_B].gateways = 0;
	impaired_start(impaired);
	for (size_t i = 0; i < times; i++) {
		duo_connect(impaired->duo, DUO_A);
		impaired_run(impaired, IKE_SECOND);
		(void)ike_command(impaired->duo->core[DUO_A], impaired->duo->now, &close);
		impaired_run(impaired, IKE_SECOND);
	}
	count = duo_count(impaired->duo, DUO_B, IKE_EVENT_ESTABLISHED);
	impaired_free(impaired);
	return count;
}

START_TEST(three_in_all)
{
	ck_assert_uint_eq(calls(IMPAIRED_NONE, 5), 5);
	ck_assert_uint_eq(calls(IMPAIR_REFUSES_AFTER_THREE, 5), 3);
}
END_TEST

/* ---- Phase 1 ------------------------------------------------------------------------------------------------------- */

static void one_that_nobody_knows(struct message *first)
{
	if (!ike_cookie_is_zero(first->header.cky_r))
		return;
	message_add(first, IKE_PAYLOAD_VENDOR_ID, octets_of("nobody knows this one", 21));
}

static void one_that_is_known(struct message *first)
{
	if (!ike_cookie_is_zero(first->header.cky_r))
		return;
	message_add(first, IKE_PAYLOAD_VENDOR_ID, octets_of("HeartBeat_Notify", 16));
}

static void ours_twice(struct message *first)
{
	if (ike_cookie_is_zero(first->header.cky_r))
		message_add(first, IKE_PAYLOAD_VENDOR_ID,
			    octets_of(keepalive_vendor_id_octets, KEEPALIVE_VENDOR_ID_LENGTH));
}

static void ours_later(struct message *third)
{
	if (third->payload[0].type == IKE_PAYLOAD_KE)
		message_add(third, IKE_PAYLOAD_VENDOR_ID,
			    octets_of(keepalive_vendor_id_octets, KEEPALIVE_VENDOR_ID_LENGTH));
}

/* A's message with KE and nonce, in the other order. */
static void nonce_first(struct message *third)
{
	struct message_payload first = third->payload[0];

	if (first.type != IKE_PAYLOAD_KE)
		return;
	ck_assert_uint_eq(third->payload[1].type, IKE_PAYLOAD_NONCE);
	third->payload[0] = third->payload[1];
	third->payload[1] = first;
}

static bool comes_up(enum impairment impairment, void (*tamper)(struct message *message))
{
	bool up;

	impaired = impaired_new(impairment);
	impaired->tamper = tamper;
	impaired_start(impaired);
	duo_connect(impaired->duo, DUO_A);
	impaired_run(impaired, IKE_SECOND / 2);
	up = impaired_sas(impaired) == 1;
	impaired_free(impaired);
	return up;
}

START_TEST(phase_1_refused)
{
	ck_assert(comes_up(IMPAIRED_NONE, one_that_nobody_knows));
	ck_assert(!comes_up(IMPAIR_REFUSES_UNKNOWN_VENDOR_ID, one_that_nobody_knows));
	ck_assert(comes_up(IMPAIR_REFUSES_UNKNOWN_VENDOR_ID, one_that_is_known));
	ck_assert(comes_up(IMPAIRED_NONE, ours_twice));
	ck_assert(!comes_up(IMPAIR_REFUSES_VENDOR_ID_TWICE, ours_twice));
	ck_assert(comes_up(IMPAIR_REFUSES_VENDOR_ID_TWICE, ours_later));
	ck_assert(comes_up(IMPAIRED_NONE, ours_later));
	ck_assert(!comes_up(IMPAIR_REFUSES_VENDOR_ID_LATER, ours_later));
	ck_assert(comes_up(IMPAIR_REFUSES_VENDOR_ID_LATER, NULL));
	ck_assert(comes_up(IMPAIRED_NONE, nonce_first));
	ck_assert(!comes_up(IMPAIR_REFUSES_NONCE_FIRST, nonce_first));
	ck_assert(comes_up(IMPAIR_REFUSES_NONCE_FIRST, NULL));
}
END_TEST

/* ---- what is not heard --------------------------------------------------------------------------------------------- */

static bool finds_dead(enum impairment impairment)
{
	bool dead;

	begin(impairment);
	impaired_run(impaired, 120 * IKE_SECOND);
	dead = duo_count_reports(impaired->duo, DUO_B, IKE_REPORT_DEAD) > 0;
	impaired_free(impaired);
	return dead;
}

START_TEST(acks_not_heard)
{
	ck_assert(!finds_dead(IMPAIRED_NONE));
	ck_assert(finds_dead(IMPAIR_IGNORES_ACKS));
}
END_TEST

static uint32_t after_delete(enum impairment impairment)
{
	uint32_t sas;

	begin(impairment);
	impaired_begin(impaired, &message);
	message_add_delete(&message);
	impaired_send(impaired, &message);
	sas = impaired_sas(impaired);
	impaired_free(impaired);
	return sas;
}

START_TEST(delete_not_heard)
{
	ck_assert_uint_eq(after_delete(IMPAIRED_NONE), 0);
	ck_assert_uint_eq(after_delete(IMPAIR_IGNORES_DELETE), 1);
}
END_TEST

UNIT_MAIN("impair_refuse", numbers_refused, repeat_refused, count_of_a_new_sa, padding_refused,
	  peer_without_vendor_id, quick_mode_under_way, older_of_two_sas, second_sa, three_in_all,
	  phase_1_refused, acks_not_heard, delete_not_heard)
