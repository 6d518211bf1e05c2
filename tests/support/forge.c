/* SPDX-License-Identifier: ISC */
#include "tests/support/forge.h"

#include <check.h>
#include <string.h>

#include "ike/core.h"
#include "ike/notify.h"
#include "keepalive/message.h"
#include "tests/support/unit.h"

/* The only test code that looks into a core: nothing outside may learn the last block of Phase 1. */
void forge_from(struct forge *forge, struct duo *duo, enum duo_node node)
{
	static uint32_t fresh = 0x51000000;
	struct ike_sa_status status;
	uint32_t cursor = 0;

	memset(forge, 0, sizeof(*forge));
	ck_assert(ike_next_sa(duo->core[node], &cursor, &status));
	memcpy(forge->cky_i, status.cky_i, IKE_COOKIE_LENGTH);
	memcpy(forge->cky_r, status.cky_r, IKE_COOKIE_LENGTH);
	memcpy(forge->named_cky_i, status.cky_i, IKE_COOKIE_LENGTH);
	memcpy(forge->named_cky_r, status.cky_r, IKE_COOKIE_LENGTH);
	ck_assert(ike_export_keys(duo->core[node], status.cky_i, status.cky_r, &forge->keys));
	memcpy(forge->last_block,
	       sa_last_block(sa_table_find(duo->core[node]->sas, status.cky_i, status.cky_r)),
	       cipher_block_length(forge->keys.cipher));
	forge->exchange = IKE_EXCHANGE_INFORMATIONAL;
	forge->message_id = fresh++;
}

static void add_body(struct forge *forge, uint8_t type, const struct wire_writer *writer)
{
	struct octets body = wire_written(writer);

	ck_assert(!writer->failed && forge->bodies < 4 && body.length <= 64);
	forge->body[forge->bodies].type = type;
	memcpy(forge->body[forge->bodies].data, body.data, body.length);
	forge->body[forge->bodies++].length = body.length;
}

static void add_keepalive(struct forge *forge, uint16_t type, uint32_t number)
{
	uint8_t room[KEEPALIVE_BODY_LENGTH];
	struct wire_writer writer;

	keepalive_message_build(type, forge->named_cky_i, forge->named_cky_r, number, room);
	wire_write_to(&writer, room, sizeof(room));
	writer.length = sizeof(room);
	add_body(forge, IKE_PAYLOAD_NOTIFY, &writer);
}

void forge_r_u_there(struct forge *forge, uint32_t number)
{
	add_keepalive(forge, IKE_NOTIFY_R_U_THERE, number);
}

void forge_ack(struct forge *forge, uint32_t number)
{
	add_keepalive(forge, IKE_NOTIFY_R_U_THERE_ACK, number);
}

static void add_notify(struct forge *forge, uint16_t type, struct octets data)
{
	uint8_t room[64], spi[2 * IKE_COOKIE_LENGTH];
	struct ike_notify notify = {
	    .doi = IKE_DOI_IPSEC,
	    .protocol = IKE_PROTOCOL_ISAKMP,
	    .type = type,
	    .data = data,
	};
	struct wire_writer writer;

	memcpy(spi, forge->named_cky_i, IKE_COOKIE_LENGTH);
	memcpy(spi + IKE_COOKIE_LENGTH, forge->named_cky_r, IKE_COOKIE_LENGTH);
	notify.spi = octets_of(spi, sizeof(spi));
	wire_write_to(&writer, room, sizeof(room));
	ike_notify_write(&writer, &notify);
	add_body(forge, IKE_PAYLOAD_NOTIFY, &writer);
}

void forge_notify(struct forge *forge, uint16_t type)
{
	add_notify(forge, type, octets_of(NULL, 0));
}

void forge_responder_lifetime(struct forge *forge, uint32_t seconds)
{
	uint8_t room[16];
	struct wire_writer writer;

	wire_write_to(&writer, room, sizeof(room));
	wire_write_u16(&writer, 0x8000 | IKE_ATTRIBUTE_LIFE_TYPE);
	wire_write_u16(&writer, IKE_LIFE_TYPE_SECONDS);
	wire_write_u16(&writer, IKE_ATTRIBUTE_LIFE_DURATION);
	wire_write_u16(&writer, 4);
	wire_write_u32(&writer, seconds);
	add_notify(forge, IKE_NOTIFY_RESPONDER_LIFETIME, wire_written(&writer));
}

void forge_delete(struct forge *forge)
{
	uint8_t room[64];
	struct wire_writer writer;

	wire_write_to(&writer, room, sizeof(room));
	ike_delete_write_isakmp(&writer, forge->named_cky_i, forge->named_cky_r);
	add_body(forge, IKE_PAYLOAD_DELETE, &writer);
}

void forge_raw(struct forge *forge, uint8_t first, struct octets payloads)
{
	ck_assert(payloads.length <= sizeof(forge->raw));
	forge->raw_type = first;
	forge->raw_length = payloads.length;
	memcpy(forge->raw, payloads.data, payloads.length);
}

void forge_raw_hex(struct forge *forge, uint8_t first, const char *hex)
{
	forge->raw_type = first;
	forge->raw_length = unit_hex(hex, forge->raw, sizeof(forge->raw));
}

static void add_hex(struct forge *forge, uint8_t type, const char *hex)
{
	uint8_t room[64];
	struct wire_writer writer;

	wire_write_to(&writer, room, sizeof(room));
	writer.length = unit_hex(hex, room, sizeof(room));
	add_body(forge, type, &writer);
}

void forge_quick_mode(struct forge *forge)
{
	forge->exchange = IKE_EXCHANGE_QUICK_MODE;
	add_hex(forge, IKE_PAYLOAD_SA,
		"00000001 00000001 00000024 01 03 04 01 c0ffee01"
		"00000018 01 0c 0000 80040001 80050002 80060080 80010001");
	add_hex(forge, IKE_PAYLOAD_NONCE, "000102030405060708090a0b0c0d0e0f");
	add_hex(forge, IKE_PAYLOAD_ID, "04 00 0000 0a000100 ffffff00");
	add_hex(forge, IKE_PAYLOAD_ID, "04 00 0000 0a000200 ffffff00");
}

static size_t build(struct forge *forge, bool protect, uint8_t *out, size_t room)
{
	struct ike_header header = {
	    .version = 0x10,
	    .exchange = forge->exchange,
	    .message_id = forge->message_id,
	};
	uint8_t hash[HASH_MAX_LENGTH] = {0}, iv[CIPHER_MAX_BLOCK];
	struct crypto *crypto = protect ? crypto_new() : NULL;
	struct wire_writer writer;
	struct ike_chain chain;
	size_t rest;

	memcpy(header.cky_i, forge->cky_i, IKE_COOKIE_LENGTH);
	memcpy(header.cky_r, forge->cky_r, IKE_COOKIE_LENGTH);
	wire_write_to(&writer, out, room);
	ike_header_write(&writer, &header);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	if (protect && !forge->bare)
		ike_payload_write(&chain, IKE_PAYLOAD_HASH,
				  octets_of(hash, forge->keys.skeyid_length));
	rest = writer.length;
	if (forge->raw_length > 0) {
		wire_patch_u8(&writer, chain.next_payload_at, forge->raw_type);
		wire_write_octets(&writer, octets_of(forge->raw, forge->raw_length));
	}
	for (size_t i = 0; i < forge->bodies; i++)
		ike_payload_write(&chain, forge->body[i].type,
				  octets_of(forge->body[i].data, forge->body[i].length));
	ike_header_finish(&writer);
	if (protect) {
		size_t covered = forge->covered > 0 ? forge->covered : writer.length - rest;

		protect_hash_1(crypto, forge->keys.hash, forge->keys.skeyid_a, forge->message_id,
			       octets_of(out + rest, covered), hash);
		if (!forge->bare)
			wire_patch_octets(&writer, rest - forge->keys.skeyid_length,
					  octets_of(hash, forge->keys.skeyid_length));
		protect_iv_message(crypto, forge->keys.hash, forge->keys.cipher, forge->last_block,
				   forge->message_id, iv);
		ck_assert(
		    protect_encrypt(crypto, forge->keys.cipher, forge->keys.key, iv, &writer));
	}
	ck_assert(!writer.failed);
	crypto_free(crypto);
	forge->length = writer.length;
	return writer.length;
}

size_t forge_clear(struct forge *forge, uint8_t *out, size_t room)
{
	return build(forge, false, out, room);
}

size_t forge_protected(struct forge *forge, uint8_t *out, size_t room)
{
	return build(forge, true, out, room);
}

enum ike_verdict forge_inject_clear(struct forge *forge, struct duo *duo, enum duo_node to)
{
	uint8_t message[IKE_DATAGRAM_MAX];
	size_t length = build(forge, false, message, sizeof(message));

	forge->bodies = 0;
	return duo_inject(duo, to, message, length);
}

enum ike_verdict forge_inject(struct forge *forge, struct duo *duo, enum duo_node to)
{
	uint8_t message[IKE_DATAGRAM_MAX];
	size_t length = build(forge, true, message, sizeof(message));

	return duo_inject(duo, to, message, length);
}

bool forge_lose_all(struct duo *duo, struct duo_datagram *datagram)
{
	(void)duo;
	(void)datagram;
	return false;
}
