/* SPDX-License-Identifier: ISC */
/*
 * link_watch.h - what others do to our interface: whoever takes it down and brings it up again takes its routes away, and its
 * addresses of IPv6 (rtnetlink(7): RTM_NEWLINK).
 */
#ifndef INTEROP_ESP_LINK_WATCH_H
#define INTEROP_ESP_LINK_WATCH_H

#include "interop/fault.h"
#include "interop/store/store_netlink.h"

struct link_watch {
	struct netlink netlink;
	unsigned interface;
	bool gone;
};

/* From now on.  False: see fault, and there is nothing to close. */
bool link_watch_open(struct link_watch *watch, const char *interface, struct fault *fault);
void link_watch_close(
    struct link_watch *watch); /* twice, or all zeros but a descriptor of -1: nothing happens */
int link_watch_descriptor(
    const struct link_watch *watch); /* readable: something has happened to some interface */
/* Takes all that has happened; true: ours may have been brought up, and what belongs to it is to be made anew.  Never waits. */
bool link_watch_came_up(struct link_watch *watch);
/* As far as it was taken: ours has been deleted, or is somebody else's, in another network namespace. */
bool link_watch_is_gone(const struct link_watch *watch);

#endif
