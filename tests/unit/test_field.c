/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "interop/decode/field.h"
#include "tests/support/sample.h"
#include "tests/support/unit.h"

static uint8_t octets[70000];
static struct field_list list;

static void fill(const char *hex)
{
	size_t length = unit_hex(hex, octets, sizeof(octets));

	field_list_free(&list);
	ck_assert(field_list_fill(&list, octets_of(octets, length)));
}

static const struct field *find(const char *name)
{
	for (size_t i = 0; i < list.fields; i++)
		if (strcmp(list.field[i].name, name) == 0)
			return &list.field[i];
	ck_abort_msg("no field %s", name);
	return NULL;
}

static size_t wrongs(void)
{
	size_t count = 0;

	for (size_t i = 0; i < list.fields; i++)
		count += list.field[i].wrong;
	return count;
}

#define COOKIES "1111111111111111 2222222222222222 "

START_TEST(test_cut_off)
{
	fill("");
	ck_assert_uint_eq(wrongs(), 1);
	fill("1111111111111111 22222222");
	ck_assert(find("responder cookie")->wrong);
	ck_assert_str_eq(find("responder cookie")->value, "cut off: 4 of 8 octets are there");
	ck_assert_uint_eq(find("responder cookie")->offset, 8);
	fill(COOKIES "05 10 05 00 00000000 0000001c");
	ck_assert(find("payload")->wrong);
	fill(COOKIES "0b 10 05 00 00000000 0000001e 0000");
	ck_assert(find("payload length")->wrong);
}
END_TEST

START_TEST(test_wrong_header)
{
	static const struct {
		const char *hex, *name, *value;
	} wrong[] = {
	    {"0000000000000000 2222222222222222 00 10 05 00 00000000 0000001c", "initiator cookie",
	     "0000000000000000: must not be zero"},
	    {COOKIES "00 20 22 08 00000000 0000001c", "version", "2.0: this is IKEv2 (RFC 7296)"},
	    {COOKIES "00 11 05 00 00000000 0000001c", "version", "1.1: not IKEv1, which is 1.0"},
	    {COOKIES "00 10 09 00 00000000 0000001c", "exchange type", "9: no exchange of IKEv1"},
	    {COOKIES "4d 10 05 01 00000001 0000001c", "next payload", "77: no payload of IKEv1"},
	    {COOKIES "00 10 05 18 00000001 0000001c", "flags",
	     "24: bits without a meaning are set"},
	    {COOKIES "00 10 02 00 00000001 0000001c", "message ID",
	     "00000001: must be zero in Phase 1"},
	    {COOKIES "00 10 20 01 00000000 0000001c", "message ID",
	     "00000000: must not be zero in this exchange"},
	    {COOKIES "00 10 05 01 00000001 0000001d", "length", "29: the message has 28 octets"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		fill(wrong[i].hex);
		ck_assert(find(wrong[i].name)->wrong);
		ck_assert_str_eq(find(wrong[i].name)->value, wrong[i].value);
	}
}
END_TEST

START_TEST(test_wrong_chain)
{
	fill(COOKIES "0a 10 05 00 00000001 00000024 00 01 0008 01020304");
	ck_assert_str_eq(find("RESERVED")->value, "1: must be zero");
	fill(COOKIES "0a 10 05 00 00000001 00000024 00 00 0003 01020304");
	ck_assert_str_eq(find("payload length")->value, "3: shorter than the payload's own header");
	ck_assert(find("octets")->wrong);
	fill(COOKIES "0a 10 05 00 00000001 00000024 00 00 0009 01020304");
	ck_assert_str_eq(find("payload length")->value, "9: only 8 octets are left");
	fill(COOKIES "4d 10 05 00 00000001 00000024 00 00 0008 01020304");
	ck_assert_str_eq(find("payload")->value, "type 77 has no meaning in IKEv1, 8 octets");
	ck_assert_str_eq(find("data")->value, "01020304");
	fill(COOKIES "2b 10 05 00 00000001 00000028 00 00 0008 01020304 01020304");
	ck_assert_str_eq(find("trailing octets")->value, "4 octets behind the last payload");
	fill(COOKIES "2b 10 05 00 00000001 00000029 00 00 000a 010203040506 000000");
	ck_assert(!find("alignment")->wrong);
}
END_TEST

START_TEST(test_other_version_is_not_taken_apart)
{
	fill(COOKIES "21 20 22 08 00000000 00000024 01020304 05060708");
	ck_assert_str_eq(find("octets")->value, "not taken apart: another version of IKE");
	ck_assert_uint_eq(find("octets")->length, 8);
}
END_TEST

START_TEST(test_encrypted)
{
	fill(COOKIES "08 10 05 01 00000001 0000002c 00112233445566778899aabbccddeeff");
	ck_assert_uint_eq(wrongs(), 0);
	ck_assert_str_eq(find("ciphertext")->value, "16 octets, encrypted");
	ck_assert_str_eq(find("flags")->value, "1 (encryption)");
	ck_assert_uint_eq(find("ciphertext")->offset, 28);
	ck_assert_uint_eq(find("ciphertext")->length, 16);
}
END_TEST

/* The fields of a level, where it is known to be complete, lie one behind the other. */
static void check_list(size_t length)
{
	size_t end = 0;

	ck_assert_uint_gt(list.fields, 0);
	for (size_t i = 0; i < list.fields; i++) {
		const struct field *field = &list.field[i];

		ck_assert_uint_le(field->offset, length);
		ck_assert_uint_le(field->length, length - field->offset);
		ck_assert_ptr_nonnull(field->name);
		ck_assert_ptr_nonnull(field->section);
		ck_assert_uint_lt(strlen(field->value), FIELD_VALUE);
		for (const char *at = field->value; *at != '\0'; at++)
			ck_assert(isprint((unsigned char)*at));
		if (field->depth > 0 || field->length == 0)
			continue;
		ck_assert_uint_eq(field->offset, end);
		end += field->length;
	}
	ck_assert_uint_eq(end, length);
}

/* Every octet of every sample, wrong in every way that a bit or a bound can be, and every length. */
START_TEST(test_every_octet_wrong)
{
	for (int number = 0; number < SAMPLES; number++) {
		struct sample sample;

		sample_get((enum sample_number)number, &sample);
		for (size_t at = 0; at < sample.length; at++) {
			static const uint8_t with[] = {0x01, 0x80, 0xff, 0x7f, 0x10, 0x04};

			for (size_t i = 0; i < sizeof(with); i++) {
				memcpy(octets, sample.octets, sample.length);
				octets[IKE_HEADER_FLAGS_AT] = 0;
				octets[at] ^= with[i];
				field_list_free(&list);
				ck_assert(field_list_fill(&list, octets_of(octets, sample.length)));
				check_list(sample.length);
			}
			field_list_free(&list);
			ck_assert(field_list_fill(&list, octets_of(octets, at)));
			check_list(at);
		}
	}
}
END_TEST

/* As long as UDP lets it be, and of the smallest fields: the list has an end. */
START_TEST(test_endless)
{
	static const char start[] = COOKIES
	    "01 10 02 00 00000000 0000ff00 00 00 fee4 00000001 00000001 00 00 fed8 01 01 00 01"
	    "00 00 fed0 01 01 0000";
	size_t length = unit_hex(start, octets, sizeof(octets));

	memset(octets + length, 0x80, 0xff00 - length);
	field_list_free(&list);
	ck_assert(field_list_fill(&list, octets_of(octets, 0xff00)));
	ck_assert_uint_eq(list.fields, 8192);
	ck_assert_ptr_nonnull(strstr(list.field[list.fields - 1].value, "more fields"));
}
END_TEST

START_TEST(test_good_message_has_nothing_wrong)
{
	struct sample sample;

	sample_get(SAMPLE_MM1, &sample);
	field_list_free(&list);
	ck_assert(field_list_fill(&list, octets_of(sample.octets, sample.length)));
	check_list(sample.length);
	ck_assert_uint_eq(wrongs(), 0);
	ck_assert_str_eq(list.field[0].name, "HDR");
	ck_assert_str_eq(list.field[0].section, "RFC 2408 section 3.1");
	ck_assert_str_eq(find("next payload")->value, "SA (1)");
	ck_assert_str_eq(find("exchange type")->value, "MAIN (2)");
	ck_assert_str_eq(find("known as")->value, "DPD");
	field_list_free(&list);
	ck_assert_ptr_null(list.field);
}
END_TEST

UNIT_MAIN("field", test_cut_off, test_wrong_header, test_wrong_chain,
	  test_other_version_is_not_taken_apart, test_encrypted, test_every_octet_wrong,
	  test_endless, test_good_message_has_nothing_wrong)
