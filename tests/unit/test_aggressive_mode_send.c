/* SPDX-License-Identifier: ISC */
/*
 * test_aggressive_mode_send.c - our messages of Aggressive Mode as a peer sees them, from the wire alone: what they carry, how long
 * they are, and that the proofs in them are those of RFC 2409 section 5.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/caller.h"
#include "tests/support/siege.h"
#include "tests/support/signers.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

static struct duo *aggressive_duo(uint8_t seed, const char *proposal)
{
	struct duo *duo = duo_new(seed);

	duo->peer[DUO_A].aggressive = duo->peer[DUO_B].aggressive = true;
	duo_propose(duo, DUO_A, proposal);
	duo_propose(duo, DUO_B, proposal);
	return duo;
}

static void read_first(const struct duo *duo, enum ike_message_kind kind,
		       struct ike_message *message)
{
	tap_read(tap_plain(tap_nth(duo, kind, 0)), message);
}

/* ---- the proofs, from the wire -------------------------------------------------------------------------------------- */

static void check_proofs(const char *proposal)
{
	struct duo *duo = aggressive_duo(1, proposal);
	struct skeyid keys = {.hash = HASH_MD5};
	static struct ike_message one, two, three;
	uint8_t expected[HASH_MAX_LENGTH];
	const uint8_t *cky_i, *cky_r;
	struct ike_keys exported;
	struct crypto *crypto;
	struct octets sai_b;

	duo_start(duo);
	duo_establish(duo);
	crypto = duo->core[DUO_A]->crypto;
	read_first(duo, IKE_AM1, &one);
	read_first(duo, IKE_AM2, &two);
	read_first(duo, IKE_AM3, &three);
	cky_i = two.header.cky_i;
	cky_r = two.header.cky_r;
	ck_assert(ike_export_keys(duo->core[DUO_A], cky_i, cky_r, &exported));
	keys.hash = exported.hash;
	skeyid_psk(crypto, &keys, secret_bytes(duo->secret[DUO_A]),
		   tap_body(&one, IKE_PAYLOAD_NONCE), tap_body(&two, IKE_PAYLOAD_NONCE));
	sai_b = tap_body(&one, IKE_PAYLOAD_SA);
	skeyid_hash(crypto, &keys, tap_body(&two, IKE_PAYLOAD_KE), tap_body(&one, IKE_PAYLOAD_KE),
		    cky_r, cky_i, sai_b, tap_body(&two, IKE_PAYLOAD_ID), expected);
	ck_assert_mem_eq(tap_body(&two, IKE_PAYLOAD_HASH).data, expected, hash_length(keys.hash));
	skeyid_hash(crypto, &keys, tap_body(&one, IKE_PAYLOAD_KE), tap_body(&two, IKE_PAYLOAD_KE),
		    cky_i, cky_r, sai_b, tap_body(&one, IKE_PAYLOAD_ID), expected);
	ck_assert_mem_eq(tap_body(&three, IKE_PAYLOAD_HASH).data, expected, hash_length(keys.hash));
	duo_free(duo);
}

START_TEST(test_proofs)
{
	check_proofs("aes128-sha1-x25519");
	check_proofs("3des-md5-modp1024");
	check_proofs("aes256-sha512-ecp256");
}
END_TEST

/* ---- what they carry ----------------------------------------------------------------------------------------------- */

START_TEST(test_vendor_id_in_the_first_two)
{
	struct duo *duo = aggressive_duo(2, "aes128-sha1-x25519");
	struct ike_message message;

	duo_start(duo);
	duo_establish(duo);
	for (enum ike_message_kind kind = IKE_AM1; kind <= IKE_AM3; kind++) {
		read_first(duo, kind, &message);
		ck_assert_uint_eq(tap_payloads(&message, IKE_PAYLOAD_VENDOR_ID),
				  kind == IKE_AM3 ? 0 : 1);
		/* RFC 2407 section 4.6.3: no status notification rides in them */
		ck_assert_uint_eq(tap_payloads(&message, IKE_PAYLOAD_NOTIFY), 0);
	}
	ck_assert_int_eq(tap_nth(duo, IKE_AM3, 0)->data[IKE_HEADER_FLAGS_AT], IKE_FLAG_ENCRYPTION);
	/* INITIAL-CONTACT comes all the same, behind */
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT), 1);
	duo_free(duo);
}
END_TEST

/* What our own AM1 asks for fits into its length, whatever the hash and the group. */
START_TEST(test_answer_to_our_own_is_no_longer)
{
	static const char *const proposals[] = {"aes128-md5-x25519", "aes128-sha1-modp2048",
						"aes256-sha256-ecp256", "aes256-sha512-ecp521"};

	for (size_t i = 0; i < sizeof(proposals) / sizeof(proposals[0]); i++) {
		struct duo *duo = aggressive_duo(3, proposals[i]);

		duo_start(duo);
		duo_establish(duo);
		ck_assert_uint_le(tap_nth(duo, IKE_AM2, 0)->length,
				  tap_nth(duo, IKE_AM1, 0)->length);
		ck_assert(duo_last(duo, DUO_A, IKE_EVENT_ESTABLISHED)->supported);
		duo_free(duo);
	}
}
END_TEST

/* The shortest AM1 with one transform: its answer is longer by HASH_R and what the names differ, and has no vendor ID. */
START_TEST(test_answer_to_the_shortest)
{
	struct duo *duo = aggressive_duo(4, "aes128-sha512-x25519");
	struct ike_address a = duo->peer[DUO_B].gateway[0];
	struct ike_message message;
	struct caller caller;
	size_t length;

	duo_start(duo);
	caller_begin(&caller, IKE_EXCHANGE_AGGRESSIVE, (const uint8_t *)"acookie", NULL);
	caller_payload_hex(&caller, IKE_PAYLOAD_SA,
			   "00000001 00000001 0000002c 01010001 00000024 01010000 80010007 80020006"
			   " 80030001 8004001f 800e0080 800b0001 800c7080");
	caller_payload_hex(&caller, IKE_PAYLOAD_KE,
			   "0900000000000000000000000000000000000000000000000000000000000000");
	caller_payload_hex(&caller, IKE_PAYLOAD_NONCE, "0011223344556677");
	caller_payload_hex(&caller, IKE_PAYLOAD_ID, "02 00 0000 612e6578616d706c65");
	length = caller_finish(&caller);
	ck_assert_int_eq(siege_send(duo, DUO_B, &a, caller.data, length), IKE_ACCEPTED);
	duo_run(duo, 0);
	ck_assert_uint_eq(tap_count(duo, IKE_AM2), 1);
	ck_assert_uint_eq(tap_nth(duo, IKE_AM2, 0)->length, length + 8 + 4 + 64);
	read_first(duo, IKE_AM2, &message);
	ck_assert_uint_eq(tap_payloads(&message, IKE_PAYLOAD_VENDOR_ID), 0);
	/* and nothing more, as long as nobody says anything */
	duo_run(duo, 60 * IKE_SECOND);
	ck_assert_uint_eq(tap_count(duo, IKE_AM2), 1);
	duo_free(duo);
}
END_TEST

/* ---- a sign that AM3 has arrived ----------------------------------------------------------------------------------- */

/* vpnc waits for any packet after AM3, and says it again meanwhile. */
START_TEST(test_responder_says_something_after_the_third)
{
	struct duo *duo = aggressive_duo(5, "aes128-sha1-x25519");
	const struct duo_datagram *third;
	size_t sent;

	duo->settings[DUO_B].extension = NULL; /* nothing else is said by itself */
	duo_start(duo);
	duo_establish(duo);
	ck_assert_uint_ge(duo->sent[DUO_B], 2);
	third = tap_nth(duo, IKE_AM3, 0);
	sent = duo->sent[DUO_B];
	for (unsigned i = 0; i < 20; i++)
		ck_assert_int_eq(duo_inject(duo, DUO_B, third->data, third->length), IKE_DUPLICATE);
	duo_run(duo, IKE_SECOND);
	/* not for ever, and not AM2 again */
	ck_assert_uint_le(duo->sent[DUO_B] - sent, 10);
	ck_assert_uint_eq(tap_count(duo, IKE_AM2), 1);
	duo_free(duo);
}
END_TEST

/* ---- signatures ---------------------------------------------------------------------------------------------------- */

START_TEST(test_certificates_and_requests)
{
	struct signers signers;
	struct duo *duo = signers_duo(&signers, 6, IKE_AUTHENTICATION_RSA_SIGNATURE);
	struct ike_message message;

	duo->peer[DUO_A].aggressive = duo->peer[DUO_B].aggressive = true;
	duo_start(duo);
	duo_establish(duo);
	for (enum ike_message_kind kind = IKE_AM1; kind <= IKE_AM2; kind++) {
		read_first(duo, kind, &message);
		ck_assert_uint_eq(tap_payloads(&message, IKE_PAYLOAD_CR), 1);
		ck_assert_uint_eq(tap_payloads(&message, IKE_PAYLOAD_CERT), kind == IKE_AM2);
		ck_assert_uint_eq(tap_payloads(&message, IKE_PAYLOAD_SIG), kind == IKE_AM2);
		ck_assert_uint_eq(tap_payloads(&message, IKE_PAYLOAD_HASH), 0);
	}
	signers_free(&signers, duo);
}
END_TEST

UNIT_MAIN("aggressive_mode_send", test_proofs, test_vendor_id_in_the_first_two,
	  test_answer_to_our_own_is_no_longer, test_answer_to_the_shortest,
	  test_responder_says_something_after_the_third, test_certificates_and_requests)
