/* SPDX-License-Identifier: ISC */
/*
 * test_esp_plane_pairs.c - what esp_plane does not send, and pairs that it does not take; and that nothing comes of it.
 */
#include "tests/support/unit.h"

#include <string.h>

#include "ike/registry.h"
#include "tests/support/esp_sample.h"

#define AES_SHA1 (&esp_sample_forms[ESP_SAMPLE_AES128_SHA1])

static void open_with(struct esp_ends *ends, const struct esp_sample_form *form)
{
	esp_ends_open(ends);
	esp_ends_add(ends, 1, form);
}

/* The next number is still 1, and good. */
static void end(struct esp_ends *ends)
{
	esp_ends_exchange(ends, 1, 1);
	esp_ends_close(ends);
}

/* ---- sent ---------------------------------------------------------------------------------------------------------------- */

static void not_sent(struct esp_ends *ends, const void *packet, size_t length,
		     enum esp_verdict verdict)
{
	struct esp_sample sample, before;

	esp_sample_fill(&sample, packet, length);
	before = sample;
	ck_assert_int_eq(esp_sample_seal(ends->left, &sample), verdict);
	ck_assert_mem_eq(&sample, &before, sizeof(sample));
	esp_sample_assert_untouched(ends->left, 1);
	ck_assert_uint_ge(esp_plane_count(ends->left, verdict), 1);
}

START_TEST(test_what_is_not_sent)
{
	struct esp_ends ends;
	uint8_t packet[100];

	open_with(&ends, AES_SHA1);
	not_sent(&ends, "", 0, ESP_INNER_TOO_SHORT);
	(void)esp_sample_packet(packet, "10.1.0.5", "10.3.0.7", 1, 2, 100);
	not_sent(&ends, packet, 100, ESP_NO_PAIR);
	(void)esp_sample_packet(packet, "10.3.0.5", "10.2.0.7", 1, 2, 100);
	not_sent(&ends, packet, 100, ESP_NO_PAIR);
	(void)esp_sample_packet(packet, "2001:db8:1::5", "2001:db8:2::7", 1, 2, 100);
	not_sent(&ends, packet, 100, ESP_NO_PAIR);
	(void)esp_sample_packet(packet, "10.1.0.5", "10.2.0.7", 1, 2, 100);
	not_sent(&ends, packet, 99, ESP_INNER_BAD_LENGTH);
	not_sent(&ends, packet, 19, ESP_INNER_TOO_SHORT);
	packet[0] = 0x15;
	not_sent(&ends, packet, 100, ESP_INNER_BAD_VERSION);
	end(&ends);
}
END_TEST

START_TEST(test_too_large_uses_up_nothing)
{
	struct esp_sample sample;
	struct esp_ends ends;

	open_with(&ends, AES_SHA1);
	for (int i = 0; i < 5; i++) {
		esp_sample_right(&sample, 100);
		sample.buffer.room = 100 + 23; /* 112 encrypted, and an ICV of 12 */
		ck_assert_int_eq(esp_sample_seal(ends.left, &sample), ESP_TOO_LARGE);
	}
	esp_sample_assert_untouched(ends.left, 1);
	sample.buffer.room = 100 + 24;
	ck_assert_int_eq(esp_sample_seal(ends.left, &sample), ESP_ACCEPTED);
	unit_assert_hex(octets_of(sample.buffer.data, 8), "0000200100000001");
	esp_ends_close(&ends);
}
END_TEST

START_TEST(test_through_a_pair_that_is_not_there_or_not_for_it)
{
	struct ike_address local, remote;
	struct esp_sample sample;
	struct esp_ends ends;
	bool encapsulated;
	uint8_t packet[60];

	open_with(&ends, AES_SHA1);
	esp_sample_right(&sample, 60);
	ck_assert_int_eq(esp_plane_seal_through(ends.left, ESP_SAMPLE_NOW, 2, &sample.buffer,
						&local, &remote, &encapsulated),
			 ESP_NO_PAIR);
	(void)esp_sample_packet(packet, "10.1.0.5", "10.3.0.7", 1, 2, 60);
	esp_sample_fill(&sample, packet, 60);
	ck_assert_int_eq(esp_plane_seal_through(ends.left, ESP_SAMPLE_NOW, 1, &sample.buffer,
						&local, &remote, &encapsulated),
			 ESP_INNER_OTHER_DESTINATION);
	esp_sample_fill(&sample, packet, 59);
	ck_assert_int_eq(esp_plane_seal_through(ends.left, ESP_SAMPLE_NOW, 1, &sample.buffer,
						&local, &remote, &encapsulated),
			 ESP_INNER_BAD_LENGTH);
	esp_sample_assert_untouched(ends.left, 1);
	end(&ends);
}
END_TEST

/* ---- pairs ----------------------------------------------------------------------------------------------------------------- */

static void not_added(struct esp_plane *plane, const struct ike_ipsec_sa *pair, const char *says)
{
	struct fault fault = {""};

	ck_assert(!esp_plane_add(plane, pair, &fault));
	ck_assert_msg(strstr(fault.text, says) != NULL, "%s", fault.text);
}

START_TEST(test_pairs_that_are_not_taken)
{
	struct ike_ipsec_sa left, right, bad;
	struct esp_ends ends;

	open_with(&ends, AES_SHA1);
	esp_sample_pair(2, AES_SHA1, &left, &right);
	bad = left;
	bad.transport = true;
	not_added(ends.left, &bad, "ipsec = xfrm");
	bad = left;
	bad.proposal.encryption = IKE_ESP_TRANSFORM_DES;
	not_added(ends.left, &bad, "DES");
	bad = left;
	bad.proposal.authentication = 0;
	not_added(ends.left, &bad, "without authentication");
	bad = left;
	bad.encryption_key_length = 15;
	not_added(ends.left, &bad, "do not fit");
	bad = left;
	bad.encryption_key_length = IKE_IPSEC_KEYMAT_MAX;
	not_added(ends.left, &bad, "longer than");
	bad = left;
	bad.authentication_key_length = SIZE_MAX;
	not_added(ends.left, &bad, "longer than");
	bad = left;
	bad.inside_remote = esp_sample_selector("2001:db8:2::", 48);
	not_added(ends.left, &bad, "one family");
	bad = left;
	bad.inside_remote.prefix.bits = 33;
	not_added(ends.left, &bad, "one family");
	bad = left;
	bad.inside_local.prefix.address.family = bad.inside_remote.prefix.address.family =
	    IKE_FAMILY_NONE;
	not_added(ends.left, &bad, "one family");
	bad = left;
	bad.number = 1;
	not_added(ends.left, &bad, "pair 1");
	bad.number = 0;
	not_added(ends.left, &bad, "pair 0");
	bad = left;
	bad.spi_in = 0x1001;
	not_added(ends.left, &bad, "0x00001001");
	bad.spi_in = 255;
	not_added(ends.left, &bad, "reserved");
	end(&ends);
}
END_TEST

START_TEST(test_as_many_pairs_as_there_may_be)
{
	struct ike_ipsec_sa left, right;
	struct esp_ends ends;

	open_with(&ends, AES_SHA1);
	for (uint32_t number = 2; number <= ESP_SAMPLE_PAIRS; number++)
		esp_ends_add(&ends, number, AES_SHA1);
	esp_sample_pair(ESP_SAMPLE_PAIRS + 1, AES_SHA1, &left, &right);
	not_added(ends.left, &left, "as many");
	esp_plane_remove(ends.left, 3);
	/* a pair that is refused for its keys has taken no room */
	for (int i = 0; i < 20; i++) {
		struct ike_ipsec_sa bad = left;

		bad.authentication_key_length = 1;
		not_added(ends.left, &bad, "do not fit");
	}
	esp_sample_add(ends.left, &left);
	esp_ends_close(&ends);
}
END_TEST

UNIT_MAIN("esp_plane_pairs", test_what_is_not_sent, test_too_large_uses_up_nothing,
	  test_through_a_pair_that_is_not_there_or_not_for_it, test_pairs_that_are_not_taken,
	  test_as_many_pairs_as_there_may_be)
