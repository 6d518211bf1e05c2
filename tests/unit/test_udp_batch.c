/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "interop/node/udp_address.h"
#include "interop/node/udp_batch.h"
#include "tests/support/pairs.h"

static bool may_force;
static int wanted[2], forced[2]; /* octets, to receive and to send */

int setsockopt(int descriptor, int level, int option, const void *value, socklen_t length)
{
	int size = 0;

	ck_assert_int_eq(descriptor, 7);
	ck_assert_int_eq(level, SOL_SOCKET);
	ck_assert_uint_eq(length, sizeof(size));
	memcpy(&size, value, sizeof(size));
	if (option == SO_RCVBUFFORCE || option == SO_SNDBUFFORCE) {
		forced[option == SO_SNDBUFFORCE] = size;
		return may_force ? 0 : -1;
	}
	ck_assert(option == SO_RCVBUF || option == SO_SNDBUF);
	wanted[option == SO_SNDBUF] = size;
	return 0;
}

/* Beyond the system's limit where that may be: what is for IKE waits behind whatever ESP anybody sends to the same port. */
START_TEST(test_enlarged)
{
	for (unsigned i = 0; i < 2; i++) {
		may_force = i == 0;
		udp_batch_enlarge(7);
		for (unsigned way = 0; way < 2; way++) {
			ck_assert_int_eq(forced[way], 4 << 20);
			ck_assert_int_eq(wanted[way], may_force ? 0 : 4 << 20);
		}
	}
}
END_TEST

static struct udp_batch batch;
static uint8_t data[100];

static struct ike_datagram datagram_of(const char *local, const char *remote)
{
	struct ike_datagram datagram = {
	    .data = data, .length = 28, .room = sizeof(data), .remote = address_of(remote)};

	if (local != NULL)
		datagram.local = address_of(local);
	return datagram;
}

/* The local address that the system is asked for; family NONE: none. */
static struct ike_address asked_for(size_t index)
{
	struct msghdr *header = &batch.header[index].msg_hdr;

	ck_assert(header->msg_controllen == 0
		      ? header->msg_control == NULL
		      : header->msg_control == (void *)batch.control[index]);
	return udp_of_control(header, 0);
}

START_TEST(test_no_source)
{
	static const char *const locals[] = {NULL, "::1", "0.0.0.0", "192.0.2.1"};

	for (size_t i = 0; i < 4; i++) { /* the last is not asked for, though it could be */
		const struct ike_datagram datagram = datagram_of(locals[i], "192.0.2.9:500");

		memset(&batch, 0xa5, sizeof(batch));
		udp_batch_out(&batch, 3, &datagram, &datagram.remote, i != 3);
		ck_assert_uint_eq(asked_for(3).family, IKE_FAMILY_NONE);
		ck_assert_uint_eq(batch.data[3].iov_len, 28);
	}
}
END_TEST

START_TEST(test_out)
{
	static const char *const addresses[][2] = {{"192.0.2.1", "192.0.2.9:4500"},
						   {"2001:db8::1", "[2001:db8::9]:500"}};

	memset(&batch, 0xa5, sizeof(batch));
	for (size_t i = 0; i < 2; i++) {
		const struct ike_datagram datagram = datagram_of(addresses[i][0], addresses[i][1]);
		const struct ike_address local = address_of(addresses[i][0]);
		struct ike_address remote = datagram.remote, asked, to;

		remote.port++; /* what is said goes, not what stands in the datagram */
		udp_batch_out(&batch, 31 - i, &datagram, &remote, true);
		asked = asked_for(31 - i);
		ck_assert_mem_eq(&asked, &local, sizeof(asked));
		to = udp_of_sockaddr(&batch.remote[31 - i]);
		ck_assert_mem_eq(&to, &remote, sizeof(to));
		ck_assert_ptr_eq(batch.header[31 - i].msg_hdr.msg_name, &batch.remote[31 - i]);
		ck_assert_uint_eq(batch.header[31 - i].msg_hdr.msg_namelen,
				  i == 0 ? sizeof(struct sockaddr_in)
					 : sizeof(struct sockaddr_in6));
		ck_assert_uint_eq(batch.header[31 - i].msg_hdr.msg_iovlen, 1);
		ck_assert_ptr_eq(batch.header[31 - i].msg_hdr.msg_iov, &batch.data[31 - i]);
		ck_assert_ptr_eq(batch.data[31 - i].iov_base, data);
		ck_assert_uint_eq(batch.data[31 - i].iov_len, 28);
	}
}
END_TEST

START_TEST(test_in)
{
	const struct ike_datagram datagram = datagram_of(NULL, "192.0.2.9:500");

	memset(&batch, 0xa5, sizeof(batch));
	udp_batch_in(&batch, 0, &datagram);
	ck_assert_ptr_eq(batch.data[0].iov_base, data);
	ck_assert_uint_eq(batch.data[0].iov_len, sizeof(data)); /* its room, not its length */
	ck_assert_uint_eq(batch.header[0].msg_hdr.msg_namelen, sizeof(struct sockaddr_storage));
	ck_assert_ptr_eq(batch.header[0].msg_hdr.msg_control, batch.control[0]);
	ck_assert_uint_eq(batch.header[0].msg_hdr.msg_controllen,
			  CMSG_SPACE(sizeof(struct in6_pktinfo)));
	ck_assert_int_eq(batch.header[0].msg_hdr.msg_flags, 0);
}
END_TEST

UNIT_MAIN("udp_batch", test_enlarged, test_no_source, test_out, test_in)
