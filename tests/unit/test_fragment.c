/* SPDX-License-Identifier: ISC */
/*
 * test_fragment.c - messages in several datagrams, in and out.  What is refused is in test_fragment_refused.c.
 */
#include <string.h>

#include "ike/core.h"
#include "ike/fragment.h"
#include "tests/support/forge.h"
#include "tests/support/fragments.h"
#include "tests/support/recorder.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

static struct recorder recorder;

static struct octets message_of(const struct siege_held *held)
{
	return octets_of(held->data, held->length);
}

static uint32_t in_use(const struct duo *duo, enum duo_node node)
{
	return duo->core[node]->reassemblies.used;
}

/* ---- one fragment -------------------------------------------------------------------------------------------------- */

START_TEST(test_lengths_below_nothing)
{
	static const uint8_t body[] = {0, 1, 1, 1, 0xaa};
	struct fragment fragment;

	for (size_t length = 0; length < sizeof(body); length++)
		ck_assert_int_eq(fragment_parse(octets_of(body, length), &fragment),
				 IKE_FRAGMENT_MALFORMED);
	ck_assert_int_eq(fragment_parse(octets_of(body, sizeof(body)), &fragment), IKE_ACCEPTED);
	ck_assert_uint_eq(fragment.id, 1);
	ck_assert_uint_eq(fragment.number, 1);
	ck_assert(fragment.last);
	unit_assert_hex(fragment.data, "aa");
}
END_TEST

START_TEST(test_numbers_and_flags)
{
	uint8_t body[] = {0xab, 0xcd, 1, 0, 0xaa};
	struct fragment fragment;

	for (unsigned number = 0; number < 256; number++) {
		bool good = number >= 1 && number <= FRAGMENT_PARTS_MAX;

		body[2] = (uint8_t)number;
		ck_assert_int_eq(fragment_parse(octets_of(body, sizeof(body)), &fragment),
				 good ? IKE_ACCEPTED : IKE_FRAGMENT_BAD_NUMBER);
	}
	body[2] = 2;
	for (unsigned flags = 0; flags < 256; flags++) {
		body[3] = (uint8_t)flags;
		ck_assert_int_eq(fragment_parse(octets_of(body, sizeof(body)), &fragment),
				 flags < 2 ? IKE_ACCEPTED : IKE_FRAGMENT_MALFORMED);
	}
}
END_TEST

/* What is cut is what is put together again, of every length from the first that needs it. */
START_TEST(test_cut_and_put_together)
{
	static uint8_t message[IKE_MESSAGE_MAX], again[IKE_MESSAGE_MAX];
	uint8_t out[FRAGMENT_DATAGRAM_MAX];

	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)(i * 7 + i / 256);
	ck_assert_uint_eq(fragment_count(FRAGMENT_DATAGRAM_MAX), 1);
	for (size_t length = FRAGMENT_DATAGRAM_MAX + 1; length <= sizeof(message); length += 101) {
		size_t count = fragment_count(length), at = 0;

		(void)unit_hex("1011121314151617 2021222324252627 05 10 02 01 00000000", message,
			       sizeof(message));
		message[24] = message[25] = 0;
		message[26] = (uint8_t)(length >> 8);
		message[27] = (uint8_t)length;
		ck_assert_uint_ge(count, 2);
		for (size_t number = 1; number <= count; number++) {
			size_t octets =
			    fragment_write(octets_of(message, length), 7, number, count, out);
			struct ike_message parsed;
			struct fragment fragment;

			ck_assert_int_eq(ike_header_parse(octets_of(out, octets), &parsed.header),
					 IKE_ACCEPTED);
			ck_assert_uint_eq(parsed.header.next_payload, IKE_PAYLOAD_FRAGMENT);
			ck_assert_uint_eq(parsed.header.flags, 0);
			ck_assert_int_eq(ike_payloads_parse(octets_of(out + IKE_HEADER_LENGTH,
								      octets - IKE_HEADER_LENGTH),
							    false, 0, &parsed),
					 IKE_ACCEPTED);
			ck_assert_int_eq(fragment_parse(parsed.payload[0].body, &fragment),
					 IKE_ACCEPTED);
			ck_assert_uint_eq(fragment.id, 7);
			ck_assert_uint_eq(fragment.number, number);
			ck_assert_int_eq(fragment.last, number == count);
			memcpy(again + at, fragment.data.data, fragment.data.length);
			at += fragment.data.length;
		}
		ck_assert_uint_eq(at, length);
		ck_assert_mem_eq(again, message, length);
	}
}
END_TEST

START_TEST(test_vendor_ids)
{
	static const struct {
		const char *hex;
		bool matches;
	} row[] = {
	    {"4048b7d56ebce88525e7de7f00d6c2d380000000", true},
	    {"4048b7d56ebce88525e7de7f00d6c2d3c0000000", true},
	    {"4048b7d56ebce88525e7de7f00d6c2d3", true},
	    {"4048b7d56ebce88525e7de7f00d6c2d340000000", false},
	    {"4048b7d56ebce88525e7de7f00d6c2d3800000", false},
	    {"4048b7d56ebce88525e7de7f00d6c2d38000000000", false},
	    {"4048b7d56ebce88525e7de7f00d6c2d480000000", false},
	    {"", false},
	};
	uint8_t octets[32];

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t length = unit_hex(row[i].hex, octets, sizeof(octets));

		ck_assert_int_eq(fragment_vendor_id_matches(octets_of(octets, length)),
				 row[i].matches);
	}
	ck_assert(fragment_vendor_id_matches(
	    octets_of(fragment_vendor_id_octets, FRAGMENT_VENDOR_ID_LENGTH)));
}
END_TEST

/* ---- whole again --------------------------------------------------------------------------------------------------- */

/* MM5 in parts of every length, in order, backwards, and from the middle. */
START_TEST(test_mm5_in_any_order)
{
	for (int order = 0; order < 3; order++) {
		for (size_t length = 3; length < 150; length += 7) {
			struct duo *duo = fragments_duo(2);
			struct siege_held held;
			unsigned count;

			siege_hold(duo, IKE_MM5, &held);
			count = (unsigned)fragments_count(message_of(&held), length);
			for (unsigned i = 0; i < count; i++) {
				unsigned number = order == 0   ? i + 1
						  : order == 1 ? count - i
							       : (i + count / 2) % count + 1;

				ck_assert_uint_eq(in_use(duo, DUO_B), i > 0);
				ck_assert_int_eq(fragments_inject(duo, DUO_B, message_of(&held), 1,
								  number, length),
						 IKE_ACCEPTED);
			}
			ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
			fragments_go_on(duo);
			duo_free(duo);
		}
	}
}
END_TEST

/* What the gateway says may come in fragments from its first answer on: AM2 carries certificates. */
START_TEST(test_every_answer_of_the_gateway)
{
	static const enum ike_message_kind kinds[] = {IKE_MM2, IKE_MM4, IKE_MM6};

	for (size_t i = 0; i < 3; i++) {
		struct duo *duo = fragments_duo(3);
		struct siege_held held;

		siege_hold(duo, kinds[i], &held);
		ck_assert_int_eq(fragments_inject_all(duo, DUO_A, message_of(&held), 9, 33),
				 IKE_ACCEPTED);
		fragments_go_on(duo);
		duo_free(duo);
	}
}
END_TEST

/* racoon sets the encryption flag around a fragment, which is not encrypted. */
START_TEST(test_encryption_flag_around_a_fragment)
{
	struct duo *duo = fragments_duo(4);
	struct siege_held held;
	struct caller caller;

	siege_hold(duo, IKE_MM5, &held);
	for (unsigned i = 1; i <= fragments_count(message_of(&held), 50); i++) {
		fragments_cut(&caller, message_of(&held), 1, i, 50);
		wire_patch_u8(&caller.writer, IKE_HEADER_FLAGS_AT, IKE_FLAG_ENCRYPTION);
		ck_assert_int_eq(duo_inject(duo, DUO_B, caller.data, caller.length), IKE_ACCEPTED);
	}
	fragments_go_on(duo);
	duo_free(duo);
}
END_TEST

/* strongSwan says Main Mode and message ID 0 around the fragments of whatever it sends later. */
START_TEST(test_a_later_exchange_in_fragments)
{
	struct duo *duo = fragments_duo(5);
	uint8_t message[IKE_DATAGRAM_MAX], outside[IKE_HEADER_LENGTH];
	struct forge forge;
	size_t length;

	duo_start(duo);
	duo_establish(duo);
	forge_from(&forge, duo, DUO_A);
	forge_r_u_there(&forge, 77);
	length = forge_protected(&forge, message, sizeof(message));
	for (unsigned i = 1; i <= fragments_count(octets_of(message, length), 30); i++) {
		struct octets data = octets_of(message + (size_t)(i - 1) * 30,
					       i * 30 > length ? length - (i - 1) * 30 : 30);
		struct caller caller;

		memcpy(outside, message, sizeof(outside));
		outside[18] = IKE_EXCHANGE_MAIN_MODE;
		memset(outside + 20, 0, 4);
		fragments_make(&caller, octets_of(outside, sizeof(outside)), 1, i, i * 30 >= length,
			       data);
		ck_assert_int_eq(duo_inject(duo, DUO_B, caller.data, caller.length), IKE_ACCEPTED);
	}
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_B, IKE_REPORT_ANSWERED), 1);
	duo_free(duo);
}
END_TEST

/* The same message in fragments again is the same message again, however it is cut. */
START_TEST(test_a_repeated_message)
{
	struct duo *duo = fragments_duo(6);
	struct siege_held held;
	size_t sent;

	siege_hold(duo, IKE_MM5, &held);
	ck_assert_int_eq(fragments_inject_all(duo, DUO_B, message_of(&held), 1, 40), IKE_ACCEPTED);
	duo_run(duo, 0);
	sent = duo->sent[DUO_B];
	for (size_t length = 20; length < 80; length += 20) {
		ck_assert_int_eq(
		    fragments_inject_all(duo, DUO_B, message_of(&held), (unsigned)length, length),
		    IKE_DUPLICATE);
		duo_run(duo, 0);
		ck_assert_uint_eq(duo->sent[DUO_B], ++sent);
	}
	fragments_go_on(duo);
	duo_free(duo);
}
END_TEST

/* The caller's buffer has no room for the twin of more than a datagram: then there is none. */
START_TEST(test_twin_of_a_long_message)
{
	for (size_t room = 0; room < 300; room += 20) {
		struct duo *duo = fragments_duo(7);
		struct siege_held held;
		struct caller caller;
		uint8_t plain[400];
		struct ike_datagram in = {.data = caller.data, .plain = plain, .room = room};

		siege_hold(duo, IKE_MM5, &held);
		ck_assert_int_eq(fragments_inject(duo, DUO_B, message_of(&held), 1, 1, 60),
				 IKE_ACCEPTED);
		fragments_cut(&caller, message_of(&held), 1, 2, 60);
		in.remote = duo->peer[DUO_B].gateway[0];
		in.remote.port = 500;
		in.local = duo->peer[DUO_A].gateway[0];
		in.local.port = 500;
		in.length = caller.length;
		memset(plain, 0xee, sizeof(plain));
		ck_assert_uint_eq(fragments_count(message_of(&held), 60), 2);
		ck_assert_int_eq(ike_input(duo->core[DUO_B], duo->now, &in), IKE_ACCEPTED);
		ck_assert_uint_eq(in.plain_length,
				  room >= held.plain_length ? held.plain_length : 0);
		ck_assert_uint_eq(plain[room], 0xee);
		if (in.plain_length > 0)
			ck_assert_mem_eq(plain, held.plain, held.plain_length);
		duo_free(duo);
	}
}
END_TEST

/* ---- out ----------------------------------------------------------------------------------------------------------- */

#define LONG_MESSAGE 2000

/* A's first message, made as long as a message with certificates, for a peer that takes fragments. */
static struct ike_handshake *long_message(struct duo *duo)
{
	struct ike_handshake *handshake;

	recorder_plug(&recorder, duo, DUO_A);
	duo_start(duo);
	duo_connect(duo, DUO_A);
	handshake = duo->core[DUO_A]->peer[0].connecting[0]->handshake;
	for (size_t i = handshake->sent_length; i < LONG_MESSAGE; i++)
		handshake->sent[i] = (uint8_t)i;
	handshake->sent_length = handshake->plain_length = LONG_MESSAGE;
	handshake->sent[26] = LONG_MESSAGE >> 8;
	handshake->sent[27] = LONG_MESSAGE & 0xff;
	memcpy(handshake->plain, handshake->sent, LONG_MESSAGE);
	handshake->fragments = true;
	return handshake;
}

static struct ike_datagram pull(struct duo *duo)
{
	static uint8_t data[IKE_DATAGRAM_MAX], plain[IKE_DATAGRAM_MAX];
	struct ike_datagram out = {.data = data, .room = sizeof(data), .plain = plain};

	if (ike_output(duo->core[DUO_A], duo->now, &out, 1) == 0)
		out.length = 0;
	return out;
}

static void expect_fragment(struct duo *duo, unsigned id, unsigned number, bool last)
{
	struct ike_datagram out = pull(duo);
	size_t length =
	    last ? LONG_MESSAGE - (FRAGMENT_DATAGRAM_MAX - FRAGMENT_OVERHEAD) + FRAGMENT_OVERHEAD
		 : FRAGMENT_DATAGRAM_MAX;

	ck_assert_uint_eq(out.length, length);
	ck_assert_uint_eq(out.data[IKE_HEADER_NEXT_PAYLOAD_AT], IKE_PAYLOAD_FRAGMENT);
	ck_assert_uint_eq(out.data[33], id);
	ck_assert_uint_eq(out.data[34], number);
	ck_assert_uint_eq(out.data[35], last);
	/* the twin is of the whole message, and goes with what completes it */
	ck_assert_uint_eq(out.plain_length, last ? LONG_MESSAGE : 0);
}

START_TEST(test_a_long_message_goes_in_fragments)
{
	struct duo *duo = duo_new(16);
	struct ike_handshake *handshake = long_message(duo);

	for (unsigned transmission = 0; transmission < 3; transmission++) {
		/* one at a time, with all the time in the world in between: a full socket */
		expect_fragment(duo, 1, 1, false);
		expect_fragment(duo, 1, 2, true);
		ck_assert_uint_eq(pull(duo).length, 0);
		ck_assert(output_handshake(duo->core[DUO_A], handshake, &handshake->sa->remote,
					   sa_local(duo->core[DUO_A], handshake->sa)));
	}
	ck_assert_uint_eq(duo->core[DUO_A]->counter[IKE_COUNT_DATAGRAMS_OUT], 6);
	duo_free(duo);
}
END_TEST

START_TEST(test_not_to_a_peer_that_does_not_take_them)
{
	struct duo *duo = duo_new(17);
	struct ike_handshake *handshake = long_message(duo);

	handshake->fragments = false;
	ck_assert_uint_eq(pull(duo).length, LONG_MESSAGE);
	ck_assert_uint_eq(pull(duo).length, 0);
	duo_free(duo);
}
END_TEST

/* The handshake has gone on, or away, while half of its message was out: what waits behind is not held up. */
START_TEST(test_a_message_that_is_overtaken)
{
	struct duo *duo = duo_new(18);
	struct ike_handshake *handshake = long_message(duo);
	struct ike_command close = {.kind = IKE_COMMAND_CLOSE, .peer = 0};

	expect_fragment(duo, 1, 1, false);
	handshake_send(duo->core[DUO_A], handshake); /* the next message, as long */
	expect_fragment(duo, 2, 1, false);
	expect_fragment(duo, 2, 2, true);
	ck_assert_uint_eq(pull(duo).length, 0);
	ck_assert(output_handshake(duo->core[DUO_A], handshake, &handshake->sa->remote,
				   sa_local(duo->core[DUO_A], handshake->sa)));
	expect_fragment(duo, 2, 1, false);
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &close));
	ck_assert_uint_eq(pull(duo).length, 0);
	ck_assert_uint_eq(duo->core[DUO_A]->outputs, 0);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("fragment", test_lengths_below_nothing, test_numbers_and_flags, test_cut_and_put_together,
	  test_vendor_ids, test_mm5_in_any_order, test_every_answer_of_the_gateway,
	  test_encryption_flag_around_a_fragment, test_a_later_exchange_in_fragments,
	  test_a_repeated_message, test_twin_of_a_long_message,
	  test_a_long_message_goes_in_fragments, test_not_to_a_peer_that_does_not_take_them,
	  test_a_message_that_is_overtaken)
