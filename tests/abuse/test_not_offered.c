/* SPDX-License-Identifier: ISC */
/*
 * What this engine does not do, and what became of those that did it carelessly.  Such messages are refused without harm; where
 * a feature is built one day, the test of the row is here to be replaced by the real one, which comes with the feature.
 */
#include <stdio.h>
#include <string.h>

#include "ike/core.h"
#include "tests/support/caller.h"
#include "tests/support/forge.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

static const uint8_t cky_i[IKE_COOKIE_LENGTH] = "acookie";

#define AES_128_SHA1(auth, group)                                                                  \
	"00000001 00000001 0000002c 01010001 00000024 01010000 80010007 80020002 8003" auth        \
	" 8004" group " 800e0080 800b0001 800c7080"

/* To B, from A's address; nothing may come of it.  Returns the verdict. */
static enum ike_verdict send(struct duo *duo, struct caller *caller)
{
	uint64_t before = siege_digest(duo, DUO_B, SIEGE_WHAT_MATTERS);
	uint32_t half_open = duo->core[DUO_B]->handshakes;
	struct ike_address a = duo->peer[DUO_B].gateway[0];
	size_t length = caller_finish(caller);
	enum ike_verdict verdict = siege_send(duo, DUO_B, &a, caller->data, length);

	ck_assert_int_ne(verdict, IKE_ACCEPTED);
	ck_assert_uint_le(siege_drain(duo, DUO_B), length);
	ck_assert(siege_digest(duo, DUO_B, SIEGE_WHAT_MATTERS) == before);
	ck_assert_uint_eq(duo->core[DUO_B]->handshakes, half_open);
	return verdict;
}

static void expect_alive(struct duo *duo)
{
	struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW};

	ck_assert(ike_command(duo->core[DUO_A], duo->now, &ask));
	duo_run(duo, 50 * IKE_MILLISECOND);
	ck_assert_ptr_nonnull(duo_last_report(duo, DUO_A, IKE_REPORT_ALIVE));
}

/* ---- Aggressive Mode ----------------------------------------------------------------------------------------------- */

static void aggressive(struct caller *caller, const char *id)
{
	caller_begin(caller, IKE_EXCHANGE_AGGRESSIVE, cky_i, NULL);
	caller_payload_hex(caller, IKE_PAYLOAD_SA, AES_128_SHA1("0001", "001f"));
	caller_payload_hex(caller, IKE_PAYLOAD_KE,
			   "0900000000000000000000000000000000000000000000000000000000000000");
	caller_payload_hex(caller, IKE_PAYLOAD_NONCE, "00112233445566778899aabbccddeeff");
	caller_payload_hex(caller, IKE_PAYLOAD_ID, id);
}

/* R135.  Its second message carries HASH_R, for anybody who asks to guess the secret from: it is off unless a peer has it by name. */
START_TEST(cve_2002_1623_aggressive_mode_is_refused)
{
	struct duo *duo = siege_new(1);
	struct caller caller;

	aggressive(&caller, "01 00 0000 c0000201");
	ck_assert_int_eq(send(duo, &caller), IKE_BAD_EXCHANGE_TYPE);
	expect_alive(duo);
	duo_free(duo);
}
END_TEST

/* Not INITIAL-CONTACT in it either, which must not travel there (RFC 2407 section 4.6.3.3): A's SA stays. */
START_TEST(p10_initial_contact_in_aggressive_mode)
{
	struct duo *duo = siege_new(2);
	struct caller caller;

	aggressive(&caller, "02 00 0000 612e6578616d706c65"); /* a.example */
	caller_payload_hex(&caller, IKE_PAYLOAD_NOTIFY,
			   "00000001 01 10 6002 61636f6f6b6965000000000000000000");
	ck_assert_int_eq(send(duo, &caller), IKE_BAD_EXCHANGE_TYPE);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	expect_alive(duo);
	duo_free(duo);
}
END_TEST

/* A crash in Aggressive Mode on what a peer without a matching connection sends: any order, any identity, no identity. */
START_TEST(cve_2023_30570_aggressive_mode_of_any_shape)
{
	static const char *const ids[] = {"",
					  "00",
					  "0b 11 ffff",
					  "01 00 0000 c0",
					  "09 00 0000 3000",
					  "ff ff ffff ffffffffffffffff"};
	struct duo *duo = siege_new(3);
	struct caller caller;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		aggressive(&caller, ids[i]);
		ck_assert_int_eq(send(duo, &caller), IKE_BAD_EXCHANGE_TYPE);
		/* and as the third message of an exchange that there never was */
		aggressive(&caller, ids[i]);
		memset(caller.data + IKE_COOKIE_LENGTH, 7, IKE_COOKIE_LENGTH);
		ck_assert_int_eq(send(duo, &caller), IKE_UNKNOWN_COOKIES);
	}
	expect_alive(duo);
	duo_free(duo);
}
END_TEST

/* ---- authentication by RSA ----------------------------------------------------------------------------------------- */

static enum ike_verdict offer(struct duo *duo, const char *sa)
{
	struct caller caller;

	caller_begin(&caller, IKE_EXCHANGE_MAIN_MODE, cky_i, NULL);
	caller_payload_hex(&caller, IKE_PAYLOAD_SA, sa);
	return send(duo, &caller);
}

/* Methods 4 and 5 are Bleichenbacher's, and need a private key in two roles.  They are not to be offered, ever. */
START_TEST(cve_2018_0131_rsa_encryption_not_offered)
{
	struct duo *duo = siege_new(4);
	struct siege_held held;

	ck_assert_int_eq(offer(duo, AES_128_SHA1("0004", "001f")), IKE_NO_PROPOSAL_CHOSEN);
	ck_assert_int_eq(offer(duo, AES_128_SHA1("0005", "001f")), IKE_NO_PROPOSAL_CHOSEN);
	expect_alive(duo);
	duo_free(duo);
	/* nor is it taken from a responder, who may only choose what was offered */
	for (uint8_t method = 2; method <= 5; method++) {
		uint8_t *at = NULL;

		duo = duo_new(5);
		siege_hold(duo, IKE_MM2, &held);
		for (size_t i = IKE_HEADER_LENGTH; i + 4 <= held.length && at == NULL; i++)
			if (memcmp(held.data + i, "\x80\x03\x00\x01", 4) == 0)
				at = held.data + i;
		ck_assert_ptr_nonnull(at);
		at[3] = method;
		ck_assert_int_eq(duo_inject(duo, DUO_A, held.data, held.length),
				 IKE_PROPOSAL_CHANGED);
		duo_free(duo);
	}
}
END_TEST

/* Where signatures are not configured they are not offered: neither as a method nor as a payload. */
START_TEST(cve_2018_16151_signatures_where_none_are_configured)
{
	struct duo *duo = siege_new(6);
	struct caller caller;

	ck_assert_int_eq(offer(duo, AES_128_SHA1("0003", "001f")), IKE_NO_PROPOSAL_CHOSEN);
	ck_assert_int_eq(offer(duo, AES_128_SHA1("0002", "001f")), IKE_NO_PROPOSAL_CHOSEN);
	caller_begin(&caller, IKE_EXCHANGE_MAIN_MODE, cky_i, NULL);
	caller_payload_hex(&caller, IKE_PAYLOAD_SA, AES_128_SHA1("0001", "001f"));
	caller_payload_hex(&caller, IKE_PAYLOAD_SIG, "0001ffffffffffff00");
	ck_assert_int_eq(send(duo, &caller), IKE_PAYLOAD_UNEXPECTED);
	expect_alive(duo);
	duo_free(duo);
}
END_TEST

/* ---- certificates -------------------------------------------------------------------------------------------------- */

/* What a parser of certificates would choke on; with a pre-shared key nobody looks into it, before authentication or after. */
static const char *const certificates[] = {
    "",
    "04",
    "04 30",
    "04 3084ffffffff",
    "04 3080 3080 3080 3080 3080 3080 3080 3080",
    "01 00000000",
    "04 30820100 a003020102020101300d06092a864886f70d01010b0500",
    "ff 30ff",
};

START_TEST(cve_2026_14957_certificate_before_authentication)
{
	for (size_t i = 0; i < sizeof(certificates) / sizeof(certificates[0]); i++) {
		struct siege_held held;
		struct duo *duo = duo_new((uint8_t)i);
		struct caller caller;
		struct octets rest;

		/* MM3, with a certificate and a request for one behind what was there: as if they were not */
		siege_hold(duo, IKE_MM3, &held);
		rest = octets_of(held.data + IKE_HEADER_LENGTH + 4 + 32 + 4, 16);
		caller_begin(&caller, IKE_EXCHANGE_MAIN_MODE, held.data,
			     held.data + IKE_COOKIE_LENGTH);
		caller_payload_hex(&caller, IKE_PAYLOAD_CERT, certificates[i]);
		caller_payload(&caller, IKE_PAYLOAD_KE,
			       octets_of(held.data + IKE_HEADER_LENGTH + 4, 32));
		caller_payload_hex(&caller, IKE_PAYLOAD_CR, certificates[i]);
		caller_payload(&caller, IKE_PAYLOAD_NONCE, rest);
		(void)caller_finish(&caller);
		ck_assert_int_eq(duo_inject(duo, DUO_B, caller.data, caller.length), IKE_ACCEPTED);
		duo->deliver = NULL;
		duo_run(duo, 5 * IKE_SECOND);
		ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
		ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
		duo_free(duo);
	}
}
END_TEST

/* In the other exchanges it has no place. */
START_TEST(cve_2026_14957_certificate_where_none_may_be)
{
	struct duo *duo = siege_new(7);

	for (size_t i = 0; i < sizeof(certificates) / sizeof(certificates[0]); i++) {
		struct caller caller;

		caller_begin(&caller, IKE_EXCHANGE_INFORMATIONAL, cky_i, cky_i);
		caller_payload_hex(&caller, IKE_PAYLOAD_CERT, certificates[i]);
		ck_assert_int_eq(send(duo, &caller), IKE_PAYLOAD_UNEXPECTED);
		aggressive(&caller, "01 00 0000 c0000201");
		caller_payload_hex(&caller, IKE_PAYLOAD_CERT, certificates[i]);
		ck_assert_int_eq(send(duo, &caller), IKE_BAD_EXCHANGE_TYPE);
	}
	expect_alive(duo);
	duo_free(duo);
}
END_TEST

/* ---- Quick Mode, which is only read to decline it ------------------------------------------------------------------ */

static void quick_mode(struct duo *duo, uint8_t first, const char *payloads)
{
	struct ike_address a = duo->peer[DUO_B].gateway[0];
	uint8_t message[IKE_DATAGRAM_MAX];
	struct forge forge;
	size_t length;

	forge_from(&forge, duo, DUO_A);
	forge.exchange = IKE_EXCHANGE_QUICK_MODE;
	forge_raw_hex(&forge, first, payloads);
	length = forge_protected(&forge, message, sizeof(message));
	ck_assert_int_ne(siege_send(duo, DUO_B, &a, message, length), IKE_ACCEPTED);
	ck_assert_uint_le(siege_drain(duo, DUO_B), length);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
}

#define QM_NONCE "05000014 00112233445566778899aabbccddeeff"

/* Identities of every type, too short, too long, of no length. */
START_TEST(cve_2023_38711_identities_in_quick_mode)
{
	struct duo *duo = siege_new(10);
	char payloads[300];

	for (unsigned type = 0; type < 256; type += type < 12 ? 1 : 61) {
		for (unsigned length = 4; length < 16; length++) {
			size_t at = (size_t)snprintf(
			    payloads, sizeof(payloads),
			    "0a00000c 00000001 00000001 " QM_NONCE "0500 %04x", length);

			for (unsigned i = 4; i < length; i++)
				at += (size_t)snprintf(payloads + at, sizeof(payloads) - at, "%02x",
						       i == 4 ? type : 0xff);
			snprintf(payloads + at, sizeof(payloads) - at, "00000008 04000000");
			quick_mode(duo, IKE_PAYLOAD_SA, payloads);
		}
	}
	expect_alive(duo);
	duo_free(duo);
}
END_TEST

/* Proposals for AH, ESP and IPCOMP with SPIs of any size, none of them, and no attributes. */
START_TEST(cve_2024_3652_proposals_in_quick_mode)
{
	struct duo *duo = siege_new(11);
	char payloads[300];

	for (unsigned protocol = 0; protocol < 6; protocol++) {
		for (unsigned size = 0; size < 256; size += size < 9 ? 1 : 49) {
			snprintf(payloads, sizeof(payloads),
				 "0a000024 00000001 00000001 00000018 01 %02x %02x 01 c0ffee01 "
				 "00000008 01 0c 0000" QM_NONCE "00000008 04000000",
				 protocol, size);
			quick_mode(duo, IKE_PAYLOAD_SA, payloads);
		}
	}
	quick_mode(duo, IKE_PAYLOAD_NONCE, "00000014 00112233445566778899aabbccddeeff");
	quick_mode(duo, IKE_PAYLOAD_SA, "00000004");
	quick_mode(duo, IKE_PAYLOAD_HASH, "00000004");
	expect_alive(duo);
	duo_free(duo);
}
END_TEST

/* ---- what comes before there is anything to belong to -------------------------------------------------------------- */

/* A message for an exchange that never began, with nothing in it that says whose it is. */
START_TEST(cve_2022_23094_message_without_a_state)
{
	struct duo *duo = siege_new(12);

	for (unsigned exchange = 0; exchange < 256; exchange++) {
		for (unsigned flags = 0; flags < 8; flags++) {
			for (int cookies = 0; cookies < 2; cookies++) {
				struct caller caller;

				caller_begin(&caller, (uint8_t)exchange, cky_i,
					     cookies ? cky_i : NULL);
				if (flags >= 4)
					caller_payload_hex(&caller, IKE_PAYLOAD_NOTIFY,
							   "00000001 01 00 0010");
				wire_patch_u8(&caller.writer, IKE_HEADER_FLAGS_AT,
					      (uint8_t)(flags % 4));
				(void)send(duo, &caller);
			}
		}
	}
	expect_alive(duo);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("not_offered", cve_2002_1623_aggressive_mode_is_refused,
	  p10_initial_contact_in_aggressive_mode, cve_2023_30570_aggressive_mode_of_any_shape,
	  cve_2018_0131_rsa_encryption_not_offered,
	  cve_2018_16151_signatures_where_none_are_configured,
	  cve_2026_14957_certificate_before_authentication,
	  cve_2026_14957_certificate_where_none_may_be, cve_2023_38711_identities_in_quick_mode,
	  cve_2024_3652_proposals_in_quick_mode, cve_2022_23094_message_without_a_state)
