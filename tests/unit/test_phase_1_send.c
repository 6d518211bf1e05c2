/* SPDX-License-Identifier: ISC */
/*
 * test_phase_1_send.c - what our messages of Phase 1 carry besides what they must, as a peer sees it, from the wire alone.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/duo.h"
#include "tests/support/recorder.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

static struct recorder a, b;

/* ---- vendor IDs ---------------------------------------------------------------------------------------------------- */

/* R3, R48 */
START_TEST(test_vendor_id_once_from_each_side)
{
	struct duo *duo = recorder_duo_proposing(3, &a, &b, "aes128-sha1-x25519");

	duo_start(duo);
	duo_establish(duo);
	for (enum ike_message_kind kind = IKE_MM1; kind <= IKE_MM6; kind++) {
		struct ike_message message;

		tap_read_nth(duo, kind, 0, &message);
		ck_assert_uint_eq(tap_payloads(&message, IKE_PAYLOAD_VENDOR_ID),
				  kind <= IKE_MM2 ? 1 : 0);
	}
	duo_free(duo);
}
END_TEST

/* ---- INITIAL-CONTACT in MM5 ---------------------------------------------------------------------------------------- */

static size_t contacts(const struct duo *duo, enum ike_message_kind kind, size_t n)
{
	struct ike_message message;

	tap_read_nth(duo, kind, n, &message);
	return tap_payloads(&message, IKE_PAYLOAD_NOTIFY);
}

static void again(struct duo *duo, enum ike_extension_action_kind kind)
{
	struct ike_command start = {.kind = IKE_COMMAND_START, .peer = 0};

	recorder_action(&a.peer_answer[IKE_EXTENSION_PEER_START], kind);
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &start));
	duo_run(duo, IKE_SECOND);
}

/* With the first SA that we hold with somebody; not with a second one, not with a renewal, not by the responder (R109, R110). */
START_TEST(test_initial_contact_when_it_is_one)
{
	struct duo *duo = recorder_duo_proposing(4, &a, &b, "aes128-sha1-x25519");
	struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW, .peer = 0};

	duo_start(duo);
	duo_establish(duo);
	ck_assert_uint_eq(contacts(duo, IKE_MM5, 0), 1);
	ck_assert_uint_eq(contacts(duo, IKE_MM6, 0), 0);
	ck_assert(duo_last(duo, DUO_A, IKE_EVENT_ESTABLISHED)->initial_contact);
	again(duo, IKE_EXTENSION_CONNECT);
	ck_assert_uint_eq(contacts(duo, IKE_MM5, 1), 0);
	ck_assert(!duo_last(duo, DUO_A, IKE_EVENT_ESTABLISHED)->initial_contact);
	recorder_action(&a.sa_answer[IKE_EXTENSION_ASK_NOW], IKE_EXTENSION_RENEW);
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &ask));
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(contacts(duo, IKE_MM5, 2), 0);
	/* closed and begun anew: we hold nothing with him */
	again(duo, IKE_EXTENSION_CLOSE);
	duo_run(duo, 30 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	again(duo, IKE_EXTENSION_CONNECT);
	ck_assert_uint_eq(contacts(duo, IKE_MM5, 3), 1);
	duo_free(duo);
}
END_TEST

/* R111 */
START_TEST(test_form_of_initial_contact)
{
	struct duo *duo = recorder_duo_proposing(5, &a, &b, "aes128-sha1-x25519");
	struct ike_message message;
	struct octets body;

	duo_start(duo);
	duo_establish(duo);
	tap_read_nth(duo, IKE_MM5, 0, &message);
	body = tap_body(&message, IKE_PAYLOAD_NOTIFY);
	/* RFC 2407 section 4.6.3.3: DOI IPSEC, protocol ISAKMP, 16 octets of SPI, the cookies, no data */
	ck_assert_uint_eq(body.length, 24);
	unit_assert_hex(octets_of(body.data, 8), "00000001 01 10 6002");
	ck_assert_mem_eq(body.data + 8, message.header.cky_i, IKE_COOKIE_LENGTH);
	ck_assert_mem_eq(body.data + 16, message.header.cky_r, IKE_COOKIE_LENGTH);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("phase_1_send", test_vendor_id_once_from_each_side, test_initial_contact_when_it_is_one,
	  test_form_of_initial_contact)
