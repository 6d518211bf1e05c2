/* SPDX-License-Identifier: ISC */
/*
 * udp_batch.h - several datagrams for one system call, recvmmsg() or sendmmsg(), each with both its addresses; for UDP and for
 * raw sockets (esp/raw_esp.h).
 */
#ifndef INTEROP_UDP_BATCH_H
#define INTEROP_UDP_BATCH_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "ike/ike.h"
#include "interop/node/udp.h"

/*
 * What the system holds for a socket until we come round, and until it has sent it: a burst of 30000 small datagrams, or 2000 of the
 * longest.  Whoever may not go beyond the system's limit has that limit.
 */
void udp_batch_enlarge(int descriptor);

/* Points to the datagrams' data, and into itself: it stays where it is until the call has returned. */
struct udp_batch {
	struct mmsghdr header[UDP_BATCH];
	struct iovec data[UDP_BATCH];
	struct sockaddr_storage remote[UDP_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[UDP_BATCH][CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

/* Room for one: datagram->room octets. */
void udp_batch_in(struct udp_batch *batch, size_t index, const struct ike_datagram *datagram);
/*
 * The datagram's `length` octets go to `remote`, as it is; where `from_local`, from the datagram's local address, if it has one
 * of its remote one's family.
 */
void udp_batch_out(struct udp_batch *batch, size_t index, const struct ike_datagram *datagram,
		   const struct ike_address *remote, bool from_local);

#endif
