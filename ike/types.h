/* SPDX-License-Identifier: ISC */
/*
 * types.h - time, addresses and cookies: the words that every room of the engine uses.
 */
#ifndef IKE_TYPES_H
#define IKE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/octets.h"

/* Absolute monotonic time in microseconds since an epoch of the caller's choosing; it is always passed in. */
typedef uint64_t ike_time;

#define IKE_NEVER       UINT64_MAX
#define IKE_MILLISECOND ((ike_time)1000)
#define IKE_SECOND      ((ike_time)1000000)

#define IKE_MUST_USE __attribute__((warn_unused_result))

#define IKE_COOKIE_LENGTH 8 /* octets: RFC 2408 section 3.1 */

enum ike_family { IKE_FAMILY_NONE = 0, IKE_FAMILY_IPV4 = 4, IKE_FAMILY_IPV6 = 6 };

/* An IP address and UDP port.  IPv4 uses the first four octets and leaves the others zero, so that equality is memcmp. */
struct ike_address {
	uint8_t octets[16]; /* network order */
	uint16_t port;      /* host order; 0: not said */
	uint8_t family;     /* enum ike_family */
	uint8_t zero;
};

/* One of several cores that share the ports of one node, by the initiator's cookie (cookie.h); count 0 or 1: it is alone. */
struct ike_worker {
	uint32_t index, count;
};

/* The addresses whose first `bits` bits are those of `address`; family NONE matches every address. */
struct ike_prefix {
	struct ike_address address;
	uint8_t bits;
};

#endif
