/* SPDX-License-Identifier: ISC */
#include "interop/esp/echo.h"

#include <string.h>

#include "ike/wire.h"
#include "interop/checksum.h"

#define IPV4_HEADER              20
#define IPV6_HEADER              40
#define ICMP_HEADER              8
#define ICMP_OCTETS              (ICMP_HEADER + ECHO_DATA_LENGTH)
#define PROTOCOL_ICMP            1
#define PROTOCOL_ICMPV6          58
#define ICMP_ECHO_REPLY          0 /* RFC 792 */
#define ICMP_ECHO_REQUEST        8
#define ICMPV6_ECHO_REQUEST      128 /* RFC 4443 sections 4.1, 4.2 */
#define ICMPV6_ECHO_REPLY        129
#define HOPS                     64
#define IPV4_DO_NOT_FRAGMENT     0x4000
#define IPV4_RESERVED_AND_DO_NOT 0xc000

/* ---- checksums ----------------------------------------------------------------------------------------------------- */

static uint16_t checksum(const uint8_t *octets, size_t length)
{
	return checksum_of(checksum_add(0, octets_of(octets, length)));
}

/* RFC 8200 section 8.1: the addresses, the length and the protocol of the header count as well. */
static uint16_t checksum_icmpv6(const uint8_t *packet, size_t length)
{
	uint32_t sum = checksum_add((uint32_t)length + PROTOCOL_ICMPV6, octets_of(packet + 8, 32));

	return checksum_of(checksum_add(sum, octets_of(packet + IPV6_HEADER, length)));
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

void echo_identity_new(struct echo_identity *identity, struct random_source *random)
{
	identity->identifier = (uint16_t)random_u32(random);
	random_octets(random, identity->mark, sizeof(identity->mark));
}

/* The checksum is left at zero. */
static void write_icmp(const struct echo_identity *identity, uint8_t type, uint32_t number,
		       uint8_t *icmp)
{
	icmp[0] = type;
	icmp[1] = 0;
	wire_put_u16(icmp + 2, 0);
	wire_put_u16(icmp + 4, identity->identifier);
	wire_put_u16(icmp + 6, (uint16_t)number);
	memcpy(icmp + ICMP_HEADER, identity->mark, ECHO_MARK_LENGTH);
	wire_put_u32(icmp + ICMP_HEADER + ECHO_MARK_LENGTH, number);
}

/* Never to be fragmented, and so with an identification of zero (RFC 6864 section 4.1). */
static size_t write_ipv4(const struct echo_identity *identity, const struct echo *echo,
			 uint8_t *packet)
{
	uint8_t *icmp = packet + IPV4_HEADER;

	memset(packet, 0, IPV4_HEADER);
	packet[0] = 4 << 4 | IPV4_HEADER / 4;
	wire_put_u16(packet + 2, ECHO_OCTETS_IPV4);
	wire_put_u16(packet + 6, IPV4_DO_NOT_FRAGMENT);
	packet[8] = HOPS;
	packet[9] = PROTOCOL_ICMP;
	memcpy(packet + 12, echo->from.octets, 4);
	memcpy(packet + 16, echo->to.octets, 4);
	wire_put_u16(packet + 10, checksum(packet, IPV4_HEADER));
	write_icmp(identity, echo->kind == ECHO_REQUEST ? ICMP_ECHO_REQUEST : ICMP_ECHO_REPLY,
		   echo->number, icmp);
	wire_put_u16(icmp + 2, checksum(icmp, ICMP_OCTETS));
	return ECHO_OCTETS_IPV4;
}

static size_t write_ipv6(const struct echo_identity *identity, const struct echo *echo,
			 uint8_t *packet)
{
	uint8_t *icmp = packet + IPV6_HEADER;

	memset(packet, 0, 8);
	packet[0] = 6 << 4;
	wire_put_u16(packet + 4, ICMP_OCTETS);
	packet[6] = PROTOCOL_ICMPV6;
	packet[7] = HOPS;
	memcpy(packet + 8, echo->from.octets, 16);
	memcpy(packet + 24, echo->to.octets, 16);
	write_icmp(identity, echo->kind == ECHO_REQUEST ? ICMPV6_ECHO_REQUEST : ICMPV6_ECHO_REPLY,
		   echo->number, icmp);
	wire_put_u16(icmp + 2, checksum_icmpv6(packet, ICMP_OCTETS));
	return ECHO_OCTETS_IPV6;
}

size_t echo_write(const struct echo_identity *identity, const struct echo *echo, uint8_t *packet,
		  size_t room)
{
	if (echo->from.family != echo->to.family)
		return 0;
	if (echo->from.family == IKE_FAMILY_IPV4 && room >= ECHO_OCTETS_IPV4)
		return write_ipv4(identity, echo, packet);
	if (echo->from.family == IKE_FAMILY_IPV6 && room >= ECHO_OCTETS_IPV6)
		return write_ipv6(identity, echo, packet);
	return 0;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static void take_address(struct ike_address *address, uint8_t family, const uint8_t *octets)
{
	*address = (struct ike_address){.family = family};
	memcpy(address->octets, octets, family == IKE_FAMILY_IPV4 ? 4 : 16);
}

/* `icmp` has ICMP_OCTETS. */
static bool read_icmp(const struct echo_identity *identity, const uint8_t *icmp, uint8_t request,
		      uint8_t reply, struct echo *echo)
{
	const uint8_t *data = icmp + ICMP_HEADER;

	if ((icmp[0] != request && icmp[0] != reply) || icmp[1] != 0)
		return false;
	if (wire_u16_at(icmp + 4) != identity->identifier ||
	    memcmp(data, identity->mark, ECHO_MARK_LENGTH) != 0)
		return false;
	echo->kind = icmp[0] == request ? ECHO_REQUEST : ECHO_REPLY;
	echo->number = wire_u32_at(data + ECHO_MARK_LENGTH);
	return wire_u16_at(icmp + 6) == (uint16_t)echo->number;
}

/* A reply may carry options: a gateway that returns those it got adds none, but one between may. */
static bool read_ipv4(const struct echo_identity *identity, const uint8_t *packet, size_t length,
		      struct echo *echo)
{
	size_t header, total;

	if (length < ECHO_OCTETS_IPV4)
		return false;
	header = (size_t)(packet[0] & 0x0f) * 4;
	total = wire_u16_at(packet + 2);
	if (header < IPV4_HEADER || total > length || total != header + ICMP_OCTETS)
		return false;
	if ((wire_u16_at(packet + 6) & ~IPV4_RESERVED_AND_DO_NOT) != 0 ||
	    packet[9] != PROTOCOL_ICMP)
		return false;
	if (checksum(packet, header) != 0 || checksum(packet + header, ICMP_OCTETS) != 0)
		return false;
	take_address(&echo->from, IKE_FAMILY_IPV4, packet + 12);
	take_address(&echo->to, IKE_FAMILY_IPV4, packet + 16);
	return read_icmp(identity, packet + header, ICMP_ECHO_REQUEST, ICMP_ECHO_REPLY, echo);
}

static bool read_ipv6(const struct echo_identity *identity, const uint8_t *packet, size_t length,
		      struct echo *echo)
{
	if (length < ECHO_OCTETS_IPV6 || wire_u16_at(packet + 4) != ICMP_OCTETS ||
	    packet[6] != PROTOCOL_ICMPV6 || checksum_icmpv6(packet, ICMP_OCTETS) != 0)
		return false;
	take_address(&echo->from, IKE_FAMILY_IPV6, packet + 8);
	take_address(&echo->to, IKE_FAMILY_IPV6, packet + 24);
	return read_icmp(identity, packet + IPV6_HEADER, ICMPV6_ECHO_REQUEST, ICMPV6_ECHO_REPLY,
			 echo);
}

bool echo_read(const struct echo_identity *identity, const uint8_t *packet, size_t length,
	       struct echo *echo)
{
	if (length == 0)
		return false;
	switch (packet[0] >> 4) {
	case 4:
		return read_ipv4(identity, packet, length, echo);
	case 6:
		return read_ipv6(identity, packet, length, echo);
	default:
		return false;
	}
}
