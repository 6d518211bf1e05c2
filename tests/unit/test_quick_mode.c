/* SPDX-License-Identifier: ISC */
/*
 * test_quick_mode.c - Quick Mode: what is not believed, what is declined under protection, and what is agreed.
 */
#include <stdio.h>
#include <string.h>

#include "ike/core.h"
#include "tests/support/duo.h"
#include "tests/support/forge.h"
#include "tests/support/phase_2.h"
#include "tests/support/recorder.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

static struct recorder b;

static struct duo *established(uint8_t seed)
{
	struct duo *duo = duo_new(seed);

	recorder_plug(&b, duo, DUO_B);
	duo->settings[DUO_B].limits.notifies_per_second = 0; /* what goes out is protected */
	duo_start(duo);
	duo_establish(duo);
	b.sas = 0;
	return duo;
}

/* B has said nothing, heard nothing, and lost nothing. */
static void expect_untouched(struct duo *duo)
{
	ck_assert_uint_eq(duo->core[DUO_B]->outputs, 0);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_HEARD), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
}

/* ---- not declined, because not believed ---------------------------------------------------------------------------- */

START_TEST(test_in_the_clear)
{
	struct duo *duo = established(1);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	ck_assert_int_eq(forge_inject_clear(&forge, duo, DUO_B), IKE_UNPROTECTED);
	expect_untouched(duo);
	duo_free(duo);
}
END_TEST

START_TEST(test_wrong_hash)
{
	struct duo *duo = established(2);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge.keys.skeyid_a[0] ^= 1;
	forge_quick_mode(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_BAD_HASH);
	expect_untouched(duo);
	duo_free(duo);
}
END_TEST

START_TEST(test_every_bit_flip)
{
	struct duo *duo = established(3);
	uint8_t message[512], flipped[512];
	struct forge forge;
	size_t length;

	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	length = forge_protected(&forge, message, sizeof(message));
	for (size_t bit = 0; bit < 8 * length; bit++) {
		memcpy(flipped, message, length);
		flipped[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		/* HASH(1) does not cover the header, and whoever sets the commit bit there only makes us patient */
		if (bit / 8 == IKE_HEADER_FLAGS_AT && bit % 8 == 1)
			continue;
		ck_assert_int_ne(duo_inject(duo, DUO_B, flipped, length), IKE_QUICK_MODE_DECLINED);
	}
	expect_untouched(duo);
	ck_assert_int_eq(duo_inject(duo, DUO_B, message, length), IKE_QUICK_MODE_DECLINED);
	duo_free(duo);
}
END_TEST

START_TEST(test_message_ids)
{
	struct duo *duo = established(4);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_QUICK_MODE_DECLINED);
	ck_assert_uint_eq(duo->core[DUO_B]->outputs, 1);
	/* the same once more, and another exchange under the same ID */
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_DUPLICATE);
	ck_assert_uint_eq(duo->core[DUO_B]->outputs, 2);
	forge.exchange = IKE_EXCHANGE_INFORMATIONAL;
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_REUSED_MESSAGE_ID);
	forge_from(&forge, duo, DUO_A);
	forge.message_id = 0;
	forge_quick_mode(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_BAD_MESSAGE_ID);
	ck_assert_uint_eq(duo->core[DUO_B]->outputs, 2);
	duo_free(duo);
}
END_TEST

START_TEST(test_without_an_sa)
{
	struct duo *duo = established(5);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	forge.cky_i[0] ^= 1;
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_UNKNOWN_COOKIES);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_HEARD), 0);
	duo_free(duo);
}
END_TEST

/* It overtook MM6: the keys of this SA are not proved yet. */
START_TEST(test_before_phase_1_is_done)
{
	struct duo *duo = duo_new(6);
	uint8_t message[IKE_HEADER_LENGTH + 32] = {0};

	duo_start(duo);
	duo_connect(duo, DUO_A);
	while (tap_count(duo, IKE_MM4) == 0)
		duo_run(duo, IKE_MILLISECOND);
	memcpy(message, tap_nth(duo, IKE_MM4, 0)->data, 2 * IKE_COOKIE_LENGTH);
	message[16] = IKE_PAYLOAD_HASH;
	message[17] = 0x10;
	message[18] = IKE_EXCHANGE_QUICK_MODE;
	message[IKE_HEADER_FLAGS_AT] = IKE_FLAG_ENCRYPTION;
	message[23] = 1;
	message[27] = sizeof(message);
	ck_assert_int_eq(duo_inject(duo, DUO_B, message, sizeof(message)), IKE_OUT_OF_STATE);
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_without_nonce)
{
	struct duo *duo = established(7);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	forge.bodies = 1;
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_PAYLOAD_MISSING);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_HEARD), 0);
	duo_free(duo);
}
END_TEST

/* The step ends the SA on what it heard: there is no SA any more to decline under. */
START_TEST(test_the_sa_ends_in_between)
{
	struct duo *duo = established(8);
	struct forge forge;

	recorder_action(&b.sa_answer[IKE_EXTENSION_HEARD], IKE_EXTENSION_DECLARE_DEAD);
	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	(void)forge_inject(&forge, duo, DUO_B);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	ck_assert_uint_eq(duo->core[DUO_B]->outputs, 1); /* its Delete */
	duo_free(duo);
}
END_TEST

/* ---- declined ------------------------------------------------------------------------------------------------------ */

START_TEST(test_declined_under_protection)
{
	struct duo *duo = established(9);
	struct ike_message message;
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_QUICK_MODE_DECLINED);
	duo_run(duo, IKE_SECOND);
	ck_assert_int_eq(tap_last(duo, DUO_A)->data[IKE_HEADER_FLAGS_AT], IKE_FLAG_ENCRYPTION);
	tap_read(tap_plain(tap_last(duo, DUO_A)), &message);
	ck_assert_int_eq(message.header.exchange, IKE_EXCHANGE_INFORMATIONAL);
	/* an exchange of its own (RFC 2409 section 5.7) */
	ck_assert_uint_ne(message.header.message_id, forge.message_id);
	ck_assert_uint_ne(message.header.message_id, 0);
	unit_assert_hex(tap_body(&message, IKE_PAYLOAD_NOTIFY), "00000001 01 00 000e");
	/* and it is believed */
	ck_assert_uint_eq(duo_last(duo, DUO_A, IKE_EVENT_PEER_SAYS)->notify_type,
			  IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
	ck_assert(duo_last(duo, DUO_A, IKE_EVENT_PEER_SAYS)->authenticated);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
}
END_TEST

/* Somebody who wants a tunnel is alive. */
START_TEST(test_it_is_a_sign_of_life)
{
	struct duo *duo = established(10);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_QUICK_MODE_DECLINED);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_HEARD), 1);
	duo_free(duo);
}
END_TEST

/* Asked once more in the same words, because the refusal was lost: it is given again, a few times. */
START_TEST(test_declined_again)
{
	struct duo *duo = established(20);
	uint8_t message[512];
	struct forge forge;
	size_t length;

	forge_from(&forge, duo, DUO_A);
	forge_quick_mode(&forge);
	length = forge_protected(&forge, message, sizeof(message));
	ck_assert_int_eq(duo_inject(duo, DUO_B, message, length), IKE_QUICK_MODE_DECLINED);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(duo_inject(duo, DUO_B, message, length), IKE_DUPLICATE);
	ck_assert_uint_eq(duo->core[DUO_B]->outputs, 6);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_HEARD), 1);
	duo_free(duo);
}
END_TEST

/* ---- agreed --------------------------------------------------------------------------------------------------------- */

START_TEST(test_a_pair_comes_up)
{
	struct duo *duo = phase_2_established(11, "aes128-sha1");
	const struct ike_event *event = duo_last(duo, DUO_A, IKE_EVENT_IPSEC_ESTABLISHED);
	struct ike_ipsec_sa sa;

	ck_assert_str_eq(event->text, "aes128-sha1 tunnel, 10.1.0.0/16 to 10.2.0.0/16");
	ck_assert_uint_eq(duo_pairs(duo, DUO_A, &sa), 1);
	ck_assert_uint_eq(event->ipsec, sa.number);
	ck_assert_uint_eq(event->spi_in, sa.spi_in);
	ck_assert_uint_eq(event->spi_out, sa.spi_out);
	ck_assert(event->initiator && sa.initiator && !sa.encapsulated && !sa.transport);
	ck_assert_uint_eq(sa.remote.octets[3], 2);
	ck_assert_uint_eq(sa.remote.port, 0);
	ck_assert_uint_eq(phase_2_count(duo, IKE_QM1), 1);
	ck_assert_uint_eq(phase_2_count(duo, IKE_QM2), 1);
	ck_assert_uint_eq(phase_2_count(duo, IKE_QM3), 1);
	duo_free(duo);
}
END_TEST

/* All that may be agreed on: algorithms, groups, modes, and either side first. */
START_TEST(test_every_agreement)
{
	static const char *const ciphers[] = {"aes128", "aes192", "aes256", "3des"};
	static const char *const hashes[] = {"md5", "sha1", "sha256"};
	static const char *const groups[] = {"", "-modp1024", "-modp2048", "-ecp256", "-x25519"};
	uint8_t seed = 100;

	for (size_t i = 0; i < 4 * 3 * 5; i++) {
		struct duo *duo = duo_new(seed++);
		char text[64];
		size_t tunnel;
		struct ike_ipsec_sa sa;

		snprintf(text, sizeof(text), "%s-%s%s", ciphers[i % 4], hashes[i / 4 % 3],
			 groups[i / 12]);
		tunnel = duo_tunnel(duo, text);
		for (enum duo_node node = DUO_A; node < DUO_NODES; node++)
			duo->peer[node].tunnel[tunnel].transport = i % 2 == 1;
		if (i % 3 == 0) { /* the responder of Phase 1 begins */
			duo->peer[DUO_A].tunnel[tunnel].wait = true;
			duo->peer[DUO_B].tunnel[tunnel].wait = false;
		}
		duo_start(duo);
		duo_establish(duo);
		duo_assert_pairs(duo, 1);
		ck_assert_uint_eq(duo_pairs(duo, DUO_A, &sa), 1);
		ck_assert_int_eq(sa.initiator, i % 3 != 0);
		ck_assert_int_eq(sa.transport, i % 2 == 1);
		ck_assert_ptr_null(duo_last(duo, DUO_A, IKE_EVENT_REFUSED));
		ck_assert_ptr_null(duo_last(duo, DUO_B, IKE_EVENT_REFUSED));
		duo_free(duo);
	}
}
END_TEST

/* AES-GCM in both roles: no HMAC, a salt behind the key, and whoever wants it beside others gets it. */
START_TEST(test_combined_agreements)
{
	static const char *const proposals[] = {"aes128gcm16", "aes192gcm16-modp2048",
						"aes256gcm16-x25519", "aes128gcm16 aes128-sha1",
						"aes256gcm16 3des-md5"};
	static const size_t keys[] = {20, 28, 36, 20, 36};

	for (uint8_t i = 0; i < 10; i++) {
		struct duo *duo = duo_new((uint8_t)(200 + i));
		size_t tunnel = duo_tunnel(duo, proposals[i / 2]);
		struct ike_ipsec_sa sa;

		duo->peer[DUO_A].tunnel[tunnel].wait = i % 2 == 1;
		duo->peer[DUO_B].tunnel[tunnel].wait = i % 2 == 0;
		duo_start(duo);
		duo_establish(duo);
		duo_assert_pairs(duo, 1);
		ck_assert_uint_eq(duo_pairs(duo, DUO_A, &sa), 1);
		ck_assert_int_eq(sa.initiator, i % 2 == 0);
		ck_assert_uint_eq(sa.proposal.encryption, IKE_ESP_TRANSFORM_AES_GCM_16);
		ck_assert_uint_eq(sa.encryption_key_length, keys[i / 2]);
		ck_assert_uint_eq(sa.authentication_key_length, 0);
		ck_assert_ptr_null(duo_last(duo, DUO_A, IKE_EVENT_REFUSED));
		ck_assert_ptr_null(duo_last(duo, DUO_B, IKE_EVENT_REFUSED));
		duo_free(duo);
	}
}
END_TEST

/* With every prf of Phase 1, for KEYMAT is its. */
START_TEST(test_every_hash_of_phase_1)
{
	static const char *const phase_1[] = {"aes128-md5-x25519", "3des-sha1-x25519",
					      "aes256-sha256-x25519", "aes192-sha384-x25519",
					      "aes256-sha512-x25519"};

	for (uint8_t i = 0; i < 5; i++) {
		struct duo *duo = duo_new((uint8_t)(180 + i));

		duo_propose(duo, DUO_A, phase_1[i]);
		duo_propose(duo, DUO_B, phase_1[i]);
		duo_tunnel(duo, "aes256-sha256-x25519");
		duo_start(duo);
		duo_establish(duo);
		duo_assert_pairs(duo, 1);
		duo_free(duo);
	}
}
END_TEST

/* QM2 and QM3 prove that the peer is there now, whatever else has been said before. */
START_TEST(test_signs_of_life)
{
	static struct recorder a;
	struct duo *duo = duo_new(73);

	duo_tunnel(duo, "aes128-sha1");
	recorder_plug(&a, duo, DUO_A);
	recorder_plug(&b, duo, DUO_B);
	duo_start(duo);
	duo_establish(duo);
	duo_assert_pairs(duo, 1);
	ck_assert_uint_eq(recorder_sa_count(&a, IKE_EXTENSION_HEARD), 1); /* QM2 */
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_HEARD),
			  3); /* INITIAL-CONTACT, QM1, QM3 */
	duo_free(duo);
}
END_TEST

UNIT_MAIN("quick_mode", test_in_the_clear, test_wrong_hash, test_every_bit_flip, test_message_ids,
	  test_without_an_sa, test_before_phase_1_is_done, test_without_nonce,
	  test_the_sa_ends_in_between, test_declined_under_protection, test_it_is_a_sign_of_life,
	  test_declined_again, test_a_pair_comes_up, test_every_agreement, test_combined_agreements,
	  test_every_hash_of_phase_1, test_signs_of_life)
