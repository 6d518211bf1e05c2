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

/*
 * All attributes of a transform, in any order.  Phase 1 and Phase 2 number them differently (RFC 2409 appendix A, RFC 2407
 * section 4.5), but in both each may be given once, and a duration belongs to the life type before it.
 */
struct ike_attribute_set {
	uint16_t life_type, life_duration; /* their numbers */
	/* Where the value of another type goes, zero until it is given; NULL: it has no meaning here. */
	uint16_t *(*field)(void *offer, uint16_t type);
};

/*
 * Reads to the end.  False: malformed.  `known` says whether all of them have a meaning here, none is given twice, none without
 * its counterpart.  `seconds` and `kilobytes` are zero until they are given.
 */
bool ike_attributes_read(struct wire_reader *reader, const struct ike_attribute_set *set,
			 void *offer, uint32_t *seconds, uint32_t *kilobytes,
			 bool *known) IKE_MUST_USE;
/* One duration.  False: of no type that we know, zero, or given before. */
bool ike_attribute_take_life(uint32_t life_type, uint32_t duration, uint32_t *seconds,
			     uint32_t *kilobytes);

void ike_attribute_write_basic(struct wire_writer *writer, uint16_t type, uint16_t value);
void ike_attribute_write_u32(struct wire_writer *writer, uint16_t type,
			     uint32_t value); /* TLV of 4 octets */

#endif
