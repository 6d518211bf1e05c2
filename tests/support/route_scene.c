/* SPDX-License-Identifier: ISC */
#include "tests/support/route_scene.h"

#include <check.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "interop/esp/route.h"
#include "interop/node/udp_address.h"
#include "interop/store/store_netlink.h"
#include "tests/support/own_network.h"
#include "tests/support/pairs.h"

#define PORT 4000

void route_scene_set_up(const char *interface, bool up)
{
	struct ifreq request = {.ifr_flags = 0};
	int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	ck_assert_int_eq(ioctl(any, SIOCGIFFLAGS, &request), 0);
	request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
	ck_assert_int_eq(ioctl(any, SIOCSIFFLAGS, &request), 0);
	close(any);
}

static void do_netlink(struct netlink_message *message)
{
	struct netlink netlink;
	struct fault fault;

	ck_assert_msg(netlink_open(&netlink, NETLINK_ROUTE, 0, &fault), "%s", fault.text);
	ck_assert_int_eq(netlink_do(&netlink, message), 0);
	netlink_close(&netlink);
}

void route_scene_delete(const char *interface)
{
	struct netlink_message message;
	struct ifinfomsg *link = netlink_begin(&message, RTM_DELLINK, 0, sizeof(*link));

	link->ifi_index = (int)if_nametoindex(interface);
	do_netlink(&message);
}

void route_scene_add_route(uint32_t table, const char *to)
{
	const struct ike_prefix prefix = own_network_prefix(to);
	struct netlink_message message;
	struct rtmsg *route = netlink_begin(&message, RTM_NEWROUTE, NLM_F_CREATE, sizeof(*route));
	uint32_t loopback = if_nametoindex("lo");

	route->rtm_family = AF_INET;
	route->rtm_dst_len = prefix.bits;
	route->rtm_protocol = RTPROT_STATIC;
	route->rtm_scope = RT_SCOPE_LINK;
	route->rtm_type = RTN_UNICAST;
	memcpy(netlink_add(&message, RTA_TABLE, 4), &table, 4);
	memcpy(netlink_add(&message, RTA_OIF, 4), &loopback, 4);
	memcpy(netlink_add(&message, RTA_DST, 4), prefix.address.octets, 4);
	do_netlink(&message);
}

void route_scene_add_rule(uint32_t table)
{
	struct netlink_message message;
	struct fib_rule_hdr *rule =
	    netlink_begin(&message, RTM_NEWRULE, NLM_F_CREATE, sizeof(*rule));
	const uint32_t priority = 7;

	rule->family = AF_INET;
	rule->action = FR_ACT_TO_TBL;
	memcpy(netlink_add(&message, FRA_TABLE, 4), &table, 4);
	memcpy(netlink_add(&message, FRA_PRIORITY, 4), &priority, 4);
	do_netlink(&message);
}

void route_scene_add_address(const char *text, uint8_t scope)
{
	const struct ike_prefix prefix = own_network_prefix(text);
	bool ipv6 = prefix.address.family == IKE_FAMILY_IPV6;
	struct netlink_message message;
	struct ifaddrmsg *address =
	    netlink_begin(&message, RTM_NEWADDR, NLM_F_CREATE, sizeof(*address));
	size_t length = ipv6 ? 16 : 4;

	address->ifa_family = ipv6 ? AF_INET6 : AF_INET;
	address->ifa_prefixlen = prefix.bits;
	address->ifa_flags = IFA_F_NODAD; /* it is ours at once */
	address->ifa_scope = scope;
	address->ifa_index = if_nametoindex("lo");
	memcpy(netlink_add(&message, IFA_LOCAL, length), prefix.address.octets, length);
	do_netlink(&message);
}

struct count {
	uint32_t table;
	uint8_t type; /* of routes */
	size_t found;
};

static void count_one(void *context, const struct nlmsghdr *header)
{
	struct count *count = context;
	const struct rtmsg *route = netlink_payload(header, sizeof(*route));
	const void *table = netlink_find(header, sizeof(*route), RTA_TABLE, 4);

	count->found += table != NULL && memcmp(table, &count->table, 4) == 0 &&
			(header->nlmsg_type != RTM_NEWROUTE || route->rtm_type == count->type);
}

static size_t in_kernel(uint16_t question, uint32_t table, uint8_t type)
{
	struct count count = {.table = table, .type = type};

	for (size_t i = 0; i < 2; i++) {
		struct netlink_message message;
		struct rtmsg *header = netlink_begin(&message, question, 0, sizeof(*header));
		struct netlink netlink;
		struct fault fault;

		header->rtm_family = i == 0 ? AF_INET : AF_INET6;
		ck_assert_msg(netlink_open(&netlink, NETLINK_ROUTE, 0, &fault), "%s", fault.text);
		ck_assert_int_eq(netlink_list(&netlink, &message, count_one, &count), 0);
		netlink_close(&netlink);
	}
	return count.found;
}

size_t route_scene_rules(uint32_t table)
{
	return in_kernel(RTM_GETRULE, table, 0);
}

size_t route_scene_routes(uint32_t table)
{
	return in_kernel(RTM_GETROUTE, table, RTN_UNICAST);
}

size_t route_scene_barriers(uint32_t table)
{
	return in_kernel(RTM_GETROUTE, table, RTN_UNREACHABLE);
}

const char *route_scene_way(struct tun *tun, const char *text, uint32_t mark)
{
	static char source[IKE_ADDRESS_TEXT];
	uint8_t packet[1400];
	struct ike_address to = address_of(text), from = {.family = to.family};
	struct sockaddr_storage name;
	socklen_t length;
	struct fault fault;
	int descriptor;
	ssize_t sent;

	to.port = PORT;
	length = udp_to_sockaddr(&to, &name);
	descriptor = socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (mark != 0)
		ck_assert_msg(route_mark_socket(descriptor, mark, &fault), "%s", fault.text);
	sent = sendto(descriptor, "", 1, 0, (struct sockaddr *)&name, length);
	close(descriptor);
	if (sent < 0)
		return strerrorname_np(errno);
	if (tun_read(tun, packet, sizeof(packet)) == 0)
		return "elsewhere";
	if (to.family == IKE_FAMILY_IPV6)
		memcpy(from.octets, packet + 8, 16);
	else
		memcpy(from.octets, packet + 12, 4);
	ike_address_text(&from, source, sizeof(source));
	return source;
}
