/* SPDX-License-Identifier: ISC */
#include "ike/attribute.h"

#include <string.h>

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

/* ---- all of a transform -------------------------------------------------------------------------------------------- */

struct offer {
	uint16_t cipher, group;
	uint32_t seconds, kilobytes;
};

static uint16_t *field_of(void *context, uint16_t type)
{
	struct offer *offer = context;

	return type == 1 ? &offer->cipher : type == 4 ? &offer->group : NULL;
}

static bool read_all(const char *hex, struct offer *offer, bool *known)
{
	static const struct ike_attribute_set set = {11, 12, field_of};
	uint8_t octets[64];
	struct wire_reader reader;

	memset(offer, 0, sizeof(*offer));
	wire_read_from(&reader, octets_of(octets, unit_hex(hex, octets, sizeof(octets))));
	return ike_attributes_read(&reader, &set, offer, &offer->seconds, &offer->kilobytes, known);
}

START_TEST(test_what_has_no_meaning)
{
	static const char *const cases[] = {
	    "80010007 80020001",                   /* a type that nobody asked for */
	    "80010007 80010007",                   /* twice, and be it the same */
	    "80010000",                            /* no value */
	    "0001000400010000",                    /* more than a field holds */
	    "800c0e10",                            /* a duration of nothing */
	    "800b0001",                            /* a type without its duration */
	    "800b0001 800b0001 800c0e10",          /* two of them */
	    "800b0001 800c0000",                   /* none at all */
	    "800b0003 800c0e10",                   /* neither seconds nor kilobytes */
	    "800b0001 800c0e10 800b0001 800c0e10", /* two lives in seconds */
	};
	struct offer offer;
	bool known;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		known = true;
		ck_assert_msg(read_all(cases[i], &offer, &known), "%s", cases[i]);
		ck_assert_msg(!known, "%s", cases[i]);
	}
	ck_assert(!read_all("80010007 8004", &offer, &known));
	ck_assert(!read_all("80010007 000c0004 0000", &offer, &known));
}
END_TEST

START_TEST(test_any_order)
{
	static const char *const cases[] = {
	    "80010007 80040002 800b0001 000c000400015180 800b0002 800c0064",
	    "800b0002 800c0064 80040002 800b0001 000c000400015180 80010007",
	};
	struct offer offer;
	bool known;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert(read_all(cases[i], &offer, &known) && known);
		ck_assert_uint_eq(offer.cipher, 7);
		ck_assert_uint_eq(offer.group, 2);
		ck_assert_uint_eq(offer.seconds, 86400);
		ck_assert_uint_eq(offer.kilobytes, 100);
	}
	ck_assert(read_all("", &offer, &known) && known);
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

UNIT_MAIN("attribute", test_cut_off, test_both_encodings, test_numbers_of_any_length,
	  test_what_has_no_meaning, test_any_order, test_writing)
