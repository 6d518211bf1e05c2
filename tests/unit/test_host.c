/* SPDX-License-Identifier: ISC */
/*
 * test_host.c - what an extension is told, and that the engine does what it answers: no less, no more, and not after the SA
 * has gone.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/duo.h"
#include "tests/support/forge.h"
#include "tests/support/recorder.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

static struct recorder a, b;

/* ---- no extension -------------------------------------------------------------------------------------------------- */

START_TEST(test_an_engine_without_extension)
{
	struct duo *duo = duo_new(1);
	struct ike_message message;
	struct forge forge;

	duo->settings[DUO_A].extension = duo->settings[DUO_B].extension = NULL;
	duo->peer[DUO_A].lifetime = duo->peer[DUO_B].lifetime = 120;
	duo_start(duo);
	duo_establish(duo); /* whom the user names is called, once */
	tap_read(tap_plain(tap_nth(duo, IKE_MM1, 0)), &message);
	ck_assert_uint_eq(tap_payloads(&message, IKE_PAYLOAD_VENDOR_ID), 0);
	forge_from(&forge, duo, DUO_A);
	forge_r_u_there(&forge, 1);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_NOTIFY_IGNORED);
	forge_from(&forge, duo, DUO_A);
	forge_notify(&forge, IKE_NOTIFY_INVALID_COOKIE);
	ck_assert_int_eq(forge_inject_clear(&forge, duo, DUO_B), IKE_HINT_ONLY);
	recorder_command(duo, IKE_COMMAND_ASK_NOW);
	recorder_command(duo, IKE_COMMAND_TRAFFIC);
	duo_run(duo, 150 * IKE_SECOND); /* renewed, and the old one gone */
	ck_assert_uint_ge(duo_count(duo, DUO_A, IKE_EVENT_REPLACED), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	recorder_command(duo, IKE_COMMAND_CLOSE);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	duo_free(duo);
}
END_TEST

START_TEST(test_a_peer_that_can_only_be_waited_for_has_no_steps)
{
	struct duo *duo = recorder_duo(2, &a, &b);
	struct ike_command start = {.kind = IKE_COMMAND_START, .peer = 0};

	duo->peer[DUO_B].gateways = 0;
	duo_start(duo);
	ck_assert(!ike_command(duo->core[DUO_B], duo->now, &start));
	duo_establish(duo);
	ck_assert_uint_eq(b.peers, 0);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_SA_UP), 1);
	duo_free(duo);
}
END_TEST

/* ---- what an SA's step is told ------------------------------------------------------------------------------------- */

START_TEST(test_sa_up)
{
	struct duo *duo = recorder_established(3, &a, &b);
	const struct recorded_sa *up = recorder_sa(&a, IKE_EXTENSION_SA_UP);
	struct ike_sa_status status;
	uint32_t cursor = 0;

	ck_assert(ike_next_sa(duo->core[DUO_A], &cursor, &status));
	ck_assert_mem_eq(up->input.cky_i, status.cky_i, IKE_COOKIE_LENGTH);
	ck_assert_mem_eq(up->input.cky_r, status.cky_r, IKE_COOKIE_LENGTH);
	ck_assert(up->input.supported);
	ck_assert(up->input.now == status.established_at);
	ck_assert_uint_eq(up->steps_before, 0);
	ck_assert_uint_ne(up->input.random, recorder_sa(&b, IKE_EXTENSION_SA_UP)->input.random);
	duo_free(duo);
}
END_TEST

START_TEST(test_a_peer_without_the_vendor_id)
{
	struct duo *duo = recorder_duo(4, &a, &b);

	duo->settings[DUO_B].extension = NULL;
	duo_start(duo);
	duo_establish(duo);
	ck_assert(!recorder_sa(&a, IKE_EXTENSION_SA_UP)->input.supported);
	duo_free(duo);
}
END_TEST

START_TEST(test_commands_reach_the_sa)
{
	struct duo *duo = recorder_established(5, &a, &b);

	recorder_command(duo, IKE_COMMAND_ASK_NOW);
	recorder_command(duo, IKE_COMMAND_TRAFFIC);
	recorder_command(duo, IKE_COMMAND_TRAFFIC);
	ck_assert_uint_eq(recorder_sa_count(&a, IKE_EXTENSION_ASK_NOW), 1);
	ck_assert_uint_eq(recorder_sa_count(&a, IKE_EXTENSION_TRAFFIC), 2);
	/* its state is its own, from one step to the next */
	ck_assert_uint_eq(recorder_sa(&a, IKE_EXTENSION_TRAFFIC)->steps_before, a.sas - 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_notify_and_heard_and_hint)
{
	struct duo *duo = recorder_established(6, &a, &b);
	struct forge forge;
	size_t heard;

	heard = recorder_sa_count(&b, IKE_EXTENSION_HEARD);
	forge_from(&forge, duo, DUO_A);
	forge_notify(&forge, RECORDER_NOTIFY);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_ACCEPTED);
	ck_assert_uint_eq(recorder_sa(&b, IKE_EXTENSION_NOTIFY)->input.notify_type,
			  RECORDER_NOTIFY);
	ck_assert_uint_eq(recorder_sa(&b, IKE_EXTENSION_NOTIFY)->input.body.length,
			  forge.body[0].length);
	ck_assert_mem_eq(recorder_sa(&b, IKE_EXTENSION_NOTIFY)->body, forge.body[0].data,
			 forge.body[0].length);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_HEARD), heard);
	/* somebody else's: not shown, but heard */
	forge_from(&forge, duo, DUO_A);
	forge_notify(&forge, RECORDER_NOTIFY + 1);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_NOTIFY_IGNORED);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_NOTIFY), 1);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_HEARD), heard + 1);
	/* in the clear: a hint at most */
	forge_from(&forge, duo, DUO_A);
	forge_notify(&forge, IKE_NOTIFY_INVALID_SPI);
	ck_assert_int_eq(forge_inject_clear(&forge, duo, DUO_B), IKE_HINT_ONLY);
	forge_notify(&forge, RECORDER_NOTIFY);
	ck_assert_int_eq(forge_inject_clear(&forge, duo, DUO_B), IKE_UNPROTECTED);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_HINT), 1);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_NOTIFY), 1);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_HEARD), heard + 1);
	duo_free(duo);
}
END_TEST

/* The step refuses its own notification: that is the verdict on the datagram. */
START_TEST(test_the_steps_verdict_is_the_verdict)
{
	struct duo *duo = recorder_established(7, &a, &b);
	struct ike_status status;
	struct forge forge;

	b.sa_answer[IKE_EXTENSION_NOTIFY].verdict = IKE_KEEPALIVE_OLD_NUMBER;
	forge_from(&forge, duo, DUO_A);
	forge_notify(&forge, RECORDER_NOTIFY);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_KEEPALIVE_OLD_NUMBER);
	ike_status(duo->core[DUO_B], &status);
	ck_assert_uint_eq(status.verdict[IKE_KEEPALIVE_OLD_NUMBER], 1);
	duo_run(duo, 0);
	ck_assert_int_eq(duo_last(duo, DUO_B, IKE_EVENT_REFUSED)->verdict,
			 IKE_KEEPALIVE_OLD_NUMBER);
	duo_free(duo);
}
END_TEST

/* ---- what an SA's step may answer ---------------------------------------------------------------------------------- */

START_TEST(test_wake_at)
{
	struct duo *duo = recorder_established(8, &a, &b);
	ike_time wish = duo->now + 10 * IKE_SECOND;

	recorder_action(&a.sa_answer[IKE_EXTENSION_ASK_NOW], IKE_EXTENSION_WAKE_AT)->at = wish;
	recorder_command(duo, IKE_COMMAND_ASK_NOW);
	duo_run(duo, 10 * IKE_SECOND - IKE_MILLISECOND);
	ck_assert_uint_eq(recorder_sa_count(&a, IKE_EXTENSION_TIME), 0);
	duo_run(duo, 5 * IKE_MILLISECOND);
	ck_assert_uint_eq(recorder_sa_count(&a, IKE_EXTENSION_TIME), 1);
	ck_assert(recorder_sa(&a, IKE_EXTENSION_TIME)->input.due == wish);
	ck_assert(recorder_sa(&a, IKE_EXTENSION_TIME)->input.now >= wish);
	duo_free(duo);
}
END_TEST

START_TEST(test_a_later_wish_replaces_and_never_cancels)
{
	struct duo *duo = recorder_established(9, &a, &b);
	struct ike_extension_answer *answer = &a.sa_answer[IKE_EXTENSION_ASK_NOW];
	ike_time now = duo->now;

	recorder_action(answer, IKE_EXTENSION_WAKE_AT)->at = now + 5 * IKE_SECOND;
	recorder_command(duo, IKE_COMMAND_ASK_NOW);
	recorder_action(answer, IKE_EXTENSION_WAKE_AT)->at = now + 50 * IKE_SECOND;
	recorder_command(duo, IKE_COMMAND_ASK_NOW);
	duo_run(duo, 40 * IKE_SECOND);
	ck_assert_uint_eq(recorder_sa_count(&a, IKE_EXTENSION_TIME), 0);
	recorder_action(answer, IKE_EXTENSION_WAKE_AT)->at = IKE_NEVER;
	recorder_command(duo, IKE_COMMAND_ASK_NOW);
	duo_run(duo, 40 * IKE_SECOND);
	ck_assert_uint_eq(recorder_sa_count(&a, IKE_EXTENSION_TIME), 0);
	duo_free(duo);
}
END_TEST

START_TEST(test_send_notify)
{
	struct duo *duo = recorder_established(10, &a, &b);
	struct ike_extension_action *send =
	    recorder_action(&a.sa_answer[IKE_EXTENSION_ASK_NOW], IKE_EXTENSION_SEND_NOTIFY);

	send->notify_type = RECORDER_NOTIFY;
	send->body_length =
	    (uint16_t)unit_hex("00000001 01 00 9ca4 c0ffee", send->body, sizeof(send->body));
	recorder_command(duo, IKE_COMMAND_ASK_NOW);
	duo_run(duo, 2 * DUO_DELAY);
	unit_assert_hex(recorder_sa(&b, IKE_EXTENSION_NOTIFY)->input.body,
			"00000001 01 00 9ca4 c0ffee");
	duo_free(duo);
}
END_TEST

START_TEST(test_renew)
{
	struct duo *duo = recorder_established(11, &a, &b);

	recorder_action(&a.sa_answer[IKE_EXTENSION_ASK_NOW], IKE_EXTENSION_RENEW);
	recorder_action(&a.sa_answer[IKE_EXTENSION_ASK_NOW], IKE_EXTENSION_RENEW); /* one is made */
	recorder_command(duo, IKE_COMMAND_ASK_NOW);
	duo_run(duo, 2 * IKE_SECOND);
	ck_assert_uint_eq(tap_count(duo, IKE_MM1), 2);
	ck_assert_uint_eq(recorder_sa_count(&a, IKE_EXTENSION_SA_UP), 2);
	ck_assert_uint_eq(recorder_sa_count(&a, IKE_EXTENSION_SA_SUPERSEDED), 1);
	ck_assert_mem_eq(recorder_sa(&a, IKE_EXTENSION_SA_SUPERSEDED)->cky_i, a.sa[0].cky_i,
			 IKE_COOKIE_LENGTH);
	ck_assert_uint_eq(recorder_sa_count(&b, IKE_EXTENSION_SA_SUPERSEDED), 1);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_LOST), 0);
	duo_free(duo);
}
END_TEST

/* The SA goes at once, with a Delete; what the answer says after that is not carried out. */
START_TEST(test_declare_dead)
{
	struct duo *duo = recorder_established(12, &a, &b);
	struct ike_extension_answer *answer = &a.sa_answer[IKE_EXTENSION_ASK_NOW];
	size_t before = duo->datagrams;

	recorder_action(answer, IKE_EXTENSION_DECLARE_DEAD);
	recorder_action(answer, IKE_EXTENSION_SEND_NOTIFY)->body_length = 8;
	recorder_action(answer, IKE_EXTENSION_RENEW);
	recorder_action(answer, IKE_EXTENSION_WAKE_AT)->at = duo->now + IKE_SECOND;
	recorder_command(duo, IKE_COMMAND_ASK_NOW);
	duo_run(duo, 2 * IKE_SECOND);
	ck_assert_uint_eq(duo->datagrams - before, 1);
	ck_assert_uint_eq(duo_established(duo, DUO_A) + duo_established(duo, DUO_B), 0);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_DELETED)->why, IKE_WHY_DEAD);
	ck_assert_int_eq(duo_last(duo, DUO_B, IKE_EVENT_DELETED)->why, IKE_WHY_PEER_DELETED);
	ck_assert_uint_eq(recorder_sa_count(&a, IKE_EXTENSION_TIME), 0);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_DEAD), 1);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_LOST), 0);
	ck_assert_uint_eq(recorder_peer_count(&b, IKE_EXTENSION_PEER_LOST), 1);
	duo_free(duo);
}
END_TEST

/* Whatever a step was told, it may answer that the peer is dead; nothing may touch the SA after that. */
START_TEST(test_declare_dead_at_any_time)
{
	static const uint16_t notify[] = {RECORDER_NOTIFY, 40000, IKE_NOTIFY_INVALID_SPI};
	static const enum ike_extension_sa_happening told[] = {
	    IKE_EXTENSION_NOTIFY, IKE_EXTENSION_HEARD, IKE_EXTENSION_HINT};

	for (size_t i = 0; i < 3; i++) {
		struct duo *duo = recorder_established((uint8_t)(13 + i), &a, &b);
		struct forge forge;

		recorder_action(&b.sa_answer[told[i]], IKE_EXTENSION_DECLARE_DEAD);
		forge_from(&forge, duo, DUO_A);
		forge_notify(&forge, notify[i]);
		ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_ACCEPTED);
		ck_assert_uint_eq(duo_established(duo, DUO_B), 0);
		ck_assert_uint_eq(sa_table_count(duo->core[DUO_B]->sas), 0);
		ck_assert_uint_eq(duo->core[DUO_B]->outputs, 1); /* its Delete */
		duo_free(duo);
	}
}
END_TEST

/* ... even in the moment in which it comes up. */
START_TEST(test_declare_dead_at_birth)
{
	struct duo *duo = recorder_duo(16, &a, &b);

	duo_start(duo);
	recorder_action(&a.sa_answer[IKE_EXTENSION_SA_UP], IKE_EXTENSION_DECLARE_DEAD);
	duo_connect(duo, DUO_A);
	duo_run(duo, 3 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A) + duo_established(duo, DUO_B), 0);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_DELETED), 1);
	ck_assert_uint_eq(recorder_peer_count(&a, IKE_EXTENSION_PEER_UP), 0);
	ck_assert_uint_eq(duo->core[DUO_A]->handshakes, 0);
	duo_free(duo);
}
END_TEST

START_TEST(test_reports_become_events)
{
	struct duo *duo = recorder_established(17, &a, &b);
	struct ike_extension_answer *answer = &a.sa_answer[IKE_EXTENSION_ASK_NOW];
	const struct ike_event *event;

	answer->reports = 2;
	answer->report[0] = (struct ike_extension_report){IKE_REPORT_ALIVE, 7, 0, 0, 123};
	answer->report[1] = (struct ike_extension_report){IKE_REPORT_SUSPECT, 8, 3, 0, 456};
	recorder_command(duo, IKE_COMMAND_ASK_NOW);
	event = duo_last_report(duo, DUO_A, IKE_REPORT_ALIVE);
	ck_assert_uint_eq(event->report.number, 7);
	ck_assert(event->report.duration == 123);
	ck_assert_mem_eq(event->cky_i, a.sa[0].cky_i, IKE_COOKIE_LENGTH);
	event = duo_last_report(duo, DUO_A, IKE_REPORT_SUSPECT);
	ck_assert_uint_eq(event->value, 3);
	ck_assert_uint_eq(event->report.number, 8);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("host", test_an_engine_without_extension,
	  test_a_peer_that_can_only_be_waited_for_has_no_steps, test_sa_up,
	  test_a_peer_without_the_vendor_id, test_commands_reach_the_sa,
	  test_notify_and_heard_and_hint, test_the_steps_verdict_is_the_verdict, test_wake_at,
	  test_a_later_wish_replaces_and_never_cancels, test_send_notify, test_renew,
	  test_declare_dead, test_declare_dead_at_any_time, test_declare_dead_at_birth,
	  test_reports_become_events)
