/* SPDX-License-Identifier: ISC */
#include "interop/esp/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ike/address.h"
#include "ike/ike.h"
#include "interop/store/store_netlink.h"

unsigned if_nametoindex(const char *name); /* net/if.h and linux/if.h do not go together */

#define DEVICE         "/dev/net/tun"
#define ERRORS         134  /* Linux's errnos, and 0 for any other */
#define IPV6_MTU_LEAST 1280 /* RFC 8200 section 5 */
#define TOO_LONG_MOST  64   /* passed over in one call */

struct tun {
	int descriptor;
	bool gone;
	char name[IFNAMSIZ];
	struct netlink
	    netlink; /* for as long as it is there: later no socket can be had (confine.c) */
	unsigned index;
	struct ike_prefix *address;
	size_t addresses;
	uint64_t too_long;
	uint64_t refused, refused_by[ERRORS];
	int refusal;
};

/* ---- the device ---------------------------------------------------------------------------------------------------- */

bool tun_name_is_good(const char *name)
{
	size_t length = strlen(name);
	bool good = length > 0 && length <= TUN_NAME_MOST && strcmp(name, ".") != 0 &&
		    strcmp(name, "..") != 0;

	for (size_t i = 0; good && i < length; i++) /* '%' would be the kernel's to replace */
		good = name[i] > ' ' && name[i] <= '~' && strchr("/:%", name[i]) == NULL;
	return good;
}

static bool check(const struct tun_settings *settings, struct fault *fault)
{
	if (!tun_name_is_good(settings->name))
		return fault_say(fault,
				 "\"%s\" is no name of an interface: 1 to %d characters, none of "
				 "them a space, '/', ':' or '%%'",
				 settings->name, TUN_NAME_MOST);
	if (settings->mtu < TUN_MTU_LEAST || settings->mtu > TUN_MTU_MOST)
		return fault_say(fault, "an MTU of %u for the interface %s: %d to %d are possible",
				 settings->mtu, settings->name, TUN_MTU_LEAST, TUN_MTU_MOST);
	for (size_t i = 0; i < settings->addresses; i++) {
		const struct ike_prefix *one = &settings->address[i];
		bool ipv6 = one->address.family == IKE_FAMILY_IPV6;

		if (one->bits == 0 || one->bits > ike_family_bits(one->address.family))
			return fault_say(fault, "address %zu of the interface %s is none", i + 1,
					 settings->name);
		if (ipv6 && settings->mtu < IPV6_MTU_LEAST)
			return fault_say(fault,
					 "the interface %s cannot have an IPv6 address with an MTU "
					 "of %u: IPv6 needs %d (RFC 8200 section 5)",
					 settings->name, settings->mtu, IPV6_MTU_LEAST);
	}
	return true;
}

static bool taken(const char *name, struct fault *fault)
{
	return fault_say(fault,
			 "there is an interface %s already: another ruthere runs here, or it is "
			 "somebody else's; stop that, or choose another name",
			 name);
}

static const char *advice_of(int error)
{
	switch (error) {
	case EPERM:
	case EACCES:
		return ": that needs CAP_NET_ADMIN: run as root, or grant it";
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return ": the kernel has no TUN, or this container does not see it: try \"modprobe "
		       "tun\", "
		       "or give it the device " DEVICE;
	default:
		return "";
	}
}

static bool open_device(struct tun *tun, struct fault *fault)
{
	struct ifreq request = {.ifr_flags = 0};
	int flags = IFF_TUN | IFF_NO_PI | IFF_TUN_EXCL;

	tun->descriptor = open(DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tun->descriptor < 0)
		return fault_say(fault, "cannot open " DEVICE ": %s%s", strerror(errno),
				 advice_of(errno));
	request.ifr_flags = (short)flags;
	memcpy(request.ifr_name, tun->name, sizeof(request.ifr_name));
	if (ioctl(tun->descriptor, TUNSETIFF, &request) == 0)
		return true;
	if (errno == EBUSY) /* whatever it is: IFF_TUN_EXCL */
		return taken(tun->name, fault);
	return fault_say(fault, "cannot make an interface %s: %s%s", tun->name, strerror(errno),
			 advice_of(errno));
}

/* ---- the interface ------------------------------------------------------------------------------------------------- */

static struct ifinfomsg *begin_link(struct netlink_message *message, unsigned index)
{
	struct ifinfomsg *link = netlink_begin(message, RTM_NEWLINK, 0, sizeof(*link));

	link->ifi_index = (int)index;
	return link;
}

static int set_mtu(struct netlink *netlink, unsigned index, uint32_t mtu)
{
	struct netlink_message message;
	struct ifinfomsg *link = begin_link(&message, index);

	link->ifi_change = IFF_MULTICAST; /* off, because its flag is not set */
	memcpy(netlink_add(&message, IFLA_MTU, sizeof(mtu)), &mtu, sizeof(mtu));
	return netlink_do(netlink, &message);
}

/* No address that nobody asked for, which the system would ask routers about. */
static void forgo_link_local(struct netlink *netlink, unsigned index)
{
	struct netlink_message message;
	void *families, *ipv6;
	uint8_t *mode;

	(void)begin_link(&message, index);
	families = netlink_add(&message, IFLA_AF_SPEC, 0);
	ipv6 = netlink_add(&message, AF_INET6, 0);
	mode = netlink_add(&message, IFLA_INET6_ADDR_GEN_MODE, sizeof(*mode));
	*mode = IN6_ADDR_GEN_MODE_NONE;
	netlink_enclose(&message, ipv6);
	netlink_enclose(&message, families);
	(void)netlink_do(netlink, &message); /* a system without IPv6 has nothing to forgo */
}

/*
 * An interface of a system that forwards joins the group of all routers when it gets its IPv6 side, and reports that into the
 * tunnel.  It gets it anew, when it is no longer one for multicast, as its MTU grows beyond the least one.
 */
static int keep_quiet(struct netlink *netlink, unsigned index, uint32_t mtu)
{
	int failed = set_mtu(netlink, index, TUN_MTU_LEAST);

	if (failed == 0)
		failed = set_mtu(netlink, index, mtu);
	if (failed == 0)
		forgo_link_local(netlink, index);
	return failed;
}

static int add_address(struct netlink *netlink, unsigned index, const struct ike_prefix *prefix)
{
	/* nobody else can have it, so that nobody is asked; which way its prefix is, route.h says */
	const uint32_t flags = IFA_F_NODAD | IFA_F_NOPREFIXROUTE;
	bool ipv6 = prefix->address.family == IKE_FAMILY_IPV6;
	size_t length = ipv6 ? 16 : 4;
	struct netlink_message message;
	struct ifaddrmsg *address =
	    netlink_begin(&message, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(*address));

	address->ifa_family = ipv6 ? AF_INET6 : AF_INET;
	address->ifa_prefixlen = prefix->bits;
	address->ifa_index = index;
	memcpy(netlink_add(&message, IFA_LOCAL, length), prefix->address.octets, length);
	memcpy(netlink_add(&message, IFA_ADDRESS, length), prefix->address.octets, length);
	memcpy(netlink_add(&message, IFA_FLAGS, sizeof(flags)), &flags, sizeof(flags));
	return netlink_do(netlink, &message);
}

static int bring_up(struct netlink *netlink, unsigned index)
{
	struct netlink_message message;
	struct ifinfomsg *link = begin_link(&message, index);

	link->ifi_flags = IFF_UP;
	link->ifi_change = IFF_UP;
	return netlink_do(netlink, &message);
}

static bool explain(const struct tun *tun, const char *what, int error, struct fault *fault)
{
	const char *said = tun->netlink.said;

	return fault_say(fault, "cannot set %s of the interface %s: %s%s%s%s", what, tun->name,
			 strerror(error), said[0] != '\0' ? ": " : "", said, advice_of(error));
}

static bool add_addresses(struct tun *tun, struct fault *fault)
{
	for (size_t i = 0; i < tun->addresses; i++) {
		char text[IKE_ADDRESS_TEXT + sizeof("the address ")] = "the address ";
		size_t length = strlen(text);
		int failed = add_address(&tun->netlink, tun->index, &tun->address[i]);

		ike_address_text(&tun->address[i].address, text + length, sizeof(text) - length);
		if (failed != 0)
			return explain(tun, text, failed, fault);
	}
	return true;
}

static bool keep_addresses(struct tun *tun, const struct tun_settings *settings,
			   struct fault *fault)
{
	if (settings->addresses == 0)
		return true;
	tun->address = calloc(settings->addresses, sizeof(*tun->address));
	if (tun->address == NULL)
		return fault_say(fault, "no memory for the addresses of an interface");
	memcpy(tun->address, settings->address, settings->addresses * sizeof(*tun->address));
	tun->addresses = settings->addresses;
	return true;
}

static bool set_up(struct tun *tun, const struct tun_settings *settings, struct fault *fault)
{
	int failed;

	tun->index = if_nametoindex(tun->name);
	if (!keep_addresses(tun, settings, fault) ||
	    !netlink_open(&tun->netlink, NETLINK_ROUTE, 0, fault))
		return false;
	failed = keep_quiet(&tun->netlink, tun->index, settings->mtu);
	if (failed != 0)
		return explain(tun, "the MTU", failed, fault);
	if (!add_addresses(tun, fault))
		return false;
	failed = bring_up(&tun->netlink, tun->index);
	return failed == 0 || explain(tun, "the state", failed, fault);
}

void tun_restore(struct tun *tun)
{
	for (size_t i = 0; i < tun->addresses; i++) /* those of IPv4 are there still */
		(void)add_address(&tun->netlink, tun->index, &tun->address[i]);
}

struct tun *tun_new(const struct tun_settings *settings, struct fault *fault)
{
	struct tun *tun;

	if (!check(settings, fault))
		return NULL;
	tun = calloc(1, sizeof(*tun));
	if (tun == NULL) {
		fault_say(fault, "no memory for an interface");
		return NULL;
	}
	tun->descriptor = tun->netlink.descriptor = -1;
	memcpy(tun->name, settings->name, strlen(settings->name));
	if (open_device(tun, fault) && set_up(tun, settings, fault))
		return tun;
	tun_free(tun);
	return NULL;
}

void tun_free(struct tun *tun)
{
	if (tun == NULL)
		return;
	if (tun->descriptor >= 0)
		close(tun->descriptor);
	netlink_close(&tun->netlink);
	free(tun->address);
	free(tun);
}

int tun_descriptor(const struct tun *tun)
{
	return tun->descriptor;
}

const char *tun_name(const struct tun *tun)
{
	return tun->name;
}

/* ---- packets ------------------------------------------------------------------------------------------------------- */

/* One octet more than there is room for shows what is too long: the kernel cuts that off without a word. */
size_t tun_read(struct tun *tun, uint8_t *data, size_t room)
{
	uint8_t beyond;
	const struct iovec parts[] = {{data, room}, {&beyond, 1}};

	for (unsigned i = 0; i < TOO_LONG_MOST; i++) {
		ssize_t length = readv(tun->descriptor, parts, 2);

		if (length < 0)
			tun->gone |= errno == EBADFD;
		if (length <= 0)
			return 0;
		if ((size_t)length <= room)
			return (size_t)length;
		tun->too_long++;
	}
	return 0;
}

uint64_t tun_too_long(const struct tun *tun)
{
	return tun->too_long;
}

bool tun_is_gone(const struct tun *tun)
{
	return tun->gone;
}

static bool refuse(struct tun *tun, int error)
{
	tun->gone |= error == EBADFD;
	tun->refusal = error;
	tun->refused++;
	tun->refused_by[error > 0 && error < ERRORS ? error : 0]++;
	return false;
}

bool tun_write(struct tun *tun, struct octets packet)
{
	ssize_t length = write(tun->descriptor, packet.data, packet.length);

	return length == (ssize_t)packet.length || refuse(tun, length < 0 ? errno : EMSGSIZE);
}

uint64_t tun_refused(const struct tun *tun, int error)
{
	if (error == 0)
		return tun->refused;
	return error > 0 && error < ERRORS ? tun->refused_by[error] : 0;
}

int tun_refusal(const struct tun *tun)
{
	return tun->refusal;
}
