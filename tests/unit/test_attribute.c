/* SPDX-License-Identifier: ISC */
#include "ike/attribute.h"
#include "tests/support/unit.h"

static bool read_one(const char *hex, struct ike_attribute_value *attribute, size_t *left)
{
	static uint8_t memory[64];
	size_t length = unit_hex(hex, memory, sizeof(memory));
	struct wire_reader reader;
	bool good;

	wire_read_from(&reader, octets_of(memory, length));
	good = ike_attribute_read(&reader, attribute);
	*left = reader.left;
	ck_assert(!reader.failed);
	return good;
}

START_TEST(test_cut_off)
{
	static const char *const bad[] = {
	    "",       "80",       "8001",       "800100",         "0001",
	    "000100", "00010001", "0001000401", "000c0004000151", "000cffff00"};
	struct ike_attribute_value attribute = {.type = 4711};
	uint8_t memory[64];
	size_t left;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(!read_one(bad[i], &attribute, &left), "%s", bad[i]);
		ck_assert_uint_eq(left, unit_hex(bad[i], memory, sizeof(memory)));
		ck_assert_uint_eq(attribute.type, 4711);
	}
}
END_TEST

START_TEST(test_both_encodings)
{
	struct ike_attribute_value attribute;
	size_t left;

	ck_assert(read_one("800e0080 ff", &attribute, &left));
	ck_assert_uint_eq(left, 1);
	ck_assert_uint_eq(attribute.type, 14);
	ck_assert(attribute.basic);
	ck_assert_uint_eq(attribute.number, 128);
	unit_assert_hex(attribute.octets, "0080");

	ck_assert(read_one("000c000400015180 ff", &attribute, &left));
	ck_assert_uint_eq(left, 1);
	ck_assert_uint_eq(attribute.type, 12);
	ck_assert(!attribute.basic);
	ck_assert_uint_eq(attribute.number, 86400);
	unit_assert_hex(attribute.octets, "00015180");
}
END_TEST

START_TEST(test_numbers_of_any_length)
{
	static const struct {
		const char *hex;
		uint32_t number;
	} cases[] = {
	    {"000c0000", 0},
	    {"000c000107", 7},
	    {"000c0003010000", 65536},
	    {"000c0004ffffffff", UINT32_MAX},
	    {"000c00080000000000015180", 86400},
	    {"000c00050100000000", UINT32_MAX},
	    {"000c0008ffffffffffffffff", UINT32_MAX},
	};
	struct ike_attribute_value attribute;
	size_t left;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert(read_one(cases[i].hex, &attribute, &left));
		ck_assert_uint_eq(attribute.number, cases[i].number);
	}
}
END_TEST

START_TEST(test_writing)
{
	uint8_t memory[12];
	struct wire_writer writer;

	wire_write_to(&writer, memory, sizeof(memory));
	ike_attribute_write_basic(&writer, 14, 256);
	ike_attribute_write_u32(&writer, 12, 86400);
	ck_assert(!writer.failed);
	unit_assert_hex(wire_written(&writer), "800e0100 000c000400015180");
}
END_TEST

UNIT_MAIN("attribute", test_cut_off, test_both_encodings, test_numbers_of_any_length, test_writing)
