/* SPDX-License-Identifier: ISC */
#include "tests/support/esp_sample.h"

#include <check.h>
#include <string.h>

#include "ike/address.h"
#include "ike/registry.h"
#include "ike/wire.h"

#define AES  IKE_ESP_TRANSFORM_AES
#define GCM  IKE_ESP_TRANSFORM_AES_GCM_16
#define MD5  IKE_ESP_AUTHENTICATION_HMAC_MD5
#define SHA1 IKE_ESP_AUTHENTICATION_HMAC_SHA1
#define SHA2 IKE_ESP_AUTHENTICATION_HMAC_SHA2_256

const struct esp_sample_form esp_sample_forms[ESP_SAMPLE_FORMS] = {
    {"aes128-sha1", AES, 128, SHA1, 16, 20},
    {"aes192-sha1", AES, 192, SHA1, 24, 20},
    {"aes256-sha1", AES, 256, SHA1, 32, 20},
    {"aes128-md5", AES, 128, MD5, 16, 16},
    {"aes128-sha256", AES, 128, SHA2, 16, 32},
    {"aes256-sha256", AES, 256, SHA2, 32, 32},
    {"3des-sha1", IKE_ESP_TRANSFORM_3DES, 0, SHA1, 24, 20},
    {"3des-md5", IKE_ESP_TRANSFORM_3DES, 0, MD5, 24, 16},
    {"null-sha1", IKE_ESP_TRANSFORM_NULL, 0, SHA1, 0, 20},
    {"aes128gcm16", GCM, 128, 0, 20, 0},
    {"aes192gcm16", GCM, 192, 0, 28, 0},
    {"aes256gcm16", GCM, 256, 0, 36, 0},
};

struct ike_address esp_sample_address(const char *text)
{
	struct ike_address address;

	ck_assert(ike_address_from_text(text, &address));
	return address;
}

struct ike_selector esp_sample_selector(const char *address, unsigned bits)
{
	return (struct ike_selector){
	    .prefix = {.address = esp_sample_address(address), .bits = (uint8_t)bits}};
}

void esp_sample_pair(uint32_t number, const struct esp_sample_form *form, struct ike_ipsec_sa *left,
		     struct ike_ipsec_sa *right)
{
	memset(left, 0, sizeof(*left));
	left->number = number;
	left->local = esp_sample_address("192.0.2.1");
	left->remote = esp_sample_address("192.0.2.2");
	left->inside_local = esp_sample_selector("10.1.0.0", 16);
	left->inside_remote = esp_sample_selector("10.2.0.0", 16);
	left->proposal.encryption = form->encryption;
	left->proposal.key_bits = form->key_bits;
	left->proposal.authentication = form->authentication;
	left->encryption_key_length = form->encryption_key_length;
	left->authentication_key_length = form->authentication_key_length;
	left->spi_in = 0x1000 + number;
	left->spi_out = 0x2000 + number;
	for (size_t i = 0; i < IKE_IPSEC_KEYMAT_MAX; i++) {
		left->keymat_out[i] = (uint8_t)i;
		left->keymat_in[i] = (uint8_t)(0x80 + i);
	}
	*right = *left;
	right->local = left->remote;
	right->remote = left->local;
	right->inside_local = left->inside_remote;
	right->inside_remote = left->inside_local;
	right->spi_in = left->spi_out;
	right->spi_out = left->spi_in;
	memcpy(right->keymat_in, left->keymat_out, sizeof(right->keymat_in));
	memcpy(right->keymat_out, left->keymat_in, sizeof(right->keymat_out));
}

size_t esp_sample_packet(uint8_t *out, const char *from, const char *to, uint16_t from_port,
			 uint16_t to_port, size_t length)
{
	const struct ike_address source = esp_sample_address(from), target = esp_sample_address(to);
	const bool v4 = source.family == IKE_FAMILY_IPV4;
	const size_t header = v4 ? 20 : 40, address = v4 ? 4 : 16;

	ck_assert_uint_ge(length, header);
	for (size_t i = 0; i < length; i++)
		out[i] = (uint8_t)(7 * i);
	memset(out, 0, header);
	out[0] = v4 ? 0x45 : 0x60;
	wire_put_u16(out + (v4 ? 2 : 4), v4 ? length : length - header);
	out[v4 ? 9 : 6] = 17; /* UDP */
	out[v4 ? 8 : 7] = 64;
	memcpy(out + header - 2 * address, source.octets, address);
	memcpy(out + header - address, target.octets, address);
	if (length >= header + 4) {
		wire_put_u16(out + header, from_port);
		wire_put_u16(out + header + 2, to_port);
	}
	return length;
}

void esp_sample_fill(struct esp_sample *sample, const void *octets, size_t length)
{
	ck_assert_uint_le(length + ESP_HEADROOM + ESP_TAILROOM, sizeof(sample->room));
	memset(sample->room, 0xee, sizeof(sample->room));
	sample->buffer.data = sample->room + ESP_HEADROOM;
	sample->buffer.length = length;
	sample->buffer.room = sizeof(sample->room) - ESP_HEADROOM;
	memcpy(sample->buffer.data, octets, length);
}

void esp_sample_right(struct esp_sample *sample, size_t length)
{
	uint8_t packet[ESP_SAMPLE_ROOM];

	esp_sample_fill(sample, packet,
			esp_sample_packet(packet, "10.1.0.5", "10.2.0.7", 1000, 2000, length));
}

/* ---- both ends at work ------------------------------------------------------------------------------------------------- */

static struct esp_plane *new_plane(uint8_t first)
{
	const uint8_t seed[RANDOM_SEED_LENGTH] = {first};
	struct random_source random;
	struct esp_plane *plane;

	random_seeded(&random, seed);
	plane = esp_plane_new(&random, ESP_SAMPLE_PAIRS);
	ck_assert_ptr_nonnull(plane);
	return plane;
}

void esp_ends_open(struct esp_ends *ends)
{
	ends->left = new_plane(1);
	ends->right = new_plane(2);
	ends->at_left = esp_sample_address("192.0.2.1");
	ends->at_right = esp_sample_address("192.0.2.2");
}

void esp_ends_close(struct esp_ends *ends)
{
	esp_plane_free(ends->left);
	esp_plane_free(ends->right);
}

void esp_sample_add(struct esp_plane *plane, const struct ike_ipsec_sa *pair)
{
	struct fault fault = {""};

	ck_assert_msg(esp_plane_add(plane, pair, &fault), "%s", fault.text);
}

void esp_ends_add(struct esp_ends *ends, uint32_t number, const struct esp_sample_form *form)
{
	struct ike_ipsec_sa left, right;

	esp_sample_pair(number, form, &left, &right);
	esp_sample_add(ends->left, &left);
	esp_sample_add(ends->right, &right);
}

enum esp_verdict esp_sample_seal(struct esp_plane *plane, struct esp_sample *sample)
{
	struct ike_address local, remote;
	bool encapsulated;

	return esp_plane_seal(plane, ESP_SAMPLE_NOW, &sample->buffer, &local, &remote,
			      &encapsulated);
}

enum esp_verdict esp_sample_open(struct esp_ends *ends, struct esp_sample *sample, uint32_t number)
{
	uint32_t named = UINT32_MAX;
	enum esp_verdict verdict = esp_plane_open(ends->right, ESP_SAMPLE_NOW, &ends->at_left,
						  false, &sample->buffer, &named);

	ck_assert_uint_eq(named, number);
	return verdict;
}

void esp_ends_exchange(struct esp_ends *ends, uint32_t number, size_t packets)
{
	for (size_t i = 0; i < packets; i++) {
		struct esp_sample sample;

		esp_sample_right(&sample, 100);
		ck_assert_int_eq(esp_sample_seal(ends->left, &sample), ESP_ACCEPTED);
		ck_assert_int_eq(esp_sample_open(ends, &sample, number), ESP_ACCEPTED);
		ck_assert_uint_eq(sample.buffer.length, 100);
	}
}

void esp_sample_forge(struct esp_sample *sample, uint32_t pair, const struct esp_sample_form *form,
		      uint32_t number, uint8_t next_header, const void *inner, size_t length)
{
	static const uint8_t iv[ESP_IV_MAX] = {0x77};
	struct ike_ipsec_sa left, right;
	struct fault fault = {""};
	struct esp_form made;
	struct esp_sa sa;

	esp_sample_pair(pair, form, &left, &right);
	ck_assert(esp_form_of(&left.proposal, &made, &fault));
	ck_assert(esp_sa_key(
	    &sa, &made, left.spi_out, octets_of(left.keymat_out, left.encryption_key_length),
	    octets_of(left.keymat_out + left.encryption_key_length, left.authentication_key_length),
	    PACKET_SEALED, &fault));
	esp_sample_fill(sample, inner, length);
	ck_assert_int_eq(esp_packet_seal(&sa, number, iv, next_header, &sample->buffer),
			 ESP_ACCEPTED);
	esp_sa_wipe(&sa);
}

void esp_sample_assert_untouched(struct esp_plane *plane, uint32_t number)
{
	struct esp_expiry expiry;
	struct esp_usage usage;
	struct esp_use use;

	ck_assert(esp_plane_usage(plane, number, &usage));
	ck_assert_uint_eq(usage.packets_in, 0);
	ck_assert_uint_eq(usage.octets_in, 0);
	ck_assert_uint_eq(usage.packets_out, 0);
	ck_assert_uint_eq(usage.used_in, IKE_NEVER);
	ck_assert_uint_eq(usage.used_out, IKE_NEVER);
	ck_assert(!esp_plane_used(plane, &use));
	ck_assert(!esp_plane_expired(plane, &expiry));
}
