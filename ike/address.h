/* SPDX-License-Identifier: ISC */
/*
 * address.h - addresses and prefixes: compared, and read from text.
 */
#ifndef IKE_ADDRESS_H
#define IKE_ADDRESS_H

#include "ike/types.h"

uint8_t ike_family_bits(uint8_t family); /* of an address: 32 or 128; 0 for family NONE */

bool ike_address_equal(const struct ike_address *a,
		       const struct ike_address *b); /* port included */
bool ike_address_same_host(const struct ike_address *a,
			   const struct ike_address *b); /* port ignored */
/* How many bits matched, or -1: a longer match is a better one; family NONE matches everything with 0 bits. */
int ike_prefix_match(const struct ike_prefix *prefix, const struct ike_address *address);
/* "192.0.2.1" or "2001:db8::1", optionally "[...]:port" or "a.b.c.d:port". */
bool ike_address_from_text(const char *text, struct ike_address *address) IKE_MUST_USE;

#endif
