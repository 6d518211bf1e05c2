/* SPDX-License-Identifier: ISC */
#include "interop/node/udp_address.h"

#include <netinet/in.h>
#include <string.h>

socklen_t udp_to_sockaddr(const struct ike_address *address, struct sockaddr_storage *name)
{
	memset(name, 0, sizeof(*name));
	if (address->family == IKE_FAMILY_IPV6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)name;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(address->port);
		memcpy(&in6->sin6_addr, address->octets, sizeof(in6->sin6_addr));
		return sizeof(*in6);
	} else {
		struct sockaddr_in *in = (struct sockaddr_in *)name;

		in->sin_family = AF_INET;
		in->sin_port = htons(address->port);
		memcpy(&in->sin_addr, address->octets, sizeof(in->sin_addr));
		return sizeof(*in);
	}
}

struct ike_address udp_of_sockaddr(const struct sockaddr_storage *name)
{
	struct ike_address address = {.family = IKE_FAMILY_NONE};

	if (name->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)name;

		address.family = IKE_FAMILY_IPV4;
		address.port = ntohs(in->sin_port);
		memcpy(address.octets, &in->sin_addr, sizeof(in->sin_addr));
	} else if (name->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)name;

		address.family = IKE_FAMILY_IPV6;
		address.port = ntohs(in6->sin6_port);
		memcpy(address.octets, &in6->sin6_addr, sizeof(in6->sin6_addr));
	}
	return address;
}

bool udp_is_unspecified(const struct ike_address *address)
{
	static const uint8_t zeros[sizeof(address->octets)];

	return memcmp(address->octets, zeros, sizeof(zeros)) == 0;
}

struct ike_address udp_of_control(struct msghdr *header, uint16_t port)
{
	struct ike_address address = {.family = IKE_FAMILY_NONE};

	for (struct cmsghdr *one = CMSG_FIRSTHDR(header); one != NULL;
	     one = CMSG_NXTHDR(header, one)) {
		struct in_pktinfo info;
		struct in6_pktinfo info6;

		if (one->cmsg_level == IPPROTO_IP && one->cmsg_type == IP_PKTINFO) {
			memcpy(&info, CMSG_DATA(one), sizeof(info));
			address.family = IKE_FAMILY_IPV4;
			memcpy(address.octets, &info.ipi_spec_dst, sizeof(info.ipi_spec_dst));
		} else if (one->cmsg_level == IPPROTO_IPV6 && one->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info6, CMSG_DATA(one), sizeof(info6));
			address.family = IKE_FAMILY_IPV6;
			memcpy(address.octets, &info6.ipi6_addr, sizeof(info6.ipi6_addr));
		}
	}
	if (address.family != IKE_FAMILY_NONE)
		address.port = port;
	return address;
}

static size_t write_control(struct cmsghdr *one, int level, int type, const void *info,
			    size_t length)
{
	one->cmsg_level = level;
	one->cmsg_type = type;
	one->cmsg_len = CMSG_LEN(length);
	memcpy(CMSG_DATA(one), info, length);
	return CMSG_SPACE(length);
}

size_t udp_to_control(const struct ike_address *local, void *control)
{
	if (udp_is_unspecified(local))
		return 0;
	if (local->family == IKE_FAMILY_IPV4) {
		struct in_pktinfo info = {.ipi_ifindex = 0};

		memcpy(&info.ipi_spec_dst, local->octets, sizeof(info.ipi_spec_dst));
		return write_control(control, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	} else {
		struct in6_pktinfo info = {.ipi6_ifindex = 0};

		memcpy(&info.ipi6_addr, local->octets, sizeof(info.ipi6_addr));
		return write_control(control, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	}
}
