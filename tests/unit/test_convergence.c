/* SPDX-License-Identifier: ISC */
/*
 * test_convergence.c - two nodes on a bad network, rebooted at any moment: when the network is good again, both hold the same
 * one SA.  Seeded: a failure names its seed, and that seed fails again.
 *
 * Phase one is two and a half minutes (virtual) of loss, repeats, reordering and reboots, during which nothing is demanded but
 * that nobody crashes, leaks or accepts what he should not.  In phase two the network is good, and progress is demanded.
 */
#include <string.h>

#include "tests/support/duo.h"
#include "tests/support/unit.h"

#define SEEDS     400
#define BAD_TIME  150 /* seconds */
#define GOOD_TIME 120

struct weather {
	struct random_source random;
	uint32_t loss, repeats, delays; /* per cent */
};

static bool bad_network(struct duo *duo, struct duo_datagram *datagram)
{
	struct weather *weather = duo->context;

	if (random_below(&weather->random, 100) < weather->loss)
		return false;
	if (random_below(&weather->random, 100) < weather->repeats)
		(void)duo_inject(duo, datagram->to, datagram->data, datagram->length);
	if (random_below(&weather->random, 100) < weather->delays)
		datagram->at += random_below(&weather->random, 2000) * IKE_MILLISECOND;
	return true;
}

/* A duo remembers everything; a long run need not. */
static void forget_what_is_over(struct duo *duo)
{
	size_t kept = 0;

	for (size_t i = 0; i < duo->datagrams; i++)
		if (!duo->datagram[i].gone)
			duo->datagram[kept++] = duo->datagram[i];
	duo->datagrams = kept;
	duo->events[DUO_A] = duo->events[DUO_B] = 0;
}

static void run_seconds(struct duo *duo, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		duo_run(duo, IKE_SECOND);
		forget_what_is_over(duo);
	}
}

static void run_bad_time(struct duo *duo, struct weather *weather)
{
	for (unsigned i = 0; i < BAD_TIME; i++) {
		run_seconds(duo, 1);
		if (random_below(&weather->random, 40) == 0) {
			enum duo_node node = random_below(&weather->random, 2) == 0 ? DUO_A : DUO_B;

			duo_reboot(duo, node);
			duo_connect(duo, node);
		}
	}
}

/* The one SA that the node uses; others may still be there for their last seconds. */
static struct ike_sa_status sa_in_use(const struct duo *duo, enum duo_node node, uint32_t seed)
{
	struct ike_sa_status status = {0};
	size_t count = duo_in_use(duo, node, &status);

	ck_assert_msg(count == 1, "seed %u: node %d uses %zu SAs", seed, node, count);
	return status;
}

static void expect_the_same_keys(struct duo *duo, const struct ike_sa_status *sa, uint32_t seed)
{
	struct ike_keys a, b;

	ck_assert(ike_export_keys(duo->core[DUO_A], sa->cky_i, sa->cky_r, &a));
	ck_assert_msg(ike_export_keys(duo->core[DUO_B], sa->cky_i, sa->cky_r, &b) &&
			  memcmp(a.key, b.key, sizeof(a.key)) == 0,
		      "seed %u: the two do not hold the same SA", seed);
}

static void one_seed(uint32_t seed)
{
	struct weather weather = {.repeats = 5, .delays = 10};
	uint8_t bytes[RANDOM_SEED_LENGTH] = {(uint8_t)seed, (uint8_t)(seed >> 8)};
	struct duo *duo = duo_new((uint8_t)seed);
	struct ike_sa_status sa;

	random_seeded(&weather.random, bytes);
	weather.loss = random_below(&weather.random, 35);
	duo->deliver = bad_network;
	duo->context = &weather;
	duo_start(duo);
	duo_connect(duo, DUO_A);
	if (seed % 2 == 1)
		duo_connect(duo, DUO_B);
	run_bad_time(duo, &weather);
	duo->deliver = NULL;
	run_seconds(duo, GOOD_TIME);
	sa = sa_in_use(duo, DUO_A, seed);
	(void)sa_in_use(duo, DUO_B, seed);
	expect_the_same_keys(duo, &sa, seed);
	duo_free(duo);
}

START_TEST(test_both_end_with_the_same_sa)
{
	for (uint32_t seed = 0; seed < SEEDS; seed++)
		one_seed(seed);
}
END_TEST

UNIT_MAIN("convergence", test_both_end_with_the_same_sa)
