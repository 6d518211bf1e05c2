/* SPDX-License-Identifier: ISC */
/*
 * test_impair_death.c - each message is survived by a node that is not impaired, kills the one that is, and no other.
 */
#include "interop/impair/impair_layer.h"

#include <string.h>

#include "tests/support/impaired.h"
#include "tests/support/unit.h"

static struct impaired *impaired;
static struct message message;

/* ---- messages under an SA ------------------------------------------------------------------------------------------ */

static void question(void)
{
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE, 1000);
}

static void notify(size_t spi, size_t data)
{
	static const uint8_t zero[255];

	message_add_notify(&message, 1, 1, octets_of(zero, spi), IKE_NOTIFY_R_U_THERE,
			   octets_of(zero, data));
}

static void right_spi(size_t data)
{
	static const uint8_t zero[16];
	uint8_t spi[16];

	memcpy(spi, impaired->cky_i, 8);
	memcpy(spi + 8, impaired->cky_r, 8);
	message_add_notify(&message, 1, 1, octets_of(spi, 16), IKE_NOTIFY_R_U_THERE,
			   octets_of(zero, data));
}

static void major_version(void)
{
	question();
	message.header.version = 0x20;
}

static void flags(void)
{
	question();
	message.more_flags = 0x40;
}

static void tiny_length(void)
{
	question();
	message.wrong_length = -84;
}

static void unknown_exchange(void)
{
	question();
	message.header.exchange = 200;
}

static void transaction(void)
{
	question();
	message.header.exchange = IKE_EXCHANGE_TRANSACTION;
}

static void odd_ciphertext(void)
{
	question();
	message.padding = MESSAGE_PADDING_MISSING;
}

static void zero_length(void)
{
	question();
	message.payload[0].wrong_length = -32;
}

static void three_octets(void)
{
	question();
	message.payload[0].wrong_length = -29;
}

static void past_end(void)
{
	question();
	message.payload[0].wrong_length = 100;
}

static void reserved(void)
{
	question();
	message.payload[0].reserved = 1;
}

static void unknown_payload(void)
{
	question();
	message_add(&message, IKE_PAYLOAD_NOTIFY, octets_of("?", 1));
	message.payload[1].type = 100;
}

static void empty_hash(void)
{
	question();
	message.hash = MESSAGE_HASH_EMPTY;
}

static void zero_cookie(void)
{
	question();
	memset(message.header.cky_i, 0, 8);
}

static void strange_cookies(void)
{
	message.protection = MESSAGE_CLEAR;
	message.header.exchange = IKE_EXCHANGE_MAIN_MODE;
	message.header.cky_r[0] ^= 1;
	message_add(&message, IKE_PAYLOAD_VENDOR_ID, octets_of("?", 1));
}

static void odd_identity(void)
{
	question();
	message_add(&message, IKE_PAYLOAD_ID, octets_of("\x7f\0\0\0", 4));
}

static void long_spi(void)
{
	notify(17, 4);
}

static void no_spi(void)
{
	notify(0, 4);
}

static void wrong_cookies(void)
{
	notify(16, 4);
}

static void short_data(void)
{
	right_spi(3);
}

static void long_data(void)
{
	right_spi(5);
}

static void clear_question(void)
{
	question();
	message.protection = MESSAGE_CLEAR;
	memset(message.header.cky_i, 7, 8);
}

static void clear_ack(void)
{
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE_ACK, 1000);
	message.protection = MESSAGE_CLEAR;
}

static void two_deletes(void)
{
	message_add(&message, IKE_PAYLOAD_DELETE,
		    octets_of("\0\0\0\1\3\4\0\1spi!", 12)); /* ESP: the SA stays */
	message_add(&message, IKE_PAYLOAD_DELETE, octets_of("\0\0\0\1\3\4\0\1spi!", 12));
}

static void notify_then_delete(void)
{
	message_add_isakmp_notify(&message, 40000);
	message_add(&message, IKE_PAYLOAD_DELETE, octets_of("\0\0\0\1\3\4\0\1spi!", 12));
}

static void delete_count(void)
{
	message_add(&message, IKE_PAYLOAD_DELETE, octets_of("\0\0\0\1\3\4\xff\xffspi!", 12));
}

static void quick_mode_id(void)
{
	message.header.exchange = IKE_EXCHANGE_QUICK_MODE;
	message_add(&message, IKE_PAYLOAD_SA, octets_of("\0\0\0\1\0\0\0\1", 8));
	message_add(&message, IKE_PAYLOAD_NONCE, octets_of("sixteen octets..", 16));
	message_add(&message, IKE_PAYLOAD_ID, octets_of("\1", 1));
}

static void quick_mode_without_sa(void)
{
	message.header.exchange = IKE_EXCHANGE_QUICK_MODE;
	message_add(&message, IKE_PAYLOAD_NONCE, octets_of("sixteen octets..", 16));
}

static void no_fragment(void)
{
	message.protection = MESSAGE_CLEAR;
	message_add(&message, IKE_PAYLOAD_FRAGMENT, octets_of("\0\1\0\1", 4));
}

static const struct {
	enum impairment impairment;
	void (*make)(void);
} messages[] = {
    {IMPAIR_DIES_OF_TINY_LENGTH, tiny_length},
    {IMPAIR_DIES_OF_MAJOR_VERSION, major_version},
    {IMPAIR_DIES_OF_FLAGS, flags},
    {IMPAIR_DIES_OF_UNKNOWN_EXCHANGE, unknown_exchange},
    {IMPAIR_DIES_OF_TRANSACTION, transaction},
    {IMPAIR_DIES_OF_ODD_CIPHERTEXT, odd_ciphertext},
    {IMPAIR_DIES_OF_ZERO_LENGTH_PAYLOAD, zero_length},
    {IMPAIR_DIES_OF_ZERO_LENGTH_PAYLOAD, three_octets},
    {IMPAIR_DIES_OF_PAYLOAD_PAST_END, past_end},
    {IMPAIR_DIES_OF_RESERVED, reserved},
    {IMPAIR_DIES_OF_UNKNOWN_PAYLOAD, unknown_payload},
    {IMPAIR_DIES_OF_EMPTY_HASH, empty_hash},
    {IMPAIR_DIES_OF_ZERO_COOKIE, zero_cookie},
    {IMPAIR_DIES_OF_STRANGE_COOKIES, strange_cookies},
    {IMPAIR_DIES_OF_ODD_IDENTITY, odd_identity},
    {IMPAIR_DIES_OF_LONG_SPI, long_spi},
    {IMPAIR_DIES_OF_SPI_SIZE_0, no_spi},
    {IMPAIR_DIES_OF_WRONG_COOKIES, wrong_cookies},
    {IMPAIR_DIES_OF_SHORT_DATA, short_data},
    {IMPAIR_DIES_OF_LONG_DATA, long_data},
    {IMPAIR_DIES_OF_CLEAR_QUESTION_WITHOUT_SA, clear_question},
    {IMPAIR_DIES_OF_CLEAR_ACK, clear_ack},
    {IMPAIR_DIES_OF_TWO_DELETES, two_deletes},
    {IMPAIR_DIES_OF_NOTIFY_THEN_DELETE, notify_then_delete},
    {IMPAIR_DIES_OF_DELETE_COUNT, delete_count},
    {IMPAIR_DIES_OF_BAD_FRAGMENT, no_fragment},
    {IMPAIR_DIES_OF_QUICK_MODE_ID, quick_mode_id},
    {IMPAIR_DIES_OF_QUICK_MODE_MISSING_PAYLOAD, quick_mode_without_sa},
};

#define MESSAGES (sizeof(messages) / sizeof(messages[0]))

static bool dies(enum impairment impairment, void (*make)(void))
{
	bool dead;

	impaired = impaired_new(impairment);
	impaired->duo->settings[DUO_A].plain_twins = false;
	impaired_up(impaired);
	impaired_begin(impaired, &message);
	make();
	ck_assert(!impaired_is_dead(impaired));
	impaired_send(impaired, &message);
	dead = impaired_is_dead(impaired);
	impaired_ask(impaired, 1001);
	ck_assert_uint_eq(impaired_acks(impaired, 1001), dead ? 0 : 1);
	impaired_free(impaired);
	return dead;
}

START_TEST(survived_unless_impaired)
{
	for (size_t i = 0; i < MESSAGES; i++) {
		ck_assert(!dies(IMPAIRED_NONE, messages[i].make));
		ck_assert_msg(dies(messages[i].impairment, messages[i].make), "%s",
			      impairment_name(messages[i].impairment));
	}
}
END_TEST

START_TEST(each_of_one_thing)
{
	for (size_t i = 0; i < MESSAGES; i++)
		for (size_t k = 0; k < MESSAGES; k++)
			if (messages[i].impairment != messages[k].impairment)
				ck_assert_msg(!dies(messages[k].impairment, messages[i].make),
					      "%s by %s", impairment_name(messages[i].impairment),
					      impairment_name(messages[k].impairment));
}
END_TEST

/* More payloads than the engine takes: written out, because a struct message has no room for them. */
static bool dies_of_many(enum impairment impairment)
{
	uint8_t data[28 + 40 * 4] = {7, [8] = 7,   [16] = 13, 0x10, IKE_EXCHANGE_INFORMATIONAL,
				     0, [27] = 188};
	bool dead;

	for (size_t i = 0; i < 39; i++) {
		data[28 + 4 * i] = 13;
		data[28 + 4 * i + 3] = 4;
	}
	data[28 + 4 * 39 + 3] = 4;
	impaired = impaired_new(impairment);
	impaired_start(impaired);
	impaired_send_octets(impaired, data, sizeof(data), NULL);
	dead = impaired_is_dead(impaired);
	impaired_free(impaired);
	return dead;
}

START_TEST(many_payloads)
{
	ck_assert(!dies_of_many(IMPAIRED_NONE));
	ck_assert(dies_of_many(IMPAIR_DIES_OF_MANY_PAYLOADS));
	ck_assert(!dies_of_many(IMPAIR_DIES_OF_RESERVED));
}
END_TEST

/* ---- Phase 1 ------------------------------------------------------------------------------------------------------- */

static struct message_payload *find(struct message *of, uint8_t type)
{
	for (size_t i = 0; i < of->payloads; i++)
		if (of->payload[i].type == type)
			return &of->payload[i];
	return NULL;
}

static void public_value_one(struct message *third)
{
	struct message_payload *payload = find(third, IKE_PAYLOAD_KE);

	if (payload == NULL)
		return;
	memset(third->body + payload->at, 0, payload->length);
	third->body[payload->at + payload->length - 1] = 1;
}

static void public_value_short(struct message *third)
{
	struct message_payload *payload = find(third, IKE_PAYLOAD_KE);

	if (payload != NULL)
		payload->length--;
}

static void nonce_short(struct message *third)
{
	struct message_payload *payload = find(third, IKE_PAYLOAD_NONCE);

	if (payload != NULL)
		payload->length = 7;
}

static void without_nonce(struct message *third)
{
	struct message_payload *payload = find(third, IKE_PAYLOAD_NONCE);

	if (payload != NULL)
		payload->type = IKE_PAYLOAD_VENDOR_ID;
}

static void without_sa(struct message *first)
{
	struct message_payload *payload = find(first, IKE_PAYLOAD_SA);

	if (payload != NULL)
		payload->type = IKE_PAYLOAD_VENDOR_ID;
}

static void certificate(struct message *third)
{
	if (find(third, IKE_PAYLOAD_KE) != NULL)
		message_add(third, IKE_PAYLOAD_CERT, octets_of("\4not one", 8));
}

static void bad_proposal(struct message *first)
{
	struct message_payload *payload = find(first, IKE_PAYLOAD_SA);

	if (payload != NULL)
		first->body[payload->at + 8 + 3] += 9; /* of the proposal's length */
}

static const struct {
	enum impairment impairment;
	void (*tamper)(struct message *message);
} first_phase[] = {
    {IMPAIR_DIES_OF_PUBLIC_VALUE_ZERO, public_value_one},
    {IMPAIR_DIES_OF_PUBLIC_VALUE_LENGTH, public_value_short},
    {IMPAIR_DIES_OF_NONCE_LENGTH, nonce_short},
    {IMPAIR_DIES_OF_MISSING_PAYLOAD, without_nonce},
    {IMPAIR_DIES_OF_MISSING_PAYLOAD, without_sa},
    {IMPAIR_DIES_OF_CERTIFICATE, certificate},
    {IMPAIR_DIES_OF_BAD_PROPOSAL, bad_proposal},
};

#define FIRST_PHASE (sizeof(first_phase) / sizeof(first_phase[0]))

static bool dies_of(enum impairment impairment, void (*tamper)(struct message *of))
{
	bool dead;

	impaired = impaired_new(impairment);
	impaired->tamper = tamper;
	impaired_start(impaired);
	duo_connect(impaired->duo, DUO_A);
	impaired_run(impaired, IKE_SECOND);
	dead = impaired_is_dead(impaired);
	impaired_free(impaired);
	return dead;
}

START_TEST(phase_1)
{
	for (size_t i = 0; i < FIRST_PHASE; i++) {
		ck_assert(!dies_of(first_phase[i].impairment, NULL));
		for (size_t k = 0; k < FIRST_PHASE; k++)
			ck_assert_msg(dies_of(first_phase[k].impairment, first_phase[i].tamper) ==
					  (first_phase[i].impairment == first_phase[k].impairment),
				      "%zu by %s", i, impairment_name(first_phase[k].impairment));
	}
}
END_TEST

static size_t firsts_survived(enum impairment impairment, size_t most)
{
	uint8_t data[60] = {1, [16] = 1, 0x10, 2, [27] = 60, [31] = 32};
	size_t count = 0;

	impaired = impaired_new(impairment);
	impaired_start(impaired);
	for (; count < most && !impaired_is_dead(impaired); count++) {
		data[1] = (uint8_t)count;
		impaired_send_octets(impaired, data, sizeof(data), NULL);
	}
	impaired_free(impaired);
	return count;
}

START_TEST(flood)
{
	ck_assert_uint_eq(firsts_survived(IMPAIRED_NONE, 60), 60);
	ck_assert_uint_eq(firsts_survived(IMPAIR_DIES_OF_FLOOD, 60), 33);
}
END_TEST

UNIT_MAIN("impair_death", survived_unless_impaired, each_of_one_thing, many_payloads, phase_1,
	  flood)
