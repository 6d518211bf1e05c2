/* SPDX-License-Identifier: ISC */
/*
 * store_netlink.h - netlink messages, and a socket to a part of the kernel, its XFRM or its routes, that is asked one thing at a
 * time (RFC 3549, linux/netlink.h).
 */
#ifndef INTEROP_STORE_STORE_NETLINK_H
#define INTEROP_STORE_STORE_NETLINK_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

#include "interop/fault.h"

#define NETLINK_MESSAGE_MOST 2048 /* octets: the largest that we build, an SA, has some 900 */

/* A message under construction; its octets are aligned for all that the kernel puts there. */
struct netlink_message {
	union {
		struct nlmsghdr header;
		uint8_t octets[NETLINK_MESSAGE_MOST];
		uint64_t aligned;
	} as;
};

/* `flags` besides NLM_F_REQUEST.  The payload's octets are zero, and to be filled. */
void *netlink_begin(struct netlink_message *message, uint16_t type, uint16_t flags, size_t length);
/* An attribute; its octets are zero, and to be filled. */
void *netlink_add(struct netlink_message *message, uint16_t type, size_t length);
/* What was added since is inside the attribute whose octets (none of its own) are at `outer`. */
void netlink_enclose(struct netlink_message *message, void *outer);

/* The attribute of that type in a message from the kernel, of `length` octets or more; NULL: it has none. */
const void *netlink_find(const struct nlmsghdr *header, size_t payload, uint16_t type,
			 size_t length);
/* The payload, of `length` octets or more; NULL: it is shorter. */
const void *netlink_payload(const struct nlmsghdr *header, size_t length);

struct netlink {
	int descriptor;
	uint32_t sequence;
	char said[160]; /* what the kernel said about the latest refusal, or "" */
};

/* To NETLINK_XFRM or NETLINK_ROUTE; listens to the multicast groups of `groups` (bits).  False: see fault. */
bool netlink_open(struct netlink *netlink, int protocol, uint32_t groups, struct fault *fault);
void netlink_close(struct netlink *netlink);

/* Asks for a thing to be done, and takes the answer, which the kernel has ready by then.  0, or the errno it gave. */
int netlink_do(struct netlink *netlink, struct netlink_message *message);
/* Asks for what is told in one message, which goes to `answer`.  0, or the errno it gave. */
int netlink_get(struct netlink *netlink, struct netlink_message *message,
		struct netlink_message *answer);
/* Asks for a list; `each` sees every message of it, and must not ask itself.  0, or the errno it gave. */
typedef void netlink_each(void *context, const struct nlmsghdr *header);
int netlink_list(struct netlink *netlink, struct netlink_message *message, netlink_each *each,
		 void *context);
/* What has come unasked, if anything has; does not wait. */
bool netlink_hear(struct netlink *netlink, struct netlink_message *message);

#endif
