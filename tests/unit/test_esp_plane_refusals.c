/* SPDX-License-Identifier: ISC */
/*
 * test_esp_plane_refusals.c - what esp_plane drops of what it receives, and that nothing comes of it: the packet that was meant is still accepted
 * afterwards, no number is used up, nothing is told.
 */
#include "tests/support/unit.h"

#include <string.h>

#include "tests/support/esp_sample.h"

#define AES_SHA1  (&esp_sample_forms[ESP_SAMPLE_AES128_SHA1])
#define NULL_SHA1 (&esp_sample_forms[ESP_SAMPLE_NULL_SHA1])

static void open_with(struct esp_ends *ends, const struct esp_sample_form *form)
{
	esp_ends_open(ends);
	esp_ends_add(ends, 1, form);
}

static void sealed(struct esp_ends *ends, struct esp_sample *sample, size_t length)
{
	esp_sample_right(sample, length);
	ck_assert_int_eq(esp_sample_seal(ends->left, sample), ESP_ACCEPTED);
}

static void again(struct esp_sample *sample, const struct esp_sample *of)
{
	esp_sample_fill(sample, of->buffer.data, of->buffer.length);
}

/* ---- received: without a key ------------------------------------------------------------------------------------------- */

/* R80 */
START_TEST(test_every_octet_changed)
{
	for (size_t i = 0; i < ESP_SAMPLE_FORMS; i++) {
		struct esp_sample whole, sample;
		struct esp_usage usage;
		struct esp_ends ends;
		size_t icvs = 0;

		open_with(&ends, &esp_sample_forms[i]);
		sealed(&ends, &whole, 60);
		whole.buffer.room = whole.buffer.length;
		for (size_t at = 0; at < whole.buffer.length; at++) {
			again(&sample, &whole);
			sample.buffer.data[at] ^= 0x40;
			ck_assert_int_eq(esp_sample_open(&ends, &sample, at < 4 ? 0 : 1),
					 at < 4 ? ESP_UNKNOWN_SPI : ESP_BAD_ICV);
			icvs += at >= 4;
			ck_assert_ptr_eq(sample.buffer.data, sample.room + ESP_HEADROOM);
			ck_assert_uint_eq(sample.buffer.length, whole.buffer.length);
		}
		esp_sample_assert_untouched(ends.right, 1);
		ck_assert_uint_eq(esp_plane_count(ends.right, ESP_BAD_ICV), icvs);
		ck_assert_uint_eq(esp_plane_count(ends.right, ESP_UNKNOWN_SPI), 4);
		ck_assert(esp_plane_usage(ends.right, 1, &usage));
		ck_assert_uint_eq(usage.bad_icvs, icvs);
		/* a number that somebody made up has not moved the window either: the first is still the first */
		ck_assert_int_eq(esp_sample_open(&ends, &whole, 1), ESP_ACCEPTED);
		esp_ends_close(&ends);
	}
}
END_TEST

START_TEST(test_truncated_at_every_length)
{
	for (size_t i = 0; i < ESP_SAMPLE_FORMS; i++) {
		struct esp_sample whole, sample;
		struct esp_ends ends;

		open_with(&ends, &esp_sample_forms[i]);
		sealed(&ends, &whole, 60);
		for (size_t length = 0; length < whole.buffer.length; length++) {
			enum esp_verdict verdict;

			again(&sample, &whole);
			sample.buffer.length = sample.buffer.room = length;
			verdict = esp_sample_open(&ends, &sample, length < 8 ? 0 : 1);
			if (length < 8)
				ck_assert_int_eq(verdict, ESP_TOO_SHORT);
			else
				ck_assert(verdict == ESP_BAD_LENGTH || verdict == ESP_BAD_ICV);
		}
		esp_sample_assert_untouched(ends.right, 1);
		ck_assert_int_eq(esp_sample_open(&ends, &whole, 1), ESP_ACCEPTED);
		esp_ends_close(&ends);
	}
}
END_TEST

START_TEST(test_reserved_spis_are_not_unknown_ones)
{
	struct esp_sample sample;
	struct esp_ends ends;
	uint8_t packet[64] = {0};

	open_with(&ends, AES_SHA1);
	for (unsigned spi = 0; spi < 300; spi++) {
		packet[2] = (uint8_t)(spi >> 8);
		packet[3] = (uint8_t)spi;
		esp_sample_fill(&sample, packet, sizeof(packet));
		ck_assert_int_eq(esp_sample_open(&ends, &sample, 0),
				 spi < 256 ? ESP_RESERVED_SPI : ESP_UNKNOWN_SPI);
	}
	esp_ends_close(&ends);
}
END_TEST

START_TEST(test_in_udp_or_not)
{
	struct ike_ipsec_sa left, right;
	struct esp_sample whole, sample;
	struct esp_ends ends;
	uint32_t number;

	open_with(&ends, AES_SHA1);
	sealed(&ends, &whole, 60);
	again(&sample, &whole);
	ck_assert_int_eq(esp_plane_open(ends.right, ESP_SAMPLE_NOW, &ends.at_left, true,
					&sample.buffer, &number),
			 ESP_OTHER_ENCAPSULATION);
	ck_assert_uint_eq(number, 1);
	esp_sample_assert_untouched(ends.right, 1);
	/* the reverse */
	esp_sample_pair(1, AES_SHA1, &left, &right);
	right.encapsulated = true;
	esp_plane_change(ends.right, &right);
	again(&sample, &whole);
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_OTHER_ENCAPSULATION);
	esp_sample_assert_untouched(ends.right, 1);
	ck_assert_int_eq(esp_plane_open(ends.right, ESP_SAMPLE_NOW, &ends.at_left, true,
					&sample.buffer, &number),
			 ESP_ACCEPTED);
	esp_ends_close(&ends);
}
END_TEST

START_TEST(test_replays_and_the_window)
{
	struct esp_sample first, second, sample;
	struct esp_usage usage;
	struct esp_ends ends;

	open_with(&ends, AES_SHA1);
	sealed(&ends, &first, 60);
	sealed(&ends, &second, 60);
	again(&sample, &second);
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_ACCEPTED);
	again(&sample, &second);
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_REPLAYED);
	/* number 1025: the second is the last inside */
	esp_plane_continue(ends.left, 1, 1024);
	esp_ends_exchange(&ends, 1, 1);
	again(&sample, &second);
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_REPLAYED);
	again(&sample, &first);
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_OUTSIDE_WINDOW);
	ck_assert(esp_plane_usage(ends.right, 1, &usage));
	ck_assert_uint_eq(usage.replays, 3);
	ck_assert_uint_eq(usage.packets_in, 2);
	ck_assert_uint_eq(esp_plane_count(ends.right, ESP_REPLAYED), 2);
	ck_assert_uint_eq(esp_plane_count(ends.right, ESP_OUTSIDE_WINDOW), 1);
	ck_assert_uint_eq(esp_plane_count(ends.right, ESP_ACCEPTED), 2);
	esp_ends_close(&ends);
}
END_TEST

/* Late, and still inside: once. */
START_TEST(test_late_packets)
{
	struct esp_sample late, sample;
	struct esp_ends ends;

	open_with(&ends, AES_SHA1);
	sealed(&ends, &late, 60);
	esp_plane_continue(ends.left, 1, 1023);
	esp_ends_exchange(&ends, 1, 1); /* 1024 */
	again(&sample, &late);
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_ACCEPTED);
	again(&sample, &late);
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_REPLAYED);
	esp_ends_close(&ends);
}
END_TEST

/* The ICV is right, and the number all the same one that nobody may use. */
START_TEST(test_number_zero)
{
	struct esp_sample sample;
	struct esp_ends ends;
	uint8_t inner[60];

	open_with(&ends, AES_SHA1);
	(void)esp_sample_packet(inner, "10.1.0.5", "10.2.0.7", 1, 2, sizeof(inner));
	esp_sample_forge(&sample, 1, AES_SHA1, 0, ESP_NEXT_IPV4, inner, sizeof(inner));
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_NUMBER_ZERO);
	esp_sample_assert_untouched(ends.right, 1);
	esp_ends_close(&ends);
}
END_TEST

/* ---- received: the ICV is right, and what is inside is not ---------------------------------------------------------------- */

static void refused(struct esp_ends *ends, const struct esp_sample_form *form, uint8_t next_header,
		    const void *inner, size_t length, enum esp_verdict verdict)
{
	struct esp_sample sample;

	esp_sample_forge(&sample, 1, form, 1, next_header, inner, length);
	ck_assert_int_eq(esp_sample_open(ends, &sample, 1), verdict);
	esp_sample_assert_untouched(ends->right, 1);
	ck_assert_uint_eq(esp_plane_count(ends->right, verdict), 1);
}

/* The next number is still 1, and good. */
static void end(struct esp_ends *ends)
{
	esp_ends_exchange(ends, 1, 1);
	esp_ends_close(ends);
}

START_TEST(test_next_headers)
{
	uint8_t inner[60];

	(void)esp_sample_packet(inner, "10.1.0.5", "10.2.0.7", 1, 2, sizeof(inner));
	for (unsigned next = 0; next < 256; next++) {
		struct esp_ends ends;

		if (next == ESP_NEXT_IPV4 || next == ESP_NEXT_DUMMY)
			continue;
		open_with(&ends, AES_SHA1);
		refused(&ends, AES_SHA1, (uint8_t)next, inner, sizeof(inner),
			next == ESP_NEXT_IPV6 ? ESP_INNER_BAD_VERSION : ESP_BAD_NEXT_HEADER);
		end(&ends);
	}
}
END_TEST

START_TEST(test_inner_packets_that_are_not_the_pairs)
{
	static const struct {
		const char *from, *to;
		enum esp_verdict verdict;
	} rows[] = {
	    {"10.3.0.5", "10.2.0.7", ESP_INNER_OTHER_SOURCE},
	    {"10.2.0.5", "10.2.0.7", ESP_INNER_OTHER_SOURCE}, /* as if from ourselves */
	    {"10.1.0.5", "10.3.0.7", ESP_INNER_OTHER_DESTINATION},
	    {"10.1.0.5", "10.1.0.7", ESP_INNER_OTHER_DESTINATION},
	    {"10.1.0.5", "127.0.0.1", ESP_INNER_OTHER_DESTINATION},
	    {"2001:db8:1::5", "2001:db8:2::7", ESP_INNER_OTHER_SOURCE},
	    {"::ffff:10.1.0.5", "::ffff:10.2.0.7", ESP_INNER_OTHER_SOURCE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const bool v6 = strchr(rows[i].from, ':') != NULL;
		struct esp_ends ends;
		uint8_t inner[60];

		open_with(&ends, AES_SHA1);
		(void)esp_sample_packet(inner, rows[i].from, rows[i].to, 1, 2, sizeof(inner));
		refused(&ends, AES_SHA1, v6 ? ESP_NEXT_IPV6 : ESP_NEXT_IPV4, inner, sizeof(inner),
			rows[i].verdict);
		end(&ends);
	}
}
END_TEST

START_TEST(test_inner_headers_that_cannot_be)
{
	struct esp_ends ends;
	uint8_t inner[60];

	open_with(&ends, AES_SHA1);
	(void)esp_sample_packet(inner, "10.1.0.5", "10.2.0.7", 1, 2, sizeof(inner));
	refused(&ends, AES_SHA1, ESP_NEXT_IPV4, inner, 0, ESP_INNER_TOO_SHORT);
	end(&ends);
	open_with(&ends, AES_SHA1);
	refused(&ends, AES_SHA1, ESP_NEXT_IPV4, inner, 59, ESP_INNER_BAD_LENGTH);
	end(&ends);
	open_with(&ends, AES_SHA1);
	inner[0] = 0x55;
	refused(&ends, AES_SHA1, ESP_NEXT_IPV4, inner, sizeof(inner), ESP_INNER_BAD_VERSION);
	end(&ends);
	open_with(&ends, AES_SHA1);
	inner[0] = 0x44;
	refused(&ends, AES_SHA1, ESP_NEXT_IPV4, inner, sizeof(inner), ESP_INNER_BAD_HEADER);
	end(&ends);
}
END_TEST

/* With NULL the trailer is in the open: it is changed, and the ICV made anew with HMAC alone. */
static void forge_trailer(struct esp_sample *sample, const uint8_t *inner, size_t length,
			  const uint8_t trailer[4])
{
	struct ike_ipsec_sa left, right;
	struct packet_cipher *cipher;
	uint8_t digest[PACKET_DIGEST_MAX];
	size_t covered = 8 + length + 4;

	esp_sample_pair(1, NULL_SHA1, &left, &right);
	cipher = packet_cipher_new(PACKET_NULL, octets_of("", 0), PACKET_HMAC_SHA1,
				   octets_of(left.keymat_out, 20), PACKET_SEALED);
	ck_assert_ptr_nonnull(cipher);
	esp_sample_forge(sample, 1, NULL_SHA1, 1, ESP_NEXT_IPV4, inner, length);
	ck_assert_uint_eq(sample->buffer.length, covered + 12);
	memcpy(sample->buffer.data + 8 + length, trailer, 4);
	packet_cipher_digest(cipher, octets_of(sample->buffer.data, covered), digest);
	memcpy(sample->buffer.data + covered, digest, 12);
	packet_cipher_free(cipher);
}

START_TEST(test_padding)
{
	static const uint8_t right[] = {1, 2, 2, ESP_NEXT_IPV4};
	static const uint8_t wrong[][4] = {
	    {0, 0, 2, ESP_NEXT_IPV4}, {2, 1, 2, ESP_NEXT_IPV4},  {1, 3, 2, ESP_NEXT_IPV4},
	    {1, 2, 3, ESP_NEXT_IPV4}, {1, 2, 63, ESP_NEXT_IPV4}, {1, 2, 255, ESP_NEXT_IPV4},
	};
	struct esp_sample sample;
	struct esp_ends ends;
	uint8_t inner[60];

	(void)esp_sample_packet(inner, "10.1.0.5", "10.2.0.7", 1, 2, sizeof(inner));
	open_with(&ends, NULL_SHA1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		forge_trailer(&sample, inner, sizeof(inner), wrong[i]);
		ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_BAD_PADDING);
	}
	esp_sample_assert_untouched(ends.right, 1);
	ck_assert_uint_eq(esp_plane_count(ends.right, ESP_BAD_PADDING), 6);
	forge_trailer(&sample, inner, sizeof(inner), right);
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_ACCEPTED);
	esp_ends_close(&ends);
}
END_TEST

START_TEST(test_ports_and_fragments)
{
	struct ike_ipsec_sa left, right;
	struct esp_sample sample;
	struct esp_ends ends;
	uint8_t inner[60];

	esp_ends_open(&ends);
	esp_sample_pair(1, AES_SHA1, &left, &right);
	right.inside_local.protocol = right.inside_remote.protocol = 17;
	right.inside_local.port = 1701;
	esp_sample_add(ends.right, &right);
	(void)esp_sample_packet(inner, "10.1.0.5", "10.2.0.7", 5, 1702, sizeof(inner));
	refused(&ends, AES_SHA1, ESP_NEXT_IPV4, inner, sizeof(inner), ESP_INNER_OTHER_PORT);
	(void)esp_sample_packet(inner, "10.1.0.5", "10.2.0.7", 5, 1701, sizeof(inner));
	inner[7] = 1; /* eight octets on: the ports would be data */
	refused(&ends, AES_SHA1, ESP_NEXT_IPV4, inner, sizeof(inner), ESP_INNER_FRAGMENT);
	inner[7] = 0;
	inner[9] = 6;
	refused(&ends, AES_SHA1, ESP_NEXT_IPV4, inner, sizeof(inner), ESP_INNER_OTHER_PROTOCOL);
	inner[9] = 17;
	esp_sample_forge(&sample, 1, AES_SHA1, 1, ESP_NEXT_IPV4, inner, sizeof(inner));
	ck_assert_int_eq(esp_sample_open(&ends, &sample, 1), ESP_ACCEPTED);
	esp_ends_close(&ends);
}
END_TEST

UNIT_MAIN("esp_plane_refusals", test_every_octet_changed, test_truncated_at_every_length,
	  test_reserved_spis_are_not_unknown_ones, test_in_udp_or_not, test_replays_and_the_window,
	  test_late_packets, test_number_zero, test_next_headers,
	  test_inner_packets_that_are_not_the_pairs, test_inner_headers_that_cannot_be,
	  test_padding, test_ports_and_fragments)
