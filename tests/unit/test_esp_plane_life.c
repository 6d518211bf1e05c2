/* SPDX-License-Identifier: ISC */
/*
 * test_esp_plane_life.c - how pairs of esp_plane end: by their numbers, octets and packets.
 */
#include "tests/support/unit.h"

#include "tests/support/esp_sample.h"

#define AES_SHA1 (&esp_sample_forms[ESP_SAMPLE_AES128_SHA1])
#define GCM      (&esp_sample_forms[ESP_SAMPLE_AES128_GCM])

static void assert_expiry(struct esp_plane *plane, uint32_t number, bool hard)
{
	struct esp_expiry expiry;

	ck_assert(esp_plane_expired(plane, &expiry));
	ck_assert_uint_eq(expiry.number, number);
	ck_assert_int_eq(expiry.hard, hard);
}

static void assert_no_expiry(struct esp_plane *plane)
{
	struct esp_expiry expiry;

	ck_assert(!esp_plane_expired(plane, &expiry));
}

/* A number that has been used is never used again: the SA is at its end, however many packets want to go. */
START_TEST(test_numbers_end)
{
	for (size_t form = 0; form < 2; form++) {
		struct esp_sample sample;
		struct esp_ends ends;

		esp_ends_open(&ends);
		esp_ends_add(&ends, 1, form == 0 ? AES_SHA1 : GCM);
		esp_plane_continue(ends.left, 1, UINT32_MAX - (1u << 24) - 1);
		esp_ends_exchange(&ends, 1, 1);
		assert_no_expiry(ends.left);
		esp_ends_exchange(&ends, 1, 1); /* 2^32 - 2^24 */
		assert_expiry(ends.left, 1, false);
		assert_no_expiry(ends.left);
		esp_plane_continue(ends.left, 1, UINT32_MAX - 2);
		esp_plane_continue(ends.left, 1, 5); /* never back */
		esp_ends_exchange(&ends, 1, 2);      /* the last two */
		assert_no_expiry(ends.left);
		for (int i = 0; i < 3; i++) {
			esp_sample_right(&sample, 100);
			ck_assert_int_eq(esp_sample_seal(ends.left, &sample), ESP_NUMBERS_USED_UP);
			ck_assert_uint_eq(sample.buffer.length, 100);
		}
		assert_expiry(ends.left, 1, true);
		assert_no_expiry(ends.left);
		ck_assert_uint_eq(esp_plane_count(ends.left, ESP_NUMBERS_USED_UP), 3);
		esp_ends_close(&ends);
	}
}
END_TEST

/* Kilobytes, at both ends, the receiver's smaller. */
START_TEST(test_kilobytes_end)
{
	struct ike_ipsec_sa left, right;
	struct esp_sample sample;
	struct esp_usage usage;
	struct esp_ends ends;

	esp_ends_open(&ends);
	esp_sample_pair(1, AES_SHA1, &left, &right);
	left.kilobytes = 100; /* 102400 octets: 1024 packets of 100 */
	right.kilobytes = 50;
	esp_sample_add(ends.left, &left);
	esp_sample_add(ends.right, &right);
	esp_ends_exchange(&ends, 1, 435); /* 85 % of 51200 at the earliest */
	assert_no_expiry(ends.right);
	esp_ends_exchange(&ends, 1, 512 - 435); /* and 90 % at the latest */
	assert_expiry(ends.right, 1, false);
	assert_no_expiry(ends.right);
	esp_sample_right(&sample, 100);
	ck_assert_int_eq(esp_sample_seal(ends.left, &sample), ESP_ACCEPTED);
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_LIFETIME_OVER);
	assert_expiry(ends.right, 1, true);
	/* spent both ways; of what comes now not even the ICV is computed */
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_LIFETIME_OVER);
	assert_no_expiry(ends.right);
	ck_assert(esp_plane_usage(ends.right, 1, &usage));
	ck_assert_uint_eq(usage.packets_in, 512);
	ck_assert_uint_eq(usage.octets_in, 51200);

	while (esp_sample_right(&sample, 100), esp_sample_seal(ends.left, &sample) == ESP_ACCEPTED)
		continue;
	ck_assert_int_eq(esp_sample_seal(ends.left, &sample), ESP_LIFETIME_OVER);
	assert_expiry(ends.left, 1, false);
	assert_expiry(ends.left, 1, true);
	assert_no_expiry(ends.left);
	ck_assert(esp_plane_usage(ends.left, 1, &usage));
	ck_assert_uint_eq(usage.packets_out, 1024);
	ck_assert_uint_eq(usage.octets_out, 102400);
	esp_ends_close(&ends);
}
END_TEST

START_TEST(test_packets_end)
{
	struct esp_sample sample;
	struct esp_ends ends;

	esp_ends_open(&ends);
	esp_ends_add(&ends, 1, AES_SHA1);
	esp_ends_exchange(&ends, 1, 5);
	esp_plane_limit_packets(ends.left, 20); /* those that are there included */
	esp_ends_add(&ends, 2, AES_SHA1);       /* and those that come; it is the one in use now */
	esp_ends_exchange(&ends, 2, 17);
	assert_no_expiry(ends.left);
	esp_ends_exchange(&ends, 2, 3); /* 18 is 90 % */
	assert_expiry(ends.left, 2, false);
	esp_sample_right(&sample, 100);
	ck_assert_int_eq(esp_sample_seal(ends.left, &sample), ESP_LIFETIME_OVER);
	assert_expiry(ends.left, 2, true);
	esp_plane_remove(ends.left, 2);
	esp_ends_exchange(&ends, 1, 15);
	ck_assert_int_eq(esp_sample_seal(ends.left, &sample), ESP_LIFETIME_OVER);
	assert_expiry(ends.left, 1, false);
	assert_expiry(ends.left, 1, true);
	assert_no_expiry(ends.right);
	esp_ends_close(&ends);
}
END_TEST

/* Both ends' moments differ, and so do those of pairs. */
START_TEST(test_not_all_begin_at_once)
{
	uint64_t least = UINT64_MAX, most = 0;

	for (uint32_t number = 1; number <= ESP_SAMPLE_PAIRS; number++) {
		struct esp_expiry expiry;
		uint64_t packets = 0;
		struct esp_ends ends;

		esp_ends_open(&ends);
		for (uint32_t i = 1; i <= number; i++) /* the last one is in use */
			esp_ends_add(&ends, i, AES_SHA1);
		esp_plane_limit_packets(ends.left, 20000);
		while (!esp_plane_expired(ends.left, &expiry)) {
			struct esp_sample sample;

			esp_sample_right(&sample, 20);
			ck_assert_int_eq(esp_sample_seal(ends.left, &sample), ESP_ACCEPTED);
			packets++;
		}
		ck_assert_uint_ge(packets, 17000);
		ck_assert_uint_le(packets, 18000);
		least = packets < least ? packets : least;
		most = packets > most ? packets : most;
		esp_ends_close(&ends);
	}
	ck_assert_uint_gt(most - least, 100);
}
END_TEST

UNIT_MAIN("esp_plane_life", test_numbers_end, test_kilobytes_end, test_packets_end,
	  test_not_all_begin_at_once)
