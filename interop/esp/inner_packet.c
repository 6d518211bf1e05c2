/* SPDX-License-Identifier: ISC */
#include "interop/esp/inner_packet.h"

#include <string.h>

#include "ike/address.h"
#include "ike/wire.h"

#define V4_LEAST        20 /* octets of a header */
#define V6_HEADER       40
#define V4_OFFSET_MASK  0x1fff
#define V6_OFFSET_MASK  0xfff8
#define PORTS           4 /* octets of both */
#define EXTENSION_LEAST 8
#define EXTENSIONS_MOST                                                                            \
	8 /* of one packet; RFC 8200 section 4.1 has each once, and destination options twice */

#define PROTOCOL_HOP_BY_HOP  0
#define PROTOCOL_TCP         6
#define PROTOCOL_UDP         17
#define PROTOCOL_DCCP        33
#define PROTOCOL_ROUTING     43
#define PROTOCOL_FRAGMENT    44
#define PROTOCOL_DESTINATION 60
#define PROTOCOL_SCTP        132
#define PROTOCOL_UDP_LITE    136

static void read_address(const uint8_t *at, size_t length, uint8_t family,
			 struct ike_address *address)
{
	memset(address, 0, sizeof(*address));
	memcpy(address->octets, at, length);
	address->family = family;
}

static bool has_ports(uint8_t protocol)
{
	return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP || protocol == PROTOCOL_DCCP ||
	       protocol == PROTOCOL_SCTP || protocol == PROTOCOL_UDP_LITE;
}

/* `rest` is what follows the IP headers, of this packet and not of the padding behind it. */
static void read_ports(struct octets rest, struct inner_packet *inner)
{
	if (inner->later_fragment || !has_ports(inner->protocol) || rest.length < PORTS)
		return;
	inner->source.port = wire_u16_at(rest.data);
	inner->destination.port = wire_u16_at(rest.data + 2);
	inner->ports_known = true;
}

static enum esp_verdict read_v4(struct octets packet, struct inner_packet *inner)
{
	const uint8_t *header = packet.data;
	size_t header_length;

	if (packet.length < V4_LEAST)
		return ESP_INNER_TOO_SHORT;
	header_length = (size_t)(header[0] & 0x0f) * 4;
	inner->length = wire_u16_at(header + 2);
	if (header_length < V4_LEAST || inner->length < header_length)
		return ESP_INNER_BAD_HEADER;
	if (inner->length > packet.length)
		return ESP_INNER_BAD_LENGTH;
	inner->later_fragment = (wire_u16_at(header + 6) & V4_OFFSET_MASK) != 0;
	inner->protocol = header[9];
	inner->protocol_known = true;
	read_address(header + 12, 4, IKE_FAMILY_IPV4, &inner->source);
	read_address(header + 16, 4, IKE_FAMILY_IPV4, &inner->destination);
	read_ports(octets_of(header + header_length, inner->length - header_length), inner);
	return ESP_ACCEPTED;
}

/*
 * What is behind the extension headers (RFC 8200 section 4).  A later fragment's chain ends at its fragment header: what follows
 * is the middle of something, but its protocol is said there, unless that is an extension header again.
 */
static void read_chain(uint8_t protocol, struct octets rest, struct inner_packet *inner)
{
	for (unsigned i = 0; i <= EXTENSIONS_MOST; i++) {
		size_t length;

		if (protocol != PROTOCOL_HOP_BY_HOP && protocol != PROTOCOL_ROUTING &&
		    protocol != PROTOCOL_FRAGMENT && protocol != PROTOCOL_DESTINATION) {
			inner->protocol = protocol;
			inner->protocol_known = true;
			read_ports(rest, inner);
			return;
		}
		if (inner->later_fragment || rest.length < EXTENSION_LEAST)
			return;
		length = EXTENSION_LEAST;
		if (protocol == PROTOCOL_FRAGMENT)
			inner->later_fragment = (wire_u16_at(rest.data + 2) & V6_OFFSET_MASK) != 0;
		else
			length = ((size_t)rest.data[1] + 1) * 8;
		if (length > rest.length)
			return;
		protocol = rest.data[0];
		rest = octets_of(rest.data + length, rest.length - length);
	}
}

static enum esp_verdict read_v6(struct octets packet, struct inner_packet *inner)
{
	const uint8_t *header = packet.data;

	if (packet.length < V6_HEADER)
		return ESP_INNER_TOO_SHORT;
	inner->length = (size_t)wire_u16_at(header + 4) + V6_HEADER;
	if (inner->length > packet.length)
		return ESP_INNER_BAD_LENGTH;
	read_address(header + 8, 16, IKE_FAMILY_IPV6, &inner->source);
	read_address(header + 24, 16, IKE_FAMILY_IPV6, &inner->destination);
	read_chain(header[6], octets_of(header + V6_HEADER, inner->length - V6_HEADER), inner);
	return ESP_ACCEPTED;
}

enum esp_verdict inner_packet_read(struct octets packet, struct inner_packet *inner)
{
	inner->protocol = 0;
	inner->protocol_known = inner->ports_known = inner->later_fragment = false;
	if (packet.length == 0)
		return ESP_INNER_TOO_SHORT;
	switch (packet.data[0] >> 4) {
	case 4:
		return read_v4(packet, inner);
	case 6:
		return read_v6(packet, inner);
	default:
		return ESP_INNER_BAD_VERSION;
	}
}

/* ---- selectors ----------------------------------------------------------------------------------------------------- */

static bool protocol_fits(const struct inner_packet *inner, const struct ike_selector *selector)
{
	return selector->protocol == 0 ||
	       (inner->protocol_known && inner->protocol == selector->protocol);
}

static enum esp_verdict port_fits(const struct inner_packet *inner,
				  const struct ike_selector *selector, uint16_t port)
{
	if (selector->port == 0)
		return ESP_ACCEPTED;
	if (inner->later_fragment)
		return ESP_INNER_FRAGMENT;
	return inner->ports_known && selector->port == port ? ESP_ACCEPTED : ESP_INNER_OTHER_PORT;
}

enum esp_verdict inner_packet_fits(const struct inner_packet *inner,
				   const struct ike_selector *from, const struct ike_selector *to)
{
	enum esp_verdict verdict;

	if (ike_prefix_match(&from->prefix, &inner->source) < 0)
		return ESP_INNER_OTHER_SOURCE;
	if (ike_prefix_match(&to->prefix, &inner->destination) < 0)
		return ESP_INNER_OTHER_DESTINATION;
	if (!protocol_fits(inner, from) || !protocol_fits(inner, to))
		return ESP_INNER_OTHER_PROTOCOL;
	verdict = port_fits(inner, from, inner->source.port);
	return verdict != ESP_ACCEPTED ? verdict : port_fits(inner, to, inner->destination.port);
}
