/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_json.h"

#include <string.h>

#include "ike/fragment.h"
#include "ike/identity.h"
#include "interop/vectors/vector_papers.h"

/* ---- who, and by what ---------------------------------------------------------------------------------------------- */

static json_t *json_identity(const struct ike_identity *identity)
{
	uint8_t body[IKE_IDENTITY_MAX + 4];
	struct wire_writer writer;

	wire_write_to(&writer, body, sizeof(body));
	ike_identity_write(&writer, identity);
	return vector_json_octets(wire_written(&writer));
}

static json_t *json_certificates(const struct credentials *credentials)
{
	struct octets chain[CERTIFICATES_MAX];
	size_t count = credentials_certificates(credentials, chain);
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, vector_json_octets(chain[i]));
	return array;
}

static json_t *json_rsa(enum vector_party party)
{
	struct vector_rsa rsa;

	vector_papers_rsa(party == VECTOR_A ? VECTOR_PAPERS_A : VECTOR_PAPERS_B, &rsa);
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "modulus", vector_json_octets(rsa.modulus),
			 "public_exponent", vector_json_octets(rsa.public_exponent),
			 "private_exponent", vector_json_octets(rsa.private_exponent), "prime_1",
			 vector_json_octets(rsa.prime_1), "prime_2",
			 vector_json_octets(rsa.prime_2));
}

static json_t *json_party(const struct vector_world *world, enum vector_party party)
{
	const struct vector_end *end = &world->end[party];
	char identity[IKE_IDENTITY_MAX];
	json_t *object = vector_json_endpoint(&end->inside);

	if (object == NULL)
		return NULL;
	ike_identity_text(&end->ike.identity, identity, sizeof(identity));
	json_object_set_new(object, "name", json_string(vector_party_name(party)));
	json_object_set_new(object, "identity", json_string(identity));
	json_object_set_new(object, "id_b", json_identity(&end->ike.identity));
	if (end->credentials != NULL) {
		json_object_set_new(object, "certificates", json_certificates(end->credentials));
		json_object_set_new(object, "rsa", json_rsa(party));
	}
	if (end->secret != NULL && world->set->options & VECTOR_OTHER_SECRET && party == VECTOR_B)
		json_object_set_new(object, "psk", vector_json_octets(secret_bytes(end->secret)));
	return object;
}

static json_t *json_authentication(const struct vector_world *world)
{
	const struct vector_end *end = &world->end[VECTOR_A];
	json_t *authorities = json_array();
	uint8_t der[CERTIFICATE_MAX];

	if (end->credentials != NULL) {
		size_t length = vector_papers_authority(der, sizeof(der));

		json_array_append_new(authorities, vector_json_octets(octets_of(der, length)));
	}
	return json_pack("{s:o, s:o, s:o}", "method",
			 vector_json_number(end->peer.authentication,
					    ike_authentication_name(end->peer.authentication)),
			 "psk",
			 end->secret != NULL ? vector_json_octets(secret_bytes(end->secret))
					     : json_null(),
			 "authorities", authorities);
}

static json_t *json_sections(const char *sections)
{
	json_t *array = json_array();

	while (*sections != '\0') {
		size_t length = strcspn(sections, ";");

		json_array_append_new(array, json_stringn(sections, length));
		sections += length + (sections[length] == ';' ? 1 : 0);
	}
	return array;
}

/* ---- datagrams ----------------------------------------------------------------------------------------------------- */

static json_t *json_octets_of(const struct vector_datagram *datagram)
{
	uint8_t octets[IKE_DATAGRAM_MAX + VECTOR_MARKER];

	return vector_json_octets(octets_of(octets, vector_payload(datagram, octets)));
}

static json_t *json_fragment(const struct fragment *fragment)
{
	return json_pack("{s:i, s:i, s:b, s:o}", "id", (int)fragment->id, "number",
			 (int)fragment->number, "last", fragment->last, "data",
			 vector_json_octets(fragment->data));
}

static json_t *json_datagram(const struct vector_trace *trace, size_t index)
{
	const struct vector_datagram *datagram = &trace->world->datagram[index];
	bool keepalive = trace->message_of[index] == VECTOR_MESSAGES;
	bool repeat = trace->repeats[index] != VECTOR_DATAGRAMS;
	struct fragment fragment;
	bool is_fragment = vector_trace_fragment(datagram, &fragment);
	json_t *object = json_pack(
	    "{s:i, s:I, s:s, s:o, s:o, s:b, s:s, s:o, s:o, s:o, s:o}", "frame", (int)index + 1,
	    "time_us", (json_int_t)datagram->at, "from", vector_party_name(datagram->from),
	    "source", vector_json_endpoint(&datagram->source), "destination",
	    vector_json_endpoint(&datagram->destination), "delivered", datagram->delivered, "what",
	    keepalive     ? "nat-keepalive"
	    : is_fragment ? "fragment"
			  : "message",
	    "octets", json_octets_of(datagram), "message",
	    keepalive ? json_null() : json_integer((json_int_t)trace->message_of[index] + 1),
	    "repeats", repeat ? json_integer((json_int_t)trace->repeats[index] + 1) : json_null(),
	    "verdict",
	    keepalive || !datagram->delivered ? json_null()
					      : json_string(ike_verdict_name(datagram->verdict)));

	if (is_fragment && object != NULL)
		json_object_set_new(object, "fragment", json_fragment(&fragment));
	return object;
}

/* ---- the defect ---------------------------------------------------------------------------------------------------- */

static json_t *json_answer(const struct vector_made *made)
{
	uint16_t type;

	if (made->answer == VECTOR_MESSAGES)
		return json_null();
	type = vector_message_notify(&made->trace->message[made->answer]);
	return json_pack("{s:i, s:o}", "message", (int)made->answer + 1, "notify",
			 type != 0 ? vector_json_number(type, ike_notify_name(type)) : json_null());
}

static json_t *json_defect(const struct vector_made *made)
{
	const struct vector_world *world = made->world;
	const struct vector_defect *defect = &world->set->defect;

	return json_pack("{s:i, s:i, s:s, s:s, s:s, s:s, s:s, s:o}", "message",
			 (int)made->trace->message_of[world->defect] + 1, "frame",
			 (int)world->defect + 1, "from",
			 vector_party_name(world->datagram[world->defect].from), "what",
			 defect->what, "verdict", ike_verdict_name(defect->verdict), "sentence",
			 ike_verdict_sentence(defect->verdict), "section",
			 ike_verdict_section(defect->verdict), "answer", json_answer(made));
}

/* ---- all of it ----------------------------------------------------------------------------------------------------- */

static json_t *json_head(const struct vector_world *world)
{
	const struct vector_set *set = world->set;

	return json_pack("{s:s, s:i, s:s, s:s, s:s, s:o, s:I, s:[o, o], s:o}", "$schema",
			 "../../values.schema.json", "format", 1, "set", set->name, "kind",
			 set->defect.what != NULL ? "negative" : "positive", "description",
			 set->description, "sections", json_sections(set->sections), "epoch",
			 (json_int_t)VECTOR_EPOCH, "parties", json_party(world, VECTOR_A),
			 json_party(world, VECTOR_B), "authentication", json_authentication(world));
}

json_t *vector_json(const struct vector_made *made)
{
	const struct vector_trace *trace = made->trace;
	json_t *object = json_head(made->world), *datagrams = json_array(),
	       *messages = json_array();

	if (object == NULL || datagrams == NULL || messages == NULL) {
		json_decref(object);
		json_decref(datagrams);
		json_decref(messages);
		return NULL;
	}
	if (made->world->set->defect.what != NULL)
		json_object_set_new(object, "defect", json_defect(made));
	json_object_set_new(object, "sas", vector_json_sas(trace));
	json_object_set_new(object, "quick_modes", vector_json_quick_modes(trace));
	for (size_t i = 0; i < trace->messages; i++)
		json_array_append_new(messages, vector_json_message(trace, &trace->message[i]));
	json_object_set_new(object, "messages", messages);
	for (size_t i = 0; i < made->world->datagrams; i++)
		json_array_append_new(datagrams, json_datagram(trace, i));
	json_object_set_new(object, "datagrams", datagrams);
	return object;
}
