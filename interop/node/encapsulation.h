/* SPDX-License-Identifier: ISC */
/*
 * encapsulation.h - what is told apart on the port of NAT traversal (RFC 3948 section 2): IKE behind four zero octets, the non-ESP
 * marker; ESP, which begins with an SPI and that is never zero; and NAT keepalives, a single octet.
 *
 * The engine knows IKE only.  ESP is for the store of IPsec SAs, if it moves packets in this process; otherwise it is counted and dropped.
 */
#ifndef INTEROP_ENCAPSULATION_H
#define INTEROP_ENCAPSULATION_H

#include "ike/ike.h"

#define ENCAPSULATION_MARKER 4 /* octets */

struct encapsulation {
	uint16_t port;                      /* 0: none is encapsulated */
	uint64_t keepalives, esp, nonsense; /* received, and dropped */
};

/* A datagram that was received: it is ESP, or says so. */
bool encapsulation_is_esp(const struct encapsulation *encapsulation,
			  const struct ike_datagram *datagram);

/*
 * A datagram that was received.  True: it is for the engine, without the marker that may have been before it, `data` and `room` being
 * those of what follows.  False: it is not; it was counted, and not changed.
 */
bool encapsulation_take_off(struct encapsulation *encapsulation, struct ike_datagram *datagram);

/*
 * Puts the marker before `data`, and before `plain` where there is a twin, if local.port wants one.  The caller has that many octets
 * before both.  So a datagram goes out, and so one that has come in is again what was on the wire.
 */
void encapsulation_put_on(const struct encapsulation *encapsulation, struct ike_datagram *datagram);

#endif
