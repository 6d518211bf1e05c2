/* SPDX-License-Identifier: ISC */
#include "crypto/blocks.h"

#include <string.h>

#include "crypto/secret.h"
#include "tests/support/allocations.h"
#include "tests/support/unit.h"

#define LONGEST 64

static bool is_zero(const uint8_t *octets, size_t length)
{
	while (length > 0 && octets[length - 1] == 0)
		length--;
	return length == 0;
}

START_TEST(test_no_memory)
{
	struct blocks *blocks;
	uint8_t *block;

	if (!allocations_counted())
		return;
	allocations_refuse_after(0);
	blocks = blocks_new(LONGEST);
	allocations_refuse_after(ALLOCATIONS_NEVER);
	ck_assert_ptr_null(blocks);

	blocks = blocks_new(LONGEST);
	allocations_refuse_after(0);
	block = blocks_take(blocks, LONGEST + 1);
	allocations_refuse_after(ALLOCATIONS_NEVER);
	ck_assert_ptr_null(block);
	ck_assert_uint_eq(blocks_octets(blocks), 0);
	blocks_give_back(blocks, NULL, 8);
	blocks_free(blocks);
	blocks_free(NULL);
}
END_TEST

/* Neither what was in it nor where it was: the next who has it finds zeros. */
START_TEST(test_what_is_given_back_is_wiped)
{
	struct blocks *blocks = blocks_new(LONGEST);
	uint8_t *block = blocks_take(blocks, 40), *other = blocks_take(blocks, 40);

	memset(block, 0xaa, 40);
	memset(other, 0xbb, 40);
	blocks_give_back(blocks, other, 40);
	blocks_give_back(blocks, block, 40);
	/* at most a pointer to the next that is free */
	ck_assert(is_zero(block + sizeof(void *), 40 - sizeof(void *)));
	ck_assert_ptr_eq(blocks_take(blocks, 40), block);
	ck_assert(is_zero(block, 40));
	ck_assert_ptr_eq(blocks_take(blocks, 40), other);
	ck_assert(is_zero(other, 40));
	blocks_free(blocks);
}
END_TEST

START_TEST(test_lengths_do_not_mix)
{
	struct blocks *blocks = blocks_new(LONGEST);
	uint8_t *shorter = blocks_take(blocks, 33), *longer;

	blocks_give_back(blocks, shorter, 33);
	longer = blocks_take(blocks, 41);
	ck_assert_ptr_ne(longer, shorter);
	/* 33 to 40 octets are one length */
	ck_assert_ptr_eq(blocks_take(blocks, 40), shorter);
	blocks_free(blocks);
}
END_TEST

/* More than fit into the small slabs, so that there is a large one: none overlaps another. */
START_TEST(test_many_blocks)
{
	enum { MANY = 70000, LENGTH = 40 };
	static uint64_t *held[MANY];
	struct blocks *blocks = blocks_new(LONGEST);

	for (uint32_t i = 0; i < MANY; i++) {
		held[i] = blocks_take(blocks, LENGTH);
		ck_assert_ptr_nonnull(held[i]);
		if (!is_zero((const uint8_t *)held[i], LENGTH) || (uintptr_t)held[i] % 8 != 0)
			ck_abort();
		for (uint32_t at = 0; at < LENGTH / 8; at++)
			held[i][at] = i * UINT64_C(8) + at;
	}
	ck_assert_uint_eq(blocks_octets(blocks), (size_t)MANY * LENGTH);
	for (uint32_t i = 0; i < MANY; i++)
		for (uint32_t at = 0; at < LENGTH / 8; at++)
			if (held[i][at] != i * UINT64_C(8) + at)
				ck_abort_msg("block %u", i);
	for (uint32_t i = 0; i < MANY; i += 2)
		blocks_give_back(blocks, held[i], LENGTH);
	ck_assert_uint_eq(blocks_octets(blocks), (size_t)MANY / 2 * LENGTH);
	/* all that was given back is used before there is more */
	for (uint32_t i = 0; i < MANY / 2; i++)
		ck_assert(is_zero(blocks_take(blocks, LENGTH), LENGTH));
	ck_assert_uint_eq(blocks_octets(blocks), (size_t)MANY * LENGTH);
	blocks_free(blocks);
}
END_TEST

START_TEST(test_long_ones_come_and_go)
{
	struct blocks *blocks = blocks_new(LONGEST);
	uint8_t *block = blocks_take(blocks, 1000);
	size_t in_use = allocations_in_use();

	ck_assert(is_zero(block, 1000));
	ck_assert_uint_eq(blocks_octets(blocks), 1000);
	blocks_give_back(blocks, block, 1000);
	if (allocations_counted())
		ck_assert_uint_eq(allocations_in_use(), in_use - 1);
	ck_assert_uint_eq(blocks_octets(blocks), 0);
	blocks_free(blocks);
}
END_TEST

UNIT_MAIN("blocks", test_no_memory, test_what_is_given_back_is_wiped, test_lengths_do_not_mix,
	  test_many_blocks, test_long_ones_come_and_go)
