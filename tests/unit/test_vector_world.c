/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_world.h"

#include <string.h>

#include "interop/vectors/vector_play.h"
#include "tests/support/made.h"
#include "tests/support/unit.h"

static bool lose_all(struct vector_world *world, struct vector_datagram *datagram)
{
	(void)world;
	(void)datagram;
	return false;
}

START_TEST(test_what_is_lost_is_not_delivered)
{
	struct vector_set set = made_sample("sample");
	struct fault fault;
	struct vector_world *world = vector_world_new(&set, &fault);

	ck_assert_ptr_nonnull(world);
	world->alter = lose_all;
	vector_play_start(world);
	ck_assert_uint_gt(world->datagrams, 0);
	for (size_t i = 0; i < world->datagrams; i++)
		ck_assert(!world->datagram[i].delivered);
	ck_assert_uint_eq(world->end[VECTOR_B].established, 0);
	vector_world_free(world);
}
END_TEST

START_TEST(test_who_is_gone_hears_nothing)
{
	struct vector_set set = made_sample("sample");
	struct vector_world *world = made_world(&set);
	size_t before = world->datagrams;

	vector_world_crash(world, VECTOR_B);
	vector_world_command(world, VECTOR_A, IKE_COMMAND_ASK_NOW);
	ck_assert_uint_gt(world->datagrams, before);
	for (size_t i = before; i < world->datagrams; i++)
		ck_assert(!world->datagram[i].delivered);
	vector_world_free(world);
}
END_TEST

START_TEST(test_more_than_there_is_room_for)
{
	struct vector_set set = made_sample("sample");
	struct vector_world *world = made_world(&set);

	for (size_t i = 0; i < VECTOR_DATAGRAMS; i++)
		vector_world_inject(world, VECTOR_A, octets_of((const uint8_t *)"x", 1), false);
	ck_assert_uint_eq(world->datagrams, VECTOR_DATAGRAMS);
	ck_assert(world->overrun);
	vector_world_free(world);
}
END_TEST

START_TEST(test_it_is_the_name_that_seeds)
{
	struct vector_set set = made_sample("sample"), other = made_sample("another");
	struct vector_world *one = made_world(&set), *same = made_world(&set), *two;

	ck_assert_uint_eq(one->datagrams, same->datagrams);
	for (size_t i = 0; i < one->datagrams; i++) {
		ck_assert_uint_eq(one->datagram[i].at, same->datagram[i].at);
		ck_assert_uint_eq(one->datagram[i].length, same->datagram[i].length);
		ck_assert_mem_eq(one->datagram[i].data, same->datagram[i].data,
				 one->datagram[i].length);
	}
	two = made_world(&other);
	ck_assert_mem_ne(one->datagram[0].data, two->datagram[0].data, IKE_COOKIE_LENGTH);
	other = set;
	other.variant = 1;
	vector_world_free(two);
	two = made_world(&other);
	ck_assert_mem_ne(one->datagram[0].data, two->datagram[0].data, IKE_COOKIE_LENGTH);
	vector_world_free(one);
	vector_world_free(same);
	vector_world_free(two);
}
END_TEST

START_TEST(test_another_life_draws_other_numbers)
{
	struct vector_set set = made_sample("sample");
	struct vector_world *world = made_world(&set);
	struct random_source first, second;

	ck_assert(vector_world_start(world, VECTOR_B));
	ck_assert_uint_eq(world->end[VECTOR_B].lives, 2);
	vector_world_source(world, VECTOR_B, 0, &first);
	vector_world_source(world, VECTOR_B, 1, &second);
	ck_assert_mem_ne(first.seed, second.seed, RANDOM_SEED_LENGTH);
	vector_world_source(world, VECTOR_A, 0, &second);
	ck_assert_mem_ne(first.seed, second.seed, RANDOM_SEED_LENGTH);
	vector_world_free(world);
}
END_TEST

/* A number more or less, and the private values stay what they are. */
START_TEST(test_draws_are_counted_by_kind)
{
	struct vector_set set = made_sample("sample");
	struct vector_world *world = made_world(&set);
	struct random_source source, later;
	uint8_t plain[3][32], after[32];

	vector_world_source(world, VECTOR_A, 0, &source);
	random_octets(&source, plain[0], 32);
	random_octets(&source, plain[1], 32);
	ck_assert_mem_ne(plain[0], plain[1], 32);
	vector_world_source(world, VECTOR_A, 0, &source);
	random_octets(&source, after, 16);
	random_octets(&source, after, 8);
	(void)random_u32(&source);
	(void)random_u32(&source);
	random_octets(&source, plain[2], 32);
	ck_assert_mem_eq(plain[0], plain[2], 32);
	vector_world_source_at(world, VECTOR_A, 0, 1, &later);
	random_octets(&later, after, 32);
	ck_assert_mem_eq(plain[1], after, 32);
	/* the kinds are not parts of each other */
	vector_world_source(world, VECTOR_A, 0, &source);
	random_octets(&source, after, 16);
	ck_assert_mem_ne(plain[0], after, 16);
	random_octets(&source, after, 8);
	ck_assert_mem_ne(plain[0], after, 8);
	vector_world_free(world);
}
END_TEST

START_TEST(test_a_nat)
{
	static const uint8_t marker[VECTOR_MARKER];
	uint8_t payload[IKE_DATAGRAM_MAX + VECTOR_MARKER];
	struct vector_set set = made_sample("sample");
	struct vector_world *world;
	size_t floated = 0;

	set.options = VECTOR_NAT;
	world = made_world(&set);
	ck_assert_uint_eq(world->end[VECTOR_B].established, 1);
	for (size_t i = 0; i < world->datagrams; i++) {
		const struct vector_datagram *datagram = &world->datagram[i];
		bool there = datagram->destination.port == 4500 || datagram->source.port == 4500;

		ck_assert_int_eq(datagram->source.octets[0], 192);
		ck_assert_uint_eq(vector_payload(datagram, payload),
				  datagram->length + (there ? VECTOR_MARKER : 0));
		if (!there)
			continue;
		floated++;
		ck_assert_mem_eq(payload, marker, VECTOR_MARKER);
		ck_assert_mem_eq(payload + VECTOR_MARKER, datagram->data, datagram->length);
	}
	ck_assert_uint_gt(floated, 4);
	vector_world_free(world);
}
END_TEST

UNIT_MAIN("vector_world", test_what_is_lost_is_not_delivered, test_who_is_gone_hears_nothing,
	  test_more_than_there_is_room_for, test_it_is_the_name_that_seeds,
	  test_another_life_draws_other_numbers, test_draws_are_counted_by_kind, test_a_nat)
