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
	esp_plane_limit_packets(ends.left, 1, 20);
	esp_ends_add(&ends, 2, AES_SHA1); /* it is the one in use now */
	esp_plane_limit_packets(ends.left, 2, 20);
	esp_plane_limit_packets(ends.left, 3, 1); /* there is none */
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
		esp_plane_limit_packets(ends.left, number, 20000);
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

/* ---- renewal ----------------------------------------------------------------------------------------------------------- */

/* LEFT's view of a pair that it has just begun itself, or answered. */
static void add_left(struct esp_ends *ends, uint32_t number, bool initiator, ike_time at)
{
	struct ike_ipsec_sa left, right;

	esp_sample_pair(number, AES_SHA1, &left, &right);
	left.initiator = initiator;
	left.established_at = at;
	esp_sample_add(ends->left, &left);
}

static void add_right(struct esp_ends *ends, uint32_t number)
{
	struct ike_ipsec_sa left, right;

	esp_sample_pair(number, AES_SHA1, &left, &right);
	esp_sample_add(ends->right, &right);
}

static void supersede_left(struct esp_ends *ends, uint32_t number)
{
	struct ike_ipsec_sa left, right;

	esp_sample_pair(number, AES_SHA1, &left, &right);
	left.superseded = true;
	esp_plane_change(ends->left, &left);
}

static void assert_sent_through(struct esp_ends *ends, uint32_t number, ike_time now)
{
	struct ike_address local, remote;
	struct esp_usage before, after;
	struct esp_sample sample;
	bool encapsulated;

	ck_assert(esp_plane_usage(ends->left, number, &before));
	esp_sample_right(&sample, 60);
	ck_assert_int_eq(
	    esp_plane_seal(ends->left, now, &sample.buffer, &local, &remote, &encapsulated),
	    ESP_ACCEPTED);
	ck_assert(esp_plane_usage(ends->left, number, &after));
	ck_assert_uint_eq(after.packets_out, before.packets_out + 1);
}

/* RIGHT has the pair once it has QM3, and LEFT cannot see when: not before something has come through it, or a second is over. */
START_TEST(test_we_began)
{
	struct esp_ends ends;

	esp_ends_open(&ends);
	esp_ends_add(&ends, 1, AES_SHA1);
	add_left(&ends, 2, true, ESP_SAMPLE_NOW);
	supersede_left(&ends, 1);
	assert_sent_through(&ends, 1, ESP_SAMPLE_NOW);
	assert_sent_through(&ends, 1, ESP_SAMPLE_NOW + IKE_SECOND - 1);
	assert_sent_through(&ends, 2, ESP_SAMPLE_NOW + IKE_SECOND);
	/* with what went before it gone, there is no choice */
	add_left(&ends, 3, true, ESP_SAMPLE_NOW + 2 * IKE_SECOND);
	esp_plane_remove(ends.left, 1);
	esp_plane_remove(ends.left, 2);
	assert_sent_through(&ends, 3, ESP_SAMPLE_NOW + 2 * IKE_SECOND);
	esp_ends_close(&ends);
}
END_TEST

START_TEST(test_something_has_come_through)
{
	struct esp_sample sample;
	uint8_t back[60];
	struct ike_address local, remote;
	struct esp_ends ends;
	uint32_t number;
	bool encapsulated;

	esp_ends_open(&ends);
	esp_ends_add(&ends, 1, AES_SHA1);
	add_left(&ends, 2, true, ESP_SAMPLE_NOW);
	add_right(&ends, 2);
	assert_sent_through(&ends, 1, ESP_SAMPLE_NOW);
	(void)esp_sample_packet(back, "10.2.0.7", "10.1.0.5", 1, 2, sizeof(back));
	esp_sample_fill(&sample, back, sizeof(back));
	ck_assert_int_eq(esp_plane_seal_through(ends.right, ESP_SAMPLE_NOW, 2, &sample.buffer,
						&local, &remote, &encapsulated),
			 ESP_ACCEPTED);
	ck_assert_int_eq(esp_plane_open(ends.left, ESP_SAMPLE_NOW, &ends.at_right, encapsulated,
					&sample.buffer, &number),
			 ESP_ACCEPTED);
	assert_sent_through(&ends, 2, ESP_SAMPLE_NOW);
	esp_ends_close(&ends);
}
END_TEST

/* Whoever answered has QM3, and with it all that the other side waits for. */
START_TEST(test_they_began)
{
	struct esp_ends ends;

	esp_ends_open(&ends);
	esp_ends_add(&ends, 1, AES_SHA1);
	add_left(&ends, 2, false, ESP_SAMPLE_NOW);
	assert_sent_through(&ends, 2, ESP_SAMPLE_NOW);
	esp_ends_close(&ends);
}
END_TEST

/* What goes before it must be for the same packets, still have life, and be certain itself. */
START_TEST(test_what_does_not_go_before_it)
{
	struct ike_ipsec_sa left, right;
	struct esp_ends ends;

	esp_ends_open(&ends);
	esp_sample_pair(1, AES_SHA1, &left, &right);
	left.inside_remote = esp_sample_selector("10.2.0.0", 17);
	esp_sample_add(ends.left, &left);
	left.inside_remote = esp_sample_selector("10.2.0.0", 16);
	left.number = 2;
	left.spi_in++;
	left.inside_remote.protocol = 17;
	esp_sample_add(ends.left, &left);
	esp_plane_remove(ends.left, 1);
	esp_sample_pair(3, AES_SHA1, &left, &right);
	left.inside_remote.protocol = 17;
	left.inside_remote.port = 2000;
	left.initiator = true;
	left.established_at = ESP_SAMPLE_NOW;
	esp_sample_add(ends.left, &left);
	assert_sent_through(&ends, 3, ESP_SAMPLE_NOW);
	esp_ends_close(&ends);
	esp_ends_open(&ends);
	add_left(&ends, 1, true, ESP_SAMPLE_NOW); /* as uncertain as the next */
	add_left(&ends, 2, true, ESP_SAMPLE_NOW);
	assert_sent_through(&ends, 2, ESP_SAMPLE_NOW);
	esp_ends_close(&ends);
}
END_TEST

UNIT_MAIN("esp_plane_life", test_we_began, test_something_has_come_through, test_they_began,
	  test_what_does_not_go_before_it, test_numbers_end, test_kilobytes_end, test_packets_end,
	  test_not_all_begin_at_once)
