/* SPDX-License-Identifier: ISC */
#include "ike/wire.h"
#include "tests/support/unit.h"

START_TEST(test_reading_past_the_end_fails_and_stays_failed)
{
	const uint8_t octets[3] = {1, 2, 3};
	struct wire_reader reader;

	wire_read_from(&reader, octets_of(octets, 3));
	ck_assert_uint_eq(wire_read_u32(&reader), 0);
	ck_assert(reader.failed);
	/* there would have been room for these */
	ck_assert_uint_eq(wire_read_u8(&reader), 0);
	ck_assert_uint_eq(wire_read_u16(&reader), 0);
	ck_assert_uint_eq(wire_read_rest(&reader).length, 0);
	ck_assert_uint_eq(wire_read_octets(&reader, 0).length, 0);
	ck_assert(reader.failed);
}
END_TEST

START_TEST(test_huge_length_is_no_wrap)
{
	const uint8_t octets[4] = {1, 2, 3, 4};
	struct wire_reader reader;

	wire_read_from(&reader, octets_of(octets, 4));
	ck_assert_uint_eq(wire_read_u8(&reader), 1);
	ck_assert_uint_eq(wire_read_octets(&reader, SIZE_MAX).length, 0);
	ck_assert(reader.failed);
}
END_TEST

START_TEST(test_reading_nothing_is_no_fault)
{
	struct wire_reader reader;

	wire_read_from(&reader, octets_of(NULL, 0));
	ck_assert_uint_eq(wire_read_rest(&reader).length, 0);
	ck_assert_uint_eq(wire_read_octets(&reader, 0).length, 0);
	ck_assert(!reader.failed);
	ck_assert_uint_eq(wire_read_u8(&reader), 0);
	ck_assert(reader.failed);
}
END_TEST

START_TEST(test_reads_network_order)
{
	const uint8_t octets[] = {0x01, 0x80, 0x02, 0xfe, 0xdc, 0xba, 0x98, 7, 8, 9};
	struct wire_reader reader;
	struct octets view;

	wire_read_from(&reader, octets_of(octets, sizeof(octets)));
	ck_assert_uint_eq(wire_read_u8(&reader), 1);
	ck_assert_uint_eq(wire_read_u16(&reader), 0x8002);
	ck_assert_uint_eq(wire_read_u32(&reader), 0xfedcba98);
	view = wire_read_octets(&reader, 2);
	ck_assert_ptr_eq(view.data, octets + 7);
	ck_assert_uint_eq(view.length, 2);
	view = wire_read_rest(&reader);
	ck_assert_ptr_eq(view.data, octets + 9);
	ck_assert_uint_eq(view.length, 1);
	ck_assert_uint_eq(reader.left, 0);
	ck_assert(!reader.failed);
}
END_TEST

START_TEST(test_writing_past_the_room_fails_and_writes_nothing)
{
	uint8_t room[4] = {0xaa, 0xaa, 0xaa, 0xaa};
	struct wire_writer writer;

	wire_write_to(&writer, room, 3);
	wire_write_u8(&writer, 1);
	wire_write_u32(&writer, 2);
	ck_assert(writer.failed);
	wire_write_u8(&writer, 3); /* would fit */
	wire_write_zeros(&writer, 1);
	wire_write_octets(&writer, octets_of(room, 1));
	wire_patch_u8(&writer, 0, 9);
	ck_assert_uint_eq(writer.length, 1);
	unit_assert_hex(octets_of(room, 4), "01aaaaaa");
}
END_TEST

START_TEST(test_writing_huge_lengths_is_no_wrap)
{
	uint8_t room[4] = {0};
	struct wire_writer writer;

	wire_write_to(&writer, room, sizeof(room));
	wire_write_u16(&writer, 1);
	wire_write_zeros(&writer, SIZE_MAX - 1);
	ck_assert(writer.failed);
	wire_write_to(&writer, room, sizeof(room));
	wire_write_u16(&writer, 1);
	wire_write_octets(&writer, octets_of(room, SIZE_MAX));
	ck_assert(writer.failed);
	ck_assert_uint_eq(writer.length, 2);
}
END_TEST

START_TEST(test_patching_outside_what_was_written_fails)
{
	static const struct {
		size_t offset, length;
	} bad[] = {{3, 1}, {4, 1}, {2, 2}, {0, 4}, {SIZE_MAX, 1}, {SIZE_MAX - 1, 2}, {SIZE_MAX, 4}};
	uint8_t room[8] = {0};
	struct wire_writer writer;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		wire_write_to(&writer, room, sizeof(room));
		wire_write_zeros(&writer, 3);
		if (bad[i].length == 1)
			wire_patch_u8(&writer, bad[i].offset, 0xff);
		else if (bad[i].length == 2)
			wire_patch_u16(&writer, bad[i].offset, 0xffff);
		else
			wire_patch_u32(&writer, bad[i].offset, 0xffffffff);
		ck_assert(writer.failed);
		wire_write_to(&writer, room, sizeof(room));
		wire_write_zeros(&writer, 3);
		wire_patch_octets(&writer, bad[i].offset,
				  octets_of("\xff\xff\xff\xff", bad[i].length));
		ck_assert(writer.failed);
	}
	unit_assert_hex(octets_of(room, 8), "0000000000000000");
}
END_TEST

START_TEST(test_writes_and_patches_network_order)
{
	uint8_t room[14];
	struct wire_writer writer;

	wire_write_to(&writer, room, sizeof(room));
	wire_write_u8(&writer, 0x01);
	wire_write_u16(&writer, 0x0203);
	wire_write_u32(&writer, 0x04050607);
	wire_write_octets(&writer, octets_of("\x08\x09", 2));
	wire_write_octets(&writer, octets_of(NULL, 0));
	wire_write_zeros(&writer, 5);
	wire_write_zeros(&writer, 0);
	ck_assert(!writer.failed);
	unit_assert_hex(wire_written(&writer), "0102030405060708090000000000");

	wire_patch_u8(&writer, 0, 0xf1);
	wire_patch_u16(&writer, 1, 0xf2f3);
	wire_patch_u32(&writer, 3, 0xf4f5f6f7);
	wire_patch_octets(&writer, 11, octets_of("abc", 3));
	wire_patch_octets(&writer, 14, octets_of(NULL, 0));
	ck_assert(!writer.failed);
	unit_assert_hex(wire_written(&writer), "f1f2f3f4f5f6f708090000616263");
	wire_write_u8(&writer, 0); /* exactly full */
	ck_assert(writer.failed);
}
END_TEST

START_TEST(test_numbers_at_a_place)
{
	uint8_t room[] = {0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee};

	wire_put_u16(room + 1, 0xf2f3);
	wire_put_u32(room + 3, 0xf4f5f6f7);
	unit_assert_hex(octets_of(room, 8), "eef2f3f4f5f6f7ee");
	ck_assert_uint_eq(wire_u16_at(room + 1), 0xf2f3);
	ck_assert_uint_eq(wire_u32_at(room + 3), 0xf4f5f6f7);
}
END_TEST

UNIT_MAIN("wire", test_reading_past_the_end_fails_and_stays_failed, test_huge_length_is_no_wrap,
	  test_reading_nothing_is_no_fault, test_reads_network_order,
	  test_writing_past_the_room_fails_and_writes_nothing, test_writing_huge_lengths_is_no_wrap,
	  test_patching_outside_what_was_written_fails, test_writes_and_patches_network_order,
	  test_numbers_at_a_place)
