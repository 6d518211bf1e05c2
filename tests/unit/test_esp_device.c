/* SPDX-License-Identifier: ISC */
/*
 * test_esp_device.c - packets from the kernel and back to it, in a network of the test's own; only as root.
 *
 * The pair leads from this machine to itself, by 127.0.0.1: what is sent to 10.2.0.1 goes into the interface, leaves as ESP, and
 * comes back.
 */
#include "tests/support/unit.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "interop/esp/esp_device.h"
#include "interop/esp/route.h"
#include "tests/support/pairs.h"
#include "tests/support/route_scene.h"

#define NUMBER 7
#define NOW    (100 * IKE_SECOND)

static struct esp_device *device;
static struct udp *udp;
static struct fault fault;
static size_t read_packets;
static uint8_t last_read[2048];
static size_t last_length;
static bool is_taken;

static bool reader(void *context, ike_time now, uint32_t number, struct octets inner)
{
	ck_assert_ptr_null(context);
	ck_assert_uint_eq(now, NOW);
	ck_assert_uint_eq(number, NUMBER);
	ck_assert_uint_le(inner.length, sizeof(last_read));
	memcpy(last_read, inner.data, inner.length);
	last_length = inner.length;
	read_packets++;
	return is_taken;
}

static void raise_loopback(void)
{
	int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};

	ck_assert_int_ge(any, 0);
	ck_assert_int_eq(ioctl(any, SIOCSIFFLAGS, &request), 0);
	close(any);
}

static struct ike_ipsec_sa own_pair(bool encapsulated)
{
	struct ike_ipsec_sa sa = pair_of_sas(NUMBER);

	sa.local = sa.remote = address_of("127.0.0.1");
	sa.local.port = sa.remote.port = encapsulated ? udp_address(udp, 0).port : 0;
	sa.encapsulated = encapsulated;
	sa.spi_out = sa.spi_in;
	memcpy(sa.keymat_out, sa.keymat_in, sizeof(sa.keymat_out));
	set_selector(&sa.inside_local, "10.0.0.0/8", 0, 0);
	set_selector(&sa.inside_remote, "10.0.0.0/8", 0, 0);
	return sa;
}

/* False: not as root, and nothing can be tested. */
static bool begin(void)
{
	struct esp_device_settings settings = {.name = "ruthere0", .addresses = 1, .pairs = 4};
	const struct ike_address listen = {
	    .octets = {127, 0, 0, 1}, .port = 4500, .family = IKE_FAMILY_IPV4};
	struct ike_selector own;

	if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0)
		return false;
	raise_loopback();
	set_selector(&own, "10.1.0.1/32", 0, 0);
	settings.address[0] = own.prefix;
	device = esp_device_new(&settings, &fault);
	ck_assert_msg(device != NULL, "%s", fault.text);
	udp = udp_new(&listen, 1, &fault);
	ck_assert_msg(udp != NULL, "%s", fault.text);
	ck_assert_msg(esp_device_use(device, udp, &fault), "%s", fault.text);
	esp_device_read_by(device, reader, NULL);
	return true;
}

static void end(void)
{
	esp_device_free(device);
	udp_free(udp);
}

/* A datagram from an ordinary socket; false: the system has no way there. */
static bool say(const char *to, const char *text)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(9)};
	int socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool sent;

	ck_assert_int_eq(inet_pton(AF_INET, to, &name.sin_addr), 1);
	sent = sendto(socket_, text, strlen(text), 0, (struct sockaddr *)&name, sizeof(name)) ==
	       (ssize_t)strlen(text);
	close(socket_);
	return sent;
}

static void move_all(void)
{
	int descriptors[ESP_DEVICE_DESCRIPTORS];
	size_t count = esp_device_descriptors(device, descriptors);

	ck_assert_uint_ge(count, 2);
	for (size_t i = 0; i < count; i++)
		esp_device_move(device, NOW, descriptors[i]);
}

static size_t take_all(void)
{
	struct udp_buffers *buffers = calloc(1, sizeof(*buffers));
	size_t count;

	ck_assert_ptr_nonnull(buffers);
	udp_buffers_reset(buffers, false);
	count = udp_receive(udp, 0, buffers->datagram, UDP_BATCH);
	for (size_t i = 0; i < count; i++)
		esp_device_take(device, NOW, &buffers->datagram[i]);
	free(buffers);
	return count;
}

static void expect_command(enum ike_command_kind kind)
{
	struct ike_command command;

	ck_assert(esp_device_next(device, &command));
	ck_assert_int_eq(command.kind, kind);
	ck_assert_uint_eq(command.ipsec, NUMBER);
}

static void expect_text(const char *text)
{
	ck_assert_uint_eq(last_length, 28 + strlen(text));
	ck_assert_mem_eq(last_read + 28, text, strlen(text));
}

static size_t shown;

static void witness(void *context, const struct ike_datagram *sent)
{
	ck_assert_ptr_eq(context, &shown);
	ck_assert_uint_eq(sent->remote.port, 4500);
	ck_assert_uint_ge(sent->length, 8 + 16 + 32 + 12);
	shown++;
}

START_TEST(test_through_udp)
{
	struct ike_command command;
	struct ike_ipsec_sa pair;

	if (!begin())
		return;
	pair = own_pair(true);
	ck_assert_msg(esp_device_add(device, &pair, &fault), "%s", fault.text);
	ck_assert(!esp_device_next(device, &command));
	esp_device_shown_to(device, witness, &shown);
	ck_assert(say("10.2.0.1", "over"));
	move_all();
	expect_command(IKE_COMMAND_TRAFFIC);
	ck_assert(!esp_device_next(device, &command));
	ck_assert_uint_eq(take_all(), 1);
	ck_assert_uint_eq(read_packets, 1);
	expect_text("over");
	expect_command(IKE_COMMAND_HEARD);
	ck_assert(!esp_device_next(device, &command));
	/* what was answered before it was told of is wanted no longer */
	ck_assert(say("10.2.0.1", "and out"));
	move_all();
	ck_assert_uint_eq(take_all(), 1);
	expect_command(IKE_COMMAND_TRAFFIC);
	expect_command(IKE_COMMAND_HEARD);
	ck_assert(!esp_device_next(device, &command));
	ck_assert_uint_eq(shown, 2);
	ck_assert_uint_eq(esp_device_count(device).from_tun, 2);
	ck_assert_uint_eq(esp_device_count(device).out_udp, 2);
	ck_assert_uint_eq(esp_device_count(device).in_udp, 2);
	ck_assert_uint_eq(esp_device_count(device).to_tun, 2);
	ck_assert_uint_eq(esp_device_count(device).refused, 0);
	end();
}
END_TEST

/* The core hears where the peer is with what was heard, and with nothing else. */
START_TEST(test_from_elsewhere)
{
	struct ike_command command;
	struct ike_ipsec_sa pair;

	if (!begin())
		return;
	pair = own_pair(true);
	ck_assert_msg(esp_device_add(device, &pair, &fault), "%s", fault.text);
	ck_assert(say("10.2.0.1", "over"));
	move_all();
	pair.remote.port--;
	esp_device_change(device, &pair);
	ck_assert_uint_eq(take_all(), 1);
	ck_assert(esp_device_next(device, &command));
	ck_assert_int_eq(command.kind, IKE_COMMAND_TRAFFIC);
	ck_assert_int_eq(command.address.family, IKE_FAMILY_NONE);
	ck_assert(esp_device_next(device, &command));
	ck_assert_int_eq(command.kind, IKE_COMMAND_HEARD);
	ck_assert_int_eq(command.address.family, IKE_FAMILY_IPV4);
	ck_assert_uint_eq(command.address.port, udp_address(udp, 0).port);
	ck_assert(!esp_device_next(device, &command));
	end();
}
END_TEST

START_TEST(test_raw)
{
	struct ike_ipsec_sa pair;

	if (!begin())
		return;
	pair = own_pair(false);
	ck_assert_msg(esp_device_add(device, &pair, &fault), "%s", fault.text);
	is_taken = true;
	ck_assert(say("10.2.0.1", "raw"));
	move_all();
	move_all();
	ck_assert_uint_eq(read_packets, 1);
	expect_text("raw");
	ck_assert_uint_eq(esp_device_count(device).out_raw, 1);
	ck_assert_uint_eq(esp_device_count(device).in_raw, 1);
	ck_assert_uint_eq(esp_device_count(device).to_tun, 0); /* the reader has it */
	end();
}
END_TEST

/* Before there is a pair, and after: nothing leaves, and least of all in the clear. */
/* A port that nothing can be sent to is not IP protocol 50. */
START_TEST(test_port_0)
{
	struct ike_ipsec_sa pair;

	if (!begin())
		return;
	pair = own_pair(true);
	pair.remote.port = 0;
	ck_assert_msg(esp_device_add(device, &pair, &fault), "%s", fault.text);
	ck_assert(say("10.2.0.1", "nowhere"));
	move_all();
	ck_assert_uint_eq(esp_device_count(device).from_tun, 1);
	ck_assert_uint_eq(esp_device_count(device).out_raw, 0);
	end();
}
END_TEST

START_TEST(test_held)
{
	struct ike_selector local, remote, unknown = {.protocol = 0};
	struct ike_ipsec_sa pair;

	if (!begin())
		return;
	set_selector(&local, "10.1.0.0/16", 0, 0);
	set_selector(&remote, "10.0.0.0/8", 0, 0);
	ck_assert(!say("10.2.0.1", "no way"));
	ck_assert(esp_device_hold(device, &local, &unknown, &fault));
	ck_assert_msg(esp_device_hold(device, &local, &remote, &fault), "%s", fault.text);
	ck_assert(say("10.2.0.1", "dropped"));
	move_all();
	ck_assert_uint_eq(esp_device_count(device).from_tun, 1);
	ck_assert_uint_eq(esp_plane_count(esp_device_plane(device), ESP_NO_PAIR), 1);
	pair = own_pair(true);
	ck_assert_msg(esp_device_add(device, &pair, &fault), "%s", fault.text);
	esp_device_remove(device, &pair);
	ck_assert(say("10.2.0.1", "dropped"));
	move_all();
	ck_assert_uint_eq(esp_plane_count(esp_device_plane(device), ESP_NO_PAIR), 2);
	ck_assert_uint_eq(esp_device_count(device).out_udp, 0);
	end();
}
END_TEST

/* Our own address is known only with the pair; where to is known before. */
START_TEST(test_held_for_our_own_address)
{
	struct ike_selector remote, own = {.protocol = 0};

	if (!begin())
		return;
	set_selector(&remote, "10.0.0.0/8", 0, 0);
	ck_assert_msg(esp_device_hold(device, &own, &remote, &fault), "%s", fault.text);
	ck_assert(say("10.2.0.1", "dropped"));
	move_all();
	ck_assert_uint_eq(esp_plane_count(esp_device_plane(device), ESP_NO_PAIR), 1);
	end();
}
END_TEST

/* Whoever takes the interface down and brings it up again has changed nothing. */
START_TEST(test_down_and_up)
{
	struct ike_ipsec_sa pair;

	if (!begin())
		return;
	pair = own_pair(true);
	ck_assert_msg(esp_device_add(device, &pair, &fault), "%s", fault.text);
	route_scene_set_up("ruthere0", false);
	move_all();
	ck_assert(!say("10.2.0.1", "no way"));
	route_scene_set_up("ruthere0", true);
	ck_assert(!say("10.2.0.1", "not yet"));
	move_all();
	ck_assert(say("10.2.0.1", "over"));
	move_all();
	ck_assert_uint_eq(take_all(), 1);
	expect_text("over");
	ck_assert(!esp_device_is_gone(device));
	end();
}
END_TEST

START_TEST(test_gone)
{
	struct ike_ipsec_sa pair;

	if (!begin())
		return;
	pair = own_pair(true);
	ck_assert_msg(esp_device_add(device, &pair, &fault), "%s", fault.text);
	ck_assert(!esp_device_is_gone(device));
	route_scene_delete("ruthere0");
	ck_assert(!say("10.2.0.1", "no way"));
	move_all();
	ck_assert(esp_device_is_gone(device));
	end();
}
END_TEST

/* A tunnel to everywhere does not swallow what carries it: the sockets are marked. */
START_TEST(test_gateway_inside_of_its_tunnel)
{
	struct ike_ipsec_sa pair;
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(4500)};
	int marked;

	if (!begin())
		return;
	pair = own_pair(true);
	set_selector(&pair.inside_remote, "0.0.0.0/0", 0, 0);
	ck_assert_msg(esp_device_add(device, &pair, &fault), "%s", fault.text);
	ck_assert(say("203.0.113.9", "everywhere"));
	move_all();
	ck_assert_uint_eq(esp_device_count(device).from_tun, 1);
	marked = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert(route_mark_socket(marked, ROUTE_MARK, &fault));
	inet_pton(AF_INET, "203.0.113.9", &name.sin_addr);
	ck_assert_int_lt(sendto(marked, "x", 1, 0, (struct sockaddr *)&name, sizeof(name)), 0);
	close(marked);
	move_all();
	ck_assert_uint_eq(esp_device_count(device).from_tun, 1);
	end();
}
END_TEST

/* Those of one turn are kept up to a bound, with where they came from. */
START_TEST(test_unknown_spis)
{
	uint8_t esp[64] = {0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 1};
	struct ike_datagram datagram = {.data = esp, .length = sizeof(esp), .room = sizeof(esp)};
	struct ike_command command;
	size_t told = 0;

	if (!begin())
		return;
	datagram.remote = address_of("192.0.2.9");
	datagram.remote.port = 4500;
	datagram.local = address_of("127.0.0.1");
	for (unsigned i = 0; i < 100; i++)
		esp_device_take(device, NOW, &datagram);
	while (esp_device_next(device, &command)) {
		told++;
		ck_assert_int_eq(command.kind, IKE_COMMAND_UNKNOWN_SPI);
		ck_assert_uint_eq(command.spi, 0xdeadbeef);
		ck_assert_uint_eq(command.octets, sizeof(esp));
		ck_assert_uint_eq(command.address.port, 4500);
		ck_assert_uint_eq(command.address.octets[3], 9);
		ck_assert_uint_eq(command.local.octets[0], 127);
	}
	ck_assert_uint_eq(told, ESP_DEVICE_UNKNOWN);
	ck_assert_uint_eq(esp_plane_count(esp_device_plane(device), ESP_UNKNOWN_SPI), 100);
	end();
}
END_TEST

START_TEST(test_a_second_one)
{
	const struct esp_device_settings settings = {.name = "ruthere0", .pairs = 4};

	if (!begin())
		return;
	ck_assert_ptr_null(esp_device_new(&settings, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "ruthere0"));
	end();
	device = esp_device_new(&settings, &fault); /* nothing has been left */
	ck_assert_msg(device != NULL, "%s", fault.text);
	esp_device_free(device);
	esp_device_free(NULL);
}
END_TEST

UNIT_MAIN("esp_device", test_a_second_one, test_held, test_held_for_our_own_address,
	  test_down_and_up, test_gone, test_gateway_inside_of_its_tunnel, test_unknown_spis,
	  test_through_udp, test_from_elsewhere, test_raw, test_port_0)
