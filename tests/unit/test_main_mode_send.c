/* SPDX-License-Identifier: ISC */
/*
 * test_main_mode_send.c - our messages of Main Mode as a peer sees them, from the wire alone: how long they are, and what chance
 * has to do with them.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/duo.h"
#include "tests/support/recorder.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

static struct recorder a, b;

/* ---- MM2 is never longer than MM1 (VU#419128) ----------------------------------------------------------------------- */

/* SA alone: header, payload, one transform, with `spare` octets of a vendor ID that nobody knows (below 4: none). */
static size_t first_message(size_t spare, uint8_t *out, size_t room)
{
	struct ike_header header = {
	    .version = 0x10, .exchange = IKE_EXCHANGE_MAIN_MODE, .cky_i = {1, 2, 3, 4, 5, 6, 7, 8}};
	static const uint8_t unknown[64];
	uint8_t sa[64];
	struct wire_writer writer;
	struct ike_chain chain;

	wire_write_to(&writer, out, room);
	ike_header_write(&writer, &header);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	/* aes128-sha1-x25519, PSK, 86400 seconds */
	ike_payload_write(&chain, IKE_PAYLOAD_SA,
			  octets_of(sa, unit_hex("00000001 00000001 00000030 01 01 00 01"
						 "00000028 01 01 0000 80010007 80020002 80030001"
						 "8004001f 800e0080 800b0001 000c0004 00015180",
						 sa, sizeof(sa))));
	if (spare >= IKE_GENERIC_LENGTH)
		ike_payload_write(&chain, IKE_PAYLOAD_VENDOR_ID,
				  octets_of(unknown, spare - IKE_GENERIC_LENGTH));
	ike_header_finish(&writer);
	ck_assert(!writer.failed);
	return writer.length;
}

/* R131 */
START_TEST(test_second_message_is_never_longer)
{
	for (size_t spare = 0; spare <= 40; spare += spare == 0 ? 4 : 1) {
		struct duo *duo = recorder_duo_proposing(1, &a, &b, "aes128-sha1-x25519");
		bool fits = spare >= IKE_GENERIC_LENGTH + 16; /* the recorder's vendor ID */
		uint8_t first[200];
		size_t length = first_message(spare, first, sizeof(first));
		struct ike_message second;

		duo_start(duo);
		ck_assert_int_eq(duo_inject(duo, DUO_B, first, length), IKE_ACCEPTED);
		duo_run(duo, 0);
		ck_assert_uint_le(tap_nth(duo, IKE_MM2, 0)->length, length);
		tap_read_nth(duo, IKE_MM2, 0, &second);
		ck_assert_uint_eq(tap_payloads(&second, IKE_PAYLOAD_VENDOR_ID), fits ? 1 : 0);
		duo_free(duo);
	}
}
END_TEST

/* Without room in MM2 the vendor ID comes with MM4, whose receiver has shown its address; once in all (R3). */
START_TEST(test_vendor_id_moves_to_the_fourth_message)
{
	struct duo *duo = recorder_duo_proposing(2, &a, &b, "aes128-sha1-x25519");
	struct ike_message message;

	duo->settings[DUO_A].extension = NULL; /* its MM1 has no vendor ID */
	duo_start(duo);
	duo_establish(duo);
	ck_assert_uint_le(tap_nth(duo, IKE_MM2, 0)->length, tap_nth(duo, IKE_MM1, 0)->length);
	tap_read_nth(duo, IKE_MM2, 0, &message);
	ck_assert_uint_eq(tap_payloads(&message, IKE_PAYLOAD_VENDOR_ID), 0);
	tap_read_nth(duo, IKE_MM4, 0, &message);
	ck_assert_uint_eq(tap_payloads(&message, IKE_PAYLOAD_VENDOR_ID), 1);
	duo_free(duo);
}
END_TEST

/* ---- chance -------------------------------------------------------------------------------------------------------- */

static struct duo *run_of(uint8_t seed)
{
	struct duo *duo = recorder_duo_proposing(seed, &a, &b, "aes128-sha1-modp1024");

	duo_start(duo);
	duo_establish(duo);
	return duo;
}

START_TEST(test_equal_seeds_give_equal_octets_and_others_do_not)
{
	struct duo *one = run_of(8), *same = run_of(8), *other = run_of(18);

	for (enum ike_message_kind kind = IKE_MM1; kind <= IKE_MM6; kind++) {
		const struct duo_datagram *datagram = tap_nth(one, kind, 0);

		ck_assert_uint_eq(tap_nth(same, kind, 0)->length, datagram->length);
		ck_assert_mem_eq(tap_nth(same, kind, 0)->data, datagram->data, datagram->length);
		/* cookies, public values, nonces, and all that is encrypted */
		ck_assert_mem_ne(tap_nth(other, kind, 0)->data, datagram->data, IKE_COOKIE_LENGTH);
		if (kind >= IKE_MM3)
			ck_assert_mem_ne(tap_nth(other, kind, 0)->data + IKE_HEADER_LENGTH,
					 datagram->data + IKE_HEADER_LENGTH, 16);
	}
	duo_free(one);
	duo_free(same);
	duo_free(other);
}
END_TEST

UNIT_MAIN("main_mode_send", test_second_message_is_never_longer,
	  test_vendor_id_moves_to_the_fourth_message,
	  test_equal_seeds_give_equal_octets_and_others_do_not)
