/* SPDX-License-Identifier: ISC */
/*
 * steering.h - which worker's socket the kernel puts a datagram into.
 *
 * The workers' sockets of one address are a group (SO_REUSEPORT), and the kernel asks a small program of classic BPF for the
 * number of one of them.  The program computes ike_cookie_worker() from the initiator's cookie, which is at the beginning of an
 * IKE message: at the beginning of the datagram, or behind the non-ESP marker on the port of NAT traversal (RFC 3948 section
 * 2.2).  Nothing else has a say, so that a retransmission, a peer that floats from port 500 to 4500 or that its NAT has moved,
 * and both ends' messages of one SA all come to the same worker.
 *
 * What has no cookie leads to any worker: a datagram that is too short, a NAT keepalive among them, to the first; ESP in UDP to
 * whichever its octets name.  The engine ignores them all.
 */
#ifndef INTEROP_STEERING_H
#define INTEROP_STEERING_H

#include <linux/filter.h>

#include "interop/fault.h"
#include "interop/node/udp.h"

#define STEERING_LENGTH 11 /* instructions */

/* For datagrams in which the initiator's cookie is at `offset`. */
void steering_program(struct sock_filter program[STEERING_LENGTH], uint32_t workers,
		      uint32_t offset);

/*
 * In force for every group that a socket of `udp` is in, each of which must have `workers` sockets; on `nat_t_port` (0: none) there
 * is a marker.  False: see fault.
 */
bool steering_attach(const struct udp *udp, uint32_t workers, uint16_t nat_t_port,
		     struct fault *fault) IKE_MUST_USE;

#endif
