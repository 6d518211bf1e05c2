/* SPDX-License-Identifier: ISC */
/*
 * test_core.c - the verbs: what they do with rubbish, with a strange clock, in any order, and that nothing on the path of an
 * established SA's packet allocates.
 */
#include <string.h>

#include "ike/header.h"
#include "ike/sa_table.h"
#include "tests/support/allocations.h"
#include "tests/support/duo.h"
#include "tests/support/unit.h"

static uint64_t verdicts(const struct duo *duo, enum duo_node node, enum ike_verdict verdict)
{
	struct ike_status status;

	ike_status(duo->core[node], &status);
	return status.verdict[verdict];
}

/* ---- rubbish ------------------------------------------------------------------------------------------------------- */

START_TEST(test_short_datagrams)
{
	struct duo *duo = duo_new(1);
	uint8_t zeros[IKE_HEADER_LENGTH] = {0};

	duo_start(duo);
	for (size_t length = 0; length < IKE_HEADER_LENGTH; length++)
		ck_assert_int_eq(duo_inject(duo, DUO_A, zeros, length), IKE_TOO_SHORT);
	ck_assert_uint_eq(verdicts(duo, DUO_A, IKE_TOO_SHORT), IKE_HEADER_LENGTH);
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo->sent[DUO_A], 0);
	duo_free(duo);
}
END_TEST

/* Of whatever length they are, and more than are looked at. */
START_TEST(test_foreseen_datagrams)
{
	static uint8_t data[2 * SA_TABLE_FORESEEN];
	struct ike_datagram datagrams[2 * SA_TABLE_FORESEEN];
	struct duo *duo = duo_new(1);
	struct ike_status before, after;

	memset(&before, 0, sizeof(before));
	memset(&after, 0, sizeof(after));
	duo_start(duo);
	duo_establish(duo);
	for (size_t i = 0; i < 2 * SA_TABLE_FORESEEN; i++)
		datagrams[i] = (struct ike_datagram){.data = data, .length = i};
	ike_status(duo->core[DUO_A], &before);
	ike_foresee(duo->core[DUO_A], datagrams, 0);
	ike_foresee(duo->core[DUO_A], datagrams, 2 * SA_TABLE_FORESEEN);
	ike_status(duo->core[DUO_A], &after);
	ck_assert_mem_eq(&before, &after, sizeof(before));
	duo_free(duo);
}
END_TEST

START_TEST(test_random_datagrams_get_a_verdict_and_cost_nothing)
{
	struct duo *duo = duo_new(2);
	uint8_t seed[RANDOM_SEED_LENGTH] = {77}, data[600];
	struct random_source random;
	size_t in = 0;

	random_seeded(&random, seed);
	duo_start(duo);
	duo_establish(duo);
	duo->sent[DUO_B] = duo->sent_octets[DUO_B] = 0;
	for (int i = 0; i < 20000; i++) {
		size_t length = random_below(&random, sizeof(data));

		random_octets(&random, data, length);
		/* half of them with a header that passes the first checks */
		if (i % 2 == 0 && length >= IKE_HEADER_LENGTH) {
			data[17] = 0x10;
			data[19] &= 1;
			data[24] = data[25] = 0;
			data[26] = (uint8_t)(length >> 8);
			data[27] = (uint8_t)length;
		}
		ck_assert_int_ne(duo_inject(duo, DUO_B, data, length), IKE_ACCEPTED);
		in += length;
	}
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	ck_assert_uint_lt(duo->sent_octets[DUO_B], in);
	duo_free(duo);
}
END_TEST

START_TEST(test_other_exchanges_are_refused)
{
	struct duo *duo = duo_new(3);
	uint8_t header[IKE_HEADER_LENGTH] = {1, 2, 3, 4, 5, 6, 7, 8};

	duo_start(duo);
	header[17] = 0x10;
	header[27] = sizeof(header);
	for (unsigned exchange = 0; exchange < 256; exchange++) {
		if (exchange == IKE_EXCHANGE_MAIN_MODE || exchange == IKE_EXCHANGE_INFORMATIONAL ||
		    exchange == IKE_EXCHANGE_QUICK_MODE || exchange == IKE_EXCHANGE_AGGRESSIVE)
			continue;
		header[18] = (uint8_t)exchange;
		ck_assert_int_eq(duo_inject(duo, DUO_A, header, sizeof(header)),
				 IKE_BAD_EXCHANGE_TYPE);
	}
	duo_free(duo);
}
END_TEST

/* XAUTH and Mode-Config under an SA: named, not answered, and the SA is as it was. */
START_TEST(test_transaction_exchange_is_passed_over)
{
	struct duo *duo = duo_new(31);
	uint8_t message[IKE_HEADER_LENGTH + 16] = {0};
	struct ike_sa_status sa;
	size_t sent;

	duo_start(duo);
	duo_establish(duo);
	ck_assert_uint_eq(duo_in_use(duo, DUO_B, &sa), 1);
	memcpy(message, sa.cky_i, IKE_COOKIE_LENGTH);
	memcpy(message + IKE_COOKIE_LENGTH, sa.cky_r, IKE_COOKIE_LENGTH);
	message[16] = IKE_PAYLOAD_HASH;
	message[17] = 0x10;
	message[18] = IKE_EXCHANGE_TRANSACTION;
	message[19] = IKE_FLAG_ENCRYPTION;
	message[23] = 9;
	message[27] = sizeof(message);
	sent = duo->sent[DUO_B];
	ck_assert_int_eq(duo_inject(duo, DUO_B, message, sizeof(message)), IKE_TRANSACTION_IGNORED);
	duo_run(duo, 0);
	ck_assert_int_eq(duo_last(duo, DUO_B, IKE_EVENT_REFUSED)->verdict, IKE_TRANSACTION_IGNORED);
	ck_assert_uint_eq(duo->sent[DUO_B], sent);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_run(duo, 30 * IKE_SECOND);
	ck_assert_uint_ge(duo_count_reports(duo, DUO_A, IKE_REPORT_ALIVE), 1);
	duo_free(duo);
}
END_TEST

/* ---- time and order ------------------------------------------------------------------------------------------------ */

START_TEST(test_clock_that_goes_backwards)
{
	struct duo *duo = duo_new(4);
	struct ike_status status;

	duo_start(duo);
	duo_establish(duo);
	ike_tick(duo->core[DUO_A], 5, 16);
	ike_status(duo->core[DUO_A], &status);
	ck_assert_uint_eq(status.counter[IKE_COUNT_CLOCK_BACKWARDS], 1);
	duo_run(duo, 60 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_DEAD), 0);
	duo_free(duo);
}
END_TEST

START_TEST(test_verbs_in_any_order_on_a_fresh_core)
{
	struct duo *duo = duo_new(5);
	struct ike_command command = {.kind = IKE_COMMAND_ASK_NOW, .peer = 0};
	uint8_t data[IKE_DATAGRAM_MAX];
	struct ike_datagram out = {.data = data, .room = sizeof(data)};
	struct ike_event event;
	struct ike_core *core;

	duo_start(duo);
	core = duo->core[DUO_A];
	ck_assert_uint_eq(ike_output(core, duo->now, &out, 1), 0);
	ck_assert_uint_eq(ike_events(core, &event, 1), 0);
	ck_assert_uint_eq(ike_tick(core, duo->now, 10), 0);
	ck_assert(ike_deadline(core) == IKE_NEVER);
	ck_assert(!ike_command(core, duo->now, &command)); /* no SA to ask over */
	command.peer = 1;
	ck_assert(!ike_command(core, duo->now, &command)); /* no such peer */
	duo_free(duo);
}
END_TEST

/* Equal inputs and equal random octets: byte-equal outputs. */
START_TEST(test_two_runs_are_equal)
{
	struct duo *one = duo_new(6), *two = duo_new(6);

	duo_start(one);
	duo_start(two);
	duo_establish(one);
	duo_establish(two);
	duo_run(one, 120 * IKE_SECOND);
	duo_run(two, 120 * IKE_SECOND);
	ck_assert_uint_gt(one->datagrams, 20);
	ck_assert_uint_eq(one->datagrams, two->datagrams);
	for (size_t i = 0; i < one->datagrams; i++) {
		ck_assert_uint_eq(one->datagram[i].length, two->datagram[i].length);
		ck_assert_mem_eq(one->datagram[i].data, two->datagram[i].data,
				 one->datagram[i].length);
	}
	duo_free(one);
	duo_free(two);
}
END_TEST

/* ---- limits -------------------------------------------------------------------------------------------------------- */

static size_t first_message(struct duo *duo, uint8_t *out)
{
	for (size_t i = 0; i < duo->datagrams; i++) {
		if (duo->datagram[i].to != DUO_B || duo->datagram[i].data[18] != 2)
			continue;
		memcpy(out, duo->datagram[i].data, duo->datagram[i].length);
		return duo->datagram[i].length;
	}
	ck_abort_msg("no MM1 was sent");
}

/* CVE-2006-3906: a flood of first messages fills a table, and nothing else. */
START_TEST(test_flood_of_first_messages)
{
	struct duo *duo = duo_new(7);
	uint8_t message[IKE_DATAGRAM_MAX], copy[IKE_DATAGRAM_MAX];
	struct ike_datagram in = {.data = copy, .room = sizeof(copy)};
	struct ike_status status;
	size_t length, answered;

	duo->settings[DUO_B].limits.handshakes = 100;
	duo->peer[DUO_B].gateways = 0; /* anybody may call */
	duo_start(duo);
	duo_establish(duo);
	length = first_message(duo, message);
	in.remote.family = IKE_FAMILY_IPV4;
	in.remote.port = 500;
	in.length = length;
	for (uint32_t i = 0; i < 10000; i++) {
		memcpy(copy, message, length);
		memcpy(copy, &i, sizeof(i));
		copy[7] ^= 1;
		in.remote.octets[0] = 10;
		in.remote.octets[2] = (uint8_t)(i >> 8);
		in.remote.octets[3] = (uint8_t)i;
		(void)ike_input(duo->core[DUO_B], duo->now, &in);
	}
	ike_status(duo->core[DUO_B], &status);
	ck_assert_uint_le(status.handshakes, 100);
	ck_assert_uint_ge(status.verdict[IKE_RATE_LIMITED], 9900);
	/* the SA that was there is alive and answered, before and after the half-open ones are gone */
	duo->datagrams = 0;
	answered = duo_count_reports(duo, DUO_B, IKE_REPORT_ANSWERED);
	duo_run(duo, 40 * IKE_SECOND);
	ck_assert_uint_gt(duo_count_reports(duo, DUO_B, IKE_REPORT_ANSWERED), answered);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_SUSPECT), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	ike_status(duo->core[DUO_B], &status);
	ck_assert_uint_eq(status.handshakes, 0);
	ck_assert_uint_eq(status.sas, 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_one_source_cannot_take_all_handshakes)
{
	struct duo *duo = duo_new(8);
	uint8_t message[IKE_DATAGRAM_MAX];
	struct ike_status status;
	size_t length;

	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 60 * IKE_SECOND); /* the first handshake is forgotten */
	length = first_message(duo, message);
	for (uint8_t i = 0; i < 200; i++) {
		message[0] = i;
		(void)duo_inject(duo, DUO_B, message, length);
	}
	ike_status(duo->core[DUO_B], &status);
	ck_assert_uint_eq(status.handshakes, status.limits.handshakes_per_source);
	duo_free(duo);
}
END_TEST

/* VU#419128: until the initiator's third message nothing goes out by timer, and no more octets than came in. */
START_TEST(test_responder_does_not_amplify)
{
	struct duo *duo = duo_new(9);
	uint8_t message[IKE_DATAGRAM_MAX];
	size_t length;

	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 2 * IKE_SECOND);
	length = first_message(duo, message);
	message[0] ^= 0x55;
	duo->sent[DUO_B] = duo->sent_octets[DUO_B] = 0;
	duo_run(duo, IKE_MILLISECOND);
	ck_assert_int_eq(duo_inject(duo, DUO_B, message, length), IKE_ACCEPTED);
	duo_run(duo, 3 * IKE_SECOND);
	{
		size_t main_mode = 0, octets = 0;

		for (size_t i = 0; i < duo->datagrams; i++)
			if (duo->datagram[i].to == DUO_A &&
			    duo->datagram[i].data[0] == message[0]) {
				main_mode++;
				octets += duo->datagram[i].length;
			}
		ck_assert_uint_eq(main_mode, 1);
		ck_assert_uint_le(octets, length);
	}
	duo_free(duo);
}
END_TEST

/* ---- nothing allocates on the path of an established SA's packet ---------------------------------------------------- */

/* Everything that either node has to send, straight into the other.  No assertions in here: Check allocates. */
static void exchange(struct duo *duo)
{
	uint8_t data[IKE_DATAGRAM_MAX];
	struct ike_event event;

	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		struct ike_datagram datagram = {.data = data, .room = sizeof(data)};

		(void)ike_tick(duo->core[node], duo->now, 16);
		while (ike_output(duo->core[node], duo->now, &datagram, 1) == 1) {
			struct ike_address back =
			    duo->peer[node == DUO_A ? DUO_B : DUO_A].gateway[0];

			datagram.remote = back;
			(void)ike_input(duo->core[node == DUO_A ? DUO_B : DUO_A], duo->now,
					&datagram);
			datagram = (struct ike_datagram){.data = data, .room = sizeof(data)};
		}
		while (ike_events(duo->core[node], &event, 1) == 1)
			continue;
	}
}

START_TEST(test_established_path_does_not_allocate)
{
	struct duo *duo = duo_new(10);
	struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW, .peer = 0};
	struct ike_status status;
	uint64_t accepted;
	size_t before;

	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 30 * IKE_SECOND); /* warm: every algorithm in use has run once */
	ike_status(duo->core[DUO_A], &status);
	accepted = status.verdict[IKE_ACCEPTED];
	before = allocations_count();
	for (int i = 0; i < 100; i++) {
		duo->now += IKE_SECOND;
		(void)ike_command(duo->core[DUO_A], duo->now, &ask);
		exchange(duo);
		exchange(duo);
	}
	before = allocations_count() - before;
	ike_status(duo->core[DUO_A], &status);
	ck_assert_uint_ge(status.verdict[IKE_ACCEPTED] - accepted, 100); /* the ACKs did come */
	ck_assert_uint_eq(before, 0);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("core", test_short_datagrams, test_foreseen_datagrams,
	  test_random_datagrams_get_a_verdict_and_cost_nothing, test_other_exchanges_are_refused,
	  test_transaction_exchange_is_passed_over, test_clock_that_goes_backwards,
	  test_verbs_in_any_order_on_a_fresh_core, test_two_runs_are_equal,
	  test_flood_of_first_messages, test_one_source_cannot_take_all_handshakes,
	  test_responder_does_not_amplify, test_established_path_does_not_allocate)
