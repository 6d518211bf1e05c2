/* SPDX-License-Identifier: ISC */
/*
 * test_initial_contact.c - P10: INITIAL-CONTACT in Main Mode, in an Informational, repeated, and with other parties near.
 */
#include <string.h>

#include "ike/identity.h"
#include "tests/support/duo.h"
#include "tests/support/forge.h"
#include "tests/support/unit.h"

/* R111, R117 */
START_TEST(test_it_removes_nothing_that_is_not_older)
{
	struct duo *duo = duo_new(1);
	struct forge forge;

	duo_start(duo);
	duo_establish(duo);
	/* once in MM5 and once in the Informational after it: both have come, and the SA that carried them is there */
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT), 1);
	ck_assert_uint_eq(duo_last(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT)->value, 0);
	forge_from(&forge, duo, DUO_A);
	forge_notify(&forge, IKE_NOTIFY_INITIAL_CONTACT);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_INITIAL_CONTACT_REPEATED);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

/* The carrier of an old INITIAL-CONTACT cannot remove an SA that came after it. */
START_TEST(test_an_older_sa_cannot_remove_a_newer_one)
{
	struct duo *duo = duo_new(2);
	struct forge forge;

	duo->peer[DUO_A].lifetime = 120; /* renewed: no INITIAL-CONTACT with the second SA */
	duo_start(duo);
	duo_establish(duo);
	forge_from(&forge, duo, DUO_A); /* of the first SA */
	while (duo_count(duo, DUO_B, IKE_EVENT_REPLACED) == 0) {
		duo_run(duo, IKE_SECOND);
		duo->datagrams = 0;
	}
	ck_assert_uint_eq(duo_established(duo, DUO_B), 2);
	forge_notify(&forge, IKE_NOTIFY_INITIAL_CONTACT);
	ck_assert_int_ne(forge_inject(&forge, duo, DUO_B), IKE_ACCEPTED);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 2);
	duo_free(duo);
}
END_TEST

/* R115 */
START_TEST(test_another_identity_is_another_party)
{
	struct duo *duo = duo_new(3);

	duo_start(duo);
	duo_establish(duo);
	/* A comes back under another name: B's SA with the old name is not its to remove */
	ck_assert(ike_identity_from_text("fqdn:other.example", &duo->settings[DUO_A].identity));
	duo_reboot(duo, DUO_A);
	duo_connect(duo, DUO_A);
	duo_run(duo, 2 * IKE_SECOND);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT), 2);
	ck_assert_uint_eq(duo_last(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT)->value, 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 2);
	duo_free(duo);
}
END_TEST

START_TEST(test_the_user_may_refuse_to_obey)
{
	struct duo *duo = duo_new(4);

	duo->peer[DUO_B].obey_initial_contact = false;
	duo_start(duo);
	duo_establish(duo);
	duo_reboot(duo, DUO_A);
	duo_connect(duo, DUO_A);
	duo_run(duo, 2 * IKE_SECOND);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B),
			  2); /* the older one is superseded, not gone */
	duo_free(duo);
}
END_TEST

START_TEST(test_the_user_may_want_it_never_said)
{
	struct duo *duo = duo_new(5);

	duo->peer[DUO_A].never_initial_contact = true;
	duo_start(duo);
	duo_establish(duo);
	ck_assert(!duo_last(duo, DUO_A, IKE_EVENT_ESTABLISHED)->initial_contact);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT), 0);
	duo_reboot(duo, DUO_A);
	duo_connect(duo, DUO_A);
	duo_run(duo, 2 * IKE_SECOND);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 2);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("initial_contact", test_it_removes_nothing_that_is_not_older,
	  test_an_older_sa_cannot_remove_a_newer_one, test_another_identity_is_another_party,
	  test_the_user_may_refuse_to_obey, test_the_user_may_want_it_never_said)
