/* SPDX-License-Identifier: ISC */
/*
 * raw_esp.h - ESP that is not encapsulated (RFC 4303): sockets of IP protocol 50, datagrams in and out in batches, each with both
 * its addresses, as udp.h has them for UDP.  Ports are 0.
 *
 * The kernel puts a packet together from its fragments before it comes here (RFC 4303 section 3.4.1), and takes apart what is
 * too long for a link on its way out.
 */
#ifndef INTEROP_ESP_RAW_ESP_H
#define INTEROP_ESP_RAW_ESP_H

#include "ike/ike.h"
#include "interop/fault.h"
#include "interop/node/udp.h"

/* Octets of a received datagram that are not ESP: IPv4's header (RFC 791 section 3.1), which comes along. */
#define RAW_ESP_HEADER_MOST 60

struct raw_esp;

/*
 * Sockets for IPv4 and, where the system has it, IPv6, on all addresses.  `mark`: see route.h.  Needs CAP_NET_RAW and CAP_NET_ADMIN,
 * but only now.  NULL: see fault.
 */
struct raw_esp *raw_esp_new(uint32_t mark, struct fault *fault);
void raw_esp_free(struct raw_esp *esp); /* NULL is allowed */

size_t raw_esp_sockets(const struct raw_esp *esp); /* 1 or 2 */
int raw_esp_descriptor(const struct raw_esp *esp, size_t socket);

/*
 * One batch, at most UDP_BATCH; never waits.  The caller gives data and room in each datagram: RAW_ESP_HEADER_MOST octets more than the
 * longest ESP packet that it wants.  Filled are remote, local, data, length and room: `data` is moved on to the ESP header, and `room`
 * is less by as much; datagrams may have changed places.  Give data and room anew before the next call.  What is longer than its
 * room, or no IP packet, is counted and left out.  0: nothing is there.
 */
size_t raw_esp_receive(struct raw_esp *esp, size_t socket, struct ike_datagram *datagrams,
		       size_t max);
uint64_t raw_esp_unfit(const struct raw_esp *esp); /* how many were left out */

/*
 * Sends `data` (from the ESP header on) in order, from `local` where its family is not NONE; never waits.  Returns how many are done
 * with: sent, or refused by the system (counted, as if the network had lost them).  Fewer than `count`: the socket `*full` takes no
 * more until it is writable.
 */
size_t raw_esp_send(struct raw_esp *esp, const struct ike_datagram *datagrams, size_t count,
		    size_t *full);
uint64_t raw_esp_refused(const struct raw_esp *esp); /* how many the system would not send */
/* The last of them: why (an errno), and where it should have gone. */
int raw_esp_refusal(const struct raw_esp *esp, struct ike_address *remote);

#endif
