/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "keepalive/message.h"
#include "tests/fuzz/world.h"

/* One for all inputs.  It lies where LeakSanitizer does not look, so it is given back before the process ends. */
static struct crypto *shared_crypto;

static void free_crypto(void)
{
	crypto_free(shared_crypto);
}

struct crypto *seal_crypto(void)
{
	if (shared_crypto == NULL) {
		shared_crypto = crypto_new();
		FUZZ_REQUIRE(shared_crypto != NULL && atexit(free_crypto) == 0);
	}
	return shared_crypto;
}

struct ike_header seal_header(const struct ike_sa *sa, uint8_t exchange, uint32_t message_id,
			      uint8_t first)
{
	struct ike_header header = {
	    .next_payload = first,
	    .version = 0x10,
	    .exchange = exchange,
	    .message_id = message_id,
	};

	memcpy(header.cky_i, sa->cky_i, IKE_COOKIE_LENGTH);
	memcpy(header.cky_r, sa->cky_r, IKE_COOKIE_LENGTH);
	return header;
}

size_t seal(const struct ike_sa *sa, const struct ike_header *header, struct octets chain,
	    const uint8_t *iv, uint8_t out[SEAL_ROOM])
{
	uint8_t running_iv[CIPHER_MAX_BLOCK];
	struct wire_writer writer;
	bool done = true;

	memcpy(running_iv, iv, sizeof(running_iv));
	wire_write_to(&writer, out, SEAL_ROOM);
	ike_header_write(&writer, header);
	wire_write_octets(&writer, chain);
	ike_header_finish(&writer);
	/* nothing cannot be encrypted, but somebody may say that he has */
	if (chain.length == 0)
		wire_patch_u8(&writer, IKE_HEADER_FLAGS_AT, IKE_FLAG_ENCRYPTION);
	else
		done = protect_encrypt(seal_crypto(), sa->cipher, sa_key(sa), running_iv, &writer);
	FUZZ_REQUIRE(done && !writer.failed);
	return writer.length;
}

struct octets seal_hash_1(const struct ike_sa *sa, uint32_t message_id, uint8_t first,
			  struct octets rest, uint8_t out[SEAL_ROOM])
{
	size_t hash_bytes = hash_length(sa->hash);
	struct wire_writer writer;
	uint8_t hash_1[HASH_MAX_LENGTH];

	protect_hash_1(seal_crypto(), sa->hash, sa_skeyid_a(sa), message_id, rest, hash_1);
	wire_write_to(&writer, out, SEAL_ROOM);
	wire_write_u8(&writer, first);
	wire_write_u8(&writer, 0);
	wire_write_u16(&writer, (uint16_t)(IKE_GENERIC_LENGTH + hash_bytes));
	wire_write_octets(&writer, octets_of(hash_1, hash_bytes));
	wire_write_octets(&writer, rest);
	FUZZ_REQUIRE(!writer.failed);
	return wire_written(&writer);
}

size_t seal_message(const struct ike_sa *sa, uint8_t exchange, uint32_t message_id, uint8_t first,
		    struct octets chain, uint8_t out[SEAL_ROOM])
{
	struct ike_header header = seal_header(sa, exchange, message_id, first);
	uint8_t iv[CIPHER_MAX_BLOCK];

	protect_iv_message(seal_crypto(), sa->hash, sa->cipher, sa_last_block(sa), message_id, iv);
	return seal(sa, &header, chain, iv, out);
}

bool seal_quick_hash(const struct ike_quick_mode *quick, struct octets rest,
		     uint8_t hash[HASH_MAX_LENGTH])
{
	const struct ike_sa *sa = quick->sa;
	struct octets ni = octets_of(quick->ni, quick->ni_length);
	struct octets nr = octets_of(quick->nr, quick->nr_length);

	switch (quick->expects) {
	case IKE_QM2:
		protect_hash_2(seal_crypto(), sa->hash, sa_skeyid_a(sa), quick->message_id, ni,
			       rest, hash);
		return true;
	case IKE_QM3:
		protect_hash_3(seal_crypto(), sa->hash, sa_skeyid_a(sa), quick->message_id, ni, nr,
			       hash);
		return true;
	case IKE_QM4:
		protect_hash_1(seal_crypto(), sa->hash, sa_skeyid_a(sa), quick->message_id, rest,
			       hash);
		return true;
	default:
		return false;
	}
}

size_t seal_keepalive(const struct ike_sa *sa, uint16_t type, uint32_t message_id, uint32_t number,
		      uint8_t out[SEAL_ROOM])
{
	uint8_t rest[IKE_GENERIC_LENGTH + KEEPALIVE_BODY_LENGTH] = {IKE_PAYLOAD_NONE, 0, 0,
								    sizeof(rest)};
	uint8_t chain[SEAL_ROOM];

	keepalive_message_build(type, sa->cky_i, sa->cky_r, number, rest + IKE_GENERIC_LENGTH);
	return seal_message(
	    sa, IKE_EXCHANGE_INFORMATIONAL, message_id, IKE_PAYLOAD_HASH,
	    seal_hash_1(sa, message_id, IKE_PAYLOAD_NOTIFY, octets_of(rest, sizeof(rest)), chain),
	    out);
}
