/* SPDX-License-Identifier: ISC */
#include "keepalive/capability.h"

#include <string.h>

#define CONSTANT_LENGTH 14 /* the octets before the version */
#define MAJOR_VERSION   1

/* RFC 3706 section 5.1 (R2): what is sent (R3). */
const uint8_t keepalive_vendor_id_octets[KEEPALIVE_VENDOR_ID_LENGTH] = {
    0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1, 0xf1,          0xc9,
    0x6b, 0x86, 0x96, 0xfc, 0x77, 0x57, MAJOR_VERSION, 0,
};

struct octets keepalive_vendor_id(void)
{
	return octets_of(keepalive_vendor_id_octets, KEEPALIVE_VENDOR_ID_LENGTH);
}

/* R50: a new major version may change the messages; a new minor one must not, so it is not looked at (R51). */
bool keepalive_vendor_id_matches(struct octets other)
{
	return other.length == KEEPALIVE_VENDOR_ID_LENGTH &&
	       memcmp(other.data, keepalive_vendor_id_octets, CONSTANT_LENGTH) == 0 &&
	       other.data[CONSTANT_LENGTH] == MAJOR_VERSION;
}
