/* SPDX-License-Identifier: ISC */
#include "ike/payload.h"

#include <assert.h>

#define ALIGNMENT 4 /* octets of a message: RFC 2408 section 3.6 */
#define LENGTH_AT 2 /* in the generic header: next payload, RESERVED, two octets of length */

enum ike_verdict ike_payload_read(struct wire_reader *reader, uint8_t type,
				  struct ike_payload *payload, uint8_t *next)
{
	struct wire_reader look =
	    *reader; /* what is left does not move until all is known to be there */
	uint8_t following, reserved;
	uint16_t length;

	following = wire_read_u8(&look);
	reserved = wire_read_u8(&look);
	length = wire_read_u16(&look);
	if (look.failed)
		return IKE_PAYLOAD_TRUNCATED;
	if (length < IKE_GENERIC_LENGTH)
		return IKE_PAYLOAD_TOO_SHORT;
	if (length > reader->left)
		return IKE_PAYLOAD_TRUNCATED;
	if (reserved != 0)
		return IKE_RESERVED_NOT_ZERO;
	*next = following;
	payload->type = type;
	payload->whole = wire_read_octets(reader, length);
	payload->body = wire_read_octets(&look, (size_t)length - IKE_GENERIC_LENGTH);
	return IKE_ACCEPTED;
}

/* libreswan does so: nothing at all, or what is missing to a multiple of four octets, in zeros. */
static bool is_alignment(struct octets chain, size_t left)
{
	if (left >= ALIGNMENT || (left > 0 && chain.length % ALIGNMENT != 0))
		return false;
	for (size_t i = chain.length - left; i < chain.length; i++)
		if (chain.data[i] != 0)
			return false;
	return true;
}

enum ike_verdict ike_payloads_parse(struct octets chain, bool padded, size_t block,
				    struct ike_message *message)
{
	struct wire_reader reader;
	uint8_t type = message->header.next_payload;
	size_t count = 0;

	message->payloads = 0;
	wire_read_from(&reader, chain);
	while (type != IKE_PAYLOAD_NONE) {
		enum ike_verdict verdict;

		if (count == IKE_PAYLOADS_MAX)
			return IKE_TOO_MANY_PAYLOADS;
		verdict = ike_payload_read(&reader, type, &message->payload[count], &type);
		if (verdict != IKE_ACCEPTED)
			return verdict;
		count++;
	}
	/* R61: strongSwan always pads, so a whole block of padding is as legal as none; more is not */
	if (padded ? reader.left > block : !is_alignment(chain, reader.left))
		return IKE_TRAILING_OCTETS;
	message->payloads = count;
	return IKE_ACCEPTED;
}

struct octets ike_payloads_chain(const struct ike_message *message)
{
	size_t length = 0;

	for (size_t i = 0; i < message->payloads; i++)
		length += message->payload[i].whole.length;
	return octets_of(length > 0 ? message->payload[0].whole.data : NULL, length);
}

static const struct ike_payload *find_from(const struct ike_message *message, size_t index,
					   uint8_t type)
{
	for (; index < message->payloads; index++)
		if (message->payload[index].type == type)
			return &message->payload[index];
	return NULL;
}

const struct ike_payload *ike_payload_find(const struct ike_message *message,
					   enum ike_payload_type type)
{
	return find_from(message, 0, (uint8_t)type);
}

const struct ike_payload *ike_payload_next(const struct ike_message *message,
					   const struct ike_payload *after)
{
	size_t index = (size_t)(after - message->payload);

	assert(index < message->payloads);
	return find_from(message, index + 1, after->type);
}

void ike_chain_begin(struct ike_chain *chain, struct wire_writer *writer, size_t next_payload_at)
{
	*chain = (struct ike_chain){.writer = writer, .next_payload_at = next_payload_at};
}

size_t ike_payload_begin(struct ike_chain *chain, enum ike_payload_type type)
{
	size_t mark = chain->writer->length;

	wire_patch_u8(chain->writer, chain->next_payload_at, (uint8_t)type);
	wire_write_u8(chain->writer, IKE_PAYLOAD_NONE);
	wire_write_u8(chain->writer, 0); /* RESERVED */
	wire_write_u16(chain->writer, 0);
	chain->next_payload_at = mark;
	return mark;
}

void ike_payload_end(struct ike_chain *chain, size_t mark)
{
	size_t length = chain->writer->length - mark;

	if (length > UINT16_MAX)
		chain->writer->failed = true;
	wire_patch_u16(chain->writer, mark + LENGTH_AT, (uint16_t)length);
}

void ike_payload_write(struct ike_chain *chain, enum ike_payload_type type, struct octets body)
{
	size_t mark = ike_payload_begin(chain, type);

	wire_write_octets(chain->writer, body);
	ike_payload_end(chain, mark);
}

size_t ike_payload_begin_inner(struct wire_writer *writer, enum ike_payload_type next)
{
	size_t mark = writer->length;

	wire_write_u8(writer, (uint8_t)next);
	wire_write_u8(writer, 0); /* RESERVED */
	wire_write_u16(writer, 0);
	return mark;
}

void ike_payload_end_inner(struct wire_writer *writer, size_t mark)
{
	wire_patch_u16(writer, mark + LENGTH_AT, (uint16_t)(writer->length - mark));
}
