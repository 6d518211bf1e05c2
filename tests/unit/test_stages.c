/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "ike/notify.h"
#include "interop/decode/stages.h"
#include "keepalive/message.h"
#include "tests/support/unit.h"

static struct traced_sa sa;
static struct traced_exchange exchange;
static struct told told;

/* A message of that exchange: payloads in hex with their generic headers, the first of them of that type. */
static void message(uint8_t type, bool encrypted, uint8_t first, const char *hex)
{
	static uint8_t octets[2048];
	size_t length = unit_hex(hex, octets, sizeof(octets));

	memset(&told, 0, sizeof(told));
	told.message.header = (struct ike_header){.cky_i = {1},
						  .cky_r = {2},
						  .next_payload = first,
						  .version = 0x10,
						  .exchange = type,
						  .flags = encrypted};
	ck_assert_int_eq(ike_payloads_parse(octets_of(octets, length), false, 0, &told.message),
			 IKE_ACCEPTED);
	if (encrypted)
		told.clear = octets_of(octets, length);
}

static enum ike_message_kind kind(enum told_from side)
{
	return stages_kind(&sa, &exchange, side, &told);
}

static bool has(enum ike_verdict verdict)
{
	for (size_t i = 0; i < told.anomalies; i++)
		if (told.anomaly[i].verdict == verdict)
			return true;
	return false;
}

static void start(void)
{
	memset(&sa, 0, sizeof(sa));
	memset(&exchange, 0, sizeof(exchange));
	sa.cky_i[0] = 1;
	sa.cky_r[0] = 2;
	sa.from_the_beginning = sa.sides = true;
}

/* AES-128, SHA-1, a secret, group 14 */
#define OFFER                                                                                      \
	"00 00 0030 00000001 00000001 00 00 0024 01 01 00 01 00 00 001c 01 01 0000 8001 0007 "     \
	"800e 0080 8002 0002 8003 0001 8004 000e"

START_TEST(test_contents)
{
	static const struct {
		uint8_t exchange;
		bool encrypted;
		uint8_t first;
		enum ike_message_kind kind;
		enum ike_verdict verdict;
		const char *hex;
	} wrong[] = {
	    {2, false, 1, IKE_MM1, IKE_BAD_DOI, "00 00 000c 00000002 00000001"},
	    {2, false, 13, IKE_MM1, IKE_PAYLOAD_MISSING, "00 00 0008 01020304"},
	    {2, false, 4, IKE_MM3, IKE_PAYLOAD_MISSING, "00 00 0008 01020304"},
	    {2, false, 10, IKE_MM3, IKE_BAD_NONCE, "00 00 000b 01020304050607"},
	    {2, true, 5, IKE_MM5, IKE_BAD_IDENTITY, "00 00 000b 01 00 0000 010203"},
	    {2, true, 5, IKE_MM5, IKE_BAD_IDENTITY, "00 00 0010 04 00 0000 0a000000 ff000000"},
	    {5, true, 11, IKE_INFO_PROTECTED, IKE_PAYLOAD_MISSING,
	     "00 00 000c 00000001 01 00 6002"},
	    {5, true, 8, IKE_INFO_PROTECTED, IKE_NOTIFY_MALFORMED,
	     "0b 00 0008 01020304 00 00 000c 00000001 01 10 6002"},
	    {5, true, 8, IKE_INFO_PROTECTED, IKE_DELETE_MALFORMED,
	     "0c 00 0008 01020304 00 00 0010 00000001 03 04 0002 01020304"},
	    {5, true, 8, IKE_INFO_PROTECTED, IKE_KEEPALIVE_MALFORMED,
	     "0b 00 0008 01020304 00 00 0010 00000001 01 00 8d28 00000001"},
	    {5, false, 12, IKE_INFO_CLEAR, IKE_UNPROTECTED,
	     "00 00 0010 00000001 03 04 0001 01020304"},
	    {5, false, 11, IKE_INFO_CLEAR, IKE_UNPROTECTED, "00 00 000c 00000001 01 00 8d28"},
	    {32, true, 8, IKE_QM1, IKE_PAYLOAD_TOO_SHORT,
	     "01 00 0008 01020304 00 00 0008 00000001"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		start();
		message(wrong[i].exchange, wrong[i].encrypted, wrong[i].first, wrong[i].hex);
		stages_check(&sa, wrong[i].kind, TOLD_INITIATOR, &told);
		ck_assert_msg(has(wrong[i].verdict), "%zu: %s", i,
			      told.anomalies > 0 ? ike_verdict_name(told.anomaly[0].verdict)
						 : "nothing");
	}
}
END_TEST

START_TEST(test_choice)
{
	start();
	message(2, false, 1, OFFER);
	memset(told.message.header.cky_r, 0, IKE_COOKIE_LENGTH);
	ck_assert_int_eq(kind(TOLD_INITIATOR), IKE_MM1);
	stages_check(&sa, IKE_MM1, TOLD_INITIATOR, &told);
	ck_assert_uint_eq(told.anomalies, 0);
	stages_learn(&sa, &exchange, IKE_MM1, TOLD_INITIATOR, &told);
	/* chosen is what was not offered: SHA2-256 in place of SHA-1 */
	message(
	    2, false, 1,
	    "00 00 0030 00000001 00000001 00 00 0024 01 01 00 01 00 00 001c 01 01 0000 8001 0007 "
	    "800e 0080 8002 0004 8003 0001 8004 000e");
	ck_assert_int_eq(kind(TOLD_RESPONDER), IKE_MM2);
	stages_check(&sa, IKE_MM2, TOLD_RESPONDER, &told);
	ck_assert(has(IKE_PROPOSAL_CHANGED));
	message(2, false, 1, OFFER);
	stages_check(&sa, IKE_MM2, TOLD_RESPONDER, &told);
	ck_assert_uint_eq(told.anomalies, 0);
	stages_learn(&sa, &exchange, IKE_MM2, TOLD_RESPONDER, &told);
	ck_assert(sa.chosen);
	ck_assert_uint_eq(sa.proposal.key_bits, 128);
	/* now the group's length is known, and the hash's */
	message(2, false, 4, "0a 00 0008 01020304 14 00 000c 0102030405060708 00 00 0008 01020304");
	ck_assert_int_eq(kind(TOLD_INITIATOR), IKE_MM3);
	ck_assert_int_eq(kind(TOLD_RESPONDER), IKE_MM4);
	stages_check(&sa, IKE_MM3, TOLD_INITIATOR, &told);
	ck_assert(has(IKE_BAD_KEY_EXCHANGE));
	ck_assert(has(IKE_BAD_NAT_D));
	free((void *)(uintptr_t)sa.sai_b.data);
}
END_TEST

START_TEST(test_kinds)
{
	start();
	message(2, true, 5, "08 00 000c 01 00 0000 c0000201 00 00 0008 01020304");
	ck_assert_int_eq(kind(TOLD_INITIATOR), IKE_MM5);
	ck_assert_int_eq(kind(TOLD_RESPONDER), IKE_MM6);
	message(2, true, 5, "09 00 000c 01 00 0000 c0000201 00 00 0008 01020304");
	ck_assert_int_eq(kind(TOLD_INITIATOR), IKE_MM5_SIGNED);
	ck_assert_int_eq(kind(TOLD_RESPONDER), IKE_MM6_SIGNED);
	told.clear.length = 0;
	ck_assert_int_eq(kind(TOLD_INITIATOR), IKE_MESSAGE_KINDS);
	message(4, false, 8, "00 00 0008 01020304");
	ck_assert_int_eq(kind(TOLD_INITIATOR), IKE_AM3);
	message(4, false, 1, OFFER);
	ck_assert_int_eq(kind(TOLD_RESPONDER), IKE_AM2);
	memset(told.message.header.cky_r, 0, IKE_COOKIE_LENGTH);
	ck_assert_int_eq(kind(TOLD_INITIATOR), IKE_AM1);
	message(5, false, 11, "00 00 000c 00000001 01 00 6002");
	ck_assert_int_eq(kind(TOLD_INITIATOR), IKE_INFO_CLEAR);
	message(6, true, 8, "00 00 0008 01020304");
	ck_assert_int_eq(kind(TOLD_INITIATOR), IKE_MESSAGE_KINDS);

	message(32, true, 8, "01 00 0008 01020304 00 00 0008 00000001");
	exchange.begun_by = TOLD_INITIATOR;
	ck_assert_int_eq(kind(TOLD_INITIATOR), IKE_QM1);
	told.partial = sa.last_block_known = true; /* what it continues is missing */
	ck_assert_int_eq(kind(TOLD_INITIATOR), IKE_QM2);
	exchange.messages = 1;
	exchange.asked = true;
	ck_assert_int_eq(kind(TOLD_RESPONDER), IKE_QM2);
	ck_assert_int_eq(kind(TOLD_INITIATOR), IKE_QM1);
	message(32, true, 8, "00 00 0008 01020304");
	ck_assert_int_eq(kind(TOLD_INITIATOR), IKE_QM3);
	message(32, true, 8, "0b 00 0008 01020304 00 00 000c 00000001 01 00 4000");
	exchange.answered = true;
	ck_assert_int_eq(kind(TOLD_RESPONDER), IKE_QM4);
}
END_TEST

static void keepalive(enum told_from side, uint16_t type, uint32_t number)
{
	static uint8_t body[KEEPALIVE_BODY_LENGTH];

	message(5, true, 8, "00 00 0008 01020304");
	keepalive_message_build(type, sa.cky_i, sa.cky_r, number, body);
	told.message.payload[1] =
	    (struct ike_payload){.type = IKE_PAYLOAD_NOTIFY, .body = octets_of(body, sizeof(body))};
	told.message.payloads = 2;
	stages_check(&sa, IKE_INFO_PROTECTED, side, &told);
}

START_TEST(test_keepalive)
{
	start();
	keepalive(TOLD_INITIATOR, IKE_NOTIFY_R_U_THERE, UINT32_MAX);
	ck_assert_uint_eq(told.anomalies, 0);
	keepalive(TOLD_RESPONDER, IKE_NOTIFY_R_U_THERE_ACK, 7);
	ck_assert(has(IKE_KEEPALIVE_UNASKED_ACK));
	keepalive(TOLD_INITIATOR, IKE_NOTIFY_R_U_THERE_ACK, UINT32_MAX); /* his own question */
	ck_assert(has(IKE_KEEPALIVE_UNASKED_ACK));
	keepalive(TOLD_RESPONDER, IKE_NOTIFY_R_U_THERE_ACK, UINT32_MAX);
	ck_assert_uint_eq(told.anomalies, 0);
	keepalive(TOLD_INITIATOR, IKE_NOTIFY_R_U_THERE, 0); /* it wraps */
	ck_assert_uint_eq(told.anomalies, 0);
	keepalive(TOLD_INITIATOR, IKE_NOTIFY_R_U_THERE, UINT32_MAX);
	ck_assert(has(IKE_KEEPALIVE_OLD_NUMBER));
	for (int i = 0; i < 3; i++) {
		keepalive(TOLD_INITIATOR, IKE_NOTIFY_R_U_THERE, UINT32_MAX);
		ck_assert_uint_eq(told.anomalies, 0);
		ck_assert_str_eq(told.note, "the same number again, in a message of its own");
	}
	keepalive(TOLD_INITIATOR, IKE_NOTIFY_R_U_THERE, UINT32_MAX);
	ck_assert(has(IKE_KEEPALIVE_REPEATED_NUMBER));
	/* of what was asked before the capture nobody knows */
	start();
	sa.from_the_beginning = false;
	keepalive(TOLD_RESPONDER, IKE_NOTIFY_R_U_THERE_ACK, 7);
	ck_assert_uint_eq(told.anomalies, 0);
}
END_TEST

START_TEST(test_initial_contact)
{
	static const char hex[] = "0b 00 0008 01020304 00 00 000c 00000001 01 00 6002";

	start();
	for (int i = 0; i < 2; i++) {
		message(5, true, 8, hex);
		stages_check(&sa, IKE_INFO_PROTECTED, TOLD_INITIATOR, &told);
		ck_assert_int_eq(has(IKE_INITIAL_CONTACT_REPEATED), i);
	}
	message(5, true, 8, hex);
	stages_check(&sa, IKE_INFO_PROTECTED, TOLD_RESPONDER, &told);
	ck_assert_uint_eq(told.anomalies, 0);
}
END_TEST

UNIT_MAIN("stages", test_contents, test_choice, test_kinds, test_keepalive, test_initial_contact)
