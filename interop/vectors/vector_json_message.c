/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/vectors/vector_json.h"

/* ---- payloads ------------------------------------------------------------------------------------------------------ */

static json_t *json_notify(const struct ike_notify *notify)
{
	json_t *object =
	    json_pack("{s:i, s:i, s:o, s:o, s:o}", "doi", (int)notify->doi, "protocol",
		      (int)notify->protocol, "spi", vector_json_octets(notify->spi), "type",
		      vector_json_number(notify->type, ike_notify_name(notify->type)), "data",
		      vector_json_octets(notify->data));
	struct wire_reader reader;

	if ((notify->type == IKE_NOTIFY_R_U_THERE || notify->type == IKE_NOTIFY_R_U_THERE_ACK) &&
	    notify->data.length == 4) {
		wire_read_from(&reader, notify->data);
		json_object_set_new(object, "sequence", json_integer(wire_read_u32(&reader)));
	}
	return object;
}

static json_t *json_spis(const struct ike_delete *delete)
{
	json_t *spis = json_array();

	for (size_t i = 0; i < delete->count; i++)
		json_array_append_new(
		    spis, vector_json_octets(octets_of(delete->spis.data + i * delete->spi_length,
						       delete->spi_length)));
	return json_pack("{s:i, s:i, s:o}", "doi", (int)delete->doi, "protocol",
			 (int)delete->protocol, "spis", spis);
}

static json_t *json_payload(const struct ike_payload *payload)
{
	json_t *object =
	    json_pack("{s:o, s:o}", "type",
		      vector_json_number(payload->type, ike_payload_name(payload->type)), "body",
		      vector_json_octets(payload->body));
	struct ike_notify notify;
	struct ike_delete delete;

	if (payload->type == IKE_PAYLOAD_NOTIFY &&
	    ike_notify_parse(payload->body, &notify) == IKE_ACCEPTED)
		json_object_set_new(object, "notify", json_notify(&notify));
	if (payload->type == IKE_PAYLOAD_DELETE &&
	    ike_delete_parse(payload->body, &delete) == IKE_ACCEPTED)
		json_object_set_new(object, "delete", json_spis(&delete));
	return object;
}

static json_t *json_payloads(const struct vector_message *message)
{
	json_t *array = json_array();

	struct vector_walk walk;
	struct ike_payload payload;

	vector_walk_begin(&walk, message);
	while (message->readable && vector_walk_next(&walk, &payload))
		json_array_append_new(array, json_payload(&payload));
	return array;
}

/* ---- protection ---------------------------------------------------------------------------------------------------- */

static json_t *json_protection(const struct vector_message *message)
{
	static const char *const from[] = {
	    [VECTOR_IV_INITIAL] = "initial",
	    [VECTOR_IV_PREVIOUS] = "previous",
	    [VECTOR_IV_MESSAGE_ID] = "message-id",
	    [VECTOR_IV_WRONG] = "wrong",
	};
	size_t length = message->length - IKE_HEADER_LENGTH;

	if (!message->decrypted)
		return json_null();
	return json_pack("{s:o, s:s, s:o, s:i, s:o, s:o}", "iv",
			 vector_json_octets(octets_of(message->iv, message->block)), "iv_from",
			 from[message->iv_from], "plaintext",
			 vector_json_octets(octets_of(message->plain + IKE_HEADER_LENGTH, length)),
			 "padding", (int)message->padding, "ciphertext",
			 vector_json_octets(octets_of(message->wire + IKE_HEADER_LENGTH, length)),
			 "last_block",
			 vector_json_octets(octets_of(message->last_block, message->block)));
}

/* ---- hashes and signatures ----------------------------------------------------------------------------------------- */

static json_t *json_input(const struct vector_input *input)
{
	return json_pack("{s:s, s:o}", "name", input->name, "value",
			 vector_json_octets(input->octets));
}

static const char *hash_name(enum hash_algorithm algorithm, bool hmac)
{
	static const char *const names[HASH_ALGORITHMS] = {
	    [HASH_MD5] = "hmac-md5",         [HASH_SHA1] = "hmac-sha1",
	    [HASH_SHA2_256] = "hmac-sha256", [HASH_SHA2_384] = "hmac-sha384",
	    [HASH_SHA2_512] = "hmac-sha512",
	};

	return names[algorithm] + (hmac ? 0 : strlen("hmac-"));
}

static json_t *json_hash(const struct vector_hash *hash)
{
	json_t *inputs = json_array();

	for (size_t i = 0; i < hash->inputs; i++)
		json_array_append_new(inputs, json_input(&hash->input[i]));
	return json_pack(
	    "{s:s, s:s, s:o, s:o, s:o, s:o, s:b}", "kind", hash->kind, "algorithm",
	    hash_name(hash->algorithm, hash->key.name != NULL), "key",
	    hash->key.name != NULL ? json_input(&hash->key) : json_null(), "input", inputs, "value",
	    vector_json_octets(octets_of(hash->value, hash_length(hash->algorithm))), "payload",
	    hash->payload != SIZE_MAX ? json_integer((json_int_t)hash->payload) : json_null(),
	    "holds", hash->holds);
}

static json_t *json_hashes(const struct vector_message *message)
{
	json_t *array = json_array();

	for (size_t i = 0; i < message->hashes; i++)
		json_array_append_new(array, json_hash(&message->hash[i]));
	return array;
}

/* PKCS #1 v1.5's block of the bare hash, as long as the modulus (RFC 2409 section 5.1). */
static json_t *json_signature(const struct vector_message *message)
{
	const struct vector_hash *hash = &message->hash[0];
	size_t length = hash_length(hash->algorithm), whole;
	uint8_t encoded[SIGNATURE_MAX_LENGTH];
	struct octets value;

	if (!message->is_signed || message->hashes == 0)
		return json_null();
	value = message->message.payload[message->signature_at].body;
	whole = value.length;
	memset(encoded, 0xff, whole);
	encoded[0] = 0;
	encoded[1] = 1;
	encoded[whole - length - 1] = 0;
	memcpy(encoded + whole - length, hash->value, length);
	return json_pack("{s:s, s:o, s:o, s:o, s:i}", "signer", vector_party_name(message->from),
			 "signed", vector_json_octets(octets_of(hash->value, length)), "encoded",
			 vector_json_octets(octets_of(encoded, whole)), "value",
			 vector_json_octets(value), "payload", (int)message->signature_at);
}

/* ---- a message ----------------------------------------------------------------------------------------------------- */

static json_t *json_frames(const struct vector_message *message)
{
	json_t *array = json_array();

	for (size_t i = 0; i < message->parts; i++)
		json_array_append_new(array, json_integer((json_int_t)message->part[i] + 1));
	return array;
}

static void add_content(json_t *object, const struct vector_message *message)
{
	json_object_set_new(object, "wire",
			    vector_json_octets(octets_of(message->wire, message->length)));
	json_object_set_new(object, "protection", json_protection(message));
	json_object_set_new(object, "readable", json_boolean(message->readable));
	json_object_set_new(object, "payloads", json_payloads(message));
	json_object_set_new(object, "hashes", json_hashes(message));
	json_object_set_new(object, "signature", json_signature(message));
}

json_t *vector_json_message(const struct vector_trace *trace, const struct vector_message *message)
{
	const struct vector_datagram *datagram = &trace->world->datagram[message->part[0]];
	const struct ike_header *header = &message->message.header;
	bool keyed = message->sa != NULL && message->sa->keyed;
	json_t *object = json_pack("{s:i}", "number", (int)message->number);

	if (object == NULL)
		return NULL;
	if (message->name != NULL)
		json_object_set_new(object, "name", json_string(message->name));
	json_object_set_new(object, "time_us", json_integer((json_int_t)datagram->at));
	json_object_set_new(object, "from", json_string(vector_party_name(message->from)));
	json_object_set_new(object, "to",
			    json_string(vector_party_name(vector_other(message->from))));
	json_object_set_new(object, "source", vector_json_endpoint(&datagram->source));
	json_object_set_new(object, "destination", vector_json_endpoint(&datagram->destination));
	json_object_set_new(object, "frames", json_frames(message));
	json_object_set_new(object, "sa", keyed ? json_integer(message->sa->number) : json_null());
	json_object_set_new(object, "cky_i",
			    vector_json_octets(octets_of(header->cky_i, IKE_COOKIE_LENGTH)));
	json_object_set_new(object, "cky_r",
			    vector_json_octets(octets_of(header->cky_r, IKE_COOKIE_LENGTH)));
	json_object_set_new(
	    object, "exchange",
	    vector_json_number(header->exchange, ike_exchange_name(header->exchange)));
	json_object_set_new(object, "flags", json_integer(header->flags));
	json_object_set_new(object, "message_id", vector_json_u32(header->message_id));
	add_content(object, message);
	return object;
}
