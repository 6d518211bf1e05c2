/* SPDX-License-Identifier: ISC */
/*
 * test_tell.c - what the user hears about single messages, and what he is spared.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/duo.h"
#include "tests/support/forge.h"
#include "tests/support/recorder.h"
#include "tests/support/unit.h"

static struct recorder a, b;

static struct duo *talking_duo(uint8_t seed, bool tell)
{
	struct duo *duo = duo_new(seed);

	recorder_plug(&a, duo, DUO_A);
	recorder_plug(&b, duo, DUO_B);
	duo->settings[DUO_A].tell_messages = duo->settings[DUO_B].tell_messages = tell;
	duo_start(duo);
	return duo;
}

static size_t lines(const struct duo *duo, enum duo_node node, bool outbound, const char *part)
{
	size_t count = 0;

	for (size_t i = 0; i < duo->events[node]; i++) {
		const struct ike_event *event = &duo->event[node][i];

		count += event->kind == IKE_EVENT_MESSAGE && event->outbound == outbound &&
			 strstr(event->text, part) != NULL;
	}
	return count;
}

/* ---- refusals ------------------------------------------------------------------------------------------------------ */

/* A flood fills the counters, not the events (R139). */
START_TEST(test_refusals_are_counted_all_and_told_some)
{
	struct duo *duo = talking_duo(1, false);
	uint8_t rubbish[10] = {0};
	struct ike_status status;
	size_t told;

	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(duo_inject(duo, DUO_A, rubbish, sizeof(rubbish)), IKE_TOO_SHORT);
	duo_run(duo, 0);
	ike_status(duo->core[DUO_A], &status);
	ck_assert_uint_eq(status.verdict[IKE_TOO_SHORT], 1000);
	told = duo_count(duo, DUO_A, IKE_EVENT_REFUSED);
	ck_assert_uint_ge(told, 1);
	ck_assert_uint_le(told, 20);
	duo_run(duo, IKE_SECOND);
	(void)duo_inject(duo, DUO_A, rubbish, sizeof(rubbish));
	duo_run(duo, 0);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_REFUSED), told + 1);
	duo_free(duo);
}
END_TEST

/* The protocol at work is nobody's fault. */
START_TEST(test_ordinary_verdicts_are_only_counted)
{
	static const enum ike_verdict ordinary[] = {IKE_DUPLICATE, IKE_HINT_ONLY,
						    IKE_NOTIFY_IGNORED, IKE_DELETE_UNKNOWN_SPI,
						    IKE_INITIAL_CONTACT_REPEATED};
	struct duo *duo = talking_duo(2, false);
	struct ike_status status;

	for (size_t i = 0; i < 5; i++)
		ck_assert_int_eq(tell_refusal(duo->core[DUO_A], NULL, ordinary[i]), ordinary[i]);
	ike_status(duo->core[DUO_A], &status);
	for (size_t i = 0; i < 5; i++)
		ck_assert_uint_eq(status.verdict[ordinary[i]], 1);
	ck_assert_uint_eq(duo->core[DUO_A]->events, 0);
	(void)tell_refusal(duo->core[DUO_A], NULL, IKE_BAD_HASH);
	ck_assert_uint_eq(duo->core[DUO_A]->events, 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_a_refusal_says_whose)
{
	struct duo *duo = talking_duo(3, false);
	const struct ike_event *event;
	struct forge forge;

	duo_establish(duo);
	forge_from(&forge, duo, DUO_A);
	forge.keys.skeyid_a[0] ^= 1;
	forge_delete(&forge);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_BAD_HASH);
	duo_run(duo, 0);
	event = duo_last(duo, DUO_B, IKE_EVENT_REFUSED);
	ck_assert_int_eq(event->verdict, IKE_BAD_HASH);
	ck_assert_uint_eq(event->peer, 0);
	ck_assert_mem_eq(event->cky_i, forge.cky_i, IKE_COOKIE_LENGTH);
	/* without an SA: the cookies and the address that it came with, and no peer */
	forge.cky_r[3] ^= 1;
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_UNKNOWN_COOKIES);
	duo_run(duo, 0);
	event = duo_last(duo, DUO_B, IKE_EVENT_REFUSED);
	ck_assert_uint_eq(event->peer, IKE_NONE);
	ck_assert_mem_eq(event->cky_r, forge.cky_r, IKE_COOKIE_LENGTH);
	ck_assert_mem_eq(&event->remote, &duo->peer[DUO_B].gateway[0], sizeof(event->remote));
	duo_free(duo);
}
END_TEST

/* ---- every message -------------------------------------------------------------------------------------------------- */

START_TEST(test_nobody_asked)
{
	struct duo *duo = talking_duo(4, false);

	duo_establish(duo);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_MESSAGE), 0);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_MESSAGE), 0);
	duo_free(duo);
}
END_TEST

/* What one side says that it sent is what the other side says that it got, encrypted or not, in the same words. */
START_TEST(test_both_sides_tell_the_same)
{
	struct duo *duo = talking_duo(5, true);
	size_t compared = 0;

	duo_establish(duo);
	ck_assert_uint_eq(lines(duo, DUO_A, true, ""), duo->sent[DUO_A]);
	ck_assert_uint_eq(lines(duo, DUO_B, true, ""), duo->sent[DUO_B]);
	for (enum duo_node from = DUO_A; from < DUO_NODES; from++) {
		enum duo_node to = from == DUO_A ? DUO_B : DUO_A;

		ck_assert_uint_eq(lines(duo, to, false, ""), duo->sent[from]);
		for (size_t i = 0; i < duo->events[from]; i++) {
			const struct ike_event *event = &duo->event[from][i];

			if (event->kind != IKE_EVENT_MESSAGE || !event->outbound)
				continue;
			ck_assert_msg(lines(duo, to, false, event->text) >= 1, "%s", event->text);
			compared++;
		}
	}
	ck_assert_uint_ge(compared, 7); /* Main Mode and INITIAL-CONTACT */
	ck_assert_uint_ge(lines(duo, DUO_B, false, "N(INITIAL-CONTACT"), 2);
	duo_free(duo);
}
END_TEST

START_TEST(test_a_message_says_whose)
{
	struct duo *duo = talking_duo(6, true);
	const struct ike_event *event;

	duo_establish(duo);
	event = duo_last(duo, DUO_A, IKE_EVENT_MESSAGE);
	ck_assert(event->outbound);
	ck_assert_uint_eq(event->peer, 0);
	ck_assert_mem_eq(&event->remote, &duo->peer[DUO_A].gateway[0], sizeof(event->remote));
	ck_assert_mem_eq(event->cky_i, a.sa[0].cky_i, IKE_COOKIE_LENGTH);
	duo_free(duo);
}
END_TEST

/* Telling about our answer must not spoil the question that is still being looked at. */
START_TEST(test_telling_about_an_answer_leaves_the_question_alone)
{
	struct duo *duo = talking_duo(7, true);
	struct ike_core *core;
	uint8_t cky[IKE_COOKIE_LENGTH];

	duo_establish(duo);
	core = duo->core[DUO_B];
	core->message.payloads = 7;
	memset(core->message.header.cky_i, 0x77, IKE_COOKIE_LENGTH);
	memcpy(cky, core->message.header.cky_i, sizeof(cky));
	tell_sent(core, NULL, &duo->peer[DUO_B].gateway[0],
		  octets_of(duo->datagram[0].data, duo->datagram[0].length), false);
	ck_assert_uint_eq(core->message.payloads, 7);
	ck_assert_mem_eq(core->message.header.cky_i, cky, sizeof(cky));
	duo_run(duo, 0);
	ck_assert_uint_ge(lines(duo, DUO_B, true, "SA"), 2); /* MM2, and what was told just now */
	duo_free(duo);
}
END_TEST

UNIT_MAIN("tell", test_refusals_are_counted_all_and_told_some,
	  test_ordinary_verdicts_are_only_counted, test_a_refusal_says_whose, test_nobody_asked,
	  test_both_sides_tell_the_same, test_a_message_says_whose,
	  test_telling_about_an_answer_leaves_the_question_alone)
