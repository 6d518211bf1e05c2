/* SPDX-License-Identifier: ISC */
/*
 * attribute.h - data attributes, in both of their encodings (RFC 2408 section 3.3).
 */
#ifndef IKE_ATTRIBUTE_H
#define IKE_ATTRIBUTE_H

#include "ike/wire.h"

struct ike_attribute_value {
	uint16_t type;        /* enum ike_attribute; without the format bit */
	bool basic;           /* two octets of value in place of a length */
	struct octets octets; /* the value as it stands on the wire */
	uint32_t number;      /* the same as a number; UINT32_MAX for everything from there on */
};

/* The next attribute.  False: malformed (cut off); nothing is read then.  Not to be called at the end. */
bool ike_attribute_read(struct wire_reader *reader,
			struct ike_attribute_value *attribute) IKE_MUST_USE;
void ike_attribute_write_basic(struct wire_writer *writer, uint16_t type, uint16_t value);
void ike_attribute_write_u32(struct wire_writer *writer, uint16_t type,
			     uint32_t value); /* TLV of 4 octets */

#endif
