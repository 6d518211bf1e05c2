/* SPDX-License-Identifier: ISC */
#include "ike/header.h"

#include <string.h>

#include "ike/ike.h"

#define FLAGS_KNOWN (IKE_FLAG_ENCRYPTION | IKE_FLAG_COMMIT | IKE_FLAG_AUTH_ONLY)

#define OUR_MAJOR_VERSION 1
#define OUR_MINOR_VERSION 0

bool ike_cookie_is_zero(const uint8_t cookie[IKE_COOKIE_LENGTH])
{
	static const uint8_t zero[IKE_COOKIE_LENGTH];

	return memcmp(cookie, zero, sizeof(zero)) == 0;
}

static void read_cookie(struct wire_reader *reader, uint8_t cookie[IKE_COOKIE_LENGTH])
{
	struct octets view = wire_read_octets(reader, IKE_COOKIE_LENGTH);

	if (view.length == IKE_COOKIE_LENGTH)
		memcpy(cookie, view.data, IKE_COOKIE_LENGTH);
}

static void read_fields(struct octets datagram, struct ike_header *header)
{
	struct wire_reader reader;

	wire_read_from(&reader, datagram);
	read_cookie(&reader, header->cky_i);
	read_cookie(&reader, header->cky_r);
	header->next_payload = wire_read_u8(&reader);
	header->version = wire_read_u8(&reader);
	header->exchange = wire_read_u8(&reader);
	header->flags = wire_read_u8(&reader);
	header->message_id = wire_read_u32(&reader);
	header->length = wire_read_u32(&reader);
}

static enum ike_verdict parse(struct octets datagram, size_t most, struct ike_header *header)
{
	memset(header, 0, sizeof(*header));
	if (datagram.length < IKE_HEADER_LENGTH)
		return IKE_TOO_SHORT;
	read_fields(datagram, header);
	if (datagram.length > most)
		return IKE_TOO_LONG;
	if (header->length != datagram.length)
		return IKE_UNEQUAL_LENGTHS;
	/* RFC 2408 section 5.2 asks for larger ones to be refused; there are no smaller ones that anybody could mean */
	if (header->version >> 4 != OUR_MAJOR_VERSION)
		return IKE_BAD_MAJOR_VERSION;
	if ((header->version & 15) != OUR_MINOR_VERSION)
		return IKE_BAD_MINOR_VERSION;
	if ((header->flags & ~FLAGS_KNOWN) != 0)
		return IKE_BAD_FLAGS;
	if (ike_cookie_is_zero(header->cky_i))
		return IKE_ZERO_INITIATOR_COOKIE;
	return IKE_ACCEPTED;
}

enum ike_verdict ike_header_parse(struct octets datagram, struct ike_header *header)
{
	return parse(datagram, IKE_DATAGRAM_MAX, header);
}

enum ike_verdict ike_header_parse_whole(struct octets message, struct ike_header *header)
{
	return parse(message, IKE_MESSAGE_MAX, header);
}

void ike_header_write(struct wire_writer *writer, const struct ike_header *header)
{
	wire_write_octets(writer, octets_of(header->cky_i, IKE_COOKIE_LENGTH));
	wire_write_octets(writer, octets_of(header->cky_r, IKE_COOKIE_LENGTH));
	wire_write_u8(writer, header->next_payload);
	wire_write_u8(writer, header->version);
	wire_write_u8(writer, header->exchange);
	wire_write_u8(writer, header->flags);
	wire_write_u32(writer, header->message_id);
	wire_write_u32(writer, header->length);
}

void ike_header_finish(struct wire_writer *writer)
{
	wire_patch_u32(writer, IKE_HEADER_LENGTH_AT, (uint32_t)writer->length);
}
