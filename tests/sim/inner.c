/* SPDX-License-Identifier: ISC */
#include "tests/sim/inner.h"

#include <string.h>

#include "ike/wire.h"

#define SOURCE_AT      12
#define DESTINATION_AT 16
#define ANY_PORT       4000

/* The first of the prefix, and what it leaves open by chance. */
static void put_address(uint8_t *at, const struct ike_prefix *prefix, struct dice *dice)
{
	uint64_t chance = dice_u64(dice);

	for (unsigned i = 0; i < 4; i++) {
		unsigned fixed = prefix->bits <= 8 * i       ? 0
				 : prefix->bits >= 8 * i + 8 ? 8
							     : prefix->bits - 8 * i;
		uint8_t open = (uint8_t)(0xff >> fixed);

		at[i] =
		    (uint8_t)((prefix->address.octets[i] & ~open) | ((chance >> (8 * i)) & open));
	}
}

size_t inner_write(uint8_t *packet, size_t room, const struct ike_selector *from,
		   const struct ike_selector *to, uint64_t number, struct dice *dice)
{
	size_t length = INNER_HEADER + 16 + dice_below(dice, room - INNER_HEADER - 16 + 1);

	memset(packet, (int)dice_below(dice, 256), length);
	memset(packet, 0, INNER_HEADER);
	packet[0] = 0x45;
	wire_put_u16(packet + 2, length);
	packet[8] = 64;
	packet[9] = from->protocol != 0 ? from->protocol : INNER_UDP;
	put_address(packet + SOURCE_AT, &from->prefix, dice);
	put_address(packet + DESTINATION_AT, &to->prefix, dice);
	wire_put_u16(packet + INNER_HEADER, from->port != 0 ? from->port : ANY_PORT);
	wire_put_u16(packet + INNER_HEADER + 2, to->port != 0 ? to->port : ANY_PORT);
	for (unsigned i = 0; i < 8; i++)
		packet[INNER_HEADER + 8 + i] = (uint8_t)(number >> (56 - 8 * i));
	return length;
}

size_t inner_length(const uint8_t *packet, size_t length)
{
	size_t said = length < INNER_HEADER ? length : wire_u16_at(packet + 2);

	return said < length ? said : length;
}

static bool is_in(const uint8_t *at, const struct ike_prefix *prefix)
{
	for (unsigned bit = 0; bit < prefix->bits; bit++)
		if (((at[bit / 8] ^ prefix->address.octets[bit / 8]) >> (7 - bit % 8) & 1) != 0)
			return false;
	return true;
}

bool inner_fits(const uint8_t *packet, size_t length, const struct ike_selector *from,
		const struct ike_selector *to)
{
	bool later = length >= INNER_HEADER && (wire_u16_at(packet + 6) & 0x1fff) != 0;

	if (length < INNER_HEADER || packet[0] >> 4 != 4 || wire_u16_at(packet + 2) > length)
		return false;
	if (!is_in(packet + SOURCE_AT, &from->prefix) ||
	    !is_in(packet + DESTINATION_AT, &to->prefix))
		return false;
	if ((from->protocol != 0 && packet[9] != from->protocol) ||
	    (to->protocol != 0 && packet[9] != to->protocol))
		return false;
	if (from->port == 0 && to->port == 0)
		return true;
	return !later && length >= INNER_HEADER + 4 &&
	       (from->port == 0 || wire_u16_at(packet + INNER_HEADER) == from->port) &&
	       (to->port == 0 || wire_u16_at(packet + INNER_HEADER + 2) == to->port);
}

/* RFC 792: the type changes from 8 to 0, and with it the checksum, which is a sum of ones' complement. */
bool inner_answer(uint8_t *packet, size_t length)
{
	uint8_t source[4];
	uint32_t sum;

	if (length < INNER_HEADER + 8 || packet[0] != 0x45 || packet[9] != INNER_ICMP ||
	    packet[INNER_HEADER] != 8)
		return false;
	memcpy(source, packet + SOURCE_AT, sizeof(source));
	memcpy(packet + SOURCE_AT, packet + DESTINATION_AT, sizeof(source));
	memcpy(packet + DESTINATION_AT, source, sizeof(source));
	packet[INNER_HEADER] = 0;
	sum = (uint32_t)wire_u16_at(packet + INNER_HEADER + 2) + 0x0800u;
	wire_put_u16(packet + INNER_HEADER + 2, (sum & 0xffff) + (sum >> 16));
	return true;
}
