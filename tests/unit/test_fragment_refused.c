/* SPDX-License-Identifier: ISC */
/*
 * test_fragment_refused.c - fragments that are refused, what they cost, and that they never harm the handshake.
 */
#include <string.h>

#include "ike/core.h"
#include "ike/fragment.h"
#include "tests/support/fragments.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

static struct octets message_of(const struct siege_held *held)
{
	return octets_of(held->data, held->length);
}

static uint32_t in_use(const struct duo *duo, enum duo_node node)
{
	return duo->core[node]->reassemblies.used;
}

/* ---- where none is taken ------------------------------------------------------------------------------------------- */

START_TEST(test_not_without_being_asked_for)
{
	struct duo *duo = duo_new(1);
	struct siege_held held;

	siege_hold(duo, IKE_MM5, &held);
	ck_assert_int_eq(fragments_inject_all(duo, DUO_B, message_of(&held), 1, 40),
			 IKE_FRAGMENT_UNEXPECTED);
	ck_assert_uint_eq(in_use(duo, DUO_B), 0);
	fragments_go_on(duo);
	duo_free(duo);
}
END_TEST

/* A first message in fragments, one for cookies that nobody knows, MM3: nothing is kept for any of them. */
START_TEST(test_not_from_somebody_who_has_shown_nothing)
{
	struct duo *duo = fragments_duo(1);
	struct siege_held held;
	uint8_t stranger[200];

	siege_hold(duo, IKE_MM3, &held);
	ck_assert_int_eq(fragments_inject_all(duo, DUO_B, message_of(&held), 1, 40),
			 IKE_FRAGMENT_UNEXPECTED);
	memcpy(stranger, held.data, sizeof(stranger));
	stranger[0] ^= 1;
	ck_assert_int_eq(fragments_inject_all(duo, DUO_B, octets_of(stranger, 200), 1, 40),
			 IKE_UNKNOWN_COOKIES);
	memset(stranger + IKE_COOKIE_LENGTH, 0, IKE_COOKIE_LENGTH);
	ck_assert_int_eq(fragments_inject_all(duo, DUO_B, octets_of(stranger, 200), 1, 40),
			 IKE_FRAGMENT_UNEXPECTED);
	ck_assert_uint_eq(duo->core[DUO_B]->reassemblies.touched, 0);
	fragments_go_on(duo);
	duo_free(duo);
}
END_TEST

START_TEST(test_not_from_another_address)
{
	struct duo *duo = fragments_duo(1);
	struct ike_address elsewhere = siege_address(1);
	struct siege_held held;
	struct caller caller;

	siege_hold(duo, IKE_MM5, &held);
	fragments_cut(&caller, message_of(&held), 1, 1, 40);
	ck_assert_int_eq(siege_send(duo, DUO_B, &elsewhere, caller.data, caller.length),
			 IKE_OTHER_ADDRESS);
	ck_assert_uint_eq(in_use(duo, DUO_B), 0);
	duo_free(duo);
}
END_TEST

/* ---- wrong in itself ----------------------------------------------------------------------------------------------- */

START_TEST(test_what_is_no_fragment)
{
	struct duo *duo = fragments_duo(8);
	struct siege_held held;
	struct caller caller;

	siege_hold(duo, IKE_MM5, &held);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 1, 0, ""), IKE_FRAGMENT_MALFORMED);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 1, 1, ""), IKE_FRAGMENT_MALFORMED);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 1, 2, "a"), IKE_FRAGMENT_MALFORMED);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 0, 0, "a"), IKE_FRAGMENT_BAD_NUMBER);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 0, 1, "a"), IKE_FRAGMENT_BAD_NUMBER);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 65, 0, "a"), IKE_FRAGMENT_BAD_NUMBER);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 255, 1, "a"), IKE_FRAGMENT_BAD_NUMBER);
	/* the payload's length: shorter than its header, shorter than the datagram, longer */
	for (unsigned length = 0; length < 12; length++) {
		fragments_make(&caller, message_of(&held), 1, 1, 0, octets_of("abc", 3));
		caller_patch_u16(&caller, IKE_HEADER_LENGTH + 2, length);
		ck_assert_int_eq(duo_inject(duo, DUO_B, caller.data, caller.length),
				 length == 11 ? IKE_ACCEPTED : IKE_FRAGMENT_MALFORMED);
	}
	caller_patch_u16(&caller, IKE_HEADER_LENGTH + 2, 12);
	ck_assert_int_eq(duo_inject(duo, DUO_B, caller.data, caller.length),
			 IKE_FRAGMENT_MALFORMED);
	/* two in one datagram */
	fragments_make(&caller, message_of(&held), 1, 2, 0, octets_of("abc", 3));
	caller_payload_hex(&caller, IKE_PAYLOAD_FRAGMENT, "0001 03 00 aa");
	(void)caller_finish(&caller);
	ck_assert_int_eq(duo_inject(duo, DUO_B, caller.data, caller.length),
			 IKE_FRAGMENT_MALFORMED);
	/* "abc" is still there, a beginning without an end, and takes no room from what A says now */
	fragment_forget(duo->core[DUO_B], sa_table_find(duo->core[DUO_B]->sas, held.data,
							held.data + IKE_COOKIE_LENGTH));
	fragments_go_on(duo);
	duo_free(duo);
}
END_TEST

/* ---- wrong together ------------------------------------------------------------------------------------------------ */

START_TEST(test_the_first_to_come_stays)
{
	struct duo *duo = fragments_duo(9);
	struct siege_held held;

	siege_hold(duo, IKE_MM5, &held);
	ck_assert_int_eq(fragments_inject(duo, DUO_B, message_of(&held), 1, 1, 40), IKE_ACCEPTED);
	ck_assert_int_eq(fragments_inject(duo, DUO_B, message_of(&held), 1, 1, 40),
			 IKE_FRAGMENT_REPEATED);
	ck_assert_int_eq(
	    fragments_put(duo, &held, 1, 1, 0, "something else that is as long as it was"),
	    IKE_FRAGMENT_CONFLICT);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 1, 0, "shorter"), IKE_FRAGMENT_CONFLICT);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 1, 1, "now the last"), IKE_FRAGMENT_CONFLICT);
	for (unsigned i = 2; i <= fragments_count(message_of(&held), 40); i++)
		ck_assert_int_eq(fragments_inject(duo, DUO_B, message_of(&held), 1, i, 40),
				 IKE_ACCEPTED);
	fragments_go_on(duo);
	ck_assert_uint_eq(siege_verdicts(duo, DUO_B, IKE_FRAGMENT_CONFLICT), 3);
	duo_free(duo);
}
END_TEST

START_TEST(test_one_last_fragment_only)
{
	struct duo *duo = fragments_duo(10);
	struct siege_held held;

	siege_hold(duo, IKE_MM5, &held);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 5, 0, "five"), IKE_ACCEPTED);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 4, 1, "last, but below five"),
			 IKE_FRAGMENT_CONFLICT);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 5, 1, "five"), IKE_FRAGMENT_CONFLICT);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 7, 1, "last"), IKE_ACCEPTED);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 7, 1, "last"), IKE_FRAGMENT_REPEATED);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 7, 0, "last"), IKE_FRAGMENT_CONFLICT);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 8, 0, "beyond"), IKE_FRAGMENT_CONFLICT);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 8, 1, "beyond"), IKE_FRAGMENT_CONFLICT);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 6, 1, "another last"), IKE_FRAGMENT_CONFLICT);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 64, 1, "far beyond"), IKE_FRAGMENT_CONFLICT);
	ck_assert_uint_eq(in_use(duo, DUO_B), 1);
	duo_free(duo);
}
END_TEST

/* Cookies of another SA inside, a fragment inside, a header that is none, another length than the fragments have. */
START_TEST(test_what_comes_out_is_no_message_of_this_sa)
{
	static const struct {
		size_t at;
		uint8_t value;
		enum ike_verdict verdict;
	} row[] = {
	    {0, 0x01, IKE_FRAGMENT_OTHER_SA},
	    {8, 0x01, IKE_FRAGMENT_OTHER_SA},
	    {IKE_HEADER_NEXT_PAYLOAD_AT, IKE_PAYLOAD_ID ^ IKE_PAYLOAD_FRAGMENT,
	     IKE_FRAGMENT_OTHER_SA},
	    {17, 0x30, IKE_BAD_MAJOR_VERSION},
	    {18, IKE_EXCHANGE_MAIN_MODE ^ 99, IKE_BAD_EXCHANGE_TYPE},
	    {19, 0x80, IKE_BAD_FLAGS},
	    {27, 0x01, IKE_UNEQUAL_LENGTHS},
	    {26, 0x40, IKE_UNEQUAL_LENGTHS},
	};
	struct duo *duo = fragments_duo(11);
	struct siege_held held;
	struct siege_snapshot before;

	siege_hold(duo, IKE_MM5, &held);
	siege_look(duo, DUO_B, &before);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct octets message = message_of(&held);
		uint8_t inside[IKE_HANDSHAKE_MESSAGE];
		enum ike_verdict verdict = IKE_ACCEPTED;

		memcpy(inside, held.data, held.length);
		inside[row[i].at] ^= row[i].value;
		for (unsigned n = 1; n <= fragments_count(message, 40); n++) {
			size_t at = (size_t)(n - 1) * 40;
			bool last = n == fragments_count(message, 40);
			struct caller caller;

			fragments_make(&caller, message, 1, n, last,
				       octets_of(inside + at, last ? held.length - at : 40));
			verdict = duo_inject(duo, DUO_B, caller.data, caller.length);
		}
		ck_assert_int_eq(verdict, row[i].verdict);
		ck_assert_uint_eq(in_use(duo, DUO_B), 0);
	}
	ck_assert_int_eq(fragments_put(duo, &held, 1, 1, 1, "shorter than a header"),
			 IKE_TOO_SHORT);
	siege_forgive(duo, DUO_B);
	fragments_go_on(duo);
	duo_free(duo);
}
END_TEST

START_TEST(test_longer_than_any_message)
{
	static uint8_t noise[4000];
	struct duo *duo = fragments_duo(12);
	struct siege_held held;
	struct caller caller;

	siege_hold(duo, IKE_MM5, &held);
	for (unsigned i = 1; i <= 5; i++) {
		fragments_make(&caller, octets_of(held.data, IKE_HEADER_LENGTH), 1, i, 0,
			       octets_of(noise, sizeof(noise)));
		ck_assert_int_eq(duo_inject(duo, DUO_B, caller.data, caller.length),
				 i < 5 ? IKE_ACCEPTED : IKE_FRAGMENT_TOO_LONG);
	}
	/* the longest that is taken: 16384 octets, and of course it is nothing */
	fragments_make(&caller, octets_of(held.data, IKE_HEADER_LENGTH), 1, 5, 1,
		       octets_of(noise, IKE_MESSAGE_MAX - 4 * sizeof(noise)));
	ck_assert_int_eq(duo_inject(duo, DUO_B, caller.data, caller.length), IKE_UNEQUAL_LENGTHS);
	fragments_go_on(duo);
	duo_free(duo);
}
END_TEST

/* Another message takes the place of an unfinished one, but not for ever; and no reassembly lasts longer than its time. */
START_TEST(test_messages_that_interrupt_each_other)
{
	struct duo *duo = fragments_duo(13);
	struct siege_held held;
	unsigned id;

	siege_hold(duo, IKE_MM5, &held);
	for (id = 1; id <= 5; id++)
		ck_assert_int_eq(fragments_put(duo, &held, id, 1, 0, "never ends"), IKE_ACCEPTED);
	for (; id < 100; id++)
		ck_assert_int_eq(fragments_put(duo, &held, id, 1, 0, "never ends"),
				 IKE_FRAGMENT_INTERLEAVED);
	ck_assert_int_eq(fragments_put(duo, &held, 5, 1, 0, "never ends"), IKE_FRAGMENT_REPEATED);
	ck_assert_uint_eq(in_use(duo, DUO_B), 1);
	duo_run(duo, FRAGMENT_LIFE - 1);
	ck_assert_int_eq(fragments_put(duo, &held, 6, 1, 0, "never ends"),
			 IKE_FRAGMENT_INTERLEAVED);
	duo_run(duo, 1);
	ck_assert_int_eq(fragments_inject_all(duo, DUO_B, message_of(&held), 6, 40), IKE_ACCEPTED);
	fragments_go_on(duo);
	duo_free(duo);
}
END_TEST

/* A forged part spoils one transmission; the next one is read as if nothing had been. */
START_TEST(test_a_forged_part_costs_one_transmission)
{
	struct duo *duo = fragments_duo(14);
	struct siege_held held;

	siege_hold(duo, IKE_MM5, &held);
	ck_assert_int_eq(
	    fragments_put(duo, &held, 1, 2, 0, "forty octets that did not come from A..."),
	    IKE_ACCEPTED);
	ck_assert_int_eq(fragments_inject_all(duo, DUO_B, message_of(&held), 1, 40),
			 IKE_UNREADABLE);
	ck_assert_int_eq(fragments_inject_all(duo, DUO_B, message_of(&held), 1, 40), IKE_ACCEPTED);
	fragments_go_on(duo);
	duo_free(duo);
}
END_TEST

/* ---- memory -------------------------------------------------------------------------------------------------------- */

/* Callers from many addresses take all but the places of those whom we have called. */
START_TEST(test_the_memory_is_bounded_and_comes_back)
{
	struct duo *duo = fragments_duo(15);
	struct siege_held held;
	struct ike_sa *sa[9];
	uint32_t sas = 0;
	struct ike_core *core;

	duo->settings[DUO_B].limits.reassemblies = 8;
	duo->settings[DUO_B].limits.handshakes = 64;
	siege_hold(duo, IKE_MM5, &held);
	core = duo->core[DUO_B];
	/* as many half-open SAs as it takes, each of them past MM3 */
	for (uint8_t i = 0; i < 8; i++) {
		uint8_t cky[IKE_COOKIE_LENGTH] = {1, 2, 3, i};
		struct ike_sa *more = sa_table_add(core->sas, cky, cky);

		ck_assert_ptr_nonnull(more);
		more->remote = duo->peer[DUO_B].gateway[0];
		more->initiator = i == 7;
		ck_assert_ptr_nonnull(handshake_new(core, more));
		more->handshake->expects = IKE_MM5;
		sa[sas++] = more;
	}
	for (uint32_t i = 0; i < 8; i++) {
		struct siege_held fake = held;

		memcpy(fake.data, sa[i]->cky_i, IKE_COOKIE_LENGTH);
		memcpy(fake.data + IKE_COOKIE_LENGTH, sa[i]->cky_r, IKE_COOKIE_LENGTH);
		ck_assert_int_eq(fragments_put(duo, &fake, 1, 1, 0, "a beginning"), IKE_ACCEPTED);
		if (i == 6)
			ck_assert_int_eq(fragments_put(duo, &held, 1, 1, 0, "a beginning"),
					 IKE_OVERLOAD);
	}
	ck_assert_uint_eq(in_use(duo, DUO_B), 8);
	duo_run(duo, 0);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_OVERLOAD), 1);
	/* the first that goes makes room, and so does time */
	sa_fail(core, sa[0], IKE_WHY_CLOSED);
	ck_assert_uint_eq(in_use(duo, DUO_B), 7);
	sa_fail(core, sa[7], IKE_WHY_CLOSED);
	ck_assert_int_eq(fragments_put(duo, &held, 1, 1, 0, "a beginning"), IKE_ACCEPTED);
	ck_assert_uint_eq(core->reassemblies.touched, 8);
	duo->now += FRAGMENT_LIFE;
	(void)ike_tick(core, duo->now, 0);
	ck_assert_int_eq(fragments_put(duo, &held, 2, 1, 0, "another"), IKE_ACCEPTED);
	ck_assert_uint_eq(in_use(duo, DUO_B), 1);
	ck_assert_uint_eq(core->reassemblies.touched, 8);
	for (uint32_t i = 1; i < 7; i++)
		sa_fail(core, sa[i], IKE_WHY_CLOSED);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("fragment_refused", test_not_without_being_asked_for,
	  test_not_from_somebody_who_has_shown_nothing, test_not_from_another_address,
	  test_what_is_no_fragment, test_the_first_to_come_stays, test_one_last_fragment_only,
	  test_what_comes_out_is_no_message_of_this_sa, test_longer_than_any_message,
	  test_messages_that_interrupt_each_other, test_a_forged_part_costs_one_transmission,
	  test_the_memory_is_bounded_and_comes_back)
