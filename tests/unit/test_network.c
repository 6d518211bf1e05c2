/* SPDX-License-Identifier: ISC */
#include <math.h>

#include "interop/sim/network.h"
#include "tests/support/unit.h"

#define SENDS 200000

static struct network network;

/* Sends one datagram a second; the share that is lost, and how often one that follows a lost one is lost as well. */
static double lost(double *after_a_lost_one)
{
	ike_time arrives;
	unsigned count = 0, both = 0, before = 0;
	bool last = false;

	for (ike_time i = 0; i < SENDS; i++) {
		bool gone = !network_send(&network, NETWORK_OUT, i * IKE_SECOND, &arrives);

		count += gone;
		before += last;
		both += gone && last;
		last = gone;
	}
	*after_a_lost_one = before > 0 ? (double)both / before : 0;
	return (double)count / SENDS;
}

START_TEST(nothing_is_lost_where_nothing_is_to_be)
{
	struct network_settings settings = {.delay = 5};
	double after;

	network_begin(&network, &settings, 1, 0);
	ck_assert(lost(&after) == 0);
	settings.burst = IKE_SECOND; /* bursts of nothing */
	network_begin(&network, &settings, 1, 0);
	ck_assert(lost(&after) == 0);
}
END_TEST

START_TEST(losses_are_independent)
{
	static const double losses[] = {0.01, 0.2, 0.9};

	for (size_t i = 0; i < 3; i++) {
		struct network_settings settings = {.loss = losses[i]};
		double after;

		network_begin(&network, &settings, 1, i);
		ck_assert_double_eq_tol(lost(&after), losses[i], 0.004);
		ck_assert_double_eq_tol(after, losses[i], 0.03);
	}
}
END_TEST

/* From bad weather it is bad again a second later with l + (1 - l) exp(-(1 / bad + 1 / good)): two states in continuous time. */
START_TEST(losses_come_in_bursts)
{
	struct network_settings settings = {.loss = 0.2, .burst = 4 * IKE_SECOND};
	double after, expected = 0.2 + 0.8 * exp(-(1.0 / 4 + 1.0 / 16));

	network_begin(&network, &settings, 1, 0);
	ck_assert_double_eq_tol(lost(&after), 0.2, 0.01);
	ck_assert_double_eq_tol(after, expected, 0.02);
}
END_TEST

START_TEST(the_weather_may_be_bad_from_the_start)
{
	struct network_settings settings = {.loss = 0.3, .burst = 10 * IKE_SECOND};
	unsigned bad = 0;

	for (uint64_t peer = 0; peer < 10000; peer++) {
		network_begin(&network, &settings, 1, peer);
		bad += network.way[NETWORK_BACK].bad;
	}
	ck_assert_double_eq_tol(bad / 1e4, 0.3, 0.02);
}
END_TEST

START_TEST(delay_is_spread_evenly)
{
	struct network_settings settings = {.delay = 1000, .jitter = 100};
	ike_time arrives, least = IKE_NEVER, most = 0;
	double sum = 0;

	network_begin(&network, &settings, 1, 0);
	for (ike_time now = 0; now < SENDS; now++) {
		ike_time took;

		ck_assert(network_send(&network, NETWORK_BACK, now, &arrives));
		took = arrives - now;
		least = took < least ? took : least;
		most = took > most ? took : most;
		sum += (double)took;
	}
	ck_assert_uint_eq(least, 900);
	ck_assert_uint_eq(most, 1100);
	ck_assert_double_eq_tol(sum / SENDS, 1000, 1);
}
END_TEST

/* Whoever sends, and whatever was sent before: in a moment there is one fate. */
static bool fate(const struct network_settings *settings, uint64_t peer,
		 enum network_direction direction, ike_time now, ike_time step, ike_time *arrives)
{
	unsigned came = 0;

	network_begin(&network, settings, 1, peer);
	for (ike_time before = 0; step > 0 && before < now; before += step)
		came += network_send(&network, direction, before, arrives);
	ck_assert(step == 0 || now < 20 * step || came > 0);
	*arrives = 0;
	return network_send(&network, direction, now, arrives);
}

START_TEST(all_methods_see_one_network)
{
	struct network_settings settings = {.loss = 0.3, .delay = 50000, .jitter = 10000};
	unsigned others = 0;

	for (unsigned i = 0; i < 200; i++) {
		ike_time now = i * 1234567, arrives, again;
		bool came;

		settings.burst = i % 2 == 0 ? 0 : 2 * IKE_SECOND;
		came = fate(&settings, 5, NETWORK_OUT, now, 0, &arrives);
		ck_assert(fate(&settings, 5, NETWORK_OUT, now, IKE_SECOND, &again) == came);
		ck_assert_uint_eq(again, arrives);
		ck_assert(fate(&settings, 5, NETWORK_OUT, now, 777777, &again) == came);
		ck_assert_uint_eq(again, arrives);
		others += fate(&settings, 6, NETWORK_OUT, now, 0, &again) != came;
		others += fate(&settings, 5, NETWORK_BACK, now, 0, &again) != came;
	}
	ck_assert_uint_gt(others, 100); /* 400 x 2 x 0.3 x 0.7 on average */
}
END_TEST

UNIT_MAIN("network", nothing_is_lost_where_nothing_is_to_be, losses_are_independent,
	  losses_come_in_bursts, the_weather_may_be_bad_from_the_start, delay_is_spread_evenly,
	  all_methods_see_one_network)
