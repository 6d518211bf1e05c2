/* SPDX-License-Identifier: ISC */
#include "interop/esp/route.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ike/address.h"
#include "ike/ike.h"
#include "interop/esp/route_entries.h"
#include "interop/esp/route_sweep.h"
#include "interop/store/store_netlink.h"

#define LAST_RESORT   UINT32_MAX /* metric: that of a barrier */
#define SWEPT_AT_ONCE 16         /* rules or routes */
#define SWEEPS_MOST   4096       /* of that many each: more is no crash's */

#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK 12
#endif

struct routes {
	struct netlink netlink;
	int only; /* a name that one process can have: see be_the_only_one() */
	unsigned interface;
	uint32_t mark, table;
	bool has_ipv6;
	struct route_entries entries;
};

/* ---- messages ------------------------------------------------------------------------------------------------------ */

static void add_number(struct netlink_message *message, uint16_t type, uint32_t number)
{
	memcpy(netlink_add(message, type, sizeof(number)), &number, sizeof(number));
}

static void add_address(struct netlink_message *message, uint16_t type,
			const struct ike_address *address)
{
	size_t length = address->family == IKE_FAMILY_IPV6 ? 16 : 4;

	memcpy(netlink_add(message, type, length), address->octets, length);
}

static uint8_t system_family(uint8_t family)
{
	return family == IKE_FAMILY_IPV6 ? AF_INET6 : AF_INET;
}

/* ---- beginning and end --------------------------------------------------------------------------------------------- */

/* Two of us would sweep each other away.  The name is in the network's own space, and ends with the process. */
static bool be_the_only_one(struct routes *routes, struct fault *fault)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	size_t room = sizeof(name.sun_path) - 1;
	size_t length = (size_t)snprintf(name.sun_path + 1, room, "ruthere's routes in table %u",
					 routes->table);

	length += offsetof(struct sockaddr_un, sun_path) + 1;
	routes->only = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (routes->only >= 0 &&
	    bind(routes->only, (const struct sockaddr *)&name, (socklen_t)length) == 0)
		return true;
	return fault_say(fault,
			 "another ruthere has its routes in table %u already (%s): stop that, or "
			 "give each a network of its own",
			 routes->table, strerror(errno));
}

static int add_rule(struct routes *routes, uint8_t family)
{
	struct netlink_message message;
	struct fib_rule_hdr *rule =
	    netlink_begin(&message, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, sizeof(*rule));

	rule->family = family;
	rule->action = FR_ACT_TO_TBL;
	rule->flags = FIB_RULE_INVERT;
	add_number(&message, FRA_TABLE, routes->table); /* the header has no room for all of it */
	add_number(&message, FRA_PRIORITY, ROUTE_PRIORITY);
	add_number(&message, FRA_FWMARK, routes->mark);
	add_number(&message, FRA_FWMASK, UINT32_MAX);
	*(uint8_t *)netlink_add(&message, FRA_PROTOCOL, 1) = ROUTE_PROTOCOL;
	return netlink_do(&routes->netlink, &message);
}

static const char *advice_of(int error)
{
	switch (error) {
	case EPERM:
	case EACCES:
		return ": that needs CAP_NET_ADMIN: run as root, or grant it";
	case EEXIST:
		return ": another program has one like it";
	case ENODEV:
	case ENETDOWN:
		return ": the interface is gone, or down";
	case EAFNOSUPPORT:
	case EOPNOTSUPP:
		return ": the kernel lacks CONFIG_IP_MULTIPLE_TABLES or "
		       "CONFIG_IPV6_MULTIPLE_TABLES";
	default:
		return "";
	}
}

static bool explain(const struct routes *routes, const char *what, int error, struct fault *fault)
{
	const char *said = routes->netlink.said;

	return fault_say(fault, "cannot add %s to table %u: %s%s%s%s", what, routes->table,
			 strerror(error), said[0] != '\0' ? ": " : "", said, advice_of(error));
}

static bool add_rules(struct routes *routes, struct fault *fault)
{
	int failed = add_rule(routes, AF_INET);

	if (failed != 0)
		return explain(routes, "a rule for IPv4", failed, fault);
	failed = add_rule(routes, AF_INET6);
	routes->has_ipv6 = failed == 0;
	return failed == 0 || failed == EAFNOSUPPORT || failed == EOPNOTSUPP ||
	       explain(routes, "a rule for IPv6", failed, fault);
}

static bool begin(struct routes *routes, const char *interface, struct fault *fault)
{
	const int on = 1;

	routes->interface = if_nametoindex(interface);
	if (routes->interface == 0)
		return fault_say(fault, "there is no interface %s for routes", interface);
	if (!netlink_open(&routes->netlink, NETLINK_ROUTE, 0, fault) ||
	    !be_the_only_one(routes, fault))
		return false;
	/* of a table we are told just that one, not the routes of half the world */
	(void)setsockopt(routes->netlink.descriptor, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on,
			 sizeof(on));
	route_sweep(&routes->netlink, routes->table);
	if (add_rules(routes, fault))
		return true;
	route_sweep(&routes->netlink, routes->table);
	return false;
}

static void free_all(struct routes *routes)
{
	netlink_close(&routes->netlink);
	if (routes->only >= 0)
		close(routes->only);
	route_entries_free(&routes->entries);
	free(routes);
}

struct routes *routes_new(const char *interface, uint32_t mark, uint32_t table, struct fault *fault)
{
	struct routes *routes = calloc(1, sizeof(*routes));

	if (routes == NULL) {
		fault_say(fault, "no memory for routes");
		return NULL;
	}
	routes->netlink.descriptor = -1;
	routes->only = -1;
	routes->mark = mark;
	routes->table = table;
	if (begin(routes, interface, fault))
		return routes;
	free_all(routes);
	return NULL;
}

void routes_free(struct routes *routes)
{
	if (routes == NULL)
		return;
	route_sweep(&routes->netlink, routes->table);
	free_all(routes);
}

size_t routes_count(const struct routes *routes)
{
	return routes->entries.count;
}

/* ---- where packets are to come from -------------------------------------------------------------------------------- */

struct choice {
	const struct ike_prefix *local;
	unsigned interface;
	unsigned score; /* of `source` */
	struct ike_address source;
};

/* 0: not to be sent from. */
static unsigned score_of(const struct choice *choice, const struct ifaddrmsg *message,
			 uint32_t flags)
{
	if ((flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) != 0 ||
	    message->ifa_scope >= RT_SCOPE_LINK)
		return 0;
	if (message->ifa_index == choice->interface)
		return 3;
	return (flags & (IFA_F_SECONDARY | IFA_F_DEPRECATED)) == 0 ? 2 : 1;
}

static void consider(void *context, const struct nlmsghdr *header)
{
	struct choice *choice = context;
	const struct ifaddrmsg *message = netlink_payload(header, sizeof(*message));
	struct ike_address address = {.family = choice->local->address.family};
	size_t length = address.family == IKE_FAMILY_IPV6 ? 16 : 4;
	const void *octets, *flags;
	uint32_t value;
	unsigned score;

	if (header->nlmsg_type != RTM_NEWADDR || message == NULL ||
	    message->ifa_family != system_family(address.family))
		return;
	/* at an end of a link of two, IFA_ADDRESS is the other end's */
	octets = netlink_find(header, sizeof(*message), IFA_LOCAL, length);
	if (octets == NULL)
		octets = netlink_find(header, sizeof(*message), IFA_ADDRESS, length);
	if (octets == NULL)
		return;
	memcpy(address.octets, octets, length);
	value = message->ifa_flags;
	flags = netlink_find(header, sizeof(*message), IFA_FLAGS, sizeof(value));
	if (flags != NULL)
		memcpy(&value, flags, sizeof(value));
	score = score_of(choice, message, value);
	if (score > choice->score && ike_prefix_match(choice->local, &address) >= 0) {
		choice->score = score;
		choice->source = address;
	}
}

/* This machine's address inside of `local`; family NONE: it has none, or the kernel does not say. */
static struct ike_address source_inside(struct routes *routes, const struct ike_prefix *local)
{
	struct choice choice = {.local = local, .interface = routes->interface};
	struct netlink_message message;
	struct ifaddrmsg *header = netlink_begin(&message, RTM_GETADDR, 0, sizeof(*header));

	header->ifa_family = system_family(local->address.family);
	if (local->address.family != IKE_FAMILY_NONE)
		(void)netlink_list(&routes->netlink, &message, consider, &choice);
	return choice.source;
}

/* ---- routes -------------------------------------------------------------------------------------------------------- */

static struct rtmsg *begin_route(const struct routes *routes, struct netlink_message *message,
				 uint16_t type, uint16_t flags, const struct ike_prefix *remote)
{
	struct rtmsg *route = netlink_begin(message, type, flags, sizeof(*route));

	route->rtm_family = system_family(remote->address.family);
	route->rtm_dst_len = remote->bits;
	route->rtm_protocol = ROUTE_PROTOCOL;
	add_number(message, RTA_TABLE, routes->table);
	if (remote->bits > 0)
		add_address(message, RTA_DST, &remote->address);
	return route;
}

/* Beneath the route, for when the interface is down and the kernel forgets it: RFC 4301 section 5.1, PROTECT is never BYPASS. */
static int turn_barrier(struct routes *routes, const struct ike_prefix *remote, bool there)
{
	struct netlink_message message;
	struct rtmsg *route = begin_route(routes, &message, there ? RTM_NEWROUTE : RTM_DELROUTE,
					  there ? NLM_F_CREATE | NLM_F_REPLACE : 0, remote);

	route->rtm_type = RTN_UNREACHABLE;
	add_number(&message, RTA_PRIORITY, LAST_RESORT);
	return netlink_do(&routes->netlink, &message);
}

static int put_route(struct routes *routes, const struct ike_prefix *remote, uint16_t flags,
		     const struct ike_address *source)
{
	struct netlink_message message;
	struct rtmsg *route =
	    begin_route(routes, &message, RTM_NEWROUTE, NLM_F_CREATE | flags, remote);

	add_number(&message, RTA_OIF, routes->interface);
	route->rtm_scope = RT_SCOPE_LINK;
	route->rtm_type = RTN_UNICAST;
	if (source->family != IKE_FAMILY_NONE)
		add_address(&message, RTA_PREFSRC, source);
	return netlink_do(&routes->netlink, &message);
}

static int take_route(struct routes *routes, const struct ike_prefix *remote)
{
	struct netlink_message message;
	struct rtmsg *route = begin_route(routes, &message, RTM_DELROUTE, 0, remote);

	add_number(&message, RTA_OIF, routes->interface);
	route->rtm_scope = RT_SCOPE_NOWHERE; /* whichever it has */
	return netlink_do(&routes->netlink, &message);
}

/* Makes the kernel's route what is wanted, where it was `was`.  0, or an errno. */
static int turn(struct routes *routes, const struct ike_prefix *remote,
		const struct route_wanted *was, const struct route_wanted *wanted)
{
	int failed = 0;

	if (was->there == wanted->there && ike_address_same_host(&was->source, &wanted->source))
		return 0;
	if (!wanted->there) {
		failed = take_route(routes, remote);
		(void)turn_barrier(routes, remote, false);
		return failed;
	}
	if (!was->there)
		failed = turn_barrier(routes, remote, true);
	if (failed == 0)
		failed = put_route(routes, remote, was->there ? NLM_F_REPLACE : NLM_F_EXCL,
				   &wanted->source);
	if (failed == ENETDOWN) /* the barrier stands until routes_renew() */
		return 0;
	if (failed != 0 && !was->there)
		(void)turn_barrier(routes, remote, false);
	return failed;
}

void routes_renew(struct routes *routes)
{
	for (size_t i = 0; i < routes->entries.count; i++) {
		struct route_entry *entry = &routes->entries.entry[i];
		struct route_wanted wanted;

		entry->source = source_inside(routes, &entry->local);
		wanted = route_entries_wanted(&routes->entries, &entry->remote);
		(void)put_route(routes, &entry->remote, NLM_F_REPLACE, &wanted.source);
	}
}

static bool explain_route(const struct routes *routes, const struct ike_prefix *remote, int error,
			  struct fault *fault)
{
	char address[IKE_ADDRESS_TEXT], what[IKE_ADDRESS_TEXT + 24];

	ike_address_text(&remote->address, address, sizeof(address));
	snprintf(what, sizeof(what), "the route to %s/%u", address, remote->bits);
	return explain(routes, what, error, fault);
}

static bool add_entry(struct routes *routes, struct route_entry *entry, struct fault *fault)
{
	struct route_wanted was = route_entries_wanted(&routes->entries, &entry->remote), wanted;
	int failed;

	entry->source = source_inside(routes, &entry->local);
	if (!route_entries_insert(&routes->entries, entry))
		return fault_say(fault, "no memory for another route");
	wanted = route_entries_wanted(&routes->entries, &entry->remote);
	failed = turn(routes, &entry->remote, &was, &wanted);
	if (failed == 0)
		return true;
	route_entries_erase(&routes->entries, entry);
	return explain_route(routes, &entry->remote, failed, fault);
}

bool routes_add(struct routes *routes, const struct ike_selector *local,
		const struct ike_selector *remote, struct fault *fault)
{
	struct route_entry entry = route_entry_of(&local->prefix, &remote->prefix);
	struct route_entry *found = route_entries_find(&routes->entries, &entry);

	if (found != NULL) {
		found->times++;
		return true;
	}
	if (entry.remote.address.family == IKE_FAMILY_NONE ||
	    (entry.local.address.family != IKE_FAMILY_NONE &&
	     entry.local.address.family != entry.remote.address.family))
		return fault_say(fault, "selectors of two families have no route");
	if (entry.remote.address.family == IKE_FAMILY_IPV6 && !routes->has_ipv6)
		return fault_say(fault, "this system has no IPv6, or no tables of routes for it");
	return add_entry(routes, &entry, fault);
}

void routes_remove(struct routes *routes, const struct ike_selector *local,
		   const struct ike_selector *remote)
{
	const struct route_entry entry = route_entry_of(&local->prefix, &remote->prefix);
	struct route_entry *found = route_entries_find(&routes->entries, &entry);
	struct route_wanted was, wanted;

	if (found == NULL || --found->times > 0)
		return;
	was = route_entries_wanted(&routes->entries, &entry.remote);
	route_entries_erase(&routes->entries, &entry);
	wanted = route_entries_wanted(&routes->entries, &entry.remote);
	/* gone already, where the interface was taken down: what is to go is not there, or is made anew */
	(void)turn(routes, &entry.remote, &was, &wanted);
}

bool route_mark_socket(int descriptor, uint32_t mark, struct fault *fault)
{
	if (setsockopt(descriptor, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) == 0)
		return true;
	return fault_say(fault, "cannot keep our own packets out of the tunnels: %s%s",
			 strerror(errno), advice_of(errno));
}
