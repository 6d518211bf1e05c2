/* SPDX-License-Identifier: ISC */
/*
 * test_quick_mode.c - Quick Mode is declined under protection, and only to whoever has shown that the SA is his.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/duo.h"
#include "tests/support/forge.h"
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
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_REUSED_MESSAGE_ID);
	forge.exchange = IKE_EXCHANGE_INFORMATIONAL;
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_REUSED_MESSAGE_ID);
	forge_from(&forge, duo, DUO_A);
	forge.message_id = 0;
	forge_quick_mode(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_BAD_MESSAGE_ID);
	ck_assert_uint_eq(duo->core[DUO_B]->outputs, 1);
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

/* ---- negotiated ---------------------------------------------------------------------------------------------------- */

START_TEST(test_a_pair_comes_up)
{
	struct duo *duo = duo_new(11);

	duo_tunnel(duo, "aes128-sha1");
	duo_start(duo);
	duo_establish(duo);
	duo_assert_pairs(duo, 1);
	ck_assert_str_eq(duo_last(duo, DUO_A, IKE_EVENT_IPSEC_ESTABLISHED)->text,
			 "aes128-sha1 tunnel, 10.1.0.0/16 to 10.2.0.0/16");
	duo_free(duo);
}
END_TEST

UNIT_MAIN("quick_mode", test_a_pair_comes_up, test_in_the_clear, test_wrong_hash,
	  test_every_bit_flip, test_message_ids, test_without_an_sa, test_before_phase_1_is_done,
	  test_without_nonce, test_the_sa_ends_in_between, test_declined_under_protection,
	  test_it_is_a_sign_of_life)
