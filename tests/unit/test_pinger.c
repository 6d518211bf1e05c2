/* SPDX-License-Identifier: ISC */
#include "interop/esp/pinger.h"

#include <string.h>

#include "tests/support/pings.h"
#include "tests/support/unit.h"

#define S IKE_SECOND

/* ---- refused ------------------------------------------------------------------------------------------------------- */

static enum pinger_verdict verdict(struct ike_ipsec_change change)
{
	enum pinger_verdict got = pinger_pair(pings.pinger, pings.now, &change);

	ck_assert_uint_eq(pinger_deadline(pings.pinger), IKE_NEVER);
	return got;
}

START_TEST(pairs_that_are_not_pinged_through)
{
	struct ike_ipsec_change change = pings_added(1, "192.0.2.1");

	pings_begin(0);
	ck_assert_int_eq(verdict(change), PINGER_FULL);
	pinger_free(pings.pinger);
	pings_begin(8);
	change.sa.tunnel = 1;
	ck_assert_int_eq(verdict(change), PINGER_NO_PING);
	change = pings_added(1, "192.0.2.1");
	change.sa.peer = 1;
	ck_assert_int_eq(verdict(change), PINGER_NO_PING);
	change.sa.tunnel = 1; /* the other family */
	ck_assert_int_eq(verdict(change), PINGER_UNFIT);
	change = pings_added(1, "192.0.2.1");
	change.kind = IKE_IPSEC_CHANGED;
	ck_assert_int_eq(verdict(change), PINGER_NO_PING);
	change.kind = IKE_IPSEC_REMOVED;
	ck_assert_int_eq(verdict(change), PINGER_NO_PING);
	change = pings_added(1, "192.0.2.1");
	change.sa.transport = true;
	ck_assert_int_eq(verdict(change), PINGER_UNFIT);
	change = pings_added(1, "192.0.2.1");
	change.sa.inside_remote = pings_subnet("10.2.0.2", 32);
	ck_assert_int_eq(verdict(change), PINGER_UNFIT);
	change = pings_added(1, "192.0.2.1");
	change.sa.inside_local = pings_subnet("10.1.0.2", 31);
	ck_assert_int_eq(verdict(change), PINGER_UNFIT);
	change = pings_added(1, "192.0.2.1");
	change.sa.inside_remote.protocol = change.sa.inside_local.protocol = 6;
	ck_assert_int_eq(verdict(change), PINGER_UNFIT);
	change.sa.inside_remote.protocol = change.sa.inside_local.protocol = 1;
	change.sa.inside_local.port = 3;
	ck_assert_int_eq(verdict(change), PINGER_UNFIT);
	change.sa.inside_local.port = 0;
	ck_assert_int_eq(pinger_pair(pings.pinger, pings.now, &change), PINGER_FOLLOWED);
	pings_nothing();
	pinger_free(pings.pinger);
	pinger_free(NULL);
}
END_TEST

START_TEST(what_is_not_our_reply)
{
	uint8_t request[ECHO_OCTETS_MOST];

	pings_begin(8);
	pings_up(1, "192.0.2.1");
	pings_asks_through(1);
	memcpy(request, pings.packet, sizeof(request));
	/* our own request, come back */
	ck_assert(!pinger_inbound(pings.pinger, pings.now, 1, pings.packet, pings.action.length));
	/* through what is not pinged through */
	ck_assert(!pings_answered_through(2));
	/* from somebody else, or to somebody else: the other octet keeps the checksum right */
	pings.packet[16]++;
	pings.packet[8]--;
	ck_assert(!pings_answered_through(1));
	memcpy(pings.packet, request, sizeof(request));
	pings.packet[12]++;
	pings.packet[8]--;
	ck_assert(!pings_answered_through(1));
	/* our mark in somebody's request */
	memcpy(pings.packet, request, sizeof(request));
	memcpy(pings.packet + 12, request + 16, 4);
	memcpy(pings.packet + 16, request + 12, 4);
	ck_assert(!pinger_inbound(pings.pinger, pings.now, 1, pings.packet, ECHO_OCTETS_IPV4));
	memcpy(pings.packet, request, sizeof(request));
	ck_assert(!pinger_inbound(pings.pinger, pings.now, 1, pings.packet, 0));
	pings_nothing();
	ck_assert(pings_answered_through(1));
	pings_reports(PINGER_ALIVE, 1);
	/* once more: ours, but no news */
	ck_assert(pings_answered_through(1));
	pings_nothing();
	pinger_heard(pings.pinger, pings.now, 2);
	pinger_free(pings.pinger);
}
END_TEST

/* ---- from the pair to the verdict ---------------------------------------------------------------------------------- */

START_TEST(a_reply_is_life)
{
	struct pinger_status status;

	pings_begin(8);
	pings_up(1, "192.0.2.1");
	pings_nothing();
	pings_asks_through(1);
	ck_assert_uint_le(pings.now, 1001 * S + 2 * IKE_MILLISECOND);
	ck_assert(pinger_status(pings.pinger, 1, &status));
	ck_assert_int_eq(status.state, TUNNEL_PING_ASKING);
	ck_assert_uint_eq(status.round_trip, IKE_NEVER);
	pings.now += 30 * IKE_MILLISECOND;
	ck_assert(pings_answered_through(1));
	pings_reports(PINGER_ALIVE, 1);
	ck_assert_uint_eq(pings.action.round_trip, 30 * IKE_MILLISECOND);
	pings_nothing();
	ck_assert(pinger_status(pings.pinger, 1, &status));
	ck_assert_int_eq(status.state, TUNNEL_PING_ALIVE);
	ck_assert_uint_eq(status.round_trip, 30 * IKE_MILLISECOND);
	ck_assert_uint_eq(status.requests, 1);
	ck_assert_uint_eq(status.replies, 1);
	ck_assert_uint_eq(status.last_heard, pings.now);
	ck_assert(!pinger_status(pings.pinger, 2, &status));
	pinger_free(pings.pinger);
}
END_TEST

START_TEST(dead_where_ike_is_silent)
{
	pings_begin(8);
	pings_up(1, "192.0.2.1");
	pinger_ike_alive(pings.pinger, pings.now, 0, NULL); /* that was before */
	pings_asks_through(1);
	pings_becomes_suspect(1);
	pings_goes_on_until(PINGER_GIVEN_UP, 1);
	ck_assert_uint_ge(pings.action.silence, 30 * S);
	ck_assert_uint_le(pings.action.silence, 40 * S);
	pings_next(PINGER_DEAD, 1);
	ck_assert(pings.action.never);
	pings_nothing();
	ck_assert_uint_eq(pinger_deadline(pings.pinger), IKE_NEVER);
	pings_removed(1);
	pings_nothing();
	pinger_free(pings.pinger);
}
END_TEST

/* Once something has come through it, the gateway can do it. */
START_TEST(dead_after_a_life)
{
	pings_begin(8);
	pings_up(1, "192.0.2.1");
	pings_asks_through(1);
	pinger_heard(pings.pinger, pings.now, 1);
	pings_asks_through(1);
	pings_becomes_suspect(1);
	pings_goes_on_until(PINGER_GIVEN_UP, 1);
	pings_next(PINGER_DEAD, 1);
	ck_assert(!pings.action.never);
	pinger_free(pings.pinger);
}
END_TEST

/* The packet that the reply came in is heard of as well, before anything is told: the silence is that before both. */
START_TEST(how_long_it_was_silent)
{
	pings_begin(8);
	pings_up(1, "192.0.2.1");
	pings_asks_through(1);
	pings_becomes_suspect(1);
	pings.now += 2 * S;
	ck_assert(pings_answered_through(1));
	pinger_heard(pings.pinger, pings.now, 1);
	do
		ck_assert(
		    pinger_next(pings.pinger, &pings.action, pings.packet, sizeof(pings.packet)));
	while (pings.action.kind != PINGER_REPORT || pings.action.report != PINGER_RECOVERED);
	ck_assert_uint_ge(pings.action.silence, 10 * S);
	pinger_free(pings.pinger);
}
END_TEST

/* Only what proves that IKE lives now makes a black hole of a death: not a late ACK (R66), nor that a question was answered (R80). */
START_TEST(what_the_engine_says)
{
	static const struct {
		enum ike_event_kind kind;
		struct ike_extension_report report;
		enum pinger_report_kind verdict;
	} said[] = {{IKE_EVENT_ESTABLISHED, {0}, PINGER_BLACK_HOLE},
		    {IKE_EVENT_REPORT, {.kind = IKE_REPORT_ALIVE, .value = 1}, PINGER_BLACK_HOLE},
		    {IKE_EVENT_REPORT, {.kind = IKE_REPORT_ALIVE}, PINGER_GIVEN_UP},
		    {IKE_EVENT_REPORT, {.kind = IKE_REPORT_ANSWERED, .value = 1}, PINGER_GIVEN_UP},
		    {IKE_EVENT_FAILED, {0}, PINGER_GIVEN_UP}};

	for (unsigned i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		struct ike_event event = {.kind = said[i].kind, .report = said[i].report};

		pings_begin(8);
		pings_up(1, "192.0.2.1");
		pings_asks_through(1);
		pings_becomes_suspect(1);
		event.remote = pings_address("192.0.2.1");
		event.at = pings.now;
		pinger_event(pings.pinger, &event);
		pings_goes_on_until(said[i].verdict, 1);
		pinger_free(pings.pinger);
	}
}
END_TEST

static void falls_into_a_black_hole(const struct ike_address *remote)
{
	pings_begin(8);
	pings_up(1, "192.0.2.1");
	pings_asks_through(1);
	pings_becomes_suspect(1);
	pinger_ike_alive(pings.pinger, pings.now, 0, remote);
	pings_goes_on_until(PINGER_BLACK_HOLE, 1);
	pings_next(PINGER_RENEGOTIATE, 1);
	pings_next(PINGER_SEND, 1);
	pings_nothing();
}

START_TEST(a_black_hole_and_a_new_pair_that_is_none)
{
	struct ike_address remote = pings_address("192.0.2.1");

	remote.port = 4500;
	falls_into_a_black_hole(&remote);
	pings_up(2, "192.0.2.1");
	pings_superseded(1, "192.0.2.1");
	pings_asks_through(2);
	pinger_ike_alive(pings.pinger, pings.now, 0, &remote); /* helps no more */
	pings_removed(1);
	pings_goes_on_until(PINGER_GIVEN_UP, 2);
	pings_next(PINGER_DEAD, 2);
	pings_nothing();
	pinger_free(pings.pinger);
}
END_TEST

START_TEST(a_black_hole_and_a_new_pair_that_carries)
{
	struct pinger_status status;

	falls_into_a_black_hole(NULL);
	ck_assert(pinger_status(pings.pinger, 1, &status));
	ck_assert(status.renegotiated);
	pings_up(2, "192.0.2.1");
	pings_superseded(1, "192.0.2.1");
	pings_asks_through(2);
	ck_assert(pings_answered_through(2));
	pings_reports(PINGER_ALIVE, 2);
	pings_reports(PINGER_RECOVERED, 2);
	pings_nothing();
	ck_assert(pinger_status(pings.pinger, 2, &status));
	ck_assert(!status.renegotiated);
	ck_assert_int_eq(status.state, TUNNEL_PING_ALIVE);
	pinger_free(pings.pinger);
}
END_TEST

/* That IKE answers at another address of the same configured peer says nothing about this one. */
START_TEST(ike_of_another_party_is_not_this_one_s)
{
	struct ike_address other = pings_address("192.0.2.2");

	pings_begin(8);
	pings_up(1, "192.0.2.1");
	pings_asks_through(1);
	pings_becomes_suspect(1);
	pinger_ike_alive(pings.pinger, pings.now, 0, &other);
	pinger_ike_alive(pings.pinger, pings.now, 1, NULL);
	pings_goes_on_until(PINGER_GIVEN_UP, 1);
	pinger_free(pings.pinger);
}
END_TEST

/* ---- pairs that follow each other ---------------------------------------------------------------------------------- */

START_TEST(a_renewed_pair_inherits)
{
	uint8_t old[ECHO_OCTETS_MOST];

	pings_begin(8);
	pings_up(1, "192.0.2.1");
	pings_asks_through(1);
	pings_becomes_suspect(1);
	memcpy(old, pings.packet, sizeof(old));
	pings_up(2, "192.0.2.1");
	pings_superseded(1, "192.0.2.1");
	pings_asks_through(2); /* suspect already */
	/* what was asked through the old one may come back through the new one */
	memcpy(pings.packet, old, sizeof(old));
	ck_assert(pings_answered_through(2));
	pings_reports(PINGER_ALIVE, 2);
	ck_assert_uint_eq(pings.action.round_trip, IKE_NEVER);
	pings_reports(PINGER_RECOVERED, 2);
	pings_nothing();
	/* the new one goes before the old one */
	pings_removed(2);
	pings_asks_through(1);
	pinger_free(pings.pinger);
}
END_TEST

/* Two at the same time: which one stays is the engine's to say. */
START_TEST(the_newer_one_may_be_the_one_that_goes)
{
	pings_begin(8);
	pings_up(1, "192.0.2.1");
	pings_up(2, "192.0.2.1");
	pings_superseded(2, "192.0.2.1");
	pings_asks_through(1);
	pinger_free(pings.pinger);
}
END_TEST

START_TEST(a_late_reply_tells_no_round_trip)
{
	uint8_t old[ECHO_OCTETS_MOST];
	struct pinger_status status;

	pings_begin(8);
	pings_up(1, "192.0.2.1");
	pings_asks_through(1);
	pings.now += 30 * IKE_MILLISECOND;
	ck_assert(pings_answered_through(1));
	pings_reports(PINGER_ALIVE, 1);
	pings_asks_through(1);
	memcpy(old, pings.packet, sizeof(old));
	pings_becomes_suspect(1);
	memcpy(pings.packet, old, sizeof(old));
	ck_assert(pings_answered_through(1));
	pings_reports(PINGER_ALIVE, 1);
	ck_assert_uint_eq(pings.action.round_trip, IKE_NEVER);
	ck_assert(pinger_status(pings.pinger, 1, &status));
	ck_assert_uint_eq(status.round_trip, 30 * IKE_MILLISECOND);
	ck_assert_uint_eq(status.replies, 2);
	pinger_free(pings.pinger);
}
END_TEST

START_TEST(parties_of_one_peer_have_a_state_each)
{
	pings_begin(8);
	pings_up(1, "192.0.2.1");
	pings_asks_through(1);
	pings.now += S / 10;
	pings_up(2, "192.0.2.2");
	pings_asks_through(2);
	ck_assert(pings_answered_through(1)); /* ours, but asked of the other one */
	pings_nothing();
	ck_assert(pings_answered_through(2));
	pings_reports(PINGER_ALIVE, 2);
	pinger_free(pings.pinger);
}
END_TEST

START_TEST(whoever_moves_keeps_the_state)
{
	struct ike_ipsec_change change = pings_added(1, "203.0.113.9");
	struct ike_address moved = pings_address("203.0.113.9");

	pings_begin(8);
	pings_up(1, "192.0.2.1");
	pings_asks_through(1);
	pings_becomes_suspect(1);
	change.kind = IKE_IPSEC_CHANGED;
	ck_assert_int_eq(pinger_pair(pings.pinger, pings.now, &change), PINGER_FOLLOWED);
	pinger_ike_alive(pings.pinger, pings.now, 0, &moved);
	pings_goes_on_until(PINGER_BLACK_HOLE, 1);
	pinger_free(pings.pinger);
}
END_TEST

START_TEST(gone_with_what_it_wanted)
{
	pings_begin(8);
	pings_up(1, "192.0.2.1");
	pings_up(2, "192.0.2.2");
	pings_up(3, "192.0.2.3");
	pings.now += 2 * S;
	ck_assert_uint_eq(pinger_tick(pings.pinger, pings.now, 1), 1);
	ck_assert_uint_eq(pinger_tick(pings.pinger, pings.now, 100), 2);
	pings_removed(2);
	ck_assert(pinger_next(pings.pinger, &pings.action, pings.packet, sizeof(pings.packet)));
	ck_assert_uint_ne(pings.action.number, 2);
	ck_assert(pinger_next(pings.pinger, &pings.action, pings.packet, sizeof(pings.packet)));
	ck_assert_uint_ne(pings.action.number, 2);
	pings_nothing();
	pings_removed(1);
	pings_removed(3);
	ck_assert_uint_eq(pinger_deadline(pings.pinger), IKE_NEVER);
	pinger_free(pings.pinger);
}
END_TEST

/* ---- time ---------------------------------------------------------------------------------------------------------- */

START_TEST(traffic_puts_requests_off)
{
	pings_begin(8);
	pings_up(1, "192.0.2.1");
	pings_asks_through(1);
	for (int i = 0; i < 100; i++) {
		pings.now += S;
		pinger_heard(pings.pinger, pings.now, 1);
		pinger_tick(pings.pinger, pings.now, 100);
		pings_nothing();
	}
	pings_asks_through(1);
	pinger_free(pings.pinger);
}
END_TEST

START_TEST(time_that_runs_backwards_stands_still)
{
	pings_begin(8);
	pings_up(1, "192.0.2.1");
	pings_asks_through(1);
	pings.now -= 500 * S;
	ck_assert(pings_answered_through(1));
	pings_reports(PINGER_ALIVE, 1);
	ck_assert_uint_eq(pings.action.round_trip, 0);
	ck_assert_uint_eq(pinger_tick(pings.pinger, pings.now, 100), 0);
	pings_nothing();
	pinger_free(pings.pinger);
}
END_TEST

START_TEST(lateness_is_said)
{
	pings_begin(8);
	pings_up(1, "192.0.2.1");
	pings_asks_through(1);
	pings.now += 60 * S;
	ck_assert_uint_eq(pinger_tick(pings.pinger, pings.now, 100), 1);
	pings_reports(PINGER_LATE, 1);
	ck_assert_uint_ge(pings.action.lateness, 50 * S);
	pings_next(PINGER_SEND, 1);
	pings_nothing();
	pinger_free(pings.pinger);
}
END_TEST

START_TEST(ipv6)
{
	struct ike_ipsec_change change = pings_added(1, "192.0.2.1");

	pings_begin(8);
	change.sa.peer = change.sa.tunnel = 1;
	change.sa.inside_local = pings_subnet("2001:db8:1::", 48);
	change.sa.inside_remote = pings_subnet("2001:db8:2::", 48);
	change.sa.inside_remote.protocol = change.sa.inside_local.protocol = 58;
	ck_assert_int_eq(pinger_pair(pings.pinger, pings.now, &change), PINGER_FOLLOWED);
	pings_wait_for_it();
	ck_assert(pinger_next(pings.pinger, &pings.action, pings.packet, sizeof(pings.packet)));
	ck_assert_int_eq(pings.action.kind, PINGER_SEND);
	ck_assert_uint_eq(pings.action.length, ECHO_OCTETS_IPV6);
	ck_assert_uint_eq(pings.action.peer, 1);
	pinger_free(pings.pinger);
}
END_TEST

START_TEST(from_its_own_end)
{
	struct ike_ipsec_change change = pings_added(1, "192.0.2.1");

	pings_begin(8);
	change.sa.peer = 2;
	change.sa.tunnel = 0;
	ck_assert_int_eq(verdict(change), PINGER_UNFIT); /* from a whole network? */
	change.sa.inside_local = pings_subnet("10.1.0.7", 32);
	ck_assert_int_eq(pinger_pair(pings.pinger, pings.now, &change), PINGER_FOLLOWED);
	pings_wait_for_it();
	ck_assert(pinger_next(pings.pinger, &pings.action, pings.packet, sizeof(pings.packet)));
	ck_assert_int_eq(pings.action.kind, PINGER_SEND);
	ck_assert_mem_eq(pings.packet + 12, "\x0a\x01\x00\x07\x0a\x02\x00\x01", 8);
	ck_assert(pings_answered_through(1));
	ck_assert(pinger_next(pings.pinger, &pings.action, pings.packet, sizeof(pings.packet)));
	ck_assert_int_eq(pings.action.report, PINGER_ALIVE);
	pinger_free(pings.pinger);
}
END_TEST

UNIT_MAIN("pinger", what_the_engine_says, dead_after_a_life, how_long_it_was_silent,
	  pairs_that_are_not_pinged_through, what_is_not_our_reply, a_reply_is_life,
	  dead_where_ike_is_silent, a_black_hole_and_a_new_pair_that_is_none,
	  a_black_hole_and_a_new_pair_that_carries, ike_of_another_party_is_not_this_one_s,
	  a_renewed_pair_inherits, the_newer_one_may_be_the_one_that_goes,
	  a_late_reply_tells_no_round_trip, parties_of_one_peer_have_a_state_each,
	  whoever_moves_keeps_the_state, gone_with_what_it_wanted, traffic_puts_requests_off,
	  time_that_runs_backwards_stands_still, lateness_is_said, ipv6, from_its_own_end)
