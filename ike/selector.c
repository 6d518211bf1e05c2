/* SPDX-License-Identifier: ISC */
#include "ike/selector.h"

#include <assert.h>
#include <string.h>

#include "ike/address.h"
#include "ike/text.h"

#define V4_OCTETS     4
#define V6_OCTETS     16
#define PROTOCOL_ICMP 1
#define PROTOCOL_TCP  6
#define PROTOCOL_UDP  17

enum form { FORM_ADDRESS, FORM_SUBNET, FORM_RANGE };

static const struct {
	uint8_t type, family;
	enum form form;
} forms[] = {
    {IKE_ID_IPV4, IKE_FAMILY_IPV4, FORM_ADDRESS},
    {IKE_ID_IPV4_SUBNET, IKE_FAMILY_IPV4, FORM_SUBNET},
    {IKE_ID_IPV4_RANGE, IKE_FAMILY_IPV4, FORM_RANGE},
    {IKE_ID_IPV6, IKE_FAMILY_IPV6, FORM_ADDRESS},
    {IKE_ID_IPV6_SUBNET, IKE_FAMILY_IPV6, FORM_SUBNET},
    {IKE_ID_IPV6_RANGE, IKE_FAMILY_IPV6, FORM_RANGE},
};

static size_t octets_of_family(uint8_t family)
{
	return family == IKE_FAMILY_IPV4 ? V4_OCTETS : V6_OCTETS;
}

static unsigned bit_of(const uint8_t *octets, unsigned bit)
{
	return octets[bit / 8] >> (7 - bit % 8) & 1u;
}

/* The ones at the start of a mask that has no others.  False: it has. */
static bool bits_of_mask(const uint8_t *mask, size_t length, uint8_t *bits)
{
	unsigned all = (unsigned)length * 8, ones = 0;

	while (ones < all && bit_of(mask, ones) == 1)
		ones++;
	for (unsigned bit = ones; bit < all; bit++)
		if (bit_of(mask, bit) == 1)
			return false;
	*bits = (uint8_t)ones;
	return true;
}

/* A range is a prefix where the two ends have a beginning in common and differ as 00..0 and 11..1 in all the rest. */
static bool bits_of_range(const uint8_t *first, const uint8_t *last, size_t length, uint8_t *bits)
{
	unsigned all = (unsigned)length * 8, common = 0;

	while (common < all && bit_of(first, common) == bit_of(last, common))
		common++;
	for (unsigned bit = common; bit < all; bit++)
		if (bit_of(first, bit) == 1 || bit_of(last, bit) == 0)
			return false;
	*bits = (uint8_t)common;
	return true;
}

static void clear_behind(uint8_t *octets, size_t length, unsigned bits)
{
	for (unsigned bit = bits; bit < length * 8; bit++)
		octets[bit / 8] &= (uint8_t) ~(1u << (7 - bit % 8));
}

static bool read_prefix(enum form form, uint8_t family, struct octets data,
			struct ike_prefix *prefix)
{
	size_t length = octets_of_family(family);

	if (data.length != (form == FORM_ADDRESS ? length : 2 * length))
		return false;
	prefix->bits = (uint8_t)(length * 8);
	if (form == FORM_SUBNET && !bits_of_mask(data.data + length, length, &prefix->bits))
		return false;
	if (form == FORM_RANGE &&
	    !bits_of_range(data.data, data.data + length, length, &prefix->bits))
		return false;
	prefix->address.family = family;
	memcpy(prefix->address.octets, data.data, length);
	clear_behind(prefix->address.octets, length, prefix->bits);
	return true;
}

enum ike_verdict selector_parse(struct octets body, struct ike_selector *selector)
{
	struct ike_selector result = {0};
	struct wire_reader reader;
	struct octets data;
	uint8_t type;

	wire_read_from(&reader, body);
	type = wire_read_u8(&reader);
	result.protocol = wire_read_u8(&reader);
	result.port = wire_read_u16(&reader);
	if (reader.failed)
		return IKE_PAYLOAD_TOO_SHORT;
	data = wire_read_rest(&reader);
	if (result.protocol == 0 && result.port != 0)
		return IKE_BAD_IDENTITY;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (forms[i].type != type)
			continue;
		if (!read_prefix(forms[i].form, forms[i].family, data, &result.prefix))
			return IKE_BAD_IDENTITY;
		*selector = result;
		return IKE_ACCEPTED;
	}
	return IKE_BAD_IDENTITY;
}

void selector_write(struct wire_writer *writer, const struct ike_selector *selector)
{
	const struct ike_prefix *prefix = &selector->prefix;
	bool v4 = prefix->address.family == IKE_FAMILY_IPV4;
	size_t length = octets_of_family(prefix->address.family);
	bool whole = prefix->bits == length * 8;
	uint8_t mask[V6_OCTETS];

	assert(prefix->address.family != IKE_FAMILY_NONE);
	wire_write_u8(writer, whole ? (v4 ? IKE_ID_IPV4 : IKE_ID_IPV6)
				    : (v4 ? IKE_ID_IPV4_SUBNET : IKE_ID_IPV6_SUBNET));
	wire_write_u8(writer, selector->protocol);
	wire_write_u16(writer, selector->port);
	wire_write_octets(writer, octets_of(prefix->address.octets, length));
	if (whole)
		return;
	memset(mask, 0xff, sizeof(mask));
	clear_behind(mask, length, prefix->bits);
	wire_write_octets(writer, octets_of(mask, length));
}

void selector_of_host(const struct ike_address *address, struct ike_selector *selector)
{
	memset(selector, 0, sizeof(*selector));
	selector->prefix.address = *address;
	selector->prefix.address.port = 0;
	selector->prefix.bits = (uint8_t)(8 * octets_of_family(address->family));
}

void selector_resolve(const struct ike_selector *configured, const struct ike_address *own,
		      struct ike_selector *selector)
{
	if (configured->prefix.address.family != IKE_FAMILY_NONE) {
		*selector = *configured;
		clear_behind(selector->prefix.address.octets,
			     octets_of_family(selector->prefix.address.family),
			     selector->prefix.bits);
		selector->prefix.address.port = 0;
		return;
	}
	selector_of_host(own, selector);
	selector->protocol = configured->protocol;
	selector->port = configured->port;
}

bool selector_equal(const struct ike_selector *a, const struct ike_selector *b)
{
	return ike_address_same_host(&a->prefix.address, &b->prefix.address) &&
	       a->prefix.bits == b->prefix.bits && a->protocol == b->protocol && a->port == b->port;
}

bool selector_inside(const struct ike_selector *inner, const struct ike_selector *outer)
{
	return inner->prefix.bits >= outer->prefix.bits &&
	       ike_prefix_match(&outer->prefix, &inner->prefix.address) >= 0 &&
	       (outer->protocol == 0 || outer->protocol == inner->protocol) &&
	       (outer->port == 0 || outer->port == inner->port);
}

static const char *protocol_name(uint8_t protocol)
{
	switch (protocol) {
	case PROTOCOL_ICMP:
		return "icmp";
	case PROTOCOL_TCP:
		return "tcp";
	case PROTOCOL_UDP:
		return "udp";
	default:
		return NULL;
	}
}

size_t ike_selector_text(const struct ike_selector *selector, char *text, size_t length)
{
	struct ike_address address = selector->prefix.address;
	char host[IKE_ADDRESS_TEXT];
	struct text out;

	text_to(&out, text, length);
	if (address.family == IKE_FAMILY_NONE) {
		text_add(&out, "own");
	} else {
		address.port = 0;
		(void)ike_address_text(&address, host, sizeof(host));
		text_add(&out, "%s/%u", host, selector->prefix.bits);
	}
	if (selector->protocol != 0) {
		text_add(&out, " ");
		text_add_name(&out, protocol_name(selector->protocol), "protocol#",
			      selector->protocol);
		if (selector->port != 0)
			text_add(&out, "/%u", selector->port);
	}
	return out.length;
}
