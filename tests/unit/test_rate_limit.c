/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include "ike/rate_limit.h"

static size_t take_all(struct token_bucket *bucket, ike_time now)
{
	size_t taken = 0;

	while (taken < 1000000 && token_bucket_take(bucket, now))
		taken++;
	return taken;
}

START_TEST(test_bucket_of_nothing)
{
	struct token_bucket bucket;

	token_bucket_init(&bucket, 0, 0, 0);
	ck_assert(!token_bucket_take(&bucket, 0));
	ck_assert(!token_bucket_take(&bucket, IKE_NEVER));
	/* A rate without room for a whole token gives none. */
	token_bucket_init(&bucket, 1000, 0, 0);
	ck_assert(!token_bucket_take(&bucket, IKE_NEVER));
	/* Room without a rate gives its first fill and no more. */
	token_bucket_init(&bucket, 0, 3, 0);
	ck_assert_uint_eq(take_all(&bucket, 0), 3);
	ck_assert(!token_bucket_take(&bucket, IKE_NEVER));
}
END_TEST

START_TEST(test_bucket_limits)
{
	struct token_bucket bucket;
	ike_time now = 77 * IKE_SECOND;

	token_bucket_init(&bucket, 10, 5, now);
	ck_assert_uint_eq(take_all(&bucket, now), 5);
	ck_assert(
	    !token_bucket_take(&bucket, now + 99999)); /* ten a second: the next after 100 ms */
	ck_assert(token_bucket_take(&bucket, now + 100000));
	ck_assert(!token_bucket_take(&bucket, now + 100000));
	ck_assert_uint_eq(take_all(&bucket, now + 400000), 3);
	ck_assert_uint_eq(take_all(&bucket, now + 60 * IKE_SECOND), 5);
}
END_TEST

/* Asked every microsecond it gives what its rate says: no part of a token is lost. */
START_TEST(test_bucket_asked_often)
{
	struct token_bucket bucket;
	size_t taken = 0;

	token_bucket_init(&bucket, 7, 2, 0);
	for (ike_time now = 0; now <= IKE_SECOND; now++)
		taken += token_bucket_take(&bucket, now);
	ck_assert_uint_eq(taken, 2 + 7);
}
END_TEST

START_TEST(test_bucket_huge_gaps)
{
	struct token_bucket bucket;

	token_bucket_init(&bucket, UINT32_MAX, 100, 0);
	ck_assert_uint_eq(take_all(&bucket, 0), 100);
	ck_assert_uint_eq(take_all(&bucket, UINT64_MAX / 2), 100);
	ck_assert_uint_eq(take_all(&bucket, UINT64_MAX), 100);

	/* One that would come out as less than one token if the product ran over: 2^44 times 2^20 is 0 modulo 2^64. */
	token_bucket_init(&bucket, UINT32_C(1) << 20, 1, 0);
	ck_assert_uint_eq(take_all(&bucket, 0), 1);
	ck_assert_uint_eq(take_all(&bucket, UINT64_C(1) << 44), 1);

	token_bucket_init(&bucket, UINT32_MAX, UINT32_MAX, 0);
	ck_assert(token_bucket_take(&bucket, 0));
	ck_assert(token_bucket_take(&bucket, UINT64_MAX));
	ck_assert_uint_eq(bucket.micro_tokens, (UINT32_MAX - UINT64_C(1)) * 1000000);
}
END_TEST

START_TEST(test_bucket_clock_goes_back)
{
	struct token_bucket bucket;

	token_bucket_init(&bucket, 1, 1, 10 * IKE_SECOND);
	ck_assert(token_bucket_take(&bucket, 10 * IKE_SECOND));
	ck_assert(!token_bucket_take(&bucket, 1 * IKE_SECOND));
	/* The second that was counted once is not counted again. */
	ck_assert(!token_bucket_take(&bucket, 10 * IKE_SECOND));
	ck_assert(token_bucket_take(&bucket, 11 * IKE_SECOND));
}
END_TEST

static struct source_counter counter;

static struct ike_address ipv4(uint8_t last)
{
	return (struct ike_address){
	    .octets = {192, 0, 2, last}, .port = 500, .family = IKE_FAMILY_IPV4};
}

static struct ike_address ipv6(uint8_t eighth, uint8_t ninth)
{
	return (struct ike_address){.octets = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, eighth, ninth},
				    .port = 500,
				    .family = IKE_FAMILY_IPV6};
}

START_TEST(test_source_at_limit)
{
	struct ike_address source = ipv4(1), other_port = source;

	other_port.port = 4500;
	ck_assert(!source_counter_add(&counter, &source, 0));
	for (int i = 0; i < 16; i++)
		ck_assert(source_counter_add(&counter, i % 2 == 0 ? &source : &other_port, 16));
	ck_assert(!source_counter_add(&counter, &source, 16));
	ck_assert(!source_counter_add(&counter, &other_port, 16));
	source_counter_remove(&counter, &other_port);
	ck_assert(source_counter_add(&counter, &source, 16));
	ck_assert(!source_counter_add(&counter, &source, 16));
}
END_TEST

/* A count must not run over, whatever limit was asked for. */
START_TEST(test_source_largest_count)
{
	struct ike_address source = ipv4(1);

	for (unsigned i = 0; i < UINT16_MAX; i++)
		ck_assert(source_counter_add(&counter, &source, UINT32_MAX));
	ck_assert(!source_counter_add(&counter, &source, UINT32_MAX));
	source_counter_remove(&counter, &source);
	ck_assert(source_counter_add(&counter, &source, UINT32_MAX));
}
END_TEST

/* All of an IPv6 network of 64 bits is one source: each of its addresses is as cheap as the next. */
START_TEST(test_source_ipv6_network)
{
	for (unsigned i = 0; i < 4; i++) {
		struct ike_address source = ipv6(1, (uint8_t)i);

		ck_assert(source_counter_add(&counter, &source, 4));
	}
	for (unsigned i = 0; i < 256; i++) {
		struct ike_address source = ipv6(1, (uint8_t)i);

		ck_assert(!source_counter_add(&counter, &source, 4));
	}
}
END_TEST

/* Of 256 sources hardly any share a counter: with 4096 counters, 8 pairs are to be expected. */
START_TEST(test_sources_are_apart)
{
	unsigned alone = 0;

	for (unsigned i = 0; i < 256; i++) {
		struct ike_address source = i % 2 == 0 ? ipv4((uint8_t)i) : ipv6((uint8_t)i, 0);

		alone += source_counter_add(&counter, &source, 1);
	}
	ck_assert_uint_gt(alone, 224);
}
END_TEST

/* Who shares a counter with whom depends on the key, which nobody outside knows. */
START_TEST(test_source_key_counts)
{
	struct ike_address source = ipv4(1);
	unsigned first = 0, second = 0;

	ck_assert(source_counter_add(&counter, &source, 1));
	while (first < SOURCE_COUNTERS && counter.count[first] == 0)
		first++;
	source_counter_remove(&counter, &source);
	counter.key[0] = 1;
	ck_assert(source_counter_add(&counter, &source, 1));
	while (second < SOURCE_COUNTERS && counter.count[second] == 0)
		second++;
	ck_assert_uint_lt(first, SOURCE_COUNTERS);
	ck_assert_uint_lt(second, SOURCE_COUNTERS);
	ck_assert_uint_ne(first, second);
}
END_TEST

/* ---- how long ago --------------------------------------------------------------------------------------------------- */

static struct source_spacing spacing;

START_TEST(test_spacing)
{
	struct ike_address source = ipv4(1), other_port = ipv4(1);

	other_port.port = 4500;
	ck_assert(source_spacing_take(&spacing, &source, 0, 10 * IKE_SECOND));
	ck_assert(!source_spacing_take(&spacing, &source, 0, 10 * IKE_SECOND));
	ck_assert(!source_spacing_take(&spacing, &other_port, 10 * IKE_SECOND - 1, IKE_SECOND));
	/* what was refused has moved nothing */
	ck_assert(source_spacing_take(&spacing, &source, 10 * IKE_SECOND, IKE_SECOND));
	ck_assert(!source_spacing_take(&spacing, &source, 9 * IKE_SECOND, IKE_SECOND));
	ck_assert(source_spacing_take(&spacing, &source, 11 * IKE_SECOND, IKE_SECOND));
}
END_TEST

/* Of 64 sources few wait for another one: with 256 places, 8 pairs are to be expected.  An IPv6 network is one source. */
START_TEST(test_spacing_of_many)
{
	unsigned alone = 0;

	for (unsigned i = 0; i < 64; i++) {
		struct ike_address source = ipv4((uint8_t)i);

		alone += source_spacing_take(&spacing, &source, IKE_SECOND, IKE_SECOND);
	}
	ck_assert_uint_gt(alone, 48);
	spacing = (struct source_spacing){.key = {7}};
	alone = 0;
	for (unsigned i = 0; i < 64; i++) {
		struct ike_address source = ipv6(1, (uint8_t)i);

		alone += source_spacing_take(&spacing, &source, IKE_SECOND, IKE_SECOND);
	}
	ck_assert_uint_eq(alone, 1);
}
END_TEST

UNIT_MAIN("rate_limit", test_bucket_of_nothing, test_bucket_limits, test_bucket_asked_often,
	  test_bucket_huge_gaps, test_bucket_clock_goes_back, test_source_at_limit,
	  test_source_largest_count, test_source_ipv6_network, test_sources_are_apart,
	  test_source_key_counts, test_spacing, test_spacing_of_many)
