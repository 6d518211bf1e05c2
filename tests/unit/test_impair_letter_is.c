/* SPDX-License-Identifier: ISC */
#include "interop/impair/impair_layer.h"

#include <string.h>

#include "tests/support/impaired.h"
#include "tests/support/unit.h"

static struct impaired *impaired;
static struct letter *letter;
static struct parcel parcel;
static struct message message;

static void read_it(void)
{
	parcel.length = message_seal(&message, impaired->crypto, &impaired->random, parcel.data,
				     parcel.plain, sizeof(parcel.data), &parcel.plain_length);
	ck_assert_uint_gt(parcel.length, 0);
	letter->impair = impaired->impair;
	letter->parcel = &parcel;
	letter_read(letter);
}

static void begin(void)
{
	impaired = impaired_new(IMPAIRED_NONE);
	impaired_up(impaired);
	letter = &impaired->impair->letter;
	impaired_begin(impaired, &message);
}

START_TEST(protected)
{
	begin();
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE, 7);
	read_it();
	ck_assert(letter_is_question(letter, 0) && !letter_is_ack(letter, 0));
	ck_assert(letter_is_valid(letter, 0) && letter_is_protected(letter, 0));
	ck_assert(!letter_is_clear_notify(letter, IKE_NOTIFY_R_U_THERE));
	message.hash = MESSAGE_HASH_WRONG;
	read_it();
	ck_assert(!letter_is_question(letter, 0) && !letter_is_valid(letter, 0));
	ck_assert(letter_is_protected(letter, 0));
	impaired_begin(impaired, &message);
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE_ACK, 7);
	read_it();
	ck_assert(letter_is_ack(letter, 0) && !letter_is_question(letter, 0));
	message.header.exchange = IKE_EXCHANGE_QUICK_MODE;
	read_it();
	ck_assert(!letter_is_ack(letter, 0) && !letter_is_valid(letter, 0));
	impaired_begin(impaired, &message);
	message_add_delete(&message);
	read_it();
	ck_assert(letter_is_delete(letter, 0) && !letter_is_clear_delete(letter, 0));
	impaired_begin(impaired, &message);
	message_add_isakmp_notify(&message, IKE_NOTIFY_INITIAL_CONTACT);
	read_it();
	ck_assert(letter_is_notify(letter, IKE_NOTIFY_INITIAL_CONTACT));
	ck_assert(!letter_is_notify(letter, IKE_NOTIFY_INVALID_SPI));
	ck_assert(!letter_is_delete(letter, 0));
	impaired_free(impaired);
}
END_TEST

START_TEST(clear)
{
	begin();
	message.protection = MESSAGE_CLEAR;
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE, 7);
	read_it();
	ck_assert(letter_is_clear_notify(letter, IKE_NOTIFY_R_U_THERE));
	ck_assert(!letter_is_clear_notify(letter, IKE_NOTIFY_R_U_THERE_ACK));
	ck_assert(!letter_is_question(letter, 0) && !letter_is_protected(letter, 0));
	message.payloads = message.length = 0;
	message_add_delete(&message);
	read_it();
	ck_assert(letter_is_clear_delete(letter, 0) && !letter_is_delete(letter, 0));
	ck_assert(letter_is_any(letter, 0));
	impaired_free(impaired);
}
END_TEST

START_TEST(phase_1)
{
	bool first = false, second = false;

	begin();
	for (size_t i = 0; i < impaired->wires; i++) {
		const struct wire *wire = &impaired->wire[i];

		memcpy(parcel.data, wire->data, wire->length);
		parcel.length = wire->length;
		letter->impair = impaired->impair;
		letter->parcel = &parcel;
		letter_read(letter);
		ck_assert(!letter_is_first(letter, 0) || i == 0);
		ck_assert(!letter_is_second(letter, 0) || i == 1);
		first |= letter_is_first(letter, 0);
		second |= letter_is_second(letter, 0);
		if (letter_is_first(letter, 0))
			ck_assert_ptr_nonnull(letter_payload_find(letter, IKE_PAYLOAD_VENDOR_ID));
		ck_assert_ptr_null(letter_payload_find(letter, IKE_PAYLOAD_ATTRIBUTES));
	}
	ck_assert(first && second);
	impaired_free(impaired);
}
END_TEST

UNIT_MAIN("impair_letter_is", protected, clear, phase_1)
