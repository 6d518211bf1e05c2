/* SPDX-License-Identifier: ISC */
#include "tests/support/caller.h"

#include <string.h>

#include "ike/proposal.h"
#include "keepalive/capability.h"
#include "tests/support/unit.h"

void caller_begin(struct caller *caller, uint8_t exchange, const uint8_t *cky_i,
		  const uint8_t *cky_r)
{
	struct ike_header header = {.version = 0x10, .exchange = exchange};

	memcpy(header.cky_i, cky_i, IKE_COOKIE_LENGTH);
	if (cky_r != NULL)
		memcpy(header.cky_r, cky_r, IKE_COOKIE_LENGTH);
	wire_write_to(&caller->writer, caller->data, sizeof(caller->data));
	ike_header_write(&caller->writer, &header);
	ike_chain_begin(&caller->chain, &caller->writer, IKE_HEADER_NEXT_PAYLOAD_AT);
}

void caller_payload(struct caller *caller, uint8_t type, struct octets body)
{
	ike_payload_write(&caller->chain, type, body);
}

void caller_payload_hex(struct caller *caller, uint8_t type, const char *hex)
{
	uint8_t body[1024];

	caller_payload(caller, type, octets_of(body, unit_hex(hex, body, sizeof(body))));
}

size_t caller_finish(struct caller *caller)
{
	ike_header_finish(&caller->writer);
	if (caller->writer.failed) /* not ck_assert, which allocates and is slow in a flood */
		ck_abort_msg("a message longer than any that is accepted");
	caller->length = caller->writer.length;
	return caller->length;
}

size_t caller_message_1(struct caller *caller, const uint8_t *cky_i,
			const struct ike_proposal *proposal)
{
	uint8_t room[256];
	struct wire_writer body;

	wire_write_to(&body, room, sizeof(room));
	ike_offers_write(&body, proposal, 1, IKE_AUTHENTICATION_PSK, 28800);
	caller_begin(caller, IKE_EXCHANGE_MAIN_MODE, cky_i, NULL);
	caller_payload(caller, IKE_PAYLOAD_SA, wire_written(&body));
	caller_payload(caller, IKE_PAYLOAD_VENDOR_ID,
		       octets_of(keepalive_vendor_id_octets, KEEPALIVE_VENDOR_ID_LENGTH));
	return caller_finish(caller);
}

size_t caller_message_3(struct caller *caller, const uint8_t *cky_i, const uint8_t *cky_r,
			struct octets public_value)
{
	static const uint8_t nonce[16] = "a nonce of sorts";

	caller_begin(caller, IKE_EXCHANGE_MAIN_MODE, cky_i, cky_r);
	caller_payload(caller, IKE_PAYLOAD_KE, public_value);
	caller_payload(caller, IKE_PAYLOAD_NONCE, octets_of(nonce, sizeof(nonce)));
	return caller_finish(caller);
}

size_t caller_message_5(struct caller *caller, const uint8_t *cky_i, const uint8_t *cky_r,
			struct random_source *random, size_t blocks)
{
	uint8_t noise[512];

	if (16 * blocks > sizeof(noise))
		ck_abort_msg("%zu blocks of noise", blocks);
	random_octets(random, noise, 16 * blocks);
	caller_begin(caller, IKE_EXCHANGE_MAIN_MODE, cky_i, cky_r);
	wire_write_octets(&caller->writer, octets_of(noise, 16 * blocks));
	wire_patch_u8(&caller->writer, IKE_HEADER_NEXT_PAYLOAD_AT, IKE_PAYLOAD_ID);
	wire_patch_u8(&caller->writer, IKE_HEADER_FLAGS_AT, IKE_FLAG_ENCRYPTION);
	return caller_finish(caller);
}

void caller_patch_u16(struct caller *caller, size_t at, unsigned value)
{
	if (at + 2 > caller->length)
		ck_abort_msg("patched at %zu of %zu octets", at, caller->length);
	caller->data[at] = (uint8_t)(value >> 8);
	caller->data[at + 1] = (uint8_t)value;
}

void caller_cut(struct caller *caller, size_t length)
{
	if (length > sizeof(caller->data))
		ck_abort_msg("a datagram of %zu octets", length);
	if (length >= IKE_HEADER_LENGTH)
		caller_patch_u16(caller, IKE_HEADER_LENGTH_AT + 2, (unsigned)length);
	caller->length = length;
}
