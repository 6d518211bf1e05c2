/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/sim/pair.h"
#include "tests/support/keepalive_world.h"
#include "tests/support/unit.h"

#define HOUR (3600 * IKE_SECOND)

static struct pair_settings settings;
static struct machine_rules rules;
static struct pair pair;

static void use(enum machine_kind kind)
{
	settings = (struct pair_settings){
	    .network = {.delay = 50 * IKE_MILLISECOND}, .traffic_interval = IKE_SECOND, .seed = 1};
	rules = (struct machine_rules){
	    .kind = kind,
	    .plan = world_simple_plan(KEEPALIVE_PERIODIC),
	    .heartbeat = {.interval = 20 * IKE_SECOND, .losses = 3, .window = 5 * IKE_SECOND},
	    .ping = {.interval = 10 * IKE_SECOND, .misses = 3}};
}

static struct pair_counts live(ike_time until)
{
	struct pair_counts counts;

	pair_begin(&pair, &settings, &rules, 0);
	pair_live(&pair, until);
	counts = pair.counts;
	pair_end(&pair);
	return counts;
}

static ike_time die(uint64_t peer, ike_time when)
{
	ike_time took;

	pair_begin(&pair, &settings, &rules, peer);
	took = pair_die(&pair, when);
	pair_end(&pair);
	return took;
}

static const enum machine_kind kinds[] = {MACHINE_KEEPALIVE, MACHINE_HEARTBEAT, MACHINE_PING};

/* Nothing comes through: each method declares a death at its bound, again and again; a ping's first request comes an interval late. */
START_TEST(a_cut_is_a_death_at_the_bound)
{
	static const uint64_t deaths[] = {3600 / 20, 3600 / 65, 3600 / 40};

	for (size_t i = 0; i < 3; i++) {
		use(kinds[i]);
		settings.network.loss = 0.9999999;
		ck_assert_uint_eq(live(HOUR).false_deaths, deaths[i]);
	}
}
END_TEST

START_TEST(nobody_dies_where_nothing_is_lost)
{
	for (size_t i = 0; i < 3; i++) {
		struct pair_counts counts;

		use(kinds[i]);
		counts = live(HOUR);
		ck_assert_uint_eq(counts.false_deaths, 0);
		ck_assert_uint_gt(counts.steps, 100);
	}
}
END_TEST

START_TEST(what_it_costs)
{
	struct pair_counts counts;

	use(MACHINE_HEARTBEAT);
	counts = live(HOUR);
	ck_assert_uint_eq(counts.messages[PAIR_WATCHER], 0);
	ck_assert_uint_eq(counts.messages[PAIR_WATCHED], 180);
	settings.mutual = true;
	counts = live(HOUR);
	ck_assert_uint_eq(counts.messages[PAIR_WATCHER], 180);
	ck_assert_uint_eq(counts.messages[PAIR_WATCHED], 180);
	use(MACHINE_PING);
	counts = live(HOUR);
	ck_assert_uint_eq(counts.messages[PAIR_WATCHER], 360);
	ck_assert_uint_eq(counts.messages[PAIR_WATCHED],
			  359); /* the last request is still under way */
	use(MACHINE_KEEPALIVE);
	counts = live(HOUR);
	ck_assert_uint_eq(counts.messages[PAIR_WATCHER], counts.messages[PAIR_WATCHED]);
	ck_assert_uint_ge(counts.messages[PAIR_WATCHER], 3600 / 10.1);
	ck_assert_uint_le(counts.messages[PAIR_WATCHER], 3600 / 9.0);
}
END_TEST

/* A question that proves its sender's life is one that the other end need not put (R41). */
START_TEST(who_is_asked_need_not_ask)
{
	uint64_t alone, both;

	use(MACHINE_KEEPALIVE);
	alone = live(24 * HOUR).messages[PAIR_WATCHER];
	settings.mutual = true;
	{
		struct pair_counts counts = live(24 * HOUR);

		both = counts.messages[PAIR_WATCHER] + counts.messages[PAIR_WATCHED];
	}
	ck_assert_uint_gt(both, 2 * alone);
	ck_assert_uint_lt(both, 2 * alone * 12 / 10);
}
END_TEST

START_TEST(traffic_saves_questions_only_if_it_comes_back)
{
	uint64_t none, out;

	use(MACHINE_KEEPALIVE);
	none = live(HOUR).messages[PAIR_WATCHER];
	settings.traffic = TRAFFIC_OUT;
	out = live(HOUR).messages[PAIR_WATCHER];
	ck_assert_uint_ge(out, none * 9 / 10);
	settings.traffic = TRAFFIC_BOTH; /* a packet a second: silence of nine is very rare */
	ck_assert_uint_le(live(HOUR).messages[PAIR_WATCHER], 2);
}
END_TEST

START_TEST(heartbeats_and_ping_do_not_look_at_traffic)
{
	for (size_t i = 1; i < 3; i++) {
		struct pair_counts none, both;

		use(kinds[i]);
		settings.network.loss = 0.3;
		none = live(24 * HOUR);
		settings.traffic = TRAFFIC_BOTH;
		both = live(24 * HOUR);
		ck_assert_uint_eq(none.false_deaths, both.false_deaths);
		ck_assert_mem_eq(none.messages, both.messages, sizeof(none.messages));
	}
}
END_TEST

/* Timeout 2.5 s, delay 5 s: whatever is heard belongs to an SA that is gone. */
START_TEST(nothing_of_an_old_sa_is_heard)
{
	use(MACHINE_HEARTBEAT);
	settings.network.delay = 5 * IKE_SECOND;
	rules.heartbeat = (struct heartbeat_numbers){
	    .interval = IKE_SECOND, .losses = 2, .window = IKE_SECOND / 2};
	ck_assert_uint_eq(live(100 * IKE_SECOND).false_deaths, 40);
}
END_TEST

/* What was under way when the peer died may still arrive, and no more than that. */
START_TEST(a_real_death_is_noticed_within_the_bound)
{
	static const double losses[] = {0, 0.2, 0.6};

	for (size_t i = 0; i < 9; i++) {
		ike_time bound, least = IKE_NEVER, most = 0;

		use(kinds[i / 3]);
		settings.network.loss = losses[i % 3];
		settings.network.jitter = 20 * IKE_MILLISECOND;
		settings.traffic = TRAFFIC_OUT;
		bound = machine_bound(&rules);
		for (uint64_t peer = 0; peer < 200; peer++) {
			ike_time took = die(peer, HOUR + peer * 654321);

			least = took < least ? took : least;
			most = took > most ? took : most;
		}
		ck_assert_uint_le(most, bound + 70 * IKE_MILLISECOND);
		ck_assert_uint_ge(most, bound * 8 / 10);
		if (losses[i % 3] == 0) /* silent for no longer than an interval when it dies */
			ck_assert_uint_ge(least, bound * 4 / 10);
	}
}
END_TEST

START_TEST(the_dead_say_nothing)
{
	use(MACHINE_KEEPALIVE);
	settings.traffic = TRAFFIC_BOTH;
	pair_begin(&pair, &settings, &rules, 0);
	pair_live(&pair, HOUR);
	{
		uint64_t before = pair.counts.messages[PAIR_WATCHED];

		(void)pair_die(&pair, HOUR);
		ck_assert_uint_eq(pair.counts.messages[PAIR_WATCHED], before);
		ck_assert_uint_eq(pair.counts.false_deaths, 0);
		ck_assert_uint_ge(pair.noticed, HOUR + 15 * IKE_SECOND);
	}
	pair_end(&pair);
}
END_TEST

START_TEST(equal_seeds_give_equal_lives)
{
	for (size_t i = 0; i < 3; i++) {
		struct pair_counts once, again, other;

		use(kinds[i]);
		settings.network = (struct network_settings){
		    .loss = 0.4, .delay = 50000, .jitter = 10000, .burst = IKE_SECOND};
		settings.traffic = TRAFFIC_BOTH;
		settings.traffic_interval = 20 * IKE_SECOND;
		settings.mutual = true;
		once = live(24 * HOUR);
		again = live(24 * HOUR);
		settings.seed = 2;
		other = live(24 * HOUR);
		ck_assert_mem_eq(&once, &again, sizeof(once));
		ck_assert_mem_ne(&once, &other, sizeof(once));
	}
}
END_TEST

UNIT_MAIN("pair", a_cut_is_a_death_at_the_bound, nobody_dies_where_nothing_is_lost, what_it_costs,
	  who_is_asked_need_not_ask, traffic_saves_questions_only_if_it_comes_back,
	  heartbeats_and_ping_do_not_look_at_traffic, nothing_of_an_old_sa_is_heard,
	  a_real_death_is_noticed_within_the_bound, the_dead_say_nothing,
	  equal_seeds_give_equal_lives)
