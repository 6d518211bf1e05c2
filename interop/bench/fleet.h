/* SPDX-License-Identifier: ISC */
/*
 * fleet.h - a great number of Phase 1 SAs out of one seed: both ends make the same ones, without Diffie-Hellman, and without a word
 * to each other.
 *
 * Member i calls from an address of its own in 127.0.0.0/8 and has an identity of its own; its gateway is at 127.0.0.1.  Neither side
 * knows where to call the other, as responders do, so nothing is renewed and nobody called again.  AES-128, SHA-1.
 */
#ifndef INTEROP_BENCH_FLEET_H
#define INTEROP_BENCH_FLEET_H

#include "ike/ike.h"

#define FLEET_PROPOSAL "aes128-sha1-modp2048"
#define FLEET_MESSAGE  92 /* octets of an R-U-THERE, and of its ACK */

struct fleet;

struct fleet *fleet_new(uint32_t seed) IKE_MUST_USE; /* NULL: no memory */
void fleet_free(struct fleet *fleet);                /* NULL is allowed */

/* The address of a member, with this port. */
struct ike_address fleet_address(uint32_t index, uint16_t port);

/*
 * The SA as the gateway has it, ready to be imported: `port` is the member's.  `local` is left out; whoever knows its address puts it
 * in.
 */
void fleet_import(const struct fleet *fleet, uint32_t index, uint16_t port,
		  struct ike_import *import);

/* The same as the member has it, whose port `own` is; the gateway is at 127.0.0.1 with `port`. */
void fleet_import_member(const struct fleet *fleet, uint32_t index, uint16_t port, uint16_t own,
			 struct ike_import *import);

/* What a member has of its SA in order to ask and to read. */
struct fleet_keys {
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	struct ike_keys keys;
};
void fleet_keys(const struct fleet *fleet, uint32_t index, struct fleet_keys *keys);

/* A whole R-U-THERE or R-U-THERE-ACK, protected; returns its length: FLEET_MESSAGE with the fleet's own keys. */
size_t fleet_write(const struct fleet *fleet, const struct fleet_keys *keys, uint16_t type,
		   uint32_t message_id, uint32_t number, uint8_t *out, size_t room);
/*
 * Reads one: the cookies are the SA's, it decrypts, HASH(1) is good, and it is of this type.  False: it is not; `number` is filled
 * where it is.
 */
bool fleet_read(const struct fleet *fleet, const struct fleet_keys *keys, uint16_t type,
		struct octets datagram, uint32_t *number) IKE_MUST_USE;

/* The bare cryptography of one exchange, and nothing else: two IVs, two HASHes, one decryption, one encryption. */
void fleet_bare_exchange(const struct fleet *fleet, const struct fleet_keys *keys,
			 uint32_t message_id, uint8_t message[FLEET_MESSAGE]);

#endif
