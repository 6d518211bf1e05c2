/* SPDX-License-Identifier: ISC */
/*
 * test_impair_edit.c - the edits on a letter, without a core behind it; what they look like on the wire is in test_impair_ack.c.
 */
#include "interop/impair/impair_layer.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

static struct impair *impair;
static struct letter *letter;
static struct impair_sa sa;
static uint8_t spi[16], data[4] = {1, 2, 3, 4};

/* An ACK as letter_read() leaves it. */
static void begin(void)
{
	impair = calloc(1, sizeof(*impair));
	ck_assert_ptr_nonnull(impair);
	random_seeded(&impair->random, (const uint8_t[RANDOM_SEED_LENGTH]){1});
	letter = &impair->letter;
	letter->impair = impair;
	letter->sa = &sa;
	memset(sa.cky_i, 0x11, 8);
	memset(sa.cky_r, 0x22, 8);
	memcpy(spi, sa.cky_i, 8);
	memcpy(spi + 8, sa.cky_r, 8);
	letter->notify = (struct letter_notify){
	    .found = true,
	    .doi = 1,
	    .protocol = 1,
	    .spi_size = 16,
	    .type = IKE_NOTIFY_R_U_THERE_ACK,
	    .spi = octets_of(spi, 16),
	    .data = octets_of(data, 4),
	    .number = 0x01020304,
	};
	message_of_sa(&letter->message, NULL, sa.cky_i, sa.cky_r, 77);
	message_add_keepalive(&letter->message, IKE_NOTIFY_R_U_THERE_ACK, 0x01020304);
}

static struct octets body(void)
{
	const struct message_payload *payload = &letter->message.payload[0];

	ck_assert_uint_eq(letter->message.payloads, 1);
	return octets_of(letter->message.body + payload->at, payload->length);
}

#define COOKIES "1111111111111111 2222222222222222"

START_TEST(fields)
{
	begin();
	unit_assert_hex(body(), "00000001 01 10 8d29" COOKIES "01020304");
	edit_doi(letter, 2);
	unit_assert_hex(body(), "00000002 01 10 8d29" COOKIES "01020304");
	edit_protocol(letter, 3);
	unit_assert_hex(body(), "00000001 03 10 8d29" COOKIES "01020304");
	edit_type(letter, 36136);
	unit_assert_hex(body(), "00000001 01 10 8d28" COOKIES "01020304");
	edit_spi_size(letter, 0);
	unit_assert_hex(body(), "00000001 01 00 8d29 01020304");
	edit_spi_size(letter, 17);
	unit_assert_hex(body(), "00000001 01 11 8d29" COOKIES "00 01020304");
	edit_spi_cookies(letter, 1);
	unit_assert_hex(body(), "00000001 01 10 8d29 2222222222222222 1111111111111111 01020304");
	edit_data_length(letter, 3);
	unit_assert_hex(body(), "00000001 01 10 8d29" COOKIES "010203");
	edit_data_length(letter, 8);
	unit_assert_hex(body(), "00000001 01 10 8d29" COOKIES "01020304 00000000");
	edit_data_length(letter, 0);
	unit_assert_hex(body(), "00000001 01 10 8d29" COOKIES);
	free(impair);
}
END_TEST

START_TEST(numbers)
{
	begin();
	sa.first_answer = 9;
	sa.answers = 3;
	edit_number(letter, 0xffffffff);
	unit_assert_hex(body(), "00000001 01 10 8d29" COOKIES "ffffffff");
	edit_number_plus(letter, 1);
	unit_assert_hex(body(), "00000001 01 10 8d29" COOKIES "01020305");
	edit_number_turned(letter, 0);
	unit_assert_hex(body(), "00000001 01 10 8d29" COOKIES "04030201");
	edit_number_of_first(letter, 0);
	unit_assert_hex(body(), "00000001 01 10 8d29" COOKIES "00000009");
	edit_number_of_its_own(letter, 0);
	unit_assert_hex(body(), "00000001 01 10 8d29" COOKIES "00000003");
	free(impair);
}
END_TEST

/* A question that is forgotten or never came, one without an SPI, and one whose SPI is as long as it can be. */
START_TEST(echo)
{
	begin();
	edit_spi_echoed(letter, 0);
	unit_assert_hex(body(), "00000001 01 10 8d29" COOKIES "01020304");
	sa.name[0].number = 0x01020304;
	sa.names = IMPAIR_NAMES + 1; /* another question has taken its place */
	sa.name[0].number = 5;
	edit_spi_echoed(letter, 0);
	unit_assert_hex(body(), "00000001 01 10 8d29" COOKIES "01020304");
	sa.name[7].number = 0x01020304;
	edit_spi_echoed(letter, 0);
	unit_assert_hex(body(), "00000001 01 00 8d29 01020304");
	sa.name[7].length = sizeof(sa.name[7].spi);
	edit_spi_echoed(letter, 0);
	ck_assert_uint_eq(body().length, 8 + 255 + 4);
	free(impair);
}
END_TEST

START_TEST(around_it)
{
	begin();
	sa.question_id = 5;
	sa.answer_id = 6;
	edit_id_of_question(letter, 0);
	ck_assert_uint_eq(letter->message.header.message_id, 5);
	edit_id_of_first(letter, 0);
	ck_assert_uint_eq(letter->message.header.message_id, 6);
	edit_id_zero(letter, 0);
	ck_assert_uint_eq(letter->message.header.message_id, 0);
	edit_reserved(letter, 4);
	ck_assert_uint_eq(letter->message.payload[0].reserved, 4);
	edit_payload_length(letter, -3);
	ck_assert_int_eq(letter->message.payload[0].wrong_length, -3);
	edit_one_more_notify(letter, 24578);
	edit_one_more_vendor_id(letter, 0);
	ck_assert_uint_eq(letter->message.payloads, 3);
	edit_hash(letter, MESSAGE_HASH_LAST);
	edit_protection(letter, MESSAGE_CLEAR_HASH);
	edit_iv(letter, MESSAGE_IV_CONTINUED);
	edit_padding(letter, MESSAGE_PADDING_RANDOM);
	edit_flags(letter, 2);
	edit_version(letter, 0x11);
	edit_header_length(letter, 4);
	edit_exchange(letter, 6);
	ck_assert_int_eq(letter->message.hash, MESSAGE_HASH_LAST);
	ck_assert_int_eq(letter->message.protection, MESSAGE_CLEAR_HASH);
	ck_assert_int_eq(letter->message.iv, MESSAGE_IV_CONTINUED);
	ck_assert_int_eq(letter->message.padding, MESSAGE_PADDING_RANDOM);
	ck_assert_uint_eq(letter->message.more_flags, 2);
	ck_assert_uint_eq(letter->message.header.version, 0x11);
	ck_assert_int_eq(letter->message.wrong_length, 4);
	ck_assert_uint_eq(letter->message.header.exchange, 6);
	free(impair);
}
END_TEST

UNIT_MAIN("impair_edit", fields, numbers, echo, around_it)
