/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/decode/told.h"
#include "tests/support/unit.h"

START_TEST(test_anomalies)
{
	struct told told = {.packet = NULL};

	told_anomaly(&told, IKE_ACCEPTED, "%s", "nothing");
	ck_assert_uint_eq(told.anomalies, 0);
	told_anomaly(&told, IKE_BAD_HASH, "%u", 1u);
	told_anomaly(&told, IKE_BAD_HASH, "%u", 2u); /* once is enough */
	ck_assert_uint_eq(told.anomalies, 1);
	ck_assert_str_eq(told.anomaly[0].detail, "1");
	for (int verdict = IKE_ACCEPTED; verdict < IKE_VERDICTS; verdict++)
		told_anomaly(&told, (enum ike_verdict)verdict, "%0300u", 1u);
	ck_assert_uint_eq(told.anomalies, TOLD_ANOMALIES);
	ck_assert_uint_eq(strlen(told.anomaly[1].detail), sizeof(told.anomaly[1].detail) - 1);
}
END_TEST

START_TEST(test_notes)
{
	struct told told = {.packet = NULL};

	told_note(&told, "one");
	told_note(&told, "%s", "two");
	ck_assert_str_eq(told.note, "one; two");
	for (int i = 0; i < 100; i++)
		told_note(&told, "more and more");
	ck_assert_uint_eq(strlen(told.note), sizeof(told.note) - 1);
}
END_TEST

static const struct field *find(const struct field_list *list, const char *name)
{
	for (size_t i = 0; i < list->fields; i++)
		if (strcmp(list->field[i].name, name) == 0)
			return &list->field[i];
	ck_abort_msg("no field %s", name);
	return NULL;
}

/* The header as on the wire, and what was behind it. */
START_TEST(test_fields)
{
	uint8_t wire[64], clear[64];
	struct field_list list;
	struct octets octets;
	struct told told = {.packet = NULL};
	size_t length = unit_hex("1111111111111111 2222222222222222 0a 10 05 01 00000001 0000002c"
				 "ffffffff ffffffff ffffffff ffffffff",
				 wire, sizeof(wire));

	told.wire = octets_of(wire, length);
	ck_assert(told_fields(&told, &list, &octets));
	ck_assert_str_eq(find(&list, "ciphertext")->value, "16 octets, encrypted");
	ck_assert_ptr_eq(octets.data, wire);
	field_list_free(&list);

	memcpy(clear, wire, length);
	unit_hex("00 00 000c 0102030405060708 00000000", clear + 28, 16);
	told.clear = octets_of(clear, length);
	told.plain_length = 40;
	told.message.header.flags = 1;
	ck_assert(told_fields(&told, &list, &octets));
	ck_assert_ptr_eq(octets.data, clear);
	ck_assert_str_eq(find(&list, "flags")->value, "1 (encryption)");
	ck_assert_str_eq(find(&list, "length")->value, "44");
	ck_assert_str_eq(find(&list, "nonce data")->value, "0102030405060708");
	ck_assert_uint_eq(find(&list, "nonce data")->offset, 32);
	for (size_t i = 0; i < list.fields; i++)
		ck_assert(!list.field[i].wrong);
	field_list_free(&list);
	/* zeros in place of what cannot be read are not shown as if they had been there */
	told.partial = true;
	told.unread = 8;
	ck_assert(told_fields(&told, &list, &octets));
	ck_assert_str_eq(find(&list, "nonce data")->value, "its beginning cannot be read");
	ck_assert_str_eq(find(&list, "next payload")->value, "NONCE (10)");
	field_list_free(&list);
}
END_TEST

UNIT_MAIN("told", test_anomalies, test_notes, test_fields)
