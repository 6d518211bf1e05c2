/* SPDX-License-Identifier: ISC */
/*
 * tun.h - the network interface through which the system's packets come to us and ours go to the system, where it is not the
 * kernel that does IPsec (RFC 4301 section 4.1: tunnel mode; linux/if_tun.h).
 *
 * What the system routes into it is read here, a whole IP packet a call; what is written here arrives at the system as if it had
 * come from a wire.  The interface ends with its descriptor, and so with this process, however that ends.
 */
#ifndef INTEROP_ESP_TUN_H
#define INTEROP_ESP_TUN_H

#include "ike/types.h"
#include "interop/fault.h"

#define TUN_NAME_MOST 15 /* octets, as for every interface */
#define TUN_MTU_LEAST 576
#define TUN_MTU_MOST  65535

/* 1 to TUN_NAME_MOST printable octets, as Linux has them: no blank, slash, colon or %, and neither "." nor "..". */
bool tun_name_is_good(const char *name);

struct tun_settings {
	const char *name;                 /* of an interface that is not there yet */
	const struct ike_prefix *address; /* ours inside of the tunnels; the caller's, and copied */
	size_t addresses; /* 0 is allowed: packets of others go through all the same */
	/*
	 * Octets of the largest packet, TUN_MTU_LEAST to TUN_MTU_MOST; below 1280 the interface has no IPv6 (RFC 8200 section 5).
	 */
	uint32_t mtu;
};

struct tun;

/*
 * The interface is there, has its addresses, and is up; it is never one that was there before.  It sends no packet of its own
 * accord.  An address's length says which others it stands for, but makes no route: that is for route.h to do.  Needs
 * CAP_NET_ADMIN.  NULL: see fault, which says what is missing and what to do about it.
 */
struct tun *tun_new(const struct tun_settings *settings, struct fault *fault);
void tun_free(struct tun *tun); /* and the interface is gone; NULL is allowed */

/* The interface was down, and is up again: gives it back the addresses of IPv6 that the kernel has taken from it meanwhile. */
void tun_restore(struct tun *tun);

int tun_descriptor(const struct tun *tun); /* readable: there may be a packet */
const char *tun_name(const struct tun *tun);

/*
 * The next packet that the system sends through the interface; never waits.  Its length in octets; 0: nothing is there.  One that
 * is longer than `room` is counted and left out.
 */
size_t tun_read(struct tun *tun, uint8_t *data, size_t room);
uint64_t tun_too_long(const struct tun *tun);
/* Somebody has deleted the interface: nothing comes or goes any more, and the descriptor is readable for ever. */
bool tun_is_gone(const struct tun *tun);

/* Hands the system a packet; never waits.  False: it would not take it, which is counted, as if a network had lost it. */
bool tun_write(struct tun *tun, struct octets packet);
/* How many packets were refused with this errno; 0: in all. */
uint64_t tun_refused(const struct tun *tun, int error);
int tun_refusal(const struct tun *tun); /* the last one's errno; 0: none was */

#endif
