/* SPDX-License-Identifier: ISC */
#include "interop/checksum.h"

#include "ike/wire.h"

uint32_t checksum_add(uint32_t sum, struct octets octets)
{
	for (size_t i = 0; i + 1 < octets.length; i += 2)
		sum += wire_u16_at(octets.data + i);
	if (octets.length % 2 != 0)
		sum += (uint32_t)octets.data[octets.length - 1] << 8;
	return sum;
}

uint16_t checksum_of(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}
