/* SPDX-License-Identifier: ISC */
#include "keepalive/recovery.h"

#include <string.h>

#include "tests/support/unit.h"

#define SECONDS(n) ((ike_time)((n)*1e6))
#define NOTHING    UINT32_MAX

static struct recovery_settings settings;
static struct recovery recovery;
static struct ike_extension_answer answer;
static ike_time now;
static uint32_t gateways, dice;

static void begin(uint32_t how_many)
{
	recovery_settings_default(&settings);
	recovery = (struct recovery){0};
	now = SECONDS(1000);
	gateways = how_many;
	dice = 0;
}

static void happens(enum ike_extension_peer_happening happening, uint32_t gateway)
{
	struct ike_extension_peer_input input = {
	    .happening = happening,
	    .now = now,
	    .random = dice,
	    .gateway = gateway,
	    .gateways = gateways,
	};

	memset(&answer, 0, sizeof(answer));
	recovery_step(&recovery, &settings, &input, &answer);
}

/* The deadline that is set comes. */
static void time_comes(void)
{
	ck_assert_uint_ne(recovery.wake, IKE_NEVER);
	now = recovery.wake;
	happens(IKE_EXTENSION_PEER_TIME, 0);
}

/* The gateway of the action of this kind in the last answer; NOTHING where there is none. */
static uint32_t acted(enum ike_extension_action_kind kind)
{
	for (size_t i = 0; i < answer.actions; i++)
		if (answer.action[i].kind == kind)
			return answer.action[i].gateway;
	return NOTHING;
}

static const struct ike_extension_report *reported(enum ike_extension_report_kind kind)
{
	for (size_t i = 0; i < answer.reports; i++)
		if (answer.report[i].kind == kind)
			return &answer.report[i];
	return NULL;
}

static void does_nothing(void)
{
	ck_assert_uint_eq(answer.actions, 0);
	ck_assert_uint_eq(answer.reports, 0);
}

/* A call to `gateway` comes after `wait`, and is made. */
static void calls_after(uint32_t gateway, ike_time wait)
{
	ck_assert_int_eq(recovery.state, RECOVERY_WAITING);
	ck_assert_uint_eq(recovery.wake - now, wait);
	time_comes();
	ck_assert_uint_eq(acted(IKE_EXTENSION_CONNECT), gateway);
	ck_assert_uint_eq(recovery.wake, now + settings.attempt_timeout);
	ck_assert_int_eq(recovery.state, RECOVERY_CONNECTING);
}

static void is_up_on(uint32_t gateway)
{
	begin(3);
	happens(IKE_EXTENSION_PEER_UP, gateway);
	ck_assert_int_eq(recovery.state, RECOVERY_UP);
}

/* ---- what must not disturb ----------------------------------------------------------------------------------------- */

START_TEST(a_peer_without_gateways_is_never_called)
{
	begin(0);
	happens(IKE_EXTENSION_PEER_START, 0);
	does_nothing();
	happens(IKE_EXTENSION_PEER_UP, NOTHING);
	ck_assert_uint_eq(recovery.wake, IKE_NEVER);
	happens(IKE_EXTENSION_PEER_DEAD, NOTHING);
	ck_assert_uint_eq(recovery.wake, IKE_NEVER);
	ck_assert_uint_eq(acted(IKE_EXTENSION_CONNECT), NOTHING);
	ck_assert_ptr_null(reported(IKE_REPORT_RECOVERING));
	now += SECONDS(5);
	happens(IKE_EXTENSION_PEER_UP, NOTHING); /* it called */
	ck_assert_uint_eq(reported(IKE_REPORT_RECOVERED)->duration, SECONDS(5));
}
END_TEST

START_TEST(old_news_of_other_gateways)
{
	is_up_on(1);
	happens(IKE_EXTENSION_PEER_DEAD, 0);
	does_nothing();
	happens(IKE_EXTENSION_PEER_LOST, 2);
	does_nothing();
	happens(IKE_EXTENSION_PEER_FAILED, 1);
	does_nothing();
	ck_assert_int_eq(recovery.state, RECOVERY_UP);

	happens(IKE_EXTENSION_PEER_DEAD, 1);
	time_comes();
	ck_assert_int_eq(recovery.state, RECOVERY_CONNECTING);
	happens(IKE_EXTENSION_PEER_FAILED, 2);
	does_nothing();
	happens(IKE_EXTENSION_PEER_DEAD, 1);
	does_nothing();
	ck_assert_int_eq(recovery.state, RECOVERY_CONNECTING);
}
END_TEST

START_TEST(time_before_time)
{
	begin(1);
	dice = UINT32_MAX;
	happens(IKE_EXTENSION_PEER_START, 0);
	happens(IKE_EXTENSION_PEER_TIME, 0);
	ck_assert_uint_eq(answer.actions, 1);
	ck_assert_int_eq(answer.action[0].kind, IKE_EXTENSION_WAKE_AT);
	ck_assert_uint_eq(answer.action[0].at, recovery.wake);
	ck_assert_int_eq(recovery.state, RECOVERY_WAITING);
}
END_TEST

START_TEST(nothing_at_rest)
{
	begin(1);
	happens(IKE_EXTENSION_PEER_TIME, 0);
	happens(IKE_EXTENSION_PEER_FAILED, 0);
	does_nothing();
	happens(IKE_EXTENSION_PEER_LOST, 0);
	does_nothing();
	ck_assert_int_eq(recovery.state, RECOVERY_RESTING);
}
END_TEST

/* ---- start --------------------------------------------------------------------------------------------------------- */

/* A restarted node calls its peers within a second; this is no recovery, and not reported as one (R108). */
START_TEST(start)
{
	begin(2);
	happens(IKE_EXTENSION_PEER_START, 0);
	ck_assert_uint_eq(answer.reports, 0);
	calls_after(0, 0);
	begin(2);
	dice = UINT32_MAX;
	happens(IKE_EXTENSION_PEER_START, 0);
	ck_assert_uint_le(recovery.wake - now, SECONDS(1));
	ck_assert_uint_ge(recovery.wake - now, SECONDS(0.99));
	time_comes();
	happens(IKE_EXTENSION_PEER_START, 0); /* already at it */
	does_nothing();
	happens(IKE_EXTENSION_PEER_UP, 0);
	ck_assert_uint_eq(answer.reports, 0);
	ck_assert_uint_eq(recovery.wake, IKE_NEVER);
	happens(IKE_EXTENSION_PEER_START, 0);
	does_nothing();
}
END_TEST

/* Where START can only be the user's, it is obeyed at once; also in the middle of a long wait. */
START_TEST(start_by_the_user)
{
	begin(2);
	settings.connect_at_start = false;
	dice = UINT32_MAX;
	happens(IKE_EXTENSION_PEER_START, 0);
	calls_after(0, 0);
	for (int i = 0; i < 7; i++) {
		happens(IKE_EXTENSION_PEER_FAILED, recovery.gateway);
		time_comes();
	}
	happens(IKE_EXTENSION_PEER_FAILED, recovery.gateway);
	happens(IKE_EXTENSION_PEER_START, 0);
	calls_after(0, 0);
	ck_assert_uint_eq(recovery.failures, 0);
}
END_TEST

/* ---- death --------------------------------------------------------------------------------------------------------- */

START_TEST(death_is_followed_by_a_call_to_the_same_gateway) /* R100 */
{
	for (int lost = 0; lost < 2; lost++) {
		is_up_on(1);
		dice = UINT32_MAX;
		happens(lost ? IKE_EXTENSION_PEER_LOST : IKE_EXTENSION_PEER_DEAD, 1);
		ck_assert_uint_le(recovery.wake - now, SECONDS(0.5));
		ck_assert_uint_eq(reported(IKE_REPORT_RECOVERING)->gateway, 1);
		ck_assert_uint_eq(reported(IKE_REPORT_RECOVERING)->value, 1);
		ck_assert_uint_eq(reported(IKE_REPORT_RECOVERING)->duration, recovery.wake - now);
		time_comes();
		ck_assert_uint_eq(acted(IKE_EXTENSION_CONNECT), 1);
		now = recovery.since + SECONDS(3);
		happens(IKE_EXTENSION_PEER_UP, 1);
		ck_assert_uint_eq(reported(IKE_REPORT_RECOVERED)->gateway, 1);
		ck_assert_uint_eq(reported(IKE_REPORT_RECOVERED)->duration, SECONDS(3));
		ck_assert_uint_eq(acted(IKE_EXTENSION_ABANDON), NOTHING);
		happens(IKE_EXTENSION_PEER_UP, 1); /* renewed: once is enough */
		does_nothing();
	}
}
END_TEST

START_TEST(on_death_clear)
{
	is_up_on(0);
	settings.on_death = RECOVERY_CLEAR;
	happens(IKE_EXTENSION_PEER_DEAD, 0);
	ck_assert_int_eq(recovery.state, RECOVERY_RESTING);
	ck_assert_uint_eq(recovery.wake, IKE_NEVER);
	ck_assert_uint_eq(answer.reports, 0);
	happens(IKE_EXTENSION_PEER_UP, 0);
	ck_assert_ptr_null(reported(IKE_REPORT_RECOVERED));
}
END_TEST

/* Two gateways, two attempts each: at once, after a wait, the next at once, and later nothing at once (R102, R104). */
START_TEST(the_ladder)
{
	static const struct {
		uint32_t gateway, attempt;
		double wait;
	} rungs[] = {{0, 1, 0},  {0, 2, 1},  {1, 1, 0},  {1, 2, 4}, {0, 1, 8},
		     {0, 2, 16}, {1, 1, 32}, {1, 2, 60}, {0, 1, 60}};

	begin(2);
	happens(IKE_EXTENSION_PEER_UP, 0);
	happens(IKE_EXTENSION_PEER_DEAD, 0);
	for (size_t i = 0; i < sizeof(rungs) / sizeof(rungs[0]); i++) {
		ck_assert_uint_eq(reported(IKE_REPORT_RECOVERING)->value, rungs[i].attempt);
		ck_assert_uint_eq(reported(IKE_REPORT_RECOVERING)->gateway, rungs[i].gateway);
		calls_after(rungs[i].gateway, SECONDS(rungs[i].wait));
		if (i % 2) {
			happens(IKE_EXTENSION_PEER_FAILED, rungs[i].gateway);
			ck_assert_uint_eq(acted(IKE_EXTENSION_ABANDON), NOTHING);
		} else { /* takes too long */
			time_comes();
			ck_assert_uint_eq(acted(IKE_EXTENSION_ABANDON), rungs[i].gateway);
		}
	}
}
END_TEST

/* With one gateway, "the next" is the same, and no reason to hurry (R103). */
START_TEST(the_ladder_of_one)
{
	static const double waits[] = {0, 1, 2, 4, 8, 16, 32, 60, 60};

	begin(1);
	happens(IKE_EXTENSION_PEER_UP, 0);
	happens(IKE_EXTENSION_PEER_DEAD, 0);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		calls_after(0, SECONDS(waits[i]));
		happens(IKE_EXTENSION_PEER_FAILED, 0);
	}
}
END_TEST

START_TEST(waits_have_jitter_and_a_floor) /* R103 */
{
	begin(1);
	happens(IKE_EXTENSION_PEER_UP, 0);
	happens(IKE_EXTENSION_PEER_DEAD, 0);
	time_comes();
	dice = UINT32_MAX;
	happens(IKE_EXTENSION_PEER_FAILED, 0);
	ck_assert_uint_ge(recovery.wake - now, SECONDS(0.75));
	ck_assert_uint_lt(recovery.wake - now, SECONDS(0.76));

	begin(1);
	settings.backoff_first = settings.backoff_most = 0;
	happens(IKE_EXTENSION_PEER_START, 0);
	time_comes();
	recovery.failures = UINT32_MAX;
	happens(IKE_EXTENSION_PEER_FAILED, 0);
	ck_assert_uint_eq(recovery.wake - now, SECONDS(0.1));
}
END_TEST

/* ---- whoever calls first ------------------------------------------------------------------------------------------- */

START_TEST(the_peer_calls_first) /* R107 */
{
	is_up_on(0);
	happens(IKE_EXTENSION_PEER_DEAD, 0);
	happens(IKE_EXTENSION_PEER_UP, 0); /* while we wait */
	ck_assert_ptr_nonnull(reported(IKE_REPORT_RECOVERED));
	ck_assert_uint_eq(recovery.wake, IKE_NEVER);

	happens(IKE_EXTENSION_PEER_DEAD, 0);
	time_comes();
	happens(IKE_EXTENSION_PEER_UP, 2); /* from another of its addresses, while we call */
	ck_assert_uint_eq(acted(IKE_EXTENSION_ABANDON), 0);
	ck_assert_uint_eq(reported(IKE_REPORT_RECOVERED)->gateway, 2);
	ck_assert_uint_eq(recovery.gateway, 2);
	ck_assert_uint_eq(recovery.wake, now + settings.hold_down);
}
END_TEST

/* ---- return -------------------------------------------------------------------------------------------------------- */

static void is_returning_from(uint32_t gateway)
{
	is_up_on(gateway);
	ck_assert_uint_eq(recovery.wake, now + settings.hold_down);
	time_comes();
	ck_assert_uint_eq(acted(IKE_EXTENSION_CONNECT), 0);
	ck_assert_uint_eq(acted(IKE_EXTENSION_CLOSE), NOTHING);
	ck_assert_uint_eq(reported(IKE_REPORT_RETURNING)->gateway, 0);
	ck_assert_int_eq(recovery.state, RECOVERY_RETURNING);
}

START_TEST(return_to_the_first) /* R106 */
{
	is_returning_from(2);
	happens(IKE_EXTENSION_PEER_UP, 2); /* a renewal in between changes nothing */
	does_nothing();
	happens(IKE_EXTENSION_PEER_UP, 0);
	ck_assert_uint_eq(acted(IKE_EXTENSION_CLOSE), 2);
	ck_assert_uint_eq(acted(IKE_EXTENSION_ABANDON), NOTHING);
	ck_assert_uint_eq(recovery.gateway, 0);
	ck_assert_uint_eq(recovery.wake, IKE_NEVER);
	happens(IKE_EXTENSION_PEER_LOST, 2); /* the one that we closed */
	does_nothing();
}
END_TEST

/* A renewal, or the peer's own call, that took long: the first gateway answers while another is in use and none is called. */
START_TEST(the_first_comes_up_unasked)
{
	is_up_on(1);
	happens(IKE_EXTENSION_PEER_UP, 0);
	ck_assert_uint_eq(acted(IKE_EXTENSION_CLOSE), 1);
	ck_assert_uint_eq(recovery.gateway, 0);
	ck_assert_uint_eq(recovery.wake, IKE_NEVER);
	happens(IKE_EXTENSION_PEER_LOST, 1);
	does_nothing();
}
END_TEST

START_TEST(return_that_fails) /* R105, R106 */
{
	is_returning_from(1);
	happens(IKE_EXTENSION_PEER_FAILED, 0);
	ck_assert_int_eq(recovery.state, RECOVERY_UP);
	ck_assert_uint_eq(recovery.gateway, 1);
	ck_assert_uint_eq(recovery.wake, now + settings.hold_down);
	time_comes();
	ck_assert_uint_eq(acted(IKE_EXTENSION_CONNECT), 0);
	ck_assert_uint_eq(recovery.wake, now + settings.attempt_timeout);
	time_comes();
	ck_assert_uint_eq(acted(IKE_EXTENSION_ABANDON), 0);
	ck_assert_int_eq(recovery.state, RECOVERY_UP);
	ck_assert_uint_eq(recovery.gateway, 1);
}
END_TEST

/* The one that worked dies while the first is being called: that call is now the recovery. */
START_TEST(death_while_returning)
{
	ike_time wake;

	is_returning_from(1);
	happens(IKE_EXTENSION_PEER_DEAD, 2);
	does_nothing();
	wake = recovery.wake;
	happens(IKE_EXTENSION_PEER_DEAD, 1);
	ck_assert_uint_eq(answer.actions, 0);
	ck_assert_uint_eq(reported(IKE_REPORT_RECOVERING)->gateway, 0);
	ck_assert_uint_eq(recovery.wake, wake);
	ck_assert_int_eq(recovery.state, RECOVERY_CONNECTING);
	happens(IKE_EXTENSION_PEER_UP, 0);
	ck_assert_ptr_nonnull(reported(IKE_REPORT_RECOVERED));

	is_returning_from(1);
	settings.on_death = RECOVERY_CLEAR;
	happens(IKE_EXTENSION_PEER_DEAD, 1);
	ck_assert_uint_eq(acted(IKE_EXTENSION_ABANDON), 0);
	ck_assert_int_eq(recovery.state, RECOVERY_RESTING);
}
END_TEST

START_TEST(no_hold_down_no_return)
{
	begin(3);
	settings.hold_down = 0;
	happens(IKE_EXTENSION_PEER_UP, 1);
	ck_assert_uint_eq(recovery.wake, IKE_NEVER);
}
END_TEST

/* ---- close --------------------------------------------------------------------------------------------------------- */

START_TEST(closed_by_the_user)
{
	is_up_on(0);
	happens(IKE_EXTENSION_PEER_CLOSE, 0);
	ck_assert_int_eq(recovery.state, RECOVERY_RESTING);
	ck_assert_uint_eq(acted(IKE_EXTENSION_ABANDON), NOTHING);
	happens(IKE_EXTENSION_PEER_LOST, 0);
	does_nothing();

	happens(IKE_EXTENSION_PEER_UP, 1); /* it calls; that does not mean that we shall call it */
	ck_assert_uint_eq(recovery.wake, IKE_NEVER);
	happens(IKE_EXTENSION_PEER_DEAD, 1);
	ck_assert_int_eq(recovery.state, RECOVERY_RESTING);
	happens(IKE_EXTENSION_PEER_START, 0);
	time_comes();
	ck_assert_uint_eq(acted(IKE_EXTENSION_CONNECT), 0);
	happens(IKE_EXTENSION_PEER_CLOSE, 0);
	ck_assert_uint_eq(acted(IKE_EXTENSION_ABANDON), 0);
	ck_assert_uint_eq(recovery.wake, IKE_NEVER);

	is_returning_from(1);
	happens(IKE_EXTENSION_PEER_CLOSE, 0);
	ck_assert_uint_eq(acted(IKE_EXTENSION_ABANDON), 0);
	ck_assert_int_eq(recovery.state, RECOVERY_RESTING);
}
END_TEST

/* ---- other workers ------------------------------------------------------------------------------------------------- */

START_TEST(who_is_not_asked_does_not_call)
{
	begin(3);
	happens(IKE_EXTENSION_PEER_YIELD, 0);
	does_nothing();
	ck_assert_int_eq(recovery.state, RECOVERY_RESTING);
	/* but what the user has closed, he has opened again: it is looked after if it comes here */
	happens(IKE_EXTENSION_PEER_CLOSE, 0);
	happens(IKE_EXTENSION_PEER_YIELD, 0);
	happens(IKE_EXTENSION_PEER_UP, 1);
	happens(IKE_EXTENSION_PEER_DEAD, 1);
	ck_assert_int_eq(recovery.state, RECOVERY_WAITING);
}
END_TEST

START_TEST(up_at_another_worker)
{
	is_up_on(0); /* renewed there */
	happens(IKE_EXTENSION_PEER_ELSEWHERE, 0);
	ck_assert_int_eq(recovery.state, RECOVERY_RESTING);
	ck_assert_uint_eq(acted(IKE_EXTENSION_CLOSE), NOTHING);
	happens(IKE_EXTENSION_PEER_LOST, 0);
	does_nothing();

	is_returning_from(
	    1); /* the preferred one has called there: what we have is not needed, and our call may be answered */
	happens(IKE_EXTENSION_PEER_ELSEWHERE, 0);
	ck_assert_uint_eq(acted(IKE_EXTENSION_CLOSE), 1);
	ck_assert_uint_eq(acted(IKE_EXTENSION_ABANDON), NOTHING);
	ck_assert_uint_eq(recovery.wake, IKE_NEVER);

	is_up_on(0);
	happens(IKE_EXTENSION_PEER_DEAD, 0);
	time_comes();
	now += SECONDS(2);
	happens(IKE_EXTENSION_PEER_ELSEWHERE, 1); /* while we call the first */
	ck_assert_uint_eq(acted(IKE_EXTENSION_ABANDON), 0);
	ck_assert_uint_ge(reported(IKE_REPORT_RECOVERED)->duration, SECONDS(2));
	ck_assert_int_eq(recovery.state, RECOVERY_RESTING);
	happens(IKE_EXTENSION_PEER_FAILED, 0);
	does_nothing();
}
END_TEST

START_TEST(states_have_names)
{
	ck_assert_str_eq(recovery_state_name(RECOVERY_RESTING), "resting");
	ck_assert_str_eq(recovery_state_name(RECOVERY_RETURNING), "returning");
}
END_TEST

UNIT_MAIN("recovery", a_peer_without_gateways_is_never_called, old_news_of_other_gateways,
	  time_before_time, nothing_at_rest, start, start_by_the_user,
	  death_is_followed_by_a_call_to_the_same_gateway, on_death_clear, the_ladder,
	  the_ladder_of_one, waits_have_jitter_and_a_floor, the_peer_calls_first,
	  return_to_the_first, the_first_comes_up_unasked, return_that_fails, death_while_returning,
	  no_hold_down_no_return, closed_by_the_user, who_is_not_asked_does_not_call,
	  up_at_another_worker, states_have_names)
