/* SPDX-License-Identifier: ISC */
/*
 * test_sa_life.c - an SA from its first second to its last: death and recovery, renewal, two at once, Delete, expiry.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/duo.h"
#include "tests/support/forge.h"
#include "tests/support/unit.h"

static struct ike_sa_status only_sa(const struct duo *duo, enum duo_node node)
{
	struct ike_sa_status status;

	ck_assert_uint_eq(duo_in_use(duo, node, &status), 1);
	return status;
}

static void expect_same_sa(const struct duo *duo)
{
	struct ike_sa_status a = only_sa(duo, DUO_A), b = only_sa(duo, DUO_B);

	ck_assert_mem_eq(a.cky_i, b.cky_i, IKE_COOKIE_LENGTH);
	ck_assert_mem_eq(a.cky_r, b.cky_r, IKE_COOKIE_LENGTH);
}

/* Long runs send more than a duo keeps: forget what has been delivered. */
static void run_long(struct duo *duo, ike_time duration)
{
	ike_time end = duo->now + duration;

	while (duo->now < end) {
		ike_time step = end - duo->now < 60 * IKE_SECOND ? end - duo->now : 60 * IKE_SECOND;
		size_t kept = 0;

		duo_run(duo, step);
		for (size_t i = 0; i < duo->datagrams; i++)
			if (!duo->datagram[i].gone)
				duo->datagram[kept++] = duo->datagram[i];
		duo->datagrams = kept;
		for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
			size_t left = 0;

			for (size_t i = 0; i < duo->events[node]; i++)
				if (duo->event[node][i].kind != IKE_EVENT_REPORT ||
				    duo->event[node][i].report.kind > IKE_REPORT_ALIVE)
					duo->event[node][left++] = duo->event[node][i];
			duo->events[node] = left;
		}
	}
}

/* ---- death --------------------------------------------------------------------------------------------------------- */

START_TEST(test_silence_is_death_at_the_bound)
{
	struct duo *duo = duo_new(1);
	const struct ike_event *dead;
	ike_time detect;

	duo_start(duo);
	duo_establish(duo);
	duo->deliver = forge_lose_all;
	run_long(duo, 60 * IKE_SECOND);
	dead = duo_last_report(duo, DUO_A, IKE_REPORT_DEAD);
	ck_assert_ptr_nonnull(dead);
	detect = duo->keepalive[DUO_A].plan.detect;
	ck_assert(dead->report.duration >= detect);
	ck_assert(dead->report.duration <= detect + 10 * IKE_MILLISECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_DELETED)->why, IKE_WHY_DEAD);
	duo_free(duo);
}
END_TEST

/* R1: whoever did not send the vendor ID is never asked, and so never found dead; it is served all the same. */
START_TEST(test_peer_without_the_vendor_id_is_not_asked)
{
	struct duo *duo = duo_new(8);
	struct ike_command ask = {.kind = IKE_COMMAND_ASK_NOW, .peer = 0};

	duo->settings[DUO_B].extension = NULL;
	duo_start(duo);
	duo_establish(duo);
	ck_assert(!duo_last(duo, DUO_A, IKE_EVENT_ESTABLISHED)->supported);
	(void)ike_command(duo->core[DUO_A], duo->now, &ask);
	duo_run(duo, 60 * IKE_SECOND); /* run_long() does not keep these reports */
	ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_ASKED), 0);
	run_long(duo, 3600 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
}
END_TEST

/* As if there had been no room for it in AM2: what has not announced itself does not ask, but answers (R4, R140). */
static bool forget_that_ours_was_sent(struct duo *duo, struct duo_datagram *datagram)
{
	uint32_t cursor = 0;
	struct ike_sa *sa = sa_table_next(duo->core[DUO_B]->sas, &cursor);

	(void)datagram;
	if (sa != NULL && sa->handshake != NULL)
		sa->handshake->vendor_id_sent = false;
	return true;
}

START_TEST(test_who_has_not_announced_it_does_not_ask)
{
	struct duo *duo = duo_new(8);

	duo->deliver = forget_that_ours_was_sent;
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 60 * IKE_SECOND); /* run_long() does not keep these reports */
	ck_assert(!duo_last(duo, DUO_B, IKE_EVENT_ESTABLISHED)->supported);
	ck_assert(duo_last(duo, DUO_A, IKE_EVENT_ESTABLISHED)->supported);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_B, IKE_REPORT_ASKED), 0);
	ck_assert_uint_gt(duo_count_reports(duo, DUO_A, IKE_REPORT_ALIVE), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_reboot_is_recovered_from)
{
	struct duo *duo = duo_new(2);

	duo->peer[DUO_B].gateways = 0; /* only A calls */
	duo->peer[DUO_B].from = (struct ike_prefix){.bits = 0};
	duo_start(duo);
	duo_establish(duo);
	duo_reboot(duo, DUO_B);
	run_long(duo, 40 * IKE_SECOND);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_DEAD), 1);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_RECOVERED), 1);
	/* B, which has forgotten everything, said so, and A asked sooner for it */
	ck_assert_uint_ge(duo_count(duo, DUO_A, IKE_EVENT_HINT), 1);
	expect_same_sa(duo);
	duo_free(duo);
}
END_TEST

/* A restarted node calls its peers at once; its INITIAL-CONTACT removes what the other still holds. */
START_TEST(test_restarted_initiator_replaces_its_old_sa)
{
	struct duo *duo = duo_new(3);

	duo_start(duo);
	duo_establish(duo);
	duo_reboot(duo, DUO_A);
	duo_connect(duo, DUO_A);
	run_long(duo, 3 * IKE_SECOND);
	ck_assert_uint_ge(duo_count(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT), 1);
	ck_assert_int_eq(duo_last(duo, DUO_B, IKE_EVENT_DELETED)->why, IKE_WHY_INITIAL_CONTACT);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_B, IKE_REPORT_DEAD), 0);
	expect_same_sa(duo);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

/* ---- renewal ------------------------------------------------------------------------------------------------------- */

START_TEST(test_renewed_before_it_expires_without_a_gap)
{
	struct duo *duo = duo_new(4);

	duo->peer[DUO_A].lifetime = duo->peer[DUO_B].lifetime = 120;
	duo_start(duo);
	duo_establish(duo);
	run_long(duo, 600 * IKE_SECOND);
	ck_assert_uint_ge(duo_count(duo, DUO_A, IKE_EVENT_REPLACED), 4);
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		ck_assert_uint_eq(duo_count_reports(duo, node, IKE_REPORT_DEAD), 0);
		ck_assert_uint_eq(duo_count_reports(duo, node, IKE_REPORT_SUSPECT), 0);
		for (size_t i = 0; i < duo->events[node]; i++)
			if (duo->event[node][i].kind == IKE_EVENT_DELETED)
				ck_assert_msg(duo->event[node][i].why == IKE_WHY_REPLACED ||
						  duo->event[node][i].why == IKE_WHY_PEER_DELETED,
					      "%s", ike_why_text(duo->event[node][i].why));
	}
	/* a renewal is no INITIAL-CONTACT */
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_INITIAL_CONTACT), 1);
	expect_same_sa(duo);
	duo_free(duo);
}
END_TEST

static void renew_now(struct duo *duo, enum duo_node node)
{
	struct ike_sa_status status = only_sa(duo, node);

	sa_renew(duo->core[node], sa_table_find(duo->core[node]->sas, status.cky_i, status.cky_r));
}

/* Both sides renew in the same moment: one of the two new SAs is left, the same on both sides, and none was missed. */
START_TEST(test_simultaneous_renewal_converges)
{
	for (uint8_t seed = 90; seed < 110; seed++) {
		struct duo *duo = duo_new(seed);

		duo_start(duo);
		duo_establish(duo);
		renew_now(duo, DUO_A);
		renew_now(duo, DUO_B);
		run_long(duo, 60 * IKE_SECOND);
		expect_same_sa(duo);
		for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
			ck_assert_uint_eq(duo_established(duo, node), 1);
			ck_assert_uint_eq(duo_count_reports(duo, node, IKE_REPORT_RECOVERING), 0);
		}
		duo_free(duo);
	}
}
END_TEST

static bool lose_main_mode(struct duo *duo, struct duo_datagram *datagram)
{
	return datagram->data[18] != IKE_EXCHANGE_MAIN_MODE || duo->context == NULL;
}

/* B keeps its SAs for less than A offers, and cannot call A: only if A is told will the SA be renewed before it goes. */
START_TEST(test_shorter_lifetime_of_the_responder_is_told)
{
	struct duo *duo = duo_new(14);
	struct ike_sa_status a;

	duo->peer[DUO_B].lifetime = 600;
	duo->peer[DUO_B].gateways = 0;
	duo_start(duo);
	duo_establish(duo);
	a = only_sa(duo, DUO_A);
	ck_assert_uint_eq(a.expires_at, a.established_at + 600 * IKE_SECOND);
	ck_assert_uint_lt(a.renew_at, a.expires_at);
	run_long(duo, 3600 * IKE_SECOND);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_RECOVERING), 0);
	for (size_t i = 0; i < duo->events[DUO_B]; i++)
		ck_assert_int_ne(duo->event[DUO_B][i].why, IKE_WHY_EXPIRED);
	expect_same_sa(duo);
	duo_free(duo);
}
END_TEST

START_TEST(test_expires_when_it_cannot_be_renewed)
{
	struct duo *duo = duo_new(5);
	int on = 1;

	duo->peer[DUO_A].lifetime = duo->peer[DUO_B].lifetime = 120;
	duo->deliver = lose_main_mode;
	duo_start(duo);
	duo_establish(duo);
	duo->context = &on;
	run_long(duo, 125 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	/* B's began a moment earlier; A heard of its end before its own was over */
	ck_assert_int_eq(duo_last(duo, DUO_B, IKE_EVENT_DELETED)->why, IKE_WHY_EXPIRED);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_DELETED)->why, IKE_WHY_PEER_DELETED);
	duo->context = NULL;
	run_long(duo, 60 * IKE_SECOND);
	expect_same_sa(duo);
	duo_free(duo);
}
END_TEST

/* ---- two at once --------------------------------------------------------------------------------------------------- */

/* P11: both begin at once, both with INITIAL-CONTACT; one SA is left, the same on both sides, and nobody was dead (R122). */
START_TEST(test_simultaneous_initiation_converges)
{
	for (uint8_t seed = 10; seed < 40; seed++) {
		struct duo *duo = duo_new(seed);

		duo_start(duo);
		duo_connect(duo, DUO_A);
		duo_connect(duo, DUO_B);
		run_long(duo, 30 * IKE_SECOND);
		expect_same_sa(duo);
		ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
		ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
		ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_DEAD), 0);
		ck_assert_uint_eq(duo_count_reports(duo, DUO_B, IKE_REPORT_DEAD), 0);
		duo_free(duo);
	}
}
END_TEST

START_TEST(test_simultaneous_reboot_converges)
{
	for (uint8_t seed = 50; seed < 60; seed++) {
		struct duo *duo = duo_new(seed);

		duo_start(duo);
		duo_establish(duo);
		duo_reboot(duo, DUO_A);
		duo_reboot(duo, DUO_B);
		duo_connect(duo, DUO_A);
		duo_connect(duo, DUO_B);
		run_long(duo, 60 * IKE_SECOND);
		expect_same_sa(duo);
		duo_free(duo);
	}
}
END_TEST

START_TEST(test_simultaneous_death_converges)
{
	for (uint8_t seed = 70; seed < 80; seed++) {
		struct duo *duo = duo_new(seed);

		duo_start(duo);
		duo_establish(duo);
		duo->deliver = forge_lose_all;
		run_long(duo, 100 * IKE_SECOND);
		ck_assert_uint_eq(duo_established(duo, DUO_A) + duo_established(duo, DUO_B), 0);
		duo->deliver = NULL;
		run_long(duo, 120 * IKE_SECOND);
		expect_same_sa(duo);
		duo_free(duo);
	}
}
END_TEST

/* ---- closing ------------------------------------------------------------------------------------------------------- */

START_TEST(test_close_is_polite_and_final)
{
	struct duo *duo = duo_new(6);
	struct ike_command close = {.kind = IKE_COMMAND_CLOSE, .peer = 0};

	duo->keepalive[DUO_B].recovery.on_death = RECOVERY_CLEAR;
	duo_start(duo);
	duo_establish(duo);
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &close));
	run_long(duo, 120 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_DELETED)->why, IKE_WHY_CLOSED);
	ck_assert_int_eq(duo_last(duo, DUO_B, IKE_EVENT_DELETED)->why, IKE_WHY_PEER_DELETED);
	ck_assert(!ike_command(duo->core[DUO_A], duo->now, &close)); /* nothing left to close */
	duo_free(duo);
}
END_TEST

START_TEST(test_delete_by_the_peer_leads_to_a_new_sa)
{
	struct duo *duo = duo_new(7);
	struct ike_command close = {.kind = IKE_COMMAND_CLOSE, .peer = 0};

	duo_start(duo);
	duo_establish(duo);
	ck_assert(ike_command(duo->core[DUO_B], duo->now, &close));
	run_long(duo, 20 * IKE_SECOND);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_RECOVERED), 1);
	expect_same_sa(duo);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("sa_life", test_silence_is_death_at_the_bound,
	  test_peer_without_the_vendor_id_is_not_asked, test_who_has_not_announced_it_does_not_ask,
	  test_reboot_is_recovered_from, test_restarted_initiator_replaces_its_old_sa,
	  test_renewed_before_it_expires_without_a_gap,
	  test_shorter_lifetime_of_the_responder_is_told, test_expires_when_it_cannot_be_renewed,
	  test_simultaneous_renewal_converges, test_simultaneous_initiation_converges,
	  test_simultaneous_reboot_converges, test_simultaneous_death_converges,
	  test_close_is_polite_and_final, test_delete_by_the_peer_leads_to_a_new_sa)
