/* SPDX-License-Identifier: ISC */
/*
 * test_world_udp.c - the world of sockets, on loopback: who is not let in, what an interruption does, markers, pace, and calls.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ike/address.h"
#include "interop/node/clock.h"
#include "interop/conform/world_udp.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"

static struct world_udp *own;
static struct world *world;
static struct fault fault;
static int device; /* its socket */
static struct sockaddr_in tester_name;
static char said[200];

static int socket_at(const char *address, struct ike_address *where)
{
	struct sockaddr_in name = {.sin_family = AF_INET};
	socklen_t length = sizeof(name);
	int descriptor = socket(AF_INET, SOCK_DGRAM, 0);

	ck_assert_int_eq(inet_pton(AF_INET, address, &name.sin_addr), 1);
	ck_assert_int_eq(bind(descriptor, (struct sockaddr *)&name, sizeof(name)), 0);
	ck_assert_int_eq(getsockname(descriptor, (struct sockaddr *)&name, &length), 0);
	ck_assert(ike_address_from_text(address, where));
	where->port = ntohs(name.sin_port);
	return descriptor;
}

static void on_say(void *context, const char *line)
{
	(void)context;
	snprintf(said, sizeof(said), "%s", line);
}

static void begin(struct world_udp_settings settings, bool encapsulated)
{
	struct ike_address listen = {.family = IKE_FAMILY_IPV4, .octets = {127, 0, 0, 1}};

	device = socket_at("127.0.0.2", &settings.device);
	listen.port = command_free_port();
	settings.listen = &listen;
	settings.listens = 1;
	settings.nat_t_port = encapsulated ? listen.port : 0;
	settings.say = on_say;
	own = world_udp_new(&settings, &fault);
	ck_assert_msg(own != NULL, "%s", fault.text);
	world = world_udp_world(own);
	tester_name = (struct sockaddr_in){.sin_family = AF_INET,
					   .sin_port = htons(listen.port),
					   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void end(void)
{
	world_udp_free(own);
	close(device);
}

static void say(int from, const void *data, size_t length)
{
	ck_assert_int_eq(
	    sendto(from, data, length, 0, (struct sockaddr *)&tester_name, sizeof(tester_name)),
	    (ssize_t)length);
}

static uint8_t room[IKE_DATAGRAM_MAX + 1];
static struct ike_datagram got;

/* At most a second, if nothing comes: with what should come it is there at once. */
static bool hear(ike_time at_most)
{
	got = (struct ike_datagram){.data = room, .room = sizeof(room)};
	return world->receive(world, world->now(world) + at_most, &got);
}

static void tell(const void *data, size_t length)
{
	const struct ike_datagram datagram = {
	    .data = (uint8_t *)(uintptr_t)data,
	    .length = length,
	    .local = world->tester,
	    .remote = world->device,
	};

	world->send(world, &datagram);
}

START_TEST(test_where_there_is_no_way)
{
	struct ike_address listen = {.family = IKE_FAMILY_IPV4, .octets = {192, 0, 2, 77}};
	struct world_udp_settings settings = {
	    .listen = &listen, .listens = 1, .device = {.family = IKE_FAMILY_IPV4}};

	ck_assert_ptr_null(world_udp_new(&settings, &fault)); /* not an address of ours */
	ck_assert_ptr_nonnull(strstr(fault.text, "192.0.2.77"));
	listen = (struct ike_address){.family = IKE_FAMILY_IPV4};
	settings.device =
	    (struct ike_address){.family = IKE_FAMILY_IPV6, .octets = {0x20, 1, 0xd, 0xb8}};
	ck_assert_ptr_null(world_udp_new(&settings, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "no way"));
	world_udp_free(NULL);
}
END_TEST

START_TEST(test_strangers)
{
	struct ike_address elsewhere;
	int stranger, other_port;

	begin((struct world_udp_settings){.pace = 0}, false);
	stranger = socket_at("127.0.0.3", &elsewhere);
	other_port = socket_at("127.0.0.2", &elsewhere);
	say(stranger, "not me", 6);
	say(other_port, "me", 2);
	ck_assert(hear(IKE_SECOND));
	ck_assert_uint_eq(got.length, 2);
	ck_assert_uint_eq(got.remote.port, elsewhere.port);
	ck_assert(ike_address_equal(&got.local, &world->tester));
	ck_assert(!hear(0));
	ck_assert_uint_eq(world_udp_strangers(own), 1);
	close(stranger);
	close(other_port);
	end();
}
END_TEST

START_TEST(test_more_than_there_is_room_for)
{
	static uint8_t much[6000];

	begin((struct world_udp_settings){.pace = 0}, false);
	say(device, much, sizeof(much));
	ck_assert(hear(IKE_SECOND));
	ck_assert_uint_eq(got.length, sizeof(room)); /* one octet more than is taken */
	tell(much, sizeof(much));
	ck_assert_int_eq(recv(device, much, sizeof(much), MSG_DONTWAIT), -1);
	end();
}
END_TEST

START_TEST(test_interruption)
{
	begin((struct world_udp_settings){.pace = 0}, false);
	world_udp_interrupt(own);
	ck_assert(!hear(IKE_SECOND * 100));
	ck_assert_str_eq(world->trouble.text, "interrupted");
	tell("farewell", 8); /* goes out nevertheless */
	ck_assert_int_eq(recv(device, room, sizeof(room), 0), 8);
	end();
}
END_TEST

START_TEST(test_the_marker)
{
	begin((struct world_udp_settings){.pace = 0}, true);
	say(device, "\0\0\0\0ike", 7);
	say(device, "\xff", 1);        /* a NAT keepalive */
	say(device, "\1\2\3\4esp", 7); /* nobody's */
	ck_assert(hear(IKE_SECOND));
	ck_assert_uint_eq(got.length, 3);
	ck_assert_mem_eq(got.data, "ike", 3);
	ck_assert(!hear(IKE_MILLISECOND));
	tell("ike", 3);
	ck_assert_int_eq(recv(device, room, sizeof(room), 0), 7);
	ck_assert_mem_eq(room, "\0\0\0\0ike", 7);
	tell("\xff", 1);
	ck_assert_int_eq(recv(device, room, sizeof(room), 0), 1);
	end();
}
END_TEST

/* A burst at once, and each one more after its share of a second: 1000 are 1 ms each. */
START_TEST(test_pace)
{
	ike_time then;

	begin((struct world_udp_settings){.pace = 1000}, false);
	then = world->now(world);
	for (int i = 0; i < WORLD_UDP_BURST + 20; i++)
		tell("x", 1);
	ck_assert_uint_ge(world->now(world) - then, 20 * IKE_MILLISECOND);
	for (int i = 0; i < WORLD_UDP_BURST + 20; i++)
		ck_assert_int_eq(recv(device, room, sizeof(room), 0), 1);
	end();
}
END_TEST

START_TEST(test_nobody_calls)
{
	begin((struct world_udp_settings){.call = NULL}, false);
	ck_assert(!world->call_us(world));
	ck_assert_str_eq(world->trouble.text, "");
	end();
}
END_TEST

START_TEST(test_the_user_calls)
{
	begin((struct world_udp_settings){.call = "wait"}, false);
	ck_assert(world->call_us(world));
	ck_assert_ptr_nonnull(strstr(said, "make the device call"));
	end();
}
END_TEST

/* It is not waited for, ended before the next one, and ended with the world, with all that it has started. */
START_TEST(test_a_command_calls)
{
	char command[400];

	snprintf(command, sizeof(command), "cat /dev/null; touch %s; sleep 1000 & sleep 1000",
		 scratch_path("called"));
	begin((struct world_udp_settings){.call = command}, false);
	ck_assert(world->call_us(world));
	command_wait_for(scratch_path("called"));
	ck_assert_int_eq(unlink(scratch_path("called")), 0);
	ck_assert(world->call_us(world));
	command_wait_for(scratch_path("called"));
	end();
}
END_TEST

UNIT_MAIN("world_udp", test_where_there_is_no_way, test_strangers, test_more_than_there_is_room_for,
	  test_interruption, test_the_marker, test_pace, test_nobody_calls, test_the_user_calls,
	  test_a_command_calls)
