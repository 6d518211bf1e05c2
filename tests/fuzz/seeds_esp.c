/* SPDX-License-Identifier: ISC */
/* Operations for fuzz_esp.c: each form, both families, what must be opened, and what is nearly right. */
#include <stdio.h>
#include <string.h>

#include "tests/fuzz/seeds.h"

enum operation { STRANGER, KEYHOLDER, SEND, DELIVER, PAIRS };

static const uint8_t inner_v4[] = {0x45, 0, 0,  28, 0, 0, 0,    0,    64, 17,  0, 0, 10, 1,
				   0,    5, 10, 2,  0, 7, 0x03, 0xe8, 6,  165, 0, 8, 0,  0};
static const uint8_t inner_v6[] = {0x60, 0, 0, 0, 0, 8, 17, 64, 0x20, 1,    13, 184, 0, 1, 0, 0,
				   0,    0, 0, 0, 0, 0, 0,  5,  0x20, 1,    13, 184, 0, 2, 0, 0,
				   0,    0, 0, 0, 0, 0, 0,  7,  0x03, 0xe8, 7,  208, 0, 8, 0, 0};

static void sow_packet(struct sower *sower, const uint8_t *packet, size_t length)
{
	wire_write_u16(&sower->writer, (uint16_t)length);
	wire_write_octets(&sower->writer, octets_of(packet, length));
}

/* By whoever has the keys: the inner packet, padding and trailer, as `next` says. */
static void sow_keyed(struct sower *sower, unsigned pair, uint16_t number, struct octets inner,
		      uint8_t next)
{
	uint8_t plain[128];
	size_t length = inner.length, padding = (16 - (length + 2) % 16) % 16;

	memcpy(plain, inner.data, length);
	for (size_t i = 0; i < padding; i++)
		plain[length++] = (uint8_t)(i + 1);
	plain[length++] = (uint8_t)padding;
	plain[length++] = next;
	sow_operation(sower, KEYHOLDER, pair);
	wire_write_u16(&sower->writer, number);
	sow_packet(sower, plain, length);
}

static void sow_sent(struct sower *sower)
{
	sow_operation(sower, SEND, 0);
	sow_packet(sower, inner_v4, sizeof(inner_v4)); /* to port 1701: by the third pair */
	sow_operation(sower, DELIVER, 1);
	wire_write_u16(&sower->writer, 12);
	wire_write_u8(&sower->writer, 1);
	sow_operation(sower, DELIVER, 0);
	sow_operation(sower, DELIVER, 0);
	sow_operation(sower, SEND, 4); /* through the first */
	sow_packet(sower, inner_v4, sizeof(inner_v4));
	sow_operation(sower, DELIVER, 0);
	sow_operation(sower, SEND, 0);
	sow_packet(sower, inner_v6, sizeof(inner_v6));
	sow_operation(sower, DELIVER, 0);
	sow_operation(sower, SEND, 2);
	sow_packet(sower, inner_v6, sizeof(inner_v6));
	wire_write_u8(&sower->writer, 20); /* no room behind it */
}

void seeds_esp(struct sower *sower)
{
	const struct octets v4 = octets_of(inner_v4, sizeof(inner_v4)),
			    v6 = octets_of(inner_v6, sizeof(inner_v6));
	char name[32];

	for (uint8_t form = 0; form < 8; form++) {
		sow_begin(sower);
		wire_write_u8(&sower->writer, form);
		sow_sent(sower);
		snprintf(name, sizeof(name), "sent-%u", form);
		sow(sower, name);

		sow_begin(sower);
		wire_write_u8(&sower->writer, form);
		sow_keyed(sower, 0, 1, v4, 4);
		sow_keyed(sower, 0, 2, v4, 41);
		sow_keyed(sower, 0, 3, v4, 59);
		sow_keyed(sower, 1, 1, v6, 41);
		sow_keyed(sower, 2, 1, v4, 4);
		sow_keyed(sower, 0, 3, v4, 4);
		sow_keyed(sower, 0, 0, v4, 4);
		sow_keyed(sower, 0, 2000, v4, 4);
		sow_keyed(sower, 0, 900, v4, 4);
		snprintf(name, sizeof(name), "keyed-%u", form);
		sow(sower, name);
	}
	sow_begin(sower);
	wire_write_u8(&sower->writer, 0);
	sow_operation(sower, STRANGER, 0);
	sow_packet(sower, inner_v6, sizeof(inner_v6));
	sow_operation(sower, STRANGER, 7);
	sow_packet(sower, inner_v6, 7);
	sow(sower, "stranger");
	sow_begin(sower);
	wire_write_u8(&sower->writer, 2);
	for (unsigned how = 0; how < 32; how++) {
		sow_operation(sower, PAIRS, how);
		if (how % 8 == 3)
			wire_write_u8(&sower->writer, 2);
		if (how % 8 > 3)
			wire_write_u16(&sower->writer, 0xffff);
		sow_sent(sower);
	}
	sow(sower, "pairs");
}
