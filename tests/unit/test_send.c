/* SPDX-License-Identifier: ISC */
/*
 * test_send.c - Informationals of ours: when nothing may be said, how little at most, and what a protected one looks like.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/core.h"
#include "tests/support/duo.h"
#include "tests/support/recorder.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

#define ANSWER 56 /* octets of a notification in the clear */

static struct recorder recorder;

static struct duo *duo_with_recorder(uint8_t seed)
{
	struct duo *duo = duo_new(seed);

	recorder_plug(&recorder, duo, DUO_A);
	duo_start(duo);
	return duo;
}

static struct ike_sa *sa_of(const struct duo *duo)
{
	uint32_t cursor = 0;
	struct ike_sa *sa = sa_table_next(duo->core[DUO_A]->sas, &cursor);

	ck_assert_ptr_nonnull(sa);
	return sa;
}

/* A header and zeros; the exchange is one that nobody offers. */
static void rubbish(uint8_t *out, size_t length)
{
	memset(out, 0, length);
	memset(out, 0xaa, IKE_COOKIE_LENGTH);
	out[17] = 0x10;
	out[18] = IKE_EXCHANGE_BASE;
	out[26] = (uint8_t)(length >> 8);
	out[27] = (uint8_t)length;
}

static size_t sent_for(struct duo *duo, const uint8_t *data, size_t length)
{
	size_t before = duo->datagrams;

	(void)duo_inject(duo, DUO_A, data, length);
	duo_run(duo, 0);
	return duo->datagrams - before;
}

/* ---- when silence is right ----------------------------------------------------------------------------------------- */

/* Nobody's address has been proved: what goes out is never longer than what came in (R132). */
START_TEST(test_never_longer_than_what_came_in)
{
	struct duo *duo = duo_with_recorder(1);
	uint8_t data[200];

	for (size_t length = IKE_HEADER_LENGTH; length <= sizeof(data); length++) {
		rubbish(data, length);
		duo->now += IKE_SECOND;
		ck_assert_uint_eq(sent_for(duo, data, length), length >= ANSWER ? 1 : 0);
		if (length >= ANSWER)
			ck_assert_uint_eq(tap_last(duo, DUO_B)->length, ANSWER);
	}
	duo_free(duo);
}
END_TEST

/* RFC 2409 section 5.7: an Informational about an Informational would be a notify war. */
START_TEST(test_nothing_about_an_informational_in_the_clear)
{
	struct duo *duo = duo_with_recorder(2);
	uint8_t data[100];

	rubbish(data, sizeof(data));
	data[18] = IKE_EXCHANGE_INFORMATIONAL;
	data[16] = IKE_PAYLOAD_NOTIFY;
	data[31] = 200; /* a payload longer than the message */
	ck_assert_int_eq(duo_inject(duo, DUO_A, data, sizeof(data)), IKE_PAYLOAD_TRUNCATED);
	ck_assert_uint_eq(sent_for(duo, data, sizeof(data)), 0);
	duo_free(duo);
}
END_TEST

START_TEST(test_unknown_cookies_only_where_the_user_wants_it)
{
	struct duo *duo = duo_new(3);
	uint8_t data[100];

	duo->settings[DUO_A].say_invalid_cookie = false;
	duo_start(duo);
	rubbish(data, sizeof(data));
	data[8] = 1; /* both cookies: somebody believes in an SA */
	data[18] = IKE_EXCHANGE_INFORMATIONAL;
	data[19] = IKE_FLAG_ENCRYPTION;
	ck_assert_int_eq(duo_inject(duo, DUO_A, data, sizeof(data)), IKE_UNKNOWN_COOKIES);
	ck_assert_uint_eq(sent_for(duo, data, sizeof(data)), 0);
	duo->settings[DUO_A].say_invalid_cookie = true;
	ck_assert_uint_eq(sent_for(duo, data, sizeof(data)), 1);
	data[8] = 0;
	ck_assert_uint_eq(sent_for(duo, data, sizeof(data)), 0);
	duo_free(duo);
}
END_TEST

/* Verdicts that tell a stranger about state, or that he may bring about at will, are not told to him. */
START_TEST(test_silent_verdicts)
{
	static const enum ike_verdict silent[] = {
	    IKE_TOO_SHORT,    IKE_UNEQUAL_LENGTHS, IKE_OTHER_ADDRESS,     IKE_OUT_OF_STATE,
	    IKE_RATE_LIMITED, IKE_NO_PEER,         IKE_REUSED_MESSAGE_ID, IKE_BAD_HASH,
	};
	struct duo *duo = duo_with_recorder(4);
	struct ike_datagram datagram = {.remote = duo->peer[DUO_A].gateway[0]};
	struct inbound in = {.datagram = &datagram, .octets = {NULL, 1000}};

	in.header.exchange = IKE_EXCHANGE_MAIN_MODE;
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		send_verdict(duo->core[DUO_A], &in, silent[i]);
	ck_assert_uint_eq(duo->core[DUO_A]->outputs, 0);
	send_verdict(duo->core[DUO_A], &in, IKE_NO_PROPOSAL_CHOSEN); /* one that is not */
	ck_assert_uint_eq(duo->core[DUO_A]->outputs, 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_ten_in_a_second)
{
	struct duo *duo = duo_with_recorder(5);
	uint8_t data[100];
	size_t sent = 0;

	rubbish(data, sizeof(data));
	for (int i = 0; i < 100; i++)
		sent += sent_for(duo, data, sizeof(data));
	ck_assert_uint_eq(sent, 10);
	duo_run(duo, IKE_SECOND);
	for (int i = 0; i < 100; i++)
		sent += sent_for(duo, data, sizeof(data));
	ck_assert_uint_eq(sent, 20);
	duo_free(duo);
}
END_TEST

START_TEST(test_the_notification_says_what_was_wrong)
{
	struct duo *duo = duo_with_recorder(6);
	struct ike_message message;
	uint8_t data[100];

	rubbish(data, sizeof(data));
	ck_assert_uint_eq(sent_for(duo, data, sizeof(data)), 1);
	tap_read(tap_plain(tap_last(duo, DUO_B)), &message);
	ck_assert_int_eq(message.header.exchange, IKE_EXCHANGE_INFORMATIONAL);
	ck_assert_mem_eq(message.header.cky_i, data, IKE_COOKIE_LENGTH);
	ck_assert_uint_eq(message.payloads, 1);
	/* DOI ISAKMP, protocol ISAKMP, 16 octets of SPI, INVALID-EXCHANGE-TYPE; the cookies */
	unit_assert_hex(tap_body(&message, IKE_PAYLOAD_NOTIFY),
			"00000000 01 10 0007 aaaaaaaaaaaaaaaa 0000000000000000");
	duo_free(duo);
}
END_TEST

/* ---- message IDs --------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* A message ID that comes twice under one SA repeats an IV (RFC 2409 appendix B), and random ones would soon come twice (R74). */
START_TEST(test_no_message_id_comes_twice)
{
	static uint32_t ids[100000];
	const size_t count = sizeof(ids) / sizeof(ids[0]);
	struct duo *duo = duo_with_recorder(7);
	struct ike_sa sa = {.cky_i = {1}};
	size_t others = 0;

	ck_assert(!send_made_message_id(&sa, 0x12345678));
	for (size_t i = 0; i < count; i++)
		ids[i] = send_message_id(duo->core[DUO_A], &sa);
	/* every one is known again, and hardly anything else is: a hundred thousand of four thousand million */
	for (uint32_t i = 0; i < count; i++) {
		ck_assert(send_made_message_id(&sa, ids[i]));
		others += send_made_message_id(&sa, i * 2654435761u);
	}
	ck_assert_uint_lt(others, 20);
	qsort(ids, count, sizeof(ids[0]), compare);
	ck_assert_uint_ne(ids[0], 0);
	for (size_t i = 1; i < count; i++)
		ck_assert_uint_ne(ids[i], ids[i - 1]);
	duo_free(duo);
}
END_TEST

/* The one count that is mixed to zero is passed over (R75). */
START_TEST(test_message_id_zero_is_phase_1s)
{
	struct duo *duo = duo_with_recorder(8);
	struct ike_sa sa = {.message_id_base = UINT32_MAX, .message_ids_used = 1};

	ck_assert_uint_ne(send_message_id(duo->core[DUO_A], &sa), 0);
	ck_assert_uint_eq(sa.message_ids_used, 3);
	duo_free(duo);
}
END_TEST

START_TEST(test_two_sas_start_elsewhere)
{
	struct duo *duo = duo_with_recorder(9);
	struct ike_sa one = {.cky_i = {1}}, two = {.cky_i = {2}};

	ck_assert_uint_ne(send_message_id(duo->core[DUO_A], &one),
			  send_message_id(duo->core[DUO_A], &two));
	duo_free(duo);
}
END_TEST

/* ---- protected ----------------------------------------------------------------------------------------------------- */

/* What is on the wire is the twin, padded and encrypted, and its HASH(1) is right. */
static void check_protection(struct duo *duo, const struct ike_sa *sa,
			     const struct duo_datagram *datagram)
{
	uint8_t iv[CIPHER_MAX_BLOCK], next_iv[CIPHER_MAX_BLOCK], hash_1[HASH_MAX_LENGTH];
	uint8_t plain[IKE_SMALL_MESSAGE];
	struct crypto *crypto = duo->core[DUO_A]->crypto;
	struct ike_message message;
	struct octets hash, chain;

	tap_read(tap_plain(datagram), &message);
	ck_assert_int_eq(datagram->data[IKE_HEADER_FLAGS_AT], IKE_FLAG_ENCRYPTION);
	protect_iv_message(crypto, sa->hash, sa->cipher, sa_last_block(sa),
			   message.header.message_id, iv);
	ck_assert_int_eq(protect_decrypt(crypto, sa->cipher, sa_key(sa), iv,
					 octets_of(datagram->data, datagram->length), plain,
					 next_iv),
			 IKE_ACCEPTED);
	ck_assert_mem_eq(plain + IKE_HEADER_LENGTH, datagram->plain + IKE_HEADER_LENGTH,
			 datagram->plain_length - IKE_HEADER_LENGTH);
	hash = message.payload[0].body;
	chain = ike_payloads_chain(&message);
	chain = octets_of(chain.data + message.payload[0].whole.length,
			  chain.length - message.payload[0].whole.length);
	protect_hash_1(crypto, sa->hash, sa_skeyid_a(sa), message.header.message_id, chain, hash_1);
	ck_assert_int_eq(message.payload[0].type, IKE_PAYLOAD_HASH);
	ck_assert_uint_eq(hash.length, hash_length(sa->hash));
	ck_assert_mem_eq(hash.data, hash_1, hash.length);
}

/* R6, R53 */
START_TEST(test_delete_and_initial_contact)
{
	struct duo *duo = duo_with_recorder(10);
	uint8_t cookies[2 * IKE_COOKIE_LENGTH];
	struct ike_message message;
	struct octets body;
	struct ike_sa *sa;

	duo_establish(duo);
	sa = sa_of(duo);
	memcpy(cookies, sa->cky_i, IKE_COOKIE_LENGTH);
	memcpy(cookies + IKE_COOKIE_LENGTH, sa->cky_r, IKE_COOKIE_LENGTH);
	send_delete(duo->core[DUO_A], sa);
	duo_run(duo, 0);
	check_protection(duo, sa, tap_last(duo, DUO_B));
	tap_read(tap_plain(tap_last(duo, DUO_B)), &message);
	body = tap_body(&message, IKE_PAYLOAD_DELETE);
	unit_assert_hex(octets_of(body.data, 8), "00000001 01 10 0001");
	ck_assert_uint_eq(body.length, 24);
	ck_assert_mem_eq(body.data + 8, cookies, sizeof(cookies));
	send_initial_contact(duo->core[DUO_A], sa);
	duo_run(duo, 0);
	check_protection(duo, sa, tap_last(duo, DUO_B));
	tap_read(tap_plain(tap_last(duo, DUO_B)), &message);
	body = tap_body(&message, IKE_PAYLOAD_NOTIFY);
	unit_assert_hex(octets_of(body.data, 8), "00000001 01 10 6002");
	ck_assert_uint_eq(body.length, 24);
	ck_assert_mem_eq(body.data + 8, cookies, sizeof(cookies));
	duo_free(duo);
}
END_TEST

START_TEST(test_what_does_not_fit_is_not_sent)
{
	struct duo *duo = duo_with_recorder(11);
	static const uint8_t body[IKE_SMALL_MESSAGE];
	struct ike_core *core;
	size_t most = 0;

	duo_establish(duo);
	core = duo->core[DUO_A];
	for (size_t length = 0; length <= sizeof(body); length++) {
		bool sent =
		    send_protected(core, sa_of(duo), IKE_PAYLOAD_NOTIFY, octets_of(body, length));

		ck_assert_uint_eq(core->outputs, sent ? 1 : 0);
		duo_run(duo, 0);
		if (sent)
			most = length;
	}
	/* header, HASH of 20, generic header: what is left of 192, which the longest use to the block */
	ck_assert_uint_eq(most, 192 - 28 - 24 - 4 - (192 - 28) % 16);
	duo_free(duo);
}
END_TEST

START_TEST(test_a_full_queue_is_said)
{
	struct duo *duo = duo_new(12);
	struct octets body = octets_of("sixteen octets..", 16);

	recorder_plug(&recorder, duo, DUO_A);
	duo->settings[DUO_A].limits.outputs = 4;
	duo_start(duo);
	duo_establish(duo);
	for (int i = 0; i < 4; i++)
		ck_assert(send_protected(duo->core[DUO_A], sa_of(duo), IKE_PAYLOAD_NOTIFY, body));
	ck_assert(!send_protected(duo->core[DUO_A], sa_of(duo), IKE_PAYLOAD_NOTIFY, body));
	duo_run(duo, 0);
	ck_assert(send_protected(duo->core[DUO_A], sa_of(duo), IKE_PAYLOAD_NOTIFY, body));
	duo_free(duo);
}
END_TEST

UNIT_MAIN("send", test_never_longer_than_what_came_in,
	  test_nothing_about_an_informational_in_the_clear,
	  test_unknown_cookies_only_where_the_user_wants_it, test_silent_verdicts,
	  test_ten_in_a_second, test_the_notification_says_what_was_wrong,
	  test_no_message_id_comes_twice, test_message_id_zero_is_phase_1s,
	  test_two_sas_start_elsewhere, test_delete_and_initial_contact,
	  test_what_does_not_fit_is_not_sent, test_a_full_queue_is_said)
