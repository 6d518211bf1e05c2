/* SPDX-License-Identifier: ISC */
/*
 * test_tun.c - an interface of the real kernel's, in a network of the test's own; only as root.
 */
#include "tests/support/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/esp/route.h"
#include "interop/esp/tun.h"
#include "interop/node/udp_address.h"
#include "tests/support/own_network.h"
#include "tests/support/route_scene.h"
#include "tests/support/pairs.h"

#define MTU  1400
#define PORT 4000

static struct fault fault;
static struct ike_prefix addresses[2];
static struct tun_settings settings;
static struct tun *tun;
static uint8_t room[MTU + 200];

static void usual_settings(void)
{
	addresses[0] = own_network_prefix("10.1.0.1/24");
	addresses[1] = own_network_prefix("2001:db8:1::1/64");
	settings = (struct tun_settings){
	    .name = "ruthere0", .address = addresses, .addresses = 2, .mtu = MTU};
}

static void begin(void)
{
	usual_settings();
	tun = tun_new(&settings, &fault);
	ck_assert_msg(tun != NULL, "%s", fault.text);
}

/* What the kernel has done is done by the time its call returns; the wait is only against a system that thinks otherwise. */
static bool becomes_readable(int descriptor, int milliseconds)
{
	struct pollfd ready = {descriptor, POLLIN, 0};

	return poll(&ready, 1, milliseconds) == 1;
}

/* A UDP socket on that address. */
static int open_at(const char *text)
{
	struct ike_address address = address_of(text);
	struct sockaddr_storage name;
	socklen_t length;
	int descriptor;

	address.port = PORT;
	length = udp_to_sockaddr(&address, &name);
	descriptor = socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(descriptor, (struct sockaddr *)&name, length), 0);
	return descriptor;
}

/* Into the interface, whatever the routes say; its errno, or 0. */
static int send_into(const char *name, const char *to, const char *words, size_t length)
{
	struct ike_address address = address_of(to);
	struct sockaddr_storage remote;
	socklen_t remote_length;
	int descriptor, error = 0;

	address.port = PORT;
	remote_length = udp_to_sockaddr(&address, &remote);
	descriptor = socket(remote.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(
	    setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name) + 1),
	    0);
	if (sendto(descriptor, words, length, 0, (struct sockaddr *)&remote, remote_length) < 0)
		error = errno;
	close(descriptor);
	return error;
}

/* ---- refusals ------------------------------------------------------------------------------------------------------ */

static void assert_refused(const char *because)
{
	ck_assert_ptr_null(tun_new(&settings, &fault));
	ck_assert_msg(strstr(fault.text, because) != NULL, "%s", fault.text);
}

START_TEST(test_names)
{
	static const char *const names[] = {
	    "", ".", "..", "ruthere0123456789", "a b", "a/b", "a:b", "tun%d", "a\x80", "a\n"};

	usual_settings();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		settings.name = names[i];
		assert_refused("is no name of an interface");
	}
}
END_TEST

START_TEST(test_sizes)
{
	usual_settings();
	settings.mtu = TUN_MTU_LEAST - 1;
	assert_refused("576 to 65535");
	settings.mtu = TUN_MTU_MOST + 1;
	assert_refused("576 to 65535");
	settings.mtu = 1279;
	assert_refused("IPv6 needs 1280");
}
END_TEST

START_TEST(test_addresses)
{
	usual_settings();
	addresses[1].bits = 129;
	assert_refused("address 2 of");
	addresses[1].bits = 0;
	assert_refused("address 2 of");
	addresses[0].bits = 33;
	assert_refused("address 1 of");
	addresses[0] = (struct ike_prefix){.bits = 32};
	assert_refused("address 1 of");
}
END_TEST

START_TEST(test_an_address_that_the_kernel_refuses)
{
	if (!own_network())
		return;
	usual_settings();
	addresses[1] = own_network_prefix("ff02::1/128");
	assert_refused("the address ff02::1");
	ck_assert_uint_eq(if_nametoindex("ruthere0"), 0); /* nothing is left of it */
}
END_TEST

START_TEST(test_taken)
{
	if (!own_network())
		return;
	begin();
	assert_refused("there is an interface ruthere0 already");
	tun_free(tun);
	begin();
	tun_free(tun);
	settings.name = "lo";
	assert_refused("there is an interface lo already");
}
END_TEST

START_TEST(test_not_allowed)
{
	if (!own_network() || !own_network_nobody())
		return;
	usual_settings();
	assert_refused("CAP_NET_ADMIN");
}
END_TEST

START_TEST(test_no_device)
{
	if (!own_network() || unshare(CLONE_NEWNS) != 0)
		return;
	ck_assert_int_eq(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	ck_assert_int_eq(mount("none", "/dev/net", "tmpfs", 0, NULL), 0);
	usual_settings();
	assert_refused("/dev/net/tun");
	assert_refused("modprobe tun");
}
END_TEST

/* ---- the interface ------------------------------------------------------------------------------------------------- */

static size_t addresses_of(const char *name, char *text, size_t length)
{
	struct ifaddrs *all;
	size_t count = 0;

	text[0] = '\0';
	ck_assert_int_eq(getifaddrs(&all), 0);
	for (struct ifaddrs *one = all; one != NULL; one = one->ifa_next) {
		char address[INET6_ADDRSTRLEN];
		const struct sockaddr_in *in = (const void *)one->ifa_addr;
		const struct sockaddr_in6 *in6 = (const void *)one->ifa_addr;
		size_t used = strlen(text);

		if (strcmp(one->ifa_name, name) != 0 || one->ifa_addr == NULL ||
		    (in->sin_family != AF_INET && in->sin_family != AF_INET6))
			continue;
		inet_ntop(in->sin_family,
			  in->sin_family == AF_INET ? (const void *)&in->sin_addr
						    : (const void *)&in6->sin6_addr,
			  address, sizeof(address));
		snprintf(text + used, length - used, " %s", address);
		count++;
	}
	freeifaddrs(all);
	return count;
}

/* No address but those that were asked for. */
START_TEST(test_what_it_is)
{
	struct ifreq request = {.ifr_name = "ruthere0"};
	char text[200];
	int descriptor;

	if (!own_network())
		return;
	begin();
	ck_assert_str_eq(tun_name(tun), "ruthere0");
	descriptor = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(ioctl(descriptor, SIOCGIFMTU, &request), 0);
	ck_assert_int_eq(request.ifr_mtu, MTU);
	ck_assert_int_eq(ioctl(descriptor, SIOCGIFFLAGS, &request), 0);
	ck_assert_int_eq(request.ifr_flags & (IFF_UP | IFF_MULTICAST), IFF_UP);
	close(descriptor);
	ck_assert_uint_eq(addresses_of("ruthere0", text, sizeof(text)), 2);
	ck_assert_str_eq(text, " 10.1.0.1 2001:db8:1::1");
	ck_assert_int_ne(fcntl(tun_descriptor(tun), F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(tun_descriptor(tun), F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_uint_ne(if_nametoindex("ruthere0"), 0);
	tun_free(tun);
	ck_assert_uint_eq(if_nametoindex("ruthere0"), 0);
	tun_free(NULL);
}
END_TEST

START_TEST(test_no_addresses)
{
	char text[200];

	if (!own_network())
		return;
	usual_settings();
	settings.addresses = 0;
	settings.mtu = TUN_MTU_LEAST;
	tun = tun_new(&settings, &fault);
	ck_assert_msg(tun != NULL, "%s", fault.text);
	ck_assert_uint_eq(addresses_of("ruthere0", text, sizeof(text)), 0);
	tun_free(tun);
}
END_TEST

/* The longest name that there is. */
START_TEST(test_it_ends_with_its_process)
{
	int status;
	pid_t pid;

	if (!own_network())
		return;
	pid = fork();
	if (pid == 0) {
		usual_settings();
		settings.name = "ruthere01234567";
		_exit(tun_new(&settings, &fault) != NULL && if_nametoindex(settings.name) != 0 ? 7
											       : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), 7);
	ck_assert_uint_eq(if_nametoindex("ruthere01234567"), 0);
}
END_TEST

static void write_file(const char *path, const char *words)
{
	int descriptor = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge(descriptor, 0);
	ck_assert_int_eq(write(descriptor, words, strlen(words)), (ssize_t)strlen(words));
	close(descriptor);
}

/* Neither does it look for routers, nor does it tell them that it is one. */
START_TEST(test_an_idle_one_is_idle)
{
	static const char *const forwarding[] = {"0", "1"};

	if (!own_network())
		return;
	for (size_t i = 0; i < 2; i++) {
		write_file("/proc/sys/net/ipv6/conf/all/forwarding", forwarding[i]);
		begin();
		ck_assert(!becomes_readable(tun_descriptor(tun), 100));
		ck_assert_uint_eq(tun_read(tun, room, MTU), 0);
		tun_free(tun);
	}
}
END_TEST

/* ---- packets ------------------------------------------------------------------------------------------------------- */

/* The interface's addresses are there, but it is for the routes to say what goes into it. */
START_TEST(test_no_routes)
{
	int descriptor;

	if (!own_network())
		return;
	begin();
	descriptor = open_at("10.1.0.1");
	for (size_t i = 0; i < 2; i++) {
		const struct ike_address neighbour =
		    address_of(i == 0 ? "10.1.0.2" : "2001:db8:1::2");
		struct sockaddr_storage name;
		socklen_t length = udp_to_sockaddr(&neighbour, &name);
		int probe = socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		((struct sockaddr_in *)&name)->sin_port = htons(PORT);
		ck_assert_int_eq(connect(probe, (struct sockaddr *)&name, length), -1);
		ck_assert_int_eq(errno, ENETUNREACH);
		close(probe);
	}
	close(descriptor);
	tun_free(tun);
}
END_TEST

START_TEST(test_out)
{
	const struct ike_selector local = {.prefix = own_network_prefix("2001:db8:1::/64")};
	const struct ike_selector remote = {.prefix = own_network_prefix("2001:db8:2::/64")};
	struct routes *routes;
	uint8_t wanted[200];
	size_t length;

	if (!own_network())
		return;
	begin();
	routes = routes_new("ruthere0", ROUTE_MARK, ROUTE_TABLE, &fault);
	ck_assert_msg(routes != NULL && routes_add(routes, &local, &remote, &fault), "%s",
		      fault.text);
	ck_assert_int_eq(send_into("ruthere0", "10.2.0.1", "to nowhere", 10), 0);
	ck_assert_int_eq(send_into("ruthere0", "2001:db8:2::1", "there, too", 10), 0);
	length = own_network_packet(wanted, "10.1.0.1", "10.2.0.1", PORT, "to nowhere");
	ck_assert_uint_eq(tun_read(tun, room, MTU), length);
	ck_assert_mem_eq(room + 12, wanted + 12, 8); /* addresses */
	ck_assert_mem_eq(room + 22, wanted + 22, 2); /* the port that it goes to */
	ck_assert_mem_eq(room + 28, wanted + 28, 10);
	length = own_network_packet(wanted, "2001:db8:1::1", "2001:db8:2::1", PORT, "there, too");
	ck_assert_uint_eq(tun_read(tun, room, MTU), length);
	ck_assert_mem_eq(room + 8, wanted + 8, 32);
	ck_assert_mem_eq(room + 42, wanted + 42, 2);
	ck_assert_mem_eq(room + 48, wanted + 48, 10);
	ck_assert_uint_eq(tun_read(tun, room, MTU), 0);
	ck_assert(!tun_is_gone(tun));
	routes_free(routes);
	tun_free(tun);
}
END_TEST

/* The packet behind it is not held up, and one that just fits is not too long. */
START_TEST(test_too_long)
{
	static const char words[100];

	if (!own_network())
		return;
	begin();
	ck_assert_int_eq(send_into("ruthere0", "10.2.0.1", words, 73), 0);
	ck_assert_int_eq(send_into("ruthere0", "10.2.0.1", words, 100), 0);
	ck_assert_int_eq(send_into("ruthere0", "10.2.0.1", words, 72), 0);
	room[100] = 0x55;
	ck_assert_uint_eq(tun_read(tun, room, 100), 100);
	ck_assert_uint_eq(room[100], 0x55);
	ck_assert_uint_eq(tun_too_long(tun), 2);
	ck_assert_uint_eq(tun_read(tun, room, 100), 0);
	ck_assert_uint_eq(tun_too_long(tun), 2);
	tun_free(tun);
}
END_TEST

/* The kernel takes its time until an IPv6 address is its own; what comes before that is lost. */
static void check_in(const char *from, const char *to)
{
	int descriptor = open_at(to);
	char got[100];
	size_t length = own_network_packet(room, from, to, PORT, "from far away");
	unsigned tries = 0;

	do
		ck_assert(tun_write(tun, octets_of(room, length)));
	while (!becomes_readable(descriptor, 50) && ++tries < 100);
	if (strchr(to, ':') == NULL)
		ck_assert_uint_eq(tries, 0);
	ck_assert_int_eq(recv(descriptor, got, sizeof(got), MSG_DONTWAIT), 13);
	ck_assert_mem_eq(got, "from far away", 13);
	close(descriptor);
}

START_TEST(test_in)
{
	if (!own_network())
		return;
	begin();
	check_in("10.1.0.77", "10.1.0.1");
	check_in("2001:db8:1::77", "2001:db8:1::1");
	ck_assert_uint_eq(tun_refused(tun, 0), 0);
	ck_assert_int_eq(tun_refusal(tun), 0);
	tun_free(tun);
}
END_TEST

START_TEST(test_in_refused)
{
	static const uint8_t neither[40] = {0x50};

	if (!own_network())
		return;
	begin();
	ck_assert(!tun_write(tun, octets_of(neither, sizeof(neither))));
	ck_assert(!tun_write(tun, octets_of(neither, sizeof(neither))));
	ck_assert_uint_eq(tun_refused(tun, 0), 2);
	ck_assert_uint_eq(tun_refused(tun, EINVAL), 2);
	ck_assert_uint_eq(tun_refused(tun, EIO), 0);
	ck_assert_uint_eq(tun_refused(tun, -1), 0);
	ck_assert_uint_eq(tun_refused(tun, 1 << 20), 0);
	ck_assert_int_eq(tun_refusal(tun), EINVAL);
	check_in("10.1.0.77", "10.1.0.1");
	tun_free(tun);
}
END_TEST

START_TEST(test_down_and_up)
{
	if (!own_network())
		return;
	begin();
	check_in("2001:db8:1::77", "2001:db8:1::1");
	route_scene_set_up("ruthere0", false);
	route_scene_set_up("ruthere0", true);
	tun_restore(tun);
	check_in("10.1.0.77", "10.1.0.1");
	check_in("2001:db8:1::77", "2001:db8:1::1");
	ck_assert(!tun_is_gone(tun));
	tun_free(tun);
}
END_TEST

/* Somebody's doing; whoever waits for packets must know that there will be none. */
START_TEST(test_deleted)
{
	if (!own_network())
		return;
	begin();
	route_scene_delete("ruthere0");
	ck_assert(!tun_is_gone(tun));
	ck_assert_uint_eq(tun_read(tun, room, MTU), 0);
	ck_assert(tun_is_gone(tun));
	tun_free(tun);
	begin();
	route_scene_delete("ruthere0");
	ck_assert(!tun_write(tun, octets_of(room, 40)));
	ck_assert_uint_eq(tun_refused(tun, EBADFD), 1);
	ck_assert(tun_is_gone(tun));
	tun_free(tun);
}
END_TEST

static bool both_ways(void)
{
	size_t length = own_network_packet(room, "10.1.0.77", "10.1.0.1", PORT, "in");
	bool good = tun_write(tun, octets_of(room, length));

	return good && tun_read(tun, room, MTU) == 31 && tun_read(tun, room, MTU) == 0;
}

START_TEST(test_confined)
{
	if (!own_network())
		return;
	begin();
	ck_assert_int_eq(send_into("ruthere0", "10.2.0.1", "out", 3), 0);
	ck_assert(own_network_confined(both_ways));
	tun_free(tun);
}
END_TEST

UNIT_MAIN("tun", test_names, test_sizes, test_addresses, test_an_address_that_the_kernel_refuses,
	  test_taken, test_not_allowed, test_no_device, test_what_it_is, test_no_addresses,
	  test_it_ends_with_its_process, test_an_idle_one_is_idle, test_no_routes, test_out,
	  test_too_long, test_in, test_in_refused, test_down_and_up, test_deleted, test_confined)
