/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ike/header.h"
#include "ike/ike.h"
#include "tests/support/unit.h"

#define MM1_HEADER "1011121314151617 0000000000000000 01 10 02 00 00000000 0000001c"

static uint8_t good[IKE_MESSAGE_MAX + 1];

static struct octets fresh(size_t length)
{
	memset(good, 0, sizeof(good));
	ck_assert_uint_eq(unit_hex(MM1_HEADER, good, sizeof(good)), IKE_HEADER_LENGTH);
	good[IKE_HEADER_LENGTH_AT + 2] = (uint8_t)(length >> 8);
	good[IKE_HEADER_LENGTH_AT + 3] = (uint8_t)length;
	return octets_of(good, length);
}

static enum ike_verdict with_octet(size_t at, uint8_t value)
{
	struct octets datagram = fresh(IKE_HEADER_LENGTH);
	struct ike_header header;

	good[at] = value;
	return ike_header_parse(datagram, &header);
}

START_TEST(test_short_ones_leave_nothing)
{
	static const struct ike_header zero;

	for (size_t length = 0; length < IKE_HEADER_LENGTH; length++) {
		struct octets datagram = fresh(length);
		struct ike_header header;

		memset(&header, 0xff, sizeof(header));
		ck_assert_int_eq(ike_header_parse(datagram, &header), IKE_TOO_SHORT);
		ck_assert_mem_eq(&header, &zero, sizeof(zero));
	}
}
END_TEST

START_TEST(test_too_long)
{
	struct ike_header header;

	ck_assert_int_eq(ike_header_parse(fresh(IKE_DATAGRAM_MAX + 1), &header), IKE_TOO_LONG);
	ck_assert_int_eq(ike_header_parse(fresh(IKE_DATAGRAM_MAX), &header), IKE_ACCEPTED);
	/* one that came in fragments may be longer */
	ck_assert_int_eq(ike_header_parse_whole(fresh(IKE_MESSAGE_MAX + 1), &header), IKE_TOO_LONG);
	ck_assert_int_eq(ike_header_parse_whole(fresh(IKE_MESSAGE_MAX), &header), IKE_ACCEPTED);
	ck_assert_int_eq(ike_header_parse_whole(fresh(IKE_DATAGRAM_MAX + 1), &header),
			 IKE_ACCEPTED);
}
END_TEST

START_TEST(test_unequal_lengths)
{
	for (size_t at = IKE_HEADER_LENGTH_AT; at < IKE_HEADER_LENGTH; at++)
		ck_assert_int_eq(with_octet(at, 0xff), IKE_UNEQUAL_LENGTHS);
	ck_assert_int_eq(with_octet(27, 27), IKE_UNEQUAL_LENGTHS);
	ck_assert_int_eq(with_octet(27, 29), IKE_UNEQUAL_LENGTHS);
}
END_TEST

START_TEST(test_every_other_version)
{
	for (unsigned version = 0; version < 256; version++) {
		enum ike_verdict verdict = with_octet(17, (uint8_t)version);

		if (version >> 4 != 1)
			ck_assert_int_eq(verdict, IKE_BAD_MAJOR_VERSION);
		else if (version != 0x10)
			ck_assert_int_eq(verdict, IKE_BAD_MINOR_VERSION);
		else
			ck_assert_int_eq(verdict, IKE_ACCEPTED);
	}
}
END_TEST

START_TEST(test_flags_without_a_meaning)
{
	for (unsigned flags = 0; flags < 256; flags++)
		ck_assert_int_eq(with_octet(IKE_HEADER_FLAGS_AT, (uint8_t)flags),
				 flags < 8 ? IKE_ACCEPTED : IKE_BAD_FLAGS);
}
END_TEST

START_TEST(test_zero_initiator_cookie)
{
	struct octets datagram = fresh(IKE_HEADER_LENGTH);
	struct ike_header header;

	memset(good, 0, IKE_COOKIE_LENGTH);
	ck_assert_int_eq(ike_header_parse(datagram, &header), IKE_ZERO_INITIATOR_COOKIE);
	for (size_t i = 0; i < IKE_COOKIE_LENGTH; i++) {
		memset(good, 0, IKE_COOKIE_LENGTH);
		good[i] = 1;
		ck_assert_int_eq(ike_header_parse(datagram, &header), IKE_ACCEPTED);
	}
}
END_TEST

/* One fault of each kind; they are found in the order that the contract gives. */
START_TEST(test_order_of_the_checks)
{
	struct octets datagram = fresh(IKE_HEADER_LENGTH);
	struct ike_header header;

	memset(good, 0, IKE_COOKIE_LENGTH);
	good[IKE_HEADER_FLAGS_AT] = 0xff;
	good[17] = 0x21;
	good[27] = 0;
	ck_assert_int_eq(ike_header_parse(datagram, &header), IKE_UNEQUAL_LENGTHS);
	good[27] = IKE_HEADER_LENGTH;
	ck_assert_int_eq(ike_header_parse(datagram, &header), IKE_BAD_MAJOR_VERSION);
	good[17] = 0x11;
	ck_assert_int_eq(ike_header_parse(datagram, &header), IKE_BAD_MINOR_VERSION);
	good[17] = 0x10;
	ck_assert_int_eq(ike_header_parse(datagram, &header), IKE_BAD_FLAGS);
	good[IKE_HEADER_FLAGS_AT] = 0;
	ck_assert_int_eq(ike_header_parse(datagram, &header), IKE_ZERO_INITIATOR_COOKIE);
}
END_TEST

/* A refused header can still be reported: cookies and exchange are there. */
START_TEST(test_refused_headers_are_filled)
{
	struct octets datagram = fresh(IKE_HEADER_LENGTH);
	struct ike_header header;

	good[17] = 0x20;
	ck_assert_int_eq(ike_header_parse(datagram, &header), IKE_BAD_MAJOR_VERSION);
	unit_assert_hex(octets_of(header.cky_i, IKE_COOKIE_LENGTH), "1011121314151617");
	ck_assert_uint_eq(header.exchange, IKE_EXCHANGE_MAIN_MODE);
	ck_assert_uint_eq(header.version, 0x20);
}
END_TEST

START_TEST(test_fields_there_and_back)
{
	static const char text[] =
	    "0102030405060708 1112131415161718 0b 10 05 03 89abcdef 0000001c";
	uint8_t octets[IKE_HEADER_LENGTH], again[IKE_HEADER_LENGTH];
	struct wire_writer writer;
	struct ike_header header;

	unit_hex(text, octets, sizeof(octets));
	ck_assert_int_eq(ike_header_parse(octets_of(octets, sizeof(octets)), &header),
			 IKE_ACCEPTED);
	unit_assert_hex(octets_of(header.cky_i, 8), "0102030405060708");
	unit_assert_hex(octets_of(header.cky_r, 8), "1112131415161718");
	ck_assert_uint_eq(header.next_payload, IKE_PAYLOAD_NOTIFY);
	ck_assert_uint_eq(header.version, 0x10);
	ck_assert_uint_eq(header.exchange, IKE_EXCHANGE_INFORMATIONAL);
	ck_assert_uint_eq(header.flags, IKE_FLAG_ENCRYPTION | IKE_FLAG_COMMIT);
	ck_assert_uint_eq(header.message_id, 0x89abcdef);
	ck_assert_uint_eq(header.length, 28);

	wire_write_to(&writer, again, sizeof(again));
	ike_header_write(&writer, &header);
	ck_assert(!writer.failed);
	unit_assert_hex(wire_written(&writer), text);
}
END_TEST

START_TEST(test_finish_patches_the_length)
{
	static const struct ike_header header = {.version = 0x10};
	uint8_t octets[300];
	struct wire_writer writer;

	wire_write_to(&writer, octets, sizeof(octets));
	ike_header_write(&writer, &header);
	wire_write_zeros(&writer, 272);
	ike_header_finish(&writer);
	ck_assert(!writer.failed);
	unit_assert_hex(octets_of(octets + IKE_HEADER_LENGTH_AT, 4), "0000012c");
}
END_TEST

UNIT_MAIN("header", test_short_ones_leave_nothing, test_too_long, test_unequal_lengths,
	  test_every_other_version, test_flags_without_a_meaning, test_zero_initiator_cookie,
	  test_order_of_the_checks, test_refused_headers_are_filled, test_fields_there_and_back,
	  test_finish_patches_the_length)
