/* SPDX-License-Identifier: ISC */
/*
 * impair_letter.c - a datagram read as far as it can be, and sealed again.  It is more lenient than the engine, because whoever
 * accepts what is wrong must be able to read it first.
 */
#include <string.h>

#include "ike/protect.h"
#include "interop/impair/impair_layer.h"

void impair_note_id(struct impair_ids *ids, uint32_t id)
{
	ids->id[ids->count++ % IMPAIR_IDS] = id;
}

bool impair_knows_id(const struct impair_ids *ids, uint32_t id)
{
	size_t known = ids->count < IMPAIR_IDS ? ids->count : IMPAIR_IDS;

	for (size_t i = 0; i < known; i++)
		if (ids->id[i] == id)
			return true;
	return false;
}

uint32_t impair_fresh_id(struct impair *impair)
{
	uint32_t id;

	do
		id = random_u32(&impair->random);
	while (id == 0); /* 0 belongs to Phase 1 */
	return id;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

/* Where nothing but the header is wrong: the same datagram with one that is right.  Returns its length, 0 where there is more. */
static size_t put_right(const struct letter *letter, uint8_t *out)
{
	size_t length = letter->parcel->length;
	struct wire_writer writer;

	switch (letter->header_verdict) {
	case IKE_UNEQUAL_LENGTHS:
		if (letter->header.length >= IKE_HEADER_LENGTH && letter->header.length < length)
			length = letter->header.length;
		break;
	case IKE_BAD_FLAGS:
	case IKE_BAD_MAJOR_VERSION:
	case IKE_BAD_MINOR_VERSION:
		break;
	default:
		return 0;
	}
	wire_write_to(&writer, out, IKE_DATAGRAM_MAX);
	wire_write_octets(&writer, octets_of(letter->parcel->data, length));
	wire_patch_u8(&writer, IKE_HEADER_NEXT_PAYLOAD_AT + 1, 0x10);
	wire_patch_u8(&writer, IKE_HEADER_FLAGS_AT, letter->header.flags & IKE_FLAG_ENCRYPTION);
	ike_header_finish(&writer);
	return writer.failed ? 0 : writer.length;
}

static void open_letter(struct letter *letter)
{
	uint8_t right[IKE_DATAGRAM_MAX];
	struct octets datagram = octets_of(letter->parcel->data, letter->parcel->length);
	size_t length = put_right(letter, right);

	if (length > 0)
		datagram = octets_of(right, length);
	message_open(letter->impair->crypto, letter->sa != NULL ? &letter->sa->keys : NULL,
		     datagram, &letter->opened);
}

/* The payloads after the header of `opened.plain`; what follows them is padding. */
static void walk(struct letter *letter, size_t length)
{
	const uint8_t *start = letter->opened.plain + IKE_HEADER_LENGTH;
	uint8_t type = letter->opened.message.header.next_payload;
	struct wire_reader reader;

	wire_read_from(&reader, octets_of(start, length - IKE_HEADER_LENGTH));
	while (type != IKE_PAYLOAD_NONE && letter->payloads < IKE_PAYLOADS_MAX) {
		struct letter_payload *payload = &letter->payload[letter->payloads];
		uint8_t next = wire_read_u8(&reader);
		size_t body;

		payload->type = type;
		payload->reserved = wire_read_u8(&reader);
		payload->said = wire_read_u16(&reader);
		if (reader.failed) {
			letter->broken = true;
			break;
		}
		body = payload->said < IKE_GENERIC_LENGTH
			   ? 0
			   : (size_t)payload->said - IKE_GENERIC_LENGTH;
		letter->broken |= payload->said < IKE_GENERIC_LENGTH || body > reader.left;
		payload->body = wire_read_octets(&reader, body < reader.left ? body : reader.left);
		letter->payloads++;
		type = letter->broken ? IKE_PAYLOAD_NONE : next;
	}
	letter->padding = reader.failed ? 0 : reader.left;
	letter->padded =
	    octets_of(start + (length - IKE_HEADER_LENGTH) - letter->padding, letter->padding);
}

static void check_hash(struct letter *letter)
{
	const struct letter_payload *first = &letter->payload[0];
	uint8_t expected[HASH_MAX_LENGTH];
	const struct ike_keys *keys;
	const uint8_t *rest;

	letter->hash = MESSAGE_HASH_ABSENT;
	if (letter->sa == NULL || letter->payloads == 0 || first->type != IKE_PAYLOAD_HASH)
		return;
	keys = &letter->sa->keys;
	rest = first->body.data + first->body.length;
	protect_hash_1(letter->impair->crypto, keys->hash, keys->skeyid_a,
		       letter->opened.message.header.message_id,
		       octets_of(rest, (size_t)(letter->padded.data - rest)), expected);
	letter->hash = secret_equal(first->body, octets_of(expected, keys->skeyid_length))
			   ? MESSAGE_HASH_HOLDS
			   : MESSAGE_HASH_FAILS;
}

static void read_notify(struct letter *letter)
{
	struct letter_notify *notify = &letter->notify;
	const struct letter_payload *payload = letter_payload_find(letter, IKE_PAYLOAD_NOTIFY);
	struct wire_reader reader;

	*notify = (struct letter_notify){.found = false};
	if (payload == NULL)
		return;
	wire_read_from(&reader, payload->body);
	notify->doi = wire_read_u32(&reader);
	notify->protocol = wire_read_u8(&reader);
	notify->spi_size = wire_read_u8(&reader);
	notify->type = wire_read_u16(&reader);
	notify->found = !reader.failed;
	if (!notify->found)
		return;
	notify->spi = wire_read_octets(&reader, notify->spi_size < reader.left ? notify->spi_size
									       : reader.left);
	notify->data = wire_read_rest(&reader);
	for (size_t i = 0; i < 4; i++)
		notify->number =
		    notify->number << 8 | (i < notify->data.length ? notify->data.data[i] : 0u);
}

/* The message as a value; HASH is made when it is sealed. */
static void make_message(struct letter *letter)
{
	struct message *message = &letter->message;
	size_t room = sizeof(message->body);
	bool hash = false;

	message->keys = letter->sa != NULL ? &letter->sa->keys : NULL;
	message->header = letter->opened.message.header;
	message->more_flags = 0;
	message->wrong_length = 0;
	message->hash = MESSAGE_HASH_RIGHT;
	message->iv = MESSAGE_IV_RIGHT;
	message->padding = MESSAGE_PADDING_ZERO;
	message->payloads = message->length = 0;
	for (size_t i = 0; i < letter->payloads; i++) {
		const struct letter_payload *payload = &letter->payload[i];

		if (payload->type == IKE_PAYLOAD_HASH && letter->sa != NULL) {
			hash = true;
			continue;
		}
		if (message->payloads == MESSAGE_PAYLOADS || payload->body.length > room)
			return;
		message_add(message, (enum ike_payload_type)payload->type, payload->body);
		message->payload[message->payloads - 1].reserved = payload->reserved;
		room -= payload->body.length;
	}
	if (letter->opened.encrypted)
		message->protection = hash ? MESSAGE_PROTECTED : MESSAGE_WITHOUT_HASH;
	else
		message->protection = hash ? MESSAGE_CLEAR_HASH : MESSAGE_CLEAR;
	letter->whole = true;
}

static size_t opened_length(const struct letter *letter)
{
	return letter->opened.message.header.length;
}

void letter_read(struct letter *letter)
{
	struct octets datagram = octets_of(letter->parcel->data, letter->parcel->length);

	letter->header_verdict = ike_header_parse(datagram, &letter->header);
	letter->sa = impair_sa_of(letter->impair, letter->header.cky_i, letter->header.cky_r);
	letter->payloads = letter->padding = 0;
	letter->padded = octets_of(NULL, 0);
	letter->broken = letter->whole = false;
	letter->hash = MESSAGE_HASH_ABSENT;
	letter->notify = (struct letter_notify){.found = false};
	open_letter(letter);
	letter_read_on(letter);
}

void letter_read_on(struct letter *letter)
{
	letter->payloads = letter->padding = 0;
	letter->broken = letter->whole = false;
	if (!letter->opened.open)
		return;
	walk(letter, opened_length(letter));
	if (!ike_exchange_is_phase_1(letter->header.exchange))
		check_hash(letter);
	read_notify(letter);
	if (!letter->broken && letter->payloads > 0)
		make_message(letter);
}

/* ---- sealing ------------------------------------------------------------------------------------------------------- */

void letter_seal(struct letter *letter)
{
	struct parcel *parcel = letter->parcel;
	struct impair *impair = letter->impair;
	uint8_t data[IKE_DATAGRAM_MAX], plain[IKE_DATAGRAM_MAX];
	size_t plain_length;
	size_t length = message_seal(&letter->message, impair->crypto, &impair->random, data, plain,
				     sizeof(data), &plain_length);

	if (length == 0)
		return;
	memcpy(parcel->data, data, length);
	memcpy(parcel->plain, plain, plain_length);
	parcel->length = length;
	parcel->plain_length = plain_length;
	letter_read(letter);
}

void letter_repair(struct letter *letter)
{
	struct message *message = &letter->message;

	message->header.version = 0x10;
	message->header.exchange = IKE_EXCHANGE_INFORMATIONAL;
	message->header.message_id = impair_fresh_id(letter->impair);
	message->more_flags = 0;
	message->wrong_length = 0;
	message->protection = MESSAGE_PROTECTED;
	message->hash = MESSAGE_HASH_RIGHT;
	message->iv = MESSAGE_IV_RIGHT;
	message->padding = MESSAGE_PADDING_ZERO;
	for (size_t i = 0; i < message->payloads; i++) {
		message->payload[i].reserved = 0;
		message->payload[i].wrong_length = 0;
	}
}
