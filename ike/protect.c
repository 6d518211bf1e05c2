/* SPDX-License-Identifier: ISC */
#include "ike/protect.h"

#include <assert.h>
#include <string.h>

/* An IV is the first block of a digest, by the plain hash and not the prf (RFC 2409 appendix B). */
static void iv_from(struct crypto *crypto, enum hash_algorithm hash, enum cipher_algorithm cipher,
		    const struct octets parts[2], uint8_t iv[CIPHER_MAX_BLOCK])
{
	uint8_t digest[HASH_MAX_LENGTH];

	hash_octets(crypto, hash, parts, 2, digest);
	memcpy(iv, digest, cipher_block_length(cipher));
}

void protect_iv_phase1(struct crypto *crypto, enum hash_algorithm hash,
		       enum cipher_algorithm cipher, struct octets g_xi, struct octets g_xr,
		       uint8_t iv[CIPHER_MAX_BLOCK])
{
	const struct octets parts[2] = {g_xi, g_xr};

	iv_from(crypto, hash, cipher, parts, iv);
}

static struct octets message_id_octets(uint32_t message_id, uint8_t memory[4])
{
	struct wire_writer writer;

	wire_write_to(&writer, memory, 4);
	wire_write_u32(&writer, message_id);
	return wire_written(&writer);
}

void protect_iv_message(struct crypto *crypto, enum hash_algorithm hash,
			enum cipher_algorithm cipher, const uint8_t *last_block,
			uint32_t message_id, uint8_t iv[CIPHER_MAX_BLOCK])
{
	uint8_t memory[4];
	const struct octets parts[2] = {octets_of(last_block, cipher_block_length(cipher)),
					message_id_octets(message_id, memory)};

	iv_from(crypto, hash, cipher, parts, iv);
}

void protect_hash_1(struct crypto *crypto, enum hash_algorithm hash, const uint8_t *skeyid_a,
		    uint32_t message_id, struct octets rest, uint8_t *out)
{
	uint8_t memory[4];
	const struct octets parts[2] = {message_id_octets(message_id, memory), rest};

	prf_octets(crypto, hash, octets_of(skeyid_a, hash_length(hash)), parts, 2, out);
}

void protect_hash_2(struct crypto *crypto, enum hash_algorithm hash, const uint8_t *skeyid_a,
		    uint32_t message_id, struct octets ni_b, struct octets rest, uint8_t *out)
{
	uint8_t memory[4];
	const struct octets parts[] = {message_id_octets(message_id, memory), ni_b, rest};

	prf_octets(crypto, hash, octets_of(skeyid_a, hash_length(hash)), parts, 3, out);
}

void protect_hash_3(struct crypto *crypto, enum hash_algorithm hash, const uint8_t *skeyid_a,
		    uint32_t message_id, struct octets ni_b, struct octets nr_b, uint8_t *out)
{
	static const uint8_t zero = 0;
	uint8_t memory[4];
	const struct octets parts[] = {octets_of(&zero, 1), message_id_octets(message_id, memory),
				       ni_b, nr_b};

	prf_octets(crypto, hash, octets_of(skeyid_a, hash_length(hash)), parts, 4, out);
}

bool protect_encrypt(struct crypto *crypto, enum cipher_algorithm cipher, const uint8_t *key,
		     uint8_t iv[CIPHER_MAX_BLOCK], struct wire_writer *message)
{
	size_t block = cipher_block_length(cipher), over, length;

	if (message->failed)
		return false;
	assert(message->length > IKE_HEADER_LENGTH);
	over = (message->length - IKE_HEADER_LENGTH) % block;
	if (over != 0)
		wire_write_zeros(message, block - over);
	if (message->failed)
		return false;
	wire_patch_u8(message, IKE_HEADER_FLAGS_AT,
		      message->start[IKE_HEADER_FLAGS_AT] | IKE_FLAG_ENCRYPTION);
	ike_header_finish(message);

	length = message->length - IKE_HEADER_LENGTH;
	cbc_encrypt(crypto, cipher, key, iv, message->start + IKE_HEADER_LENGTH, length);
	memcpy(iv, message->start + message->length - block, block);
	return true;
}

enum ike_verdict protect_decrypt(struct crypto *crypto, enum cipher_algorithm cipher,
				 const uint8_t *key, const uint8_t iv[CIPHER_MAX_BLOCK],
				 struct octets datagram, uint8_t *out,
				 uint8_t next_iv[CIPHER_MAX_BLOCK])
{
	size_t block = cipher_block_length(cipher), length;

	if (datagram.length < IKE_HEADER_LENGTH)
		return IKE_TOO_SHORT;
	length = datagram.length - IKE_HEADER_LENGTH;
	if (length == 0 || length % block != 0)
		return IKE_BAD_CIPHERTEXT_LENGTH;
	memcpy(out, datagram.data, datagram.length);
	cbc_decrypt(crypto, cipher, key, iv, out + IKE_HEADER_LENGTH, length);
	memcpy(next_iv, datagram.data + datagram.length - block, block);
	return IKE_ACCEPTED;
}
