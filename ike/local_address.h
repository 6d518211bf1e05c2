/* SPDX-License-Identifier: ISC */
/*
 * local_address.h - our own addresses, each kept once however many SAs are at it.
 *
 * A node has one or two, with two ports; a million SAs need not write them down a million times.  An SA holds a number.  But a
 * node may also answer for a whole network, and then there are as many addresses as there are SAs.
 */
#ifndef IKE_LOCAL_ADDRESS_H
#define IKE_LOCAL_ADDRESS_H

#include "crypto/table_hash.h"
#include "ike/types.h"

struct local_addresses;

/*
 * For so many SAs, and one more address: that of one that is moving, which holds the new one before it lets go of the old.
 * NULL: no memory.
 */
struct local_addresses *local_addresses_new(uint32_t sas,
					    const uint8_t key[TABLE_HASH_KEY_LENGTH]) IKE_MUST_USE;
void local_addresses_free(struct local_addresses *locals); /* NULL is allowed */

/* The number of that address, held once more.  0 is that of family NONE, port 0; and where more are held than there may be. */
uint32_t local_address_hold(struct local_addresses *locals, const struct ike_address *address);
void local_address_release(struct local_addresses *locals, uint32_t number);
/* Good until it is released as often as it was held. */
const struct ike_address *local_address(const struct local_addresses *locals, uint32_t number);

#endif
