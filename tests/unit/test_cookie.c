/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "ike/cookie.h"
#include "ike/header.h"

static const uint8_t key[TABLE_HASH_KEY_LENGTH] = {1, 2, 3};
static const uint8_t cky_i[IKE_COOKIE_LENGTH] = {0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17};
static const struct ike_worker alone = {0, 0};
static const struct ike_address remote = {{192, 0, 2, 1}, 500, IKE_FAMILY_IPV4, 0};
static const struct ike_address local = {{192, 0, 2, 2}, 500, IKE_FAMILY_IPV4, 0};

static void fill_zeros(struct random_source *source, uint8_t *out, size_t length)
{
	(void)source;
	memset(out, 0, length);
}

START_TEST(test_initiator_never_zero)
{
	struct random_source zeros = {.fill = fill_zeros};
	uint8_t cookie[IKE_COOKIE_LENGTH];

	ike_cookie_initiator(&zeros, &alone, cookie);
	ck_assert(!ike_cookie_is_zero(cookie));
}
END_TEST

START_TEST(test_initiator_random)
{
	static const uint8_t seed[RANDOM_SEED_LENGTH] = {7};
	struct random_source source, same;
	uint8_t first[IKE_COOKIE_LENGTH], second[IKE_COOKIE_LENGTH], again[IKE_COOKIE_LENGTH];

	random_seeded(&source, seed);
	random_seeded(&same, seed);
	ike_cookie_initiator(&source, &alone, first);
	ike_cookie_initiator(&source, &alone, second);
	ike_cookie_initiator(&same, &alone, again);
	ck_assert_mem_ne(first, second, IKE_COOKIE_LENGTH);
	ck_assert_mem_eq(first, again, IKE_COOKIE_LENGTH);
}
END_TEST

/* Whatever it is made from, one bit of it makes another cookie. */
START_TEST(test_responder_depends_on_everything)
{
	uint8_t cookies[10][IKE_COOKIE_LENGTH], other_key[TABLE_HASH_KEY_LENGTH],
	    other_cky_i[IKE_COOKIE_LENGTH];
	struct ike_address host = remote, port = remote, family = remote, to_host = local,
			   to_port = local;

	memcpy(other_key, key, sizeof(key));
	other_key[15] ^= 1;
	memcpy(other_cky_i, cky_i, sizeof(cky_i));
	other_cky_i[7] ^= 1;
	host.octets[3] ^= 1;
	port.port ^= 1;
	family.family = IKE_FAMILY_IPV6;
	to_host.octets[3] ^= 1;
	to_port.port ^= 1;

	ike_cookie_responder(key, 5, cky_i, &remote, &local, cookies[0]);
	ike_cookie_responder(other_key, 5, cky_i, &remote, &local, cookies[1]);
	ike_cookie_responder(key, 6, cky_i, &remote, &local, cookies[2]);
	ike_cookie_responder(key, 5 + (UINT64_C(1) << 32), cky_i, &remote, &local, cookies[3]);
	ike_cookie_responder(key, 5, other_cky_i, &remote, &local, cookies[4]);
	ike_cookie_responder(key, 5, cky_i, &host, &local, cookies[5]);
	ike_cookie_responder(key, 5, cky_i, &port, &local, cookies[6]);
	ike_cookie_responder(key, 5, cky_i, &family, &local, cookies[7]);
	ike_cookie_responder(key, 5, cky_i, &remote, &to_host, cookies[8]);
	ike_cookie_responder(key, 5, cky_i, &remote, &to_port, cookies[9]);
	for (size_t i = 0; i < 10; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert_mem_ne(cookies[i], cookies[j], IKE_COOKIE_LENGTH);
}
END_TEST

/* All sixteen octets of an IPv6 address, and the two ends are not to be exchanged. */
START_TEST(test_responder_ipv6_and_direction)
{
	struct ike_address first = {
	    .octets = {0x20, 0x01, 0x0d, 0xb8}, .port = 500, .family = IKE_FAMILY_IPV6};
	struct ike_address last = first;
	uint8_t one[IKE_COOKIE_LENGTH], other[IKE_COOKIE_LENGTH], back[IKE_COOKIE_LENGTH];

	last.octets[15] = 1;
	ike_cookie_responder(key, 0, cky_i, &first, &local, one);
	ike_cookie_responder(key, 0, cky_i, &last, &local, other);
	ike_cookie_responder(key, 0, cky_i, &local, &first, back);
	ck_assert_mem_ne(one, other, IKE_COOKIE_LENGTH);
	ck_assert_mem_ne(one, back, IKE_COOKIE_LENGTH);
}
END_TEST

/* A repeated first message gets the same cookie, in the same epoch. */
START_TEST(test_responder_repeats)
{
	uint8_t first[IKE_COOKIE_LENGTH], second[IKE_COOKIE_LENGTH];

	ike_cookie_responder(key, 5, cky_i, &remote, &local, first);
	ike_cookie_responder(key, 5, cky_i, &remote, &local, second);
	ck_assert_mem_eq(first, second, IKE_COOKIE_LENGTH);
	ck_assert(!ike_cookie_is_zero(first));
}
END_TEST

/* ---- workers ------------------------------------------------------------------------------------------------------- */

/* 00010203 xor 04050607 is 04040404, and that xor its upper half 04040000. */
START_TEST(test_worker_is_as_written_down)
{
	static const uint8_t cookie[IKE_COOKIE_LENGTH] = {0, 1, 2, 3, 4, 5, 6, 7};
	const uint32_t product = (uint32_t)(UINT64_C(0x04040000) * UINT64_C(0x9e3779b1));

	for (uint32_t workers = 1; workers <= IKE_WORKERS_MAX; workers++)
		ck_assert_uint_eq(ike_cookie_worker(cookie, workers), (product >> 16) % workers);
	ck_assert_uint_eq(ike_cookie_worker(cookie, 0), 0);
}
END_TEST

/* What leads to no other worker leads to this one, and nobody's share of random cookies is small: chi-square, 1 in 10^6. */
START_TEST(test_workers_share_evenly)
{
	static const uint8_t seed[RANDOM_SEED_LENGTH] = {9};
	enum { WORKERS = 7, DRAWS = 70000 };
	struct random_source source;
	uint32_t count[WORKERS] = {0};
	const double share = (double)DRAWS / WORKERS;
	double chi = 0;

	random_seeded(&source, seed);
	for (unsigned i = 0; i < DRAWS; i++) {
		uint8_t cookie[IKE_COOKIE_LENGTH];

		ike_cookie_initiator(&source, &alone, cookie);
		count[ike_cookie_worker(cookie, WORKERS)]++;
	}
	for (unsigned i = 0; i < WORKERS; i++) {
		double off = (double)count[i] - share;

		chi += off * off / share;
	}
	ck_assert_double_lt(chi, 38.3); /* six degrees of freedom */
}
END_TEST

/* Cookies that are counted, as small stacks may have them, are spread, too: no worker gets more than twice its share. */
START_TEST(test_counted_cookies_are_spread)
{
	for (unsigned octet = 0; octet < IKE_COOKIE_LENGTH; octet++) {
		uint32_t count[4] = {0};

		for (unsigned i = 0; i < 256; i++) {
			uint8_t cookie[IKE_COOKIE_LENGTH] = {1, 2, 3, 4, 5, 6, 7, 8};

			cookie[octet] = (uint8_t)i;
			count[ike_cookie_worker(cookie, 4)]++;
		}
		for (unsigned i = 0; i < 4; i++)
			ck_assert_uint_le(count[i], 128);
	}
}
END_TEST

/* A worker's own cookies lead to it, and are no fewer for that: all octets still take all values. */
START_TEST(test_own_cookies_lead_home)
{
	static const uint8_t seed[RANDOM_SEED_LENGTH] = {3};
	enum { DRAWS = 8192 };
	struct random_source source;

	random_seeded(&source, seed);
	for (uint32_t count = 1; count <= IKE_WORKERS_MAX; count += 21) {
		const struct ike_worker worker = {count - 1, count};
		bool seen[IKE_COOKIE_LENGTH][256] = {{false}};

		for (unsigned i = 0; i < DRAWS; i++) {
			uint8_t cookie[IKE_COOKIE_LENGTH];

			ike_cookie_initiator(&source, &worker, cookie);
			ck_assert_uint_eq(ike_cookie_worker(cookie, count), worker.index);
			for (unsigned j = 0; j < IKE_COOKIE_LENGTH; j++)
				seen[j][cookie[j]] = true;
		}
		for (unsigned j = 0; j < IKE_COOKIE_LENGTH; j++)
			for (unsigned value = 0; value < 256; value++)
				ck_assert(seen[j][value]);
	}
}
END_TEST

UNIT_MAIN("cookie", test_worker_is_as_written_down, test_workers_share_evenly,
	  test_counted_cookies_are_spread, test_own_cookies_lead_home, test_initiator_never_zero,
	  test_initiator_random, test_responder_depends_on_everything,
	  test_responder_ipv6_and_direction, test_responder_repeats)
