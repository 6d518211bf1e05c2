/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <netinet/in.h>
#include <string.h>

#include "ike/address.h"
#include "interop/node/udp_address.h"

static struct ike_address address_of(const char *text)
{
	struct ike_address address;

	ck_assert(ike_address_from_text(text, &address));
	return address;
}

START_TEST(test_other_families)
{
	const struct sockaddr_storage name = {.ss_family = AF_UNIX};

	ck_assert_uint_eq(udp_of_sockaddr(&name).family, IKE_FAMILY_NONE);
}
END_TEST

START_TEST(test_nothing_said)
{
	struct msghdr header = {.msg_controllen = 0};

	ck_assert_uint_eq(udp_of_control(&header, 500).family, IKE_FAMILY_NONE);
}
END_TEST

START_TEST(test_unspecified_is_not_asked_for)
{
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	const struct ike_address any = address_of("0.0.0.0"), any6 = address_of("::");

	ck_assert(udp_is_unspecified(&any));
	ck_assert(udp_is_unspecified(&any6));
	ck_assert_uint_eq(udp_to_control(&any, control), 0);
	ck_assert_uint_eq(udp_to_control(&any6, control), 0);
}
END_TEST

START_TEST(test_both_ways)
{
	static const char *const texts[] = {"192.0.2.1:4500", "[2001:db8::1]:4500", "[::1]:1"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ike_address address = address_of(texts[i]), back;
		struct sockaddr_storage name;

		ck_assert_uint_gt(udp_to_sockaddr(&address, &name), 0);
		back = udp_of_sockaddr(&name);
		ck_assert_mem_eq(&back, &address, sizeof(back));
	}
}
END_TEST

/* What is asked for when sending is what is found when receiving, for IPv6; IPv4 has the same form both ways too. */
START_TEST(test_control_both_ways)
{
	static const char *const texts[] = {"192.0.2.1:500", "[2001:db8::1]:500"};

	for (size_t i = 0; i < 2; i++) {
		_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
		struct ike_address address = address_of(texts[i]), back;
		struct msghdr header = {.msg_control = control};

		memset(control, 0, sizeof(control));
		header.msg_controllen = udp_to_control(&address, control);
		ck_assert_uint_gt(header.msg_controllen, 0);
		back = udp_of_control(&header, 500);
		ck_assert_mem_eq(&back, &address, sizeof(back));
	}
}
END_TEST

UNIT_MAIN("udp_address", test_other_families, test_nothing_said, test_unspecified_is_not_asked_for,
	  test_both_ways, test_control_both_ways)
