/* SPDX-License-Identifier: ISC */
/*
 * quick.c - what FRIEND says in Quick Modes with the core: the payloads behind HASH, as they would be right.
 */
#include <string.h>

#include "tests/fuzz/world.h"
#include "tests/support/unit.h"

/* SA, Ni [, KE], IDci, IDcr, for the tunnels in cast.c as FRIEND would have them. */
static const char *const requests[] = {
    /* AES-128, HMAC-SHA1, tunnel mode, 600 s; 10.0.1.0/24 to 10.0.2.0/24 */
    "0a000038 00000001 00000001 0000002c 01030401 c0ffee01 00000020 010c0000 80040001 80050002 "
    "80060080 80010001 00020004 00000258 "
    "05000014 000102030405060708090a0b0c0d0e0f "
    "05000010 04000000 0a000100 ffffff00 00000010 04000000 0a000200 ffffff00",
    /* AES-128, HMAC-SHA2-256, transport mode, group 31; UDP 1701 from 192.0.2.2 to 192.0.2.9 */
    "0a00003c 00000001 00000001 00000030 01030401 c0ffee02 00000024 010c0000 80040002 80050005 "
    "80060080 8003001f 80010001 00020004 00000258 "
    "04000014 000102030405060708090a0b0c0d0e0f "
    "05000024 0900000000000000000000000000000000000000000000000000000000000000 "
    "0500000c 011106a5 c0000202 0000000c 011106a5 c0000209",
};

struct octets quick_request(unsigned tunnel, uint8_t out[QUICK_ROOM])
{
	return octets_of(out, unit_hex(requests[tunnel & 1], out, QUICK_ROOM));
}

struct octets quick_answer(const struct ike_quick_mode *quick, uint8_t out[QUICK_ROOM])
{
	static const uint8_t spi[] = {0xc0, 0xff, 0xee, 0x03}, nine[32] = {9};
	struct octets plain = octets_of(quick->plain, quick->plain_length);
	struct ike_message message;
	struct wire_writer writer;
	struct ike_chain chain;
	uint8_t first, body[QUICK_ROOM];

	FUZZ_REQUIRE(ike_header_parse(plain, &message.header) == IKE_ACCEPTED);
	FUZZ_REQUIRE(ike_payloads_parse(octets_of(plain.data + IKE_HEADER_LENGTH,
						  plain.length - IKE_HEADER_LENGTH),
					false, 0, &message) == IKE_ACCEPTED);
	wire_write_to(&writer, out, QUICK_ROOM);
	wire_write_u8(&writer, 0); /* where the chain says of what type its first payload is */
	ike_chain_begin(&chain, &writer, 0);
	for (size_t i = 1; i < message.payloads; i++) {
		const struct ike_payload *payload = &message.payload[i];
		struct octets said = payload->body;

		FUZZ_REQUIRE(said.length <= sizeof(body));
		memcpy(body, said.data, said.length);
		if (payload->type ==
		    IKE_PAYLOAD_SA) /* DOI, situation, the proposal up to its SPI */
			memcpy(body + 8 + 8, spi, sizeof(spi));
		if (payload->type == IKE_PAYLOAD_NONCE)
			body[0] ^= 0xff;
		if (payload->type == IKE_PAYLOAD_KE)
			memcpy(body, nine, sizeof(nine));
		ike_payload_write(&chain, payload->type, octets_of(body, said.length));
	}
	FUZZ_REQUIRE(!writer.failed);
	first = out[0];
	FUZZ_REQUIRE(first == IKE_PAYLOAD_SA);
	return octets_of(out + 1, writer.length - 1);
}

struct ike_quick_mode *quick_of(const struct world *world, const struct ike_sa *sa)
{
	struct ike_quick_mode *quick = sa == NULL ? NULL : quick_mode_first(world->core, sa);

	while (quick != NULL && quick->expects == IKE_MESSAGE_KINDS)
		quick = quick->next_of_sa;
	return quick;
}
