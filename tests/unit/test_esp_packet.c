/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#include "crypto/secret.h"
#include "ike/ipsec_proposal.h"
#include "ike/registry.h"
#include "tests/support/esp_sample.h"

#define INNER 45 /* octets of the inner packet */

static const uint8_t cbc_iv[ESP_IV_MAX] = {0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7,
					   0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff};
static const uint8_t gcm_iv[ESP_IV_MAX] = {0, 0, 0, 0, 0, 0, 0, 1};

/*
 * Made by Python's `cryptography` 48 (AES, TripleDES, CBC, AESGCM) and its own hmac and hashlib, straight from the RFCs: SPI 0x2001,
 * number 1, the IVs above, keys of octets 0, 1, 2, ... (those that encrypt, GCM's salt at their end, then those that
 * authenticate), padding 1, 2, 3, ... to the block or to four octets; of HMAC the first 12 octets, of SHA2-256's 16.  The inner
 * packet is that of esp_sample_right(), of 45 octets.
 */
static const struct {
	const char *form, *hex;
} known[ESP_SAMPLE_FORMS] = {
    {"aes128-sha1", "0000200100000001f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff1f1e2a13f92594f157d8f1d270ad"
		    "e8549f7332e05d2d2e2da6700e98d8cbdf239b0bf627027c98ddbf2a7b879b908c9fccf4baeb"
		    "c948f13e3f58f284"},
    {"aes192-sha1", "0000200100000001f0f1f2f3f4f5f6f7f8f9fafbfcfdfeffe6e32e17e0613214e5d4fc3a48eb"
		    "665adb8fd658d64b680383ea0d081f54a79628bbab55a4b0b57e6c6b1d28c46e108a7e33ea8a"
		    "3283be0a82666f7b"},
    {"aes256-sha1", "0000200100000001f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff8f0c40a9f31997061e194ab18303"
		    "2c920f020cf1bdae525a0db40d102608bdda728bc71f09b3c6c57db7ad11b504b2519f2f7c20"
		    "00c686000d17c041"},
    {"aes128-md5", "0000200100000001f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff1f1e2a13f92594f157d8f1d270ad"
		   "e8549f7332e05d2d2e2da6700e98d8cbdf239b0bf627027c98ddbf2a7b879b908c9f2c1a2c37"
		   "cfad9e2fd866e624"},
    {"aes128-sha256", "0000200100000001f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff1f1e2a13f92594f157d8f1d270ad"
		      "e8549f7332e05d2d2e2da6700e98d8cbdf239b0bf627027c98ddbf2a7b879b908c9f1e454aea"
		      "15af1ec5b335b04126f9216a"},
    {"aes256-sha256", "0000200100000001f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff8f0c40a9f31997061e194ab18303"
		      "2c920f020cf1bdae525a0db40d102608bdda728bc71f09b3c6c57db7ad11b504b2516a72f927"
		      "dc3db4a47c480b0e74509851"},
    {"3des-sha1", "0000200100000001f0f1f2f3f4f5f6f7b69a51509ec9628359af3dd459ff3924da24a66b5423"
		  "3a0931f8dc251a594181b2d8e50ea83663887583f698e3ff528d737c5006436a966e3f6e1e64"},
    {"3des-md5", "0000200100000001f0f1f2f3f4f5f6f7b69a51509ec9628359af3dd459ff3924da24a66b5423"
		 "3a0931f8dc251a594181b2d8e50ea83663887583f698e3ff528d924877375b3baa0f7f309ae3"},
    {"null-sha1", "00002001000000014500002d00000000401100000a0100050a02000703e807d0a8afb6bdc4cb"
		  "d2d9e0e7eef5fc030a11181f262d340101042256c90d1515b1f161906164"},
    {"aes128gcm16", "000020010000000100000000000000011b46fabcbb142e167f96ad4d1085f2e3db92537a180e"
		    "613d33e3938486336b82178dd135aa8775c5bc958779eef174d4d008a668a34ec474968989b7"
		    "853f00b8"},
    {"aes192gcm16", "000020010000000100000000000000013a0acb6842989f491aada25d4e3b2436e76ca325b1c4"
		    "e7c2a83fb042eded2ef01af46fe61810fdeb2145bdf87f98185d7580631067e53b57a474955a"
		    "ca7839a0"},
    {"aes256gcm16", "000020010000000100000000000000012c8f3b9b566105da46dabb5a5b3d755b547c57d4c794"
		    "6f8afe88f68d8fea9fa410d2ccfcbab0fe504845fa01e39c22fa2f36b1d491a9466362c501f9"
		    "96c6a918"},
};

/* One direction of a pair, to seal by or to open. */
static void key(struct esp_sa *sa, const struct esp_sample_form *form,
		enum packet_direction direction)
{
	struct ike_ipsec_sa left, right;
	struct fault fault = {""};
	struct esp_form made;

	esp_sample_pair(1, form, &left, &right);
	ck_assert_msg(esp_form_of(&left.proposal, &made, &fault), "%s", fault.text);
	ck_assert_msg(esp_sa_key(sa, &made, left.spi_out,
				 octets_of(left.keymat_out, left.encryption_key_length),
				 octets_of(left.keymat_out + left.encryption_key_length,
					   left.authentication_key_length),
				 direction, &fault),
		      "%s", fault.text);
}

static void known_packet(size_t i, struct esp_sample *sample)
{
	uint8_t octets[256];

	esp_sample_fill(sample, octets, unit_hex(known[i].hex, octets, sizeof(octets)));
}

static enum esp_verdict opened(struct esp_sa *sa, struct esp_sample *sample)
{
	const struct esp_buffer before = sample->buffer;
	uint8_t next_header;
	enum esp_verdict verdict = esp_packet_open(sa, &sample->buffer, &next_header);

	if (verdict != ESP_ACCEPTED) {
		ck_assert_ptr_eq(sample->buffer.data, before.data);
		ck_assert_uint_eq(sample->buffer.length, before.length);
		ck_assert_uint_eq(sample->buffer.room, before.room);
	}
	return verdict;
}

/* ---- what is refused ------------------------------------------------------------------------------------------------- */

START_TEST(test_every_octet_counts)
{
	for (size_t i = 0; i < ESP_SAMPLE_FORMS; i++) {
		struct esp_sample whole, sample;
		struct esp_sa sa;

		key(&sa, &esp_sample_forms[i], PACKET_OPENED);
		known_packet(i, &whole);
		for (size_t at = 4; at < whole.buffer.length; at++)
			for (unsigned bit = 0; bit < 8; bit++) {
				esp_sample_fill(&sample, whole.buffer.data, whole.buffer.length);
				sample.buffer.data[at] ^= (uint8_t)(1u << bit);
				ck_assert_int_eq(opened(&sa, &sample), ESP_BAD_ICV);
			}
		/* the SPI has found the SA, and is authenticated all the same */
		for (size_t at = 0; at < 4; at++) {
			esp_sample_fill(&sample, whole.buffer.data, whole.buffer.length);
			sample.buffer.data[at] ^= 0x10;
			ck_assert_int_eq(opened(&sa, &sample), ESP_BAD_ICV);
		}
		esp_sample_fill(&sample, whole.buffer.data, whole.buffer.length);
		ck_assert_int_eq(opened(&sa, &sample), ESP_ACCEPTED);
		esp_sa_wipe(&sa);
	}
}
END_TEST

START_TEST(test_truncated_and_extended_at_every_length)
{
	for (size_t i = 0; i < ESP_SAMPLE_FORMS; i++) {
		struct esp_sample whole, sample;
		struct esp_sa sa;

		key(&sa, &esp_sample_forms[i], PACKET_OPENED);
		known_packet(i, &whole);
		for (size_t length = 0; length < whole.buffer.length + 40; length++) {
			uint8_t octets[512] = {0};
			const size_t around = 8u + sa.form.iv + sa.form.icv;
			const bool blocks =
			    length > around && (length - around) % sa.form.align == 0;

			if (length == whole.buffer.length)
				continue;
			memcpy(octets, whole.buffer.data, whole.buffer.length);
			esp_sample_fill(&sample, octets, length);
			ck_assert_int_eq(opened(&sa, &sample),
					 blocks ? ESP_BAD_ICV : ESP_BAD_LENGTH);
		}
		esp_sa_wipe(&sa);
	}
}
END_TEST

/* Nothing outside of the packet is read: it ends where the memory ends (and the sanitizers watch). */
START_TEST(test_nothing_behind_a_packet_is_looked_at)
{
	struct esp_sample sample;
	struct esp_sa sa;

	for (size_t i = 0; i < ESP_SAMPLE_FORMS; i++) {
		key(&sa, &esp_sample_forms[i], PACKET_OPENED);
		known_packet(i, &sample);
		memset(sample.buffer.data + sample.buffer.length, 0x55, 32);
		sample.buffer.room = sample.buffer.length;
		ck_assert_int_eq(opened(&sa, &sample), ESP_ACCEPTED);
		ck_assert_uint_eq(sample.buffer.data[sample.buffer.room], 0x55);
		esp_sa_wipe(&sa);
	}
}
END_TEST

/*
 * What is sealed with the inner packet `octets` and is then opened, where the sealing side has padded by itself: with NULL what is
 * "encrypted" is in the open, so the trailer can be any, under an ICV that is right.
 */
static enum esp_verdict open_trailer(const uint8_t *octets, size_t length)
{
	struct esp_sample sample;
	struct esp_sa sa;
	uint8_t packet[128] = {0, 0, 0x20, 1, 0, 0, 0, 1}, digest[PACKET_DIGEST_MAX];
	enum esp_verdict verdict;

	ck_assert_uint_eq(length % 4, 0);
	key(&sa, &esp_sample_forms[ESP_SAMPLE_NULL_SHA1], PACKET_OPENED);
	memcpy(packet + 8, octets, length);
	packet_cipher_digest(sa.cipher, octets_of(packet, 8 + length), digest);
	memcpy(packet + 8 + length, digest, 12);
	esp_sample_fill(&sample, packet, 8 + length + 12);
	verdict = opened(&sa, &sample);
	esp_sa_wipe(&sa);
	return verdict;
}

START_TEST(test_padding_is_looked_at)
{
	static const struct {
		uint8_t octets[8];
		enum esp_verdict verdict;
	} rows[] = {
	    {{'a', 'b', 'c', 'd', 'e', 'f', 0, 4}, ESP_ACCEPTED},
	    {{'a', 'b', 'c', 'd', 'e', 1, 1, 4}, ESP_ACCEPTED},
	    {{'a', 'b', 'c', 1, 2, 3, 3, 4}, ESP_ACCEPTED},
	    {{1, 2, 3, 4, 5, 6, 6, 4}, ESP_ACCEPTED}, /* nothing but padding */
	    {{'a', 'b', 'c', 1, 2, 4, 3, 4}, ESP_BAD_PADDING},
	    {{'a', 'b', 'c', 0, 2, 3, 3, 4}, ESP_BAD_PADDING},
	    {{'a', 'b', 'c', 0, 1, 2, 3, 4}, ESP_BAD_PADDING}, /* counted from 0 */
	    {{'a', 'b', 'c', 3, 3, 3, 3, 4}, ESP_BAD_PADDING}, /* as TLS does it */
	    {{'a', 'b', 'c', 0, 0, 0, 3, 4}, ESP_BAD_PADDING},
	    {{1, 2, 3, 4, 5, 6, 7, 4}, ESP_BAD_PADDING}, /* longer than the packet */
	    /* as if the number before it, 1, were its first octet */
	    {{2, 3, 4, 5, 6, 7, 7, 4}, ESP_BAD_PADDING},
	    {{1, 2, 3, 4, 5, 6, 255, 4}, ESP_BAD_PADDING},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_int_eq(open_trailer(rows[i].octets, 8), rows[i].verdict);
}
END_TEST

START_TEST(test_the_longest_padding)
{
	uint8_t octets[64];

	/* 253 octets would not fit the table above; a packet of 61 of padding and one of data does */
	for (size_t i = 0; i < 61; i++)
		octets[1 + i] = (uint8_t)(i + 1);
	octets[0] = 'x';
	octets[62] = 61;
	octets[63] = 4;
	ck_assert_int_eq(open_trailer(octets, 64), ESP_ACCEPTED);
	octets[62] = 62;
	ck_assert_int_eq(open_trailer(octets, 64), ESP_BAD_PADDING);
}
END_TEST

static void assert_no_form(uint16_t encryption, uint16_t key_bits, uint16_t authentication,
			   const char *says)
{
	const struct ike_ipsec_proposal proposal = {
	    .encryption = encryption, .key_bits = key_bits, .authentication = authentication};
	struct fault fault = {""};
	struct esp_form form;

	ck_assert(!esp_form_of(&proposal, &form, &fault));
	ck_assert_msg(strstr(fault.text, says) != NULL, "%s", fault.text);
}

START_TEST(test_forms_that_are_refused)
{
	assert_no_form(IKE_ESP_TRANSFORM_DES, 0, IKE_ESP_AUTHENTICATION_HMAC_SHA1, "DES");
	assert_no_form(IKE_ESP_TRANSFORM_AES, 128, 0, "without authentication");
	assert_no_form(IKE_ESP_TRANSFORM_3DES, 0, 0, "without authentication");
	assert_no_form(IKE_ESP_TRANSFORM_NULL, 0, 0, "without authentication");
	assert_no_form(IKE_ESP_TRANSFORM_AES, 0, IKE_ESP_AUTHENTICATION_HMAC_SHA1,
		       "12 with keys of 0");
	assert_no_form(IKE_ESP_TRANSFORM_AES, 512, IKE_ESP_AUTHENTICATION_HMAC_SHA1, "512");
	assert_no_form(IKE_ESP_TRANSFORM_AES, 128, 7, "authentication 7");
	assert_no_form(IKE_ESP_TRANSFORM_AES_GCM_16, 128, IKE_ESP_AUTHENTICATION_HMAC_SHA1,
		       "by itself");
	assert_no_form(99, 128, IKE_ESP_AUTHENTICATION_HMAC_SHA1, "transform 99");
}
END_TEST

START_TEST(test_keys_of_another_length_are_refused)
{
	for (size_t i = 0; i < ESP_SAMPLE_FORMS; i++) {
		const struct esp_sample_form *form = &esp_sample_forms[i];
		struct ike_ipsec_sa left, right;
		struct fault fault = {""};
		struct esp_form made;

		esp_sample_pair(1, form, &left, &right);
		ck_assert(esp_form_of(&left.proposal, &made, &fault));
		for (int by = -1; by <= 1; by++)
			for (int also = -1; also <= 1; also++) {
				const struct octets first = octets_of(left.keymat_out,
								      form->encryption_key_length +
									  (size_t)by),
						    second =
							octets_of(left.keymat_out,
								  form->authentication_key_length +
								      (size_t)also);
				struct esp_sa sa;

				if ((by == 0 && also == 0) ||
				    (by < 0 && form->encryption_key_length == 0) ||
				    (also < 0 && form->authentication_key_length == 0))
					continue;
				fault.text[0] = '\0';
				ck_assert(!esp_sa_key(&sa, &made, 1000, first, second,
						      PACKET_SEALED, &fault));
				ck_assert_str_ne(fault.text, "");
				esp_sa_wipe(&sa);
			}
	}
}
END_TEST

START_TEST(test_too_large_changes_nothing)
{
	for (size_t i = 0; i < ESP_SAMPLE_FORMS; i++) {
		struct esp_sample sample, before;
		struct esp_sa sa;
		size_t behind;

		key(&sa, &esp_sample_forms[i], PACKET_SEALED);
		behind = esp_form_sealed(&sa.form, INNER) - 8 - sa.form.iv;
		esp_sample_right(&sample, INNER);
		sample.buffer.room = behind - 1;
		before = sample;
		ck_assert_int_eq(esp_packet_seal(&sa, 1, cbc_iv, ESP_NEXT_IPV4, &sample.buffer),
				 ESP_TOO_LARGE);
		ck_assert_mem_eq(&sample, &before, sizeof(sample));
		sample.buffer.room = behind;
		ck_assert_int_eq(esp_packet_seal(&sa, 1, cbc_iv, ESP_NEXT_IPV4, &sample.buffer),
				 ESP_ACCEPTED);
		ck_assert_uint_eq(sample.buffer.room, sample.buffer.length);
		ck_assert_uint_eq(sample.buffer.data[sample.buffer.length], 0xee);
		esp_sa_wipe(&sa);
	}
}
END_TEST

/* ---- what is right --------------------------------------------------------------------------------------------------- */

START_TEST(test_known_packets_are_sealed)
{
	for (size_t i = 0; i < ESP_SAMPLE_FORMS; i++) {
		struct esp_sample sample;
		struct esp_sa sa;

		ck_assert_str_eq(known[i].form, esp_sample_forms[i].name);
		key(&sa, &esp_sample_forms[i], PACKET_SEALED);
		esp_sample_right(&sample, INNER);
		ck_assert_int_eq(esp_packet_seal(&sa, 1, sa.form.salt > 0 ? gcm_iv : cbc_iv,
						 ESP_NEXT_IPV4, &sample.buffer),
				 ESP_ACCEPTED);
		unit_assert_hex(octets_of(sample.buffer.data, sample.buffer.length), known[i].hex);
		ck_assert_uint_eq(sample.buffer.length, esp_form_sealed(&sa.form, INNER));
		esp_sa_wipe(&sa);
	}
}
END_TEST

START_TEST(test_known_packets_are_opened)
{
	for (size_t i = 0; i < ESP_SAMPLE_FORMS; i++) {
		struct esp_sample sample, plain;
		uint8_t next_header = 0;
		uint32_t spi, number;
		struct esp_sa sa;

		key(&sa, &esp_sample_forms[i], PACKET_OPENED);
		esp_sample_right(&plain, INNER);
		known_packet(i, &sample);
		ck_assert_int_eq(esp_packet_peek(octets_of(sample.buffer.data, 8), &spi, &number),
				 ESP_ACCEPTED);
		ck_assert_uint_eq(spi, 0x2001);
		ck_assert_uint_eq(number, 1);
		ck_assert_int_eq(esp_packet_open(&sa, &sample.buffer, &next_header), ESP_ACCEPTED);
		ck_assert_uint_eq(next_header, ESP_NEXT_IPV4);
		ck_assert_uint_eq(sample.buffer.length, INNER);
		ck_assert_mem_eq(sample.buffer.data, plain.buffer.data, INNER);
		ck_assert_ptr_eq(sample.buffer.data + sample.buffer.room,
				 sample.room + sizeof(sample.room));
		esp_sa_wipe(&sa);
	}
}
END_TEST

START_TEST(test_peek_wants_eight_octets)
{
	static const uint8_t octets[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	uint32_t spi = 0, number = 0;

	for (size_t length = 0; length < 8; length++)
		ck_assert_int_eq(esp_packet_peek(octets_of(octets, length), &spi, &number),
				 ESP_TOO_SHORT);
	ck_assert_int_eq(esp_packet_peek(octets_of(octets, 8), &spi, &number), ESP_ACCEPTED);
	ck_assert_uint_eq(spi, 0x01020304);
	ck_assert_uint_eq(number, 0x05060708);
}
END_TEST

/* What Quick Mode takes from KEYMAT is what the form wants; it negotiates no NULL. */
START_TEST(test_forms_take_what_quick_mode_gives)
{
	for (size_t i = 0; i < ESP_SAMPLE_FORMS; i++) {
		size_t encryption = 0, authentication = 0;
		struct ike_ipsec_sa left, right;

		if (i == ESP_SAMPLE_NULL_SHA1)
			continue;
		esp_sample_pair(1, &esp_sample_forms[i], &left, &right);
		ck_assert(ipsec_proposal_key_lengths(&left.proposal, &encryption, &authentication));
		ck_assert_uint_eq(encryption, esp_sample_forms[i].encryption_key_length);
		ck_assert_uint_eq(authentication, esp_sample_forms[i].authentication_key_length);
	}
}
END_TEST

/* Every length: what is encrypted is whole blocks, and padding is never a block too long. */
START_TEST(test_overhead_is_the_worst_case)
{
	for (size_t i = 0; i < ESP_SAMPLE_FORMS; i++) {
		struct ike_ipsec_sa left, right;
		struct fault fault;
		struct esp_form form;
		size_t most = 0;

		esp_sample_pair(1, &esp_sample_forms[i], &left, &right);
		ck_assert(esp_form_of(&left.proposal, &form, &fault));
		for (size_t inner = 20; inner < 200; inner++) {
			const size_t sealed = esp_form_sealed(&form, inner);

			ck_assert_uint_eq((sealed - 8 - form.iv - form.icv) % form.align, 0);
			if (sealed - inner > most)
				most = sealed - inner;
		}
		ck_assert_uint_eq(esp_overhead(&left, false), 20 + most);
		ck_assert_uint_eq(esp_overhead(&left, true), 40 + most);
		left.encapsulated = true;
		ck_assert_uint_eq(esp_overhead(&left, false), 28 + most);
		ck_assert_uint_le(8u + form.iv, ESP_HEADROOM);
		ck_assert_uint_le(most - 8 - form.iv, ESP_TAILROOM);
	}
}
END_TEST

START_TEST(test_overhead_in_figures)
{
	struct ike_ipsec_sa left, right;

	/* 20 + 8 + 16 + (at most 15 of padding, 2) + 12 */
	esp_sample_pair(1, &esp_sample_forms[ESP_SAMPLE_AES128_SHA1], &left, &right);
	ck_assert_uint_eq(esp_overhead(&left, false), 73);
	left.proposal.encryption = IKE_ESP_TRANSFORM_DES;
	ck_assert_uint_eq(esp_overhead(&left, false), 0);
}
END_TEST

UNIT_MAIN("esp_packet", test_every_octet_counts, test_truncated_and_extended_at_every_length,
	  test_nothing_behind_a_packet_is_looked_at, test_padding_is_looked_at,
	  test_the_longest_padding, test_forms_that_are_refused,
	  test_keys_of_another_length_are_refused, test_too_large_changes_nothing,
	  test_known_packets_are_sealed, test_known_packets_are_opened,
	  test_peek_wants_eight_octets, test_forms_take_what_quick_mode_gives,
	  test_overhead_is_the_worst_case, test_overhead_in_figures)
