/* SPDX-License-Identifier: ISC */
#include "interop/impair/impair_layer.h"

#include <string.h>

#include "tests/support/impaired.h"
#include "tests/support/unit.h"

static struct impaired *impaired;
static struct letter *letter;
static struct parcel parcel;
static struct message message;

static void begin(void)
{
	impaired = impaired_new(IMPAIRED_NONE);
	impaired_up(impaired);
	letter = &impaired->impair->letter;
	impaired_begin(impaired, &message);
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE, 1000);
}

static void read_it(void)
{
	parcel.length = message_seal(&message, impaired->crypto, &impaired->random, parcel.data,
				     parcel.plain, sizeof(parcel.data), &parcel.plain_length);
	ck_assert_uint_gt(parcel.length, 0);
	letter->impair = impaired->impair;
	letter->parcel = &parcel;
	letter->way = RULE_IN;
	letter_read(letter);
}

/* Whatever it is, nothing is read beyond it. */
START_TEST(nonsense)
{
	begin();
	read_it();
	for (size_t length = 0; length < parcel.length; length++) {
		size_t whole = parcel.length;

		parcel.length = length;
		letter_read(letter);
		ck_assert(!letter_is_valid(letter, 0));
		ck_assert(!letter->whole || length >= IKE_HEADER_LENGTH);
		parcel.length = whole;
	}
	memset(parcel.data + IKE_HEADER_LENGTH, 0xff, parcel.length - IKE_HEADER_LENGTH);
	parcel.data[IKE_HEADER_FLAGS_AT] = 0;
	letter_read(letter);
	ck_assert(letter->broken && !letter->whole);
	ck_assert_uint_eq(letter->payloads, 1);
	impaired_free(impaired);
}
END_TEST

START_TEST(a_right_one)
{
	begin();
	read_it();
	ck_assert(letter_is_valid(letter, 0) && letter->whole && !letter->broken);
	ck_assert_ptr_nonnull(letter->sa);
	ck_assert_uint_eq(letter->payloads, 2);
	ck_assert_uint_eq(letter->notify.number, 1000);
	ck_assert_uint_eq(letter->notify.spi_size, 16);
	ck_assert_uint_eq(letter->padding, 8);
	ck_assert_uint_eq(letter->message.payloads, 1); /* HASH is made anew */
	impaired_free(impaired);
}
END_TEST

/* More lenient than the engine: a long SPI, RESERVED, a header that is wrong, a payload that goes on behind the end. */
START_TEST(wrong_ones)
{
	static const uint8_t spi[255];

	begin();
	message.payloads = message.length = 0;
	message_add_notify(&message, 1, 1, octets_of(spi, 255), IKE_NOTIFY_R_U_THERE,
			   octets_of(spi, 2));
	message.payload[0].reserved = 5;
	message.header.version = 0x23;
	message.more_flags = 0x20;
	read_it();
	ck_assert_int_eq(letter->header_verdict, IKE_BAD_MAJOR_VERSION);
	ck_assert_int_eq(letter->hash, MESSAGE_HASH_HOLDS);
	ck_assert(letter->whole && !letter_is_valid(letter, 0));
	ck_assert_uint_eq(letter->notify.spi.length, 255);
	ck_assert_uint_eq(letter->notify.data.length, 2);
	ck_assert_uint_eq(letter->payload[1].reserved, 5);

	impaired_begin(impaired, &message);
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE, 1000);
	message.payload[0].wrong_length = 1000;
	read_it();
	ck_assert(letter->broken && !letter->whole);
	ck_assert_uint_eq(letter->payload[1].said, 1032);
	impaired_free(impaired);
}
END_TEST

START_TEST(repaired)
{
	uint32_t id;

	begin();
	message.header.exchange = IKE_EXCHANGE_TRANSACTION;
	message.protection = MESSAGE_WITHOUT_HASH;
	message.payload[0].reserved = 9;
	message.more_flags = IKE_FLAG_COMMIT;
	id = message.header.message_id;
	read_it();
	ck_assert(!letter_is_valid(letter, 0));
	letter_repair(letter);
	letter_seal(letter);
	ck_assert(letter_is_question(letter, 0));
	ck_assert_uint_ne(letter->header.message_id, id);
	ck_assert_uint_eq(letter->payload[1].reserved, 0);
	ck_assert_uint_eq(letter->header.flags, IKE_FLAG_ENCRYPTION);
	ck_assert_uint_eq(letter->notify.number, 1000);
	impaired_free(impaired);
}
END_TEST

START_TEST(message_ids)
{
	struct impair_ids ids = {.count = 0};

	ck_assert(!impair_knows_id(&ids, 0));
	for (uint32_t id = 1; id <= IMPAIR_IDS + 1; id++)
		impair_note_id(&ids, id);
	ck_assert(!impair_knows_id(&ids, 1)); /* overwritten by the last one */
	ck_assert(impair_knows_id(&ids, 2));
	ck_assert(impair_knows_id(&ids, IMPAIR_IDS + 1));
	ck_assert(!impair_knows_id(&ids, IMPAIR_IDS + 2));
}
END_TEST

UNIT_MAIN("impair_letter", nonsense, a_right_one, wrong_ones, repaired, message_ids)
