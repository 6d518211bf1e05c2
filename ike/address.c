/* SPDX-License-Identifier: ISC */
#include "ike/address.h"

#include <arpa/inet.h> /* conversion to and from text, and nothing else: the engine has no sockets */
#include <string.h>

#include "ike/ike.h"
#include "ike/text.h"

#define PORT_DIGITS 5

uint8_t ike_family_bits(uint8_t family)
{
	switch (family) {
	case IKE_FAMILY_IPV4:
		return 32;
	case IKE_FAMILY_IPV6:
		return 128;
	default:
		return 0;
	}
}

bool ike_address_same_host(const struct ike_address *a, const struct ike_address *b)
{
	return a->family == b->family && memcmp(a->octets, b->octets, sizeof(a->octets)) == 0;
}

bool ike_address_equal(const struct ike_address *a, const struct ike_address *b)
{
	return ike_address_same_host(a, b) && a->port == b->port;
}

int ike_prefix_match(const struct ike_prefix *prefix, const struct ike_address *address)
{
	const uint8_t *want = prefix->address.octets, *have = address->octets;
	size_t whole = prefix->bits / 8;
	unsigned rest = prefix->bits % 8;

	if (prefix->address.family == IKE_FAMILY_NONE)
		return 0;
	if (prefix->address.family != address->family ||
	    prefix->bits > ike_family_bits(address->family))
		return -1;
	if (memcmp(want, have, whole) != 0)
		return -1;
	if (rest != 0 && (want[whole] ^ have[whole]) >> (8 - rest) != 0)
		return -1;
	return prefix->bits;
}

/* One to five digits, 1 to 65535: a port that is written down is a port that is meant. */
static bool port_from_text(const char *text, uint16_t *port)
{
	size_t digits = strspn(text, "0123456789");
	unsigned value = 0;

	if (digits == 0 || digits > PORT_DIGITS || text[digits] != '\0')
		return false;
	for (size_t i = 0; i < digits; i++)
		value = value * 10 + (unsigned)(text[i] - '0');
	*port = (uint16_t)value;
	return value > 0 && value <= UINT16_MAX;
}

/* Where the host part stands in `text`, and the port's digits if there are any: "[host]", "[host]:port", "v4:port". */
static bool split(const char *text, const char **host, size_t *length, const char **port)
{
	const char *colon = strchr(text, ':'), *end;

	*host = text;
	*length = strlen(text);
	*port = NULL;
	if (text[0] == '[') {
		end = strchr(text, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return false;
		*host = text + 1;
		*length = (size_t)(end - *host);
		*port = end[1] == ':' ? end + 2 : NULL;
	} else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
		/* one colon cannot be IPv6, which has at least two */
		*length = (size_t)(colon - text);
		*port = colon + 1;
	}
	return true;
}

bool ike_address_from_text(const char *text, struct ike_address *address)
{
	struct ike_address result = {.family = IKE_FAMILY_IPV4};
	char host[INET6_ADDRSTRLEN];
	const char *start, *port;
	size_t length;

	if (!split(text, &start, &length, &port) || length >= sizeof(host))
		return false;
	memcpy(host, start, length);
	host[length] = '\0';
	if (text[0] == '[' || inet_pton(AF_INET, host, result.octets) != 1) {
		if (inet_pton(AF_INET6, host, result.octets) != 1)
			return false;
		result.family = IKE_FAMILY_IPV6;
	}
	if (port != NULL && !port_from_text(port, &result.port))
		return false;
	*address = result;
	return true;
}

size_t ike_address_text(const struct ike_address *address, char *text, size_t length)
{
	struct text out;
	char host[INET6_ADDRSTRLEN];
	bool v6 = address->family == IKE_FAMILY_IPV6;
	bool port = address->port != 0 && address->port != IKE_PORT;

	text_to(&out, text, length);
	if (ike_family_bits(address->family) == 0 ||
	    inet_ntop(v6 ? AF_INET6 : AF_INET, address->octets, host, sizeof(host)) == NULL) {
		text_add(&out, "any");
		return out.length;
	}
	text_add(&out, v6 && port ? "[%s]" : "%s", host);
	if (port)
		text_add(&out, ":%u", address->port);
	return out.length;
}
