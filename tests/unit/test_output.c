/* SPDX-License-Identifier: ISC */
/*
 * test_output.c - messages that wait to be pulled: a full queue, a slow socket, and handshakes that end in the meantime.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/duo.h"
#include "tests/support/recorder.h"
#include "tests/support/unit.h"

static struct recorder recorder;

static struct duo *duo_of_outputs(uint32_t limit)
{
	struct duo *duo = duo_new(1);

	recorder_plug(&recorder, duo, DUO_A);
	duo->settings[DUO_A].limits.outputs = limit;
	duo_start(duo);
	return duo;
}

static bool put(struct duo *duo, uint8_t number)
{
	const struct ike_address *remote = &duo->peer[DUO_A].gateway[0];
	struct ike_address local = {.octets = {192, 0, 2, 1}, .family = IKE_FAMILY_IPV4};
	uint8_t message[3] = {number, number, number}, plain[2] = {number, 0};

	return output_small(duo->core[DUO_A], remote, &local, octets_of(message, sizeof(message)),
			    octets_of(plain, number % 2 == 0 ? 2 : 0));
}

static size_t pull(struct duo *duo, struct ike_datagram *out)
{
	static uint8_t data[IKE_DATAGRAM_MAX], plain[IKE_DATAGRAM_MAX];

	*out = (struct ike_datagram){.data = data, .room = sizeof(data), .plain = plain};
	return ike_output(duo->core[DUO_A], duo->now, out, 1);
}

static void expect(struct duo *duo, uint8_t number)
{
	struct ike_datagram out;

	ck_assert_uint_eq(pull(duo, &out), 1);
	ck_assert_uint_eq(out.length, 3);
	ck_assert_uint_eq(out.data[0], number);
}

/* ---- full ---------------------------------------------------------------------------------------------------------- */

START_TEST(test_a_full_queue_refuses_and_recovers)
{
	struct duo *duo = duo_of_outputs(3);
	struct ike_datagram out;
	struct ike_status status;
	struct ike_event event;

	for (uint8_t i = 0; i < 3; i++)
		ck_assert(put(duo, i));
	for (uint8_t i = 3; i < 10; i++)
		ck_assert(!put(duo, i));
	ike_status(duo->core[DUO_A], &status);
	ck_assert_uint_eq(status.outputs, 3);
	ck_assert_uint_eq(status.verdict[IKE_OVERLOAD], 7);
	ck_assert_uint_eq(ike_events(duo->core[DUO_A], &event, 1), 1);
	ck_assert_int_eq(event.kind, IKE_EVENT_OVERLOAD);
	ck_assert_ptr_nonnull(strstr(event.text, "limit outputs"));
	ck_assert_uint_eq(ike_events(duo->core[DUO_A], &event, 1), 0);
	/* room for one is room for one */
	expect(duo, 0);
	ck_assert(put(duo, 20));
	ck_assert(!put(duo, 21));
	expect(duo, 1);
	expect(duo, 2);
	expect(duo, 20);
	ck_assert_uint_eq(pull(duo, &out), 0);
	duo_free(duo);
}
END_TEST

/* MM1 finds no room: like a loss on the way, and the next try sends it. */
START_TEST(test_a_full_queue_only_delays_a_handshake)
{
	struct duo *duo = duo_of_outputs(2);

	ck_assert(put(duo, 1) && put(duo, 2));
	duo_connect(duo, DUO_A);
	ck_assert_uint_eq(duo->core[DUO_A]->outputs, 2);
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_OVERLOAD), 1);
	duo_free(duo);
}
END_TEST

/* ---- handshakes ---------------------------------------------------------------------------------------------------- */

/* The handshake has failed before its message was pulled; what waited behind it goes out in its stead. */
START_TEST(test_a_freed_handshake_sends_nothing)
{
	struct duo *duo = duo_of_outputs(8);
	struct ike_command close = {.kind = IKE_COMMAND_CLOSE, .peer = 0};
	struct ike_datagram out;

	duo_connect(duo, DUO_A);
	ck_assert_uint_eq(duo->core[DUO_A]->outputs, 1);
	ck_assert(put(duo, 1));
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &close));
	expect(duo, 1);
	ck_assert_uint_eq(pull(duo, &out), 0);
	ck_assert_uint_eq(duo->core[DUO_A]->counter[IKE_COUNT_DATAGRAMS_OUT], 1);
	duo_free(duo);
}
END_TEST

/* The memory has a new tenant: the old one's entry must not send the new one's message a second time. */
START_TEST(test_a_reused_handshake_sends_once)
{
	struct duo *duo = duo_of_outputs(8);
	struct ike_command close = {.kind = IKE_COMMAND_CLOSE, .peer = 0};
	const struct ike_handshake *first;
	struct ike_datagram out;

	duo_connect(duo, DUO_A);
	first = duo->core[DUO_A]->peer[0].connecting[0]->handshake;
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &close));
	recorder_action(&recorder.peer_answer[IKE_EXTENSION_PEER_START], IKE_EXTENSION_CONNECT);
	duo_connect(duo, DUO_A);
	ck_assert_ptr_eq(duo->core[DUO_A]->peer[0].connecting[0]->handshake, first);
	ck_assert_uint_eq(duo->core[DUO_A]->outputs, 2);
	ck_assert_uint_eq(pull(duo, &out), 1);
	ck_assert_mem_eq(out.data, duo->core[DUO_A]->peer[0].connecting[0]->cky_i,
			 IKE_COOKIE_LENGTH);
	ck_assert_uint_eq(pull(duo, &out), 0);
	duo_free(duo);
}
END_TEST

/* ---- pulling ------------------------------------------------------------------------------------------------------- */

START_TEST(test_order_is_kept_around_the_ring)
{
	struct duo *duo = duo_of_outputs(5);
	uint8_t put_in = 0, pulled = 0;

	for (int round = 0; round < 40; round++) {
		for (int i = 0; i <= round % 5; i++)
			ck_assert(put(duo, put_in++));
		while (pulled != put_in)
			expect(duo, pulled++);
	}
	duo_free(duo);
}
END_TEST

/* A socket that is full for a minute costs nothing but the minute. */
START_TEST(test_what_is_not_pulled_waits)
{
	struct duo *duo = duo_of_outputs(5);
	uint8_t data[2][IKE_DATAGRAM_MAX];
	struct ike_datagram out[2] = {{.data = data[0], .room = IKE_DATAGRAM_MAX},
				      {.data = data[1], .room = IKE_DATAGRAM_MAX}};

	for (uint8_t i = 0; i < 5; i++)
		ck_assert(put(duo, i));
	ck_assert_uint_eq(ike_output(duo->core[DUO_A], duo->now, out, 0), 0);
	(void)ike_tick(duo->core[DUO_A], duo->now + 60 * IKE_SECOND, 16);
	duo->now += 60 * IKE_SECOND;
	for (uint8_t i = 0; i < 4; i += 2) {
		ck_assert_uint_eq(ike_output(duo->core[DUO_A], duo->now, out, 2), 2);
		ck_assert_uint_eq(out[0].data[0], i);
		ck_assert_uint_eq(out[1].data[0], i + 1);
	}
	ck_assert_uint_eq(ike_output(duo->core[DUO_A], duo->now, out, 2), 1);
	ck_assert_uint_eq(out[0].data[0], 4);
	duo_free(duo);
}
END_TEST

START_TEST(test_a_datagram_is_filled)
{
	struct duo *duo = duo_of_outputs(5);
	struct ike_datagram out;
	struct ike_status status;

	for (uint8_t i = 1; i <= 3; i++)
		ck_assert(put(duo, i));
	ck_assert_uint_eq(pull(duo, &out), 1);
	ck_assert_mem_eq(&out.remote, &duo->peer[DUO_A].gateway[0], sizeof(out.remote));
	ck_assert_uint_eq(out.local.octets[3], 1);
	unit_assert_hex(octets_of(out.data, out.length), "010101");
	ck_assert_uint_eq(out.plain_length, 0); /* it was sent in the clear */
	ck_assert_uint_eq(pull(duo, &out), 1);
	unit_assert_hex(octets_of(out.plain, out.plain_length), "0200");
	out.plain = NULL; /* nobody wants the twin */
	ck_assert_uint_eq(ike_output(duo->core[DUO_A], duo->now, &out, 1), 1);
	ck_assert_uint_eq(out.plain_length, 0);
	ike_status(duo->core[DUO_A], &status);
	ck_assert_uint_eq(status.counter[IKE_COUNT_DATAGRAMS_OUT], 3);
	ck_assert_uint_eq(status.counter[IKE_COUNT_OCTETS_OUT], 9);
	ck_assert_uint_eq(status.outputs, 0);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("output", test_a_full_queue_refuses_and_recovers,
	  test_a_full_queue_only_delays_a_handshake, test_a_freed_handshake_sends_nothing,
	  test_a_reused_handshake_sends_once, test_order_is_kept_around_the_ring,
	  test_what_is_not_pulled_waits, test_a_datagram_is_filled)
