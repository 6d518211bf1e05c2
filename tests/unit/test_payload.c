/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ike/payload.h"
#include "ike/text.h"
#include "tests/support/unit.h"

static uint8_t memory[2048];

static enum ike_verdict parse(uint8_t first, const char *hex, bool padded, size_t block,
			      struct ike_message *message)
{
	size_t length = unit_hex(hex, memory, sizeof(memory));

	memset(message, 0, sizeof(*message));
	message->header.next_payload = first;
	message->payloads = 99;
	return ike_payloads_parse(octets_of(memory, length), padded, block, message);
}

static void assert_refused(uint8_t first, const char *hex, enum ike_verdict wanted)
{
	struct ike_message message;

	ck_assert_int_eq(parse(first, hex, false, 16, &message), wanted);
	ck_assert_uint_eq(message.payloads,
			  0); /* nothing of a refused chain can be used by mistake */
}

START_TEST(test_too_short)
{
	assert_refused(10, "00 00 0000 01020304",
		       IKE_PAYLOAD_TOO_SHORT); /* would never come to an end */
	assert_refused(10, "0a 00 0003 0a000008", IKE_PAYLOAD_TOO_SHORT);
	assert_refused(10, "0a 00 0008 01020304 00 00 0001", IKE_PAYLOAD_TOO_SHORT);
}
END_TEST

START_TEST(test_truncated)
{
	assert_refused(10, "", IKE_PAYLOAD_TRUNCATED);
	assert_refused(10, "00", IKE_PAYLOAD_TRUNCATED);
	assert_refused(10, "00 00 00", IKE_PAYLOAD_TRUNCATED);
	assert_refused(10, "00 00 0005", IKE_PAYLOAD_TRUNCATED);
	assert_refused(10, "00 00 ffff 01020304", IKE_PAYLOAD_TRUNCATED);
	assert_refused(10, "0a 00 0008 01020304",
		       IKE_PAYLOAD_TRUNCATED); /* another was announced */
}
END_TEST

START_TEST(test_reserved)
{
	assert_refused(10, "00 01 0004", IKE_RESERVED_NOT_ZERO);
	assert_refused(10, "0a 00 0004 00 80 0004", IKE_RESERVED_NOT_ZERO);
}
END_TEST

START_TEST(test_trailing_octets)
{
	assert_refused(10, "00 00 0004 00", IKE_TRAILING_OCTETS);
	assert_refused(0, "00", IKE_TRAILING_OCTETS);
	assert_refused(0, "00000000", IKE_TRAILING_OCTETS);
	assert_refused(10, "00 00 0008 01020304 00000000", IKE_TRAILING_OCTETS);
	assert_refused(10, "00 00 0005 ff 000001", IKE_TRAILING_OCTETS);
	assert_refused(10, "00 00 0005 ff 0000", IKE_TRAILING_OCTETS);
	assert_refused(10, "00 00 0005 ff 00000000", IKE_TRAILING_OCTETS);
}
END_TEST

/* What is missing to a multiple of four octets is made up for at the end, also in the clear (RFC 2408 section 3.6). */
START_TEST(test_alignment)
{
	struct ike_message message;

	ck_assert_int_eq(parse(10, "00 00 0005 ff 000000", false, 16, &message), IKE_ACCEPTED);
	ck_assert_uint_eq(message.payloads, 1);
	ck_assert_uint_eq(ike_payloads_chain(&message).length, 5);
	ck_assert_int_eq(parse(10, "00 00 0006 ffff 0000", false, 16, &message), IKE_ACCEPTED);
	ck_assert_int_eq(parse(10, "00 00 0007 ffffff 00", false, 16, &message), IKE_ACCEPTED);
	ck_assert_int_eq(parse(10, "00 00 0007 ffffff", false, 16, &message), IKE_ACCEPTED);
}
END_TEST

START_TEST(test_too_many)
{
	struct ike_message message;
	char hex[IKE_PAYLOADS_MAX * 8 + 16];
	struct text text;

	text_to(&text, hex, sizeof(hex));
	for (size_t i = 0; i < IKE_PAYLOADS_MAX; i++)
		text_add(&text, i + 1 < IKE_PAYLOADS_MAX ? "0d000004" : "00000004");
	ck_assert_int_eq(parse(13, hex, false, 16, &message), IKE_ACCEPTED);
	ck_assert_uint_eq(message.payloads, IKE_PAYLOADS_MAX);
	hex[8 * (IKE_PAYLOADS_MAX - 1) + 1] = 'd';
	text_add(&text, "00000004");
	assert_refused(13, hex, IKE_TOO_MANY_PAYLOADS);
}
END_TEST

/* R61 */
START_TEST(test_padding_up_to_one_block)
{
	struct ike_message message;
	char hex[128];

	for (size_t block = 8; block <= 16; block += 8) {
		for (size_t padding = 0; padding <= block + 1; padding++) {
			struct text text;

			text_to(&text, hex, sizeof(hex));
			text_add(&text, "00000005ff");
			for (size_t i = 0; i < padding; i++)
				text_add(&text, "a7"); /* some stacks pad with random octets */
			ck_assert_int_eq(parse(10, hex, true, block, &message),
					 padding <= block ? IKE_ACCEPTED : IKE_TRAILING_OCTETS);
			ck_assert_uint_eq(message.payloads, padding <= block ? 1 : 0);
		}
	}
}
END_TEST

START_TEST(test_empty_chain)
{
	struct ike_message message;

	ck_assert_int_eq(parse(0, "", false, 16, &message), IKE_ACCEPTED);
	ck_assert_uint_eq(message.payloads, 0);
	ck_assert_ptr_null(ike_payload_find(&message, IKE_PAYLOAD_SA));
}
END_TEST

START_TEST(test_views)
{
	struct ike_message message;

	ck_assert_int_eq(parse(8, "0b 00 0006 aabb 0b 00 0004 00 00 0005 cc", false, 16, &message),
			 IKE_ACCEPTED);
	ck_assert_uint_eq(message.payloads, 3);
	ck_assert_uint_eq(message.payload[0].type, IKE_PAYLOAD_HASH);
	ck_assert_ptr_eq(message.payload[0].whole.data, memory);
	unit_assert_hex(message.payload[0].whole, "0b000006aabb");
	unit_assert_hex(message.payload[0].body, "aabb");
	ck_assert_uint_eq(message.payload[1].type, IKE_PAYLOAD_NOTIFY);
	ck_assert_uint_eq(message.payload[1].body.length, 0);
	ck_assert_uint_eq(message.payload[2].type, IKE_PAYLOAD_NOTIFY);
	unit_assert_hex(message.payload[2].body, "cc");
}
END_TEST

START_TEST(test_finding)
{
	struct ike_message message;
	const struct ike_payload *payload;

	ck_assert_int_eq(parse(13, "0a 00 0005 01 0d 00 0005 02 0d 00 0005 03 00 00 0005 04", false,
			       16, &message),
			 IKE_ACCEPTED);
	ck_assert_ptr_null(ike_payload_find(&message, IKE_PAYLOAD_SA));
	payload = ike_payload_find(&message, IKE_PAYLOAD_VENDOR_ID);
	unit_assert_hex(payload->body, "01");
	payload = ike_payload_next(&message, payload);
	unit_assert_hex(payload->body, "03");
	payload = ike_payload_next(&message, payload);
	unit_assert_hex(payload->body, "04");
	ck_assert_ptr_null(ike_payload_next(&message, payload));
}
END_TEST

START_TEST(test_reading_one_leaves_the_reader_where_it_was_on_a_fault)
{
	const uint8_t octets[] = {7, 0, 0, 6, 1, 2, 9, 9, 0, 9};
	struct wire_reader reader;
	struct ike_payload payload;
	uint8_t next = 0;

	wire_read_from(&reader, octets_of(octets, sizeof(octets)));
	ck_assert_int_eq(ike_payload_read(&reader, 3, &payload, &next), IKE_ACCEPTED);
	ck_assert_uint_eq(next, 7);
	ck_assert_uint_eq(payload.type, 3);
	ck_assert_uint_eq(reader.left, 4);
	ck_assert_int_eq(ike_payload_read(&reader, 7, &payload, &next), IKE_PAYLOAD_TRUNCATED);
	ck_assert_uint_eq(reader.left, 4);
	ck_assert(!reader.failed);
	ck_assert_uint_eq(next, 7);
}
END_TEST

START_TEST(test_writing_a_chain)
{
	static const struct ike_header header = {.version = 0x10};
	uint8_t octets[64];
	struct wire_writer writer;
	struct ike_chain chain;
	size_t mark;

	wire_write_to(&writer, octets, sizeof(octets));
	ike_header_write(&writer, &header);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	ike_payload_write(&chain, IKE_PAYLOAD_KE, octets_of("\x01\x02\x03", 3));
	mark = ike_payload_begin(&chain, IKE_PAYLOAD_NONCE);
	wire_write_u16(&writer, 0x0405);
	ike_payload_end(&chain, mark);
	ike_payload_write(&chain, IKE_PAYLOAD_VENDOR_ID, octets_of(NULL, 0));
	ck_assert(!writer.failed);
	ck_assert_uint_eq(octets[IKE_HEADER_NEXT_PAYLOAD_AT], IKE_PAYLOAD_KE);
	unit_assert_hex(octets_of(octets + IKE_HEADER_LENGTH, writer.length - IKE_HEADER_LENGTH),
			"0a 00 0007 010203 0d 00 0006 0405 00 00 0004");
}
END_TEST

START_TEST(test_writing_what_does_not_fit)
{
	static uint8_t octets[70000];
	struct wire_writer writer;
	struct ike_chain chain;
	size_t mark;

	wire_write_to(&writer, octets, IKE_HEADER_LENGTH + 6);
	wire_write_zeros(&writer, IKE_HEADER_LENGTH);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	ike_payload_write(&chain, IKE_PAYLOAD_KE, octets_of("\x01\x02\x03", 3));
	ck_assert(writer.failed);

	/* there is room, but not in the length field */
	wire_write_to(&writer, octets, sizeof(octets));
	wire_write_zeros(&writer, IKE_HEADER_LENGTH);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	mark = ike_payload_begin(&chain, IKE_PAYLOAD_KE);
	wire_write_zeros(&writer, 65536 - IKE_GENERIC_LENGTH);
	ike_payload_end(&chain, mark);
	ck_assert(writer.failed);
}
END_TEST

UNIT_MAIN("payload", test_too_short, test_truncated, test_reserved, test_trailing_octets,
	  test_alignment, test_too_many, test_padding_up_to_one_block, test_empty_chain, test_views,
	  test_finding, test_reading_one_leaves_the_reader_where_it_was_on_a_fault,
	  test_writing_a_chain, test_writing_what_does_not_fit)
