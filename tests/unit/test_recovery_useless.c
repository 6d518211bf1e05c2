/* SPDX-License-Identifier: ISC */
/*
 * test_recovery_useless.c - the ladder, where IKE answers at a gateway and nothing comes through its tunnels.
 */
#include "tests/support/unit.h"

#include "keepalive/recovery.h"

#define NOW   (1000 * IKE_SECOND)
#define NEVER UINT32_MAX

static struct recovery_settings settings;
static struct recovery recovery;
static struct ike_extension_answer answer;

static void told(enum ike_extension_peer_happening happening, uint32_t gateway, uint32_t gateways,
		 ike_time now)
{
	const struct ike_extension_peer_input input = {
	    .happening = happening, .now = now, .gateway = gateway, .gateways = gateways};

	answer = (struct ike_extension_answer){.actions = 0};
	recovery_step(&recovery, &settings, &input, &answer);
}

static void is_up(uint32_t gateway, uint32_t gateways)
{
	recovery_settings_default(&settings);
	recovery = (struct recovery){0};
	told(IKE_EXTENSION_PEER_UP, gateway, gateways, NOW);
	ck_assert_int_eq(recovery.state, RECOVERY_UP);
}

/* Which gateway is called next, without having waited for long. */
static uint32_t next_called(uint32_t gateways)
{
	ck_assert_int_eq(recovery.state, RECOVERY_WAITING);
	ck_assert(recovery.wake <= NOW + IKE_SECOND / 2);
	told(IKE_EXTENSION_PEER_TIME, NEVER, gateways, recovery.wake);
	for (size_t i = 0; i < answer.actions; i++)
		if (answer.action[i].kind == IKE_EXTENSION_CONNECT)
			return answer.action[i].gateway;
	return NEVER;
}

START_TEST(the_next_is_called)
{
	is_up(1, 3);
	told(IKE_EXTENSION_PEER_USELESS, 0, 3, NOW); /* not of the one in use */
	ck_assert_uint_eq(answer.actions, 0);
	told(IKE_EXTENSION_PEER_USELESS, 1, 3, NOW);
	ck_assert_uint_eq(answer.report[0].kind, IKE_REPORT_RECOVERING);
	ck_assert_uint_eq(answer.report[0].gateway, 2);
	ck_assert_uint_eq(next_called(3), 2);
	is_up(2, 3); /* the last of the list */
	told(IKE_EXTENSION_PEER_USELESS, 2, 3, NOW);
	ck_assert_uint_eq(next_called(3), 0);
}
END_TEST

/* There is no other to be called: after a while it may be of use again. */
START_TEST(the_only_one)
{
	is_up(0, 1);
	told(IKE_EXTENSION_PEER_USELESS, 0, 1, NOW);
	ck_assert_uint_eq(next_called(1), 0);
	is_up(NEVER, 0); /* one who calls us */
	told(IKE_EXTENSION_PEER_USELESS, NEVER, 0, NOW);
	ck_assert_uint_eq(recovery.wake, IKE_NEVER);
}
END_TEST

START_TEST(cleared)
{
	is_up(0, 2);
	settings.on_death = RECOVERY_CLEAR;
	told(IKE_EXTENSION_PEER_USELESS, 0, 2, NOW);
	ck_assert_int_eq(recovery.state, RECOVERY_RESTING);
}
END_TEST

/* A first gateway that was of no use would take the peer away from one that is: not so soon, unless the user says otherwise. */
START_TEST(return_to_it)
{
	is_up(0, 2);
	told(IKE_EXTENSION_PEER_USELESS, 0, 2, NOW);
	ck_assert_uint_eq(next_called(2), 1);
	told(IKE_EXTENSION_PEER_UP, 1, 2, NOW);
	ck_assert_uint_eq(recovery.wake, NOW + 8 * settings.hold_down);
	told(IKE_EXTENSION_PEER_DEAD, 1, 2, NOW);
	told(IKE_EXTENSION_PEER_START, NEVER, 2, NOW);
	told(IKE_EXTENSION_PEER_UP, 1, 2, NOW);
	ck_assert_uint_eq(recovery.wake, NOW + settings.hold_down);
	/* old news of the other one, once the first is in use again, is no news of the first */
	is_up(0, 2);
	recovery.useless = true;
	told(IKE_EXTENSION_PEER_LOST, 1, 2, NOW);
	ck_assert(recovery.useless);
	told(IKE_EXTENSION_PEER_LOST, 0, 2, NOW);
	ck_assert(!recovery.useless);
	/* the second one says nothing about the first */
	is_up(1, 2);
	told(IKE_EXTENSION_PEER_USELESS, 1, 2, NOW);
	ck_assert_uint_eq(next_called(2), 0);
	told(IKE_EXTENSION_PEER_DEAD, 0, 2, NOW);
	told(IKE_EXTENSION_PEER_UP, 1, 2, NOW);
	ck_assert_uint_eq(recovery.wake, NOW + settings.hold_down);
}
END_TEST

UNIT_MAIN("recovery_useless", the_next_is_called, the_only_one, cleared, return_to_it)
