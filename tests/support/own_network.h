/* SPDX-License-Identifier: ISC */
/*
 * own_network.h - a network of the test's own, which nobody else sees and which ends with it; for tests of what changes interfaces
 * and routes.
 */
#ifndef TESTS_SUPPORT_OWN_NETWORK_H
#define TESTS_SUPPORT_OWN_NETWORK_H

#include "ike/ike.h"

/* Has the loopback interface, up, and nothing else.  False, and said why: without root there is none, and nothing to test. */
bool own_network(void);
/* Does it in another process, confined as the node is, CAP_NET_ADMIN and nothing else left to it; whether it said true. */
bool own_network_confined(bool (*deed)(void));
/* Becomes nobody, without any capability; false where that cannot be. */
bool own_network_nobody(void);

/* "10.1.0.0/16"; fails the test where it is none. */
struct ike_prefix own_network_prefix(const char *text);
/* A whole IP packet with a UDP datagram of these words, checksums and all; returns its length. */
size_t own_network_packet(uint8_t *packet, const char *from, const char *to, uint16_t port,
			  const char *words);

#endif
