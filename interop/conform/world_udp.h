/* SPDX-License-Identifier: ISC */
/*
 * world_udp.h - the world made of sockets: a device on the network, and the machine's clock.
 *
 * Only what comes from the device's address is let in, whatever its port.  What is sent is paced: a token bucket, so that a slow
 * router is not flooded and no case depends on how fast the tester is.  A datagram that has to wait for its token makes the
 * sender wait, so that nothing is ever queued here.
 */
#ifndef INTEROP_CONFORM_WORLD_UDP_H
#define INTEROP_CONFORM_WORLD_UDP_H

#include "interop/conform/world.h"
#include "interop/node/udp.h"

#define WORLD_UDP_BURST 16 /* datagrams that go out at once after some quiet */

struct world_udp_settings {
	const struct ike_address *listen;
	size_t listens;
	struct ike_address device;
	uint16_t nat_t_port; /* 0: nothing is encapsulated */
	uint32_t pace;       /* datagrams per second on average; 0: as fast as it goes */
	/*
	 * What makes the device call us: a command for /bin/sh, run without waiting for its end; "wait": the user is asked to see to it;
	 * NULL: nobody does.
	 */
	const char *call;
	void (*say)(void *context, const char *line); /* to the user; may be NULL */
	void *context;
};

struct world_udp;

/* The listened addresses are copied, the rest of the settings stay the caller's.  NULL: see fault. */
struct world_udp *world_udp_new(const struct world_udp_settings *settings, struct fault *fault);
/* Ends what `call` has started, if it still runs.  NULL is allowed. */
void world_udp_free(struct world_udp *own);
struct world *world_udp_world(struct world_udp *own);
/* Ends what goes on: the world is in trouble from now on, with "interrupted".  For signal handlers. */
void world_udp_interrupt(struct world_udp *own);
/* Datagrams that came from somebody else and were dropped. */
uint64_t world_udp_strangers(const struct world_udp *own);

#endif
