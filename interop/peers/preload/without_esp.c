/* SPDX-License-Identifier: ISC */
/*
 * without_esp.c - for a pluto on a kernel without ESP (LD_PRELOAD).
 *
 * libreswan finishes Quick Mode, and then keeps the peer alive, only where the kernel has taken its IPsec SAs.  For its
 * IKE the kernel's word is enough, so here the kernel's refusals of just these requests are turned into success.  What is
 * protected by such an SA goes nowhere; nothing is sent through one in the lab.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

typedef ssize_t receive(int, void *, size_t, int, struct sockaddr *, socklen_t *);

/* The kernel knows no such protocol, and later not the SA that it has not taken. */
static bool is_for_want_of_esp(unsigned request, int error)
{
	switch (request) {
	case XFRM_MSG_NEWSA:
	case XFRM_MSG_UPDSA:
		return error == -EPROTONOSUPPORT;
	case XFRM_MSG_DELSA:
		return error == -ESRCH;
	default:
		return false;
	}
}

/* A netlink message that answers a request with an error (netlink(7)): nlmsghdr, nlmsgerr, part of the request. */
static void forgive(unsigned char *message, size_t length)
{
	struct nlmsghdr header;
	struct nlmsgerr answer;

	if (length < NLMSG_LENGTH(sizeof answer))
		return;
	memcpy(&header, message, sizeof header);
	memcpy(&answer, message + NLMSG_HDRLEN, sizeof answer);
	if (header.nlmsg_type != NLMSG_ERROR ||
	    !is_for_want_of_esp(answer.msg.nlmsg_type, answer.error))
		return;
	answer.error = 0;
	memcpy(message + NLMSG_HDRLEN, &answer, sizeof answer);
}

/*
 * pluto reads the answers of the kernel with recvfrom(), and so this is what it is called in the library; here it has a name
 * of its own, since the C library's declaration calls its parameters what nobody else may.
 */
ssize_t receive_forgivingly(int descriptor, void *buffer, size_t length, int flags,
			    struct sockaddr *from, socklen_t *from_length) __asm__("recvfrom");

ssize_t receive_forgivingly(int descriptor, void *buffer, size_t length, int flags,
			    struct sockaddr *from, socklen_t *from_length)
{
	static receive *original;
	ssize_t received;

	if (original == NULL)
		*(void **)&original = dlsym(RTLD_NEXT, "recvfrom");
	received = original(descriptor, buffer, length, flags, from, from_length);
	if (received > 0 && from != NULL && *from_length >= sizeof from->sa_family &&
	    from->sa_family == AF_NETLINK)
		forgive(buffer, (size_t)received);
	return received;
}
