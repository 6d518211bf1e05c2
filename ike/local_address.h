/* SPDX-License-Identifier: ISC */
/*
 * local_address.h - our own addresses, each kept once however many SAs are at it.
 *
 * A node has one or two, with two ports; a million SAs need not write them down a million times.  An SA holds a number.
 */
#ifndef IKE_LOCAL_ADDRESS_H
#define IKE_LOCAL_ADDRESS_H

#include "ike/types.h"

struct local_addresses;

/* At most `most` different ones at once, and 65535.  NULL: no memory. */
struct local_addresses *local_addresses_new(uint32_t most) IKE_MUST_USE;
void local_addresses_free(struct local_addresses *locals); /* NULL is allowed */

/* The number of that address, held once more; 0: there are too many different ones.  0 is also that of family NONE, port 0. */
uint16_t local_address_hold(struct local_addresses *locals, const struct ike_address *address);
void local_address_release(struct local_addresses *locals, uint16_t number);
/* Good until it is released as often as it was held. */
const struct ike_address *local_address(const struct local_addresses *locals, uint16_t number);

#endif
