/* SPDX-License-Identifier: ISC */
/*
 * capability.h - the vendor ID that says "I speak this keepalive" (RFC 3706 section 5.1).
 */
#ifndef KEEPALIVE_CAPABILITY_H
#define KEEPALIVE_CAPABILITY_H

#include "ike/extension.h"

#define KEEPALIVE_VENDOR_ID_LENGTH 16 /* 14 constant octets, major version, minor version */

extern const uint8_t keepalive_vendor_id_octets[KEEPALIVE_VENDOR_ID_LENGTH];
struct octets keepalive_vendor_id(void); /* version 1.0, static storage */

/* Any 1.x: the minor version only informs. */
bool keepalive_vendor_id_matches(struct octets vendor_id) IKE_MUST_USE;

#endif
