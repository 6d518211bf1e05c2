/* SPDX-License-Identifier: ISC */
/*
 * udp_address.h - between the engine's addresses and the system's.
 */
#ifndef INTEROP_UDP_ADDRESS_H
#define INTEROP_UDP_ADDRESS_H

#include <sys/socket.h>

#include "ike/types.h"

/* Returns the length of what was written. */
socklen_t udp_to_sockaddr(const struct ike_address *address, struct sockaddr_storage *name);
struct ike_address udp_of_sockaddr(const struct sockaddr_storage *name);
bool udp_is_unspecified(const struct ike_address *address); /* 0.0.0.0 or :: */

/* The address that a received datagram was sent to, with this port; family NONE where the system did not say. */
struct ike_address udp_of_control(struct msghdr *header, uint16_t port);
/* Asks for this source address; `control` has room for CMSG_SPACE(sizeof(struct in6_pktinfo)).  Returns the octets used. */
size_t udp_to_control(const struct ike_address *local, void *control);

#endif
