/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_seal.h"

#include <string.h>

#include "ike/fragment.h"

/* A body in the plaintext, where the views of message->message lead. */
static void put(struct vector_message *message, size_t payload, struct octets body)
{
	const struct ike_payload *at = &message->message.payload[payload];

	memcpy(message->plain + (at->body.data - message->plain), body.data, body.length);
}

/* What held when it was sent holds by the formulas that are told. */
static bool put_hashes(const struct vector_trace *trace, struct vector_message *message,
		       struct fault *fault)
{
	const struct vector_hash *hash = &message->hash[0];
	struct octets value = octets_of(hash->value, hash_length(hash->algorithm));
	uint8_t signature[SIGNATURE_MAX_LENGTH];
	size_t length;

	if (message->hashes == 0 || hash->key.name == NULL || !hash->holds)
		return true;
	if (!message->is_signed) {
		put(message, hash->payload, value);
		return true;
	}
	length = credentials_sign(trace->world->end[message->from].credentials, value, signature);
	if (length != message->message.payload[message->signature_at].body.length)
		return fault_say(fault, "a signature could not be made");
	put(message, message->signature_at, octets_of(signature, length));
	return true;
}

static void choose_iv(const struct vector_trace *trace, struct vector_message *message)
{
	const struct vector_message *previous = vector_trace_previous(trace, message);
	const struct vector_keys *keys = &message->sa->told;

	switch (message->iv_from) {
	case VECTOR_IV_INITIAL:
		memcpy(message->iv, keys->initial_iv, sizeof(message->iv));
		break;
	case VECTOR_IV_PREVIOUS:
		memcpy(message->iv, previous->last_block, sizeof(message->iv));
		break;
	case VECTOR_IV_MESSAGE_ID:
		vector_message_iv(trace->formulas, keys, message->message.header.message_id,
				  message->iv);
		break;
	case VECTOR_IV_WRONG:
		memcpy(message->iv, message->right_iv, sizeof(message->iv));
		break;
	}
}

static void encrypt(const struct vector_trace *trace, struct vector_message *message, uint8_t *wire)
{
	const struct skeyid *skeyid = &message->sa->told.skeyid;

	choose_iv(trace, message);
	cbc_encrypt(trace->world->crypto, skeyid->cipher, skeyid->key, message->iv,
		    wire + IKE_HEADER_LENGTH, message->length - IKE_HEADER_LENGTH);
	memcpy(message->last_block, wire + message->length - message->block, message->block);
}

static void spread(struct vector_trace *trace, const struct vector_message *message)
{
	size_t at = 0;

	for (size_t i = 0; i < message->parts; i++) {
		struct vector_datagram *datagram = &trace->world->datagram[message->part[i]];
		size_t before = message->parts > 1 ? FRAGMENT_OVERHEAD : 0;
		size_t length = datagram->length - before;

		memcpy(datagram->data + before, message->wire + at, length);
		at += length;
	}
}

bool vector_seal(struct vector_trace *trace, struct vector_message *message, struct fault *fault)
{
	uint8_t wire[VECTOR_MESSAGE];

	if (message->encrypted && !message->decrypted)
		return true;
	if (!put_hashes(trace, message, fault))
		return false;
	memcpy(wire, message->plain, message->length);
	if (message->encrypted)
		encrypt(trace, message, wire);
	if (memcmp(wire, message->wire, message->length) == 0)
		return true;
	if (trace->formulas->mistake == VECTOR_NO_MISTAKE)
		return fault_say(fault, "what was sent does not follow from what is known");
	memcpy(message->wire, wire, message->length);
	spread(trace, message);
	return true;
}

size_t vector_seal_twin(const struct vector_message *message, uint8_t twin[VECTOR_MESSAGE])
{
	struct wire_writer writer;

	if (!message->decrypted || !message->readable)
		return 0;
	memcpy(twin, message->plain, message->length);
	wire_write_to(&writer, twin, VECTOR_MESSAGE);
	writer.length = message->length - message->padding;
	wire_patch_u8(&writer, IKE_HEADER_FLAGS_AT,
		      twin[IKE_HEADER_FLAGS_AT] & (uint8_t)~IKE_FLAG_ENCRYPTION);
	ike_header_finish(&writer);
	return writer.length;
}
