/* SPDX-License-Identifier: ISC */
/*
 * world.h - what lies between the tester and the implementation under test: a network, and a clock.  One is made of sockets, the
 * other of an engine in the same process and virtual time, in which hours pass at once and nothing depends on the machine.
 */
#ifndef INTEROP_CONFORM_WORLD_H
#define INTEROP_CONFORM_WORLD_H

#include "ike/ike.h"
#include "interop/fault.h"

struct world {
	struct ike_address tester, device; /* `tester` as the device sees it; with ports */
	/* Never goes back. */
	ike_time (*now)(struct world *world);
	/* From tester's address (any of its ports: local.port) to datagram->remote.  The world may send later, never in another order. */
	void (*send)(struct world *world, const struct ike_datagram *datagram);
	/*
	 * Waits until a datagram is there, or the time has come.  True: the datagram has remote, local, and its octets in data, of
	 * which the caller gives `room`.
	 */
	bool (*receive)(struct world *world, ike_time until, struct ike_datagram *datagram);
	/* Asks whoever runs the device to make it call us.  False: nobody does. */
	bool (*call_us)(struct world *world);
	/* Set when nothing more can be done: no network, the user has interrupted.  Empty: go on. */
	struct fault trouble;
};

#endif
