/* SPDX-License-Identifier: ISC */
/*
 * test_host_peer.c - the peer's half of host.c: what its step is told about connections, and what it may do about them.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/duo.h"
#include "tests/support/forge.h"
#include "tests/support/recorder.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

static struct recorder a, b;

/* The answer to the next START, in place of CONNECT. */
static struct ike_extension_answer *next_start(void)
{
	memset(&a.peer_answer[IKE_EXTENSION_PEER_START], 0, sizeof(a.peer_answer[0]));
	return &a.peer_answer[IKE_EXTENSION_PEER_START];
}

/* ---- resting ------------------------------------------------------------------------------------------------------- */

START_TEST(test_who_rests)
{
	struct duo *duo = recorder_duo(7, &a, &b);

	duo_start(duo);
	ck_assert(
	    host_peer_rests(duo->core[DUO_A], 0)); /* the recorder rests until its first step */
	duo_connect(duo, DUO_A);
	ck_assert(!host_peer_rests(duo->core[DUO_A], 0));
	/* whatever the step may say, an SA is no rest */
	memset(duo->core[DUO_A]->peer[0].extension, 0, sizeof(duo->core[DUO_A]->peer[0].extension));
	ck_assert_ptr_nonnull(duo->core[DUO_A]->peer[0].connecting[0]);
	ck_assert(!host_peer_rests(duo->core[DUO_A], 0));
	duo_run(duo, IKE_SECOND);
	memset(duo->core[DUO_A]->peer[0].extension, 0, sizeof(duo->core[DUO_A]->peer[0].extension));
	ck_assert_ptr_nonnull(duo->core[DUO_A]->peer[0].up[0]);
	ck_assert(!host_peer_rests(duo->core[DUO_A], 0));
	duo_free(duo);
	duo = recorder_duo(8, &a, &b);
	duo->settings[DUO_A].extension = NULL;
	duo_start(duo);
	ck_assert(!host_peer_rests(duo->core[DUO_A], 0));
	duo_free(duo);
}
END_TEST

/* ---- connecting ---------------------------------------------------------------------------------------------------- */

/* A limit is a failure like any other, and the step hears of it at once. */
START_TEST(test_connect_at_a_limit)
{
	struct duo *duo = recorder_duo(1, &a, &b);
	uint8_t cky[IKE_COOKIE_LENGTH] = {1};

	duo->settings[DUO_A].limits.sas = 1;
	duo_start(duo);
	ck_assert_ptr_nonnull(sa_table_add(duo->core[DUO_A]->sas, cky, cky));
	duo_connect(duo, DUO_A);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_FAILED), 1);
	ck_assert_uint_eq(recorder_peer(&a, IKE_EXTENSION_PEER_FAILED)->input.gateway, 0);
	duo_run(duo, 0);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_OVERLOAD), 1);
	ck_assert_uint_eq(duo->datagrams, 0);
	sa_table_remove(duo->core[DUO_A]->sas, sa_table_find(duo->core[DUO_A]->sas, cky, cky));
	duo_free(duo);
}
END_TEST

START_TEST(test_connect_that_nobody_answers)
{
	struct duo *duo = recorder_duo(2, &a, &b);

	duo->deliver = forge_lose_all;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, 60 * IKE_SECOND);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_FAILED), 1);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_UP), 0);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_LOST), 0);
	ck_assert_ptr_null(duo->core[DUO_A]->peer[0].connecting[0]);
	duo_free(duo);
}
END_TEST

START_TEST(test_connect_twice_is_once)
{
	struct duo *duo = recorder_duo(3, &a, &b);

	recorder_action(&a.peer_answer[IKE_EXTENSION_PEER_START], IKE_EXTENSION_CONNECT);
	duo_start(duo);
	duo_establish(duo);
	ck_assert_uint_eq(tap_count(duo, IKE_MM1), 1);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_CONNECTING), 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_connect_to_another_gateway)
{
	struct duo *duo = recorder_duo(4, &a, &b);

	duo->peer[DUO_A].gateway[1] = duo->peer[DUO_A].gateway[0];
	duo->peer[DUO_A].gateway[0].octets[3] = 99;
	duo->peer[DUO_A].gateways = 2;
	duo_start(duo);
	recorder_action(next_start(), IKE_EXTENSION_CONNECT)->gateway = 1;
	duo_establish(duo);
	ck_assert_uint_eq(recorder_peer(&a, IKE_EXTENSION_PEER_START)->input.gateways, 2);
	ck_assert_uint_eq(recorder_peer(&a, IKE_EXTENSION_PEER_UP)->input.gateway, 1);
	ck_assert_uint_eq(duo_last(duo, DUO_A, IKE_EVENT_ESTABLISHED)->gateway, 1);
	duo_free(duo);
}
END_TEST

/* The step gave it up itself, so it is not told that it failed; the user is, and why. */
static void abandon(struct duo *duo, enum ike_why why)
{
	size_t sent;

	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_run(duo, IKE_SECOND / 2);
	recorder_action(next_start(), IKE_EXTENSION_ABANDON);
	recorder_command(duo, IKE_COMMAND_START);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_FAILED)->why, why);
	sent = duo->sent[DUO_A];
	duo_run(duo, 60 * IKE_SECOND);
	ck_assert_uint_eq(duo->sent[DUO_A], sent);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_FAILED), 0);
	recorder_action(next_start(), IKE_EXTENSION_ABANDON); /* nothing to abandon: allowed */
	recorder_command(duo, IKE_COMMAND_START);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_FAILED), 1);
	duo_free(duo);
}

START_TEST(test_abandon_what_nobody_answers)
{
	struct duo *duo = recorder_duo(5, &a, &b);

	duo->deliver = forge_lose_all;
	abandon(duo, IKE_WHY_NO_ANSWER);
}
END_TEST

static bool lose_fourth(struct duo *duo, struct duo_datagram *datagram)
{
	(void)duo;
	return datagram->to != DUO_A || datagram->data[16] != IKE_PAYLOAD_KE;
}

START_TEST(test_abandon_half_way)
{
	struct duo *duo = recorder_duo(13, &a, &b);

	duo->deliver = lose_fourth;
	abandon(duo, IKE_WHY_ABANDONED);
}
END_TEST

/* ---- up and gone --------------------------------------------------------------------------------------------------- */

START_TEST(test_both_sides_are_told_that_it_is_up)
{
	struct duo *duo = recorder_established(6, &a, &b);

	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_START), 1);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_UP), 1);
	ck_assert_uint_eq(recorder_peer_count(&b, IKE_EXTENSION_PEER_UP), 1);
	ck_assert_uint_eq(a.peer[0].steps_before, 0);
	ck_assert_uint_eq(a.peer[1].steps_before, 1);
	ck_assert_uint_ne(a.peer[0].input.random, a.peer[1].input.random);
	ck_assert(a.peer[1].input.now == duo_last(duo, DUO_A, IKE_EVENT_ESTABLISHED)->at);
	ck_assert_uint_eq(*(const uint32_t *)ike_peer_extension_state(duo->core[DUO_A], 0), 2);
	duo_free(duo);
}
END_TEST

/* The peer's Delete is a loss, whatever its reason. */
START_TEST(test_lost)
{
	struct duo *duo = recorder_established(7, &a, &b);
	struct forge forge;

	forge_from(&forge, duo, DUO_B);
	forge_delete(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_A), IKE_ACCEPTED);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_LOST), 1);
	ck_assert_uint_eq(recorder_peer(&a, IKE_EXTENSION_PEER_LOST)->input.gateway, 0);
	ck_assert_ptr_null(duo->core[DUO_A]->peer[0].up[0]);
	duo_free(duo);
}
END_TEST

START_TEST(test_the_users_close_is_told_and_is_no_loss)
{
	struct duo *duo = recorder_established(8, &a, &b);

	recorder_command(duo, IKE_COMMAND_CLOSE);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_CLOSE), 1);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_LOST), 0);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_DEAD), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	duo_free(duo);
}
END_TEST

START_TEST(test_the_steps_close_is_polite)
{
	struct duo *duo = recorder_established(9, &a, &b);

	recorder_action(next_start(), IKE_EXTENSION_CLOSE);
	recorder_command(duo, IKE_COMMAND_START);
	duo_run(duo, IKE_SECOND);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_DELETED)->why, IKE_WHY_CLOSED);
	ck_assert_int_eq(duo_last(duo, DUO_B, IKE_EVENT_DELETED)->why, IKE_WHY_PEER_DELETED);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_LOST), 0);
	recorder_action(next_start(), IKE_EXTENSION_CLOSE); /* nothing to close: allowed */
	recorder_command(duo, IKE_COMMAND_START);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_DELETED), 1);
	duo_free(duo);
}
END_TEST

/* ---- time, reports, and what is not the peer's ---------------------------------------------------------------------- */

START_TEST(test_wake_at)
{
	struct duo *duo = recorder_duo(10, &a, &b);
	ike_time wish = duo->now + 7 * IKE_SECOND;

	duo_start(duo);
	recorder_action(next_start(), IKE_EXTENSION_WAKE_AT)->at = wish;
	recorder_command(duo, IKE_COMMAND_START);
	duo_run(duo, 7 * IKE_SECOND - IKE_MILLISECOND);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_TIME), 0);
	duo_run(duo, 60 * IKE_SECOND);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_TIME), 1);
	ck_assert(recorder_peer(&a, IKE_EXTENSION_PEER_TIME)->input.now >= wish);
	ck_assert(recorder_peer(&a, IKE_EXTENSION_PEER_TIME)->input.now <
		  wish + 3 * IKE_MILLISECOND);
	recorder_action(next_start(), IKE_EXTENSION_WAKE_AT)->at = duo->now + IKE_SECOND;
	recorder_command(duo, IKE_COMMAND_START);
	recorder_action(next_start(), IKE_EXTENSION_WAKE_AT)->at = IKE_NEVER;
	recorder_command(duo, IKE_COMMAND_START);
	duo_run(duo, 60 * IKE_SECOND);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_TIME), 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_reports_become_events)
{
	struct duo *duo = recorder_duo(11, &a, &b);
	struct ike_extension_answer *answer = next_start();
	const struct ike_event *event;

	duo->peer[DUO_A].gateway[1] = duo->peer[DUO_A].gateway[0];
	duo->peer[DUO_A].gateway[1].octets[3] = 99;
	duo->peer[DUO_A].gateways = 2;
	duo_start(duo);
	answer->reports = 1;
	answer->report[0] = (struct ike_extension_report){
	    .kind = IKE_REPORT_RECOVERING, .value = 4, .gateway = 1, .duration = 99};
	recorder_command(duo, IKE_COMMAND_START);
	event = duo_last_report(duo, DUO_A, IKE_REPORT_RECOVERING);
	ck_assert_uint_eq(event->peer, 0);
	ck_assert_uint_eq(event->gateway, 1);
	ck_assert_uint_eq(event->remote.octets[3], 99);
	ck_assert_uint_eq(event->value, 4);
	ck_assert(event->report.duration == 99);
	duo_free(duo);
}
END_TEST

START_TEST(test_neither_step_does_the_others_work)
{
	struct duo *duo = recorder_established(12, &a, &b);
	struct ike_extension_answer *answer = next_start();
	size_t before = duo->datagrams;

	recorder_action(answer, IKE_EXTENSION_SEND_NOTIFY)->body_length = 8;
	recorder_action(answer, IKE_EXTENSION_RENEW);
	recorder_action(answer, IKE_EXTENSION_DECLARE_DEAD);
	recorder_command(duo, IKE_COMMAND_START);
	answer = &a.sa_answer[IKE_EXTENSION_ASK_NOW];
	recorder_action(answer, IKE_EXTENSION_CONNECT);
	recorder_action(answer, IKE_EXTENSION_ABANDON);
	recorder_action(answer, IKE_EXTENSION_CLOSE);
	recorder_command(duo, IKE_COMMAND_ASK_NOW);
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo->datagrams, before);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_CONNECTING), 1);
	duo_free(duo);
}
END_TEST

/* ---- IPsec SAs held ------------------------------------------------------------------------------------------------ */

static size_t pairs_of(const struct duo *duo, enum duo_node node)
{
	struct ike_ipsec_sa sa;

	return duo_pairs(duo, node, &sa);
}

/* RFC 2407 section 4.6.3.3: where something is held with the peer, it is no first contact, whatever became of Phase 1. */
static bool contact_after(enum ike_why why, uint8_t seed)
{
	struct duo *duo = recorder_duo(seed, &a, &b);
	bool contact;

	duo_tunnel(duo, "aes128-sha1-x25519");
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert_uint_eq(pairs_of(duo, DUO_A), 1);
	sa_delete(duo->core[DUO_A], duo->core[DUO_A]->peer[0].up[0], why, false);
	if (why == IKE_WHY_DEAD)
		ck_assert_uint_eq(pairs_of(duo, DUO_A), 0);
	recorder_action(next_start(), IKE_EXTENSION_CONNECT);
	duo_connect(duo, DUO_A);
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert_uint_eq(pairs_of(duo, DUO_A), 1);
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 1);
	contact = duo_last(duo, DUO_A, IKE_EVENT_ESTABLISHED)->initial_contact;
	duo_free(duo);
	return contact;
}

START_TEST(test_no_initial_contact_while_pairs_are_held)
{
	ck_assert(!contact_after(IKE_WHY_PEER_DELETED, 30));
	ck_assert(!contact_after(IKE_WHY_EXPIRED, 31));
	ck_assert(contact_after(IKE_WHY_DEAD, 32));
}
END_TEST

/* What the step closes is closed whole, at both ends. */
START_TEST(test_close_takes_the_pairs_along)
{
	struct duo *duo = recorder_duo(33, &a, &b);

	duo_tunnel(duo, "aes128-sha1-x25519");
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 1);
	recorder_action(next_start(), IKE_EXTENSION_CLOSE);
	recorder_command(duo, IKE_COMMAND_START);
	duo_run(duo, IKE_SECOND);
	for (unsigned node = 0; node < DUO_NODES; node++) {
		ck_assert_uint_eq(pairs_of(duo, (enum duo_node)node), 0);
		ck_assert_uint_eq(duo_established(duo, (enum duo_node)node), 0);
	}
	ck_assert_int_eq(duo_last(duo, DUO_B, IKE_EVENT_IPSEC_DELETED)->why, IKE_WHY_PEER_DELETED);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("host_peer", test_who_rests, test_connect_at_a_limit, test_connect_that_nobody_answers,
	  test_connect_twice_is_once, test_connect_to_another_gateway,
	  test_abandon_what_nobody_answers, test_abandon_half_way,
	  test_both_sides_are_told_that_it_is_up, test_lost,
	  test_the_users_close_is_told_and_is_no_loss, test_the_steps_close_is_polite, test_wake_at,
	  test_reports_become_events, test_neither_step_does_the_others_work,
	  test_no_initial_contact_while_pairs_are_held, test_close_takes_the_pairs_along)
