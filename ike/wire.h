/* SPDX-License-Identifier: ISC */
/*
 * wire.h - one cursor for reading and one for writing; nothing else does arithmetic on messages.
 *
 * Both have sticky errors: after the first fault every further call does nothing (reads give zero), so a caller checks once
 * at the end.
 */
#ifndef IKE_WIRE_H
#define IKE_WIRE_H

#include "ike/types.h"

struct wire_reader {
	const uint8_t *at;
	size_t left; /* octets */
	bool failed; /* something was read past the end */
};

void wire_read_from(struct wire_reader *reader, struct octets octets);
uint8_t wire_read_u8(struct wire_reader *reader);
uint16_t wire_read_u16(struct wire_reader *reader); /* network order, as all of these */
uint32_t wire_read_u32(struct wire_reader *reader);
struct octets wire_read_octets(struct wire_reader *reader,
			       size_t length);            /* a view; empty on failure */
struct octets wire_read_rest(struct wire_reader *reader); /* all that is left; may be empty */

struct wire_writer {
	uint8_t *start;
	size_t length; /* octets written */
	size_t room;   /* octets in all */
	bool failed;   /* something did not fit; length is then what fitted before */
};

void wire_write_to(struct wire_writer *writer, uint8_t *start, size_t room);
void wire_write_u8(struct wire_writer *writer, uint8_t value);
void wire_write_u16(struct wire_writer *writer, uint16_t value);
void wire_write_u32(struct wire_writer *writer, uint32_t value);
void wire_write_octets(struct wire_writer *writer, struct octets octets);
void wire_write_zeros(struct wire_writer *writer, size_t count);
/* Overwrite octets written before, from `offset` on; outside what was written is a failure. */
void wire_patch_u8(struct wire_writer *writer, size_t offset, uint8_t value);
void wire_patch_u16(struct wire_writer *writer, size_t offset, uint16_t value);
void wire_patch_u32(struct wire_writer *writer, size_t offset, uint32_t value);
void wire_patch_octets(struct wire_writer *writer, size_t offset, struct octets octets);
struct octets wire_written(const struct wire_writer *writer); /* a view of all so far */

/*
 * Numbers in network order at a place that is fixed, as in headers of IP, ICMP and ESP: the caller knows that their octets are there.
 */
static inline uint16_t wire_u16_at(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t wire_u32_at(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline void wire_put_u16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void wire_put_u32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

#endif
