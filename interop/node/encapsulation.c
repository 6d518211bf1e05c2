/* SPDX-License-Identifier: ISC */
#include "interop/node/encapsulation.h"

#include <string.h>

#define KEEPALIVE 0xff /* RFC 3948 section 2.3 */

static const uint8_t marker[ENCAPSULATION_MARKER];

static bool is_encapsulated(const struct encapsulation *encapsulation,
			    const struct ike_datagram *datagram)
{
	return encapsulation->port != 0 && datagram->local.port == encapsulation->port;
}

static bool is_keepalive(const struct ike_datagram *datagram)
{
	return datagram->length == 1 && datagram->data[0] == KEEPALIVE;
}

bool encapsulation_is_esp(const struct encapsulation *encapsulation,
			  const struct ike_datagram *datagram)
{
	return is_encapsulated(encapsulation, datagram) && datagram->length >= sizeof(marker) &&
	       memcmp(datagram->data, marker, sizeof(marker)) != 0;
}

bool encapsulation_take_off(struct encapsulation *encapsulation, struct ike_datagram *datagram)
{
	if (!is_encapsulated(encapsulation, datagram))
		return true;
	if (is_keepalive(datagram)) {
		encapsulation->keepalives++;
		return false;
	}
	if (datagram->length < sizeof(marker)) {
		encapsulation->nonsense++;
		return false;
	}
	if (encapsulation_is_esp(encapsulation, datagram)) {
		encapsulation->esp++;
		return false;
	}
	datagram->data += sizeof(marker);
	datagram->length -= sizeof(marker);
	datagram->room -= sizeof(marker);
	return true;
}

void encapsulation_put_on(const struct encapsulation *encapsulation, struct ike_datagram *datagram)
{
	if (!is_encapsulated(encapsulation, datagram) || is_keepalive(datagram))
		return;
	datagram->data -= sizeof(marker);
	datagram->length += sizeof(marker);
	datagram->room += sizeof(marker);
	memcpy(datagram->data, marker, sizeof(marker));
	if (datagram->plain_length == 0)
		return;
	datagram->plain -= sizeof(marker);
	datagram->plain_length += sizeof(marker);
	memcpy(datagram->plain, marker, sizeof(marker));
}
