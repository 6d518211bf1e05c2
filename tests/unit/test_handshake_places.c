/* SPDX-License-Identifier: ISC */
/*
 * test_handshake_places.c - how many handshakes there may be: of all, of one source, of our own; and who makes room for whom.
 */
#include "ike/core.h"
#include "tests/support/duo.h"
#include "tests/support/half_open.h"
#include "tests/support/recorder.h"
#include "tests/support/unit.h"

#include <string.h>

static struct recorder recorder[DUO_NODES];

/* Neither side does anything by itself: what there is, is what the test makes. */
static struct duo *quiet_duo(uint8_t seed)
{
	struct duo *duo = duo_new(seed);

	recorder_plug(&recorder[DUO_A], duo, DUO_A);
	recorder_plug(&recorder[DUO_B], duo, DUO_B);
	return duo;
}

/* R133 */
START_TEST(test_limit_of_all)
{
	struct duo *duo = quiet_duo(30);
	struct ike_handshake *first;
	struct ike_core *core;
	struct ike_sa *more;

	duo->settings[DUO_A].limits.handshakes = 2;
	duo_start(duo);
	core = duo->core[DUO_A];
	first = handshake_new(core, half_open_sa(core, 1, 1));
	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_nonnull(handshake_new(core, half_open_sa(core, 2, 2)));
	more = half_open_sa(core, 3, 3);
	ck_assert_ptr_null(handshake_new(core, more));
	ck_assert_ptr_null(more->handshake);
	ck_assert_uint_eq(half_open_of_all_sources(core), 2);
	duo_run(duo, 0);
	ck_assert_ptr_nonnull(
	    strstr(duo_last(duo, DUO_A, IKE_EVENT_OVERLOAD)->text, "limit handshakes"));
	handshake_free(core, first);
	ck_assert_ptr_nonnull(handshake_new(core, more));
	duo_free(duo);
}
END_TEST

/* Others cannot take the places that we need for our own calls, and we cannot take more than there are (R134). */
START_TEST(test_places_for_our_own_calls)
{
	struct duo *duo = quiet_duo(31);
	struct ike_core *core;
	struct ike_sa *sa;

	duo->settings[DUO_A].limits.handshakes = 8;
	duo_start(duo);
	core = duo->core[DUO_A];
	for (uint8_t i = 1; i <= 7; i++)
		ck_assert_ptr_nonnull(handshake_new(core, half_open_sa(core, i, i)));
	ck_assert_ptr_null(handshake_new(core, half_open_sa(core, 8, 8)));
	sa = half_open_sa(core, 9, 9);
	sa->initiator = true;
	ck_assert_ptr_nonnull(handshake_new(core, sa));
	sa = half_open_sa(core, 10, 10);
	sa->initiator = true;
	ck_assert_ptr_null(handshake_new(core, sa));
	duo_free(duo);
}
END_TEST

/* The limit is for those who call us; whom we call has nothing to do with it (R133). */
START_TEST(test_limit_of_one_source)
{
	struct duo *duo = quiet_duo(31);
	struct ike_sa *ours;
	struct ike_core *core;

	duo->settings[DUO_A].limits.handshakes_per_source = 3;
	duo_start(duo);
	core = duo->core[DUO_A];
	for (uint8_t i = 0; i < 3; i++)
		ck_assert_ptr_nonnull(handshake_new(core, half_open_sa(core, i, 1)));
	ck_assert_ptr_null(handshake_new(core, half_open_sa(core, 3, 1)));
	ck_assert_ptr_nonnull(handshake_new(core, half_open_sa(core, 4, 2)));
	ours = half_open_sa(core, 5, 1);
	ours->initiator = true;
	ck_assert_ptr_nonnull(handshake_new(core, ours));
	handshake_free(core, ours->handshake);
	ck_assert_uint_eq(half_open_of_all_sources(core), 4);
	duo_free(duo);
}
END_TEST

static struct ike_handshake *add_over(struct ike_core *core, uint8_t number, uint8_t source)
{
	struct ike_handshake *handshake = handshake_new(core, half_open_sa(core, number, source));

	ck_assert_ptr_nonnull(handshake);
	handshake_keep(core, handshake, IKE_NEVER);
	return handshake;
}

/* Those whose SA is up give way to newcomers, the oldest first; those that are half-open do not. */
START_TEST(test_what_is_over_makes_room)
{
	struct duo *duo = quiet_duo(32);
	const struct ike_sa *first, *second, *third;
	struct ike_handshake *half_open, *middle;
	struct ike_core *core;

	duo->settings[DUO_A].limits.handshakes = 3;
	duo_start(duo);
	core = duo->core[DUO_A];
	first = add_over(core, 1, 1)->sa;
	middle = add_over(core, 2, 2);
	second = add_over(core, 3, 3)->sa;
	handshake_free(core, middle);
	half_open = handshake_new(core, half_open_sa(core, 4, 4));
	ck_assert_ptr_nonnull(half_open);
	ck_assert_ptr_nonnull(first->handshake);
	third = add_over(core, 5, 5)->sa;
	ck_assert_ptr_null(first->handshake);
	ck_assert_ptr_nonnull(second->handshake);
	ck_assert_ptr_nonnull(handshake_new(core, half_open_sa(core, 6, 6)));
	ck_assert_ptr_null(second->handshake);
	ck_assert_ptr_nonnull(handshake_new(core, half_open_sa(core, 7, 7)));
	ck_assert_ptr_null(third->handshake);
	ck_assert_ptr_eq(half_open->sa->handshake, half_open);
	ck_assert_ptr_null(handshake_new(core, half_open_sa(core, 8, 8)));
	ck_assert_ptr_null(core->oldest_over);
	ck_assert_ptr_null(core->newest_over);
	duo_free(duo);
}
END_TEST

/* One source with too many takes nobody else's. */
START_TEST(test_who_has_too_many_makes_no_room)
{
	struct duo *duo = quiet_duo(35);
	struct ike_handshake *over;
	struct ike_core *core;

	duo->settings[DUO_A].limits.handshakes = 2;
	duo->settings[DUO_A].limits.handshakes_per_source = 1;
	duo_start(duo);
	core = duo->core[DUO_A];
	over = add_over(core, 1, 1);
	ck_assert_ptr_nonnull(handshake_new(core, half_open_sa(core, 2, 2)));
	ck_assert_ptr_null(handshake_new(core, half_open_sa(core, 3, 2)));
	ck_assert_ptr_eq(core->oldest_over, over);
	ck_assert_ptr_nonnull(handshake_new(core, half_open_sa(core, 4, 3)));
	ck_assert_ptr_null(core->oldest_over);
	/* a refusal for the limit of all counts for nobody */
	ck_assert_ptr_null(handshake_new(core, half_open_sa(core, 5, 4)));
	ck_assert_uint_eq(half_open_of_all_sources(core), 2);
	duo_free(duo);
}
END_TEST

/* AM3 is all that the responder waits for. */
START_TEST(test_our_last_message_stays)
{
	struct duo *duo = quiet_duo(33);
	struct ike_handshake *ours;
	struct ike_core *core;
	struct ike_sa *sa;

	duo->settings[DUO_A].limits.handshakes = 1;
	duo_start(duo);
	core = duo->core[DUO_A];
	sa = half_open_sa(core, 1, 1);
	sa->initiator = true;
	ours = handshake_new(core, sa);
	ck_assert_ptr_nonnull(ours);
	handshake_keep(core, ours, IKE_NEVER);
	ck_assert_ptr_null(handshake_new(core, half_open_sa(core, 2, 2)));
	ck_assert_ptr_eq(sa->handshake, ours);
	duo_free(duo);
}
END_TEST

/* Nor does it count against the next one from the same source: many may be behind one NAT. */
START_TEST(test_what_is_over_is_not_half_open)
{
	struct duo *duo = quiet_duo(34);
	struct ike_core *core;

	duo->settings[DUO_A].limits.handshakes_per_source = 1;
	duo_start(duo);
	core = duo->core[DUO_A];
	for (uint8_t i = 0; i < 5; i++)
		(void)add_over(core, i, 1);
	ck_assert_uint_eq(half_open_of_all_sources(core), 0);
	ck_assert_uint_eq(core->handshakes, 5);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("handshake_places", test_limit_of_all, test_places_for_our_own_calls,
	  test_limit_of_one_source, test_what_is_over_makes_room,
	  test_who_has_too_many_makes_no_room, test_our_last_message_stays,
	  test_what_is_over_is_not_half_open)
