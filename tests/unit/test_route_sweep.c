/* SPDX-License-Identifier: ISC */
/*
 * test_route_sweep.c - the real kernel's routes, in a network of the test's own; only as root.  test_route.c has what a crash leaves.
 */
#include "tests/support/unit.h"

#include <endian.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "interop/esp/route.h"
#include "interop/esp/route_sweep.h"
#include "tests/support/own_network.h"
#include "tests/support/route_scene.h"

#define TABLE 5200

static struct netlink netlink;
static unsigned lists; /* of routes that were asked for */

ssize_t send(int descriptor, const void *buffer, size_t length, int flags)
{
	const struct nlmsghdr *header = buffer;

	lists += header->nlmsg_type == RTM_GETROUTE;
	return syscall(SYS_sendto, descriptor, buffer, length, flags, NULL, 0);
}

static bool begin(void)
{
	struct fault fault;

	if (!own_network())
		return false;
	ck_assert_msg(netlink_open(&netlink, NETLINK_ROUTE, 0, &fault), "%s", fault.text);
	return true;
}

static void leave_barrier(uint32_t table, unsigned number)
{
	const uint32_t octets = htobe32(0x0a000000 + (number << 8)), least = UINT32_MAX;
	struct netlink_message message;
	struct rtmsg *route = netlink_begin(&message, RTM_NEWROUTE, NLM_F_CREATE, sizeof(*route));

	route->rtm_family = AF_INET;
	route->rtm_dst_len = 24;
	route->rtm_protocol = ROUTE_PROTOCOL;
	route->rtm_type = RTN_UNREACHABLE;
	memcpy(netlink_add(&message, RTA_TABLE, 4), &table, 4);
	memcpy(netlink_add(&message, RTA_PRIORITY, 4), &least, 4);
	memcpy(netlink_add(&message, RTA_DST, 4), &octets, 4);
	ck_assert_int_eq(netlink_do(&netlink, &message), 0);
}

START_TEST(test_nothing_there)
{
	if (!begin())
		return;
	route_sweep(&netlink, TABLE);
	ck_assert_uint_eq(lists, 2); /* one of each family */
	netlink_close(&netlink);
}
END_TEST

/* Only what is ours, and only in that table. */
START_TEST(test_others)
{
	if (!begin())
		return;
	route_scene_add_route(TABLE, "10.77.0.0/16");
	route_scene_add_rule(TABLE);
	leave_barrier(TABLE, 1);
	leave_barrier(TABLE + 1, 1);
	route_sweep(&netlink, TABLE);
	ck_assert_uint_eq(route_scene_barriers(TABLE), 0);
	ck_assert_uint_eq(route_scene_barriers(TABLE + 1), 1);
	ck_assert_uint_eq(route_scene_routes(TABLE), 1);
	ck_assert_uint_eq(route_scene_rules(TABLE), 1);
	netlink_close(&netlink);
}
END_TEST

/* A start after a crash must not take long: the list is not asked for once for every few of it. */
START_TEST(test_many)
{
	if (!begin())
		return;
	for (unsigned i = 0; i < 4000; i++)
		leave_barrier(TABLE, i);
	ck_assert_uint_eq(route_scene_barriers(TABLE), 4000);
	lists = 0;
	route_sweep(&netlink, TABLE);
	ck_assert_uint_le(lists, 12);
	ck_assert_uint_eq(route_scene_barriers(TABLE), 0);
	netlink_close(&netlink);
}
END_TEST

UNIT_MAIN("route_sweep", test_nothing_there, test_others, test_many)
