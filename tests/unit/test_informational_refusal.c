/* SPDX-License-Identifier: ISC */
/*
 * test_informational_refusal.c - a peer that does not believe us says so under the keys of Phase 1, in place of MM6: heard at once,
 * and told, but it ends nothing, because it comes from somebody who has proved nothing.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/forge.h"
#include "tests/support/signers.h"
#include "tests/support/unit.h"

/* MM6 and all that follows it: they are encrypted, and to A. */
static bool lose_encrypted(struct duo *duo, struct duo_datagram *datagram)
{
	(void)duo;
	return datagram->to != DUO_A || (datagram->data[19] & IKE_FLAG_ENCRYPTION) == 0;
}

/* A waits for MM6, which B has said in vain. */
static void wait_for_last(struct duo *duo, struct forge *forge)
{
	const struct ike_sa *sa = NULL;

	duo->deliver = lose_encrypted;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	/* not every call begins at once */
	for (unsigned i = 0; i < 20 && duo_established(duo, DUO_B) == 0; i++)
		duo_run(duo, IKE_SECOND / 10);
	sa = duo->core[DUO_A]->peer[0].connecting[0];
	ck_assert_ptr_nonnull(sa);
	ck_assert_int_eq(sa->handshake->expects, IKE_MM6);
	forge_from(forge, duo, DUO_B);
	memcpy(forge->last_block, sa->handshake->iv, sizeof(forge->last_block));
	forge_notify(forge, IKE_NOTIFY_AUTHENTICATION_FAILED);
}

static const struct ike_event *wait_for_failure(struct duo *duo)
{
	for (unsigned i = 0; i < 60 && duo_count(duo, DUO_A, IKE_EVENT_FAILED) == 0; i++)
		duo_run(duo, IKE_SECOND);
	return duo_last(duo, DUO_A, IKE_EVENT_FAILED);
}

static struct duo *with_secrets(uint8_t seed, struct forge *forge)
{
	struct duo *duo = duo_new(seed);

	wait_for_last(duo, forge);
	return duo;
}

START_TEST(test_it_is_told_and_ends_nothing)
{
	struct forge forge;
	struct duo *duo = with_secrets(1, &forge);
	const struct ike_event *event;

	ck_assert_int_eq(forge_inject(&forge, duo, DUO_A), IKE_HINT_ONLY);
	duo_run(duo, 0);
	event = duo_last(duo, DUO_A, IKE_EVENT_PEER_SAYS);
	ck_assert_uint_eq(event->notify_type, IKE_NOTIFY_AUTHENTICATION_FAILED);
	ck_assert(!event->authenticated);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_FAILED), 0);

	/* MM6 may come nevertheless */
	duo->deliver = NULL;
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_it_is_in_the_report_of_the_failure)
{
	struct forge forge;
	struct duo *duo = with_secrets(2, &forge);

	ck_assert_int_eq(forge_inject(&forge, duo, DUO_A), IKE_HINT_ONLY);
	ck_assert_uint_eq(wait_for_failure(duo)->notify_type, IKE_NOTIFY_AUTHENTICATION_FAILED);
	duo_free(duo);
}
END_TEST

/* Whatever cannot be read with that IV is put aside, as a message that overtook MM6; none of it is believed. */
START_TEST(test_what_does_not_hold_says_nothing)
{
	struct forge forge;
	struct duo *duo = with_secrets(3, &forge);

	forge.keys.skeyid_a[0] ^= 1;
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_A), IKE_ACCEPTED);
	forge.keys.skeyid_a[0] ^= 1;
	forge.last_block[0] ^= 1;
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_A),
			 IKE_OUT_OF_STATE); /* there is room for one */
	forge.last_block[0] ^= 1;
	forge.message_id = 0;
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_A), IKE_OUT_OF_STATE);
	duo_run(duo, 0);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_PEER_SAYS), 0);
	duo_free(duo);
}
END_TEST

/* A status or a Delete is no refusal. */
START_TEST(test_only_errors)
{
	struct forge forge;
	struct duo *duo = with_secrets(4, &forge);

	forge.bodies = 0;
	forge_notify(&forge, IKE_NOTIFY_INITIAL_CONTACT);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_A), IKE_ACCEPTED);
	forge.bodies = 0;
	forge_delete(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_A), IKE_OUT_OF_STATE);
	duo_run(duo, 0);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_PEER_SAYS), 0);
	duo_free(duo);
}
END_TEST

START_TEST(test_silence_is_told_as_what_it_means)
{
	struct forge forge;
	struct duo *duo = with_secrets(5, &forge);
	struct signers signers;

	ck_assert_int_eq(wait_for_failure(duo)->why, IKE_WHY_NO_PROOF);
	duo_free(duo);

	duo = signers_duo(&signers, 6, IKE_AUTHENTICATION_RSA_SIGNATURE);
	wait_for_last(duo, &forge);
	ck_assert_int_eq(wait_for_failure(duo)->why, IKE_WHY_NOT_BELIEVED);
	signers_free(&signers, duo);
}
END_TEST

UNIT_MAIN("informational_refusal", test_it_is_told_and_ends_nothing,
	  test_it_is_in_the_report_of_the_failure, test_what_does_not_hold_says_nothing,
	  test_only_errors, test_silence_is_told_as_what_it_means)
