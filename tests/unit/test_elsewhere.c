/* SPDX-License-Identifier: ISC */
/*
 * test_elsewhere.c - one party, two workers: what comes up with it at one is obeyed at the other.
 *
 * The node is B of two duos with the same names, secret and clock, the party is A of both.
 */
#include <string.h>

#include "ike/core.h"
#include "ike/identity.h"
#include "keepalive/recovery.h"
#include "tests/support/duo.h"
#include "tests/support/forge.h"
#include "tests/support/unit.h"

#define SEED_HERE  5
#define SEED_THERE 6

static struct duo *here, *there;

static void two_workers(void)
{
	here = duo_new(SEED_HERE);
	there = duo_new(SEED_THERE);
	duo_start(here);
	duo_start(there);
}

static void done(void)
{
	duo_free(here);
	duo_free(there);
}

/* What the node tells of its one SA in use. */
static struct ike_contact told_by(const struct duo *duo)
{
	struct ike_contact contact;
	struct ike_sa_status sa;

	ck_assert_uint_eq(duo_in_use(duo, DUO_B, &sa), 1);
	ck_assert(ike_contact(duo->core[DUO_B], sa.cky_i, sa.cky_r, &contact));
	return contact;
}

static bool hears(struct duo *duo, const struct ike_contact *contact, struct ike_contact *reply)
{
	const struct ike_command command = {
	    .kind = IKE_COMMAND_CONTACT, .contact = contact, .reply = reply};
	bool answered = ike_command(duo->core[DUO_B], duo->now, &command);

	duo_run(duo, 0); /* pulls the events */
	return answered;
}

static const struct recovery *recovery_of(const struct duo *duo)
{
	return ike_peer_extension_state(duo->core[DUO_B], 0);
}

/* The party is with `here` since a while, and comes anew at `there`. */
static struct ike_contact comes_to_the_other(bool says_initial_contact)
{
	struct ike_contact contact;

	duo_establish(here);
	duo_run(here, 3 * IKE_SECOND);
	there->peer[DUO_A].never_initial_contact = !says_initial_contact;
	duo_run(there, here->now - there->now);
	duo_establish(there);
	duo_run(here, there->now - here->now);
	contact = told_by(there);
	ck_assert_int_eq(contact.initial_contact, says_initial_contact);
	return contact;
}

/* ---- what must not happen ------------------------------------------------------------------------------------------ */

START_TEST(test_other_parties_are_left_alone)
{
	struct ike_contact contact, reply;

	two_workers();
	contact = comes_to_the_other(true);
	ck_assert(ike_identity_from_text("fqdn:other.example", &contact.remote_identity));
	ck_assert(!hears(here, &contact, &reply));
	ck_assert_uint_eq(duo_established(here, DUO_B), 1);
	ck_assert_uint_eq(duo_in_use(here, DUO_B, &(struct ike_sa_status){0}), 1);
	ck_assert_uint_eq(duo_count(here, DUO_B, IKE_EVENT_DELETED), 0);
	ck_assert_int_eq(recovery_of(here)->state, RECOVERY_UP);
	done();
}
END_TEST

START_TEST(test_what_cannot_be_is_refused)
{
	struct ike_contact contact, reply;

	two_workers();
	contact = comes_to_the_other(true);
	contact.peer = 1;
	ck_assert(!hears(here, &contact, &reply));
	contact.peer = 0;
	contact.gateway = 1;
	ck_assert(!hears(here, &contact, &reply));
	contact.gateway = IKE_NONE;
	contact.remote_identity.length = IKE_IDENTITY_MAX + 1;
	ck_assert(!hears(here, &contact, &reply));
	ck_assert_uint_eq(duo_established(here, DUO_B), 1);
	done();
}
END_TEST

START_TEST(test_the_user_may_refuse_to_obey)
{
	struct ike_contact contact, reply;

	here = duo_new(SEED_HERE);
	there = duo_new(SEED_THERE);
	here->peer[DUO_B].obey_initial_contact = false;
	duo_start(here);
	duo_start(there);
	contact = comes_to_the_other(true);
	ck_assert(!hears(here, &contact, &reply));
	/* superseded, as by any other new SA */
	ck_assert_uint_eq(duo_established(here, DUO_B), 1);
	ck_assert_uint_eq(duo_in_use(here, DUO_B, &(struct ike_sa_status){0}), 0);
	done();
}
END_TEST

/* An old INITIAL-CONTACT, told late, does nothing to what came after it. */
START_TEST(test_a_newer_sa_stays)
{
	struct ike_contact contact, reply;

	two_workers();
	duo_establish(there);
	duo_run(there, 3 * IKE_SECOND);
	duo_run(here, there->now - here->now);
	contact = told_by(there);
	duo_establish(here);
	ck_assert(hears(here, &contact, &reply));
	ck_assert_uint_eq(duo_in_use(here, DUO_B, &(struct ike_sa_status){0}), 1);
	ck_assert_mem_ne(reply.cky_i, contact.cky_i, IKE_COOKIE_LENGTH);
	ck_assert_int_eq(recovery_of(here)->state, RECOVERY_UP);
	/* and the reply ends the older one where it is */
	ck_assert(!hears(there, &reply, &contact));
	ck_assert_uint_eq(duo_established(there, DUO_B), 0);
	ck_assert_int_eq(recovery_of(there)->state, RECOVERY_RESTING);
	done();
}
END_TEST

START_TEST(test_only_what_is_in_use_is_told)
{
	struct ike_contact contact, reply;
	struct ike_sa_status sa;

	two_workers();
	ck_assert(!ike_contact(here->core[DUO_B], (const uint8_t[8]){1}, (const uint8_t[8]){2},
			       &contact));
	contact = comes_to_the_other(false);
	ck_assert_uint_eq(duo_in_use(here, DUO_B, &sa), 1);
	ck_assert(ike_contact(here->core[DUO_B], sa.cky_i, sa.cky_r, &reply));
	ck_assert(!hears(here, &contact, &reply));
	ck_assert(!ike_contact(here->core[DUO_B], sa.cky_i, sa.cky_r, &reply));
	done();
}
END_TEST

/* ---- what must ----------------------------------------------------------------------------------------------------- */

START_TEST(test_initial_contact_deletes_at_once)
{
	struct ike_contact contact, reply;

	two_workers();
	contact = comes_to_the_other(true);
	ck_assert(!hears(here, &contact, &reply));
	ck_assert_uint_eq(duo_established(here, DUO_B), 0);
	ck_assert_int_eq(duo_last(here, DUO_B, IKE_EVENT_DELETED)->why, IKE_WHY_INITIAL_CONTACT);
	ck_assert_uint_eq(duo_last(here, DUO_B, IKE_EVENT_INITIAL_CONTACT)->value, 1);
	ck_assert_mem_eq(duo_last(here, DUO_B, IKE_EVENT_INITIAL_CONTACT)->cky_i, contact.cky_i,
			 IKE_COOKIE_LENGTH);
	/* nothing has died, so there is nothing to recover from */
	ck_assert_int_eq(recovery_of(here)->state, RECOVERY_RESTING);
	ck_assert_uint_eq(duo_count_reports(here, DUO_B, IKE_REPORT_RECOVERING), 0);
	/* told twice: once when it is established, once for INITIAL-CONTACT */
	ck_assert(!hears(here, &contact, &reply));
	ck_assert_uint_eq(duo_count(here, DUO_B, IKE_EVENT_INITIAL_CONTACT), 1 + 1);
	done();
}
END_TEST

/* As beside a new SA of the same core: it answers for a while, asks no more, and goes. */
START_TEST(test_renewal_supersedes)
{
	struct ike_contact contact, reply;

	two_workers();
	contact = comes_to_the_other(false);
	ck_assert(!hears(here, &contact, &reply));
	ck_assert_uint_eq(duo_established(here, DUO_B), 1);
	ck_assert_uint_eq(duo_count(here, DUO_B, IKE_EVENT_REPLACED), 1);
	ck_assert_mem_eq(duo_last(here, DUO_B, IKE_EVENT_REPLACED)->cky_i, contact.cky_i,
			 IKE_COOKIE_LENGTH);
	here->deliver = forge_lose_all; /* the party has forgotten it */
	duo_run(here, 60 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(here, DUO_B), 0);
	ck_assert_int_eq(duo_last(here, DUO_B, IKE_EVENT_DELETED)->why, IKE_WHY_REPLACED);
	ck_assert_uint_eq(duo_count_reports(here, DUO_B, IKE_REPORT_DEAD), 0);
	ck_assert_uint_eq(duo_count_reports(here, DUO_B, IKE_REPORT_RECOVERING), 0);
	ck_assert_int_eq(recovery_of(here)->state, RECOVERY_RESTING);
	done();
}
END_TEST

/* Whoever has the SA recovers, and nobody else. */
START_TEST(test_who_has_the_sa_recovers)
{
	struct ike_contact contact, reply;

	two_workers();
	contact = comes_to_the_other(true);
	(void)hears(here, &contact, &reply);
	here->deliver = there->deliver = forge_lose_all;
	duo_run(here, 60 * IKE_SECOND);
	duo_run(there, 60 * IKE_SECOND);
	ck_assert_uint_eq(duo_count_reports(here, DUO_B, IKE_REPORT_RECOVERING), 0);
	ck_assert_uint_ge(duo_count_reports(there, DUO_B, IKE_REPORT_RECOVERING), 1);
	done();
}
END_TEST

/* Both ends call at once, and the calls meet different workers: all four must keep the same SA. */
static void begun_at_once(bool other_order)
{
	struct ike_contact first, second, reply;
	bool first_stays, second_stays;

	here = duo_new(SEED_HERE);
	there = duo_new(SEED_THERE);
	here->keepalive[DUO_A].recovery.connect_at_start = false; /* calls without a delay */
	there->keepalive[DUO_A].recovery.connect_at_start = false;
	duo_start(here);
	duo_start(there);
	duo_establish(here);
	duo_establish(there);
	first = told_by(here);
	second = told_by(there);
	ck_assert(first.created_at < second.established_at);
	ck_assert(second.created_at < first.established_at);
	first.initial_contact = second.initial_contact = false;
	if (other_order) {
		second_stays = hears(there, &first, &reply);
		first_stays = hears(here, &second, &reply);
	} else {
		first_stays = hears(here, &second, &reply);
		second_stays = hears(there, &first, &reply);
	}
	ck_assert_int_ne(first_stays, second_stays);
	ck_assert_int_eq(first_stays, memcmp(first.cky_i, second.cky_i, IKE_COOKIE_LENGTH) < 0);
	ck_assert_int_eq(recovery_of(here)->state, first_stays ? RECOVERY_UP : RECOVERY_RESTING);
	ck_assert_int_eq(recovery_of(there)->state, second_stays ? RECOVERY_UP : RECOVERY_RESTING);
	done();
}

START_TEST(test_of_two_begun_at_once_one_stays)
{
	begun_at_once(false);
	begun_at_once(true);
}
END_TEST

/* Nobody has answered our call, and the peer has called another worker: ours is over. */
START_TEST(test_an_unanswered_call_ends)
{
	struct ike_contact contact, reply;

	two_workers();
	duo_establish(there);
	contact = told_by(there);
	here->deliver = forge_lose_all;
	duo_connect(here, DUO_B);
	duo_run(here, 2 * IKE_SECOND);
	ck_assert_uint_ge(duo_count(here, DUO_B, IKE_EVENT_CONNECTING), 1);
	ck_assert(!hears(here, &contact, &reply));
	ck_assert_int_eq(duo_last(here, DUO_B, IKE_EVENT_FAILED)->why, IKE_WHY_REPLACED);
	here->events[DUO_B] = 0;
	duo_run(here, 60 * IKE_SECOND);
	ck_assert_uint_eq(duo_count(here, DUO_B, IKE_EVENT_CONNECTING), 0);
	done();
}
END_TEST

UNIT_MAIN("elsewhere", test_other_parties_are_left_alone, test_what_cannot_be_is_refused,
	  test_the_user_may_refuse_to_obey, test_a_newer_sa_stays, test_only_what_is_in_use_is_told,
	  test_initial_contact_deletes_at_once, test_renewal_supersedes,
	  test_who_has_the_sa_recovers, test_of_two_begun_at_once_one_stays,
	  test_an_unanswered_call_ends)
