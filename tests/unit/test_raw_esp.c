/* SPDX-License-Identifier: ISC */
/*
 * test_raw_esp.c - ESP over the loopback interface of a network of the test's own; only as root.
 */
#include "tests/support/unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ike/address.h"
#include "interop/esp/raw_esp.h"
#include "interop/esp/route.h"
#include "tests/support/own_network.h"
#include "tests/support/pairs.h"

#define ROOM 300
#define MOST (2 * UDP_BATCH) /* datagrams: more than are taken at once */

static struct fault fault;
static struct raw_esp *esp;
static uint8_t room[MOST][ROOM];
static struct ike_datagram got[MOST];
static const uint8_t words[ROOM] = "not encrypted";

/* Where the kernel is to hand over what it never would: the first octet of every datagram, unless 0. */
static uint8_t first_octet;

int recvmmsg(int descriptor, struct mmsghdr *headers, unsigned count, int flags,
	     struct timespec *timeout)
{
	int received = (int)syscall(SYS_recvmmsg, descriptor, headers, count, flags, timeout);

	for (int i = 0; i < received && first_octet != 0; i++)
		*(uint8_t *)headers[i].msg_hdr.msg_iov[0].iov_base = first_octet;
	return received;
}

/* Where the kernel is to have room for no more than so many, and to be interrupted first. */
static bool is_full, is_interrupted;
static unsigned still_taken;

int sendmmsg(int descriptor, struct mmsghdr *headers, unsigned count, int flags)
{
	if (is_interrupted || (is_full && still_taken == 0)) {
		errno = is_interrupted ? EINTR : EAGAIN;
		is_interrupted = false;
		return -1;
	}
	if (is_full && count > still_taken)
		count = still_taken;
	still_taken -= is_full ? count : 0;
	return (int)syscall(SYS_sendmmsg, descriptor, headers, count, flags);
}

static bool begin(void)
{
	if (!own_network())
		return false;
	esp = raw_esp_new(ROUTE_MARK, &fault);
	ck_assert_msg(esp != NULL, "%s", fault.text);
	ck_assert_uint_eq(raw_esp_sockets(esp), 2);
	return true;
}

static struct ike_datagram datagram_of(const char *local, const char *remote, size_t length)
{
	struct ike_datagram datagram = {.remote = address_of(remote), .length = length};

	/* what is sent is not written to */
	memcpy(&datagram.data, &(const uint8_t *){words}, sizeof(datagram.data));
	if (local != NULL)
		datagram.local = address_of(local);
	return datagram;
}

static void send_one(const char *local, const char *remote, size_t length)
{
	const struct ike_datagram datagram = datagram_of(local, remote, length);
	size_t full;

	ck_assert_uint_eq(raw_esp_send(esp, &datagram, 1, &full), 1);
}

static size_t receive(size_t socket, size_t max)
{
	for (size_t i = 0; i < max; i++)
		got[i] = (struct ike_datagram){.data = room[i], .room = ROOM, .plain_length = 9};
	return raw_esp_receive(esp, socket, got, max);
}

/* What has been sent on loopback is there at once; the wait is only against a system that thinks otherwise. */
static size_t receive_some(size_t socket, size_t max)
{
	struct pollfd ready = {raw_esp_descriptor(esp, socket), POLLIN, 0};

	ck_assert_int_eq(poll(&ready, 1, 5000), 1);
	return receive(socket, max);
}

static void assert_address(const struct ike_address *address, const char *text)
{
	const struct ike_address wanted = address_of(text);

	ck_assert_mem_eq(address, &wanted, sizeof(wanted));
}

/* ---- refusals ------------------------------------------------------------------------------------------------------ */

START_TEST(test_not_allowed)
{
	if (!own_network() || !own_network_nobody())
		return;
	ck_assert_ptr_null(raw_esp_new(ROUTE_MARK, &fault));
	ck_assert_msg(strstr(fault.text, "CAP_NET_RAW") != NULL, "%s", fault.text);
}
END_TEST

START_TEST(test_nothing_there)
{
	if (!begin())
		return;
	ck_assert_uint_eq(receive(0, 1), 0);
	ck_assert_uint_eq(receive(1, 1), 0);
	ck_assert_uint_eq(receive(0, 0), 0);
	raw_esp_free(esp);
	raw_esp_free(NULL);
}
END_TEST

/* What the system will not send is lost, as in any network; what is behind it is not held up. */
START_TEST(test_refused_by_the_system)
{
	static const char *const remotes[] = {"127.0.0.1", "192.0.2.1", "2001:db8::1", "127.0.0.1",
					      "127.0.0.1"};
	struct ike_datagram five[5];
	struct ike_address remote;
	size_t full = 99;

	if (!begin())
		return;
	for (size_t i = 0; i < 5; i++)
		five[i] = datagram_of(NULL, remotes[i], 40);
	five[3].remote.family = IKE_FAMILY_NONE;
	ck_assert_uint_eq(raw_esp_send(esp, five, 5, &full), 5);
	ck_assert_uint_eq(raw_esp_refused(esp), 3);
	ck_assert_int_eq(raw_esp_refusal(esp, &remote), EAFNOSUPPORT);
	ck_assert_uint_eq(remote.family, IKE_FAMILY_NONE);
	ck_assert_uint_eq(full, 99);
	ck_assert_uint_eq(receive_some(0, UDP_BATCH), 2);
	send_one("192.0.2.7", "127.0.0.1", 40); /* from an address that is not ours */
	ck_assert_uint_eq(raw_esp_refused(esp), 4);
	assert_address(&five[0].remote, "127.0.0.1");
	ck_assert_int_ne(raw_esp_refusal(esp, &remote), EAFNOSUPPORT);
	assert_address(&remote, "127.0.0.1");
	raw_esp_free(esp);
}
END_TEST

/* Those that fit come all the same, each with the data that are its own, and no data are anybody's twice. */
START_TEST(test_unfit)
{
	static const size_t lengths[] = {100, ROOM - 20 + 1, 50, ROOM - 20 + 1, ROOM - 20};
	size_t seen = 0;

	if (!begin())
		return;
	for (size_t i = 0; i < 5; i++)
		send_one(NULL, "127.0.0.1", lengths[i]);
	ck_assert_uint_eq(receive_some(0, UDP_BATCH), 3);
	ck_assert_uint_eq(raw_esp_unfit(esp), 2);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_uint_eq(got[i].length, lengths[2 * i]);
		ck_assert_ptr_eq(got[i].data, room[2 * i] + 20);
		ck_assert_mem_eq(got[i].data, words, lengths[2 * i]);
	}
	for (size_t i = 0; i < UDP_BATCH; i++)
		seen |= (size_t)1 << ((size_t)(got[i].data - room[0]) / ROOM);
	ck_assert_uint_eq(seen, UINT32_MAX);
	raw_esp_free(esp);
}
END_TEST

/* Not IPv4; a header that is shorter than there is; one that is longer than the packet. */
START_TEST(test_strange_headers)
{
	static const uint8_t octets[] = {0x65, 0x44, 0x4f};

	if (!begin())
		return;
	for (size_t i = 0; i < 3; i++) {
		first_octet = octets[i];
		send_one(NULL, "127.0.0.1", 39);
		ck_assert_uint_eq(receive_some(0, 1), 0);
		ck_assert_uint_eq(raw_esp_unfit(esp), i + 1);
	}
	send_one(NULL, "127.0.0.1", 40);
	ck_assert_uint_eq(receive_some(0, 1), 1);
	ck_assert_uint_eq(got[0].length, 0);
	raw_esp_free(esp);
}
END_TEST

/* ---- in and out ---------------------------------------------------------------------------------------------------- */

static void check(size_t socket, const char *from, const char *to)
{
	struct ike_datagram datagram = datagram_of(from, to, 200);
	size_t full, header = socket == 0 ? 20 : 0;

	datagram.local.port = datagram.remote.port = 4500; /* nothing to ESP */
	ck_assert_uint_eq(raw_esp_send(esp, &datagram, 1, &full), 1);
	ck_assert_uint_eq(raw_esp_refused(esp), 0);
	ck_assert_uint_eq(receive_some(socket, UDP_BATCH), 1);
	assert_address(&got[0].remote, from);
	assert_address(&got[0].local, to);
	ck_assert_ptr_eq(got[0].data, room[0] + header);
	ck_assert_uint_eq(got[0].room, ROOM - header);
	ck_assert_uint_eq(got[0].length, 200);
	ck_assert_mem_eq(got[0].data, words, 200);
	ck_assert_uint_eq(got[0].plain_length, 0);
}

START_TEST(test_both_addresses)
{
	if (!begin())
		return;
	check(0, "127.0.0.9", "127.0.0.7");
	check(1, "::1", "::1");
	raw_esp_free(esp);
}
END_TEST

/* From several families and to several hosts, in the order of each. */
START_TEST(test_batches)
{
	struct ike_datagram burst[MOST];
	size_t full, ipv4 = 0;

	if (!begin())
		return;
	for (size_t i = 0; i < MOST; i++) {
		burst[i] = datagram_of(NULL, i % 5 == 0 ? "::1" : "127.0.0.1", i + 1);
		ipv4 += i % 5 != 0;
	}
	ck_assert_uint_eq(raw_esp_send(esp, burst, MOST, &full), MOST);
	ck_assert_uint_eq(receive_some(0, MOST), UDP_BATCH);
	for (size_t i = 0, sent = 0; i < UDP_BATCH; i++, sent++) {
		sent += sent % 5 == 0;
		ck_assert_uint_eq(got[i].length, sent + 1);
	}
	ck_assert_uint_eq(receive_some(0, UDP_BATCH), ipv4 - UDP_BATCH);
	ck_assert_uint_eq(receive_some(1, UDP_BATCH), MOST - ipv4);
	for (size_t i = 0; i < MOST - ipv4; i++)
		ck_assert_uint_eq(got[i].length, 5 * i + 1);
	raw_esp_free(esp);
}
END_TEST

/* Options of IP are no part of ESP. */
START_TEST(test_options)
{
	static const uint8_t no_operation[] = {1, 1, 1, 1, 1, 1, 1, 0};
	struct ike_datagram datagram = datagram_of(NULL, "127.0.0.1", 60);
	size_t full;

	if (!begin())
		return;
	ck_assert_int_eq(setsockopt(raw_esp_descriptor(esp, 0), IPPROTO_IP, IP_OPTIONS,
				    no_operation, sizeof(no_operation)),
			 0);
	ck_assert_uint_eq(raw_esp_send(esp, &datagram, 1, &full), 1);
	ck_assert_uint_eq(receive_some(0, 1), 1);
	ck_assert_ptr_eq(got[0].data, room[0] + 28);
	ck_assert_uint_eq(got[0].length, 60);
	ck_assert_mem_eq(got[0].data, words, 60);
	raw_esp_free(esp);
}
END_TEST

/* A socket that takes no more says which it was, and nothing is lost; one that is interrupted goes on. */
START_TEST(test_full)
{
	struct ike_datagram three[3];
	size_t full = 99;

	if (!begin())
		return;
	for (size_t i = 0; i < 3; i++)
		three[i] = datagram_of(NULL, "::1", 60 + i);
	is_interrupted = true;
	is_full = true;
	still_taken = 2;
	ck_assert_uint_eq(raw_esp_send(esp, three, 3, &full), 2);
	ck_assert_uint_eq(full, 1);
	ck_assert_uint_eq(raw_esp_send(esp, three + 2, 1, &full), 0);
	ck_assert_uint_eq(raw_esp_refused(esp), 0);
	is_full = false;
	ck_assert_uint_eq(raw_esp_send(esp, three + 2, 1, &full), 1);
	ck_assert_uint_eq(receive_some(1, UDP_BATCH), 3);
	for (size_t i = 0; i < 3; i++)
		ck_assert_uint_eq(got[i].length, 60 + i);
	raw_esp_free(esp);
}
END_TEST

START_TEST(test_marked)
{
	if (!begin())
		return;
	for (size_t i = 0; i < 2; i++) {
		uint32_t mark = 0;
		socklen_t length = sizeof(mark);

		ck_assert_int_eq(
		    getsockopt(raw_esp_descriptor(esp, i), SOL_SOCKET, SO_MARK, &mark, &length), 0);
		ck_assert_uint_eq(mark, ROUTE_MARK);
	}
	raw_esp_free(esp);
}
END_TEST

static bool round_trip(void)
{
	const struct ike_datagram datagram = datagram_of("127.0.0.9", "127.0.0.7", 64);
	size_t full;

	return raw_esp_send(esp, &datagram, 1, &full) == 1 && raw_esp_refused(esp) == 0 &&
	       receive(0, UDP_BATCH) == 1;
}

START_TEST(test_confined)
{
	if (!begin())
		return;
	ck_assert(own_network_confined(round_trip));
	raw_esp_free(esp);
}
END_TEST

UNIT_MAIN("raw_esp", test_not_allowed, test_nothing_there, test_refused_by_the_system, test_unfit,
	  test_strange_headers, test_both_addresses, test_batches, test_options, test_full,
	  test_marked, test_confined)
