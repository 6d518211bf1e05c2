/* SPDX-License-Identifier: ISC */
#include "ike/attribute.h"

#include "ike/registry.h"

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

/* ---- all of a transform -------------------------------------------------------------------------------------------- */

/* False: not known, out of range, or given twice. */
static bool take_single(const struct ike_attribute_set *set, void *offer,
			const struct ike_attribute_value *attribute)
{
	uint16_t *field = set->field(offer, attribute->type);

	if (field == NULL || *field != 0 || attribute->number == 0 ||
	    attribute->number > UINT16_MAX)
		return false;
	*field = (uint16_t)attribute->number;
	return true;
}

bool ike_attribute_take_life(uint32_t life_type, uint32_t duration, uint32_t *seconds,
			     uint32_t *kilobytes)
{
	uint32_t *field = life_type == IKE_LIFE_TYPE_SECONDS     ? seconds
			  : life_type == IKE_LIFE_TYPE_KILOBYTES ? kilobytes
								 : NULL;

	if (field == NULL || *field != 0 || duration == 0)
		return false;
	*field = duration;
	return true;
}

bool ike_attributes_read(struct wire_reader *reader, const struct ike_attribute_set *set,
			 void *offer, uint32_t *seconds, uint32_t *kilobytes, bool *known)
{
	struct ike_attribute_value attribute;
	uint32_t life_type = 0;

	*known = true;
	while (reader->left > 0) {
		bool taken;

		if (!ike_attribute_read(reader, &attribute))
			return false;
		if (attribute.type == set->life_type) {
			taken = life_type == 0;
			life_type = attribute.number;
		} else if (attribute.type == set->life_duration) {
			taken = ike_attribute_take_life(life_type, attribute.number, seconds,
							kilobytes);
			life_type = 0;
		} else {
			taken = take_single(set, offer, &attribute);
		}
		*known = *known && taken;
	}
	*known = *known && life_type == 0;
	return true;
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

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
