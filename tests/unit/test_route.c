/* SPDX-License-Identifier: ISC */
/*
 * test_route.c - the real kernel's routes, in a network of the test's own: what goes into the interface is read there; only as root.
 */
#include "tests/support/unit.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/esp/route.h"
#include "interop/esp/tun.h"
#include "interop/store/store_netlink.h"
#include "tests/support/own_network.h"
#include "tests/support/route_scene.h"

#define MARK  0x52
#define TABLE 5200 /* more than an octet */

static struct fault fault;
static struct tun *tun;
static struct routes *routes;

/* ---- a kernel without IPv6 ----------------------------------------------------------------------------------------- */

static bool without_ipv6;
static bool asked_for_ipv6;

ssize_t send(int descriptor, const void *buffer, size_t length, int flags)
{
	const struct nlmsghdr *header = buffer;
	const uint8_t *family = netlink_payload(header, sizeof(struct rtmsg));

	asked_for_ipv6 = header->nlmsg_type == RTM_NEWRULE && family != NULL && *family == AF_INET6;
	return syscall(SYS_sendto, descriptor, buffer, length, flags, NULL, 0);
}

ssize_t recv(int descriptor, void *buffer, size_t length, int flags)
{
	ssize_t got = syscall(SYS_recvfrom, descriptor, buffer, length, flags, NULL, NULL);
	struct nlmsgerr *error = NLMSG_DATA(buffer);

	if (without_ipv6 && asked_for_ipv6 && got >= (ssize_t)NLMSG_SPACE(sizeof(*error)))
		error->error = -EAFNOSUPPORT;
	return got;
}

/* ---- the scene ----------------------------------------------------------------------------------------------------- */

static struct ike_selector selector_of(const char *prefix)
{
	return (struct ike_selector){
	    .prefix = own_network_prefix(prefix), .protocol = 17, .port = 53};
}

static bool open_interface(void)
{
	const struct ike_prefix addresses[] = {own_network_prefix("10.1.0.1/32"),
					       own_network_prefix("2001:db8:1::1/128")};
	const struct tun_settings settings = {
	    .name = "ruthere0", .address = addresses, .addresses = 2, .mtu = 1400};

	if (!own_network())
		return false;
	tun = tun_new(&settings, &fault);
	ck_assert_msg(tun != NULL, "%s", fault.text);
	return true;
}

static bool begin(void)
{
	if (!open_interface())
		return false;
	routes = routes_new("ruthere0", MARK, TABLE, &fault);
	ck_assert_msg(routes != NULL, "%s", fault.text);
	return true;
}

static void end(void)
{
	routes_free(routes);
	tun_free(tun);
}

static void add(const char *local, const char *remote)
{
	const struct ike_selector here = selector_of(local), there = selector_of(remote);

	ck_assert_msg(routes_add(routes, &here, &there, &fault), "%s", fault.text);
}

static void assert_not_added(const char *local, const char *remote, const char *because)
{
	const struct ike_selector here = selector_of(local), there = selector_of(remote);
	size_t before = routes_count(routes);

	ck_assert(!routes_add(routes, &here, &there, &fault));
	ck_assert_msg(strstr(fault.text, because) != NULL, "%s", fault.text);
	ck_assert_uint_eq(routes_count(routes), before);
}

static void take_away(const char *local, const char *remote)
{
	const struct ike_selector here = selector_of(local), there = selector_of(remote);

	routes_remove(routes, &here, &there);
}

/* ---- refusals ------------------------------------------------------------------------------------------------------ */

START_TEST(test_no_interface)
{
	if (!own_network())
		return;
	ck_assert_ptr_null(routes_new("ruthere0", MARK, TABLE, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "there is no interface ruthere0"));
}
END_TEST

START_TEST(test_not_allowed)
{
	if (!open_interface() || !own_network_nobody())
		return;
	ck_assert_ptr_null(routes_new("ruthere0", MARK, TABLE, &fault));
	ck_assert_msg(strstr(fault.text, "CAP_NET_ADMIN") != NULL, "%s", fault.text);
}
END_TEST

START_TEST(test_another_one)
{
	struct routes *other;

	if (!begin())
		return;
	ck_assert_ptr_null(routes_new("ruthere0", MARK, TABLE, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "another ruthere"));
	ck_assert_uint_eq(route_scene_rules(TABLE), 2); /* it did not touch those of the first */
	other = routes_new("ruthere0", MARK, TABLE + 1, &fault);
	ck_assert_msg(other != NULL, "%s", fault.text);
	routes_free(other);
	ck_assert_uint_eq(route_scene_rules(TABLE), 2);
	end();
}
END_TEST

START_TEST(test_another_programs_route)
{
	if (!begin())
		return;
	route_scene_add_route(TABLE, "10.2.0.0/16");
	assert_not_added("10.1.0.0/16", "10.2.0.0/16", "the route to 10.2.0.0/16");
	assert_not_added("10.1.0.0/16", "10.2.0.0/16", "another program has one like it");
	ck_assert_str_eq(route_scene_way(tun, "10.2.0.1", 0), "elsewhere");
	ck_assert_uint_eq(route_scene_barriers(TABLE), 0);
	take_away("10.1.0.0/16", "10.2.0.0/16");
	ck_assert_uint_eq(route_scene_routes(TABLE), 1);
	end();
	ck_assert_uint_eq(route_scene_routes(TABLE), 1);
}
END_TEST

START_TEST(test_families)
{
	struct ike_selector none = {.prefix = {.address.family = IKE_FAMILY_NONE}};

	if (!begin())
		return;
	assert_not_added("10.1.0.0/16", "2001:db8:2::/48", "two families");
	ck_assert(!routes_add(routes, &none, &none, &fault));
	ck_assert_uint_eq(route_scene_routes(TABLE), 0);
	end();
}
END_TEST

START_TEST(test_interface_gone)
{
	if (!begin())
		return;
	add("10.1.0.0/16", "10.2.0.0/16");
	tun_free(tun);
	assert_not_added("10.1.0.0/16", "10.3.0.0/16", "the interface is gone");
	take_away("10.1.0.0/16", "10.2.0.0/16"); /* the route went with it */
	ck_assert_uint_eq(routes_count(routes), 0);
	routes_free(routes);
	ck_assert_uint_eq(route_scene_rules(TABLE), 0);
}
END_TEST

START_TEST(test_no_socket)
{
	ck_assert(!route_mark_socket(-1, MARK, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, strerror(EBADF)));
}
END_TEST

START_TEST(test_mark_not_allowed)
{
	int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (geteuid() == 0 && !own_network_nobody())
		return;
	ck_assert(!route_mark_socket(descriptor, MARK, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "CAP_NET_ADMIN"));
	close(descriptor);
}
END_TEST

/* ---- ways ---------------------------------------------------------------------------------------------------------- */

START_TEST(test_into_the_interface)
{
	if (!begin())
		return;
	ck_assert_str_eq(route_scene_way(tun, "10.2.0.1", 0), "ENETUNREACH");
	add("10.1.0.0/16", "10.2.0.0/16");
	add("2001:db8:1::/48", "2001:db8:2::/48");
	ck_assert_str_eq(route_scene_way(tun, "10.2.0.1", 0), "10.1.0.1");
	ck_assert_str_eq(route_scene_way(tun, "10.3.0.1", 0), "ENETUNREACH");
	ck_assert_str_eq(route_scene_way(tun, "2001:db8:2::1", 0), "2001:db8:1::1");
	ck_assert_str_eq(route_scene_way(tun, "2001:db8:3::1", 0), "ENETUNREACH");
	ck_assert_uint_eq(routes_count(routes), 2);
	ck_assert_uint_eq(route_scene_routes(TABLE), 2);
	end();
}
END_TEST

/* Everything goes there but what is ours, and what is for this machine itself. */
START_TEST(test_everything_but_our_own)
{
	if (!begin())
		return;
	add("10.1.0.0/16", "0.0.0.0/0");
	add("2001:db8:1::/48", "::/0");
	route_scene_add_route(RT_TABLE_MAIN, "192.0.2.0/24");
	ck_assert_str_eq(route_scene_way(tun, "192.0.2.9", 0), "10.1.0.1");
	ck_assert_str_eq(route_scene_way(tun, "192.0.2.9", MARK), "elsewhere");
	ck_assert_str_eq(route_scene_way(tun, "192.0.2.9", MARK | 0x100),
			 "10.1.0.1"); /* the whole mark counts */
	ck_assert_str_eq(route_scene_way(tun, "198.51.100.1", MARK), "ENETUNREACH");
	ck_assert_str_eq(route_scene_way(tun, "127.0.0.1", 0), "elsewhere");
	ck_assert_str_eq(route_scene_way(tun, "2001:db8:9::1", 0), "2001:db8:1::1");
	ck_assert_str_eq(route_scene_way(tun, "2001:db8:9::1", MARK), "ENETUNREACH");
	end();
}
END_TEST

START_TEST(test_counted)
{
	if (!begin())
		return;
	for (size_t i = 0; i < 3; i++)
		add("10.1.0.0/16", "10.2.0.0/16");
	ck_assert_uint_eq(routes_count(routes), 1);
	take_away("10.1.0.0/16", "10.2.0.0/17"); /* never added */
	for (size_t i = 0; i < 2; i++) {
		take_away("10.1.0.0/16", "10.2.0.0/16");
		ck_assert_str_eq(route_scene_way(tun, "10.2.0.1", 0), "10.1.0.1");
	}
	take_away("10.1.0.0/16", "10.2.0.0/16");
	ck_assert_uint_eq(routes_count(routes), 0);
	ck_assert_str_eq(route_scene_way(tun, "10.2.0.1", 0), "ENETUNREACH");
	take_away("10.1.0.0/16", "10.2.0.0/16");
	add("10.1.0.0/16", "10.2.0.0/16");
	ck_assert_str_eq(route_scene_way(tun, "10.2.0.1", 0), "10.1.0.1");
	end();
}
END_TEST

/* The interface's own address, then another's; none of a scope that ends at this machine or link. */
START_TEST(test_source)
{
	if (!begin())
		return;
	route_scene_add_address("10.1.0.2/32", RT_SCOPE_UNIVERSE);
	route_scene_add_address("10.5.0.5/32", RT_SCOPE_HOST);
	route_scene_add_address("10.5.0.6/32", RT_SCOPE_LINK);
	route_scene_add_address("10.5.0.7/32", RT_SCOPE_UNIVERSE);
	route_scene_add_address("10.5.0.8/32", RT_SCOPE_UNIVERSE);
	route_scene_add_address("2001:db8:5::5/128", RT_SCOPE_UNIVERSE);
	add("0.0.0.0/0", "10.2.0.0/16");
	ck_assert_str_eq(route_scene_way(tun, "10.2.0.1", 0), "10.1.0.1");
	add("10.1.0.2/32", "10.3.0.0/16");
	ck_assert_str_eq(route_scene_way(tun, "10.3.0.1", 0), "10.1.0.2");
	add("10.5.0.0/16", "10.4.0.0/16");
	ck_assert_str_eq(route_scene_way(tun, "10.4.0.1", 0), "10.5.0.7");
	add("2001:db8:5::/48", "2001:db8:4::/48");
	ck_assert_str_eq(route_scene_way(tun, "2001:db8:4::1", 0), "2001:db8:5::5");
	add("10.99.0.0/16", "10.6.0.0/16"); /* this machine is not inside: the system chooses */
	ck_assert_str_eq(route_scene_way(tun, "10.6.0.1", 0), "10.1.0.1");
	end();
}
END_TEST

/* Of a local end that is not known yet there is a way, and the source of whoever has one comes first. */
START_TEST(test_source_unknown_yet)
{
	const struct ike_selector own = {.protocol = 0}, there = selector_of("10.2.0.0/16");

	if (!begin())
		return;
	route_scene_add_address("10.5.0.5/32", RT_SCOPE_UNIVERSE);
	ck_assert_msg(routes_add(routes, &own, &there, &fault), "%s", fault.text);
	ck_assert_str_eq(route_scene_way(tun, "10.2.0.1", 0), "10.1.0.1");
	add("10.5.0.5/32", "10.2.0.0/16");
	ck_assert_str_eq(route_scene_way(tun, "10.2.0.1", 0), "10.5.0.5");
	take_away("10.5.0.5/32", "10.2.0.0/16");
	ck_assert_str_eq(route_scene_way(tun, "10.2.0.1", 0), "10.1.0.1");
	routes_remove(routes, &own, &there);
	ck_assert_uint_eq(route_scene_routes(TABLE), 0);
	end();
}
END_TEST

/* Two pairs with one way: it has the source of the one that has one, as long as that is there. */
START_TEST(test_one_way_of_two)
{
	if (!begin())
		return;
	route_scene_add_address("10.5.0.5/32", RT_SCOPE_UNIVERSE);
	route_scene_add_address("2001:db8:5::5/128", RT_SCOPE_UNIVERSE);
	add("10.99.0.0/16", "10.2.0.0/16");
	add("10.5.0.0/16", "10.2.0.0/16");
	add("2001:db8:99::/48", "2001:db8:2::/48");
	add("2001:db8:5::/48", "2001:db8:2::/48");
	ck_assert_uint_eq(routes_count(routes), 4);
	ck_assert_uint_eq(route_scene_routes(TABLE), 2);
	ck_assert_str_eq(route_scene_way(tun, "10.2.0.1", 0), "10.5.0.5");
	ck_assert_str_eq(route_scene_way(tun, "2001:db8:2::1", 0), "2001:db8:5::5");
	take_away("10.5.0.0/16", "10.2.0.0/16");
	take_away("2001:db8:5::/48", "2001:db8:2::/48");
	ck_assert_uint_eq(route_scene_routes(TABLE), 2);
	ck_assert_str_eq(route_scene_way(tun, "10.2.0.1", 0), "10.1.0.1");
	ck_assert_str_eq(route_scene_way(tun, "2001:db8:2::1", 0), "2001:db8:1::1");
	take_away("10.99.0.0/16", "10.2.0.0/16");
	take_away("2001:db8:99::/48", "2001:db8:2::/48");
	ck_assert_uint_eq(route_scene_routes(TABLE), 0);
	end();
}
END_TEST

/* ---- down and up --------------------------------------------------------------------------------------------------- */

/* Whoever takes the interface down does not let packets out in the clear, and when it is up again they have their way back. */
START_TEST(test_down_and_up)
{
	if (!begin())
		return;
	route_scene_add_route(RT_TABLE_MAIN, "10.0.0.0/8");
	add("10.1.0.0/16", "10.2.0.0/16");
	add("2001:db8:1::/48", "2001:db8:2::/48");
	ck_assert_uint_eq(route_scene_barriers(TABLE), 2);
	route_scene_set_up("ruthere0", false);
	ck_assert_str_eq(route_scene_way(tun, "10.2.0.1", 0), "EHOSTUNREACH");
	ck_assert_str_eq(route_scene_way(tun, "2001:db8:2::1", 0), "EHOSTUNREACH");
	add("10.1.0.0/16", "10.3.0.0/16"); /* a pair that comes meanwhile */
	ck_assert_str_eq(route_scene_way(tun, "10.3.0.1", 0), "EHOSTUNREACH");
	take_away("2001:db8:1::/48", "2001:db8:2::/48");
	ck_assert_str_eq(route_scene_way(tun, "2001:db8:2::1", 0), "ENETUNREACH");
	route_scene_set_up("ruthere0", true);
	ck_assert_str_eq(route_scene_way(tun, "10.2.0.1", 0), "EHOSTUNREACH");
	routes_renew(routes);
	ck_assert_str_eq(route_scene_way(tun, "10.2.0.1", 0), "10.1.0.1");
	ck_assert_str_eq(route_scene_way(tun, "10.3.0.1", 0), "10.1.0.1");
	routes_renew(routes); /* once more does no harm */
	ck_assert_uint_eq(route_scene_routes(TABLE), 2);
	ck_assert_uint_eq(route_scene_barriers(TABLE), 2);
	take_away("10.1.0.0/16", "10.2.0.0/16");
	ck_assert_uint_eq(route_scene_barriers(TABLE), 1);
	ck_assert_str_eq(route_scene_way(tun, "10.2.0.1", 0), "elsewhere");
	end();
	ck_assert_uint_eq(route_scene_barriers(TABLE), 0);
}
END_TEST

/* ---- beginning and end --------------------------------------------------------------------------------------------- */

START_TEST(test_all_is_taken_away)
{
	char remote[32];

	if (!begin())
		return;
	ck_assert_uint_eq(route_scene_rules(TABLE), 2);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(remote, sizeof(remote), "10.2.%u.0/24", i);
		add("10.1.0.0/16", remote);
		snprintf(remote, sizeof(remote), "2001:db8:2:%x::/64", i);
		add("2001:db8:1::/48", remote);
	}
	ck_assert_uint_eq(route_scene_routes(TABLE), 200);
	ck_assert_uint_eq(route_scene_barriers(TABLE), 200);
	routes_free(routes);
	ck_assert_uint_eq(route_scene_rules(TABLE), 0);
	ck_assert_uint_eq(route_scene_routes(TABLE), 0);
	ck_assert_uint_eq(route_scene_barriers(TABLE), 0);
	routes_free(NULL);
	tun_free(tun);
}
END_TEST

/* What a crash has left is gone after the next start; another program's is not. */
START_TEST(test_sweep)
{
	int status;
	pid_t pid;

	if (!open_interface())
		return;
	pid = fork();
	if (pid == 0) {
		const struct ike_selector here = selector_of("10.1.0.0/16"),
					  there = selector_of("10.2.0.0/16");

		routes = routes_new("ruthere0", MARK + 1, TABLE, &fault);
		_exit(routes != NULL && routes_add(routes, &here, &there, &fault) ? 7 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), 7);
	ck_assert_uint_eq(route_scene_rules(TABLE), 2);
	ck_assert_uint_eq(route_scene_routes(TABLE), 1);
	ck_assert_uint_eq(route_scene_barriers(TABLE), 1); /* in force until then */
	route_scene_add_rule(TABLE);
	route_scene_add_route(TABLE, "10.77.0.0/16");
	routes = routes_new("ruthere0", MARK, TABLE, &fault);
	ck_assert_msg(routes != NULL, "%s", fault.text);
	ck_assert_uint_eq(route_scene_rules(TABLE), 3);
	ck_assert_uint_eq(route_scene_routes(TABLE), 1);
	ck_assert_uint_eq(route_scene_barriers(TABLE), 0);
	add("10.1.0.0/16", "10.2.0.0/16");
	end();
	ck_assert_uint_eq(route_scene_rules(TABLE), 1);
	ck_assert_uint_eq(route_scene_routes(TABLE), 1);
}
END_TEST

START_TEST(test_no_ipv6)
{
	if (!open_interface())
		return;
	without_ipv6 = true;
	routes = routes_new("ruthere0", MARK, TABLE, &fault);
	ck_assert_msg(routes != NULL, "%s", fault.text);
	add("10.1.0.0/16", "10.2.0.0/16");
	ck_assert_str_eq(route_scene_way(tun, "10.2.0.1", 0), "10.1.0.1");
	assert_not_added("2001:db8:1::/48", "2001:db8:2::/48", "no IPv6");
	end();
	ck_assert_uint_eq(route_scene_rules(TABLE), 0);
}
END_TEST

static bool a_life(void)
{
	static const char *const prefixes[][2] = {{"10.1.0.0/16", "10.2.0.0/16"},
						  {"2001:db8:1::/48", "2001:db8:2::/48"}};

	for (size_t i = 0; i < 2; i++) {
		const struct ike_selector here = selector_of(prefixes[i][0]),
					  there = selector_of(prefixes[i][1]);

		if (!routes_add(routes, &here, &there, &fault))
			return false;
		if (i == 0)
			routes_remove(routes, &here, &there);
	}
	routes_free(routes);
	return true;
}

START_TEST(test_confined)
{
	if (!begin())
		return;
	ck_assert(own_network_confined(a_life));
	ck_assert_uint_eq(route_scene_rules(TABLE), 0);
	ck_assert_uint_eq(route_scene_routes(TABLE), 0);
	end();
}
END_TEST

UNIT_MAIN("route", test_no_interface, test_not_allowed, test_another_one,
	  test_another_programs_route, test_families, test_interface_gone, test_no_socket,
	  test_mark_not_allowed, test_into_the_interface, test_everything_but_our_own, test_counted,
	  test_source, test_source_unknown_yet, test_down_and_up, test_one_way_of_two,
	  test_all_is_taken_away, test_sweep, test_no_ipv6, test_confined)
