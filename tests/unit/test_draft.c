/* SPDX-License-Identifier: ISC */
/*
 * test_draft.c - requirements of the draft that the test of no single source shows, each named by its ID (draft/requirements).
 */
#include <string.h>

#include "interop/conform/script.h"
#include "keepalive/capability.h"
#include "tests/support/caller.h"
#include "tests/support/forge.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

/* How many payloads of that type the node has sent to the other since datagram `first`, protected ones. */
static size_t sent_payloads(const struct duo *duo, enum duo_node to, size_t first,
			    enum ike_payload_type type)
{
	size_t count = 0;

	for (size_t i = first; i < duo->datagrams; i++) {
		struct ike_message message;

		if (duo->datagram[i].to != to || duo->datagram[i].plain_length == 0)
			continue;
		tap_read(tap_plain(&duo->datagram[i]), &message);
		count += tap_payloads(&message, type);
	}
	return count;
}

/* ---- the vendor ID ------------------------------------------------------------------------------------------------- */

static bool announce_in_third(struct duo *duo, struct duo_datagram *datagram)
{
	struct ike_datagram third = {
	    .data = datagram->data, .room = sizeof(datagram->data), .length = datagram->length};

	if (datagram != tap_last(duo, DUO_B) || tap_count(duo, IKE_MM3) != 1 ||
	    datagram != tap_nth(duo, IKE_MM3, 0))
		return true;
	ck_assert(script_append(&third, IKE_PAYLOAD_VENDOR_ID, keepalive_vendor_id()));
	datagram->length = third.length;
	return true;
}

/* R49: not only in the first message. */
START_TEST(the_vendor_id_may_come_late)
{
	for (int late = 0; late < 2; late++) {
		struct duo *duo = duo_new(1);

		duo->settings[DUO_A].extension = NULL;
		duo->deliver = late != 0 ? announce_in_third : NULL;
		duo_start(duo);
		duo_establish(duo);
		ck_assert(duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->supported == (late != 0));
		duo->deliver = NULL;
		duo_run(duo, 15 * IKE_SECOND);
		ck_assert((duo_count_reports(duo, DUO_B, IKE_REPORT_ASKED) > 0) == (late != 0));
		duo_free(duo);
	}
}
END_TEST

/* R140: who takes no part has not announced anything, and asks nobody, whatever the other has announced. */
START_TEST(who_has_not_announced_asks_nobody)
{
	struct duo *duo = duo_new(2);
	size_t before;

	duo->settings[DUO_A].extension = NULL;
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, IKE_SECOND);
	ck_assert(!duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->supported);
	before = duo->sent[DUO_A];
	duo_run(duo, 300 * IKE_SECOND);
	ck_assert_uint_eq(duo->sent[DUO_A], before);
	duo_free(duo);
}
END_TEST

/* ---- death --------------------------------------------------------------------------------------------------------- */

/* R99: whom we give up is told, under the SA that goes. */
START_TEST(a_death_is_followed_by_a_delete)
{
	struct duo *duo = duo_new(3);
	struct ike_message message;
	struct octets body;

	duo->keepalive[DUO_A].recovery.on_death = RECOVERY_CLEAR;
	duo_start(duo);
	duo_establish(duo);
	duo->deliver = forge_lose_all;
	while (duo_established(duo, DUO_A) > 0)
		duo_run(duo, 100 * IKE_MILLISECOND);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_DELETED)->why, IKE_WHY_DEAD);
	tap_read(tap_plain(tap_last(duo, DUO_B)), &message);
	ck_assert_uint_eq(tap_last(duo, DUO_B)->data[19], IKE_FLAG_ENCRYPTION);
	body = tap_body(&message, IKE_PAYLOAD_DELETE);
	unit_assert_hex(octets_of(body.data, 8), "00000001 01 10 0001");
	ck_assert_mem_eq(body.data + 8, message.header.cky_i, IKE_COOKIE_LENGTH);
	ck_assert_mem_eq(body.data + 16, message.header.cky_r, IKE_COOKIE_LENGTH);
	duo_free(duo);
}
END_TEST

/* ---- INITIAL-CONTACT ----------------------------------------------------------------------------------------------- */

/* R112: after Aggressive Mode, not in it.  R127: AM3 is answered with something that is protected. */
START_TEST(aggressive_mode_carries_no_status)
{
	struct duo *duo = duo_new(4);
	size_t first;

	duo->peer[DUO_A].aggressive = duo->peer[DUO_B].aggressive = true;
	duo_start(duo);
	duo_establish(duo);
	for (enum ike_message_kind kind = IKE_AM1; kind <= IKE_AM2; kind++) {
		struct ike_message message;

		tap_read_nth(duo, kind, 0, &message);
		ck_assert_uint_eq(tap_payloads(&message, IKE_PAYLOAD_NOTIFY), 0);
	}
	first = (size_t)(tap_nth(duo, IKE_AM3, 0) - duo->datagram);
	ck_assert_uint_eq(sent_payloads(duo, DUO_B, first, IKE_PAYLOAD_NOTIFY), 1);
	ck_assert_uint_eq(sent_payloads(duo, DUO_B, first + 1, IKE_PAYLOAD_NOTIFY), 1);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT), 1);
	ck_assert_uint_ge(sent_payloads(duo, DUO_A, first + 1, IKE_PAYLOAD_NOTIFY), 1);
	duo_free(duo);
}
END_TEST

/* Bends the identity in MM5, so that HASH_I does not hold. */
static bool bend_fifth(struct duo *duo, struct duo_datagram *datagram)
{
	bool encrypted = (datagram->data[19] & IKE_FLAG_ENCRYPTION) != 0;

	(void)duo;
	if (datagram->to == DUO_B && datagram->data[18] == IKE_EXCHANGE_MAIN_MODE && encrypted)
		datagram->data[IKE_HEADER_LENGTH + 3] ^= 1;
	return true;
}

/* R114: what MM5 says takes effect with the SA, and an MM5 that is not believed has none.  R118: nor is the peer told of it. */
START_TEST(initial_contact_waits_for_the_sa)
{
	struct duo *duo = duo_new(5);
	size_t contacts, first;

	duo_start(duo);
	duo_establish(duo);
	contacts = duo_count(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT);
	duo_reboot(duo, DUO_A);
	duo->deliver = bend_fifth;
	first = duo->datagrams;
	duo_connect(duo, DUO_A);
	duo_run(duo, 2500 * IKE_MILLISECOND);
	ck_assert_uint_ge(duo_count(duo, DUO_B, IKE_EVENT_REFUSED), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT), contacts);
	duo->deliver = NULL;
	duo_run(duo, 10 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT), contacts + 1);
	ck_assert_uint_eq(duo_last(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT)->value, 1);
	ck_assert_uint_eq(sent_payloads(duo, DUO_A, first, IKE_PAYLOAD_DELETE), 0);
	duo_free(duo);
}
END_TEST

/* ---- what anybody could have said ---------------------------------------------------------------------------------- */

/* R129: a refusal in the clear is told, and the negotiation goes on. */
START_TEST(a_refusal_in_the_clear_ends_nothing)
{
	struct duo *duo = duo_new(6);
	struct caller caller;

	duo->deliver = forge_lose_all;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	while (tap_count(duo, IKE_MM1) == 0)
		duo_run(duo, 100 * IKE_MILLISECOND);
	caller_begin(&caller, IKE_EXCHANGE_INFORMATIONAL, tap_nth(duo, IKE_MM1, 0)->data, NULL);
	caller_payload_hex(&caller, IKE_PAYLOAD_NOTIFY, "00000001 01 00 000e");
	(void)caller_finish(&caller);
	ck_assert_int_eq(duo_inject(duo, DUO_A, caller.data, caller.length), IKE_HINT_ONLY);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_FAILED), 0);
	duo->deliver = NULL;
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert_uint_eq(duo_last(duo, DUO_A, IKE_EVENT_PEER_SAYS)->notify_type,
			  IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_FAILED), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("the draft", a_refusal_in_the_clear_ends_nothing, initial_contact_waits_for_the_sa,
	  aggressive_mode_carries_no_status, who_has_not_announced_asks_nobody,
	  the_vendor_id_may_come_late, a_death_is_followed_by_a_delete)
