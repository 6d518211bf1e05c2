/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ike/address.h"
#include "interop/esp/route.h"
#include "interop/esp/tun.h"
#include "interop/node/udp.h"
#include "tests/support/own_network.h"
#include "tests/support/route_scene.h"

#define ROOM (IKE_DATAGRAM_MAX + 1)

static struct fault fault;
static uint8_t room[2 * UDP_BATCH][ROOM];

static struct ike_address at(const char *text)
{
	struct ike_address address;

	ck_assert(ike_address_from_text(text, &address));
	return address;
}

static struct udp *open_at(const char *text)
{
	const struct ike_address address = at(text);
	struct udp *udp = udp_new(&address, 1, &fault);

	ck_assert_msg(udp != NULL, "%s", fault.text);
	return udp;
}

static struct ike_datagram to(struct ike_address remote, uint8_t *data, size_t length)
{
	return (struct ike_datagram){
	    .remote = remote, .data = data, .length = length, .room = length};
}

static size_t send_one(struct udp *udp, struct ike_datagram datagram)
{
	size_t full;

	return udp_send(udp, &datagram, 1, &full);
}

/* What has been sent on loopback is there at once; the wait is only against a system that thinks otherwise. */
static size_t receive(struct udp *udp, struct ike_datagram *datagrams, size_t max)
{
	struct pollfd ready = {udp_descriptor(udp, 0), POLLIN, 0};

	ck_assert_int_eq(poll(&ready, 1, 5000), 1);
	for (size_t i = 0; i < max; i++)
		datagrams[i] = (struct ike_datagram){.data = room[i], .room = ROOM};
	return udp_receive(udp, 0, datagrams, max);
}

START_TEST(test_taken)
{
	struct udp *first = open_at("127.0.0.1");
	const struct ike_address taken = udp_address(first, 0);

	ck_assert_ptr_null(udp_new(&taken, 1, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "another IKE daemon"));
	udp_free(first);
}
END_TEST

START_TEST(test_not_ours)
{
	const struct ike_address elsewhere = at("192.0.2.1");

	ck_assert_ptr_null(udp_new(&elsewhere, 1, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "no interface has this address"));
	ck_assert_ptr_nonnull(strstr(fault.text, "192.0.2.1"));
}
END_TEST

START_TEST(test_not_permitted)
{
	const struct ike_address low = at("127.0.0.1:1");

	if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
		return; /* a system where root cannot become nobody */
	ck_assert_ptr_null(udp_new(&low, 1, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "CAP_NET_BIND_SERVICE"));
}
END_TEST

START_TEST(test_how_many)
{
	static struct ike_address many[UDP_SOCKETS_MAX + 1];

	ck_assert_ptr_null(udp_new(many, 0, &fault));
	ck_assert_ptr_null(udp_new(many, UDP_SOCKETS_MAX + 1, &fault));
}
END_TEST

START_TEST(test_nothing_there)
{
	struct udp *udp = open_at("127.0.0.1");
	struct ike_datagram datagram = {.data = room[0], .room = ROOM};

	ck_assert_uint_eq(udp_receive(udp, 0, &datagram, 1), 0);
	udp_free(udp);
}
END_TEST

/* A datagram that the system will not send is lost, as in any network; those behind it are not held up. */
START_TEST(test_refused_by_the_system)
{
	struct udp *udp = open_at("127.0.0.1"), *other = open_at("127.0.0.1");
	struct ike_datagram three[3];
	size_t full = 99;
	static uint8_t long_one[70000];

	three[0] = to(udp_address(other, 0), long_one, sizeof(long_one)); /* longer than IP takes */
	three[1] = to(at("[2001:db8::1]:500"), long_one, 1); /* no socket of this family */
	three[2] = to(udp_address(other, 0), long_one, 28);
	ck_assert_uint_eq(udp_send(udp, three, 3, &full), 3);
	ck_assert_uint_eq(udp_refused(udp), 2);
	ck_assert_uint_eq(full, 99);
	ck_assert_uint_eq(receive(other, three, 3), 1);
	ck_assert_uint_eq(three[0].length, 28);
	udp_free(udp);
	udp_free(other);
}
END_TEST

START_TEST(test_too_long_shows)
{
	struct udp *udp = open_at("127.0.0.1"), *other = open_at("127.0.0.1");
	static uint8_t longer[IKE_DATAGRAM_MAX + 500];
	struct ike_datagram got;

	ck_assert_uint_eq(send_one(udp, to(udp_address(other, 0), longer, sizeof(longer))), 1);
	ck_assert_uint_eq(receive(other, &got, 1), 1);
	ck_assert_uint_eq(got.length, got.room);
	udp_free(udp);
	udp_free(other);
}
END_TEST

static void fill_socket_of(struct udp *udp)
{
	const int least = 0;

	ck_assert_int_eq(
	    setsockopt(udp_descriptor(udp, 0), SOL_SOCKET, SO_SNDBUF, &least, sizeof(least)), 0);
}

/* With hardly any buffer a burst meets a full socket, or it all goes out: nothing may be counted that is not so. */
START_TEST(test_full)
{
	struct udp *udp = open_at("127.0.0.1"), *sink = open_at("127.0.0.1");
	struct ike_datagram burst[2 * UDP_BATCH];
	size_t full = 99, done;

	fill_socket_of(udp);
	for (size_t i = 0; i < 2 * UDP_BATCH; i++)
		burst[i] = to(udp_address(sink, 0), room[i], 1000);
	done = udp_send(udp, burst, 2 * UDP_BATCH, &full);
	ck_assert_uint_eq(udp_refused(udp), 0);
	ck_assert(done == 2 * UDP_BATCH || full == 0);
	udp_free(udp);
	udp_free(sink);
}
END_TEST

static void check_answer_comes_from(const char *everywhere, const char *ours)
{
	struct udp *server = open_at(everywhere), *client;
	struct ike_address asked = at(ours);
	struct ike_datagram got, back;
	char local[64];
	uint8_t data[4] = {1, 2, 3, 4};

	asked.port = udp_address(server, 0).port;
	snprintf(local, sizeof(local), "%s", asked.family == IKE_FAMILY_IPV4 ? "127.0.0.1" : "::1");
	client = open_at(local);
	ck_assert_uint_eq(send_one(client, to(asked, data, sizeof(data))), 1);
	ck_assert_uint_eq(receive(server, &got, 1), 1);
	ck_assert(ike_address_equal(&got.local, &asked));
	ck_assert_uint_eq(got.length, 4);
	back = to(got.remote, data, sizeof(data));
	back.local = got.local;
	ck_assert_uint_eq(send_one(server, back), 1);
	ck_assert_uint_eq(receive(client, &got, 1), 1);
	ck_assert(ike_address_equal(&got.remote, &asked)); /* and not from 127.0.0.1 */
	udp_free(server);
	udp_free(client);
}

START_TEST(test_answers_leave_from_where_they_were_asked)
{
	const struct ike_address ipv6 = at("::1");
	struct udp *udp = udp_new(&ipv6, 1, &fault);

	check_answer_comes_from("0.0.0.0", "127.0.0.9");
	if (udp != NULL) /* a system with IPv6 */
		check_answer_comes_from("::", "::1");
	udp_free(udp);
}
END_TEST

START_TEST(test_batches)
{
	struct udp *udp = open_at("127.0.0.1"), *other = open_at("127.0.0.1");
	struct ike_datagram many[2 * UDP_BATCH];
	size_t full, count = 0;

	for (size_t i = 0; i < 2 * UDP_BATCH; i++) {
		room[i][0] = (uint8_t)i;
		many[i] = to(udp_address(other, 0), room[i], 28);
	}
	ck_assert_uint_eq(udp_send(udp, many, 2 * UDP_BATCH, &full), 2 * UDP_BATCH);
	while (count < 2 * UDP_BATCH) {
		size_t got = receive(other, many, 2 * UDP_BATCH);

		ck_assert_uint_ge(got, 1);
		ck_assert_uint_le(got, UDP_BATCH);
		for (size_t i = 0; i < got; i++)
			ck_assert_uint_eq(many[i].data[0], count + i); /* in order */
		count += got;
	}
	udp_free(udp);
	udp_free(other);
}
END_TEST

START_TEST(test_the_socket_bound_to_an_address_is_chosen)
{
	const struct ike_address ours[] = {at("127.0.0.1"), at("127.0.0.7")};
	struct udp *two = udp_new(ours, 2, &fault), *other = open_at("127.0.0.1");
	struct ike_datagram datagram;
	struct ike_address expected;

	ck_assert_ptr_nonnull(two);
	ck_assert(udp_has_family(two, IKE_FAMILY_IPV4));
	ck_assert(!udp_has_family(two, IKE_FAMILY_IPV6));
	datagram = to(udp_address(other, 0), room[0], 28);
	datagram.local = expected = udp_address(two, 1);
	ck_assert_uint_eq(send_one(two, datagram), 1);
	ck_assert_uint_eq(receive(other, &datagram, 1), 1);
	ck_assert(ike_address_equal(&datagram.remote, &expected));
	udp_free(two);
	udp_free(other);
}
END_TEST

/* With a port of its own a datagram leaves from that one: what is expected on one port is not understood on the other. */
START_TEST(test_the_socket_of_the_port_is_chosen)
{
	const struct ike_address ours[] = {at("127.0.0.1"), at("127.0.0.1"), at("0.0.0.0")};
	struct udp *three = udp_new(ours, 3, &fault), *other = open_at("127.0.0.1");
	struct ike_address remote = udp_address(other, 0);
	struct ike_datagram datagram;

	ck_assert_ptr_nonnull(three);
	for (size_t i = 0; i < 6; i++) {
		struct ike_address source;

		datagram = to(remote, room[0], 28);
		datagram.local.port = udp_address(three, i % 3).port;
		/* a first message has no address yet, later ones do */
		if (i >= 3) {
			memcpy(datagram.local.octets, remote.octets, sizeof(remote.octets));
			datagram.local.family = remote.family;
		}
		source = udp_source(three, &remote, datagram.local.port);
		ck_assert_uint_eq(source.port, udp_address(three, i % 3).port);
		ck_assert_uint_eq(send_one(three, datagram), 1);
		ck_assert_uint_eq(receive(other, &datagram, 1), 1);
		ck_assert_uint_eq(datagram.remote.port, udp_address(three, i % 3).port);
	}
	udp_free(three);
	udp_free(other);
}
END_TEST

START_TEST(test_source)
{
	struct udp *everywhere = open_at("0.0.0.0"), *here = open_at("127.0.0.7");
	const struct ike_address remote = at("127.0.0.1:500"), remote6 = at("::1");
	struct ike_address source = udp_source(everywhere, &remote, 0), expected = at("127.0.0.1");

	ck_assert(ike_address_same_host(&source, &expected));
	ck_assert_uint_eq(source.port, udp_address(everywhere, 0).port);
	source = udp_source(here, &remote, 0);
	expected = udp_address(here, 0);
	ck_assert(ike_address_equal(&source, &expected));
	ck_assert_uint_eq(udp_source(here, &remote6, 0).family, IKE_FAMILY_NONE);
	udp_free(everywhere);
	udp_free(here);
}
END_TEST

START_TEST(test_mark_not_allowed)
{
	struct udp *udp = open_at("127.0.0.1");

	if (geteuid() == 0 && !own_network_nobody())
		return;
	ck_assert(!udp_mark(udp, ROUTE_MARK, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "CAP_NET_ADMIN"));
	udp_free(udp);
}
END_TEST

/* A tunnel that leads everywhere: neither do our own datagrams go into it, nor do we take its inside for ours. */
START_TEST(test_marked)
{
	const struct ike_prefix inside = own_network_prefix("10.1.0.1/32");
	const struct tun_settings settings = {
	    .name = "ruthere0", .address = &inside, .addresses = 1, .mtu = 1400};
	const struct ike_selector local = {.prefix = inside},
				  everywhere = {.prefix = own_network_prefix("0.0.0.0/0")};
	const struct ike_address gateway = at("192.0.2.9:500");
	struct ike_address source;
	struct routes *routes;
	struct tun *tun;
	struct udp *udp;

	if (!own_network())
		return;
	tun = tun_new(&settings, &fault);
	routes = routes_new("ruthere0", ROUTE_MARK, ROUTE_TABLE, &fault);
	ck_assert_msg(routes != NULL && routes_add(routes, &local, &everywhere, &fault), "%s",
		      fault.text);
	route_scene_add_address("192.0.2.1/32", 0);
	route_scene_add_route(254, "192.0.2.0/24");
	udp = open_at("0.0.0.0");
	source = udp_source(udp, &gateway, 0);
	ck_assert(ike_address_same_host(&source, &inside.address)); /* this is why */
	ck_assert_msg(udp_mark(udp, ROUTE_MARK, &fault), "%s", fault.text);
	source = udp_source(udp, &gateway, 0);
	ck_assert(source.octets[0] == 192 && source.octets[3] == 1);
	ck_assert_uint_eq(send_one(udp, to(gateway, room[0], 28)), 1);
	ck_assert_uint_eq(udp_refused(udp), 0);
	ck_assert_uint_eq(tun_read(tun, room[0], ROOM), 0);
	udp_free(udp);
	routes_free(routes);
	tun_free(tun);
}
END_TEST

UNIT_MAIN("udp", test_mark_not_allowed, test_marked, test_taken, test_not_ours, test_not_permitted,
	  test_how_many, test_nothing_there, test_refused_by_the_system, test_too_long_shows,
	  test_full, test_answers_leave_from_where_they_were_asked, test_batches,
	  test_the_socket_bound_to_an_address_is_chosen, test_the_socket_of_the_port_is_chosen,
	  test_source)
