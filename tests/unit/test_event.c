/* SPDX-License-Identifier: ISC */
/*
 * test_event.c - events that wait, events that nobody pulls, and sentences that must not fill the ring.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/core.h"
#include "tests/support/duo.h"
#include "tests/support/unit.h"

static struct duo *duo_of_events(uint32_t limit)
{
	struct duo *duo = duo_new(1);

	duo->settings[DUO_A].limits.events = limit;
	duo_start(duo);
	return duo;
}

static void make(struct ike_core *core, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		tell_event(core, IKE_EVENT_HINT)->value = first + i;
}

static void expect(struct ike_core *core, uint32_t value, uint64_t lost)
{
	struct ike_event event;

	ck_assert_uint_eq(ike_events(core, &event, 1), 1);
	ck_assert_uint_eq(event.value, value);
	ck_assert_uint_eq(event.lost, lost);
}

/* ---- nobody pulls -------------------------------------------------------------------------------------------------- */

START_TEST(test_the_oldest_are_lost_first_and_counted)
{
	struct duo *duo = duo_of_events(3);
	struct ike_core *core = duo->core[DUO_A];
	struct ike_status status;
	struct ike_event event;

	make(core, 1, 5);
	ike_status(core, &status);
	ck_assert_uint_eq(status.counter[IKE_COUNT_EVENTS_LOST], 2);
	expect(core, 3, 0); /* made before anything was lost */
	expect(core, 4, 1);
	expect(core, 5, 2);
	ck_assert_uint_eq(ike_events(core, &event, 1), 0);
	/* what was lost stays said */
	make(core, 6, 1);
	expect(core, 6, 2);
	duo_free(duo);
}
END_TEST

START_TEST(test_a_ring_of_one)
{
	struct duo *duo = duo_of_events(1);
	struct ike_core *core = duo->core[DUO_A];

	make(core, 1, 1000);
	expect(core, 1000, 999);
	ck_assert_uint_eq(core->events, 0);
	duo_free(duo);
}
END_TEST

/* An event has the place of one that said more: nothing of that may be left. */
START_TEST(test_nothing_is_left_of_the_event_before)
{
	struct duo *duo = duo_of_events(1);
	struct ike_event *event, got;

	event = tell_event(duo->core[DUO_A], IKE_EVENT_FAILED);
	memset(&event->at, 0xff, sizeof(*event) - offsetof(struct ike_event, at));
	event->text[IKE_EVENT_TEXT - 1] = '\0';
	duo->core[DUO_A]->now = 77;
	(void)tell_event(duo->core[DUO_A], IKE_EVENT_HINT);
	ck_assert_uint_eq(ike_events(duo->core[DUO_A], &got, 1), 1);
	ck_assert_int_eq(got.kind, IKE_EVENT_HINT);
	ck_assert_uint_eq(got.at, 77);
	ck_assert_uint_eq(got.peer, IKE_NONE);
	ck_assert_uint_eq(got.gateway, IKE_NONE);
	ck_assert_int_eq(got.remote.family, IKE_FAMILY_NONE);
	ck_assert(!got.initiator && !got.authenticated && !got.outbound && !got.supported);
	ck_assert_int_eq(got.why, IKE_WHY_NONE);
	ck_assert_int_eq(got.verdict, IKE_ACCEPTED);
	ck_assert_uint_eq(got.value, 0);
	ck_assert_uint_eq(got.report.number, 0);
	ck_assert_uint_eq(got.lost, 1);
	ck_assert_str_eq(got.text, "");
	duo_free(duo);
}
END_TEST

/* ---- somebody does ------------------------------------------------------------------------------------------------- */

START_TEST(test_no_more_than_asked_for)
{
	struct duo *duo = duo_of_events(8);
	struct ike_core *core = duo->core[DUO_A];
	struct ike_event *events = calloc(8, sizeof(*events));

	ck_assert_ptr_nonnull(events);
	ck_assert_uint_eq(ike_events(core, events, 8), 0);
	make(core, 1, 5);
	ck_assert_uint_eq(ike_events(core, events, 0), 0);
	ck_assert_uint_eq(ike_events(core, events, 2), 2);
	ck_assert_uint_eq(events[0].value, 1);
	ck_assert_uint_eq(events[1].value, 2);
	ck_assert_uint_eq(ike_events(core, events, 8), 3);
	ck_assert_uint_eq(events[2].value, 5);
	free(events);
	duo_free(duo);
}
END_TEST

START_TEST(test_order_is_kept_around_the_ring)
{
	struct duo *duo = duo_of_events(7);
	uint32_t made = 0, pulled = 0;

	for (uint32_t round = 0; round < 100; round++) {
		make(duo->core[DUO_A], made, 1 + round % 7);
		made += 1 + round % 7;
		while (pulled < made)
			expect(duo->core[DUO_A], pulled++, 0);
	}
	duo_free(duo);
}
END_TEST

START_TEST(test_an_event_of_an_sa_says_whose)
{
	struct duo *duo = duo_new(2);
	struct ike_sa_status sa;
	struct ike_event event;
	uint32_t cursor = 0;

	duo_start(duo);
	duo_establish(duo);
	ck_assert(ike_next_sa(duo->core[DUO_A], &cursor, &sa));
	(void)tell_event_of_sa(duo->core[DUO_A], IKE_EVENT_KEYS,
			       sa_table_find(duo->core[DUO_A]->sas, sa.cky_i, sa.cky_r));
	ck_assert_uint_eq(ike_events(duo->core[DUO_A], &event, 1), 1);
	ck_assert_uint_eq(event.peer, 0);
	ck_assert_uint_eq(event.gateway, 0);
	ck_assert_mem_eq(&event.remote, &sa.remote, sizeof(event.remote));
	ck_assert_mem_eq(event.cky_i, sa.cky_i, IKE_COOKIE_LENGTH);
	ck_assert_mem_eq(event.cky_r, sa.cky_r, IKE_COOKIE_LENGTH);
	ck_assert(event.initiator && event.supported);
	ck_assert_uint_eq(event.proposal.key_bits, 128);
	duo_free(duo);
}
END_TEST

/* ---- overload ------------------------------------------------------------------------------------------------------ */

START_TEST(test_overload_is_said_once)
{
	struct duo *duo = duo_of_events(8);
	struct ike_core *core = duo->core[DUO_A];
	struct ike_event event;

	for (int i = 0; i < 1000; i++)
		tell_overload(core, "limit outputs: too many");
	ck_assert_uint_eq(core->events, 1);
	tell_overload(core, "limit sas: too many"); /* another one */
	ck_assert_uint_eq(core->events, 2);
	make(core, 1, 1);
	tell_overload(core, "limit sas: too many"); /* something happened in between */
	ck_assert_uint_eq(core->events, 4);
	ck_assert_uint_eq(ike_events(core, &event, 1), 1);
	ck_assert_int_eq(event.kind, IKE_EVENT_OVERLOAD);
	ck_assert_str_eq(event.text, "limit outputs: too many");
	duo_free(duo);
}
END_TEST

START_TEST(test_overload_is_said_again_to_whoever_listens)
{
	struct duo *duo = duo_of_events(8);
	struct ike_event event;

	tell_overload(duo->core[DUO_A], "limit sas: too many");
	ck_assert_uint_eq(ike_events(duo->core[DUO_A], &event, 1), 1);
	tell_overload(duo->core[DUO_A], "limit sas: too many");
	ck_assert_uint_eq(ike_events(duo->core[DUO_A], &event, 1), 1);
	duo_free(duo);
}
END_TEST

/* ---- names --------------------------------------------------------------------------------------------------------- */

START_TEST(test_names)
{
	for (unsigned a = 0; a <= IKE_EVENT_OVERLOAD; a++) {
		ck_assert_str_ne(ike_event_name(a), "unknown");
		for (unsigned b = 0; b < a; b++)
			ck_assert_str_ne(ike_event_name(a), ike_event_name(b));
	}
	for (unsigned a = 0; a <= IKE_WHY_STORE; a++) {
		ck_assert_str_ne(ike_why_text(a), "unknown");
		for (unsigned b = 0; b < a; b++)
			ck_assert_str_ne(ike_why_text(a), ike_why_text(b));
	}
	ck_assert_str_eq(ike_event_name(IKE_EVENT_OVERLOAD + 1), "unknown");
	ck_assert_str_eq(ike_why_text(IKE_WHY_STORE + 1), "unknown");
	ck_assert_str_eq(ike_event_name(IKE_EVENT_ESTABLISHED), "established");
	ck_assert_str_eq(ike_why_text(IKE_WHY_PEER_DELETED), "the peer deleted it");
}
END_TEST

UNIT_MAIN("event", test_the_oldest_are_lost_first_and_counted, test_a_ring_of_one,
	  test_nothing_is_left_of_the_event_before, test_no_more_than_asked_for,
	  test_order_is_kept_around_the_ring, test_an_event_of_an_sa_says_whose,
	  test_overload_is_said_once, test_overload_is_said_again_to_whoever_listens, test_names)
