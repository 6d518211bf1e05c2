/* SPDX-License-Identifier: ISC */
#include "ike/attribute.h"

#define FORMAT_BASIC 0x8000 /* "AF", the topmost bit of the type (RFC 2408 section 3.3) */
#define BASIC_LENGTH 2      /* octets */

/* A duration may be longer than any number of ours: what cannot be told apart from "for ever" becomes the largest. */
static uint32_t number_of(struct octets octets)
{
	uint32_t number = 0;

	for (size_t i = 0; i < octets.length; i++) {
		if (number > UINT32_MAX >> 8)
			return UINT32_MAX;
		number = number << 8 | octets.data[i];
	}
	return number;
}

bool ike_attribute_read(struct wire_reader *reader, struct ike_attribute_value *attribute)
{
	struct wire_reader look = *reader;
	uint16_t type = wire_read_u16(&look);
	bool basic = (type & FORMAT_BASIC) != 0;
	size_t length = basic ? BASIC_LENGTH : wire_read_u16(&look);
	struct octets value = wire_read_octets(&look, length);

	if (look.failed)
		return false;
	*attribute = (struct ike_attribute_value){
	    .type = (uint16_t)(type & ~FORMAT_BASIC),
	    .basic = basic,
	    .octets = value,
	    .number = number_of(value),
	};
	*reader = look;
	return true;
}

void ike_attribute_write_basic(struct wire_writer *writer, uint16_t type, uint16_t value)
{
	wire_write_u16(writer, type | FORMAT_BASIC);
	wire_write_u16(writer, value);
}

void ike_attribute_write_u32(struct wire_writer *writer, uint16_t type, uint32_t value)
{
	wire_write_u16(writer, type);
	wire_write_u16(writer, sizeof(value));
	wire_write_u32(writer, value);
}
