/* SPDX-License-Identifier: ISC */
/*
 * test_informational.c - what arrives under an SA or in the clear: nothing unauthenticated changes anything, and nothing
 * authenticated does so twice.  Forged messages are made with the real keys where they must pass HASH(1).
 */
#include <string.h>

#include "ike/core.h"
#include "ike/notify.h"
#include "tests/support/duo.h"
#include "tests/support/forge.h"
#include "tests/support/unit.h"

/* An established pair, quiet: nothing is on its way. */
static struct duo *established(uint8_t seed)
{
	struct duo *duo = duo_new(seed);

	duo_start(duo);
	duo_establish(duo);
	duo->datagrams = 0;
	return duo;
}

static void expect_untouched(struct duo *duo)
{
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_DELETED), 0);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_DELETED), 0);
}

static size_t octets_sent_by(struct duo *duo, enum duo_node node)
{
	duo_run(duo, 0);
	return duo->sent_octets[node];
}

/* ---- in the clear -------------------------------------------------------------------------------------------------- */

/* R5, R58, R113, R119 */
START_TEST(test_clear_delete_and_r_u_there_are_ignored)
{
	struct duo *duo = established(1);
	struct forge forge;
	size_t before = octets_sent_by(duo, DUO_B);

	forge_from(&forge, duo, DUO_A);
	forge_delete(&forge);
	ck_assert_int_eq(forge_inject_clear(&forge, duo, DUO_B), IKE_UNPROTECTED);
	forge_r_u_there(&forge, 1000);
	ck_assert_int_eq(forge_inject_clear(&forge, duo, DUO_B), IKE_UNPROTECTED);
	forge_notify(&forge, IKE_NOTIFY_INITIAL_CONTACT);
	ck_assert_int_eq(forge_inject_clear(&forge, duo, DUO_B), IKE_UNPROTECTED);
	ck_assert_uint_eq(octets_sent_by(duo, DUO_B), before);
	expect_untouched(duo);
	duo_free(duo);
}
END_TEST

/* R90 */
START_TEST(test_hints_bring_one_probe_and_nothing_else)
{
	struct duo *duo = established(2);
	size_t asked = duo_count_reports(duo, DUO_B, IKE_REPORT_ASKED);
	struct forge forge;

	for (int i = 0; i < 1000; i++) {
		forge_from(&forge, duo, DUO_A);
		forge_notify(&forge, IKE_NOTIFY_INVALID_COOKIE);
		ck_assert_int_eq(forge_inject_clear(&forge, duo, DUO_B), IKE_HINT_ONLY);
	}
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_B, IKE_REPORT_ASKED), asked + 1);
	ck_assert_uint_ge(duo_count(duo, DUO_B, IKE_EVENT_HINT), 1);
	expect_untouched(duo);
	duo_free(duo);
}
END_TEST

/* R90 */
START_TEST(test_hint_from_another_address_is_no_hint)
{
	struct duo *duo = established(3);
	uint8_t copy[IKE_SMALL_MESSAGE];
	struct ike_datagram in = {.data = copy, .room = sizeof(copy)};
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_notify(&forge, IKE_NOTIFY_INVALID_COOKIE);
	in.remote = duo->peer[DUO_B].gateway[0];
	in.remote.octets[3] ^= 7;
	in.length = forge_clear(&forge, copy, sizeof(copy));
	ck_assert_int_eq(ike_input(duo->core[DUO_B], duo->now, &in), IKE_OTHER_ADDRESS);
	duo_free(duo);
}
END_TEST

/* A rebooted node hears a probe for an SA it has forgotten: one hint back, never longer than what came. */
START_TEST(test_unknown_cookies_are_answered_with_a_hint)
{
	struct duo *duo = established(4);
	struct forge forge;
	size_t before;

	forge_from(&forge, duo, DUO_A);
	forge_r_u_there(&forge, 5);
	forge.cky_r[0] ^= 1;
	before = octets_sent_by(duo, DUO_B);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_UNKNOWN_COOKIES);
	ck_assert_uint_le(octets_sent_by(duo, DUO_B) - before, forge.length);
	ck_assert_uint_gt(octets_sent_by(duo, DUO_B), before);
	for (int i = 0; i < 1000; i++)
		(void)forge_inject(&forge, duo, DUO_B);
	/* ten a second in all */
	ck_assert_uint_le(octets_sent_by(duo, DUO_B) - before, 11 * forge.length);
	duo_free(duo);
}
END_TEST

/* ---- protected, but wrong ------------------------------------------------------------------------------------------ */

/* CVE-2019-10155: every single bit of every Informational matters. */
START_TEST(test_every_bit_flip_is_refused)
{
	struct duo *duo = established(5);
	struct forge forge;
	uint8_t message[IKE_SMALL_MESSAGE];
	size_t before = octets_sent_by(duo, DUO_B), length;

	for (int which = 0; which < 3; which++) {
		forge_from(&forge, duo, DUO_A);
		if (which == 0)
			forge_r_u_there(&forge, 77);
		else if (which == 1)
			forge_delete(&forge);
		else
			forge_notify(&forge, IKE_NOTIFY_INITIAL_CONTACT);
		length = forge_protected(&forge, message, sizeof(message));
		for (size_t bit = 0; bit < 8 * length; bit++) {
			uint8_t flipped[IKE_SMALL_MESSAGE];
			enum ike_verdict verdict;

			memcpy(flipped, message, length);
			flipped[bit / 8] ^= (uint8_t)(1u << (bit % 8));
			verdict = duo_inject(duo, DUO_B, flipped, length);
			ck_assert_msg(verdict != IKE_ACCEPTED, "message %d, bit %zu", which, bit);
		}
	}
	expect_untouched(duo);
	/* hints about unknown cookies are all that may have gone out */
	ck_assert_uint_le(octets_sent_by(duo, DUO_B) - before, 12 * 56);
	duo_free(duo);
}
END_TEST

START_TEST(test_message_id_zero)
{
	struct duo *duo = established(6);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge.message_id = 0;
	forge_r_u_there(&forge, 1);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_BAD_MESSAGE_ID);
	duo_free(duo);
}
END_TEST

START_TEST(test_wrong_hash)
{
	struct duo *duo = established(7);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge.keys.skeyid_a[0] ^= 1;
	forge_delete(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_BAD_HASH);
	expect_untouched(duo);
	duo_free(duo);
}
END_TEST

START_TEST(test_truncated_and_misaligned_ciphertext)
{
	struct duo *duo = established(8);
	uint8_t message[IKE_SMALL_MESSAGE];
	struct forge forge;
	size_t length;

	forge_from(&forge, duo, DUO_A);
	forge_r_u_there(&forge, 1);
	length = forge_protected(&forge, message, sizeof(message));
	for (size_t cut = IKE_HEADER_LENGTH; cut < length; cut++) {
		message[26] = (uint8_t)(cut >> 8);
		message[27] = (uint8_t)cut;
		ck_assert_int_ne(duo_inject(duo, DUO_B, message, cut), IKE_ACCEPTED);
	}
	expect_untouched(duo);
	duo_free(duo);
}
END_TEST

/* ---- protected and right, but again -------------------------------------------------------------------------------- */

/* R77 */
START_TEST(test_replayed_r_u_there_is_not_answered)
{
	struct duo *duo = established(9);
	uint8_t message[IKE_SMALL_MESSAGE];
	struct forge forge;
	size_t length, answered;

	forge_from(&forge, duo, DUO_A);
	forge_r_u_there(&forge, 4242);
	length = forge_protected(&forge, message, sizeof(message));
	ck_assert_int_eq(duo_inject(duo, DUO_B, message, length), IKE_ACCEPTED);
	duo_run(duo, 0);
	answered = duo_count_reports(duo, DUO_B, IKE_REPORT_ANSWERED);
	ck_assert_uint_ge(answered, 1);
	for (int i = 0; i < 20; i++) {
		duo_run(duo, 2 * IKE_SECOND);
		ck_assert_int_eq(duo_inject(duo, DUO_B, message, length), IKE_REUSED_MESSAGE_ID);
	}
	expect_untouched(duo);
	duo_free(duo);
}
END_TEST

/* strongSwan repeats a number under a new message ID until it is answered: one lost ACK must not end in a false death. */
START_TEST(test_repeated_number_is_answered_again)
{
	struct duo *duo = established(10);
	struct forge forge;

	for (uint32_t i = 0; i < 3; i++) {
		size_t answered = duo_count_reports(duo, DUO_B, IKE_REPORT_ANSWERED);

		forge_from(&forge, duo, DUO_A);
		forge.message_id = 0x1000 + i;
		forge_r_u_there(&forge, 99);
		ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_ACCEPTED);
		duo_run(duo, 0);
		ck_assert_uint_eq(duo_count_reports(duo, DUO_B, IKE_REPORT_ANSWERED), answered + 1);
		duo_run(duo, 2 * IKE_SECOND);
	}
	duo_free(duo);
}
END_TEST

START_TEST(test_unasked_ack)
{
	struct duo *duo = established(11);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_ack(&forge, 0x7ffffff0);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_KEEPALIVE_UNASKED_ACK);
	expect_untouched(duo);
	duo_free(duo);
}
END_TEST

/* ---- Delete and other notifications -------------------------------------------------------------------------------- */

START_TEST(test_protected_delete_is_obeyed)
{
	struct duo *duo = established(12);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_delete(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_ACCEPTED);
	duo_run(duo, 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	ck_assert_int_eq(duo_last(duo, DUO_B, IKE_EVENT_DELETED)->why, IKE_WHY_PEER_DELETED);
	duo_free(duo);
}
END_TEST

/* CVE-2023-38712: what follows a Delete of the SA itself is not looked at (R121). */
START_TEST(test_nothing_after_the_delete_is_read)
{
	struct duo *duo = established(13);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_delete(&forge);
	forge_delete(&forge);
	forge_r_u_there(&forge, 1);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_ACCEPTED);
	duo_run(duo, 0);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_B, IKE_REPORT_ANSWERED), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	duo_free(duo);
}
END_TEST

START_TEST(test_first_protected_message_ends_the_handshake)
{
	struct duo *duo = established(18);
	struct ike_status status;

	/* A's INITIAL-CONTACT has come after MM6: B keeps nothing to repeat, and the place is free for others */
	ike_status(duo->core[DUO_B], &status);
	ck_assert_uint_eq(status.handshakes, 0);
	ck_assert_uint_eq(status.established, 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_delete_of_an_unknown_sa)
{
	struct duo *duo = established(14);
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge.named_cky_i[0] ^= 1;
	forge_delete(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_DELETE_UNKNOWN_SPI);
	expect_untouched(duo);
	duo_free(duo);
}
END_TEST

START_TEST(test_unknown_notifications_cost_nothing)
{
	struct duo *duo = established(15);
	struct forge forge;

	for (uint32_t i = 0; i < 30; i++) {
		forge_from(&forge, duo, DUO_A);
		forge.message_id = 0x2000 + i;
		forge_notify(&forge, (uint16_t)(40000 + i));
		ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_NOTIFY_IGNORED);
	}
	expect_untouched(duo);
	duo_free(duo);
}
END_TEST

/*
 * Authenticated notifications of other kinds are a sign of life, but only as long as all their message IDs are remembered:
 * otherwise a recorder could keep a dead peer alive by playing them in turn (R78).
 */
START_TEST(test_replayed_notifications_do_not_postpone_death)
{
	struct duo *duo = established(16);
	static uint8_t recorded[40][IKE_SMALL_MESSAGE];
	size_t length[40];
	struct forge forge;
	ike_time silent_since;

	for (uint32_t i = 0; i < 40; i++) {
		forge_from(&forge, duo, DUO_A);
		forge.message_id = 0x3000 + i;
		forge_notify(&forge, 40000);
		length[i] = forge_protected(&forge, recorded[i], sizeof(recorded[i]));
		(void)duo_inject(duo, DUO_B, recorded[i], length[i]);
	}
	duo->keepalive[DUO_B].recovery.on_death = RECOVERY_CLEAR;
	duo->deliver = forge_lose_all;
	duo_run(duo, 100 * IKE_MILLISECOND);
	silent_since = duo->now;
	for (uint32_t i = 0; i < 200 && duo_established(duo, DUO_B) == 1; i++) {
		(void)duo_inject(duo, DUO_B, recorded[i % 40], length[i % 40]);
		duo->datagrams = 0;
		duo_run(duo, 200 * IKE_MILLISECOND);
	}
	ck_assert_uint_eq(duo_count_reports(duo, DUO_B, IKE_REPORT_DEAD), 1);
	ck_assert_uint_le(duo_last_report(duo, DUO_B, IKE_REPORT_DEAD)->at - silent_since,
			  21 * IKE_SECOND);
	duo_free(duo);
}
END_TEST

/* Sends everything back to whoever made it. */
static bool reflect(struct duo *duo, struct duo_datagram *datagram)
{
	(void)duo;
	datagram->to = datagram->to == DUO_A ? DUO_B : DUO_A;
	return true;
}

/* HASH(1) does not say who made a message: our own questions, sent back to us, must not keep a dead peer alive (R76). */
START_TEST(test_our_own_messages_sent_back_prove_nothing)
{
	struct duo *duo = established(19);
	ike_time since = duo->now;

	duo->keepalive[DUO_A].recovery.on_death = duo->keepalive[DUO_B].recovery.on_death =
	    RECOVERY_CLEAR;
	duo->deliver = reflect;
	duo_run(duo, 60 * IKE_SECOND);
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		ck_assert_uint_eq(duo_count_reports(duo, node, IKE_REPORT_DEAD), 1);
		ck_assert_uint_le(duo_last_report(duo, node, IKE_REPORT_DEAD)->at - since,
				  21 * IKE_SECOND);
	}
	duo_free(duo);
}
END_TEST

/* RESPONDER-LIFETIME may shorten, never stretch. */
START_TEST(test_responder_lifetime)
{
	struct duo *duo = established(17);
	struct ike_sa_status status;
	struct forge forge;
	ike_time expires;
	uint32_t cursor = 0;

	ck_assert(ike_next_sa(duo->core[DUO_B], &cursor, &status));
	expires = status.expires_at;
	forge_from(&forge, duo, DUO_A);
	forge_responder_lifetime(&forge, 999999);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_ACCEPTED);
	cursor = 0;
	ck_assert(ike_next_sa(duo->core[DUO_B], &cursor, &status));
	ck_assert(status.expires_at == expires);
	forge_from(&forge, duo, DUO_A);
	forge.message_id++;
	forge_responder_lifetime(&forge, 600);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_ACCEPTED);
	cursor = 0;
	ck_assert(ike_next_sa(duo->core[DUO_B], &cursor, &status));
	ck_assert(status.expires_at == status.established_at + 600 * IKE_SECOND);
	duo_free(duo);
}
END_TEST

/* An SA that a newer one has superseded has ten seconds left, whatever is said about its lifetime now. */
START_TEST(test_responder_lifetime_under_a_superseded_sa)
{
	struct duo *duo = duo_new(18);
	struct ike_sa *old;
	struct forge forge;
	ike_time expires;

	duo->peer[DUO_A].lifetime = duo->peer[DUO_B].lifetime = 100;
	duo_start(duo);
	duo_establish(duo);
	forge_from(&forge, duo, DUO_A);
	old = sa_table_find(duo->core[DUO_B]->sas, forge.cky_i, forge.cky_r);
	ck_assert_ptr_nonnull(old);
	for (unsigned i = 0; i < 100 && !old->superseded; i++)
		duo_run(duo, IKE_SECOND);
	ck_assert(old->superseded);
	expires = sa_expires_at(old);
	forge.message_id += 1000;
	forge_responder_lifetime(&forge, 99);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_ACCEPTED);
	ck_assert_uint_eq(sa_expires_at(old), expires);
	ck_assert_uint_eq(sa_renew_at(old), IKE_NEVER);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("informational", test_clear_delete_and_r_u_there_are_ignored,
	  test_hints_bring_one_probe_and_nothing_else, test_hint_from_another_address_is_no_hint,
	  test_unknown_cookies_are_answered_with_a_hint, test_every_bit_flip_is_refused,
	  test_message_id_zero, test_wrong_hash, test_truncated_and_misaligned_ciphertext,
	  test_replayed_r_u_there_is_not_answered, test_repeated_number_is_answered_again,
	  test_unasked_ack, test_protected_delete_is_obeyed, test_nothing_after_the_delete_is_read,
	  test_first_protected_message_ends_the_handshake, test_delete_of_an_unknown_sa,
	  test_unknown_notifications_cost_nothing,
	  test_replayed_notifications_do_not_postpone_death,
	  test_our_own_messages_sent_back_prove_nothing, test_responder_lifetime,
	  test_responder_lifetime_under_a_superseded_sa)
