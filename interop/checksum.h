/* SPDX-License-Identifier: ISC */
/*
 * checksum.h - the Internet checksum of IP, ICMP and UDP (RFC 1071).
 */
#ifndef INTEROP_CHECKSUM_H
#define INTEROP_CHECKSUM_H

#include "crypto/octets.h"

/* The sum goes on: `sum` is 0, or of an even number of octets.  Far from 2^32 for any packet. */
uint32_t checksum_add(uint32_t sum, struct octets octets);
/* What makes the whole add up; 0 where it does already. */
uint16_t checksum_of(uint32_t sum);

#endif
