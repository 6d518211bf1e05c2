/* SPDX-License-Identifier: ISC */
#include "ike/wire.h"

#include <string.h>

void wire_read_from(struct wire_reader *reader, struct octets octets)
{
	*reader = (struct wire_reader){.at = octets.data, .left = octets.length};
}

struct octets wire_read_octets(struct wire_reader *reader, size_t length)
{
	struct octets view;

	if (reader->failed || length > reader->left) {
		reader->failed = true;
		return octets_of(NULL, 0);
	}
	view = octets_of(reader->at, length);
	if (length > 0) /* an empty run may start nowhere, and nothing may be added to NULL */
		reader->at += length;
	reader->left -= length;
	return view;
}

struct octets wire_read_rest(struct wire_reader *reader)
{
	return wire_read_octets(reader, reader->failed ? 0 : reader->left);
}

static uint32_t read_number(struct wire_reader *reader, size_t length)
{
	struct octets view = wire_read_octets(reader, length);
	uint32_t value = 0;

	for (size_t i = 0; i < view.length; i++)
		value = value << 8 | view.data[i];
	return value;
}

uint8_t wire_read_u8(struct wire_reader *reader)
{
	return (uint8_t)read_number(reader, 1);
}

uint16_t wire_read_u16(struct wire_reader *reader)
{
	return (uint16_t)read_number(reader, 2);
}

uint32_t wire_read_u32(struct wire_reader *reader)
{
	return read_number(reader, 4);
}

void wire_write_to(struct wire_writer *writer, uint8_t *start, size_t room)
{
	*writer = (struct wire_writer){.start = start, .room = room};
}

/* Room for `length` more octets, already counted as written; NULL, and the sticky error, when there is none. */
static uint8_t *extend(struct wire_writer *writer, size_t length)
{
	uint8_t *at;

	if (writer->failed || length > writer->room - writer->length) {
		writer->failed = true;
		return NULL;
	}
	if (length == 0)
		return NULL;
	at = writer->start + writer->length;
	writer->length += length;
	return at;
}

/* `length` octets that were written before; NULL, and the sticky error, when they were not. */
static uint8_t *written_at(struct wire_writer *writer, size_t offset, size_t length)
{
	if (writer->failed || offset > writer->length || length > writer->length - offset) {
		writer->failed = true;
		return NULL;
	}
	return length == 0 ? NULL : writer->start + offset;
}

static void put_number(uint8_t *at, uint32_t value, size_t length)
{
	if (at == NULL)
		return;
	for (size_t i = length; i > 0; i--) {
		at[i - 1] = (uint8_t)value;
		value >>= 8;
	}
}

static void put_octets(uint8_t *at, struct octets octets)
{
	if (at != NULL)
		memcpy(at, octets.data, octets.length);
}

void wire_write_u8(struct wire_writer *writer, uint8_t value)
{
	put_number(extend(writer, 1), value, 1);
}

void wire_write_u16(struct wire_writer *writer, uint16_t value)
{
	put_number(extend(writer, 2), value, 2);
}

void wire_write_u32(struct wire_writer *writer, uint32_t value)
{
	put_number(extend(writer, 4), value, 4);
}

void wire_write_octets(struct wire_writer *writer, struct octets octets)
{
	put_octets(extend(writer, octets.length), octets);
}

void wire_write_zeros(struct wire_writer *writer, size_t count)
{
	uint8_t *at = extend(writer, count);

	if (at != NULL)
		memset(at, 0, count);
}

void wire_patch_u8(struct wire_writer *writer, size_t offset, uint8_t value)
{
	put_number(written_at(writer, offset, 1), value, 1);
}

void wire_patch_u16(struct wire_writer *writer, size_t offset, uint16_t value)
{
	put_number(written_at(writer, offset, 2), value, 2);
}

void wire_patch_u32(struct wire_writer *writer, size_t offset, uint32_t value)
{
	put_number(written_at(writer, offset, 4), value, 4);
}

void wire_patch_octets(struct wire_writer *writer, size_t offset, struct octets octets)
{
	put_octets(written_at(writer, offset, octets.length), octets);
}

struct octets wire_written(const struct wire_writer *writer)
{
	return octets_of(writer->start, writer->length);
}
