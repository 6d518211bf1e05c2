/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "interop/vectors/vector_json.h"

json_t *vector_json_octets(struct octets octets)
{
	static const char digits[] = "0123456789abcdef";
	char *text = malloc(2 * octets.length + 1);
	json_t *string;

	if (text == NULL)
		return NULL;
	for (size_t i = 0; i < octets.length; i++) {
		text[2 * i] = digits[octets.data[i] >> 4];
		text[2 * i + 1] = digits[octets.data[i] & 15];
	}
	string = json_stringn(text, 2 * octets.length);
	free(text);
	return string;
}

json_t *vector_json_octets_or_null(struct octets octets)
{
	return octets.length > 0 ? vector_json_octets(octets) : json_null();
}

json_t *vector_json_number(unsigned number, const char *name)
{
	return json_pack("{s:i, s:s}", "number", (int)number, "name",
			 name != NULL ? name : "unknown");
}

json_t *vector_json_u32(uint32_t number)
{
	uint8_t octets[4];
	struct wire_writer writer;

	wire_write_to(&writer, octets, sizeof(octets));
	wire_write_u32(&writer, number);
	return vector_json_octets(wire_written(&writer));
}

json_t *vector_json_endpoint(const struct ike_address *address)
{
	struct ike_address alone = *address;
	char text[IKE_ADDRESS_TEXT];

	alone.port = 0;
	ike_address_text(&alone, text, sizeof(text));
	return json_pack("{s:s, s:i}", "address", text, "port", (int)address->port);
}

/* ---- Diffie-Hellman ------------------------------------------------------------------------------------------------ */

static json_t *json_dh(const struct vector_trace *trace, const struct vector_dh *dh)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:i}", "group",
			 vector_json_number(dh->number, ike_group_name(dh->number)), "private_i",
			 vector_json_octets(dh->private_i), "public_i",
			 vector_json_octets(dh->public_i), "private_r",
			 vector_json_octets(dh->private_r), "public_r",
			 vector_json_octets(dh->public_r), "g_xy",
			 vector_json_octets(vector_shared(trace->formulas, dh->g_xy)),
			 "g_xy_length", (int)vector_shared(trace->formulas, dh->g_xy).length);
}

/* ---- Phase 1 ------------------------------------------------------------------------------------------------------- */

static json_t *json_proposal(const struct vector_sa *sa)
{
	const struct ike_proposal *proposal = &sa->proposal;

	return json_pack(
	    "{s:o, s:i, s:o, s:o, s:o, s:i}", "encryption",
	    vector_json_number(proposal->encryption, ike_encryption_name(proposal->encryption)),
	    "key_bits", (int)(8 * cipher_key_length(sa->told.skeyid.cipher)), "hash",
	    vector_json_number(proposal->hash, ike_hash_name(proposal->hash)), "authentication",
	    vector_json_number(sa->authentication, ike_authentication_name(sa->authentication)),
	    "group", vector_json_number(proposal->group, ike_group_name(proposal->group)),
	    "lifetime_seconds", (int)sa->lifetime);
}

static json_t *json_key(const struct vector_keys *keys)
{
	size_t block = hash_length(keys->skeyid.hash),
	       length = cipher_key_length(keys->skeyid.cipher);
	json_t *blocks = json_array();

	for (size_t i = 0; i < keys->k_blocks; i++)
		json_array_append_new(blocks, vector_json_octets(octets_of(keys->k[i], block)));
	return json_pack("{s:i, s:s, s:o, s:o}", "length", (int)length, "case",
			 block < length    ? "expanded"
			 : block == length ? "exact"
					   : "cut",
			 "k", blocks, "key",
			 vector_json_octets(octets_of(keys->skeyid.key, length)));
}

static void add_keys(json_t *object, const struct vector_sa *sa)
{
	const struct skeyid *skeyid = &sa->told.skeyid;
	size_t length = hash_length(skeyid->hash), block = cipher_block_length(skeyid->cipher);

	json_object_set_new(object, "skeyid",
			    vector_json_octets(octets_of(skeyid->skeyid, length)));
	json_object_set_new(object, "skeyid_d", vector_json_octets(octets_of(skeyid->d, length)));
	json_object_set_new(object, "skeyid_a", vector_json_octets(octets_of(skeyid->a, length)));
	json_object_set_new(object, "skeyid_e", vector_json_octets(octets_of(skeyid->e, length)));
	json_object_set_new(object, "key", json_key(&sa->told));
	json_object_set_new(object, "initial_iv",
			    vector_json_octets(octets_of(sa->told.initial_iv, block)));
	json_object_set_new(
	    object, "last_block",
	    vector_json_octets_or_null(octets_of(sa->told.last_block, sa->done ? block : 0)));
	json_object_set_new(
	    object, "hash_i",
	    vector_json_octets_or_null(octets_of(sa->told.hash_i, sa->has_hash_i ? length : 0)));
	json_object_set_new(
	    object, "hash_r",
	    vector_json_octets_or_null(octets_of(sa->told.hash_r, sa->has_hash_r ? length : 0)));
	json_object_set_new(object, "sig_i",
			    vector_json_octets_or_null(octets_of(sa->sig_i, sa->sig_i_length)));
	json_object_set_new(object, "sig_r",
			    vector_json_octets_or_null(octets_of(sa->sig_r, sa->sig_r_length)));
}

static json_t *json_sa(const struct vector_trace *trace, const struct vector_sa *sa)
{
	json_t *object =
	    json_pack("{s:i, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "sa",
		      (int)sa->number, "exchange",
		      vector_json_number(sa->exchange, ike_exchange_name(sa->exchange)),
		      "initiator", vector_party_name(sa->initiator), "responder",
		      vector_party_name(vector_other(sa->initiator)), "cky_i",
		      vector_json_octets(octets_of(sa->cky_i, IKE_COOKIE_LENGTH)), "cky_r",
		      vector_json_octets(octets_of(sa->cky_r, IKE_COOKIE_LENGTH)), "proposal",
		      json_proposal(sa), "sai_b", vector_json_octets(sa->sai_b), "idii_b",
		      vector_json_octets_or_null(sa->idii_b), "idir_b",
		      vector_json_octets_or_null(sa->idir_b), "ni_b", vector_json_octets(sa->ni_b),
		      "nr_b", vector_json_octets(sa->nr_b), "dh", json_dh(trace, &sa->dh));

	if (object != NULL)
		add_keys(object, sa);
	return object;
}

json_t *vector_json_sas(const struct vector_trace *trace)
{
	json_t *array = json_array();

	for (size_t i = 0; i < trace->sas; i++)
		if (trace->sa[i].keyed)
			json_array_append_new(array, json_sa(trace, &trace->sa[i]));
	return array;
}

/* ---- Quick Mode ---------------------------------------------------------------------------------------------------- */

static json_t *json_transform(const struct vector_quick *quick)
{
	const struct ipsec_offer *offer = &quick->choice;
	const struct ike_ipsec_proposal *proposal = &offer->proposal;

	return json_pack(
	    "{s:o, s:i, s:o, s:o, s:o, s:i}", "encryption",
	    vector_json_number(proposal->encryption, ike_esp_transform_name(proposal->encryption)),
	    "key_bits",
	    proposal->key_bits != 0 ? (int)proposal->key_bits : (int)(8 * quick->encryption_key),
	    "authentication",
	    proposal->authentication != 0
		? vector_json_number(proposal->authentication,
				     ike_esp_authentication_name(proposal->authentication))
		: json_null(),
	    "encapsulation",
	    vector_json_number(offer->encapsulation, ike_encapsulation_name(offer->encapsulation)),
	    "group",
	    quick->pfs ? vector_json_number(proposal->group, ike_group_name(proposal->group))
		       : json_null(),
	    "lifetime_seconds",
	    (int)(offer->lifetime != 0 ? offer->lifetime : IPSEC_DEFAULT_LIFETIME));
}

static json_t *json_keymat(const struct vector_quick *quick, size_t which)
{
	size_t block = hash_length(quick->sa->told.skeyid.hash);
	const uint8_t *keymat = quick->keymat[which];
	json_t *blocks = json_array();

	for (size_t i = 0; i < quick->blocks; i++)
		json_array_append_new(blocks,
				      vector_json_octets(octets_of(keymat + i * block, block)));
	return json_pack(
	    "{s:o, s:s, s:o, s:o, s:o}", "spi",
	    vector_json_u32(which == 0 ? quick->spi_i : quick->choice.spi), "receiver",
	    vector_party_name(which == 0 ? quick->initiator : vector_other(quick->initiator)), "k",
	    blocks, "encryption_key", vector_json_octets(octets_of(keymat, quick->encryption_key)),
	    "authentication_key",
	    vector_json_octets(
		octets_of(keymat + quick->encryption_key, quick->authentication_key)));
}

/* ---- ESP ----------------------------------------------------------------------------------------------------------- */

static json_t *json_packet(const struct vector_quick *quick, size_t which,
			   const struct vector_esp *packet)
{
	const uint8_t *start = packet->room + packet->at;
	enum vector_party to = which == 0 ? quick->initiator : vector_other(quick->initiator);

	return json_pack(
	    "{s:s, s:o, s:i, s:o, s:i, s:o, s:i, s:o, s:o}", "from",
	    vector_party_name(vector_other(to)), "spi",
	    vector_json_u32(which == 0 ? quick->spi_i : quick->choice.spi), "sequence",
	    (int)packet->number, "iv", vector_json_octets(octets_of(packet->iv, packet->iv_length)),
	    "next_header", ESP_NEXT_IPV4, "inner",
	    vector_json_octets(octets_of(packet->inner, packet->inner_length)), "padding",
	    (int)packet->padding, "icv",
	    vector_json_octets(octets_of(start + packet->length - packet->icv, packet->icv)),
	    "packet", vector_json_octets(octets_of(start, packet->length)));
}

static json_t *json_packets(const struct vector_quick *quick)
{
	json_t *array = json_array();

	for (size_t which = 0; which < VECTOR_PARTIES; which++)
		for (size_t i = 0; i < VECTOR_ESP_PACKETS; i++)
			json_array_append_new(array,
					      json_packet(quick, which, &quick->esp[which][i]));
	return array;
}

static json_t *json_quick(const struct vector_trace *trace, const struct vector_quick *quick)
{
	return json_pack(
	    "{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:[o, o], s:o}", "sa",
	    (int)quick->sa->number, "initiator", vector_party_name(quick->initiator), "message_id",
	    vector_json_u32(quick->message_id), "protocol",
	    vector_json_number(IKE_PROTOCOL_ESP, ike_protocol_name(IKE_PROTOCOL_ESP)), "transform",
	    json_transform(quick), "ni_b", vector_json_octets(quick->ni_b), "nr_b",
	    vector_json_octets(quick->nr_b), "dh",
	    quick->pfs ? json_dh(trace, &quick->dh) : json_null(), "id_ci",
	    vector_json_octets_or_null(quick->id_ci), "id_cr",
	    vector_json_octets_or_null(quick->id_cr), "spi_i", vector_json_u32(quick->spi_i),
	    "spi_r", vector_json_u32(quick->choice.spi), "keymat", json_keymat(quick, 0),
	    json_keymat(quick, 1), "esp", json_packets(quick));
}

json_t *vector_json_quick_modes(const struct vector_trace *trace)
{
	json_t *array = json_array();

	for (size_t i = 0; i < trace->quicks; i++)
		if (trace->quick[i].complete)
			json_array_append_new(array, json_quick(trace, &trace->quick[i]));
	return array;
}
