/* SPDX-License-Identifier: ISC */
/*
 * esp_sample.h - two ends of a pair of IPsec SAs, and inner packets, for whoever tries the userspace ESP.
 *
 * LEFT is the gateway 192.0.2.1 of 10.1.0.0/16 and 2001:db8:1::/48, RIGHT is 192.0.2.2 of 10.2.0.0/16 and 2001:db8:2::/48.
 * Keys are counted: octet i of what LEFT sends with is i, of what RIGHT sends with 0x80 + i.
 */
#ifndef TESTS_SUPPORT_ESP_SAMPLE_H
#define TESTS_SUPPORT_ESP_SAMPLE_H

#include "interop/esp/esp_plane.h"

#define ESP_SAMPLE_ROOM 2048

/* "aes128-sha1" and so on, and NULL, which is not for proposals. */
struct esp_sample_form {
	const char *name;
	uint16_t encryption, key_bits, authentication;
	size_t encryption_key_length, authentication_key_length;
};
extern const struct esp_sample_form esp_sample_forms[];
#define ESP_SAMPLE_FORMS       12
#define ESP_SAMPLE_AES128_SHA1 0
#define ESP_SAMPLE_NULL_SHA1   8
#define ESP_SAMPLE_AES128_GCM  9

/* The two ends' views; SPIs are 0x1000 + number for what LEFT receives, 0x2000 + number for RIGHT. */
void esp_sample_pair(uint32_t number, const struct esp_sample_form *form, struct ike_ipsec_sa *left,
		     struct ike_ipsec_sa *right);
/* "10.1.0.0/16", with protocol and port 0. */
struct ike_selector esp_sample_selector(const char *address, unsigned bits);
struct ike_address esp_sample_address(const char *text);

/* An inner packet of that many octets in all, with UDP ports where there is room; returns the length. */
size_t esp_sample_packet(uint8_t *out, const char *from, const char *to, uint16_t from_port,
			 uint16_t to_port, size_t length);

/* A buffer around a packet, with headroom and all. */
struct esp_sample {
	uint8_t room[ESP_SAMPLE_ROOM];
	struct esp_buffer buffer;
};
void esp_sample_fill(struct esp_sample *sample, const void *octets, size_t length);
/* LEFT's UDP packet from 10.1.0.5:1000 to 10.2.0.7:2000, of so many octets. */
void esp_sample_right(struct esp_sample *sample, size_t length);

/* ---- both ends at work ------------------------------------------------------------------------------------------------- */

#define ESP_SAMPLE_NOW   (1000 * IKE_SECOND)
#define ESP_SAMPLE_PAIRS 8 /* that an end has room for */

struct esp_ends {
	struct esp_plane *left, *right;
	struct ike_address at_left, at_right;
};

void esp_ends_open(struct esp_ends *ends); /* without any pair; everything is seeded */
void esp_ends_close(struct esp_ends *ends);
/* A pair on both ends; it must be taken. */
void esp_ends_add(struct esp_ends *ends, uint32_t number, const struct esp_sample_form *form);
void esp_sample_add(struct esp_plane *plane, const struct ike_ipsec_sa *pair);
/* By the plane's own choice of the pair. */
enum esp_verdict esp_sample_seal(struct esp_plane *plane, struct esp_sample *sample);
/* RIGHT's verdict on what came from LEFT, not in UDP; `number` must be the pair that it names, 0 for none. */
enum esp_verdict esp_sample_open(struct esp_ends *ends, struct esp_sample *sample, uint32_t number);
/* LEFT seals, RIGHT opens, so many packets of 100 octets; all must be accepted. */
void esp_ends_exchange(struct esp_ends *ends, uint32_t number, size_t packets);
/* An ESP packet of the pair with that number, as LEFT's keys would make it, whatever is in it. */
void esp_sample_forge(struct esp_sample *sample, uint32_t pair, const struct esp_sample_form *form,
		      uint32_t number, uint8_t next_header, const void *inner, size_t length);
/* Nothing has come through that pair of the plane, and nothing is to be told. */
void esp_sample_assert_untouched(struct esp_plane *plane, uint32_t number);

#endif
