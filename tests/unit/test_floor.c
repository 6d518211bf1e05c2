/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "interop/bench/floor.h"
#include "interop/node/udp_address.h"

/* What comes comes back as it was, also more than one batch of it. */
START_TEST(test_echo)
{
	enum { MANY = 70 };
	struct sockaddr_storage name;
	struct ike_address to;
	struct fault fault;
	struct echo *echo = echo_start(&fault);
	int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
	uint8_t data[100];
	socklen_t length;

	ck_assert_msg(echo != NULL, "%s", fault.text);
	to = echo_address(echo);
	length = udp_to_sockaddr(&to, &name);
	ck_assert_int_eq(connect(descriptor, (struct sockaddr *)&name, length), 0);
	for (int i = 0; i < MANY; i++) {
		memset(data, i, sizeof(data));
		ck_assert_int_eq(send(descriptor, data, sizeof(data), 0), sizeof(data));
	}
	for (int i = 0; i < MANY; i++) {
		ck_assert_int_eq(recv(descriptor, data, sizeof(data), 0), sizeof(data));
		ck_assert_uint_eq(data[0], i);
		ck_assert_uint_eq(data[99], i);
	}
	close(descriptor);
	echo_stop(echo);
	echo_stop(NULL);
}
END_TEST

START_TEST(test_echo_has_gone)
{
	struct fault fault;
	struct echo *echo = echo_start(&fault);
	pid_t pid;

	ck_assert_ptr_nonnull(echo);
	pid = echo_pid(echo);
	echo_stop(echo);
	ck_assert_int_eq(kill(pid, 0), -1);
}
END_TEST

START_TEST(test_cryptography_costs)
{
	struct fleet *fleet = fleet_new(1);

	ck_assert(floor_crypto(fleet, 10, 1000) > 0);
	fleet_free(fleet);
}
END_TEST

START_TEST(test_diffie_hellman_costs)
{
	ck_assert(floor_dh(DH_CURVE25519, 20) > 0);
	ck_assert(floor_dh(DH_MODP_2048, 20) > 0);
}
END_TEST

UNIT_MAIN("floor", test_echo, test_echo_has_gone, test_cryptography_costs,
	  test_diffie_hellman_costs)
