/* SPDX-License-Identifier: ISC */
#include "tests/support/esp_sample.h"

#include <check.h>
#include <string.h>

#include "ike/address.h"
#include "ike/registry.h"

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

static void put_u16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
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
	put_u16(out + (v4 ? 2 : 4), v4 ? length : length - header);
	out[v4 ? 9 : 6] = 17; /* UDP */
	out[v4 ? 8 : 7] = 64;
	memcpy(out + header - 2 * address, source.octets, address);
	memcpy(out + header - address, target.octets, address);
	if (length >= header + 4) {
		put_u16(out + header, from_port);
		put_u16(out + header + 2, to_port);
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
