/* SPDX-License-Identifier: ISC */
#include "interop/esp/esp_packet.h"

#include <assert.h>
#include <string.h>

#include "crypto/secret.h"
#include "ike/registry.h"
#include "ike/wire.h"

#define HEADER  8 /* octets: SPI, sequence number */
#define TRAILER 2 /* octets: pad length, next header */
#define WORD    4 /* octets: RFC 4303 section 2.4, where the cipher asks for less */

#define V4_HEADER  20 /* octets of an outer header */
#define V6_HEADER  40
#define UDP_HEADER 8

#define GCM_IV 8 /* octets: RFC 4106 section 3.1 */

_Static_assert(HEADER + ESP_IV_MAX <= ESP_HEADROOM, "the header fits before the inner packet");

/* ---- forms --------------------------------------------------------------------------------------------------------- */

static const struct {
	uint16_t transform, key_bits;
	enum packet_encryption encryption;
} encryptions[] = {
    {IKE_ESP_TRANSFORM_3DES, 0, PACKET_3DES_CBC},
    {IKE_ESP_TRANSFORM_NULL, 0, PACKET_NULL},
    {IKE_ESP_TRANSFORM_AES, 128, PACKET_AES_128_CBC},
    {IKE_ESP_TRANSFORM_AES, 192, PACKET_AES_192_CBC},
    {IKE_ESP_TRANSFORM_AES, 256, PACKET_AES_256_CBC},
    {IKE_ESP_TRANSFORM_AES_GCM_16, 128, PACKET_AES_128_GCM},
    {IKE_ESP_TRANSFORM_AES_GCM_16, 192, PACKET_AES_192_GCM},
    {IKE_ESP_TRANSFORM_AES_GCM_16, 256, PACKET_AES_256_GCM},
};

static const struct {
	uint16_t authentication;
	enum packet_authentication hmac;
	uint8_t icv; /* octets */
} authentications[] = {
    {IKE_ESP_AUTHENTICATION_HMAC_MD5, PACKET_HMAC_MD5, 12},
    {IKE_ESP_AUTHENTICATION_HMAC_SHA1, PACKET_HMAC_SHA1, 12},
    {IKE_ESP_AUTHENTICATION_HMAC_SHA2_256, PACKET_HMAC_SHA2_256, 16},
};

static bool find_encryption(const struct ike_ipsec_proposal *proposal, struct esp_form *form,
			    struct fault *fault)
{
	if (proposal->encryption == IKE_ESP_TRANSFORM_DES)
		return fault_say(fault, "DES is not offered here: its keys are found in a day; "
					"take aes128, or 3des where there is nothing better");
	for (size_t i = 0; i < sizeof(encryptions) / sizeof(encryptions[0]); i++) {
		if (encryptions[i].transform != proposal->encryption ||
		    encryptions[i].key_bits != proposal->key_bits)
			continue;
		form->encryption = encryptions[i].encryption;
		return true;
	}
	return fault_say(fault,
			 "ESP transform %u with keys of %u bits is not offered here; take aes128, "
			 "aes192, aes256, aes128gcm16, aes256gcm16 or 3des",
			 proposal->encryption, proposal->key_bits);
}

static bool find_authentication(const struct ike_ipsec_proposal *proposal, struct esp_form *form,
				struct fault *fault)
{
	for (size_t i = 0; i < sizeof(authentications) / sizeof(authentications[0]); i++) {
		if (authentications[i].authentication != proposal->authentication)
			continue;
		form->authentication = authentications[i].hmac;
		form->icv = authentications[i].icv;
		return true;
	}
	/*
	 * A CBC that nobody authenticates can be changed bit by bit on its way, and the answers to what it becomes tell what was in
	 * it (Paterson and Yau, 2006, against just this; RFC 8221 section 4 forbids it).
	 */
	if (proposal->authentication == 0)
		return fault_say(fault, "encryption without authentication is refused: who changes "
					"such packets can read them; add sha1, sha256 or md5");
	return fault_say(fault,
			 "ESP authentication %u is not offered here; take sha256, sha1 or md5",
			 proposal->authentication);
}

bool esp_form_of(const struct ike_ipsec_proposal *proposal, struct esp_form *form,
		 struct fault *fault)
{
	size_t block;

	memset(form, 0, sizeof(*form));
	if (!find_encryption(proposal, form, fault))
		return false;
	block = packet_encryption_block(form->encryption);
	form->align = block > WORD ? (uint8_t)block : WORD;
	if (packet_encryption_is_gcm(form->encryption)) {
		if (proposal->authentication != 0)
			return fault_say(fault, "AES-GCM authenticates by itself: leave out the "
						"second part, aes128gcm16");
		form->iv = GCM_IV;
		form->icv = PACKET_TAG_LENGTH;
		form->salt = ESP_SALT;
		return true;
	}
	form->iv = block > 1 ? (uint8_t)block : 0;
	return find_authentication(proposal, form, fault);
}

/* Of what is encrypted: whole blocks that hold the inner packet and the trailer. */
static size_t encrypted_length(const struct esp_form *form, size_t inner)
{
	return (inner + TRAILER + form->align - 1) / form->align * form->align;
}

size_t esp_form_sealed(const struct esp_form *form, size_t inner)
{
	return HEADER + form->iv + encrypted_length(form, inner) + form->icv;
}

size_t esp_overhead(const struct ike_ipsec_sa *pair, bool ipv6_outer)
{
	struct esp_form form;
	struct fault fault;

	if (!esp_form_of(&pair->proposal, &form, &fault))
		return 0;
	/* an empty packet lacks one octet of the worst case: one whose trailer begins a block of which it takes only one octet */
	return (ipv6_outer ? V6_HEADER : V4_HEADER) + (pair->encapsulated ? UDP_HEADER : 0u) +
	       esp_form_sealed(&form, 0) + 1;
}

/* ---- keys ---------------------------------------------------------------------------------------------------------- */

bool esp_sa_key(struct esp_sa *sa, const struct esp_form *form, uint32_t spi,
		struct octets encryption_key, struct octets authentication_key,
		enum packet_direction direction, struct fault *fault)
{
	size_t key = packet_encryption_key_length(form->encryption);

	memset(sa, 0, sizeof(*sa));
	if (encryption_key.length != key + form->salt ||
	    authentication_key.length != packet_digest_length(form->authentication))
		return fault_say(fault,
				 "keys of %zu and %zu octets do not fit the algorithms, which take "
				 "%zu and %zu",
				 encryption_key.length, authentication_key.length, key + form->salt,
				 packet_digest_length(form->authentication));
	sa->form = *form;
	sa->spi = spi;
	memcpy(sa->salt, encryption_key.data + key, form->salt);
	sa->cipher = packet_cipher_new(form->encryption, octets_of(encryption_key.data, key),
				       form->authentication, authentication_key, direction);
	return sa->cipher != NULL ||
	       fault_say(fault, "no memory for the keys of an SA, or OpenSSL lacks its cipher");
}

void esp_sa_wipe(struct esp_sa *sa)
{
	packet_cipher_free(sa->cipher);
	secret_wipe(sa, sizeof(*sa));
}

/* ---- packets ------------------------------------------------------------------------------------------------------- */

/* RFC 4106 section 4: salt, then the packet's IV. */
static void make_nonce(const struct esp_sa *sa, const uint8_t *iv,
		       uint8_t nonce[PACKET_NONCE_LENGTH])
{
	memcpy(nonce, sa->salt, ESP_SALT);
	memcpy(nonce + ESP_SALT, iv, GCM_IV);
}

/* `start` is the SPI, `encrypted` the length of what is to be encrypted behind the IV. */
static void protect(struct esp_sa *sa, uint8_t *start, size_t encrypted)
{
	uint8_t *iv = start + HEADER, *data = iv + sa->form.iv, *icv = data + encrypted;
	uint8_t nonce[PACKET_NONCE_LENGTH], digest[PACKET_DIGEST_MAX];

	if (sa->form.salt > 0) {
		make_nonce(sa, iv, nonce);
		packet_cipher_seal(sa->cipher, nonce, octets_of(start, HEADER), data, encrypted,
				   icv);
		return;
	}
	packet_cipher_crypt(sa->cipher, iv, data, encrypted);
	packet_cipher_digest(sa->cipher, octets_of(start, (size_t)(icv - start)), digest);
	memcpy(icv, digest, sa->form.icv);
}

enum esp_verdict esp_packet_seal(struct esp_sa *sa, uint32_t number, const uint8_t *iv,
				 uint8_t next_header, struct esp_buffer *packet)
{
	const size_t encrypted = encrypted_length(&sa->form, packet->length);
	const size_t padding = encrypted - TRAILER - packet->length;
	const size_t before = (size_t)HEADER + sa->form.iv;
	uint8_t *end = packet->data + packet->length, *start = packet->data - before;

	if (packet->room < encrypted + sa->form.icv)
		return ESP_TOO_LARGE;
	for (size_t i = 0; i < padding; i++)
		end[i] = (uint8_t)(i + 1);
	end[padding] = (uint8_t)padding;
	end[padding + 1] = next_header;
	wire_put_u32(start, sa->spi);
	wire_put_u32(start + 4, number);
	if (sa->form.iv > 0)
		memcpy(start + HEADER, iv, sa->form.iv);
	protect(sa, start, encrypted);
	packet->data = start;
	packet->length = before + encrypted + sa->form.icv;
	packet->room += before;
	return ESP_ACCEPTED;
}

enum esp_verdict esp_packet_peek(struct octets packet, uint32_t *spi, uint32_t *number)
{
	if (packet.length < HEADER)
		return ESP_TOO_SHORT;
	*spi = wire_u32_at(packet.data);
	*number = wire_u32_at(packet.data + 4);
	return ESP_ACCEPTED;
}

/* Authenticated first and decrypted afterwards; GCM does both at once. */
static bool unprotect(struct esp_sa *sa, uint8_t *start, size_t encrypted)
{
	uint8_t *iv = start + HEADER, *data = iv + sa->form.iv, *icv = data + encrypted;
	uint8_t nonce[PACKET_NONCE_LENGTH], digest[PACKET_DIGEST_MAX];

	if (sa->form.salt > 0) {
		make_nonce(sa, iv, nonce);
		return packet_cipher_open(sa->cipher, nonce, octets_of(start, HEADER), data,
					  encrypted, icv);
	}
	packet_cipher_digest(sa->cipher, octets_of(start, (size_t)(icv - start)), digest);
	if (!secret_equal(octets_of(digest, sa->form.icv), octets_of(icv, sa->form.icv)))
		return false;
	packet_cipher_crypt(sa->cipher, iv, data, encrypted);
	return true;
}

/* The padding's length in octets; false: it is not what RFC 4303 section 2.4 says, or is more than there is. */
static bool read_padding(const uint8_t *data, size_t encrypted, size_t *padding)
{
	const uint8_t *end = data + encrypted - TRAILER;

	*padding = end[0];
	if (*padding > encrypted - TRAILER)
		return false;
	for (size_t i = 0; i < *padding; i++)
		if (*(end - *padding + i) != i + 1)
			return false;
	return true;
}

enum esp_verdict esp_packet_open(struct esp_sa *sa, struct esp_buffer *packet, uint8_t *next_header)
{
	const size_t around = (size_t)HEADER + sa->form.iv + sa->form.icv;
	const size_t before = (size_t)HEADER + sa->form.iv;
	size_t encrypted, padding;
	const uint8_t *data = packet->data + before;

	if (packet->length <= around || (packet->length - around) % sa->form.align != 0)
		return ESP_BAD_LENGTH;
	encrypted = packet->length - around;
	if (!unprotect(sa, packet->data, encrypted))
		return ESP_BAD_ICV;
	if (!read_padding(data, encrypted, &padding))
		return ESP_BAD_PADDING;
	*next_header = data[encrypted - 1];
	packet->data += before;
	packet->room -= before;
	packet->length = encrypted - TRAILER - padding;
	return ESP_ACCEPTED;
}
