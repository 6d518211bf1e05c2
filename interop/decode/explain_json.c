/* SPDX-License-Identifier: ISC */
#include "interop/decode/explain_json.h"

#include <stdlib.h>
#include <string.h>

#include "ike/text.h"
#include "interop/decode/explain.h"

static json_t *hex_of(struct octets octets)
{
	size_t room = 2 * octets.length + 1;
	char *hex = malloc(room);
	struct text text;
	json_t *string;

	if (hex == NULL)
		return NULL;
	text_to(&text, hex, room);
	text_add_hex(&text, octets);
	string = json_string(hex);
	free(hex);
	return string;
}

static json_t *address_of(const struct ike_address *address)
{
	struct ike_address host = *address;
	char text[IKE_ADDRESS_TEXT];

	host.port = 0;
	(void)ike_address_text(&host, text, sizeof(text));
	return json_pack("{s:s, s:i}", "address", text, "port", (int)address->port);
}

static json_t *fields_of(const struct told *told)
{
	json_t *array = json_array();
	struct field_list list;
	struct octets octets;

	if (!told_fields(told, &list, &octets)) {
		field_list_free(&list);
		json_decref(array);
		return NULL;
	}
	for (size_t i = 0; i < list.fields; i++) {
		const struct field *field = &list.field[i];

		json_array_append_new(array, json_pack("{s:I, s:I, s:i, s:s, s:s, s:s, s:b}",
						       "offset", (json_int_t)field->offset,
						       "length", (json_int_t)field->length, "depth",
						       (int)field->depth, "name", field->name,
						       "section", field->section, "value",
						       field->value, "wrong", (int)field->wrong));
	}
	field_list_free(&list);
	return array;
}

static json_t *anomalies_of(const struct told *told)
{
	json_t *array = json_array();

	for (size_t i = 0; i < told->anomalies; i++)
		json_array_append_new(
		    array, json_pack("{s:s, s:s, s:s, s:s}", "verdict",
				     ike_verdict_name(told->anomaly[i].verdict), "sentence",
				     ike_verdict_sentence(told->anomaly[i].verdict), "section",
				     ike_verdict_section(told->anomaly[i].verdict), "detail",
				     told->anomaly[i].detail));
	return array;
}

static void set_if(json_t *object, const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0')
		json_object_set_new(object, name, json_string(text));
}

static void set_header(json_t *object, const struct told *told)
{
	const struct ike_header *header = &told->message.header;
	char id[16];

	snprintf(id, sizeof(id), "%08x", header->message_id);
	json_object_set_new(object, "cky_i", hex_of(octets_of(header->cky_i, IKE_COOKIE_LENGTH)));
	json_object_set_new(object, "cky_r", hex_of(octets_of(header->cky_r, IKE_COOKIE_LENGTH)));
	json_object_set_new(object, "version", json_integer(header->version));
	json_object_set_new(object, "exchange", json_integer(header->exchange));
	json_object_set_new(object, "flags", json_integer(header->flags));
	json_object_set_new(object, "message_id", json_string(id));
	json_object_set_new(object, "length", json_integer(header->length));
}

static void set_message(json_t *object, const struct told *told)
{
	static const char *const from[] = {"unknown", "initiator", "responder"};
	static const char *const hash[] = {"", "verified", "wrong"};
	bool encrypted = (told->message.header.flags & IKE_FLAG_ENCRYPTION) != 0;

	if (told->wire.length >= IKE_HEADER_LENGTH)
		set_header(object, told);
	json_object_set_new(object, "sa", json_integer(told->sa));
	json_object_set_new(object, "from", json_string(from[told->from]));
	json_object_set_new(object, "encrypted", json_boolean(encrypted));
	json_object_set_new(object, "decrypted", json_boolean(told->clear.length > 0));
	json_object_set_new(object, "partial", json_boolean(told->partial));
	set_if(object, "kind", told->kind);
	set_if(object, "hash", hash[told->hash]);
	if (told->fragments > 0)
		json_object_set_new(object, "fragments", json_integer(told->fragments));
	if (told->repeats > 0)
		json_object_set_new(object, "repeats", json_integer(told->repeats));
	set_if(object, "reason", told->reason);
	json_object_set_new(object, "anomalies", anomalies_of(told));
	json_object_set_new(object, "octets",
			    hex_of(told->clear.length > 0 ? told->clear : told->wire));
	if (told->clear.length > 0)
		json_object_set_new(
		    object, "padding",
		    json_integer((json_int_t)(told->clear.length - told->plain_length)));
	json_object_set_new(object, "fields", fields_of(told));
}

json_t *explain_json(const struct told *told)
{
	static const char *const what[] = {"message", "fragment", "nat-keepalive", "esp",
					   "nonsense"};
	const struct packet *packet = told->packet;
	char text[EXPLAIN_TEXT];
	json_t *object = json_object();

	if (object == NULL)
		return NULL;
	explain_text(told, text, sizeof(text));
	json_object_set_new(object, "packet", json_integer(packet->number));
	json_object_set_new(
	    object, "time",
	    json_real((double)packet->time.tv_sec + (double)packet->time.tv_usec / 1e6));
	json_object_set_new(object, "what", json_string(what[told->what]));
	json_object_set_new(object, "source", address_of(&packet->from));
	json_object_set_new(object, "destination", address_of(&packet->to));
	json_object_set_new(object, "encapsulated", json_boolean(told->encapsulated));
	json_object_set_new(object, "line", json_string(text));
	if (told->what == TOLD_MESSAGE || told->what == TOLD_FRAGMENT)
		set_message(object, told);
	if (told->what == TOLD_ESP) {
		json_object_set_new(object, "spi", json_integer(told->spi));
		json_object_set_new(object, "sequence", json_integer(told->sequence));
	}
	set_if(object, "note", told->note);
	return object;
}

json_t *explain_json_summary(const struct decoder_counts *c)
{
	return json_pack(
	    "{s:{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i}}",
	    "summary", "packets", (int)c->packets, "sas", (int)c->sas, "messages", (int)c->messages,
	    "repeated", (int)c->repeated, "fragments", (int)c->fragments, "encrypted",
	    (int)c->encrypted, "decrypted", (int)c->decrypted, "partial", (int)c->partial,
	    "hashes_verified", (int)c->hashes_right, "hashes_wrong", (int)c->hashes_wrong,
	    "anomalies", (int)c->anomalies, "nat_keepalives", (int)c->keepalives, "esp",
	    (int)c->esp, "ip_fragments", (int)c->pieces, "others", (int)(c->other + c->nonsense));
}
