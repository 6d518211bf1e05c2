/* SPDX-License-Identifier: ISC */
/*
 * The ping through the tunnel on a network that loses packets, for days: how many of its black holes end in death although everybody
 * lives.  PING_LOSS_HOURS in the environment asks for more of virtual time, and prints what has been counted.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/duo_pings.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

#define HOUR      (3600 * IKE_SECOND)
#define LOSS      200 /* per mille, each way */
#define MISSED    (1 - 0.8 * 0.8)
#define ON_A_HOLE (MISSED * MISSED * MISSED) /* three requests in a row */
#define TICK      (2 * IKE_MILLISECOND)      /* of the wheel of timers */

static struct duo_pings pings;

/* As fast as the ping is to be, the questions beside it are. */
static void begin(uint8_t seed, const struct tunnel_ping_plan *plan, ike_time repeats_after)
{
	struct keepalive_settings settings;
	char text[200];
	struct duo *duo = duo_new(seed);

	(void)duo_tunnel(duo, "aes128-sha1");
	duo->peer[DUO_A].tunnel[0].lifetime = duo->peer[DUO_B].tunnel[0].lifetime = 86400;
	keepalive_settings_default(&settings);
	settings.detect = tunnel_ping_latest(plan);
	ck_assert_int_eq(keepalive_plan(&settings, &duo->keepalive[DUO_A].plan, text, sizeof(text)),
			 KEEPALIVE_PLAN_OK);
	duo_pings_begin(&pings, duo, plan);
	pings.repeats_after = repeats_after;
}

static double lose(uint8_t seed, ike_time interval, ike_time repeats_after)
{
	const char *text = getenv("PING_LOSS_HOURS");
	unsigned hours = text != NULL      ? (unsigned)strtoul(text, NULL, 10)
			 : SIEGE_SANITIZED ? 5
					   : 50;
	struct tunnel_ping_plan plan = {
	    .interval = interval, .misses = 3, .only_when_silent = true};
	double share;

	begin(seed, &plan, repeats_after);
	pings.loss = LOSS;
	duo_pings_run(&pings, hours * HOUR);
	share = (double)pings.second_deaths / (double)pings.holes;
	if (text != NULL)
		fprintf(
		    stderr,
		    "interval %.2f s, QM2 repeated after %.0f s: %zu requests, %zu black holes, "
		    "%zu of them deaths (%.2f %%), %zu deaths else\n",
		    (double)interval / IKE_SECOND,
		    repeats_after == 0 ? 1.0 : (double)repeats_after / IKE_SECOND, pings.requests,
		    pings.holes, pings.second_deaths, 100 * share, pings.first_deaths);
	ck_assert_uint_ge(pings.holes, 20 * hours); /* it was as bad as it was meant to be */
	ck_assert_uint_gt(pings.carried, 0);
	duo_pings_end(&pings);
	return share;
}

/*
 * What a lost QM3 keeps from the other side is not held against the new pair: besides as many requests as make a verdict, the one
 * that leaves with the first verdict has to be missed.
 */
START_TEST(a_second_verdict_needs_as_many_misses_again)
{
	ck_assert_double_le(lose(1, 2250 * IKE_MILLISECOND, 0), MISSED * ON_A_HOLE);
}
END_TEST

START_TEST(a_peer_may_take_its_time_to_repeat_itself)
{
	ck_assert_double_le(lose(2, 2250 * IKE_MILLISECOND, 4 * IKE_SECOND), ON_A_HOLE);
}
END_TEST

START_TEST(a_true_hole_is_noticed_as_promised)
{
	struct tunnel_ping_plan plan;
	ike_time cut, up;

	tunnel_ping_plan_default(&plan);
	begin(3, &plan, 0);
	duo_pings_run(&pings, 60 * IKE_SECOND);
	ck_assert_uint_eq(pings.holes, 0);
	pings.esp_cut = true;
	cut = pings.duo->now;
	duo_pings_run(&pings, tunnel_ping_latest(&plan) + IKE_SECOND);
	ck_assert_uint_eq(pings.holes, 1);
	ck_assert_uint_le(pings.holed_at, cut + tunnel_ping_latest(&plan) + TICK);
	up = pings.up_at;
	ck_assert_uint_gt(up, pings.holed_at);
	duo_pings_run(&pings, TUNNEL_PING_GRACE + tunnel_ping_latest(&plan));
	ck_assert_uint_eq(pings.second_deaths, 1);
	ck_assert_uint_ge(pings.died_at, up + TUNNEL_PING_GRACE + tunnel_ping_earliest(&plan));
	ck_assert_uint_le(pings.died_at, up + TUNNEL_PING_GRACE + tunnel_ping_latest(&plan) + TICK);
	duo_pings_end(&pings);
}
END_TEST

UNIT_MAIN("ping_loss", a_second_verdict_needs_as_many_misses_again,
	  a_peer_may_take_its_time_to_repeat_itself, a_true_hole_is_noticed_as_promised)
