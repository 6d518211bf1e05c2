/* SPDX-License-Identifier: ISC */
#include "interop/conform/result_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ike/describe.h"
#include "ike/vendor_id.h"
#include "interop/decode/field.h"

#define VENDOR_IDS_MOST 64 /* of one device: more are noise */

/* ---- octets and text ----------------------------------------------------------------------------------------------- */

static json_t *hex(const uint8_t *octets, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	char *text = malloc(2 * length + 1);
	json_t *string;

	if (text == NULL)
		return NULL;
	for (size_t i = 0; i < length; i++) {
		text[2 * i] = digits[octets[i] >> 4];
		text[2 * i + 1] = digits[octets[i] & 15];
	}
	string = json_stringn_nocheck(text, 2 * length);
	free(text);
	return string;
}

/* What comes from a peer may be anything; JSON is UTF-8. */
static json_t *printable(const char *text)
{
	char *copy = strdup(text);
	json_t *string;

	if (copy == NULL)
		return NULL;
	for (char *c = copy; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	string = json_string(copy);
	free(copy);
	return string;
}

/* Takes the value.  False where that, or the memory for its place, is missing. */
static bool put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) == 0;
}

static double seconds(ike_time span)
{
	return (double)span / 1e6;
}

/* ---- messages ------------------------------------------------------------------------------------------------------ */

const char *result_json_line(const struct seen *seen, char text[RESULT_JSON_LINE])
{
	const struct opened *opened = seen->opened;
	const char *name = ike_exchange_name(opened->message.header.exchange);

	if (opened->readable)
		(void)ike_describe_line(&opened->message, text, RESULT_JSON_LINE);
	else if (opened->encrypted && opened->verdict == IKE_ACCEPTED)
		snprintf(text, RESULT_JSON_LINE, "%s* %08x [ encrypted, %zu octets ]",
			 name != NULL ? name : "?", opened->message.header.message_id,
			 seen->length);
	else
		snprintf(text, RESULT_JSON_LINE, "%zu octets: %s (%s)", seen->length,
			 ike_verdict_sentence(opened->verdict),
			 ike_verdict_section(opened->verdict));
	for (char *c = text; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return text;
}

static bool put_address(json_t *message, const char *key, const struct ike_address *address)
{
	char text[IKE_ADDRESS_TEXT];

	ike_address_text(address, text, sizeof(text));
	return put(message, key, json_string(text));
}

static bool put_opened(json_t *message, const struct opened *opened)
{
	bool good = true;

	if (opened->encrypted && opened->readable && opened->plain_length > 0)
		good = put(message, "plain", hex(opened->plain, opened->plain_length));
	if (good && opened->hash != MESSAGE_HASH_ABSENT)
		good = put(message, "hash",
			   json_string(opened->hash == MESSAGE_HASH_HOLDS ? "holds" : "fails"));
	return good;
}

static json_t *field_of(const struct field *field)
{
	json_t *object = json_object();

	if (object != NULL && put(object, "offset", json_integer((json_int_t)field->offset)) &&
	    put(object, "length", json_integer((json_int_t)field->length)) &&
	    put(object, "depth", json_integer(field->depth)) &&
	    put(object, "name", json_string(field->name)) &&
	    put(object, "value", printable(field->value)) &&
	    (field->section[0] == '\0' || put(object, "section", json_string(field->section))) &&
	    (!field->wrong || put(object, "wrong", json_true())))
		return object;
	json_decref(object);
	return NULL;
}

/* The message octet by octet, in the clear where that is known. */
static bool put_fields(json_t *message, const struct seen *seen)
{
	const struct opened *opened = seen->opened;
	bool twin = opened->encrypted && opened->readable && opened->plain_length > 0;
	struct field_list list = {.field = NULL};
	json_t *fields = json_array();
	bool good = fields != NULL &&
		    field_list_fill(&list, twin ? octets_of(opened->plain, opened->plain_length)
						: octets_of(seen->wire, seen->length));

	for (size_t i = 0; good && i < list.fields; i++)
		good = json_array_append_new(fields, field_of(&list.field[i])) == 0;
	field_list_free(&list);
	return put(message, "fields", fields) && good;
}

static json_t *message_of(const struct seen *seen, ike_time began, bool decides)
{
	json_t *message = json_object();
	char line[RESULT_JSON_LINE];
	ike_time at = seen->at > began ? seen->at - began : 0;

	if (message != NULL && put(message, "at", json_real(seconds(at))) &&
	    put(message, "from", json_string(seen->from == TRIAL_TESTER ? "tester" : "device")) &&
	    put_address(message, "source", &seen->source) &&
	    put_address(message, "destination", &seen->destination) &&
	    (!seen->lost || put(message, "lost", json_true())) &&
	    put(message, "wire", hex(seen->wire, seen->length)) &&
	    put_opened(message, seen->opened) &&
	    put(message, "line", json_string(result_json_line(seen, line))) &&
	    (!decides || put_fields(message, seen)))
		return message;
	json_decref(message);
	return NULL;
}

static bool put_messages(json_t *object, const struct conform_result *result)
{
	json_t *messages = json_array();
	const struct seen *seen = NULL;
	bool good = messages != NULL;

	for (size_t i = 0; good && result->trial != NULL; i++) {
		seen = trial_seen(result->trial, i);
		if (seen == NULL)
			break;
		good = json_array_append_new(
			   messages, message_of(seen, result->began, i == result->deciding)) == 0;
	}
	if (good && result->trial != NULL && trial_seen(result->trial, result->deciding) != NULL)
		good = put(object, "deciding", json_integer((json_int_t)result->deciding));
	return put(object, "messages", messages) && good;
}

/* ---- keys ---------------------------------------------------------------------------------------------------------- */

static json_t *sa_of(const struct trial_sa *sa)
{
	static const char *const ciphers[CIPHER_ALGORITHMS] = {"3des", "aes128", "aes192",
							       "aes256"};
	static const char *const hashes[HASH_ALGORITHMS] = {"md5", "sha1", "sha256", "sha384",
							    "sha512"};
	const struct ike_keys *keys = &sa->keys;
	json_t *object = json_object();

	if (object != NULL && put(object, "cky_i", hex(sa->cky_i, IKE_COOKIE_LENGTH)) &&
	    put(object, "cky_r", hex(sa->cky_r, IKE_COOKIE_LENGTH)) &&
	    put(object, "cipher", json_string(ciphers[keys->cipher])) &&
	    put(object, "hash", json_string(hashes[keys->hash])) &&
	    put(object, "key", hex(keys->key, keys->key_length)) &&
	    put(object, "skeyid_a", hex(keys->skeyid_a, keys->skeyid_length)) &&
	    (!keys->established ||
	     put(object, "last_block", hex(keys->last_block, cipher_block_length(keys->cipher)))))
		return object;
	json_decref(object);
	return NULL;
}

static bool put_keys(json_t *object, const struct conform_result *result)
{
	json_t *keys = json_array();
	const struct trial_sa *sa;
	bool good = keys != NULL;

	for (size_t i = 0; good && result->trial != NULL; i++) {
		sa = trial_sa_at(result->trial, i);
		if (sa == NULL)
			break;
		if (sa->keys.key_length > 0)
			good = json_array_append_new(keys, sa_of(sa)) == 0;
	}
	return put(object, "keys", keys) && good;
}

/* ---- the case ------------------------------------------------------------------------------------------------------ */

static bool put_case(json_t *object, const struct conform_case *of)
{
	return put(object, "id", json_string(of->id)) &&
	       put(object, "version", json_integer(of->version)) &&
	       put(object, "title", json_string(of->title)) &&
	       put(object, "level", json_string(conform_level_name(of->level))) &&
	       put(object, "role", json_string(conform_role_name(of->role))) &&
	       put(object, "section", json_string(of->section)) &&
	       put(object, "requirement", json_string(of->requirement)) &&
	       put(object, "expected", json_string(of->expected));
}

json_t *result_json_case(const struct conform_case *of)
{
	json_t *object = json_object();

	if (object != NULL && put_case(object, of))
		return object;
	json_decref(object);
	return NULL;
}

static bool put_profile(json_t *object, const struct conform_result *result)
{
	json_t *profile;

	if (result->reason == NULL)
		return true;
	profile = json_object();
	if (profile != NULL &&
	    put(profile, "verdict", json_string(conform_verdict_name(result->promised))) &&
	    put(profile, "found", json_string(conform_verdict_name(result->found))) &&
	    put(profile, "reason", json_string(result->reason)))
		return put(object, "profile", profile);
	json_decref(profile);
	return false;
}

json_t *result_json(const struct conform_result *result, const char *command)
{
	json_t *object = json_object();

	if (object != NULL && put_case(object, result->of) &&
	    put(object, "verdict", json_string(conform_verdict_name(result->verdict))) &&
	    put(object, "observed", printable(result->observed)) &&
	    (result->value[0] == '\0' || put(object, "value", printable(result->value))) &&
	    put_profile(object, result) &&
	    put(object, "seconds", json_real(seconds(result->took))) &&
	    put_messages(object, result) && put_keys(object, result) &&
	    put(object, "command", json_string(command)))
		return object;
	json_decref(object);
	return NULL;
}

/* ---- vendor IDs ---------------------------------------------------------------------------------------------------- */

static bool has(const json_t *array, const json_t *value)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(array, i, entry)
	{
		if (json_equal(entry, value))
			return true;
	}
	return false;
}

static bool add_vendor_id(json_t *array, struct octets vendor_id)
{
	const char *name = ike_vendor_id_name(vendor_id);
	json_t *value = name != NULL ? json_string(name) : hex(vendor_id.data, vendor_id.length);
	bool good = value != NULL;

	if (good && !has(array, value) && json_array_size(array) < VENDOR_IDS_MOST)
		good = json_array_append(array, value) == 0;
	json_decref(value);
	return good;
}

bool result_json_vendor_ids(const struct conform_result *result, json_t *array)
{
	const struct seen *seen;
	bool good = true;

	for (size_t i = 0; result->trial != NULL && (seen = trial_seen(result->trial, i)) != NULL;
	     i++) {
		const struct ike_message *message = &seen->opened->message;
		const struct ike_payload *payload = NULL;

		if (seen->from == TRIAL_DEVICE && seen->opened->readable &&
		    ike_exchange_is_phase_1(message->header.exchange))
			payload = ike_payload_find(message, IKE_PAYLOAD_VENDOR_ID);
		for (; good && payload != NULL; payload = ike_payload_next(message, payload))
			good = add_vendor_id(array, payload->body);
	}
	return good;
}
