/* SPDX-License-Identifier: ISC */
/*
 * udp.h - the sockets: datagrams in and out in batches, each with both its addresses.
 *
 * An answer leaves from the address that was asked (IP_PKTINFO, RFC 3542), also where one socket listens on all of them:
 * a peer that sees another source address drops it.
 */
#ifndef INTEROP_UDP_H
#define INTEROP_UDP_H

#include "ike/ike.h"
#include "interop/node/encapsulation.h"
#include "interop/fault.h"

#define UDP_BATCH 32 /* datagrams a system call; beyond that nothing is gained on loopback */

#define UDP_SOCKETS_MAX 32

/* One octet more than the engine takes behind the non-ESP marker, so that it sees what is too long. */
#define UDP_ROOM (ENCAPSULATION_MARKER + IKE_DATAGRAM_MAX + 1)

struct udp_buffers {
	struct ike_datagram datagram[UDP_BATCH];
	uint8_t data[UDP_BATCH][ENCAPSULATION_MARKER + UDP_ROOM]; /* first the room for a marker */
	uint8_t plain[UDP_BATCH][ENCAPSULATION_MARKER + UDP_ROOM];
};

struct udp;

/* Empty, with room for the data, and with `twins` for the plaintext (struct ike_datagram). */
void udp_buffers_reset(struct udp_buffers *buffers, bool twins);

/*
 * Opens a socket per address; port 0 lets the system choose.  The unspecified IPv6 address is left out where the system has
 * no IPv6, unless nothing else remains.  NULL: see fault, which says what to do about it.
 */
struct udp *udp_new(const struct ike_address *listen, size_t count, struct fault *fault);
/*
 * The same addresses once more, with a socket of its own for each, for another worker of this node: the system then has a group
 * of sockets on each port, in the order in which they were opened, and somebody must say which of them a datagram is for
 * (workers/steering.h).  NULL: see fault.
 */
struct udp *udp_new_beside(struct udp *first, struct fault *fault);
void udp_free(struct udp *udp); /* NULL is allowed */

/*
 * What leaves, and the way that udp_source() is told, goes past the routes into the tunnels (esp/route.h).  Needs CAP_NET_ADMIN.
 * False: see fault.
 */
bool udp_mark(struct udp *udp, uint32_t mark, struct fault *fault);

size_t udp_sockets(const struct udp *udp);
int udp_descriptor(const struct udp *udp, size_t socket);
struct ike_address udp_address(const struct udp *udp, size_t socket); /* with the real port */
bool udp_has_family(const struct udp *udp, uint8_t family);

/*
 * One batch, at most UDP_BATCH; never waits.  The caller gives data and room in each datagram; remote, local and length are
 * filled.  One that is longer than its room has length == room.  0: nothing is there.
 */
size_t udp_receive(struct udp *udp, size_t socket, struct ike_datagram *datagrams, size_t max);

/*
 * Sends in order; never waits.  Returns how many are done with: sent, or refused by the system (counted, as if the network
 * had lost them).  Fewer than `count`: the socket `*full` takes no more until it is writable.
 */
size_t udp_send(struct udp *udp, const struct ike_datagram *datagrams, size_t count, size_t *full);
uint64_t udp_refused(const struct udp *udp); /* how many the system would not send */
/* The last of them: why (an errno), and where it should have gone. */
int udp_refusal(const struct udp *udp, struct ike_address *remote);

/* Where a datagram to `remote` would leave from, from that port unless it is 0; family NONE where there is no way to it. */
struct ike_address udp_source(const struct udp *udp, const struct ike_address *remote,
			      uint16_t port);

#endif
