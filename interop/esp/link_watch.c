/* SPDX-License-Identifier: ISC */
#include "interop/esp/link_watch.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

unsigned if_nametoindex(const char *name); /* net/if.h and linux/if.h do not go together */

bool link_watch_open(struct link_watch *watch, const char *interface, struct fault *fault)
{
	*watch =
	    (struct link_watch){.netlink.descriptor = -1, .interface = if_nametoindex(interface)};
	return watch->interface != 0
		   ? netlink_open(&watch->netlink, NETLINK_ROUTE, RTMGRP_LINK, fault)
		   : fault_say(fault, "there is no interface %s to be watched", interface);
}

void link_watch_close(struct link_watch *watch)
{
	netlink_close(&watch->netlink);
}

int link_watch_descriptor(const struct link_watch *watch)
{
	return watch->netlink.descriptor;
}

bool link_watch_is_gone(const struct link_watch *watch)
{
	return watch->gone;
}

/* Whether it says that ours is up. */
static bool take(struct link_watch *watch, struct nlmsghdr *header)
{
	const struct ifinfomsg *link = NLMSG_DATA(header);

	if ((unsigned)link->ifi_index != watch->interface)
		return false;
	watch->gone |= header->nlmsg_type == RTM_DELLINK;
	return header->nlmsg_type == RTM_NEWLINK && (link->ifi_flags & IFF_UP) != 0;
}

/* Of a message only the beginning is wanted; where the kernel had no room for one (ENOBUFS), it may have been that. */
bool link_watch_came_up(struct link_watch *watch)
{
	struct netlink_message message;
	bool up = false;

	for (;;) {
		ssize_t length = recv(watch->netlink.descriptor, message.as.octets,
				      sizeof(message.as.octets), MSG_DONTWAIT);

		if (length < 0 && (errno == EINTR || errno == ENOBUFS)) {
			up |= errno == ENOBUFS;
			continue;
		}
		if (length <= 0)
			return up;
		if (length >= (ssize_t)NLMSG_SPACE(sizeof(struct ifinfomsg)))
			up |= take(watch, &message.as.header);
	}
}
