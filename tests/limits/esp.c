/* SPDX-License-Identifier: ISC */
/*
 * esp.c - preloaded: a kernel without ESP looks as if it had it, to a program that asks through netlink.  What is done about
 * policies is the kernel's own.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <sys/socket.h>

static int is_netlink(int descriptor)
{
	int domain = 0;
	socklen_t length = sizeof(domain);

	return getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 &&
	       domain == AF_NETLINK;
}

/* "There is no ESP" and, of an SA that was never there, "there is no such SA". */
ssize_t recv(int descriptor, void *buffer, size_t length, int flags)
{
	static ssize_t (*real)(int, void *, size_t, int);
	struct nlmsghdr *header = buffer;
	ssize_t got;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "recv");
	got = real(descriptor, buffer, length, flags);
	if (got >= (ssize_t)NLMSG_SPACE(sizeof(struct nlmsgerr)) && is_netlink(descriptor) &&
	    header->nlmsg_type == NLMSG_ERROR) {
		struct nlmsgerr *error = NLMSG_DATA(header);

		if (error->error == -EPROTONOSUPPORT || error->error == -ESRCH)
			error->error = 0;
	}
	return got;
}
