/* SPDX-License-Identifier: ISC */
#include "interop/impair/message.h"

#include <assert.h>
#include <string.h>

#include "ike/protect.h"
#include "keepalive/message.h"

/* ---- what is in it ------------------------------------------------------------------------------------------------- */

void message_of_sa(struct message *message, const struct ike_keys *keys, const uint8_t *cky_i,
		   const uint8_t *cky_r, uint32_t message_id)
{
	memset(message, 0, sizeof(*message));
	message->keys = keys;
	memcpy(message->header.cky_i, cky_i, IKE_COOKIE_LENGTH);
	memcpy(message->header.cky_r, cky_r, IKE_COOKIE_LENGTH);
	message->header.version = 0x10;
	message->header.exchange = IKE_EXCHANGE_INFORMATIONAL;
	message->header.message_id = message_id;
}

void message_add(struct message *message, enum ike_payload_type type, struct octets body)
{
	struct message_payload *payload = &message->payload[message->payloads];

	assert(message->payloads < MESSAGE_PAYLOADS &&
	       body.length <= sizeof(message->body) - message->length);
	*payload = (struct message_payload){
	    .type = (uint8_t)type,
	    .at = (uint16_t)message->length,
	    .length = (uint16_t)body.length,
	};
	if (body.length > 0)
		memcpy(message->body + message->length, body.data, body.length);
	message->length += body.length;
	message->payloads++;
}

void message_add_notify(struct message *message, uint32_t doi, uint8_t protocol, struct octets spi,
			uint16_t type, struct octets data)
{
	uint8_t room[MESSAGE_BODY];
	struct wire_writer writer;

	wire_write_to(&writer, room, sizeof(room));
	wire_write_u32(&writer, doi);
	wire_write_u8(&writer, protocol);
	wire_write_u8(&writer, (uint8_t)spi.length);
	wire_write_u16(&writer, type);
	wire_write_octets(&writer, spi);
	wire_write_octets(&writer, data);
	assert(!writer.failed && spi.length <= UINT8_MAX);
	message_add(message, IKE_PAYLOAD_NOTIFY, wire_written(&writer));
}

void message_add_keepalive(struct message *message, uint16_t type, uint32_t number)
{
	uint8_t body[KEEPALIVE_BODY_LENGTH];

	keepalive_message_build(type, message->header.cky_i, message->header.cky_r, number, body);
	message_add(message, IKE_PAYLOAD_NOTIFY, octets_of(body, sizeof(body)));
}

void message_add_isakmp_notify(struct message *message, uint16_t type)
{
	uint8_t body[32];
	struct wire_writer writer;

	wire_write_to(&writer, body, sizeof(body));
	ike_notify_write_isakmp(&writer, IKE_DOI_IPSEC, type, message->header.cky_i,
				message->header.cky_r);
	message_add(message, IKE_PAYLOAD_NOTIFY, wire_written(&writer));
}

void message_add_delete(struct message *message)
{
	uint8_t body[32];
	struct wire_writer writer;

	wire_write_to(&writer, body, sizeof(body));
	ike_delete_write_isakmp(&writer, message->header.cky_i, message->header.cky_r);
	message_add(message, IKE_PAYLOAD_DELETE, wire_written(&writer));
}

/* ---- making a datagram of it --------------------------------------------------------------------------------------- */

static bool has_hash(const struct message *message)
{
	return message->protection == MESSAGE_PROTECTED ||
	       message->protection == MESSAGE_CLEAR_HASH;
}

static bool is_encrypted(const struct message *message)
{
	return message->protection == MESSAGE_PROTECTED ||
	       message->protection == MESSAGE_WITHOUT_HASH;
}

static size_t hash_body_length(const struct message *message)
{
	if (message->hash == MESSAGE_HASH_EMPTY)
		return 0;
	return message->keys->skeyid_length - (message->hash == MESSAGE_HASH_SHORT ? 1 : 0);
}

static size_t payload_length(const struct message_payload *payload)
{
	return IKE_GENERIC_LENGTH + payload->length;
}

/* The chain's octets are written as they come: what stands in the length fields need not be true. */
static void write_payloads(const struct message *message, struct ike_chain *chain)
{
	for (size_t i = 0; i < message->payloads; i++) {
		const struct message_payload *payload = &message->payload[i];
		size_t at = chain->writer->length;

		ike_payload_write(chain, payload->type,
				  octets_of(message->body + payload->at, payload->length));
		wire_patch_u8(chain->writer, at + 1, payload->reserved);
		wire_patch_u16(chain->writer, at + 2,
			       (uint16_t)((int)payload_length(payload) + payload->wrong_length));
	}
}

static size_t padding_length(const struct message *message, size_t length)
{
	size_t block = cipher_block_length(message->keys->cipher);
	size_t over = (length - IKE_HEADER_LENGTH) % block;
	size_t fill = over == 0 ? 0 : block - over;

	switch (message->padding) {
	case MESSAGE_PADDING_ZERO:
	case MESSAGE_PADDING_RANDOM:
		return fill;
	case MESSAGE_PADDING_ALWAYS:
	case MESSAGE_PADDING_LENGTH_OCTET:
		return block - over;
	case MESSAGE_PADDING_BLOCK_MORE:
		return fill + block;
	case MESSAGE_PADDING_MISSING:
		return fill == 0 ? 1 : fill - 1;
	}
	return fill;
}

static void write_padding(const struct message *message, struct random_source *random,
			  struct wire_writer *writer)
{
	size_t count = padding_length(message, writer->length);
	bool counted = message->padding == MESSAGE_PADDING_LENGTH_OCTET;

	if (!counted && message->padding != MESSAGE_PADDING_RANDOM) {
		wire_write_zeros(writer, count);
		return;
	}
	for (size_t i = 0; i + (counted ? 1 : 0) < count; i++)
		/* never zero, or it could not be told from the other kind */
		wire_write_u8(writer, (uint8_t)(random_u32(random) % 255 + 1));
	if (counted)
		wire_write_u8(writer, (uint8_t)(count - 1));
}

/* `payloads`: those after HASH, as they stand in the message; `padded`: with what follows them. */
static void make_hash(const struct message *message, struct crypto *crypto, struct octets payloads,
		      struct octets padded, uint8_t out[HASH_MAX_LENGTH])
{
	const struct ike_keys *keys = message->keys;
	struct octets covered = payloads;

	if (message->hash == MESSAGE_HASH_WITH_PADDING)
		covered = padded;
	if (message->hash == MESSAGE_HASH_OF_FIRST && message->payloads > 0)
		covered.length = payload_length(&message->payload[0]);
	if (message->hash == MESSAGE_HASH_WITHOUT_MESSAGE_ID)
		prf_octets(crypto, keys->hash, octets_of(keys->skeyid_a, keys->skeyid_length),
			   &covered, 1, out);
	else
		protect_hash_1(crypto, keys->hash,
			       message->hash == MESSAGE_HASH_OTHER_KEY ? keys->skeyid_d
								       : keys->skeyid_a,
			       message->header.message_id, covered, out);
	if (message->hash == MESSAGE_HASH_WRONG)
		out[0] ^= 1;
}

static void make_iv(const struct message *message, struct crypto *crypto,
		    uint8_t iv[CIPHER_MAX_BLOCK])
{
	const struct ike_keys *keys = message->keys;
	uint32_t id = message->header.message_id;

	memset(iv, 0, CIPHER_MAX_BLOCK);
	switch (message->iv) {
	case MESSAGE_IV_RIGHT:
	case MESSAGE_IV_OTHER_ID:
		protect_iv_message(crypto, keys->hash, keys->cipher, keys->last_block,
				   message->iv == MESSAGE_IV_RIGHT ? id : id ^ 1, iv);
		break;
	case MESSAGE_IV_OF_PHASE_1:
		memcpy(iv, keys->last_block, CIPHER_MAX_BLOCK);
		break;
	case MESSAGE_IV_CONTINUED:
		memcpy(iv, message->last_block, CIPHER_MAX_BLOCK);
		break;
	case MESSAGE_IV_ZERO:
		break;
	}
}

/* The whole message in the clear, padding included.  Returns how long it is without that. */
static size_t write_clear(const struct message *message, struct crypto *crypto,
			  struct random_source *random, struct wire_writer *writer)
{
	uint8_t hash[HASH_MAX_LENGTH] = {0};
	bool last = message->hash == MESSAGE_HASH_LAST;
	struct ike_chain chain;
	size_t hash_at = 0, payloads_at, payloads_end, end;

	ike_header_write(writer, &message->header);
	ike_chain_begin(&chain, writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	if (has_hash(message) && !last) {
		hash_at = writer->length + IKE_GENERIC_LENGTH;
		ike_payload_write(&chain, IKE_PAYLOAD_HASH,
				  octets_of(hash, hash_body_length(message)));
	}
	payloads_at = writer->length;
	write_payloads(message, &chain);
	payloads_end = writer->length;
	if (has_hash(message) && last) {
		hash_at = writer->length + IKE_GENERIC_LENGTH;
		ike_payload_write(&chain, IKE_PAYLOAD_HASH,
				  octets_of(hash, hash_body_length(message)));
	}
	end = writer->length;
	if (is_encrypted(message))
		write_padding(message, random, writer);
	if (writer->failed || !has_hash(message))
		return end;
	make_hash(message, crypto,
		  octets_of(writer->start + payloads_at, payloads_end - payloads_at),
		  octets_of(writer->start + payloads_at, writer->length - payloads_at), hash);
	wire_patch_octets(writer, hash_at, octets_of(hash, hash_body_length(message)));
	return end;
}

static void finish_header(const struct message *message, struct wire_writer *writer, uint8_t flags)
{
	wire_patch_u8(writer, IKE_HEADER_FLAGS_AT, flags | message->more_flags);
	wire_patch_u32(writer, IKE_HEADER_LENGTH_AT,
		       (uint32_t)((int64_t)writer->length + message->wrong_length));
}

/* Whole blocks only: where padding is missing the last octets stay as they are, which is as good as any others. */
static void encrypt(const struct message *message, struct crypto *crypto,
		    struct wire_writer *writer)
{
	size_t block = cipher_block_length(message->keys->cipher);
	size_t length = writer->length - IKE_HEADER_LENGTH;
	uint8_t iv[CIPHER_MAX_BLOCK];

	length -= length % block;
	make_iv(message, crypto, iv);
	if (length > 0)
		cbc_encrypt(crypto, message->keys->cipher, message->keys->key, iv,
			    writer->start + IKE_HEADER_LENGTH, length);
}

size_t message_seal(const struct message *message, struct crypto *crypto,
		    struct random_source *random, uint8_t *out, uint8_t *plain, size_t room,
		    size_t *plain_length)
{
	struct wire_writer writer, twin;
	size_t end;

	*plain_length = 0;
	wire_write_to(&writer, out, room);
	end = write_clear(message, crypto, random, &writer);
	if (writer.failed)
		return 0;
	if (is_encrypted(message)) {
		wire_write_to(&twin, plain, room);
		wire_write_octets(&twin, octets_of(out, end));
		finish_header(message, &twin, 0);
		*plain_length = twin.failed ? 0 : twin.length;
		encrypt(message, crypto, &writer);
	}
	finish_header(message, &writer, is_encrypted(message) ? IKE_FLAG_ENCRYPTION : 0);
	return writer.failed ? 0 : writer.length;
}

/* ---- taking one apart ---------------------------------------------------------------------------------------------- */

static void check_hash(struct crypto *crypto, const struct ike_keys *keys, struct opened *opened)
{
	struct octets chain = ike_payloads_chain(&opened->message);
	const struct ike_payload *first = &opened->message.payload[0];
	uint8_t expected[HASH_MAX_LENGTH];

	if (opened->message.payloads == 0 || first->type != IKE_PAYLOAD_HASH)
		return;
	protect_hash_1(
	    crypto, keys->hash, keys->skeyid_a, opened->message.header.message_id,
	    octets_of(chain.data + first->whole.length, chain.length - first->whole.length),
	    expected);
	opened->hash = secret_equal(first->body, octets_of(expected, keys->skeyid_length))
			   ? MESSAGE_HASH_HOLDS
			   : MESSAGE_HASH_FAILS;
}

static void decrypt(struct crypto *crypto, const struct ike_keys *keys, struct octets datagram,
		    const uint8_t iv[CIPHER_MAX_BLOCK], struct opened *opened)
{
	opened->verdict = protect_decrypt(crypto, keys->cipher, keys->key, iv, datagram,
					  opened->plain, opened->next_iv);
	opened->open = opened->verdict == IKE_ACCEPTED;
	if (opened->open)
		opened->verdict =
		    ike_payloads_parse(octets_of(opened->plain + IKE_HEADER_LENGTH,
						 datagram.length - IKE_HEADER_LENGTH),
				       true, cipher_block_length(keys->cipher), &opened->message);
	opened->readable = opened->verdict == IKE_ACCEPTED;
}

/* As it would have been in the clear: the flag is cleared and the padding cut off. */
static void make_twin(struct opened *opened)
{
	struct octets chain = ike_payloads_chain(&opened->message);
	struct wire_writer writer;

	wire_write_to(&writer, opened->plain, sizeof(opened->plain));
	writer.length = IKE_HEADER_LENGTH + chain.length;
	wire_patch_u8(&writer, IKE_HEADER_FLAGS_AT,
		      opened->message.header.flags & (uint8_t)~IKE_FLAG_ENCRYPTION);
	ike_header_finish(&writer);
	opened->plain_length = writer.length;
}

/* iv NULL: the right one. */
static void open_message(struct crypto *crypto, const struct ike_keys *keys, struct octets datagram,
			 const uint8_t *iv, struct opened *opened)
{
	uint8_t right_iv[CIPHER_MAX_BLOCK];
	struct ike_header *header = &opened->message.header;
	bool later;

	/* not memset of all: the room for the plaintext is large */
	opened->message.payloads = 0;
	opened->hash = MESSAGE_HASH_ABSENT;
	opened->encrypted = opened->readable = opened->open = false;
	opened->plain_length = 0;
	memset(opened->next_iv, 0, sizeof(opened->next_iv));
	opened->verdict = ike_header_parse(datagram, header);
	if (opened->verdict != IKE_ACCEPTED)
		return;
	opened->encrypted = (header->flags & IKE_FLAG_ENCRYPTION) != 0;
	later = !ike_exchange_is_phase_1(header->exchange) && keys != NULL && keys->established;
	if (opened->encrypted) {
		if (!later)
			return;
		protect_iv_message(crypto, keys->hash, keys->cipher, keys->last_block,
				   header->message_id, right_iv);
		decrypt(crypto, keys, datagram, iv != NULL ? iv : right_iv, opened);
		if (opened->readable)
			make_twin(opened);
	} else {
		memcpy(opened->plain, datagram.data, datagram.length);
		opened->open = true;
		opened->verdict = ike_payloads_parse(octets_of(opened->plain + IKE_HEADER_LENGTH,
							       datagram.length - IKE_HEADER_LENGTH),
						     false, 0, &opened->message);
		opened->readable = opened->verdict == IKE_ACCEPTED;
	}
	if (opened->readable && later)
		check_hash(crypto, keys, opened);
}

void message_open(struct crypto *crypto, const struct ike_keys *keys, struct octets datagram,
		  struct opened *opened)
{
	open_message(crypto, keys, datagram, NULL, opened);
}

void message_open_from(struct crypto *crypto, const struct ike_keys *keys, struct octets datagram,
		       const uint8_t iv[CIPHER_MAX_BLOCK], struct opened *opened)
{
	open_message(crypto, keys, datagram, iv, opened);
}

bool opened_notify(const struct opened *opened, uint16_t type, struct ike_notify *notify)
{
	const struct ike_payload *payload =
	    opened->readable ? ike_payload_find(&opened->message, IKE_PAYLOAD_NOTIFY) : NULL;

	for (; payload != NULL; payload = ike_payload_next(&opened->message, payload))
		if (ike_notify_parse(payload->body, notify) == IKE_ACCEPTED &&
		    (type == 0 || notify->type == type))
			return true;
	return false;
}
