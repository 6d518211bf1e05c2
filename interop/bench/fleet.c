/* SPDX-License-Identifier: ISC */
#include "interop/bench/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/secret.h"
#include "ike/exchange.h"
#include "ike/protect.h"
#include "keepalive/message.h"

#define LIFETIME 604800u /* seconds: none is renewed while it is measured */

struct fleet {
	struct crypto *crypto;
	struct ike_proposal proposal;
	uint32_t seed;
};

struct fleet *fleet_new(uint32_t seed)
{
	struct fleet *fleet = calloc(1, sizeof(*fleet));

	if (fleet == NULL)
		return NULL;
	fleet->seed = seed;
	fleet->crypto = crypto_new();
	if (fleet->crypto == NULL || !ike_proposal_parse(FLEET_PROPOSAL, &fleet->proposal)) {
		fleet_free(fleet);
		return NULL;
	}
	return fleet;
}

void fleet_free(struct fleet *fleet)
{
	if (fleet == NULL)
		return;
	crypto_free(fleet->crypto);
	free(fleet);
}

/* ---- who ----------------------------------------------------------------------------------------------------------- */

/* 127.0.0.1 is the gateway's, so members begin at 127.1.0.1; at most 254 * 65536 of them. */
struct ike_address fleet_address(uint32_t index, uint16_t port)
{
	struct ike_address address = {.family = IKE_FAMILY_IPV4, .port = port};
	uint32_t host = 0x7f010001u + index;

	for (int i = 0; i < 4; i++)
		address.octets[i] = (uint8_t)(host >> (24 - 8 * i));
	return address;
}

/* SHA2-512 over the seed, the member and a number: as many octets as are wanted. */
static void derive(const struct fleet *fleet, uint32_t index, uint8_t number,
		   uint8_t out[HASH_MAX_LENGTH])
{
	uint8_t input[9];
	struct octets part = octets_of(input, sizeof(input));
	struct wire_writer writer;

	wire_write_to(&writer, input, sizeof(input));
	wire_write_u32(&writer, fleet->seed);
	wire_write_u32(&writer, index);
	wire_write_u8(&writer, number);
	hash_octets(fleet->crypto, HASH_SHA2_512, &part, 1, out);
}

void fleet_keys(const struct fleet *fleet, uint32_t index, struct fleet_keys *keys)
{
	uint8_t material[2 * HASH_MAX_LENGTH];
	const uint8_t *at = material;
	const struct {
		uint8_t *to;
		size_t length;
	} parts[] = {
	    {keys->cky_i, IKE_COOKIE_LENGTH},
	    {keys->cky_r, IKE_COOKIE_LENGTH},
	    {keys->keys.key, 16},
	    {keys->keys.skeyid_a, 20},
	    {keys->keys.skeyid_d, 20},
	    {keys->keys.last_block, 16},
	};

	derive(fleet, index, 0, material);
	derive(fleet, index, 1, material + HASH_MAX_LENGTH);
	memset(keys, 0, sizeof(*keys));
	keys->keys.cipher = CIPHER_AES_128;
	keys->keys.hash = HASH_SHA1;
	keys->keys.key_length = 16;
	keys->keys.skeyid_length = 20;
	keys->keys.established = true;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		memcpy(parts[i].to, at, parts[i].length);
		at += parts[i].length;
	}
}

static void name_member(uint32_t index, struct ike_identity *identity)
{
	identity->type = IKE_ID_FQDN;
	identity->length = (uint16_t)snprintf((char *)identity->data, IKE_IDENTITY_MAX,
					      "member%07u.example", index);
}

static void fill(const struct fleet *fleet, uint32_t index, struct ike_import *import)
{
	struct fleet_keys keys;

	fleet_keys(fleet, index, &keys);
	import->initiator = import->aggressive = false;
	import->supported = true;
	import->authentication = IKE_AUTHENTICATION_PSK;
	import->proposal = fleet->proposal;
	memcpy(import->cky_i, keys.cky_i, IKE_COOKIE_LENGTH);
	memcpy(import->cky_r, keys.cky_r, IKE_COOKIE_LENGTH);
	import->keys = keys.keys;
	import->lifetime = LIFETIME;
}

void fleet_import(const struct fleet *fleet, uint32_t index, uint16_t port,
		  struct ike_import *import)
{
	fill(fleet, index, import);
	import->remote = fleet_address(index, port);
	import->local = (struct ike_address){.family = IKE_FAMILY_NONE};
	import->local_identity.type = 0;
	name_member(index, &import->remote_identity);
}

void fleet_import_member(const struct fleet *fleet, uint32_t index, uint16_t port, uint16_t own,
			 struct ike_import *import)
{
	static const char gateway[] = "gateway.example";

	fill(fleet, index, import);
	import->local = fleet_address(index, own);
	import->remote =
	    (struct ike_address){.octets = {127, 0, 0, 1}, .port = port, .family = IKE_FAMILY_IPV4};
	name_member(index, &import->local_identity);
	import->remote_identity.type = IKE_ID_FQDN;
	import->remote_identity.length = sizeof(gateway) - 1;
	memcpy(import->remote_identity.data, gateway, sizeof(gateway) - 1);
}

/* ---- what is said -------------------------------------------------------------------------------------------------- */

size_t fleet_write(const struct fleet *fleet, const struct fleet_keys *keys, uint16_t type,
		   uint32_t message_id, uint32_t number, uint8_t *out, size_t room)
{
	const struct ike_keys *k = &keys->keys;
	struct ike_header header = {
	    .version = 0x10, .exchange = IKE_EXCHANGE_INFORMATIONAL, .message_id = message_id};
	uint8_t hash_1[HASH_MAX_LENGTH] = {0}, iv[CIPHER_MAX_BLOCK], body[KEEPALIVE_BODY_LENGTH];
	struct wire_writer writer;
	struct ike_chain chain;
	size_t rest_at;

	memcpy(header.cky_i, keys->cky_i, IKE_COOKIE_LENGTH);
	memcpy(header.cky_r, keys->cky_r, IKE_COOKIE_LENGTH);
	keepalive_message_build(type, keys->cky_i, keys->cky_r, number, body);
	wire_write_to(&writer, out, room);
	ike_header_write(&writer, &header);
	ike_chain_begin(&chain, &writer, IKE_HEADER_NEXT_PAYLOAD_AT);
	ike_payload_write(&chain, IKE_PAYLOAD_HASH, octets_of(hash_1, k->skeyid_length));
	rest_at = writer.length;
	ike_payload_write(&chain, IKE_PAYLOAD_NOTIFY, octets_of(body, sizeof(body)));
	if (writer.failed)
		return 0;
	protect_hash_1(fleet->crypto, k->hash, k->skeyid_a, message_id,
		       octets_of(out + rest_at, writer.length - rest_at), hash_1);
	wire_patch_octets(&writer, rest_at - k->skeyid_length, octets_of(hash_1, k->skeyid_length));
	protect_iv_message(fleet->crypto, k->hash, k->cipher, k->last_block, message_id, iv);
	if (!protect_encrypt(fleet->crypto, k->cipher, k->key, iv, &writer))
		return 0;
	return writer.length;
}

/* HASH(1) of a message that is in the clear again. */
static bool hash_is_good(const struct fleet *fleet, const struct ike_keys *keys,
			 const struct ike_message *message)
{
	struct octets chain = ike_payloads_chain(message);
	size_t hash_payload = message->payload[0].whole.length;
	uint8_t hash_1[HASH_MAX_LENGTH];

	protect_hash_1(fleet->crypto, keys->hash, keys->skeyid_a, message->header.message_id,
		       octets_of(chain.data + hash_payload, chain.length - hash_payload), hash_1);
	return secret_equal(octets_of(hash_1, keys->skeyid_length), message->payload[0].body);
}

bool fleet_read(const struct fleet *fleet, const struct fleet_keys *keys, uint16_t type,
		struct octets datagram, uint32_t *number)
{
	const struct ike_keys *k = &keys->keys;
	uint8_t iv[CIPHER_MAX_BLOCK], next[CIPHER_MAX_BLOCK], plain[512];
	struct keepalive_message said;
	const struct ike_payload *notify;
	struct ike_message message;

	if (datagram.length > sizeof(plain) ||
	    ike_header_parse(datagram, &message.header) != IKE_ACCEPTED ||
	    memcmp(message.header.cky_i, keys->cky_i, IKE_COOKIE_LENGTH) != 0 ||
	    memcmp(message.header.cky_r, keys->cky_r, IKE_COOKIE_LENGTH) != 0 ||
	    message.header.exchange != IKE_EXCHANGE_INFORMATIONAL ||
	    (message.header.flags & IKE_FLAG_ENCRYPTION) == 0)
		return false;
	protect_iv_message(fleet->crypto, k->hash, k->cipher, k->last_block,
			   message.header.message_id, iv);
	if (protect_decrypt(fleet->crypto, k->cipher, k->key, iv, datagram, plain, next) !=
		IKE_ACCEPTED ||
	    ike_payloads_parse(
		octets_of(plain + IKE_HEADER_LENGTH, datagram.length - IKE_HEADER_LENGTH), true,
		cipher_block_length(k->cipher), &message) != IKE_ACCEPTED ||
	    ike_message_check(IKE_INFO_PROTECTED, &message) != IKE_ACCEPTED ||
	    !hash_is_good(fleet, k, &message))
		return false;
	notify = ike_payload_find(&message, IKE_PAYLOAD_NOTIFY);
	if (notify == NULL ||
	    keepalive_message_parse(notify->body, type, keys->cky_i, keys->cky_r, KEEPALIVE_STRICT,
				    &said) != IKE_ACCEPTED ||
	    said.type != type)
		return false;
	*number = said.number;
	return true;
}

void fleet_bare_exchange(const struct fleet *fleet, const struct fleet_keys *keys,
			 uint32_t message_id, uint8_t message[FLEET_MESSAGE])
{
	const size_t rest_at = IKE_HEADER_LENGTH + IKE_GENERIC_LENGTH + keys->keys.skeyid_length;
	const struct octets rest =
	    octets_of(message + rest_at, IKE_GENERIC_LENGTH + KEEPALIVE_BODY_LENGTH);
	const struct ike_keys *k = &keys->keys;
	uint8_t iv[CIPHER_MAX_BLOCK], hash_1[HASH_MAX_LENGTH];

	for (int way = 0; way < 2; way++) {
		protect_iv_message(fleet->crypto, k->hash, k->cipher, k->last_block,
				   message_id + (uint32_t)way, iv);
		if (way == 0)
			cbc_decrypt(fleet->crypto, k->cipher, k->key, iv,
				    message + IKE_HEADER_LENGTH, FLEET_MESSAGE - IKE_HEADER_LENGTH);
		protect_hash_1(fleet->crypto, k->hash, k->skeyid_a, message_id + (uint32_t)way,
			       rest, hash_1);
		if (way == 1)
			cbc_encrypt(fleet->crypto, k->cipher, k->key, iv,
				    message + IKE_HEADER_LENGTH, FLEET_MESSAGE - IKE_HEADER_LENGTH);
	}
}
